package rewrite

import (
	"slices"
	"strings"
)

// Fallbacks returns those of the bindings of one name that stand in for an
// import of that name where it fails or is not wanted, and give way to it: what
// an except clause binds in place of a failed import, a function of the other
// branch of the "if" that imports, and None.
func Fallbacks(bindings []*Binding) []*Binding {
	var imports []*Binding
	for _, b := range bindings {
		if b.Kind == Import && !inFallback(b.Stmt) {
			imports = append(imports, b)
		}
	}
	if len(imports) == 0 || len(imports) == len(bindings) {
		return nil
	}
	var out []*Binding
	for _, b := range bindings {
		if standsIn(b, imports) {
			out = append(out, b)
		}
	}
	return out
}

// standsIn reports a binding that gives way to the imports of its name.
func standsIn(b *Binding, imports []*Binding) bool {
	assigned := b.Kind == Assign && b.Index == nil
	switch {
	case inFallback(b.Stmt), assigned && b.Value.Is("none"):
		return true
	case b.Kind != Def && !(assigned && b.Value.Is("lambda")):
		return false
	}
	for _, i := range imports {
		if !otherBranch(b.Stmt, i.Stmt) {
			return false
		}
	}
	return true
}

// otherBranch reports whether an if statement runs either n or m.
func otherBranch(n, m *Node) bool {
	for from, p := n, n.Parent; p != nil; from, p = p, p.Parent {
		if p.Contains(m) {
			return p.Is("if_statement") && !from.Contains(m)
		}
	}
	return false
}

// withoutFallbacks returns the bindings that give way to no import.
func withoutFallbacks(bindings []*Binding) []*Binding {
	gone := Fallbacks(bindings)
	if len(gone) == 0 {
		return bindings
	}
	var out []*Binding
	for _, b := range bindings {
		if !slices.Contains(gone, b) {
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

// Behind returns the bindings of the name that n, an identifier or an attribute
// of a module, stands for, where the project first binds it: imports are
// followed from module to module.
func (p *Project) Behind(n *Node) []*Binding {
	var bindings []*Binding
	f := n.File
	if n.Is("attribute") {
		if f = p.Name(n.Child("object")).Module; f == nil {
			return nil
		}
		bindings = f.ModuleScope().Names[n.Child("attribute").Text()]
	} else {
		_, bindings = f.ScopeOf(n).Lookup(n.Text())
	}
	for range maxHops {
		if len(bindings) != 1 || bindings[0].Kind != Import || !bindings[0].Stmt.Is("import_from_statement") {
			break
		}
		from, name := p.importedFrom(f, bindings[0])
		if from == nil || from == f || len(from.ModuleScope().Names[name]) == 0 {
			break
		}
		f, bindings = from, from.ModuleScope().Names[name]
	}
	return bindings
}

// importedFrom returns the module of the project that a from-import of f takes
// a name from, or nil, and the name.
func (p *Project) importedFrom(f *File, b *Binding) (from *File, name string) {
	module, name, _ := cutLast(b.Target)
	if b.Level > 0 {
		return p.relative(f, b.Level, module), name
	}
	return p.Module(module, f), name
}
