package rewrite

import "strings"

// markLines sets the word marks of lines that were replaced by others. Equally
// many lines are compared in pairs; otherwise, as where a call was laid out
// anew, the blocks are compared as a whole.
func markLines(old, fresh []DiffLine) {
	if len(old) == 0 || len(fresh) == 0 {
		return
	}
	if len(old) == len(fresh) && len(old) > 1 {
		for i := range old {
			markLines(old[i:i+1], fresh[i:i+1])
		}
		return
	}
	oldText, freshText := blockTokens(old), blockTokens(fresh)
	list := changes(oldText, freshText)
	if !alike(oldText, freshText, list) {
		return
	}
	oldKept, freshKept := allKept(oldText), allKept(freshText)
	laidOut := len(old) != len(fresh) // white space then says nothing
	for _, c := range list {
		drop(oldText, oldKept, c.oldStart, c.oldEnd, laidOut)
		drop(freshText, freshKept, c.newStart, c.newEnd, laidOut)
	}
	markBlock(old, oldText, oldKept)
	markBlock(fresh, freshText, freshKept)
}

// blockTokens returns the tokens of some lines, with a line end behind each.
func blockTokens(lines []DiffLine) []string {
	var out []string
	for _, l := range lines {
		out = append(append(out, tokens(l.Text)...), "\n")
	}
	return out
}

func allKept(list []string) []bool {
	out := make([]bool, len(list))
	for i := range out {
		out[i] = true
	}
	return out
}

// drop notes that the tokens [start, end) were not kept.
func drop(list []string, kept []bool, start, end int, solidOnly bool) {
	for i := start; i < end; i++ {
		kept[i] = solidOnly && blankToken(list[i])
	}
}

// markBlock marks the tokens that were not kept, line by line. A line of which
// little was kept gets no marks: it is read as a new line.
func markBlock(lines []DiffLine, list []string, kept []bool) {
	for i := range lines {
		n := 0
		for list[n] != "\n" {
			n++
		}
		lines[i].Marks = lineMarks(list[:n], kept[:n])
		list, kept = list[n+1:], kept[n+1:]
	}
}

func lineMarks(list []string, kept []bool) []Span {
	var marks []Span
	all, same, at := 0, 0, 0
	for i, t := range list {
		if !blankToken(t) {
			all++
			if kept[i] {
				same++
			}
		}
		between := i > 0 && i+1 < len(list) && !kept[i-1] && !kept[i+1] // one kept token in a gap reads as part of it
		switch {
		case kept[i] && !between:
		case len(marks) > 0 && marks[len(marks)-1].End == at:
			marks[len(marks)-1].End += len(t)
		default:
			marks = append(marks, Span{at, at + len(t)})
		}
		at += len(t)
	}
	if same*10 < all*4 {
		return nil
	}
	return withoutIndent(marks, strings.Join(list, ""))
}

// withoutIndent takes the indentation out of the marks, unless nothing else
// changed.
func withoutIndent(marks []Span, line string) []Span {
	indent := len(line) - len(strings.TrimLeft(line, " \t\f"))
	if len(marks) == 0 || marks[0].Start >= indent || len(marks) == 1 && marks[0].End <= indent {
		return marks
	}
	if marks[0].End <= indent {
		return marks[1:]
	}
	marks[0].Start = indent
	return marks
}
