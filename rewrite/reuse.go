package rewrite

// parsedChunks returns the top-level statements of a file that were parsed, by
// their text. It accepts a nil receiver.
func (f *File) parsedChunks() map[string]chunk {
	if f == nil {
		return nil
	}
	text := normalizeCR(f.Source)
	out := make(map[string]chunk, len(f.chunks))
	for _, c := range f.chunks {
		if !c.opaque {
			out[string(text[c.Start:c.End])] = c
		}
	}
	return out
}

// take copies what was parsed of a chunk of another reading of the file, in
// which it stands shift bytes earlier.
func (f *File) take(from *File, c chunk, shift int) {
	for _, n := range from.Module.Children {
		if c.head <= n.Start && n.Start < c.End {
			f.Module.Children = append(f.Module.Children, n.copy(f, f.Module, shift))
		}
	}
	for _, b := range from.Broken {
		if c.Start <= b.Start && b.Start < c.End {
			f.Broken = append(f.Broken, Span{b.Start + shift, b.End + shift})
		}
	}
}

// copy returns a copy of the tree below n that belongs to another file, every
// offset moved by shift.
func (n *Node) copy(f *File, parent *Node, shift int) *Node {
	count := 0
	n.Walk(func(*Node) bool { count++; return true })
	c := copier{file: f, shift: shift, nodes: make([]Node, 0, count), links: make([]*Node, 0, count)}
	return c.node(n, parent)
}

// copier copies a tree of known size.
type copier struct {
	file  *File
	shift int
	nodes []Node
	links []*Node
}

func (c *copier) node(n, parent *Node) *Node {
	c.nodes = append(c.nodes, Node{Kind: n.Kind, Field: n.Field, Start: n.Start + c.shift, End: n.End + c.shift, Parent: parent, File: c.file})
	out := &c.nodes[len(c.nodes)-1]
	if len(n.Children) > 0 {
		from := len(c.links)
		c.links = c.links[:from+len(n.Children)]
		out.Children = c.links[from:len(c.links):len(c.links)]
		for i, child := range n.Children {
			out.Children[i] = c.node(child, out)
		}
	}
	return out
}
