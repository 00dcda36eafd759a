package steps

import (
	"slices"

	"spanwalk/rewrite"
)

// heldResult is what calling a parameter or an attribute of an instance gives,
// by the functions that are passed as it or kept in it. ok is false where that
// is no span.
func (w *world) heldResult(call *rewrite.Node) (out kind, ok bool) {
	for _, k := range w.heldResults(call, call.Child("function"), passing) {
		out = join(out, k)
	}
	return out, out.hasSpan()
}

// heldResults is heldResult for each function that an expression may be.
func (w *world) heldResults(call, fn *rewrite.Node, hops int) []kind {
	if hops == 0 {
		return []kind{otherKind}
	}
	var out []kind
	switch {
	case fn.Is("identifier"):
		_, bindings := fn.File.ScopeOf(fn).Lookup(fn.Text())
		if len(bindings) != 1 || bindings[0].Kind != rewrite.Param {
			break
		}
		b := bindings[0]
		def := b.Stmt.Ancestor("function_definition", "lambda")
		if !def.Is("function_definition") {
			break
		}
		if w.escapes(def) {
			out = append(out, otherKind)
		}
		for _, c := range w.callsOf(def) {
			v := w.argumentFor(c, def, b)
			if v == nil {
				v = b.Value
			}
			out = append(out, w.calledResults(call, v, hops)...)
		}
	case fn.Is("attribute"):
		class := w.instanceOf(fn.Child("object"))
		if class == nil {
			break
		}
		for _, v := range w.stores(field{class, fn.Child("attribute").Text()}) {
			out = append(out, w.calledResults(call, v, hops)...)
		}
	}
	if len(out) == 0 {
		return []kind{otherKind}
	}
	return out
}

// calledResults is what a call of the value of an expression may give.
func (w *world) calledResults(call, v *rewrite.Node, hops int) []kind {
	if v = v.Inner(); v == nil {
		return nil
	}
	switch def := w.project.Name(v).Def; {
	case v.Is("lambda"):
		return []kind{w.returns(v)}
	case def.Is("function_definition"):
		return []kind{w.returns(def)}
	case def.Is("class_definition"):
		return []kind{w.instanceKind(def)}
	case v.Is("attribute") && w.methodOf(v) != nil:
		return []kind{w.returns(w.methodOf(v))}
	}
	if made := w.spanOf(v); made.isSpan() {
		made.sites = []*rewrite.Node{call}
		return []kind{made}
	}
	return w.heldResults(call, v, hops-1)
}

// spanOf is the span that calling a function of the SDK gives, or start_child
// of a span, where it is named but not called.
func (w *world) spanOf(fn *rewrite.Node) kind {
	if childMethod(fn) && w.typeOf(fn.Child("object")).isSpan() {
		return kind{span: legacySpan}
	}
	return kind{span: spanMakers[w.dotted(fn)]}
}

// handsOnMakers reports a project in which a function of the transaction API
// that makes spans is handed on as a value, so that not all its calls are seen.
func (w *world) handsOnMakers() bool {
	if w.makersOut == nil {
		hands := slices.ContainsFunc([]string{legacyStartSpan, legacyStartTransaction}, func(maker string) bool {
			return slices.ContainsFunc(w.spelled(maker), func(n *rewrite.Node) bool { return n.Parent.Is("argument_list", "keyword_argument") })
		})
		w.makersOut = &hands
	}
	return *w.makersOut
}
