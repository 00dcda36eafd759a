package rewrite

// primary reads an atom with the attributes, calls and subscripts behind it.
func (p *fastParser) primary() {
	mark, start := p.mark(), p.pos
	p.atom()
	for {
		switch p.peek() {
		case '.':
			p.field("object")
			p.take(1)
			p.name()
			p.field("attribute")
			p.wrap("attribute", mark, start)
		case '(':
			p.field("function")
			p.arguments()
			p.field("arguments")
			p.wrap("call", mark, start)
		case '[':
			p.field("value")
			p.subscripts()
			p.wrap("subscript", mark, start)
		default:
			return
		}
	}
}

// atom reads a name, a literal or something in brackets.
func (p *fastParser) atom() {
	switch c := p.peek(); {
	case c == '"' || c == '\'':
		p.strings()
	case isLetter(c):
		p.nameOrString()
	case isDigit(c):
		p.number()
	case c == '(':
		p.parenthesis()
	case c == '[':
		p.list()
	case c == '{':
		p.braces()
	case c == '.' && isDigit(p.at(1)):
		p.number()
	case c == '.' && p.at(1) == '.' && p.at(2) == '.':
		p.push("ellipsis", p.pos, p.pos+3)
		p.take(3)
	default:
		p.giveUp()
	}
}

// nameOrString reads a name, a constant that is spelled like one, or a string
// with a prefix.
func (p *fastParser) nameOrString() {
	end := p.word()
	if end < len(p.src) && (p.src[end] == '"' || p.src[end] == '\'') {
		if !p.atString() {
			p.giveUp()
		}
		p.strings()
		return
	}
	kind := "identifier"
	if word := p.src[p.pos:end]; reserved(word) {
		switch string(word) {
		case "None":
			kind = "none"
		case "True":
			kind = "true"
		case "False":
			kind = "false"
		default:
			p.giveUp()
		}
	}
	p.push(kind, p.pos, end)
	p.take(end - p.pos)
}

// arguments reads the arguments of a call or of a class.
func (p *fastParser) arguments() {
	p.enter()
	mark, start := p.mark(), p.pos
	kind := "argument_list"
	p.begin()
	for first := true; p.peek() != ')'; first = false {
		p.argument()
		if first && p.atClause() {
			kind = "generator_expression"
			p.field("body")
			p.clauses()
			break
		}
		if p.peek() != ',' {
			break
		}
		p.take(1)
	}
	p.finish(')')
	p.wrap(kind, mark, start)
	p.leave()
}

// argument reads one argument.
func (p *fastParser) argument() {
	mark, start := p.mark(), p.pos
	switch {
	case p.peek() == '*' && p.at(1) != '*':
		p.take(1)
		p.expression()
		p.wrap("list_splat", mark, start)
	case p.peek() == '*':
		p.splat()
	default:
		p.named()
		if p.peek() == '=' && p.isName(start) {
			p.field("name")
			p.take(1)
			p.expression()
			p.field("value")
			p.wrap("keyword_argument", mark, start)
			if p.atClause() {
				p.giveUp()
			}
		}
	}
}

// splat reads "*" or "**" and what it unpacks, in a display.
func (p *fastParser) splat() {
	mark, start := p.mark(), p.pos
	if p.at(1) == '*' {
		p.take(2)
		p.expression()
		p.wrap("dictionary_splat", mark, start)
	} else {
		p.take(1)
		p.primary()
		p.wrap("list_splat", mark, start)
	}
	switch p.peek() {
	case ',', ')', ']', '}':
	default:
		p.giveUp() // the grammar's star binds first
	}
}

// subscripts reads what stands in the brackets behind a value.
func (p *fastParser) subscripts() {
	p.enter()
	p.begin()
	p.separated(']', func() {
		p.subscript()
		p.field("subscript")
	})
	p.finish(']')
	p.leave()
}

// subscript reads an index or a slice.
func (p *fastParser) subscript() {
	mark, start := p.mark(), p.pos
	if p.peek() != ':' {
		p.named()
		if p.peek() != ':' {
			return
		}
	}
	for range 2 {
		if p.peek() != ':' {
			break
		}
		p.take(1)
		switch p.peek() {
		case ':', ',', ']':
		default:
			p.expression()
		}
	}
	p.wrap("slice", mark, start)
}
