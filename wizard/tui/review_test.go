package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"spanwalk/steps"
	"spanwalk/wizard"
)

func newReview(t *testing.T) *reviewing {
	m := newReviewing(look(NoColour), newPlaces(shopReview(t)))
	m.ctx, m.getenv = context.Background(), noEnv
	m.pages = []pager{{key: "c", title: "Checklist", text: func(int) []string { return []string{"items"} }}}
	return m
}

// choices lists the answers by place, the one looked at marked.
func choices(m *reviewing) string {
	var out []string
	for g, gr := range m.places.groups {
		for i, x := range gr.places {
			mark := ""
			if g == m.places.g && i == m.places.i {
				mark = ">"
			}
			choice := x.choice
			if choice == "" {
				choice = "."
			}
			out = append(out, mark+choice)
		}
	}
	return strings.Join(out, " ")
}

// The places of the sample, in order: old/1 in late.py:2, shop.py:5, shop.py:13;
// old/2 in shop.py:7; either in shop.py:9; risky in shop.py:8.
func TestReviewKeys(t *testing.T) {
	for _, test := range []struct{ name, keys, want, note string }{
		{"begin", "", ">. . . . . .", ""},
		{"y", "y", "yes >. . . . .", ""},
		{"n", "n", "no >. . . . .", ""},
		{"enter on safe", "<enter>", "yes >. . . . .", ""},
		{"enter on review", "G<enter>", ". . . . . >.", "enter accepts only safe"},
		{"y on review", "Gy", ">. . . . . yes", ""},
		{"a: safe places of the file", "ja", ". yes yes yes yes >.", "4 places answered"},
		{"a from the middle", "JJJJa", ". . yes . yes >.", ""},
		{"a from a review place", "Ga", ">. . yes . yes yes", ""},
		{"d", "jd", ". no no no no >.", ""},
		{"A asks first", "A", ">. . . . . .", ""},
		{"A, yes", "Ay", "yes yes yes >. . .", "3 places answered"},
		{"A, no", "An", ">. . . . . .", ""},
		{"A, esc", "A<esc>", ">. . . . . .", ""},
		{"A, other keys wait", "Ajxk", ">. . . . . .", ""},
		{"D, yes", "Dy", "no no no >. . .", ""},
		{"A on one place asks nothing", "jjjA", ". . . yes >. .", ""},
		{"A leaves answered ones alone", "nAy", "no yes yes >. . .", ""},
		{"j", "j", ". >. . . . .", ""},
		{"j skips answered ones", "JyKKj", ". yes >. . . .", ""},
		{"j at the end", "Gj", ". . . . . >.", "no open place after"},
		{"k", "jjk", ". >. . . . .", ""},
		{"k at the start", "k", ">. . . . . .", "no open place before"},
		{"J", "yKJ", "yes >. . . . .", ""},
		{"K", "yK", ">yes . . . . .", ""},
		{"K at the start", "K", ">. . . . . .", "this is the first place"},
		{"J at the end", "GJ", ". . . . . >.", "this is the last place"},
		{"right", "<right><right>", ". . >. . . .", ""},
		{"left", "<right><left>", ">. . . . . .", ""},
		{"G", "G", ". . . . . >.", ""},
		{"g", "Gg", ">. . . . . .", ""},
		{"home and end", "<end><home><end>", ". . . . . >.", ""},
		{"u", "yu", ">. . . . . .", ""},
		{"u takes a whole shape back", "Ayu", ">. . . . . .", ""},
		{"u twice", "ynuu", ">. . . . . .", ""},
		{"u with nothing to undo", "u", ">. . . . . .", "there is no answer to take back"},
		{"tab without another way", "<tab>", ">. . . . . .", "no other way"},
		{"tab, y", "JJJJ<tab>y", ". . . . second >.", ""},
		{"tab twice, y", "JJJJ<tab><tab>y", ". . . . yes >.", ""},
		{"t", "t", "marked >. . . . .", ""},
		{"t, u", "tu", ">. . . . . .", ""},
		{"change an answer", "yKn", "no >. . . . .", ""},
		{"search", "/risky<enter>", ". . . . . >.", ""},
		{"search by path", "/SHOP.PY<enter>", ". >. . . . .", ""},
		{"search, backspace", "/riskyx<backspace><enter>", ". . . . . >.", ""},
		{"search for nothing there", "/zebra<enter>", ">. . . . . .", "no place has zebra"},
		{"search, esc", "/risky<esc>", ">. . . . . .", ""},
		{"a q in a search is a letter", "/q<esc>", ">. . . . . .", ""},
		{"an unknown key", "Z", ">. . . . . .", "Z does nothing here"},
		{"s splits by file", "sA", "yes >. . . . .", ""},
		{"s splits by function", "sJsA", ". yes >. . . .", ""},
		{"s on one place", "Gs", ". . . . . >.", "cannot be split"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newReview(t)
			press(m, test.keys)
			if got := choices(m); got != test.want {
				t.Errorf("places %s, want %s", got, test.want)
			}
			if test.note != "" && !strings.Contains(m.note, test.note) {
				t.Errorf("note %q, want %q in it", m.note, test.note)
			}
			if test.note == "" && strings.Contains(m.note, "nothing") {
				t.Errorf("unexpected note %q", m.note)
			}
		})
	}
}

func TestReviewScrolls(t *testing.T) {
	m := newReview(t)
	m.Update(tea.WindowSizeMsg{Width: 40, Height: 14})
	press(m, "JJJ")
	top := func(keys string) int { press(m, keys); m.View(); return m.top }
	if down := top("<down>"); down != 1 {
		t.Errorf("down: first line %d, want 1", down)
	}
	if up := top("<up><up>"); up != 0 {
		t.Errorf("up: first line %d, want 0", up)
	}
	if page := top("<pgdown>"); page <= 1 {
		t.Errorf("PgDn: first line %d, want more than one line further", page)
	}
	if back := top("<pgup>"); back != 0 {
		t.Errorf("PgUp: first line %d, want 0", back)
	}
	end := top("<pgdown><pgdown><pgdown><pgdown><pgdown>")
	if again := top("<down>"); again != end {
		t.Errorf("the diff scrolls past its end: %d, then %d", end, again)
	}
	press(m, "<pgdown>J")
	if m.top != 0 {
		t.Error("another place does not start at its top")
	}
}

func TestReviewEnds(t *testing.T) {
	for _, test := range []struct{ name, keys, action string }{
		{"q", "q", stop},
		{"ctrl-c", "<ctrl+c>", stop},
		{"ctrl-c in a search", "/<ctrl+c>", stop},
		{"q over a page", "?q", stop},
		{"q while asked once", "Aq", stop},
		{"x", "x", leaveOut},
		{"all answered, last page, enter", "AyyyGy<enter>", ""},
		{"q on the last page", "Ayyyyq", stop},
		{"x on the last page", "Ayyyyx", leaveOut},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newReview(t)
			if cmd := press(m, test.keys); !quits(cmd) {
				t.Fatal("the review goes on")
			}
			if m.action != test.action {
				t.Errorf("action %q, want %q", m.action, test.action)
			}
		})
	}
}

func TestReviewUndoGoesBackToTheQuestions(t *testing.T) {
	m := newReview(t)
	m.places.review.Back = true
	if !quits(press(m, "u")) || m.action != backToQuestions {
		t.Errorf("action %q", m.action)
	}
}

func TestReviewPages(t *testing.T) {
	for keys, want := range map[string]string{"?": "Keys of this screen", "c": "Checklist"} {
		m := newReview(t)
		press(m, keys)
		if !strings.Contains(m.View(), want) {
			t.Errorf("%s does not show %q", keys, want)
		}
		press(m, "<esc>")
		if m.over != nil {
			t.Errorf("esc does not close %q", want)
		}
		press(m, keys+"y"+keys+"y")
		if got := choices(m); got != "yes >. . . . ." {
			t.Errorf("%s, y, %s, y: places %s: a key reached the review through the page", keys, keys, got)
		}
	}
}

func TestReviewLastPage(t *testing.T) {
	m := newReview(t)
	press(m, "Ayyyy")
	if !m.ending || !strings.Contains(m.View(), "6 places to rewrite, 1 to do by hand.") {
		t.Fatalf("no sum on the last page:\n%s", m.View())
	}
	press(m, "t")
	if m.places.manual[0].choice != marked || !strings.Contains(m.View(), "a comment will be left there") {
		t.Error("t leaves no comment at a manual place")
	}
	press(m, "t")
	if m.places.manual[0].choice != "" {
		t.Error("t a second time does not take the comment back")
	}
	press(m, "z")
	if !strings.Contains(m.note, "enter goes on") {
		t.Errorf("note %q", m.note)
	}
	press(m, "u")
	if got := choices(m); m.ending || got != "yes yes yes yes yes >." {
		t.Errorf("u on the last page: %s", got)
	}
}

func verdict(t *testing.T, m *reviewing) wizard.Verdict {
	t.Helper()
	v, err := m.places.verdict()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func after(v wizard.Verdict, path string) string { return string(v.Plan.Changes()[path]) }

func TestVerdictHoldsEveryAnswer(t *testing.T) {
	m := newReview(t)
	press(m, "nyyy<tab>yy") // late no; shop yes; …
	v := verdict(t, m)
	var got []string
	for _, d := range v.Decisions {
		got = append(got, d.String())
	}
	want := []string{"apply app/late.py::late/old#1 = no", "apply app/shop.py::place/old#1 = yes", "apply app/shop.py::pay/old#1 = yes",
		"apply app/shop.py::place/old#2 = yes", "apply app/shop.py::place/either#1 = second", "apply app/shop.py::place/risky#1 = yes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	text := after(v, "app/shop.py")
	for _, want := range []string{"total = new(cart)", "maybe(total)", "second(total)", "new(card)", "byhand(card)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := after(v, "app/late.py"); text != "" {
		t.Errorf("late.py changes although it was declined:\n%s", text)
	}
}

func TestDecidedPlacesAreNotAskedAgain(t *testing.T) {
	r := shopReview(t)
	r.Decided["app/late.py::late/old#1"] = no
	r.Decided["app/shop.py::place/either#1"] = "second"
	m := newReviewing(look(NoColour), newPlaces(r))
	if got := choices(m); got != "no >. . . second ." {
		t.Errorf("places %s", got)
	}
	if list := m.places.decisions(); len(list) != 0 {
		t.Errorf("decided again: %v", list)
	}
}

func TestEditedTextIsWhatIsCommitted(t *testing.T) {
	m := newReview(t)
	press(m, "j")
	x := m.places.current()
	if got := m.places.replacement(x); got != "    total = new(cart)\n" {
		t.Fatalf("the editor gets %q", got)
	}
	if err := m.places.setHand(x, "    total = new(cart"); err == nil || !strings.Contains(err.Error(), "parse") {
		t.Errorf("broken text was taken: %v", err)
	}
	if err := m.places.setHand(x, "    total = new(\n        cart,\n    )"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.View(), "edited by you") {
		t.Error("the edited text is not shown as such")
	}
	press(m, "ykAyyyy")
	v := verdict(t, m)
	if text := after(v, "app/shop.py"); !strings.Contains(text, "    total = new(\n        cart,\n    )\n") || !strings.Contains(text, "new(card)") {
		t.Errorf("edited text and planned rewrites are not both there:\n%s", text)
	}
	for _, d := range v.Decisions {
		if d.Where == x.Key {
			t.Errorf("%s would be remembered without its text", d)
		}
	}
	if before := m.places.review.Plan; strings.Contains(string(before.Changes()["app/shop.py"]), "cart,\n") {
		t.Error("the plan that was shown first was changed")
	}
}

func TestTabTakesTheEditBack(t *testing.T) {
	m := newReview(t)
	press(m, "JJJJ")
	x := m.places.current()
	if err := m.places.setHand(x, "    return third(total)\n"); err != nil {
		t.Fatal(err)
	}
	press(m, "<tab>")
	if x.hand != nil || x.title() == "as proposed" {
		t.Errorf("after tab: hand %v, %s", x.hand, x.title())
	}
}

func TestCommentMarksThePlace(t *testing.T) {
	m := newReview(t)
	press(m, "tyyyyyt")
	v := verdict(t, m)
	if got, want := after(v, "app/late.py"), "def late():\n    # TODO(spanwalk[sample]): a call of old()\n    return old(1)\n"; got != want {
		t.Errorf("late.py:\n%s", got)
	}
	if text := after(v, "app/shop.py"); !strings.Contains(text, "    # TODO(spanwalk[sample]): a call of byhand()\n    byhand(card)\n") {
		t.Errorf("shop.py:\n%s", text)
	}
	again := planned(t, v2files(v))
	for _, f := range again.Plan.Findings {
		if f.Path == "app/late.py" {
			if _, ok := newPlace(again, f).marker(); ok {
				t.Error("a second comment would be left")
			}
		}
	}
}

func v2files(v wizard.Verdict) map[string]string {
	out := map[string]string{}
	for path, data := range v.Plan.Changes() {
		out[path] = string(data)
	}
	return out
}

// TestEditorRoundTrip drives e with a real editor process.
func TestEditorRoundTrip(t *testing.T) {
	dir := t.TempDir()
	editor := filepath.Join(dir, "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nsed -i 's/new/newer/' \"$1\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	m := newReview(t)
	m.getenv = func(name string) string { return map[string]string{"EDITOR": editor}[name] }
	file, err := newEdited("replacement.py", m.places.replacement(m.places.current()))
	if err != nil {
		t.Fatal(err)
	}
	cmd, err := editorCommand(m.ctx, m.getenv, file.path, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.Update(editorDone{cmd.Run(), file, m.places.current()})
	if !strings.Contains(m.View(), "return newer(1)") || m.places.current().choice != "" {
		t.Errorf("the edit is not shown before it counts:\n%s", m.View())
	}
	if _, err := os.Stat(file.path); err == nil {
		t.Error("the temporary file is still there")
	}
	press(m, "yAyyyy")
	if text := after(verdict(t, m), "app/late.py"); !strings.Contains(text, "return newer(1)") {
		t.Errorf("late.py:\n%s", text)
	}
}

func TestEditorFailures(t *testing.T) {
	m := newReview(t)
	m.getenv = func(string) string { return "" }
	t.Setenv("PATH", t.TempDir())
	press(m, "e")
	if !strings.Contains(m.note, "set VISUAL or EDITOR") {
		t.Errorf("note %q", m.note)
	}
	press(m, "o")
	if !strings.Contains(m.note, "set VISUAL or EDITOR") {
		t.Errorf("note %q", m.note)
	}
}

// TestManyPlacesFewAnswers: 500 sites of 6 shapes need at most 15 answers.
func TestManyPlacesFewAnswers(t *testing.T) {
	files := map[string]string{}
	for i := range 500 {
		name := []string{"old", "risky", "either"}[i%3]
		path := fmt.Sprintf("app/m%02d.py", i%40)
		files[path] += fmt.Sprintf("%s(%s)\n", name, strings.Repeat("x, ", 1+i/3%2))
	}
	m := newReviewing(look(NoColour), newPlaces(planned(t, files)))
	if len(m.places.groups) != 6 {
		t.Fatalf("%d shapes", len(m.places.groups))
	}
	n := 0
	for !m.ending && n <= 15 {
		cmd := press(m, []string{"A", "y"}[n%2])
		n++
		if quits(cmd) {
			break
		}
	}
	if all, open := m.places.total(); all != 500 || open != 0 || n > 15 {
		t.Errorf("%d of %d places open after %d keys", open, all, n)
	}
	if got := len(verdict(t, m).Decisions); got != 500 {
		t.Errorf("%d decisions", got)
	}
}

// TestNoScreenTalksToTheTerminal: control characters of a file are shown, not
// sent, and no line is wider than the screen.
func TestNoScreenTalksToTheTerminal(t *testing.T) {
	for _, width := range []int{20, 40, 59, 60, 80, 139, 140, 200} {
		for _, keys := range []string{"", "JJJ", "JJJJJ", "?", "A", "/", "Ayyyy"} {
			m := newReview(t)
			m.Update(tea.WindowSizeMsg{Width: width, Height: 24})
			press(m, keys)
			view := m.View()
			if strings.ContainsRune(view, '\x1b') {
				t.Fatalf("width %d, keys %q: an escape byte", width, keys)
			}
			lines := strings.Split(view, "\n")
			if len(lines) != 24 {
				t.Errorf("width %d, keys %q: %d lines", width, keys, len(lines))
			}
			for _, line := range lines {
				if ansi.StringWidth(line) > width {
					t.Errorf("width %d, keys %q: %d columns: %s", width, keys, ansi.StringWidth(line), line)
				}
			}
		}
	}
}

func TestTiersDoNotMix(t *testing.T) {
	m := newReview(t)
	for _, g := range m.places.groups {
		for _, x := range g.places {
			if x.Tier != g.tier || x.Tier == steps.Manual {
				t.Errorf("%s is %s in a group of %s", x.Key, x.Tier, g.tier)
			}
		}
	}
}

// TestEditedTextIsAskedAgain when a file changed under it: the new plan does not
// know it, and the screen says so.
func TestEditedTextIsAskedAgain(t *testing.T) {
	m := newReview(t)
	if m.places.edited() {
		t.Error("nothing was edited yet")
	}
	if err := m.places.setHand(m.places.current(), "    return newer(1)\n"); err != nil {
		t.Fatal(err)
	}
	if !m.places.edited() || (*places)(nil).edited() {
		t.Error("edited text is not noticed")
	}
}

// TestUndoFromTheCommit takes the last answer of the review back, and without
// one the last answer to a question.
func TestUndoFromTheCommit(t *testing.T) {
	r := shopReview(t)
	s := &Screen{theme: look(NoColour), reviewed: newPlaces(r), again: true, undoLast: true}
	m := newReviewing(s.theme, s.reviewed)
	r.Back = true
	v, err := s.Review(context.Background(), r)
	if err != nil || !v.Back {
		t.Errorf("without an answer in the review: %+v, %v", v, err)
	}
	press(m, "yn")
	s.again = true
	if old, again := s.recall(r); !again || !old.undo() {
		t.Error("the review's last answer cannot be taken back")
	}
	if got := choices(m); got != "yes >. . . . ." {
		t.Error(got)
	}
	choice := commitNow
	p := menuPage(s.theme, func(int) []string { return nil }, "", &choice, commitMenu(proposal(r)))
	p.does = map[string]string{"u": commitBack}
	pressSettled(p, "u")
	if p.action != commitBack {
		t.Errorf("u on the commit: %q", p.action)
	}
}
