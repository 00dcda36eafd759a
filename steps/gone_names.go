package steps

import (
	"maps"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// goneNames are names of the SDK that no step rewrites and 3.0 lacks; the text
// says what to do instead.
var goneNames = map[string]string{
	"sentry_sdk.ai.monitoring.ai_track":                         "sentry_sdk.traces.trace takes its place",
	"sentry_sdk.ai.monitoring.record_token_usage":               "set the gen_ai.usage attributes of the span",
	"sentry_sdk.ai.monitoring.set_ai_pipeline_name":             "set the attribute gen_ai.pipeline.name of the span",
	"sentry_sdk.consts.SPANSTATUS":                              "a status is the text ok or error",
	"sentry_sdk.consts.SPANTEMPLATE":                            "write op, name and attributes out",
	"sentry_sdk.consts.INSTRUMENTER":                            "streamed spans have no instrumenter",
	"sentry_sdk.tracing_utils.has_span_streaming_enabled":       "spans always stream there",
	"sentry_sdk.tracing_utils.create_streaming_span_decorator":  "create_span_decorator is the streaming one there",
	"sentry_sdk.profiler.transaction_profiler.Profile":          "the continuous profiler takes its place",
	"sentry_sdk.profiler.transaction_profiler.start_profiling":  "the continuous profiler takes its place",
	"sentry_sdk.integrations.opentelemetry.SentrySpanProcessor": "sentry_sdk.integrations.otlp takes its place",
	"sentry_sdk.integrations.opentelemetry.SentryPropagator":    "sentry_sdk.integrations.otlp takes its place",
}

// goneSetters are attributes of scopes that 3.0 lets nobody assign, and the
// methods that do the same on every release.
var goneSetters = map[string]string{"level": "set_level", "user": "set_user"}

// goneSetters notes every assignment to an attribute of a scope that 3.0 lacks.
func (p *Pass) goneSetters() {
	for _, name := range slices.Sorted(maps.Keys(goneSetters)) {
		for _, a := range p.world.attributes(name) {
			if isTarget(a) && p.world.typeOf(a.Child("object")).scope {
				p.note(a, "gone", a.Text()+" cannot be assigned on 3.0: "+goneSetters[name]+"() does the same on every release")
			}
		}
	}
}

// goneNames notes the first use in each file of every name that 3.0 lacks.
func (p *Pass) goneNames() {
	for _, dotted := range slices.Sorted(maps.Keys(goneNames)) {
		var last *rewrite.File
		for _, n := range p.world.spelled(dotted) {
			if n.File != last && !inSetStatus(n) {
				last = n.File
				p.Report(n, "gone", Finding{Tier: Manual, Note: true, Message: n.Text() + " does not exist on 3.0: " + goneNames[dotted]})
			}
		}
	}
}

// inSetStatus reports the argument of a set_status(), which the step
// span-members turns into text.
func inSetStatus(n *rewrite.Node) bool {
	call := n.Ancestor("call")
	fn := call.Child("function")
	return call != nil && fn.Is("attribute") && fn.Child("attribute").Text() == "set_status"
}

// star reports "from sentry_sdk import *": what it brings cannot be followed.
func (u *typeUse) star(stmt *rewrite.Node) {
	for _, s := range u.file.ModuleScope().Stars {
		if s.Stmt == stmt && isSDK(s.Target) && s.Level == 0 && !strings.HasPrefix(s.Target, "sentry_sdk.integrations") {
			u.Report(stmt, "star", Finding{Tier: Manual, Message: "names that come by a star import of the SDK are not followed: import what this file uses by name, and run again"})
		}
	}
}
