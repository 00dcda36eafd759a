package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// takenBack is a step whose taking back would break nine places.
func takenBack() *wizard.TakeBack {
	return &wizard.TakeBack{
		Reversal: &wizard.Reversal{Step: "start-span", Before: 1, After: 9, New: []steps.MixedSite{{Path: "app/orders.py", Line: 7, Message: "raises"}}},
		Entry: wizard.Entry{Step: "start-span", Commit: gitops.Commit{Hash: "3be0d41a90ffffffffffffffffffffffffffffff",
			Subject: "Migrate start_span() to streamed spans", When: at0().Add(-50 * time.Hour)}},
		Files: []string{"app/orders.py", "app/pay.py"},
		Later: []wizard.Later{{Path: "app/orders.py", Steps: []string{"start-child"}, Own: true}},
		Offers: []wizard.Offer{{Way: wizard.Dependents, Steps: []string{"start-child"}, After: 0}, {Way: wizard.Redo},
			{Way: wizard.Alone, After: 9}},
	}
}

func takeBackPage(t *theme, b *wizard.TakeBack, choice *string) *page {
	list := takeBackMenu(b)
	*choice = list[0].id
	return menuPage(t, func(width int) []string { return t.takeBackText(b, at0(), width) }, "", choice, list)
}

func TestWaysToTakeBack(t *testing.T) {
	for _, test := range []struct {
		name, keys, want string
		change           func(*wizard.TakeBack)
	}{
		{"what breaks nothing is preselected", "<enter>", "dependents", func(*wizard.TakeBack) {}},
		{"redo", "<down><enter>", "redo", func(*wizard.TakeBack) {}},
		{"only this", "<down><down><enter>", "only-this", func(*wizard.TakeBack) {}},
		{"leave it", "<down><down><down><enter>", leaveIt, func(*wizard.TakeBack) {}},
		{"nothing that breaks is preselected", "<enter>", leaveIt, func(b *wizard.TakeBack) { b.Offers = b.Offers[1:] }},
		{"where nothing breaks", "<enter>", "only-this", func(b *wizard.TakeBack) {
			b.Reversal.After, b.Offers = 1, []wizard.Offer{{Way: wizard.Alone, After: 1}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, choice := takenBack(), ""
			test.change(b)
			p := takeBackPage(look(NoColour), b, &choice)
			pressSettled(p, test.keys)
			if choice != test.want || !completed(p) {
				t.Errorf("chosen %q, want %q", choice, test.want)
			}
		})
	}
	if got := takenWay(leaveIt); got != wizard.Undecided {
		t.Errorf("leaving it is the way %q", got)
	}
}

func revertReview(t *testing.T, number, of int) *wizard.Review {
	r := shopReview(t)
	plan, err := r.Replan(steps.Decision{Question: steps.Apply, Where: "app/late.py::late/old#1", Option: yes})
	if err != nil {
		t.Fatal(err)
	}
	r.Plan, r.Number, r.Of, r.Revert, r.Mixed = plan, number, of, true, 4
	r.After = func(*steps.Plan) int { return 14 }
	return r
}

func TestDiffOfARevert(t *testing.T) {
	theme := look(NoColour)
	for _, test := range []struct {
		keys, action string
		last         bool
		stopped      bool
	}{
		{"<enter>", takeAll, true, false}, {"p", onePlace, true, false}, {"A", takeRest, false, false}, {"q", "", true, true}, {"<ctrl+c>", "", false, true},
		{"A<down><esc>", "", true, false}, {"p", "", false, false},
	} {
		r := revertReview(t, 1, 1)
		if !test.last {
			r.Of = 3
		}
		m := newDiffPage(theme, r)
		press(m, test.keys)
		if m.action != test.action || m.stopped != test.stopped {
			t.Errorf("%s, last commit %v: action %q, stopped %v", test.keys, test.last, m.action, m.stopped)
		}
	}
	m := newDiffPage(theme, revertReview(t, 2, 3))
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	for _, want := range []string{"Take back sample · commit 2 of 3", "4 → 14 places will raise or go silent.", "+ 2      return new(1)", "A make all 2 commits"} {
		if !strings.Contains(m.View(), want) {
			t.Errorf("no %q in\n%s", want, m.View())
		}
	}
}

func TestPlainTakeBack(t *testing.T) {
	p, out := typed("why", "dependents", "go on", "commit", "all")
	ctx := context.Background()
	way, err := p.TakeBack(ctx, takenBack())
	if way != wizard.Dependents || err != nil {
		t.Errorf("%s, %v", way, err)
	}
	r := revertReview(t, 1, 3)
	for range 2 { // the first commit is asked about, then all the rest are taken
		v, err := p.Review(ctx, r)
		if err != nil || v.Plan != r.Plan {
			t.Fatalf("%v, %v", v.Plan, err)
		}
		if err := p.Message(ctx, proposal(r)); err != nil {
			t.Fatal(err)
		}
		r = revertReview(t, 2, 3)
	}
	if v, err := p.Review(ctx, revertReview(t, 3, 3)); err != nil || v.Plan == nil {
		t.Errorf("after all: %v", err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"Take back start-span (3be0d41a90, 2 days ago)", "app/orders.py also changed later, by start-child, other commits: kept",
		"1 → 9 places would raise or go silent after it: start-child needs what you take back", "app/orders.py:7: raises",
		"1. Take start-child back too. Nothing raises or goes silent; newest first, a commit each.", "3. Only this. 9 places raise or go silent until you redo it.",
		"Revert sample", "2. Make all 3 commits.", "2. Make all 2 commits."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	p, _ = typed("stop")
	if way, err := p.TakeBack(ctx, takenBack()); way != wizard.Undecided || err != nil {
		t.Errorf("stop: %q, %v", way, err)
	}
	p, _ = typed()
	if _, err := p.TakeBack(ctx, takenBack()); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("the end of the input: %v", err)
	}
}
