package rewrite

import "sync"

// fastParser reads plain Python many times faster than tree-sitter and builds
// the very tree that tree-sitter's grammar and [builder.repair] give. Whatever
// is broken, rare, or read by the grammar in a way of its own it gives up on,
// by a panic with gaveUp: then tree-sitter reads the statement. So it may only
// ever accept what the grammar accepts, with the same tree.
//
// It works over the bytes in one pass. Nodes are made from the leaves up: open
// holds those that have no parent yet, and wrap gives some of them one.
type fastParser struct {
	src    []byte // ends where the chunk ends
	pos    int    // the next token, white space skipped
	end    int    // the end of the token before it
	depth  int    // open brackets
	indent int    // the column of the statements of the block around pos
	column int    // the column at which the line of the next statement starts
	line   int    // where that line starts
	nested int    // how deep the parser itself is

	drafts []draft
	links  []int32 // all lists of children, one after the other
	open   []int32
}

// draft is a node while its statement is being read. Its children are
// links[first:first+count] of the parser.
type draft struct {
	kind, field  string
	start, end   int32
	first, count int32
}

// gaveUp is what the fast parser panics with where it does not go on.
type gaveUp struct{}

// strict lets a fault of the fast parser itself end the program, so that tests
// see it; for everybody else tree-sitter reads the statement.
var strict bool

// maxNesting bounds the recursion of the fast parser.
const maxNesting = 400

var fastParsers = sync.Pool{New: func() any { return &fastParser{} }}

// fastChunk parses one chunk of the text, as tree-sitter would: it returns the
// chunk's nodes, or false where only tree-sitter can tell.
func (f *File) fastChunk(text []byte, c chunk) (nodes []*Node, ok bool) {
	p := fastParsers.Get().(*fastParser)
	defer func() {
		p.src = nil // or the pool keeps the text
		fastParsers.Put(p)
	}()
	*p = fastParser{src: text[:c.End], pos: c.Start, drafts: p.drafts[:0], links: p.links[:0], open: p.open[:0]}
	if !p.chunk(c.head) {
		return nil, false
	}
	return p.nodes(f), true
}

// chunk reads the source to its end and reports whether it could. The first
// statement must start at head.
func (p *fastParser) chunk(head int) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, gave := r.(gaveUp); !gave && strict {
				panic(r)
			}
			ok = false
		}
	}()
	p.blankLines()
	if p.pos != head {
		return false
	}
	p.statement()
	return p.pos == len(p.src)
}

// giveUp leaves the statement to tree-sitter.
func (p *fastParser) giveUp() { panic(gaveUp{}) }

// enter counts one level of recursion; leave takes it back.
func (p *fastParser) enter() {
	if p.nested++; p.nested > maxNesting {
		p.giveUp()
	}
}

func (p *fastParser) leave() { p.nested-- }

// push adds a node without children.
func (p *fastParser) push(kind string, start, end int) {
	p.open = append(p.open, int32(len(p.drafts)))
	p.drafts = append(p.drafts, draft{kind: kind, start: int32(start), end: int32(end)})
}

// mark is where the nodes that are read from now on will be in open.
func (p *fastParser) mark() int { return len(p.open) }

// wrap puts the open nodes from mark on into one that ends with the last token.
func (p *fastParser) wrap(kind string, mark, start int) {
	first := len(p.links)
	p.links = append(p.links, p.open[mark:]...)
	p.open = append(p.open[:mark], int32(len(p.drafts)))
	p.drafts = append(p.drafts, draft{
		kind: kind, start: int32(start), end: int32(p.end),
		first: int32(first), count: int32(len(p.links) - first),
	})
}

// top is the last node that has no parent yet.
func (p *fastParser) top() *draft { return &p.drafts[p.open[len(p.open)-1]] }

// field says which field of its parent the last node will fill.
func (p *fastParser) field(name string) { p.top().field = name }

// children are the nodes below a draft.
func (p *fastParser) children(d *draft) []int32 { return p.links[d.first : d.first+d.count] }

// nodes makes the file's nodes of what was read.
func (p *fastParser) nodes(f *File) []*Node {
	g := grower{
		parser: p, file: f,
		slab: make([]Node, 0, len(p.drafts)), links: make([]*Node, 0, len(p.drafts)),
	}
	return g.list(p.open, f.Module)
}

// grower turns drafts into nodes, in source order.
type grower struct {
	parser *fastParser
	file   *File
	slab   []Node
	links  []*Node
}

func (g *grower) list(drafts []int32, parent *Node) []*Node {
	from := len(g.links)
	g.links = g.links[:from+len(drafts)]
	out := g.links[from:len(g.links):len(g.links)]
	for i, index := range drafts {
		d := &g.parser.drafts[index]
		g.slab = append(g.slab, Node{Kind: d.kind, Field: d.field, Start: int(d.start), End: int(d.end), Parent: parent, File: g.file})
		n := &g.slab[len(g.slab)-1]
		if d.count > 0 {
			n.Children = g.list(g.parser.children(d), n)
		}
		out[i] = n
	}
	return out
}
