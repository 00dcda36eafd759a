package steps

import "spanwalk/rewrite"

// activation adds active=False to a span that is never entered: a legacy span
// did not become current then, a streamed one would.
func (c *creation) activation() {
	f := c.world().fate(c.call)
	if c.onLostStack() {
		c.weaken(Review, "nobody closes this stack, so the span never ends and was never sent: streamed, the spans inside are sent without it")
	}
	switch {
	case (f.direct || len(f.later) > 0) && f.held:
		c.weaken(Manual, "some callers enter this span and others hold it: give the function an active parameter")
	case f.held:
		c.edit.Append("active=False")
	case len(f.later) > 0:
		for _, e := range f.later {
			if !c.world().quietBetween(c.call, e) {
				if len(f.later) == 1 && !f.held && c.kind != "continue_trace" && c.moveConstructor(e) {
					return
				}
				line, _ := e.File.Line(e.Start)
				c.weaken(Manual, "it is entered later (line %d) and other spans may open in between: a streamed span is active from its constructor, so move the constructor there", line)
				return
			}
		}
	case f.callers:
		who := rewrite.Qualname(c.call) + "()"
		if c.call.Function().Is("lambda") {
			who = "the lambda that makes it"
		}
		c.weaken(Review, "nobody in the project calls %s: a caller that holds the span without entering it needs active=False", who)
	}
}

// onLostStack reports a span that is entered on a stack which nothing holds:
// "ExitStack().enter_context(start_span())".
func (c *creation) onLostStack() bool {
	if !entersArgument(c.call) {
		return false
	}
	stack := c.call.Parent.Parent.Child("function").Child("object").Inner()
	switch c.world().callee(stack) {
	case "contextlib.ExitStack", "contextlib.AsyncExitStack":
		return true
	}
	return false
}
