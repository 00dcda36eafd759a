package rewrite

// annotation reads a type. The grammar reads the subscript of a plain name at
// its start as a generic type, and what such a type is united with as types.
func (p *fastParser) annotation() {
	p.enter()
	mark, start := p.mark(), p.pos
	for generic := p.member(); generic && p.peek() == '|'; {
		p.take(1)
		generic = p.member()
		p.wrap("union_type", mark, start)
		p.wrap("type", mark, start)
	}
	p.leave()
}

// member reads a type that is not a union, and reports whether it is generic.
func (p *fastParser) member() bool {
	mark, start := p.mark(), p.pos
	switch {
	case p.peek() == '*':
		p.take(1)
		if p.peek() == '*' {
			p.take(1)
		}
		p.name()
		p.wrap("splat_type", mark, start)
	case p.atGeneric():
		p.name()
		p.typeParameters()
		p.wrap("generic_type", mark, start)
	default:
		p.expression()
		p.wrap("type", mark, start)
		return false
	}
	p.wrap("type", mark, start)
	switch p.peek() {
	case ',', ']', ')', ':', '=', '|', '\n', '\r', '#', ';', 0:
	default:
		p.giveUp()
	}
	return true
}

// atGeneric reports whether a name and a bracket follow.
func (p *fastParser) atGeneric() bool {
	end := p.word()
	switch word := p.src[p.pos:end]; string(word) {
	case "", "print", "exec", "type", "match":
		return false
	default:
		if reserved(word) {
			return false
		}
	}
	for end < len(p.src) && isSpace(p.src[end]) && (p.depth > 0 || isBlank(p.src[end])) {
		end++
	}
	if end < len(p.src) && (p.src[end] == '#' && p.depth > 0 || p.src[end] == '\\') {
		p.giveUp() // the bracket may be behind it
	}
	return end < len(p.src) && p.src[end] == '['
}

// typeParameters reads types in brackets, which may have bounds.
func (p *fastParser) typeParameters() {
	mark, start := p.mark(), p.pos
	p.begin()
	p.separated(']', func() {
		inner, from := p.mark(), p.pos
		p.annotation()
		if p.peek() == ':' {
			p.take(1)
			p.annotation()
			p.wrap("constrained_type", inner, from)
			p.wrap("type", inner, from)
		}
	})
	p.finish(']')
	p.wrap("type_parameter", mark, start)
}
