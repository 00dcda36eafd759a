package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/charmbracelet/huh"

	"spanwalk/steps"
	"spanwalk/wizard"
)

// Answers to a question besides its options.
const (
	answerOther = "\x00other" // any text
	answerLater = "\x00later"
)

// Ask puts one question: the code around its site above, the options with
// their consequences below.
func (s *Screen) Ask(ctx context.Context, q *wizard.Question) (wizard.Reply, error) {
	s.number(q.Step)
	note := ""
	for {
		form := newQuestionForm(s.theme, q)
		p := form.page
		p.body = func(width int) []string { return s.theme.questionText(q, s.shown, s.of, width) }
		p.note = note
		p.keys = questionKeys(q)
		p.does = map[string]string{"u": "undo", "x": "skip"}
		p.pages = []pager{s.checklistPage(), s.whyPage(q.Step, q.Why)}
		action, err := s.ask(ctx, p)
		switch {
		case err != nil:
			return wizard.Reply{}, err
		case action == "undo" && !q.Back:
			note = "There is no answer to take back in this step."
			continue
		case action == "undo":
			return wizard.Reply{Back: true}, nil
		case action == "skip":
			reason, err := s.reason(ctx, q.Step)
			if err != nil || reason != "" {
				return wizard.Reply{Skip: reason}, err
			}
			continue
		}
		return form.reply(q), nil
	}
}

// questionKeys are the keys of a question beside those of every page.
func questionKeys(q *wizard.Question) []hotkey {
	keys := []hotkey{{"i", "why", "why this is asked"}, {"u", "undo", "take the last answer of the step back"},
		{"x", "leave out", "leave the whole step out"}, {"c", "checklist", "the 23 items, measured now"}}
	if len(q.Alike) > 0 {
		keys = append(keys, hotkey{"space", "", "whether the answer is for all places alike"})
	}
	return keys
}

// reason asks why a step is left out; "" when the person changed their mind.
func (s *Screen) reason(ctx context.Context, step *steps.Step) (string, error) {
	var reason string
	if action, err := s.ask(ctx, reasonPage(s.theme, step.Name, &reason)); err != nil || action == back {
		return "", err
	}
	return strings.TrimSpace(reason), nil
}

// number remembers where the walk is.
func (s *Screen) number(step *steps.Step) { s.shown = s.later.number(step.Name) }

// questionForm is the huh form of one question and what it fills in.
type questionForm struct {
	page   *page
	choice string
	other  string
	alike  bool
}

// newQuestionForm makes the form. The cursor stands on the recommended option;
// without one it stands on putting the question off, which loses nothing.
func newQuestionForm(t *theme, q *wizard.Question) *questionForm {
	f := &questionForm{choice: preselected(q), alike: true}
	options := newMenu(t, q.Prompt, &f.choice, questionMenu(q))
	groups := []*huh.Group{huh.NewGroup(options.field)}
	if q.Free {
		groups = append(groups, huh.NewGroup(huh.NewInput().Title(visible(q.Prompt)).Value(&f.other).Validate(validFree(q))).
			WithHideFunc(func() bool { return f.choice != answerOther }))
	}
	f.page = newPage(t, nil, groups...)
	f.page.menu = options
	if n := len(q.Alike) + 1; n > 1 {
		f.page.below = func(width int) []string { return t.alikeText(n, f.alike, width) }
		f.page.toggle = func() { f.alike = !f.alike }
	}
	return f
}

// alikeText says for how many places an answer counts.
func (t *theme) alikeText(n int, alike bool, width int) []string {
	text := fmt.Sprintf("[x] same answer for all %d alike", n)
	if !alike {
		text = fmt.Sprintf("[ ] only this one of %d alike", n)
	}
	return append([]string{""}, ends("   "+text, t.accent.Render("space")+" "+t.dim.Render("changes this "), width)...)
}

// preselected returns the answer the cursor stands on.
func preselected(q *wizard.Question) string {
	for _, o := range q.Options {
		if o.ID == q.Before {
			return o.ID
		}
	}
	if rec := q.Recommended(); rec != "" {
		return rec
	}
	return answerLater
}

// questionMenu returns the options of a question and the way round it.
func questionMenu(q *wizard.Question) []entry {
	var out []entry
	for _, o := range q.Options {
		e := entry{id: o.ID, text: o.Text, consequence: o.Consequence}
		if o.Recommended {
			e.text += "  · recommended"
		}
		if o.ID == q.Before {
			e.text += "  · chosen the last time"
		}
		out = append(out, e)
	}
	if q.Free {
		out = append(out, entry{id: answerOther, word: "other", text: "Something else", consequence: "type it"})
	}
	return append(out, entry{id: answerLater, word: "later", text: "Not now", consequence: "nothing is written; asked again next time"})
}

func notEmpty(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("type something, or press ctrl+c to stop")
	}
	return nil
}

// validFree returns the check of a typed answer.
func validFree(q *wizard.Question) func(string) error {
	return func(text string) error {
		if err := notEmpty(text); err != nil {
			return err
		}
		if q.ID == steps.FloorQuestion {
			if _, err := steps.ParseRelease(strings.TrimSpace(text)); err != nil {
				return errors.New("type a release, such as 2.67.0")
			}
		}
		if strings.ContainsAny(text, "\n\r") {
			return errors.New("type one line")
		}
		return nil
	}
}

// reply turns the filled form into what the walk wants to know.
func (f *questionForm) reply(q *wizard.Question) wizard.Reply {
	option := f.choice
	switch option {
	case answerLater:
		return wizard.Reply{Later: true}
	case answerOther:
		option = strings.TrimSpace(f.other)
	}
	return replyWith(q, option, f.alike)
}

// replyWith answers a question, and those alike if wanted.
func replyWith(q *wizard.Question, option string, alike bool) wizard.Reply {
	list := []steps.Decision{{Question: q.ID, Where: where(q.Question), Option: option}}
	if alike {
		for _, other := range q.Alike {
			list = append(list, steps.Decision{Question: other.ID, Where: where(other), Option: option})
		}
	}
	return wizard.Reply{Decisions: list}
}

// where returns the place a decision about a question is recorded under.
func where(q steps.Question) string {
	if q.Key != "" {
		return q.Key
	}
	return q.Path
}

// questionText shows where the walk is and what a question is about.
func (t *theme) questionText(q *wizard.Question, number, of, width int) []string {
	out := ends(" "+t.accent.Render(position(number, of, q.Step.Name)), t.dim.Render(fmt.Sprintf("question %d of %d ", q.Number, q.Of)), width)
	return append(out, t.questionAbout(q, width)...)
}

// questionAbout shows what a question is about.
func (t *theme) questionAbout(q *wizard.Question, width int) []string {
	var out []string
	if q.Line == 0 {
		if q.Path == "" {
			return append(out, "", "   "+t.dim.Render("for the whole project"))
		}
		return append(out, "", "   "+t.bold.Render(clip(q.Path, width-4)))
	}
	_, inner, _ := strings.Cut(q.Key, "::")
	inside := inner[:max(0, strings.LastIndexByte(inner, '/'))]
	at := fmt.Sprintf("%s:%d", q.Path, q.Line)
	if inside != "" {
		at += " in " + inside
	}
	around := 1
	if width >= unifiedFrom {
		out, around = append(out, ""), 2
	}
	for _, line := range fold(at, width-4, "  ") {
		out = append(out, "   "+t.bold.Render(line))
	}
	last, _ := q.File.Line(max(q.Start, q.End-1))
	return append(out, t.drawRows(codeRows(q.File.Source, q.Line, min(last, q.Line+5), around, true), min(width, splitFrom-1))...)
}

// whyPage tells why a step, and a question of it, is there.
func (s *Screen) whyPage(step *steps.Step, why string) pager {
	return pager{key: "i", title: "Why: " + step.Name, text: func(width int) []string { return s.theme.whyText(step, why, nil, width) }}
}

// whyHere is whyPage with what the step finds here.
func (s *Screen) whyHere(plan *steps.Plan) pager {
	return pager{key: "i", title: "Why: " + plan.Step.Name, text: func(width int) []string { return s.theme.whyText(plan.Step, "", plan, width) }}
}

// shapesText counts what a step finds, by tier and shape.
func shapesText(plan *steps.Plan, width int) []string {
	var order []string
	counts := map[string]int{}
	for _, f := range open(plan) {
		name := string(f.Tier) + "  " + strings.TrimRight(f.Shape, ", ")
		if counts[name]++; counts[name] == 1 {
			order = append(order, name)
		}
	}
	out := []string{"   " + clip("Here: "+count(len(open(plan)), "place"), width-4)}
	for _, name := range order {
		out = append(out, indented(fold(fmt.Sprintf("%4d  %s", counts[name], name), width-6, "      "), "   ")...)
	}
	return out
}

func (t *theme) whyText(step *steps.Step, why string, plan *steps.Plan, width int) []string {
	var out []string
	if plan != nil {
		out = append(shapesText(plan, width), "")
	}
	for _, part := range []string{why, step.Why, step.Doc} {
		if part != "" {
			out = append(out, indented(fold(part, min(width, 92)-4, ""), "   ")...)
			out = append(out, "")
		}
	}
	if step.Link != "" {
		for _, line := range fold(step.Link, width-4, "") {
			out = append(out, "   "+t.accent.Render(line))
		}
		out = append(out, "")
	}
	if step.Before != "" {
		out = append(out, t.drawRows(fileRows(steps.FileChange{Path: "example.py", Before: []byte(step.Before), After: []byte(step.After)}), width)...)
	}
	return out
}
