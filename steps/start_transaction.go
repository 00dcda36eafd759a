package steps

import (
	"slices"

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
		if isAssigned(call) && p.world.startedLater(call) {
			continue // it is part of the site that starts it again
		}
		c := p.rootOf(call, recv, false)
		c.standInTakes()
		if c.sampled != nil && c.samples == "" && c.tier != Manual && !c.open {
			c.others = p.sampledByContext(call, recv)
		}
		c.report("start_transaction()")
	}
	p.aliases(legacyStartTransaction, newStartSpan, "start_transaction")
	p.reexportedFunction(legacyStartTransaction, newStartSpan, "start_transaction")
	return nil
}

// isAssigned reports an expression that is assigned, by itself or as a branch
// of a condition.
func isAssigned(n *rewrite.Node) bool {
	for n.Parent.Is("conditional_expression", "parenthesized_expression") {
		n = n.Parent
	}
	return n.Parent.Is("assignment")
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
	if either := conditionalAround(call); either != nil && slices.ContainsFunc(armsOf(either), p.continues) {
		c.weaken(Manual, "the other way is a continued trace that nothing starts: pass both to start_transaction()")
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
