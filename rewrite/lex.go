package rewrite

import (
	"bytes"
	"strings"
)

// Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// lexer walks Python source far enough to know strings, comments, brackets and
// logical lines. It is what finds the top-level statements without a parse.
type lexer struct {
	src       []byte
	pos       int
	depth     int    // open brackets
	comments  []Span // comments, without the line end
	templates []int  // where t-strings have their t
	failed    bool   // a string or a bracket did not close: positions are a guess
	lenient   bool   // keep what did not close to its line where that is possible
}

// Comments returns where the comments of Python source are, without their line
// ends, from top to bottom. Where a string does not close the rest is a guess.
func Comments(src []byte) []Span {
	l := &lexer{src: src, lenient: true}
	for l.pos < len(src) {
		l.skip()
	}
	return l.comments
}

// skip moves past one lexical element: a string, a comment, a word, a run of
// spaces, or one byte.
func (l *lexer) skip() {
	c := l.src[l.pos]
	switch {
	case c == ' ':
		for l.pos < len(l.src) && l.src[l.pos] == ' ' {
			l.pos++
		}
	case c == '#':
		l.comment()
	case c == '"' || c == '\'':
		l.str(l.prefix())
	case c == '\\':
		l.escape()
	case isWordByte(c):
		for l.pos < len(l.src) && isWordByte(l.src[l.pos]) {
			l.pos++
		}
	default:
		switch c {
		case '(', '[', '{':
			l.depth++
		case ')', ']', '}':
			l.depth--
			if l.depth < 0 {
				l.failed = true
				l.depth = 0
			}
		}
		l.pos++
	}
}

// escape moves past a backslash and the character or line end behind it.
func (l *lexer) escape() {
	if bytes.HasPrefix(l.src[l.pos+1:], []byte("\r\n")) {
		l.pos++
	}
	l.pos = min(l.pos+2, len(l.src))
}

func (l *lexer) comment() {
	start := l.pos
	for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
		l.pos++
	}
	l.comments = append(l.comments, Span{start, l.pos})
}

// prefix returns the letters directly before the quote at pos.
func (l *lexer) prefix() string {
	i := l.pos
	for i > 0 && strings.IndexByte("rRbBuUfFtT", l.src[i-1]) >= 0 && l.pos-i < 3 {
		i--
	}
	if i > 0 && (isLetter(l.src[i-1]) || isDigit(l.src[i-1])) {
		return ""
	}
	return string(l.src[i:l.pos])
}

func (l *lexer) str(prefix string) {
	format := strings.ContainsAny(prefix, "fFtT")
	if i := strings.IndexAny(prefix, "tT"); i >= 0 {
		l.templates = append(l.templates, l.pos-len(prefix)+i)
	}
	q := l.src[l.pos]
	triple := l.pos+2 < len(l.src) && l.src[l.pos+1] == q && l.src[l.pos+2] == q
	if triple {
		l.pos += 3
	} else {
		l.pos++
	}
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\\' && format && l.pos+1 < len(l.src) && l.src[l.pos+1] == '{':
			l.pos++ // escapes nothing: the field behind it counts
		case c == '\\':
			l.escape() // keeps the quote in raw strings too
		case c == q && !triple:
			l.pos++
			return
		case c == q && l.pos+2 < len(l.src) && l.src[l.pos+1] == q && l.src[l.pos+2] == q:
			l.pos += 3
			return
		case (c == '\n' || c == '\r') && !triple:
			l.failed = true
			return
		case c == '{' && format:
			if l.pos+1 < len(l.src) && l.src[l.pos+1] == '{' {
				l.pos += 2
			} else {
				l.pos++
				l.field(triple)
			}
		default:
			l.pos++
		}
	}
	l.failed = true
}

// field moves past a replacement field of an f-string; pos is behind its "{".
func (l *lexer) field(triple bool) {
	depth := l.depth
	l.depth = 0
	defer func() { l.depth = depth }()
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '\n' && l.lenient && !triple:
			l.failed = true
			return
		case c == '}' && l.depth == 0:
			l.pos++
			return
		case c == ':' && l.depth == 0:
			l.pos++
			l.formatSpec(triple)
			return
		default:
			l.skip()
		}
	}
	l.failed = true
}

// formatSpec moves past a format specifier and the "}" that ends the field.
func (l *lexer) formatSpec(triple bool) {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '}':
			l.pos++
			return
		case c == '{':
			l.pos++
			l.field(triple)
		case c == '\n' && !triple:
			l.failed = true
			return
		default:
			l.pos++
		}
	}
	l.failed = true
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'
}
