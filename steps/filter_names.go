package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// reach spells a name of the callback's file for the file that the text is
// written for.
func (f *eventFilter) reach(n *rewrite.Node) string {
	name := n.Text()
	if f.home == nil || f.home == n.File {
		return name
	}
	scope, bindings := n.File.ScopeOf(n).Lookup(name)
	if scope == nil || scope.Node.Is("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "lambda") {
		return name
	}
	if !scope.Node.Is("module") {
		f.away = name
		return name
	}
	if bindings[0].Kind == rewrite.Import {
		f.sameImport(n)
		return name
	}
	e := f.cb.expr.Inner()
	switch {
	case e.Is("attribute") && f.world.project.Name(e.Child("object")).Module == n.File:
		return e.Child("object").Text() + "." + name
	case f.importStatement() != nil && len(f.home.ModuleScope().Names[name]) == 0:
		f.imports[name] = true
	case f.world.project.Name(e).Def != nil && f.bindsSame(name, bindings):
	default:
		f.away = name
	}
	return name
}

// sameImport checks that a name which the callback's file imports means the
// same in the other file.
func (f *eventFilter) sameImport(n *rewrite.Node) {
	there := f.home.ModuleScope().Names[n.Text()]
	if len(there) != 1 || f.world.project.Name(there[0].Node) != f.world.project.Name(n) || !f.world.project.Name(n).Known() {
		f.away = n.Text()
	}
}

// bindsSame reports that the other file has imported the very name already.
func (f *eventFilter) bindsSame(name string, bindings []*rewrite.Binding) bool {
	there := f.home.ModuleScope().Names[name]
	return len(there) == 1 && there[0].Kind == rewrite.Import && f.world.project.Name(there[0].Node).Value == bindings[0].Node
}

// importStatement returns the "from module import callback" by which the other
// file has the callback from the very module that defines it, or nil.
func (f *eventFilter) importStatement() *rewrite.Node {
	e := f.cb.expr.Inner()
	if e.Is("call") {
		e = e.Child("function")
	}
	if !e.Is("identifier") {
		return nil
	}
	_, bindings := e.File.ScopeOf(e).Lookup(e.Text())
	if len(bindings) != 1 || bindings[0].Kind != rewrite.Import || !bindings[0].Stmt.Is("import_from_statement") {
		return nil
	}
	module := bindings[0].Stmt.Child("module_name").Text()
	path := strings.TrimSuffix(strings.TrimSuffix(f.cb.def.File.Path, ".py"), "/__init__")
	last := module[strings.LastIndexByte(module, '.')+1:]
	if last == "" || path == last || strings.HasSuffix(path, "/"+last) {
		return bindings[0].Stmt
	}
	return nil
}

// importEdits adds the names to the import of the callback.
func (f *eventFilter) importEdits() []rewrite.Edit {
	if len(f.imports) == 0 {
		return nil
	}
	names := f.importStatement().Fields("name")
	last := names[len(names)-1]
	var out []rewrite.Edit
	for _, name := range keys(f.imports) {
		out = append(out, rewrite.Edit{Start: last.End, End: last.End, New: ", " + name})
	}
	return out
}
