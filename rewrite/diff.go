package rewrite

import (
	"bytes"
	"fmt"
	"strings"

	"znkr.io/diff"
	"znkr.io/diff/textdiff"
)

// Hunk is a run of changed lines with up to three unchanged lines around it.
// Line numbers count from 1; where a side has no lines in the hunk its number
// is that of the line before, as in a unified diff.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
	Heading            string // the def or class line that stands above the hunk, "" at the top level
	Lines              []DiffLine
}

// DiffLine is one line of a [Hunk].
type DiffLine struct {
	Op       byte   // ' ' for an unchanged line, '-' for one that goes, '+' for one that comes
	Old, New int    // line numbers from 1, 0 on the side that lacks the line
	Text     string // the line without its "\n"; a "\r" before it stays
	NoEnd    bool   // the file ends with this line and no "\n"
	Marks    []Span // the bytes of Text that changed, nil where most of the line did
}

// Hunks compares two versions of a file line by line and, within replaced
// lines, word by word. It returns nil when they are equal.
func Hunks(before, after []byte) []Hunk {
	hunks := lineHunks(before, after)
	for _, h := range hunks {
		for rest := h.Lines; len(rest) > 0; {
			old, rest2 := leading(rest, '-')
			fresh, rest3 := leading(rest2, '+')
			markLines(old, fresh)
			_, rest = leading(rest3, ' ')
		}
	}
	return hunks
}

// lineHunks is [Hunks] without word marks.
func lineHunks(before, after []byte) []Hunk {
	var out []Hunk
	heading := headings{src: before}
	for _, h := range textdiff.Hunks(before, after, textdiff.IndentHeuristic()) {
		hunk := Hunk{
			OldStart: h.LineNoX + 1, OldLines: h.EndLineNoX - h.LineNoX,
			NewStart: h.LineNoY + 1, NewLines: h.EndLineNoY - h.LineNoY,
			Heading: heading.above(h.LineNoX),
			Lines:   make([]DiffLine, len(h.Edits)),
		}
		if hunk.OldLines == 0 {
			hunk.OldStart--
		}
		if hunk.NewLines == 0 {
			hunk.NewStart--
		}
		for i, e := range h.Edits {
			hunk.Lines[i] = diffLine(e)
		}
		out = append(out, hunk)
	}
	return out
}

func diffLine(e textdiff.Edit[[]byte]) DiffLine {
	text, ended := bytes.CutSuffix(e.Line, []byte("\n"))
	l := DiffLine{Op: ' ', Old: e.LineNoX + 1, New: e.LineNoY + 1, Text: string(text), NoEnd: !ended}
	switch e.Op {
	case diff.Delete:
		l.Op = '-'
	case diff.Insert:
		l.Op = '+'
	}
	return l
}

// leading cuts the lines with the given sign off the front.
func leading(lines []DiffLine, op byte) (run, rest []DiffLine) {
	n := 0
	for n < len(lines) && lines[n].Op == op {
		n++
	}
	return lines[:n], lines[n:]
}

// headings finds the def and class lines of a source, asked from top to bottom.
type headings struct {
	src  []byte
	line int    // number, from 0, of the line at the front of src
	last string // the def or class line that holds it, as far as lines tell
}

// above returns the def or class line that holds a line, counted from 0.
func (h *headings) above(line int) string {
	for ; h.line < line; h.line++ {
		text, rest, _ := bytes.Cut(h.src, []byte("\n"))
		h.src = rest
		if inner := bytes.TrimSpace(text); isHeading(inner) {
			h.last = string(inner)
		} else if len(text) > 0 && (isLetter(text[0]) || text[0] == '@') {
			h.last = ""
		}
	}
	if len(h.src) > 0 && !isSpace(h.src[0]) {
		return "" // the line stands at the top level itself
	}
	return h.last
}

func isHeading(line []byte) bool {
	for _, word := range []string{"def ", "class ", "async def "} {
		if bytes.HasPrefix(line, []byte(word)) {
			return true
		}
	}
	return false
}

// Unified returns the change of one existing file as a unified diff that
// "git apply" takes, nil when nothing changed. path is relative to the
// repository root, with slashes.
func Unified(path string, before, after []byte) []byte {
	hunks := lineHunks(before, after)
	if len(hunks) == 0 {
		return nil
	}
	var b bytes.Buffer
	old, fresh := quotePath("a/"+path), quotePath("b/"+path)
	end := "\n"
	if strings.Contains(path, " ") {
		end = "\t\n" // tells where the name ends
	}
	fmt.Fprintf(&b, "diff --git %s %s\n--- %s%s+++ %s%s", old, fresh, old, end, fresh, end)
	for _, h := range hunks {
		h.write(&b)
	}
	return b.Bytes()
}

func (h Hunk) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "@@ -%s +%s @@", hunkRange(h.OldStart, h.OldLines), hunkRange(h.NewStart, h.NewLines))
	if h.Heading != "" {
		b.WriteString(" " + h.Heading)
	}
	b.WriteByte('\n')
	for _, l := range h.Lines {
		b.WriteByte(l.Op)
		b.WriteString(l.Text)
		b.WriteByte('\n')
		if l.NoEnd {
			b.WriteString("\\ No newline at end of file\n")
		}
	}
}

func hunkRange(start, lines int) string {
	if lines == 1 {
		return fmt.Sprint(start)
	}
	return fmt.Sprintf("%d,%d", start, lines)
}

// quotePath writes a path as git does: in C quotes where it holds a control
// character, a quote, a backslash or anything outside ASCII.
func quotePath(path string) string {
	var b strings.Builder
	odd := false
	for i := range len(path) {
		c := path[i]
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= 0x07 && c <= 0x0d:
			b.WriteByte('\\')
			b.WriteByte("abtnvfr"[c-0x07])
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
			continue
		}
		odd = true
	}
	if !odd {
		return path
	}
	return `"` + b.String() + `"`
}
