package steps

import (
	"slices"

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
// and what moves means the same at the entry.
func (c *creation) moveConstructor(enter *rewrite.Node) bool {
	made := c.call.Statement()
	as := c.call.Parent
	if !as.Is("assignment") || as.Parent != made || !as.Child("left").Is("identifier") || c.samples != "" {
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
// variable. It fails when one does more than call a method on it, or when one
// of those that stay could change what the moved ones read.
func (c *creation) movable(made, target, name *rewrite.Node) ([]*rewrite.Node, bool) {
	out, calls := []*rewrite.Node{made}, []*rewrite.Node{c.call}
	reached := false
	for _, s := range made.Parent.Children {
		switch {
		case s == made:
			reached = c.portable(c.call)
		case s == target:
			return out, reached
		case !reached:
		case !readNames(s)[name.Text()]:
			for _, call := range calls {
				if c.disturbs(s, call) {
					return nil, false
				}
			}
		case s.Is("expression_statement") && methodOn(s, name.Text()) && c.portable(s.Children[0]):
			out, calls = append(out, s), append(calls, s.Children[0])
		default:
			return nil, false
		}
	}
	return nil, false
}

// methodOn reports the statement "name.method(…)".
func methodOn(s *rewrite.Node, name string) bool {
	call := s.Children[0]
	return call.Is("call") && call.Child("function").Is("attribute") && call.Child("function").Child("object").Text() == name
}

// portable reports a call whose arguments can be evaluated later: what they
// call computes a value from its own arguments.
func (c *creation) portable(call *rewrite.Node) bool {
	ok := true
	call.Child("arguments").Walk(func(n *rewrite.Node) bool {
		if n.Is("await", "yield", "named_expression", "lambda") || n.Is("call") && !c.computes(n) {
			ok = false
		}
		return ok
	})
	return ok
}

// computes reports a call of a built-in function or a method of a text that
// has no effect, whose result depends on nothing but what it is given.
func (c *creation) computes(call *rewrite.Node) bool {
	fn := call.Child("function")
	if fn.Is("identifier") {
		switch fn.Text() {
		case "len", "str", "repr", "int", "float", "bool", "sorted", "sum", "min", "max", "abs", "round", "type", "list", "tuple", "dict", "set":
			return c.world().project.IsBuiltin(fn)
		}
		return false
	}
	return fn.Is("attribute") && fn.Child("object").Inner().Is("string", "concatenated_string")
}

// disturbs reports whether a statement binds a name that a moved call reads, or
// handles one from which its arguments are computed.
func (c *creation) disturbs(s, moved *rewrite.Node) bool {
	read, from := readNames(moved), map[string]bool{}
	if args := moved.Child("arguments"); hasCall(args) {
		from = readNames(args)
	}
	found := false
	s.Walk(func(n *rewrite.Node) bool {
		if n.Is("identifier") && n.Field != "attribute" {
			found = found || from[n.Text()] && !c.world().project.IsBuiltin(n) || read[n.Text()] && c.world().isBinding(n)
		}
		return !found
	})
	return found
}

// meansTheSame reports whether the arguments of an earlier call give the same
// values where the span starts: what they call computes a value, and nothing
// in between disturbs them.
func (c *creation) meansTheSame(earlier *rewrite.Node) bool {
	around := earlier.Function()
	if around == nil {
		around = earlier.File.Module
	}
	same := c.portable(earlier)
	around.Walk(func(n *rewrite.Node) bool {
		between := n.Start >= earlier.End && n.End <= c.call.Start
		if between && n.Is("identifier") && c.disturbs(n, earlier) {
			same = false
		}
		return same && n.End > earlier.End && n.Start < c.call.Start
	})
	return same
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
		edits = slices.DeleteFunc(edits, func(e rewrite.Edit) bool {
			within := e.Start >= s.Start && e.End <= s.End
			if within {
				inside = append(inside, rewrite.Edit{Start: e.Start - s.Start, End: e.End - s.Start, New: e.New})
			}
			return within
		})
		lines = append(lines, string(rewrite.Apply([]byte(s.Text()), inside)))
		out = append(out, rewrite.RemoveStatement(s))
	}
	insert, ok := rewrite.InsertBefore(m.before, lines...)
	if !ok {
		c.weaken(Manual, "there is no line to move the constructor to")
		return nil
	}
	return append(append(out, insert), edits...)
}
