package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// TraceDecorator moves @trace to the decorator that streams.
var TraceDecorator = &Step{
	Name:  "trace-decorator",
	Items: []int{10},
	Title: "migrate @trace to streamed spans",
	Why: "@sentry_sdk.trace runs the function without a span once spans stream, and says nothing about it. " +
		"@sentry_sdk.traces.trace takes its op as an attribute, and makes a segment of its own where nothing is active.",
	Doc: "Rewrites the decorator with and without arguments, trace(f) and trace used as a value. " +
		"A template wrote op, name and data that nothing writes now: such a decorator is left to a person.",
	Link: guide + "trace-decorator",
	Before: `import sentry_sdk


@sentry_sdk.trace(op="db", name="load cart")
def load():
    pass
`,
	After: `import sentry_sdk


@sentry_sdk.traces.trace(attributes={"sentry.op": "db"}, name="load cart")
def load():
    pass
`,
	Find: findTraceDecorator,
}

// findTraceDecorator finds what resolves to sentry_sdk.trace.
//
//	@trace   @trace(op=…, name=…)   trace(f)   method_decorator(trace)
//
// A name that is bound by "traced = sentry_sdk.trace", or imported through a
// module of the project, keeps its spelling: where it is bound is a site of its
// own. Below 2.65 the streaming decorator has no default op, so "function" is
// written out. Legacy ran the function untraced where nothing was active, the
// new one starts a segment there: question "unparented".
func findTraceDecorator(p *Pass) error {
	for _, n := range p.world.spelled(legacyTrace) {
		switch {
		case n.Field == "left" || p.world.isBinding(n) || n.Parent.Is("attribute"):
		case n.Field == "function" && n.Parent.Is("call"):
			p.traceCall(n.Parent)
		default:
			p.traceValue(n)
		}
	}
	p.ambiguous(legacyTrace, "trace")
	p.reexportedFunction(legacyTrace, newTrace, "trace")
	p.functionsToTrace()
	return nil
}

// traceCall rewrites trace(…), a decorator with arguments or a wrapped
// function.
func (p *Pass) traceCall(call *rewrite.Node) {
	c := newCreation(p, call, "trace")
	if fn := call.Child("function"); p.spelledHere(fn) {
		c.edit.Callee(ref(newTrace, fn))
	}
	for _, a := range call.Args() {
		c.traceArgument(a)
	}
	if c.op == nil && !p.Floor.AtLeast(R2_65_0) {
		c.entries = append([]string{c.functionOp()}, c.entries...)
	}
	c.traceAttributes(call.Keyword("attributes"))
	if c.tier == Safe && len(c.extra) == 0 && len(c.edit.Edits(1<<20)) == 0 {
		return // what binds the name is rewritten, and with it this call
	}
	c.mayStartSegments(decorated(call))
	c.report("@trace of the transaction API")
}

// functionOp is the op that legacy @trace had by default.
func (c *creation) functionOp() string { return c.quote("sentry.op") + ": " + c.quote("function") }

func (c *creation) traceArgument(a rewrite.Arg) {
	switch {
	case a.Star != "":
		c.weaken(Manual, "%s may hold anything: write the arguments out", a.Node.Text())
	case a.Name == "" || a.Name == "func" || a.Name == "name" || a.Name == "attributes":
	case a.Name == "op" && a.Value.Is("none"):
		c.edit.Remove(a)
	case a.Name == "op" && c.world().mayBeNone(a.Value):
		c.op = &a
		c.entry(a, c.quote("sentry.op")+": "+operand(a.Value)+" or "+c.quote("function"))
	case a.Name == "op":
		c.op = &a
		c.attribute(a, "sentry.op")
	case a.Name == "template" && (a.Value.Is("none") || c.world().dotted(a.Value) == "sentry_sdk.consts.SPANTEMPLATE.DEFAULT"):
		c.edit.Remove(a)
	case a.Name == "template":
		c.weaken(Manual, "%s", templateHelp(c.world().dotted(a.Value)))
	default:
		c.weaken(Manual, "unknown argument %s", a.Name)
	}
}

// templateHelp says what a template used to write, for whoever writes it by
// hand now (facts/sdk.md I).
func templateHelp(dotted string) string {
	wrote := map[string]string{
		"AI_AGENT": `op "gen_ai.invoke_agent", name "invoke_agent <name>"`,
		"AI_TOOL":  `op "gen_ai.execute_tool", name "execute_tool <name>"`,
		"AI_CHAT":  `op "gen_ai.chat", name "chat" with the model`,
	}[strings.TrimPrefix(dotted, "sentry_sdk.consts.SPANTEMPLATE.")]
	if wrote == "" {
		wrote = "op, name"
	}
	return "template= has no counterpart; it wrote " + wrote +
		" and the function's input and output as gen_ai.* data: give trace() a name and attributes, or start the span in the body"
}

// traceValue rewrites trace where it is not called: a bare decorator, an
// argument, the value of an alias.
func (p *Pass) traceValue(n *rewrite.Node) {
	c := newCreation(p, n, "trace")
	text := ref(newTrace, n)
	here := p.spelledHere(n)
	alias := n.Parent.Is("assignment") && n.Field == "right"
	if !p.Floor.AtLeast(R2_65_0) && !alias {
		if !here {
			text = n.Text()
		}
		text += "(attributes={" + c.functionOp() + "})"
	} else if !here {
		return // what binds the name is rewritten, and with it every use
	}
	c.extra = append(c.extra, rewrite.Edit{Start: n.Start, End: n.End, New: text})
	c.mayStartSegments(decorated(n))
	message := "trace as a value"
	if n.Parent.Is("decorator") {
		message = "@trace of the transaction API"
	}
	c.report(message)
}

// decorated returns the function that a decorator stands on, or nil.
func decorated(n *rewrite.Node) *rewrite.Node {
	if !n.Parent.Is("decorator") {
		return nil
	}
	return n.Parent.Parent.Child("definition")
}

// mayStartSegments asks about a decorated function that the call graph cannot
// place under an active span: legacy sent nothing for such a call.
func (c *creation) mayStartSegments(fn *rewrite.Node) {
	if c.tier == Manual || !fn.Is("function_definition") || c.world().underSpan(fn, 5) {
		return
	}
	q := c.question("unparented", "This function may be called while no span is active. What should happen then?",
		"Legacy ran it untraced; the streaming decorator starts a segment of its own, which is sent and billed. The call graph does not show a span around every call.")
	q.Options = []Option{
		{ID: Leave, Text: "Leave it at that", Consequence: "the decorator moves; a call outside every span is sent as a segment", Recommended: true},
		{ID: "guard", Text: "Guard it by hand", Consequence: "nothing is written and the place stays listed: a decorator cannot be guarded, its span must start in the body"},
	}
	switch answer, ok := c.pass.Ask(q); {
	case !ok:
		c.open = true
	case answer == "guard":
		c.weaken(Manual, "start the span in the body, and only if sentry_sdk.traces.get_current_span() is not None")
	default:
		c.reasons = append(c.reasons, "a call outside every span becomes a segment")
	}
}

// functionsToTrace notes the option of init() that names functions to trace.
func (p *Pass) functionsToTrace() {
	const message = "functions_to_trace traces nothing while spans stream below sentry-sdk 2.69.2; from there on it does, and a call outside every span becomes a segment"
	for _, call := range p.world.sdkCalls() {
		if name := p.world.callee(call); name != "sentry_sdk.init" && name != "sentry_sdk.Client" {
			continue
		}
		if a := call.Keyword("functions_to_trace"); a != nil {
			p.Report(a.Node, "functions_to_trace", Finding{Message: message, Tier: Review, Note: true})
		}
	}
}
