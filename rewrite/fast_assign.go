package rewrite

// expressionStatement reads an expression or an assignment.
func (p *fastParser) expressionStatement() {
	mark, start := p.mark(), p.pos
	if p.is("yield") {
		p.yield()
		p.wrap("expression_statement", mark, start)
		return
	}
	comma := p.commas()
	switch op := p.augmented(); {
	case p.peek() == '=':
		if comma {
			p.wrap("expression_list", mark, start)
		}
		p.assign(mark, start)
	case p.peek() == ':' && !comma:
		p.annotated()
		if p.peek() == '=' {
			p.take(1)
			p.value()
			p.field("right")
		}
		p.wrap("assignment", mark, start)
	case op != "":
		if comma {
			p.giveUp()
		}
		p.pattern(p.top())
		p.field("left")
		p.push(op, p.pos, p.pos+len(op))
		p.field("operator")
		p.take(len(op))
		p.value()
		p.field("right")
		p.wrap("augmented_assignment", mark, start)
	}
	p.wrap("expression_statement", mark, start)
}

// assign reads on behind the last node, which is assigned to.
func (p *fastParser) assign(mark, start int) {
	p.enter()
	p.pattern(p.top())
	p.field("left")
	p.want('=')
	from := p.pos
	p.value()
	if p.peek() == '=' {
		p.assign(p.mark()-1, from)
	}
	p.field("right")
	p.wrap("assignment", mark, start)
	p.leave()
}

// annotated reads the type behind the last node.
func (p *fastParser) annotated() {
	switch p.top().kind {
	case "identifier", "attribute", "subscript":
	default:
		p.giveUp()
	}
	p.field("left")
	p.want(':')
	p.annotation()
	p.field("type")
}

// value reads what is assigned.
func (p *fastParser) value() {
	if p.is("yield") {
		p.yield()
		return
	}
	p.expressions()
}

// augmented returns the operator of an augmented assignment at pos, or "".
func (p *fastParser) augmented() string {
	c, next := p.peek(), p.at(1)
	if next == c && p.at(2) == '=' {
		switch c {
		case '*':
			return "**="
		case '/':
			return "//="
		case '<':
			return "<<="
		case '>':
			return ">>="
		}
	}
	if next != '=' {
		return ""
	}
	switch c {
	case '+':
		return "+="
	case '-':
		return "-="
	case '*':
		return "*="
	case '/':
		return "/="
	case '%':
		return "%="
	case '@':
		return "@="
	case '&':
		return "&="
	case '|':
		return "|="
	case '^':
		return "^="
	}
	return ""
}

// pattern makes an expression the pattern that it is on the left of an
// assignment.
func (p *fastParser) pattern(d *draft) {
	switch d.kind {
	case "identifier", "attribute", "subscript":
		return
	case "tuple", "parenthesized_expression":
		d.kind = "tuple_pattern"
	case "list":
		d.kind = "list_pattern"
	case "expression_list":
		d.kind = "pattern_list"
	case "list_splat":
		d.kind = "list_splat_pattern"
		if p.drafts[p.links[d.first]].kind != "identifier" {
			p.giveUp() // the grammar's star binds first
		}
	default:
		p.giveUp()
	}
	for _, i := range p.children(d) {
		p.pattern(&p.drafts[i])
	}
}

// targets reads what a loop assigns to.
func (p *fastParser) targets() {
	mark, start := p.mark(), p.pos
	p.target()
	if p.peek() != ',' {
		return
	}
	for p.peek() == ',' {
		p.take(1)
		if p.is("in") {
			break
		}
		p.target()
	}
	p.wrap("pattern_list", mark, start)
}

// target reads one of what a loop assigns to.
func (p *fastParser) target() {
	mark, start := p.mark(), p.pos
	if p.peek() == '*' {
		p.take(1)
		p.primary()
		p.wrap("list_splat", mark, start)
	} else {
		p.primary()
	}
	p.pattern(p.top())
}
