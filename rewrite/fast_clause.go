package rewrite

// atClause reports whether a comprehension follows.
func (p *fastParser) atClause() bool { return p.is("for") || p.is("async") }

// comprehension reads the clauses behind the one node since mark.
func (p *fastParser) comprehension(mark int) {
	if p.mark() != mark+1 || p.top().kind == "list_splat" {
		p.giveUp()
	}
	p.field("body")
	p.clauses()
}

// clauses reads the clauses of a comprehension.
func (p *fastParser) clauses() {
	for {
		mark, start := p.mark(), p.pos
		switch {
		case p.atClause():
			p.accept("async")
			if !p.accept("for") {
				p.giveUp()
			}
			p.targets()
			p.field("left")
			if !p.accept("in") {
				p.giveUp()
			}
			p.binary(precOr)
			p.field("right")
			p.wrap("for_in_clause", mark, start)
		case p.is("if"):
			p.keyword(2)
			p.binary(precOr)
			p.wrap("if_clause", mark, start)
		default:
			return
		}
	}
}
