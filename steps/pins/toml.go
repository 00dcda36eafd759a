package pins

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// leaf is a string of a TOML document with its place in it. Other values are
// leaves without text.
type leaf struct {
	path   []string // keys from the root; "#" and a number for an element of an array
	text   string   // as written between the quotes
	value  string   // as read
	quoted bool     // it is a string
	start  int      // byte offsets of text, or of the key where there is none
	end    int
	pair   pair
}

// pair is the key of a leaf.
type pair struct {
	key    int  // its byte offset
	inline bool // it stands in an inline table,
	first  int  // whose first entry begins here
}

// tomlReader flattens a document.
type tomlReader struct {
	parser unstable.Parser
	src    []byte
	base   int
	table  []string
	counts map[string]int // elements of each array of tables so far
	leaves []leaf
}

// toml returns the leaves of the file in the order of their offsets.
func (f *finder) toml() ([]leaf, error) {
	r := &tomlReader{src: f.padded(), base: f.base, counts: map[string]int{}}
	r.parser.Reset(r.src)
	for r.parser.NextExpression() {
		r.expression(r.parser.Expression())
	}
	if err := r.parser.Error(); err != nil {
		return nil, f.tomlError(err)
	}
	return r.leaves, nil
}

// padded returns a copy of the text with room behind it: the library takes
// the place of an error at the very end from a slice that would otherwise
// point elsewhere.
func (f *finder) padded() []byte {
	text := f.src[f.base:]
	return append(make([]byte, 0, len(text)+1), text...)
}

// tomlError words a syntax error with its line, which only the full decoder
// computes.
func (f *finder) tomlError(err error) error {
	var decoded *toml.DecodeError
	if errors.As(toml.Unmarshal(f.padded(), &map[string]any{}), &decoded) {
		line, column := decoded.Position()
		return fmt.Errorf("%s:%d:%d: read TOML: %w: put it right and run again", f.path, line, column, err)
	}
	return fmt.Errorf("%s: read TOML: %w: put it right and run again", f.path, err)
}

func (r *tomlReader) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table:
		r.table = r.resolve(keys(n))
	case unstable.ArrayTable:
		path := r.resolve(keys(n))
		name := strings.Join(path, "\x00")
		r.table = append(path, fmt.Sprintf("#%d", r.counts[name]))
		r.counts[name]++
	case unstable.KeyValue:
		r.keyValue(r.table, n, pair{})
	}
}

// resolve adds to a header's keys the element that a sub-table of an array of
// tables belongs to.
func (r *tomlReader) resolve(path []string) []string {
	var full []string
	for i, key := range path {
		full = append(full, key)
		if n := r.counts[strings.Join(full, "\x00")]; n > 0 && i < len(path)-1 {
			full = append(full, fmt.Sprintf("#%d", n-1))
		}
	}
	return full
}

func keys(n *unstable.Node) []string {
	var path []string
	for it := n.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
	}
	return path
}

func (r *tomlReader) keyValue(at []string, n *unstable.Node, in pair) {
	path := append(at[:len(at):len(at)], keys(n)...)
	it := n.Key()
	it.Next()
	in.key = r.base + int(it.Node().Raw.Offset)
	r.value(path, n.Value(), in)
}

func (r *tomlReader) value(path []string, n *unstable.Node, in pair) {
	switch n.Kind {
	case unstable.Array:
		i := 0
		for it := n.Children(); it.Next(); i++ {
			r.value(append(path[:len(path):len(path)], fmt.Sprintf("#%d", i)), it.Node(), in)
		}
	case unstable.InlineTable:
		first := firstKey(n)
		for it := n.Children(); it.Next(); {
			r.keyValue(path, it.Node(), pair{inline: true, first: r.base + first})
		}
	case unstable.String:
		l := leaf{path: path, quoted: true, value: string(n.Data), pair: in}
		l.start, l.end = r.between(n)
		l.text = string(r.src[l.start-r.base : l.end-r.base])
		r.leaves = append(r.leaves, l)
	default:
		r.leaves = append(r.leaves, leaf{path: path, start: in.key, end: in.key, pair: in})
	}
}

// firstKey returns the offset of an inline table's first key.
func firstKey(table *unstable.Node) int {
	entry := table.Child()
	if entry == nil {
		return int(table.Raw.Offset) + 1
	}
	it := entry.Key()
	it.Next()
	return int(it.Node().Raw.Offset)
}

// between returns the offsets of a string's inside.
func (r *tomlReader) between(n *unstable.Node) (start, end int) {
	start = int(n.Raw.Offset)
	end = start + int(n.Raw.Length)
	raw := string(r.src[start:end])
	quotes := 1
	if strings.HasPrefix(raw, `"""`) || strings.HasPrefix(raw, "'''") {
		quotes = 3
	}
	return r.base + start + quotes, r.base + end - quotes
}

// under reports whether the leaf's path begins with the pattern, in which "*"
// stands for any key, and returns what follows.
func (l leaf) under(pattern string) (rest []string, ok bool) {
	parts := strings.Split(pattern, ".")
	if len(l.path) < len(parts) {
		return nil, false
	}
	for i, part := range parts {
		if part != "*" && part != l.path[i] {
			return nil, false
		}
	}
	return l.path[len(parts):], true
}

// isElement reports whether a path part is a place in an array.
func isElement(part string) bool { return strings.HasPrefix(part, "#") }
