package steps

import (
	"cmp"
	"strings"

	"spanwalk/rewrite"
)

// inBranches lets name and attributes travel in variables where the branches
// describe different transactions or are arms of one expression: each branch
// continues its trace, or starts a new one, and assigns them; the span reads
// them.
func (c *creation) inBranches(made []*rewrite.Node, fed *rewrite.Node) {
	c.weaken(Review, "each branch describes a transaction of its own, so name and attributes travel in variables")
	name := c.pass.freeName(c.call, "name", "span_name")
	attributes := c.pass.freeName(c.call, "attributes", "span_attributes")
	if c.forkBetween(made[0]) {
		c.weaken(Manual, "a scope is forked between the branches and start_transaction()")
	}
	lines, values := map[*rewrite.Node][]string{}, map[*rewrite.Node]string{}
	for _, m := range made {
		part := newCreation(c.pass, m, c.kind)
		lines[m] = c.branch(part, name)
		if len(part.entries) > 0 {
			values[m] = rewrite.FlatDicts(part.attributes())
		}
		if part.tier != Safe {
			c.weaken(part.tier, "%s", strings.Join(part.reasons, "; "))
		}
	}
	c.edit.Append("name=" + name)
	if len(values) > 0 {
		c.edit.Append("attributes=" + attributes)
		for _, m := range made {
			lines[m] = append(lines[m], attributes+" = "+cmp.Or(values[m], "{}"))
		}
	}
	c.edit.Append("parent_span=None")
	c.activation()
	if c.tier != Manual {
		c.writeBranches(made, lines)
	}
	if c.tier != Manual {
		c.oneName(fed, made)
	}
}

// branch returns the lines that take the place of one feeding call, nil where
// that is for a person: all but the attributes.
func (c *creation) branch(part *creation, name string) []string {
	part.moved = true
	headers := ""
	for i, a := range c.pass.described(part.call) {
		switch {
		case c.pass.continues(part.call) && isHeaders(i, a):
			headers = a.Value.Text()
		case a.Star != "" || a.Name == "":
			part.weaken(Manual, "%s hides what it describes", a.Node.Text())
		default:
			part.keyword(a)
		}
	}
	if part.samples != "" {
		part.weaken(Manual, "the branches have different sampling contexts")
	}
	text := ""
	switch given := part.name; {
	case part.name != nil && part.desc != nil || part.name == nil && part.desc == nil:
		part.weaken(Manual, "give every branch a name first")
		return nil
	case given == nil:
		text = part.desc.Value.Text()
	default:
		text = given.Value.Text()
	}
	fn := styleNode(part.call.Child("function"))
	first := beside(newTraceFunc, styleNode(c.call.Child("function"))) + "()"
	if c.pass.continues(part.call) {
		first = ref(newContinueTrace, fn) + "(" + c.incoming(part.call, headers) + ")"
	}
	return []string{first, name + " = " + text}
}

// writeBranches puts the lines of each feeding call in the place of its
// statement. A conditional expression of two becomes an if and its else.
func (c *creation) writeBranches(made []*rewrite.Node, lines map[*rewrite.Node][]string) {
	for _, m := range made {
		stmt, style := m.Statement(), m.File.Style
		between := style.Newline + stmt.Indent()
		text := strings.Join(lines[m], between)
		if either := conditionalAround(m); either != nil {
			arms, condition := armsOf(either), either.Children[1]
			if m != arms[0] {
				continue // written with the first
			}
			if _, ok := rewrite.InsertBefore(stmt); !ok || c.hasComments(stmt.Start, stmt.End) || strings.ContainsAny(condition.Text(), "\r\n") {
				c.weaken(Manual, "write the condition out as if and else first")
				return
			}
			deeper := between + style.Indent
			text = "if " + condition.Text() + ":" + deeper + strings.Join(lines[arms[0]], deeper) +
				between + "else:" + deeper + strings.Join(lines[arms[1]], deeper)
		}
		c.extra = append(c.extra, rewrite.Edit{Start: stmt.Start, End: stmt.End, New: text})
	}
}

// armsOf returns what an expression may give: both arms of a conditional
// expression, or the expression itself.
func armsOf(n *rewrite.Node) []*rewrite.Node {
	n = n.Inner()
	if n.Is("conditional_expression") {
		return []*rewrite.Node{n.Children[0].Inner(), n.Children[2].Inner()}
	}
	return []*rewrite.Node{n}
}

// conditionalAround returns the conditional expression of which n is an arm, or
// nil.
func conditionalAround(n *rewrite.Node) *rewrite.Node {
	for n.Parent.Is("parenthesized_expression") {
		n = n.Parent
	}
	if either := n.Parent; either.Is("conditional_expression") && either.Children[1] != n {
		return either
	}
	return nil
}
