package rewrite

// importStatement reads "import a.b as c, d".
func (p *fastParser) importStatement() {
	mark, start := p.mark(), p.pos
	p.keyword(len("import"))
	p.imported()
	for p.peek() == ',' {
		p.take(1)
		p.imported()
	}
	p.wrap("import_statement", mark, start)
}

// fromImport reads "from a import b".
func (p *fastParser) fromImport() {
	mark, start := p.mark(), p.pos
	p.keyword(len("from"))
	kind := "import_from_statement"
	switch {
	case p.peek() == '.':
		p.relativeImport()
		p.field("module_name")
	case p.accept("__future__"):
		kind = "future_import_statement"
	default:
		p.dottedName()
		p.field("module_name")
	}
	if !p.accept("import") {
		p.giveUp()
	}
	switch {
	case p.peek() == '*' && kind == "import_from_statement":
		p.push("wildcard_import", p.pos, p.pos+1)
		p.take(1)
	case p.peek() == '(':
		p.begin()
		p.separated(')', p.imported)
		p.finish(')')
	default:
		p.imported()
		for p.peek() == ',' {
			p.take(1)
			p.imported()
		}
	}
	p.wrap(kind, mark, start)
}

// relativeImport reads dots and perhaps a name.
func (p *fastParser) relativeImport() {
	mark, start := p.mark(), p.pos
	for p.peek() == '.' {
		p.take(1)
	}
	p.push("import_prefix", start, p.end)
	if !p.is("import") {
		p.dottedName()
	}
	p.wrap("relative_import", mark, start)
}

// imported reads one name of an import, with its alias.
func (p *fastParser) imported() {
	mark, start := p.mark(), p.pos
	p.dottedName()
	p.field("name")
	if p.accept("as") {
		p.name()
		p.field("alias")
		p.wrap("aliased_import", mark, start)
		p.field("name")
	}
}

func (p *fastParser) dottedName() {
	mark, start := p.mark(), p.pos
	p.name()
	for p.peek() == '.' {
		p.take(1)
		p.name()
	}
	p.wrap("dotted_name", mark, start)
}
