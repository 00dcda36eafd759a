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
	ContinueTrace,    // incoming traces, with the transactions they feed
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
