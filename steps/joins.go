package steps

import (
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"spanwalk/rewrite"
)

// Joins tells which further files a project needs for what its spans do:
// modules are dotted names of modules that receive spans or hold callbacks of
// an init() and were not loaded; out are the names of the project that spans go
// through, so that files which use one must join. Both are sorted. exists
// reports whether some file, loaded or not, is a module whose dotted name ends
// in a word; several goroutines call it.
func Joins(p *rewrite.Project, exists func(word string) bool) (modules []string, out []HandOut) {
	w := newWorld(p)
	all := &joining{modules: map[string]bool{}, names: map[HandOut]bool{}}
	var mu sync.Mutex
	parts := w.parts(min(runtime.GOMAXPROCS(0), maxParts))
	inParallel(len(parts), func(i int) {
		part := &joining{world: w.beside(), exists: exists, modules: map[string]bool{}, names: map[HandOut]bool{}}
		for _, f := range parts[i] {
			part.file(f)
		}
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(all.modules, part.modules)
		maps.Copy(all.names, part.names)
	})
	maps.DeleteFunc(all.names, func(h HandOut, _ bool) bool { return h.Name == "" || Mentions([]byte(h.Name)) }) // whoever holds that is read anyway
	out = slices.Collect(maps.Keys(all.names))
	slices.SortFunc(out, HandOut.compare)
	return keys(all.modules), out
}

// maxParts bounds how many worlds there are at a time: each infers again some of
// what the others do.
const maxParts = 4

// parts divides the files of a project into at most n runs with about as many
// calls each. Neighbours rest on the same modules, so that little is inferred
// twice when each run has a world of its own.
func (w *world) parts(n int) [][]*rewrite.File {
	var out [][]*rewrite.File
	files, calls := w.project.Files(), 0
	for _, f := range files {
		if len(out) == 0 || len(out) < n && calls*n >= len(out)*len(w.allCalls) {
			out = append(out, nil)
		}
		calls += len(w.files[f].calls)
		out[len(out)-1] = append(out[len(out)-1], f)
	}
	return out
}

// joining gathers what [Joins] tells, on one world.
type joining struct {
	world   *world
	exists  func(word string) bool
	modules map[string]bool
	names   map[HandOut]bool
}

// file adds what one file asks for and hands out.
func (j *joining) file(f *rewrite.File) {
	x := j.world.files[f]
	for _, call := range x.calls {
		j.receiver(call)
		j.holder(call)
	}
	for _, fn := range x.functions {
		if fn.Function() == nil && j.world.handsOut(fn) { // else nobody else can name it
			j.add(fn.Child("name").Text(), f, fn.Class() != nil)
		}
	}
	for name, list := range x.attrs {
		if j.world.collects(list...) {
			j.add(name, f, true)
		}
		for _, a := range list {
			j.afar(a, name)
		}
	}
	scope := f.ModuleScope()
	for name, bindings := range scope.Names {
		if j.world.collects(j.world.uses(variable{scope, name})...) || slices.ContainsFunc(bindings, j.world.passesOn) {
			j.add(name, f, false)
		}
	}
	for _, star := range scope.Stars {
		j.starred(f, star)
	}
}

// add notes a name of a file through which spans go.
func (j *joining) add(name string, f *rewrite.File, member bool) {
	j.names[HandOut{name, ModuleWord(f.Path), member}] = true
}

// receiver notes a call of what is not loaded that is given a span, or a
// callback by an init().
func (j *joining) receiver(call *rewrite.Node) {
	w, fn := j.world, call.Child("function")
	if w.called(call).Def != nil || w.project.IsBuiltin(fn) {
		return
	}
	dotted := w.absolute(fn)
	if isClient(canonical(dotted)) {
		for _, a := range call.Args() {
			j.modulesOf(a.Value)
		}
		return
	}
	if _, word := cutName(moduleOf(dotted)); isSDK(dotted) || word != "" && !j.exists(word) {
		return
	}
	if slices.ContainsFunc(call.Args(), func(a rewrite.Arg) bool { return w.typeOf(a.Value).isSpan() }) {
		h, module := w.receiver(call)
		j.modules[module] = true
		h.Member = !fn.Is("identifier")
		j.names[h] = true
	}
}

// modulesOf notes the modules of the names in an expression.
func (j *joining) modulesOf(n *rewrite.Node) {
	n.Walk(func(n *rewrite.Node) bool {
		if n.Is("identifier", "attribute") && n.Field != "attribute" {
			j.modules[moduleOf(j.world.absolute(n))] = true
		}
		return true
	})
}

// holder notes the variable of a module or the attribute that is assigned a
// span where it is made.
func (j *joining) holder(call *rewrite.Node) {
	name := boundTo(call)
	if name == nil || !j.world.typeOf(call).isSpan() {
		return
	}
	if name.Field != "attribute" {
		if scope, _ := name.File.ScopeOf(name).Lookup(name.Text()); scope != name.File.ModuleScope() {
			return
		}
	}
	j.add(name.Text(), call.File, name.Field == "attribute")
}

// afar notes a variable of another module that is assigned a span.
func (j *joining) afar(a *rewrite.Node, name string) {
	w, as := j.world, a.Parent
	if !as.Is("assignment") || a.Field != "left" || as.Child("right") == nil || !importedName(a.Child("object")) || !w.typeOf(as.Child("right")).isSpan() {
		return
	}
	if v := w.project.Name(a).Value; v != nil {
		j.add(name, v.File, true)
		return
	}
	module := moduleOf(w.absolute(a))
	if word := lastName(module); word != "" && j.exists(word) {
		j.modules[module] = true
		j.names[HandOut{name, word, true}] = true
	}
}

// importedName reports a dotted name that begins with what an import binds.
func importedName(n *rewrite.Node) bool {
	for n.Is("attribute") {
		n = n.Child("object")
	}
	if !n.Is("identifier") {
		return false
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	return slices.ContainsFunc(bindings, func(b *rewrite.Binding) bool { return b.Kind == rewrite.Import })
}

// starred notes what a star import of a file hands on.
func (j *joining) starred(f *rewrite.File, star *rewrite.Binding) {
	m := j.world.project.Starred(f, star)
	if m == nil {
		return
	}
	for _, fn := range j.world.files[m].functions {
		if fn.Class() == nil && fn.Function() == nil && j.world.handsOut(fn) {
			j.add(fn.Child("name").Text(), f, false)
		}
	}
}

// absolute returns the dotted name of an expression that leads to a module
// which may not be loaded, by whatever import; "" where none does.
func (w *world) absolute(n *rewrite.Node) string {
	if dotted := w.project.Resolve(n); dotted != "" {
		return dotted
	}
	root := n
	for root.Is("attribute") {
		root = root.Child("object")
	}
	if !root.Is("identifier") {
		return ""
	}
	_, bindings := n.File.ScopeOf(root).Lookup(root.Text())
	for _, b := range bindings {
		if b.Kind != rewrite.Import || b.Level == 0 {
			continue
		}
		folder := path.Dir(n.File.Path)
		for i := 1; i < b.Level; i++ {
			folder = path.Dir(folder)
		}
		rest := strings.Join(strings.Fields(n.Text()[len(root.Text()):]), "")
		return strings.TrimPrefix(strings.ReplaceAll(folder, "/", ".")+"."+b.Target+rest, "..")
	}
	return ""
}

// handsOut reports a function that returns, yields or collects spans.
func (w *world) handsOut(fn *rewrite.Node) bool { return w.returns(fn).hasSpan() }

// HandedOn returns those of the names that come with files which have just
// joined: what a module imports, others can import from it. It spares a look at
// the whole project, which would find them too. What it returns is sorted.
func HandedOn(files []*rewrite.File, list []HandOut) []HandOut {
	known := map[HandOut]bool{}
	for _, h := range list {
		known[h] = !h.Member
	}
	found := map[HandOut]bool{}
	for _, f := range files {
		for name, bindings := range f.ModuleScope().Names {
			for _, b := range bindings {
				module, target := cutName(b.Target)
				if b.Kind == rewrite.Import && known[HandOut{Name: target, Module: lastName(module)}] {
					found[HandOut{Name: name, Module: ModuleWord(f.Path)}] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), HandOut.compare)
}

// passesOn reports a name of a module by which others can get at a function
// that hands out spans, or at what the steps look for in the SDK without naming
// the SDK themselves.
func (w *world) passesOn(b *rewrite.Binding) bool {
	switch {
	case b.Kind == rewrite.Import:
		if def := w.project.Name(b.Node).Def; def.Is("function_definition") && w.handsOut(def) {
			return true
		}
	case b.Kind == rewrite.Assign && b.Index == nil && b.Value.Is("identifier", "attribute"):
	default:
		return false
	}
	dotted := canonicalClass(w.dotted(b.Node))
	_, makes := spanMakers[dotted]
	return makes || spanClasses[dotted] != 0 || scopeMakers[dotted] || isClient(dotted) || passedOn[dotted]
}

// passedOn are the other names of the SDK that a module may pass on; the
// package itself matters under another name than its own.
var passedOn = map[string]bool{"sentry_sdk": true, "sentry_sdk.Hub": true, legacyCurrentSpan: true, legacyUpdateSpan: true, legacyTrace: true,

	newCurrentSpan: true, newTrace: true, "sentry_sdk.set_tag": true, "sentry_sdk.set_tags": true, "sentry_sdk.set_measurement": true}

// ModuleWord returns the word that an import of a file must hold: the last
// component of its module's name.
func ModuleWord(name string) string {
	base := strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".pyi"), ".py")
	if base == "__init__" {
		return path.Base(path.Dir(name))
	}
	return base
}

// moduleOf drops the last component of a dotted name.
func moduleOf(dotted string) string {
	if isSDK(dotted) {
		return ""
	}
	i := strings.LastIndexByte(dotted, '.')
	if i < 0 {
		return ""
	}
	return dotted[:i]
}
