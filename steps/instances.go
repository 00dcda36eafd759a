package steps

import "spanwalk/rewrite"

// field is an attribute of a project class.
type field struct {
	class *rewrite.Node
	name  string
}

// methodOf resolves "self.m" and "x.m" for an x of known class.
func (w *world) methodOf(fn *rewrite.Node) *rewrite.Node {
	if !fn.Is("attribute") {
		return nil
	}
	name := fn.Child("attribute").Text()
	if !w.methods[name] {
		return nil
	}
	obj := fn.Child("object")
	if class := w.instanceOf(obj); class != nil {
		return w.project.Method(class, name)
	}
	return nil
}

// instanceOf returns the project class an expression is an instance of, by
// construction or because it is the first parameter of a method.
func (w *world) instanceOf(n *rewrite.Node) *rewrite.Node {
	n = n.Inner()
	if !n.Is("identifier", "call", "attribute") {
		return nil
	}
	if class, ok := w.instances[n]; ok {
		return class
	}
	w.instances[n] = nil // a cycle finds nothing
	class := w.findInstance(n)
	w.instances[n] = class
	return class
}

func (w *world) findInstance(n *rewrite.Node) *rewrite.Node {
	switch {
	case n.Is("identifier"):
		scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		if scope == nil || len(bindings) != 1 {
			return nil
		}
		return w.instanceBound(bindings[0])
	case n.Is("call"):
		fn := n.Child("function")
		if fn.Text() == "super" {
			if class := n.Ancestor("class_definition"); class != nil && len(w.project.Bases(class)) > 0 {
				return w.project.Bases(class)[0]
			}
		}
		if def := w.project.Name(fn).Def; def.Is("class_definition") {
			return def
		}
	case n.Is("attribute"):
		if class := w.instanceOf(n.Child("object")); class != nil {
			for _, v := range w.stores(field{class, n.Child("attribute").Text()}) {
				if made := w.instanceOf(v); made != nil {
					return made
				}
			}
		}
	}
	return nil
}

// instancing marks a binding whose class is being looked for.
type instancing struct{ b *rewrite.Binding }

func (w *world) instanceBound(b *rewrite.Binding) *rewrite.Node {
	switch b.Kind {
	case rewrite.Param:
		fn := b.Stmt.Ancestor("function_definition")
		if fn == nil {
			return nil
		}
		if class := fn.Class(); class != nil && fn.Child("parameters").Children[0] == b.Stmt && !hasDecorator(fn, "staticmethod") {
			return class
		}
		return w.annotatedClass(b.Type)
	case rewrite.Assign, rewrite.With:
		if b.Index == nil && b.Value != nil && !w.visiting[instancing{b}] {
			w.visiting[instancing{b}] = true
			defer delete(w.visiting, instancing{b})
			return w.instanceOf(b.Value)
		}
	case rewrite.Import:
		if v := w.project.Name(b.Node).Value; v != nil {
			return w.instanceOf(v)
		}
	}
	return nil
}

// annotatedClass returns the project class that an annotation names, in quotes
// or not, or nil.
func (w *world) annotatedClass(t *rewrite.Node) *rewrite.Node {
	if t.Is("type") && len(t.Children) == 1 && t.Children[0].Is("string") {
		_, bindings := t.File.ScopeOf(t).Lookup(stringValue(t.Children[0]))
		if len(bindings) != 1 {
			return nil
		}
		t = bindings[0].Node
	}
	if def := w.project.Name(t).Def; def.Is("class_definition") {
		return def
	}
	return nil
}

// stores returns what is assigned to an attribute in the methods of a class
// and of its project bases, and in the class body.
func (w *world) stores(f field) []*rewrite.Node {
	if out, ok := w.stored[f]; ok {
		return out
	}
	w.stored[f] = nil // a cycle finds nothing
	var out []*rewrite.Node
	for _, a := range w.attributes(f.name) {
		as := a.Parent
		if !as.Is("assignment") || as.Child("left") != a {
			continue
		}
		if class := w.instanceOf(a.Child("object")); class != nil && w.related(class, f.class) {
			if v := as.Child("right"); v != nil {
				out = append(out, v)
			}
		}
	}
	for _, b := range f.class.File.ScopeOf(f.class.Child("body")).Names[f.name] {
		if b.Kind == rewrite.Assign && b.Value != nil {
			out = append(out, b.Value)
		}
	}
	w.stored[f] = out
	return out
}

// related reports whether one class is the other or derives from it.
func (w *world) related(a, b *rewrite.Node) bool { return w.derives(a, b, 10) || w.derives(b, a, 10) }

func (w *world) derives(a, b *rewrite.Node, hops int) bool {
	if a == b {
		return true
	}
	if hops == 0 {
		return false
	}
	for _, base := range w.project.Bases(a) {
		if w.derives(base, b, hops-1) {
			return true
		}
	}
	return false
}
