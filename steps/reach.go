package steps

import "spanwalk/rewrite"

// reaching returns the bindings of a name that can be in force where n uses
// it. The nearest binding that certainly ran before n hides those before it;
// what later branches bind in between counts too, and in a loop what follows.
func reaching(n *rewrite.Node, bindings []*rewrite.Binding) []*rewrite.Binding {
	fn := n.Function()
	var last *rewrite.Binding
	for _, b := range bindings {
		if b.Node.Function() != fn && b.Kind != rewrite.Param {
			return bindings // a closure or a global sees them all
		}
		if b.Kind == rewrite.Param || !ranBefore(b, n) {
			continue
		}
		if last == nil || b.Node.Start > last.Node.Start {
			last = b
		}
	}
	if last == nil {
		return bindings
	}
	out := []*rewrite.Binding{last}
	loop := outerLoop(n, last)
	for _, b := range bindings {
		between := b.Node.Start > last.Node.Start && b.Node.Start < n.Start && !excludes(b.Stmt, n)
		later := loop != nil && b.Node.Start > n.Start && loop.Contains(b.Node)
		if b != last && (between || later) {
			out = append(out, b)
		}
	}
	return out
}

// ranBefore reports whether a binding has certainly happened when n runs: its
// statement stands earlier in a block around n, or n is in the body of the
// with or for that binds.
func ranBefore(b *rewrite.Binding, n *rewrite.Node) bool {
	if b.Node.End > n.Start || b.Stmt.Contains(n) && !b.Stmt.Is("for_statement") {
		return false
	}
	stmt := b.Stmt.Statement()
	if stmt == nil || b.Stmt.Is("case_pattern", "for_in_clause", "named_expression") && !b.Stmt.Parent.Is("expression_statement") && !stmt.Contains(n) {
		return false
	}
	if stmt.Contains(n) {
		switch stmt.Kind {
		case "with_statement", "for_statement":
			return stmt.Child("body").Contains(n) || stmt.Is("with_statement")
		case "if_statement":
			return stmt.Child("condition").Contains(b.Node)
		}
		return false
	}
	return !stmt.Is("for_statement", "while_statement") && stmt.Parent.Contains(n)
}

// excludes reports whether two nodes stand in different branches of one if.
func excludes(a, b *rewrite.Node) bool {
	for p := a; p != nil; p = p.Parent {
		if p.Is("elif_clause", "else_clause", "block") && p.Parent.Is("if_statement", "elif_clause") {
			owner := p.Parent
			if owner.Is("elif_clause") {
				owner = owner.Parent
			}
			if owner.Contains(b) && !p.Contains(b) && branchOf(owner, b) != nil {
				return true
			}
		}
	}
	return false
}

// branchOf returns the branch of an if statement that holds n.
func branchOf(owner, n *rewrite.Node) *rewrite.Node {
	for _, c := range owner.Children {
		if c.Field != "condition" && c.Contains(n) {
			return c
		}
	}
	return nil
}

// outerLoop returns the loop around n that does not hold the binding, if any.
func outerLoop(n *rewrite.Node, b *rewrite.Binding) *rewrite.Node {
	for p := n.Parent; p != nil && !p.Is("function_definition", "lambda"); p = p.Parent {
		if p.Is("for_statement", "while_statement") && !p.Contains(b.Node) {
			return p
		}
	}
	return nil
}
