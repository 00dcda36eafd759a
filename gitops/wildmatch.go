package gitops

import "strings"

// wildMatch tells whether text matches a pattern of Git's own kind: ? and *
// stop at slashes, ** as a whole component does not, [a-z] and [[:alpha:]] are
// classes, a backslash takes the next byte as it is. With fold, ASCII letters
// match in either case.
func wildMatch(pattern, text string, fold bool) bool {
	if fold {
		pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	}
	return wildMatchAt(pattern, 0, text)
}

// wildMatchAt matches pattern[p:] against text.
func wildMatchAt(pattern string, p int, text string) bool {
	for p < len(pattern) {
		c := pattern[p]
		if c == '*' {
			return matchStars(pattern, p, text)
		}
		if text == "" {
			return false
		}
		switch c {
		case '?':
			if text[0] == '/' {
				return false
			}
		case '[':
			end, matched := matchClass(pattern, p+1, text[0])
			if !matched || text[0] == '/' {
				return false
			}
			p, text = end, text[1:]
			continue
		default:
			if c == '\\' && p+1 < len(pattern) {
				p++
			}
			if text[0] != pattern[p] {
				return false
			}
		}
		p, text = p+1, text[1:]
	}
	return text == ""
}

// matchStars matches a run of stars at pattern[p:] and what follows it.
func matchStars(pattern string, p int, text string) bool {
	first := p
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	rest := pattern[p:]
	whole := p-first > 1 && (first == 0 || pattern[first-1] == '/') &&
		(rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`))
	if whole && strings.HasPrefix(rest, "/") && wildMatchAt(pattern, p+1, text) {
		return true // "**/" may stand for nothing
	}
	for {
		if wildMatchAt(pattern, p, text) {
			return true
		}
		if text == "" || text[0] == '/' && !whole {
			return false
		}
		text = text[1:]
	}
}

// matchClass matches c against the bracket expression whose inside begins at
// pattern[p]; it returns the position after the closing bracket.
func matchClass(pattern string, p int, c byte) (end int, matched bool) {
	negated := p < len(pattern) && (pattern[p] == '!' || pattern[p] == '^')
	if negated {
		p++
	}
	for first := true; p < len(pattern) && (first || pattern[p] != ']'); first = false {
		if name, after, ok := className(pattern, p); ok {
			matched = matched || inClass(name, c)
			p = after
			continue
		}
		low, next := classByte(pattern, p)
		high := low
		if next+1 < len(pattern) && pattern[next] == '-' && pattern[next+1] != ']' {
			high, next = classByte(pattern, next+1)
		}
		matched = matched || low <= c && c <= high
		p = next
	}
	if p >= len(pattern) {
		return p, false // never closed
	}
	return p + 1, matched != negated
}

func classByte(pattern string, p int) (c byte, next int) {
	if pattern[p] == '\\' && p+1 < len(pattern) {
		p++
	}
	return pattern[p], p + 1
}

// className reads [:name:] at pattern[p:].
func className(pattern string, p int) (name string, after int, ok bool) {
	rest, found := strings.CutPrefix(pattern[p:], "[:")
	if !found {
		return "", 0, false
	}
	end := strings.Index(rest, ":]")
	if end < 0 {
		return "", 0, false
	}
	return rest[:end], p + 2 + end + 2, true
}

func inClass(name string, c byte) bool {
	lower, upper, digit := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9'
	printable := 0x20 <= c && c < 0x7f
	switch name {
	case "alpha":
		return lower || upper
	case "lower":
		return lower
	case "upper":
		return upper
	case "digit":
		return digit
	case "alnum":
		return lower || upper || digit
	case "xdigit":
		return digit || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
	case "blank":
		return c == ' ' || c == '\t'
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "cntrl":
		return c < 0x20 || c == 0x7f
	case "print":
		return printable
	case "graph":
		return printable && c != ' '
	case "punct":
		return printable && c != ' ' && !lower && !upper && !digit
	}
	return false
}
