package steps

import (
	"slices"

	"spanwalk/rewrite"
)

// world is what a step knows about a project beyond single files: who calls
// what, where each variable and attribute is used, and which values are spans.
// It is read by one goroutine.
type world struct {
	project *rewrite.Project

	files        map[*rewrite.File]*fileIndex
	links        map[*rewrite.File]*links
	methods      map[string]bool // names of methods that a class defines
	allCalls     []*rewrite.Node
	functions    []*rewrite.Node
	having       numbers                           // of the files by the attributes that stand in them
	callers      numbers                           // of the files by the functions of the project that they call
	attrs        map[string][]*rewrite.Node        // memo of attributes
	calls        map[*rewrite.Node][]*rewrite.Node // memo of callsOf
	handed       map[*rewrite.Node][]handOver      // memo of handedOf
	roots        *rootNames                        // memo of rootNames
	demanded     *demand                           // memo of demandedRelease
	inference    *inference
	instances    map[*rewrite.Node]*rewrite.Node   // memo of instanceOf
	stored       map[field][]*rewrite.Node         // memo of stores
	dottedNames  map[*rewrite.Node]string          // memo of dotted
	visiting     map[any]bool                      // recursion guards
	entersBySite map[*rewrite.Node][]*rewrite.Node // creation -> later entries
	ofSDK        []*rewrite.Node                   // memo of sdkCalls
	made         *[]*client                        // memo of clients
	rootCount    *int                              // memo of rootCalls
	rootStays    bool
	sdkNamed     bool // the links of all files know their sdkNames
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
	return readWorld(p, &world{having: numbers{}, callers: numbers{}})
}

// next turns the world into that of the project after some files have changed;
// w itself must not be used any more. What was learnt from files that are the
// same, and rests on none that changed, is kept; what was inferred across files
// is not.
func (w *world) next(p *rewrite.Project) *world {
	n := readWorld(p, w)
	if sameManifests(w.project, p) {
		n.demanded = w.demanded
	}
	return n
}

// readWorld indexes and links the files of a project. before is a world of the
// same paths, or an empty one.
func readWorld(p *rewrite.Project, before *world) *world {
	files := p.Files()
	linked := make([]*links, len(files))
	inParallel(len(files), func(i int) {
		if l := before.links[files[i]]; l != nil && p.HaveAll(l.rests) {
			linked[i] = l
		} else {
			linked[i] = link(p, indexOf(p, files[i]))
		}
	})
	w := (&world{project: p, files: map[*rewrite.File]*fileIndex{}, links: map[*rewrite.File]*links{}, methods: map[string]bool{}, having: before.having, callers: before.callers}).beside()
	for i, f := range files {
		x := indexOf(p, f)
		w.files[f], w.links[f] = x, linked[i]
		if before.files[f] == nil {
			for name := range x.attrs {
				w.having.add(name, i)
			}
		}
		if before.links[f] != linked[i] {
			for fn := range linked[i].calls {
				if fn.Is("function_definition") {
					w.callers.add(fn.Child("name").Text(), i)
				}
			}
		}
		w.allCalls = append(w.allCalls, x.calls...)
		w.functions = append(w.functions, x.functions...)
		for _, name := range x.methods {
			w.methods[name] = true
		}
	}
	return w
}

// numbers are the numbers of the files of a project in which something with a
// name stands, or stood before a step changed them; in order.
type numbers map[string][]int

func (n numbers) add(name string, number int) {
	if at, found := slices.BinarySearch(n[name], number); !found {
		n[name] = slices.Insert(n[name], at, number)
	}
}

// beside returns the same world for another goroutine: it shares what was read
// and nothing that is inferred.
func (w *world) beside() *world {
	return &world{project: w.project, files: w.files, links: w.links, methods: w.methods, having: w.having, callers: w.callers, allCalls: w.allCalls, functions: w.functions,
		attrs: map[string][]*rewrite.Node{}, inference: newInference(), calls: map[*rewrite.Node][]*rewrite.Node{}, instances: map[*rewrite.Node]*rewrite.Node{}, stored: map[field][]*rewrite.Node{},
		dottedNames: map[*rewrite.Node]string{}, visiting: map[any]bool{}}
}

// called returns what a call calls.
func (w *world) called(call *rewrite.Node) rewrite.Name {
	if l := w.links[call.File]; l != nil {
		return l.callees[call]
	}
	return rewrite.Name{}
}

// filesWith returns the files whose text holds one of some words, in path order.
func (w *world) filesWith(words ...string) []*rewrite.File {
	var out []*rewrite.File
	for _, f := range w.project.Files() {
		if containsAny(f.Source, words) {
			out = append(out, f)
		}
	}
	return out
}

// uses returns the identifiers that mean a variable, in source order.
func (w *world) uses(v variable) []*rewrite.Node {
	if v.scope == nil {
		return nil
	}
	if x := w.files[v.scope.Node.File]; x != nil {
		return x.refs[v]
	}
	return nil
}

// attributes returns the attribute expressions with a name, in path and source
// order.
func (w *world) attributes(name string) []*rewrite.Node {
	list, ok := w.attrs[name]
	if !ok {
		files := w.project.Files()
		for _, i := range w.having[name] {
			list = append(list, w.files[files[i]].attrs[name]...)
		}
		w.attrs[name] = list
	}
	return list
}

// methodOf resolves "self.m" and "x.m" for an x of known class; where the
// class is unknown, a method name that only one class of the project has.
func (w *world) methodOf(fn *rewrite.Node) *rewrite.Node {
	if !fn.Is("attribute") {
		return nil
	}
	name := fn.Child("attribute").Text()
	if !w.methods[name] {
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
	for _, a := range w.attributes(f.name) {
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
	return canonical(w.called(call).Dotted)
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
