package steps

import (
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

// subject is what a test looks at.
type subject struct {
	what string // "name", "op", "origin", "url", "path", "method", "header.NAME", "type", "" for a constant, else a path of keys
	fold bool   // compared in lower or upper case
}

// predicate is a test in a form that other filters can express.
type predicate struct {
	subject subject
	how     string // "eq", "prefix", "suffix", "substring", "regex", "present"
	values  []string
	node    *rewrite.Node
	not     bool
	texts   []string // the values' texts where they are string literals
	spread  bool     // values[0] is an iterable of values
	late    string   // what it reads that is known only at the end
	manual  string   // why it cannot be expressed
}

// path follows an expression into the event and returns the keys it takes.
func (f *eventFilter) path(n *rewrite.Node) ([]string, bool) {
	n = n.Inner()
	switch n.Kind {
	case "identifier":
		if n.Text() == f.event {
			return nil, true
		}
		if f.child != "" && n.Text() == f.child {
			return []string{"spans[]"}, true
		}
		if alias := f.aliases[n.Text()]; alias != nil && !alias.Contains(n) {
			return f.path(alias)
		}
	case "subscript":
		if base, ok := f.path(n.Child("value")); ok && stringValue(n.Child("subscript")) != "" {
			return append(base, stringValue(n.Child("subscript"))), true
		}
	case "call":
		fn, args := n.Child("function"), n.Args()
		if !fn.Is("attribute") || len(args) == 0 {
			return nil, false
		}
		if m := fn.Child("attribute").Text(); m != "get" && m != "setdefault" {
			return nil, false
		}
		if base, ok := f.path(fn.Child("object")); ok && stringValue(args[0].Value) != "" {
			return append(base, stringValue(args[0].Value)), true
		}
	case "boolean_operator":
		if n.Child("operator").Text() == "or" && !f.mentions(n.Child("right")) {
			return f.path(n.Child("left"))
		}
	case "named_expression":
		return f.path(n.Child("value"))
	}
	return nil, false
}

// subject names what an expression reads from the event; ok is false when it
// reads the event in a way that cannot be followed.
func (f *eventFilter) subject(n *rewrite.Node) (subject, bool) {
	n = n.Inner()
	if keys, ok := f.path(n); ok {
		return subject{what: subjectOf(keys)}, true
	}
	if alias := f.aliases[n.Text()]; n.Is("identifier") && alias != nil && !alias.Contains(n) {
		return f.subject(alias)
	}
	if !f.mentions(n) {
		return subject{}, true
	}
	if n.Is("call") {
		fn := n.Child("function")
		if fn.Is("attribute") && len(n.Args()) == 0 {
			s, ok := f.subject(fn.Child("object"))
			switch fn.Child("attribute").Text() {
			case "lower", "upper", "casefold":
				s.fold = true
				return s, ok
			case "strip":
				return s, ok
			}
		}
		if fn.Text() == "str" && len(n.Args()) == 1 {
			return f.subject(n.Args()[0].Value)
		}
	}
	if n.Is("attribute") && n.Child("attribute").Text() == "path" && f.parsed(n.Child("object")) {
		return subject{what: "path"}, true
	}
	return subject{what: f.deepest(n)}, false
}

// urlParsers are the functions and classes that take a URL apart so that its
// path is an attribute.
var urlParsers = map[string]bool{"urllib.parse.urlparse": true, "urllib.parse.urlsplit": true, "yarl.URL": true, "httpx.URL": true,
	"starlette.datastructures.URL": true, "furl.furl": true}

// parsed reports urlparse(url) and its like of the request's URL.
func (f *eventFilter) parsed(n *rewrite.Node) bool {
	n = n.Inner()
	if alias := f.aliases[n.Text()]; n.Is("identifier") && alias != nil {
		n = alias.Inner()
	}
	if !urlParsers[f.world.callee(n)] || len(n.Args()) == 0 {
		return false
	}
	s, ok := f.subject(n.Args()[0].Value)
	return ok && s.what == "url"
}

// deepest is the first path into the event that an expression reads.
func (f *eventFilter) deepest(n *rewrite.Node) string {
	out := ""
	n.Walk(func(m *rewrite.Node) bool {
		if keys, ok := f.path(m); ok && out == "" {
			out = subjectOf(keys)
		}
		return out == ""
	})
	return out
}

// subjectOf names what stands at a path of the event.
func subjectOf(keys []string) string {
	joined := strings.Join(keys, ".")
	if len(keys) == 3 && keys[0] == "request" && keys[1] == "headers" {
		return "header." + keys[2]
	}
	switch joined {
	case "":
		return "event"
	case "transaction":
		return "name"
	case "contexts.trace.op":
		return "op"
	case "contexts.trace.origin":
		return "origin"
	case "request.url":
		return "url"
	case "request.method":
		return "method"
	case "spans[].description":
		return "name"
	case "spans[].op":
		return "op"
	case "spans[].origin":
		return "origin"
	}
	return joined
}

// holdsParts reports a part of the event that is asked for only to look inside.
func holdsParts(what string) bool {
	return what == "request" || what == "request.headers" || what == "contexts" || what == "contexts.trace"
}

// lateReason says why something of the event is known only when the root
// ends, "" if it is known at the start.
func lateReason(what string) string {
	if holdsParts(what) {
		return ""
	}
	switch first, _, _ := strings.Cut(what, "."); first {
	case "name", "op", "origin", "url", "path", "method", "header", "type", "event", "":
		return ""
	case "timestamp", "start_timestamp":
		return "the duration"
	case "spans", "spans[]":
		return "the list of its spans"
	case "tags":
		return "a tag (" + what + ")"
	case "user":
		return "the user"
	case "transaction_info":
		return "the source of the name"
	case "contexts":
		if strings.HasPrefix(what, "contexts.trace.status") || strings.HasPrefix(what, "contexts.response") {
			return "the status (" + what + ")"
		}
	}
	return what
}

// predicate reads one test; loop gives the variable that a for or any() runs
// through and its iterable.
func (f *eventFilter) predicate(t test, variable string, iterable *rewrite.Node) predicate {
	n := t.node.Inner()
	p := f.read(n, variable, iterable)
	p.node, p.not = n, t.not != p.not
	if p.late == "" && p.manual == "" {
		p.late = lateReason(p.subject.what)
	}
	return p
}

func (f *eventFilter) read(n *rewrite.Node, variable string, iterable *rewrite.Node) predicate {
	switch n.Kind {
	case "comparison_operator":
		return f.comparison(n, variable, iterable)
	case "call":
		return f.tested(n, variable, iterable)
	case "boolean_operator":
		return f.mixed(n)
	}
	if s, ok := f.subject(n); ok && s.what != "" {
		return predicate{subject: s, how: "present"}
	} else if ok {
		return predicate{how: "constant"}
	}
	return f.unclear(n)
}

// mixed is a condition inside another: harmless if it only asks for presence.
func (f *eventFilter) mixed(n *rewrite.Node) predicate {
	for _, part := range append(flatten(n.Child("left"), "or"), flatten(n.Child("right"), "or")...) {
		if p := f.predicate(test{node: part}, "", nil); p.late != "" {
			return p
		}
	}
	return predicate{manual: "the condition " + n.Text() + " cannot be taken apart"}
}

// unclear is a test that cannot be expressed: late if it reads late data.
func (f *eventFilter) unclear(n *rewrite.Node) predicate {
	if late := lateReason(f.lateIn(n)); late != "" {
		return predicate{late: late}
	}
	return predicate{manual: "the condition " + n.Text() + " cannot be taken apart"}
}

// lateIn returns the first late thing that an expression reads, local names
// included.
func (f *eventFilter) lateIn(n *rewrite.Node) string {
	out := ""
	n.Walk(func(m *rewrite.Node) bool {
		if keys, ok := f.path(m); ok && len(keys) > 0 {
			if what := subjectOf(keys); out == "" && lateReason(what) != "" {
				out = what
			}
			return false
		}
		if alias := f.aliases[m.Text()]; m.Is("identifier") && alias != nil && !alias.Contains(m) && out == "" {
			out = f.lateIn(alias)
		}
		return out == ""
	})
	return out
}

func (f *eventFilter) comparison(n *rewrite.Node, variable string, iterable *rewrite.Node) predicate {
	if len(n.Children) != 3 {
		return f.unclear(n)
	}
	left, operator, right := n.Children[0].Inner(), n.Child("operators").Text(), n.Children[2].Inner()
	if right.Is("none") && left.Is("call") && f.mentions(left) {
		p := f.read(left, variable, iterable)
		p.not = p.not != (operator == "is" || operator == "==")
		return p
	}
	a, okA := f.subject(left)
	b, okB := f.subject(right)
	if !okA || !okB {
		return f.unclear(n)
	}
	switch operator {
	case "==", "!=", "is", "is not":
		if a.what == "" {
			a, right = b, left
		} else if b.what != "" {
			return f.unclear(n)
		}
		if right.Is("none") {
			if a.what == "" {
				return f.unclear(n)
			}
			return predicate{subject: a, how: "present", not: operator == "==" || operator == "is"}
		}
		return f.valued(predicate{subject: a, how: "eq", not: operator == "!=" || operator == "is not"}, right, variable, iterable)
	case "in", "not in":
		not := operator == "not in"
		switch {
		case a.what != "" && b.what == "":
			return f.membership(a, right, not)
		case a.what == "" && stringValue(left) != "" && f.isMapping(right):
			keys, _ := f.path(right)
			return predicate{subject: subject{what: subjectOf(append(keys, stringValue(left)))}, how: "present", not: not}
		case a.what == "" && (b.what == "name" || b.what == "op" || ofRequest(b.what)):
			return f.valued(predicate{subject: b, how: "substring", not: not}, left, variable, iterable)
		}
	}
	return f.unclear(n)
}

// isMapping reports the event, or a part of it that holds others by key.
func (f *eventFilter) isMapping(n *rewrite.Node) bool {
	keys, ok := f.path(n)
	what := subjectOf(keys)
	return ok && (what == "event" || what == "tags" || what == "user" || holdsParts(what) || len(keys) == 2 && keys[0] == "contexts")
}

// membership reads "name in ROUTES".
func (f *eventFilter) membership(s subject, collection *rewrite.Node, not bool) predicate {
	p := predicate{subject: s, how: "eq", not: not}
	known := f.valueOf(collection)
	switch {
	case known.Is("string"):
		p.manual = "it asks whether the whole of it is contained in the text " + known.Text() + ", which is hardly what is meant"
	case collection.Is("list", "tuple", "set"):
		for _, c := range collection.Children {
			p.values = append(p.values, c.Text())
			p.texts = append(p.texts, stringValue(c))
		}
	default:
		p.values, p.spread = []string{f.text(collection)}, true
		if known.Is("list", "tuple", "set") {
			for _, c := range known.Children {
				p.texts = append(p.texts, stringValue(c))
			}
		}
	}
	return p
}

// valueOf follows a name to what it is assigned in the project.
func (f *eventFilter) valueOf(n *rewrite.Node) *rewrite.Node { return f.followed(n, 5) }

func (f *eventFilter) followed(n *rewrite.Node, hops int) *rewrite.Node {
	id := n.Inner()
	if given := f.given[id.Text()]; id.Is("identifier") && given != nil && hops > 0 && f.cb.def.Contains(id) {
		return f.followed(given, hops-1)
	}
	if id.Is("attribute") {
		if v := f.kept(id); v != nil {
			return v
		}
	}
	if v := f.world.project.Name(id).Value; v != nil {
		id = v
	}
	if !id.Is("identifier") {
		return n
	}
	_, b := id.File.ScopeOf(id).Lookup(id.Text())
	switch {
	case len(b) == 1 && b[0].Kind == rewrite.Param && hops > 0:
		if v := f.world.onlyArgument(b[0]); v != nil {
			return f.followed(v, hops-1)
		}
	case len(b) == 1 && b[0].Kind == rewrite.Assign && b[0].Value != nil && b[0].Index == nil:
		return collected(b[0].Value)
	}
	return n
}

// onlyArgument is what the one call of a function passes for a parameter, nil
// where there are others or they cannot be seen.
func (w *world) onlyArgument(b *rewrite.Binding) *rewrite.Node {
	fn := b.Stmt.Ancestor("function_definition", "lambda")
	if !fn.Is("function_definition") || len(w.calls[fn]) != 1 || w.escapes(fn) {
		return nil
	}
	if v := w.argumentFor(w.calls[fn][0], fn, b); v != nil {
		return collected(v)
	}
	return b.Value
}

// kept follows an attribute to the one value its class gives it.
func (f *eventFilter) kept(n *rewrite.Node) *rewrite.Node {
	object := n.Child("object")
	if given := f.given[object.Text()]; given != nil {
		object = given
	}
	class := f.world.instanceOf(object)
	if class == nil {
		return nil
	}
	if stores := f.world.stores(field{class, n.Child("attribute").Text()}); len(stores) == 1 {
		return collected(stores[0])
	}
	return nil
}

// collected looks through set(…), frozenset(…) and tuple(…).
func collected(n *rewrite.Node) *rewrite.Node {
	v := n.Inner()
	if v.Is("call") && len(v.Args()) == 1 && (v.Child("function").Text() == "frozenset" || v.Child("function").Text() == "set" || v.Child("function").Text() == "tuple") {
		return v.Args()[0].Value.Inner()
	}
	return v
}

// valued adds what a subject is compared with: a literal, a tuple of them, a
// constant, or the variable of a loop.
func (f *eventFilter) valued(p predicate, value *rewrite.Node, variable string, iterable *rewrite.Node) predicate {
	switch {
	case variable != "" && value.Text() == variable:
		m := f.membership(p.subject, iterable.Inner(), p.not)
		p.values, p.texts, p.spread, p.manual = m.values, m.texts, m.spread, m.manual
	case value.Is("tuple"):
		m := f.membership(p.subject, value, p.not)
		p.values, p.texts = m.values, m.texts
	default:
		p.values, p.texts = []string{f.text(value)}, []string{stringValue(value)}
		if known := f.valueOf(value); known.Is("tuple", "list") && p.how != "eq" {
			m := f.membership(p.subject, value, p.not)
			p.values, p.texts, p.spread = m.values, m.texts, true
		} else if p.texts[0] == "" {
			p.texts[0] = stringValue(known)
		}
	}
	return p
}

// tested reads a call: startswith, endswith, a regular expression, any().
func (f *eventFilter) tested(n *rewrite.Node, variable string, iterable *rewrite.Node) predicate {
	fn, args := n.Child("function"), n.Args()
	switch f.world.callee(n) {
	case "re.match", "re.search", "re.fullmatch":
		if len(args) < 2 {
			return f.unclear(n)
		}
		if s, ok := f.subject(args[1].Value); ok {
			p := predicate{subject: s, how: "regex", values: []string{fn.Child("attribute").Text(), f.text(args[0].Value)}, texts: []string{rawText(args[0].Value)}}
			if len(args) == 3 {
				p.values = append(p.values, f.text(args[2].Value))
			}
			return p
		}
	}
	if fn.Is("identifier") && (fn.Text() == "any" || fn.Text() == "bool") && len(args) == 1 {
		return f.any(fn.Text(), args[0].Value, variable, iterable)
	}
	if !fn.Is("attribute") || len(args) != 1 || args[0].Star != "" {
		if s, ok := f.subject(n); ok && s.what != "" {
			return predicate{subject: s, how: "present"}
		}
		return f.unclear(n)
	}
	object, method := fn.Child("object"), fn.Child("attribute").Text()
	s, ok := f.subject(object)
	switch method {
	case "startswith", "endswith":
		if ok && s.what != "" {
			how := map[string]string{"startswith": "prefix", "endswith": "suffix"}[method]
			return f.valued(predicate{subject: s, how: how}, args[0].Value.Inner(), variable, iterable)
		}
	case "match", "search", "fullmatch":
		if t, is := f.subject(args[0].Value); is && t.what != "" && ok && s.what == "" {
			return f.compiled(t, object, method)
		}
	}
	if s, ok := f.subject(n); ok && s.what != "" {
		return predicate{subject: s, how: "present"}
	}
	return f.unclear(n)
}

// compiled reads PATTERN.match(name).
func (f *eventFilter) compiled(s subject, pattern *rewrite.Node, method string) predicate {
	p := predicate{subject: s, how: "regex", values: []string{method, f.text(pattern) + ".pattern", f.text(pattern) + ".flags"}}
	known := f.valueOf(pattern)
	if f.world.callee(known) == "re.compile" && len(known.Args()) == 1 {
		p.texts = []string{rawText(known.Args()[0].Value)}
	}
	return p
}

// any reads any(… for x in ITERABLE) and bool(…).
func (f *eventFilter) any(name string, n *rewrite.Node, variable string, iterable *rewrite.Node) predicate {
	n = n.Inner()
	if name == "bool" {
		return f.read(n, variable, iterable)
	}
	if !n.Is("generator_expression", "list_comprehension") || len(n.Children) != 2 || !n.Children[1].Is("for_in_clause") {
		return f.unclear(n)
	}
	clause := n.Children[1]
	if !clause.Child("left").Is("identifier") || f.mentions(clause.Child("right")) {
		return f.unclear(n)
	}
	p := f.predicate(test{node: n.Child("body")}, clause.Child("left").Text(), clause.Child("right"))
	if p.not {
		return f.unclear(n)
	}
	return p
}

// rawText is the pattern in a string literal without escapes that a raw string
// would spell otherwise, "" for anything else.
func rawText(n *rewrite.Node) string {
	if !n.Is("string") || len(n.Children) < 3 {
		return ""
	}
	start := n.Children[0].Text()
	text := string(n.File.Source[n.Children[0].End:n.Children[len(n.Children)-1].Start])
	if strings.HasPrefix(strings.ToLower(start), "r") || !strings.Contains(text, `\`) {
		return text
	}
	return ""
}

// text is an expression that does not read the event, with the names of the
// callback replaced by what they stand for.
func (f *eventFilter) text(n *rewrite.Node) string {
	return f.substitute(n, func(*rewrite.Node) (string, bool) { return "", false })
}

// substitute is the text of an expression in which some nodes are replaced:
// those the function knows, local names by their value, and names given from
// outside by their argument.
func (f *eventFilter) substitute(n *rewrite.Node, known func(*rewrite.Node) (string, bool)) string {
	if text, ok := known(n); ok {
		return text
	}
	if n.Is("identifier") && n.Field != "attribute" && !(n.Field == "name" && n.Parent.Is("keyword_argument")) {
		if alias := f.aliases[n.Text()]; alias != nil && !alias.Contains(n) {
			return operandText(f.substitute(alias, known), alias)
		}
		if given, ok := f.given[n.Text()]; ok {
			return operandText(given.Text(), given)
		}
		return f.reach(n)
	}
	var b strings.Builder
	at := n.Start
	for _, c := range n.Children {
		if c.Start < at {
			continue
		}
		b.Write(n.File.Source[at:c.Start])
		b.WriteString(f.substitute(c, known))
		at = c.End
	}
	b.Write(n.File.Source[at:n.End])
	return b.String()
}

// operandText parenthesises an expression that is put in the place of a name.
func operandText(text string, n *rewrite.Node) string {
	if n.Is("identifier", "attribute", "subscript", "call", "string", "integer", "float", "list", "dictionary", "tuple", "set", "none", "true", "false", "parenthesized_expression") {
		return text
	}
	return "(" + text + ")"
}

var template = regexp.MustCompile(`[<{]`)
