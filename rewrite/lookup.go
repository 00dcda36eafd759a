package rewrite

import (
	"slices"
	"strings"
	"sync"
)

// Names resolves names like [Project.Name] and remembers on which files of the
// project the answers rest besides those the names stand in: as long as these
// are the project's, and no file comes or goes, the answers hold. It is for one
// goroutine.
type Names struct {
	p     *Project
	rests []*File
}

// Names returns a resolver that has resolved nothing yet.
func (p *Project) Names() *Names { return &Names{p: p} }

// Name is [Project.Name].
func (l *Names) Name(n *Node) Name { return l.name(n, maxHops) }

// Method is [Project.Method].
func (l *Names) Method(class *Node, name string) *Node { return l.method(class, name, maxHops) }

// Rests returns the files that the answers so far rest on.
func (l *Names) Rests() []*File { return l.rests }

// rest adds files that an answer rests on.
func (l *Names) rest(files ...*File) {
	for _, f := range files {
		if !slices.Contains(l.rests, f) {
			l.rests = append(l.rests, f)
		}
	}
}

// meanings remembers what the variables of one file mean, for all projects that
// hold the file: a meaning counts in those that have the files it rests on.
type meanings struct {
	mu    sync.Mutex
	names map[variable]meaning
}

func newMeanings() *meanings { return &meanings{names: map[variable]meaning{}} }

type meaning struct {
	name  Name
	rests []*File
}

// variable is a name in the scope that binds it.
type variable struct {
	scope *Scope
	name  string
}

// HaveAll reports whether every one of these files is the project's, as it is.
func (p *Project) HaveAll(files []*File) bool {
	for _, f := range files {
		if p.byPath[f.Path] != f {
			return false
		}
	}
	return true
}

// name is [Project.Name] within a number of hops from file to file.
func (l *Names) name(n *Node, hops int) Name {
	n = n.Inner()
	if n == nil || hops == 0 {
		return Name{}
	}
	switch n.Kind {
	case "identifier":
		return l.identifier(n, hops)
	case "attribute":
		return l.member(n.File, l.name(n.Child("object"), hops), n.Child("attribute").Text(), hops)
	case "dotted_name":
		out := l.identifier(n.Children[0], hops)
		for _, c := range n.Children[1:] {
			out = l.member(n.File, out, c.Text(), hops)
		}
		return out
	case "type":
		if len(n.Children) == 1 {
			return l.name(n.Children[0], hops)
		}
	case "subscript", "generic_type":
		if class := l.name(n.Children[0], hops); isGeneric(class.Def) {
			return class // with its type arguments
		}
	}
	return Name{}
}

// isGeneric reports a class that takes type arguments in brackets.
func isGeneric(class *Node) bool {
	if !class.Is("class_definition") {
		return false
	}
	generic := class.Child("type_parameters") != nil
	if bases := class.Child("superclasses"); bases != nil {
		for _, base := range bases.Children {
			generic = generic || base.Is("subscript")
		}
	}
	return generic
}

// identifier resolves an identifier, and remembers what a whole one means.
func (l *Names) identifier(n *Node, hops int) Name {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if scope == nil {
		return l.starImport(n, hops)
	}
	if hops < maxHops {
		return l.bound(n.File, bindings, hops)
	}
	known := l.p.meant[n.File]
	if known == nil { // a file that is not the project's
		return l.bound(n.File, bindings, hops)
	}
	key := variable{scope, n.Text()}
	known.mu.Lock()
	one, ok := known.names[key]
	known.mu.Unlock()
	if !ok || !l.p.HaveAll(one.rests) {
		own := l.p.Names()
		one.name = own.bound(n.File, bindings, hops)
		one.rests = own.rests
		known.mu.Lock()
		known.names[key] = one
		known.mu.Unlock()
	}
	l.rest(one.rests...)
	return one.name
}

// bound resolves what the bindings of one name in one scope agree on.
func (l *Names) bound(f *File, bindings []*Binding, hops int) Name {
	var out Name
	var last *Binding
	for _, b := range withoutFallbacks(bindings) {
		var one Name
		switch b.Kind {
		case Import:
			one = l.imported(f, b, hops)
		case Def, ClassDef:
			one = Name{Def: b.Stmt}
		case Assign:
			if b.Index == nil && b.Value.Is("identifier", "attribute") && len(bindings) == 1 {
				one = l.name(b.Value, hops-1)
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

// imported resolves what an import binding stands for.
func (l *Names) imported(f *File, b *Binding, hops int) Name {
	if b.Level > 0 {
		return l.relativeImport(f, b, hops)
	}
	if b.Stmt.Is("import_statement") {
		if m := l.p.Module(b.Target, f); m != nil && m != f {
			return l.module(m)
		}
		return Name{Dotted: b.Target}
	}
	module, name, _ := cutLast(b.Target)
	if m := l.p.Module(b.Target, f); m != nil && m != f {
		if pkg := l.p.Module(module, f); pkg == nil || len(l.namesOf(pkg)[name]) == 0 {
			return l.module(m)
		}
	}
	if m := l.p.Module(module, f); m != nil && m != f {
		if out := l.export(m, name, hops-1); out.Known() || len(m.ModuleScope().Names[name]) > 0 {
			return out
		}
	}
	return Name{Dotted: b.Target}
}

// relativeImport resolves an import that begins with dots.
func (l *Names) relativeImport(f *File, b *Binding, hops int) Name {
	if m := l.p.relative(f, b.Level, b.Target); m != nil {
		return l.module(m)
	}
	module, name, ok := cutLast(b.Target)
	if !ok {
		module, name = "", b.Target
	}
	if m := l.p.relative(f, b.Level, module); m != nil {
		return l.export(m, name, hops-1)
	}
	return Name{}
}

// module is the name of a module of the project.
func (l *Names) module(m *File) Name {
	l.rest(m)
	return Name{Module: m}
}

// namesOf returns what a module of the project binds at its top level.
func (l *Names) namesOf(m *File) map[string][]*Binding {
	l.rest(m)
	return m.ModuleScope().Names
}

// starred returns the module that a star import of f takes names from.
func (l *Names) starred(f *File, star *Binding) Name {
	if star.Level > 0 {
		if m := l.p.relative(f, star.Level, star.Target); m != nil {
			return l.module(m)
		}
		return Name{}
	}
	if m := l.p.Module(star.Target, f); m != nil && m != f {
		return l.module(m)
	}
	return Name{Dotted: star.Target}
}

// export resolves a module-level name of a project module.
func (l *Names) export(m *File, name string, hops int) Name {
	if hops == 0 {
		return Name{}
	}
	if bindings := l.namesOf(m)[name]; len(bindings) > 0 {
		return l.bound(m, bindings, hops)
	}
	for _, star := range m.ModuleScope().Stars {
		if out := l.member(m, l.starred(m, star), name, hops-1); out.Known() {
			return out
		}
	}
	return Name{}
}

// member resolves base.attr as it stands in f. A package of the project need
// not have a file of its own.
func (l *Names) member(f *File, base Name, attr string, hops int) Name {
	switch {
	case hops == 0:
		return Name{}
	case base.Dotted != "":
		dotted := base.Dotted + "." + attr
		if m := l.p.Module(dotted, f); m != nil && m != f {
			return l.module(m)
		}
		return Name{Dotted: dotted}
	case base.Module != nil:
		if out := l.export(base.Module, attr, hops-1); out.Known() {
			return out
		}
		dir := strings.TrimSuffix(base.Module.Path, "__init__.py")
		for _, try := range []string{dir + attr + ".py", dir + attr + "/__init__.py"} {
			if m := l.p.byPath[try]; m != nil && dir != base.Module.Path {
				return l.module(m)
			}
		}
	case base.Def.Is("class_definition"):
		if m := l.method(base.Def, attr, maxHops); m != nil {
			return Name{Def: m}
		}
		if b := base.Def.File.scopes.openedBy(base.Def).Names[attr]; len(b) == 1 && b[0].Kind == ClassDef {
			return Name{Def: b[0].Stmt}
		}
	}
	return Name{}
}

// method is [Project.Method] within a number of base classes.
func (l *Names) method(class *Node, name string, hops int) *Node {
	l.rest(class.File)
	scope := class.File.scopes.openedBy(class)
	if scope == nil || hops == 0 {
		return nil
	}
	for _, b := range scope.Names[name] {
		if b.Kind == Def {
			return b.Stmt
		}
	}
	for _, base := range l.bases(class) {
		if m := l.method(base, name, hops-1); m != nil {
			return m
		}
	}
	return nil
}

// starImport resolves an unbound identifier through "from x import *".
func (l *Names) starImport(n *Node, hops int) Name {
	for _, star := range n.File.ModuleScope().Stars {
		m := l.starred(n.File, star)
		if m.Module != nil {
			if out := l.export(m.Module, n.Text(), hops-1); out.Known() {
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

// bases is [Project.Bases].
func (l *Names) bases(class *Node) []*Node {
	l.rest(class.File)
	var out []*Node
	if list := class.Child("superclasses"); list != nil {
		for _, c := range list.Children {
			if base := l.Name(c).Def; base.Is("class_definition") && base != class {
				out = append(out, base)
			}
		}
	}
	return out
}
