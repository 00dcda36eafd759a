package steps

import "spanwalk/rewrite"

// typeOf infers what an expression holds: within the function, through self,
// containers, closures, parameters, returns and context managers, and across
// the project's files.
func (w *world) typeOf(n *rewrite.Node) kind {
	n = n.Inner()
	if n == nil {
		return kind{}
	}
	switch n.Kind {
	case "string", "integer", "float", "true", "false", "concatenated_string", "binary_operator", "comparison_operator":
		return otherKind
	}
	return w.inference.of(n, func() kind { return w.infer(n) })
}

func (w *world) infer(n *rewrite.Node) kind {
	switch n.Kind {
	case "call":
		return w.inferCall(n)
	case "identifier":
		return w.inferName(n)
	case "attribute":
		return w.inferAttribute(n)
	case "subscript":
		return w.inferSubscript(n)
	case "named_expression":
		return w.typeOf(n.Child("value"))
	case "conditional_expression":
		return join(w.typeOf(n.Children[0]), w.typeOf(n.Children[2]))
	case "boolean_operator":
		right := w.typeOf(n.Child("right"))
		left := w.typeOf(n.Child("left"))
		if n.Child("operator").Text() == "and" {
			left = kind{none: left.none}
		} else {
			left.none = false
		}
		return join(left, right)
	case "await":
		return w.typeOf(n.Children[0])
	case "none":
		return kind{none: true}
	case "tuple", "list", "set", "expression_list":
		return w.inferDisplay(n)
	case "dictionary":
		out := kind{other: true}
		for _, c := range n.Children {
			if c.Is("pair") {
				v := w.typeOf(c.Child("value"))
				out.elem = joinPointers(out.elem, &v)
			}
		}
		return out
	case "list_comprehension", "set_comprehension", "generator_expression":
		v := w.typeOf(n.Child("body"))
		return kind{other: true, elem: &v}
	case "dictionary_comprehension":
		v := w.typeOf(n.Child("body").Child("value"))
		return kind{other: true, elem: &v}
	}
	return otherKind
}

func (w *world) inferDisplay(n *rewrite.Node) kind {
	out := kind{other: true}
	for _, c := range n.Children {
		v := w.typeOf(c)
		out.items = append(out.items, v)
		out.elem = joinPointers(out.elem, &v)
	}
	if n.Is("list", "set") {
		out.items = nil
	}
	return out
}

func (w *world) inferCall(n *rewrite.Node) kind {
	name := w.callee(n)
	if flags, ok := spanMakers[name]; ok {
		if name == newStartSpan {
			if p := n.Keyword("parent_span"); p != nil && p.Value.Is("none") {
				flags |= rootSpan
			}
		}
		return kind{span: flags, sites: []*rewrite.Node{n}, stands: w.standing(n.Child("function"))}
	}
	switch {
	case name == legacyCurrentSpan:
		return kind{span: legacySpan | currentSpan, none: true, stands: w.standing(n.Child("function"))}
	case name == newCurrentSpan:
		return kind{span: streamedSpan | currentSpan, none: true, stands: w.standing(n.Child("function"))}
	case spanClasses[name] != 0:
		return kind{span: spanClasses[name], sites: []*rewrite.Node{n}}
	case scopeMakers[name]:
		return kind{scope: true}
	case name == "sentry_sdk.Hub":
		return kind{hub: true}
	case name == "typing.cast" && len(n.Args()) == 2:
		return w.typeOf(n.Args()[1].Value)
	case name == "contextlib.nullcontext":
		return w.nullcontext(n)
	}
	if def := w.called(n).Def; def.Is("class_definition") {
		return w.instanceKind(def)
	}
	if def := w.functionOf(n); def != nil {
		return w.returns(def)
	}
	if k, ok := w.heldResult(n); ok {
		return k
	}
	if object, name := w.lookup(n); name != "" {
		return w.lookedUp(n, object, name)
	}
	if k, ok := w.partialSpan(n); ok {
		return k
	}
	return w.inferMethod(n)
}

func (w *world) nullcontext(n *rewrite.Node) kind {
	v := kind{none: true}
	if args := n.Args(); len(args) > 0 {
		v = w.typeOf(args[0].Value)
	}
	return kind{context: true, enter: &v}
}

// instanceKind is what an instance of a project class gives when it is entered.
func (w *world) instanceKind(class *rewrite.Node) kind {
	if w.standsIn(class) {
		return kind{stands: []*rewrite.Node{class}}
	}
	for _, name := range []string{"__enter__", "__aenter__"} {
		if m := w.project.Method(class, name); m != nil {
			v := w.returns(m)
			return kind{other: true, context: true, enter: &v}
		}
	}
	return otherKind
}

// functionOf returns the project function a call runs, or nil.
func (w *world) functionOf(call *rewrite.Node) *rewrite.Node {
	if def := w.called(call).Def; def != nil {
		if def.Is("function_definition") {
			return def
		}
		return nil
	}
	if m := w.methodOf(call.Child("function")); m != nil {
		return m
	}
	return lambdaOf(call.Child("function"))
}

// inferMethod handles methods of spans, scopes, hubs, exit stacks and
// containers.
func (w *world) inferMethod(n *rewrite.Node) kind {
	fn := n.Child("function")
	if !fn.Is("attribute") {
		return otherKind
	}
	method, obj := fn.Child("attribute").Text(), fn.Child("object")
	recv := w.typeOf(obj)
	switch {
	case recv.isSpan() && method == "start_child":
		return kind{span: legacySpan, sites: []*rewrite.Node{n}, other: recv.other}
	case recv.isSpan() && (method == "__enter__"):
		return recv
	case (recv.scope || recv.hub) && (method == "start_span" || method == "start_transaction"):
		k := kind{span: legacySpan, sites: []*rewrite.Node{n}}
		if method == "start_transaction" {
			k.span |= rootSpan
		}
		return k
	case recv.scope && method == "fork":
		return recv
	case recv.scope && method == "continue_trace":
		return kind{span: legacySpan | rootSpan | continuedSpan, sites: []*rewrite.Node{n}}
	case method == "enter_context" || method == "enter_async_context":
		if args := n.Args(); len(args) == 1 {
			return w.entered(w.manager(args[0].Value))
		}
	case method == "__enter__" && recv.enter != nil:
		return *recv.enter
	case recv.elem != nil:
		return containerMethod(method, recv)
	}
	if k, ok := w.injectedMaker(fn); ok {
		return k
	}
	return otherKind
}

// manager is what a with enters. An instance whose making is not in sight, such
// as self, gives what its class gives.
func (w *world) manager(n *rewrite.Node) kind {
	k := w.typeOf(n)
	if class := w.instanceOf(n); class != nil && k.enter == nil && !k.hasSpan() && len(k.stands) == 0 {
		return w.instanceKind(class)
	}
	return k
}

// entered is what "with k as v" binds to v.
func (w *world) entered(k kind) kind {
	itself := k.isSpan() || k.scope || k.hub || len(k.stands) > 0
	switch {
	case k.enter == nil && itself:
		return k
	case k.enter == nil:
		return otherKind
	case !itself:
		return *k.enter
	}
	out := k
	out.enter, out.context, out.other = nil, false, false // what is no span is the context manager beside it
	return join(out, *k.enter)
}

func (w *world) inferAttribute(n *rewrite.Node) kind {
	name := n.Child("attribute").Text()
	dotted := w.dotted(n)
	if dotted == "sentry_sdk.Hub.current" || dotted == "sentry_sdk.Hub.main" {
		return kind{hub: true}
	}
	obj := n.Child("object")
	if class := w.instanceOf(obj); class != nil {
		return w.fieldKind(field{class, name})
	}
	if v := w.project.Name(n).Value; v != nil && v != n {
		return join(w.typeOf(v), w.assignedFromAfar(v))
	}
	return w.memberKind(w.typeOf(obj), name)
}

// memberKind is what an attribute of a value that is no instance of the
// project's classes holds: of a scope, a hub, a span or anything.
func (w *world) memberKind(recv kind, name string) kind {
	switch {
	case recv.scope && name == "span":
		return kind{span: legacySpan | currentSpan, none: true}
	case recv.scope && name == "transaction", recv.isSpan() && name == "containing_transaction":
		return kind{span: legacySpan | rootSpan | rootAccess, none: true}
	case recv.isSpan() && name == "_segment":
		return kind{span: streamedSpan | rootSpan}
	case recv.hub && name == "scope":
		return kind{scope: true}
	}
	return w.looseField(name)
}

// looseField is what an attribute holds on an object of unknown class, where
// every class of the project that assigns the attribute puts a span there.
func (w *world) looseField(name string) kind {
	return w.inference.of("attribute "+name, func() kind {
		var out kind
		for _, a := range w.attributes(name) {
			as := a.Parent
			if as.Is("assignment") && as.Child("left") == a && as.Child("right") != nil {
				out = join(out, w.typeOf(as.Child("right")))
			}
		}
		if !out.isSpan() {
			return otherKind
		}
		return out
	})
}

// fieldKind joins what the methods of a class store in an attribute.
func (w *world) fieldKind(f field) kind {
	return w.inference.of(f, func() kind { return w.inferField(f) })
}

func (w *world) inferField(f field) kind {
	var out kind
	if m := w.project.Method(f.class, f.name); m != nil && hasDecorator(m, "property", "cached_property") {
		out = w.returns(m)
	}
	for _, v := range w.stores(f) {
		out = join(out, w.typeOf(v))
	}
	out = join(out, w.annotatedField(f))
	if e := w.storedElements(func(target *rewrite.Node) bool {
		return w.instanceOf(target.Child("object")) == f.class
	}, w.attributes(f.name)); e != nil {
		out.elem = joinPointers(out.elem, e)
	}
	return out
}

func (w *world) inferName(n *rewrite.Node) kind {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if scope == nil {
		return otherKind
	}
	var out kind
	for _, b := range reaching(n, bindings) {
		out = join(out, w.bindingKind(b))
	}
	if scope.Node.Is("module") && len(bindings) == 1 {
		out = join(out, w.assignedFromAfar(bindings[0].Node))
	}
	v := variable{scope, n.Text()}
	if len(w.uses(v)) > 0 && out.span == 0 {
		if e := w.storedElements(func(*rewrite.Node) bool { return true }, w.uses(v)); e != nil {
			out.elem = joinPointers(out.elem, e)
		}
	}
	if out.none && w.guarded(n) {
		out.none = false
	}
	return out
}

// afar marks a variable of a module as other modules assign it.
type afar struct{ name *rewrite.Node }

// assignedFromAfar joins what other modules assign to a variable of a module,
// which the identifier name binds: "state.root = …".
func (w *world) assignedFromAfar(name *rewrite.Node) kind {
	return w.inference.of(afar{name}, func() kind {
		var out kind
		for _, a := range w.attributes(name.Text()) {
			if as := a.Parent; as.Is("assignment") && a.Field == "left" && as.Child("right") != nil && w.project.Name(a).Value == name {
				out = join(out, w.typeOf(as.Child("right")))
			}
		}
		return out
	})
}

// bindingKind is what one binding gives its name.
func (w *world) bindingKind(b *rewrite.Binding) kind {
	return w.inference.of(b, func() kind { return w.inferBinding(b) })
}

func (w *world) inferBinding(b *rewrite.Binding) kind {
	switch b.Kind {
	case rewrite.Assign:
		if b.Value == nil {
			return w.annotation(b.Type)
		}
		k := at(w.typeOf(b.Value), b.Index)
		if b.Type != nil && k.other && !k.hasSpan() {
			if promised := w.annotation(b.Type); promised.hasSpan() {
				return promised
			}
		}
		return k
	case rewrite.With:
		return at(w.entered(w.manager(b.Value)), b.Index)
	case rewrite.Captured:
		return w.captured(b.Value)
	case rewrite.For:
		k := w.typeOf(b.Value)
		if b.Value.Is("call") {
			if fn := b.Value.Child("function").Text(); (fn == "enumerate" || fn == "list" || fn == "reversed" || fn == "sorted" || fn == "tuple") && len(b.Value.Args()) > 0 {
				inner := w.typeOf(b.Value.Args()[0].Value)
				if fn == "enumerate" && inner.elem != nil {
					inner.elem = &kind{items: []kind{otherKind, *inner.elem}}
				}
				k = inner
			}
		}
		if k.elem == nil {
			return otherKind
		}
		return at(*k.elem, b.Index)
	case rewrite.Param:
		return w.parameter(b)
	case rewrite.Import:
		if v := w.project.Name(b.Node).Value; v != nil && v != b.Node {
			return w.typeOf(v)
		}
	}
	return otherKind
}
