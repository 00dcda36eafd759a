package wizard_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
	"spanwalk/wizard/wizardtest"
)

// looking is a person who stops at the overview.
type looking struct {
	*wizardtest.Script
	saw *wizard.Overview
}

func (l *looking) Overview(_ context.Context, o *wizard.Overview) (wizard.Start, error) {
	l.saw = o
	return wizard.Start{}, wizard.ErrAborted
}

func overviewOf(t *testing.T, dir string) *wizard.Overview {
	t.Helper()
	l := &looking{Script: wizardtest.New(t, "")}
	if _, err := walk(t, dir, l); !errors.Is(err, wizard.ErrAborted) {
		t.Fatal(err)
	}
	return l.saw
}

// TestOverviewTellsWhatResumingFinds: answers kept, commits rebased, files that
// others changed, a person's own changes.
func TestOverviewTellsWhatResumingFinds(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots, "b.py": "import sentry_sdk\nspan = sentry_sdk.start_span(op='x', name='x')\n", "README.md": "Shop\n"})
	if o := overviewOf(t, dir); len(o.Committed)+o.Kept+o.Rebased+len(o.Changed)+len(o.Own) != 0 || !o.Last.IsZero() || o.Suggested != "spanwalk/streaming" || o.Earlier != "" {
		t.Errorf("a first run resumes something: %+v", o)
	}
	p := wizardtest.New(t, "alike "+site("one")+" = own-trace\nreview start-transaction")
	p.Start.Branch = "spanwalk/streaming"
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if o := overviewOf(t, dir); len(o.Committed) != 1 || o.Rebased != 0 || len(o.Changed) != 0 || !o.Last.Equal(made) {
		t.Errorf("after the commit: %+v", o)
	}

	// answers that no commit holds; then others change a file, the branch is
	// rebased onto that, and the person works on
	p = wizardtest.New(t, "ask unparented@b.py::/start_span#1 = leave\nstop start-span")
	if _, err := walk(t, dir, p, "start-span"); !errors.Is(err, wizard.ErrAborted) {
		t.Fatal(err)
	}
	git(t, dir, "switch", "-q", "main")
	if o := overviewOf(t, dir); o.Earlier != "spanwalk/streaming" || o.Suggested != "spanwalk/streaming-2" {
		t.Errorf("on main: earlier walk %q, suggested %q", o.Earlier, o.Suggested)
	}
	write(t, dir, "b.py", "import sentry_sdk\n\nspan = sentry_sdk.start_span(op='x', name='x')\n")
	write(t, dir, "README.md", "The shop\n")
	git(t, dir, "commit", "-q", "-am", "Others work too")
	git(t, dir, "switch", "-q", "spanwalk/streaming")
	t.Setenv("GIT_COMMITTER_DATE", "2026-01-05T03:04:05Z")
	git(t, dir, "rebase", "-q", "main")
	write(t, dir, "notes.txt", "mine\n")
	o := overviewOf(t, dir)
	if len(o.Committed) != 1 || o.Rebased != 1 || o.Kept != 1 || o.Earlier != "" {
		t.Errorf("%d steps, %d rebased, %d answers, earlier walk %q", len(o.Committed), o.Rebased, o.Kept, o.Earlier)
	}
	if diff := cmp.Diff([]string{"b.py"}, o.Changed); diff != "" {
		t.Errorf("changed by others: %s", diff)
	}
	if diff := cmp.Diff([]string{"notes.txt"}, o.Own); diff != "" {
		t.Errorf("own changes: %s", diff)
	}
	if plans, err := o.Preview(); err != nil || len(plans) != len(o.Forecast) {
		t.Errorf("preview: %d plans, %v", len(plans), err)
	}
}
