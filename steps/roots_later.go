package steps

import "spanwalk/rewrite"

// rootMovesOn reports whether the step root-span will give a streamed span to
// an expression that now reaches the transaction of the scope or of a span: the
// place itself, or a variable that holds nothing else.
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
		if !p.rootForecast()[a] {
			return false
		}
	}
	return len(reached) > 0
}

// rootForecast plans the step root-span on the project as it is, with the
// decisions of this pass, and returns the places that it would replace.
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
		for _, a := range p.world.accesses(name) {
			for _, e := range edited[a.node.File.Path] {
				if e.Start <= a.node.Start && e.End >= a.node.End {
					p.rootsMove[a.node] = true
				}
			}
		}
	}
	return p.rootsMove
}
