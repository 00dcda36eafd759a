package rewrite

// parenthesis reads a tuple, a generator or an expression in parentheses.
func (p *fastParser) parenthesis() {
	p.enter()
	mark, start := p.mark(), p.pos
	p.begin()
	kind := "tuple"
	switch {
	case p.is("yield"):
		p.yield()
		kind = "parenthesized_expression"
	case p.peek() != ')':
		starred := p.peek() == '*'
		if comma := p.elements(')'); !comma {
			kind = "parenthesized_expression"
			if starred {
				p.giveUp()
			}
		}
		if p.atClause() {
			p.comprehension(mark)
			kind = "generator_expression"
		}
	}
	p.finish(')')
	p.wrap(kind, mark, start)
	p.leave()
}

// list reads a list or a list comprehension.
func (p *fastParser) list() {
	p.enter()
	mark, start := p.mark(), p.pos
	p.begin()
	kind := "list"
	if p.peek() != ']' {
		p.elements(']')
		if p.atClause() {
			p.comprehension(mark)
			kind = "list_comprehension"
		}
	}
	p.finish(']')
	p.wrap(kind, mark, start)
	p.leave()
}

// elements reads the elements of a display up to its closing bracket and
// reports whether there was a comma.
func (p *fastParser) elements(closing byte) (comma bool) {
	for {
		if p.peek() == '*' {
			if p.at(1) == '*' {
				p.giveUp()
			}
			p.splat()
		} else {
			p.named()
		}
		if p.peek() != ',' {
			return comma
		}
		comma = true
		p.take(1)
		if p.peek() == closing {
			return true
		}
	}
}

// braces reads a dictionary, a set or the comprehension of either.
func (p *fastParser) braces() {
	p.enter()
	mark, start := p.mark(), p.pos
	p.begin()
	kind := "dictionary"
	switch {
	case p.peek() == '}':
	case p.peek() == '*' && p.at(1) == '*':
		p.pairs()
	default:
		from := p.pos
		kind = "set"
		if p.peek() == '*' {
			p.elements('}')
			break
		}
		p.named()
		switch {
		case p.peek() == ':':
			kind = "dictionary"
			p.pair(mark, from)
			if p.atClause() {
				kind = "dictionary_comprehension"
				p.comprehension(mark)
			} else if p.peek() == ',' {
				p.take(1)
				p.pairs()
			}
		case p.atClause():
			kind = "set_comprehension"
			p.comprehension(mark)
		case p.peek() == ',':
			p.take(1)
			if p.peek() != '}' {
				p.elements('}')
			}
		}
	}
	p.finish('}')
	p.wrap(kind, mark, start)
	p.leave()
}

// pairs reads what follows in a dictionary.
func (p *fastParser) pairs() {
	for p.peek() != '}' {
		mark, start := p.mark(), p.pos
		if p.peek() == '*' {
			if p.at(1) != '*' {
				p.giveUp()
			}
			p.splat()
		} else {
			p.expression()
			p.pair(mark, start)
		}
		if p.peek() != ',' {
			return
		}
		p.take(1)
	}
}

// pair reads on behind the key of a pair.
func (p *fastParser) pair(mark, start int) {
	if p.peek() != ':' || p.top().kind == "named_expression" {
		p.giveUp()
	}
	p.field("key")
	p.take(1)
	p.expression()
	p.field("value")
	p.wrap("pair", mark, start)
}
