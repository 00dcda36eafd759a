package steps

import (
	"slices"
	"sort"
	"strings"

	"spanwalk/rewrite"
)

// sdkCalls returns the calls of functions and classes of the SDK, and those of
// methods of the given names on whatever object, in path and source order.
func (w *world) sdkCalls(methods ...string) []*rewrite.Node {
	if w.ofSDK == nil {
		w.ofSDK = []*rewrite.Node{}
		for _, f := range w.project.Files() {
			w.ofSDK = append(w.ofSDK, w.links[f].sdk...)
		}
	}
	if len(methods) == 0 {
		return w.ofSDK
	}
	out := w.ofSDK[:len(w.ofSDK):len(w.ofSDK)]
	for _, method := range methods {
		for _, a := range w.attributes(method) {
			if call := a.Parent; a.Field == "function" && call.Is("call") && !strings.HasPrefix(w.called(call).Dotted, "sentry_sdk.") {
				out = append(out, call)
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return inOrder(out[i], out[j]) })
	return out
}

// callsWith returns the calls in the files whose text holds one of some words,
// in path and source order.
func (w *world) callsWith(words ...string) []*rewrite.Node {
	var out []*rewrite.Node
	for _, f := range w.filesWith(words...) {
		out = append(out, w.files[f].calls...)
	}
	return out
}

// inOrder reports whether a stands before b: by path, then source, and a call
// before those inside it.
func inOrder(a, b *rewrite.Node) bool {
	switch {
	case a.File != b.File:
		return a.File.Path < b.File.Path
	case a.Start != b.Start:
		return a.Start < b.Start
	}
	return a.End > b.End
}

// rootMethods are methods of scopes, hubs and transactions that make a root.
var rootMethods = []string{"start_transaction", "continue_trace", "continue_from_headers", "continue_from_environ", "from_traceparent"}

// rootCalls counts the calls that make a root, or may, and tells whether one
// that is streamed stays in the current trace.
func (w *world) rootCalls() (roots int, staying bool) {
	if w.rootCount == nil {
		w.rootCount = new(int)
		for _, call := range w.sdkCalls(rootMethods...) {
			switch w.callee(call) {
			case legacyStartTransaction, legacyContinueTrace, newContinueTrace:
				*w.rootCount++
			case newStartSpan:
				if p := call.Keyword("parent_span"); p != nil && p.Value.Is("none") {
					*w.rootCount++
					w.rootStays = w.rootStays || !w.afresh(call)
				}
			default:
				if fn := call.Child("function"); fn.Is("attribute") && slices.Contains(rootMethods, fn.Child("attribute").Text()) {
					*w.rootCount++
				}
			}
		}
	}
	return *w.rootCount, w.rootStays
}
