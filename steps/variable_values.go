package steps

import "spanwalk/rewrite"

// nameValue joins what every binding gives a name.
func (w *world) nameValue(n *rewrite.Node, hops int) attributeValue {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if scope == nil {
		return attributeValue{}
	}
	var out attributeValue
	first := true
	for _, b := range bindings {
		if b.Kind == rewrite.Augmented && b.Value != nil {
			continue // keeps the kind of what was there
		}
		v := w.boundValue(b, hops)
		if first {
			out, first = v, false
		} else {
			out = joinValues(out, v)
		}
	}
	return out
}

func (w *world) boundValue(b *rewrite.Binding, hops int) attributeValue {
	if w.visiting[b] {
		return attributeValue{}
	}
	w.visiting[b] = true
	defer delete(w.visiting, b)
	if b.Type != nil {
		return w.annotatedValue(b.Type)
	}
	switch b.Kind {
	case rewrite.Assign:
		if b.Index == nil && b.Value != nil {
			return w.classify(b.Value, hops-1)
		}
	case rewrite.Param:
		return w.passedValue(b, hops)
	case rewrite.For:
		return w.iteratedValue(b)
	case rewrite.Except, rewrite.Def, rewrite.ClassDef:
		return reprValue
	case rewrite.Import:
		if v := w.project.Name(b.Node).Value; v != nil && v != b.Node {
			return w.classify(v, hops-1)
		}
	}
	return attributeValue{}
}

// iteratedValue knows the counters of range() and enumerate().
func (w *world) iteratedValue(b *rewrite.Binding) attributeValue {
	if !b.Value.Is("call") || !w.project.IsBuiltin(b.Value.Child("function")) {
		return attributeValue{}
	}
	switch b.Value.Child("function").Text() {
	case "range":
		if b.Index == nil {
			return sameInt
		}
	case "enumerate":
		if len(b.Index) == 1 && b.Index[0] == 0 {
			return sameInt
		}
	}
	return attributeValue{}
}

// passedValue joins the default of a parameter and what the callers pass, where
// the project shows all callers.
func (w *world) passedValue(b *rewrite.Binding, hops int) attributeValue {
	fn := b.Stmt.Ancestor("function_definition")
	if fn == nil || b.Stmt.Is("list_splat_pattern", "dictionary_splat_pattern") || len(w.callsOf(fn)) == 0 || w.escapes(fn) {
		return attributeValue{}
	}
	var values []*rewrite.Node
	for _, c := range w.callsOf(fn) {
		v := w.argumentFor(c, fn, b)
		if v == nil {
			v = b.Value
		}
		if v == nil {
			return attributeValue{}
		}
		values = append(values, v)
	}
	return w.joinAll(values, hops)
}
