package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// TestDoubles points patches and assertions of tests at the streaming API.
var TestDoubles = &Step{
	Name:  "test-doubles",
	Title: "retarget patches of the transaction API in tests",
	Why: "A patch of sentry_sdk.start_span no longer sees what the code calls. " +
		"A MagicMock accepts anything, so such a test may go on passing and prove nothing.",
	Doc: "Retargets patch(), patch.object() and monkeypatch.setattr() to sentry_sdk.traces, which sees both spellings on 2.x and 3.0, with the assertions " +
		"on what was called. Captured transaction events and what cannot be retargeted are listed.",
	Link: guide + "common-issues",
	Before: `from unittest.mock import patch

with patch("sentry_sdk.start_span") as start_span:
    start_span.assert_not_called()
`,
	After: `from unittest.mock import patch

with patch("sentry_sdk.traces.start_span") as start_span:
    start_span.assert_not_called()
`,
	Find: findTestDoubles,
}

// findTestDoubles finds calls of patch() and setattr() that name the legacy
// API, and tests that look at what the old spans kept or sent.
//
// Safe: the same function in its new home, whose calls the test does not
// compare. Review: a transaction, a compared call, a mock of the whole module.
// Manual: the code still calls the old function, or nothing takes its place.
func findTestDoubles(p *Pass) error {
	for _, call := range p.world.callsWith("patch", "setattr", "spy") {
		if !replaces(call.Child("function")) {
			continue
		}
		if d := p.double(call); d != nil {
			d.plan()
		}
	}
	for _, f := range p.world.filesWith("_tags", "_data", "transaction", "spans", "trace") {
		if supporting(f.Path) {
			p.assertions(f)
			if p.world.importsSDK(f) {
				p.capturedKeys(f)
			}
		}
	}
	return nil
}

// replaces reports a function by which tests put something else in a place:
// patch(), patch.object(), setattr() or spy().
func replaces(fn *rewrite.Node) bool {
	last := fn
	if fn.Is("attribute") {
		last = fn.Child("attribute")
	}
	switch last.Text() {
	case "patch", "setattr", "spy":
		return last.Is("identifier")
	case "object":
		return fn.Is("attribute") && (fn.Child("object").Text() == "patch" || strings.HasSuffix(fn.Child("object").Text(), ".patch"))
	}
	return false
}

// doubledNames are the functions of the old API that a test may patch, and
// their successors, "" for none.
var doubledNames = map[string]string{
	"start_span": "start_span", "start_transaction": "start_span", "get_current_span": "get_current_span",
	"continue_trace": "continue_trace", "trace": "trace", "set_measurement": "", "update_current_span": "",
}

// double is a place that replaces a part of the SDK in a test.
type double struct {
	pass    *Pass
	call    *rewrite.Node
	target  *rewrite.Node // the string that names it
	object  *rewrite.Node // of patch.object(object, name)
	prefix  string        // what stands before the name in the string
	name    string        // the function, "" for the whole module
	stays   bool          // the target itself is right as it is
	tier    Tier
	reasons []string
	edits   []rewrite.Edit
}

// double recognises a patch of the old API, or returns nil.
func (p *Pass) double(call *rewrite.Node) *double {
	args := call.Args()
	if len(args) == 0 || args[0].Name != "" || args[0].Star != "" {
		return nil
	}
	d := &double{pass: p, call: call, tier: Safe}
	if text := stringValue(args[0].Value); text != "" {
		return d.dotted(args[0].Value, text)
	}
	if len(args) < 2 || args[1].Name != "" {
		return nil
	}
	name := stringValue(args[1].Value)
	if _, known := doubledNames[name]; !known {
		return nil
	}
	switch p.world.dotted(args[0].Value) {
	case "sentry_sdk", "sentry_sdk.api":
		d.target, d.object, d.name = args[1].Value, args[0].Value, name
		return d
	}
	return nil
}

// dotted reads a target such as "app.views.sentry_sdk.start_span".
func (d *double) dotted(node *rewrite.Node, text string) *double {
	d.target = node
	if text == "sentry_sdk" || strings.HasSuffix(text, ".sentry_sdk") {
		d.prefix = text
		return d
	}
	module, name := text[:max(strings.LastIndexByte(text, '.'), 0)], text[strings.LastIndexByte(text, '.')+1:]
	if i := strings.Index(text, tracingModule+"."); i == 0 || i > 0 && text[i-1] == '.' {
		d.prefix, d.name = text[:i], text[i+len(tracingModule)+1:]
		return d.ofTracing()
	}
	if name == "init" && (module == "sentry_sdk" || strings.HasSuffix(module, ".sentry_sdk")) {
		d.ofInit()
		return nil
	}
	if _, known := doubledNames[name]; !known {
		return nil
	}
	switch {
	case module == "sentry_sdk", strings.HasSuffix(module, ".sentry_sdk"), module == "sentry_sdk.api":
	case d.importsFromSDK(module, name):
		d.stays = true // from sentry_sdk.traces import it, under the same name
	case name == "start_transaction" && d.importsFromSDK(module, "start_span"):
	default:
		return nil
	}
	d.prefix, d.name = strings.TrimSuffix(module, ".api"), name
	return d
}

// importsFromSDK reports whether a module of the project binds a name to the
// streaming API.
func (d *double) importsFromSDK(module, name string) bool {
	m := d.pass.Project.Module(module, d.call.File)
	if m == nil {
		return false
	}
	for _, b := range m.ModuleScope().Names[name] {
		if b.Kind == rewrite.Import && strings.HasPrefix(b.Target, "sentry_sdk.traces.") {
			return true
		}
	}
	return false
}

func (d *double) review(reason string) {
	if d.tier == Safe {
		d.tier = Review
	}
	d.reasons = append(d.reasons, reason)
}

func (d *double) manual(reason string) {
	d.tier = Manual
	d.reasons = append(d.reasons, reason)
}

func (d *double) plan() {
	if d.name == "" {
		d.wholeModule()
		return
	}
	to := doubledNames[d.name]
	switch {
	case d.stays:
		d.compared(d.mocks(), d.name)
		d.mockedSpans(d.mocks())
		if len(d.edits)+len(d.reasons) == 0 {
			return
		}
	case to == "":
		d.manual("nothing takes its place on streamed spans")
	case d.stillCalled():
		d.manual("the code still calls it")
	default:
		d.retarget(to)
		d.compared(d.mocks(), d.name)
		d.mockedSpans(d.mocks())
	}
	if d.name == "start_transaction" && d.tier == Safe && !d.stays {
		d.review("the code starts a root span instead, with other arguments")
	}
	d.report("patch of " + d.name + "()")
}

func (d *double) report(what string) {
	f := Finding{Message: what, Tier: d.tier, Edits: d.edits}
	if len(d.reasons) > 0 {
		f.Message += ": " + strings.Join(onceEach(d.reasons), "; ")
	}
	d.pass.Report(d.target, "patch", f)
}

// standsIn reports a function of the old API that a patch of it wraps, copies
// or falls back to: "wraps=sentry_sdk.start_span".
func (p *Pass) standsIn(n *rewrite.Node) bool {
	if !n.Parent.Is("keyword_argument") || n.Field != "value" {
		return false
	}
	call := n.Ancestor("call")
	return replaces(call.Child("function")) && p.double(call) != nil
}

// retarget rewrites the string, the object of patch.object(), and what stands
// in for the function.
func (d *double) retarget(to string) {
	for _, a := range d.call.Args() {
		if v := a.Value.Inner(); a.Name != "" && d.pass.world.dotted(v) == "sentry_sdk."+d.name {
			d.edits = append(d.edits, rewrite.Edit{Start: v.Start, End: v.End, New: ref("sentry_sdk.traces."+to, v)})
		}
	}
	text := d.target.Text()
	quote := text[len(text)-1:]
	if d.object != nil {
		d.edits = append(d.edits, rewrite.Edit{Start: d.target.Start, End: d.target.End, New: quote + to + quote})
		base := d.object.Text()
		if d.pass.world.dotted(d.object) == "sentry_sdk.api" {
			base = strings.TrimSuffix(base, ".api")
		}
		d.edits = append(d.edits, rewrite.Edit{Start: d.object.Start, End: d.object.End, New: base + ".traces"})
		return
	}
	prefix := d.prefix
	if prefix == "sentry_sdk" || strings.HasSuffix(prefix, ".sentry_sdk") {
		prefix += ".traces"
	}
	d.edits = append(d.edits, rewrite.Edit{Start: d.target.Start, End: d.target.End, New: quote + prefix + "." + to + quote})
}

// stillCalled reports that code outside the tests calls the old function.
func (d *double) stillCalled() bool {
	for _, call := range d.pass.world.sdkCalls() {
		if d.pass.world.callee(call) == "sentry_sdk."+d.name && !supporting(call.File.Path) {
			return true
		}
	}
	return false
}
