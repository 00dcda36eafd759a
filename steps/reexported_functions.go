package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// reexportedFunction moves imports of a legacy function that only other
// modules get at. The project's own calls of it are rewritten to import the
// streaming function themselves; the name stays for whoever else imports it,
// and no import of the old one is left to fail on 3.0.
func (p *Pass) reexportedFunction(legacy, streaming, kind string) {
	for _, f := range p.Project.Files() {
		for _, stmt := range f.Module.Children {
			if !stmt.Is("import_from_statement") {
				continue
			}
			for _, b := range f.BoundBy(stmt) {
				if b.Level == 0 && canonical(b.Target) == legacy && !p.world.usedBesidesImports(b) && p.world.reexported(b) {
					p.moveReexport(stmt, b, streaming, kind)
				}
			}
		}
	}
}

func (p *Pass) moveReexport(stmt *rewrite.Node, b *rewrite.Binding, streaming, kind string) {
	i := strings.LastIndexByte(streaming, '.')
	module, name := streaming[:i], streaming[i+1:]
	text := "from " + module + " import " + name
	if name != b.Name {
		text += " as " + b.Name
	}
	finding := Finding{Message: kind + "() of the transaction API is re-exported", Tier: Safe, Shape: "re-export"}
	if len(stmt.Fields("name")) == 1 {
		finding.Edits = []rewrite.Edit{{Start: stmt.Start, End: stmt.End, New: text}}
	} else if e, ok := rewrite.InsertAfter(stmt, text); ok {
		finding.Edits = append(rewrite.RemoveImported(stmt, func(n *rewrite.Node) bool { return n == b.Node }), e)
	}
	p.Report(b.Node, kind+"-reexport", finding)
}
