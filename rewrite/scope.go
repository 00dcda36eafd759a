package rewrite

import "strings"

// BindingKind says by what construct a name is bound.
type BindingKind int

// The ways Python binds a name.
const (
	Import    BindingKind = iota // import a.b, import a.b as c, from a import b
	Assign                       // =, :=, annotated or not
	Def                          // def
	ClassDef                     // class
	Param                        // a parameter of a def or lambda
	For                          // the target of a for loop or comprehension
	With                         // with … as name
	Except                       // except … as name
	Augmented                    // +=
	Captured                     // a capture in a match pattern
	TypeParam                    // a type parameter of a def, a class or a type statement
	Unparsed                     // bound somewhere in a statement that was not parsed
)

// Binding is one place where a scope binds a name.
type Binding struct {
	Name   string
	Kind   BindingKind
	Node   *Node  // the identifier that is bound; for an import the imported or alias identifier
	Stmt   *Node  // the construct that binds it: the import, assignment, def, with_item, …
	Value  *Node  // the assigned, iterated or entered expression, for a capture the subject or the pattern that "as" names; nil where there is none
	Target string // for Import: the dotted name it stands for, relative imports made absolute by [Project]
	Level  int    // for Import: the dots of a relative import
	Index  []int  // for an unpacking target: the positions that lead to the name, outermost first
	Type   *Node  // the annotation, for a type parameter its bound, or nil
}

// Scope is a lexical scope of Python: the module, a class, a function, a
// lambda, a comprehension, or what sees the type parameters of one of them.
type Scope struct {
	Node     *Node // module, class_definition, function_definition, lambda, a comprehension or a type_parameter
	Parent   *Scope
	Names    map[string][]*Binding
	Stars    []*Binding // "from x import *"
	outer    map[string]bool
	fromRoot map[string]bool
}

type scopeTable struct {
	module *Scope
	all    []*Scope
	opened map[*Node]*Scope     // the node that opens a scope -> the scope
	typed  map[*Node]*Scope     // the def, class or type statement -> the scope of its type parameters
	bound  map[*Node][]*Binding // import statement -> what it binds in its own scope
}

// ModuleScope is the scope of the file's top level.
func (f *File) ModuleScope() *Scope { return f.scopes.module }

// ScopeOf returns the scope in which an expression at n is evaluated.
func (f *File) ScopeOf(n *Node) *Scope {
	from := n
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Kind == "for_in_clause" && from.Field == "right" && p == p.Parent.firstClause() {
			p = p.Parent // the first iterable belongs to what surrounds the comprehension
		} else if s := f.scopes.openedBy(p); s != nil && inside(p, from) {
			return s
		} else if s := f.scopes.typedFrom(p, from.Field); s != nil {
			return s
		}
		from = p
	}
	return f.scopes.module
}

// openedBy returns the scope that a node opens, or nil.
func (t *scopeTable) openedBy(n *Node) *Scope {
	switch n.Kind {
	case "module":
		return t.module
	case "class_definition", "function_definition", "lambda",
		"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
		return t.opened[n]
	}
	return nil
}

// inside reports whether a child of a scope's node belongs to the scope itself
// and not to what surrounds it: decorators, defaults, annotations and base
// classes are evaluated outside.
func inside(scope, child *Node) bool {
	switch scope.Kind {
	case "function_definition", "lambda":
		return child.Field == "body"
	case "class_definition":
		return child.Field == "body"
	}
	return true
}

// Lookup finds the scope that binds name for code in s, and the bindings. It
// follows Python's rule that methods do not see the names of their class.
func (s *Scope) Lookup(name string) (*Scope, []*Binding) {
	root := s
	for root.Parent != nil {
		root = root.Parent
	}
	for at, first := s, true; at != nil; at, first = at.Parent, first && at.Node.Is("type_parameter") {
		if at.fromRoot[name] {
			return root, root.Names[name]
		}
		if at.outer[name] || at.Node.Is("class_definition") && !first {
			continue
		}
		if b := at.Names[name]; len(b) > 0 {
			return at, b
		}
	}
	return nil, nil
}

func buildScopes(f *File) *scopeTable {
	t := &scopeTable{opened: map[*Node]*Scope{}, typed: map[*Node]*Scope{}, bound: map[*Node][]*Binding{}}
	t.module = t.add(f.Module, nil)
	b := &scopeBuilder{table: t}
	for _, c := range f.Module.Children {
		b.visit(c, t.module)
	}
	return t
}

func (t *scopeTable) add(n *Node, parent *Scope) *Scope {
	s := &Scope{Node: n, Parent: parent, Names: map[string][]*Binding{}}
	t.opened[n] = s
	t.all = append(t.all, s)
	return s
}

type scopeBuilder struct{ table *scopeTable }

func (b *scopeBuilder) bind(s *Scope, x *Binding) {
	x.Name = x.Node.Text()
	s.bind(x)
}

func (s *Scope) bind(x *Binding) {
	switch {
	case s.fromRoot[x.Name]:
		for s.Parent != nil {
			s = s.Parent
		}
	case s.outer[x.Name]:
		s = s.owner(x.Name)
	}
	s.Names[x.Name] = append(s.Names[x.Name], x)
}

// owner returns the scope a nonlocal name of s belongs to: the nearest function
// around s that binds it, or the nearest one where none does so far.
func (s *Scope) owner(name string) *Scope {
	var nearest *Scope
	for at := s.Parent; at != nil; at = at.Parent {
		if !at.Node.Is("function_definition", "lambda") || at.outer[name] {
			continue
		}
		if len(at.Names[name]) > 0 {
			return at
		}
		if nearest == nil {
			nearest = at
		}
	}
	if nearest == nil {
		return s // broken code
	}
	return nearest
}

func (b *scopeBuilder) children(n *Node, s *Scope) {
	for _, c := range n.Children {
		b.visit(c, s)
	}
}

func (b *scopeBuilder) visit(n *Node, s *Scope) {
	switch n.Kind {
	case "opaque":
		for _, name := range n.File.opaque[n] {
			s.bind(&Binding{Name: name, Kind: Unparsed, Node: n, Stmt: n})
		}
	case "import_statement":
		b.importStatement(n, s)
	case "import_from_statement", "future_import_statement":
		b.fromImport(n, s)
	case "type_alias_statement":
		b.typeAlias(n, s)
	case "global_statement":
		s.fromRoot = declare(s.fromRoot, n)
	case "nonlocal_statement":
		s.outer = declare(s.outer, n)
	case "function_definition":
		b.function(n, s)
	case "lambda":
		inner := b.table.add(n, s)
		b.parameters(n.Child("parameters"), s, inner)
		b.visit(n.Child("body"), inner)
	case "class_definition":
		b.class(n, s)
	case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
		b.comprehension(n, s)
	case "assignment", "augmented_assignment":
		kind := Assign
		if n.Kind == "augmented_assignment" {
			kind = Augmented
		}
		b.target(s, n.Child("left"), &Binding{Kind: kind, Stmt: n, Value: assigned(n), Type: n.Child("type")}, nil)
		b.children(n, s)
	case "named_expression":
		at := s
		for at.Node.Is("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "type_parameter") {
			at = at.Parent
		}
		b.bind(at, &Binding{Kind: Assign, Node: n.Child("name"), Stmt: n, Value: n.Child("value")})
		b.visit(n.Child("value"), s)
	case "for_statement", "for_in_clause":
		b.target(s, n.Child("left"), &Binding{Kind: For, Stmt: n, Value: n.Child("right")}, nil)
		b.children(n, s)
	case "as_pattern":
		b.asPattern(n, s)
	case "case_pattern":
		b.capture(n, s)
	default:
		b.children(n, s)
	}
}

// declare adds the names of a global or nonlocal statement to a set.
func declare(set map[string]bool, n *Node) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	for _, c := range n.Children {
		set[c.Text()] = true
	}
	return set
}

// assigned returns the value of an assignment, looking through chains: in
// "a = b = f()" both names hold f().
func assigned(n *Node) *Node {
	v := n.Child("right")
	for v.Is("assignment") {
		v = v.Child("right")
	}
	return v
}

func (b *scopeBuilder) function(n *Node, s *Scope) {
	b.bind(s, &Binding{Kind: Def, Node: n.Child("name"), Stmt: n})
	s = b.typeParameters(n, s)
	inner := b.table.add(n, s)
	b.parameters(n.Child("parameters"), s, inner)
	if t := n.Child("return_type"); t != nil {
		b.visit(t, s)
	}
	if body := n.Child("body"); body != nil {
		b.visit(body, inner)
	}
}

func (b *scopeBuilder) class(n *Node, s *Scope) {
	b.bind(s, &Binding{Kind: ClassDef, Node: n.Child("name"), Stmt: n})
	s = b.typeParameters(n, s)
	inner := b.table.add(n, s)
	for _, c := range n.Children {
		if c.Field == "body" {
			b.visit(c, inner)
		} else if c.Field != "name" && c.Field != "type_parameters" {
			b.visit(c, s)
		}
	}
}

// comprehension visits a comprehension, whose first iterable is evaluated in
// the scope around it.
func (b *scopeBuilder) comprehension(n *Node, s *Scope) {
	inner := b.table.add(n, s)
	first := n.firstClause()
	for _, c := range n.Children {
		if c != first {
			b.visit(c, inner)
			continue
		}
		b.target(inner, c.Child("left"), &Binding{Kind: For, Stmt: c, Value: c.Child("right")}, nil)
		for _, part := range c.Children {
			if part.Field == "right" {
				b.visit(part, s)
			} else {
				b.visit(part, inner)
			}
		}
	}
}

// firstClause returns the first "for … in …" of a comprehension.
func (n *Node) firstClause() *Node {
	for _, c := range n.Children {
		if c.Kind == "for_in_clause" {
			return c
		}
	}
	return nil
}

// typeAlias binds the name of a type statement (PEP 695).
func (b *scopeBuilder) typeAlias(n *Node, s *Scope) {
	name := n
	for len(name.Children) > 0 {
		name = name.Children[0]
	}
	if name.Is("identifier") {
		b.bind(s, &Binding{Kind: Assign, Node: name, Stmt: n})
	}
	b.children(n, b.typeParameters(n, s))
}

func (b *scopeBuilder) parameters(list *Node, outer, inner *Scope) {
	if list == nil {
		return
	}
	for _, p := range list.Children {
		x := &Binding{Kind: Param, Stmt: p, Type: p.Child("type"), Value: p.Child("value"), Node: p}
		switch p.Kind {
		case "default_parameter", "typed_default_parameter":
			x.Node = p.Child("name")
		case "typed_parameter", "list_splat_pattern", "dictionary_splat_pattern":
			x.Node = p.Children[0]
			if x.Node.Is("list_splat_pattern", "dictionary_splat_pattern") {
				x.Node = x.Node.Children[0]
			}
		}
		if x.Node.Is("identifier") {
			b.bind(inner, x)
		}
		for _, c := range p.Children {
			if c.Field == "value" || c.Field == "type" {
				b.visit(c, outer)
			}
		}
	}
}

// target binds the names of an assignment target.
func (b *scopeBuilder) target(s *Scope, n *Node, proto *Binding, index []int) {
	switch {
	case n == nil:
	case n.Is("identifier"):
		x := *proto
		x.Node, x.Index = n, index
		b.bind(s, &x)
	case n.Is("pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list"):
		for i, c := range n.Children {
			b.target(s, c, proto, append(append([]int(nil), index...), i))
		}
	case n.Is("list_splat_pattern", "list_splat", "parenthesized_expression"):
		for _, c := range n.Children {
			b.target(s, c, proto, append(append([]int(nil), index...), -1))
		}
	}
}

func (b *scopeBuilder) asPattern(n *Node, s *Scope) {
	kind := With
	switch {
	case n.Parent.Is("except_clause", "except_group_clause"):
		kind = Except
	case n.Ancestor("case_clause") != nil && n.Ancestor("with_item") == nil:
		kind = Captured
	}
	alias := n.Child("alias")
	if alias.Is("as_pattern_target") && len(alias.Children) == 1 {
		alias = alias.Children[0]
	}
	b.target(s, alias, &Binding{Kind: kind, Stmt: n, Value: n.Children[0]}, nil)
	b.visit(n.Children[0], s)
}

func (b *scopeBuilder) importStatement(n *Node, s *Scope) {
	for _, c := range n.Fields("name") {
		switch c.Kind {
		case "dotted_name":
			first := c.Children[0]
			b.bindImport(s, &Binding{Kind: Import, Node: first, Stmt: n, Target: first.Text()})
		case "aliased_import":
			b.bindImport(s, &Binding{Kind: Import, Node: c.Child("alias"), Stmt: n, Target: c.Child("name").Text()})
		}
	}
}

func (b *scopeBuilder) fromImport(n *Node, s *Scope) {
	level, module := importModule(n.Child("module_name"))
	if n.Is("future_import_statement") {
		module = "__future__"
	}
	for _, c := range n.Children {
		if c.Kind == "wildcard_import" {
			s.Stars = append(s.Stars, &Binding{Kind: Import, Node: c, Stmt: n, Target: module, Level: level})
		}
	}
	for _, c := range n.Fields("name") {
		name, bound := c, c
		if c.Is("aliased_import") {
			name, bound = c.Child("name"), c.Child("alias")
		}
		target := name.Text()
		if module != "" {
			target = module + "." + target
		}
		x := &Binding{Kind: Import, Node: bound, Stmt: n, Target: target, Level: level}
		b.bindImport(s, x)
	}
}

func (b *scopeBuilder) bindImport(s *Scope, x *Binding) {
	b.bind(s, x)
	if !s.fromRoot[x.Name] && !s.outer[x.Name] {
		b.table.bound[x.Stmt] = append(b.table.bound[x.Stmt], x)
	}
}

// BoundBy returns what an import statement binds in the scope around it, in
// source order.
func (f *File) BoundBy(stmt *Node) []*Binding { return f.scopes.bound[stmt] }

// importModule splits the module part of a from-import into the number of
// leading dots and the dotted name.
func importModule(n *Node) (level int, module string) {
	if n == nil {
		return 0, ""
	}
	text := n.Text()
	for level < len(text) && text[level] == '.' {
		level++
	}
	return level, strings.Join(strings.Fields(text[level:]), "")
}
