package steps

import "spanwalk/rewrite"

// statusRead reports a comparison with a status that a streamed span never has,
// and notes any other read that may come before a status is set: legacy said
// None there. Nothing a streamed span has tells the two apart, and lines that
// were written for streamed spans look the same, so nothing is changed.
func (m *member) statusRead() {
	if p := m.attr.Parent; p.Is("comparison_operator") {
		for _, c := range p.Children {
			if stringValue(c.Inner()) == statusError {
				return // never a legacy status: the answer is the same before one is set
			}
			if to, ok := m.pass.newStatus(c.Inner()); ok && (c.Is("none") || to != stringValue(c)) {
				m.weaken(Manual, "a streamed span is ok or error, and ok before anything is set: compare with one of these")
				m.report(m.attr, "status of a span is compared with "+brief(c))
				return
			}
		}
	}
	if !m.statusWasSet() {
		m.pass.Report(m.attr, m.name, Finding{Tier: Review, Note: true, Shape: m.shape(),
			Message: "status of a span may be read before one is set: it is ok then; the transaction API said None"})
	}
}

// statusWasSet reports whether a status is certainly set, in the same function,
// before the member runs: a statement that sets it stands earlier in a block
// around it, and the receiver is not bound anew in between.
func (m *member) statusWasSet() bool {
	recv := m.recv.Inner()
	for s := m.attr.Statement(); s != nil && s.Parent.Function() == m.attr.Function(); s = s.Parent.Statement() {
		for _, earlier := range s.Parent.Children {
			if earlier.Start < s.Start && m.pass.setsStatus(earlier, recv.Text()) && !boundBetween(recv, earlier, m.attr) {
				return true
			}
		}
	}
	return false
}

// setsStatus reports a statement that is nothing but "recv.status = value",
// recv.set_status(value) or recv.set_http_status(value), with a value that does
// set one.
func (p *Pass) setsStatus(s *rewrite.Node, recv string) bool {
	if !s.Is("expression_statement") || len(s.Children) != 1 {
		return false
	}
	var target, value *rewrite.Node
	switch n := s.Children[0]; {
	case n.Is("assignment"):
		target, value = n.Child("left"), n.Child("right")
		if !target.Is("attribute") || target.Child("attribute").Text() != "status" {
			return false
		}
	case n.Is("call") && len(n.Args()) == 1 && n.Args()[0].Star == "":
		target, value = n.Child("function"), n.Args()[0].Value
		if !target.Is("attribute") || target.Child("attribute").Text() != "set_status" && target.Child("attribute").Text() != "set_http_status" {
			return false
		}
	}
	return value != nil && target.Child("object").Text() == recv && !noStatus(value) && !p.world.mayBeNone(value)
}

// boundBetween reports a binding of the name n between two places.
func boundBetween(n, from, to *rewrite.Node) bool {
	if !n.Is("identifier") {
		return false
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		if b.Node.Start > from.Start && b.Node.Start < to.Start {
			return true
		}
	}
	return false
}

// isSuccess becomes a comparison. Legacy said False as long as no status was
// set.
func (m *member) isSuccess() {
	call := m.call()
	if call == nil {
		m.weaken(Manual, "the method is used as a value")
		m.report(m.attr, "is_success of a span")
		return
	}
	if !m.statusWasSet() {
		m.weaken(Review, "a streamed span is ok before any status is set")
	}
	open, end := "(", ")"
	if call.Parent.Is("if_statement", "elif_clause", "while_statement", "assignment", "return_statement", "argument_list", "parenthesized_expression", "boolean_operator", "not_operator", "keyword_argument") {
		open, end = "", ""
	}
	m.edit(call.Start, call.Start, open)
	m.edit(m.attr.Child("attribute").Start, call.End, "status == "+m.quote(statusOK)+end)
	m.report(call, "is_success() on a span")
}
