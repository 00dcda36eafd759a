package steps

import "spanwalk/rewrite"

// rootMovesOn reports whether the step root-span will give a streamed span to
// an expression that now reaches the transaction of the scope or of a span: the
// attribute itself, or a variable that holds nothing else.
func (p *Pass) rootMovesOn(n *rewrite.Node) bool {
	reached := []*rewrite.Node{n.Inner()}
	if n = n.Inner(); n.Is("identifier") {
		reached = nil
		_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
		for _, b := range reaching(n, bindings) {
			if b.Kind != rewrite.Assign || b.Value == nil || b.Index != nil {
				return false
			}
			reached = append(reached, b.Value.Inner())
		}
	}
	for _, a := range reached {
		if !a.Is("attribute") || !p.rootForecast()[a] {
			return false
		}
	}
	return len(reached) > 0
}

// rootForecast plans the step root-span on the project as it is, with the
// decisions of this pass, and returns the attributes that it would replace.
func (p *Pass) rootForecast() map[*rewrite.Node]bool {
	if p.rootsMove != nil {
		return p.rootsMove
	}
	dry := &Pass{Step: RootSpan, Project: p.Project, Floor: p.Floor, decisions: p.decisions, policy: p.policy, world: p.world,
		counts: map[string]int{}, asked: map[string]bool{}}
	p.rootsMove = map[*rewrite.Node]bool{}
	if err := findRootSpan(dry); err != nil {
		return p.rootsMove
	}
	edited := dry.appliedEdits()
	for _, name := range []string{"transaction", "containing_transaction"} {
		for _, a := range p.world.attributes(name) {
			for _, e := range edited[a.File.Path] {
				if e.Start <= a.Start && e.End >= a.End {
					p.rootsMove[a] = true
				}
			}
		}
	}
	return p.rootsMove
}
