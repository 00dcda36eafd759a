package wizard

import (
	"fmt"
	"slices"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// planner plans steps within a [Selection].
type planner struct {
	selection Selection
	decisions steps.Decisions
	policy    steps.Policy
}

// make plans one step on a project.
func (p planner) make(step *steps.Step, project *rewrite.Project) (*steps.Plan, error) {
	plan, err := steps.Make(step, project, p.decisions, p.policy)
	if err != nil {
		return nil, err
	}
	return p.restrict(plan), nil
}

// each plans every step on the project as it is.
func (p planner) each(list []*steps.Step, project *rewrite.Project) ([]*steps.Plan, error) {
	plans, err := steps.Each(list, project, p.decisions, p.policy)
	for i, plan := range plans {
		plans[i] = p.restrict(plan)
	}
	return plans, err
}

// forecast plans every step on the result of those before it and returns the
// plans and the project after them.
func (p planner) forecast(list []*steps.Step, project *rewrite.Project) ([]*steps.Plan, *rewrite.Project, error) {
	if p.selection.All() {
		return steps.ForecastSteps(list, project, p.decisions, p.policy)
	}
	var plans []*steps.Plan
	for _, step := range list {
		plan, err := p.make(step, project)
		if err != nil {
			return nil, nil, err
		}
		plans = append(plans, plan)
		if plan.Empty() {
			continue
		}
		if project, err = project.With(plan.Changes()); err != nil {
			return nil, nil, fmt.Errorf("plan %s: %w", step.Name, err)
		}
	}
	return plans, project, nil
}

// restrict drops what a plan says about files outside the selection. Each file
// of a plan is assembled from its own findings, so what remains stands.
func (p planner) restrict(plan *steps.Plan) *steps.Plan {
	if p.selection.All() {
		return plan
	}
	out := &steps.Plan{Step: plan.Step, Used: plan.Used}
	for _, f := range plan.Files {
		if p.selection.Holds(f.Path) {
			out.Files = append(out.Files, f)
		}
	}
	for _, f := range plan.Findings {
		if p.selection.Holds(f.Path) {
			out.Findings = append(out.Findings, f)
		}
	}
	for _, q := range plan.Open {
		if q.Path == "" || p.selection.Holds(q.Path) {
			out.Open = append(out.Open, q)
		}
	}
	for _, a := range plan.Answered {
		if a.Path == "" || p.selection.Holds(a.Path) {
			out.Answered = append(out.Answered, a)
		}
	}
	for _, b := range plan.Failures {
		if p.selection.Holds(b.Path) {
			out.Failures = append(out.Failures, b)
		}
	}
	return out
}

// touched returns the paths the plans change, each once, in first-touched order.
func touched(plans []*steps.Plan) []string {
	var out []string
	seen := map[string]bool{}
	for _, plan := range plans {
		for _, f := range plan.Files {
			if !seen[f.Path] {
				seen[f.Path] = true
				out = append(out, f.Path)
			}
		}
	}
	return out
}

// asked returns the paths that open questions are about and that no plan touches
// yet: an answer may change them.
func asked(plans []*steps.Plan) []string {
	var out []string
	known := touched(plans)
	for _, plan := range plans {
		for _, q := range plan.Open {
			if q.Path != "" && !slices.Contains(known, q.Path) {
				known, out = append(known, q.Path), append(out, q.Path)
			}
		}
	}
	return out
}
