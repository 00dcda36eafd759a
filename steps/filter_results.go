package steps

import "spanwalk/rewrite"

// returnStatement reads how the filter ends.
func (f *eventFilter) returnStatement(s *rewrite.Node, outer []test) {
	if len(s.Children) == 0 {
		f.drops = append(f.drops, &drop{tests: outer, place: s, silent: true})
		return
	}
	f.returned(s, s.Children[0], outer)
}

// returned reads a returned expression, or the body of a lambda.
func (f *eventFilter) returned(s, n *rewrite.Node, outer []test) {
	n = n.Inner()
	switch {
	case n.Is("identifier") && n.Text() == f.event:
	case n.Is("none"):
		f.drops = append(f.drops, &drop{tests: outer, place: s, silent: true})
	case n.Is("conditional_expression"):
		yes, condition, no := n.Children[0].Inner(), n.Children[1], n.Children[2].Inner()
		switch {
		case yes.Is("none") && no.Text() == f.event:
			f.disjuncts(condition, outer, s, n)
		case no.Is("none") && yes.Text() == f.event:
			f.drops = append(f.drops, &drop{tests: append(copyTests(outer), test{condition, true}), place: n, returns: n, silent: true})
		default:
			f.cannot(s, "what it returns cannot be told")
		}
	default:
		f.cannot(s, "what it returns cannot be told")
	}
}

func copyTests(t []test) []test { return append([]test(nil), t...) }

// disjuncts reads the condition of a drop; each part of an "or" is a reason of
// its own. returns is the conditional expression it stands in, if it does.
func (f *eventFilter) disjuncts(condition *rewrite.Node, outer []test, place, returns *rewrite.Node) {
	parts := flatten(condition, "or")
	for _, p := range parts {
		d := &drop{tests: f.conjuncts(p, outer), place: place, returns: returns, silent: true}
		if len(parts) > 1 {
			d.place, d.rest = p, parts
		}
		f.drops = append(f.drops, d)
	}
}

// conjuncts splits a condition at its "and".
func (f *eventFilter) conjuncts(condition *rewrite.Node, outer []test) []test {
	out := copyTests(outer)
	for _, n := range flatten(condition, "and") {
		t := test{node: n.Inner()}
		for t.node.Is("not_operator") {
			t.node, t.not = t.node.Child("argument").Inner(), !t.not
		}
		out = append(out, t)
	}
	return out
}

// flatten splits a boolean expression at an operator. Parts in parentheses stay
// whole, so that each can be taken out alone.
func flatten(n *rewrite.Node, operator string) []*rewrite.Node {
	n = n.Inner()
	if !n.Is("boolean_operator") || n.Child("operator").Text() != operator {
		return []*rewrite.Node{n}
	}
	var out []*rewrite.Node
	for _, side := range []*rewrite.Node{n.Child("left"), n.Child("right")} {
		if side.Is("parenthesized_expression") {
			out = append(out, side)
			continue
		}
		out = append(out, flatten(side, operator)...)
	}
	return out
}

// dropsAtEnd reports a block whose last statement drops the event.
func dropsAtEnd(block *rewrite.Node) bool {
	if !block.Is("block") || len(block.Children) == 0 {
		return false
	}
	last := block.Children[len(block.Children)-1]
	return last.Is("return_statement") && (len(last.Children) == 0 || last.Children[0].Is("none"))
}
