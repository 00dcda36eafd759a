package steps

import "strings"

// Where the names of both generations live. The legacy names are those of
// sentry-sdk 2.x; sentry_sdk.traces is the streaming API of 2.62 and later and
// stays in 3.0 (facts/sdk-newer.md N1).
const (
	legacyStartSpan        = "sentry_sdk.start_span"
	legacyStartTransaction = "sentry_sdk.start_transaction"
	legacyContinueTrace    = "sentry_sdk.continue_trace"
	legacyCurrentSpan      = "sentry_sdk.get_current_span"
	legacyUpdateSpan       = "sentry_sdk.update_current_span"
	legacyTrace            = "sentry_sdk.trace"

	newStartSpan     = "sentry_sdk.traces.start_span"
	newContinueTrace = "sentry_sdk.traces.continue_trace"
	newTraceFunc     = "sentry_sdk.traces.new_trace"
	newCurrentSpan   = "sentry_sdk.traces.get_current_span"
	newTrace         = "sentry_sdk.traces.trace"
	newSpanType      = "sentry_sdk.traces.StreamedSpan"
	newNoOpType      = "sentry_sdk.traces.NoOpStreamedSpan"
)

// homes maps modules that define what the package re-exports.
var homes = []struct{ from, to string }{
	{"sentry_sdk.api.", "sentry_sdk."},
	{"sentry_sdk.scope.Scope.", "sentry_sdk.Scope."},
	{"sentry_sdk.scope.", "sentry_sdk."},
	{"sentry_sdk.hub.", "sentry_sdk."},
	{"sentry_sdk.client.", "sentry_sdk."},
	{"sentry_sdk.tracing_utils.get_current_span", "sentry_sdk.get_current_span"},
	{"sentry_sdk.tracing.trace", "sentry_sdk.trace"},
	{"sentry_sdk.tracing.Transaction.continue_from_", "sentry_sdk.Transaction.continue_from_"},
	{"sentry_sdk.tracing.Transaction.from_traceparent", "sentry_sdk.Transaction.from_traceparent"},
}

// canonical gives one spelling to a dotted name that can be reached by several
// ("sentry_sdk.api.start_span", "sentry_sdk.Scope.get_current_scope").
func canonical(dotted string) string {
	if !strings.HasPrefix(dotted, "sentry_sdk") {
		return dotted
	}
	for _, h := range homes {
		if strings.HasPrefix(dotted, h.from) {
			dotted = h.to + strings.TrimPrefix(dotted, h.from)
			break
		}
	}
	if name, ok := strings.CutPrefix(dotted, "sentry_sdk.Scope.get_"); ok {
		return "sentry_sdk.get_" + name
	}
	return dotted
}

// spanClasses are the classes whose instances are spans.
var spanClasses = map[string]spanFlags{
	"sentry_sdk.tracing.Span":            legacySpan,
	"sentry_sdk.tracing.Transaction":     legacySpan | rootSpan,
	"sentry_sdk.tracing.NoOpSpan":        legacySpan | noOpSpan,
	"sentry_sdk.traces.StreamedSpan":     streamedSpan,
	"sentry_sdk.traces.NoOpStreamedSpan": streamedSpan | noOpSpan,
	"sentry_sdk.traces.Span":             streamedSpan,
	"sentry_sdk.traces.NoOpSpan":         streamedSpan | noOpSpan,
}

// spanMakers are the functions that return a span.
var spanMakers = map[string]spanFlags{
	legacyStartSpan:                                legacySpan,
	legacyStartTransaction:                         legacySpan | rootSpan,
	legacyContinueTrace:                            legacySpan | rootSpan | continuedSpan,
	"sentry_sdk.Transaction.continue_from_headers": legacySpan | rootSpan | continuedSpan,
	"sentry_sdk.Transaction.continue_from_environ": legacySpan | rootSpan | continuedSpan,
	"sentry_sdk.Transaction.from_traceparent":      legacySpan | rootSpan | continuedSpan,
	newStartSpan:                                   streamedSpan,
}

// scopeMakers are the functions and context managers that give a scope.
var scopeMakers = map[string]bool{
	"sentry_sdk.get_current_scope": true, "sentry_sdk.get_isolation_scope": true, "sentry_sdk.get_global_scope": true,
	"sentry_sdk.new_scope": true, "sentry_sdk.isolation_scope": true, "sentry_sdk.push_scope": true,
	"sentry_sdk.configure_scope": true, "sentry_sdk.use_scope": true, "sentry_sdk.use_isolation_scope": true, "sentry_sdk.Scope": true,
}

// forks are the context managers that fork a scope, so that what is set on the
// propagation context inside does not leak.
var forks = map[string]bool{
	"sentry_sdk.isolation_scope": true, "sentry_sdk.new_scope": true, "sentry_sdk.use_scope": true,
	"sentry_sdk.use_isolation_scope": true, "sentry_sdk.push_scope": true, "sentry_sdk.Hub": true,
}

// isolations are those of forks that keep a continued trace to themselves.
var isolations = map[string]bool{"sentry_sdk.isolation_scope": true, "sentry_sdk.Hub": true}
