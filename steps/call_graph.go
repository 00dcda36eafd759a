package steps

import (
	"slices"
	"sort"

	"spanwalk/rewrite"
)

// callsOf returns the calls that run a function_definition or lambda of the
// project, in path and source order.
func (w *world) callsOf(fn *rewrite.Node) []*rewrite.Node {
	out, ok := w.calls[fn]
	if !ok {
		w.calls[fn] = nil // a function that is passed to itself
		out = w.namedCalls(fn)
		if further := w.parameterCalls(fn); len(further) > 0 {
			out = append(slices.Clip(out), further...)
			sort.SliceStable(out, func(i, j int) bool { return inOrder(out[i], out[j]) })
			out = slices.Compact(out)
		}
		w.calls[fn] = out
	}
	return out
}

// namedCalls returns those that name the function, or its class.
func (w *world) namedCalls(fn *rewrite.Node) []*rewrite.Node {
	if !fn.Is("function_definition") {
		return w.links[fn.File].calls[fn]
	}
	var out []*rewrite.Node
	name, files := fn.Child("name").Text(), w.project.Files()
	for _, i := range w.callers[name] {
		out = append(out, w.links[files[i]].calls[fn]...)
	}
	if fn.Class() == nil {
		return out
	}
	known := len(out)
	for _, a := range w.attributes(name) {
		if c := a.Parent; a.Field == "function" && c.Is("call") && w.called(c).Def == nil && w.methodOf(a) == fn {
			out = append(out, c)
		}
	}
	if known > 0 && len(out) > known {
		sort.SliceStable(out, func(i, j int) bool { return inOrder(out[i], out[j]) })
	}
	return out
}

// handedOf returns the places that hand a function to something that calls it.
func (w *world) handedOf(fn *rewrite.Node) []handOver {
	if w.handed == nil {
		w.handed = map[*rewrite.Node][]handOver{}
		for _, f := range w.project.Files() {
			for _, c := range w.files[f].handing {
				w.readHandOver(c)
			}
		}
	}
	return w.handed[fn]
}

// handOver is a function passed to something that will call it, with the
// arguments it will get: a thread, an executor, a partial.
type handOver struct {
	fn   *rewrite.Node // the expression that names the function
	args []*rewrite.Node
	keys map[string]*rewrite.Node
}

// readHandOver recognises Thread(target=f, args=(…), kwargs={…}), submit(f, …),
// run_in_executor(None, f, …), to_thread(f, …), partial(f, …), run(f, …) of a
// context, and map(f, …), whose single argument is an element.
func (w *world) readHandOver(c *rewrite.Node) {
	args := c.Args()
	fn := c.Child("function")
	last := fn
	if fn.Is("attribute") {
		last = fn.Child("attribute")
	}
	h := handOver{keys: map[string]*rewrite.Node{}}
	switch last.Text() {
	case "Thread", "Timer", "Process":
		if t := c.Keyword("target"); t != nil {
			h.fn = t.Value
		}
		if a := c.Keyword("args"); a != nil && a.Value.Is("tuple", "list") {
			h.args = a.Value.Children
		}
		if a := c.Keyword("kwargs"); a != nil && a.Value.Is("dictionary") {
			for _, pair := range a.Value.Children {
				if key := stringValue(pair.Child("key")); key != "" {
					h.keys[key] = pair.Child("value")
				}
			}
		}
	case "submit", "to_thread", "partial", "run", "apply_async", "call_soon", "add_done_callback", "run_in_executor", "call_later":
		skip := 0
		if last.Text() == "run_in_executor" || last.Text() == "call_later" {
			skip = 1
		}
		if len(args) > skip && args[skip].Name == "" {
			h.fn = args[skip].Value
			for _, a := range args[skip+1:] {
				if a.Name != "" {
					h.keys[a.Name] = a.Value
				} else if a.Star == "" {
					h.args = append(h.args, a.Value)
				}
			}
		}
	}
	if !h.fn.Is("identifier", "attribute") {
		return
	}
	def := w.project.Name(h.fn).Def
	if !def.Is("function_definition") {
		def = w.methodOf(h.fn)
	}
	if def != nil {
		w.handed[def] = append(w.handed[def], h)
	}
}

// handsOver reports whether [world.readHandOver] knows a function.
func handsOver(name string) bool {
	switch name {
	case "Thread", "Timer", "Process", "submit", "to_thread", "partial", "run", "apply_async", "call_soon", "add_done_callback", "run_in_executor", "call_later":
		return true
	}
	return false
}

// lambdaOf returns the lambda that a called name was assigned, or nil.
func lambdaOf(fn *rewrite.Node) *rewrite.Node {
	if !fn.Is("identifier") {
		return nil
	}
	_, bindings := fn.File.ScopeOf(fn).Lookup(fn.Text())
	return lambdaIn(bindings)
}

func lambdaIn(bindings []*rewrite.Binding) *rewrite.Node {
	if len(bindings) == 1 && bindings[0].Kind == rewrite.Assign && bindings[0].Value.Is("lambda") {
		return bindings[0].Value
	}
	return nil
}
