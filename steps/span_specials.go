package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// change is a statement that removes or sets one key of the event.
type change struct {
	keys  []string
	value *rewrite.Node // nil when the key is removed
	node  *rewrite.Node // the last key's expression
}

// change recognises X.pop("k"), del X["k"] and X["k"] = value.
func (f *eventFilter) change(s *rewrite.Node) (change, bool) {
	if s.Is("delete_statement") && s.Children[0].Is("subscript") {
		keys, ok := f.path(s.Children[0])
		return change{keys: keys}, ok
	}
	if !s.Is("expression_statement") || len(s.Children) != 1 {
		return change{}, false
	}
	n := s.Children[0]
	switch {
	case n.Is("assignment") && n.Child("left").Is("subscript") && n.Child("right") != nil:
		keys, ok := f.path(n.Child("left"))
		c := change{keys: keys, value: n.Child("right"), node: n.Child("left")}
		if c.value.Is("none") {
			c.value = nil
		}
		return c, ok
	case n.Is("call") && n.Child("function").Is("attribute") && n.Child("function").Child("attribute").Text() == "pop":
		args := n.Args()
		keys, ok := f.path(n.Child("function").Child("object"))
		if !ok || len(args) == 0 || stringValue(args[0].Value) == "" {
			return change{}, false
		}
		return change{keys: append(keys, stringValue(args[0].Value))}, true
	}
	return change{}, false
}

// userAttributes are the attributes that carry a user, by the key of the event.
var userAttributes = map[string]string{"id": "user.id", "username": "user.name", "email": "user.email", "ip_address": "user.ip_address"}

// special translates changes that are no mere change of path.
func (e *spanEdits) special(s *rewrite.Node) (lines []string, where reach, done bool) {
	c, ok := e.filter.change(s)
	if !ok || len(c.keys) == 0 {
		return nil, nowhere, false
	}
	switch c.keys[0] {
	case "user":
		e.note("user data is on every span, by default on 3.0 only")
		lines = e.user(c)
		return lines, onEvery, true
	case "request":
		return e.request(c)
	case "extra", "breadcrumbs", "modules", "server_name", "fingerprint", "logger", "sdk", "platform", "exception", "threads", "level":
		if c.value == nil {
			return nil, nowhere, true
		}
		if c.keys[0] == "extra" && len(c.keys) == 2 {
			e.note("what was extra data of the transaction becomes attributes of the root")
			return []string{e.attribute(c.keys[1]) + " = " + e.filter.substitute(c.value, e.known)}, onRoot, true
		}
		e.lacks(c.keys[:1])
		return nil, nowhere, true
	case "contexts":
		if len(c.keys) == 2 && c.keys[1] != "trace" {
			return e.context(c), onRoot, true
		}
	case "spans":
		if len(c.keys) == 1 {
			e.filtered(c)
			return nil, nowhere, true
		}
	case "tags":
		if len(c.keys) == 1 {
			e.fail("all tags are replaced: attributes hold more than the tags")
			return nil, nowhere, true
		}
	}
	return nil, nowhere, false
}

func (e *spanEdits) pop(key string) string {
	return e.attributes() + ".pop(" + e.q(key) + ", None)"
}

func (e *spanEdits) popAll(keys []string) []string {
	if len(keys) == 0 {
		return nil
	}
	if len(keys) == 1 {
		return []string{e.pop(keys[0])}
	}
	var quoted []string
	for _, k := range keys {
		quoted = append(quoted, e.q(k))
	}
	in := e.filter.cb.def.File.Style.Indent
	return []string{"for key in (" + strings.Join(quoted, ", ") + "):", in + e.attributes() + ".pop(key, None)"}
}

// guarded sets an attribute that is there already.
func (e *spanEdits) guarded(key string, value *rewrite.Node) []string {
	in := e.filter.cb.def.File.Style.Indent
	return []string{"if " + e.q(key) + " in " + e.attributes() + ":", in + e.attribute(key) + " = " + e.filter.substitute(value, e.known)}
}

func (e *spanEdits) user(c change) []string {
	if len(c.keys) == 2 {
		key, known := userAttributes[c.keys[1]]
		switch {
		case !known:
			return nil // custom user data never reaches spans
		case c.value == nil:
			return []string{e.pop(key)}
		}
		return e.guarded(key, c.value)
	}
	kept := map[string]bool{}
	if c.value.Is("dictionary") {
		for _, p := range c.value.Children {
			keys, ok := e.filter.path(p.Child("value"))
			name := stringValue(p.Child("key"))
			if !ok || len(keys) != 2 || keys[0] != "user" || keys[1] != name {
				e.fail("the user is replaced by something else")
				return nil
			}
			kept[name] = true
		}
	} else if c.value != nil {
		e.fail("the user is replaced by something else")
		return nil
	}
	var gone []string
	for _, name := range []string{"id", "username", "email", "ip_address"} {
		if !kept[name] {
			gone = append(gone, userAttributes[name])
		}
	}
	return e.popAll(gone)
}

// request translates changes of the request: its URL, query and headers are
// attributes of the root where integrations send them.
func (e *spanEdits) request(c change) (lines []string, where reach, done bool) {
	e.note("of the request, spans carry URL, query and headers, where integrations send them")
	in := e.filter.cb.def.File.Style.Indent
	beginning := func(prefixes string) []string {
		return []string{"for key in list(" + e.attributes() + "):", in + "if key.startswith(" + prefixes + "):", in + in + "del " + e.attributes() + "[key]"}
	}
	switch {
	case len(c.keys) == 1 && c.value == nil:
		return beginning("(" + e.q("url.") + ", " + e.q("http.query") + ", " + e.q("http.request.header.") + ")"), onRoot, true
	case len(c.keys) == 1:
		e.fail("the request is replaced by something else")
		return nil, nowhere, true
	}
	key := map[string]string{"url": "url.full", "query_string": "http.query"}[c.keys[1]]
	if c.keys[1] == "headers" && len(c.keys) == 3 {
		key = "http.request.header." + strings.ToLower(c.keys[2])
	}
	switch {
	case key != "" && c.value == nil:
		return []string{e.pop(key)}, onRoot, true
	case key != "":
		return e.guarded(key, c.value), onRoot, true
	case c.keys[1] == "headers" && len(c.keys) == 2 && c.value == nil:
		return beginning(e.q("http.request.header.")), onRoot, true
	case c.value == nil || c.keys[1] == "data" || c.keys[1] == "cookies" || c.keys[1] == "env":
		return nil, nowhere, true
	}
	e.lacks(c.keys)
	return nil, nowhere, true
}

// context translates a context that is set: attributes of the root.
func (e *spanEdits) context(c change) []string {
	if c.value == nil {
		return nil
	}
	if !c.value.Is("dictionary") {
		e.fail("the context %s is not written out", c.keys[1])
		return nil
	}
	e.note("what was a context of the transaction becomes attributes of the root")
	var out []string
	for _, p := range c.value.Children {
		name := stringValue(p.Child("key"))
		if name == "" {
			e.fail("the context %s is not written out", c.keys[1])
			return nil
		}
		out = append(out, e.attribute(c.keys[1]+"."+name)+" = "+e.filter.substitute(p.Child("value"), e.known))
	}
	return out
}

// filtered translates spans that are taken out of the event into rules of
// ignore_spans.
func (e *spanEdits) filtered(c change) {
	f := e.filter
	n := c.value
	if !n.Is("list_comprehension") || len(n.Children) != 3 || !n.Children[2].Is("if_clause") {
		e.fail("the list of spans is replaced")
		return
	}
	clause, body := n.Children[1], n.Child("body")
	keys, ok := f.path(clause.Child("right"))
	if !ok || len(keys) != 1 || keys[0] != "spans" || body.Text() != clause.Child("left").Text() {
		e.fail("the list of spans is replaced")
		return
	}
	f.child = body.Text()
	defer func() { f.child = "" }()
	var tests [][]test
	for _, part := range flatten(n.Children[2].Children[0], "and") {
		tests = append(tests, normal([]test{{part, true}}))
	}
	for _, t := range tests {
		d := &drop{tests: t, silent: true}
		preds, v := f.predicates(d)
		if v.late != "" || v.manual != "" || len(preds) != 1 || preds[0].not {
			e.fail("which spans it takes out cannot be told")
			return
		}
		f.ignoreRules(&v, preds, &rootNames{})
		if v.manual != "" {
			e.fail("%s", v.manual)
			return
		}
		e.rules = append(e.rules, v.rules...)
	}
	e.note("ignore_spans takes out spans by the name and op they start with, roots as well; what was below them moves up")
}

// typeBranch follows "if isinstance(tags, dict): … elif isinstance(tags, list)":
// attributes are always a dictionary.
func (e *spanEdits) typeBranch(s *rewrite.Node) (body []*rewrite.Node, known bool) {
	for _, c := range clausesOf(s) {
		condition := c.Child("condition")
		if condition == nil {
			return c.Child("body").Children, known
		}
		n := condition.Inner()
		if !n.Is("call") || n.Child("function").Text() != "isinstance" || len(n.Args()) != 2 {
			return nil, false
		}
		keys, ok := e.filter.path(n.Args()[0].Value)
		if !ok || e.place(keys, false) != e.attributes() {
			return nil, false
		}
		switch n.Args()[1].Value.Text() {
		case "dict":
			return c.Child("consequence").Children, true
		case "list", "tuple":
			known = true
		default:
			return nil, false
		}
	}
	return nil, known
}
