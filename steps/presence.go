package steps

import "spanwalk/rewrite"

// guarded reports whether an identifier is used where a test of it has already
// excluded None: in the body of "if x:" or "if x is not None:", or behind
// "x and …".
func (w *world) guarded(n *rewrite.Node) bool {
	name := n.Text()
	from := n
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.Kind {
		case "if_statement", "elif_clause":
			if from.Field == "consequence" && testsPresence(p.Child("condition"), name) {
				return true
			}
		case "conditional_expression":
			if from == p.Children[0] && testsPresence(p.Children[1], name) {
				return true
			}
		case "boolean_operator":
			if from.Field == "right" && p.Child("operator").Text() == "and" && testsPresence(p.Child("left"), name) {
				return true
			}
		case "function_definition", "lambda":
			return false
		}
		if p.Is("block", "module") && exitsBefore(p, from, name) {
			return true
		}
		from = p
	}
	return false
}

// exitsBefore reports "if x is None: return" before a statement of a block.
func exitsBefore(block, stmt *rewrite.Node, name string) bool {
	for _, s := range block.Children {
		if s == stmt {
			return false
		}
		if !s.Is("if_statement") || !testsAbsence(s.Child("condition"), name) {
			continue
		}
		body := s.Child("consequence").Children
		if len(body) > 0 && body[len(body)-1].Is("return_statement", "raise_statement", "continue_statement", "break_statement") {
			return true
		}
	}
	return false
}

func testsPresence(cond *rewrite.Node, name string) bool {
	cond = cond.Inner()
	switch cond.Kind {
	case "identifier":
		return cond.Text() == name
	case "named_expression":
		return cond.Child("name").Text() == name
	case "comparison_operator":
		if !cond.Children[len(cond.Children)-1].Is("none") || cond.Child("operators").Text() != "is not" {
			return false
		}
		return testsPresence(cond.Children[0], name)
	case "boolean_operator":
		return cond.Child("operator").Text() == "and" &&
			(testsPresence(cond.Child("left"), name) || testsPresence(cond.Child("right"), name))
	}
	return false
}

func testsAbsence(cond *rewrite.Node, name string) bool {
	cond = cond.Inner()
	switch cond.Kind {
	case "not_operator":
		return cond.Child("argument").Inner().Text() == name
	case "comparison_operator":
		return cond.Children[len(cond.Children)-1].Is("none") && cond.Child("operators").Text() == "is" && cond.Children[0].Inner().Text() == name
	}
	return false
}
