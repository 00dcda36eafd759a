package rewrite

import (
	"bytes"
	"strings"

	"znkr.io/diff"
	"znkr.io/diff/textdiff"
)

// Conflict is a place that two sides changed differently. The spans are byte
// offsets into the three texts and cover what the sides made of the same piece
// of base; the lines are those on which the spans start, from 1.
type Conflict struct {
	Base, Ours, Theirs             Span
	BaseLine, OursLine, TheirsLine int
}

// Merge makes both the changes from base to ours and those from base to theirs.
// It works on tokens, not lines, so that two changes of one call merge as long
// as they neither overlap nor touch. What only one side changed is taken, and
// so is what both changed alike; anything else is a conflict, and then merged
// is nil. The texts are the bytes of files in UTF-8 or another superset of
// ASCII; they need not parse, and a caller has to check that the result does.
func Merge(base, ours, theirs []byte) (merged []byte, conflicts []Conflict) {
	m := merger{base: base, ours: side{text: ours, changes: byteChanges(base, ours)}, theirs: side{text: theirs, changes: byteChanges(base, theirs)}}
	var out bytes.Buffer
	at := 0
	for m.more() {
		c := m.group()
		out.Write(base[at:c.Base.Start])
		at = c.Base.End
		was, a, b := base[c.Base.Start:c.Base.End], ours[c.Ours.Start:c.Ours.End], theirs[c.Theirs.Start:c.Theirs.End]
		switch {
		case bytes.Equal(a, b), bytes.Equal(b, was):
			out.Write(a)
		case bytes.Equal(a, was):
			out.Write(b)
		default:
			c.BaseLine, c.OursLine, c.TheirsLine = lineAt(base, c.Base.Start), lineAt(ours, c.Ours.Start), lineAt(theirs, c.Theirs.Start)
			conflicts = append(conflicts, c)
		}
	}
	if conflicts != nil {
		return nil, conflicts
	}
	out.Write(base[at:])
	return out.Bytes(), nil
}

// side is one of the two changed texts; its changes are taken off the front.
type side struct {
	text    []byte
	changes []change // in bytes, ordered, with unchanged bytes between them
	shift   int      // what to add to an offset in base behind the changes taken so far
}

type merger struct {
	base         []byte
	ours, theirs side
}

func (m *merger) more() bool { return len(m.ours.changes)+len(m.theirs.changes) > 0 }

// group takes the next changes that overlap or touch each other.
func (m *merger) group() Conflict {
	start := len(m.base)
	for _, s := range []*side{&m.ours, &m.theirs} {
		if len(s.changes) > 0 {
			start = min(start, s.changes[0].oldStart)
		}
	}
	c := Conflict{Ours: Span{Start: start + m.ours.shift}, Theirs: Span{Start: start + m.theirs.shift}}
	end := start
	for m.ours.take(&end) || m.theirs.take(&end) {
	}
	c.Base = Span{start, end}
	c.Ours.End, c.Theirs.End = end+m.ours.shift, end+m.theirs.shift
	return c
}

// take consumes the next change if it starts at or before end, and moves end
// behind it.
func (s *side) take(end *int) bool {
	if len(s.changes) == 0 || s.changes[0].oldStart > *end {
		return false
	}
	c := s.changes[0]
	s.changes = s.changes[1:]
	s.shift = c.newEnd - c.oldEnd
	*end = max(*end, c.oldEnd)
	return true
}

// byteChanges compares two texts and returns their differences in byte offsets.
// Lines are compared first, which keeps words from matching across the file;
// within changed lines tokens are. Lines that have little in common make one
// change, from their first different token to their last.
func byteChanges(old, fresh []byte) []change {
	var out []change
	oldLines, freshLines := lineOffsets(old), lineOffsets(fresh)
	for _, h := range textdiff.Hunks(old, fresh, diff.Minimal(), diff.Context(0), textdiff.IndentHeuristic()) {
		block := change{oldLines[h.LineNoX], oldLines[h.EndLineNoX], freshLines[h.LineNoY], freshLines[h.EndLineNoY]}
		out = append(out, block.refine(old, fresh)...)
	}
	return out
}

// lineOffsets returns the offset of every line that "\n" ends or the file's
// end does, and the length of the text.
func lineOffsets(text []byte) []int {
	out := []int{0}
	for i, c := range text {
		if c == '\n' && i+1 < len(text) {
			out = append(out, i+1)
		}
	}
	return append(out, len(text))
}

// refine splits a change of whole lines into changes of tokens.
func (c change) refine(old, fresh []byte) []change {
	a, b := tokens(string(old[c.oldStart:c.oldEnd])), tokens(string(fresh[c.newStart:c.newEnd]))
	list := changes(a, b)
	if len(list) > 1 && !alike(a, b, list) {
		first, last := list[0], list[len(list)-1]
		list = []change{{first.oldStart, last.oldEnd, first.newStart, last.newEnd}}
	}
	aAt, bAt := tokenOffsets(c.oldStart, a), tokenOffsets(c.newStart, b)
	out := make([]change, len(list))
	for i, t := range list {
		out[i] = change{aAt[t.oldStart], aAt[t.oldEnd], bAt[t.newStart], bAt[t.newEnd]}
	}
	return out
}

// tokenOffsets returns where each token starts and the last one ends, the
// first one starting at from.
func tokenOffsets(from int, list []string) []int {
	out := make([]int, len(list)+1)
	out[0] = from
	for i, t := range list {
		out[i+1] = out[i] + len(t)
	}
	return out
}

// lineAt returns the line, from 1, that holds an offset.
func lineAt(text []byte, offset int) int {
	before := string(text[:offset])
	return 1 + strings.Count(before, "\n") + strings.Count(before, "\r") - strings.Count(before, "\r\n")
}
