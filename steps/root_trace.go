package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// rootTrace decides in which trace the root starts.
func (c *creation) rootTrace() {
	if c.givenTrace() || c.tier == Manual {
		return
	}
	only := c.world().onlyRoot(c.call)
	q := c.question("root-trace", "Which trace should this root span belong to?",
		"Every transaction had a trace of its own; a root span joins the trace that is current unless new_trace() comes first.")
	q.Options = []Option{
		{ID: "own-trace", Text: "Its own trace", Consequence: "as today: writes sentry_sdk.traces.new_trace() first", Recommended: !only},
		{ID: "current-trace", Text: "The current trace", Consequence: "all root spans of this process share one trace unless something starts another", Recommended: only},
		leaveOption,
	}
	answer, ok := c.pass.Ask(q)
	if !ok || answer == Leave {
		c.open = true
		return
	}
	call := c.call
	if c.started != nil {
		call = c.started
	}
	legacy := call.Child("function")
	if c.world().aliased(legacy) || c.pass.scopeMethod(call, "start_transaction") != nil {
		legacy = nil
	}
	if answer == "own-trace" {
		c.before = append(c.before, beside(newTraceFunc, legacy)+"()")
	}
	c.samplingContext(legacy, answer == "own-trace")
	if answer == "current-trace" && c.samples != "" {
		c.onceStarted(beside("sentry_sdk.Scope", legacy) + ".set_custom_sampling_context({})")
	}
}

// samplingContext hands custom_sampling_context to the scope: after new_trace()
// and continue_trace(), which reset it, and before the span. It stays until the
// next of these, so a root in the current trace takes it away again.
func (c *creation) samplingContext(legacy *rewrite.Node, ownTrace bool) {
	if c.samples == "" {
		return
	}
	set := beside("sentry_sdk.Scope", legacy) + ".set_custom_sampling_context"
	if !ownTrace || !c.world().everyRootStartsAfresh() {
		c.weaken(Review, "the sampling context stays on the scope for later root spans that do not start with new_trace() or continue_trace()")
	}
	c.before = append(c.before, set+"("+c.samples+")")
}

// givenTrace continues the trace that trace_id and parent_span_id name by hand,
// in the form of an incoming header.
func (c *creation) givenTrace() bool {
	switch {
	case c.traceID == nil && c.parentID == nil:
		return false
	case c.traceID == nil || c.parentID == nil:
		c.weaken(Manual, "trace_id and parent_span_id have an equivalent only together: sentry_sdk.traces.continue_trace() with a sentry-trace header")
		return true
	}
	c.weaken(Review, "the ids are handed over as an incoming sentry-trace header")
	header := c.quote(stringValue(c.traceID.Value) + "-" + stringValue(c.parentID.Value))
	if stringValue(c.traceID.Value) == "" || stringValue(c.parentID.Value) == "" {
		header = "f" + c.quote("{"+c.traceID.Value.Text()+"}-{"+c.parentID.Value.Text()+"}")
		if strings.ContainsAny(c.traceID.Value.Text()+c.parentID.Value.Text(), "'\"\\\n") {
			c.weaken(Manual, "give the ids as plain names first")
		}
	}
	fn := styleNode(c.call.Child("function"))
	c.before = append(c.before, beside(newContinueTrace, fn)+"({"+c.quote("sentry-trace")+": "+c.decided(header)+"})")
	c.samplingContext(fn, true)
	return true
}

// decided ends a sentry-trace header, given as a string literal, with what
// parent_sampled says: the third part of the header, which None leaves out.
func (c *creation) decided(header string) string {
	if c.decision == nil {
		return header
	}
	switch v := c.decision.Value.Inner(); v.Kind {
	case "none":
		return header
	case "true", "false":
		return header[:len(header)-1] + "-" + map[string]string{"true": "1", "false": "0"}[v.Kind] + header[len(header)-1:]
	case "identifier", "attribute":
		return header + " + (" + c.quote("") + " if " + v.Text() + " is None else f" + c.quote("-{"+v.Text()+":d}") + ")"
	}
	c.weaken(Manual, "give parent_sampled as a plain name first")
	return header
}

// everyRootStartsAfresh reports whether no root of the project stays in the
// current trace.
func (w *world) everyRootStartsAfresh() bool {
	_, staying := w.rootCalls()
	return !staying
}

// afresh reports whether new_trace() or continue_trace() runs in the same
// block before a root's statement.
func (w *world) afresh(call *rewrite.Node) bool {
	stmt := call.Statement()
	for stmt != nil && !stmt.Parent.Is("module") {
		for _, s := range stmt.Parent.Children {
			if s == stmt {
				break
			}
			if s.Is("expression_statement") && len(s.Children) == 1 {
				switch w.callee(s.Children[0]) {
				case newTraceFunc, newContinueTrace:
					return true
				}
			}
		}
		if stmt.Parent.Parent.Is("function_definition") {
			return false
		}
		stmt = stmt.Parent.Parent.Statement()
	}
	return false
}

// onlyRoot reports whether the call is provably the only root a process makes:
// the only root of the project, in no loop, in code that runs once.
func (w *world) onlyRoot(call *rewrite.Node) bool {
	roots, _ := w.rootCalls()
	return roots == 1 && w.runsOnce(call, 5)
}

// runsOnce reports code at module level, or in a function that is called in
// one place which itself runs once.
func (w *world) runsOnce(n *rewrite.Node, hops int) bool {
	if hops == 0 || n.Ancestor("for_statement", "while_statement", "list_comprehension", "generator_expression", "lambda") != nil {
		return false
	}
	fn := n.Function()
	if fn == nil {
		return n.Ancestor("class_definition") == nil
	}
	if len(decorators(fn)) > 0 || fn.Class() != nil || len(w.callsOf(fn)) != 1 || w.escapes(fn) {
		return false
	}
	return w.runsOnce(w.callsOf(fn)[0], hops-1)
}

// continued reports a call whose transaction comes from continue_trace() or
// one of its class-method forms.
func (w *world) continued(call *rewrite.Node) bool {
	for _, a := range call.Args() {
		if a.Star == "" && (a.Name == "" || a.Name == "transaction") && w.typeOf(a.Value).span&continuedSpan != 0 {
			return true
		}
	}
	return false
}
