package steps

import (
	"spanwalk/rewrite"
)

// description is the name of a streamed span, to read and to write. That of a
// transaction was not its name and did nothing.
func (m *member) description() {
	as := m.assigned()
	if as != nil && m.alwaysRoot() && !hasCall(as.Child("right")) {
		m.weaken(Review, "the description of a transaction was not its name: the line goes")
		m.edits = append(m.edits, rewrite.RemoveStatement(as.Parent))
		id := m.attr.Child("attribute")
		m.others = append(m.others, Alternative{ID: "rename", Title: "rename the root span", Edits: []rewrite.Edit{{Start: id.Start, End: id.End, New: "name"}}})
		m.report(m.attr, "description of a span")
		return
	}
	m.rename("name")
	switch {
	case m.attr.Parent.Is("delete_statement"):
		m.weaken(Manual, "a streamed span always has a name")
	case as != nil && (as.Child("right").Is("none") || m.pass.world.mayBeNone(as.Child("right"))):
		m.weaken(Review, "a streamed span needs a name, and %s may be None", brief(as.Child("right")))
	case m.kind.span&rootSpan != 0:
		m.weaken(Review, "where the span is a transaction, its description was not its name")
	case m.kind.span&currentSpan != 0:
		m.weaken(Review, "where the current span is the root, its description was not its name")
	}
	m.report(m.attr, "description of a span")
}

// alwaysRoot reports a receiver that every call which makes it makes a root.
func (m *member) alwaysRoot() bool {
	for _, site := range m.kind.sites {
		if p := site.Keyword("parent_span"); p == nil || !p.Value.Is("none") {
			return false
		}
	}
	return len(m.kind.sites) > 0 && m.kind.span&currentSpan == 0
}

// nameWritten notes an assignment that did nothing on a child and renames the
// span now. Lines that were written for streamed spans look the same, so
// nothing is changed.
func (m *member) nameWritten() {
	if m.assigned() == nil || !m.kind.proven() || m.kind.span&(rootSpan|currentSpan) != 0 {
		return
	}
	m.pass.Report(m.attr, m.name, Finding{Tier: Review, Note: true, Shape: m.shape(),
		Message: "name of a child span is assigned: it renames the span; the transaction API ignored it, unlike description"})
}

func (m *member) op() { m.asAttribute("sentry.op") }

func (m *member) origin() { m.asAttribute("sentry.origin") }

func (m *member) source() { m.asAttribute(m.pass.Floor.SourceAttribute()) }

// asAttribute turns an attribute of a legacy span into one of the attributes
// that streamed spans keep in a dictionary.
func (m *member) asAttribute(key string) {
	as := m.assigned()
	switch {
	case as == nil && m.written():
		m.weaken(Manual, "it is no plain assignment: use set_attribute(%s, …)", m.quote(key))
	case as == nil:
		m.weaken(Review, "a span that is not sampled gives None")
		id := m.attr.Child("attribute")
		m.edit(id.Start, id.End, "get_attributes().get("+m.quote(key)+")")
	case as.Child("right").Is("none"):
		m.edit(m.attr.Child("attribute").Start, as.End, "remove_attribute("+m.quote(key)+")")
	default:
		v := as.Child("right")
		if m.pass.world.mayBeNone(v) {
			m.weaken(Review, "%s may be None, which would be sent as the text 'None'", brief(v))
		}
		m.edit(m.attr.Child("attribute").Start, v.Start, "set_attribute("+m.quote(key)+", ")
		m.edit(v.End, v.End, ")")
		if v.Is("yield", "expression_list") {
			m.weaken(Manual, "its value needs a variable")
		}
	}
	m.report(m.attr, m.name+" of a span")
}

// timestamp is end_timestamp, which only end() sets.
func (m *member) timestamp() {
	if m.written() {
		m.weaken(Manual, "the end of a streamed span is set by end(…)")
	}
	m.rename("end_timestamp")
	m.report(m.attr, "timestamp of a span")
}

// lost reports a member without a counterpart.
func (m *member) lost() {
	m.weaken(Manual, "%s", m.why)
	m.report(m.site(), m.name+" of a span")
}

// setFlag puts the result of a feature flag on the span.
func (m *member) setFlag() {
	m.rename("set_attribute")
	m.weaken(Review, "a legacy span kept ten flags at most")
	m.report(m.site(), "set_flag() on a span")
}

// setMeasurement becomes an attribute. A unit has nowhere to go.
func (m *member) setMeasurement() {
	call := m.call()
	if call == nil || unpacks(call) || len(call.Args()) < 2 {
		m.weaken(Manual, "its arguments cannot be seen here: write them out")
		m.report(m.site(), "set_measurement() on a span")
		return
	}
	m.rename("set_attribute")
	m.measured(call)
	m.report(call, "set_measurement() on a span")
}

// measured rewrites the arguments of set_measurement().
func (m *member) measured(call *rewrite.Node) {
	edit := rewrite.EditCall(call)
	dropped := false
	for i, a := range call.Args() {
		switch {
		case a.Name == "unit" || a.Name == "" && i == 2:
			if text := stringValue(a.Value); text != "none" && a.Value.Text() != `""` && a.Value.Text() != `''` {
				m.weaken(Review, "the unit %s has nowhere to go", brief(a.Value))
			}
			edit.Remove(a)
			dropped = true
		case a.Name == "name":
			m.edit(a.Node.Start, a.Node.Start+len("name"), "key")
		}
	}
	if dropped {
		m.edits = append(m.edits, edit.Edits(1<<20)...)
	}
}

// topLevelMeasurements finds sentry_sdk.set_measurement(), which went to the
// root and does nothing once spans stream.
func (p *Pass) topLevelMeasurements() {
	for _, call := range p.world.sdkCalls() {
		if p.world.callee(call) != "sentry_sdk.set_measurement" {
			continue
		}
		name, value := argument(call, 0, "name"), argument(call, 1, "value")
		f := Finding{Message: "sentry_sdk.set_measurement() does nothing once spans stream", Tier: Manual}
		if stmt := call.Parent; stmt.Is("expression_statement") && !unpacks(call) && name != nil && value != nil {
			span := p.freeName(call, "span", "current_span")
			style := call.File.Style
			f.Tier = Review
			f.Message += ": the value goes to the current span, not to the root, and a unit has nowhere to go"
			f.Edits = []rewrite.Edit{{Start: stmt.Start, End: stmt.End,
				New: "if (" + span + " := " + rewrite.NameRef(newCurrentSpan, p.styleOf(call)) + "()) is not None:" + style.Newline + stmt.Indent() + style.Indent +
					span + ".set_attribute(" + name.Value.Text() + ", " + value.Value.Text() + ")"}}
		}
		p.Report(call, "set_measurement", f)
	}
}
