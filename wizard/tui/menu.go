package tui

import (
	"strings"

	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/x/ansi"
)

// entry is an answer to choose, with what happens if it is chosen.
type entry struct {
	id          string
	word        string // what to type in plain mode; the id if empty
	text        string
	consequence string
}

// menu is a choice in a page: the consequence of every answer stands beside
// it, or below it; where the screen is too low for that, of the one under the
// cursor only, in a place of its own so that nothing jumps.
type menu struct {
	theme   *theme
	field   *huh.Select[string]
	title   string
	list    []entry
	choice  *string // where the cursor stands
	compact bool
}

func newMenu(t *theme, title string, choice *string, list []entry) *menu {
	m := &menu{theme: t, title: title, list: list, choice: choice, field: huh.NewSelect[string]()}
	if title != "" {
		m.field.Title(visible(title))
	}
	m.fit(80, 40)
	return m
}

// fit lays the answers out for a part of a screen. huh scrolls to the answer under the
// cursor when it gets answers, so the cursor is put there afterwards.
func (m *menu) fit(width, height int) {
	full := m.layout(width, false)
	lines := len(fold(m.title, width-2, ""))
	for _, label := range full {
		lines += 1 + strings.Count(label, "\n")
	}
	m.compact = lines > height
	if m.compact {
		full = m.layout(width, true)
	}
	var options []huh.Option[string]
	for i, label := range full {
		options = append(options, huh.NewOption(label, m.list[i].id))
	}
	kept := *m.choice
	*m.choice = m.list[0].id
	m.field.WithWidth(width)
	m.field.Height(0) // huh keeps the height of a screen that was too low
	m.field.Value(m.choice).Options(options...)
	*m.choice = kept
	m.field.Value(m.choice)
}

// layout writes the answers: the consequences beside them where the width
// allows that for all, else below or, in a compact menu, not at all.
func (m *menu) layout(width int, compact bool) []string {
	first, second := 0, 0
	for _, e := range m.list {
		first = max(first, ansi.StringWidth(visible(e.text)))
		second = max(second, ansi.StringWidth(visible(e.consequence)))
	}
	var out []string
	for _, e := range m.list {
		label := visible(e.text)
		switch {
		case e.consequence == "":
		case first+3+second <= width-4:
			label = pad(label, first+3) + m.theme.dim.Render(visible(e.consequence))
		case !compact:
			for _, line := range fold(e.consequence, width-7, "") {
				label += "\n  " + m.theme.dim.Render(line)
			}
		}
		out = append(out, label)
	}
	return out
}

// detail says, below a compact menu, what happens with the answer under the
// cursor. It takes as many lines as the longest of them.
func (m *menu) detail(width int) []string {
	if !m.compact {
		return nil
	}
	var shown []string
	most := 0
	for _, e := range m.list {
		lines := fold(e.consequence, width-7, "")
		most = max(most, len(lines))
		if e.id == *m.choice && e.consequence != "" {
			shown = lines
		}
	}
	out := []string{}
	for i := range most {
		line := ""
		if i < len(shown) {
			line = "     " + m.theme.dim.Render(shown[i])
		}
		out = append(out, line)
	}
	return out
}

// menuPage returns a page with one choice. The cursor stands on *choice.
func menuPage(t *theme, body func(int) []string, title string, choice *string, list []entry) *page {
	m := newMenu(t, title, choice, list)
	p := newPage(t, body, huh.NewGroup(m.field))
	p.menu = m
	return p
}

// completed reports whether a page's form was filled in to its end.
func completed(p *page) bool { return p.form.State == huh.StateCompleted }

// reasonPage asks why a step is left out.
func reasonPage(t *theme, step string, reason *string) *page {
	body := func(width int) []string {
		lines := []string{" " + t.bold.Render("Leave out "+step), ""}
		for _, l := range fold("The step and its places stay open. They are listed with your words, and --step "+step+" takes them up again.", width-3, "") {
			lines = append(lines, "   "+l)
		}
		return lines
	}
	field := huh.NewInput().Title("Why?").Placeholder("for example: the owner is on leave").Value(reason).Validate(notEmpty)
	p := newPage(t, body, huh.NewGroup(field))
	p.does["shift+tab"] = back
	return p
}
