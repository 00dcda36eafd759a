package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// StartTransaction moves start_transaction() to root spans.
var StartTransaction = &Step{
	Name:  "start-transaction",
	Items: []int{4, 13, 14, 18},
	Title: "migrate start_transaction() to streamed root spans",
	Why: "A transaction becomes a span with parent_span=None, the root of its own tree. " +
		"Every transaction had a trace of its own; root spans share one unless new_trace() comes first.",
	Doc: "Rewrites start_transaction() of the module, a scope or a hub, and transactions that are built as objects. " +
		"Transactions fed by continue_trace() belong to the step continue-trace.",
	Link: guide + "start_transaction",
	Before: `import sentry_sdk

for job in ["a", "b"]:
    with sentry_sdk.start_transaction(op="task", name=job):
        pass
`,
	After: `import sentry_sdk

for job in ["a", "b"]:
    sentry_sdk.traces.new_trace()
    with sentry_sdk.traces.start_span(
        attributes={"sentry.op": "task"},
        name=job,
        parent_span=None,
    ):
        pass
`,
	Find: findStartTransaction,
}

// findStartTransaction finds calls that resolve to
// sentry_sdk.start_transaction and start_transaction() methods of scopes and
// hubs.
//
// Preconditions: the call's first argument, if positional, is a Transaction(…)
// built in place; what comes from continue_trace() is another step's.
func findStartTransaction(p *Pass) error {
	for _, call := range p.world.sdkCalls("start_transaction") {
		recv := p.scopeMethod(call, "start_transaction")
		if p.world.callee(call) != legacyStartTransaction && recv == nil || p.world.continued(call) {
			continue
		}
		if call.Parent.Is("assignment") && p.world.startedLater(call) {
			continue // it is part of the site that starts it again
		}
		c := p.rootOf(call, recv, false)
		if c.sampled != nil && c.samples == "" && c.tier != Manual && !c.open {
			c.others = p.sampledByContext(call, recv)
		}
		c.report("start_transaction()")
	}
	p.aliases(legacyStartTransaction, newStartSpan, "start_transaction")
	p.reexportedFunction(legacyStartTransaction, newStartSpan, "start_transaction")
	return nil
}

// rootOf converts a start_transaction() call, of the scope or hub recv if that
// is not nil. What sampled= says is lost, or kept as a key of the sampling
// context.
func (p *Pass) rootOf(call, recv *rewrite.Node, kept bool) *creation {
	c := newCreation(p, call, "start_transaction")
	c.kept = kept
	if args := call.Args(); len(args) == 1 && args[0].Star == "" {
		made := p.feeders(args[0].Value)
		if len(made) == 1 && made[0] != args[0].Value.Inner() {
			if early := c.usedEarly(args[0].Value, made[0]); len(early) > 0 && c.startEarly(args[0].Value, made[0], early) {
				c.rootTrace()
				return c
			}
		}
	}
	if recv != nil {
		c.edit.Callee(ref(newStartSpan, call.Child("function")))
		c.foreignScope(recv)
	} else {
		c.callee(newStartSpan)
	}
	c.convert(c.transactionArguments())
	if kept && c.samples == "" {
		c.samples = "{" + c.quote("sampled") + ": " + c.sampled.Value.Text() + "}"
	}
	c.edit.Append("parent_span=None")
	c.activation()
	c.rootTrace()
	return c
}

// sampledByContext is the alternative for a root that is given its sampling
// decision: a sampler can be told of it (facts/sdk.md C1).
func (p *Pass) sampledByContext(call, recv *rewrite.Node) []Alternative {
	used := p.used
	c := p.rootOf(call, recv, true)
	p.used = used // the site's questions were asked already
	edits := c.edits()
	if c.tier == Manual || len(c.moves) > 0 {
		return nil
	}
	return []Alternative{{ID: "sampling-context", Edits: edits,
		Title: `hand it on as the key "sampled" of the sampling context, which traces_sampler must read`}}
}

// transactionArguments looks through a Transaction(…) that is passed in place:
// its arguments are the root's.
func (c *creation) transactionArguments() []rewrite.Arg {
	args := c.call.Args()
	if len(args) == 0 || args[0].Name != "" && args[0].Name != "transaction" || args[0].Star != "" {
		return args
	}
	inner := args[0].Value.Inner()
	if made := c.pass.feeders(inner); inner.Is("identifier") && len(made) == 1 && len(args) == 1 {
		return c.pendingTransaction(args[0], made[0])
	}
	if c.world().callee(inner) != "sentry_sdk.tracing.Transaction" {
		c.weaken(Manual, "what %s holds cannot be seen here", args[0].Node.Text())
		return nil
	}
	if len(args) == 2 && args[1].Name == "custom_sampling_context" {
		c.samples, args = args[1].Value.Text(), args[:1]
	}
	outer, list := c.call, inner.Child("arguments")
	if len(args) > 1 || c.hasComments(outer.Start, list.Start) || c.hasComments(list.End, outer.End) {
		c.weaken(Manual, "write the arguments of Transaction(…) into start_transaction() first")
		return nil
	}
	c.edit.Remove(args[0])
	c.edit = rewrite.EditCall(inner)
	c.edit.Callee(ref(newStartSpan, outer.Child("function")))
	c.extra = append(c.extra,
		rewrite.Edit{Start: outer.Start, End: inner.Start, New: ""},
		rewrite.Edit{Start: list.End, End: outer.End, New: ""})
	return inner.Args()
}

// hasComments reports whether a comment stands between two offsets of the file.
func (c *creation) hasComments(start, end int) bool {
	for _, s := range c.call.File.Comments {
		if s.Start >= start && s.End <= end {
			return true
		}
	}
	return false
}

// pendingTransaction takes the arguments of a Transaction(…) that was assigned
// to a variable first; the variable becomes the name of the span.
func (c *creation) pendingTransaction(fed rewrite.Arg, made *rewrite.Node) []rewrite.Arg {
	if !c.meansTheSame(made) || c.hasComments(made.Start, made.End) {
		c.weaken(Manual, "write the arguments of Transaction(…) into start_transaction() first")
		return nil
	}
	c.edit.Remove(fed)
	c.moved = true
	c.extra = append(c.extra, rewrite.RemoveStatement(made.Statement()))
	c.oneName(fed.Value, []*rewrite.Node{made})
	return made.Args()
}

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
		c.resetSampling(beside("sentry_sdk.Scope", legacy) + ".set_custom_sampling_context({})")
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

// resetSampling takes the sampling context off the scope once the span has
// started: first thing in its block, or behind its statement.
func (c *creation) resetSampling(reset string) {
	stmt := c.call.Statement()
	after := stmt
	if stmt.Is("with_statement") && len(stmt.Child("body").Children) > 0 {
		after = stmt.Child("body").Children[0]
		if e, ok := rewrite.InsertBefore(after, reset); ok {
			c.extra = append(c.extra, e)
			return
		}
	} else if e, ok := rewrite.InsertAfter(after, reset); ok && stmt.Is("expression_statement") {
		c.extra = append(c.extra, e)
		return
	}
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
	c.before = append(c.before, beside(newContinueTrace, fn)+"({"+c.quote("sentry-trace")+": "+header+"})")
	c.samplingContext(fn, true)
	return true
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
