package wizard_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// What [wizard.Load] passes over must not matter: random programs migrate to
// the same bytes whether it reads them or every statement is parsed, and every
// site is found and judged alike.
// SPANWALK_SEEDS names other seeds than 1–40.
func TestLoadPassesOverNothingThatMatters(t *testing.T) {
	seeds := os.Getenv("SPANWALK_SEEDS")
	if seeds == "" {
		seeds = "1-40"
	}
	out := t.TempDir()
	cmd := exec.Command("python3", "../testdata/generator/generate.py", "--seed", seeds, "--out", out)
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, log)
	}
	programs, err := os.ReadDir(out)
	if err != nil || len(programs) == 0 {
		t.Fatalf("nothing was generated for seeds %s (%v)", seeds, err)
	}
	for _, p := range programs {
		t.Run(p.Name(), func(t *testing.T) {
			files := programFiles(t, filepath.Join(out, p.Name()))
			read := migratedBytes(t, load(t, project(t, files), nil).Project)
			for name, want := range migratedBytes(t, wholeProject(t, files)) {
				got, ok := read[name]
				if !ok {
					got = files[name]
				}
				if diff := cmp.Diff(sameQuotes.Replace(want), sameQuotes.Replace(got)); diff != "" {
					t.Errorf("%s (-parsed whole +as loaded):\n%s", name, diff)
				}
			}
		})
	}
}

// sameQuotes forgets which quotes new text has: they follow what was parsed.
var sameQuotes = strings.NewReplacer("'", `"`)

// programFiles reads the Python files of a generated program.
func programFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// wholeProject reads every statement of every file.
func wholeProject(t *testing.T, files map[string]string) *rewrite.Project {
	t.Helper()
	var list []*rewrite.File
	for name, data := range files {
		if !strings.HasSuffix(name, ".py") {
			continue
		}
		f, err := rewrite.Parse(name, []byte(data), nil)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return rewrite.NewProject(list, nil, nil)
}

// migratedBytes runs all steps with what is recommended and returns the files,
// and under "findings" what was found on the way.
func migratedBytes(t *testing.T, p *rewrite.Project) map[string]string {
	t.Helper()
	decisions := steps.NewDecisions(steps.Decision{Question: steps.FloorQuestion, Option: "2.67.0"})
	plans, after, err := steps.Forecast(p, decisions, steps.Policy{Recommended: true, Review: true})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range after.Files() {
		out[f.Path] = string(after.Data(f.Path))
	}
	var findings strings.Builder
	for _, plan := range plans {
		for _, f := range plan.Findings {
			fmt.Fprintf(&findings, "%s %s: %s %v\n", plan.Step.Name, f.Key, f.Tier, f.Applied)
		}
	}
	out["findings"] = findings.String()
	return out
}
