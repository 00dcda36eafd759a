package rewrite

func (p *fastParser) tryStatement() {
	mark, start := p.mark(), p.pos
	p.keyword(len("try"))
	p.suite("body")
	handled := false
	for p.clause("except") {
		handled = true
		p.exceptClause()
	}
	if handled {
		p.otherwise("")
	}
	if p.clause("finally") {
		handled = true
		inner, from := p.mark(), p.pos
		p.keyword(len("finally"))
		p.suite("")
		p.wrap("finally_clause", inner, from)
	}
	if !handled {
		p.giveUp()
	}
	p.wrap("try_statement", mark, start)
}

func (p *fastParser) exceptClause() {
	mark, start := p.mark(), p.pos
	p.keyword(len("except"))
	if p.peek() != ':' {
		inner, from := p.mark(), p.pos
		p.expression()
		if p.peek() == ',' {
			p.take(1)
			p.expression()
		} else {
			p.alias(inner, from)
		}
	}
	p.suite("")
	p.wrap("except_clause", mark, start)
}

// alias reads on where "as …" follows an expression.
func (p *fastParser) alias(mark, start int) {
	if !p.accept("as") {
		return
	}
	inner, from := p.mark(), p.pos
	p.primary()
	p.wrap("as_pattern_target", inner, from)
	p.field("alias")
	p.wrap("as_pattern", mark, start)
}
