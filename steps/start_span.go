package steps

import (
	"spanwalk/rewrite"
)

// StartSpan moves start_span() to the streaming API.
var StartSpan = &Step{
	Name:  "start-span",
	Items: []int{3, 13, 14},
	Title: "migrate start_span() to streamed spans",
	Why: "sentry_sdk.start_span() makes a span that only a transaction would send; once spans stream it is silently lost. " +
		"sentry_sdk.traces.start_span() sends each span when it ends; its name is required and its op is an attribute.",
	Doc: "Rewrites start_span() of the module, a scope or a hub: description becomes name, op and origin become attributes, " +
		"and a span that is held without being entered gets active=False, because a streamed span is current from its constructor on. " +
		"Calls on objects that are not Sentry's, and arguments of unknown content, are left alone.",
	Link: guide + "start_span",
	Before: `import sentry_sdk

with sentry_sdk.start_span(op="db", description="load cart"):
    pass
`,
	After: `import sentry_sdk

with sentry_sdk.traces.start_span(attributes={"sentry.op": "db"}, name="load cart"):
    pass
`,
	Find: findStartSpan,
}

const guide = "https://docs.sentry.io/platforms/python/tracing/span-streaming/migration/#"

// findStartSpan finds calls that resolve to sentry_sdk.start_span and
// start_span() methods of scopes and hubs.
//
// A call in "with" keeps its shape. One that is assigned and never entered
// gets active=False. One that is entered later is left to a person unless
// nothing can open a span in between. Names that merely look alike are silent.
func findStartSpan(p *Pass) error {
	for _, call := range p.world.sdkCalls("start_span") {
		if c := p.startSpanCall(call); c != nil {
			c.convert(call.Args())
			c.parentage()
			c.standInTakes()
			if c.samples != "" {
				c.guidesContext()
			}
			c.report("start_span() of the transaction API")
		}
	}
	p.aliases(legacyStartSpan, newStartSpan, "start_span")
	p.reexportedFunction(legacyStartSpan, newStartSpan, "start_span")
	return nil
}

// parentage settles whose child the span is. Ids given by hand are those of a
// parent elsewhere: legacy took them only where no span was open, and sent
// nothing there.
func (c *creation) parentage() {
	if c.traceID == nil && c.parentID == nil {
		c.activation()
		c.mayBecomeRoot()
		return
	}
	c.edit.Append("parent_span=None")
	c.activation()
	if c.tier != Manual && c.givenTrace() {
		c.weaken(Review, "nothing was sent here, and inside a span it raised TypeError: it is a root span of that trace now")
	}
}

// guidesContext sets the context of a start_span() on the scope, as the guide
// shows it, although no 2.x release takes that argument in static mode.
func (c *creation) guidesContext() {
	c.weaken(Review, "start_span() of 2.x raises TypeError for custom_sampling_context")
	legacy := c.call.Child("function")
	if c.world().aliased(legacy) || c.pass.scopeMethod(c.call, "start_span") != nil {
		legacy = nil
	}
	c.samplingContext(legacy, false)
}

// startSpanCall recognises the call and sets its new callee, or returns nil.
func (p *Pass) startSpanCall(call *rewrite.Node) *creation {
	fn := call.Child("function")
	if p.world.callee(call) == legacyStartSpan {
		c := newCreation(p, call, "start_span")
		c.callee(newStartSpan)
		return c
	}
	recv := p.scopeMethod(call, "start_span")
	if recv == nil {
		return nil
	}
	c := newCreation(p, call, "start_span")
	c.edit.Callee(ref(newStartSpan, fn))
	c.foreignScope(recv)
	return c
}

// scopeMethod returns the receiver of a method call on a scope or hub.
func (p *Pass) scopeMethod(call *rewrite.Node, name string) *rewrite.Node {
	fn := call.Child("function")
	if !fn.Is("attribute") || fn.Child("attribute").Text() != name {
		return nil
	}
	obj := fn.Child("object")
	if k := p.world.typeOf(obj); k.scope || k.hub {
		return obj
	}
	return nil
}

// foreignScope marks a span that is started on a scope which may not be the
// current one.
func (c *creation) foreignScope(recv *rewrite.Node) {
	if !c.world().isCurrentScope(recv) {
		c.weaken(Review, "%s may not be the current scope; the span is started on the current one", recv.Text())
	}
}

// isCurrentScope reports a scope that is the current one where it is used:
// get_current_scope(), Hub.current, or what new_scope() and its like bind.
func (w *world) isCurrentScope(n *rewrite.Node) bool {
	n = n.Inner()
	switch n.Kind {
	case "call":
		switch w.callee(n) {
		case "sentry_sdk.get_current_scope", "sentry_sdk.Hub":
			return true
		}
	case "attribute":
		return w.dotted(n) == "sentry_sdk.Hub.current" // its .scope is the isolation scope
	case "identifier":
		_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		for _, b := range bindings {
			switch {
			case b.Value == nil:
				return false
			case b.Kind == rewrite.With && forks[w.callee(b.Value)] && w.callee(b.Value) != "sentry_sdk.isolation_scope":
			case w.callee(b.Value) == "sentry_sdk.configure_scope":
			case !w.isCurrentScope(b.Value):
				return false
			}
		}
		return len(bindings) > 0
	}
	return false
}

// callee points the call at a streaming function. A call through a local
// alias keeps its spelling: the alias itself is a site.
func (c *creation) callee(dotted string) {
	fn := c.call.Child("function")
	switch {
	case !c.world().aliased(fn):
		c.edit.Callee(ref(dotted, fn))
	case c.pass.continuedLaterBy(c.world().callee(c.call)):
		c.edit.Callee(ref(dotted, nil))
	}
}

// continuedLaterBy reports whether start_transaction() has another name in the
// project under which a continued trace is started, by a call that this pass
// does not rewrite.
func (p *Pass) continuedLaterBy(legacy string) bool {
	if legacy != legacyStartTransaction {
		return false
	}
	for _, call := range p.world.sdkCalls("start_transaction") {
		fn := call.Child("function")
		if p.world.callee(call) == legacy && (p.world.aliased(fn) || p.world.throughProject(fn)) && p.world.continued(call) && !p.reportedAt(fn, true) {
			return true
		}
	}
	return false
}

// aliased reports an identifier that is bound by "name = sentry_sdk.x".
func (w *world) aliased(fn *rewrite.Node) bool {
	if !fn.Is("identifier") {
		return false
	}
	_, bindings := fn.File.ScopeOf(fn).Lookup(fn.Text())
	return len(bindings) == 1 && bindings[0].Kind == rewrite.Assign
}

// aliases finds a legacy function that is used as a value. An alias that is
// only ever called moves together with its calls; anything else is reported.
func (p *Pass) aliases(legacy, streaming, kind string) {
	p.byName(legacy, kind)
	p.ambiguous(legacy, kind)
	for _, n := range p.world.spelled(legacy) {
		called := n.Parent.Is("call") && n.Field == "function" || n.Parent.Is("decorator") || n.Parent.Is("attribute") && n.Field == "object"
		if !called && n.Field != "left" && !p.world.isBinding(n) && !p.standsIn(n) {
			p.alias(n, legacy, streaming, kind)
		}
	}
}

// byName reports getattr(sentry_sdk, "start_span"), which no rewrite can follow.
func (p *Pass) byName(legacy, kind string) {
	module, name := cutName(legacy)
	for _, call := range p.world.callsWith("getattr") {
		fn := call.Child("function")
		if !fn.Is("identifier") || fn.Text() != "getattr" || !p.Project.IsBuiltin(fn) {
			continue
		}
		args := call.Args()
		if len(args) < 2 {
			continue
		}
		if stringValue(args[1].Value) == name && p.world.dotted(args[0].Value) == module {
			p.Report(call, kind+"-alias", Finding{Message: kind + "() is looked up by its name: write the streaming call instead", Tier: Manual})
		}
	}
}

// isBinding reports an identifier that is itself the target of a binding.
func (w *world) isBinding(n *rewrite.Node) bool {
	if !n.Is("identifier") {
		return false
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		if b.Node == n {
			return true
		}
	}
	return false
}

// renamed reports a function that is assigned to a name which is only called.
func (w *world) renamed(n *rewrite.Node) bool {
	as := n.Parent
	return as.Is("assignment") && n.Field == "right" && as.Child("left").Is("identifier") && w.onlyCalled(as.Child("left"))
}

func (p *Pass) alias(n *rewrite.Node, legacy, streaming, kind string) {
	if p.world.renamed(n) {
		if p.continuedLaterBy(legacy) {
			return // the step continue-trace moves it with the calls that it rewrites
		}
		p.Report(n, kind+"-alias", Finding{Message: kind + "() under another name; its calls are rewritten with it", Tier: Review,
			Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: ref(streaming, n)}}})
		return
	}
	if askedFor(n) && lastName(legacy) == lastName(streaming) {
		text := n.Text() // a name keeps its spelling: what it is imported from decides
		if n.Is("attribute") {
			text = ref(streaming, n)
		}
		p.Report(n, kind+"-alias", Finding{Message: kind + "() of the transaction API is asked for", Tier: Safe, Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: text}}})
		return
	}
	if p.partial(n, streaming, kind) {
		return
	}
	p.Report(n, kind+"-alias", Finding{Message: n.Text() + " is used as a value: what it is called with cannot be seen here", Tier: Manual})
}

// onlyCalled reports whether a variable is only ever called.
func (w *world) onlyCalled(name *rewrite.Node) bool {
	scope, _ := name.File.ScopeOf(name).Lookup(name.Text())
	for _, r := range w.uses(variable{scope, name.Text()}) {
		if r != name && !(r.Field == "function" && r.Parent.Is("call")) {
			return false
		}
	}
	return true
}
