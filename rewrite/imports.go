package rewrite

import (
	"maps"
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

// Speller decides how the names that edits refer to are spelled in one file,
// and which imports that takes. A file keeps its style: a name that came by
// "from x import y" comes so again, an attribute of a module stays one, and an
// alias stays an alias. A new name never shadows a name of the file, nor is it
// shadowed by one.
type Speller struct {
	project *Project
	file    *File
	edits   []Edit
	chosen  map[string]string // dotted + legacy -> spelling
	flips   map[*Binding]flip
	adds    map[addition]bool

	explicit bool // import submodules that are reached as attributes
}

// flip moves one imported name from one module to another.
type flip struct{ module, name string }

// addition is a new import statement.
type addition struct {
	after *Node // the statement it follows; nil for the top of the file
	text  string
}

// NewSpeller prepares the spelling for the edits that will really be made.
// With explicit set, a submodule reached as an attribute gets an import of its
// own, which some type checkers ask for.
func NewSpeller(p *Project, f *File, edits []Edit, explicit bool) *Speller {
	return &Speller{project: p, file: f, edits: edits, explicit: explicit,
		chosen: map[string]string{}, flips: map[*Binding]flip{}, adds: map[addition]bool{}}
}

// Spell replaces the references in the edits.
func (s *Speller) Spell(edits []Edit) []Edit {
	out := make([]Edit, len(edits))
	for i, e := range edits {
		e.New = FlatDicts(eachRef(e.New, func(dotted, legacy string) string { return s.name(e.Start, dotted, legacy) }))
		out[i] = e
	}
	return out
}

func (s *Speller) name(at int, dotted, legacy string) string {
	key := dotted + string(rune(refSep)) + legacy
	legacy, beside := strings.CutPrefix(legacy, besideMark)
	scope := s.file.ScopeOf(s.file.At(at, at))
	if legacy == "" || strings.Contains(legacy, ".") {
		return s.attribute(scope, dotted, legacy)
	}
	if done, ok := s.chosen[key]; ok {
		return done
	}
	spelled := s.fromImport(scope, dotted, legacy, beside)
	s.chosen[key] = spelled
	return spelled
}

// attribute spells a name through the module the site already uses.
func (s *Speller) attribute(scope *Scope, dotted, legacy string) string {
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
			return s.withExplicit(dotted, base+"."+rest, base == root)
		}
	}
	if local := s.moduleName(scope, root); local != "" {
		return s.withExplicit(dotted, local+"."+rest, local == root)
	}
	if _, taken := scope.Lookup(root); len(taken) > 0 {
		module, name, _ := cutLast(dotted)
		alias := s.free(name + "_")
		s.adds[addition{s.importPlace(), "from " + module + " import " + name + " as " + alias}] = true
		return alias
	}
	s.adds[addition{s.importPlace(), "import " + root}] = true
	return s.withExplicit(dotted, dotted, true)
}

func (s *Speller) withExplicit(dotted, spelled string, plain bool) string {
	module, _, _ := cutLast(dotted)
	if s.explicit && plain && strings.Contains(module, ".") {
		s.adds[addition{s.importPlace(), "import " + module}] = true
	}
	return spelled
}

// refers reports whether local is bound to the module in scope.
func (s *Speller) refers(scope *Scope, local, module string) bool {
	_, bindings := scope.Lookup(local)
	return s.project.bound(s.file, bindings, maxHops).Dotted == module
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
// import is changed in place when every use of the old name goes.
func (s *Speller) fromImport(scope *Scope, dotted, legacy string, beside bool) string {
	module, name, _ := cutLast(dotted)
	owner, bindings := scope.Lookup(legacy)
	bindings = withoutFallbacks(bindings)
	if owner == nil || len(bindings) == 0 || !bindings[0].Stmt.Is("import_from_statement") {
		return s.attribute(scope, dotted, "")
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
	if !free {
		return s.attribute(scope, dotted, "")
	}
	for _, b := range bindings {
		target := name
		if local != name {
			target = name + " as " + local
		}
		s.adds[addition{b.Stmt, "from " + module + " import " + target}] = true
		if local == legacy {
			s.flips[b] = flip{module, target}
		}
	}
	return local
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
	s.file.Module.Walk(func(n *Node) bool {
		if n.Kind == "opaque" {
			return false
		}
		if n.Is("identifier") && n.Field != "attribute" && n.Text() == name && !s.isBindingName(n) && !standIn(n) {
			if at, _ := s.file.ScopeOf(n).Lookup(name); at == owner && !s.covered(n) {
				all = false
			}
		}
		return all
	})
	return all
}

// standIn reports the name that a fallback for a failed import binds: it stays
// what it is under the new import too.
func standIn(n *Node) bool {
	binds := n.Field == "name" && n.Parent.Is("function_definition", "class_definition") || n.Field == "left" && n.Parent.Is("assignment")
	return binds && inFallback(n.Parent)
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

// importPlace returns the statement after which a new module-level import
// goes: the last import that stands at the top of the file.
func (s *Speller) importPlace() *Node {
	var place *Node
	for _, n := range s.file.Module.Children {
		switch {
		case n.Is("import_statement", "import_from_statement", "future_import_statement"):
			place = n
		case place == nil && n.Is("expression_statement") && len(n.Children) == 1 && n.Children[0].Is("string", "concatenated_string"):
			place = n // the docstring
		case place != nil:
			return place
		}
	}
	return place
}

// Imports returns the edits that change and add import statements for the
// names spelled so far, and that drop the bound identifiers in drop.
func (s *Speller) Imports(drop map[*Node]bool) []Edit {
	byStmt := map[*Node]map[*Binding]flip{}
	for b, fl := range s.flips {
		if byStmt[b.Stmt] == nil {
			byStmt[b.Stmt] = map[*Binding]flip{}
		}
		byStmt[b.Stmt][b] = fl
	}
	for n := range drop {
		if stmt := n.Ancestor("import_statement", "import_from_statement"); byStmt[stmt] == nil {
			byStmt[stmt] = nil
		}
	}
	adds := maps.Clone(s.adds)
	var edits []Edit
	for stmt, flips := range byStmt {
		if e, ok := flipWhole(stmt, flips); ok {
			edits = append(edits, e)
			for _, fl := range flips {
				delete(adds, addition{stmt, "from " + fl.module + " import " + fl.name})
			}
			delete(byStmt, stmt)
		}
	}
	edits = append(edits, joinExisting(adds, byStmt)...)
	lines := additions(adds)
	for stmt, flips := range byStmt {
		gone := func(n *Node) bool { return drop[n] || bindsIdentifier(flips, n) }
		if len(lines[stmt]) > 0 && allGone(stmt, gone) {
			nl := s.file.Style.Newline + stmt.Indent()
			edits = append(edits, Edit{stmt.Start, stmt.End, strings.Join(lines[stmt], nl)})
			delete(lines, stmt)
			continue
		}
		edits = append(edits, RemoveImported(stmt, gone)...)
	}
	for after, list := range lines {
		edits = append(edits, s.insertAfter(after, list)...)
	}
	return edits
}

// joinExisting adds names to the one-line import of their own module that they
// would follow, and takes them out of adds.
func joinExisting(adds map[addition]bool, changed map[*Node]map[*Binding]flip) []Edit {
	names := map[*Node][]string{}
	for a := range adds {
		_, moves := changed[a.after]
		if moves || !a.after.Is("import_from_statement") || strings.ContainsAny(a.after.Text(), "\n\r*") {
			continue
		}
		if name, ok := strings.CutPrefix(a.text, "from "+a.after.Child("module_name").Text()+" import "); ok {
			names[a.after] = append(names[a.after], name)
			delete(adds, a)
		}
	}
	var edits []Edit
	for stmt, list := range names {
		sort.Strings(list)
		items := stmt.Fields("name")
		end := items[len(items)-1].End
		edits = append(edits, Edit{end, end, ", " + strings.Join(list, ", ")})
	}
	return edits
}

func bindsIdentifier(flips map[*Binding]flip, n *Node) bool {
	for b := range flips {
		if b.Node == n {
			return true
		}
	}
	return false
}

// flipWhole changes the module of an import statement whose names all move to
// the same module under their own names.
func flipWhole(stmt *Node, flips map[*Binding]flip) (Edit, bool) {
	if len(flips) == 0 || len(stmt.Fields("name")) != len(flips) {
		return Edit{}, false
	}
	module := ""
	for b, fl := range flips {
		_, old, _ := cutLast(b.Target)
		name, _, _ := strings.Cut(fl.name, " as ")
		if old != name || module != "" && module != fl.module {
			return Edit{}, false
		}
		module = fl.module
	}
	m := stmt.Child("module_name")
	return Edit{m.Start, m.End, module}, true
}

// additions returns the new import statements by the statement they follow,
// the names of one module together.
func additions(adds map[addition]bool) map[*Node][]string {
	type place struct {
		after  *Node
		module string
	}
	names := map[place][]string{}
	lines := map[*Node][]string{}
	for a := range adds {
		if rest, ok := strings.CutPrefix(a.text, "from "); ok {
			module, name, _ := strings.Cut(rest, " import ")
			names[place{a.after, module}] = append(names[place{a.after, module}], name)
		} else {
			lines[a.after] = append(lines[a.after], a.text)
		}
	}
	for p, list := range names {
		sort.Strings(list)
		lines[p.after] = append(lines[p.after], "from "+p.module+" import "+strings.Join(list, ", "))
	}
	for _, list := range lines {
		sort.Strings(list)
	}
	return lines
}

// boundNode returns the identifier that an item of an import statement binds.
func boundNode(stmt, item *Node) *Node {
	switch {
	case item.Is("aliased_import"):
		return item.Child("alias")
	case stmt.Is("import_statement"):
		return item.Children[0]
	}
	return item
}

func allGone(stmt *Node, gone func(*Node) bool) bool {
	for _, n := range stmt.Fields("name") {
		if !gone(boundNode(stmt, n)) {
			return false
		}
	}
	return true
}

// RemoveImported takes names out of an import statement; gone tells it the
// identifiers that it binds. A statement that loses all its names goes, or
// becomes pass where it is alone in its block.
func RemoveImported(stmt *Node, gone func(bound *Node) bool) []Edit {
	if allGone(stmt, gone) {
		return []Edit{RemoveStatement(stmt)}
	}
	items := stmt.Fields("name")
	return removeItems(items, func(i int) bool { return gone(boundNode(stmt, items[i])) })
}

// insertAfter adds statements on their own lines behind a statement, or at the
// top of the file.
func (s *Speller) insertAfter(after *Node, lines []string) []Edit {
	nl := s.file.Style.Newline
	if after == nil {
		at := s.top()
		return []Edit{{at, at, strings.Join(lines, nl) + nl}}
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(nl + after.Indent() + line)
	}
	end := s.file.LineSpan(after.End).End
	return []Edit{{end, end, b.String()}}
}

// top returns the offset of the first line that is neither a shebang, a coding
// cookie nor a comment of the file's head.
func (s *Speller) top() int {
	src := s.file.Source
	at := 0
	if strings.HasPrefix(string(src), string(utf8BOM)) {
		at = len(utf8BOM)
	}
	for at < len(src) && src[at] == '#' {
		at = s.file.LineSpan(at).End
		for at < len(src) && (src[at] == '\r' || src[at] == '\n') {
			at++
		}
	}
	return at
}
