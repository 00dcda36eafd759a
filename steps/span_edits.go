package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// spanEdits is what a filter changed on its event, as statements of a
// before_send_span: on every span, on the root, on the others.
type spanEdits struct {
	filter *eventFilter
	every  []string
	root   []string
	child  []string
	rules  []string // entries of ignore_spans for spans taken out of the event
	review []string
	reason string // why the statement at hand cannot be translated
}

// reach says which spans a statement changes.
type reach int

const (
	nowhere reach = iota // streamed spans do not carry what it changes
	onRoot
	onChildren
	onEvery
)

func (e *spanEdits) fail(format string, args ...any) {
	if e.reason == "" {
		e.reason = fmt.Sprintf(format, args...)
	}
}

func (e *spanEdits) note(text string) {
	for _, r := range e.review {
		if r == text {
			return
		}
	}
	e.review = append(e.review, text)
}

func (e *spanEdits) q(s string) string { return e.filter.quote() + s + e.filter.quote() }

func (e *spanEdits) attributes() string { return "span[" + e.q("attributes") + "]" }

func (e *spanEdits) attribute(key string) string { return e.attributes() + "[" + e.q(key) + "]" }

// add translates one statement of the filter. It returns the reason when the
// statement has no counterpart, and leaves the edits as they were then.
func (e *spanEdits) add(stmt *rewrite.Node) string {
	e.reason = ""
	lines, where := e.statement(stmt)
	if e.reason != "" {
		return e.reason
	}
	switch where {
	case onRoot:
		e.root = append(e.root, lines...)
	case onChildren:
		e.child = append(e.child, lines...)
	case onEvery:
		e.every = append(e.every, lines...)
	}
	return ""
}

func (e *spanEdits) statement(s *rewrite.Node) ([]string, reach) {
	f := e.filter
	switch {
	case s.Is("for_statement"):
		if keys, ok := f.path(s.Child("right")); ok && len(keys) == 1 && keys[0] == "spans" {
			return e.spanLoop(s)
		}
	case s.Is("if_statement") && len(s.Fields("alternative")) == 0 && e.needless(s.Child("condition")):
		return e.nested(s.Child("consequence").Children)
	case s.Is("if_statement") && len(s.Fields("alternative")) == 0 && e.isTypeTest(s.Child("condition")):
		return e.nested(s.Child("consequence").Children)
	}
	if s.Is("if_statement") {
		if body, known := e.typeBranch(s); known {
			return e.nested(body)
		}
	}
	if lines, where, done := e.special(s); done {
		return lines, where
	}
	return e.rendered(s), onRoot
}

// nested translates a block all of whose statements reach the same spans.
func (e *spanEdits) nested(list []*rewrite.Node) ([]string, reach) {
	var out []string
	where := nowhere
	for _, s := range list {
		if isAlias(s) || e.filter.idle([]*rewrite.Node{s}) {
			if isAlias(s) && !e.filter.alias(s.Children[0].Child("left").Text(), s.Children[0].Child("right")) {
				e.fail("a name is assigned twice")
			}
			continue
		}
		lines, r := e.statement(s)
		if r != nowhere && where != nowhere && r != where {
			e.fail("a block that changes the root and its spans alike cannot be taken apart")
		}
		if r != nowhere {
			where = r
		}
		out = append(out, lines...)
	}
	return out, where
}

// needless reports a test for one key of the event whose parts are changed on
// spans only where they are, or not at all.
func (e *spanEdits) needless(condition *rewrite.Node) bool {
	n, key := condition.Inner(), ""
	if keys, ok := e.filter.path(n); ok && len(keys) == 1 {
		key = keys[0]
	} else if n.Is("comparison_operator") && n.Child("operators").Text() == "in" {
		if keys, ok := e.filter.path(n.Children[2]); ok && len(keys) == 0 {
			key = stringValue(n.Children[0])
		}
	}
	switch key {
	case "spans", "user", "request", "breadcrumbs", "modules":
		return true
	case "extra":
		return !e.filter.touches(condition.Parent.Child("consequence"))
	}
	return false
}

func (e *spanEdits) isTypeTest(condition *rewrite.Node) bool {
	p := e.filter.predicate(test{node: condition.Inner()}, "", nil)
	return p.subject.what == "type" && !p.not && len(p.texts) == 1 && p.texts[0] == "transaction"
}

// spanLoop translates "for s in event["spans"]": its body runs for each span
// that is no root.
func (e *spanEdits) spanLoop(s *rewrite.Node) ([]string, reach) {
	if !s.Child("left").Is("identifier") {
		e.fail("the loop over the spans cannot be taken apart")
		return nil, nowhere
	}
	for _, c := range []string{"continue_statement", "break_statement"} {
		found := false
		s.Walk(func(n *rewrite.Node) bool {
			found = found || n.Is(c)
			return !found
		})
		if found {
			e.fail("the loop over the spans leaves early")
			return nil, nowhere
		}
	}
	f := e.filter
	f.child = s.Child("left").Text()
	defer func() { f.child = "" }()
	var out []string
	for _, c := range s.Child("body").Children {
		out = append(out, e.rendered(c)...)
	}
	return out, onChildren
}

// rendered is a statement with the paths of the event replaced by those of a
// span.
func (e *spanEdits) rendered(s *rewrite.Node) []string {
	if s.Is("delete_statement") {
		return e.deleted(s.Children[0])
	}
	text := e.filter.substitute(s, e.known)
	indent := s.Indent()
	var out []string
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if i > 0 {
			line = strings.TrimPrefix(line, indent)
		}
		out = append(out, line)
	}
	return out
}

// deleted turns del into pop(): what is absent must not raise.
func (e *spanEdits) deleted(n *rewrite.Node) []string {
	if !n.Is("subscript") {
		e.fail("this del cannot be translated")
		return nil
	}
	base := e.filter.substitute(n.Child("value"), e.known)
	return []string{base + ".pop(" + e.filter.text(n.Child("subscript")) + ", None)"}
}

// known replaces an expression that reads or writes the event.
func (e *spanEdits) known(n *rewrite.Node) (string, bool) {
	f := e.filter
	if n.Is("comparison_operator") {
		if text, ok := e.asksFor(n); ok {
			return text, true
		}
	}
	keys, ok := f.path(n)
	if !ok {
		if n.Is("identifier") && n.Field != "attribute" && f.grown[n.Text()] {
			e.fail("%s is put together piece by piece", n.Text())
		}
		if n.Is("identifier") && n.Field != "attribute" && f.rooted(n) && f.aliases[n.Text()] == nil {
			e.fail("it hands the whole event on")
		}
		return "", false
	}
	store := n.Field == "left" && n.Parent.Is("assignment", "augmented_assignment")
	if text := e.place(keys, store); text != "" {
		return text, true
	}
	if !e.leadsOn(keys) {
		if len(keys) == 0 || len(keys) == 1 && keys[0] == "spans[]" {
			e.fail("it hands the whole %s on", map[int]string{0: "event", 1: "span"}[len(keys)])
		} else {
			e.lacks(keys)
		}
	}
	return "", false
}

// lacks gives up on a path of the event that leads nowhere in a span.
func (e *spanEdits) lacks(keys []string) {
	if len(keys) == 1 && keys[0] == "spans" {
		e.fail("spans are sent one by one, so there is no list of them")
		return
	}
	e.fail("a span has no %s", strings.Join(keys, "."))
}

// leadsOn reports a path below a container of attributes.
func (e *spanEdits) leadsOn(keys []string) bool {
	for i := range keys {
		if e.place(keys[:i], false) == e.attributes() {
			return true
		}
	}
	return false
}

// place is where a span keeps what the event keeps at a path, "" for nowhere.
func (e *spanEdits) place(keys []string, store bool) string {
	load := func(key string) string {
		if store {
			return e.attribute(key)
		}
		return e.attributes() + ".get(" + e.q(key) + ")"
	}
	switch joined := strings.Join(keys, "."); joined {
	case "transaction", "contexts.trace.description", "spans[].description":
		if store && joined != "spans[].description" {
			e.note("sentry.segment.name keeps the name the root had when it ended")
		}
		return "span[" + e.q("name") + "]"
	case "tags", "contexts.trace.data", "spans[].data", "spans[].tags":
		return e.attributes()
	case "contexts.trace.op", "spans[].op":
		return load("sentry.op")
	case "contexts.trace.origin", "spans[].origin":
		return load("sentry.origin")
	case "contexts.trace.trace_id", "spans[].trace_id":
		return "span[" + e.q("trace_id") + "]"
	case "contexts.trace.span_id", "spans[].span_id":
		return "span[" + e.q("span_id") + "]"
	case "request.url":
		e.note("the URL is an attribute of the root only where integrations send it")
		return load("url.full")
	case "request.query_string":
		e.note("the query is an attribute of the root only where integrations send it")
		return load("http.query")
	}
	return ""
}

// asksFor translates "key" in event.
func (e *spanEdits) asksFor(n *rewrite.Node) (string, bool) {
	if len(n.Children) != 3 || n.Child("operators").Text() != "in" {
		return "", false
	}
	keys, ok := e.filter.path(n.Children[2])
	key := stringValue(n.Children[0])
	if !ok || key == "" {
		return "", false
	}
	switch text := e.place(append(append([]string(nil), keys...), key), true); {
	case text == "" || e.leadsOn(append(keys, key)):
		return "", false
	case strings.HasPrefix(text, e.attributes()+"["):
		return strings.TrimSuffix(strings.TrimPrefix(text, e.attributes()+"["), "]") + " in " + e.attributes(), true
	default:
		return text, true
	}
}
