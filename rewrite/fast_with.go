package rewrite

func (p *fastParser) withStatement(mark, start int) {
	p.keyword(len("with"))
	inner, from := p.mark(), p.pos
	if p.peek() != '(' || !p.withParentheses() {
		p.withItem()
		for p.peek() == ',' {
			p.take(1)
			p.withItem()
		}
		p.wrap("with_clause", inner, from)
	}
	p.suite("body")
	p.wrap("with_statement", mark, start)
}

func (p *fastParser) withItem() {
	mark, start := p.mark(), p.pos
	p.expression()
	p.alias(mark, start)
	p.field("value")
	p.wrap("with_item", mark, start)
}

// withParentheses reads a with clause in parentheses. Where they belong to an
// expression it goes back and returns false.
func (p *fastParser) withParentheses() bool {
	mark, start := p.mark(), p.pos
	drafts, links := len(p.drafts), len(p.links)
	p.begin()
	p.withItem()
	comma := p.peek() == ','
	for p.peek() == ',' {
		p.take(1)
		if p.peek() == ')' {
			break
		}
		p.withItem()
	}
	p.finish(')')
	if p.peek() == ':' && comma {
		p.wrap("with_clause", mark, start)
		return true
	}
	if only := p.links[p.top().first]; p.peek() == ':' && p.drafts[only].kind == "as_pattern" {
		p.open[mark] = only // instead of its item
		p.field("")
		p.wrap("parenthesized_expression", mark, start)
		p.field("value")
		p.wrap("with_item", mark, start)
		p.wrap("with_clause", mark, start)
		return true
	}
	p.drafts, p.links, p.open = p.drafts[:drafts], p.links[:links], p.open[:mark]
	p.pos = start
	return false
}
