package steps

import (
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// feeders returns the calls that make the transaction which an expression
// holds: continue_trace() and its class-method forms, or in another branch a
// transaction of its own. It returns nil when anything else can be held, or
// a call stands where no statement can take its place.
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
		if b.Stmt.Contains(n) {
			continue // "tx = start_transaction(tx)"
		}
		if b.Kind != rewrite.Assign || !b.Stmt.Parent.Is("expression_statement") || b.Value.Function() != n.Function() {
			return nil
		}
		for _, v := range armsOf(b.Value) {
			if !v.Is("call") || !p.continues(v) && !p.freshTransaction(v) {
				return nil
			}
			out = append(out, v)
		}
	}
	return out
}

// freshTransaction reports a Transaction(…) or start_transaction(…) that
// describes a root of its own.
func (p *Pass) freshTransaction(call *rewrite.Node) bool {
	switch p.world.callee(call) {
	case "sentry_sdk.tracing.Transaction":
		return true
	case legacyStartTransaction:
		args := call.Args()
		return len(args) > 0 && args[0].Name != "" && args[0].Name != "transaction"
	}
	return false
}

// startedLater reports a transaction that a start_transaction() is given.
func (w *world) startedLater(made *rewrite.Node) bool {
	for _, call := range w.sdkCalls() {
		if w.callee(call) == legacyStartTransaction && len(call.Args()) > 0 && containsNode(w.typeOf(call.Args()[0].Value).sites, made) {
			return true
		}
	}
	return false
}

// continueParameters are those of continue_trace(), in order.
var continueParameters = []string{"environ_or_headers", "op", "name", "source", "origin"}

// described returns the arguments of a call that describes a transaction. What
// continue_trace() is given by position, but for the headers, has its name.
func (p *Pass) described(call *rewrite.Node) []rewrite.Arg {
	args := call.Args()
	if p.world.callee(call) != legacyContinueTrace && p.scopeMethod(call, "continue_trace") == nil {
		return args
	}
	for i := 1; i < len(args) && i < len(continueParameters) && args[i-1].Star == ""; i++ {
		if a := &args[i]; a.Name == "" && a.Star == "" {
			a.Name = continueParameters[i]
		}
	}
	return args
}

// isHeaders reports the argument that carries the incoming headers.
func isHeaders(position int, a rewrite.Arg) bool {
	switch a.Name {
	case "environ_or_headers", "headers", "environ", "header":
		return true
	}
	return position == 0 && a.Name == "" && a.Star == ""
}

// alike reports whether all feeding calls continue a trace and describe the
// same transaction, so that one description serves them all. Those in a
// conditional expression do not, because they need statements of their own.
func (p *Pass) alike(made []*rewrite.Node) bool {
	for _, m := range made {
		if !p.continues(m) || conditionalAround(m) != nil || describes(m) != describes(made[0]) {
			return false
		}
	}
	return true
}

// describes is the text of the arguments that describe the transaction.
func describes(call *rewrite.Node) string {
	var parts []string
	for i, a := range call.Args() {
		if !isHeaders(i, a) {
			parts = append(parts, a.Node.Text())
		}
	}
	return strings.Join(parts, ", ")
}

// incoming is the headers argument of the streaming call.
func (c *creation) incoming(call *rewrite.Node, headers string) string {
	if strings.HasSuffix(c.world().callee(call), ".from_traceparent") {
		return "{" + c.quote("sentry-trace") + ": " + headers + "}"
	}
	return headers
}

// reads reports whether a use of a variable can see what one of the calls was
// assigned.
func (w *world) reads(use *rewrite.Node, calls []*rewrite.Node) bool {
	_, bindings := use.File.ScopeOf(use).Lookup(use.Text())
	for _, b := range reaching(use, bindings) {
		if slices.ContainsFunc(armsOf(b.Value), func(v *rewrite.Node) bool { return containsNode(calls, v) }) {
			return true
		}
	}
	return false
}
