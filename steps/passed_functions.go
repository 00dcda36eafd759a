package steps

import "spanwalk/rewrite"

// passing is how many functions a function is followed through that only pass
// it on.
const passing = 3

// passedCalls returns the calls that a use of a function stands for where it is
// passed to functions of the project: "run(make)" stands for the "f()" of
// "def run(f)". all is false where the function may be called elsewhere too.
func (w *world) passedCalls(use *rewrite.Node, hops int) (calls []*rewrite.Node, all bool) {
	call, fn, b := w.parameterFor(use)
	if b == nil || hops == 0 {
		return nil, false
	}
	all = call != nil
	for _, r := range w.uses(variable{fn.File.ScopeOf(fn.Child("body")), b.Name}) {
		switch {
		case r.Parent == b.Stmt || r == b.Stmt || r == b.Node:
		case r.Field == "function" && r.Parent.Is("call"):
			calls = append(calls, r.Parent)
		default:
			further, whole := w.passedCalls(r, hops-1)
			calls, all = append(calls, further...), all && whole
		}
	}
	return calls, all
}

// parameterFor returns the call that an expression is an argument of, the
// function of the project it runs and the parameter that gets the argument; b
// is nil where one of them cannot be told.
func (w *world) parameterFor(arg *rewrite.Node) (call, fn *rewrite.Node, b *rewrite.Binding) {
	p := arg.Parent
	if p.Is("keyword_argument") && arg.Field == "value" {
		p = p.Parent
	}
	if !p.Is("argument_list") {
		return nil, nil, nil
	}
	call = p.Parent
	fn = w.functionOf(call)
	if !fn.Is("function_definition") {
		return nil, nil, nil
	}
	for _, list := range fn.File.ScopeOf(fn.Child("body")).Names {
		if len(list) != 1 || list[0].Kind != rewrite.Param || list[0].Stmt.Is("list_splat_pattern", "dictionary_splat_pattern") {
			continue
		}
		if w.argumentFor(call, fn, list[0]) == arg {
			return call, fn, list[0]
		}
	}
	return nil, nil, nil
}

// parameterCalls returns the calls of the parameters that a function or lambda
// is passed as in its own file.
func (w *world) parameterCalls(fn *rewrite.Node) []*rewrite.Node {
	var out []*rewrite.Node
	for _, use := range w.plainUses(fn) {
		calls, _ := w.passedCalls(use, passing)
		out = append(out, calls...)
	}
	return out
}

// plainUses returns the places of its file where a function is named but not
// called, or the lambda itself.
func (w *world) plainUses(fn *rewrite.Node) []*rewrite.Node {
	var list []*rewrite.Node
	switch name := fn.Child("name"); {
	case fn.Is("lambda"):
		list = []*rewrite.Node{fn}
	case fn.Class() != nil:
		list = w.attributes(name.Text())
	default:
		scope, _ := fn.File.ScopeOf(name).Lookup(name.Text())
		list = w.uses(variable{scope, name.Text()})
	}
	var out []*rewrite.Node
	for _, r := range list {
		if r.File == fn.File && r.Parent.Is("argument_list", "keyword_argument") && (fn.Class() == nil || !r.Is("attribute") || w.methodOf(r) == fn) {
			out = append(out, r)
		}
	}
	return out
}

// parameterResult is what calling a parameter gives, by the functions that are
// passed as it. ok is false where that is no span.
func (w *world) parameterResult(call *rewrite.Node) (out kind, ok bool) {
	fn := call.Child("function")
	if !fn.Is("identifier") {
		return otherKind, false
	}
	for _, v := range w.passedAs(fn, passing) {
		out = join(out, v)
	}
	return out, out.hasSpan()
}

// passedAs returns what the functions give that a name holds as a parameter.
func (w *world) passedAs(name *rewrite.Node, hops int) []kind {
	_, bindings := name.File.ScopeOf(name).Lookup(name.Text())
	if hops == 0 || len(bindings) != 1 || bindings[0].Kind != rewrite.Param {
		return []kind{otherKind}
	}
	b := bindings[0]
	fn := b.Stmt.Ancestor("function_definition", "lambda")
	if !fn.Is("function_definition") || len(w.callsOf(fn)) == 0 {
		return []kind{otherKind}
	}
	var out []kind
	if w.escapes(fn) {
		out = append(out, otherKind)
	}
	for _, c := range w.callsOf(fn) {
		v := w.argumentFor(c, fn, b).Inner()
		switch def := w.project.Name(v).Def; {
		case v.Is("lambda"):
			out = append(out, w.returns(v))
		case def.Is("function_definition"):
			out = append(out, w.returns(def))
		case def.Is("class_definition"):
			out = append(out, w.instanceKind(def))
		case v.Is("attribute") && w.methodOf(v) != nil:
			out = append(out, w.returns(w.methodOf(v)))
		case v.Is("identifier"):
			out = append(out, w.passedAs(v, hops-1)...)
		default:
			out = append(out, otherKind)
		}
	}
	return out
}
