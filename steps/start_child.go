package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// StartChild moves span.start_child() to spans with an explicit or implied
// parent.
var StartChild = &Step{
	Name:  "start-child",
	Items: []int{5, 13, 14},
	Title: "migrate start_child() to streamed spans",
	Why: "Streamed spans have no start_child(). " +
		"A span started in the block of its parent becomes its child by itself; elsewhere the parent is named.",
	Doc: "Rewrites start_child() on values that are proved to be spans. Where the receiver is the innermost active span the new call " +
		"needs no parent; elsewhere parent_span= names it. A child that is never entered gets active=False.",
	Link: guide + "start_child",
	Before: `import sentry_sdk

with sentry_sdk.traces.start_span(name="outer") as parent:
    with parent.start_child(op="db", description="SELECT"):
        pass
`,
	After: `import sentry_sdk

with sentry_sdk.traces.start_span(name="outer") as parent:
    with sentry_sdk.traces.start_span(attributes={"sentry.op": "db"}, name="SELECT"):
        pass
`,
	Find: findStartChild,
}

// findStartChild finds start_child() calls on spans.
//
// A receiver that is proved to be a span is Safe; one that may also be
// something else, or that nothing tells anything about in a file that uses the
// SDK, is Review. A receiver that the earlier steps had to leave on the old API keeps
// its children there too. The method that is handed on, not called, is Manual.
func findStartChild(p *Pass) error {
	for _, fn := range p.world.attributes("start_child") {
		called, stored := fn.Parent.Is("call") && fn.Field == "function", isTarget(fn)
		if !called && !stored && !fn.Parent.Is("attribute") && p.ofSpan(fn.Child("object")) {
			p.Report(fn, "start_child-alias", Finding{Message: brief(fn) + " is used as a value: streamed spans have no such method", Tier: Manual})
		}
	}
	for _, call := range p.world.sdkCalls("start_child") {
		if p.isChild(call) && !p.inReceiver(call) {
			p.childOf(call).report("start_child() on a span")
		}
	}
	return nil
}

// isChild reports a start_child() call on a span.
func (p *Pass) isChild(call *rewrite.Node) bool {
	fn := call.Child("function")
	return childMethod(fn) && p.ofSpan(fn.Child("object"))
}

// childMethod reports "x.start_child".
func childMethod(fn *rewrite.Node) bool {
	return fn.Is("attribute") && fn.Child("attribute").Text() == "start_child"
}

// ofSpan reports a value that is a span where its start_child is named, which
// hardly anything else has.
func (p *Pass) ofSpan(recv *rewrite.Node) bool {
	_, ok := p.spanAt(recv)
	return ok || p.world.importsSDK(recv.File) && !p.world.foreign(recv)
}

// inReceiver reports a start_child() call in the receiver of another one,
// "a.start_child().start_child()": both are one site, the outer one's.
func (p *Pass) inReceiver(call *rewrite.Node) bool {
	for n := call; n.Parent != nil && n != n.Statement(); n = n.Parent {
		if n.Field == "object" && n.Parent.Is("attribute") && n.Parent.Field == "function" && p.isChild(n.Parent.Parent) {
			return true
		}
	}
	return false
}

// childOf converts a start_child() call.
func (p *Pass) childOf(call *rewrite.Node) *creation {
	recv := call.Child("function").Child("object")
	k, _ := p.spanAt(recv)
	c := newCreation(p, call, "start_child")
	c.edit.Callee(rewrite.NameRef(newStartSpan, p.styleOf(call)))
	c.convert(call.Args())
	c.parent(recv, k)
	c.activation()
	return c
}

// parent names the receiver as parent unless it is the innermost active span.
func (c *creation) parent(recv *rewrite.Node, k kind) {
	if c.pass.staysLegacy(k) && !(k.span&rootAccess != 0 && c.pass.rootMovesOn(recv)) {
		c.weaken(Manual, "%s is still a span of the transaction API", recv.Text())
		return
	}
	if other := otherTracer(c.call.File); !k.isSpan() && other != "" {
		c.weaken(Manual, "%s is not proved to be a span, and the file uses %s too", recv.Text(), other)
		return
	}
	if !k.proven() {
		c.weaken(Review, "%s is not proved to be a span", recv.Text())
	}
	if len(k.stands) > 0 {
		c.weaken(Review, "%s may be a %s, which cannot be a parent", recv.Text(), k.stands[0].Child("name").Text())
	}
	for _, made := range k.sites {
		if spanClasses[c.world().callee(made)] != 0 {
			c.weaken(Review, "%s may be %s, which is no parent: with nothing active the child becomes a root", recv.Text(), made.Text())
		}
	}
	if c.world().innermost(recv, c.call) {
		return
	}
	if hasCall(recv) && !recv.Is("call") {
		c.weaken(Review, "%s is evaluated as an argument now", recv.Text())
	}
	c.edit.Append("parent_span=" + c.receiver(recv))
}

// receiver is the text of a receiver in which the children that are started
// there are converted too.
func (c *creation) receiver(recv *rewrite.Node) string {
	var edits []rewrite.Edit
	recv.Walk(func(n *rewrite.Node) bool {
		if !n.Is("call") || !c.pass.isChild(n) {
			return true
		}
		part := c.pass.childOf(n)
		if part.tier != Safe {
			c.weaken(part.tier, "%s", strings.Join(part.reasons, "; "))
		}
		c.open = c.open || part.open
		const whole = 1 << 30 // on one line
		for _, e := range append(part.edit.Edits(whole), part.extra...) {
			if e.Start < recv.Start || e.End > recv.End {
				c.extra = append(c.extra, e)
				continue
			}
			edits = append(edits, rewrite.Edit{Start: e.Start - recv.Start, End: e.End - recv.Start, New: e.New})
		}
		return false
	})
	return string(rewrite.Apply([]byte(recv.Text()), edits))
}

// spanAt returns what is known about a receiver. ok is false when it is no
// span: neither proved nor, in a file that uses the SDK, named like one.
func (p *Pass) spanAt(n *rewrite.Node) (kind, bool) {
	k := p.world.typeOf(n)
	if k.isSpan() {
		return k, true
	}
	if k.scope || k.hub || !p.world.namedLikeSpan(n) {
		return k, false
	}
	k.other = true
	return k, true
}

// namedLikeSpan reports a variable or attribute called span, transaction, txn
// or the like in a file that imports the SDK, whose value nothing tells.
func (w *world) namedLikeSpan(n *rewrite.Node) bool {
	name := n.Inner()
	if name.Is("attribute") {
		name = name.Child("attribute")
	}
	if !name.Is("identifier") || !spanName(name.Text()) || !w.importsSDK(n.File) {
		return false
	}
	return !w.foreign(n)
}

func spanName(s string) bool {
	switch s {
	case "span", "transaction", "txn", "parent_span", "child_span", "root_span", "sentry_span", "current_span", "_span", "_transaction", "child", "parent":
		return s != "child" && s != "parent"
	}
	return false
}

// importsSDK reports whether a file imports sentry_sdk anywhere.
func (w *world) importsSDK(f *rewrite.File) bool { return w.files[f].sdk }

// foreign reports a value that is known to come from elsewhere: made by a call
// that resolves outside the SDK, such as a tracer of OpenTelemetry or a
// database, or an instance of a project class. What is got back from where it
// was kept is not.
func (w *world) foreign(n *rewrite.Node) bool {
	n = n.Inner()
	if w.instanceOf(n) != nil {
		return true
	}
	if !n.Is("identifier") {
		return n.Is("call") && !w.kept(n)
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		if b.Value != nil && b.Kind != rewrite.Param && !w.kept(b.Value) {
			return true // it has a value, and the value is no span
		}
		if b.Kind == rewrite.Import || b.Type != nil {
			return true
		}
	}
	return len(bindings) == 0
}

// kept reports an expression that gets back what was kept somewhere: by a key,
// or by the name of an attribute.
func (w *world) kept(n *rewrite.Node) bool {
	n = n.Inner()
	if !n.Is("call") {
		return n.Is("subscript", "none")
	}
	fn := n.Child("function")
	if fn.Is("attribute") {
		switch fn.Child("attribute").Text() {
		case "get", "pop", "popleft", "get_nowait":
			return true
		}
	}
	return fn.Is("identifier") && (fn.Text() == "getattr" || fn.Text() == "next") && w.project.IsBuiltin(fn)
}

// staysLegacy reports a span made only by calls that are still on the old API.
func (p *Pass) staysLegacy(k kind) bool {
	w := p.world
	if k.span&rootAccess != 0 {
		return true // the step root-span left it as it is
	}
	if k.span&streamedSpan != 0 || len(k.sites) == 0 {
		return false
	}
	for _, s := range k.sites {
		if w.callee(s) == newStartSpan {
			return false
		}
		if fn := s.Child("function"); fn.Is("attribute") && fn.Child("attribute").Text() == "start_child" {
			return false // migrates in this very step
		}
		if spanClasses[w.callee(s)] != 0 {
			return false // a stand-in
		}
		if (p.continues(s) || p.world.continued(s)) && p.continuedLater(s) {
			return false
		}
	}
	return true
}

// styleOf returns how the file of a call spells names of the SDK: an
// expression whose import style a new name is to follow, "" for the module.
func (p *Pass) styleOf(call *rewrite.Node) string {
	for _, other := range p.world.sdkCalls() {
		if other.File != call.File || p.world.callee(other) != newStartSpan {
			continue
		}
		if fn := other.Child("function"); fn.Is("identifier") {
			return fn.Text()
		}
	}
	return ""
}
