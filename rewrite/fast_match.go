package rewrite

// matchStatement reads a match statement.
func (p *fastParser) matchStatement() {
	mark, start := p.mark(), p.pos
	p.keyword(len("match"))
	if c := p.peek(); !isLetter(c) {
		p.giveUp() // may be an expression with a name
	}
	for {
		p.expression()
		p.field("subject")
		if p.peek() != ',' {
			break
		}
		p.take(1)
	}
	p.want(':')
	switch p.peek() {
	case '\n', '\r', '#':
	default:
		p.giveUp()
	}
	from := p.end // the grammar counts the indentation in
	if p.peek() == '#' {
		p.comment()
		from = p.pos
	}
	p.newLine()
	p.indented(p.caseClause)
	p.top().start = int32(from)
	p.field("body")
	p.wrap("match_statement", mark, start)
}

func (p *fastParser) caseClause() {
	mark, start := p.mark(), p.pos
	if !p.accept("case") {
		p.giveUp()
	}
	p.casePatterns(':')
	if p.is("if") {
		inner, from := p.mark(), p.pos
		p.keyword(len("if"))
		p.named()
		p.wrap("if_clause", inner, from)
		p.field("guard")
	}
	p.suite("consequence")
	p.wrap("case_clause", mark, start)
	p.field("alternative")
}

// casePatterns reads patterns with commas between them and perhaps one at the
// end.
func (p *fastParser) casePatterns(closing byte) {
	for {
		p.casePattern()
		if p.peek() != ',' {
			return
		}
		p.take(1)
		if p.peek() == closing || p.is("if") {
			return
		}
	}
}

// casePattern reads one pattern with what it binds.
func (p *fastParser) casePattern() {
	p.enter()
	mark, start := p.mark(), p.pos
	if p.atKeywordPattern() {
		p.name()
		p.want('=')
		p.union()
		p.wrap("keyword_pattern", mark, start)
	} else {
		p.union()
	}
	if p.is("as") {
		p.wrap("case_pattern", mark, start)
		p.keyword(len("as"))
		p.name()
		p.wrap("as_pattern", mark, start)
	}
	p.wrap("case_pattern", mark, start)
	p.leave()
}

// atKeywordPattern reports whether a name and an equals sign follow.
func (p *fastParser) atKeywordPattern() bool {
	end := p.word()
	if end == p.pos || reserved(p.src[p.pos:end]) || string(p.src[p.pos:end]) == "_" {
		return false
	}
	for end < len(p.src) && (p.src[end] == ' ' || p.src[end] == '\t') {
		end++
	}
	return end < len(p.src) && p.src[end] == '='
}

// union reads alternatives.
func (p *fastParser) union() {
	mark, start := p.mark(), p.pos
	p.closedPattern()
	if p.peek() != '|' {
		return
	}
	for p.peek() == '|' {
		p.take(1)
		p.closedPattern()
	}
	p.wrap("union_pattern", mark, start)
}

// closedPattern reads a pattern without alternatives.
func (p *fastParser) closedPattern() {
	mark, start := p.mark(), p.pos
	switch c := p.peek(); {
	case c == '(':
		p.sequencePattern("tuple_pattern", ')')
	case c == '[':
		p.sequencePattern("list_pattern", ']')
	case c == '{':
		p.dictPattern()
	case c == '*':
		p.take(1)
		if p.peek() == '*' {
			p.take(1)
		}
		p.nameOrBlank()
		p.wrap("splat_pattern", mark, start)
	case c == '-' || isDigit(c):
		if c == '-' {
			p.take(1)
		}
		if !isDigit(p.peek()) {
			p.giveUp()
		}
		p.number()
		if p.peek() == '+' || p.peek() == '-' {
			p.giveUp() // a complex number
		}
	case p.atString():
		p.strings()
	default:
		p.namePattern()
	}
}

// nameOrBlank reads a name, or the underscore, which makes no node.
func (p *fastParser) nameOrBlank() {
	if p.is("_") {
		p.take(1)
	} else {
		p.name()
	}
}

// namePattern reads a name, a dotted name, a constant or a class pattern.
func (p *fastParser) namePattern() {
	mark, start := p.mark(), p.pos
	switch word := p.src[start:p.word()]; string(word) {
	case "_":
		p.take(1)
		if p.peek() == '.' || p.peek() == '(' {
			p.giveUp()
		}
		return
	case "None", "True", "False":
		p.nameOrString()
		return
	}
	p.valueName()
	if p.peek() == '(' {
		p.begin()
		if p.peek() != ')' {
			p.casePatterns(')')
		}
		p.finish(')')
		p.wrap("class_pattern", mark, start)
	}
}

// valueName reads a name, or attributes of one.
func (p *fastParser) valueName() {
	mark, start := p.mark(), p.pos
	p.name()
	if p.peek() != '.' {
		p.wrap("dotted_name", mark, start)
		return
	}
	for p.peek() == '.' {
		p.field("object")
		p.take(1)
		p.name()
		p.field("attribute")
		p.wrap("attribute", mark, start)
	}
}

// sequencePattern reads patterns in brackets.
func (p *fastParser) sequencePattern(kind string, closing byte) {
	mark, start := p.mark(), p.pos
	p.begin()
	if p.peek() != closing {
		p.casePatterns(closing)
	}
	p.finish(closing)
	p.wrap(kind, mark, start)
}

// dictPattern reads keys with patterns for their values.
func (p *fastParser) dictPattern() {
	mark, start := p.mark(), p.pos
	p.begin()
	for p.peek() != '}' {
		if p.peek() == '*' {
			p.closedPattern()
		} else {
			if p.is("_") {
				p.giveUp() // of which the field makes a node
			}
			p.closedPattern()
			p.field("key")
			p.want(':')
			p.casePattern()
			p.field("value")
		}
		if p.peek() != ',' {
			break
		}
		p.take(1)
	}
	p.finish('}')
	p.wrap("dict_pattern", mark, start)
}
