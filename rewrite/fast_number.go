package rewrite

// number reads an integer or a float.
func (p *fastParser) number() {
	kind, i := "integer", p.pos
	if p.src[i] == '0' && isRadix(p.at(1)) {
		i = p.radix(i + 1)
	} else {
		i = p.digits(i)
		if i < len(p.src) && p.src[i] == '.' {
			kind = "float"
			i = p.digits(i + 1)
		}
		if i < len(p.src) && lower(p.src[i]) == 'e' {
			kind = "float"
			i++
			if i < len(p.src) && (p.src[i] == '+' || p.src[i] == '-') {
				i++
			}
			from := i
			if i = p.digits(i); i == from {
				p.giveUp()
			}
		}
		if i < len(p.src) && lower(p.src[i]) == 'j' {
			i++
		}
	}
	if i < len(p.src) && (isWordByte(p.src[i]) || p.src[i] == '.' || p.src[i] == '"' || p.src[i] == '\'') {
		p.giveUp()
	}
	p.push(kind, p.pos, i)
	p.take(i - p.pos)
}

// digits returns where decimal digits end that may be grouped by underscores.
func (p *fastParser) digits(i int) int {
	for i < len(p.src) && (isDigit(p.src[i]) || p.src[i] == '_' && i+1 < len(p.src) && isDigit(p.src[i-1]) && isDigit(p.src[i+1])) {
		i++
	}
	return i
}

// radix returns where the digits behind the letter at i end: x, o or b.
func (p *fastParser) radix(i int) int {
	highest := byte('f')
	switch lower(p.src[i]) {
	case 'b':
		highest = '1'
	case 'o':
		highest = '7'
	}
	from := i + 1
	for i = from; i < len(p.src) && (isHex(p.src[i]) && lower(p.src[i]) <= highest || p.src[i] == '_' && p.src[i-1] != '_'); i++ {
	}
	if i == from || p.src[i-1] == '_' {
		p.giveUp()
	}
	return i
}

// isRadix reports whether a letter behind a zero says how the number is
// written.
func isRadix(c byte) bool {
	c = lower(c)
	return c == 'b' || c == 'o' || c == 'x'
}

// lower returns a letter in lower case.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func isHex(c byte) bool { return isDigit(c) || lower(c) >= 'a' && lower(c) <= 'f' }
