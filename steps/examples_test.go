package steps

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// undecidable answers the questions that have no recommended option.
var undecidable = []Decision{{Question: "late-filter", Option: "drop"}}

// TestExamples runs every step on its own Before and expects its After, so
// that what "spanwalk steps" shows cannot rot.
func TestExamples(t *testing.T) {
	for _, step := range All {
		t.Run(step.Name, func(t *testing.T) {
			name := "app.py"
			if first, _, _ := strings.Cut(step.Before, "\n"); strings.HasPrefix(first, "# ") && strings.HasSuffix(first, ".txt") {
				name = strings.TrimPrefix(first, "# ")
			}
			project := projectOf(t, map[string][]byte{name: []byte(step.Before)})
			plan, err := Make(step, project, NewDecisions(undecidable...), Policy{Recommended: true, Review: true})
			if err != nil {
				t.Fatal(err)
			}
			after := step.Before
			for _, f := range plan.Files {
				after = string(f.After)
			}
			if diff := cmp.Diff(step.After, after); diff != "" || after == step.Before {
				t.Errorf("-After +made:\n%s", diff)
			}
			if step.Title == "" || len(step.Title) > 60 || strings.ToLower(step.Title[:1]) != step.Title[:1] || strings.HasSuffix(step.Title, ".") {
				t.Errorf("title %q: want at most 60 characters, no capital, no period", step.Title)
			}
		})
	}
}
