package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// mocks returns the identifiers that mean the mock a patch makes: bound by
// with or assignment, or the parameter that a decorator fills.
func (d *double) mocks() []*rewrite.Node {
	p := d.call.Parent
	switch {
	case p.Is("as_pattern"):
		alias := p.Child("alias")
		if alias.Is("as_pattern_target") && len(alias.Children) == 1 {
			alias = alias.Children[0]
		}
		return d.uses(alias)
	case p.Is("assignment") && d.call.Field == "right":
		return d.uses(p.Child("left"))
	case p.Is("decorator"):
		return d.decorated(p)
	}
	return nil
}

func (d *double) uses(name *rewrite.Node) []*rewrite.Node {
	if !name.Is("identifier") {
		return nil
	}
	scope, _ := name.File.ScopeOf(name).Lookup(name.Text())
	var out []*rewrite.Node
	for _, r := range d.pass.world.uses(variable{scope, name.Text()}) {
		if r != name {
			out = append(out, r)
		}
	}
	return out
}

// decorated finds the parameter that a decorator's mock arrives in: the lowest
// decorator fills the first.
func (d *double) decorated(decorator *rewrite.Node) []*rewrite.Node {
	def := decorator.Parent.Child("definition")
	if !def.Is("function_definition") {
		return nil
	}
	below := 0
	for _, c := range decorator.Parent.Children {
		if c.Is("decorator") && c.Start > decorator.Start && strings.Contains(c.Text(), "patch") {
			below++
		}
	}
	params := (callback{def: def}).parameters()
	if def.Class() != nil && !hasDecorator(def, "staticmethod") {
		below++
	}
	if below >= len(params) {
		return nil
	}
	return namesIn(def.Child("body"), params[below])
}

// asserts are the methods of a mock that compare a call with arguments.
var asserts = map[string]bool{"assert_called_with": true, "assert_called_once_with": true, "assert_any_call": true}

// compared rewrites assertions on the calls of a mock: what they compare is
// what the code passes now.
func (d *double) compared(mocks []*rewrite.Node, name string) {
	for _, m := range mocks {
		attr := m.Parent
		if !attr.Is("attribute") || m.Field != "object" {
			continue
		}
		switch method := attr.Child("attribute").Text(); {
		case asserts[method] && attr.Parent.Is("call") && attr.Field == "function":
			d.assertion(attr.Parent, name)
		case method == "call_args" || method == "call_args_list" || method == "mock_calls" || method == "assert_has_calls":
			d.review("the test looks at " + method + ": compare with what the code passes now")
		}
	}
}

// assertion rewrites the arguments of one assertion.
func (d *double) assertion(call *rewrite.Node, name string) {
	if name != "start_span" && name != "start_transaction" {
		return
	}
	named := false
	for _, a := range call.Args() {
		named = named || a.Name == "name" || a.Name == "description"
	}
	c := newCreation(d.pass, call, name)
	if call.Keyword("attributes") != nil || call.Keyword("parent_span") != nil {
		return // it compares what the code passes now already
	}
	if !named {
		d.review("an assertion compares a call without a name: compare with what the code passes now")
		return
	}
	c.convert(call.Args())
	if name == "start_transaction" {
		c.edit.Append("parent_span=None")
	}
	if c.tier == Manual || c.open {
		d.review("an assertion compares arguments that streamed spans do not take")
		return
	}
	d.review("the assertion compares what the code should pass now: read it again")
	d.edits = append(d.edits, c.edit.Edits(lineWidth(d.pass.Project, call.File.Path))...)
}

// wholeModule rewrites what a test does with a mock of all of sentry_sdk: half
// of such tests pass whatever the code does.
func (d *double) wholeModule() {
	found := false
	for _, m := range d.mocks() {
		attr := m.Parent
		if !attr.Is("attribute") || m.Field != "object" {
			continue
		}
		name := attr.Child("attribute").Text()
		to, known := doubledNames[name]
		if !known {
			continue
		}
		found = true
		if to == "" {
			d.manual("nothing takes the place of " + name + "() on streamed spans")
			continue
		}
		d.edits = append(d.edits, rewrite.Edit{Start: m.End, End: attr.End, New: ".traces." + to})
		d.compared([]*rewrite.Node{attr}, name)
		d.mockedSpans([]*rewrite.Node{attr})
	}
	if !found {
		return
	}
	d.review("the mock accepts anything, so a test that passes is no proof")
	d.report("mock of the whole of sentry_sdk")
}

// assertions finds what tests read from old spans and from captured
// transactions.
func (p *Pass) assertions(f *rewrite.File) {
	f.Module.Walk(func(n *rewrite.Node) bool {
		switch {
		case n.Is("attribute") && (n.Child("attribute").Text() == "_tags" || n.Child("attribute").Text() == "_data"):
			p.privateRead(n)
		case n.Is("call") && n.Child("function").Is("attribute") && n.Child("function").Child("attribute").Text() == "get_transaction_event":
			p.Report(n, "captured", Finding{Tier: Manual, Message: "no transaction arrives once spans stream: look at the envelope's items of type span"})
		case n.Is("comparison_operator") && len(n.Children) == 3 && p.world.importsSDK(f):
			p.capturedType(n)
		}
		return true
	})
}

// privateRead turns a key of span._tags or span._data into one of its
// attributes.
func (p *Pass) privateRead(n *rewrite.Node) {
	if k := p.world.typeOf(n.Child("object")); !k.isSpan() || !readsEntry(n) {
		return // the whole dictionary belongs to the step span-members
	}
	p.Report(n, "private-read", Finding{Tier: Review, Message: n.Child("attribute").Text() + " of a span: its attributes hold data and tags alike",
		Edits: []rewrite.Edit{{Start: n.Child("object").End, End: n.End, New: ".get_attributes()"}}})
}

// readsEntry reports span._tags or span._data of which one entry is read.
func readsEntry(n *rewrite.Node) bool {
	if _, keyed := readOf(n); keyed {
		return true
	}
	return n.Parent.Is("comparison_operator") && n.Parent.Children[0] != n && strings.HasSuffix(n.Parent.Child("operators").Text(), "in")
}

// capturedType lists event["type"] == "transaction" and item.type ==
// "transaction".
func (p *Pass) capturedType(n *rewrite.Node) {
	for i, side := range []*rewrite.Node{n.Children[0], n.Children[2]} {
		other := n.Children[2-2*i].Inner()
		if stringValue(side) != "transaction" || !strings.HasSuffix(n.Child("operators").Text(), "=") {
			continue
		}
		if namesType(other) {
			p.Report(n, "captured", Finding{Tier: Manual, Message: "no transaction event is captured once spans stream: look at items of type span"})
		}
	}
}

// namesType reports an expression that reads the type of an event or of an item
// in an envelope.
func namesType(n *rewrite.Node) bool {
	for _, end := range []string{`["type"]`, `['type']`, `.get("type")`, `.get('type')`} {
		if strings.HasSuffix(n.Text(), end) {
			return true
		}
	}
	return n.Is("attribute") && n.Child("attribute").Text() == "type"
}
