package steps

import (
	"strings"

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
	for _, call := range p.world.allCalls {
		isStart := p.world.callee(call) == legacyStartTransaction || p.scopeMethod(call, "start_transaction") != nil
		if isStart && p.continued(call) {
			for _, made := range p.continuedRoot(call) {
				paired[made] = true
			}
		}
	}
	for _, call := range p.world.allCalls {
		if p.continues(call) && !paired[call] {
			p.loneContinue(call)
		}
	}
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
		c.weaken(Manual, "where %s comes from cannot be followed", fed.Value.Text())
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
	c.travelling = c.branchVariables(made)
	headers := c.takeArguments(made[0])
	c.edit.Append("parent_span=None")
	c.activation()
	c.continueBefore(made, fed.Value, headers)
	c.report("start_transaction() of a continued trace")
	return made
}

// feeders returns the continue_trace() calls whose result an expression is, all
// with the same arguments, or nil.
func (p *Pass) feeders(n *rewrite.Node) []*rewrite.Node {
	n = n.Inner()
	if n.Is("call") && p.continues(n) {
		return []*rewrite.Node{n}
	}
	if !n.Is("identifier") {
		return nil
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	var out []*rewrite.Node
	for _, b := range reaching(n, bindings) {
		v := b.Value.Inner()
		if b.Stmt.Contains(n) {
			continue // "tx = start_transaction(tx)"
		}
		if b.Kind != rewrite.Assign || !v.Is("call") || !p.continues(v) || !b.Stmt.Parent.Is("expression_statement") || v.Function() != n.Function() {
			return nil
		}
		if len(out) > 0 && !sameKeywords(out[0], v) {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// sameKeywords reports whether two calls pass the same keywords.
func sameKeywords(a, b *rewrite.Node) bool {
	x, y := a.Args(), b.Args()
	for _, arg := range x {
		if arg.Name != "" && b.Keyword(arg.Name) == nil {
			return false
		}
	}
	return len(x) == len(y)
}

// isHeaders reports the argument that carries the incoming headers.
func isHeaders(position int, a rewrite.Arg) bool {
	switch a.Name {
	case "environ_or_headers", "headers", "environ", "header":
		return true
	}
	return position == 0 && a.Name == "" && a.Star == ""
}

// branchVariables makes a variable of every argument in which several feeding
// calls differ: each call's statement assigns it, and the span reads it.
func (c *creation) branchVariables(made []*rewrite.Node) map[string]string {
	names := map[string]string{}
	for i, a := range made[0].Args() {
		if isHeaders(i, a) {
			continue
		}
		for _, other := range made[1:] {
			if o := other.Keyword(a.Name); o != nil && o.Value.Text() != a.Value.Text() {
				names[a.Name] = c.pass.freeName(c.call, a.Name, "span_"+a.Name)
			}
		}
	}
	if len(names) > 0 {
		c.weaken(Review, "the branches give different arguments, which travel in variables")
	}
	return names
}

// takeArguments moves what describes the transaction from continue_trace() to
// the span and returns the text of the headers argument.
func (c *creation) takeArguments(made *rewrite.Node) string {
	c.moved = true
	headers := ""
	for i, a := range made.Args() {
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
	if strings.HasSuffix(c.world().callee(made), ".from_traceparent") {
		headers = "{" + c.quote("sentry-trace") + ": " + headers + "}"
	}
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
	if move && !nested && (len(made) > 1 || !pure(made[0])) {
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
		text := name + "(" + headersOf(m, headers, made[0]) + ")"
		for _, kw := range sortedNames(c.travelling) {
			text += stmt.File.Style.Newline + stmt.Indent() + c.travelling[kw] + " = " + m.Keyword(kw).Value.Text()
		}
		c.extra = append(c.extra, rewrite.Edit{Start: stmt.Start, End: stmt.End, New: text})
	}
	if c.samples != nil {
		c.before = append(c.before, beside("sentry_sdk.Scope", style)+".set_custom_sampling_context("+c.samples.Value.Text()+")")
	}
	if !nested {
		c.oneName(fed, made)
	}
	if !c.world().forked(c.call) && !c.world().everyRootStartsAfresh() {
		c.weaken(Review, "the incoming trace stays current for later root spans that do not start with new_trace()")
	}
}

// headersOf returns the headers of one of several feeding calls.
func headersOf(m *rewrite.Node, headers string, first *rewrite.Node) string {
	if m == first {
		return headers
	}
	for i, a := range m.Args() {
		if isHeaders(i, a) {
			return a.Value.Text()
		}
	}
	return headers
}

func sortedNames(m map[string]string) []string {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return keys(set)
}

// pure reports a call whose arguments can be evaluated later without a
// difference: names, attributes, literals and displays of them.
func pure(call *rewrite.Node) bool {
	for _, a := range call.Args() {
		if hasCall(a.Value) {
			return false
		}
	}
	return true
}

// forkBetween reports whether a scope is forked around the span but not around
// the call that continues the trace.
func (c *creation) forkBetween(made *rewrite.Node) bool {
	for p := c.call.Parent; p != nil && !p.Contains(made); p = p.Parent {
		if p.Is("with_statement") && c.world().forksScope(p, c.call) {
			return true
		}
	}
	return false
}

// forked reports whether the span starts inside a forked scope of its function.
func (w *world) forked(n *rewrite.Node) bool {
	for p := n.Parent; p != nil && !p.Is("function_definition", "lambda"); p = p.Parent {
		if p.Is("with_statement") && w.forksScope(p, n) {
			return true
		}
	}
	return false
}

// forksScope reports whether an item of a with statement before n forks the
// isolation scope.
func (w *world) forksScope(with, n *rewrite.Node) bool {
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
	for _, r := range c.world().refs[variable{scope, fed.Text()}] {
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

// reads reports whether a use of a variable can see what one of the calls was
// assigned.
func (w *world) reads(use *rewrite.Node, calls []*rewrite.Node) bool {
	_, bindings := use.File.ScopeOf(use).Lookup(use.Text())
	for _, b := range reaching(use, bindings) {
		if containsNode(calls, b.Value.Inner()) {
			return true
		}
	}
	return false
}

func (c *creation) renameUses(uses []*rewrite.Node, old, name string) {
	if old == name {
		return
	}
	for _, u := range uses {
		c.extra = append(c.extra, rewrite.Edit{Start: u.Start, End: u.End, New: name})
	}
}

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
		p.Report(call, "continue_trace", Finding{Message: "what becomes of this continued transaction cannot be followed", Tier: Manual})
	}
}

func (p *Pass) unusedTarget(left *rewrite.Node) bool {
	if !left.Is("identifier") {
		return false
	}
	scope, _ := left.File.ScopeOf(left).Lookup(left.Text())
	return len(p.world.refs[variable{scope, left.Text()}]) == 1
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
	head := rewrite.Edit{Start: with.Start, End: f.LineSpan(with.Children[0].End).End, New: p.continueText(call)}
	edits := append([]rewrite.Edit{head}, rewrite.Dedent(f, head.End, blockEnd(with), strings.TrimPrefix(body.Indent(), with.Indent()))...)
	p.Report(call, "continue_trace", Finding{Message: "with continue_trace() sent nothing: the trace is only continued", Tier: Safe, Shape: c.shape(), Edits: edits})
}
