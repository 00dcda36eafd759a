package rewrite

// lambda reads a lambda.
func (p *fastParser) lambda() {
	mark, start := p.mark(), p.pos
	p.keyword(len("lambda"))
	if p.peek() != ':' {
		inner, from := p.mark(), p.pos
		for {
			p.parameter(false)
			if p.peek() != ',' {
				break
			}
			p.take(1)
			if p.peek() == ':' {
				break
			}
		}
		p.wrap("lambda_parameters", inner, from)
		p.field("parameters")
	}
	p.want(':')
	p.expression()
	p.field("body")
	p.wrap("lambda", mark, start)
}

// parameters reads the parameters of a function.
func (p *fastParser) parameters() {
	mark, start := p.mark(), p.pos
	if p.peek() != '(' {
		p.giveUp()
	}
	p.begin()
	for p.peek() != ')' {
		p.parameter(true)
		if p.peek() != ',' {
			break
		}
		p.take(1)
	}
	p.finish(')')
	p.wrap("parameters", mark, start)
}

// parameter reads one parameter, whose type may follow if it is typed.
func (p *fastParser) parameter(typed bool) {
	mark, start := p.mark(), p.pos
	plain := false
	switch p.peek() {
	case '*':
		if !p.stars() {
			return
		}
	case '/':
		p.push("positional_separator", start, start+1)
		p.take(1)
		return
	default:
		p.name()
		plain = true
	}
	kind := "default_parameter"
	if typed && p.peek() == ':' {
		kind = "typed_default_parameter"
		p.take(1)
		p.annotation()
		p.field("type")
		if p.peek() != '=' {
			p.wrap("typed_parameter", mark, start)
			return
		}
	}
	if p.peek() == '=' && plain {
		p.drafts[p.open[mark]].field = "name"
		p.take(1)
		p.expression()
		p.field("value")
		p.wrap(kind, mark, start)
	}
}

// stars reads a parameter that takes the rest, and reports whether it is one
// and not the star before those without position.
func (p *fastParser) stars() bool {
	mark, start := p.mark(), p.pos
	if p.at(1) == '*' {
		p.take(2)
		p.name()
		p.wrap("dictionary_splat_pattern", mark, start)
		return true
	}
	p.take(1)
	if p.peek() == ',' {
		p.push("keyword_separator", start, start+1)
		return false
	}
	p.name()
	p.wrap("list_splat_pattern", mark, start)
	return true
}

// function reads a function whose first token was at start.
func (p *fastParser) function(mark, start int) {
	p.keyword(len("def"))
	p.name()
	p.field("name")
	if p.peek() == '[' {
		p.typeParameters()
		p.field("type_parameters")
	}
	p.parameters()
	p.field("parameters")
	if p.peek() == '-' && p.at(1) == '>' {
		p.take(2)
		p.annotation()
		p.field("return_type")
		p.boundless()
	}
	p.suite("body")
	p.wrap("function_definition", mark, start)
}

// boundless gives up where the grammar may take the start of a body on the same
// line for the bound of the returned type.
func (p *fastParser) boundless() {
	p.want(':')
	if end := p.word(); end > p.pos && !reserved(p.src[p.pos:end]) {
		p.giveUp()
	}
	p.pos = p.end - 1
}

// class reads a class.
func (p *fastParser) class() {
	mark, start := p.mark(), p.pos
	p.keyword(len("class"))
	p.name()
	p.field("name")
	if p.peek() == '[' {
		p.typeParameters()
		p.field("type_parameters")
	}
	if p.peek() == '(' {
		p.arguments()
		if p.top().kind != "argument_list" {
			p.giveUp()
		}
		p.field("superclasses")
	}
	p.suite("body")
	p.wrap("class_definition", mark, start)
}

// decorated reads decorators and what they decorate.
func (p *fastParser) decorated() {
	mark, start := p.mark(), p.pos
	for p.peek() == '@' {
		inner, from := p.mark(), p.pos
		p.take(1)
		p.expression()
		p.wrap("decorator", inner, from)
		p.newLine()
		if p.column != p.indent {
			p.giveUp()
		}
	}
	inner, from := p.mark(), p.pos
	switch {
	case p.is("class"):
		p.class()
	case p.accept("async"), p.is("def"):
		if !p.is("def") {
			p.giveUp()
		}
		p.function(inner, from)
	default:
		p.giveUp()
	}
	p.field("definition")
	p.wrap("decorated_definition", mark, start)
}
