package steps

import (
	"path/filepath"
	"testing"
)

// TestKeysTellAFilterFromItsOption holds the steps that share the option
// before_send_transaction to keys of their own: an answer about what a filter
// does must not decide about its option.
func TestKeysTellAFilterFromItsOption(t *testing.T) {
	p := readProgram(t, filepath.Join(oracleDir, "programs", "filter-drop-and-scrub.txtar"))
	decisions := NewDecisions(Decision{Question: FloorQuestion, Option: "2.67.0"})
	plans, _, err := Forecast(projectOf(t, p.files), decisions, Policy{Recommended: true, Review: true})
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	for _, plan := range plans {
		for _, f := range plan.Findings {
			if other := owner[f.Key]; other != "" && other != plan.Step.Name {
				t.Errorf("%s is a key of %s and of %s", f.Key, other, plan.Step.Name)
			}
			owner[f.Key] = plan.Step.Name
		}
	}
	if len(owner) < 3 {
		t.Errorf("only %d findings in a program with a filter", len(owner))
	}
}
