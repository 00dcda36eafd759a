package steps

import "spanwalk/rewrite"

// ifStatement reads a condition with its branches. It returns what holds for
// the statements behind it: an event that was kept in a branch never meets
// them.
func (f *eventFilter) ifStatement(s *rewrite.Node, outer []test) []test {
	if f.onlyEdits(s) {
		switch {
		case f.mentions(s) && !f.idleIf(s):
			f.edits = append(f.edits, &eventEdit{s})
		case !f.idleIf(s):
			f.cannot(s, "it does something besides filtering")
		}
		return nil
	}
	var kept []test
	for _, c := range clausesOf(s) {
		condition, body := c.Child("condition"), c.Child("consequence")
		tests := append(copyTests(outer), kept...)
		switch {
		case condition == nil:
			f.block(c.Child("body").Children, tests)
		case dropsAtEnd(body) && f.idle(body.Children[:len(body.Children)-1]):
			before := len(f.drops)
			f.disjuncts(condition, tests, c, nil)
			for _, d := range f.drops[before:] {
				d.silent = len(body.Children) == 1
			}
		case f.keeps(body):
			kept = append(kept, test{condition.Inner(), true})
		default:
			f.block(body.Children, f.conjuncts(condition, tests))
		}
	}
	return kept
}

// idleIf reports a condition whose branches do nothing.
func (f *eventFilter) idleIf(s *rewrite.Node) bool {
	for _, c := range clausesOf(s) {
		body := c.Child("consequence")
		if body == nil {
			body = c.Child("body")
		}
		if body == nil || !f.idle(body.Children) {
			return false
		}
	}
	return true
}

// clausesOf returns an if statement with its elif and else clauses. The
// statement itself stands for its first clause.
func clausesOf(s *rewrite.Node) []*rewrite.Node {
	return append([]*rewrite.Node{s}, s.Fields("alternative")...)
}

// keeps reports a block that only returns the event.
func (f *eventFilter) keeps(body *rewrite.Node) bool {
	if body == nil || len(body.Children) == 0 {
		return false
	}
	last := body.Children[len(body.Children)-1]
	return last.Is("return_statement") && len(last.Children) == 1 && last.Children[0].Text() == f.event && f.idle(body.Children[:len(body.Children)-1])
}

// idle reports statements that neither change the event nor decide anything.
func (f *eventFilter) idle(list []*rewrite.Node) bool {
	for _, s := range list {
		if s.Is("pass_statement") || s.Is("expression_statement") && len(s.Children) == 1 && (logs(s.Children[0]) || s.Children[0].Is("string")) {
			continue
		}
		return false
	}
	return true
}

// onlyEdits reports a statement that returns nowhere.
func (f *eventFilter) onlyEdits(s *rewrite.Node) bool {
	returns := false
	s.Walk(func(n *rewrite.Node) bool {
		returns = returns || n.Is("return_statement", "raise_statement")
		return !returns && !n.Is("function_definition", "lambda")
	})
	return !returns
}

// allowList reads "if …: return event" followed by "return None": everything
// that meets none of the conditions is dropped.
func (f *eventFilter) allowList(list []*rewrite.Node, outer []test) bool {
	last := list[len(list)-1]
	if !last.Is("return_statement") || len(last.Children) > 0 && !last.Children[0].Is("none") {
		return false
	}
	tests := copyTests(outer)
	for _, s := range list[:len(list)-1] {
		if !s.Is("if_statement") || len(s.Fields("alternative")) > 0 || !f.keeps(s.Child("consequence")) {
			return false
		}
		for _, n := range flatten(s.Child("condition"), "or") {
			t := test{node: n.Inner(), not: true}
			for t.node.Is("not_operator") {
				t.node, t.not = t.node.Child("argument").Inner(), !t.not
			}
			tests = append(tests, t)
		}
	}
	f.drops = append(f.drops, &drop{tests: tests, place: last, allow: list, silent: true})
	return true
}

// loop reads "for x in …: if …: return None" and loops that edit the event.
func (f *eventFilter) loop(s *rewrite.Node, outer []test) {
	if f.onlyEdits(s) {
		if f.mentions(s) {
			f.edits = append(f.edits, &eventEdit{s})
		}
		return
	}
	body := s.Child("body").Children
	if len(body) != 1 || !body[0].Is("if_statement") || len(body[0].Fields("alternative")) > 0 || !s.Child("left").Is("identifier") || f.mentions(s.Child("right")) {
		f.cannot(s, "this loop cannot be taken apart")
		return
	}
	inner := body[0].Child("consequence")
	if !dropsAtEnd(inner) || !f.idle(inner.Children[:len(inner.Children)-1]) {
		f.cannot(s, "this loop cannot be taken apart")
		return
	}
	for _, p := range flatten(body[0].Child("condition"), "or") {
		f.drops = append(f.drops, &drop{tests: f.conjuncts(p, outer), loop: s, place: s, silent: len(inner.Children) == 1})
	}
}

// closure finds what the names mean that the callback closes over or was given
// by partial().
func (f *eventFilter) closure() {
	f.receiver()
	call := f.cb.expr.Inner()
	if call.Is("identifier", "attribute") {
		if v := f.world.project.Name(call).Value; v != nil {
			call = v
		}
		if call.Is("identifier") {
			if _, b := call.File.ScopeOf(call).Lookup(call.Text()); len(b) == 1 && b[0].Kind == rewrite.Assign && b[0].Value != nil {
				call = b[0].Value.Inner()
			}
		}
	}
	if !call.Is("call") {
		return
	}
	if f.world.callee(call) == "functools.partial" {
		f.partial(call)
		return
	}
	if factory := f.world.functionOf(call); factory != nil && f.cb.def.Ancestor("function_definition") == factory {
		f.bind(call, factory)
	}
}

// receiver gives self the object the method was taken from.
func (f *eventFilter) receiver() {
	list := f.cb.def.Child("parameters")
	if f.cb.skip != 1 || f.cb.def.Class() == nil || list == nil || len(list.Children) == 0 {
		return
	}
	switch e := f.cb.expr.Inner(); {
	case e.Is("attribute"):
		f.given[list.Children[0].Text()] = e.Child("object")
	case e.Is("call"):
		f.given[list.Children[0].Text()] = e
	case e.Is("identifier"):
		f.given[list.Children[0].Text()] = e
	}
}

// partial binds leading parameters and keywords.
func (f *eventFilter) partial(call *rewrite.Node) {
	var names []string
	if f.cb.def.Child("parameters") == nil {
		return
	}
	for _, p := range f.cb.def.Child("parameters").Children {
		n := p
		if p.Child("name") != nil {
			n = p.Child("name")
		} else if p.Is("typed_parameter") {
			n = p.Children[0]
		}
		names = append(names, n.Text())
	}
	for i, a := range call.Args()[1:] {
		switch {
		case a.Name != "":
			f.given[a.Name] = a.Value
		case i < len(names):
			f.given[names[i]] = a.Value
		}
	}
}

// bind gives a factory's parameters the arguments.
func (f *eventFilter) bind(call, factory *rewrite.Node) {
	scope := factory.File.ScopeOf(factory.Child("body"))
	for name, bindings := range scope.Names {
		if len(bindings) != 1 || bindings[0].Kind != rewrite.Param {
			continue
		}
		if v := f.world.argumentFor(call, factory, bindings[0]); v != nil {
			f.given[name] = v
		} else if bindings[0].Value != nil {
			f.given[name] = bindings[0].Value
		}
	}
}
