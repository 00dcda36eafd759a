package steps

import (
	"fmt"

	"spanwalk/rewrite"
)

// callback is a function that an option of the client leads to.
type callback struct {
	def   *rewrite.Node // function_definition or lambda
	skip  int           // parameters that are bound already: self, or by partial()
	expr  *rewrite.Node // the expression in the options that leads to it
	bound []string      // keywords bound by partial()
	maybe bool          // the option holds it under a condition only
}

// callbacks follows an option's value to its functions, wherever they are. The
// reason says why some of them cannot be followed, "" if all were.
func (w *world) callbacks(value *rewrite.Node) (list []callback, reason string) {
	f := &follower{world: w, seen: map[*rewrite.Node]bool{}}
	f.follow(value, callback{expr: value})
	return f.list, f.reason
}

type follower struct {
	world  *world
	list   []callback
	reason string
	seen   map[*rewrite.Node]bool
}

func (f *follower) stop(format string, args ...any) {
	if f.reason == "" {
		f.reason = fmt.Sprintf(format, args...)
	}
}

func (f *follower) found(def *rewrite.Node, cb callback) {
	cb.def = def
	f.list = append(f.list, cb)
}

func (f *follower) follow(n *rewrite.Node, cb callback) {
	n = n.Inner()
	if f.seen[n] {
		return
	}
	f.seen[n] = true
	switch n.Kind {
	case "none":
	case "lambda":
		f.found(n, cb)
	case "identifier":
		f.name(n, cb)
	case "attribute":
		f.attribute(n, cb)
	case "call":
		f.call(n, cb)
	case "conditional_expression":
		cb.maybe = true
		f.follow(n.Children[0], cb)
		f.follow(n.Children[2], cb)
	case "boolean_operator":
		cb.maybe = true
		if n.Child("operator").Text() == "or" {
			f.follow(n.Child("left"), cb)
		}
		f.follow(n.Child("right"), cb)
	default:
		f.stop("%s is not followed", n.Text())
	}
}

func (f *follower) name(n *rewrite.Node, cb callback) {
	name := f.world.project.Name(n)
	switch {
	case name.Def.Is("function_definition"):
		f.found(name.Def, cb)
	case name.Def.Is("class_definition"):
		f.stop("%s is a class", n.Text())
	case name.Value != nil:
		f.bindings(name.Value, cb)
	case name.Dotted != "":
		f.stop("%s is not part of the project", name.Dotted)
	default:
		f.bindings(n, cb)
	}
}

// bindings follows everything a variable can hold.
func (f *follower) bindings(n *rewrite.Node, cb callback) {
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if len(bindings) == 0 {
		f.stop("%s is bound nowhere", n.Text())
	}
	cb.maybe = cb.maybe || len(bindings) > 1
	for _, b := range bindings {
		switch {
		case b.Kind == rewrite.Def:
			f.found(b.Stmt, cb)
		case b.Kind == rewrite.Assign && b.Index == nil && b.Value != nil:
			f.follow(b.Value, cb)
		case b.Kind == rewrite.Assign && b.Value == nil:
		case b.Kind == rewrite.Param:
			f.parameter(b, cb)
		default:
			f.stop("what %s holds cannot be seen", n.Text())
		}
	}
}

func (f *follower) parameter(b *rewrite.Binding, cb callback) {
	fn := b.Stmt.Ancestor("function_definition")
	calls := f.world.callsOf(fn)
	if fn == nil || len(calls) == 0 || f.world.escapes(fn) {
		f.stop("what callers pass as %s cannot be seen", b.Name)
		return
	}
	for _, c := range calls {
		if v := f.world.argumentFor(c, fn, b); v != nil {
			f.follow(v, cb)
		} else if b.Value != nil {
			f.follow(b.Value, cb)
		}
	}
}

// attribute follows a method, or a function kept in a module or an object.
func (f *follower) attribute(n *rewrite.Node, cb callback) {
	name := f.world.project.Name(n)
	switch {
	case name.Def.Is("function_definition"):
		if name.Def.Class() != nil && hasDecorator(name.Def, "classmethod") {
			cb.skip++
		}
		f.found(name.Def, cb)
		return
	case name.Value != nil && name.Value != n:
		f.bindings(name.Value, cb)
		return
	}
	if def := f.world.methodOf(n); def != nil {
		if !hasDecorator(def, "staticmethod") {
			cb.skip++
		}
		f.found(def, cb)
		return
	}
	class := f.world.instanceOf(n.Child("object"))
	if class == nil {
		f.stop("what %s is cannot be seen", n.Text())
		return
	}
	stores := f.world.stores(field{class, n.Child("attribute").Text()})
	if len(stores) == 0 {
		f.stop("what %s is cannot be seen", n.Text())
	}
	for _, v := range stores {
		f.follow(v, cb)
	}
}

// call follows partial(f, …), cast(T, f), Callable() and factories that return
// a closure.
func (f *follower) call(n *rewrite.Node, cb callback) {
	args := n.Args()
	switch name := f.world.callee(n); {
	case name == "functools.partial" && len(args) > 0:
		for _, a := range args[1:] {
			switch {
			case a.Star != "":
				f.stop("what partial() binds cannot be seen")
			case a.Name != "":
				cb.bound = append(cb.bound, a.Name)
			default:
				cb.skip++
			}
		}
		f.follow(args[0].Value, cb)
		return
	case name == "typing.cast" && len(args) == 2:
		f.follow(args[1].Value, cb)
		return
	}
	if class := f.world.called(n).Def; class.Is("class_definition") {
		f.instance(n, class, cb)
		return
	}
	def := f.world.functionOf(n)
	if def == nil {
		f.stop("what %s returns cannot be seen", n.Text())
		return
	}
	def.Child("body").Walk(func(m *rewrite.Node) bool {
		if m.Is("return_statement") && len(m.Children) > 0 {
			f.follow(m.Children[0], cb)
		}
		return !m.Is("function_definition", "class_definition", "lambda")
	})
}

func (f *follower) instance(n, class *rewrite.Node, cb callback) {
	def := f.world.project.Method(class, "__call__")
	if def == nil {
		f.stop("%s has no __call__", n.Text())
		return
	}
	cb.skip++
	f.found(def, cb)
}

// parameters returns the names of the callback's parameters that the SDK
// fills, in order.
func (c callback) parameters() []string {
	var out []string
	list := c.def.Child("parameters")
	if list == nil {
		return nil
	}
	for _, p := range list.Children {
		name := p
		switch {
		case p.Child("name") != nil:
			name = p.Child("name")
		case p.Is("typed_parameter"):
			name = p.Children[0]
		}
		if name.Is("identifier") {
			out = append(out, name.Text())
		}
	}
	if c.skip > len(out) {
		return nil
	}
	return out[c.skip:]
}

// site is what a finding about the callback points at.
func (c callback) site() *rewrite.Node {
	if name := c.def.Child("name"); name != nil {
		return name
	}
	return c.def
}
