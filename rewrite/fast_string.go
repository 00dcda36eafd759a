package rewrite

import "bytes"

// literal is a string that is being read.
type literal struct {
	quote               byte
	triple, raw, format bool
	bytes               bool // the prefix holds a b
}

// strings reads a string and those that follow it directly.
func (p *fastParser) strings() {
	mark, start := p.mark(), p.pos
	p.str()
	if !p.atString() {
		return
	}
	for p.atString() {
		p.str()
	}
	p.wrap("concatenated_string", mark, start)
}

// atString reports whether the next token starts a string.
func (p *fastParser) atString() bool {
	for n := 0; n < 3; n++ {
		switch lower(p.at(n)) {
		case '"', '\'':
			return true
		case 'r', 'b', 'u', 'f':
		default:
			return false
		}
	}
	return false
}

// str reads one string with its prefix.
func (p *fastParser) str() {
	mark, start := p.mark(), p.pos
	var l literal
	i := start
	for ; isLetter(p.src[i]); i++ {
		switch lower(p.src[i]) {
		case 'r':
			l.raw = true
		case 'b':
			l.bytes = true
		case 'f':
			l.format = true
		}
	}
	if i-start == 2 && (!l.raw || !l.bytes && !l.format) {
		p.giveUp()
	}
	l.quote = p.src[i]
	l.triple = bytes.HasPrefix(p.src[i:], []byte{l.quote, l.quote, l.quote})
	i++
	if l.triple {
		i += 2
	}
	p.push("string_start", start, i)
	i, end := p.content(l, i)
	p.push("string_end", i, end)
	p.pos = end
	p.end = end
	p.wrap("string", mark, start)
	p.space()
}

// content reads from i on what stands between the quotes, and returns where
// the closing quotes start and end.
//
// The grammar's scanner takes the backslashes of a raw string, and what they
// escape, for part of the closing quotes where it has seen nothing else since
// its scan began.
func (p *fastParser) content(l literal, i int) (end, behind int) {
	from, mark := i, p.mark()
	scan, seen := i, false // where the scanner's scan began, and whether it has seen more than backslashes
	flush := func(end int) {
		if end > from {
			p.end = end
			p.wrap("string_content", mark, from)
		}
	}
	for i < len(p.src) {
		switch c := p.src[i]; {
		case c == l.quote:
			behind = i + 1
			if l.triple {
				behind = i + 3
			}
			if !l.triple || bytes.HasPrefix(p.src[i:], []byte{c, c, c}) {
				if l.raw && !seen {
					i = scan
				}
				flush(i)
				return i, behind
			}
			i++
			if i < len(p.src) && p.src[i] == c {
				i++
			}
			scan, seen = i, false
		case c == '\n' && !l.triple, c == 0:
			p.giveUp()
		case c == '\\' && l.raw:
			i++
			if i < len(p.src) && (p.src[i] == l.quote || p.src[i] == '\\') {
				i++
			}
			if i < len(p.src) && p.src[i] == '\r' {
				i++
			}
			if i < len(p.src) && p.src[i] == '\n' {
				i++
			}
		case c == '\\':
			i = p.escape(l, i)
		case l.format && (c == '{' || c == '}'):
			if l.raw && !seen && i > scan {
				p.giveUp()
			}
			if i+1 < len(p.src) && p.src[i+1] == c {
				p.push("escape_interpolation", i, i+2)
				i += 2
				scan, seen = i, false
				continue
			}
			if c == '}' {
				p.giveUp()
			}
			flush(i)
			p.interpolation(l, i, "interpolation")
			i = p.pos
			from, mark = i, p.mark()
			scan, seen = i, false
		default:
			i++
			seen = true
		}
	}
	p.giveUp()
	return 0, 0
}

// interpolation reads a replacement field of an f-string at i, and leaves pos
// right behind it.
func (p *fastParser) interpolation(l literal, i int, kind string) {
	mark, start, depth := p.mark(), i, p.depth
	p.depth++
	p.pos = i
	p.take(1)
	p.expression()
	p.field("expression")
	if p.peek() == '=' {
		p.take(1)
	}
	if p.peek() == '!' {
		if c := p.at(1); c != 'r' && c != 's' && c != 'a' {
			p.giveUp()
		}
		p.push("type_conversion", p.pos, p.pos+2)
		p.field("type_conversion")
		p.take(2)
	}
	if p.peek() == ':' {
		p.formatSpec(l)
	}
	if p.peek() != '}' || bytes.IndexByte(p.src[start:p.pos], '\n') >= 0 {
		p.giveUp()
	}
	p.depth = depth
	p.pos++
	p.end = p.pos
	p.wrap(kind, mark, start)
}

// formatSpec reads the format specifier at pos, up to the bracket that ends
// its field.
func (p *fastParser) formatSpec(l literal) {
	mark, start := p.mark(), p.pos
	i := p.pos + 1
	if p.at(1) == '=' {
		p.giveUp() // might be ":="
	}
	for i < len(p.src) && p.src[i] != '}' {
		switch c := p.src[i]; {
		case c == '\n' || c == '\\' || c == l.quote || c == 0:
			p.giveUp()
		case c == '{':
			p.interpolation(l, i, "format_expression")
			i = p.pos
		default:
			i++
		}
	}
	p.pos, p.end = i, i
	p.wrap("format_specifier", mark, start)
	p.field("format_specifier")
}
