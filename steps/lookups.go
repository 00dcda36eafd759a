package steps

import "spanwalk/rewrite"

// access is a place that reads an attribute of an object: x.name,
// getattr(x, "name") or getattr(x, "name", None).
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
		if args := call.Args(); looked == name && (len(args) == 2 || len(args) == 3 && args[2].Value.Is("none")) {
			out = append(out, access{call, object})
		}
	}
	return out
}

// lookup returns what getattr(x, "name", …) looks at and the name; that is ""
// for any other call.
func (w *world) lookup(call *rewrite.Node) (object *rewrite.Node, name string) {
	args := call.Args()
	if fn := call.Child("function"); len(args) < 2 || !fn.Is("identifier") || fn.Text() != "getattr" || !w.project.IsBuiltin(fn) {
		return nil, ""
	}
	return args[0].Value, stringValue(args[1].Value)
}

// lookedUp is what getattr(object, name, …) gives.
func (w *world) lookedUp(call, object *rewrite.Node, name string) kind {
	var k kind
	if class := w.instanceOf(object); class != nil {
		k = w.fieldKind(field{class, name})
	} else {
		k = w.memberKind(w.typeOf(object), name)
	}
	if args := call.Args(); len(args) > 2 {
		k = join(k, w.typeOf(args[2].Value))
	}
	return k
}
