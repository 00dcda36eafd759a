package rewrite

import (
	"bytes"
	"slices"
	"strings"
)

// elsewhere returns where a from-import of module goes that takes the place of
// stmt, in a run that is in the order of its modules and would no longer be; nil
// where it can stay there. What a comment belongs to stays.
func (w *importWriter) elsewhere(stmt *Node, module string) *importPlace {
	if commented(stmt) {
		return nil
	}
	var before, after []string
	var place *importPlace
	for _, s := range importRun(stmt) {
		if !s.Is("import_from_statement") || s != stmt && allGone(s, w.gone) {
			continue
		}
		m := moduleOf(s)
		before = append(before, strings.ToLower(m))
		if s == stmt {
			m = module
		} else if strings.ToLower(m) <= strings.ToLower(module) {
			place = &importPlace{stmt: s}
		}
		after = append(after, strings.ToLower(m))
	}
	if !slices.IsSorted(before) || slices.IsSorted(after) {
		return nil
	}
	return place
}

// commented reports a statement of several lines, or with a comment behind it or
// right above.
func commented(stmt *Node) bool {
	f := stmt.File
	line := f.LineSpan(stmt.Start)
	if text := bytes.TrimPrefix(f.Source[line.Start:line.End], utf8BOM); string(bytes.TrimSpace(text)) != stmt.Text() {
		return true
	}
	if line.Start == 0 {
		return false
	}
	above := f.LineSpan(line.Start - 1)
	return strings.HasPrefix(strings.TrimSpace(string(f.Source[above.Start:above.End])), "#")
}
