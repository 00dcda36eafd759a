package steps

import "spanwalk/rewrite"

// innermost reports whether recv is the active span at n: the variable that
// the innermost span-opening "with" around n binds, in the same function.
func (w *world) innermost(recv, n *rewrite.Node) bool {
	recv = recv.Inner()
	if !recv.Is("identifier") || w.entersByHand(n.Function(), n) {
		return false
	}
	scope, bindings := n.File.ScopeOf(recv).Lookup(recv.Text())
	if scope == nil || len(bindings) != 1 || bindings[0].Kind != rewrite.With || bindings[0].Index != nil {
		return false
	}
	from := n
	for p := n.Parent; p != nil && !p.Is("function_definition", "lambda", "class_definition"); p = p.Parent {
		if p.Is("for_statement") && from.Field == "body" && w.holdsOpen(p.Child("right")) {
			return false
		}
		if p.Is("with_clause", "with_statement") {
			for i := len(p.Children) - 1; i >= 0; i-- {
				item := p.Children[i]
				if p.Is("with_statement") {
					if !item.Is("with_clause") || from == item {
						continue
					}
					if answer, done := w.itemOpens(item.Children, bindings[0]); done {
						return answer
					}
					continue
				}
				if item.Start >= from.Start {
					continue
				}
				if answer, done := w.itemOpens([]*rewrite.Node{item}, bindings[0]); done {
					return answer
				}
			}
		}
		from = p
	}
	return false
}

// holdsOpen reports an iterable that a generator of the project feeds from
// inside a with: what that opens is current in the loop that consumes it.
func (w *world) holdsOpen(iterable *rewrite.Node) bool {
	found := false
	iterable.Walk(func(n *rewrite.Node) bool {
		if n.Is("identifier") {
			_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
			for _, b := range reaching(n, bindings) {
				if b.Kind == rewrite.Assign && b.Value.Is("call") && !b.Value.Contains(n) {
					found = found || w.yieldsInsideWith(w.functionOf(b.Value))
				}
			}
		}
		if n.Is("call") {
			found = found || w.yieldsInsideWith(w.functionOf(n))
		}
		return !found
	})
	return found
}

func (w *world) yieldsInsideWith(def *rewrite.Node) bool {
	found := false
	def.Walk(func(n *rewrite.Node) bool {
		found = found || n.Is("yield") && n.Function() == def && n.Ancestor("with_statement") != nil
		return !found
	})
	return found
}

// itemOpens looks at with-items from the innermost outward: done is true at the
// first that opens, or may open, a span; answer says whether it binds b.
func (w *world) itemOpens(items []*rewrite.Node, b *rewrite.Binding) (answer, done bool) {
	for i := len(items) - 1; i >= 0; i-- {
		v := items[i].Child("value")
		if v == b.Stmt {
			k := w.typeOf(b.Value)
			return k.isSpan() && k.proven() && !k.none, true
		}
		if v.Is("as_pattern") {
			v = v.Children[0]
		}
		if !w.opensNothing(v) {
			return false, true
		}
	}
	return false, false
}

// opensNothing reports a context manager that certainly opens no span: one of
// a quiet module, a scope, or a plain name that is no span.
func (w *world) opensNothing(v *rewrite.Node) bool {
	k := w.typeOf(v)
	if k.isSpan() || k.context {
		return false
	}
	if k.scope {
		return true
	}
	v = v.Inner()
	if v.Is("call") {
		name := w.callee(v)
		return name == "open" || w.project.IsBuiltin(v.Child("function")) || w.quietCall(v, nil) && name != ""
	}
	return v.Is("identifier", "attribute") && w.instanceOf(v) == nil
}

// entersByHand reports whether a function enters spans without with before a
// place, or calls one that does and leaves them entered.
func (w *world) entersByHand(fn, at *rewrite.Node) bool {
	if fn == nil {
		fn = at.File.Module
	}
	return w.entersIn(fn, at, callGraphDepth)
}

func (w *world) entersIn(fn, at *rewrite.Node, hops int) bool {
	found := false
	fn.Walk(func(n *rewrite.Node) bool {
		if at != nil && n.Start > at.Start {
			return false
		}
		switch {
		case n.Is("attribute") && isEnter(n) || n.Is("call") && len(n.Args()) == 1 && entersArgument(n.Args()[0].Node):
			found = true
		case n.Is("call") && hops > 0 && n != at:
			def := w.functionOf(n)
			found = def != nil && def != fn && !def.Is("lambda") && w.leavesEntered(def, hops-1)
		}
		return !found
	})
	return found
}

// leavesEntered reports a function that enters by hand and does not exit.
func (w *world) leavesEntered(def *rewrite.Node, hops int) bool {
	exits := false
	def.Walk(func(n *rewrite.Node) bool {
		exits = exits || n.Is("identifier") && (n.Text() == "__exit__" || n.Text() == "__aexit__")
		return !exits
	})
	return !exits && w.entersIn(def.Child("body"), nil, hops)
}
