package rewrite

import "sort"

// Node is one node of a parsed statement. The tree is plain data: it never
// changes after [Parse], and goroutines may share it.
//
// Children holds the named children of tree-sitter's Python grammar without
// comments and line continuations, and the operator tokens that carry a field
// name. Start and End are byte offsets into the file's source; for a block, a
// def or a class, End is the end of the last statement inside, never of a
// trailing comment.
type Node struct {
	Kind     string // the grammar's name: "call", "identifier", "with_statement", …; "opaque" for a statement that was not parsed
	Field    string // the field this node fills in its parent, or ""
	Start    int
	End      int
	Parent   *Node
	Children []*Node
	File     *File
}

// Text is the source text of the node.
func (n *Node) Text() string { return n.File.text[n.Start:n.End] }

// Is reports whether n exists and is of one of the kinds.
func (n *Node) Is(kinds ...string) bool {
	if n == nil {
		return false
	}
	for _, k := range kinds {
		if n.Kind == k {
			return true
		}
	}
	return false
}

// Child returns the first child that fills the field, or nil. It accepts a nil
// receiver, so that paths through the tree can be written in one expression.
func (n *Node) Child(field string) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if c.Field == field {
			return c
		}
	}
	return nil
}

// Fields returns every child that fills the field, in source order.
func (n *Node) Fields(field string) []*Node {
	var out []*Node
	for _, c := range n.Children {
		if c.Field == field {
			out = append(out, c)
		}
	}
	return out
}

// Ancestor returns the nearest proper ancestor of one of the kinds, or nil.
func (n *Node) Ancestor(kinds ...string) *Node {
	if n == nil {
		return nil
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Is(kinds...) {
			return p
		}
	}
	return nil
}

// Contains reports whether m lies within n (or is n).
func (n *Node) Contains(m *Node) bool {
	return n != nil && m != nil && n.File == m.File && n.Start <= m.Start && m.End <= n.End
}

// Walk calls visit for n and its descendants in source order. When visit
// returns false the node's children are skipped.
func (n *Node) Walk(visit func(*Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, c := range n.Children {
		c.Walk(visit)
	}
}

// Statement returns the innermost statement that holds n: the node whose
// parent is a block or the module. It is n itself for a statement.
func (n *Node) Statement() *Node {
	for m := n; m != nil; m = m.Parent {
		if m.Parent.Is("block", "module") {
			return m
		}
	}
	return nil
}

// Function returns the innermost function definition or lambda around n, or
// nil at module or class level. Decorators and defaults of a function belong
// to what surrounds it.
func (n *Node) Function() *Node {
	from := n
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Is("function_definition", "lambda") {
			if body := p.Child("body"); body.Contains(from) {
				return p
			}
		}
		from = p
	}
	return nil
}

// Class returns the class definition whose body directly holds the function
// or statement n, or nil.
func (n *Node) Class() *Node {
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.Kind {
		case "class_definition":
			return p
		case "function_definition", "lambda":
			return nil
		}
	}
	return nil
}

// Inner removes the parentheses around an expression.
func (n *Node) Inner() *Node {
	for n.Is("parenthesized_expression") && len(n.Children) == 1 {
		n = n.Children[0]
	}
	return n
}

// at returns the deepest node of the tree rooted at n that covers [start, end).
func (n *Node) at(start, end int) *Node {
	for {
		i := sort.Search(len(n.Children), func(i int) bool {
			return n.Children[i].End > start || n.Children[i].End == end && n.Children[i].End >= start
		})
		if i == len(n.Children) || n.Children[i].Start > start || n.Children[i].End < end {
			return n
		}
		n = n.Children[i]
	}
}
