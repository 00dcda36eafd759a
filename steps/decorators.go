package steps

import "spanwalk/rewrite"

// decorators returns the decorator expressions of a function or class.
func decorators(def *rewrite.Node) []*rewrite.Node {
	if !def.Parent.Is("decorated_definition") {
		return nil
	}
	var out []*rewrite.Node
	for _, c := range def.Parent.Children {
		if c.Is("decorator") && len(c.Children) > 0 {
			out = append(out, c.Children[0])
		}
	}
	return out
}

// hasDecorator reports whether a decorator's last name is one of names.
func hasDecorator(def *rewrite.Node, names ...string) bool {
	for _, d := range decorators(def) {
		if d.Is("call") {
			d = d.Child("function")
		}
		if d.Is("attribute") {
			d = d.Child("attribute")
		}
		for _, n := range names {
			if d.Text() == n {
				return true
			}
		}
	}
	return false
}
