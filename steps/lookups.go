package steps

import "spanwalk/rewrite"

// access is a place that reads an attribute of an object: x.name,
// getattr(x, "name") or getattr(x, "name", default).
type access struct{ node, object *rewrite.Node }

// accesses returns the places that read an attribute of that name, and those
// that assign it, in no order.
func (w *world) accesses(name string) []access {
	var out []access
	for _, a := range w.attributes(name) {
		out = append(out, access{a, a.Child("object")})
	}
	for _, call := range w.callsWith("getattr") {
		object, looked := w.lookup(call)
		if args := call.Args(); looked == name && len(args) <= 3 {
			out = append(out, access{call, object})
		}
	}
	return out
}

// lookup returns what getattr(x, "name", …) looks at and the name; that is ""
// for any other call.
func (w *world) lookup(call *rewrite.Node) (object *rewrite.Node, name string) {
	args := call.Args()
	if fn := call.Child("function"); len(args) < 2 || unpacks(call) || !fn.Is("identifier") || fn.Text() != "getattr" || !w.project.IsBuiltin(fn) {
		return nil, ""
	}
	return args[0].Value, stringValue(args[1].Value)
}

// defaultGoes tells, in a finding that replaces getattr(x, "name", default), of
// a default that some runs may give, and leaves a call that computes one alone.
// A scope or span always has the attribute: any other default is never given.
func (p *Pass) defaultGoes(n *rewrite.Node, f *Finding) {
	if !n.Is("call") || len(n.Args()) < 3 {
		return
	}
	switch object, fallback := n.Args()[0].Value, n.Args()[2].Value; {
	case hasCall(fallback):
		f.Tier, f.Edits = Manual, nil
		f.Message += "; its default " + brief(fallback) + " is computed in any case: take it out of the call"
	case !fallback.Is("none") && !p.world.certainlyHas(object):
		f.Tier = Review
		f.Message += "; its default " + brief(fallback) + " goes"
	}
}

// certainlyHas reports a scope or span, which has all attributes that steps
// look for by getattr().
func (w *world) certainlyHas(object *rewrite.Node) bool {
	k := w.typeOf(object)
	return (k.scope || k.isSpan()) && !k.none && !k.other
}

// lookedUp is what getattr(object, name, …) gives.
func (w *world) lookedUp(call, object *rewrite.Node, name string) kind {
	var k kind
	if class := w.instanceOf(object); class != nil {
		k = w.fieldKind(field{class, name})
	} else {
		k = w.memberKind(w.typeOf(object), name)
	}
	if args := call.Args(); len(args) > 2 && (args[2].Value.Is("none") || !w.certainlyHas(object)) {
		k = join(k, w.typeOf(args[2].Value))
	}
	return k
}
