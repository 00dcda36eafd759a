package rewrite

// peek returns the byte at pos, 0 at the end.
func (p *fastParser) peek() byte { return p.at(0) }

// at returns the byte n behind pos, 0 beyond the end.
func (p *fastParser) at(n int) byte {
	if i := p.pos + n; i < len(p.src) {
		return p.src[i]
	}
	return 0
}

// take moves past a token of n bytes and the white space behind it.
func (p *fastParser) take(n int) {
	p.pos += n
	p.end = p.pos
	p.space()
}

// want is take for a token that must be there.
func (p *fastParser) want(c byte) {
	if p.peek() != c {
		p.giveUp()
	}
	p.take(1)
}

// begin moves past an opening bracket and finish past the one that closes it.
func (p *fastParser) begin() {
	p.depth++
	p.take(1)
}

func (p *fastParser) finish(c byte) {
	if p.peek() != c {
		p.giveUp()
	}
	p.depth--
	p.take(1)
}

// space moves past blanks and continued lines, and in brackets past line ends
// and comments.
func (p *fastParser) space() {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c > '#' && c != '\\':
			return
		case c == ' ' || c == '\t':
			p.pos++
		case c == '\\':
			p.continued()
			return
		case p.depth > 0 && (c == '\n' || c == '#' || c == '\r'):
			p.lines()
			return
		default:
			return
		}
	}
}

// continued moves past a backslash at the end of a line and to a token on the
// next.
func (p *fastParser) continued() {
	p.pos++
	if p.peek() == '\r' {
		p.pos++
	}
	if p.peek() != '\n' {
		p.giveUp()
	}
	p.pos++
	for p.peek() == ' ' || p.peek() == '\t' {
		p.pos++
	}
	switch p.peek() {
	case '\\', '\n', '\r', '#', 0:
		p.giveUp()
	}
}

// lines moves past line ends, comments and blanks in brackets. Where a line
// starts left of its block the grammar's scanner may end the block, unless a
// bracket can close there (facts/go.md 1.2).
func (p *fastParser) lines() {
	column, outside := -1, false // not at the start of a line
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; c {
		case '\n':
			column = 0
			p.pos++
		case '\r':
			if p.at(1) != '\n' {
				p.giveUp()
			}
			p.pos++
		case ' ', '\t':
			if column >= 0 {
				column += width(c)
			}
			p.pos++
		case '#':
			outside = outside || column >= 0 && column < p.indent
			p.comment()
		case '\\':
			p.giveUp()
		default:
			outside = outside || column >= 0 && column < p.indent
			if outside && c != ')' && c != ']' && c != '}' {
				p.giveUp()
			}
			return
		}
	}
}

// width is how many columns a blank counts for the grammar's scanner.
func width(c byte) int {
	if c == '\t' {
		return 8
	}
	return 1
}

// comment moves to the end of the line.
func (p *fastParser) comment() {
	for p.pos < len(p.src) && p.src[p.pos] != '\n' {
		p.pos++
	}
}

// word returns where the identifier or keyword at pos ends, or pos.
func (p *fastParser) word() int {
	i := p.pos
	if i < len(p.src) && !isLetter(p.src[i]) {
		return i
	}
	for i < len(p.src) && isWordByte(p.src[i]) {
		if p.src[i] >= 0x80 {
			p.giveUp()
		}
		i++
	}
	return i
}

// is reports whether the next token is the keyword.
func (p *fastParser) is(keyword string) bool {
	end := p.pos + len(keyword)
	return end <= len(p.src) && string(p.src[p.pos:end]) == keyword && (end == len(p.src) || !isWordByte(p.src[end]))
}

// accept moves past a keyword if it is the next token.
func (p *fastParser) accept(keyword string) bool {
	if !p.is(keyword) {
		return false
	}
	p.keyword(len(keyword))
	return true
}

// keyword moves past a keyword of n bytes.
func (p *fastParser) keyword(n int) {
	if c := p.at(n); c == '"' || c == '\'' {
		p.giveUp() // in the grammar the last letters may be the string's prefix
	}
	p.take(n)
}

// name reads an identifier where no keyword is allowed.
func (p *fastParser) name() {
	end := p.word()
	if end == p.pos || reserved(p.src[p.pos:end]) {
		p.giveUp()
	}
	p.push("identifier", p.pos, end)
	p.take(end - p.pos)
}

// reserved reports whether a word cannot be a name, or not everywhere.
func reserved(word []byte) bool {
	if len(word) < 2 || len(word) > 8 {
		return false
	}
	switch string(word) {
	case "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
		"elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
		"not", "or", "pass", "raise", "return", "try", "while", "with", "yield":
		return true
	}
	return false
}

// separated reads items with commas between them, and perhaps one behind the
// last, up to the bracket that closes.
func (p *fastParser) separated(closing byte, item func()) {
	for {
		item()
		if p.peek() != ',' {
			return
		}
		p.take(1)
		if p.peek() == closing {
			return
		}
	}
}
