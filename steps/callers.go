package steps

import "spanwalk/rewrite"

// underSpan reports whether every call of a function runs inside a span, as far
// as the project shows all of its calls. hops bounds the search up the call
// graph.
func (w *world) underSpan(fn *rewrite.Node, hops int) bool {
	if hops == 0 || len(w.callsOf(fn)) == 0 || w.escapes(fn) || len(decorators(fn)) > 1 {
		return false
	}
	for _, call := range w.callsOf(fn) {
		if !w.insideSpan(call, hops) {
			return false
		}
	}
	return true
}

// insideSpan reports whether a span is entered around n: in its function, by a
// decorator of it, or around every call of it.
func (w *world) insideSpan(n *rewrite.Node, hops int) bool {
	fn := n.Function()
	for p := n.Parent; p != nil && p != fn; p = p.Parent {
		if p.Is("with_statement") && p.Child("body").Contains(n) && w.entersSpan(p) {
			return true
		}
	}
	if !fn.Is("function_definition") {
		return false
	}
	for _, d := range decorators(fn) {
		if d.Is("call") {
			d = d.Child("function")
		}
		if name := w.dotted(d); name == legacyTrace || name == newTrace {
			return true
		}
	}
	return w.underSpan(fn, hops-1)
}

// entersSpan reports whether an item of a with statement is surely a span that
// counts: a continued transaction that is entered without start_transaction() is
// never sent, nor is what it holds.
func (w *world) entersSpan(with *rewrite.Node) bool {
	for _, item := range with.Children[0].Children {
		v := item.Child("value")
		if v.Is("as_pattern") {
			v = v.Children[0]
		}
		if k := w.entered(w.manager(v)); k.proven() && !k.none && k.span&continuedSpan == 0 {
			return true
		}
	}
	return false
}
