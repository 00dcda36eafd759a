package steps

import (
	"fmt"

	"spanwalk/rewrite"
)

// optionReader follows the dictionaries that feed a client.
type optionReader struct {
	world   *world
	call    *rewrite.Node
	options []*option
	unseen  []string
	seen    map[any]bool // variables and functions already read
}

func (r *optionReader) hide(format string, args ...any) {
	r.unseen = append(r.unseen, fmt.Sprintf(format, args...))
}

// arguments reads the arguments of init(): options as keywords, a DSN or a
// dictionary by position.
func (r *optionReader) arguments(call *rewrite.Node, args []rewrite.Arg) {
	for i, a := range args {
		switch {
		case a.Star == "**", a.Name == "" && a.Star == "" && (i > 0 || r.isMapping(a.Value)):
			r.mapping(a.Value, true)
		case a.Star == "*":
			r.hide("*%s may hold anything", a.Value.Text())
		case a.Name != "":
			r.options = append(r.options, &option{name: a.Name, value: a.Value, node: a.Node, home: call, sure: true})
		}
	}
}

// isMapping tells a dictionary of options from a DSN.
func (r *optionReader) isMapping(n *rewrite.Node) bool {
	n = n.Inner()
	switch {
	case n.Is("dictionary"):
		return true
	case n.Is("call"):
		return n.Child("function").Text() == "dict"
	case n.Is("identifier"):
		_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		return len(bindings) > 0 && bindings[0].Kind == rewrite.Assign && bindings[0].Value.Is("dictionary")
	}
	return false
}

// mapping reads an expression whose value is a dictionary of options. sure
// says whether it reaches the client every time.
func (r *optionReader) mapping(n *rewrite.Node, sure bool) {
	n = n.Inner()
	switch n.Kind {
	case "dictionary":
		r.display(n, sure)
	case "call":
		r.made(n, sure)
	case "identifier":
		r.variable(n, sure)
	case "attribute":
		r.attribute(n, sure)
	case "binary_operator":
		r.mapping(n.Child("left"), sure)
		r.mapping(n.Child("right"), sure)
	case "boolean_operator":
		r.mapping(n.Child("left"), false)
		r.mapping(n.Child("right"), false)
	case "conditional_expression":
		r.mapping(n.Children[0], false)
		r.mapping(n.Children[2], false)
	case "named_expression":
		r.mapping(n.Child("value"), sure)
	case "none":
	default:
		r.hide("what %s holds cannot be seen", n.Text())
	}
}

func (r *optionReader) display(n *rewrite.Node, sure bool) {
	for _, c := range n.Children {
		switch {
		case c.Is("dictionary_splat"):
			r.mapping(c.Children[0], sure)
		case c.Is("pair") && stringValue(c.Child("key")) != "":
			r.options = append(r.options, &option{stringValue(c.Child("key")), c.Child("value"), c, n, sure})
		default:
			r.hide("the entry %s cannot be seen", c.Text())
		}
	}
}

// made reads a dictionary that a call makes: dict(…), a copy, or a function of
// the project.
func (r *optionReader) made(call *rewrite.Node, sure bool) {
	fn, args := call.Child("function"), call.Args()
	name := r.world.callee(call)
	switch {
	case fn.Text() == "dict" && r.world.project.IsBuiltin(fn):
		for _, a := range args {
			if a.Name != "" {
				r.options = append(r.options, &option{a.Name, a.Value, a.Node, call, sure})
			} else {
				r.mapping(a.Value, sure)
			}
		}
	case (name == "copy.copy" || name == "copy.deepcopy") && len(args) == 1:
		r.mapping(args[0].Value, sure)
	case name == "typing.cast" && len(args) == 2:
		r.mapping(args[1].Value, sure)
	case fn.Is("attribute") && fn.Child("attribute").Text() == "copy" && len(args) == 0:
		r.mapping(fn.Child("object"), sure)
	default:
		r.returned(call, sure)
	}
}

// returned reads what a function of the project returns.
func (r *optionReader) returned(call *rewrite.Node, sure bool) {
	def := r.world.functionOf(call)
	if def == nil || r.seen[def] {
		r.hide("what %s returns cannot be seen", call.Text())
		return
	}
	r.seen[def] = true
	var values []*rewrite.Node
	def.Child("body").Walk(func(n *rewrite.Node) bool {
		if n.Is("return_statement") && len(n.Children) > 0 {
			values = append(values, n.Children[0])
		}
		return !n.Is("function_definition", "class_definition", "lambda")
	})
	for _, v := range values {
		r.mapping(v, sure && len(values) == 1)
	}
}

// variable reads a name: every dictionary it is given, and every key that is
// set on it.
func (r *optionReader) variable(n *rewrite.Node, sure bool) {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	v := variable{scope, n.Text()}
	if scope == nil {
		r.hide("what %s holds cannot be seen", n.Text())
		return
	}
	if r.seen[v] {
		return
	}
	r.seen[v] = true
	assigned := 0
	for _, b := range bindings {
		if b.Kind == rewrite.Assign && b.Value != nil {
			assigned++
		}
	}
	for _, b := range bindings {
		switch {
		case b.Kind == rewrite.Assign && b.Value == nil:
		case b.Kind == rewrite.Assign && b.Index == nil:
			r.mapping(b.Value, sure && (assigned == 1 || r.always(b.Stmt) && b == bindings[0]))
		case b.Kind == rewrite.Augmented:
			r.mapping(b.Value, sure && r.always(b.Stmt))
		case b.Kind == rewrite.Param:
			r.parameter(b, sure)
		case b.Kind == rewrite.Import && r.imported(b) != nil:
			r.variable(r.imported(b), sure)
		default:
			r.hide("what %s holds cannot be seen", n.Text())
		}
	}
	r.keys(r.world.uses(v), sure)
}

// imported returns the identifier that binds an imported value of the project.
func (r *optionReader) imported(b *rewrite.Binding) *rewrite.Node {
	if v := r.world.project.Name(b.Node).Value; v != nil && v != b.Node {
		return v
	}
	return nil
}

// always reports whether a statement runs whenever the client is made: it
// stands under no condition that the client's call does not share.
func (r *optionReader) always(n *rewrite.Node) bool {
	block := n.Statement().Parent
	return block.Is("module") || block.Parent.Is("function_definition", "with_statement") || block.Contains(r.call)
}

// attribute reads a dictionary kept in a module, a class or an instance.
func (r *optionReader) attribute(n *rewrite.Node, sure bool) {
	if v := r.world.project.Name(n).Value; v != nil && v != n {
		r.variable(v, sure)
		return
	}
	name := n.Child("attribute").Text()
	class := r.world.instanceOf(n.Child("object"))
	if class == nil {
		class = r.world.project.Name(n.Child("object")).Def
	}
	if !class.Is("class_definition") || len(r.world.stores(field{class, name})) == 0 || r.seen[field{class, name}] {
		r.hide("what %s holds cannot be seen", n.Text())
		return
	}
	r.seen[field{class, name}] = true
	stores := r.world.stores(field{class, name})
	for _, v := range stores {
		r.mapping(v, sure && len(stores) == 1)
	}
	var uses []*rewrite.Node
	for _, a := range r.world.attributes(name) {
		if r.world.instanceOf(a.Child("object")) == class {
			uses = append(uses, a)
		}
	}
	r.keys(uses, sure)
}

// parameter reads what callers pass.
func (r *optionReader) parameter(b *rewrite.Binding, sure bool) {
	fn := b.Stmt.Ancestor("function_definition")
	calls := r.world.callsOf(fn)
	if fn == nil || len(calls) == 0 || r.world.escapes(fn) {
		r.hide("what callers pass as %s cannot be seen", b.Stmt.Text())
		return
	}
	for _, call := range calls {
		if b.Stmt.Is("dictionary_splat_pattern") || len(b.Stmt.Children) > 0 && b.Stmt.Children[0].Is("dictionary_splat_pattern") {
			r.passedKeywords(call, fn, sure && len(calls) == 1)
		} else if v := r.world.argumentFor(call, fn, b); v != nil {
			r.mapping(v, sure && len(calls) == 1)
		} else if b.Value != nil {
			r.mapping(b.Value, false)
		}
	}
}

// passedKeywords reads the keywords of a call that end up in the callee's
// **kwargs.
func (r *optionReader) passedKeywords(call, fn *rewrite.Node, sure bool) {
	own := map[string]bool{}
	for _, p := range fn.Child("parameters").Children {
		if name := p.Child("name"); name != nil {
			own[name.Text()] = true
		} else if p.Is("identifier") {
			own[p.Text()] = true
		} else if p.Is("typed_parameter") {
			own[p.Children[0].Text()] = true
		}
	}
	for _, a := range call.Args() {
		switch {
		case a.Star == "**":
			r.mapping(a.Value, sure)
		case a.Name != "" && !own[a.Name]:
			r.options = append(r.options, &option{name: a.Name, value: a.Value, node: a.Node, sure: sure})
		}
	}
}

// keys reads what is set on a dictionary after it was made.
func (r *optionReader) keys(uses []*rewrite.Node, sure bool) {
	for _, u := range uses {
		p := u.Parent
		switch {
		case r.behind(u):
		case p.Is("subscript") && u.Field == "value" && p.Field == "left" && p.Parent.Is("assignment"):
			r.subscript(p, sure && r.always(u))
		case p.Is("attribute") && u.Field == "object" && p.Parent.Is("call") && p.Field == "function":
			r.method(p.Parent, p.Child("attribute").Text(), sure && r.always(u))
		}
	}
}

// behind reports a use that comes after the client was made.
func (r *optionReader) behind(u *rewrite.Node) bool {
	return u.File == r.call.File && u.Start > r.call.Start && u.Function() == r.call.Function() &&
		r.call.Ancestor("for_statement", "while_statement") == nil
}

func (r *optionReader) subscript(target *rewrite.Node, sure bool) {
	name := stringValue(target.Child("subscript"))
	if name == "" {
		r.hide("the key of %s cannot be seen", target.Text())
		return
	}
	if v := target.Parent.Child("right"); v != nil {
		r.options = append(r.options, &option{name: name, value: v, node: target.Statement(), sure: sure})
	}
}

func (r *optionReader) method(call *rewrite.Node, name string, sure bool) {
	args := call.Args()
	switch {
	case name == "update":
		for _, a := range args {
			if a.Name == "" {
				r.mapping(a.Value, sure)
				continue
			}
			r.options = append(r.options, &option{a.Name, a.Value, a.Node, call, sure})
		}
	case name == "setdefault" && len(args) == 2 && stringValue(args[0].Value) != "":
		r.options = append(r.options, &option{name: stringValue(args[0].Value), value: args[1].Value, node: call.Statement()})
	}
}
