package steps

import "spanwalk/rewrite"

// usedEarly returns the uses of a variable, which holds a transaction that one
// call describes, before a call starts it.
func (c *creation) usedEarly(fed, made *rewrite.Node) []*rewrite.Node {
	fed = fed.Inner()
	if !fed.Is("identifier") {
		return nil
	}
	scope, _ := fed.File.ScopeOf(fed).Lookup(fed.Text())
	var out []*rewrite.Node
	for _, r := range c.world().uses(variable{scope, fed.Text()}) {
		if r.Start < c.call.Start && !c.world().isBinding(r) && c.world().reads(r, []*rewrite.Node{made}) {
			out = append(out, r)
		}
	}
	return out
}

// startEarly lets the span start where its transaction was described, because
// it is written on before start_transaction() starts it, which gives way to the
// variable. The start time is that of the description, as it was.
//
// Preconditions: nothing opens a span in between and no scope is forked there.
func (c *creation) startEarly(fed, made *rewrite.Node, uses []*rewrite.Node) bool {
	if c.samples != "" || c.forkBetween(made) || !c.world().quietBetween(made, fed) || len(c.world().fate(c.call).later) > 0 {
		return false
	}
	early := newCreation(c.pass, made, c.kind)
	early.edit.Callee(ref(newStartSpan, c.call.Child("function")))
	var args []rewrite.Arg
	for i, a := range c.pass.described(made) {
		if c.pass.continues(made) && isHeaders(i, a) {
			early.edit.Remove(a)
			name := ref(newContinueTrace, styleNode(made.Child("function")))
			early.before = append(early.before, name+"("+c.incoming(made, a.Value.Text())+")")
			continue
		}
		args = append(args, a)
	}
	early.convert(args)
	early.edit.Append("parent_span=None")
	if c.world().fate(c.call).held {
		early.edit.Append("active=False")
	}
	for _, u := range uses {
		if a := u.Parent; a.Is("attribute") && isTarget(a) {
			early.weaken(Review, "traces_sampler sees what the span is made with, not what %s sets", a.Text())
		}
	}
	early.extra = append(early.extra, rewrite.Edit{Start: c.call.Start, End: c.call.End, New: fed.Text()})
	if early.samples != "" || c.pass.continues(made) && len(early.before) == 0 {
		return false
	}
	early.started = c.call
	*c = *early
	return true
}
