package rewrite

import (
	"bytes"
	"fmt"
	"sort"
	"sync"
)

// File is an immutable reading of one Python source file.
type File struct {
	Path     string // relative to the repository root, with slashes
	Source   []byte // UTF-8, never changed; for a file in another encoding its exact decoding
	Module   *Node  // the root; its children are the top-level statements
	Comments []Span // every comment outside strings, in source order, without line ends
	Broken   []Span // statements that could not be read; edits inside them are refused
	Style    Style

	text    string // Source, for what is taken from it
	codec   codec
	opaque  map[*Node][]string // the statements that were not parsed, and the names they bind
	scopes  *scopeTable
	lines   []int // offset of each line's first byte
	chunks  []chunk
	lineSet sync.Once

	derived sync.Map // memo of Derive
}

// Derive returns what derive made of the file when it was first called for a
// key. It must rest on the file alone; the key must be of the caller's own type.
func (f *File) Derive(key any, derive func() any) any {
	if v, ok := f.derived.Load(key); ok {
		return v
	}
	v, _ := f.derived.LoadOrStore(key, derive())
	return v
}

// Filter looks at a file's source once and tells which of its top-level
// statements a caller needs parsed. Nil means all.
type Filter func(source []byte) func(statement []byte) bool

// Parse reads one file. It parses the top-level statements the filter wants,
// every import and every compound statement; the rest stays opaque. data is
// the file as it is on disk. The error names the path and says why a file
// cannot be read at all (binary data, or an encoding that does not survive a
// round trip); broken syntax is no error, see [File.Broken].
func Parse(path string, data []byte, want Filter) (*File, error) { return parse(path, data, want, nil) }

// Again is [Parse] for the file at the same path: what stands in f, and was
// parsed, is taken from there. f may be nil.
func (f *File) Again(path string, data []byte, want Filter) (*File, error) {
	return parse(path, data, want, f)
}

// newFile returns a file of which nothing is parsed yet.
func newFile(path string, source []byte, codec codec) *File {
	return &File{Path: path, Source: source, text: string(source), codec: codec, opaque: map[*Node][]string{}}
}

// parse is [Parse] with another reading of the file, which may be nil: what
// stands in both is taken from there.
func parse(path string, data []byte, want Filter, known *File) (*File, error) {
	source, codec, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := newFile(path, source, codec)
	text := normalizeCR(source)
	from := 0
	if bytes.HasPrefix(source, utf8BOM) {
		from = len(utf8BOM)
	}
	list, comments := chunks(text, from)
	f.Comments = comments
	f.Module = &Node{Kind: "module", Start: 0, End: len(source), File: f}
	var wanted func([]byte) bool
	if want != nil {
		wanted = want(source)
	}
	parsed := known.parsedChunks()
	for i := range list {
		c := &list[i]
		stmt := text[c.head:c.End]
		c.opaque = wanted != nil && !mustParse(stmt) && !wanted(stmt)
		if c.opaque {
			n := &Node{Kind: "opaque", Start: c.head, End: trimEnd(text, c.End), Parent: f.Module, File: f}
			f.opaque[n] = boundNames(stmt)
			f.Module.Children = append(f.Module.Children, n)
			continue
		}
		if same, ok := parsed[string(text[c.Start:c.End])]; ok {
			f.take(known, same, c.Start-same.Start)
			continue
		}
		nodes, broken, err := f.parseChunk(text, *c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		f.Module.Children = append(f.Module.Children, nodes...)
		f.Broken = append(f.Broken, broken...)
	}
	f.chunks = list
	f.Style = readStyle(text, f)
	f.scopes = buildScopes(f)
	return f, nil
}

// Encode turns a changed source of this file back into the bytes for the disk.
func (f *File) Encode(source []byte) ([]byte, error) { return f.codec.encode(source) }

// Whole reports whether every top-level statement of the file was parsed.
func (f *File) Whole() bool {
	for _, c := range f.chunks {
		if c.opaque {
			return false
		}
	}
	return true
}

// parseChunk parses one top-level statement, or several on one line.
func (f *File) parseChunk(src []byte, c chunk) (nodes []*Node, broken []Span, err error) {
	if nodes, ok := f.fastChunk(src, c); ok {
		return nodes, nil, nil
	}
	return f.grammarChunk(src, c)
}

// InBroken reports whether [start, end) touches a statement that could not be
// read.
func (f *File) InBroken(start, end int) bool {
	i := sort.Search(len(f.Broken), func(i int) bool { return f.Broken[i].End > start })
	return i < len(f.Broken) && f.Broken[i].Start < max(end, start+1)
}

// At returns the deepest node that covers the bytes [start, end).
func (f *File) At(start, end int) *Node { return f.Module.at(start, end) }

// Line returns the 1-based line and the 1-based column, in bytes, of an offset.
func (f *File) Line(offset int) (line, column int) {
	f.lineSet.Do(func() {
		f.lines = []int{0}
		for i, c := range f.Source {
			if c == '\n' || c == '\r' && (i+1 == len(f.Source) || f.Source[i+1] != '\n') {
				f.lines = append(f.lines, i+1)
			}
		}
	})
	line = sort.SearchInts(f.lines, offset+1)
	return line, offset - f.lines[line-1] + 1
}

// LineSpan returns the extent of the line that holds offset, without its end.
func (f *File) LineSpan(offset int) Span {
	start := lineBegin(f.Source, offset)
	end := offset
	for end < len(f.Source) && f.Source[end] != '\n' && f.Source[end] != '\r' {
		end++
	}
	return Span{start, end}
}

func mergeSpans(s []Span) []Span {
	sort.Slice(s, func(i, j int) bool { return s[i].Start < s[j].Start })
	var out []Span
	for _, x := range s {
		if len(out) > 0 && x.Start <= out[len(out)-1].End {
			out[len(out)-1].End = max(out[len(out)-1].End, x.End)
			continue
		}
		out = append(out, x)
	}
	return out
}

// trimEnd moves end back over white space.
func trimEnd(src []byte, end int) int {
	for end > 0 && isSpace(src[end-1]) {
		end--
	}
	return end
}
