package steps

// All is the walk: the steps in the guide's order. Each call in the code is
// owned by the one step that can rewrite it whole, so a step's commit can be
// reviewed, and taken back, on its own.
var All = []*Step{
	SDKVersion,       // the floor that drives every spelling below
	TraceLifecycle,   // init() and the options that reach it
	StartSpan,        // with and held spans of the module, scopes and hubs
	StartTransaction, // roots, with the trace they belong to
	StartChild,       // children, once their parents have migrated
	CurrentSpan,      // get_current_span() and scope.span
	RootSpan,         // scope.transaction, containing_transaction
	TraceDecorator,   // @trace and functions wrapped in it
	SpanTypes,        // classes and constants of sentry_sdk.tracing
	TraceContext,     // get_trace_context() of spans
	SpanMembers,      // finish, status, description and the rest
	SpanData,         // set_data, set_tag, set_context of spans
	ScopeTags,        // attributes beside the tags of scopes
	ContinueTrace,    // incoming traces, with the transactions they feed
	SamplingContext,  // custom_sampling_context wherever it is left
	TracesSampler,    // samplers, for every release the floor allows
	BeforeSend,       // before_send_transaction: what has a counterpart
	LateFilters,      // what only the end of a root could decide
	BeforeSendOption, // the option itself, and options without effect
	TestDoubles,      // patches and assertions in tests
	// Verify follows, but it commits nothing.
}

// ByName returns the step of that name, or nil.
func ByName(name string) *Step {
	for _, s := range All {
		if s.Name == name {
			return s
		}
	}
	return nil
}
