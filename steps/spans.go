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

// afar marks a variable of a module as other modules assign it.
type afar struct{ name *rewrite.Node }
