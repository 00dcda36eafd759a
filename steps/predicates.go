package steps

import (
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
		case a.what == "" && f.keyText(left) != "" && f.isMapping(right):
			keys, _ := f.path(right)
			return predicate{subject: subject{what: subjectOf(append(keys, f.keyText(left)))}, how: "present", not: not}
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
