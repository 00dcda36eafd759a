package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// group handles a union or a tuple of isinstance() that names several span
// classes: all become one, which is named once.
func (u *typeUse) group(n *rewrite.Node) {
	members := u.groupMembers(n)
	var spans []*rewrite.Node
	targets := map[string]bool{}
	legacy := false
	for _, m := range members {
		if to := u.target(m, n); to != "" {
			spans = append(spans, m)
			targets[to] = true
			legacy = legacy || u.classOf(m) != newSpanType
		}
	}
	if len(spans) < 2 || !legacy || u.done[spans[0]] {
		return
	}
	for _, m := range spans {
		for _, inner := range []*rewrite.Node{m, m.Inner()} {
			if u.spelling(m) == "" && !u.Project.IsBuiltin(inner) && u.fixed(inner) {
				return
			}
			u.done[inner] = true
		}
	}
	if targets[newSpanType] {
		delete(targets, newNoOpType) // a subclass
	}
	u.Report(n, "class", Finding{Tier: Safe, Message: "several span classes of " + tracingModule + " in one place", Edits: u.collapse(n, members, targets)})
}

// groupMembers returns the alternatives of Union[…], of "A | B" and of a tuple
// that isinstance() takes; nil for anything else.
func (u *typeUse) groupMembers(n *rewrite.Node) []*rewrite.Node {
	switch n.Kind {
	case "generic_type":
		if lastName(n.Children[0].Text()) == "Union" && len(n.Children) == 2 {
			return unwrapTypes(n.Children[1].Children)
		}
	case "subscript":
		if lastName(n.Child("value").Text()) == "Union" {
			return n.Fields("subscript")
		}
	case "binary_operator":
		if n.Child("operator").Text() == "|" && !n.Parent.Is("binary_operator") {
			return alternatives(n)
		}
	case "tuple":
		if u.tested(n) {
			return n.Children
		}
	}
	return nil
}

func unwrapTypes(list []*rewrite.Node) []*rewrite.Node {
	var out []*rewrite.Node
	for _, t := range list {
		if t.Is("type") && len(t.Children) == 1 {
			t = t.Children[0]
		}
		out = append(out, t)
	}
	return out
}

// alternatives flattens "A | B | C".
func alternatives(n *rewrite.Node) []*rewrite.Node {
	if n.Is("binary_operator") && n.Child("operator").Text() == "|" {
		return append(alternatives(n.Child("left")), alternatives(n.Child("right"))...)
	}
	return []*rewrite.Node{n}
}

// target returns what a member of a group becomes, "" if it is no span class.
func (u *typeUse) target(m, group *rewrite.Node) string {
	dotted := u.classOf(m)
	switch {
	case spanClasses[dotted]&legacySpan == 0 && dotted != newSpanType:
		return ""
	case group.Is("tuple") && lastName(dotted) == "NoOpSpan":
		return newNoOpType
	}
	return newSpanType
}

// classOf is the class a member names, in quotes or not, "" for anything else.
func (u *typeUse) classOf(m *rewrite.Node) string {
	if text := u.spelling(m); text != "" {
		return canonicalClass(u.world.dottedText(m, text))
	}
	if m.Is("identifier", "attribute") {
		return canonicalClass(u.world.dotted(m))
	}
	return ""
}

// spelling returns the class that a string names, "" for anything but a quoted
// name.
func (u *typeUse) spelling(m *rewrite.Node) string {
	text := stringValue(m)
	if text == "" || strings.ContainsAny(text, "[]|, ") {
		return ""
	}
	return text
}

// collapse renames the first member of each target and takes the others out.
func (u *typeUse) collapse(n *rewrite.Node, members []*rewrite.Node, targets map[string]bool) []rewrite.Edit {
	var edits []rewrite.Edit
	var previous *rewrite.Node
	named := map[string]bool{}
	left := 0
	var first *rewrite.Node
	for _, m := range members {
		to := u.target(m, n)
		gone := to != "" && (named[to] || !targets[to])
		switch {
		case !gone:
			left++
			if to != "" {
				first = m
				edits = append(edits, u.renamed(m, to))
			}
			named[to] = true
		case previous != nil:
			edits = append(edits, rewrite.Edit{Start: previous.End, End: m.End, New: ""})
		default:
			edits = append(edits, rewrite.Edit{Start: m.Start, End: members[1].Start, New: ""})
		}
		if !gone || previous != nil {
			previous = m
		}
	}
	if left == 1 {
		e := u.renamed(first, u.target(first, n))
		return []rewrite.Edit{{Start: n.Start, End: n.End, New: e.New}}
	}
	return edits
}

// renamed is the edit that renames a member, within its quotes if it has any.
func (u *typeUse) renamed(m *rewrite.Node, to string) rewrite.Edit {
	if text := u.spelling(m); text != "" {
		q := m.Children[0].Text()
		return rewrite.Edit{Start: m.Start, End: m.End, New: q + rewrite.NameRef(to, text) + q}
	}
	return rewrite.Edit{Start: m.Start, End: m.End, New: ref(to, m)}
}

// text handles an annotation that is written as text: it is read as the
// annotation it is, and the names in it change.
func (u *typeUse) text(n *rewrite.Node) {
	content := stringValue(n)
	if content == "" {
		return
	}
	const prefix = "_: "
	f, err := rewrite.Parse("annotation.py", []byte(prefix+content), nil)
	if err != nil || len(f.Broken) > 0 || len(f.Module.Children) != 1 {
		return
	}
	shift := n.Children[1].Start - len(prefix)
	var edits []rewrite.Edit
	seen := map[string]bool{}
	f.Module.Walk(func(m *rewrite.Node) bool {
		if text := u.spansOnly(n, m); text != "" {
			edits = append(edits, rewrite.Edit{Start: m.Start + shift, End: m.End + shift, New: rewrite.NameRef(newSpanType, text)})
			return false
		}
		if !m.Is("identifier", "attribute") || m.Field == "attribute" {
			return true
		}
		dotted := canonicalClass(u.world.dottedText(n, m.Text()))
		if spanClasses[dotted]&legacySpan == 0 {
			return true
		}
		if u.throughProject(n, m.Text()) {
			return false
		}
		if e, ok := repeated(m, seen[newSpanType]); ok {
			edits = append(edits, rewrite.Edit{Start: e.Start + shift, End: e.End + shift, New: ""})
			return false
		}
		seen[newSpanType] = true
		edits = append(edits, rewrite.Edit{Start: m.Start + shift, End: m.End + shift, New: rewrite.NameRef(newSpanType, m.Text())})
		return false
	})
	if len(edits) > 0 {
		u.Report(n, "class", Finding{Tier: Safe, Message: "a span class of " + tracingModule + " in an annotation written as text", Edits: edits})
	}
}

// spansOnly returns the name of the first alternative of a Union[…], read from
// the text at n, whose alternatives are all span classes, "" for anything else.
func (u *typeUse) spansOnly(n, m *rewrite.Node) string {
	if !m.Is("generic_type") || lastName(m.Children[0].Text()) != "Union" || len(m.Children) != 2 {
		return ""
	}
	members := unwrapTypes(m.Children[1].Children)
	for _, c := range members {
		if spanClasses[canonicalClass(u.world.dottedText(n, c.Text()))]&legacySpan == 0 || u.throughProject(n, c.Text()) {
			return ""
		}
	}
	return members[0].Text()
}

// repeated returns the removal of a further alternative of "A | B" or
// "Union[A, B]" that is the same class by now.
func repeated(m *rewrite.Node, named bool) (e rewrite.Edit, ok bool) {
	p := m.Parent
	switch {
	case !named:
	case p.Is("binary_operator") && m.Field == "right":
		return rewrite.Edit{Start: p.Child("left").End, End: m.End}, true
	case p.Is("type") && p.Parent.Is("type_parameter") && lastName(p.Parent.Parent.Children[0].Text()) == "Union":
		for i, c := range p.Parent.Children {
			if c == p && i > 0 {
				return rewrite.Edit{Start: p.Parent.Children[i-1].End, End: m.End}, true
			}
		}
	}
	return e, false
}

// throughProject reports a name, as written in text at n, that keeps its
// spelling: see [typeUse.fixed].
func (u *typeUse) throughProject(n *rewrite.Node, text string) bool {
	first, _, _ := strings.Cut(text, ".")
	if u.kept[first] {
		return true
	}
	_, bindings := n.File.ScopeOf(n).Lookup(first)
	for _, b := range bindings {
		if b.Kind != rewrite.Import || b.Level > 0 || !isSDK(b.Target) {
			return true
		}
	}
	return false
}
