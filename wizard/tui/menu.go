package tui

import (
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

// options writes entries for huh: the consequence beside its answer where the
// width allows that for all of them, else below it.
func (t *theme) options(list []entry, width int) []huh.Option[string] {
	first, second := 0, 0
	for _, e := range list {
		first = max(first, ansi.StringWidth(visible(e.text)))
		second = max(second, ansi.StringWidth(visible(e.consequence)))
	}
	beside := first+3+second <= width-4
	var out []huh.Option[string]
	for _, e := range list {
		label := visible(e.text)
		switch {
		case e.consequence == "":
		case beside:
			label = pad(label, first+3) + t.dim.Render(visible(e.consequence))
		default:
			for _, line := range fold(e.consequence, width-7, "") {
				label += "\n  " + t.dim.Render(line)
			}
		}
		out = append(out, huh.NewOption(label, e.id))
	}
	return out
}

// menuPage returns a page with one choice. The cursor stands on *choice.
func menuPage(t *theme, body func(int) []string, title string, choice *string, list []entry) *page {
	field := huh.NewSelect[string]().Options(t.options(list, 80)...).Value(choice)
	if title != "" {
		field.Title(title)
	}
	p := newPage(t, body, huh.NewGroup(field))
	p.fit = t.fitted(field, list, choice)
	return p
}

// fitted returns how to lay answers out anew. huh scrolls to the answer under
// the cursor when it gets answers, so the cursor is put there afterwards.
func (t *theme) fitted(field *huh.Select[string], list []entry, choice *string) func(int) {
	return func(width int) {
		kept := *choice
		*choice = list[0].id
		field.Options(t.options(list, width)...)
		*choice = kept
		field.Value(choice)
	}
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
	field := huh.NewInput().Title("Why?").Placeholder("the owner is on leave").Value(reason).Validate(notEmpty)
	return newPage(t, body, huh.NewGroup(field))
}
