package wizard_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// The law that a commit and its revert restore every byte holds for each
// archive of testdata/steps, with recommended answers.
func TestRevertRestoresEveryArchive(t *testing.T) {
	project(t, map[string]string{"a.py": ""}) // isolates git
	paths, err := filepath.Glob("../testdata/steps/*/*.txtar")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d archives of the steps, %v", len(paths), err)
	}
	committed := 0
	for _, path := range paths {
		step := filepath.Base(filepath.Dir(path))
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]string{}
		for _, f := range archive.Files {
			if !strings.HasPrefix(f.Name, "want/") && f.Name != "findings" {
				before[f.Name] = string(f.Data)
			}
		}
		if strings.HasSuffix(path, "/sdk-version/old.txtar") {
			continue // a project on SDK 1.x is refused
		}
		dir := commitAll(t, before)
		if !apply(t, dir, step) {
			continue
		}
		committed++
		if !takeBack(t, dir, step) {
			t.Errorf("%s: the revert was refused", path)
			continue
		}
		if diff := cmp.Diff(before, files(t, dir)); diff != "" {
			t.Errorf("%s (-before +after the revert):\n%s", path, diff)
		}
	}
	if committed < len(paths)/3 {
		t.Errorf("only %d of %d archives had something to commit", committed, len(paths))
	}
}
