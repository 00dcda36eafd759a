package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// TestEveryScreenFollowsTheTerminal resizes every kind of screen while it is
// open, down to where it hardly fits and up again: it always fills the terminal
// exactly, and at the end looks as if it had been opened there.
func TestEveryScreenFollowsTheTerminal(t *testing.T) {
	sizes := []tea.WindowSizeMsg{{Width: 160, Height: 50}, {Width: 40, Height: 20}, {Width: 20, Height: 8}, {Width: 59, Height: 30}, {Width: 200, Height: 12}, {Width: 80, Height: 24}}
	theme := look(NoColour)
	fresh := screens(t, theme, 80)
	for name, m := range screens(t, theme, 80) {
		t.Run(name, func(t *testing.T) {
			settle(m, m.Init())
			for _, size := range sizes {
				_, cmd := m.Update(size)
				settle(m, cmd)
				lines := strings.Split(m.View(), "\n")
				if len(lines) != size.Height {
					t.Errorf("%d lines at %dx%d", len(lines), size.Width, size.Height)
				}
				for _, line := range lines {
					if w := ansi.StringWidth(line); w > size.Width {
						t.Errorf("%d columns at %dx%d: %s", w, size.Width, size.Height, line)
					}
				}
			}
			other := fresh[name]
			settle(other, other.Init())
			_, cmd := other.Update(sizes[len(sizes)-1])
			settle(other, cmd)
			if got, want := m.View(), other.View(); got != want {
				t.Errorf("after all the resizing:\n%s\nopened at that size:\n%s", got, want)
			}
		})
	}
}

// TestResizeKeepsTheAnswerUnderTheCursor and what was typed or scrolled to.
func TestResizeKeepsTheAnswerUnderTheCursor(t *testing.T) {
	q := question(shopReview(t))
	form := newQuestionForm(look(NoColour), q)
	form.page.body = func(width int) []string { return look(NoColour).questionText(q, 3, 21, width) }
	pressSettled(form.page, "<down> ")
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 16}, {Width: 30, Height: 10}, {Width: 120, Height: 40}} {
		_, cmd := form.page.Update(size)
		settle(form.page, cmd)
		if form.choice != "current" || !strings.Contains(form.page.View(), "> The current trace") {
			t.Errorf("at %dx%d the cursor stands on %q:\n%s", size.Width, size.Height, form.choice, form.page.View())
		}
	}
	pressSettled(form.page, "<enter>")
	if r := form.reply(q); len(r.Decisions) != 1 || r.Decisions[0].Option != "current" {
		t.Errorf("%+v", r)
	}

	m := newReview(t)
	press(m, "yJJ/ri")
	for _, width := range []int{40, 200, 20} {
		m.Update(tea.WindowSizeMsg{Width: width, Height: 12})
		if got := choices(m); got != "yes . . >. . ." || !strings.Contains(m.View(), "/ ri_") {
			t.Errorf("at %d columns: %s\n%s", width, got, m.View())
		}
	}
}

// TestLowMenusTellTheConsequence of the answer under the cursor, and the lines
// above do not move when it does.
func TestLowMenusTellTheConsequence(t *testing.T) {
	q := question(shopReview(t))
	form := newQuestionForm(look(NoColour), q)
	form.page.body = func(width int) []string { return look(NoColour).questionText(q, 3, 21, width) }
	form.page.keys = questionKeys(q)
	settle(form.page, form.page.Init())
	_, cmd := form.page.Update(tea.WindowSizeMsg{Width: 40, Height: 20})
	settle(form.page, cmd)
	at := -1
	for i, want := range []string{"as today: every job is a separate", "all jobs of this process share", "type it", "nothing is written; asked again"} {
		view := form.page.View()
		if !strings.Contains(view, want) {
			t.Errorf("answer %d: no %q in\n%s", i+1, want, view)
		}
		line := strings.Index(view, "Which trace")
		if at >= 0 && line != at {
			t.Errorf("answer %d: the question moves\n%s", i+1, view)
		}
		at = line
		pressSettled(form.page, "<down>")
	}
	if view := form.page.View(); !strings.Contains(view, "old(cart)") {
		t.Errorf("the code asked about is not on screen:\n%s", view)
	}
}

func TestFoldLeavesWordsWhole(t *testing.T) {
	text := "run: uv lock --upgrade-package sentry-sdk, then a_very_long_word_that_is_wider_than_the_line\nnew line"
	want := []string{"run: uv lock", "  --upgrade-package", "  sentry-sdk, then", "  a_very_long_word_t", "  hat_is_wider_than_", "  the_line", "  new line"}
	if got := fold(text, 20, "  "); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q", got)
	}
}

func TestCodeIsWrappedBetweenWords(t *testing.T) {
	for text, want := range map[string][]string{
		`with start_span(op="db", name="load the cart"):`: {`with start_span(op=`, `"db", name="load `, `the cart"):`},
		strings.Repeat("x", 45):                           {strings.Repeat("x", 20), strings.Repeat("x", 20), "xxxxx"},
		"日本語日本語日本語日本語":                                    {"日本語日本語日本語日", "本語"},
	} {
		var got []string
		from := 0
		for _, at := range append(lineBreaks(text, 20), len(text)) {
			got = append(got, text[from:at])
			from = at
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q", got)
		}
	}
}
