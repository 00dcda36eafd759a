package rewrite

import "strings"

// withoutFallbacks drops what an except clause binds in place of a failed
// import, where the try block imports the same name.
func withoutFallbacks(bindings []*Binding) []*Binding {
	imported := false
	for _, b := range bindings {
		imported = imported || b.Kind == Import && !inFallback(b.Stmt)
	}
	if !imported {
		return bindings
	}
	var out []*Binding
	for _, b := range bindings {
		if !inFallback(b.Stmt) {
			out = append(out, b)
		}
	}
	return out
}

// inFallback reports whether n stands in an except clause that catches a
// failed import, or in the else of "if TYPE_CHECKING".
func inFallback(n *Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.Kind {
		case "except_clause":
			text := p.File.Source[p.Start:p.End]
			head, _, _ := strings.Cut(string(text), ":")
			if strings.Contains(head, "ImportError") || strings.Contains(head, "ModuleNotFoundError") || strings.Contains(head, "Exception") || strings.TrimSpace(head) == "except" {
				return true
			}
		case "else_clause":
			if p.Parent.Is("if_statement") && strings.HasSuffix(p.Parent.Child("condition").Text(), "TYPE_CHECKING") {
				return true
			}
		case "function_definition", "class_definition":
			if p != n {
				return false
			}
		}
	}
	return false
}
