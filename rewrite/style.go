package rewrite

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Style is how a file is written; new text follows it.
type Style struct {
	Newline string // "\n", "\r\n" or "\r": what most lines end with
	Indent  string // one level of indentation; where no block shows it a tab if lines begin with one, else four spaces
	Quote   byte   // '"' or '\'': what most plain strings use
}

func readStyle(src []byte, f *File) Style {
	s := Style{Newline: "\n", Indent: "    ", Quote: '"'}
	lf, crlf := bytes.Count(f.Source, []byte("\n")), bytes.Count(f.Source, []byte("\r\n"))
	switch {
	case crlf*2 > lf:
		s.Newline = "\r\n"
	case lf == 0 && bytes.IndexByte(f.Source, '\r') >= 0:
		s.Newline = "\r"
	}
	single, double := 0, 0
	indented := false
	f.Module.Walk(func(n *Node) bool {
		switch n.Kind {
		case "block":
			if !indented && len(n.Children) > 0 {
				if in := n.Children[0].Indent(); in != "" && len(in) > len(n.Parent.Indent()) {
					s.Indent, indented = in[len(n.Parent.Indent()):], true
				}
			}
		case "string":
			switch c := src[n.End-1]; {
			case n.End-n.Start > 5 && src[n.End-2] == c && src[n.End-3] == c:
			case c == '\'':
				single++
			case c == '"':
				double++
			}
		}
		return true
	})
	if !indented && bytes.Contains(f.Source, []byte("\n\t")) {
		s.Indent = "\t"
	}
	if single > double {
		s.Quote = '\''
	}
	return s
}

// Columns returns how wide a text is on a line: its characters, tabs counted as
// the four columns that formatters count.
func Columns(s string) int { return utf8.RuneCountInString(s) + 3*strings.Count(s, "\t") }

// Indent returns the white space before the line's first character on which n
// starts.
func (n *Node) Indent() string {
	src := n.File.Source
	start := lineBegin(src, n.Start)
	if start == 0 && bytes.HasPrefix(src, utf8BOM) {
		start = len(utf8BOM)
	}
	end := start
	for end < len(src) && (src[end] == ' ' || src[end] == '\t' || src[end] == '\f') {
		end++
	}
	return string(src[start:end])
}
