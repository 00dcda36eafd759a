package rewrite

// capture binds the names of a match pattern. The name before parentheses is a
// class.
func (b *scopeBuilder) capture(pattern *Node, s *Scope) {
	pattern.Walk(func(c *Node) bool {
		switch {
		case c.Is("dotted_name"):
			if !c.Parent.Is("class_pattern") {
				b.bind(s, &Binding{Kind: Captured, Node: c.Children[0], Stmt: pattern, Value: subject(c)})
			}
			return false
		case c.Is("attribute"):
			return false
		case c.Is("identifier") && c.Parent.Is("as_pattern"):
			b.bind(s, &Binding{Kind: Captured, Node: c, Stmt: pattern, Value: c.Parent.Children[0]})
		case c.Is("identifier") && c.Parent.Is("splat_pattern"):
			b.bind(s, &Binding{Kind: Captured, Node: c, Stmt: pattern})
		}
		return true
	})
}

// subject returns what a match statement matches, where a capture takes all of
// it; nil where it takes a part.
func subject(capture *Node) *Node {
	pattern := capture.Parent
	clause := pattern.Parent
	if !clause.Is("case_clause") || len(clause.Children) > 1 && clause.Children[1].Is("case_pattern") {
		return nil
	}
	match := clause.Ancestor("match_statement")
	if list := match.Fields("subject"); len(list) == 1 {
		return list[0]
	}
	return nil
}
