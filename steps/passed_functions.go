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
			if r.Field == "right" && r.Parent.Is("assignment") && r.Parent.Child("left").Is("attribute") {
				further, whole = w.keptCalls(r.Parent.Child("left"))
			}
			calls, all = append(calls, further...), all && whole
		}
	}
	return calls, all
}

// keptCalls returns the calls of what an attribute of an instance is assigned:
// "self.make()" behind "self.make = make". all is false where it may be called
// elsewhere too.
func (w *world) keptCalls(target *rewrite.Node) (calls []*rewrite.Node, all bool) {
	class := w.instanceOf(target.Child("object"))
	if class == nil {
		return nil, false
	}
	all = true
	for _, a := range w.attributes(target.Child("attribute").Text()) {
		owner := w.instanceOf(a.Child("object"))
		switch {
		case a == target || owner != nil && !w.related(owner, class):
		case owner != nil && a.Field == "function" && a.Parent.Is("call"):
			calls = append(calls, a.Parent)
		default:
			all = false
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
	if class := w.called(call).Def; class.Is("class_definition") {
		fn = w.project.Method(class, "__init__")
	}
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

// takenCalls returns the calls of the parameters that a function is passed as
// by the files that import it.
func (w *world) takenCalls(fn *rewrite.Node) []*rewrite.Node {
	if !fn.Is("function_definition") || fn.Class() != nil {
		return nil
	}
	var uses []*rewrite.Node
	name := fn.Child("name").Text()
	for _, f := range w.project.Files() {
		for _, b := range w.files[f].taken[name] {
			if w.project.Name(b.Node).Def == fn {
				scope, _ := f.ScopeOf(b.Stmt).Lookup(b.Name)
				uses = append(uses, w.uses(variable{scope, b.Name})...)
			}
		}
	}
	for _, a := range w.attributes(name) {
		if a.Parent.Is("argument_list", "keyword_argument") && w.project.Name(a).Def == fn {
			uses = append(uses, a)
		}
	}
	var out []*rewrite.Node
	for _, use := range uses {
		calls, _ := w.passedCalls(use, passing)
		out = append(out, calls...)
	}
	return out
}
