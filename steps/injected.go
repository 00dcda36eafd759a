package steps

import "spanwalk/rewrite"

// maxMethods is how many methods may share a name before it says nothing.
const maxMethods = 20

// injectedMaker is what a method gives that is called on an object of unknown
// class which is handed in: spans, but not proved to be any, where one method
// of the project alone has that name and makes spans.
func (w *world) injectedMaker(fn *rewrite.Node) (kind, bool) {
	name := fn.Child("attribute").Text()
	if !w.methods[name] || !w.injected(fn.Child("object"), 3) {
		return kind{}, false
	}
	defs := w.methodsNamed(name)
	if len(defs) > maxMethods {
		return kind{}, false
	}
	var made kind
	makers := 0
	for _, def := range defs {
		if k := w.returns(def); k.hasSpan() {
			made = k
			makers++
		}
	}
	if makers != 1 {
		return kind{}, false
	}
	made.other = true
	if made.enter != nil {
		entered := *made.enter
		entered.other = true
		made.enter = &entered
	}
	return made, true
}

// methodsNamed returns the methods of the project that have a name.
func (w *world) methodsNamed(name string) []*rewrite.Node {
	if w.named == nil {
		w.named = map[string][]*rewrite.Node{}
		for _, def := range w.functions {
			if def.Class() != nil {
				text := def.Child("name").Text()
				w.named[text] = append(w.named[text], def)
			}
		}
	}
	return w.named[name]
}

// injected reports a parameter without a type, and an attribute that is
// assigned nothing but such parameters.
func (w *world) injected(n *rewrite.Node, hops int) bool {
	n = n.Inner()
	switch {
	case hops == 0:
	case n.Is("identifier"):
		_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		return len(bindings) == 1 && bindings[0].Kind == rewrite.Param && bindings[0].Type == nil && bindings[0].Stmt.Is("identifier", "default_parameter") && w.instanceOf(n) == nil
	case n.Is("attribute"):
		class := w.instanceOf(n.Child("object"))
		if class == nil {
			return false
		}
		stored := w.stores(field{class, n.Child("attribute").Text()})
		for _, v := range stored {
			if !w.injected(v, hops-1) {
				return false
			}
		}
		return len(stored) > 0
	}
	return false
}
