package rewrite

import (
	"bytes"
	"strings"
)

// RemoveStatement deletes a simple statement with its line; a comment on the
// line stays. Where the statement is the only one of its block it becomes pass,
// and where it shares a line with others only its own part goes. Of the blank
// lines on both sides the more stay, and none at the top of a file.
func RemoveStatement(stmt *Node) Edit {
	f := stmt.File
	if !stmt.Parent.Is("module") && len(stmt.Parent.Children) == 1 {
		return Edit{stmt.Start, stmt.End, "pass"}
	}
	line := f.LineSpan(stmt.Start)
	if line.Start == 0 && bytes.HasPrefix(f.Source, utf8BOM) {
		line.Start = len(utf8BOM)
	}
	before := string(f.Source[line.Start:stmt.Start])
	after := string(f.Source[stmt.End:f.LineSpan(stmt.End).End])
	rest := strings.TrimLeft(after, " \t")
	switch {
	case strings.HasPrefix(rest, ";"):
		skip := len(after) - len(strings.TrimLeft(rest[1:], " \t"))
		return Edit{stmt.Start, stmt.End + skip, ""}
	case strings.TrimSpace(before) != "":
		start := stmt.Start
		for start > line.Start && (f.Source[start-1] == ' ' || f.Source[start-1] == ';' || f.Source[start-1] == '\t') {
			start--
		}
		return Edit{start, stmt.End, ""}
	case strings.HasPrefix(rest, "#"):
		return Edit{stmt.Start, stmt.End + len(after) - len(rest), ""}
	}
	start, end := line.Start, lineAfter(f.Source, f.LineSpan(stmt.End).End)
	above, below := blanksAbove(f.Source, start), blanksBelow(f.Source, end)
	if len(bytes.TrimPrefix(f.Source[:start], utf8BOM)) == 0 || bytes.Count(f.Source[above:start], newline) >= bytes.Count(f.Source[end:below], newline) {
		return Edit{start, below, ""}
	}
	return Edit{above, end, ""}
}

var newline = []byte("\n")

// blanksAbove returns where the blank lines before the line at start begin.
func blanksAbove(src []byte, start int) int {
	text := len(bytes.TrimRight(src[:start], " \t\r\n\f"))
	return min(start, text+bytes.IndexByte(src[text:start], '\n')+1)
}

// blanksBelow returns where the blank lines from the line at end on end; those
// that end the file stay.
func blanksBelow(src []byte, end int) int {
	text := len(src) - len(bytes.TrimLeft(src[end:], " \t\r\n\f"))
	if text == len(src) {
		return end
	}
	return end + bytes.LastIndexByte(src[end:text], '\n') + 1
}

// InsertBefore returns the edit that puts lines before a statement, with its
// indentation. The statement must start its line; ok is false where it does
// not and a line cannot be inserted (behind a semicolon, or on the line of a
// compound statement's colon).
func InsertBefore(stmt *Node, lines ...string) (e Edit, ok bool) {
	f := stmt.File
	start := lineBegin(f.Source, stmt.Start)
	indent := string(f.Source[start:stmt.Start])
	if strings.TrimSpace(strings.TrimPrefix(indent, string(utf8BOM))) != "" {
		return Edit{}, false
	}
	nl := f.Style.Newline
	return Edit{stmt.Start, stmt.Start, strings.Join(lines, nl+indent) + nl + indent}, true
}

// InsertAfter returns the edit that puts lines behind a simple statement, with
// its indentation; ok is false where the statement does not have its lines to
// itself.
func InsertAfter(stmt *Node, lines ...string) (e Edit, ok bool) {
	f := stmt.File
	start := lineBegin(f.Source, stmt.Start)
	line := f.LineSpan(stmt.End)
	rest := strings.TrimSpace(string(f.Source[stmt.End:line.End]))
	indent := strings.TrimPrefix(string(f.Source[start:stmt.Start]), string(utf8BOM))
	if strings.TrimSpace(indent) != "" || rest != "" && !strings.HasPrefix(rest, "#") {
		return Edit{}, false
	}
	nl := f.Style.Newline
	return Edit{line.End, line.End, nl + indent + strings.Join(lines, nl+indent)}, true
}

// stringLines returns the offsets of lines that begin inside a string.
func stringLines(f *File, start, end int) map[int]bool {
	inside := map[int]bool{}
	f.Module.Walk(func(n *Node) bool {
		if n.End <= start || n.Start >= end {
			return false
		}
		if !n.Is("string") {
			return true
		}
		for at := n.Start; at < n.End; at++ {
			if f.Source[at] == '\n' || f.Source[at] == '\r' && at+1 < len(f.Source) && f.Source[at+1] != '\n' {
				inside[at+1] = true
			}
		}
		return false
	})
	return inside
}
