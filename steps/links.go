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
	spelled map[string][]*rewrite.Node        // memo of sdkNames
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

// sdkNames returns the names and attributes of a file that mean something of
// the SDK, by what they mean.
func (l *links) sdkNames(p *rewrite.Project, x *fileIndex) map[string][]*rewrite.Node {
	if l.spelled != nil {
		return l.spelled
	}
	l.spelled = map[string][]*rewrite.Node{}
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
	l.rests = append(l.rests[:len(l.rests):len(l.rests)], names.Rests()...)
	for _, list := range l.spelled {
		sort.Slice(list, func(i, j int) bool { return list[i].Start < list[j].Start })
	}
	return l.spelled
}

// spelled returns the names and attributes that mean something of the SDK, such
// as "sentry_sdk.trace", in path and source order and without imports. Of
// "sentry_sdk.trace" itself only the whole is one.
func (w *world) spelled(dotted string) []*rewrite.Node {
	var out []*rewrite.Node
	files := w.project.Files()
	if !w.spelt {
		inParallel(len(files), func(i int) { w.links[files[i]].sdkNames(w.project, w.files[files[i]]) })
		w.spelt = true
	}
	for _, f := range files {
		out = append(out, w.links[f].spelled[dotted]...)
	}
	return out
}
