package rewrite

// escape reads a backslash and what it stands before, and returns where that
// ends.
func (p *fastParser) escape(l literal, i int) int {
	n := 0 // the length of what is escaped
	rest := p.src[i+1:]
	if len(rest) == 0 {
		p.giveUp()
	}
	switch c := rest[0]; c {
	case '\n', '\'', '"', '\\', 'a', 'b', 'f', 'n', 'r', 't', 'v':
		n = 1
	case '\r':
		n = 2
	case 'x':
		n = hexEscape(rest, 2)
	case 'u', 'U', 'N':
		if l.bytes {
			p.giveUp()
		}
		switch c {
		case 'u':
			n = hexEscape(rest, 4)
		case 'U':
			n = hexEscape(rest, 8)
		default:
			n = 1
			for n < len(rest) && (n == 1 && rest[n] == '{' || n > 1 && (isWordByte(rest[n]) || rest[n] == ' ' || rest[n] == '-')) {
				n++
			}
			if n < 3 || n == len(rest) || rest[n] != '}' {
				p.giveUp()
			}
			n++
		}
	case '{', '}', 0:
		p.giveUp()
	default:
		for n < 3 && n < len(rest) && isDigit(rest[n]) {
			n++
		}
		if c >= 0x80 {
			p.giveUp()
		}
	}
	if n > 0 {
		p.push("escape_sequence", i, i+1+n)
	}
	return i + 1 + n
}

// hexEscape returns the length of a letter with n hexadecimal digits, or 0.
func hexEscape(rest []byte, n int) int {
	if len(rest) <= n {
		return 0
	}
	for _, c := range rest[1 : n+1] {
		if !isHex(c) {
			return 0
		}
	}
	return n + 1
}
