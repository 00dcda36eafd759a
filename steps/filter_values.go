package steps

import (
	"spanwalk/rewrite"
)

// membership reads "name in ROUTES".
func (f *eventFilter) membership(s subject, collection *rewrite.Node, not bool) predicate {
	p := predicate{subject: s, how: "eq", not: not}
	known := f.valueOf(collection)
	switch {
	case known.Is("string"):
		p.manual = "it asks whether the whole of it is contained in the text " + known.Text() + ", which is hardly what is meant"
	case collection.Is("list", "tuple", "set"):
		for _, c := range collection.Children {
			p.values = append(p.values, c.Text())
			p.texts = append(p.texts, stringValue(c))
		}
	default:
		p.values, p.spread = []string{f.text(collection)}, true
		if known.Is("list", "tuple", "set") {
			for _, c := range known.Children {
				p.texts = append(p.texts, stringValue(c))
			}
		}
	}
	return p
}

// valueOf follows a name to what it is assigned in the project.
func (f *eventFilter) valueOf(n *rewrite.Node) *rewrite.Node { return f.followed(n, 5) }

func (f *eventFilter) followed(n *rewrite.Node, hops int) *rewrite.Node {
	id := n.Inner()
	if given := f.given[id.Text()]; id.Is("identifier") && given != nil && hops > 0 && f.cb.def.Contains(id) {
		return f.followed(given, hops-1)
	}
	if id.Is("attribute") {
		if v := f.kept(id); v != nil {
			return v
		}
	}
	if v := f.world.project.Name(id).Value; v != nil {
		id = v
	}
	if !id.Is("identifier") {
		return n
	}
	_, b := id.File.ScopeOf(id).Lookup(id.Text())
	switch {
	case len(b) == 1 && b[0].Kind == rewrite.Param && hops > 0:
		if v := f.world.onlyArgument(b[0]); v != nil {
			return f.followed(v, hops-1)
		}
	case len(b) == 1 && b[0].Kind == rewrite.Assign && b[0].Value != nil && b[0].Index == nil:
		return collected(b[0].Value)
	}
	return n
}

// onlyArgument is what the one call of a function passes for a parameter, nil
// where there are others or they cannot be seen.
func (w *world) onlyArgument(b *rewrite.Binding) *rewrite.Node {
	fn := b.Stmt.Ancestor("function_definition", "lambda")
	if !fn.Is("function_definition") || len(w.callsOf(fn)) != 1 || w.escapes(fn) {
		return nil
	}
	if v := w.argumentFor(w.callsOf(fn)[0], fn, b); v != nil {
		return collected(v)
	}
	return b.Value
}

// kept follows an attribute to the one value its class gives it.
func (f *eventFilter) kept(n *rewrite.Node) *rewrite.Node {
	object := n.Child("object")
	if given := f.given[object.Text()]; given != nil {
		object = given
	}
	class := f.world.instanceOf(object)
	if class == nil {
		return nil
	}
	if stores := f.world.stores(field{class, n.Child("attribute").Text()}); len(stores) == 1 {
		return collected(stores[0])
	}
	return nil
}

// collected looks through set(…), frozenset(…) and tuple(…).
func collected(n *rewrite.Node) *rewrite.Node {
	v := n.Inner()
	if v.Is("call") && len(v.Args()) == 1 && (v.Child("function").Text() == "frozenset" || v.Child("function").Text() == "set" || v.Child("function").Text() == "tuple") {
		return v.Args()[0].Value.Inner()
	}
	return v
}

// valued adds what a subject is compared with: a literal, a tuple of them, a
// constant, or the variable of a loop.
func (f *eventFilter) valued(p predicate, value *rewrite.Node, variable string, iterable *rewrite.Node) predicate {
	switch {
	case variable != "" && value.Text() == variable:
		m := f.membership(p.subject, iterable.Inner(), p.not)
		p.values, p.texts, p.spread, p.manual = m.values, m.texts, m.spread, m.manual
	case value.Is("tuple"):
		m := f.membership(p.subject, value, p.not)
		p.values, p.texts = m.values, m.texts
	default:
		p.values, p.texts = []string{f.text(value)}, []string{stringValue(value)}
		if known := f.valueOf(value); known.Is("tuple", "list") && p.how != "eq" {
			m := f.membership(p.subject, value, p.not)
			p.values, p.texts, p.spread = m.values, m.texts, true
		} else if p.texts[0] == "" {
			p.texts[0] = stringValue(known)
		}
	}
	return p
}
