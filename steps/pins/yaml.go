package pins

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// preCommit reads .pre-commit-config.yaml: what hooks install beside
// themselves.
func (f *finder) preCommit() error {
	return f.yamlPairs(func(y *yamlReader, key string, value ast.Node) {
		if key == "additional_dependencies" {
			y.items(value, Pin{Kind: PreCommit, Group: key})
		}
	})
}

// environment reads a conda environment: its packages, and the list that pip
// installs.
func (f *finder) environment() error {
	return f.yamlPairs(func(y *yamlReader, key string, value ast.Node) {
		switch key {
		case "dependencies":
			y.items(value, Pin{Kind: Conda, Group: key, dialect: conda})
		case "pip":
			y.items(value, Pin{Kind: CondaPip, Group: "dependencies.pip"})
		}
	})
}

// yamlReader is a parsed YAML file.
type yamlReader struct {
	f       *finder
	docs    []ast.Node
	lines   []int // offset of each line
	anchors map[string]ast.Node
}

// yamlPairs parses the file and visits every pair of every mapping.
func (f *finder) yamlPairs(visit func(y *yamlReader, key string, value ast.Node)) (err error) {
	defer func() {
		// The library panics on some malformed input.
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: read YAML: %v: put it right and run again", f.path, r)
		}
	}()
	y, err := f.yaml()
	if err != nil {
		return err
	}
	for _, doc := range y.docs {
		ast.Walk(anchorVisitor(y.anchors), doc)
	}
	for _, doc := range y.docs {
		ast.Walk(pairVisitor(func(key string, value ast.Node) { visit(y, key, value) }), doc)
	}
	return nil
}

// yaml parses the file. The library counts a line too many for some CR LF
// line ends, so it gets LF; lines and columns stay the same.
func (f *finder) yaml() (*yamlReader, error) {
	text := f.src[f.base:]
	file, err := parser.ParseBytes(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), 0)
	if err != nil {
		return nil, f.yamlError(err)
	}
	y := &yamlReader{f: f, lines: []int{f.base}, anchors: map[string]ast.Node{}}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			y.docs = append(y.docs, doc.Body)
		}
	}
	for i, c := range text {
		if c == '\n' {
			y.lines = append(y.lines, f.base+i+1)
		}
	}
	return y, nil
}

var yamlPlace = regexp.MustCompile(`^\[(\d+:\d+)\] `)

// yamlError takes the place and the first line of the library's message, which
// goes on with an excerpt of the file.
func (f *finder) yamlError(err error) error {
	where := f.path
	text, _, _ := strings.Cut(err.Error(), "\n")
	if at := yamlPlace.FindStringSubmatch(text); at != nil {
		where, text = where+":"+at[1], text[len(at[0]):]
	}
	return fmt.Errorf("%s: read YAML: %s: put it right and run again", where, text)
}

type anchorVisitor map[string]ast.Node

// Visit notes the nodes that aliases stand for.
func (v anchorVisitor) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil {
		v[a.Name.GetToken().Value] = a.Value
	}
	return v
}

type pairVisitor func(key string, value ast.Node)

// Visit calls the function for every pair of every mapping.
func (v pairVisitor) Visit(n ast.Node) ast.Visitor {
	if pair, ok := n.(*ast.MappingValueNode); ok && pair.Key != nil {
		v(pair.Key.GetToken().Value, pair.Value)
	}
	return v
}

// items adds the requirements among the strings of a sequence.
func (y *yamlReader) items(value ast.Node, p Pin) {
	seq, ok := y.deref(value).(*ast.SequenceNode)
	if !ok {
		return
	}
	for _, item := range seq.Values {
		if s, ok := y.deref(item).(*ast.StringNode); ok {
			y.scalar(s.Token, seq.IsFlowStyle, p)
		}
	}
}

// deref follows aliases and drops anchors and tags.
func (y *yamlReader) deref(n ast.Node) ast.Node {
	for range 100 {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		case *ast.AliasNode:
			if v.Value == nil {
				return nil
			}
			n = y.anchors[v.Value.GetToken().Value]
		default:
			return n
		}
	}
	return nil
}

// scalar adds the requirement a string holds. What does not stand in the file
// as it reads is reported.
func (y *yamlReader) scalar(t *token.Token, flow bool, p Pin) {
	if !mention.MatchString(t.Value) {
		return
	}
	near, ok := y.offset(t.Position)
	if !ok {
		return
	}
	quoted := t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
	if flow && !quoted {
		p.form = formFlow
	}
	start, ok := y.locate(near, t.Value)
	if !ok {
		y.unplaced(near, t, p)
		return
	}
	y.f.addRequirement(start, start+len(t.Value), p)
}

// locate finds a value at or shortly before an offset of its line. The
// library's column is too high by the opening quote and by blanks at the end
// of the line.
func (y *yamlReader) locate(near int, value string) (int, bool) {
	src := y.f.src
	line := bytes.LastIndexByte(src[:near], '\n') + 1
	end, _ := lineEnd(src, near)
	stop := min(near+1+len(value), end)
	if at := bytes.LastIndex(src[line:stop], []byte(value)); at >= 0 {
		return line + at, true
	}
	return 0, false
}

// unplaced adds a requirement whose text is written otherwise than it reads,
// with escapes or over several lines.
func (y *yamlReader) unplaced(start int, t *token.Token, p Pin) {
	r, ok := parseRequirement(strings.TrimSpace(t.Value), p.dialect)
	if !ok || start > len(y.f.src) {
		return
	}
	_, next := lineEnd(y.f.src, start)
	p.Start, p.End = y.f.trim(start, next)
	p.Name, p.Extras, p.Marker = r.name, r.extras, r.marker
	p.Note = "written with escapes or over several lines: raise it by hand"
	y.f.add(p)
}

// offset turns the library's line and column, both from 1, the column in
// characters, into a byte offset.
func (y *yamlReader) offset(p *token.Position) (int, bool) {
	if p == nil || p.Line < 1 || p.Line > len(y.lines) || p.Column < 1 {
		return 0, false
	}
	at := y.lines[p.Line-1]
	for range p.Column - 1 {
		if at >= len(y.f.src) {
			return 0, false
		}
		_, size := utf8.DecodeRune(y.f.src[at:])
		at += size
	}
	return at, true
}
