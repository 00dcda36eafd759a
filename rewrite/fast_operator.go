package rewrite

// compare reads a comparison operator; op is its first token.
func (p *fastParser) compare(op string) {
	start := p.pos
	switch op {
	case "is":
		p.keyword(2)
		if p.is("not") {
			op = "is not"
			p.keyword(3)
		}
	case "not in":
		p.keyword(3)
		if !p.accept("in") {
			p.giveUp()
		}
	case "in":
		p.keyword(2)
	default:
		p.take(len(op))
	}
	p.push(op, start, p.end)
	p.field("operators")
}

// operator returns the operator at pos and its precedence, 0 for none. For
// "not in" and "is not" it looks at the first word alone.
func (p *fastParser) operator() (op string, prec int) {
	c, next := p.peek(), p.at(1)
	switch c {
	case 'a':
		if p.is("and") {
			return "and", precAnd
		}
	case 'i':
		if p.is("in") {
			return "in", precCompare
		}
		if p.is("is") {
			return "is", precCompare
		}
	case 'n':
		if p.is("not") {
			return "not in", precCompare
		}
	case 'o':
		if p.is("or") {
			return "or", precOr
		}
	case '=', '!':
		if next == '=' {
			if c == '=' {
				return "==", precCompare
			}
			return "!=", precCompare
		}
	case '<', '>':
		return p.angle(c, next)
	case '+', '-', '*', '/', '%', '@', '|', '&', '^':
		return p.arithmetic(c, next)
	}
	return "", 0
}

// angle is operator for "<", ">" and what starts with them.
func (p *fastParser) angle(c, next byte) (op string, prec int) {
	switch {
	case next == c && p.at(2) == '=':
		return "", 0
	case next == c && c == '<':
		return "<<", precShift
	case next == c:
		return ">>", precShift
	case next == '=' && c == '<':
		return "<=", precCompare
	case next == '=':
		return ">=", precCompare
	case c == '<':
		return "<", precCompare
	}
	return ">", precCompare
}

// arithmetic is operator for those that assignments may be augmented with.
func (p *fastParser) arithmetic(c, next byte) (op string, prec int) {
	switch {
	case next == '=' || next == c && p.at(2) == '=' && (c == '*' || c == '/'):
		return "", 0
	case c == '*' && next == c:
		return "**", precPower
	case c == '/' && next == c:
		return "//", precTimes
	}
	switch c {
	case '+':
		return "+", precPlus
	case '-':
		return "-", precPlus
	case '*':
		return "*", precTimes
	case '/':
		return "/", precTimes
	case '%':
		return "%", precTimes
	case '@':
		return "@", precTimes
	case '|':
		return "|", precBitOr
	case '&':
		return "&", precBitAnd
	}
	return "^", precXor
}
