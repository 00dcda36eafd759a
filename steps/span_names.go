package steps

import "spanwalk/rewrite"

func (w *world) inferName(n *rewrite.Node) kind {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if scope == nil {
		return otherKind
	}
	var out kind
	for _, b := range reaching(n, bindings) {
		out = join(out, w.bindingKind(b))
	}
	if scope.Node.Is("module") && len(bindings) == 1 {
		out = join(out, w.assignedFromAfar(bindings[0].Node))
	}
	v := variable{scope, n.Text()}
	if len(w.uses(v)) > 0 && out.span == 0 {
		if e := w.storedElements(func(*rewrite.Node) bool { return true }, w.uses(v)); e != nil {
			out.elem = joinPointers(out.elem, e)
		}
	}
	if out.none && w.guarded(n) {
		out.none = false
	}
	return out
}

// assignedFromAfar joins what other modules assign to a variable of a module,
// which the identifier name binds: "state.root = …".
func (w *world) assignedFromAfar(name *rewrite.Node) kind {
	return w.inference.of(afar{name}, func() kind {
		var out kind
		for _, a := range w.attributes(name.Text()) {
			if as := a.Parent; as.Is("assignment") && a.Field == "left" && as.Child("right") != nil && w.project.Name(a).Value == name {
				out = join(out, w.typeOf(as.Child("right")))
			}
		}
		return out
	})
}

// bindingKind is what one binding gives its name.
func (w *world) bindingKind(b *rewrite.Binding) kind {
	return w.inference.of(b, func() kind { return w.inferBinding(b) })
}

func (w *world) inferBinding(b *rewrite.Binding) kind {
	switch b.Kind {
	case rewrite.Assign:
		if b.Value == nil {
			return w.annotation(b.Type)
		}
		k := at(w.typeOf(b.Value), b.Index)
		if b.Type != nil && k.other && !k.hasSpan() {
			if promised := w.annotation(b.Type); promised.hasSpan() {
				return promised
			}
		}
		return k
	case rewrite.With:
		return at(w.entered(w.manager(b.Value)), b.Index)
	case rewrite.Captured:
		return w.captured(b.Value)
	case rewrite.For:
		k := w.typeOf(b.Value)
		if b.Value.Is("call") {
			if fn := b.Value.Child("function").Text(); (fn == "enumerate" || fn == "list" || fn == "reversed" || fn == "sorted" || fn == "tuple") && len(b.Value.Args()) > 0 {
				inner := w.typeOf(b.Value.Args()[0].Value)
				if fn == "enumerate" && inner.elem != nil {
					inner.elem = &kind{items: []kind{otherKind, *inner.elem}}
				}
				k = inner
			}
		}
		if k.elem == nil {
			return otherKind
		}
		return at(*k.elem, b.Index)
	case rewrite.Param:
		return w.parameter(b)
	case rewrite.Import:
		if v := w.project.Name(b.Node).Value; v != nil && v != b.Node {
			return w.typeOf(v)
		}
	}
	return otherKind
}
