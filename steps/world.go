package steps

import "spanwalk/rewrite"

// world is what a step knows about a project beyond single files: who calls
// what, where each variable and attribute is used, and which values are spans.
// It is read by one goroutine.
type world struct {
	project *rewrite.Project

	calls        map[*rewrite.Node][]*rewrite.Node // function_definition -> calls that resolve to it
	handed       map[*rewrite.Node][]handOver      // function_definition -> places that hand it to something that calls it
	callees      map[*rewrite.Node]rewrite.Name    // call -> what it calls
	attrs        map[string][]*rewrite.Node        // attribute name -> attribute expressions
	refs         map[variable][]*rewrite.Node      // identifiers by the variable they mean
	methods      map[string]int                    // method name -> how many classes define it
	named        map[string][]*rewrite.Node        // memo of spelled
	files        map[*rewrite.File]*fileIndex
	roots        *rootNames          // memo of rootNames
	demanded     *demand             // memo of demandedRelease
	meant        map[*outward]string // dotted names of the outward variables that lie outside the project
	direct       map[*outward]bool   // those whose import leads outside at once, whatever the modules of the project hold
	types        map[any]kind        // what [inference] found for expressions, bindings, functions, fields and attribute names
	inference    *inference
	instances    map[*rewrite.Node]*rewrite.Node   // memo of instanceOf
	stored       map[field][]*rewrite.Node         // memo of stores
	dottedNames  map[*rewrite.Node]string          // memo of dotted
	viaProject   map[string]map[*rewrite.File]bool // SDK names -> files that import them through other modules of the project
	visiting     map[any]bool                      // recursion guards
	entersBySite map[*rewrite.Node][]*rewrite.Node // creation -> later entries
	allCalls     []*rewrite.Node
	ofSDK        []*rewrite.Node // memo of sdkCalls
	made         *[]*client      // memo of clients
	rootCount    *int            // memo of rootCalls
	rootStays    bool
	functions    []*rewrite.Node
}

// variable is a name in the scope that binds it.
type variable struct {
	scope *rewrite.Scope
	name  string
}

// field is an attribute of a project class.
type field struct {
	class *rewrite.Node
	name  string
}

func newWorld(p *rewrite.Project) *world {
	w := &world{project: p, attrs: map[string][]*rewrite.Node{}, refs: map[variable][]*rewrite.Node{}, methods: map[string]int{},
		files: map[*rewrite.File]*fileIndex{}, callees: map[*rewrite.Node]rewrite.Name{}, direct: map[*outward]bool{}}
	indexAll(p)
	for _, f := range p.Files() {
		x := indexOf(p, f)
		w.files[f] = x
		for name, list := range x.attrs {
			w.attrs[name] = append(w.attrs[name], list...)
		}
		w.take(x)
	}
	w.link()
	return w
}

// next turns the world into that of the project after some files have changed;
// w itself must not be used any more. What was learnt from files that are the
// same is kept, what was inferred across files is not.
func (w *world) next(p *rewrite.Project) *world {
	n := &world{project: p, attrs: w.attrs, refs: w.refs, methods: w.methods, files: w.files, meant: w.meant, direct: w.direct, callees: w.callees}
	if sameManifests(w.project, p) {
		n.demanded = w.demanded
	}
	before := w.project.Files()
	if len(before) != len(p.Files()) {
		return newWorld(p)
	}
	indexAll(p)
	for i, f := range p.Files() {
		if f != before[i] {
			n.replace(before[i], indexOf(p, f))
		}
	}
	n.link()
	return n
}

// take adds what an index holds besides attributes.
func (w *world) take(x *fileIndex) {
	for v, list := range x.refs {
		w.refs[v] = list
	}
	for _, name := range x.methods {
		w.methods[name]++
	}
	for _, s := range x.sites {
		if s.name.Known() {
			w.callees[s.call] = s.name
		}
	}
}

// replace puts the index of a changed file in the place of the old one.
func (w *world) replace(old *rewrite.File, x *fileIndex) {
	gone := w.files[old]
	delete(w.files, old)
	w.files[x.file] = x
	for name := range gone.attrs {
		w.attrs[name] = exchange(w.attrs[name], old, x.attrs[name])
	}
	for name, list := range x.attrs {
		if len(gone.attrs[name]) == 0 {
			w.attrs[name] = exchange(w.attrs[name], old, list)
		}
	}
	for v := range gone.refs {
		delete(w.refs, v)
	}
	for i := range gone.sites {
		delete(w.callees, gone.sites[i].call)
	}
	for _, name := range gone.methods {
		w.methods[name]--
	}
	w.take(x)
}

// exchange returns nodes in path order, those of a file replaced by others of
// the same path.
func exchange(list []*rewrite.Node, old *rewrite.File, with []*rewrite.Node) []*rewrite.Node {
	out := make([]*rewrite.Node, 0, len(list)+len(with))
	i := 0
	for ; i < len(list) && list[i].File.Path < old.Path; i++ {
		out = append(out, list[i])
	}
	out = append(out, with...)
	for ; i < len(list); i++ {
		if list[i].File != old {
			out = append(out, list[i])
		}
	}
	return out
}

// link finds out who calls what, and forgets what was inferred before.
// A callee outside the project stays what it was in the world before as long as
// the variable in front means the same.
func (w *world) link() {
	same := w.learnMeanings()
	w.calls, w.handed = map[*rewrite.Node][]*rewrite.Node{}, map[*rewrite.Node][]handOver{}
	w.types, w.inference = map[any]kind{}, newInference()
	w.instances, w.stored = map[*rewrite.Node]*rewrite.Node{}, map[field][]*rewrite.Node{}
	w.dottedNames, w.visiting = map[*rewrite.Node]string{}, map[any]bool{}
	for _, f := range w.project.Files() {
		x := w.files[f]
		w.allCalls = append(w.allCalls, x.calls...)
		w.functions = append(w.functions, x.functions...)
	}
	for _, f := range w.project.Files() {
		for i := range w.files[f].sites {
			s := &w.files[f].sites[i]
			if s.open && !same[s.root] {
				w.resolve(s.call)
			}
			w.indexCall(s)
		}
	}
	for _, f := range w.project.Files() {
		for _, c := range w.files[f].handing {
			w.indexHandOver(c)
		}
	}
}

// resolve records what a call calls that only other files may tell.
func (w *world) resolve(call *rewrite.Node) {
	if name := w.project.Name(call.Child("function")); name.Known() {
		w.callees[call] = name
	} else {
		delete(w.callees, call)
	}
}

// learnMeanings resolves the outward variables. It returns those that mean the
// same thing outside the project as in the world before.
func (w *world) learnMeanings() map[*outward]bool {
	meant, same := map[*outward]string{}, map[*outward]bool{}
	for _, f := range w.project.Files() {
		for _, o := range w.files[f].outward {
			if w.direct[o] {
				meant[o], same[o] = w.meant[o], true
			} else if dotted := w.project.Resolve(o.root); dotted != "" && !w.project.Holds(dotted) {
				meant[o], same[o] = dotted, w.meant[o] == dotted
				w.direct[o] = w.project.Outside(o.root)
			}
		}
	}
	w.meant = meant
	return same
}

// handOver is a function passed to something that will call it, with the
// arguments it will get: a thread, an executor, a partial.
type handOver struct {
	fn   *rewrite.Node // the expression that names the function
	args []*rewrite.Node
	keys map[string]*rewrite.Node
}

// indexHandOver recognises Thread(target=f, args=(…)), submit(f, …),
// run_in_executor(None, f, …), to_thread(f, …), partial(f, …), run(f, …) of a
// context, and map(f, …), whose single argument is an element.
func (w *world) indexHandOver(c *rewrite.Node) {
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
		w.handed[def] = append(w.handed[def], h)
	}
}

// handsOver reports whether [world.indexHandOver] knows a function.
func handsOver(name string) bool {
	switch name {
	case "Thread", "Timer", "Process", "submit", "to_thread", "partial", "run", "apply_async", "call_soon", "add_done_callback", "run_in_executor", "call_later":
		return true
	}
	return false
}

func (w *world) indexCall(s *callSite) {
	def := w.callees[s.call].Def
	if def.Is("class_definition") {
		def = w.project.Method(def, "__init__")
	}
	if def == nil && s.method != "" {
		def = w.methodOf(s.call.Child("function"))
	}
	if def == nil {
		def = s.lambda
	}
	if def != nil {
		w.calls[def] = append(w.calls[def], s.call)
	}
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

// methodOf resolves "self.m" and "x.m" for an x of known class; where the
// class is unknown, a method name that only one class of the project has.
func (w *world) methodOf(fn *rewrite.Node) *rewrite.Node {
	if !fn.Is("attribute") {
		return nil
	}
	name := fn.Child("attribute").Text()
	if w.methods[name] == 0 {
		return nil
	}
	obj := fn.Child("object")
	if class := w.instanceOf(obj); class != nil {
		return w.project.Method(class, name)
	}
	return nil
}

// instanceOf returns the project class an expression is an instance of, by
// construction or because it is the first parameter of a method.
func (w *world) instanceOf(n *rewrite.Node) *rewrite.Node {
	n = n.Inner()
	if !n.Is("identifier", "call", "attribute") {
		return nil
	}
	if class, ok := w.instances[n]; ok {
		return class
	}
	w.instances[n] = nil // a cycle finds nothing
	class := w.findInstance(n)
	w.instances[n] = class
	return class
}

func (w *world) findInstance(n *rewrite.Node) *rewrite.Node {
	switch {
	case n.Is("identifier"):
		scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		if scope == nil || len(bindings) != 1 {
			return nil
		}
		return w.instanceBound(bindings[0])
	case n.Is("call"):
		fn := n.Child("function")
		if fn.Text() == "super" {
			if class := n.Ancestor("class_definition"); class != nil && len(w.project.Bases(class)) > 0 {
				return w.project.Bases(class)[0]
			}
		}
		if def := w.project.Name(fn).Def; def.Is("class_definition") {
			return def
		}
	case n.Is("attribute"):
		if class := w.instanceOf(n.Child("object")); class != nil {
			for _, v := range w.stores(field{class, n.Child("attribute").Text()}) {
				if made := w.instanceOf(v); made != nil {
					return made
				}
			}
		}
	}
	return nil
}

// instancing marks a binding whose class is being looked for.
type instancing struct{ b *rewrite.Binding }

func (w *world) instanceBound(b *rewrite.Binding) *rewrite.Node {
	switch b.Kind {
	case rewrite.Param:
		fn := b.Stmt.Ancestor("function_definition")
		if fn == nil {
			return nil
		}
		if class := fn.Class(); class != nil && fn.Child("parameters").Children[0] == b.Stmt && !hasDecorator(fn, "staticmethod") {
			return class
		}
		if def := w.project.Name(b.Type).Def; def.Is("class_definition") {
			return def
		}
	case rewrite.Assign, rewrite.With:
		if b.Index == nil && b.Value != nil && !w.visiting[instancing{b}] {
			w.visiting[instancing{b}] = true
			defer delete(w.visiting, instancing{b})
			return w.instanceOf(b.Value)
		}
	case rewrite.Import:
		if v := w.project.Name(b.Node).Value; v != nil {
			return w.instanceOf(v)
		}
	}
	return nil
}

// stores returns what is assigned to an attribute in the methods of a class
// and of its project bases, and in the class body.
func (w *world) stores(f field) []*rewrite.Node {
	if out, ok := w.stored[f]; ok {
		return out
	}
	w.stored[f] = nil // a cycle finds nothing
	var out []*rewrite.Node
	for _, a := range w.attrs[f.name] {
		as := a.Parent
		if !as.Is("assignment") || as.Child("left") != a {
			continue
		}
		if class := w.instanceOf(a.Child("object")); class != nil && w.related(class, f.class) {
			if v := as.Child("right"); v != nil {
				out = append(out, v)
			}
		}
	}
	for _, b := range f.class.File.ScopeOf(f.class.Child("body")).Names[f.name] {
		if b.Kind == rewrite.Assign && b.Value != nil {
			out = append(out, b.Value)
		}
	}
	w.stored[f] = out
	return out
}

// related reports whether one class is the other or derives from it.
func (w *world) related(a, b *rewrite.Node) bool { return w.derives(a, b, 10) || w.derives(b, a, 10) }

func (w *world) derives(a, b *rewrite.Node, hops int) bool {
	if a == b {
		return true
	}
	if hops == 0 {
		return false
	}
	for _, base := range w.project.Bases(a) {
		if w.derives(base, b, hops-1) {
			return true
		}
	}
	return false
}

// callee returns the canonical dotted name of what a call calls, "" when it is
// not known or part of the project.
func (w *world) callee(call *rewrite.Node) string {
	if !call.Is("call") {
		return ""
	}
	return canonical(w.callees[call].Dotted)
}

// dotted returns the canonical dotted name of an expression, or "".
func (w *world) dotted(n *rewrite.Node) string {
	if d, ok := w.dottedNames[n]; ok {
		return d
	}
	d := canonical(w.project.Resolve(n))
	w.dottedNames[n] = d
	return d
}

// decorators returns the decorator expressions of a function or class.
func decorators(def *rewrite.Node) []*rewrite.Node {
	if !def.Parent.Is("decorated_definition") {
		return nil
	}
	var out []*rewrite.Node
	for _, c := range def.Parent.Children {
		if c.Is("decorator") && len(c.Children) > 0 {
			out = append(out, c.Children[0])
		}
	}
	return out
}

// hasDecorator reports whether a decorator's last name is one of names.
func hasDecorator(def *rewrite.Node, names ...string) bool {
	for _, d := range decorators(def) {
		if d.Is("call") {
			d = d.Child("function")
		}
		if d.Is("attribute") {
			d = d.Child("attribute")
		}
		for _, n := range names {
			if d.Text() == n {
				return true
			}
		}
	}
	return false
}
