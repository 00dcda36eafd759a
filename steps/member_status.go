package steps

import (
	"strconv"
	"strings"

	"spanwalk/rewrite"
)

const (
	statusOK    = "ok"
	statusError = "error"
)

// setStatus becomes an assignment of "ok" or "error".
func (m *member) setStatus() {
	call, stmt := m.call(), m.statement()
	switch {
	case call == nil:
		m.weaken(Manual, "the method is used as a value")
	case unpacks(call) || len(call.Args()) != 1:
		m.weaken(Manual, "its arguments cannot be seen here: write them out")
	case stmt == nil:
		m.statusInExpression(call)
	default:
		v := call.Args()[0].Value
		open, end := " = ", ""
		if strings.ContainsAny(v.Text(), "\r\n") && !v.Is("parenthesized_expression", "call", "subscript") {
			open, end = " = (", ")"
		}
		m.edit(m.attr.Child("attribute").Start, v.Start, "status"+open)
		m.statusValue(v)
		m.edit(v.End, call.End, end)
	}
	m.report(m.site(), "set_status() on a span")
}

// statusInExpression keeps a call where there is no line for an assignment.
func (m *member) statusInExpression(call *rewrite.Node) {
	m.weaken(Review, "there is no line for an assignment")
	v := call.Args()[0].Value
	m.edit(call.Start, call.Start, "setattr(")
	m.edit(m.recv.End, v.Start, ", "+m.quote("status")+", ")
	m.statusValue(v)
}

// statusValue rewrites a legacy status: "ok" stays, any other constant is
// "error", the branches of a condition each for themselves, and what is not
// known is compared. What is falsy was no status, which is "ok".
func (m *member) statusValue(v *rewrite.Node) {
	v = v.Inner()
	if v.Is("conditional_expression") {
		m.statusValue(v.Children[0])
		m.statusValue(v.Children[2])
		return
	}
	if to, ok := m.pass.newStatus(v); ok {
		if text := m.quote(to); stringValue(v) != to {
			m.edit(v.Start, v.End, text)
		}
		return
	}
	m.weaken(Review, "%s may be any legacy status: all but ok are error now", brief(v))
	before, after := m.quote(statusOK)+" if ", " == "+m.quote(statusOK)+" else "+m.quote(statusError)
	switch {
	case m.pass.world.mayBeNone(v):
		before, after = before+"(", " or "+m.quote(statusOK)+")"+after
	case !v.Is("identifier", "attribute", "call", "subscript", "await"):
		before, after = before+"(", ")"+after
	}
	if v.Parent.Is("conditional_expression") {
		before, after = "("+before, after+")"
	}
	m.edit(v.Start, v.Start, before)
	m.edit(v.End, v.End, after)
}

// newStatus maps a constant: a text, a member of SPANSTATUS, None. ok is false
// for anything else.
func (p *Pass) newStatus(v *rewrite.Node) (status string, ok bool) {
	text := stringValue(v)
	dotted := p.world.dotted(strip(v, "value"))
	switch name, isEnum := strings.CutPrefix(dotted, "sentry_sdk.consts.SPANSTATUS."); {
	case isEnum:
		text = strings.ToLower(name)
	case noStatus(v):
		return statusOK, true
	case text == "":
		return "", false
	}
	if text == statusOK {
		return statusOK, true
	}
	return statusError, true
}

// noStatus reports None and the empty text.
func noStatus(v *rewrite.Node) bool {
	return v.Is("none") || v.Is("string") && len(v.Children) == 2
}

// status keeps "ok" and "error"; streamed spans ignore any other value without
// a word.
func (m *member) status() {
	as := m.assigned()
	switch {
	case as == nil && m.written():
		m.weaken(Manual, "it is no plain assignment")
	case as == nil:
		m.statusRead()
		return
	default:
		v := as.Child("right")
		if m.pass.streamedStatus(v) {
			return
		}
		m.statusValue(v)
		if len(m.edits) == 0 {
			return
		}
	}
	m.report(m.attr, "status of a span")
}

// streamedStatus reports a value that can only have been written for a streamed
// span, or that this step wrote.
func (p *Pass) streamedStatus(v *rewrite.Node) bool {
	v = v.Inner()
	if v.Is("conditional_expression") {
		return p.streamedStatus(v.Children[0]) && p.streamedStatus(v.Children[2])
	}
	text := stringValue(v)
	return text == statusOK || text == statusError || strings.HasPrefix(p.world.dotted(strip(v, "value")), "sentry_sdk.traces.SpanStatus.")
}

// setHTTPStatus becomes an attribute and a status, as the SDK's own
// integrations do it.
func (m *member) setHTTPStatus() {
	call, stmt := m.call(), m.statement()
	switch {
	case call == nil || unpacks(call) || len(call.Args()) != 1:
		m.weaken(Manual, "its argument cannot be seen here: write it out")
	case stmt == nil:
		m.weaken(Manual, "the call is no statement of its own: set the attribute %s and the status by hand", newStatusKey)
	case !steadyReceiver(m.recv):
		m.weaken(Manual, "%s would be computed twice: put it into a variable", brief(m.recv))
	default:
		m.httpStatus(call, stmt)
	}
	m.report(m.site(), "set_http_status() on a span")
}

func (m *member) httpStatus(call, stmt *rewrite.Node) {
	v := call.Args()[0].Value
	style := stmt.File.Style
	between := style.Newline + stmt.Indent()
	_, before := rewrite.InsertBefore(stmt)
	_, after := rewrite.InsertAfter(stmt)
	if !before || !after {
		between = "; "
	}
	code, lead := v.Text(), ""
	if !v.Is("integer", "identifier") {
		code = m.pass.freeName(call, "status_code", "http_status", "code")
		lead = code + " = " + v.Text() + between
	}
	if strings.ContainsAny(lead, "\r\n") && strings.ContainsAny(v.Text(), "\r\n") {
		m.weaken(Manual, "its argument spans several lines: put it into a variable")
		return
	}
	verdict := m.quote(statusError) + " if " + code + " >= 400 else " + m.quote(statusOK)
	if n, err := strconv.Atoi(code); err == nil {
		verdict = m.quote(statusOK)
		if n >= 400 {
			verdict = m.quote(statusError)
		}
	}
	recv := m.recv.Text()
	m.edit(stmt.Start, stmt.End, lead+recv+".set_attribute("+m.quote(newStatusKey)+", "+code+")"+between+recv+".status = "+verdict)
}
