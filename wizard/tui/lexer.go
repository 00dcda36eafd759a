package tui

import "strings"

// class is what a byte of Python source is, as far as colours go.
type class byte

const (
	code class = iota
	keyword
	text
	comment
	number
)

// isKeyword reports whether a word is one of Python's reserved words.
func isKeyword(word string) bool {
	switch word {
	case "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
		"elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
		"not", "or", "pass", "raise", "return", "try", "while", "with", "yield":
		return true
	}
	return false
}

// classify returns the class of every byte of Python source. It reads words,
// strings and comments and never fails: colours are all that depends on it.
func classify(src string) []class {
	out := make([]class, len(src))
	for i := 0; i < len(src); {
		end, c := i+1, code
		switch b := src[i]; {
		case b == '#':
			end, c = i+lineLength(src[i:]), comment
		case b == '"' || b == '\'':
			end, c = i+stringLength(src[i:]), text
		case wordByte(b):
			for end < len(src) && wordByte(src[end]) {
				end++
			}
			switch word := src[i:end]; {
			case end < len(src) && (src[end] == '"' || src[end] == '\'') && len(word) <= 2 && strings.Trim(strings.ToLower(word), "rbfut") == "":
				c = text
			case isKeyword(word):
				c = keyword
			case b >= '0' && b <= '9':
				c = number
			}
		}
		for ; i < end; i++ {
			out[i] = c
		}
	}
	return out
}

func wordByte(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80
}

func lineLength(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

// stringLength returns the length of the string literal that s begins with: to
// its closing quote, or to the line's end where a short one is not closed.
func stringLength(s string) int {
	quote, long := s[:1], false
	if strings.HasPrefix(s, strings.Repeat(quote, 3)) {
		quote, long = s[:3], true
	}
	for i := len(quote); i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '\n' && !long:
			return i
		case strings.HasPrefix(s[i:], quote):
			return i + len(quote)
		}
	}
	return len(s)
}
