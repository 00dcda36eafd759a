package pins

import (
	"bytes"
	"strings"
)

// pyToken is a token of Python source. Comments and blanks are none; a line
// end outside brackets is one.
type pyToken struct {
	text   string // of a string: what stands between the quotes
	start  int    // byte offsets of text
	end    int
	str    bool
	name   bool
	format bool // an f-string or t-string
}

// scanPython splits Python source into names, strings and single characters.
// It never fails: an unclosed string ends with its line or the file.
func scanPython(src []byte, from int) []pyToken {
	var tokens []pyToken
	depth := 0
	for at := from; at < len(src); {
		c := src[at]
		switch {
		case isBlank(c) || c == '\f' || c == '\r':
			at++
		case c == '\\' && at+1 < len(src):
			_, at = lineEnd(src, at)
		case c == '#':
			at, _ = lineEnd(src, at)
		case c == '"' || c == '\'':
			t, next := scanString(src, at)
			if n := len(tokens); n > 0 && tokens[n-1].name && tokens[n-1].end == at && isPrefix(tokens[n-1].text) {
				t.format = strings.ContainsAny(tokens[n-1].text, "fFtT")
				tokens = tokens[:n-1]
			}
			tokens = append(tokens, t)
			at = next
		case isWord(c):
			start := at
			for at < len(src) && isWord(src[at]) {
				at++
			}
			tokens = append(tokens, pyToken{text: string(src[start:at]), start: start, end: at, name: true})
		case c == '\n' && depth > 0:
			at++
		default:
			depth = max(0, depth+bracket(c))
			tokens = append(tokens, pyToken{text: string(src[at : at+1]), start: at, end: at + 1})
			at++
		}
	}
	return tokens
}

// bracket returns 1 for an opening bracket, -1 for a closing one, else 0.
func bracket(c byte) int {
	switch c {
	case '(', '[', '{':
		return 1
	case ')', ']', '}':
		return -1
	}
	return 0
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// isPrefix reports whether a word before a quote is a string prefix.
func isPrefix(word string) bool {
	return len(word) <= 2 && strings.Trim(strings.ToLower(word), "rbuft") == ""
}

// scanString returns the string whose opening quote stands at offset at, and
// the offset behind its closing quotes.
func scanString(src []byte, at int) (t pyToken, next int) {
	quote := src[at : at+1]
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(src[at:], triple) {
		quote = triple
	}
	start := at + len(quote)
	end, next := len(src), len(src)
	for i := start; i < len(src); i++ {
		if src[i] == '\\' {
			i++
			continue
		}
		if bytes.HasPrefix(src[i:], quote) {
			end, next = i, i+len(quote)
			break
		}
		if len(quote) == 1 && (src[i] == '\n' || src[i] == '\r') {
			end, next = i, i
			break
		}
	}
	return pyToken{text: string(src[start:end]), start: start, end: end, str: true}, next
}
