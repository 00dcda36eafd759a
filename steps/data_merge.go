package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// runLength returns how many of the sites, from the first on, become one call.
func runLength(sites []*dataSite) int {
	first := sites[0]
	if !first.plain() || !steadyReceiver(first.recv) {
		return 1
	}
	n := 1
	for n < len(sites) && sites[n].plain() && follows(sites[n-1], sites[n]) && sites[n].calm() {
		n++
	}
	if n > 1 && !first.calm() && first.repeatedIn(sites[1:n]) {
		return 1 // the value of the first would no longer be computed
	}
	return n
}

// steadyReceiver reports a receiver that can be named once for several calls.
func steadyReceiver(n *rewrite.Node) bool {
	n = n.Inner()
	for n.Is("attribute") {
		n = n.Child("object")
	}
	return n.Is("identifier")
}

// follows reports whether b is the statement right behind a, on the next line
// but for comments, for the same receiver.
func follows(a, b *dataSite) bool {
	if a.attr.File != b.attr.File || a.recv.Text() != b.recv.Text() || a.stmt.Parent != b.stmt.Parent {
		return false
	}
	if !aloneOnLines(a.stmt) || !aloneOnLines(b.stmt) {
		return false
	}
	adjacent := false
	for i, s := range a.stmt.Parent.Children {
		adjacent = adjacent || s == a.stmt && i+1 < len(a.stmt.Parent.Children) && a.stmt.Parent.Children[i+1] == b.stmt
	}
	if !adjacent {
		return false
	}
	f := a.attr.File
	for at := a.stmt.End; at < b.stmt.Start; {
		line := f.LineSpan(at)
		text := strings.TrimSpace(string(f.Source[at:min(line.End, b.stmt.Start)]))
		if text != "" && text[0] != '#' || text == "" && at > a.stmt.End && line.End < b.stmt.Start {
			return false // a blank line parts them
		}
		at = nextLine(f, line.End)
	}
	return true
}

// aloneOnLines reports a statement that shares its lines with no other one of
// its block.
func aloneOnLines(stmt *rewrite.Node) bool {
	f := stmt.File
	for _, s := range stmt.Parent.Children {
		if s != stmt && (f.LineSpan(s.End) == f.LineSpan(stmt.Start) || f.LineSpan(s.Start) == f.LineSpan(stmt.End)) {
			return false
		}
	}
	return true
}

// nextLine returns the offset behind the line end at pos.
func nextLine(f *rewrite.File, pos int) int {
	if pos < len(f.Source) && f.Source[pos] == '\r' {
		pos++
	}
	if pos < len(f.Source) && f.Source[pos] == '\n' {
		pos++
	}
	return max(pos, 1)
}

// calm reports whether computing the values of a site cannot raise. One that
// might must stay behind the calls before it: what they set would be lost.
func (s *dataSite) calm() bool {
	for _, e := range s.entries() {
		if !s.pass.world.calm(e.value) {
			return false
		}
	}
	return true
}

func (w *world) calm(n *rewrite.Node) bool {
	n = n.Inner()
	switch n.Kind {
	case "identifier", "integer", "float", "true", "false", "none", "string_content", "string_start", "string_end", "escape_sequence":
		return true
	case "attribute":
		return w.calm(n.Child("object"))
	case "string":
		for _, c := range n.Children {
			if c.Is("interpolation") && (c.Child("format_specifier") != nil || !w.calm(c.Child("expression"))) {
				return false
			}
		}
		return true
	case "concatenated_string", "list", "tuple", "conditional_expression", "boolean_operator", "not_operator":
		for _, c := range n.Children {
			if c.Field != "operator" && !w.calm(c) {
				return false
			}
		}
		return true
	case "unary_operator":
		return n.Child("argument").Is("integer", "float")
	case "call":
		fn := n.Child("function")
		if !fn.Is("identifier") || !w.project.IsBuiltin(fn) || len(n.Args()) != 1 || n.Args()[0].Star != "" {
			return false
		}
		switch fn.Text() {
		case "len", "str", "repr", "bool", "type":
			return w.calm(n.Args()[0].Value)
		}
	case "comparison_operator":
		op := n.Child("operators").Text()
		return (op == "is" || op == "is not" || op == "==" || op == "!=") && w.calm(n.Children[0]) && w.calm(n.Children[len(n.Children)-1])
	}
	return false
}

// repeatedIn reports whether a key of the site is set again by one of the
// others.
func (s *dataSite) repeatedIn(others []*dataSite) bool {
	for _, e := range s.entries() {
		for _, o := range others {
			for _, f := range o.entries() {
				if e.key == f.key {
					return true
				}
			}
		}
	}
	return false
}

// mergeData turns a run of calls into one set_attributes({…}). Keys keep their
// order, comments their entry; of two values for one key the last one counts.
func mergeData(run []*dataSite) {
	first, last := run[0], run[len(run)-1]
	f := first.attr.File
	end := last.stmt.End
	rows, commented := mergedRows(run)
	if c, ok := trailingComment(last.stmt); ok {
		end = c.End
	}
	text := first.recv.Text() + ".set_attributes(" + strings.TrimSuffix("{"+strings.Join(entriesOf(rows), ", "), ", ") + "})"
	width := lineWidth(first.pass.Project, f.Path)
	if commented || strings.ContainsAny(text, "\r\n") || rewrite.Columns(first.stmt.Indent()+text) > width {
		text = exploded(first, rows)
	}
	m := *first.member
	m.edits = []rewrite.Edit{{Start: first.stmt.Start, End: end, New: text}}
	for _, s := range run[1:] {
		m.reasons = append(m.reasons, s.reasons...)
	}
	m.reasons = onceEach(append(m.reasons, unknowns(run)...))
	if fold := foldData(run, rows); fold != nil {
		m.others = append(m.others, *fold)
	}
	m.report(first.call(), itoa(len(run))+" calls that put data on one span")
}

func onceEach(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}

// unknowns lists the values of a run of which nothing tells what they are.
func unknowns(run []*dataSite) []string {
	var names []string
	for _, s := range run {
		for _, e := range s.entries() {
			if s.pass.world.attributeValue(e.value).class == valueUnknown {
				names = append(names, brief(e.value))
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"nothing tells what " + strings.Join(onceEach(names), ", ") + " is; text, numbers and truth values are sent as they are, anything else as its repr"}
}

// dataRow is a line of the merged dictionary.
type dataRow struct {
	key      string
	value    *rewrite.Node
	trailing string   // the comment beside it
	above    []string // the comments on lines of their own before it
}

func entriesOf(rows []dataRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.key+": "+valueText(r.value))
	}
	return out
}

// mergedRows gathers the entries of a run with the comments around them.
func mergedRows(run []*dataSite) (rows []dataRow, commented bool) {
	var pending []string
	for i, s := range run {
		if i > 0 {
			pending = append(pending, ownLineComments(run[i-1].stmt, s.stmt)...)
		}
		entries := s.entries()
		for j, e := range entries {
			row := dataRow{key: e.key, value: e.value, above: pending}
			pending = nil
			if c, ok := trailingComment(s.stmt); ok && j == len(entries)-1 {
				row.trailing = string(s.attr.File.Source[c.Start:c.End])
			}
			commented = commented || row.trailing != "" || len(row.above) > 0
			rows = appendRow(rows, row)
		}
	}
	return rows, commented
}

// appendRow adds a row. An earlier one of the same key goes; its comments stay
// with the new one.
func appendRow(rows []dataRow, row dataRow) []dataRow {
	for i, r := range rows {
		if r.key == row.key {
			above := r.above
			if r.trailing != "" {
				above = append(append([]string(nil), above...), r.trailing)
			}
			row.above = append(append([]string(nil), above...), row.above...)
			rows = append(append([]dataRow(nil), rows[:i]...), rows[i+1:]...)
			break
		}
	}
	return append(rows, row)
}

// trailingComment returns the comment right behind a statement on its last line.
func trailingComment(stmt *rewrite.Node) (rewrite.Span, bool) {
	line := stmt.File.LineSpan(stmt.End)
	for _, c := range stmt.File.Comments {
		if c.Start >= stmt.End && c.End <= line.End {
			// behind a semicolon it belongs to another statement
			return c, strings.TrimSpace(string(stmt.File.Source[stmt.End:c.Start])) == ""
		}
	}
	return rewrite.Span{}, false
}

// ownLineComments returns the comments that stand on lines of their own
// between two statements.
func ownLineComments(a, b *rewrite.Node) []string {
	var out []string
	for _, c := range a.File.Comments {
		if c.Start > a.File.LineSpan(a.End).End && c.End <= b.Start {
			out = append(out, string(a.File.Source[c.Start:c.End]))
		}
	}
	return out
}

// exploded lays the merged call out with an entry per line.
func exploded(first *dataSite, rows []dataRow) string {
	style := first.attr.File.Style
	base := style.Newline + first.stmt.Indent()
	inner := base + style.Indent + style.Indent
	var b strings.Builder
	b.WriteString(first.recv.Text() + ".set_attributes(" + base + style.Indent + "{")
	for _, r := range rows {
		for _, c := range r.above {
			b.WriteString(inner + c)
		}
		b.WriteString(inner + r.key + ": " + indented(r.value, style.Indent+style.Indent) + ",")
		if r.trailing != "" {
			b.WriteString("  " + r.trailing)
		}
	}
	b.WriteString(base + style.Indent + "}" + base + ")")
	return b.String()
}

// indented is the text of a value whose further lines move to the right, unless
// one of them begins inside a string.
func indented(v *rewrite.Node, by string) string {
	text := valueText(v)
	multiline := false
	v.Walk(func(n *rewrite.Node) bool {
		multiline = multiline || n.Is("string") && strings.ContainsAny(n.Text(), "\r\n")
		return !multiline
	})
	if multiline {
		return text
	}
	return strings.ReplaceAll(text, "\n", "\n"+by)
}
