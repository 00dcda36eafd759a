package steps

import (
	"fmt"

	"spanwalk/rewrite"
)

// Forecast plans every step in order, each on the result of those before it,
// without touching anything. Only the first plan that is not empty is what a
// commit would hold; later ones are a forecast. It returns the plans, one a
// step, and the project as it would be in the end.
func Forecast(project *rewrite.Project, decisions Decisions, policy Policy) ([]*Plan, *rewrite.Project, error) {
	return ForecastSteps(All, project, decisions, policy)
}

// Each plans steps on a project as it is, all of them on one reading of it. The
// error is [Make]'s.
func Each(list []*Step, project *rewrite.Project, decisions Decisions, policy Policy) ([]*Plan, error) {
	var plans []*Plan
	w := newWorld(project)
	for _, step := range list {
		plan, err := makePlan(step, project, decisions, policy, w)
		if err != nil {
			return nil, err
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

// ForecastSteps is [Forecast] for some of the steps.
func ForecastSteps(list []*Step, project *rewrite.Project, decisions Decisions, policy Policy) ([]*Plan, *rewrite.Project, error) {
	var plans []*Plan
	w := newWorld(project)
	for _, step := range list {
		plan, err := makePlan(step, project, decisions, policy, w)
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
		w = w.next(project)
	}
	return plans, project, nil
}
