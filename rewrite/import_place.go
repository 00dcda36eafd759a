package rewrite

import (
	"slices"
	"strings"
)

// place returns where a new statement at the top of the file goes: in the
// section of the imports of the same package, else in that of the standard
// library, in the order of the modules.
func (w *importWriter) place(a addition) importPlace {
	if a.beside != nil {
		return inOrder(importRun(a.beside), a.module)
	}
	root, _, _ := strings.Cut(a.module, ".")
	sections := w.sections()
	for _, section := range sections {
		for _, stmt := range section {
			if importsRoot(stmt, root) {
				return inOrder(section, a.module)
			}
		}
	}
	for _, section := range sections {
		if slices.ContainsFunc(section, fromStandardLibrary) {
			return inOrder(section, a.module)
		}
	}
	if len(sections) > 0 {
		return importPlace{stmt: sections[0][0], before: true}
	}
	return importPlace{stmt: w.head()}
}

// head returns the last statement that must stay first in the file: the
// docstring, or an import from the future.
func (w *importWriter) head() *Node {
	var last *Node
	for i, n := range w.file.Module.Children {
		docstring := i == 0 && n.Is("expression_statement") && len(n.Children) == 1 && n.Children[0].Is("string", "concatenated_string")
		if !docstring && !n.Is("future_import_statement") {
			break
		}
		last = n
	}
	return last
}

// sections returns the groups of imports, set apart by blank lines, that stand
// at the top of the file before anything else runs.
func (w *importWriter) sections() [][]*Node {
	var out [][]*Node
	for i, n := range w.file.Module.Children {
		switch {
		case n.Is("import_statement", "import_from_statement"):
			if last := len(out) - 1; last >= 0 && adjoin(out[last][len(out[last])-1], n) {
				out[last] = append(out[last], n)
			} else {
				out = append(out, []*Node{n})
			}
		case i > 0 && !n.Is("future_import_statement", "if_statement", "try_statement"):
			return out
		}
	}
	return out
}

// adjoin reports whether the next statement of a block begins on the line after
// another, or only comments stand between.
func adjoin(a, b *Node) bool {
	gap := strings.ReplaceAll(string(a.File.Source[a.End:b.Start]), "\r\n", "\n")
	for i, line := range strings.Split(gap, "\n") {
		if i > 0 && strings.TrimSpace(line) == "" && i < strings.Count(gap, "\n") {
			return false
		}
		if text := strings.TrimSpace(line); text != "" && text[0] != '#' {
			return false
		}
	}
	return strings.Contains(gap, "\n")
}

// importRun returns the imports that stand in one run with a statement.
func importRun(stmt *Node) []*Node {
	run := []*Node{}
	in := false
	for _, n := range stmt.Parent.Children {
		if !n.Is("import_statement", "import_from_statement") || len(run) > 0 && !adjoin(run[len(run)-1], n) {
			if in {
				return run
			}
			run = run[:0]
		}
		if n.Is("import_statement", "import_from_statement") {
			run = append(run, n)
		}
		in = in || n == stmt
	}
	return run
}

// inOrder returns the place of "import module" in a section: behind the plain
// imports that come before it in the alphabet, which stand before the others.
func inOrder(section []*Node, module string) importPlace {
	place := importPlace{stmt: section[0], before: true}
	for _, stmt := range section {
		if stmt.Is("import_statement") && moduleOf(stmt) <= module {
			place = importPlace{stmt: stmt}
		}
	}
	return place
}

// near returns the place of a from-import beside another: behind those of the
// same package that come before it in the alphabet, or before the other where
// that comes after it.
func (w *importWriter) near(a addition) importPlace {
	if allGone(a.beside, w.gone) {
		if place := w.elsewhere(a.beside, a.module); place != nil {
			return *place
		}
		return importPlace{stmt: a.beside}
	}
	root, _, _ := strings.Cut(a.module, ".")
	run := importRun(a.beside)
	for _, stmt := range run {
		if !w.single || !stmt.Is("import_from_statement") || moduleOf(stmt) != a.module {
			continue
		}
		if names := stmt.Fields("name"); len(names) > 0 && names[0].Text() > a.name { // "import *" has none
			return importPlace{stmt: stmt, before: true}
		}
	}
	place := importPlace{stmt: a.beside, before: ownLine(a.beside) && importsRoot(a.beside, root) && moduleOf(a.beside) > a.module}
	for _, stmt := range run {
		if stmt.Start > a.beside.Start && stmt.Is("import_from_statement") && importsRoot(stmt, root) && moduleOf(stmt) <= a.module && !allGone(stmt, w.gone) {
			place = importPlace{stmt: stmt}
		}
	}
	return place
}

// moduleOf returns the first module that an import statement names.
func moduleOf(stmt *Node) string {
	if stmt.Is("import_from_statement") {
		return stmt.Child("module_name").Text()
	}
	item := stmt.Fields("name")[0]
	if item.Is("aliased_import") {
		item = item.Child("name")
	}
	return item.Text()
}

// importsRoot reports whether a statement imports a package or something in it.
func importsRoot(stmt *Node, root string) bool {
	m := moduleOf(stmt)
	return m == root || strings.HasPrefix(m, root+".")
}

// importsModule reports whether a plain import names the module.
func importsModule(stmt *Node, module string) bool {
	for _, item := range stmt.Fields("name") {
		if item.Text() == module {
			return true
		}
	}
	return false
}

// singleLines reports whether a file imports the names of one module by a
// statement each, and no statement imports two.
func singleLines(f *File) bool {
	seen, repeated := map[string]bool{}, false
	for _, n := range f.Module.Children {
		if !n.Is("import_from_statement") {
			continue
		}
		if len(n.Fields("name")) > 1 {
			return false
		}
		repeated = repeated || seen[moduleOf(n)]
		seen[moduleOf(n)] = true
	}
	return repeated
}

// fromStandardLibrary reports whether a statement imports a module that comes
// with Python, as far as the usual ones go.
func fromStandardLibrary(stmt *Node) bool {
	return ComesWithPython(moduleOf(stmt))
}

// ComesWithPython reports whether a dotted name is, or belongs to, a module of
// the standard library, as far as the usual ones go.
func ComesWithPython(dotted string) bool {
	root, _, _ := strings.Cut(dotted, ".")
	return slices.Contains(usualModules, root)
}

var usualModules = []string{"abc", "argparse", "ast", "asyncio", "base64", "collections", "concurrent", "contextlib", "contextvars", "copy", "csv",
	"dataclasses", "datetime", "decimal", "email", "enum", "functools", "glob", "gzip", "hashlib", "hmac", "html", "http", "importlib", "inspect",
	"io", "itertools", "json", "logging", "math", "multiprocessing", "operator", "os", "pathlib", "pickle", "platform", "queue", "random", "re",
	"secrets", "shutil", "signal", "socket", "sqlite3", "ssl", "string", "struct", "subprocess", "sys", "tempfile", "textwrap", "threading",
	"time", "traceback", "types", "typing", "unittest", "urllib", "uuid", "warnings", "weakref", "xml", "zipfile", "zoneinfo"}

// insert adds statements on lines of their own.
func (w *importWriter) insert(place importPlace, lines []string) []Edit {
	nl := w.file.Style.Newline
	stmt := place.stmt
	switch {
	case stmt == nil:
		at := w.top()
		return []Edit{{at, at, strings.Join(lines, nl) + nl + strings.Repeat(nl, w.linesBelow())}}
	case place.before:
		gap := nl + stmt.Indent()
		if stmt.Parent.Is("module") && newSection(stmt, lines[0]) {
			gap = nl + gap
		}
		return []Edit{{stmt.Start, stmt.Start, strings.Join(lines, nl+stmt.Indent()) + gap}}
	}
	end := w.file.LineSpan(stmt.End).End
	gap := nl
	if stmt.Is("expression_statement") { // the docstring
		gap += nl
	}
	return []Edit{{end, end, gap + stmt.Indent() + strings.Join(lines, nl+stmt.Indent())}}
}

// linesBelow is how many blank lines set the first import of a file apart from
// what the file begins with: two from a definition, one from anything else.
func (w *importWriter) linesBelow() int {
	switch all := w.file.Module.Children; {
	case len(all) == 0:
		return 0
	case all[0].Is("function_definition", "class_definition", "decorated_definition"):
		return 2
	}
	return 1
}

// newSection reports whether a module of the standard library comes before
// imports of other packages.
func newSection(stmt *Node, line string) bool {
	root, _, _ := strings.Cut(strings.Fields(line)[1], ".")
	return slices.Contains(usualModules, root) && !fromStandardLibrary(stmt)
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
