package wizard_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// loaded returns the paths of the Python files and of the others in a tree.
func loaded(tree *wizard.Tree) (python, others []string) {
	for _, f := range tree.Project.Files() {
		python = append(python, f.Path)
	}
	return python, tree.Project.Others()
}

func load(t *testing.T, dir string, before *wizard.Tree) *wizard.Tree {
	t.Helper()
	repo, err := gitops.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	tree, err := wizard.Load(context.Background(), repo, before)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestLoadTakesWhatMatters(t *testing.T) {
	dir := project(t, map[string]string{
		"app/a.py":         "import sentry_sdk\n",
		"app/plain.py":     "print(1)\n",
		"app/stub.pyi":     "import sentry_sdk\n",
		"pyproject.toml":   "[project]\n",
		"requirements.txt": "sentry-sdk\n",
		"setup.py":         "from setuptools import setup\nsetup()\n",
		"notes.txt":        "sentry_sdk\n",
		"gone.py":          "import sentry_sdk\n",
		"ignored.py":       "import sentry_sdk\n",
		".gitignore":       "ignored.py\n",
	})
	write(t, dir, "untracked.py", "import sentry_sdk\n")
	if err := os.Symlink("app/a.py", filepath.Join(dir, "link.py")); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "link.py")
	if err := os.Remove(filepath.Join(dir, "gone.py")); err != nil {
		t.Fatal(err)
	}
	python, others := loaded(load(t, dir, nil))
	if diff := cmp.Diff([]string{"app/a.py", "app/stub.pyi"}, python); diff != "" {
		t.Errorf("Python files (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pyproject.toml", "requirements.txt", "setup.py"}, others); diff != "" {
		t.Errorf("other files (-want +got):\n%s", diff)
	}
}

// Files that never name the SDK join: those that use a project function which
// hands out spans, those that such files use in turn, and modules that receive
// a span or hold a callback of init().
func TestLoadFollowsTheProjectsOwnModules(t *testing.T) {
	dir := project(t, map[string]string{
		"app/__init__.py": "",
		"app/tracing.py":  "import sentry_sdk\n\n\ndef open_work(name):\n    return sentry_sdk.start_span(name=name)\n",
		"app/more.py":     "from app import tracing\n\n\ndef begin_twice(name):\n    return tracing.open_work(name)\n",
		"app/user.py":     "from app.more import begin_twice\n\nwith begin_twice('x') as s:\n    s.set_data('a', 1)\n",
		"app/callee.py":   "def label(s):\n    s.set_data('b', 2)\n",
		"app/caller.py":   "import sentry_sdk\nfrom app import callee\n\nwith sentry_sdk.start_span(name='y') as s:\n    callee.label(s)\n",
		"app/filters.py":  "def keep(event, hint):\n    return event\n",
		"app/settings.py": "import sentry_sdk\nfrom app import filters\n\nsentry_sdk.init(before_send_transaction=filters.keep)\n",
		"app/other.py":    "def open_door():\n    pass\n",
	})
	python, _ := loaded(load(t, dir, nil))
	for _, want := range []string{"app/callee.py", "app/caller.py", "app/filters.py", "app/more.py", "app/settings.py", "app/tracing.py", "app/user.py"} {
		if !slices.Contains(python, want) {
			t.Errorf("%s did not join: %v", want, python)
		}
	}
	if slices.Contains(python, "app/other.py") {
		t.Error("app/other.py joined; it has nothing to do with spans")
	}
}

// An import by dots alone names its package nowhere.
func TestLoadFollowsDots(t *testing.T) {
	python, _ := loaded(load(t, project(t, map[string]string{
		"app/__init__.py":     "import sentry_sdk\n\n\ndef make(name):\n    return sentry_sdk.start_span(name=name)\n",
		"app/beside.py":       "from . import make\n\nwith make('a') as s:\n    s.set_data('a', 1)\n",
		"app/sub/__init__.py": "",
		"app/sub/below.py":    "from .. import (\n    make,\n)\n\nwith make('b') as s:\n    s.set_data('b', 1)\n",
		"app/sub/other.py":    "from . import make\n\nmake('c')\n",
	}), nil))
	if diff := cmp.Diff([]string{"app/__init__.py", "app/beside.py", "app/sub/below.py"}, python); diff != "" {
		t.Errorf("Python files (-want +got):\n%s", diff)
	}
}

func TestLoadParsesOnlyWhatChanged(t *testing.T) {
	dir := project(t, map[string]string{"a.py": "import sentry_sdk\n", "b.py": "import sentry_sdk\n"})
	first := load(t, dir, nil)
	if same := load(t, dir, first); same.Project != first.Project {
		t.Error("an unchanged project was read anew")
	}
	write(t, dir, "b.py", "import sentry_sdk  # changed\n")
	second := load(t, dir, first)
	if first.Project.File("a.py") != second.Project.File("a.py") {
		t.Error("a.py was parsed again")
	}
	if got := string(second.Project.Data("b.py")); got != "import sentry_sdk  # changed\n" {
		t.Errorf("b.py is read as %q", got)
	}
}

func TestLoadNotesWhatItCannotRead(t *testing.T) {
	dir := project(t, map[string]string{
		"latin.py":  "# -*- coding: latin-1 -*-\nimport sentry_sdk\nx = '\xe9'\n",
		"bytes.py":  "import sentry_sdk\n\nx = '\xe9'\n",
		"zero.py":   "import sentry_sdk\n\x00\n",
		"broken.py": "import sentry_sdk\n\ndef f(:\n    sentry_sdk.start_span()\n\nx = 1\n",
		"folder.py": "import sentry_sdk\n",
	})
	if err := os.Remove(filepath.Join(dir, "folder.py")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "folder.py/x", "")
	tree := load(t, dir, nil)
	var notes []string
	for _, n := range tree.Notes {
		notes = append(notes, n.String())
		if n.Next == "" {
			t.Errorf("%s: no next command", n)
		}
	}
	want := []string{
		"broken.py:3: this statement cannot be parsed and is left alone",
		"bytes.py:3: left out: line 3 is not UTF-8 and the file declares no encoding: add a coding cookie (# -*- coding: … -*-) or convert the file to UTF-8",
		"folder.py: left out: is a directory",
		"zero.py: left out: not Python source: the file holds NUL bytes",
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if python, _ := loaded(tree); !slices.Contains(python, "latin.py") || !slices.Contains(python, "broken.py") {
		t.Errorf("read: %v", python)
	}
}

// Names of the SDK reach files that never name it through modules that pass
// them on, relative imports, packages without a file of their own, attributes
// and variables that hold spans.
func TestLoadFollowsWhatModulesPassOn(t *testing.T) {
	tree := load(t, project(t, map[string]string{
		"app/deep/tracing.py": "from sentry_sdk import init, start_span as span_of\nimport sentry_sdk as sdk\n",
		"app/setup_sdk.py":    "from .deep.tracing import init\n\ninit(traces_sample_rate=1.0)\n",
		"app/attribute.py":    "import app.deep.tracing\n\nwith app.deep.tracing.span_of(name='a'):\n    pass\n",
		"app/module.py":       "from app.deep import tracing\n\nwith tracing.sdk.start_span(name='b'):\n    pass\n",
		"app/base.py":         "import sentry_sdk\n\nROOTS = []\n\n\nclass Base:\n    def __init__(self):\n        self.work = sentry_sdk.start_span(name='c')\n\n\ndef begin():\n    ROOTS.append(sentry_sdk.start_transaction(name='d'))\n",
		"app/child.py":        "from .base import Base\n\n\nclass Child(Base):\n    def go(self):\n        self.work.finish()\n",
		"app/late.py":         "from .base import ROOTS\n\n\ndef finish():\n    for r in ROOTS:\n        r.finish()\n",
		"app/caller.py":       "import sentry_sdk\nfrom .receiver import label\n\nwith sentry_sdk.start_span(name='e') as s:\n    label(s)\n",
		"app/receiver.py":     "def label(s):\n    s.set_data('f', 1)\n",
		"app/stranger.py":     "from elsewhere import span_of\n\nspan_of('g')\n",
	}), nil)
	got, _ := loaded(tree)
	want := []string{"app/attribute.py", "app/base.py", "app/caller.py", "app/child.py", "app/deep/tracing.py", "app/late.py", "app/module.py", "app/receiver.py", "app/setup_sdk.py"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Python files (-want +got):\n%s", diff)
	}
	decisions := steps.NewDecisions(steps.Decision{Question: steps.FloorQuestion, Option: "2.67.0"})
	_, after, err := steps.Forecast(tree.Project, decisions, steps.Policy{Recommended: true, Review: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range after.Files() {
		for _, left := range []string{"tracing.span_of", "sdk.start_span", "start_transaction", "finish()", "set_data"} {
			if strings.Contains(strings.ReplaceAll(string(f.Source), "def finish()", ""), left) {
				t.Errorf("%s still holds %s:\n%s", f.Path, left, f.Source)
			}
		}
	}
}
