package steps

import "spanwalk/rewrite"

func (w *world) inferAttribute(n *rewrite.Node) kind {
	name := n.Child("attribute").Text()
	dotted := w.dotted(n)
	if dotted == "sentry_sdk.Hub.current" || dotted == "sentry_sdk.Hub.main" {
		return kind{hub: true}
	}
	obj := n.Child("object")
	if class := w.instanceOf(obj); class != nil {
		return w.fieldKind(field{class, name})
	}
	if v := w.project.Name(n).Value; v != nil && v != n {
		return join(w.typeOf(v), w.assignedFromAfar(v))
	}
	return w.memberKind(w.typeOf(obj), name)
}

// memberKind is what an attribute of a value that is no instance of the
// project's classes holds: of a scope, a hub, a span or anything.
func (w *world) memberKind(recv kind, name string) kind {
	switch {
	case recv.scope && name == "span":
		return kind{span: legacySpan | currentSpan, none: true}
	case recv.scope && name == "transaction", recv.isSpan() && name == "containing_transaction":
		return kind{span: legacySpan | rootSpan | rootAccess, none: true}
	case recv.isSpan() && name == "_segment":
		return kind{span: streamedSpan | rootSpan}
	case recv.hub && name == "scope":
		return kind{scope: true}
	}
	return w.looseField(name)
}

// looseField is what an attribute holds on an object of unknown class, where
// every class of the project that assigns the attribute puts a span there.
func (w *world) looseField(name string) kind {
	return w.inference.of("attribute "+name, func() kind {
		var out kind
		for _, a := range w.attributes(name) {
			as := a.Parent
			if as.Is("assignment") && as.Child("left") == a && as.Child("right") != nil {
				out = join(out, w.typeOf(as.Child("right")))
			}
		}
		if !out.isSpan() {
			return otherKind
		}
		return out
	})
}

// fieldKind joins what the methods of a class store in an attribute.
func (w *world) fieldKind(f field) kind {
	return w.inference.of(f, func() kind { return w.inferField(f) })
}

func (w *world) inferField(f field) kind {
	var out kind
	if m := w.project.Method(f.class, f.name); m != nil && hasDecorator(m, "property", "cached_property") {
		out = w.returns(m)
	}
	for _, v := range w.stores(f) {
		out = join(out, w.typeOf(v))
	}
	out = join(out, w.annotatedField(f))
	if e := w.storedElements(func(target *rewrite.Node) bool {
		return w.instanceOf(target.Child("object")) == f.class
	}, w.attributes(f.name)); e != nil {
		out.elem = joinPointers(out.elem, e)
	}
	return out
}
