package wizard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
)

// TestRevertedStepsLeaveOnlyTheOthers applies and takes back steps in random
// order. What remains must be what applying only the remaining steps gives, or
// the revert said why not and changed nothing.
func TestRevertedStepsLeaveOnlyTheOthers(t *testing.T) {
	project(t, map[string]string{"a.py": ""}) // isolates git
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			dir := t.TempDir()
			if err := wizard.MakeDemo(context.Background(), dir); err != nil {
				t.Fatal(err)
			}
			var standing, story []string
			for range 14 {
				names := wizard.StepNames()
				step := names[random.IntN(len(names))]
				i := slices.Index(standing, step)
				switch {
				case i < 0:
					story = append(story, "+"+step)
					if apply(t, dir, step) {
						standing = append(standing, step)
					}
				case takeBack(t, dir, step):
					story = append(story, "-"+step)
					standing = slices.Delete(standing, i, i+1)
				default:
					story = append(story, "!"+step)
				}
			}
			fresh := t.TempDir()
			if err := wizard.MakeDemo(context.Background(), fresh); err != nil {
				t.Fatal(err)
			}
			for _, step := range standing {
				apply(t, fresh, step)
			}
			if diff := cmp.Diff(files(t, fresh), files(t, dir)); diff != "" {
				t.Errorf("%v\nstanding %v (-applied alone +after reverts):\n%s", story, standing, diff)
			}
			git(t, dir, "fsck", "--strict")
			if out := git(t, dir, "status", "--porcelain"); out != "" {
				t.Errorf("the work tree differs from HEAD:\n%s", out)
			}
		})
	}
}

// apply runs one step and reports whether it had something to commit.
func apply(t *testing.T, dir, step string) bool {
	t.Helper()
	w, err := wizard.Open(wizard.Options{Dir: dir, Steps: []string{step}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	o, err := w.Run(context.Background(), &wizard.Headless{Out: io.Discard, Err: io.Discard})
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	return o.Commits() > 0
}

// takeBack takes one step back and reports whether that went; if not, nothing
// may have changed.
func takeBack(t *testing.T, dir, step string) bool {
	t.Helper()
	head, before := git(t, dir, "rev-parse", "HEAD"), files(t, dir)
	w, err := wizard.Open(wizard.Options{Dir: dir, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Revert(context.Background(), &wizard.Headless{Out: io.Discard, Err: io.Discard}, wizard.Reverting{Step: step, Way: wizard.Alone})
	if err == nil {
		return true
	}
	if !errors.As(err, new(*wizard.OverlapError)) {
		t.Errorf("%s: %v", step, err)
	}
	t.Log(err)
	if git(t, dir, "rev-parse", "HEAD") != head || !cmp.Equal(before, files(t, dir)) {
		t.Errorf("%s was refused and yet something changed", step)
	}
	return false
}

// files reads every file of a work tree.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
