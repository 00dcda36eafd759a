package rewrite

// The precedences of the grammar's operators; xor differs from Python's.
const (
	precOr = 10 + iota
	precAnd
	precNot
	precCompare
	precBitOr
	precBitAnd
	precXor
	precShift
	precPlus
	precTimes
	precUnary
	precPower
)

// expressions reads a list of expressions that needs no parentheses. One with
// a comma makes an expression_list.
func (p *fastParser) expressions() {
	mark, start := p.mark(), p.pos
	if p.commas() {
		p.wrap("expression_list", mark, start)
	}
}

// commas reads expressions with commas between them and perhaps one at the
// end, and reports whether there was one.
func (p *fastParser) commas() bool {
	starred := p.listed()
	if p.peek() != ',' {
		if starred {
			p.giveUp()
		}
		return false
	}
	for p.peek() == ',' {
		p.take(1)
		if !p.startsExpression() {
			p.lastComma()
			break
		}
		if p.is("lambda") {
			p.giveUp() // the grammar may take it for a name
		}
		p.listed()
	}
	return true
}

// lastComma gives up on a comma at the end of a line behind what could be
// assigned to: the grammar looks on the next line for more of it.
func (p *fastParser) lastComma() {
	switch p.peek() {
	case '\n', '\r', '#':
		switch p.top().kind {
		case "identifier", "attribute", "subscript", "list_splat", "list", "tuple", "parenthesized_expression":
			p.giveUp()
		}
	}
}

// listed reads an element of a list without brackets and reports whether it
// has a star. There the grammar knows the star before a name alone, and lets
// it bind first.
func (p *fastParser) listed() (starred bool) {
	if p.peek() != '*' {
		p.expression()
		return false
	}
	mark, start := p.mark(), p.pos
	p.take(1)
	end := p.word()
	if end == p.pos || end < len(p.src) && (p.src[end] == '"' || p.src[end] == '\'') || reserved(p.src[p.pos:end]) {
		p.giveUp()
	}
	p.primary()
	p.wrap("list_splat", mark, start)
	if p.peek() != ',' && p.startsExpression() {
		p.giveUp()
	}
	return true
}

// startsExpression reports whether there is more of a list behind its comma.
func (p *fastParser) startsExpression() bool {
	switch p.peek() {
	case '\n', '\r', '#', '=', ':', ')', ']', '}', ';', 0:
		return false
	}
	return true
}

// named reads an expression that may bind a name with ":=".
func (p *fastParser) named() {
	mark, start := p.mark(), p.pos
	p.disjunction()
	if p.peek() == ':' && p.at(1) == '=' && p.isName(start) {
		p.field("name")
		p.take(2)
		p.disjunction()
		p.field("value")
		p.wrap("named_expression", mark, start)
	}
	p.conditional(mark, start)
}

// isName reports whether the last node is a plain name that starts at start.
func (p *fastParser) isName(start int) bool {
	d := p.top()
	return d.kind == "identifier" && int(d.start) == start
}

// expression reads one expression.
func (p *fastParser) expression() {
	mark, start := p.mark(), p.pos
	p.disjunction()
	p.conditional(mark, start)
}

// disjunction reads what binds tighter than "if", or a lambda.
func (p *fastParser) disjunction() {
	p.enter()
	if p.is("lambda") {
		p.lambda()
	} else {
		p.binary(precOr)
	}
	p.leave()
}

// conditional reads on where "if … else …" follows an expression.
func (p *fastParser) conditional(mark, start int) {
	if !p.accept("if") {
		return
	}
	p.binary(precOr)
	if !p.accept("else") {
		p.giveUp()
	}
	p.enter()
	p.expression()
	p.leave()
	p.wrap("conditional_expression", mark, start)
}

// binary reads an operand and the operators behind it that bind at least as
// tightly as min.
func (p *fastParser) binary(min int) {
	mark, start := p.mark(), p.pos
	p.operand(min)
	for {
		op, prec := p.operator()
		switch {
		case prec == 0 || prec < min:
			return
		case prec == precCompare:
			for prec == precCompare {
				p.compare(op)
				p.binary(precBitOr)
				op, prec = p.operator()
			}
			p.wrap("comparison_operator", mark, start)
		default:
			kind := "binary_operator"
			p.field("left")
			p.push(op, p.pos, p.pos+len(op))
			p.field("operator")
			if prec < precNot {
				kind = "boolean_operator"
				p.keyword(len(op))
			} else {
				p.take(len(op))
			}
			if prec == precPower {
				prec-- // to the right
			}
			p.binary(prec + 1)
			p.field("right")
			p.wrap(kind, mark, start)
		}
	}
}

// operand reads a primary with the operators before it.
func (p *fastParser) operand(min int) {
	mark, start := p.mark(), p.pos
	switch p.peek() {
	case '-':
		p.unary("-")
		return
	case '+':
		p.unary("+")
		return
	case '~':
		p.unary("~")
		return
	case 'n':
		if p.is("not") {
			if min > precNot {
				p.giveUp()
			}
			p.keyword(len("not"))
			p.below(precNot)
			p.field("argument")
			p.wrap("not_operator", mark, start)
			return
		}
	case 'a':
		if p.is("await") {
			p.keyword(len("await"))
			if c := p.peek(); !isLetter(c) && c != '(' {
				p.giveUp()
			}
			p.below(precPower)
			p.wrap("await", mark, start)
			return
		}
	}
	p.primary()
}

// unary reads a sign and its operand.
func (p *fastParser) unary(op string) {
	mark, start := p.mark(), p.pos
	p.push(op, start, start+1)
	p.field("operator")
	p.take(1)
	p.below(precPower)
	p.field("argument")
	p.wrap("unary_operator", mark, start)
}

// below reads the operand of a prefix.
func (p *fastParser) below(min int) {
	p.enter()
	p.binary(min)
	p.leave()
}
