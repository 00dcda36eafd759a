package steps

import (
	"path"

	"spanwalk/rewrite"
)

// usedBesidesImports reports whether the file of an import uses the name it
// binds: as an identifier, or as a word of an annotation written as text.
func (w *world) usedBesidesImports(b *rewrite.Binding) bool {
	f := b.Node.File
	scope, _ := f.ScopeOf(b.Stmt).Lookup(b.Name)
	for _, r := range w.refs[variable{scope, b.Name}] {
		if r.Ancestor("import_statement", "import_from_statement") == nil {
			return true
		}
	}
	used := false
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("string") && n.Ancestor("type") != nil {
			for _, word := range words.FindAllString(n.Text(), -1) {
				used = used || word == b.Name
			}
		}
		return !used
	})
	return used
}

// reexported reports whether other modules get at a name through the file that
// imports it: it stands in __all__, in an __init__.py, under "as" itself, or a
// module of the project imports it from here.
func (w *world) reexported(b *rewrite.Binding) bool {
	f := b.Node.File
	if path.Base(f.Path) == "__init__.py" || b.Node.Parent.Is("aliased_import") && b.Node.Parent.Child("name").Text() == b.Name {
		return true
	}
	for _, x := range f.ModuleScope().Names["__all__"] {
		for _, word := range words.FindAllString(x.Stmt.Text(), -1) {
			if word == b.Name {
				return true
			}
		}
	}
	return w.importedElsewhere(f, canonical(b.Target))
}

// importedElsewhere reports whether a file of the project imports an SDK name
// through another module of the project.
func (w *world) importedElsewhere(f *rewrite.File, dotted string) bool {
	for _, other := range w.project.Files() {
		for _, list := range other.ModuleScope().Names {
			for _, b := range list {
				if other != f && b.Kind == rewrite.Import && (b.Level > 0 || !isSDK(b.Target)) && w.dotted(b.Node) == dotted {
					return true
				}
			}
		}
	}
	return false
}

// traceReexport moves an import of trace that only other modules of the
// project use.
func (p *Pass) traceReexport(stmt *rewrite.Node) {
	for _, b := range boundBy(stmt.File, stmt) {
		if b.Level > 0 || canonical(b.Target) != legacyTrace || p.world.usedBesidesImports(b) || !p.world.reexported(b) {
			continue
		}
		if len(stmt.Fields("name")) > 1 {
			continue // the names beside it have owners of their own; those who use trace import it themselves
		}
		m := stmt.Child("module_name")
		p.Report(stmt, "trace", Finding{Message: "trace of the transaction API is re-exported", Tier: Safe, Shape: "re-export",
			Edits: []rewrite.Edit{{Start: m.Start, End: m.End, New: "sentry_sdk.traces"}}})
	}
}
