package rewrite

import (
	"maps"
	"sort"
	"strings"
)

// Imports returns the edits that change and add import statements for the
// names spelled so far, and that drop the bound identifiers in drop, in source
// order.
func (s *Speller) Imports(drop map[*Node]bool) []Edit {
	all := maps.Clone(s.dropped)
	maps.Copy(all, drop)
	w := &importWriter{Speller: s, drop: all, moved: map[*Node]string{}, merged: map[*Node]bool{}, placed: map[*Node]importPlace{}, joined: map[*Node][]string{},
		lines: map[importPlace][]string{}, single: singleLines(s.file)}
	changed := w.changed()
	for _, stmt := range changed {
		w.move(stmt)
	}
	for a := range s.adds {
		w.add(a)
	}
	for _, stmt := range changed {
		if _, ok := w.moved[stmt]; !ok {
			w.shrink(stmt)
		}
	}
	for stmt, names := range w.joined {
		if place, ok := w.placed[stmt]; ok {
			w.writeAt(place, w.moved[stmt], names)
			continue
		}
		w.edits = append(w.edits, w.extend(stmt, names)...)
	}
	for _, stmt := range w.leaving {
		w.edits = append(w.edits, w.leave(stmt))
	}
	for place, lines := range w.lines {
		sort.Strings(lines)
		w.edits = append(w.edits, w.insert(place, w.joinNames(lines, place.stmt))...)
	}
	sort.SliceStable(w.edits, func(i, j int) bool {
		a, b := w.edits[i], w.edits[j]
		return a.Start < b.Start || a.Start == b.Start && (a.End < b.End || a.End == b.End && a.New < b.New)
	})
	return w.edits
}

// importWriter collects the edits of one file's imports.
type importWriter struct {
	*Speller
	drop    map[*Node]bool
	moved   map[*Node]string      // statements whose names all move, and the module they move to
	merged  map[*Node]bool        // those of them whose names went into another statement
	placed  map[*Node]importPlace // those of them that are written in another place
	joined  map[*Node][]string    // statements and the names they get
	lines   map[importPlace][]string
	leaving []*Node // statements of which nothing stays where it is
	edits   []Edit
	single  bool // the file imports one name per statement
}

// importPlace is where new statements go: behind a statement, or before it; at
// the top of the file where there is none.
type importPlace struct {
	stmt   *Node
	before bool
}

// changed returns the statements that lose or move names, in source order.
func (w *importWriter) changed() []*Node {
	seen := map[*Node]bool{}
	for b := range w.flips {
		seen[b.Stmt] = true
	}
	for n := range w.drop {
		if stmt := n.Ancestor("import_statement", "import_from_statement"); stmt != nil {
			seen[stmt] = true
		}
	}
	var out []*Node
	for stmt := range seen {
		out = append(out, stmt)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out
}

// gone reports whether an import statement will no longer bind an identifier.
func (w *importWriter) gone(n *Node) bool {
	for b := range w.flips {
		if b.Node == n {
			return true
		}
	}
	return w.drop[n]
}

// move changes the module of a statement whose names all move to the same
// module under their own names, or adds them to an import of that module.
func (w *importWriter) move(stmt *Node) {
	items := stmt.Fields("name")
	module := ""
	var names []string
	for b, fl := range w.flips {
		if b.Stmt != stmt {
			continue
		}
		_, old, _ := cutLast(b.Target)
		if name, _, _ := strings.Cut(fl.name, " as "); old != name || module != "" && module != fl.module {
			return
		}
		module = fl.module
		names = append(names, fl.name)
	}
	if module == "" || len(names) != len(items) {
		return
	}
	host := w.host(stmt, module)
	w.moved[stmt] = module
	if host != nil {
		w.merged[stmt] = true
		w.joined[host] = append(w.joined[host], names...)
		w.leaving = append(w.leaving, stmt)
		return
	}
	if place := w.elsewhere(stmt, module); place != nil {
		w.placed[stmt] = *place
		w.writeAt(*place, module, names)
		w.leaving = append(w.leaving, stmt)
		return
	}
	m := stmt.Child("module_name")
	w.edits = append(w.edits, Edit{m.Start, m.End, module})
}

// writeAt adds imports of names of a module to the lines of a place.
func (w *importWriter) writeAt(place importPlace, module string, names []string) {
	for _, name := range names {
		w.lines[place] = append(w.lines[place], "from "+module+" import "+name)
	}
}

// add finds the place of one new name or module.
func (w *importWriter) add(a addition) {
	switch {
	case a.name == "":
		place := w.place(a)
		w.lines[place] = append(w.lines[place], "import "+a.module)
	case a.beside == nil:
		place := w.place(a)
		w.lines[place] = append(w.lines[place], "from "+a.module+" import "+a.name)
	case w.moved[a.beside] == a.module && w.flipsTo(a):
	default:
		if host := w.host(a.beside, a.module); host != nil {
			w.joined[host] = append(w.joined[host], a.name)
			return
		}
		place := w.near(a)
		w.lines[place] = append(w.lines[place], "from "+a.module+" import "+a.name)
	}
}

// flipsTo reports whether a statement that moves as a whole brings the name.
func (w *importWriter) flipsTo(a addition) bool {
	for b, fl := range w.flips {
		if b.Stmt == a.beside && fl.module == a.module && fl.name == a.name {
			return true
		}
	}
	return false
}

// host returns the statement near another that imports names of module, or
// will, and can take more; nil where there is none.
func (w *importWriter) host(beside *Node, module string) *Node {
	if w.single {
		return nil
	}
	for _, stmt := range importRun(beside) {
		if !stmt.Is("import_from_statement") || wildcard(stmt) || w.merged[stmt] {
			continue
		}
		to, moves := w.moved[stmt]
		if moves && to == module || !moves && moduleOf(stmt) == module && !allGone(stmt, w.gone) {
			return stmt
		}
	}
	return nil
}

func wildcard(stmt *Node) bool {
	for _, c := range stmt.Children {
		if c.Is("wildcard_import") {
			return true
		}
	}
	return false
}

// shrink takes the names that go out of a statement.
func (w *importWriter) shrink(stmt *Node) {
	if allGone(stmt, w.gone) {
		w.leaving = append(w.leaving, stmt)
		return
	}
	if _, extended := w.joined[stmt]; extended && !strings.ContainsAny(stmt.Text(), "\n\r") {
		return // extend writes the whole list
	}
	w.edits = append(w.edits, RemoveImported(stmt, w.gone)...)
}

// leave removes a statement, or puts the new ones beside it in its place.
func (w *importWriter) leave(stmt *Node) Edit {
	var lines []string
	for _, before := range []bool{true, false} {
		here := importPlace{stmt, before}
		sort.Strings(w.lines[here])
		lines = append(lines, w.lines[here]...)
		delete(w.lines, here)
	}
	if len(lines) == 0 {
		return RemoveStatement(stmt)
	}
	return Edit{stmt.Start, stmt.End, strings.Join(w.joinNames(lines, stmt), w.file.Style.Newline+stmt.Indent())}
}

// joinNames puts the names that sorted lines import from one module on one
// line, or in brackets where they outgrow it beside stmt.
func (w *importWriter) joinNames(lines []string, stmt *Node) []string {
	var out []string
	for _, line := range lines {
		head, name, ok := strings.Cut(line, " import ")
		if n := len(out) - 1; ok && n >= 0 && !w.single && strings.HasPrefix(out[n], head+" import ") {
			out[n] += ", " + name
			continue
		}
		out = append(out, line)
	}
	indent := ""
	if stmt != nil {
		indent = stmt.Indent()
	}
	for i, line := range out {
		head, names, ok := strings.Cut(line, " import ")
		if ok && Columns(indent+line) > w.width {
			nl := w.file.Style.Newline + indent
			in := nl + w.file.Style.Indent
			out[i] = head + " import (" + in + strings.ReplaceAll(names, ", ", ","+in) + "," + nl + ")"
		}
	}
	return out
}

// extend adds names to an import statement: at their place in a sorted list,
// else at the end.
func (w *importWriter) extend(stmt *Node, names []string) []Edit {
	items := stmt.Fields("name")
	names = append([]string(nil), names...)
	sort.Strings(names)
	if strings.ContainsAny(stmt.Text(), "\n\r") {
		return w.extendLines(stmt, items, names)
	}
	var list, old []string
	for _, item := range items {
		old = append(old, item.Text())
		if !w.gone(boundNode(stmt, item)) || w.moved[stmt] != "" {
			list = append(list, item.Text())
		}
	}
	sorted := sort.StringsAreSorted(old)
	for _, name := range names {
		at := len(list)
		if sorted {
			at = sort.SearchStrings(list, name)
		}
		if at < len(list) && list[at] == name {
			continue
		}
		list = append(list[:at], append([]string{name}, list[at:]...)...)
	}
	return []Edit{w.listed(stmt, items, list)}
}

// listed writes the names of a one-line statement, one a line where they
// outgrow it.
func (w *importWriter) listed(stmt *Node, items []*Node, list []string) Edit {
	f := stmt.File
	e := Edit{items[0].Start, items[len(items)-1].End, strings.Join(list, ", ")}
	line := f.LineSpan(stmt.Start)
	if Columns(string(f.Source[line.Start:e.Start]))+Columns(e.New) <= w.width {
		return e
	}
	nl := f.Style.Newline + stmt.Indent()
	e.New = nl + f.Style.Indent + strings.Join(list, ","+nl+f.Style.Indent) + "," + nl
	if text := strings.TrimRight(string(f.Source[stmt.Start:e.Start]), " "); strings.HasSuffix(text, "(") {
		e.Start, e.End = stmt.Start+len(text), stmt.End-1
		return e
	}
	e.New = "(" + e.New + ")"
	return e
}

// extendLines is extend for a statement that spans lines.
func (w *importWriter) extendLines(stmt *Node, items []*Node, names []string) []Edit {
	var kept []*Node
	var old []string
	for _, item := range items {
		if w.moved[stmt] != "" || !w.gone(boundNode(stmt, item)) {
			kept = append(kept, item)
			old = append(old, item.Text())
		}
	}
	last := kept[len(kept)-1]
	if !ownLine(last) || !sort.StringsAreSorted(old) {
		return []Edit{{last.End, last.End, ", " + strings.Join(names, ", ")}}
	}
	nl := stmt.File.Style.Newline + last.Indent()
	var edits []Edit
	for _, name := range names {
		switch at := sort.SearchStrings(old, name); {
		case at == len(kept):
			edits = append(edits, Edit{last.End, last.End, "," + nl + name})
		case old[at] == name:
		case ownLine(kept[at]):
			edits = append(edits, Edit{kept[at].Start, kept[at].Start, name + "," + nl})
		default:
			edits = append(edits, Edit{kept[at].Start, kept[at].Start, name + ", "})
		}
	}
	return edits
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
