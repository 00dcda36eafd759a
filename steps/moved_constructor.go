package steps

import (
	"spanwalk/rewrite"
)

// moveConstructor handles a span that is built, left alone while other spans
// open, and entered later. A legacy span became current only then, so the
// constructor and the calls on the span in between move to the entry. The
// start time moves with them.
//
// Preconditions: the creation is assigned to a variable by a statement of its
// own; the entry is a "with" or an __enter__() further down the same block; in
// between the variable is used only by statements that call a method on it;
// and the arguments mean the same at the entry.
func (c *creation) moveConstructor(enter *rewrite.Node) bool {
	made := c.call.Statement()
	as := c.call.Parent
	if !as.Is("assignment") || as.Parent != made || !as.Child("left").Is("identifier") || hasCall(c.call.Child("arguments")) {
		return false
	}
	target := enter.Statement()
	if !enter.Is("identifier") || target.Parent != made.Parent {
		return false
	}
	moved, ok := c.movable(made, target, as.Child("left"))
	if !ok {
		return false
	}
	c.weaken(Review, "the constructor moves to where the span is entered, and the start time with it")
	c.movedTo = &move{statements: moved, before: target}
	return true
}

// move is a group of statements on its way down a block.
type move struct {
	statements []*rewrite.Node // the creation first
	before     *rewrite.Node
}

// movable gathers the statements between creation and entry that use the
// variable. It fails when one does more than call a method on it, or when a
// name that the creation reads is bound in between.
func (c *creation) movable(made, target, name *rewrite.Node) ([]*rewrite.Node, bool) {
	out := []*rewrite.Node{made}
	reached := false
	for _, s := range made.Parent.Children {
		if s == made {
			reached = true
			continue
		}
		if s == target {
			return out, reached
		}
		if !reached {
			continue
		}
		switch uses := readNames(s)[name.Text()]; {
		case !uses && c.bindsRead(s):
			return nil, false
		case !uses:
		case s.Is("expression_statement") && methodOn(s, name.Text()):
			out = append(out, s)
		default:
			return nil, false
		}
	}
	return nil, false
}

// methodOn reports the statement "name.method(…)" whose arguments call nothing.
func methodOn(s *rewrite.Node, name string) bool {
	call := s.Children[0]
	if !call.Is("call") || !call.Child("function").Is("attribute") {
		return false
	}
	return call.Child("function").Child("object").Text() == name && !hasCall(call.Child("arguments"))
}

// bindsRead reports whether a statement binds a name that the creation reads.
func (c *creation) bindsRead(s *rewrite.Node) bool {
	read := readNames(c.call.Child("arguments"))
	bound := false
	s.Walk(func(n *rewrite.Node) bool {
		if n.Is("identifier") && read[n.Text()] && c.world().isBinding(n) {
			bound = true
		}
		return !bound
	})
	return bound
}

// readNames returns the identifiers in a node, attributes left out.
func readNames(n *rewrite.Node) map[string]bool {
	out := map[string]bool{}
	n.Walk(func(m *rewrite.Node) bool {
		if m.Is("identifier") && m.Field != "attribute" && !(m.Field == "name" && m.Parent.Is("keyword_argument")) {
			out[m.Text()] = true
		}
		return true
	})
	return out
}

// relocate turns the edits of the site into a removal of the moved statements
// and an insertion of what they have become.
func (c *creation) relocate(edits []rewrite.Edit) []rewrite.Edit {
	m := c.movedTo
	var out []rewrite.Edit
	var lines []string
	for _, s := range m.statements {
		var inside []rewrite.Edit
		for _, e := range edits {
			if e.Start >= s.Start && e.End <= s.End {
				inside = append(inside, rewrite.Edit{Start: e.Start - s.Start, End: e.End - s.Start, New: e.New})
			}
		}
		lines = append(lines, string(rewrite.Apply([]byte(s.Text()), inside)))
		out = append(out, rewrite.RemoveStatement(s))
	}
	insert, ok := rewrite.InsertBefore(m.before, lines...)
	if !ok {
		c.weaken(Manual, "there is no line to move the constructor to")
		return nil
	}
	return append(out, insert)
}
