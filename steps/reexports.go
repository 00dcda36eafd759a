package steps

import (
	"path"
	"slices"

	"spanwalk/rewrite"
)

// usedBesidesImports reports whether the file of an import uses the name it
// binds: as an identifier, or as a word of an annotation written as text.
func (w *world) usedBesidesImports(b *rewrite.Binding) bool {
	f := b.Node.File
	scope, _ := f.ScopeOf(b.Stmt).Lookup(b.Name)
	for _, r := range w.uses(variable{scope, b.Name}) {
		if r.Ancestor("import_statement", "import_from_statement") == nil {
			return true
		}
	}
	return slices.ContainsFunc(w.files[f].texts, func(n *rewrite.Node) bool {
		return containsWord(f.Source[n.Start:n.End], b.Name)
	})
}

// reexported reports whether other modules get at a name through the file that
// imports it: it stands in __all__, in an __init__.py, under "as" itself, or a
// module of the project imports it from here.
func (w *world) reexported(b *rewrite.Binding) bool {
	return w.exported(b) || w.importedElsewhere(b.Node.File, canonical(b.Target))
}

// exported reports whether a file says itself that a name it imports is meant
// for others.
func (w *world) exported(b *rewrite.Binding) bool {
	f := b.Node.File
	if path.Base(f.Path) == "__init__.py" || b.Node.Parent.Is("aliased_import") && b.Node.Parent.Child("name").Text() == b.Name {
		return true
	}
	return inAll(b)
}

// inAll reports whether __all__ holds the name that a binding gives.
func inAll(b *rewrite.Binding) bool {
	for _, x := range b.Node.File.ModuleScope().Names["__all__"] {
		for _, word := range words.FindAllString(x.Stmt.Text(), -1) {
			if word == b.Name {
				return true
			}
		}
	}
	return false
}

// importedElsewhere reports whether a file of the project gets at an SDK name
// through another module of the project.
func (w *world) importedElsewhere(f *rewrite.File, dotted string) bool {
	for _, other := range w.project.Files() {
		if other != f && w.sdkNames(other).taken[dotted] {
			return true
		}
	}
	for _, a := range w.attributes(lastName(dotted)) { // "module.name"
		if a.File != f && w.project.Name(a.Child("object")).Module == f {
			return true
		}
	}
	return false
}

// spelledHere reports a name that this file spells itself: an import from the
// SDK or an attribute of it, no alias and no name that another project module
// binds. What comes through a star import of such a module is bound nowhere.
func (p *Pass) spelledHere(n *rewrite.Node) bool {
	if !n.Is("identifier") {
		return true
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		if b.Kind == rewrite.Assign || b.Kind == rewrite.Import && (b.Level > 0 || !isSDK(b.Target)) && p.world.boundElsewhere(b, p.world.dotted(n)) {
			return false
		}
	}
	return true
}

// boundElsewhere reports whether another module of the project binds the name
// that an import takes from it.
func (w *world) boundElsewhere(b *rewrite.Binding, dotted string) bool {
	for _, f := range w.project.Files() {
		if f == b.Node.File {
			continue
		}
		for _, x := range f.ModuleScope().Names[lastName(b.Target)] {
			if w.dotted(x.Node) == dotted {
				return true
			}
		}
	}
	return false
}

// imports settles an import of names of sentry_sdk.tracing that the file itself
// does not use, or hands to other modules under their old name.
func (u *typeUse) imports(stmt *rewrite.Node) {
	if stmt.Is("import_statement") {
		u.moduleImport(stmt)
		return
	}
	var gone, moved []*rewrite.Binding
	used := false
	for _, b := range stmt.File.BoundBy(stmt) {
		dotted := canonicalClass(canonical(b.Target))
		switch {
		case b.Level > 0 || !isTracing(b.Target) || dotted == legacyTrace:
			used = true
		case movesTo(dotted) != "" && u.world.reexported(b):
			moved = append(moved, b)
			u.kept[b.Name] = true
		case u.world.usedBesidesImports(b):
			used = true
		default:
			gone = append(gone, b)
		}
	}
	if len(gone)+len(moved) == 0 {
		return
	}
	f := Finding{Tier: Safe, Message: "names of " + tracingModule + " are imported and not used here", Shape: "import"}
	switch {
	case used && len(moved) > 0:
		f.Tier = Manual
		f.Message += ": write the names that other modules want into an import of their own"
	case used:
		for _, b := range gone {
			f.Edits = append(f.Edits, rewrite.DropImported(b.Node))
		}
	case len(moved) == 0:
		f.Edits = []rewrite.Edit{rewrite.RemoveStatement(stmt)}
	default:
		f.Message = "names of " + tracingModule + " that other modules import from here"
		f.Edits = moveNames(stmt, moved)
	}
	u.Report(stmt, "import", f)
}

// movesTo returns the counterpart in sentry_sdk.traces of a name that another
// module may want under its old name, or "".
func movesTo(dotted string) string {
	switch {
	case lastName(dotted) == "NoOpSpan" && spanClasses[dotted]&legacySpan != 0:
		return newNoOpType
	case spanClasses[dotted]&legacySpan != 0:
		return newSpanType
	}
	return headerNames[dotted]
}

func isTracing(dotted string) bool {
	return dotted == tracingModule || len(dotted) > len(tracingModule) && dotted[:len(tracingModule)+1] == tracingModule+"."
}

// moveNames rewrites "from sentry_sdk.tracing import …" so that the names stay
// under which other modules know them.
func moveNames(stmt *rewrite.Node, moved []*rewrite.Binding) []rewrite.Edit {
	m, names := stmt.Child("module_name"), stmt.Fields("name")
	edits := []rewrite.Edit{{Start: m.Start, End: m.End, New: "sentry_sdk.traces"}}
	text := ""
	for i, b := range moved {
		if i > 0 {
			text += ", "
		}
		to := lastName(movesTo(canonicalClass(canonical(b.Target))))
		if to != b.Name {
			to += " as " + b.Name
		}
		text += to
	}
	return append(edits, rewrite.Edit{Start: names[0].Start, End: names[len(names)-1].End, New: text})
}

// moduleImport settles "import sentry_sdk.tracing". The names reached through
// it are spelled through sentry_sdk.traces, so only the package is needed.
func (u *typeUse) moduleImport(stmt *rewrite.Node) {
	for _, c := range stmt.Fields("name") {
		if !c.Is("dotted_name") || c.Text() != tracingModule {
			continue
		}
		f := Finding{Tier: Safe, Message: tracingModule + " does not exist on 3.0", Shape: "import"}
		switch {
		case !u.movable(stmt.File):
			f.Tier = Manual
			f.Message += "; some of its names that are used here have no counterpart"
		case u.importsPackage(stmt, c):
			f.Edits = rewrite.RemoveImported(stmt, func(n *rewrite.Node) bool { return n == c.Children[0] })
		default:
			f.Edits = []rewrite.Edit{{Start: c.Children[0].End, End: c.End, New: ""}}
		}
		u.Report(c, "import", f)
	}
}

// movable reports whether everything the file reaches through the module has a
// counterpart.
func (u *typeUse) movable(f *rewrite.File) bool {
	ok := true
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("import_statement", "import_from_statement") {
			return false
		}
		if n.Is("attribute") {
			d := canonicalClass(u.world.dotted(n))
			_, isSource := sourceText(d)
			if isTracing(d) && d != tracingModule && movesTo(d) == "" && !isSource {
				ok = false
			}
			return !isTracing(d) || d == tracingModule
		}
		return ok
	})
	return ok
}

// importsPackage reports whether another import at module level binds
// sentry_sdk already.
func (u *typeUse) importsPackage(stmt, item *rewrite.Node) bool {
	for _, b := range stmt.File.ModuleScope().Names["sentry_sdk"] {
		if b.Kind == rewrite.Import && b.Node != item.Children[0] && b.Target == "sentry_sdk" && b.Stmt.Parent.Is("module") {
			return true
		}
	}
	return false
}
