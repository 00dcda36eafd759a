package tui

import (
	"bytes"
	"strings"
	"testing"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// ending is a walk that made one commit, left a place and put a question off.
func ending(t *testing.T) Ending {
	r := shopReview(t)
	plan := *r.Plan
	plan.Open = []steps.Question{{ID: "trace", Key: "app/late.py::late/old#1", Path: "app/late.py", Prompt: "Which trace?"}}
	return Ending{Width: 80, Kept: 2, Program: "spanwalk -C /tmp/shop", Again: "spanwalk -C /tmp/shop", Sentry: true, Status: status(),
		Changes: []string{"no transaction event arrives any more"},
		Outcome: &wizard.Outcome{Mixed: 3, Steps: []wizard.Taken{{Plan: &plan, Commit: &gitops.Commit{}, Left: plan.Left(), Open: plan.Open}}}}
}

func TestEndsOfAWalk(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Ending)
		write  func(Ending, *bytes.Buffer)
		want   []string
		not    string
	}{
		{"stopped", func(*Ending) {}, func(e Ending, b *bytes.Buffer) { e.Stopped(b) },
			[]string{"Stopped after sample, with 1 commit made. Nothing is half written.\n", "  2 answers are kept for the next time.\n  Resume:                    spanwalk -C /tmp/shop\n",
				"  Take the last step back:   spanwalk -C /tmp/shop revert sample\n", "  3 places would raise or go silent now: do not deploy this branch yet.\n"}, "!"},
		{"stopped on a narrow terminal", func(e *Ending) { e.Width = 40 }, func(e Ending, b *bytes.Buffer) { e.Stopped(b) },
			[]string{"  Take the last step back:\n    spanwalk -C /tmp/shop revert sample\n"}, ""},
		{"stopped at once", func(e *Ending) { e.Outcome, e.Kept = &wizard.Outcome{}, 0 }, func(e Ending, b *bytes.Buffer) { e.Stopped(b) },
			[]string{"Stopped. Nothing is half written.\n  Resume:   spanwalk -C /tmp/shop\n"}, "revert"},
		{"failed", func(*Ending) {}, func(e Ending, b *bytes.Buffer) { e.Failed(b) }, []string{"1 commit made, the last one sample.", "2 answers are kept"}, ""},
		{"done", func(*Ending) {}, func(e Ending, b *bytes.Buffer) { e.Done(b) },
			[]string{"1 commit · 5 places changed · 2 left · 1 question put off\n", "  sample: put off: app/late.py in late: Which trace?\n", "  sample: app/shop.py in pay: manual: a call of byhand()\n",
				"  What changes in Sentry:\n    - no transaction event", "spanwalk -C /tmp/shop status", "spanwalk -C /tmp/shop revert sample"}, "--answer"},
		{"done, and the project is gone", func(e *Ending) { e.Program = "" }, func(e Ending, b *bytes.Buffer) { e.Done(b) }, []string{"1 commit"}, "spanwalk"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, out := ending(t), &bytes.Buffer{}
			test.change(&e)
			test.write(e, out)
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if test.not != "" && strings.Contains(out.String(), test.not) {
				t.Errorf("%q in\n%s", test.not, out)
			}
		})
	}
}

func TestItemsDoneOrDecided(t *testing.T) {
	s := &wizard.Status{Items: []wizard.ItemStatus{{State: wizard.Done}, {State: wizard.Nothing}, {State: wizard.LeftOut}}}
	if got := itemsText(s); got != "All 3 items are done." {
		t.Error(got)
	}
	s.Items[2].Open = 4
	if got := itemsText(s); got != "All 3 items are done or decided." {
		t.Error(got)
	}
	s.Items[0].Open = 1
	if got := itemsText(s); got != "2 of 3 items are done or decided, 1 is open." {
		t.Error(got)
	}
}
