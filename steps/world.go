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
	methods      map[string]bool            // names of methods that a class defines
	named        map[string][]*rewrite.Node // memo of methodsNamed
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
	makersOut    *bool // memo of handsOnMakers
	sdkNamed     bool  // the links of all files know their sdkNames
}

// variable is a name in the scope that binds it.
type variable struct {
	scope *rewrite.Scope
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
	w := (&world{project: p, files: map[*rewrite.File]*fileIndex{}, links: linkAll(p, before.links), methods: map[string]bool{}, having: before.having, callers: before.callers}).beside()
	for i, f := range p.Files() {
		x := indexOf(p, f)
		w.files[f] = x
		if before.files[f] == nil {
			for name := range x.attrs {
				w.having.add(name, i)
			}
		}
		if l := w.links[f]; before.links[f] != l {
			for fn := range l.calls {
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
