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
// (PEP 750), "except *(", unparenthesised except lists (PEP 758) and defaults
// of type parameters (PEP 696).
func mask(src []byte) []byte {
	out := append([]byte(nil), src...)
	l := &lexer{src: src, lenient: true}
	for l.pos < len(src) {
		at, depth := l.pos, l.depth
		n := len(l.comments)
		l.skip()
		switch c := src[at]; {
		case depth > 0 && (c == '\n' || c == '\r'):
			out[at] = ' '
		case depth > 0 && len(l.comments) > n:
			blank(out[at:l.pos])
		case c == '"' || c == '\'':
			maskTemplate(out, at)
		}
	}
	maskExcept(out)
	maskTypeDefaults(out)
	return out
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

// maskTemplate turns the prefix of a t-string, whose quote is at q, into f.
func maskTemplate(out []byte, q int) {
	for i := q - 1; i >= 0 && i >= q-2; i-- {
		switch out[i] {
		case 't', 'T':
			if before := i - 1; before < 0 || !isLetter(out[before]) && !isDigit(out[before]) || out[before] == 'r' || out[before] == 'R' {
				out[i] = 'f'
			}
			return
		case 'r', 'R':
		default:
			return
		}
	}
}

var (
	exceptStar = regexp.MustCompile(`(?m)^[ \t]*except \*\(`)
	exceptList = regexp.MustCompile(`(?m)^[ \t]*except\*? [^(\n:]*,[^:\n]*:`)
	typeParams = regexp.MustCompile(`(?m)^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+\w+[ \t]*\[`)
)

func maskExcept(out []byte) {
	for _, m := range exceptStar.FindAllIndex(out, -1) {
		copy(out[m[1]-3:], "* (")
	}
	for _, m := range exceptList.FindAllIndex(out, -1) {
		for i := m[0]; i < m[1]; i++ {
			if out[i] == ',' {
				out[i] = '|'
			}
		}
	}
}

func maskTypeDefaults(out []byte) {
	for _, m := range typeParams.FindAllIndex(out, -1) {
		l := &lexer{src: out, pos: m[1] - 1, lenient: true}
		in := false
		for more := true; more; more = l.depth > 0 && l.pos < len(out) {
			at := l.pos
			l.skip()
			switch c := out[at]; {
			case c == '=' && l.depth == 1:
				in = true
			case c == ',' && l.depth == 1, l.depth == 0:
				in = false
			}
			if in {
				blank(out[at:l.pos])
			}
		}
	}
}
