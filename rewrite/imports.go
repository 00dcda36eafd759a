package rewrite

import (
	"slices"
	"sort"
	"strings"
)

// NameRef writes a reference to an absolute dotted name into the text of an
// edit. How it is spelled in the end is up to a [Speller]: legacy is the
// expression at the site whose import style is to be kept ("start_span" or
// "sentry_sdk.start_span"), "" where there is none.
func NameRef(dotted, legacy string) string {
	return string(rune(refOpen)) + dotted + string(rune(refSep)) + legacy + string(rune(refClose))
}

// NameBeside is [NameRef] for a name that stands beside the legacy one and does
// not replace it: it follows the import style but never takes over an alias.
func NameBeside(dotted, legacy string) string {
	if legacy != "" {
		legacy = besideMark + legacy
	}
	return NameRef(dotted, legacy)
}

const besideMark = "+"

const (
	refOpen  = '\x01'
	refSep   = '\x02'
	refClose = '\x03'
)

// PlainNames replaces references by a likely spelling, for measuring lines.
func PlainNames(text string) string {
	return FlatDicts(eachRef(text, func(dotted, legacy string) string {
		if legacy != "" && !strings.Contains(legacy, ".") {
			_, last, _ := cutLast(dotted)
			return last
		}
		return dotted
	}))
}

// eachRef rewrites every reference in text.
func eachRef(text string, spell func(dotted, legacy string) string) string {
	for {
		i := strings.IndexByte(text, refOpen)
		if i < 0 {
			return text
		}
		j := strings.IndexByte(text[i:], refClose) + i
		dotted, legacy, _ := strings.Cut(text[i+1:j], string(rune(refSep)))
		text = text[:i] + spell(dotted, legacy) + text[j+1:]
	}
}

// DropImported returns the edit by which an import statement loses a name;
// bound is the identifier that it binds. A [Speller] makes it together with the
// statement's other changes.
func DropImported(bound *Node) Edit { return Edit{bound.Start, bound.End, dropMark} }

// MoveImported returns the edit by which a name that an import binds is imported
// from elsewhere, under the same name; bound is the identifier that is bound. A
// [Speller] makes it together with the statement's other changes.
func MoveImported(bound *Node, dotted string) Edit {
	return Edit{bound.Start, bound.End, moveMark + dotted}
}

// KeepImported is [MoveImported] for a name whose uses in the file move to
// another name: it is imported from elsewhere for other modules.
func KeepImported(bound *Node, dotted string) Edit {
	return Edit{bound.Start, bound.End, keepMark + dotted}
}

const (
	dropMark = "\x0e"
	moveMark = "\x0f"
	keepMark = "\x10"
)

// Speller decides how the names that edits refer to are spelled in one file,
// and which imports that takes. A file keeps its style: a name that came by
// "from x import y" comes so again, an attribute of a module stays one, and an
// alias stays an alias. A new name never shadows a name of the file, nor is it
// shadowed by one.
type Speller struct {
	project *Project
	file    *File
	edits   []Edit
	chosen  map[spelling]string
	flips   map[*Binding]flip
	adds    map[addition]bool
	dropped map[*Node]bool // identifiers that imports bind no longer

	explicit bool // import submodules that are reached as attributes
	width    int  // the longest line, in characters
}

// spelling is a reference whose spelling is settled once for all edits: a name
// in the style of another, which the owner binds.
type spelling struct {
	dotted, legacy string
	owner          *Scope
}

// flip moves one imported name from one module to another.
type flip struct{ module, name string }

// addition is a name that the file has to import, or a module where name is "".
type addition struct {
	beside *Node // the import it belongs to; nil where it has none
	module string
	name   string // "x" or "x as y"
}

// NewSpeller prepares the spelling for the edits that will really be made.
// With explicit set, a submodule reached as an attribute gets an import of its
// own, which some type checkers ask for. width is the longest line that a list
// of imported names may take, in characters.
func NewSpeller(p *Project, f *File, edits []Edit, explicit bool, width int) *Speller {
	return &Speller{project: p, file: f, edits: edits, explicit: explicit, width: width,
		chosen: map[spelling]string{}, flips: map[*Binding]flip{}, adds: map[addition]bool{}, dropped: map[*Node]bool{}}
}

// Spell replaces the references in the edits.
func (s *Speller) Spell(edits []Edit) []Edit {
	var out []Edit
	for _, e := range edits {
		if e.New == dropMark {
			for n := s.file.At(e.Start, e.End); n.Start == e.Start && n.End == e.End; n = n.Parent {
				s.dropped[n] = true
			}
			continue
		}
		if s.marked(e) {
			continue
		}
		e.New = FlatDicts(eachRef(e.New, func(dotted, legacy string) string { return s.name(e.Start, dotted, legacy) }))
		out = append(out, e)
	}
	return out
}

// marked takes note of an edit of [MoveImported] or [KeepImported].
func (s *Speller) marked(e Edit) bool {
	dotted, moves := strings.CutPrefix(e.New, moveMark)
	if !moves {
		var keeps bool
		if dotted, keeps = strings.CutPrefix(e.New, keepMark); !keeps {
			return false
		}
	}
	module, name, _ := cutLast(dotted)
	stmt := s.file.At(e.Start, e.End).Ancestor("import_from_statement")
	for _, b := range s.file.BoundBy(stmt) {
		if b.Node.Start != e.Start || b.Node.End != e.End {
			continue
		}
		target := name
		if b.Name != name {
			target += " as " + b.Name
		}
		s.adds[addition{stmt, module, target}] = true
		if moves {
			s.flips[b] = flip{module, target}
		}
	}
	return true
}

func (s *Speller) name(at int, dotted, legacy string) string {
	scope := s.file.ScopeOf(s.file.At(at, at))
	key := spelling{dotted: dotted, legacy: legacy}
	legacy, beside := strings.CutPrefix(legacy, besideMark)
	key.owner, _ = scope.Lookup(legacy)
	if legacy == "" || strings.Contains(legacy, ".") {
		return s.attribute(at, scope, dotted, legacy)
	}
	if done, ok := s.chosen[key]; ok {
		return done
	}
	spelled := s.fromImport(at, scope, dotted, legacy, beside)
	if !strings.Contains(spelled, ".") { // a module may be reached in this function alone
		s.chosen[key] = spelled
	}
	return spelled
}

// attribute spells a name through the module the site already uses. Where the
// file reaches the module only by names imported from it, so does the new name.
func (s *Speller) attribute(at int, scope *Scope, dotted, legacy string) string {
	root, rest, _ := strings.Cut(dotted, ".")
	if legacy != "" {
		base := legacy
		for {
			b, _, ok := cutLast(base)
			if !ok {
				break
			}
			base = b
		}
		if s.refers(scope, base, root) {
			return s.reached(scope, dotted, base, rest)
		}
		if name := s.fromSibling(scope, dotted, base); name != "" {
			return name
		}
	}
	if local := s.moduleName(scope, root); local != "" {
		return s.reached(scope, dotted, local, rest)
	}
	host := s.host(at, scope, root)
	if name := s.fromSame(scope, dotted, host); name != "" {
		return name
	}
	if _, taken := scope.Lookup(root); len(taken) > 0 {
		module, name, _ := cutLast(dotted)
		alias := s.free(name + "_")
		s.adds[addition{module: module, name: name + " as " + alias}] = true
		return alias
	}
	s.importModule(root, host)
	if module := submodule(dotted); s.explicit && module != root {
		s.importModule(module, host)
	}
	return dotted
}

// reached spells a name as an attribute of local, by which scope has the root
// module. A submodule gets an import of its own where that is asked for, in
// each block that imports what the name stands for.
func (s *Speller) reached(scope *Scope, dotted, local, rest string) string {
	root, _, _ := strings.Cut(dotted, ".")
	if module := submodule(dotted); s.explicit && local == root && module != root {
		_, bindings := scope.Lookup(local)
		for _, b := range bindings {
			if b.Kind == Import && b.Target == module || b.Stmt.Is("import_statement") && importsModule(b.Stmt, module) {
				return local + "." + rest
			}
		}
		blocks := map[*Node]bool{} // "import sentry_sdk" and "import sentry_sdk.metrics" bind one name
		for _, b := range bindings {
			if b.Kind == Import && b.Stmt.Is("import_statement") && !blocks[b.Stmt.Parent] {
				blocks[b.Stmt.Parent] = true
				s.adds[addition{beside: b.Stmt, module: module}] = true
			}
		}
	}
	return local + "." + rest
}

// submodule returns the module part of a dotted name: what stands before its
// class, or else before its last part.
func submodule(dotted string) string {
	parts := strings.Split(dotted, ".")
	for i, part := range parts[:len(parts)-1] {
		if isClass(part) {
			return strings.Join(parts[:i], ".")
		}
	}
	return strings.Join(parts[:len(parts)-1], ".")
}

// isClass reports the name of a class, by its first letter.
func isClass(name string) bool { return name[0] >= 'A' && name[0] <= 'Z' }

// fromSibling spells a name of a submodule where the site reaches another one
// of the same package by "from package import submodule"; "" elsewhere.
func (s *Speller) fromSibling(scope *Scope, dotted, base string) string {
	_, bindings := scope.Lookup(base)
	module := submodule(dotted)
	parent, last, ok := cutLast(module)
	if !ok || len(bindings) != 1 || !bindings[0].Stmt.Is("import_from_statement") || bindings[0].Target != parent+"."+base {
		return ""
	}
	rest := strings.TrimPrefix(dotted, module)
	if existing := s.imported(scope, module); existing != "" {
		return existing + rest
	}
	if !s.unbound(last, parent) {
		return ""
	}
	s.adds[addition{bindings[0].Stmt, parent, last}] = true
	return last + rest
}

// unbound reports whether name means nothing in the file yet, nor anything else
// among the names to be imported.
func (s *Speller) unbound(name, module string) bool {
	for _, scope := range s.file.scopes.all {
		if len(scope.Names[name]) > 0 {
			return false
		}
	}
	for a := range s.adds {
		if a.name == name && a.module != module {
			return false
		}
	}
	return true
}

// refers reports whether local is bound to the module in scope.
func (s *Speller) refers(scope *Scope, local, module string) bool {
	_, bindings := scope.Lookup(local)
	return s.project.Names().bound(s.file, bindings, maxHops).Dotted == module
}

// moduleName returns the name by which a scope can reach a module, "" if none.
func (s *Speller) moduleName(scope *Scope, module string) string {
	if s.refers(scope, module, module) {
		return module
	}
	var names []string
	for at := scope; at != nil; at = at.Parent {
		for name, bindings := range at.Names {
			if bindings[0].Kind == Import && s.refers(scope, name, module) {
				names = append(names, name)
			}
		}
	}
	sort.Strings(names)
	if len(names) > 0 {
		return names[0]
	}
	return ""
}

// fromImport spells a name that replaces one imported by "from … import". The
// import is changed in place when every use of the old name goes. Where the file
// has the name for something else, a class gets an alias, unless the file
// imports its package; anything else is reached through the package.
func (s *Speller) fromImport(at int, scope *Scope, dotted, legacy string, beside bool) string {
	module, name, _ := cutLast(dotted)
	owner, bindings := scope.Lookup(legacy)
	bindings = withoutFallbacks(bindings)
	if owner == nil || len(bindings) == 0 || !bindings[0].Stmt.Is("import_from_statement") {
		return s.attribute(at, scope, dotted, "")
	}
	b := bindings[0]
	_, oldName, _ := cutLast(b.Target)
	local := name
	if legacy != oldName && !beside {
		local = legacy // an alias stays an alias
	}
	if existing := s.imported(scope, dotted); existing != "" {
		return existing
	}
	free := local == legacy && s.allReplaced(owner, legacy) || local != legacy && s.usable(local)
	if root, _, _ := strings.Cut(dotted, "."); !free && isClass(name) && s.moduleName(scope, root) == "" {
		local = s.alias(b.Stmt, module, name)
	} else if !free {
		return s.attribute(at, scope, dotted, "")
	}
	for _, b := range bindings {
		target := name
		if local != name {
			target = name + " as " + local
		}
		s.adds[addition{b.Stmt, module, target}] = true
		if local == legacy {
			s.flips[b] = flip{module, target}
		}
	}
	return local
}

// alias returns the name by which a class is imported beside stmt: one by which
// it is to be imported there already, else a free one.
func (s *Speller) alias(stmt *Node, module, class string) string {
	var known []string
	for a := range s.adds {
		if name, ok := strings.CutPrefix(a.name, class+" as "); ok && a.beside == stmt && a.module == module {
			known = append(known, name)
		}
	}
	if len(known) > 0 {
		return slices.Min(known)
	}
	return s.free("Sentry" + class)
}

// imported returns the local name under which the scope already has dotted.
func (s *Speller) imported(scope *Scope, dotted string) string {
	var names []string
	for at := scope; at != nil; at = at.Parent {
		for name, bindings := range at.Names {
			if bindings[0].Kind == Import && bindings[0].Target == dotted && s.refers(scope, name, dotted) {
				names = append(names, name)
			}
		}
	}
	sort.Strings(names)
	if len(names) > 0 {
		return names[0]
	}
	return ""
}

// usable reports whether a new import may bind local beside the old name: it
// means nothing else anywhere in the file.
func (s *Speller) usable(local string) bool {
	for _, scope := range s.file.scopes.all {
		for _, b := range scope.Names[local] {
			if _, moved := s.flips[b]; !moved {
				return false
			}
		}
	}
	return true
}

// allReplaced reports whether every use of a name of the scope lies inside an
// edit that will be made.
func (s *Speller) allReplaced(owner *Scope, name string) bool {
	all := true
	standIns := map[*Node]bool{} // which stay what they are under the new import too
	for _, b := range Fallbacks(owner.Names[name]) {
		standIns[b.Node] = true
	}
	s.file.Module.Walk(func(n *Node) bool {
		if n.Kind == "opaque" {
			return false
		}
		if n.Is("identifier") && n.Field != "attribute" && n.Text() == name && !s.isBindingName(n) && !standIns[n] {
			if at, _ := s.file.ScopeOf(n).Lookup(name); at == owner && !s.covered(n) {
				all = false
			}
		}
		return all
	})
	return all
}

func (s *Speller) isBindingName(n *Node) bool {
	if n.Field == "name" && n.Parent.Is("keyword_argument") {
		return true
	}
	return n.Ancestor("import_from_statement", "import_statement") != nil
}

func (s *Speller) covered(n *Node) bool {
	for _, e := range s.edits {
		if e.Start <= n.Start && n.End <= e.End {
			return true
		}
	}
	return false
}

// free returns a name that the file does not use, starting from a wish.
func (s *Speller) free(wish string) string {
	for strings.Contains(string(s.file.Source), wish) {
		wish += "_"
	}
	return wish
}
