package steps

import (
	"cmp"
	"maps"
	"path"
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
// in a word.
func Joins(p *rewrite.Project, exists func(word string) bool) (modules []string, out []HandOut) {
	w := newWorld(p)
	var wanted map[string]bool
	var taking map[HandOut]bool
	var receivers sync.WaitGroup
	receivers.Go(func() { wanted, taking = w.beside().receivers(exists) })
	found := w.handOuts()
	w.holders(found)
	receivers.Wait()
	maps.Copy(found, taking)
	maps.DeleteFunc(found, func(h HandOut, ok bool) bool { return !ok || h.Name == string(sdkName) }) // whoever holds that is read anyway
	out = slices.Collect(maps.Keys(found))
	slices.SortFunc(out, func(a, b HandOut) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Module, b.Module))
	})
	return keys(wanted), out
}

// receivers returns the modules that were not loaded and the names in them that
// are given a span, or a callback by an init(); see [Joins].
func (w *world) receivers(exists func(word string) bool) (modules map[string]bool, names map[HandOut]bool) {
	modules, names = map[string]bool{}, map[HandOut]bool{}
	for _, c := range w.allCalls {
		fn := c.Child("function")
		if w.called(c).Def != nil || w.project.IsBuiltin(fn) {
			continue
		}
		dotted := w.absolute(fn)
		if isClient(canonical(dotted)) {
			for _, a := range c.Args() {
				w.named(a.Value, modules)
			}
			continue
		}
		if _, word := cutName(moduleOf(dotted)); isSDK(dotted) || word != "" && !exists(word) {
			continue
		}
		if slices.ContainsFunc(c.Args(), func(a rewrite.Arg) bool { return w.typeOf(a.Value).isSpan() }) {
			h, module := w.receiver(c)
			modules[module] = true
			names[h] = h.Name != ""
		}
	}
	return modules, names
}

// named adds the modules of the names in an expression.
func (w *world) named(n *rewrite.Node, modules map[string]bool) {
	n.Walk(func(n *rewrite.Node) bool {
		if n.Is("identifier", "attribute") && n.Field != "attribute" {
			modules[moduleOf(w.absolute(n))] = true
		}
		return true
	})
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

// handOuts returns the functions that return, yield or collect spans, and what
// modules pass on of the SDK, once for every module that has them under a name.
func (w *world) handOuts() map[HandOut]bool {
	found := map[HandOut]bool{}
	handed := map[*rewrite.Node]bool{}
	for _, fn := range w.functions {
		if fn.Function() != nil {
			continue // nobody else can name it
		}
		k := w.returns(fn)
		if k.hasSpan() {
			handed[fn] = true
			found[HandOut{fn.Child("name").Text(), ModuleWord(fn.File.Path)}] = true
		}
	}
	for _, f := range w.project.Files() {
		scope := f.ModuleScope()
		for name, bindings := range scope.Names {
			for _, b := range bindings {
				if b.Kind == rewrite.Import && handed[w.project.Name(b.Node).Def] || w.passesOn(b) {
					found[HandOut{name, ModuleWord(f.Path)}] = true
				}
			}
		}
		for _, star := range scope.Stars {
			for fn := range handed {
				if fn.Class() == nil && w.project.Starred(f, star) == fn.File {
					found[HandOut{fn.Child("name").Text(), ModuleWord(f.Path)}] = true
				}
			}
		}
	}
	return found
}

// passesOn reports a name of a module by which others can get at what the
// steps look for in the SDK without naming the SDK themselves.
func (w *world) passesOn(b *rewrite.Binding) bool {
	switch {
	case b.Kind == rewrite.Import:
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
