package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// Headers of the active span come from the module; of any other span from the
// scope, which takes the span. Both are public on every release.
const currentScope = "sentry_sdk.get_current_scope"

// traceparent is the sentry-trace header.
func (m *member) traceparent() {
	call := m.call()
	switch {
	case call == nil || len(call.Args()) > 0:
		m.weaken(Manual, "the method is used as a value")
	case m.isCurrent():
		m.edit(call.Start, call.End, rewrite.NameRef("sentry_sdk.get_traceparent", m.pass.sdkStyle(call))+"()")
	default:
		m.weaken(Review, "%s may not be the active span, so its headers are asked for", brief(m.recv))
		m.headersOf(call, "dict(", ")["+m.quote("sentry-trace")+"]")
		m.private("_to_traceparent")
	}
	m.report(m.site(), "to_traceparent() on a span")
}

func (m *member) scopeHeaders() string {
	return rewrite.NameRef(currentScope, m.pass.sdkStyle(m.attr)) + "().iter_trace_propagation_headers"
}

// headersOf writes the headers of a span that may not be the active one in the
// place of a call, between two texts. A call that outgrows its line has its
// argument on one of its own.
func (m *member) headersOf(call *rewrite.Node, before, after string) {
	f, headers := call.File, m.scopeHeaders()
	open, end := "(span=", ")"
	line := string(f.Source[f.LineSpan(call.Start).Start:call.Start]) + before + rewrite.PlainNames(headers) + open + m.recv.Text() + end +
		after + string(f.Source[call.End:f.LineSpan(call.End).End])
	if textWidth(line) > lineWidth(m.pass.Project, f.Path) && !strings.ContainsAny(line, "\r\n") && call.Ancestor("interpolation") == nil {
		outer := f.Style.Newline + call.Indent()
		open, end = "("+outer+f.Style.Indent+"span=", ","+outer+")"
	}
	m.edit(call.Start, m.recv.Start, before+headers+open)
	m.edit(m.recv.End, call.End, end+after)
}

// private offers the private counterpart of a method.
func (m *member) private(name string) {
	id := m.attr.Child("attribute")
	m.others = append(m.others, Alternative{ID: "private", Title: "call the private " + name + "(), which may change",
		Edits: []rewrite.Edit{{Start: id.Start, End: id.End, New: name}}})
}

// headers are sentry-trace and baggage.
func (m *member) headers() {
	call := m.call()
	switch {
	case call == nil || len(call.Args()) > 0:
		m.weaken(Manual, "the method is used as a value")
	case m.isCurrent():
		m.edit(call.Start, call.End, m.scopeHeaders()+"()")
	default:
		m.headersOf(call, "", "")
	}
	m.report(m.site(), "iter_headers() on a span")
}

// baggage is to_baggage() of spans and get_baggage() of transactions. Both gave
// an object; what is public now is its text. Only serialize() of the object has
// that as its counterpart.
func (m *member) baggage() {
	call := m.call()
	serialized := serializes(call)
	switch {
	case serialized == nil:
		m.weaken(Manual, "it gave an object; sentry_sdk.get_baggage() gives the header's text")
	case m.isCurrent():
		m.edit(serialized.Start, serialized.End, rewrite.NameRef("sentry_sdk.get_baggage", m.pass.sdkStyle(call))+"()")
	default:
		m.weaken(Review, "%s may not be the active span, so its headers are asked for", brief(m.recv))
		m.headersOf(serialized, "dict(", ").get("+m.quote("baggage")+", "+m.quote("")+")")
		m.private("_to_baggage")
	}
	m.report(m.site(), m.name+"() on a span")
}

// serializes returns the call "….serialize()" of what a call gives, or nil.
func serializes(call *rewrite.Node) *rewrite.Node {
	if call == nil || !call.Parent.Is("attribute") || call.Parent.Child("attribute").Text() != "serialize" || !call.Parent.Parent.Is("call") || call.Parent.Field != "function" {
		return nil
	}
	if outer := call.Parent.Parent; len(outer.Args()) == 0 {
		return outer
	}
	return nil
}
