package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// heights of the golden screens.
const goldenHeight = 28

// TestGoldenScreens holds every screen to a file, at four widths and in three
// looks. The files with colours hold the escape bytes in caret notation.
func TestGoldenScreens(t *testing.T) {
	for _, l := range []Look{NoColour, Dark, Light} {
		for _, width := range []int{40, 80, 120, 160} {
			for name, screen := range screens(t, look(l), width) {
				t.Run(fmt.Sprintf("%s/%d/%s", name, width, l), func(t *testing.T) {
					cmd := screen.Init()
					settle(screen, cmd)
					_, cmd = screen.Update(tea.WindowSizeMsg{Width: width, Height: goldenHeight})
					settle(screen, cmd)
					golden(t, fmt.Sprintf("%s-%d-%s", name, width, l), strings.ReplaceAll(screen.View(), "\x1b", "^["))
				})
			}
		}
	}
}

// settle hands a model what its commands return, as the program would. What
// goes on forever, such as a blinking cursor, is left out after a few rounds.
func settle(m tea.Model, cmd tea.Cmd) { settleFor(m, cmd, 8) }

func settleFor(m tea.Model, cmd tea.Cmd, rounds int) {
	if cmd == nil || rounds == 0 {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, cmd := range batch {
				settleFor(m, cmd, rounds-1)
			}
		} else if msg != nil {
			_, next := m.Update(msg)
			settleFor(m, next, rounds-1)
		}
	case <-time.After(300 * time.Millisecond):
	}
}

func screens(t *testing.T, theme *theme, width int) map[string]tea.Model {
	r := shopReview(t)
	s := &Screen{theme: theme, showing: true, later: newLater([]*steps.Plan{r.Plan}), shown: 3, of: 21,
		options: Options{Checklist: func() (*wizard.Status, error) { return status(), nil }, Getenv: noEnv, Now: at0}}
	out := map[string]tea.Model{}

	review := newReviewing(theme, newPlaces(r))
	press(review, "JJJ")
	out["review"] = review
	alternatives := newReviewing(theme, newPlaces(shopReview(t)))
	press(alternatives, "JJJJ<tab>")
	out["alternative"] = alternatives
	asked := newReviewing(theme, newPlaces(shopReview(t)))
	press(asked, "A")
	out["asked"] = asked
	last := newReviewing(theme, newPlaces(shopReview(t)))
	press(last, "AynyyGy")
	out["last"] = last
	keys := newReviewing(theme, newPlaces(shopReview(t)))
	press(keys, "?")
	out["keys"] = keys

	q := question(r)
	form := newQuestionForm(theme, q)
	form.page.body = func(width int) []string { return theme.questionText(q, 3, 21, width) }
	form.page.keys = []hotkey{{"i", "why", ""}, {"u", "undo", ""}}
	out["question"] = form.page

	choice := commitNow
	m := proposal(r)
	out["commit"] = menuPage(theme, func(width int) []string { return theme.commitText(m, position(3, 21, "sample"), "", width) }, "", &choice, commitMenu(m))
	o := overview(r)
	entries, start := startMenu(o, "")
	out["start"] = menuPage(theme, func(width int) []string {
		return theme.startText(o, 90*time.Millisecond, at0().Add(75*time.Hour), width)
	}, "", &start, entries)
	checklist := s.checklistPage()
	out["checklist"] = &reader{theme: theme, pager: checklist, width: width, height: goldenHeight}
	why := s.whyPage(sample, "Only you know.")
	out["why"] = &reader{theme: theme, pager: why, width: width, height: goldenHeight}
	way := ""
	out["takeback"] = takeBackPage(theme, takenBack(), &way)
	out["revert"] = newDiffPage(theme, revertReview(t, 1, 3))
	hook := &gitops.HookError{Hook: "pre-commit", Exit: 1, Output: "ruff......Failed\n\x1b[31mapp/shop.py:3:1 E501\x1b[0m\n"}
	stopped := hookStop
	out["hook"] = menuPage(theme, func(width int) []string { return theme.hookText(hook, width) }, "How should the walk go on?", &stopped, hookMenu(hook))
	return out
}

func question(r *wizard.Review) *wizard.Question {
	f := r.Project.File("app/shop.py")
	start := strings.Index(string(f.Source), "old(cart)")
	line, _ := f.Line(start)
	q := steps.Question{ID: "trace", Key: "app/shop.py::place/old#1", Path: "app/shop.py", Start: start, End: start + 9,
		Prompt: "Which trace should this belong to?", Why: "The code does not say.", Free: true,
		Options: []steps.Option{
			{ID: "own", Text: "Its own trace", Consequence: "as today: every job is a separate trace", Recommended: true},
			{ID: "current", Text: "The current trace", Consequence: "all jobs of this process share one trace unless something else starts another one"},
		}}
	return &wizard.Question{Question: q, Step: sample, Number: 1, Of: 2, File: f, Line: line, Alike: []steps.Question{{ID: "trace", Key: "app/late.py::late/old#1"}}}
}

func proposal(r *wizard.Review) *wizard.Proposal {
	return &wizard.Proposal{Plan: r.Plan, Subject: "Rename old calls", Body: "5 places in 2 files. 2 left alone:\n- app/shop.py:8: to be reviewed",
		Trailers: []gitops.Trailer{{Key: "Spanwalk-Step", Value: "sample"}}, Author: "Ada Lovelace <ada@example.org>", Branch: "spanwalk/streaming", Before: 12, After: 51}
}

func overview(r *wizard.Review) *wizard.Overview {
	return &wizard.Overview{Root: "/home/ada/shop", Head: gitops.Head{Branch: "main", Default: true}, Python: 214, Forecast: []*steps.Plan{r.Plan},
		Preview: func() ([]*steps.Plan, error) { return []*steps.Plan{r.Plan}, nil },
		Mixed:   3, Own: []string{"README.md", "notes.txt"}, Suggested: "spanwalk/streaming", Kept: 5, Last: at0(), Rebased: 2, Changed: []string{"a.py", "b.py", "c.py", "d.py"},
		Committed: []wizard.Entry{{Step: "sample"}, {Step: "sdk-version"}, {Step: "start-span"}},
		Notes:     []wizard.Note{{Path: "app/odd.py", Line: 4, Message: "a statement could not be read"}},
		Problems:  []gitops.Problem{{Code: gitops.DefaultBranch, Message: "commits would go to main, a branch that others build on"}}}
}

func status() *wizard.Status {
	s := &wizard.Status{Mixed: []steps.MixedSite{{Path: "a.py", Line: 1, Message: "raises"}}}
	for i, item := range steps.Items {
		x := wizard.ItemStatus{ItemState: steps.ItemState{Item: item}}
		switch i % 4 {
		case 0:
			x.State = wizard.Done
		case 1:
			x.State, x.Open = wizard.Ready, i
		case 2:
			x.State = wizard.Nothing
		case 3:
			x.State, x.Open = wizard.LeftOut, 1
		}
		s.Items = append(s.Items, x)
	}
	return s
}

// TestSidesStandBesideEachOtherFrom140 and the other forms of the diff.
func TestFormsOfTheDiff(t *testing.T) {
	rows := diffRows([]byte("a = old(1)\n"), editsOf("a = old(1)\n", "old", "new"), 1, 1, true)
	theme := look(NoColour)
	if lines := theme.drawRows(rows, splitFrom); len(lines) != 1 || !strings.Contains(lines[0], "old(1)") || !strings.Contains(lines[0], "│ + 1  a = new(1)") {
		t.Errorf("at %d columns: %q", splitFrom, lines)
	}
	if lines := theme.drawRows(rows, splitFrom-1); len(lines) != 2 {
		t.Errorf("at %d columns: %q", splitFrom-1, lines)
	}
	long := "value = old('" + strings.Repeat("x", 90) + "')\n"
	rows = diffRows([]byte(long), editsOf(long, "old", "new"), 1, 1, true)
	for _, line := range theme.drawRows(rows, unifiedFrom-1) {
		if !strings.HasPrefix(line, " - 1 ") && !strings.HasPrefix(line, " + 1 ") {
			t.Errorf("below %d columns a line has no gutter: %q", unifiedFrom, line)
		}
	}
	blank := 0
	for _, line := range theme.drawRows(rows, unifiedFrom) {
		if strings.HasPrefix(line, "      ") {
			blank++
		}
	}
	if blank == 0 {
		t.Errorf("from %d columns on the gutter is still repeated", unifiedFrom)
	}
}

func editsOf(text, old, fresh string) []rewrite.Edit {
	i := strings.Index(text, old)
	return []rewrite.Edit{{Start: i, End: i + len(old), New: fresh}}
}

func TestWordsAreMarked(t *testing.T) {
	rows := diffRows([]byte("total = old(cart, 1)\n"), editsOf("total = old(cart, 1)\n", "old", "new"), 1, 1, true)
	var marked []string
	for _, r := range rows {
		for _, piece := range r.runs {
			if piece.marked {
				marked = append(marked, string(r.op)+piece.text)
			}
		}
	}
	if got := strings.Join(marked, " "); got != "-old +new" {
		t.Errorf("marked: %s", got)
	}
}

func TestClassesOfPython(t *testing.T) {
	src := "def f(x):  # note\n    return rf'a\\'b' + \"\"\"long\n# no comment\"\"\" if x else 0x1f\nname = 'open\nnext = None\n"
	classes := classify(src)
	for word, want := range map[string]class{"def": keyword, "# note": comment, "return": keyword, "rf'a\\'b'": text, "# no comment": text,
		" if": keyword, "0x1f": number, "name": code, "'open": text, "next": code, "None": keyword} {
		i := strings.Index(src, word) + len(word) - 1
		if classes[i] != want {
			t.Errorf("%q is class %d, want %d", word, classes[i], want)
		}
	}
}

func TestPageKeys(t *testing.T) {
	for _, test := range []struct{ name, keys, action, choice string }{
		{"enter takes the recommended option", "<enter>", "", "own"},
		{"down, enter", "<down><enter>", "", "current"},
		{"j, k", "jjk<enter>", "", "current"},
		{"not now", "<down><down><down><enter>", "", answerLater},
		{"q", "q", stop, "own"},
		{"ctrl-c", "<ctrl+c>", stop, "own"},
		{"u", "u", "undo", "own"},
		{"q over a page", "?q", stop, "own"},
		{"esc closes a page", "?<esc>u", "undo", "own"},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := question(shopReview(t))
			form := newQuestionForm(look(NoColour), q)
			p := form.page
			p.body = func(int) []string { return nil }
			p.does = map[string]string{"u": "undo"}
			pressSettled(p, test.keys)
			if !form.alike {
				t.Error("the answer is not for the places alike")
			}
			if p.action != test.action || form.choice != test.choice {
				t.Errorf("action %q, choice %q", p.action, form.choice)
			}
			if p.action == "" && !completed(p) {
				t.Error("the form is not complete")
			}
		})
	}
}

// pressSettled sends keys and lets the form do what each asks for.
func pressSettled(p *page, keys string) {
	settle(p, p.Init())
	for keys != "" {
		name, rest := keys[:1], keys[1:]
		if strings.HasPrefix(keys, "<") {
			end := strings.IndexByte(keys, '>')
			name, rest = keys[1:end], keys[end+1:]
		}
		_, cmd := p.Update(keyMsg(name))
		if !completed(p) && p.action == "" {
			settle(p, cmd)
		}
		keys = rest
	}
}

func TestAnswerForOnePlaceOnly(t *testing.T) {
	q := question(shopReview(t))
	form := newQuestionForm(look(NoColour), q)
	form.page.body = func(int) []string { return nil }
	if !strings.Contains(form.page.View(), "[x] same answer for all 2 alike") {
		t.Errorf("the screen does not say for how many places the answer is:\n%s", form.page.View())
	}
	pressSettled(form.page, " ")
	if !strings.Contains(form.page.View(), "[ ] only this one of 2 alike") {
		t.Errorf("space does not change it:\n%s", form.page.View())
	}
	pressSettled(form.page, "<enter>")
	if r := form.reply(q); len(r.Decisions) != 1 {
		t.Errorf("%d decisions, want one", len(r.Decisions))
	}
}

func TestTypedAnswer(t *testing.T) {
	q := question(shopReview(t))
	form := newQuestionForm(look(NoColour), q)
	form.page.body = func(int) []string { return nil }
	pressSettled(form.page, "<down><down><enter>quit? <enter>")
	if !completed(form.page) {
		t.Fatalf("not complete: choice %q, other %q, action %q", form.choice, form.other, form.page.action)
	}
	r := form.reply(q)
	if len(r.Decisions) != 2 || r.Decisions[0].Option != "quit?" || r.Decisions[1].Where != "app/late.py::late/old#1" {
		t.Errorf("reply %+v", r)
	}
}

func TestNothingIsPreselectedThatLoses(t *testing.T) {
	q := question(shopReview(t))
	q.Options[0].Recommended = false
	if got := preselected(q); got != answerLater {
		t.Errorf("without a recommended option the cursor stands on %q", got)
	}
	q.Before = "current"
	if got := preselected(q); got != "current" {
		t.Errorf("the option of the last time is not preselected: %q", got)
	}
}

func TestFloorMustBeARelease(t *testing.T) {
	q := &wizard.Question{Question: steps.Question{ID: steps.FloorQuestion}}
	for text, ok := range map[string]bool{"2.67.0": true, "latest": false, " ": false, "2.67.0\n": false} {
		if err := validFree(q)(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestStartNeverPreselectsASharedBranch(t *testing.T) {
	o := overview(shopReview(t))
	if _, choice := startMenu(o, ""); choice != startBranch {
		t.Errorf("on main the cursor stands on %q", choice)
	}
	o.Head = gitops.Head{Branch: "spanwalk/streaming"}
	if list, choice := startMenu(o, ""); choice != startHere || len(list) != 3 {
		t.Errorf("on its own branch the cursor stands on %q of %d", choice, len(list))
	}
}

func TestTakeMessage(t *testing.T) {
	m := &wizard.Proposal{Subject: "old", Body: "body"}
	if note := takeMessage(m, "\n# only a comment\n"); note == "" || m.Subject != "old" {
		t.Errorf("an empty message: note %q, subject %q", note, m.Subject)
	}
	if note := takeMessage(m, "New subject\n\nLine one.  \nLine two.\n# dropped\n"); note != "" || m.Subject != "New subject" || m.Body != "Line one.\nLine two." {
		t.Errorf("note %q, %+v", note, m)
	}
}

func TestLooks(t *testing.T) {
	for _, name := range Looks {
		if l, err := ParseLook(name); err != nil || string(l) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseLook("pink"); err == nil || !strings.Contains(err.Error(), "colour-blind") {
		t.Errorf("error %v", err)
	}
	env := func(name, value string) func(string) string {
		return func(asked string) string { return map[string]string{name: value}[asked] }
	}
	var b strings.Builder
	if got := newTheme(&b, Dark, env("NO_COLOR", "1")).added.Render("x"); got != "x" {
		t.Errorf("NO_COLOR: %q", got)
	}
	if got := newTheme(&b, Dark, env("CLICOLOR_FORCE", "1")).added.Render("x"); !strings.Contains(got, "\x1b[") {
		t.Errorf("CLICOLOR_FORCE: %q", got)
	}
}

// TestAnsweredPageStands: an answered page stays as it is until the next screen
// comes; only the cursor turns into a mark.
func TestAnsweredPageStands(t *testing.T) {
	choice := "a"
	p := menuPage(look(NoColour), func(int) []string { return []string{"about"} }, "Which?", &choice, []entry{{id: "a", text: "This"}, {id: "b", text: "That"}})
	settle(p, p.Init())
	_, cmd := p.Update(tea.WindowSizeMsg{Width: 40, Height: 12})
	settle(p, cmd)
	before := p.View()
	_, cmd = p.Update(keyMsg("enter"))
	for cmd != nil && !completed(p) {
		p.View()
		_, cmd = p.Update(cmd())
	}
	if !completed(p) {
		t.Fatal("enter does not answer the page")
	}
	if got := strings.Replace(p.View(), "•", ">", 1); got != before {
		t.Errorf("an answered page shows\n%s\nbefore its answer it was\n%s", got, before)
	}
}
