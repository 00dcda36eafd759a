package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// insertBefore puts the statements that must run before a span is created in
// front of its statement. In a "with" whose earlier items come first, the
// statement is split into nested blocks so that they run between the items;
// where no line can be inserted the call is preceded within its expression.
func (c *creation) insertBefore() {
	stmt := c.call.Statement()
	item := c.call.Ancestor("with_item")
	switch {
	case item != nil && item.Parent.Parent == stmt && item.Parent.Children[0] != item && inItem(c.call, item):
		c.splitWith(stmt, item)
	case c.unconditional(stmt):
		if e, ok := rewrite.InsertBefore(stmt, c.laidOut(stmt, c.before...)...); ok {
			c.extra = append(c.extra, e)
			return
		}
		c.precede()
	default:
		c.precede()
	}
}

// laidOut writes calls that take the place of a statement, or stand before it,
// one a line: a call that outgrows its line has its argument on one of its own.
func (c *creation) laidOut(stmt *rewrite.Node, calls ...string) []string {
	style, indent := stmt.File.Style, stmt.Indent()
	width := lineWidth(c.pass.Project, stmt.File.Path) - c.shorter
	var out []string
	for _, call := range calls {
		open, end := strings.IndexByte(call, '(')+1, len(call)-1
		if rewrite.Columns(indent+rewrite.PlainNames(call)) > width && open < end && !strings.ContainsAny(call, "\r\n") {
			call = call[:open] + style.Newline + indent + style.Indent + call[open:end] + "," + style.Newline + indent + call[end:]
		}
		out = append(out, call)
	}
	return out
}

// inItem reports whether the call itself is what the with-item enters.
func inItem(call, item *rewrite.Node) bool {
	v := item.Child("value")
	if v.Is("as_pattern") {
		v = v.Children[0]
	}
	return v.Inner() == call
}

// unconditional reports whether the call runs exactly once whenever its
// statement does, and first of all.
func (c *creation) unconditional(stmt *rewrite.Node) bool {
	if stmt.Is("while_statement", "for_statement", "match_statement", "try_statement", "function_definition", "class_definition", "decorated_definition") {
		return false
	}
	for n := c.call; n != stmt; n = n.Parent {
		p := n.Parent
		switch p.Kind {
		case "conditional_expression":
			if n != p.Children[1] {
				return false
			}
		case "boolean_operator":
			if n.Field == "right" {
				return false
			}
		case "lambda", "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "elif_clause":
			return false
		}
	}
	return true
}

// precede runs the statements within the expression: they return None, so
// "first() or call" gives the call's value.
func (c *creation) precede() {
	for _, s := range c.before {
		if strings.Contains(s, "=") && !strings.HasSuffix(s, ")") {
			c.weaken(Manual, "there is no place for %q before the span", s)
			return
		}
	}
	c.weaken(Review, "there is no line for it, so it runs inside the expression")
	text := strings.Join(c.before, " or ") + " or "
	open, end := "", ""
	if c.call.Parent.Is("as_pattern", "with_item", "await", "attribute", "boolean_operator", "conditional_expression", "keyword_argument", "argument_list") && !c.call.Parent.Is("with_item") {
		open, end = "(", ")"
	}
	c.extra = append(c.extra, rewrite.Edit{Start: c.call.Start, End: c.call.Start, New: open + text})
	if end != "" {
		c.extra = append(c.extra, rewrite.Edit{Start: c.call.End, End: c.call.End, New: end})
	}
}

// rootsIn counts the items of a with that start a transaction.
func (c *creation) rootsIn(clause *rewrite.Node) int {
	n := 0
	clause.Walk(func(m *rewrite.Node) bool {
		if m.Is("call") && c.world().callee(m) == legacyStartTransaction {
			n++
		}
		return true
	})
	return n
}

// blockEnd returns the offset behind the last line of a statement, with the
// comments that belong to its body.
func blockEnd(stmt *rewrite.Node) int {
	f := stmt.File
	end := f.LineSpan(stmt.End).End
	for {
		next := end
		for next < len(f.Source) && (f.Source[next] == '\n' || f.Source[next] == '\r') {
			next++
		}
		line := f.LineSpan(next)
		text := string(f.Source[line.Start:line.End])
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		if next >= len(f.Source) || !strings.HasPrefix(strings.TrimSpace(text), "#") || len(indent) <= len(stmt.Indent()) {
			return end
		}
		end = line.End
	}
}
