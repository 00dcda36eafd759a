package rewrite

// simpleLine reads the simple statements of one line, and the line's end.
func (p *fastParser) simpleLine() {
	for {
		p.simple()
		if p.peek() != ';' {
			break
		}
		end := p.end
		p.take(1)
		p.end = end
		if p.peek() == '\n' || p.peek() == '\r' || p.peek() == '#' {
			break
		}
	}
	p.newLine()
}

// ended reports whether a simple statement cannot go on.
func (p *fastParser) ended() bool {
	switch p.peek() {
	case '\n', '\r', '#', ';', 0:
		return true
	}
	return false
}

// simple reads one simple statement.
func (p *fastParser) simple() {
	mark, start := p.mark(), p.pos
	switch word := p.src[start:p.word()]; string(word) {
	case "pass":
		p.keyword(len(word))
		p.wrap("pass_statement", mark, start)
	case "break":
		p.keyword(len(word))
		p.wrap("break_statement", mark, start)
	case "continue":
		p.keyword(len(word))
		p.wrap("continue_statement", mark, start)
	case "return":
		p.keyword(len(word))
		if !p.ended() {
			p.expressions()
		}
		p.wrap("return_statement", mark, start)
	case "raise":
		p.raise()
	case "del":
		p.keyword(len(word))
		p.expressions()
		p.wrap("delete_statement", mark, start)
	case "assert":
		p.keyword(len(word))
		p.expression()
		if p.peek() == ',' {
			p.take(1)
			p.expression()
		}
		p.wrap("assert_statement", mark, start)
	case "global":
		p.declared(len(word))
		p.wrap("global_statement", mark, start)
	case "nonlocal":
		p.declared(len(word))
		p.wrap("nonlocal_statement", mark, start)
	case "import":
		p.importStatement()
	case "from":
		p.fromImport()
	case "type":
		if p.softName(len(word)) {
			p.expressionStatement()
		} else {
			p.typeAlias()
		}
	case "print", "exec", "match":
		if !p.softName(len(word)) {
			p.giveUp()
		}
		p.expressionStatement()
	default:
		p.expressionStatement()
	}
	if !p.ended() {
		p.giveUp()
	}
}

// softName reports whether a word of n bytes, which may start a statement of
// its own, is surely a plain name here.
func (p *fastParser) softName(n int) bool {
	for p.at(n) == ' ' || p.at(n) == '\t' {
		n++
	}
	switch p.at(n) {
	case '(', '.', ',', ':':
		return true
	case '=':
		return p.at(n+1) != '='
	}
	return false
}

// typeAlias reads "type X = int".
func (p *fastParser) typeAlias() {
	mark, start := p.mark(), p.pos
	p.keyword(len("type"))
	if end := p.word(); end == p.pos || reserved(p.src[p.pos:end]) {
		p.giveUp() // an expression with a name
	}
	p.annotation()
	p.want('=')
	p.annotation()
	p.wrap("type_alias_statement", mark, start)
}

// declared reads the names behind a keyword of n bytes.
func (p *fastParser) declared(n int) {
	p.keyword(n)
	p.name()
	for p.peek() == ',' {
		p.take(1)
		p.name()
	}
}

func (p *fastParser) raise() {
	mark, start := p.mark(), p.pos
	p.keyword(len("raise"))
	if !p.ended() {
		p.expressions()
		if p.accept("from") {
			p.expression()
			p.field("cause")
		}
	}
	p.wrap("raise_statement", mark, start)
}

// yield reads a yield expression.
func (p *fastParser) yield() {
	mark, start := p.mark(), p.pos
	p.keyword(len("yield"))
	switch {
	case p.accept("from"):
		p.expression()
	case p.ended() || p.peek() == ')':
	default:
		p.expressions()
	}
	p.wrap("yield", mark, start)
}
