package rewrite

// builder turns the records of one chunk into nodes.
type builder struct {
	file    *File
	base    int
	recs    []record
	grammar *grammar
	slab    []Node  // all nodes
	links   []*Node // all lists of children, one after the other
	open    []*Node // the children found so far of the nodes being built
	errors  []*Node
}

func newBuilder(f *File, base int, recs []record) *builder {
	b := &builder{file: f, base: base, recs: recs, grammar: pythonGrammar()}
	kept := 0
	for _, r := range recs {
		if !b.dropped(r) {
			kept++
		}
	}
	b.slab, b.links = make([]Node, 0, kept), make([]*Node, 0, kept)
	return b
}

// dropped reports whether a record makes no node: a comment, or a token that
// says nothing its parent does not.
func (b *builder) dropped(r record) bool {
	return r.symbol == b.grammar.comment || r.symbol == b.grammar.line || !r.named && r.field == 0 && !r.broken
}

// node makes the node of record i and of everything below it, and returns the
// index of the record behind them.
func (b *builder) node(i int, parent *Node) (n *Node, next int) {
	r := b.recs[i]
	b.slab = append(b.slab, Node{
		Kind: b.grammar.kind(r), Field: b.grammar.fields[r.field],
		Start: b.base + int(r.start), End: b.base + int(r.end), Parent: parent, File: b.file,
	})
	n = &b.slab[len(b.slab)-1]
	if r.broken {
		b.errors = append(b.errors, n)
	}
	mine := len(b.open)
	for next = i + 1; next < len(b.recs) && b.recs[next].depth > r.depth; {
		if b.dropped(b.recs[next]) {
			next = b.behind(next)
			continue
		}
		var c *Node
		c, next = b.node(next, n)
		b.open = append(b.open, c)
	}
	if len(b.open) > mine {
		from := len(b.links)
		b.links = append(b.links, b.open[mine:]...)
		b.open = b.open[:mine]
		n.Children = b.links[from:len(b.links):len(b.links)]
	}
	b.repair(n)
	return n, next
}

// behind returns the index of the record behind record i and all below it.
func (b *builder) behind(i int) int {
	next := i + 1
	for next < len(b.recs) && b.recs[next].depth > b.recs[i].depth {
		next++
	}
	return next
}
