package steps

import (
	"spanwalk/rewrite"
)

// ContinueTrace moves continued traces to the streaming API.
var ContinueTrace = &Step{
	Name:  "continue-trace",
	Items: []int{17, 18},
	Title: "continue traces with sentry_sdk.traces",
	Why: "The legacy continue_trace() returned a transaction to start; the streaming one sets the propagation context and returns nothing. " +
		"The name and op it was given travel to the root span that follows, which needs parent_span=None to join the incoming trace for certain.",
	Doc:  "Rewrites continue_trace() and Transaction.continue_from_*() together with the start_transaction() they feed, assigned or nested, and bare uses.",
	Link: guide + "migrate-trace-propagation",
	Before: `import sentry_sdk


def consume(headers):
    transaction = sentry_sdk.continue_trace(headers, op="queue.process", name="consume")
    with sentry_sdk.start_transaction(transaction):
        transaction.set_tag("a", 1)
`,
	After: `import sentry_sdk


def consume(headers):
    sentry_sdk.traces.continue_trace(headers)
    with sentry_sdk.traces.start_span(
        name="consume",
        attributes={"sentry.op": "queue.process"},
        parent_span=None,
    ) as transaction:
        transaction.set_tag("a", 1)
`,
	Find: findContinueTrace,
}

// findContinueTrace finds the calls that continue a trace, each with the
// start_transaction() that starts what it returns.
//
// Preconditions for a pair: the transaction is passed directly, or through a
// variable of the same function that only such calls assign with the same
// arguments. The variable and the "as" name become one.
func findContinueTrace(p *Pass) error {
	paired := map[*rewrite.Node]bool{}
	for _, call := range p.world.sdkCalls("start_transaction") {
		isStart := p.world.callee(call) == legacyStartTransaction || p.scopeMethod(call, "start_transaction") != nil
		if isStart && p.world.continued(call) {
			for _, made := range p.continuedRoot(call) {
				paired[made] = true
			}
		}
	}
	for _, call := range p.world.sdkCalls("continue_trace") {
		if p.continues(call) && !paired[call] {
			p.loneContinue(call)
		}
	}
	for _, n := range p.world.spelled(legacyStartTransaction) {
		if p.world.renamed(n) { // other uses as a value are the step start-transaction's
			p.alias(n, legacyStartTransaction, newStartSpan, "start_transaction")
		}
	}
	p.aliases(legacyContinueTrace, newContinueTrace, "continue_trace")
	p.reexportedFunction(legacyStartTransaction, newStartSpan, "start_transaction")
	p.reexportedFunction(legacyContinueTrace, newContinueTrace, "continue_trace")
	return nil
}

// continues reports a call that continues a trace in the legacy way.
func (p *Pass) continues(call *rewrite.Node) bool {
	return spanMakers[p.world.callee(call)]&continuedSpan != 0 || p.scopeMethod(call, "continue_trace") != nil
}

// continuedRoot rewrites a start_transaction() that is fed by continue_trace()
// and returns the calls that feed it.
func (p *Pass) continuedRoot(call *rewrite.Node) []*rewrite.Node {
	c := newCreation(p, call, "continue_trace")
	fn := call.Child("function")
	c.edit.Callee(ref(newStartSpan, fn))
	fed := call.Args()[0]
	made := p.feeders(fed.Value)
	if len(made) == 0 {
		c.weaken(Manual, "where %s comes from cannot be followed: continue the trace on a line of its own in this function", brief(fed.Value))
		c.report("start_transaction() of a continued trace")
		return p.world.typeOf(fed.Value).sites
	}
	for _, a := range call.Args() {
		switch {
		case a.Node == fed.Node:
			c.edit.Remove(a)
		case a.Name == "custom_sampling_context":
			c.keyword(a)
		default:
			c.edit.Remove(a)
			if a.Name != "instrumenter" {
				c.weaken(Review, "%s was ignored beside a transaction and is dropped", a.Node.Text())
			}
		}
	}
	if early := c.usedEarly(fed.Value, made[0]); len(early) > 0 && len(made) == 1 && len(call.Args()) == 1 && c.startEarly(fed.Value, made[0], early) {
		c.leavesTrace(made)
		c.report("start_transaction() of a continued trace")
		return made
	}
	if !p.alike(made) {
		c.inBranches(made, fed.Value)
	} else {
		headers := c.takeArguments(made[0])
		c.edit.Append("parent_span=None")
		c.activation()
		c.continueBefore(made, fed.Value, headers)
	}
	c.report("start_transaction() of a continued trace")
	return made
}

// takeArguments moves what describes the transaction from continue_trace() to
// the span and returns the text of the headers argument.
func (c *creation) takeArguments(made *rewrite.Node) string {
	c.moved = true
	headers := ""
	for i, a := range c.pass.described(made) {
		switch {
		case a.Star != "":
			c.weaken(Manual, "%s may hold anything: write the arguments out", a.Node.Text())
		case isHeaders(i, a):
			headers = a.Value.Text()
		case a.Name == "":
			c.weaken(Manual, "a positional argument of continue_trace() hides what it is: write its keyword")
		default:
			c.keyword(a)
		}
	}
	if headers == "" {
		c.weaken(Manual, "continue_trace() is called without headers")
	}
	headers = c.incoming(made, headers)
	c.nameArgument()
	if len(c.entries) > 0 {
		c.edit.Append("attributes=" + c.attributes())
	}
	return headers
}

// continueBefore puts traces.continue_trace(headers) where the trace must be
// continued: where the legacy call stood, or, when it was nested or a scope is
// forked in between, directly before the span.
func (c *creation) continueBefore(made []*rewrite.Node, fed *rewrite.Node, headers string) {
	if c.tier == Manual || c.open {
		return
	}
	style := styleNode(c.call.Child("function"))
	name := ref(newContinueTrace, styleNode(made[0].Child("function")))
	nested := fed.Inner() == made[0]
	move := nested || c.forkBetween(made[0])
	if move && !nested && (len(made) > 1 || !c.meansTheSame(made[0])) {
		c.weaken(Manual, "a scope is forked between continue_trace() and start_transaction(): continue the trace inside it")
		return
	}
	if move {
		c.before = append(c.before, name+"("+headers+")")
	}
	for _, m := range made {
		if nested {
			continue
		}
		stmt := m.Statement()
		if move {
			c.extra = append(c.extra, rewrite.RemoveStatement(stmt))
			continue
		}
		c.extra = append(c.extra, rewrite.Edit{Start: stmt.Start, End: stmt.End, New: c.laidOut(stmt, name+"("+c.headersOf(m)+")")[0]})
	}
	if c.samples != "" {
		c.before = append(c.before, beside("sentry_sdk.Scope", style)+".set_custom_sampling_context("+c.samples+")")
	}
	if !nested {
		c.startsLater(made, fed)
		c.oneName(fed, made)
	}
	c.leavesTrace(made)
}

// startsLater says that the span starts where it is entered, where something
// that may take its time runs behind continue_trace(): a transaction started
// there.
func (c *creation) startsLater(made []*rewrite.Node, fed *rewrite.Node) {
	for _, m := range made {
		if !c.world().quietBetween(m, fed) {
			c.weaken(Review, "the start time moves from continue_trace() to where the span is entered")
			return
		}
	}
}

// headersOf is the headers argument of a feeding call.
func (c *creation) headersOf(m *rewrite.Node) string {
	for i, a := range m.Args() {
		if isHeaders(i, a) {
			return c.incoming(m, a.Value.Text())
		}
	}
	return ""
}

// forkBetween reports whether a scope is forked around the span but not around
// the call that continues the trace.
func (c *creation) forkBetween(made *rewrite.Node) bool {
	for p := c.call.Parent; p != nil && !p.Contains(made); p = p.Parent {
		if p.Is("with_statement") && c.world().forksScope(p, c.call, forks) {
			return true
		}
	}
	return false
}

// forksScope reports whether an item of a with statement before n is one of
// the context managers that fork a scope.
func (w *world) forksScope(with, n *rewrite.Node, forks map[string]bool) bool {
	for _, item := range with.Children[0].Children {
		if item.Start >= n.Start {
			return false
		}
		v := item.Child("value")
		if v.Is("as_pattern") {
			v = v.Children[0]
		}
		if forks[w.callee(v)] {
			return true
		}
	}
	return false
}

// oneName makes the variable that held the transaction and the name of the
// started span one: legacy returned the very object it was given.
func (c *creation) oneName(fed *rewrite.Node, made []*rewrite.Node) {
	fed = fed.Inner()
	scope, _ := fed.File.ScopeOf(fed).Lookup(fed.Text())
	var uses []*rewrite.Node
	for _, r := range c.world().uses(variable{scope, fed.Text()}) {
		if r != fed && !c.world().isBinding(r) && c.world().reads(r, made) {
			uses = append(uses, r)
		}
	}
	if len(uses) == 0 {
		return
	}
	for _, u := range uses {
		if u.Start < c.call.Start {
			c.weaken(Manual, "%s is used before it is started", fed.Text())
			return
		}
	}
	switch p := c.call.Parent; {
	case p.Is("with_item"):
		c.extra = append(c.extra, rewrite.Edit{Start: c.call.End, End: c.call.End, New: " as " + fed.Text()})
	case p.Is("expression_statement"):
		c.extra = append(c.extra, rewrite.Edit{Start: c.call.Start, End: c.call.Start, New: fed.Text() + " = "})
	case p.Is("assignment") && p.Child("left").Is("identifier"):
		c.renameUses(uses, fed.Text(), p.Child("left").Text())
	case p.Is("as_pattern"):
		c.renameUses(uses, fed.Text(), p.Child("alias").Text())
	default:
		c.weaken(Manual, "%s and the started span are used under two names", fed.Text())
	}
}

func (c *creation) renameUses(uses []*rewrite.Node, old, name string) {
	if old == name {
		return
	}
	for _, u := range uses {
		c.extra = append(c.extra, rewrite.Edit{Start: u.Start, End: u.End, New: name})
	}
}
