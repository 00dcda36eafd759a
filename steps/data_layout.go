package steps

import (
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// outgrown reports whether the line of a call that stood on one line, or whose
// arguments did, would outgrow the width by the edits on it, which it did not
// before.
func (s *dataSite) outgrown(edits []rewrite.Edit) bool {
	call, f := s.call(), s.attr.File
	line := f.LineSpan(call.Start)
	if s.stmt == nil || s.commented() {
		return false
	}
	if call.End > line.End {
		if !rewrite.Hugged(call) {
			return false
		}
		line = f.LineSpan(call.Args()[0].Node.Start)
	}
	width := lineWidth(s.pass.Project, f.Path)
	if textWidth(string(f.Source[line.Start:line.End])) > width {
		return false
	}
	moved := make([]rewrite.Edit, 0, len(edits))
	for _, e := range edits {
		if e.End < line.Start {
			continue // the name of the method
		}
		if e.Start < line.Start || e.End > line.End {
			return false
		}
		moved = append(moved, rewrite.Edit{Start: e.Start - line.Start, End: e.End - line.Start, New: e.New})
	}
	text := string(rewrite.Apply(f.Source[line.Start:line.End], moved))
	return textWidth(rewrite.PlainNames(text[strings.LastIndexByte(text, '\n')+1:])) > width
}

// textWidth is the width of a line without the comment behind it, which
// formatters let run over.
func textWidth(line string) int {
	if i := strings.Index(line, "  #"); i >= 0 {
		line = line[:i]
	}
	return rewrite.Columns(line)
}

// laidOut adds to edits of a call, by which it outgrows its line, those that
// give every argument a line of its own. shift is the indentation that the edits
// add to the statement.
func (s *dataSite) laidOut(edits []rewrite.Edit, shift string) []rewrite.Edit {
	if !s.outgrown(edits) {
		return edits
	}
	call := s.call()
	list, args := call.Child("arguments"), call.Args()
	if len(args) != len(list.Children) {
		return edits // a bare generator
	}
	style := s.attr.File.Style
	outer := style.Newline + s.stmt.Indent() + shift
	inner := outer + style.Indent
	out := append(slices.Clip(edits), rewrite.Edit{Start: list.Start + 1, End: args[0].Node.Start, New: inner})
	for i, a := range args[1:] {
		out = append(out, rewrite.Edit{Start: args[i].Node.End, End: a.Node.Start, New: "," + inner})
	}
	return append(out, rewrite.Edit{Start: args[len(args)-1].Node.End, End: list.End - 1, New: "," + outer})
}

// layOutDict gives every entry of a dictionary that outgrows its line a line of
// its own. leaves are the entries that are left, with edits inside them.
func (s *dataSite) layOutDict(leaves []*rewrite.Node) {
	if len(leaves) == 0 || !s.outgrown(s.edits) {
		return
	}
	style := s.attr.File.Style
	outer := style.Newline + s.stmt.Indent()
	inner := outer + style.Indent + style.Indent
	var b strings.Builder
	b.WriteString(s.recv.Text() + ".set_attributes(" + outer + style.Indent + "{")
	for _, leaf := range leaves {
		var inside []rewrite.Edit
		for _, e := range s.edits {
			if e.Start >= leaf.Start && e.End <= leaf.End {
				inside = append(inside, e)
			}
		}
		b.WriteString(inner + edited(leaf, inside) + ",")
	}
	b.WriteString(outer + style.Indent + "}" + outer + ")")
	call := s.call()
	s.edits = []rewrite.Edit{{Start: call.Start, End: call.End, New: b.String()}}
}
