package steps

import (
	"sort"

	"spanwalk/rewrite"
)

// callGraph is who calls the functions of a project.
type callGraph struct {
	known    map[*rewrite.Node][]*rewrite.Node // function_definition or lambda -> calls of its name
	byMethod map[string][]*rewrite.Node        // method name -> calls of it on objects, whose class must tell
	all      map[*rewrite.Node][]*rewrite.Node // memo of callsOf
	handed   map[*rewrite.Node][]handOver      // function_definition -> places that hand it to something that calls it
}

// callGraph returns the graph of the calls, which it makes once.
func (w *world) callGraph() *callGraph {
	if w.graph != nil {
		return w.graph
	}
	g := &callGraph{known: map[*rewrite.Node][]*rewrite.Node{}, byMethod: map[string][]*rewrite.Node{},
		all: map[*rewrite.Node][]*rewrite.Node{}, handed: map[*rewrite.Node][]handOver{}}
	for _, f := range w.project.Files() {
		for i := range w.files[f].sites {
			w.readSite(g, &w.files[f].sites[i])
		}
	}
	w.graph = g
	for _, f := range w.project.Files() {
		for _, c := range w.files[f].handing {
			w.readHandOver(g, c)
		}
	}
	return g
}

func (w *world) readSite(g *callGraph, s *callSite) {
	def := w.called(s.call).Def
	if def.Is("class_definition") {
		def = w.project.Method(def, "__init__")
	}
	switch {
	case def != nil:
	case s.method != "":
		if w.methods[s.method] {
			g.byMethod[s.method] = append(g.byMethod[s.method], s.call)
		}
		return
	case s.lambda != nil:
		def = s.lambda
	default:
		return
	}
	g.known[def] = append(g.known[def], s.call)
}

// callsOf returns the calls that run a function_definition or lambda of the
// project, in path and source order.
func (w *world) callsOf(fn *rewrite.Node) []*rewrite.Node {
	g := w.callGraph()
	if out, ok := g.all[fn]; ok {
		return out
	}
	out := g.known[fn]
	if fn.Is("function_definition") {
		known := len(out)
		for _, c := range g.byMethod[fn.Child("name").Text()] {
			if w.methodOf(c.Child("function")) == fn {
				out = append(out[:len(out):len(out)], c)
			}
		}
		if known > 0 && len(out) > known {
			sort.SliceStable(out, func(i, j int) bool { return inOrder(out[i], out[j]) })
		}
	}
	g.all[fn] = out
	return out
}

// handedOf returns the places that hand a function to something that calls it.
func (w *world) handedOf(fn *rewrite.Node) []handOver { return w.callGraph().handed[fn] }

// handOver is a function passed to something that will call it, with the
// arguments it will get: a thread, an executor, a partial.
type handOver struct {
	fn   *rewrite.Node // the expression that names the function
	args []*rewrite.Node
	keys map[string]*rewrite.Node
}

// readHandOver recognises Thread(target=f, args=(…)), submit(f, …),
// run_in_executor(None, f, …), to_thread(f, …), partial(f, …), run(f, …) of a
// context, and map(f, …), whose single argument is an element.
func (w *world) readHandOver(g *callGraph, c *rewrite.Node) {
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
		g.handed[def] = append(g.handed[def], h)
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
	if len(bindings) == 1 && bindings[0].Kind == rewrite.Assign && bindings[0].Value.Is("lambda") {
		return bindings[0].Value
	}
	return nil
}
