package steps

import "spanwalk/rewrite"

const callGraphDepth = 6 // how many callers up a span around a site is looked for

// mayBecomeRoot handles a span that nothing in the project opens a span
// around. Legacy sent nothing there unless a framework had opened a
// transaction; a streamed span becomes a root span, which costs money.
func (c *creation) mayBecomeRoot() {
	if c.tier == Manual || c.world().insideSpan(c.call, callGraphDepth) {
		return
	}
	q := c.question("unparented", "Nothing in this project opens a span around this place. What should happen when none is open?",
		"start_span() sent nothing there; a streamed span becomes a root span of its own.")
	q.Options = []Option{
		{ID: Leave, Text: "Leave it", Consequence: "a root span is sent where nothing was; right where a framework opens the span around it", Recommended: true},
		{ID: "guard", Text: "Guard it", Consequence: "a test for the current span; without one nothing is sent, as today"},
	}
	answer, ok := c.pass.Ask(q)
	switch {
	case !ok:
		c.open = true
	case answer == "guard":
		c.guard()
	}
}

// guard makes the span only where one is open: a null context in a plain with,
// else a span that is never sent.
func (c *creation) guard() {
	call := c.call
	for call.Parent.Is("await", "parenthesized_expression") {
		call = call.Parent
	}
	other := "contextlib.nullcontext"
	if !call.Parent.Is("with_item") {
		other = newNoOpType
	}
	style := ""
	if fn := styleNode(c.call.Child("function")); fn != nil && !c.world().aliased(fn) {
		style = fn.Text()
	}
	test := rewrite.NameBeside(newCurrentSpan, style) + "() is not None else "
	if other == newNoOpType {
		test += rewrite.NameBeside(other, style) + "()"
	} else {
		test += rewrite.NameRef(other, "") + "()"
	}
	open, end := "", ""
	if call.Parent.Is("as_pattern", "attribute", "await", "boolean_operator", "conditional_expression") {
		open, end = "(", ")"
		c.extra = append(c.extra, rewrite.Edit{Start: call.Start, End: call.Start, New: open})
	}
	c.extra = append(c.extra, rewrite.Edit{Start: call.End, End: call.End, New: " if " + test + end})
}
