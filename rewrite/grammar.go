package rewrite

import "bytes"

// grammarChunk is [File.parseChunk] with tree-sitter, which reads whatever
// there is.
func (f *File) grammarChunk(src []byte, c chunk) (nodes []*Node, broken []Span, err error) {
	b, top, err := f.tree(src, c.Span)
	if err != nil {
		return nil, nil, err
	}
	return top.Children, b.broken(top, Span{c.head, trimEnd(src, c.End)}), nil
}

// tree parses src[s.Start:s.End]. Source with a syntax error is tried again
// with [mask], which rewrites what the grammar cannot read without moving a
// byte; of the two readings the one counts that leaves less unread.
func (f *File) tree(src []byte, s Span) (b *builder, top *Node, err error) {
	text := maskTypeCalls(src[s.Start:s.End])
	recs, err := treeSitter(text)
	if err != nil {
		return nil, nil, err
	}
	b, top = f.build(recs, s)
	if hasError(recs) {
		if recs, err := treeSitter(mask(text)); err == nil {
			if again, other := f.build(recs, s); size(again.broken(other, s)) < size(b.broken(top, s)) {
				b, top = again, other
			}
		}
	}
	return b, top, nil
}

// build makes the nodes of the records of one parse.
func (f *File) build(recs []record, s Span) (b *builder, top *Node) {
	b = newBuilder(f, s.Start, recs)
	top, _ = b.node(0, f.Module)
	for _, n := range top.Children {
		n.Parent = f.Module
	}
	return b, top
}

// broken returns the statements that could not be read: all of s where the
// parser took it for something else.
func (b *builder) broken(top *Node, s Span) []Span {
	if torn(top) {
		return []Span{s}
	}
	var out []Span
	for _, e := range b.errors {
		out = append(out, brokenStatement(e))
	}
	return mergeSpans(out)
}

// size is how many bytes some spans hold.
func size(spans []Span) (n int) {
	for _, s := range spans {
		n += s.End - s.Start
	}
	return n
}

// torn reports whether the parser could not read a chunk as what it is: it gave
// up on its outermost level, or on the indentation, so that statements appear
// at the top level that belong further in.
func torn(top *Node) bool {
	for i, n := range top.Children {
		if n.Kind == errorKind {
			return true
		}
		if i > 0 && bytes.IndexByte(n.File.Source[top.Children[i-1].End:n.Start], ';') < 0 {
			return true
		}
	}
	return top.Kind == errorKind
}

func hasError(recs []record) bool {
	for _, r := range recs {
		if r.broken {
			return true
		}
	}
	return false
}

// brokenStatement returns the extent of the smallest statement that holds an
// error node.
func brokenStatement(e *Node) Span {
	for n := e; n != nil; n = n.Parent {
		if n.Parent.Is("block", "module") {
			return Span{n.Start, n.End}
		}
	}
	return Span{e.Start, e.End}
}
