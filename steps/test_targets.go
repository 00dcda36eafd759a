package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// ofTracing reads a target in sentry_sdk.tracing: a class, or a member of one.
func (d *double) ofTracing() *double {
	class, member, _ := strings.Cut(d.name, ".")
	if spanClasses[tracingModule+"."+class] == 0 {
		return nil
	}
	what := "patch of " + tracingModule + "." + d.name
	to, known := textNames[member]
	if !known || to == "" {
		d.manual("the class has another name and other members, and 3.0 lacks the module")
		d.report(what)
		return nil
	}
	text := d.target.Text()
	quote := text[len(text)-1:]
	d.edits = []rewrite.Edit{{Start: d.target.Start, End: d.target.End, New: quote + d.prefix + newSpanType + "." + to + quote}}
	d.review("the member of streamed spans takes its place")
	d.report(what)
	return nil
}

// ofInit notes a test that compares the options which init() was given.
func (d *double) ofInit() {
	for _, m := range d.mocks() {
		if attr := m.Parent; attr.Is("attribute") && m.Field == "object" {
			if name := attr.Child("attribute").Text(); asserts[name] || strings.HasPrefix(name, "call_args") {
				d.pass.Report(attr, "init-options", Finding{Tier: Manual, Note: true,
					Message: "the test looks at the options of init(): trace_lifecycle=\"stream\" is among them now, and options that streaming has no use for are not"})
				return
			}
		}
	}
}

// capturedKeys lists what a test reads from a captured transaction by its keys,
// once a function.
func (p *Pass) capturedKeys(f *rewrite.File) {
	seen := map[*rewrite.Node]bool{}
	f.Module.Walk(func(n *rewrite.Node) bool {
		if !n.Is("subscript") {
			return true
		}
		outer := n.Child("value")
		spans := stringValue(n.Child("subscript")) == "spans"
		trace := stringValue(n.Child("subscript")) == "trace" && outer.Is("subscript") && stringValue(outer.Child("subscript")) == "contexts"
		if fn := n.Function(); (spans || trace) && !outer.Is("call") && !seen[fn] {
			seen[fn] = true
			p.Report(n, "captured-keys", Finding{Tier: Manual, Note: true,
				Message: "if this is a captured transaction, none arrives once spans stream: each span is an item of its own, with name and attributes"})
		}
		return true
	})
}
