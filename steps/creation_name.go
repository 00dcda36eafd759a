package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// nameArgument settles the name: the streaming call requires one.
func (c *creation) nameArgument() {
	n, d := c.name, c.desc
	switch {
	case c.named || c.partOf:
	case n != nil && d != nil:
		c.nameAndDescription(*n, *d)
	case n != nil && n.Value.Is("none"):
		c.drop(*n)
		c.missingName()
	case d != nil && d.Value.Is("none"):
		c.drop(*d)
		c.missingName()
	case n == nil && d == nil:
		c.missingName()
	case d != nil && !c.nameOrOp(*d):
		c.rename(*d)
	case n != nil && !c.nameOrOp(*n):
		c.put(*n, keywordText(*n, "name"))
	}
}

// keywordText is an argument as it is written, under its name if that is not.
func keywordText(a rewrite.Arg, name string) string {
	if a.Node == a.Value {
		return name + "=" + a.Value.Text()
	}
	return a.Node.Text()
}

// nameOrOp lets the op stand in for a name that may be None, as it does for one
// that is missing. It reports whether the name is settled.
func (c *creation) nameOrOp(a rewrite.Arg) bool {
	switch {
	case !c.world().mayBeNone(a.Value):
		return false
	case c.op == nil || c.op.Value.Is("none") || hasCall(c.op.Value):
		c.weaken(Review, "%s may be None here: the span is then sent as <unlabeled span>", a.Value.Text())
		return false
	}
	c.put(a, "name="+operand(a.Value)+" or "+operand(c.op.Value))
	return true
}

// rename makes description= the name.
func (c *creation) rename(a rewrite.Arg) {
	if c.moved {
		c.edit.Append("name=" + a.Value.Text())
		return
	}
	c.edit.RenameKeyword(a, "name")
}

// nameAndDescription keeps the one that legacy sent: the name unless it is
// falsy (facts/sdk.md C1).
func (c *creation) nameAndDescription(n, d rewrite.Arg) {
	switch {
	case isTruthyString(n.Value):
		c.put(n, n.Node.Text())
		c.drop(d)
		if hasCall(d.Value) {
			c.weaken(Review, "description=%s was never sent and is no longer evaluated", d.Value.Text())
		}
	case n.Value.Is("none") || n.Value.Text() == `""` || n.Value.Text() == `''`:
		c.drop(n)
		c.rename(d)
	default:
		c.put(n, "name="+operand(n.Value)+" or "+operand(d.Value))
		c.drop(d)
	}
}

// operand parenthesises what binds looser than "or".
func operand(n *rewrite.Node) string {
	if n.Is("conditional_expression", "lambda", "named_expression", "boolean_operator", "not_operator") {
		return "(" + n.Text() + ")"
	}
	return n.Text()
}

func isTruthyString(n *rewrite.Node) bool {
	if n.Is("string") && len(n.Text()) > 2 {
		return n.Text() != `""""""` && n.Text() != `''''''` && len(n.Children) > 2 && n.Children[1].Is("string_content")
	}
	return false
}

func hasCall(n *rewrite.Node) bool {
	found := false
	n.Walk(func(m *rewrite.Node) bool {
		found = found || m.Is("call", "await", "yield", "named_expression")
		return !found
	})
	return found
}

// missingName asks what to call a span that had no name; teams that migrated
// by hand took the op each time.
func (c *creation) missingName() {
	if c.tier == Manual {
		return
	}
	q := c.question("missing-name", "What should this span be called?",
		"Streamed spans need a name; this call gives none, so it was sent without a description.")
	if c.op != nil && !c.op.Value.Is("none") && (!hasCall(c.op.Value) || !c.moved && !c.world().mayBeNone(c.op.Value)) {
		q.Options = append(q.Options, Option{ID: "op", Text: "Its op, " + c.op.Value.Text(),
			Consequence: "the name is the op's text; the op itself stays", Recommended: true})
	}
	q.Free = true
	q.Options = append(q.Options, leaveOption)
	answer, ok := c.pass.Ask(q)
	switch {
	case !ok || answer == "ask" || answer == Leave:
		c.open = true
	case answer == "op" && c.op != nil:
		c.edit.Append("name=" + c.opAgain())
	case answer == "op":
		c.open = true
	default:
		c.edit.Append("name=" + c.quote(answer))
	}
}

// opAgain is the op's text for a second use, behind attributes={…}: an op that
// calls something is kept in a variable there.
func (c *creation) opAgain() string {
	if !hasCall(c.op.Value) {
		return c.op.Value.Text()
	}
	name, entry := c.onceName("op"), c.quote("sentry.op")+": "
	for i, e := range c.entries {
		if strings.HasPrefix(e, entry) {
			c.entries[i] = entry + "(" + name + " := " + c.op.Value.Text() + ")"
		}
	}
	return name
}

var leaveOption = Option{ID: Leave, Text: "Leave this place alone", Consequence: "it stops sending anything once spans stream and stays listed as open"}
