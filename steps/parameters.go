package steps

import "spanwalk/rewrite"

// parameter is what the callers pass, or what the annotation promises of it.
func (w *world) parameter(b *rewrite.Binding) kind {
	switch k := w.annotation(b.Type); {
	case k.isSpan():
		return k.madeBy(w.argument(b))
	case k.scope || k.elem != nil:
		return k
	}
	return w.argument(b)
}

// argument is what the callers pass to a parameter.
func (w *world) argument(b *rewrite.Binding) kind {
	fn := b.Stmt.Ancestor("function_definition", "lambda")
	if fn == nil || b.Stmt.Is("list_splat_pattern", "dictionary_splat_pattern") {
		return otherKind
	}
	var out kind
	if fn.Is("function_definition") && (len(w.callsOf(fn))+len(w.handedOf(fn)) == 0 || w.escapes(fn)) {
		out = otherKind
	}
	for _, c := range w.callsOf(fn) {
		out = join(out, w.passed(c, fn, b))
	}
	for _, h := range w.handedOf(fn) {
		out = join(out, w.handedTo(h, fn, b))
	}
	return out
}

// handedTo is what a hand-over gives to a parameter.
func (w *world) handedTo(h handOver, fn *rewrite.Node, b *rewrite.Binding) kind {
	if v := h.keys[b.Name]; v != nil {
		return w.typeOf(v)
	}
	position := parameterPosition(fn, b)
	if h.fn.Is("attribute") && fn.Class() != nil {
		position--
	}
	if position >= 0 && position < len(h.args) {
		return w.typeOf(h.args[position])
	}
	if b.Value != nil {
		return w.typeOf(b.Value)
	}
	return kind{}
}

func parameterPosition(fn *rewrite.Node, b *rewrite.Binding) int {
	for i, p := range fn.Child("parameters").Children {
		if p == b.Stmt {
			return i
		}
	}
	return -1
}

// escapes reports whether a function is used other than by being called, so
// that the calls the project shows are not all of them.
func (w *world) escapes(fn *rewrite.Node) bool {
	name := fn.Child("name")
	handed := map[*rewrite.Node]bool{}
	for _, h := range w.handedOf(fn) {
		handed[h.fn] = true
	}
	if fn.Class() != nil {
		for _, a := range w.attributes(name.Text()) {
			if a.Field == "function" && a.Parent.Is("call") || handed[a] || w.methodOf(a) != fn {
				continue
			}
			if _, all := w.passedCalls(a, passing); !all {
				return true
			}
		}
		return false
	}
	scope, _ := fn.File.ScopeOf(name).Lookup(name.Text())
	for _, r := range w.uses(variable{scope, name.Text()}) {
		if r == name || handed[r] || r.Field == "function" && r.Parent.Is("call") || r.Parent.Is("dotted_name") || r.Ancestor("import_from_statement") != nil {
			continue
		}
		if _, all := w.passedCalls(r, passing); !all {
			return true
		}
	}
	return false
}

// passed is what a call hands to a parameter of the function it runs.
func (w *world) passed(call, fn *rewrite.Node, b *rewrite.Binding) kind {
	v := w.argumentFor(call, fn, b)
	if v == nil {
		if b.Value != nil {
			return w.typeOf(b.Value)
		}
		return kind{}
	}
	return w.typeOf(v)
}

// argumentFor returns the argument a call binds to a parameter, or nil.
func (w *world) argumentFor(call, fn *rewrite.Node, b *rewrite.Binding) *rewrite.Node {
	position := parameterPosition(fn, b)
	if fn.Class() != nil && !hasDecorator(fn, "staticmethod") {
		if callee := w.called(call); !callee.Def.Is("function_definition") || hasDecorator(fn, "classmethod") {
			position-- // bound: self is not passed
		}
	}
	for i, a := range call.Args() {
		if a.Name == b.Name || a.Name == "" && a.Star == "" && i == position {
			return a.Value
		}
	}
	return nil
}
