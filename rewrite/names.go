package rewrite

import "strings"

// Name is what an expression refers to. The zero Name is unknown.
type Name struct {
	Dotted string // the absolute dotted name of something outside the project, such as "sentry_sdk.start_span"
	Def    *Node  // a function_definition or class_definition of the project
	Module *File  // a module of the project
	Value  *Node  // a module-level or local value of the project that is no function: the identifier that binds it
}

// Known reports whether the name refers to anything.
func (n Name) Known() bool { return n != Name{} }

const maxHops = 20 // alias chains end; a cycle of imports would not

// Name resolves an identifier, an attribute or a dotted name through imports,
// aliases, re-exports and the project's own modules. A name that is bound to
// several different things is unknown, except that a fallback bound in an
// "except ImportError" clause gives way to the import it stands in for.
func (p *Project) Name(n *Node) Name { return p.Names().Name(n) }

// Resolve returns the absolute dotted name of an expression that refers to
// something outside the project, or "".
func (p *Project) Resolve(n *Node) string { return p.Name(n).Dotted }

// Method finds a method of a project class, following its project bases.
func (p *Project) Method(class *Node, name string) *Node {
	return p.Names().Method(class, name)
}

// Bases returns the project classes a class directly derives from.
func (p *Project) Bases(class *Node) []*Node { return p.Names().bases(class) }

// Starred returns the module of the project that a star import of f takes
// names from, or nil.
func (p *Project) Starred(f *File, star *Binding) *File { return p.Names().starred(f, star).Module }

// IsBuiltin reports whether an identifier is bound nowhere in its file, so that
// it can only be a builtin.
func (p *Project) IsBuiltin(n *Node) bool {
	if !n.Is("identifier") {
		return false
	}
	scope, _ := n.File.ScopeOf(n).Lookup(n.Text())
	return scope == nil && len(n.File.ModuleScope().Stars) == 0
}

// Qualname returns the dotted name of the function and class definitions
// around n within its file ("Checkout.post"), "" at module level.
func Qualname(n *Node) string {
	var parts []string
	if n.Is("function_definition", "class_definition") {
		parts = append(parts, n.Child("name").Text())
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Is("function_definition", "class_definition") {
			parts = append([]string{p.Child("name").Text()}, parts...)
		}
	}
	return strings.Join(parts, ".")
}

func cutLast(dotted string) (before, after string, ok bool) {
	i := strings.LastIndexByte(dotted, '.')
	if i < 0 {
		return "", dotted, false
	}
	return dotted[:i], dotted[i+1:], true
}
