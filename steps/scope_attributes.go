package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// argument returns an argument by position or keyword.
func argument(call *rewrite.Node, position int, names ...string) *rewrite.Arg {
	for i, a := range call.Args() {
		if a.Star != "" {
			return nil
		}
		if a.Name == "" && i == position {
			return &a
		}
		for _, n := range names {
			if a.Name == n {
				return &a
			}
		}
	}
	return nil
}

// setter is the new function or method beside the old one.
func (t *scopeTag) setter(name string) string {
	fn := t.call.Child("function")
	if t.recv == nil {
		return ref("sentry_sdk."+name, fn)
	}
	return t.recv.Text() + "." + name
}

// attributes returns the statements that set what the call tags.
func (t *scopeTag) attributes() []string {
	if t.recv != nil && hasCall(t.recv) && !scopeMakers[t.pass.world.callee(t.recv)] {
		t.manual("%s would be evaluated twice", brief(t.recv))
	}
	if t.method == "set_tags" {
		return t.several()
	}
	key, value := argument(t.call, 0, "key"), argument(t.call, 1, "value")
	if key == nil || value == nil {
		t.manual("its arguments cannot be seen")
		return nil
	}
	if value.Value.Inner().Is("none") {
		return nil
	}
	if t.pass.world.mayBeNone(value.Value) && !t.tested(value.Value) {
		t.review("%s may be None: the attribute is then left out", brief(value.Value))
		return []string{fmt.Sprintf("if %s is not None:", t.once(*value)), t.indent() + t.line(t.indent(), t.once(*key), t.once(*value))}
	}
	if text, ok := t.again("set_attribute", key.Value, value.Value); ok {
		return []string{text}
	}
	return []string{t.line("", t.once(*key), t.once(*value))}
}

// tested reports a value that an if around the call has found to be true.
func (t *scopeTag) tested(v *rewrite.Node) bool {
	from := t.call
	for p := t.call.Parent; p != nil && !p.Is("function_definition", "lambda"); p = p.Parent {
		if p.Is("if_statement", "elif_clause") && from.Field == "consequence" && p.Child("condition").Inner().Text() == v.Text() {
			return true
		}
		from = p
	}
	return false
}

// once is the text of an argument for a second use: what calls something is
// computed once, into a variable.
func (t *scopeTag) once(a rewrite.Arg) string {
	v := a.Value
	if !t.impure(v) {
		return v.Text()
	}
	name := t.free("tag")
	if t.method == "set_tags" {
		name = t.free("tags")
	}
	if t.hoisted != nil && t.hoisted != v {
		t.manual("it computes several values")
	}
	t.hoisted, t.variable = v, name
	return name
}

// impure reports an expression that should not run twice: one that calls
// anything but a plain conversion or the environment.
func (t *scopeTag) impure(n *rewrite.Node) bool {
	found := false
	n.Walk(func(m *rewrite.Node) bool {
		switch m.Kind {
		case "await", "yield", "named_expression":
			found = true
		case "call":
			fn := m.Child("function")
			name := t.pass.world.callee(m)
			pure := name == "os.getenv" || name == "os.environ.get" || fn.Is("identifier") && t.pass.Project.IsBuiltin(fn) && conversions[fn.Text()]
			found = found || !pure
		}
		return !found
	})
	return found
}

var conversions = map[string]bool{"str": true, "int": true, "float": true, "bool": true, "len": true, "repr": true, "hex": true}

// free returns a variable name that the file does not use, from a wish.
func (t *scopeTag) free(name string) string {
	for len(namesIn(t.call.File.Module, name)) > 0 {
		name += "_"
	}
	return name
}

// several supplements set_tags(): one call from 2.67.0 on, else one a tag.
func (t *scopeTag) several() []string {
	tags := argument(t.call, 0, "tags")
	if tags == nil {
		t.manual("its arguments cannot be seen")
		return nil
	}
	v := tags.Value.Inner()
	switch none := t.entryMayBeNone(v); {
	case t.writtenOut(v):
		return t.display(v)
	case !v.Is("dictionary") && t.pass.world.mayBeNone(v):
		t.review("%s may be None", brief(v))
	case none != "":
		t.review("%s may be None, which an attribute sends as the text 'None'", none)
	}
	if t.pass.Floor.AtLeast(R2_67_0) {
		if text, ok := t.again("set_attributes", tags.Value); ok {
			return []string{text}
		}
		return []string{fmt.Sprintf("%s(%s)", t.setter("set_attributes"), t.once(*tags))}
	}
	key, value := t.free("key"), t.free("value")
	return []string{fmt.Sprintf("for %s, %s in %s.items():", key, value, operandOfDot(t.once(*tags), v)),
		t.indent() + t.line(t.indent(), key, value)}
}

// writtenOut reports a dictionary whose entries can all be written a second
// time.
func (t *scopeTag) writtenOut(n *rewrite.Node) bool {
	if !n.Is("dictionary") {
		return false
	}
	for _, c := range n.Children {
		if !c.Is("pair") || t.impure(c) {
			return false
		}
	}
	return true
}

// entryMayBeNone returns the text of a value of tags that may be None, "" for
// none.
func (t *scopeTag) entryMayBeNone(n *rewrite.Node) string {
	if !n.Is("dictionary") {
		return "a value of " + brief(n)
	}
	for _, c := range n.Children {
		switch v := c.Child("value"); {
		case v == nil:
			return "a value of " + brief(c)
		case t.pass.world.mayBeNone(v):
			return brief(v)
		}
	}
	return ""
}

// operandOfDot parenthesises what binds looser than an attribute.
func operandOfDot(text string, n *rewrite.Node) string {
	if text == n.Text() && !n.Is("identifier", "attribute", "subscript", "call", "dictionary") {
		return "(" + text + ")"
	}
	return text
}

// display supplements a dictionary that is written out.
func (t *scopeTag) display(d *rewrite.Node) []string {
	var entries, lines []string
	for _, c := range d.Children {
		key, value := c.Child("key"), c.Child("value")
		switch {
		case value.Is("none"):
			continue
		case t.pass.world.mayBeNone(value):
			t.review("%s may be None: the attribute is then left out", brief(value))
			lines = append(lines, fmt.Sprintf("if %s is not None:", value.Text()), t.indent()+t.line(t.indent(), key.Text(), value.Text()))
			continue
		}
		entries = append(entries, c.Text())
		lines = append(lines, t.line("", key.Text(), value.Text()))
	}
	if t.pass.Floor.AtLeast(R2_67_0) && len(entries) > 1 && len(entries) == len(d.Children) {
		if text, ok := t.again("set_attributes", t.call.Args()[0].Value); ok {
			return []string{text}
		}
		return []string{t.attributesOf(entries)}
	}
	return lines
}

// supplemented reports a tag that an attribute of the same key stands beside
// already.
func (t *scopeTag) supplemented() bool {
	stmt := t.call.Statement()
	if stmt == nil || !strings.HasPrefix(t.method, "set_tag") {
		return false
	}
	for _, s := range stmt.Parent.Children {
		found := false
		s.Walk(func(n *rewrite.Node) bool {
			found = found || n.Is("call") && t.sets(n)
			return !found && !n.Is("function_definition", "class_definition")
		})
		if found {
			return true
		}
	}
	return false
}

// sets reports a call that sets the tag's key as an attribute of the same
// scope.
func (t *scopeTag) sets(n *rewrite.Node) bool {
	fn := n.Child("function")
	name := strings.TrimPrefix(t.pass.world.callee(n), "sentry_sdk.")
	if t.recv != nil {
		if !fn.Is("attribute") || fn.Child("object").Text() != t.recv.Text() {
			return false
		}
		name = fn.Child("attribute").Text()
	}
	args, mine := n.Args(), t.call.Args()
	if len(args) == 0 || len(mine) == 0 {
		return false
	}
	switch name {
	case "set_attribute":
		return args[0].Value.Text() == mine[0].Value.Text() || t.method == "set_tags" && (t.holds(args[0].Value) || t.iterates(n))
	case "set_attributes":
		return args[0].Value.Text() == mine[0].Value.Text() || holdsKey(args[0].Value, stringValue(mine[0].Value)) ||
			t.method == "set_tags" && holdsKeys(args[0].Value.Inner(), mine[0].Value.Inner())
	}
	return false
}

func (t *scopeTag) holds(key *rewrite.Node) bool {
	return holdsKey(t.call.Args()[0].Value.Inner(), stringValue(key))
}

func holdsKey(d *rewrite.Node, key string) bool {
	for _, c := range d.Children {
		if key != "" && c.Is("pair") && stringValue(c.Child("key")) == key {
			return true
		}
	}
	return false
}

// holdsKeys reports a display with every key of another that has some.
func holdsKeys(d, other *rewrite.Node) bool {
	if !d.Is("dictionary") || !other.Is("dictionary") || len(other.Children) == 0 {
		return false
	}
	keys := map[string]bool{}
	for _, c := range d.Children {
		if c.Is("pair") {
			keys[c.Child("key").Text()] = true
		}
	}
	for _, c := range other.Children {
		if !c.Is("pair") || !keys[c.Child("key").Text()] {
			return false
		}
	}
	return true
}

// iterates reports a set_attribute() in a loop over the same tags.
func (t *scopeTag) iterates(n *rewrite.Node) bool {
	loop := n.Ancestor("for_statement")
	return loop != nil && strings.Contains(loop.Child("right").Text(), t.call.Args()[0].Value.Text())
}
