package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// eventFilter is the body of a before_send_transaction, taken apart into what
// it drops, what it edits and what it only computes.
type eventFilter struct {
	world   *world
	cb      callback
	event   string                   // the parameter that holds the event
	aliases map[string]*rewrite.Node // local names and the expressions they stand for
	grown   map[string]bool          // local names that no expression stands for
	given   map[string]*rewrite.Node // parameters and closed-over names bound elsewhere, and what they are given
	hint    string
	drops   []*drop
	edits   []*eventEdit
	opaque  []opaquePart // what could not be taken apart
	chatter []*rewrite.Node
	child   string // while the spans of the event are read: the name of one

	home    *rewrite.File   // the file that texts are written for, nil for the callback's own
	imports map[string]bool // names that have to be imported there
	away    string          // a name that cannot be reached from there
}

// drop is one reason for which the filter returns None.
type drop struct {
	tests   []test          // all must hold
	loop    *rewrite.Node   // the for_statement around it, nil without
	place   *rewrite.Node   // what goes when the drop goes: statement, clause or disjunct
	rest    []*rewrite.Node // the disjuncts of the same condition, place included
	returns *rewrite.Node   // for "return None if … else event": the expression
	allow   []*rewrite.Node // for an allow-list: the statements that make it up
	silent  bool            // nothing else happens when it drops
}

// test is a condition, or its opposite.
type test struct {
	node *rewrite.Node
	not  bool
}

// eventEdit is a statement that changes the event.
type eventEdit struct {
	stmt *rewrite.Node
}

type opaquePart struct {
	stmt   *rewrite.Node
	reason string
}

// takeApart reads a callback's body. It returns nil for a callback that takes
// no event.
func (w *world) takeApart(cb callback) *eventFilter {
	if inner := w.handsOn(cb); inner != nil {
		cb.def, cb.skip = inner, 0
	}
	params := cb.parameters()
	if len(params) == 0 {
		return nil
	}
	f := &eventFilter{world: w, cb: cb, event: params[0], aliases: map[string]*rewrite.Node{}, grown: map[string]bool{}, given: map[string]*rewrite.Node{}}
	if len(params) > 1 {
		f.hint = params[1]
	}
	if cb.def.File.InBroken(cb.def.Start, cb.def.End) {
		f.cannot(cb.def, "it holds syntax that cannot be read")
		return f
	}
	f.closure()
	body := cb.def.Child("body")
	if !body.Is("block") {
		f.returned(body, body, nil)
		return f
	}
	f.block(body.Children, nil)
	return f
}

// handsOn returns the project function to which a callback only hands its
// event, or nil.
func (w *world) handsOn(cb callback) *rewrite.Node {
	params, body := cb.parameters(), cb.def.Child("body")
	if body.Is("block") {
		if len(body.Children) != 1 || !body.Children[0].Is("return_statement") || len(body.Children[0].Children) == 0 {
			return nil
		}
		body = body.Children[0].Children[0]
	}
	body = body.Inner()
	if !body.Is("call") || len(params) == 0 {
		return nil
	}
	def, args := w.functionOf(body), body.Args()
	if def == nil || def == cb.def || def.Class() != nil || len(args) == 0 || args[0].Value.Text() != params[0] {
		return nil
	}
	return def
}

// identity reports a filter that returns its event untouched.
func (f *eventFilter) identity() bool {
	return len(f.drops)+len(f.edits)+len(f.opaque) == 0
}

func (f *eventFilter) cannot(stmt *rewrite.Node, reason string) {
	f.opaque = append(f.opaque, opaquePart{stmt, reason})
}

// block reads statements that run while the tests hold.
func (f *eventFilter) block(list []*rewrite.Node, outer []test) {
	outer = copyTests(outer)
	for i, s := range list {
		switch s.Kind {
		case "return_statement":
			f.returnStatement(s, outer)
			return
		case "if_statement":
			if f.allowList(list[i:], outer) {
				return
			}
			outer = append(outer, f.ifStatement(s, outer)...)
		case "for_statement":
			f.loop(s, outer)
		case "expression_statement":
			f.expression(s)
		case "delete_statement":
			f.edits = append(f.edits, &eventEdit{s})
		case "pass_statement", "import_statement", "import_from_statement", "global_statement", "function_definition":
		case "try_statement":
			f.tryStatement(s, outer)
		case "with_statement":
			f.cannot(s, "a with block cannot be taken apart")
		default:
			f.cannot(s, "this statement cannot be taken apart")
		}
	}
}

// tryStatement looks through "try: … except …: pass"; a handler that drops the
// event has no counterpart.
func (f *eventFilter) tryStatement(s *rewrite.Node, outer []test) {
	for _, c := range s.Children {
		if c.Is("except_clause") && dropsAtEnd(c.Children[len(c.Children)-1]) {
			f.cannot(s, "the event is dropped when this raises; a span cannot be dropped when it ends")
			return
		}
	}
	f.block(s.Child("body").Children, outer)
}

// expression reads an assignment or a call.
func (f *eventFilter) expression(s *rewrite.Node) {
	if len(s.Children) == 0 {
		return
	}
	n := s.Children[0]
	switch {
	case n.Is("string", "concatenated_string", "ellipsis"):
	case n.Is("assignment") && n.Child("left").Is("identifier") && n.Child("right") != nil:
		f.assign(s, n.Child("left"), n.Child("right"))
	case n.Is("assignment") && assignsEach(n):
		for i, name := range n.Child("left").Children {
			f.assign(s, name, n.Child("right").Children[i])
		}
	case f.touches(n) || f.mentions(n):
		if logs(n) {
			f.chatter = append(f.chatter, s)
			return
		}
		f.edits = append(f.edits, &eventEdit{s})
	case logs(n):
		f.chatter = append(f.chatter, s)
	case n.Is("assignment", "augmented_assignment", "call"):
		f.cannot(s, "it does something besides filtering")
	}
}

// assignsEach reports "a, b = x, y".
func assignsEach(n *rewrite.Node) bool {
	left, right := n.Child("left"), n.Child("right")
	if !left.Is("pattern_list", "tuple_pattern") || right == nil || !right.Is("expression_list", "tuple") || len(left.Children) != len(right.Children) {
		return false
	}
	for i := range left.Children {
		if !left.Children[i].Is("identifier") || right.Children[i].Is("list_splat") {
			return false
		}
	}
	return true
}

func (f *eventFilter) assign(s, target, value *rewrite.Node) {
	name := target.Text()
	if name == f.event {
		f.cannot(s, "the event is replaced")
		return
	}
	switch {
	case f.grows(name, value):
		f.grown[name] = true
		f.cannot(s, name+" is put together piece by piece")
	case !f.alias(name, value):
		f.cannot(s, name+" is assigned twice")
	}
}

// grows reports a name of a container that the function makes itself and changes
// later: no expression stands for it.
func (f *eventFilter) grows(name string, value *rewrite.Node) bool {
	if !value.Inner().Is("dictionary", "list", "set", "dictionary_comprehension", "list_comprehension", "set_comprehension") {
		return false
	}
	for _, n := range namesIn(f.cb.def.Child("body"), name) {
		switch p := n.Parent; {
		case p.Is("subscript") && n.Field == "value":
			if p.Field == "left" || p.Parent.Is("delete_statement") {
				return true
			}
		case p.Is("attribute") && p.Parent.Is("call") && p.Field == "function":
			switch p.Child("attribute").Text() {
			case "add", "append", "clear", "discard", "extend", "insert", "pop", "remove", "setdefault", "update":
				return true
			}
		}
	}
	return false
}

// alias notes what a local name stands for. It refuses a name that has been
// assigned or read before, so that following names always ends.
func (f *eventFilter) alias(name string, value *rewrite.Node) bool {
	if _, again := f.aliases[name]; again || len(namesIn(value, name)) > 0 {
		return false
	}
	for _, earlier := range f.aliases {
		if len(namesIn(earlier, name)) > 0 {
			return false
		}
	}
	f.aliases[name] = value
	return true
}

// touches reports an expression that changes a part of the event.
func (f *eventFilter) touches(n *rewrite.Node) bool {
	found := false
	n.Walk(func(m *rewrite.Node) bool {
		if m.Is("assignment", "augmented_assignment") {
			target := m.Child("left")
			found = found || f.rooted(target) && !target.Is("identifier")
		}
		return !found
	})
	return found
}

// mentions reports an expression that holds the event or a name made from it.
func (f *eventFilter) mentions(n *rewrite.Node) bool {
	found := false
	n.Walk(func(m *rewrite.Node) bool {
		if m.Is("identifier") && m.Field != "attribute" && !(m.Field == "name" && m.Parent.Is("keyword_argument")) {
			found = found || f.rooted(m)
		}
		return !found
	})
	return found
}

// rooted reports an expression that leads into the event.
func (f *eventFilter) rooted(n *rewrite.Node) bool {
	n = n.Inner()
	switch n.Kind {
	case "identifier":
		if n.Text() == f.event || n.Text() == f.hint {
			return true
		}
		alias, ok := f.aliases[n.Text()]
		return ok && alias != n && f.mentions(alias)
	case "subscript":
		return f.rooted(n.Child("value"))
	case "attribute":
		return f.rooted(n.Child("object"))
	case "call":
		return n.Child("function").Is("attribute") && f.rooted(n.Child("function"))
	case "boolean_operator":
		return f.rooted(n.Child("left")) || f.rooted(n.Child("right"))
	}
	return false
}

// logs reports a call of a logger or of print.
func logs(n *rewrite.Node) bool {
	if !n.Is("call") {
		return false
	}
	fn := n.Child("function").Text()
	last := fn[strings.LastIndexByte(fn, '.')+1:]
	switch last {
	case "debug", "info", "warning", "error", "exception", "log":
		return strings.Contains(strings.ToLower(fn), "log")
	}
	return fn == "print"
}
