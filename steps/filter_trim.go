package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// trim collects what goes from a filter's body.
type trim struct {
	filter    *eventFilter
	nodes     map[*rewrite.Node]bool // statements, and the blocks of clauses
	disjuncts map[*rewrite.Node]bool
	edits     []rewrite.Edit
	failed    bool // what stays cannot stand without what goes
}

func newTrim(f *eventFilter) *trim {
	return &trim{filter: f, nodes: map[*rewrite.Node]bool{}, disjuncts: map[*rewrite.Node]bool{}}
}

// drop takes a drop out of the body.
func (t *trim) drop(d *drop) {
	switch {
	case d.allow != nil:
		for _, s := range d.allow[:len(d.allow)-1] {
			t.nodes[s] = true
		}
		last := d.allow[len(d.allow)-1]
		t.edits = append(t.edits, rewrite.Edit{Start: last.Start, End: last.End, New: "return " + t.filter.event})
	case d.rest != nil:
		t.disjuncts[d.place] = true
		for _, r := range d.rest {
			if !t.disjuncts[r] {
				return
			}
		}
		t.whole(d, clauseAround(d.place))
	default:
		t.whole(d, d.place)
	}
}

// whole takes the clause, statement or conditional expression of a drop.
func (t *trim) whole(d *drop, place *rewrite.Node) {
	for _, r := range d.rest {
		delete(t.disjuncts, r)
	}
	switch {
	case d.returns != nil:
		t.edits = append(t.edits, rewrite.Edit{Start: d.returns.Start, End: d.returns.End, New: t.filter.event})
	case place.Is("if_statement", "elif_clause"):
		t.nodes[place.Child("consequence")] = true
	default:
		t.nodes[place] = true
	}
}

// clauseAround returns the if, elif or return that a condition belongs to.
func clauseAround(n *rewrite.Node) *rewrite.Node {
	return n.Ancestor("if_statement", "elif_clause", "for_statement", "return_statement", "lambda")
}

// possible reports whether everything that goes can go: a loop only with all
// of its conditions.
func (t *trim) possible(gone map[*drop]bool) bool {
	for _, d := range t.filter.drops {
		for _, other := range t.filter.drops {
			if d.loop != nil && d.place == other.place && gone[d] != gone[other] {
				return false
			}
		}
	}
	return !t.failed
}

// finish returns the edits.
func (t *trim) finish() []rewrite.Edit {
	body := t.filter.cb.def.Child("body")
	if !body.Is("block") {
		return t.edits
	}
	t.climb(body)
	t.aliases(body)
	t.climb(body)
	t.block(body)
	t.conditions()
	return t.edits
}

// climb marks clauses and statements that have nothing left inside.
func (t *trim) climb(block *rewrite.Node) bool {
	empty := true
	for _, s := range block.Children {
		if t.nodes[s] {
			continue
		}
		switch s.Kind {
		case "if_statement":
			all := true
			for _, c := range clausesOf(s) {
				inner := c.Child("consequence")
				if inner == nil {
					inner = c.Child("body")
				}
				if !t.nodes[inner] && t.climb(inner) && t.emptied(inner) {
					t.nodes[inner] = true
				}
				all = all && t.nodes[inner]
			}
			if all {
				t.nodes[s] = true
				continue
			}
		case "try_statement":
			if t.climb(s.Child("body")) && t.emptied(s.Child("body")) {
				t.nodes[s] = true
				continue
			}
		}
		empty = empty && (isAlias(s) || t.filter.idle([]*rewrite.Node{s}))
	}
	return empty
}

// emptied reports a block of which something went.
func (t *trim) emptied(block *rewrite.Node) bool {
	for _, s := range block.Children {
		if t.nodes[s] {
			return true
		}
	}
	return false
}

func isAlias(s *rewrite.Node) bool {
	return s.Is("expression_statement") && len(s.Children) == 1 && s.Children[0].Is("assignment") && s.Children[0].Child("left").Is("identifier")
}

// aliases marks local names that nothing is left to read.
func (t *trim) aliases(body *rewrite.Node) {
	for changed := true; changed; {
		changed = false
		used := map[string]bool{}
		t.walkKept(body, func(n *rewrite.Node) {
			if n.Is("identifier") && n.Field != "attribute" && !(n.Field == "left" && n.Parent.Is("assignment")) && !(n.Field == "name" && n.Parent.Is("keyword_argument")) {
				used[n.Text()] = true
			}
		})
		t.walkKept(body, func(n *rewrite.Node) {
			if !isAlias(n) || t.nodes[n] || used[n.Children[0].Child("left").Text()] || !t.wasUsed(n) {
				return
			}
			t.nodes[n], changed = true, true
		})
	}
}

// wasUsed reports a name that something which goes did read.
func (t *trim) wasUsed(alias *rewrite.Node) bool {
	return len(namesIn(t.filter.cb.def.Child("body"), alias.Children[0].Child("left").Text())) > 1
}

// walkKept visits what stays.
func (t *trim) walkKept(n *rewrite.Node, visit func(*rewrite.Node)) {
	if t.nodes[n] || t.disjuncts[n] {
		return
	}
	for _, e := range t.edits {
		if e.Start <= n.Start && n.End <= e.End {
			return
		}
	}
	if c := n.Child("consequence"); n.Is("if_statement", "elif_clause") && t.nodes[c] {
		for _, a := range n.Fields("alternative") {
			t.walkKept(a, visit)
		}
		return
	}
	visit(n)
	for _, c := range n.Children {
		t.walkKept(c, visit)
	}
}

// block writes the edits of a block's statements.
func (t *trim) block(block *rewrite.Node) {
	left := 0
	for _, s := range block.Children {
		if !t.nodes[s] {
			left++
		}
	}
	for i, s := range block.Children {
		switch {
		case t.nodes[s] && left == 0 && i == 0:
			t.edits = append(t.edits, rewrite.Edit{Start: s.Start, End: s.End, New: t.instead(s)})
		case t.nodes[s]:
			t.edits = append(t.edits, closeGap(s.File, rewrite.RemoveStatement(s)))
		case s.Is("if_statement"):
			t.clauses(s)
		case s.Is("try_statement"):
			t.block(s.Child("body"))
		}
	}
}

// closeGap widens the removal of whole lines by the blank lines behind them
// where there is one before them as well, or a colon.
func closeGap(f *rewrite.File, e rewrite.Edit) rewrite.Edit {
	if e.New != "" || e.Start == 0 || f.LineSpan(e.Start).Start != e.Start || f.LineSpan(e.End).Start != e.End {
		return e
	}
	above := lineAbove(f, e.Start)
	text := strings.TrimSpace(string(f.Source[above.Start:above.End]))
	for (text == "" || strings.HasSuffix(text, ":")) && e.End < len(f.Source) && blank(f, e.End) {
		e.End = lineBelow(f, e.End)
	}
	return e
}

// instead is what takes the place of the only statement of a block.
func (t *trim) instead(s *rewrite.Node) string {
	if s.Parent == t.filter.cb.def.Child("body") {
		return "return " + t.filter.event
	}
	return "pass"
}

// clauses writes the edits of an if statement that keeps some of its clauses.
func (t *trim) clauses(s *rewrite.Node) {
	list := clausesOf(s)
	first := t.nodes[s.Child("consequence")]
	for i, c := range list[1:] {
		body := c.Child("consequence")
		if body == nil {
			body = c.Child("body")
		}
		switch {
		case t.nodes[body] && !first:
			previous := list[i].Child("consequence")
			t.edits = append(t.edits, rewrite.Edit{Start: previous.End, End: c.End, New: ""})
		case t.nodes[body]:
			continue
		case first && c.Is("elif_clause"):
			t.edits = append(t.edits, rewrite.Edit{Start: s.Start, End: c.Child("condition").Start, New: "if "})
			first = false
			t.block(body)
		case first:
			t.edits = append(t.edits, t.unwrap(s, body))
			return
		default:
			t.block(body)
		}
	}
	if !t.nodes[s.Child("consequence")] {
		t.block(s.Child("consequence"))
	}
}

// unwrap puts the body of an else in the place of the statement, where it only
// keeps the event.
func (t *trim) unwrap(s, body *rewrite.Node) rewrite.Edit {
	if t.filter.keeps(body) {
		return rewrite.Edit{Start: s.Start, End: s.End, New: "return " + t.filter.event}
	}
	t.failed = true
	return rewrite.Edit{}
}

// conditions takes disjuncts out of conditions that keep others.
func (t *trim) conditions() {
	seen := map[*rewrite.Node]bool{}
	for _, d := range t.filter.drops {
		if !t.disjuncts[d.place] || seen[d.rest[0]] {
			continue
		}
		seen[d.rest[0]] = true
		last := -1
		for i, r := range d.rest {
			if t.disjuncts[r] {
				continue
			}
			from := d.rest[0].Start
			if last >= 0 {
				from = d.rest[last].End
			}
			if last < i-1 && last >= 0 {
				t.edits = append(t.edits, rewrite.Edit{Start: from, End: d.rest[i-1].End, New: ""})
			} else if last < 0 && i > 0 {
				t.edits = append(t.edits, rewrite.Edit{Start: from, End: r.Start, New: ""})
			}
			last = i
		}
		if last < len(d.rest)-1 {
			t.edits = append(t.edits, rewrite.Edit{Start: d.rest[last].End, End: d.rest[len(d.rest)-1].End, New: ""})
		}
	}
}
