package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// foldData offers to hand the attributes to start_span() where the calls come
// first in the block of the span. Every value must be there before the span
// opens and must not raise; a sampler sees them then.
func foldData(run []*dataSite, rows []dataRow) *Alternative {
	first := run[0]
	call := first.opener()
	if call == nil {
		return nil
	}
	for _, r := range rows {
		if !first.availableBefore(r.value, call) || len(r.above) > 0 || r.trailing != "" {
			return nil
		}
	}
	edits, ok := withAttributes(call, entriesOf(rows), lineWidth(first.pass.Project, call.File.Path))
	if !ok {
		return nil
	}
	return &Alternative{ID: "fold", Title: "hand them to start_span() as attributes, where a sampler sees them too",
		Edits: append(edits, removeRun(run)...)}
}

// opener returns the start_span() call of the with statement in whose block
// the site is the first statement, if it binds the receiver.
func (s *dataSite) opener() *rewrite.Node {
	if s.stmt == nil || !s.stmt.Parent.Is("block") || s.stmt.Parent.Children[0] != s.stmt {
		return nil
	}
	with := s.stmt.Parent.Parent
	if !with.Is("with_statement") || !s.recv.Is("identifier") {
		return nil
	}
	for _, item := range with.Children[0].Children {
		v := item.Child("value")
		if !v.Is("as_pattern") || v.Child("alias").Text() != s.recv.Text() {
			continue
		}
		if call := v.Children[0].Inner(); s.pass.world.callee(call) == newStartSpan && !unpacks(call) {
			return call
		}
	}
	return nil
}

// availableBefore reports a value that can be computed before the span opens:
// calm, and without a name that the with statement itself binds.
func (s *dataSite) availableBefore(v, call *rewrite.Node) bool {
	if !s.pass.world.calm(v) {
		return false
	}
	with := call.Ancestor("with_statement")
	ok := true
	v.Walk(func(n *rewrite.Node) bool {
		if n.Is("identifier") && n.Field != "attribute" {
			_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
			for _, b := range bindings {
				ok = ok && !(b.Kind == rewrite.With && b.Stmt.Ancestor("with_statement") == with)
			}
		}
		return ok
	})
	return ok
}

// withAttributes adds entries to the attributes of a start_span() call. ok is
// false where attributes= is no dictionary display.
func withAttributes(call *rewrite.Node, entries []string, width int) (edits []rewrite.Edit, ok bool) {
	given := argument(call, 1, "attributes")
	e := rewrite.EditCall(call)
	if given == nil {
		e.Append("attributes=" + rewrite.DictText(entries))
		return e.Edits(width), true
	}
	dict := given.Value.Inner()
	if !dict.Is("dictionary") || len(dict.Children) == 0 {
		return nil, false
	}
	if given.Node.Text() == "attributes="+dict.Text() && !strings.ContainsAny(dict.Text(), "\r\n") {
		var all []string
		for _, c := range dict.Children {
			all = append(all, c.Text())
		}
		e.Replace(*given, "attributes="+rewrite.DictText(append(all, entries...)))
		return e.Edits(width), true
	}
	last := dict.Children[len(dict.Children)-1]
	return []rewrite.Edit{{Start: last.End, End: last.End, New: ", " + strings.Join(entries, ", ")}}, true
}

// removeRun takes the statements of a run out of their block.
func removeRun(run []*dataSite) []rewrite.Edit {
	block := run[0].stmt.Parent
	if len(block.Children) == len(run) {
		return []rewrite.Edit{{Start: run[0].stmt.Start, End: run[len(run)-1].stmt.End, New: "pass"}}
	}
	var out []rewrite.Edit
	for _, s := range run {
		out = append(out, rewrite.RemoveStatement(s.stmt))
	}
	return out
}
