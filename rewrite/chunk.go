package rewrite

import (
	"bytes"
	"slices"
)

// chunk is one top-level statement with the comments and blank lines before it.
type chunk struct {
	Span
	head   int  // offset of the statement's first byte
	opaque bool // not parsed
}

// chunks splits source into its top-level statements and returns the comments
// in source order. Where a bracket or a string never closes it starts again
// and takes every def, class, import or decorator at column 0 for a statement,
// so that broken syntax costs only the statement that holds it. Other lines at
// column 0 are statements where the brackets around them never close.
func chunks(src []byte, from int) ([]chunk, []Span) {
	list, comments, ok := split(src, from, false)
	if !ok {
		list, comments, _ = split(src, from, true)
	}
	return list, comments
}

// split is one pass of [chunks]; lenient resynchronises at column 0.
func split(src []byte, from int, lenient bool) (list []chunk, comments []Span, ok bool) {
	l := &lexer{src: src, pos: from, lenient: lenient}
	start, head, closes := from, -1, 0
	prev := ""
	lineStart := true
	for l.pos < len(src) && (lenient || !l.failed) {
		c := src[l.pos]
		if lenient && lineStart && l.depth > 0 && l.pos >= closes && (isLetter(c) || c == '@') {
			if closes = l.closes(); closes < 0 {
				l.depth = 0
			}
		}
		if lineStart && l.depth == 0 && !isSpace(c) && c != '#' {
			word := leadingWord(src[l.pos:])
			if head >= 0 && !continues(prev, word) {
				end := lineBegin(src, l.pos)
				list = append(list, chunk{Span: Span{start, end}, head: head})
				start, head = end, -1
			}
			if head < 0 {
				head = l.pos
			}
			prev = word
		}
		lineStart = c == '\n' || c == '\r' || lineStart && c == '\f'
		l.skip()
	}
	if head >= 0 {
		list = append(list, chunk{Span: Span{start, len(src)}, head: head})
	}
	return list, l.comments, !l.failed && l.depth == 0
}

// closes returns where the open brackets close, or -1 where a line that can
// only be a new statement comes first, or nothing for long.
func (l *lexer) closes() int {
	probe := lexer{src: l.src, pos: l.pos, depth: l.depth, lenient: true}
	lineStart := true
	for lines := 0; probe.pos < len(l.src) && lines < 200; {
		c := l.src[probe.pos]
		if lineStart && resync(leadingWord(l.src[probe.pos:])) {
			return -1
		}
		if lineStart = c == '\n'; lineStart {
			lines++
		}
		if probe.skip(); probe.depth == 0 {
			return probe.pos
		}
	}
	return -1
}

// resync reports whether a line at column 0 that starts with word begins a
// statement even inside an unclosed bracket.
func resync(word string) bool {
	switch word {
	case "def", "class", "import", "from", "async", "@", "if", "try", "with", "while", "raise", "del", "assert":
		return true
	}
	return false
}

// clauses lists for the first word of a clause the words that may start the
// line before it at the same depth.
var clauses = map[string][]string{
	"else":    {"if", "elif", "for", "while", "except", "async"},
	"elif":    {"if", "elif"},
	"except":  {"try", "except"},
	"finally": {"try", "except", "else"},
}

// continues reports whether a line that starts with word at column 0 goes on
// with the statement whose last column-0 line started with prev.
func continues(prev, word string) bool {
	return prev == "@" || slices.Contains(clauses[word], prev)
}

// leadingWord returns the identifier that starts b, or its first byte.
func leadingWord(b []byte) string {
	i := 0
	for i < len(b) && (isLetter(b[i]) || i > 0 && isDigit(b[i])) {
		i++
	}
	return string(b[:max(i, 1)])
}

// lineBegin returns the offset of the first byte of the line that holds pos.
func lineBegin(src []byte, pos int) int {
	for pos > 0 && src[pos-1] != '\n' && src[pos-1] != '\r' {
		pos--
	}
	return pos
}

// mustParse reports whether a top-level statement can bind names that
// [boundNames] does not see: one that nests others, an import, or a function
// that may assign to a global name.
func mustParse(stmt []byte) bool {
	switch word := leadingWord(stmt); word {
	case "if", "for", "while", "with", "try", "match", "import", "from", "del", "global":
		return true
	case "async":
		return !bytes.HasPrefix(bytes.TrimLeft(stmt[len(word):], " \t"), []byte("def"))
	}
	return bytes.Contains(stmt, []byte("global"))
}
