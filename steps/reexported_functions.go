package steps

import "spanwalk/rewrite"

// reexportedFunction moves imports of a legacy function that only other
// modules get at. The project's own calls of it are rewritten to import the
// streaming function themselves; the name stays for whoever else imports it,
// and no import of the old one is left to fail on 3.0. Where the file uses the
// name too and the streaming function is called otherwise, it gets both names.
//
// While a use of the legacy function that came through the project stays, the
// imports stay too: a later step, which rewrites what is left, moves them.
func (p *Pass) reexportedFunction(legacy, streaming, kind string) {
	var handed []*rewrite.Binding
	for _, f := range p.Project.Files() {
		for _, stmt := range f.Module.Children {
			if !stmt.Is("import_from_statement") {
				continue
			}
			done := map[string]bool{}
			for _, b := range f.BoundBy(stmt) {
				if b.Level == 0 && canonical(b.Target) == legacy && !done[b.Name] && p.world.reexported(b) {
					handed = append(handed, b)
				}
				done[b.Name] = true
			}
		}
	}
	if len(handed) == 0 {
		return
	}
	stays := p.usedThroughProject(legacy)
	for _, b := range handed {
		f := Finding{Message: kind + "() of the transaction API is re-exported", Tier: Safe, Shape: "re-export"}
		e, ok := p.reexport(b, streaming)
		if stays {
			f.Message += ": its name stays while calls by way of it do"
			e, ok = rewrite.KeepImported(b.Node, b.Target), p.world.usedBesidesImports(b)
		}
		if ok {
			f.Edits = []rewrite.Edit{e}
			p.Report(b.Node, kind+"-reexport", f)
		}
	}
}

// reexport returns the edit that lets an import give the streaming function to
// the modules that want it.
func (p *Pass) reexport(b *rewrite.Binding, streaming string) (rewrite.Edit, bool) {
	switch used := p.world.usedBesidesImports(b); {
	case !used:
		return rewrite.MoveImported(b.Node, streaming), true
	case lastName(streaming) == b.Name:
		return rewrite.Edit{}, false
	case inAll(b):
		return rewrite.MoveImported(b.Node, streaming), true // __all__ would keep the old import
	case p.world.wanted(b):
		return rewrite.KeepImported(b.Node, streaming), true // the file itself will use the other name
	}
	return rewrite.Edit{}, false
}

// usedThroughProject reports whether a use of a function of the SDK, which gets
// at it through a module of the project, is left as it is by this pass. A bare
// decorator needs no edit of its own: it follows the import.
func (p *Pass) usedThroughProject(legacy string) bool {
	for _, n := range p.world.spelled(legacy) {
		if p.world.throughProject(n) && !p.world.isBinding(n) && (legacy != legacyTrace || p.reportedAt(n, false)) && !p.reportedAt(n, true) {
			return true
		}
	}
	return false
}

// reportedAt reports whether a finding of this pass is about a node or replaces
// it, one that is applied or one that is not.
func (p *Pass) reportedAt(n *rewrite.Node, applied bool) bool {
	for _, f := range p.findings {
		if f.Path != n.File.Path {
			continue
		}
		at := f.Start <= n.Start && f.End >= n.End
		for _, e := range f.Edits {
			at = at || e.Start <= n.Start && e.End >= n.End
		}
		if at && choose(f, p.decisions, p.policy).Applied == applied {
			return true
		}
	}
	return false
}

// appliedEdits returns the edits that this pass has reported and that its
// decisions apply, by path.
func (p *Pass) appliedEdits() map[string][]rewrite.Edit {
	out := map[string][]rewrite.Edit{}
	for _, f := range p.findings {
		if choose(f, p.decisions, p.policy).Applied {
			out[f.Path] = append(out[f.Path], f.Edits...)
		}
	}
	return out
}

// throughProject reports a name that a module of the project hands on: an
// import from such a module, or an attribute of one.
func (w *world) throughProject(n *rewrite.Node) bool {
	if n.Is("attribute") {
		return w.project.Name(n.Child("object")).Module != nil
	}
	if !n.Is("identifier") {
		return false
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		if b.Kind == rewrite.Import && (b.Level > 0 || !isSDK(b.Target)) {
			return true
		}
	}
	return false
}

// wanted reports whether somebody gets at an imported name through this file
// and goes on doing so when its calls in the project are rewritten: whoever
// the file exports it to, or a module that imports it and does not use it.
func (w *world) wanted(b *rewrite.Binding) bool {
	if w.exported(b) {
		return true
	}
	for _, f := range w.project.Files() {
		for _, x := range w.files[f].taken[b.Name] {
			if w.dotted(x.Node) == canonical(b.Target) && !w.usedBesidesImports(x) {
				return true
			}
		}
	}
	return false
}
