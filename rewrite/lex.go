package rewrite

import "strings"

// Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// lexer walks Python source far enough to know strings, comments, brackets and
// logical lines. It is what finds the top-level statements without a parse.
type lexer struct {
	src      []byte
	pos      int
	depth    int    // open brackets
	comments []Span // comments, without the line end
	failed   bool   // a string or a bracket did not close: positions are a guess
}

// skip moves past one lexical element: a string, a comment, or one byte.
func (l *lexer) skip() {
	c := l.src[l.pos]
	switch {
	case c == '#':
		l.comment()
	case c == '"' || c == '\'':
		l.str(l.prefix())
	case c == '\\' && l.pos+1 < len(l.src):
		l.pos += 2
		if l.src[l.pos-1] == '\r' && l.pos < len(l.src) && l.src[l.pos] == '\n' {
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
	for i > 0 && isLetter(l.src[i-1]) && l.pos-i < 3 {
		i--
	}
	if i > 0 && (isLetter(l.src[i-1]) || isDigit(l.src[i-1])) {
		return ""
	}
	return string(l.src[i:l.pos])
}

func (l *lexer) str(prefix string) {
	format := strings.ContainsAny(prefix, "fFtT")
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
		case c == '\\':
			l.pos += 2 // keeps the quote in raw strings too
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
				l.field()
			}
		default:
			l.pos++
		}
	}
	l.pos = len(l.src)
	l.failed = true
}

// field moves past a replacement field of an f-string; pos is behind its "{".
func (l *lexer) field() {
	depth := l.depth
	l.depth = 0
	defer func() { l.depth = depth }()
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '}' && l.depth == 0:
			l.pos++
			return
		case c == ':' && l.depth == 0:
			l.pos++
			l.formatSpec()
			return
		default:
			l.skip()
		}
	}
	l.failed = true
}

// formatSpec moves past a format specifier and the "}" that ends the field.
func (l *lexer) formatSpec() {
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case '}':
			l.pos++
			return
		case '{':
			l.pos++
			l.field()
		case '\n', '"', '\'':
			l.pos++ // legal only in triple-quoted or 3.12 strings; the closing quote is found later
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
