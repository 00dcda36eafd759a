package steps

import "spanwalk/rewrite"

// reexportedFunction moves imports of a legacy function that only other
// modules get at. The project's own calls of it are rewritten to import the
// streaming function themselves; the name stays for whoever else imports it,
// and no import of the old one is left to fail on 3.0. Where the file uses the
// name too and the streaming function is called otherwise, it gets both names.
func (p *Pass) reexportedFunction(legacy, streaming, kind string) {
	for _, f := range p.Project.Files() {
		for _, stmt := range f.Module.Children {
			if !stmt.Is("import_from_statement") {
				continue
			}
			done := map[string]bool{}
			for _, b := range f.BoundBy(stmt) {
				if b.Level > 0 || canonical(b.Target) != legacy || done[b.Name] {
					continue
				}
				done[b.Name] = true
				switch used := p.world.usedBesidesImports(b); {
				case !used && p.world.reexported(b):
					p.moveReexport(b, streaming, kind)
				case used && lastName(streaming) != b.Name && inAll(b):
					p.moveReexport(b, streaming, kind) // __all__ would keep the old import
				case used && lastName(streaming) != b.Name && p.world.wanted(b):
					p.keepReexport(b, streaming, kind)
				}
			}
		}
	}
}

func (p *Pass) moveReexport(b *rewrite.Binding, streaming, kind string) {
	p.Report(b.Node, kind+"-reexport", Finding{Message: kind + "() of the transaction API is re-exported", Tier: Safe, Shape: "re-export",
		Edits: []rewrite.Edit{rewrite.MoveImported(b.Node, streaming)}})
}

// keepReexport adds the name that other modules want to the one that this file
// will use.
func (p *Pass) keepReexport(b *rewrite.Binding, streaming, kind string) {
	p.Report(b.Node, kind+"-reexport", Finding{Message: kind + "() of the transaction API is re-exported", Tier: Safe, Shape: "re-export",
		Edits: []rewrite.Edit{rewrite.KeepImported(b.Node, streaming)}})
}

// wanted reports whether somebody gets at an imported name through this file
// and goes on doing so when its calls in the project are rewritten: whoever
// the file exports it to, or a module that imports it and does not use it.
func (w *world) wanted(b *rewrite.Binding) bool {
	if w.exported(b) {
		return true
	}
	for _, f := range w.project.Files() {
		for _, list := range f.ModuleScope().Names {
			for _, x := range list {
				if x.Kind == rewrite.Import && (x.Level > 0 || !isSDK(x.Target)) && lastName(x.Target) == b.Name &&
					w.dotted(x.Node) == canonical(b.Target) && !w.usedBesidesImports(x) {
					return true
				}
			}
		}
	}
	return false
}
