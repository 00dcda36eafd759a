package gitops

import (
	"bytes"
	"fmt"
	"strings"
)

// configEntry is one assignment of a Git configuration file.
type configEntry struct {
	key   string // "section.name" or "section.Sub.name": section and name in lower case
	value string
	bare  bool // written without "=", which is true for a boolean
}

// parseConfig reads the text of a configuration file in order of its lines.
func parseConfig(text []byte) ([]configEntry, error) {
	p := configParser{text: bytes.TrimPrefix(text, []byte("\ufeff")), line: 1}
	return p.run()
}

type configParser struct {
	text    []byte
	pos     int
	line    int
	section string
	entries []configEntry
}

func (p *configParser) run() ([]configEntry, error) {
	for {
		p.skipBlank()
		c := p.peek()
		var err error
		switch {
		case c == -1:
			return p.entries, nil
		case c == '#' || c == ';':
			p.skipLine()
		case c == '[':
			err = p.readSection()
		case isAlpha(c):
			err = p.readEntry()
		default:
			err = p.bad("unexpected " + string(rune(c)))
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *configParser) bad(what string) error { return fmt.Errorf("line %d: %s", p.line, what) }

// peek returns the next byte, with CRLF read as LF, or -1 at the end.
func (p *configParser) peek() int {
	if p.pos >= len(p.text) {
		return -1
	}
	if p.text[p.pos] == '\r' && p.pos+1 < len(p.text) && p.text[p.pos+1] == '\n' {
		return '\n'
	}
	return int(p.text[p.pos])
}

func (p *configParser) next() int {
	c := p.peek()
	if c == -1 {
		return c
	}
	if c == '\n' {
		p.line++
		if p.text[p.pos] == '\r' {
			p.pos++
		}
	}
	p.pos++
	return c
}

func (p *configParser) skipBlank() {
	for c := p.peek(); c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; c = p.peek() {
		p.next()
	}
}

func (p *configParser) skipSpaces() {
	for c := p.peek(); c == ' ' || c == '\t'; c = p.peek() {
		p.next()
	}
}

func (p *configParser) skipLine() {
	for c := p.next(); c != '\n' && c != -1; c = p.next() {
	}
}

// readSection reads [name], [name "Sub"] or the old [name.sub], which Git
// reads in lower case.
func (p *configParser) readSection() error {
	p.next()
	var name strings.Builder
	for c := p.next(); c != ']'; c = p.next() {
		switch {
		case c == ' ' || c == '\t':
			sub, err := p.readSubsection()
			p.section = strings.ToLower(name.String()) + "." + sub
			return err
		case isAlpha(c) || isDigit(c) || c == '-' || c == '.':
			name.WriteByte(byte(c))
		default:
			return p.bad("bad section header")
		}
	}
	p.section = strings.ToLower(name.String())
	return nil
}

func (p *configParser) readSubsection() (string, error) {
	p.skipSpaces()
	if p.next() != '"' {
		return "", p.bad("bad section header")
	}
	var sub strings.Builder
	for c := p.next(); c != '"'; c = p.next() {
		if c == '\\' {
			c = p.next()
		}
		if c == -1 || c == '\n' {
			return "", p.bad("bad section header")
		}
		sub.WriteByte(byte(c))
	}
	if p.next() != ']' {
		return "", p.bad("bad section header")
	}
	return sub.String(), nil
}

func (p *configParser) readEntry() error {
	var name strings.Builder
	for c := p.peek(); isAlpha(c) || isDigit(c) || c == '-'; c = p.peek() {
		name.WriteByte(byte(p.next()))
	}
	if p.section == "" {
		return p.bad("a variable outside of any section")
	}
	e := configEntry{key: p.section + "." + strings.ToLower(name.String())}
	p.skipSpaces()
	switch c := p.peek(); c {
	case '=':
		p.next()
		value, err := p.readValue()
		if err != nil {
			return err
		}
		e.value = value
	case '\n', -1, '#', ';':
		e.bare = true
		p.skipLine()
	default:
		return p.bad("bad variable " + name.String())
	}
	p.entries = append(p.entries, e)
	return nil
}

// readValue reads up to the end of the line; white space at both ends is
// dropped unless quoted, and a backslash before the line end continues it.
func (p *configParser) readValue() (string, error) {
	var value strings.Builder
	kept := 0 // length of the value without unquoted trailing blanks
	quoted := false
	p.skipSpaces()
	for {
		switch c := p.next(); {
		case c == -1 || c == '\n':
			if quoted {
				return "", p.bad("a quote is not closed")
			}
			return value.String()[:kept], nil
		case !quoted && (c == '#' || c == ';'):
			p.skipLine()
			return value.String()[:kept], nil
		case c == '"':
			quoted = !quoted
			kept = value.Len()
		case c == '\\':
			e, ok := configEscape(p.next())
			if !ok {
				return "", p.bad("bad escape in a value")
			}
			value.WriteString(e)
			kept = value.Len()
		case !quoted && (c == ' ' || c == '\t'):
			value.WriteByte(byte(c))
		default:
			value.WriteByte(byte(c))
			kept = value.Len()
		}
	}
}

func configEscape(c int) (string, bool) {
	switch c {
	case '\n':
		return "", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'b':
		return "\b", true
	case '"', '\\':
		return string(rune(c)), true
	}
	return "", false
}

func isAlpha(c int) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c int) bool { return '0' <= c && c <= '9' }
