package steps

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"spanwalk/rewrite"
)

// member is a use of a method or attribute of a span, on its way to what
// streamed spans have in its place. The steps trace-context, span-members and
// span-data share it.
type member struct {
	pass *Pass
	attr *rewrite.Node // receiver.name
	recv *rewrite.Node
	name string
	kind kind

	tier    Tier
	reasons []string
	why     string // what to do instead, for a member without a counterpart
	open    bool   // a question about the site is not answered yet
	edits   []rewrite.Edit
	others  []Alternative
}

// members returns the uses of the named members on spans, in file order. With
// proved set, a receiver that is only named like a span does not count: the
// member's name says too little.
func (p *Pass) members(proved bool, names ...string) []*member {
	var out []*member
	for _, name := range names {
		for _, a := range p.world.attributes(name) {
			recv := a.Child("object")
			k, ok := p.spanAt(recv)
			if !ok || proved && !k.isSpan() || isClassName(recv) {
				continue
			}
			m := &member{pass: p, attr: a, recv: recv, name: name, kind: k, tier: Safe}
			m.judge()
			out = append(out, m)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].attr, out[j].attr
		return a.File.Path < b.File.Path || a.File == b.File && a.Start < b.Start
	})
	return out
}

// isClassName reports super() and names of classes, whose members are no use
// of a span at hand.
func isClassName(n *rewrite.Node) bool {
	n = n.Inner()
	return n.Is("call") && n.Child("function").Text() == "super"
}

// judge looks at the receiver: what is not proved to be a span is for review, or
// left to a person where another tracer has spans too, and a span that an earlier step had to leave on the transaction API keeps
// its members too.
func (m *member) judge() {
	switch stay, all := m.pass.leftBehind(m.kind); {
	case all:
		m.weaken(Manual, "%s is still a span of the transaction API", brief(m.recv))
	case stay:
		m.weaken(Review, "%s may still be a span of the transaction API", brief(m.recv))
	case !m.kind.isSpan() && otherTracer(m.attr.File) != "":
		m.weaken(Manual, "%s is not proved to be a span, and the file uses %s too", brief(m.recv), otherTracer(m.attr.File))
	case !m.kind.isSpan():
		m.weaken(Review, "%s is not proved to be a span", brief(m.recv))
	case !m.kind.proven():
		m.weaken(Review, "%s may be something that is no span, and would need the new member too", brief(m.recv))
	}
	if swallowsAttributeError(m.attr) {
		m.reasons = append(m.reasons, "the AttributeError of a leftover is swallowed here")
	}
}

// leftBehind reports whether some, or all, of the calls that make a span stay
// on the transaction API after the steps before this one.
func (p *Pass) leftBehind(k kind) (some, all bool) {
	if len(k.sites) == 0 && (k.span == legacySpan || k.span == streamedSpan) && p.world.handsOnMakers() {
		return true, false // an annotation alone says that it is a span: one made in no sight, perhaps
	}
	if !k.isSpan() || k.span&legacySpan == 0 {
		return false, false
	}
	stay := 0
	for _, site := range k.sites {
		if p.staysBehind(site) {
			stay++
		}
	}
	if len(k.sites) == 0 && k.span&(currentSpan|rootAccess) != 0 {
		stay = 1
	}
	return stay > 0, stay > 0 && stay >= len(k.sites) && k.span&streamedSpan == 0
}

// staysBehind reports a call that makes a legacy span and that no later step
// moves.
func (p *Pass) staysBehind(site *rewrite.Node) bool {
	name := p.world.callee(site)
	switch {
	case name == newStartSpan || spanClasses[name]&(streamedSpan|noOpSpan) != 0:
		return false
	case p.continues(site) || name == legacyStartTransaction && p.world.continued(site):
		return !p.continuedLater(site)
	}
	return true
}

// swallowsAttributeError reports code whose AttributeError is caught around it
// in the same function.
func swallowsAttributeError(n *rewrite.Node) bool {
	from := n
	for p := n.Parent; p != nil && !p.Is("function_definition", "lambda", "class_definition"); p = p.Parent {
		switch {
		case p.Is("try_statement") && from.Field == "body":
			for _, c := range p.Children {
				if c.Is("except_clause", "except_group_clause") && len(c.Children) > 1 && strings.Contains(c.Children[0].Text(), "AttributeError") {
					return true
				}
			}
		case p.Is("with_statement") && from.Field == "body":
			if head := p.Children[0].Text(); strings.Contains(head, "suppress(") && strings.Contains(head, "AttributeError") {
				return true
			}
		}
		from = p
	}
	return false
}

// weaken lowers the tier and says why.
func (m *member) weaken(t Tier, format string, args ...any) {
	if t == Manual || m.tier == Safe {
		m.tier = t
	}
	m.reasons = append(m.reasons, fmt.Sprintf(format, args...))
}

// call returns the call of the member, or nil where it is not called.
func (m *member) call() *rewrite.Node {
	if m.attr.Field == "function" && m.attr.Parent.Is("call") {
		return m.attr.Parent
	}
	return nil
}

// statement returns the statement that is nothing but the member's call, or
// nil.
func (m *member) statement() *rewrite.Node {
	if call := m.call(); call != nil && call.Parent.Is("expression_statement") && len(call.Parent.Children) == 1 {
		return call.Parent
	}
	return nil
}

// assigned returns the assignment "receiver.name = value" that is a statement
// of its own, or nil.
func (m *member) assigned() *rewrite.Node {
	as := m.attr.Parent
	if as.Is("assignment") && m.attr.Field == "left" && as.Parent.Is("expression_statement") && as.Child("right") != nil && !as.Child("right").Is("assignment") {
		return as
	}
	return nil
}

// written reports any other way to store into the attribute or to delete it.
func (m *member) written() bool {
	p := m.attr.Parent
	return isTarget(m.attr) || p.Is("delete_statement", "pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target") ||
		p.Is("expression_list") && p.Parent.Is("delete_statement")
}

// isTarget reports whether n is what an assignment or a loop stores into. The
// left side of an operator is not.
func isTarget(n *rewrite.Node) bool {
	return n.Field == "left" && n.Parent.Is("assignment", "augmented_assignment", "for_statement", "for_in_clause")
}

// edit adds an edit.
func (m *member) edit(start, end int, text string) {
	m.edits = append(m.edits, rewrite.Edit{Start: start, End: end, New: text})
}

// rename changes the member's name and nothing else.
func (m *member) rename(to string) {
	id := m.attr.Child("attribute")
	m.edit(id.Start, id.End, to)
}

// quote writes a string in the file's style.
func (m *member) quote(s string) string { return quoted(m.attr, s) }

func quoted(n *rewrite.Node, s string) string {
	q := string(n.File.Style.Quote)
	return q + s + q
}

// report hands the site to the pass.
func (m *member) report(n *rewrite.Node, message string) {
	f := Finding{Message: message, Tier: m.tier, Shape: m.shape(), Edits: m.edits, Alternatives: m.others}
	if len(m.reasons) > 0 {
		f.Message += ": " + strings.Join(m.reasons, "; ")
	}
	if m.open {
		f.Message += " (waits for an answer)"
		f.Edits, f.Alternatives = nil, nil
	}
	if m.pass.Step.Name == "span-data" && scopeSetters[m.name] {
		m.pass.ReportRenamed(n, "span."+m.name, m.name, m.pass.setsOnScope(n, m.name), f)
		return
	}
	m.pass.Report(n, m.name, f)
}

// setsOnScope reports whether the function around n calls a method of that name
// on a scope or the SDK, which is a site of the step scope-tags.
func (p *Pass) setsOnScope(n *rewrite.Node, method string) bool {
	calls := slices.Clone(p.world.links[n.File].sdk)
	for _, a := range p.world.files[n.File].attrs[method] {
		if a.Field == "function" && a.Parent.Is("call") {
			calls = append(calls, a.Parent)
		}
	}
	within := rewrite.Qualname(n)
	return slices.ContainsFunc(calls, func(call *rewrite.Node) bool {
		if rewrite.Qualname(call) != within {
			return false
		}
		t := p.scopeTag(call)
		return t != nil && t.method == method
	})
}

// shape names the structure of the site.
func (m *member) shape() string {
	how := "read"
	switch {
	case m.statement() != nil:
		how = "called"
	case m.call() != nil:
		how = "called in an expression"
	case m.written():
		how = "written"
	}
	return m.name + ", " + how
}

// unpacks reports * or ** among the arguments of a call.
func unpacks(call *rewrite.Node) bool {
	for _, a := range call.Args() {
		if a.Star != "" {
			return true
		}
	}
	return false
}
