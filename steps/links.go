package steps

import (
	"sort"
	"strings"
	"sync/atomic"

	"spanwalk/rewrite"
)

// links is what the names of one file mean in a project. It holds as long as
// the files it rests on are the project's.
type links struct {
	rests   []*rewrite.File
	callees map[*rewrite.Node]rewrite.Name    // call -> what it calls, where that is known
	calls   map[*rewrite.Node][]*rewrite.Node // function_definition or lambda -> calls that name it, or its class
	sdk     []*rewrite.Node                   // calls of functions and classes of the SDK, in source order
	names   atomic.Pointer[sdkNames]          // memo of sdkNames
}

// sdkNames is what of a file means something of the SDK.
type sdkNames struct {
	rests   []*rewrite.File
	spelled map[string][]*rewrite.Node // names and attributes by what they mean, in source order
	taken   map[string]bool            // what the file imports through other modules of the project
}

// derivedLinks is the key of what linkAll derives from a project.
type derivedLinks struct{}

// linkAll returns the links of all files of a project, once. What still holds
// of those before is taken from there.
func linkAll(p *rewrite.Project, before map[*rewrite.File]*links) map[*rewrite.File]*links {
	return p.Derive(derivedLinks{}, func() any {
		files := p.Files()
		linked := make([]*links, len(files))
		inParallel(len(files), func(i int) {
			if l := before[files[i]]; l != nil && l.hold(p) {
				linked[i] = l
			} else {
				linked[i] = link(p, indexOf(p, files[i]))
			}
		})
		all := map[*rewrite.File]*links{}
		for i, f := range files {
			all[f] = linked[i]
		}
		return all
	}).(map[*rewrite.File]*links)
}

// hold reports whether the links are those of a file of a project too.
func (l *links) hold(p *rewrite.Project) bool {
	names := l.names.Load()
	return p.HaveAll(l.rests) && (names == nil || p.HaveAll(names.rests))
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
func (l *links) sdkNames(p *rewrite.Project, x *fileIndex) *sdkNames {
	if known := l.names.Load(); known != nil {
		return known
	}
	out := &sdkNames{spelled: map[string][]*rewrite.Node{}, taken: map[string]bool{}}
	names := p.Names()
	for _, o := range x.outward {
		if name := names.Name(o.root); !isSDK(name.Dotted) && name.Module == nil && !p.Holds(name.Dotted) {
			continue
		}
		for _, n := range o.uses {
			if d := canonical(names.Name(n).Dotted); isSDK(d) {
				out.spelled[d] = append(out.spelled[d], n)
			}
		}
	}
	for _, list := range out.spelled {
		sort.Slice(list, func(i, j int) bool { return list[i].Start < list[j].Start })
	}
	for _, list := range x.taken {
		for _, b := range list {
			if d := canonical(names.Name(b.Node).Dotted); isSDK(d) {
				out.taken[d] = true
			}
		}
	}
	out.rests = names.Rests()
	l.names.CompareAndSwap(nil, out)
	return l.names.Load()
}

// meanings returns what each name and attribute means.
func (s *sdkNames) meanings() map[*rewrite.Node]string {
	out := map[*rewrite.Node]string{}
	for dotted, list := range s.spelled {
		for _, n := range list {
			out[n] = dotted
		}
	}
	return out
}

// sdkNames returns what of a file means something of the SDK. It is found for
// all files at once.
func (w *world) sdkNames(f *rewrite.File) *sdkNames {
	if !w.sdkNamed {
		files := w.project.Files()
		inParallel(len(files), func(i int) { w.links[files[i]].sdkNames(w.project, w.files[files[i]]) })
		w.sdkNamed = true
	}
	return w.links[f].names.Load()
}

// spelled returns the names and attributes that mean something of the SDK, such
// as "sentry_sdk.trace", in path and source order and without imports. Of
// "sentry_sdk.trace" itself only the whole is one.
func (w *world) spelled(dotted string) []*rewrite.Node {
	var out []*rewrite.Node
	for _, f := range w.project.Files() {
		out = append(out, w.sdkNames(f).spelled[dotted]...)
	}
	return out
}
