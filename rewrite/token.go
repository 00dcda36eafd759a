package rewrite

import (
	"strings"

	"znkr.io/diff"
)

// tokens splits text into words, runs of white space, line ends and single
// punctuation bytes. It needs no syntax, so it also serves text that does not
// parse, and manifests.
func tokens(text string) []string {
	var out []string
	for len(text) > 0 {
		n := tokenLength(text)
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

func tokenLength(text string) int {
	class := isBlank
	switch {
	case strings.HasPrefix(text, "\r\n"):
		return 2
	case isWordByte(text[0]):
		class = isWordByte
	case !isBlank(text[0]):
		return 1
	}
	n := 1
	for n < len(text) && class(text[n]) {
		n++
	}
	return n
}

func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) }

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\f' }

// blankToken reports whether a token is white space or a line end.
func blankToken(t string) bool { return isSpace(t[0]) }

// change is one difference between two token lists: old[OldStart:OldEnd)
// became fresh[NewStart:NewEnd).
type change struct{ oldStart, oldEnd, newStart, newEnd int }

// changes compares two token lists. The diff is minimal for all but long lists.
func changes(old, fresh []string) []change {
	var out []change
	for _, h := range diff.Hunks(old, fresh, diff.Context(0)) {
		out = append(out, change{h.PosX, h.EndX, h.PosY, h.EndY})
	}
	return out
}

// alike reports whether so much of the shorter list is found again in the
// other that the changes between them mean something. White space does not
// count.
func alike(old, fresh []string, list []change) bool {
	kept, oldAll, freshAll := 0, solid(old), solid(fresh)
	at := 0
	for _, c := range list {
		kept += solid(old[at:c.oldStart])
		at = c.oldEnd
	}
	kept += solid(old[at:])
	return kept*10 >= min(oldAll, freshAll)*4
}

// solid counts the tokens that are no white space.
func solid(list []string) int {
	n := 0
	for _, t := range list {
		if !blankToken(t) {
			n++
		}
	}
	return n
}
