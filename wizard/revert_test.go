package wizard_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"spanwalk/wizard"
	"spanwalk/wizard/wizardtest"
)

// migrated is a project that streams, its step start-transaction committed with
// "own-trace" everywhere.
func migrated(t *testing.T) string {
	t.Helper()
	dir := project(t, map[string]string{"a.py": threeRoots, "b.py": "import sentry_sdk\n\nsentry_sdk.init(trace_lifecycle=\"stream\")\n"})
	if _, err := walk(t, dir, wizardtest.New(t, `
		alike `+site("one")+` = own-trace
		review start-transaction`), step); err != nil {
		t.Fatal(err)
	}
	return dir
}

// revert takes start-transaction back as a person.
func revert(t *testing.T, dir string, p wizard.Prompter) (*wizard.Outcome, error) {
	t.Helper()
	w, err := wizard.Open(wizard.Options{Dir: dir, Ask: true, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return w.Revert(context.Background(), p, wizard.Reverting{Step: step})
}

func TestRevertStopsWhenAPersonSaysSo(t *testing.T) {
	dir := migrated(t)
	before := read(t, dir, "a.py")
	if _, err := revert(t, dir, wizardtest.New(t, "ask revert = stop")); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("err = %v, want ErrAborted", err)
	}
	if _, err := revert(t, dir, wizardtest.New(t, "ask revert = only-this\nstop start-transaction")); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("err = %v, want ErrAborted", err)
	}
	if read(t, dir, "a.py") != before || git(t, dir, "status", "--porcelain") != "" {
		t.Error("something changed")
	}
}

func TestRevertAsksTheStepsQuestionsAgain(t *testing.T) {
	dir := migrated(t)
	p := wizardtest.New(t, `
		ask revert = redo
		ask `+site("one")+` = own-trace
		alike `+site("two")+` = current-trace
		review start-transaction
		review start-transaction`)
	o, err := revert(t, dir, p)
	if err != nil {
		t.Fatal(err)
	}
	if o.Commits() != 2 || o.Mixed != 0 {
		t.Errorf("%d commits, %d places raise or go silent", o.Commits(), o.Mixed)
	}
	if n := strings.Count(read(t, dir, "a.py"), "new_trace()"); n != 1 {
		t.Errorf("new_trace() %d times, want 1", n)
	}
}

func TestRevertLeavesDeclinedLines(t *testing.T) {
	dir := migrated(t)
	p := wizardtest.New(t, `
		ask revert = only-this
		no start-transaction a.py::/revert#2
		review start-transaction`)
	if _, err := revert(t, dir, p); err != nil {
		t.Fatal(err)
	}
	got := read(t, dir, "a.py")
	if strings.Count(got, "start_transaction(") != 2 || strings.Count(got, "new_trace()") != 1 {
		t.Errorf("want one root as it was migrated, two as before:\n%s", got)
	}
}

// hesitant goes back from the message to the review once.
type hesitant struct {
	*wizardtest.Script
	went bool
}

func (h *hesitant) Message(context.Context, *wizard.Proposal) error {
	if h.went {
		return nil
	}
	h.went = true
	return wizard.ErrBack
}

func TestRevertGoesBackToTheReview(t *testing.T) {
	dir := migrated(t)
	p := &hesitant{Script: wizardtest.New(t, `
		ask revert = only-this
		review start-transaction
		review start-transaction`)}
	if o, err := revert(t, dir, p); err != nil || o.Commits() != 1 {
		t.Errorf("%d commits, err = %v", o.Commits(), err)
	}
}

func TestRevertCountsPlainReverts(t *testing.T) {
	dir := migrated(t)
	git(t, dir, "revert", "--no-edit", "HEAD")
	w, err := wizard.Open(wizard.Options{Dir: dir, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Read(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.Ledger.Of(step)); n != 0 {
		t.Errorf("%d commits of the step stand, want none", n)
	}
	if got := w.Ledger.Former("root-trace", strings.TrimPrefix(site("one"), "root-trace@")); got != "own-trace" {
		t.Errorf("former answer %q", got)
	}
	git(t, dir, "revert", "--no-edit", "HEAD")
	if err := w.Read(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.Ledger.Decisions()); n != 3 {
		t.Errorf("%d decisions hold after the revert of the revert, want 3", n)
	}
}
