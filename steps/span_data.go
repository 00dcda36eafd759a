package steps

import (
	"spanwalk/rewrite"
)

// SpanData moves data, tags and contexts of spans to attributes.
var SpanData = &Step{
	Name:  SpanDataName,
	Items: []int{15},
	Title: "turn span data, tags and contexts into attributes",
	Why: "Streamed spans have attributes and nothing else: set_data(), set_tag() and set_context() raise AttributeError on them. " +
		"An attribute is text, a number, a truth value or a list of one of these; anything else would be sent as its repr.",
	Doc: "Rewrites set_data, set_tag, update_data and set_context on spans; calls that directly follow each other become one. " +
		"Values that would be sent otherwise than before are converted and shown for review. Scopes, and spans of other libraries, are left alone.",
	Link: guide + "migrate-span-data",
	Before: `import sentry_sdk

with sentry_sdk.traces.start_span(name="checkout") as span:
    span.set_data("flow.step", "pay")
    span.set_tag("http.status_code", 201)
`,
	After: `import sentry_sdk

with sentry_sdk.traces.start_span(name="checkout") as span:
    span.set_attributes({"flow.step": "pay", "http.response.status_code": 201})
`,
	Find: findSpanData,
}

// SpanDataName is the name of the step [SpanData].
const SpanDataName = "span-data"

// findSpanData finds the calls that put data on a span.
//
//	span.set_data(key, value)   span.set_tag(key, value)
//	span.update_data({…})       span.set_context(name, {…})
//
// A call that stands among others keeps its place and changes its name and
// what of its key and value must change. Calls on one span that follow each
// other line by line become one set_attributes(), unless a value might raise:
// what was set before it would be lost then. Whatever the value, its type is
// never changed behind anybody's back.
func findSpanData(p *Pass) error {
	var sites []*dataSite
	all := p.members(false, "set_data", "set_tag", "update_data", "set_context")
	p.growStandIns(all, map[string]string{"set_data": "set_attribute", "set_tag": "set_attribute", "update_data": "set_attributes"})
	for _, m := range all {
		if m.tier == Manual || m.call() == nil {
			m.reference()
			continue
		}
		if s := newDataSite(m); s != nil {
			sites = append(sites, s)
		}
	}
	for len(sites) > 0 {
		n := runLength(sites)
		if n == 1 {
			sites[0].single()
		} else {
			mergeData(sites[:n])
		}
		sites = sites[n:]
	}
	return nil
}

// reference handles a data method that is not called on the spot, and calls on
// what stays legacy.
func (m *member) reference() {
	if m.tier == Manual {
		m.report(m.attr.Parent, m.name+"() on a span")
		return
	}
	if m.written() || m.name == "set_context" {
		m.weaken(Manual, "its later calls cannot be seen here")
	} else {
		m.weaken(Review, "the method is used as a value; what it is called with cannot be seen here")
		m.rename(attributeMethod(m.name))
	}
	m.report(m.attr, m.name+" of a span")
}

func attributeMethod(legacy string) string {
	if legacy == "update_data" {
		return "set_attributes"
	}
	return "set_attribute"
}

// dataSite is one call that puts data on a span.
type dataSite struct {
	*member
	stmt *rewrite.Node // the statement that is only this call, or nil
	key  *rewrite.Arg  // of all but update_data
	arg  *rewrite.Arg  // the value
	data attributeValue

	leaves []*rewrite.Node // the entries of a display that are left, outermost display or not
}

// newDataSite reads the arguments. What has another number of arguments than
// the method takes is reported and nil.
func newDataSite(m *member) *dataSite {
	call := m.call()
	s := &dataSite{member: m, stmt: m.statement()}
	if m.name == "update_data" {
		s.arg = argument(call, 0, "data")
	} else {
		s.key, s.arg = argument(call, 0, "key"), argument(call, 1, "value")
	}
	if unpacks(call) || s.arg == nil || m.name != "update_data" && s.key == nil {
		m.weaken(Manual, "its arguments cannot be seen here: write them out")
		m.report(call, m.name+"() on a span")
		return nil
	}
	if s.undecided() {
		m.open = true
		m.report(call, m.name+"() on a span")
		return nil
	}
	s.data = m.pass.world.attributeValue(s.arg.Value)
	if m.endedBefore() {
		m.weaken(Review, "the span has ended here: a streamed span is sent by then and loses it; move the line into its block")
	}
	s.collides()
	return s
}

// undecided reports a site with a key whose new name nobody has decided about.
func (s *dataSite) undecided() bool {
	if s.name == "set_data" || s.name == "set_tag" {
		return s.pass.keyUndecided(s.key.Value)
	}
	open := false
	if dict := s.arg.Value.Inner(); s.name == "update_data" && dict.Is("dictionary") {
		for _, pair := range dict.Children {
			open = open || pair.Is("pair") && s.pass.keyUndecided(pair.Child("key"))
		}
	}
	return open
}

// collides weakens a site whose key the same span was given before as the
// other of tag and data: legacy sent both.
func (s *dataSite) collides() {
	if s.key == nil || s.name == "set_context" {
		return
	}
	other := map[string]string{"set_data": "set_tag", "set_tag": "set_data"}[s.name]
	for _, a := range s.pass.world.attributes(other) {
		call := a.Parent
		if a.File != s.attr.File || a.Function() != s.attr.Function() || !call.Is("call") || a.Child("object").Text() != s.recv.Text() {
			continue
		}
		key, value := argument(call, 0, "key"), argument(call, 1, "value")
		if key != nil && value != nil && key.Value.Text() == s.key.Value.Text() && value.Value.Text() != s.arg.Value.Text() && sameBinding(a, s.attr) {
			s.weaken(Review, "%s is both a tag and data of this span: one attribute is left, the last one set", s.key.Value.Text())
			return
		}
	}
}

// sameBinding reports whether two uses of one name mean the same span: the
// "with" that binds it, if any, holds both.
func sameBinding(a, b *rewrite.Node) bool {
	_, bindings := a.File.ScopeOf(a).Lookup(a.Child("object").Text())
	for _, x := range bindings {
		if with := x.Stmt.Ancestor("with_statement"); x.Kind == rewrite.With && with != nil && with.Contains(a) != with.Contains(b) {
			return false
		}
	}
	return true
}

// plain reports a site whose entries can stand in a dictionary with others:
// constant or simple keys, and values that are sent as they were.
func (s *dataSite) plain() bool {
	if s.stmt == nil || s.tier != Safe || len(s.kind.stands) > 0 || s.commented() || ignored(s.attr.File, s.call().Start, s.pass.Step.Name) {
		return false
	}
	switch s.name {
	case "set_data", "set_tag":
		return !s.data.differs() && !hasCall(s.key.Value)
	case "update_data":
		return s.displayPlain()
	}
	return s.displayPlain() && s.key.Value.Is("string", "identifier", "attribute")
}

// displayPlain reports a dictionary display of constant keys whose values are
// sent as they were.
func (s *dataSite) displayPlain() bool {
	dict := s.arg.Value.Inner()
	if !dict.Is("dictionary") || len(dict.Children) == 0 {
		return false
	}
	for _, pair := range dict.Children {
		if !pair.Is("pair") || hasCall(pair.Child("key")) || s.pass.world.attributeValue(pair.Child("value")).differs() {
			return false
		}
		if _, ok := joinedKey([]*rewrite.Node{pair.Child("key")}); s.name == "set_context" && !ok {
			return false
		}
	}
	return true
}

// commented reports a comment inside the call.
func (s *dataSite) commented() bool {
	call := s.call()
	for _, c := range call.File.Comments {
		if c.Start >= call.Start && c.End <= call.End {
			return true
		}
	}
	return false
}

// entries returns what the site puts on the span, as attributes.
func (s *dataSite) entries() []dataEntry {
	if s.name == "set_data" || s.name == "set_tag" {
		return []dataEntry{{key: s.pass.keyText(s.key.Value), value: s.arg.Value}}
	}
	var out []dataEntry
	for _, pair := range s.arg.Value.Inner().Children {
		key := s.pass.keyText(pair.Child("key"))
		if s.name == "set_context" {
			key, _ = joinedKey([]*rewrite.Node{s.key.Value, pair.Child("key")})
		}
		out = append(out, dataEntry{key: key, value: pair.Child("value")})
	}
	return out
}

// dataEntry is one attribute: the source text of its key and the expression of
// its value.
type dataEntry struct {
	key   string
	value *rewrite.Node
}
