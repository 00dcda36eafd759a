package rewrite

import "bytes"

// statement reads a compound statement, or a line of simple ones, and moves to
// the first token of the next line that holds any.
func (p *fastParser) statement() {
	p.enter()
	defer p.leave()
	mark, start := p.mark(), p.pos
	if p.peek() == '@' {
		p.decorated()
		return
	}
	switch word := p.src[start:p.word()]; string(word) {
	case "if":
		p.ifStatement()
	case "for":
		p.forStatement(mark, start)
	case "while":
		p.keyword(len(word))
		p.named()
		p.field("condition")
		p.suite("body")
		p.otherwise("alternative")
		p.wrap("while_statement", mark, start)
	case "try":
		p.tryStatement()
	case "with":
		p.withStatement(mark, start)
	case "def":
		p.function(mark, start)
	case "class":
		p.class()
	case "async":
		p.keyword(len(word))
		switch {
		case p.is("def"):
			p.function(mark, start)
		case p.is("for"):
			p.forStatement(mark, start)
		case p.is("with"):
			p.withStatement(mark, start)
		default:
			p.giveUp()
		}
	case "match":
		if p.softName(len(word)) {
			p.simpleLine()
		} else {
			p.matchStatement()
		}
	default:
		p.simpleLine()
	}
}

// newLine moves from the end of a logical line to the first token of the next.
func (p *fastParser) newLine() {
	switch p.peek() {
	case '\n', '\r', '#', 0:
		p.blankLines()
	default:
		p.giveUp()
	}
}

// blankLines moves past line ends, comments and blanks and takes in the column
// where it arrives.
func (p *fastParser) blankLines() {
	p.column = 0
	feed := false
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; c {
		case '\n':
			p.pos++
			p.column, p.line, feed = 0, p.pos, false
		case '\r':
			if p.at(1) != '\n' {
				p.giveUp()
			}
			p.pos++
		case ' ', '\t':
			p.pos++
			p.column += width(c)
		case '\f':
			p.pos++
			feed = true
		case '#':
			p.comment()
		default:
			if feed || c == '\\' || p.column > 255 {
				p.giveUp()
			}
			return
		}
	}
	p.column = 0
}

// suite reads a colon and the statements behind it, which fill a field or "".
func (p *fastParser) suite(field string) {
	p.want(':')
	mark, start := p.mark(), p.pos
	switch p.peek() {
	case '\n', '\r', '#':
		p.newLine()
		p.block()
	default:
		if bytes.IndexByte(p.src[p.end:p.pos], '\n') >= 0 {
			p.giveUp()
		}
		p.simpleLine()
		p.wrap("block", mark, start)
	}
	p.field(field)
}

// block reads indented statements.
func (p *fastParser) block() { p.indented(p.statement) }

// indented reads a block whose every statement read reads.
func (p *fastParser) indented(read func()) {
	outer := p.indent
	if p.column <= outer {
		p.giveUp()
	}
	p.indent = p.column
	blanks := p.src[p.line:p.pos]
	mark, start := p.mark(), p.pos
	for {
		read()
		if p.column != p.indent {
			break
		}
		if !bytes.Equal(blanks, p.src[p.line:p.pos]) {
			p.giveUp()
		}
	}
	if p.column > p.indent {
		p.giveUp()
	}
	p.indent = outer
	p.wrap("block", mark, start)
}

// clause reports whether the next line goes on with the compound statement
// that was read, by a clause with this keyword.
func (p *fastParser) clause(keyword string) bool {
	return p.column == p.indent && p.is(keyword)
}

func (p *fastParser) ifStatement() {
	mark, start := p.mark(), p.pos
	p.keyword(len("if"))
	p.named()
	p.field("condition")
	p.suite("consequence")
	for p.clause("elif") {
		inner, from := p.mark(), p.pos
		p.keyword(len("elif"))
		p.named()
		p.field("condition")
		p.suite("consequence")
		p.wrap("elif_clause", inner, from)
		p.field("alternative")
	}
	p.otherwise("alternative")
	p.wrap("if_statement", mark, start)
}

// otherwise reads an else clause if there is one; it fills a field or "".
func (p *fastParser) otherwise(field string) {
	if !p.clause("else") {
		return
	}
	mark, start := p.mark(), p.pos
	p.keyword(len("else"))
	p.suite("body")
	p.wrap("else_clause", mark, start)
	p.field(field)
}

func (p *fastParser) forStatement(mark, start int) {
	p.keyword(len("for"))
	p.targets()
	p.field("left")
	if !p.accept("in") {
		p.giveUp()
	}
	p.expressions()
	p.field("right")
	p.suite("body")
	p.otherwise("alternative")
	p.wrap("for_statement", mark, start)
}
