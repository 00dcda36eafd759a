package steps

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/rewrite"
)

// TestForecastForgetsNothing holds a forecast, which keeps what it learnt from
// files that a step leaves alone, to plans made from scratch after every step.
// The projects are all archives of one step side by side, so that most files
// stay the same while some change.
func TestForecastForgetsNothing(t *testing.T) {
	for _, step := range All {
		for name, filter := range map[string]rewrite.Filter{"whole": nil, "filtered": Statements} {
			t.Run(step.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				files := sideBySide(t, step)
				policy := Policy{Recommended: true, Review: true}
				plans, after, err := Forecast(readProject(t, files, filter), Decisions{}, policy)
				if err != nil {
					t.Fatal(err)
				}
				if len(plans) != len(All) {
					t.Fatalf("%d plans, %d steps", len(plans), len(All))
				}
				changed := 0
				for i, s := range All {
					p := readProject(t, files, filter)
					want, err := Make(s, p, Decisions{}, policy)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(describe(p, want), describe(p, plans[i])); diff != "" {
						t.Fatalf("%s: findings, -from scratch +forecast:\n%s", s.Name, diff)
					}
					if diff := cmp.Diff(want.Changes(), plans[i].Changes()); diff != "" {
						t.Fatalf("%s: changes, -from scratch +forecast:\n%s", s.Name, diff)
					}
					for path, data := range want.Changes() {
						files[path] = data
						changed++
					}
				}
				for path, data := range files {
					if diff := cmp.Diff(string(data), string(after.Data(path))); diff != "" {
						t.Errorf("%s, -from scratch +forecast:\n%s", path, diff)
					}
				}
				if changed == 0 {
					t.Error("no step changed a file: the test shows nothing")
				}
			})
		}
	}
}

// sideBySide returns the files of a step's archives, each archive in a folder
// of its own.
func sideBySide(t *testing.T, step *Step) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(archives, step.Name, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for i, path := range paths {
		for name, data := range readArchive(t, path).files {
			files[fmt.Sprintf("a%02d/%s", i, name)] = data
		}
	}
	return files
}
