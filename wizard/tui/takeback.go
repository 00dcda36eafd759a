package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"spanwalk/wizard"
)

// TakeBack shows what taking a step back would do and asks how.
func (s *Screen) TakeBack(ctx context.Context, t *wizard.TakeBack) (wizard.Way, error) {
	list := takeBackMenu(t)
	choice := list[0].id
	p := menuPage(s.theme, func(width int) []string { return s.theme.takeBackText(t, s.options.Now(), width) }, "", &choice, list)
	p.keys = []hotkey{{"i", "why", "the places that would raise or go silent"}, {"c", "checklist", "the 23 items, measured now"}}
	p.pages = []pager{s.checklistPage(), {key: "i", title: "Raise or go silent", text: func(width int) []string { return s.theme.brokenText(t, width) }}}
	_, err := s.ask(ctx, p)
	return takenWay(choice), err
}

// leaveIt is the choice to change nothing.
const leaveIt = "leave"

func takenWay(choice string) wizard.Way {
	if choice == leaveIt {
		return wizard.Undecided
	}
	return wizard.Way(choice)
}

// takeBackMenu returns the ways to take a step back. The cursor stands on the
// first: one that breaks nothing, or else on changing nothing.
func takeBackMenu(t *wizard.TakeBack) []entry {
	var out []entry
	stay := entry{id: leaveIt, word: "stop", text: "Leave it as it is", consequence: "nothing changes"}
	for _, o := range t.Offers {
		e := entry{id: string(o.Way), word: string(o.Way), consequence: afterwards(o.After, t.Reversal.Before)}
		switch {
		case o.Way == wizard.Redo:
			e.text, e.consequence = "Redo "+t.Reversal.Step+" with other answers", "its questions are asked again; the later steps follow"
		case o.Way == wizard.Dependents:
			e.text = "Take " + names(o.Steps) + " back too"
			e.consequence += "; newest first, a commit each"
		case t.Reversal.Restores:
			e.text = "Bring it back"
		case t.Reversal.Worse():
			e.text = "Only this"
			e.consequence += " until you redo it"
		default:
			e.text = "Take it back"
		}
		out = append(out, e)
	}
	if o := t.Offers[0]; o.Way != wizard.Redo && o.After <= t.Reversal.Before {
		return append(out, stay)
	}
	return append([]entry{stay}, out...)
}

// names lists steps; many of them only by their number.
func names(list []string) string {
	if len(list) > 2 {
		return fmt.Sprintf("%d later steps", len(list))
	}
	return strings.Join(list, " and ")
}

// afterwards says how many places raise or go silent then.
func afterwards(after, before int) string {
	switch {
	case after == 0:
		return "nothing raises or goes silent"
	case after == 1:
		return "1 place raises or goes silent" + asNow(after, before)
	}
	return fmt.Sprintf("%d places raise or go silent", after) + asNow(after, before)
}

func asNow(after, before int) string {
	if after == before {
		return ", as now"
	}
	return ""
}

// takeBackText says what a step's commit did, what came after it and what would
// break.
func (t *theme) takeBackText(b *wizard.TakeBack, now time.Time, width int) []string {
	r, commit := b.Reversal, b.Entry.Commit
	what := "Take back "
	if r.Restores {
		what = "Bring back "
	}
	out := indented(fold(fmt.Sprintf("%s%s (%s, %s)", what, r.Step, commit.Hash.Short(), ago(now.Sub(commit.When))), width-2, ""), " ")
	for i := range out {
		out[i] = t.accent.Render(out[i])
	}
	say := func(style func(...string) string, text string) {
		for _, line := range fold(text, width-4, "  ") {
			out = append(out, "   "+style(line))
		}
	}
	out = append(out, "")
	say(t.plain.Render, "\""+commit.Subject+"\": "+count(len(b.Files), "file")+" would change")
	for i, later := range b.Later {
		if i == 4 && len(b.Later) > 5 {
			say(t.plain.Render, fmt.Sprintf("and %d more files changed later: kept", len(b.Later)-i))
			break
		}
		by := later.Steps
		if later.Own {
			by = append(slices.Clone(by), "other commits")
		}
		say(t.plain.Render, later.Path+" also changed later, by "+strings.Join(by, ", ")+": kept")
	}
	if r.Worse() {
		out = append(out, "")
		text := fmt.Sprintf("%d → %s after it", r.Before, mixedCount(r.After))
		if needs := b.Needs(); len(needs) == 1 {
			text += ": " + needs[0] + " needs what you take back"
		}
		say(t.danger.Render, text)
	}
	return out
}

// brokenText lists the places that would raise or go silent.
func (t *theme) brokenText(b *wizard.TakeBack, width int) []string {
	if len(b.Reversal.New) == 0 {
		return []string{"   No place would raise or go silent that does not now."}
	}
	var out []string
	for _, m := range b.Reversal.New {
		out = append(out, indented(fold(fmt.Sprintf("%s:%d: %s", m.Path, m.Line, m.Message), width-4, "  "), "   ")...)
	}
	if needs := b.Needs(); len(needs) > 0 {
		out = append(append(out, ""), indented(fold("Back to a tree that does not raise, newest first: "+strings.Join(append(slices.Clone(needs), b.Reversal.Step), ", "), width-4, ""), "   ")...)
	}
	return out
}

// What ends the diff of a revert.
const (
	takeAll  = "take"
	takeRest = "rest" // and every commit after it
	onePlace = "places"
)

// revertDiff shows what one commit of a revert changes. It is taken whole, or
// place by place where nothing else builds on it.
func (s *Screen) revertDiff(ctx context.Context, r *wizard.Review) (action string, err error) {
	m := newDiffPage(s.theme, r)
	if err := s.show(ctx, m); err != nil {
		return "", err
	}
	if m.stopped {
		return "", wizard.ErrAborted
	}
	return m.action, nil
}

func newDiffPage(t *theme, r *wizard.Review) *diffPage {
	m := &diffPage{reader: reader{theme: t, width: 80, height: 24}, last: r.Number == r.Of}
	m.pager = pager{key: "enter", title: revertTitle(r), text: func(width int) []string { return t.revertText(r, width) },
		keys: []hotkey{{"↑↓", "move", ""}, {"enter", "go on to the commit", ""}}}
	if n := r.Of - r.Number; n > 0 {
		m.pager.keys = append(m.pager.keys, hotkey{"A", fmt.Sprintf("make all %d commits", n+1), ""})
	} else {
		m.pager.keys = append(m.pager.keys, hotkey{"p", "place by place", ""})
	}
	m.pager.keys = append(m.pager.keys, hotkey{"q", "stop here", ""})
	return m
}

// diffPage is a page of text that ends with a choice.
type diffPage struct {
	reader
	last   bool
	action string
}

// Update scrolls, or ends with enter, A, p or q.
func (d *diffPage) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok {
		switch {
		case key.String() == "enter":
			d.action = takeAll
			return d, tea.Quit
		case key.String() == "A" && !d.last:
			d.action = takeRest
			return d, tea.Quit
		case key.String() == "p" && d.last:
			d.action = onePlace
			return d, tea.Quit
		case key.String() == "esc":
			return d, nil
		}
	}
	_, cmd := d.reader.Update(msg)
	return d, cmd
}

func revertTitle(r *wizard.Review) string {
	title := "Take back " + r.Plan.Step.Name
	if r.Of > 1 {
		title += fmt.Sprintf(" · commit %d of %d", r.Number, r.Of)
	}
	return title
}

// revertText draws the change of one commit of a revert.
func (t *theme) revertText(r *wizard.Review, width int) []string {
	out := indented(fold(mixedChange(r.Mixed, r.After(r.Plan)), width-4, ""), "   ")
	for _, f := range r.Plan.Files {
		out = append(append(out, ""), " "+t.bold.Render(clip(f.Path, width-1)))
		out = append(out, t.drawRows(fileRows(f), width)...)
	}
	return out
}

// mixedChange says how the number of places that raise or go silent changes.
func mixedChange(before, after int) string {
	if before == after {
		return afterwards(after, before) + "."
	}
	return fmt.Sprintf("%d → %s.", before, strings.Replace(mixedCount(after), "would ", "will ", 1))
}
