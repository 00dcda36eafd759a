package steps

import "spanwalk/rewrite"

// continuedLater reports whether the step continue-trace will move a call that
// makes the root of a continued trace. The steps before it, which rewrite what
// is done with that root, must leave alone what belongs to a root that stays.
func (p *Pass) continuedLater(site *rewrite.Node) bool {
	if p.movesOn == nil {
		p.movesOn = p.continueForecast()
	}
	return p.movesOn[site]
}

// continueForecast plans the step continue-trace on the project as it is, with
// the decisions of this pass, and returns the calls that it would rewrite. Of a
// person who will be asked it expects what is recommended.
func (p *Pass) continueForecast() map[*rewrite.Node]bool {
	policy := p.policy
	if !policy.Recommended {
		policy = Policy{Recommended: true, Review: true}
	}
	dry := &Pass{Step: ContinueTrace, Project: p.Project, Floor: p.Floor, decisions: p.decisions, policy: policy, world: p.world,
		counts: map[string]int{}, asked: map[string]bool{}}
	moved := map[*rewrite.Node]bool{}
	if err := findContinueTrace(dry); err != nil {
		return moved
	}
	edited := dry.appliedEdits()
	for path, edits := range edited {
		for _, call := range p.world.files[p.Project.File(path)].calls {
			fn := call.Child("function")
			for _, e := range edits {
				if e.Start <= fn.Start && e.End >= fn.End {
					moved[call] = true
				}
			}
		}
	}
	return moved
}
