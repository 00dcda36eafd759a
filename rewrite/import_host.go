package rewrite

import "strings"

// host returns the from-import of a package beside which more of it can be
// imported for the place at: of the innermost scope that has one, the first at
// the top of the file before those that are tried or depend on something, nil
// where there is none.
func (s *Speller) host(at int, scope *Scope, root string) *Node {
	for ; scope != nil; scope = scope.Parent {
		var best *Node
		for _, bindings := range scope.Names {
			for _, b := range bindings {
				stmt := b.Stmt
				if b.Kind != Import || !stmt.Is("import_from_statement") || !importsRoot(stmt, root) || inFallback(stmt) || forTypesOnly(stmt) {
					continue
				}
				if scope.Parent != nil && !(stmt.End <= at && stmt.Parent.Start <= at && at <= stmt.Parent.End) {
					continue // it may not have run yet
				}
				if best == nil || sooner(stmt, best) {
					best = stmt
				}
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// importModule imports a module at the top of the file, or beside a host that
// is tried or local: the package may be missing.
func (s *Speller) importModule(module string, host *Node) {
	if host != nil && host.Parent.Is("module") {
		host = nil
	}
	s.adds[addition{beside: host, module: module}] = true
}

// fromSame spells a name of a module, or of a submodule, that is imported
// beside a host, "" where there is none or the name is not free.
func (s *Speller) fromSame(scope *Scope, dotted string, host *Node) string {
	if existing := s.imported(scope, dotted); existing != "" {
		return existing
	}
	module := submodule(dotted)
	name, rest, more := strings.Cut(strings.TrimPrefix(dotted, module+"."), ".")
	if host == nil || !s.unbound(name, module) {
		return ""
	}
	s.adds[addition{host, module, name}] = true
	if more {
		return name + "." + rest
	}
	return name
}

// sooner orders import statements: those that always run, then source order.
func sooner(a, b *Node) bool {
	if top := a.Parent.Is("module"); top != b.Parent.Is("module") {
		return top
	}
	return a.Start < b.Start
}

// forTypesOnly reports an import that only type checkers see.
func forTypesOnly(stmt *Node) bool {
	p := stmt.Ancestor("if_statement")
	return p != nil && strings.HasSuffix(p.Child("condition").Text(), "TYPE_CHECKING") && p.Child("consequence").Contains(stmt)
}
