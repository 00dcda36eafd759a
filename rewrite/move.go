package rewrite

import (
	"sort"
	"strings"
)

// Move says that the lines of a file that begin in [Start, End) change their
// indentation: by Unit to the right, or to the left. Empty lines and lines that
// begin inside a string stay. Other edits inside move with them: see [Shift]
// and [Move.Lines].
type Move struct {
	Start, End int
	Unit       string
	Left       bool
}

// Lines returns the edits that move the lines of f, but for those that edits
// take away or replace together with the line before them.
func (m Move) Lines(f *File, edits []Edit) []Edit {
	inString := stringLines(f, m.Start, m.End)
	var out []Edit
	at := m.Start
	if lineBegin(f.Source, at) != at {
		at = lineAfter(f.Source, f.LineSpan(at).End)
	}
	for ; at < m.End; at = lineAfter(f.Source, f.LineSpan(at).End) {
		line := f.LineSpan(at)
		text := string(f.Source[line.Start:line.End])
		if inString[line.Start] || strings.TrimSpace(text) == "" || swallowed(line, edits) {
			continue
		}
		switch {
		case !m.Left:
			out = append(out, Edit{line.Start, line.Start, m.Unit})
		case strings.HasPrefix(text, m.Unit):
			out = append(out, Edit{line.Start, line.Start + len(m.Unit), ""})
		}
	}
	return out
}

// swallowed reports a line whose beginning is no beginning of a line any more,
// or that goes as a whole.
func swallowed(line Span, edits []Edit) bool {
	for _, e := range edits {
		if e.Start < line.Start && e.End > line.Start || e.Start == line.Start && e.End > line.End {
			return true
		}
	}
	return false
}

// Shift moves the lines that edits write inside the moves: the text behind each
// line end in them gets the indentation of its new place.
func Shift(f *File, edits []Edit, moves []Move) []Edit {
	out := append([]Edit(nil), edits...)
	for i, e := range out {
		for _, m := range moves {
			if e.Start >= m.Start && e.End <= m.End {
				out[i].New = m.shift(out[i].New, e.Start == e.End && lineBegin(f.Source, e.Start) == e.Start)
			}
		}
	}
	return out
}

// shift moves the lines that begin in a text. Where it stands in front of a
// line, what is inserted there to move that line moves the first line of text
// instead, and the end of text makes up for it.
func (m Move) shift(text string, inFront bool) string {
	starts := lineStarts(text)
	if m.Left && inFront {
		starts = append([]int{0}, starts...)
	}
	var b strings.Builder
	at := 0
	for _, s := range starts {
		b.WriteString(text[at:s])
		at = s
		rest := text[s:]
		switch {
		case m.Left:
			if strings.HasPrefix(rest, m.Unit) {
				at += len(m.Unit)
			}
		case rest == "" && inFront, rest != "" && rest[0] != '\n' && rest[0] != '\r':
			b.WriteString(m.Unit)
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

// lineStarts returns the offsets behind the line ends of a piece of source that
// lie in no string.
func lineStarts(text string) []int {
	var out []int
	l := &lexer{src: []byte(text)}
	for l.pos < len(l.src) {
		if c := l.src[l.pos]; c == '\n' || c == '\r' && !strings.HasPrefix(text[l.pos:], "\r\n") {
			out = append(out, l.pos+1)
		} else if c == '\\' && l.pos+1 < len(text) {
			l.pos++ // a continued line begins like any other
			continue
		}
		l.skip()
	}
	return out
}

// Settle returns the edits of one finding as they read beside others: all are
// the edits that are made with them, own its own moves and moves those of all.
func Settle(f *File, edits, all []Edit, own, moves []Move) []Edit {
	if len(moves) == 0 {
		return edits
	}
	var lines []Edit
	for _, m := range own {
		lines = append(lines, m.Lines(f, all)...)
	}
	sort.SliceStable(lines, func(i, j int) bool { return lines[i].Start < lines[j].Start })
	return append(lines, Shift(f, edits, moves)...)
}
