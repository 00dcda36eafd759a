package steps

import "spanwalk/rewrite"

// mayBeNone reports evidence that an expression can be None: the literal, a
// parameter that defaults to or is annotated with None, a variable that is
// assigned None, dict.get without default, a conditional with a None branch.
// Without evidence the answer is no.
func (w *world) mayBeNone(n *rewrite.Node) bool {
	n = n.Inner()
	switch n.Kind {
	case "none":
		return true
	case "conditional_expression":
		return w.mayBeNone(n.Children[0]) || w.mayBeNone(n.Children[2])
	case "boolean_operator":
		return w.mayBeNone(n.Child("right")) || n.Child("operator").Text() == "and" && w.mayBeNone(n.Child("left"))
	case "named_expression":
		return w.mayBeNone(n.Child("value"))
	case "await":
		return w.mayBeNone(n.Children[0])
	case "call":
		fn := n.Child("function")
		if fn.Is("attribute") && fn.Child("attribute").Text() == "get" && len(n.Args()) == 1 && n.Args()[0].Star == "" && n.Args()[0].Name == "" {
			return true
		}
		if w.callee(n) == "os.getenv" && len(n.Args()) == 1 {
			return true
		}
		if def := w.functionOf(n); def != nil {
			return w.returnsNone(def)
		}
	case "identifier":
		return w.nameMayBeNone(n)
	}
	return false
}

func (w *world) nameMayBeNone(n *rewrite.Node) bool {
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if w.guarded(n) {
		return false
	}
	for _, b := range bindings {
		if b.Type != nil && optional(b.Type) {
			return true
		}
		if b.Value == nil || b.Index != nil || w.visiting[b] {
			continue
		}
		switch b.Kind {
		case rewrite.Param:
			if b.Value.Is("none") {
				return true
			}
		case rewrite.Assign:
			w.visiting[b] = true
			none := w.mayBeNone(b.Value)
			delete(w.visiting, b)
			if none {
				return true
			}
		}
	}
	return false
}

// optional reports an annotation that admits None.
func optional(t *rewrite.Node) bool {
	found := false
	t.Walk(func(n *rewrite.Node) bool {
		found = found || n.Is("none") || n.Is("identifier") && n.Text() == "Optional"
		return !found
	})
	return found
}

// returnsNone reports whether a project function can return None by a bare
// return, a None that is written there, or its annotation.
func (w *world) returnsNone(def *rewrite.Node) bool {
	if t := def.Child("return_type"); t != nil {
		return optional(t)
	}
	found := false
	def.Child("body").Walk(func(n *rewrite.Node) bool {
		if n.Is("return_statement") && (len(n.Children) == 0 || writtenNone(n.Children[0])) {
			found = true
		}
		return !found && !n.Is("function_definition", "class_definition", "lambda")
	})
	return found
}

// writtenNone reports None itself, or an expression with a None that can be its
// value: "x if y else None", "x or None".
func writtenNone(n *rewrite.Node) bool {
	switch n = n.Inner(); n.Kind {
	case "none":
		return true
	case "conditional_expression":
		return writtenNone(n.Children[0]) || writtenNone(n.Children[2])
	case "boolean_operator":
		return writtenNone(n.Child("right"))
	}
	return false
}
