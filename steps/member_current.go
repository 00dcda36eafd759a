package steps

import "spanwalk/rewrite"

// isCurrent reports whether the receiver is the active span where the member
// is used: bound by the innermost "with" around it, or just asked for.
func (m *member) isCurrent() bool {
	w := m.pass.world
	recv := m.recv.Inner()
	if w.callee(recv) == newCurrentSpan || w.innermost(recv, m.attr) {
		return true
	}
	if !recv.Is("identifier") {
		return false
	}
	_, bindings := recv.File.ScopeOf(recv).Lookup(recv.Text())
	if len(bindings) != 1 || bindings[0].Kind != rewrite.Assign || w.callee(bindings[0].Value.Inner()) != newCurrentSpan {
		return false
	}
	b := bindings[0]
	if b.Stmt.Function() != m.attr.Function() || w.entersByHand(m.attr.Function(), m.attr) {
		return false
	}
	for p := m.attr.Parent; p != nil && p.Start > b.Stmt.Start; p = p.Parent {
		if p.Is("with_statement") && !w.opensNoSpan(p) {
			return false
		}
	}
	return true
}

// opensNoSpan reports whether all items of a with statement certainly open no
// span.
func (w *world) opensNoSpan(with *rewrite.Node) bool {
	for _, item := range with.Children[0].Children {
		v := item.Child("value")
		if v.Is("as_pattern") {
			v = v.Children[0]
		}
		if !w.opensNothing(v) {
			return false
		}
	}
	return true
}

// endedBefore reports whether the receiver's span has ended where the member is
// used: behind its "with" block, or behind an end() in the same block. Legacy
// still sent what was written to a child then; a streamed span is gone.
func (m *member) endedBefore() bool {
	recv := m.recv.Inner()
	if !recv.Is("identifier") || m.kind.span&rootSpan != 0 {
		return false
	}
	_, bindings := recv.File.ScopeOf(recv).Lookup(recv.Text())
	if len(bindings) == 0 || bindings[0].Kind == rewrite.With {
		return behindBlocks(bindings, m.attr)
	}
	stmt := m.attr.Statement()
	for _, s := range stmt.Parent.Children {
		if s == stmt {
			return false
		}
		if s.Start > bindings[0].Stmt.Start && len(bindings) == 1 && endsSpan(s, recv.Text()) {
			return true
		}
	}
	return false
}

// behindBlocks reports whether n stands behind the "with" blocks that bind its
// name, and in none of them.
func behindBlocks(bindings []*rewrite.Binding, n *rewrite.Node) bool {
	behind := false
	for _, b := range bindings {
		with := b.Stmt.Ancestor("with_statement")
		if b.Kind != rewrite.With || with == nil || with.Contains(n) || with.Function() != n.Function() {
			return false
		}
		behind = behind || n.Start > with.End
	}
	return behind
}

// endsSpan reports the statement "name.end()" or "name.finish()".
func endsSpan(s *rewrite.Node, name string) bool {
	if !s.Is("expression_statement") || len(s.Children) != 1 || !s.Children[0].Is("call") {
		return false
	}
	fn := s.Children[0].Child("function")
	return fn.Is("attribute") && fn.Child("object").Text() == name && (fn.Child("attribute").Text() == "end" || fn.Child("attribute").Text() == "finish")
}
