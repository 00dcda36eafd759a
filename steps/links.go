package steps

import (
	"sort"
	"strings"

	"spanwalk/rewrite"
)

// links is what the names of one file mean in a project. It holds as long as
// the files it rests on are the project's.
type links struct {
	rests   []*rewrite.File
	callees map[*rewrite.Node]rewrite.Name    // call -> what it calls, where that is known
	calls   map[*rewrite.Node][]*rewrite.Node // function_definition or lambda -> calls that name it, or its class
	sdk     []*rewrite.Node                   // calls of functions and classes of the SDK, in source order
	spelled map[string][]*rewrite.Node        // by sdkNames: names and attributes that mean something of the SDK, by what they mean
	taken   map[string]bool                   // by sdkNames: names of the SDK that the file imports through other modules of the project
}

// link resolves what the calls of a file call.
func link(p *rewrite.Project, x *fileIndex) *links {
	l := &links{callees: map[*rewrite.Node]rewrite.Name{}, calls: map[*rewrite.Node][]*rewrite.Node{}}
	names := p.Names()
	for i := range x.sites {
		s := &x.sites[i]
		name := s.name
		if s.open {
			name = names.Name(s.call.Child("function"))
		}
		if name.Known() {
			l.callees[s.call] = name
			if strings.HasPrefix(name.Dotted, "sentry_sdk.") {
				l.sdk = append(l.sdk, s.call)
			}
		}
		def := name.Def
		if def.Is("class_definition") {
			def = names.Method(def, "__init__")
		}
		if def == nil {
			def = s.lambda
		}
		if def != nil {
			l.calls[def] = append(l.calls[def], s.call)
		}
	}
	l.rests = names.Rests()
	return l
}

// sdkNames finds what of a file means something of the SDK, once.
func (l *links) sdkNames(p *rewrite.Project, x *fileIndex) {
	if l.spelled != nil {
		return
	}
	l.spelled, l.taken = map[string][]*rewrite.Node{}, map[string]bool{}
	names := p.Names()
	for _, o := range x.outward {
		if name := names.Name(o.root); !isSDK(name.Dotted) && name.Module == nil && !p.Holds(name.Dotted) {
			continue
		}
		for _, n := range o.uses {
			if d := canonical(names.Name(n).Dotted); isSDK(d) {
				l.spelled[d] = append(l.spelled[d], n)
			}
		}
	}
	for _, list := range l.spelled {
		sort.Slice(list, func(i, j int) bool { return list[i].Start < list[j].Start })
	}
	for _, list := range x.taken {
		for _, b := range list {
			if d := canonical(names.Name(b.Node).Dotted); isSDK(d) {
				l.taken[d] = true
			}
		}
	}
	l.rests = append(l.rests[:len(l.rests):len(l.rests)], names.Rests()...)
}

// meanings returns what each name and attribute of the file means, of those that
// mean something of the SDK.
func (l *links) meanings() map[*rewrite.Node]string {
	out := map[*rewrite.Node]string{}
	for dotted, list := range l.spelled {
		for _, n := range list {
			out[n] = dotted
		}
	}
	return out
}

// named returns the links of a file, once those of all files know their
// sdkNames.
func (w *world) named(f *rewrite.File) *links {
	if !w.sdkNamed {
		files := w.project.Files()
		inParallel(len(files), func(i int) { w.links[files[i]].sdkNames(w.project, w.files[files[i]]) })
		w.sdkNamed = true
	}
	return w.links[f]
}

// spelled returns the names and attributes that mean something of the SDK, such
// as "sentry_sdk.trace", in path and source order and without imports. Of
// "sentry_sdk.trace" itself only the whole is one.
func (w *world) spelled(dotted string) []*rewrite.Node {
	var out []*rewrite.Node
	for _, f := range w.project.Files() {
		out = append(out, w.named(f).spelled[dotted]...)
	}
	return out
}
