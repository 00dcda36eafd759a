package rewrite

import "strings"

// repair corrects what tree-sitter's grammar reads otherwise than CPython
// (facts/go.md 1.3): block ends without trailing comments, a single
// parenthesised with-item with a trailing comma, and a star that binds before
// a call, an attribute or a subscript. The names with dots in patterns, which
// are values and classes, become the attributes that they are elsewhere.
func (b *builder) repair(n *Node) {
	switch n.Kind {
	case "block", "function_definition", "class_definition", "decorated_definition",
		"if_statement", "for_statement", "while_statement", "with_statement", "try_statement",
		"else_clause", "elif_clause", "except_clause", "except_group_clause", "finally_clause", "match_statement", "case_clause", "decorator":
		if len(n.Children) > 0 {
			n.End = n.Children[len(n.Children)-1].End
		} else if n.Kind == "block" {
			b.errors = append(b.errors, n) // its statements are not indented
		}
		if n.Kind == "block" && !aligned(n) {
			b.errors = append(b.errors, n) // CPython: "unindent does not match any outer indentation level"
		}
	case "with_clause":
		if len(n.Children) == 1 {
			unwrapTuple(n)
		}
	case "with_item":
		if len(n.Children) == 1 {
			hoistAlias(n)
		}
	case "call", "attribute", "subscript":
		if len(n.Children) > 0 && n.Children[0].Kind == "list_splat" {
			liftStar(n)
		}
	case "dotted_name":
		if len(n.Children) > 1 && n.Parent.Is("class_pattern", "case_pattern", "keyword_pattern", "union_pattern", "dict_pattern") {
			chain(n)
		}
	}
}

// chain turns a name with dots into attributes of attributes.
func chain(n *Node) {
	object := n.Children[0]
	for _, name := range n.Children[1:] {
		at := n
		if name != n.Children[len(n.Children)-1] {
			at = &Node{File: n.File, Start: n.Start, End: name.End}
		}
		object.Field, name.Field = "object", "attribute"
		object.Parent, name.Parent = at, at
		at.Kind, at.Children, object = "attribute", []*Node{object, name}, at
	}
}

// aligned reports whether the statements of a block that begin a line begin at
// the same column, which the grammar does not insist on.
func aligned(block *Node) bool {
	indent := ""
	for i, c := range block.Children {
		start := lineBegin(c.File.Source, c.Start)
		text := strings.TrimLeft(string(c.File.Source[start:c.Start]), "\f")
		switch {
		case strings.TrimLeft(text, " \t") != "":
		case i > 0 && indent != "" && text != indent:
			return false
		default:
			indent = text
		}
	}
	return true
}

// hoistAlias lets the alias of "with a if b else c as x" name the whole
// expression; the grammar gives it to the last operand alone.
func hoistAlias(item *Node) {
	value := item.Children[0]
	if value.Is("parenthesized_expression") && len(value.Children) == 1 {
		value = value.Children[0]
	}
	alias := value
	for alias.Is("conditional_expression", "boolean_operator", "not_operator", "binary_operator", "unary_operator", "comparison_operator", "lambda") && len(alias.Children) > 0 {
		alias = alias.Children[len(alias.Children)-1]
	}
	if alias == value || !alias.Is("as_pattern") || len(alias.Children) < 2 {
		return
	}
	operand, holder := alias.Children[0], alias.Parent
	operand.Field, operand.Parent = alias.Field, holder
	holder.Children[len(holder.Children)-1] = operand
	for p := holder; p != item; p = p.Parent {
		p.End = operand.End
	}
	alias.Start, alias.Field, alias.Parent, alias.Children[0] = value.Start, "value", item, value
	value.Field, value.Parent = "", alias
	item.Children[0] = alias
	item.Start, item.End = alias.Start, alias.End
}

// liftStar turns "*f" called, as in "[*f(x)]", into "f(x)" unpacked. The two
// nodes change places, so that what holds n need not know.
func liftStar(n *Node) {
	inner := n.Children[0]
	if len(inner.Children) != 1 {
		return
	}
	callee := inner.Children[0]
	inner.Kind, inner.Start, inner.End, inner.Children = n.Kind, callee.Start, n.End, n.Children
	callee.Field, callee.Parent = inner.Field, inner
	inner.Children[0] = callee
	for _, c := range inner.Children {
		c.Parent = inner
	}
	inner.Field = ""
	n.Kind, n.Children = "list_splat", []*Node{inner}
}

// unwrapTuple turns "with (X as y,):" into the with-item it is.
func unwrapTuple(clause *Node) {
	item := clause.Children[0]
	tuple := item.Child("value")
	if !tuple.Is("tuple") || len(tuple.Children) != 1 || tuple.File.Source[tuple.Start] != '(' {
		return
	}
	value := tuple.Children[0]
	value.Field, value.Parent = "value", item
	item.Children = []*Node{value}
	item.Start, item.End = value.Start, value.End
}
