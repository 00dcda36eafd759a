package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// annotatedField is what a class, or one of its bases, says that an attribute
// holds.
func (w *world) annotatedField(f field) kind {
	var out kind
	for _, b := range f.class.File.ScopeOf(f.class.Child("body")).Names[f.name] {
		if b.Type == nil {
			continue
		}
		if k := w.annotation(b.Type); b.Value == nil || k.isSpan() {
			out = join(out, k)
		}
	}
	for _, base := range w.project.Bases(f.class) {
		if inherited := (field{base, f.name}); !w.visiting[inherited] {
			w.visiting[inherited] = true
			out = join(out, w.annotatedField(inherited))
			delete(w.visiting, inherited)
		}
	}
	return out
}

// annotation is what a type annotation promises.
func (w *world) annotation(t *rewrite.Node) kind {
	if t == nil {
		return kind{}
	}
	var out kind
	found := false
	t.Walk(func(n *rewrite.Node) bool {
		switch n.Kind {
		case "attribute", "identifier":
			if k := w.promised(n); k.isSpan() || k.scope || k.elem != nil {
				out, found = join(out, k), true
				return false
			}
			d := w.dotted(n)
			if f := spanClasses[canonicalClass(d)]; f != 0 {
				out.span |= f
				found = true
				return false
			}
			switch last := d[strings.LastIndexByte(d, '.')+1:]; {
			case d == "sentry_sdk.Scope":
				out.scope, found = true, true
			case last == "Optional":
				out.none = true
			case n.Is("attribute"):
				return false
			}
		case "none":
			out.none = true
		case "string":
			w.stringAnnotation(n, &out, &found)
		}
		return true
	})
	if !found {
		return otherKind
	}
	if container(t) {
		elem := out
		return kind{other: true, elem: &elem}
	}
	return out
}

// promised is what a name stands for that the project gives to a type: an
// alias, a type parameter or a TypeVar, which promise their bound or their
// constraints.
func (w *world) promised(n *rewrite.Node) kind {
	if !n.Is("identifier") {
		return otherKind
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if len(bindings) != 1 || w.visiting[bindings[0]] {
		return otherKind
	}
	b := bindings[0]
	w.visiting[b] = true // a type may name itself
	defer delete(w.visiting, b)
	switch {
	case b.Kind == rewrite.TypeParam:
		return w.annotation(b.Type)
	case b.Kind == rewrite.Import:
		if v := w.project.Name(n).Value; v != nil && v != n {
			return w.promised(v)
		}
	case b.Kind != rewrite.Assign:
	case b.Stmt.Is("type_alias_statement"):
		return w.annotation(b.Stmt.Children[1])
	case b.Value.Is("subscript", "binary_operator"):
		return w.annotation(b.Value)
	case b.Value.Is("call") && lastName(w.dotted(b.Value.Child("function"))) == "TypeVar":
		var out kind
		for i, a := range b.Value.Args() {
			if i > 0 && (a.Name == "" || a.Name == "bound") {
				out = join(out, w.annotation(a.Value))
			}
		}
		return out
	}
	return otherKind
}

// container reports an annotation such as list[Span] or dict[str, Span].
func container(t *rewrite.Node) bool {
	text := t.Text()
	for _, c := range []string{"list[", "List[", "dict[", "Dict[", "Iterator[", "Iterable[", "Generator[", "deque[", "Sequence[", "Mapping[", "tuple[", "Tuple[", "set[", "AsyncIterator[", "ContextManager["} {
		if strings.HasPrefix(text, c) || strings.Contains(text, "."+c) {
			return true
		}
	}
	return false
}

// stringAnnotation reads the names in an annotation that is written as text.
func (w *world) stringAnnotation(n *rewrite.Node, out *kind, found *bool) {
	for _, word := range strings.FieldsFunc(strings.Trim(n.Text(), `"'`), func(r rune) bool {
		return r == '[' || r == ']' || r == '|' || r == ',' || r == ' '
	}) {
		if word == "None" || word == "Optional" {
			out.none = true
			continue
		}
		if f := spanClasses[canonicalClass(w.dottedText(n, word))]; f != 0 {
			out.span |= f
			*found = true
		}
	}
}

// dottedText resolves a dotted name written in a string at n.
func (w *world) dottedText(n *rewrite.Node, text string) string {
	first, rest, more := strings.Cut(text, ".")
	_, bindings := n.File.ScopeOf(n).Lookup(first)
	for _, b := range bindings {
		if b.Kind == rewrite.Import {
			d := w.project.Resolve(b.Node)
			if d == "" {
				continue
			}
			if more {
				d += "." + rest
			}
			return canonical(d)
		}
	}
	return ""
}

// canonicalClass gives the span classes their defining module.
func canonicalClass(dotted string) string {
	switch dotted {
	case "sentry_sdk.Span", "sentry_sdk.api.Span":
		return "sentry_sdk.tracing.Span"
	case "sentry_sdk.Transaction":
		return "sentry_sdk.tracing.Transaction"
	}
	return dotted
}
