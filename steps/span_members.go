package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// SpanMembers moves what streamed spans call otherwise, or lack.
var SpanMembers = &Step{
	Name:  "span-members",
	Items: []int{13, 14},
	Title: "replace the other members of spans",
	Why: "Streamed spans have a name, a status of ok or error, attributes and end(): description, op, set_status() and the like raise AttributeError on them. " +
		"What has a counterpart is rewritten; what has none is listed with the reason.",
	Doc: "Rewrites finish, description, op, origin, source, set_status, status, is_success, set_http_status, set_measurement, set_flag, timestamp and the header methods on spans. " +
		"Members whose names say little (status, op, timestamp, …) count only on values that are proved to be spans.",
	Link: guide + "span-status",
	Before: `import sentry_sdk

span = sentry_sdk.traces.start_span(name="load", active=False)
span.description = "load cart"
span.set_status("not_found")
span.finish()
`,
	After: `import sentry_sdk

span = sentry_sdk.traces.start_span(name="load", active=False)
span.name = "load cart"
span.status = "error"
span.end()
`,
	Find: findSpanMembers,
}

// memberRule is how the step treats one member.
type memberRule struct {
	apply  func(*member)
	proved bool   // the name says too little: the receiver must be proved to be a span
	why    string // for members without a counterpart
}

// memberRules returns the rules by member name. A member that is not here is
// the same on streamed spans, or another step's.
func memberRules() map[string]memberRule {
	rules := map[string]memberRule{
		"finish": {apply: (*member).finish}, "set_status": {apply: (*member).setStatus}, "set_http_status": {apply: (*member).setHTTPStatus},
		"set_measurement": {apply: (*member).setMeasurement}, "is_success": {apply: (*member).isSuccess}, "set_flag": {apply: (*member).setFlag},
		"to_traceparent": {apply: (*member).traceparent}, "iter_headers": {apply: (*member).headers}, "to_baggage": {apply: (*member).baggage},
		"get_baggage": {apply: (*member).baggage, proved: true},
		"description": {apply: (*member).description}, "status": {apply: (*member).status, proved: true}, "name": {apply: (*member).nameWritten, proved: true},
		"op": {apply: (*member).op, proved: true}, "origin": {apply: (*member).origin, proved: true}, "source": {apply: (*member).source, proved: true},
		"timestamp": {apply: (*member).timestamp, proved: true},
	}
	for name, why := range lostMembers {
		rules[name] = memberRule{apply: (*member).lost, proved: true, why: why}
	}
	return rules
}

// lostMembers have no counterpart on streamed spans; the text says what to do.
var lostMembers = map[string]string{
	"to_json":                 "there is no public form of a streamed span as JSON: read name, attributes and timestamps",
	"set_thread":              "a streamed span records its thread itself: drop the call, or set thread.id and thread.name as attributes",
	"update_active_thread":    "a streamed span records its thread itself: drop the call",
	"set_profiler_id":         "the profiler sets sentry.profiler_id itself: drop the call",
	"get_profile_context":     "a streamed span has no profile context: read the attribute sentry.profiler_id",
	"init_span_recorder":      "streamed spans are not recorded in memory: drop the call",
	"set_description":         "assign name instead",
	"hub":                     "there is no hub any more",
	"scope":                   "a streamed span gives no access to its scope",
	"data":                    "read get_attributes()",
	"tags":                    "read get_attributes()",
	"_data":                   "read get_attributes()",
	"_tags":                   "read get_attributes()",
	"_measurements":           "measurements are attributes: read get_attributes()",
	"_contexts":               "contexts are attributes: read get_attributes()",
	"_span_recorder":          "streamed spans are not recorded in memory",
	"_containing_transaction": "a streamed span has no transaction",
	"parent_span_id":          "only the private _parent_span_id has it",
	"parent_sampled":          "a streamed span does not tell the decision of its parent",
	"same_process_as_parent":  "a streamed span does not tell",
	"_profile":                "the transaction profiler does not run while spans stream",
}

// readOnly are attributes that streamed spans have but do not let anybody
// assign.
var readOnly = map[string]string{
	"sampled":         "the decision is made when the span starts: let traces_sampler decide, by a key of the sampling context if need be",
	"start_timestamp": "a streamed span starts when it is made",
	"trace_id":        "continue the trace with sentry_sdk.traces.continue_trace() instead",
	"span_id":         "a streamed span makes its own id",
}

// findSpanMembers finds the members of spans that streamed spans lack or name
// otherwise, and top-level set_measurement().
//
// The receiver is proved to be a span, or, for members whose name leaves little
// doubt, named like one in a file that imports the SDK (for review). A span
// whose creation stays on the transaction API keeps its members (manual).
func findSpanMembers(p *Pass) error {
	rules := memberRules()
	names := map[string]bool{}
	for name := range rules {
		names[name] = true
	}
	var all []*member
	for _, name := range keys(names) {
		for _, m := range p.members(rules[name].proved, name) {
			if (name == "_tags" || name == "_data") && supporting(m.attr.File.Path) && readsEntry(m.attr) {
				continue // the step test-doubles owns it
			}
			all = append(all, m)
			if m.kind.isSpan() || name != "description" || m.namedSpan() {
				m.apply(rules[name])
			}
		}
	}
	p.growStandIns(all, map[string]string{"finish": "end"})
	p.readOnlyMembers()
	p.namedByText()
	p.topLevelMeasurements()
	return nil
}

// apply rewrites the member, unless its span stays on the transaction API.
func (m *member) apply(rule memberRule) {
	m.why = rule.why
	switch {
	case m.tier != Manual:
		if m.name != "finish" && (m.written() || strings.HasPrefix(m.name, "set_")) && m.endedBefore() {
			m.weaken(Review, "the span has ended here: a streamed span is sent by then and loses it; move the line into its block")
		}
		rule.apply(m)
	case m.name != "name" && m.name != "status" || m.written():
		m.report(m.site(), m.name+" of a span")
	}
}

// readOnlyMembers finds assignments that a streamed span refuses.
func (p *Pass) readOnlyMembers() {
	for _, m := range p.members(true, "sampled", "start_timestamp", "trace_id", "span_id") {
		if m.written() && m.tier != Manual {
			m.weaken(Manual, "%s", readOnly[m.name])
			m.report(m.attr, m.name+" of a span is assigned")
		}
	}
}

// namedSpan reports a receiver whose name holds "span", not just
// "transaction", which many things are called.
func (m *member) namedSpan() bool {
	n := m.recv.Inner()
	if n.Is("attribute") {
		n = n.Child("attribute")
	}
	switch n.Text() {
	case "transaction", "txn", "_transaction":
		return false
	}
	return true
}

// site is the node a finding about the member is about: its call or the
// attribute itself.
func (m *member) site() *rewrite.Node {
	if call := m.call(); call != nil {
		return call
	}
	return m.attr
}

// finish becomes end(). Scope and hub arguments go; the time stays.
func (m *member) finish() {
	call := m.call()
	m.rename("end")
	switch {
	case call == nil && m.written():
		m.weaken(Manual, "a streamed span lets nobody replace a method")
	case call == nil:
		m.weaken(Review, "the method is used as a value: end() takes a time where finish() took a scope")
	case unpacks(call):
		m.weaken(Manual, "its arguments cannot be seen here: write them out")
	default:
		m.endArguments(call)
		if m.statement() == nil && !call.Parent.Is("lambda", "return_statement", "await") && m.kind.span&(rootSpan|currentSpan) != 0 {
			m.weaken(Review, "finish() of a transaction gave the id of its event, end() gives None")
		}
	}
	m.report(m.site(), "finish() on a span")
}

// endArguments keeps the end time and drops the others.
func (m *member) endArguments(call *rewrite.Node) {
	edit := rewrite.EditCall(call)
	dropped := false
	for i, a := range call.Args() {
		isTime := a.Name == "end_timestamp" || a.Name == "" && (i == 1 || i == 0 && m.pass.isTime(a.Value))
		switch {
		case isTime && !emptyTime(a.Value):
			if a.Name != "" {
				m.edit(a.Node.Start, a.Value.Start, "")
			}
			if v := m.pass.world.attributeValue(a.Value); v.class == valueSame && v.of == "str" {
				m.weaken(Review, "a text was sent as the time it is, end() takes it for now: hand over a datetime")
			}
			continue
		case !isTime && !a.Value.Is("none") && !m.pass.isScope(a.Value):
			m.weaken(Review, "%s is dropped: a streamed span ends on the scope it started on", brief(a.Value))
		}
		edit.Remove(a)
		dropped = true
	}
	if dropped {
		m.edits = append(m.edits, edit.Edits(1<<20)...)
	}
}

// emptyTime reports a literal that finish() took for "now".
func emptyTime(n *rewrite.Node) bool {
	switch n.Inner().Text() {
	case "None", "0", "0.0", "False":
		return true
	}
	return false
}

// isTime reports a value that is a point in time, which only the finish() of a
// streamed span takes first.
func (p *Pass) isTime(n *rewrite.Node) bool {
	v := p.world.attributeValue(n)
	return v.class == valueDatetime || v.class == valueSame && (v.of == "float" || v.of == "int")
}

// isScope reports a scope or hub.
func (p *Pass) isScope(n *rewrite.Node) bool {
	k := p.world.typeOf(n)
	return k.scope || k.hub
}
