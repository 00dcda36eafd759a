package rewrite

import "bytes"

// typeParameters opens the scope of the type parameters of a def, a class or a
// type statement (PEP 695), in which its parameters, its bases and what it
// returns are evaluated. Without any that is s.
func (b *scopeBuilder) typeParameters(n *Node, s *Scope) *Scope {
	list := n.Child("type_parameters")
	if n.Is("type_alias_statement") {
		list = aliasParameters(n)
	}
	if list == nil {
		return s
	}
	inner := b.table.add(list, s)
	b.table.typed[n] = inner
	for _, t := range list.Children {
		name := t
		for !name.Is("identifier") && len(name.Children) > 0 {
			name = name.Children[0]
		}
		if name.Is("identifier") {
			b.bind(inner, &Binding{Kind: TypeParam, Node: name, Stmt: t, Type: bound(t)})
		}
	}
	b.children(list, inner)
	return inner
}

// aliasParameters returns the type parameters of a type statement, or nil.
func aliasParameters(n *Node) *Node {
	if len(n.Children) == 0 || len(n.Children[0].Children) == 0 {
		return nil
	}
	if left := n.Children[0].Children[0]; left.Is("generic_type") && len(left.Children) == 2 {
		return left.Children[1]
	}
	return nil
}

// bound returns the bound of a type parameter, or nil. A default (PEP 696),
// which [mask] makes a further bound, is none.
func bound(t *Node) *Node {
	if len(t.Children) != 1 || !t.Children[0].Is("constrained_type") {
		return nil
	}
	name, out := t.Children[0].Children[0], t.Children[0].Children[1]
	if bytes.IndexByte(t.File.Source[name.End:out.Start], ':') < 0 {
		return nil
	}
	if len(out.Children) == 1 && out.Children[0].Is("constrained_type") {
		return out.Children[0].Children[0]
	}
	return out
}

// typedFrom returns the scope of the type parameters of n for what stands in a
// field of it, nil where they are not seen or there are none.
func (t *scopeTable) typedFrom(n *Node, field string) *Scope {
	switch field {
	case "name", "definition", "body":
		return nil
	}
	return t.typed[n]
}
