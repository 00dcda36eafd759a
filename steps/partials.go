package steps

import "spanwalk/rewrite"

// partialOf returns what functools.partial() makes of a function in a call of
// it, or of a name that it alone is assigned to: the call of partial() and its
// first argument; nil where fn is nothing of the kind.
func (w *world) partialOf(fn *rewrite.Node) (made, of *rewrite.Node) {
	made = fn.Inner()
	if made.Is("identifier") {
		_, bindings := made.File.ScopeOf(made).Lookup(made.Text())
		if len(bindings) != 1 || bindings[0].Kind != rewrite.Assign || bindings[0].Index != nil {
			return nil, nil
		}
		made = bindings[0].Value.Inner()
	}
	if !made.Is("call") || w.callee(made) != "functools.partial" {
		return nil, nil
	}
	args := made.Args()
	if len(args) == 0 || args[0].Name != "" || args[0].Star != "" {
		return nil, nil
	}
	return made, args[0].Value
}

// partialSpan is what a call of a partial start_span() makes.
func (w *world) partialSpan(call *rewrite.Node) (kind, bool) {
	made, of := w.partialOf(call.Child("function"))
	if of == nil {
		return kind{}, false
	}
	flags, ok := spanMakers[w.dotted(of)]
	return kind{span: flags, sites: []*rewrite.Node{made}}, ok
}

// partial handles functools.partial(start_span, op="x") whose calls are all at
// hand, enter the span and give it nothing but its name, or nothing where
// partial() gives that. It reports whether it was one.
func (p *Pass) partial(n *rewrite.Node, streaming, kind string) bool {
	made := n.Parent.Parent
	if kind != "start_span" || !made.Is("call") || !made.Parent.Is("assignment") || made.Field != "right" {
		return false
	}
	target := made.Parent.Child("left")
	if !target.Is("identifier") || !p.world.onlyCalled(target) {
		return false
	}
	if m, of := p.world.partialOf(target); m != made || of != n || p.world.elsewhere(target) {
		return false
	}
	c := newCreation(p, made, kind)
	c.edit.Replace(made.Args()[0], ref(streaming, n))
	for _, a := range made.Args()[1:] {
		switch a.Name {
		case "op", "origin", "name", "description":
			if p.world.mayBeNone(a.Value) {
				return false
			}
			c.argument(a)
		default:
			return false
		}
	}
	if c.name != nil || c.desc != nil {
		c.nameArgument()
	}
	calls := p.partialCalls(target)
	if c.tier != Safe || c.open || len(calls) == 0 {
		return false
	}
	if len(c.entries) > 0 {
		c.edit.Replace(*c.place, "attributes="+c.attributes())
	}
	edits := c.edits()
	for _, call := range calls {
		named, ok := p.partialName(call)
		if f := p.world.fate(call); !ok || !f.direct || f.held || len(f.later) > 0 || (named != nil) == (c.name != nil || c.desc != nil) {
			return false
		}
		if named != nil && named.Name == "description" {
			edit := rewrite.EditCall(call)
			edit.RenameKeyword(*named, "name")
			edits = append(edits, edit.Edits(lineWidth(p.Project, call.File.Path))...)
		}
	}
	p.Report(n, kind+"-alias", Finding{Message: kind + "() with arguments given beforehand; its calls are rewritten with it", Tier: Review, Edits: edits})
	return true
}

// elsewhere reports whether another file gets at a variable of a module.
func (w *world) elsewhere(target *rewrite.Node) bool {
	for _, f := range w.project.Files() {
		if f == target.File {
			continue
		}
		if len(f.ModuleScope().Stars) > 0 {
			return true
		}
		for _, b := range w.files[f].taken[target.Text()] {
			if w.project.Name(b.Node).Value == target {
				return true
			}
		}
	}
	for _, a := range w.attributes(target.Text()) {
		if a.File != target.File && w.project.Name(a).Value == target {
			return true
		}
	}
	return false
}

// partialCalls returns the calls of a name.
func (p *Pass) partialCalls(target *rewrite.Node) []*rewrite.Node {
	var out []*rewrite.Node
	scope, _ := target.File.ScopeOf(target).Lookup(target.Text())
	for _, r := range p.world.uses(variable{scope, target.Text()}) {
		if r != target {
			out = append(out, r.Parent)
		}
	}
	return out
}

// partialName returns the name or description that a call gives, nil for none;
// ok is false where it gives anything else, or what may be no text.
func (p *Pass) partialName(call *rewrite.Node) (named *rewrite.Arg, ok bool) {
	for _, a := range call.Args() {
		if named != nil || a.Name != "name" && a.Name != "description" || p.world.mayBeNone(a.Value) {
			return nil, false
		}
		named = &a
	}
	return named, true
}
