package rewrite

import (
	"bytes"
	"strings"
)

// boundNames returns the names that a top-level def, class or simple statement
// binds, without parsing it.
func boundNames(stmt []byte) []string {
	l := &lexer{src: stmt}
	for l.next() == '@' {
		l.endOfLine()
	}
	word := l.peek()
	if word == "async" {
		l.pos += len(word)
		l.next()
		word = l.peek()
	}
	switch word {
	case "def", "class", "type":
		start := l.pos
		l.pos += len(word)
		if l.next(); isLetter(l.byte()) {
			return []string{l.peek()}
		}
		l.pos = start // a variable of that name
	}
	return l.assigned()
}

// byte returns the byte at pos, 0 at the end.
func (l *lexer) byte() byte {
	if l.pos == len(l.src) {
		return 0
	}
	return l.src[l.pos]
}

// next moves past white space, comments and line continuations and returns the
// byte found there.
func (l *lexer) next() byte {
	for l.pos < len(l.src) && (isSpace(l.src[l.pos]) || l.src[l.pos] == '#' || l.src[l.pos] == '\\') {
		l.skip()
	}
	return l.byte()
}

// peek returns the word at pos.
func (l *lexer) peek() string {
	if l.pos == len(l.src) {
		return ""
	}
	return leadingWord(l.src[l.pos:])
}

// endOfLine moves to the end of the logical line.
func (l *lexer) endOfLine() {
	for l.pos < len(l.src) && !l.atEnd() {
		l.skip()
	}
}

// atEnd reports whether a simple statement ends at pos.
func (l *lexer) atEnd() bool {
	return l.depth == 0 && strings.IndexByte("\r\n;", l.src[l.pos]) >= 0
}

// assigned returns the names that simple statements assign to, annotate or
// bind with ":=".
func (l *lexer) assigned() []string {
	var names []string
	for l.pos < len(l.src) {
		names = append(names, l.simple()...)
		l.pos = min(l.pos+1, len(l.src))
	}
	return names
}

// simple reads one simple statement, up to the line end or semicolon.
func (l *lexer) simple() []string {
	var names []string
	start, colon := l.pos, -1 // of a target, and of the annotation behind it
	for lambda := false; l.pos < len(l.src) && !l.atEnd(); l.skip() {
		lambda = lambda || l.depth == 0 && l.startsLambda()
		switch {
		case l.walrus():
			names = append(names, lastWord(l.src[:l.pos]))
		case l.depth > 0 || lambda: // what a lambda's "=" and ":" do is its own business
		case l.src[l.pos] == ':' && colon < 0:
			colon = l.pos
		case l.assigns():
			if colon < 0 {
				colon = l.pos
			}
			names = append(names, targetNames(l.src[start:colon])...)
			start, colon = l.pos+1, -1
		}
	}
	if colon >= 0 {
		names = append(names, targetNames(l.src[start:colon])...) // annotated without a value
	}
	return names
}

func (l *lexer) startsLambda() bool {
	return l.src[l.pos] == 'l' && (l.pos == 0 || !isWordByte(l.src[l.pos-1])) && l.peek() == "lambda"
}

func (l *lexer) walrus() bool {
	return l.depth > 0 && bytes.HasPrefix(l.src[l.pos:], []byte(":="))
}

// assigns reports whether the "=" at pos, if it is one, is an assignment or
// the end of an augmented one, and no comparison.
func (l *lexer) assigns() bool {
	if l.src[l.pos] != '=' || l.pos == 0 || l.pos+1 < len(l.src) && l.src[l.pos+1] == '=' {
		return false
	}
	switch c := l.src[l.pos-1]; c {
	case '=', '!':
		return false
	case '<', '>':
		return l.pos > 1 && l.src[l.pos-2] == c
	}
	return true
}

func lastWord(b []byte) string {
	end := len(bytes.TrimRight(b, " \t\r\n\f"))
	start := end
	for start > 0 && isWordByte(b[start-1]) {
		start--
	}
	return string(b[start:end])
}

// targetNames returns the names of an assignment target; what an attribute or
// a subscript hangs on is not bound.
func targetNames(target []byte) []string {
	var names []string
	l := &lexer{src: target}
	for l.next() != 0 {
		word := l.peek()
		if !isLetter(l.byte()) {
			l.skip()
			continue
		}
		l.pos += len(word)
		if strings.IndexByte(".[(", l.next()) < 0 || l.byte() == 0 {
			names = append(names, word)
		}
		l.trailers()
	}
	return names
}

// trailers moves past attributes, subscripts and calls.
func (l *lexer) trailers() {
	for {
		switch l.next() {
		case '.':
			l.pos++
			l.next()
			l.pos += len(l.peek())
		case '(', '[':
			depth := l.depth
			for l.skip(); l.pos < len(l.src) && l.depth > depth; {
				l.skip()
			}
		default:
			return
		}
	}
}
