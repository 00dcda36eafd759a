package steps

import (
	"fmt"

	"spanwalk/rewrite"
)

// SamplingContext deals with what the creating steps left of
// custom_sampling_context.
var SamplingContext = &Step{
	Name:  "sampling-context",
	Items: []int{18},
	Title: "set the custom sampling context on the scope",
	Why: "Streamed spans take no custom_sampling_context: the sampler reads what was set on the scope before the root span. " +
		"It stays there until new_trace() or continue_trace(), so the call stands between these and the span.",
	Doc: "Moves custom_sampling_context from calls of the streaming API to Scope.set_custom_sampling_context(). " +
		"Contexts that travel in dictionaries, wrappers and partial() are listed.",
	Link: guide + "custom-sampling-context",
	Before: `import sentry_sdk

sentry_sdk.traces.new_trace()
with sentry_sdk.traces.start_span(name="job", parent_span=None, custom_sampling_context={"queue": "mail"}):
    pass
`,
	After: `import sentry_sdk

sentry_sdk.traces.new_trace()
sentry_sdk.Scope.set_custom_sampling_context({"queue": "mail"})
with sentry_sdk.traces.start_span(name="job", parent_span=None):
    pass
`,
	Find: findSamplingContext,
}

const samplingContext = "custom_sampling_context"

// findSamplingContext finds custom_sampling_context= outside the calls that
// steps 4 and 14 own.
//
// On a streaming call it moves to the scope: safe for a root behind
// new_trace() or continue_trace(), else review, because it stays. Handed to
// anything but a function that names the parameter it is manual.
func findSamplingContext(p *Pass) error {
	for _, call := range p.world.callsWith(samplingContext) {
		a := call.Keyword(samplingContext)
		switch name := p.world.callee(call); {
		case a == nil:
		case name == newStartSpan:
			p.contextOnScope(call, *a)
		case p.createsLegacy(call, name):
			// the step that owns the call reports it
		case !p.namesParameter(call):
			p.reportContext(a.Node, fmt.Sprintf("%s() cannot hand it to a streamed span: set it on the scope before the root starts", call.Child("function").Text()))
		}
	}
	for _, f := range p.world.filesWith(samplingContext) {
		f.Module.Walk(func(n *rewrite.Node) bool {
			key := n.Child("key")
			if n.Is("subscript") && n.Field == "left" {
				key = n.Child("subscript")
			}
			if stringValue(key) == samplingContext && p.world.importsSDK(f) {
				p.reportContext(key, "a dictionary of arguments cannot hand it to a streamed span: set it on the scope before the root starts")
			}
			return true
		})
	}
	return nil
}

func (p *Pass) reportContext(n *rewrite.Node, reason string) {
	p.Report(n, samplingContext, Finding{Message: samplingContext + ": " + reason, Tier: Manual})
}

// contextOnScope moves the argument of a streaming call.
func (p *Pass) contextOnScope(call *rewrite.Node, a rewrite.Arg) {
	c := newCreation(p, call, samplingContext)
	c.samples = a.Value.Text()
	c.edit.Remove(a)
	c.samplingContext(call.Child("function"), p.world.afresh(call))
	c.report("start_span() takes no custom_sampling_context")
}

// createsLegacy reports a call that another step owns whole.
func (p *Pass) createsLegacy(call *rewrite.Node, name string) bool {
	return name == legacyStartTransaction || name == legacyStartSpan ||
		p.scopeMethod(call, "start_transaction") != nil || p.scopeMethod(call, "start_span") != nil
}

// namesParameter reports a call of a project function which has the parameter.
func (p *Pass) namesParameter(call *rewrite.Node) bool {
	def := p.world.functionOf(call)
	if def == nil {
		return false
	}
	for _, name := range (callback{def: def}).parameters() {
		if name == samplingContext {
			return true
		}
	}
	return false
}
