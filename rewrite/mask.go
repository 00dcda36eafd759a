package rewrite

import (
	"bytes"
	"regexp"
)

// mask rewrites what the grammar cannot read into something of the same length
// that it can, so that offsets stay true; text is always read from the
// original bytes (facts/go.md 1.5). It is used only after a first parse failed.
//
// Masked are line breaks and comments inside brackets, the prefix of t-strings
// (PEP 750), except lists without parentheses (PEP 758), a star that does not
// touch "except", and defaults of type parameters (PEP 696).
func mask(src []byte) []byte {
	out, ok := maskWith(&lexer{src: src})
	if !ok {
		out, _ = maskWith(&lexer{src: src, lenient: true})
	}
	return out
}

// maskWith is mask with a lexer; ok is false where the lexer had to guess.
func maskWith(l *lexer) (out []byte, ok bool) {
	src := l.src
	out = append([]byte(nil), src...)
	for l.pos < len(src) {
		at, depth := l.pos, l.depth
		l.skip()
		switch c := src[at]; {
		case depth > 0 && (c == '\n' || c == '\r'):
			out[at] = ' '
		case depth > 0 && c == '#':
			blank(out[at:l.pos])
		case depth == 0 && c == 'e' && string(src[at:l.pos]) == "except" && len(bytes.TrimSpace(src[lineBegin(src, at):at])) == 0:
			maskExcept(out, l.pos)
		}
	}
	for _, at := range l.templates {
		out[at] = 'f'
	}
	maskTypeDefaults(out)
	return out, !l.failed
}

// maskTypeCalls rewrites the name in statements that start with "type(…)",
// which the grammar would take for the type statement of PEP 695: that one has
// no parenthesis there. It works on any source and returns it unchanged where
// there is nothing to do.
func maskTypeCalls(src []byte) []byte {
	const word = "type"
	out := src
	for at := 0; ; at += len(word) {
		i := bytes.Index(src[at:], []byte(word))
		if i < 0 {
			return out
		}
		at += i
		before := bytes.TrimRight(src[:at], " \t\f")
		after := bytes.TrimLeft(src[at+len(word):], " \t\f")
		starts := len(before) == 0 || bytes.IndexByte([]byte("\r\n;:"), before[len(before)-1]) >= 0
		if !starts || !bytes.HasPrefix(after, []byte("(")) {
			continue
		}
		if &out[0] == &src[0] {
			out = bytes.Clone(src)
		}
		copy(out[at:], "TYPE")
	}
}

func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

// maskExcept lets the types that an except clause names be one expression, of
// alternatives where they are a list. pos is behind the keyword.
func maskExcept(out []byte, pos int) {
	star := pos + len(out[pos:]) - len(bytes.TrimLeft(out[pos:], " \t"))
	if star > pos && star < len(out) && out[star] == '*' {
		out[pos], out[star] = '*', ' '
	}
	for l := (lexer{src: out, pos: pos, lenient: true}); l.pos < len(out); l.skip() {
		switch c := out[l.pos]; {
		case l.depth == 0 && (c == ':' || c == '\n' || c == '\r'):
			return
		case l.depth == 0 && c == ',':
			out[l.pos] = '|'
		}
	}
}

var typeParams = regexp.MustCompile(`(?m)^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+\w+[ \t]*\[`)

// maskTypeDefaults makes further bounds of the defaults of type parameters, so
// that the names in them are read.
func maskTypeDefaults(out []byte) {
	for _, m := range typeParams.FindAllIndex(out, -1) {
		l := &lexer{src: out, pos: m[1] - 1, lenient: true}
		for more := true; more; more = l.depth > 0 && l.pos < len(out) {
			at := l.pos
			if l.skip(); out[at] != '=' || l.depth != 1 {
				continue
			}
			out[at] = ':'
			if l.next() == '*' {
				out[l.pos] = ' '
			}
		}
	}
}
