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
func (p *Project) Name(n *Node) Name { return p.name(n, maxHops) }

// Outside reports whether an identifier is bound by absolute imports alone, of
// modules that are not the project's: what it means rests on its own file and
// on which files there are.
func (p *Project) Outside(n *Node) bool {
	if !n.Is("identifier") {
		return false
	}
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		module, _, _ := cutLast(b.Target)
		if b.Kind != Import || b.Level > 0 || p.Module(b.Target, n.File) != nil || p.Module(module, n.File) != nil {
			return false
		}
	}
	return scope != nil
}

// Resolve returns the absolute dotted name of an expression that refers to
// something outside the project, or "".
func (p *Project) Resolve(n *Node) string { return p.Name(n).Dotted }

func (p *Project) name(n *Node, hops int) Name {
	n = n.Inner()
	if n == nil || hops == 0 {
		return Name{}
	}
	switch n.Kind {
	case "identifier":
		return p.identifier(n, hops)
	case "attribute":
		return p.member(n.File, p.name(n.Child("object"), hops), n.Child("attribute").Text(), hops)
	case "dotted_name":
		out := p.identifier(n.Children[0], hops)
		for _, c := range n.Children[1:] {
			out = p.member(n.File, out, c.Text(), hops)
		}
		return out
	case "type":
		if len(n.Children) == 1 {
			return p.name(n.Children[0], hops)
		}
	}
	return Name{}
}

func (p *Project) identifier(n *Node, hops int) Name {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if scope == nil {
		return p.starImport(n, hops)
	}
	if hops < maxHops {
		return p.bound(n.File, bindings, hops)
	}
	key := variable{scope, n.Text()}
	p.mu.Lock()
	name, ok := p.meant[key]
	p.mu.Unlock()
	if !ok {
		name = p.bound(n.File, bindings, hops)
		p.mu.Lock()
		p.meant[key] = name
		p.mu.Unlock()
	}
	return name
}

// variable is a name in the scope that binds it.
type variable struct {
	scope *Scope
	name  string
}

// bound resolves what the bindings of one name in one scope agree on.
func (p *Project) bound(f *File, bindings []*Binding, hops int) Name {
	var out Name
	var last *Binding
	for _, b := range withoutFallbacks(bindings) {
		var one Name
		switch b.Kind {
		case Import:
			one = p.imported(f, b, hops)
		case Def, ClassDef:
			one = Name{Def: b.Stmt}
		case Assign:
			if b.Index == nil && b.Value.Is("identifier", "attribute") && len(bindings) == 1 {
				one = p.name(b.Value, hops-1)
			}
			if !one.Known() {
				one = Name{Value: b.Node}
			}
		default:
			return Name{}
		}
		if out.Known() && one != out && !(b.Kind == Import && last.Kind == Import && b.Stmt.Parent == last.Stmt.Parent) {
			return Name{}
		}
		out, last = one, b // of two imports in a row the later one counts
	}
	return out
}

// withoutFallbacks drops what an except clause binds in place of a failed
// import, where the try block imports the same name.
func withoutFallbacks(bindings []*Binding) []*Binding {
	imported := false
	for _, b := range bindings {
		imported = imported || b.Kind == Import && !inFallback(b.Stmt)
	}
	if !imported {
		return bindings
	}
	var out []*Binding
	for _, b := range bindings {
		if !inFallback(b.Stmt) {
			out = append(out, b)
		}
	}
	return out
}

// inFallback reports whether n stands in an except clause that catches a
// failed import, or in the else of "if TYPE_CHECKING".
func inFallback(n *Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.Kind {
		case "except_clause":
			text := p.File.Source[p.Start:p.End]
			head, _, _ := strings.Cut(string(text), ":")
			if strings.Contains(head, "ImportError") || strings.Contains(head, "ModuleNotFoundError") || strings.Contains(head, "Exception") || strings.TrimSpace(head) == "except" {
				return true
			}
		case "else_clause":
			if p.Parent.Is("if_statement") && strings.HasSuffix(p.Parent.Child("condition").Text(), "TYPE_CHECKING") {
				return true
			}
		case "function_definition", "class_definition":
			if p != n {
				return false
			}
		}
	}
	return false
}

// imported resolves what an import binding stands for.
func (p *Project) imported(f *File, b *Binding, hops int) Name {
	if b.Level > 0 {
		return p.relativeImport(f, b, hops)
	}
	if b.Stmt.Is("import_statement") {
		if m := p.Module(b.Target, f); m != nil && m != f {
			return Name{Module: m}
		}
		return Name{Dotted: b.Target}
	}
	module, name, _ := cutLast(b.Target)
	if m := p.Module(b.Target, f); m != nil && m != f {
		if pkg := p.Module(module, f); pkg == nil || len(pkg.ModuleScope().Names[name]) == 0 {
			return Name{Module: m}
		}
	}
	if m := p.Module(module, f); m != nil && m != f {
		if out := p.export(m, name, hops-1); out.Known() || len(m.ModuleScope().Names[name]) > 0 {
			return out
		}
	}
	return Name{Dotted: b.Target}
}

func (p *Project) relativeImport(f *File, b *Binding, hops int) Name {
	if m := p.relative(f, b.Level, b.Target); m != nil {
		return Name{Module: m}
	}
	module, name, ok := cutLast(b.Target)
	if !ok {
		module, name = "", b.Target
	}
	if m := p.relative(f, b.Level, module); m != nil {
		return p.export(m, name, hops-1)
	}
	return Name{}
}

// export resolves a module-level name of a project module.
func (p *Project) export(m *File, name string, hops int) Name {
	if hops == 0 {
		return Name{}
	}
	if bindings := m.ModuleScope().Names[name]; len(bindings) > 0 {
		return p.bound(m, bindings, hops)
	}
	for _, star := range m.ModuleScope().Stars {
		if out := p.member(m, p.starModule(m, star), name, hops-1); out.Known() {
			return out
		}
	}
	return Name{}
}

// member resolves base.attr as it stands in f. A package of the project need
// not have a file of its own.
func (p *Project) member(f *File, base Name, attr string, hops int) Name {
	switch {
	case hops == 0:
		return Name{}
	case base.Dotted != "":
		dotted := base.Dotted + "." + attr
		if m := p.Module(dotted, f); m != nil && m != f {
			return Name{Module: m}
		}
		return Name{Dotted: dotted}
	case base.Module != nil:
		if out := p.export(base.Module, attr, hops-1); out.Known() {
			return out
		}
		dir := strings.TrimSuffix(base.Module.Path, "__init__.py")
		for _, try := range []string{dir + attr + ".py", dir + attr + "/__init__.py"} {
			if m := p.byPath[try]; m != nil && dir != base.Module.Path {
				return Name{Module: m}
			}
		}
	case base.Def.Is("class_definition"):
		if m := p.Method(base.Def, attr); m != nil {
			return Name{Def: m}
		}
		if b := base.Def.scope.Names[attr]; len(b) == 1 && b[0].Kind == ClassDef {
			return Name{Def: b[0].Stmt}
		}
	}
	return Name{}
}

// Method finds a method of a project class, following its project bases.
func (p *Project) Method(class *Node, name string) *Node { return p.method(class, name, maxHops) }

func (p *Project) method(class *Node, name string, hops int) *Node {
	scope := class.scope
	if scope == nil || hops == 0 {
		return nil
	}
	for _, b := range scope.Names[name] {
		if b.Kind == Def {
			return b.Stmt
		}
	}
	for _, base := range p.Bases(class) {
		if m := p.method(base, name, hops-1); m != nil {
			return m
		}
	}
	return nil
}

// Bases returns the project classes a class directly derives from.
func (p *Project) Bases(class *Node) []*Node {
	var out []*Node
	if list := class.Child("superclasses"); list != nil {
		for _, c := range list.Children {
			if base := p.Name(c).Def; base.Is("class_definition") && base != class {
				out = append(out, base)
			}
		}
	}
	return out
}

// starImport resolves an unbound identifier through "from x import *".
func (p *Project) starImport(n *Node, hops int) Name {
	for _, star := range n.File.ModuleScope().Stars {
		m := p.starModule(n.File, star)
		if m.Module != nil {
			if out := p.export(m.Module, n.Text(), hops-1); out.Known() {
				return out
			}
			continue
		}
		if m.Dotted != "" && len(n.File.ModuleScope().Stars) == 1 {
			return Name{Dotted: m.Dotted + "." + n.Text()}
		}
	}
	return Name{}
}

// Starred returns the module of the project that a star import of f takes
// names from, or nil.
func (p *Project) Starred(f *File, star *Binding) *File { return p.starModule(f, star).Module }

func (p *Project) starModule(f *File, star *Binding) Name {
	if star.Level > 0 {
		return Name{Module: p.relative(f, star.Level, star.Target)}
	}
	if m := p.Module(star.Target, f); m != nil && m != f {
		return Name{Module: m}
	}
	return Name{Dotted: star.Target}
}

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
