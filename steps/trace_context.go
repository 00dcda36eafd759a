package steps

import (
	"spanwalk/rewrite"
)

// TraceContext replaces get_trace_context() on spans.
var TraceContext = &Step{
	Name:  "trace-context",
	Items: []int{12},
	Title: "read ids from the span, not from its trace context",
	Why: "Streamed spans have no get_trace_context(). " +
		"Code that only reads ids from it finds them on the span; code that hands the whole dict on needs a decision.",
	Doc: "Rewrites get_trace_context() on spans where only trace_id and span_id are read. The private _get_trace_context() is offered and never chosen for you. " +
		"get_trace_context() of a scope still works and is left alone.",
	Link: guide + "get_trace_context",
	Before: `import sentry_sdk

with sentry_sdk.traces.start_span(name="load") as span:
    context = span.get_trace_context()
    print(context["trace_id"], context.get("span_id"))
`,
	After: `import sentry_sdk

with sentry_sdk.traces.start_span(name="load") as span:
    print(span.trace_id, span.span_id)
`,
	Find: findTraceContext,
}

// findTraceContext finds get_trace_context() on spans.
//
//	span.get_trace_context()["trace_id"]
//	ctx = span.get_trace_context(); ctx["trace_id"]; ctx.get("span_id")
//
// A variable that holds the dict goes when every use reads one of the two ids
// and the span is named by something that does not change in between. Any
// other use, and any other key, is a question.
func findTraceContext(p *Pass) error {
	for _, m := range p.members(false, "get_trace_context") {
		call := m.call()
		switch {
		case m.tier == Manual:
		case call == nil || len(call.Args()) > 0:
			m.weaken(Manual, "the method is used as a value")
		default:
			m.traceContext(call)
		}
		m.report(m.site(), "get_trace_context() on a span")
	}
	return nil
}

func (m *member) traceContext(call *rewrite.Node) {
	if read, id := keyRead(call); read != nil {
		m.edit(m.recv.End, read.End, "."+id)
		return
	}
	if reads := m.contextReads(call); reads != nil {
		m.edits = append(m.edits, rewrite.RemoveStatement(call.Statement()))
		for _, r := range reads {
			read, id := keyRead(r)
			m.edit(read.Start, read.End, m.recv.Text()+"."+id)
		}
		return
	}
	m.wholeContext(call)
}

// keyRead returns the expression that reads an id from the dict n, by subscript
// or by get(), and the id's name; nil for any other use.
func keyRead(n *rewrite.Node) (read *rewrite.Node, id string) {
	p := n.Parent
	switch {
	case p.Is("subscript") && n.Field == "value" && len(p.Fields("subscript")) == 1 && !p.Parent.Is("delete_statement") && p.Field != "left":
		read, id = p, stringValue(p.Child("subscript"))
	case p.Is("attribute") && n.Field == "object" && p.Child("attribute").Text() == "get" && p.Parent.Is("call") && p.Field == "function":
		if args := p.Parent.Args(); len(args) > 0 && args[0].Name == "" && args[0].Star == "" {
			read, id = p.Parent, stringValue(args[0].Value)
		}
	}
	if id == "trace_id" || id == "span_id" {
		return read, id
	}
	return nil, ""
}

// contextReads returns the uses of a variable that holds the dict, if all of
// them read an id and the span can be named in each of those places.
func (m *member) contextReads(call *rewrite.Node) []*rewrite.Node {
	as := call.Parent
	if !as.Is("assignment") || !as.Parent.Is("expression_statement") || !as.Child("left").Is("identifier") || as.Child("type") != nil || !m.recv.Inner().Is("identifier") {
		return nil
	}
	w, name := m.pass.world, as.Child("left")
	scope, bindings := name.File.ScopeOf(name).Lookup(name.Text())
	if len(bindings) != 1 || scope.Node.Is("class_definition") {
		return nil
	}
	var reads []*rewrite.Node
	for _, r := range w.uses(variable{scope, name.Text()}) {
		if r == name {
			continue
		}
		if read, _ := keyRead(r); read == nil || r.Function() != name.Function() || !m.sameAt(r) {
			return nil
		}
		reads = append(reads, r)
	}
	return reads
}

// sameAt reports whether the variable that the receiver is holds the same span
// at another place.
func (m *member) sameAt(n *rewrite.Node) bool {
	recv := m.recv.Inner()
	_, bindings := recv.File.ScopeOf(recv).Lookup(recv.Text())
	here, there := reaching(recv, bindings), reaching(n, bindings)
	return len(here) == 1 && len(there) == 1 && here[0] == there[0]
}

// wholeContext asks what to do where the dict itself is wanted, or a key that
// the span has no public property for.
func (m *member) wholeContext(call *rewrite.Node) {
	q := Question{ID: "trace-context", Key: m.pass.SiteKey(call, m.name), Path: call.File.Path, Start: call.Start, End: call.End, Shape: m.shape(),
		Prompt: "The trace context of this span is wanted as a whole. How should it be read?",
		Why:    "Streamed spans have no public get_trace_context().",
		Options: []Option{
			{ID: "private", Text: "From the private _get_trace_context()", Consequence: "has no status, description and data, no op on unsampled spans; private API that may change"},
			{ID: "scope", Text: "From the current scope", Consequence: "public, and the same dict where this span is the active one; another span's elsewhere"},
			{ID: "marker", Text: "Restructure by hand", Consequence: "nothing is written; the place stays listed"},
			leaveOption,
		}}
	const lost = "the context has no status, description and data any more"
	switch answer, ok := m.pass.Ask(q); {
	case !ok:
		m.open = true
	case answer == "private":
		m.weaken(Review, lost)
		m.rename("_get_trace_context")
	case answer == "scope":
		m.weaken(Review, lost)
		if !m.isCurrent() {
			m.weaken(Review, "%s may not be the active span", brief(m.recv))
		}
		m.edit(call.Start, call.End, rewrite.NameRef(currentScope, m.pass.sdkStyle(call))+"().get_trace_context()")
	default:
		m.weaken(Manual, "restructure it to read trace_id and span_id from the span")
	}
}
