package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// definitions are the functions that a step writes, so that two of them never
// get one name and clients with the same logic share one.
type definitions struct {
	names map[string]string // anchor and body -> name
	taken map[string]bool   // path and name
}

// define writes a function where the option can see it and returns its name:
// before the callback if that stands in reach, else before the statement that
// sets the option. needs are expressions the function evaluates.
func (m *rehoming) define(wish string, write func(name string) []string, needs ...*rewrite.Node) string {
	anchor := m.anchor(needs)
	file := anchor.File.Path
	body := file + "@" + itoa(anchor.Start) + strings.Join(write(""), "\n")
	if name, ok := m.made.names[body]; ok {
		m.edits = append(m.edits, defineBefore(anchor, write(name)))
		return name
	}
	name := wish
	for m.made.taken[file+"::"+name] || len(namesIn(anchor.File.Module, name)) > 0 {
		name += "_"
	}
	m.made.taken[file+"::"+name] = true
	m.made.names[body] = name
	m.edits = append(m.edits, defineBefore(anchor, write(name)))
	return name
}

func (m *rehoming) anchor(needs []*rewrite.Node) *rewrite.Node {
	anchor := m.option.node.Statement()
	def := m.filter.cb.def
	if !def.Is("function_definition") || def.File != anchor.File || def.Class() != nil || len(m.filter.given) > 0 {
		return anchor
	}
	around := def.Function()
	if around != nil && !around.Contains(anchor) {
		return anchor
	}
	for _, n := range needs {
		if !seenFrom(n, around) {
			return anchor
		}
	}
	return def.Statement()
}

// seenFrom reports whether every name in n is bound in a function, nil for the
// module, or outside of it.
func seenFrom(n, function *rewrite.Node) bool {
	ok := true
	n.Walk(func(m *rewrite.Node) bool {
		if m.Is("identifier") && m.Field != "attribute" {
			if scope, _ := m.File.ScopeOf(m).Lookup(m.Text()); scope != nil && !scope.Node.Is("module") && scope.Node != function {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// defineBefore inserts a function before a statement and the comments above
// it, with the blank lines that belong around it.
func defineBefore(anchor *rewrite.Node, lines []string) rewrite.Edit {
	f := anchor.File
	nl, indent := f.Style.Newline, anchor.Indent()
	blanks := nl + nl
	if !anchor.Parent.Is("module") {
		blanks = nl
	}
	at := f.LineSpan(anchor.Start).Start
	for at > 0 {
		above := lineAbove(f, at)
		text := string(f.Source[above.Start:above.End])
		if !strings.HasPrefix(text, indent+"#") || strings.HasPrefix(text, "#!") {
			break
		}
		at = above.Start
	}
	var b strings.Builder
	if missing := missingBlanks(f, at, strings.Count(blanks, nl)); anchor.Parent.Children[0] != anchor {
		b.WriteString(strings.Repeat(nl, missing))
	}
	for _, l := range lines {
		if l != "" {
			b.WriteString(indent + l)
		}
		b.WriteString(nl)
	}
	b.WriteString(blanks)
	return rewrite.Edit{Start: at, End: at, New: b.String()}
}

// missingBlanks counts the blank lines that are wanted before an offset and
// not there.
func missingBlanks(f *rewrite.File, at, want int) int {
	for want > 0 && at > 0 {
		above := lineAbove(f, at)
		if strings.TrimSpace(string(f.Source[above.Start:above.End])) != "" {
			return want
		}
		want--
		at = above.Start
	}
	return want
}

// lineAbove returns the line that ends before the line which starts at an
// offset greater than 0.
func lineAbove(f *rewrite.File, start int) rewrite.Span {
	end := start - 1
	if end > 0 && f.Source[end] == '\n' && f.Source[end-1] == '\r' {
		end--
	}
	return f.LineSpan(end)
}
