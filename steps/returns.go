package steps

import "spanwalk/rewrite"

// result stands for what a function gives, in [inference].
type result struct{ def *rewrite.Node }

// returns is what calling a project function gives.
func (w *world) returns(def *rewrite.Node) kind {
	return w.inference.of(result{def}, func() kind { return w.inferReturns(def) })
}

func (w *world) inferReturns(def *rewrite.Node) kind {
	if def.Is("lambda") {
		return w.typeOf(def.Child("body"))
	}
	var out, yielded kind
	yields := false
	def.Child("body").Walk(func(n *rewrite.Node) bool {
		switch n.Kind {
		case "function_definition", "class_definition", "lambda":
			return false
		case "return_statement":
			if len(n.Children) > 0 {
				out = join(out, w.typeOf(n.Children[0]))
			} else {
				out = join(out, kind{none: true})
			}
		case "yield":
			yields = true
			if len(n.Children) > 0 {
				yielded = join(yielded, w.typeOf(n.Children[0]))
			}
		}
		return true
	})
	switch {
	case hasDecorator(def, "contextmanager", "asynccontextmanager"):
		out = kind{other: true, context: true, enter: &yielded}
	case yields:
		out = kind{other: true, elem: &yielded}
	}
	if t := def.Child("return_type"); t != nil && !out.isSpan() && out.enter == nil && out.elem == nil {
		if k := w.annotation(t); k.isSpan() {
			out = k
		}
	}
	return out
}
