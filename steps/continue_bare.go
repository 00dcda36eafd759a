package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// loneContinue handles a continued trace whose transaction nobody starts.
func (p *Pass) loneContinue(call *rewrite.Node) {
	const message = "continue_trace() whose transaction is never started"
	switch parent := call.Parent; {
	case parent.Is("expression_statement"), parent.Is("assignment") && parent.Parent.Is("expression_statement") && p.unusedTarget(parent.Child("left")):
		stmt := call.Statement()
		p.Report(call, "continue_trace", Finding{Message: message, Tier: Safe,
			Edits: []rewrite.Edit{{Start: stmt.Start, End: stmt.End, New: p.continueText(call)}}})
	case parent.Is("with_item"), parent.Is("as_pattern") && parent.Parent.Is("with_item"):
		p.bareContinue(call)
	default:
		p.Report(call, "continue_trace", Finding{Message: "what becomes of this continued transaction cannot be followed: give it to start_transaction() in the same function", Tier: Manual})
	}
}

func (p *Pass) unusedTarget(left *rewrite.Node) bool {
	if !left.Is("identifier") {
		return false
	}
	scope, _ := left.File.ScopeOf(left).Lookup(left.Text())
	return len(p.world.uses(variable{scope, left.Text()})) == 1
}

// continueText writes traces.continue_trace() with the headers of a call.
func (p *Pass) continueText(call *rewrite.Node) string {
	c := newCreation(p, call, "continue_trace")
	c.open = true // only the headers are wanted
	headers := ""
	for i, a := range call.Args() {
		if isHeaders(i, a) {
			headers = a.Value.Text()
		}
	}
	fn := call.Child("function")
	if p.scopeMethod(call, "continue_trace") != nil || !fn.Is("identifier") {
		return rewrite.NameRef(newContinueTrace, "") + "(" + headers + ")"
	}
	return ref(newContinueTrace, fn) + "(" + headers + ")"
}

// bareContinue handles "with continue_trace(h):", which sent nothing.
func (p *Pass) bareContinue(call *rewrite.Node) {
	c := newCreation(p, call, "continue_trace")
	q := c.question("bare-continue", "This block continues a trace but never starts its transaction: it has sent nothing. What now?",
		"The streaming form either only continues the trace or also starts a root span, which is new data.")
	q.Options = []Option{
		{ID: "continue-only", Text: "Only continue the trace", Consequence: "nothing new is sent; spans inside become roots of the incoming trace", Recommended: true},
		{ID: "root", Text: "Add a root span", Consequence: "the block is sent as a span, as the guide shows"},
		leaveOption,
	}
	answer, ok := p.Ask(q)
	if !ok || answer == Leave {
		c.open = true
		c.report("with continue_trace()")
		return
	}
	if answer == "root" {
		c.edit = rewrite.EditCall(call)
		c.edit.Callee(ref(newStartSpan, call.Child("function")))
		for _, a := range call.Args() {
			c.edit.Remove(a)
		}
		headers := c.takeArguments(call)
		c.edit.Append("parent_span=None")
		c.before = append(c.before, ref(newContinueTrace, styleNode(call.Child("function")))+"("+headers+")")
		c.report("with continue_trace()")
		return
	}
	p.continueOnly(c, call)
}

// styleNode returns a called name that came by "from … import", whose style
// new names are to follow, or nil.
func styleNode(fn *rewrite.Node) *rewrite.Node {
	if fn.Is("identifier") {
		return fn
	}
	return nil
}

// continueOnly replaces the block by the call and its own statements.
func (p *Pass) continueOnly(c *creation, call *rewrite.Node) {
	with := call.Ancestor("with_statement")
	if len(with.Children[0].Children) != 1 || call.Parent.Is("as_pattern") && !p.unusedTarget(call.Parent.Child("alias").Children[0]) {
		c.weaken(Manual, "the transaction that was never started is used in the block")
		c.report("with continue_trace()")
		return
	}
	f := with.File
	body := with.Child("body")
	if f.LineSpan(body.Start) == f.LineSpan(call.End) {
		c.weaken(Manual, "the block stands on the line of its with")
		c.report("with continue_trace()")
		return
	}
	colon := with.Children[0].End + strings.IndexByte(string(f.Source[with.Children[0].End:body.Start]), ':')
	head := rewrite.Edit{Start: with.Start, End: colon + 1, New: p.continueText(call)}
	move := rewrite.Move{Start: f.LineSpan(colon).End, End: blockEnd(with), Unit: strings.TrimPrefix(body.Indent(), with.Indent()), Left: true}
	p.Report(call, "continue_trace", Finding{Message: "with continue_trace() sent nothing: the trace is only continued", Tier: Safe, Shape: c.shape(),
		Edits: []rewrite.Edit{head}, Moves: []rewrite.Move{move}})
}
