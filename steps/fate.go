package steps

import "spanwalk/rewrite"

// fate says how the span made by a call is used. It decides about activation:
// a legacy span is current between __enter__ and __exit__, a streamed one from
// its constructor to end() (facts/sdk.md D).
type fate struct {
	direct  bool            // some flow enters it at once: "with start_span()", enter_context(start_span())
	held    bool            // some flow never enters it
	later   []*rewrite.Node // places that enter it some time after it was made
	callers bool            // a function returns it and nobody in the project calls the function
}

func (f fate) merge(g fate) fate {
	return fate{f.direct || g.direct, f.held || g.held, append(f.later, g.later...), f.callers || g.callers}
}

// fate follows the value of a creation call.
func (w *world) fate(call *rewrite.Node) fate { return w.flow(call, call, 8) }

func (w *world) flow(n, call *rewrite.Node, hops int) fate {
	p := n.Parent
	if hops == 0 {
		return fate{held: true}
	}
	switch {
	case p.Is("parenthesized_expression", "await", "named_expression", "conditional_expression", "boolean_operator"):
		if p.Is("conditional_expression") && p.Children[1] == n || p.Is("boolean_operator") && n.Field == "left" && p.Child("operator").Text() == "and" {
			return fate{held: true} // only tested
		}
		return w.flow(p, call, hops)
	case p.Is("with_item"), p.Is("as_pattern") && p.Parent.Is("with_item"):
		return fate{direct: true}
	case entersArgument(n):
		return fate{direct: true}
	case p.Is("attribute") && isEnter(p):
		return fate{direct: true}
	case p.Is("return_statement"), p.Is("lambda"):
		return w.returnedFate(n, call, hops)
	case p.Is("argument_list") && w.callee(p.Parent) == "typing.cast":
		return w.flow(p.Parent, call, hops)
	}
	if enters := w.entersOf(n, call); len(enters) > 0 {
		out := fate{later: enters}
		out.held = w.heldToo(n, call, hops)
		return out
	}
	return fate{held: true}
}

// heldToo reports whether a span that is entered in one place is handed out to
// callers that do not enter it.
func (w *world) heldToo(n, call *rewrite.Node, hops int) bool {
	fn := n.Function()
	if !fn.Is("function_definition") || !returnsSite(w, fn, call) {
		return false
	}
	for _, c := range w.callsOf(fn) {
		if w.flow(c, call, hops-1).held {
			return true
		}
	}
	return false
}

func returnsSite(w *world, fn, call *rewrite.Node) bool {
	return containsNode(w.returns(fn).sites, call)
}

// returnedFate follows a value out of the function that returns it.
func (w *world) returnedFate(n, call *rewrite.Node, hops int) fate {
	fn := n.Function()
	if n.Parent.Is("lambda") {
		fn = n.Parent
	}
	calls := append(w.takenCalls(fn), w.callsOf(fn)...)
	if len(calls) == 0 {
		return fate{callers: true}
	}
	var out fate
	for _, c := range calls {
		out = out.merge(w.flow(c, call, hops-1))
	}
	return out
}

// entersArgument reports whether n is what an ExitStack enters.
func entersArgument(n *rewrite.Node) bool {
	if !n.Parent.Is("argument_list") {
		return false
	}
	fn := n.Parent.Parent.Child("function")
	return fn.Is("attribute") && fn.Child("attribute").Is("identifier") &&
		(fn.Child("attribute").Text() == "enter_context" || fn.Child("attribute").Text() == "enter_async_context")
}

// isEnter reports whether an attribute expression is a call of __enter__.
func isEnter(attr *rewrite.Node) bool {
	name := attr.Child("attribute").Text()
	return (name == "__enter__" || name == "__aenter__") && attr.Parent.Is("call") && attr.Field == "function"
}

// enters returns the places that enter a span made by call some time after it
// was made: "with span:", span.__enter__(), stack.enter_context(span).
func (w *world) enters(call *rewrite.Node) []*rewrite.Node {
	if w.entersBySite == nil {
		w.indexEnters()
	}
	return w.entersBySite[call]
}

// entersOf returns the places of [world.enters] that the value of n can reach:
// n is the call that makes the span, or one of a function that hands it out,
// whose other calls have entries of their own.
func (w *world) entersOf(n, call *rewrite.Node) []*rewrite.Node {
	var out []*rewrite.Node
	for _, e := range w.enters(call) {
		switch v := e.Inner(); {
		case v.Is("call"):
			if def := w.functionOf(v); def != nil && !def.Contains(n) {
				continue
			}
		case v.Is("identifier") && n != call:
			if !w.holds(v, n, 4) {
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// holds reports whether a variable can have the value of n: anything but the
// results of other calls.
func (w *world) holds(name, n *rewrite.Node, hops int) bool {
	_, bindings := name.File.ScopeOf(name).Lookup(name.Text())
	for _, b := range reaching(name, bindings) {
		switch v := b.Value.Inner(); {
		case hops == 0 || b.Kind != rewrite.Assign || b.Value.Contains(n):
			return true
		case v.Is("identifier"):
			if w.holds(v, n, hops-1) {
				return true
			}
		case !v.Is("call", "none"):
			return true
		}
	}
	return false
}

func (w *world) indexEnters() {
	w.entersBySite = map[*rewrite.Node][]*rewrite.Node{}
	for _, f := range w.project.Files() {
		for _, value := range w.files[f].entered {
			for _, site := range w.typeOf(value).sites {
				if site != value.Inner() && !containsNode(w.entersBySite[site], value) {
					w.entersBySite[site] = append(w.entersBySite[site], value)
				}
			}
		}
	}
}
