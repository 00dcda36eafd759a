package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"spanwalk/wizard"
)

// Review asks about each place in words.
func (p *Plain) Review(ctx context.Context, r *wizard.Review) (wizard.Verdict, error) {
	p.screen.shown, p.screen.of = r.Number, r.Of
	p.screen.reverting = r.Revert
	list, again := p.screen.recall(r)
	if r.Revert && len(list.past) == 0 {
		whole, err := p.screen.rest, error(nil)
		if !whole {
			whole, err = p.revertDiff(ctx, r)
		}
		if err != nil || whole {
			return wizard.Verdict{Plan: r.Plan}, err
		}
	}
	if list.settled() && !again {
		return list.verdict()
	}
	if len(r.Changed) > 0 {
		p.print(strings.Join(r.Changed, ", ") + " changed on disk; the step was planned again.")
	}
	v, err := (&plainReview{Plain: p, places: list, ending: again}).run(ctx)
	if err != nil {
		return wizard.Verdict{Decisions: list.decisions()}, err
	}
	return v, nil
}

// revertDiff shows what one commit of a revert changes. whole is true when it is
// taken as it is.
func (p *Plain) revertDiff(ctx context.Context, r *wizard.Review) (whole bool, err error) {
	p.print("", revertTitle(r))
	p.print(p.theme.revertText(r, plainWidth)...)
	list := []entry{{id: takeAll, word: "go on", text: "Go on to the commit"}}
	if n := r.Of - r.Number; n > 0 {
		list = append(list, entry{id: takeRest, word: "all", text: fmt.Sprintf("Make all %d commits", n+1)})
	} else {
		list = append(list, entry{id: onePlace, word: "places", text: "Decide place by place"})
	}
	choice, err := p.menu(ctx, "", list)
	p.screen.rest = choice == takeRest
	return choice != onePlace, err
}

// plainReview is a review in lines.
type plainReview struct {
	*Plain
	places *places
	ending bool
}

// run asks until every place is answered and the end is confirmed.
func (p *plainReview) run(ctx context.Context) (wizard.Verdict, error) {
	for {
		if _, open := p.places.total(); open == 0 && (p.ending || p.places.hasLastPage()) {
			v, back, err := p.last(ctx)
			if !back {
				return v, err
			}
			p.ending = false
			continue
		} else if open == 0 {
			return p.places.verdict()
		}
		p.show()
		v, done, err := p.command(ctx)
		if done || err != nil {
			return v, err
		}
	}
}

// show describes the place asked about.
func (p *plainReview) show() {
	list := p.places
	x, g, r := list.current(), list.groups[list.g], list.review
	p.print("", fmt.Sprintf("Step %d of %d: %s. Shape %d of %d: %s. Place %d of %d.",
		r.Number, r.Of, r.Plan.Step.Name, list.g+1, len(list.groups), g.title, list.i+1, len(g.places)))
	p.print(fold(fmt.Sprintf("%s. %s: %s", x.describe(), x.Tier, x.Message), plainWidth, "")...)
	if way := x.title(); way != "" {
		p.print(fold(fmt.Sprintf("Way %d of %d: %s.", x.nth(), x.ways(), way), plainWidth, "")...)
	}
	first := x.line
	last := first + strings.Count(string(x.source[x.Start:min(x.End, len(x.source))]), "\n")
	for _, row := range diffRows(x.source, x.shown(), first, last, x.file != nil) {
		p.print(plainRow(row))
	}
	other := ""
	if x.ways() > 1 {
		other = " other,"
	}
	p.print(fold(fmt.Sprintf("Type yes, no,%s all (%d alike), none, rest, edit, comment, why, undo, or help.", other, len(list.alike())), plainWidth, "")...)
}

// plainRow writes a line of a diff with a word for its sign.
func plainRow(r row) string {
	switch r.op {
	case '-':
		return fmt.Sprintf("remove %4d: %s", r.number, rowText(r))
	case '+':
		return fmt.Sprintf("add    %4d: %s", r.number, rowText(r))
	case '#':
		return rowText(r)
	}
	return fmt.Sprintf("       %4d: %s", r.number, rowText(r))
}

// plainHelp lists the words of the review.
const plainHelp = `yes, no       apply this change, or leave the place alone
all, none     the same for all open places of this shape; asks once
rest, rest no the same for this and the later open places of this file
other         show the next way to rewrite this place
edit          edit the replacement in your editor
open          open the file in your editor
comment       leave the place alone with a comment that says what to do
split         split this shape: by file, then by function
next, previous, first, last    another place
search TEXT   a place by path, function, message or code
undo          take the last answer back
why, list     why the step is needed; the checklist
leave out     leave the whole step out
quit          stop here; what was committed and answered stays`

// command reads and obeys one line.
func (p *plainReview) command(ctx context.Context) (v wizard.Verdict, done bool, err error) {
	text, err := p.read(ctx)
	if err != nil {
		return v, true, err
	}
	name, rest, _ := strings.Cut(text, " ")
	switch strings.ToLower(text) {
	case "quit", "q":
		return v, true, wizard.ErrAborted
	case "undo", "u":
		if !p.places.undo() && p.places.review.Back {
			return wizard.Verdict{Back: true, Decisions: p.places.decisions()}, true, nil
		}
		return v, false, nil
	case "leave out":
		reason, err := p.text(ctx, "Why is the step left out?", notEmpty)
		return wizard.Verdict{Skip: reason, Decisions: p.places.decisions()}, true, err
	case "edit", "e":
		return v, false, p.edit(ctx)
	case "all", "none":
		return v, false, p.many(ctx, strings.EqualFold(text, "all"))
	}
	if strings.EqualFold(name, "search") {
		p.tell(p.places.search(rest), "No place has "+rest+".")
		return v, false, nil
	}
	return v, false, p.obey(ctx, strings.ToLower(text))
}

// obey handles the words that need no further answer.
func (p *plainReview) obey(ctx context.Context, text string) error {
	list := p.places
	x := list.current()
	switch text {
	case "yes", "y":
		list.answer([]*place{x}, accept)
	case "no", "n":
		list.answer([]*place{x}, decline)
	case "rest":
		list.answer(list.rest(), accept)
	case "rest no":
		list.answer(list.rest(), decline)
	case "comment":
		if _, ok := x.marker(); ok {
			list.answer([]*place{x}, func(*place) string { return marked })
		} else {
			p.print("No comment can be left here, or there is one.")
		}
	case "other":
		p.tell(list.turn(), "There is no other way here.")
	case "split":
		p.tell(list.split(), "These places cannot be split further.")
	case "next":
		p.tell(list.move(+1, false), "This is the last place.")
	case "previous":
		p.tell(list.move(-1, false), "This is the first place.")
	case "first", "last":
		list.end(text == "last")
	case "why":
		p.print(p.theme.whyText(list.review.Plan.Step, "", list.review.Plan, plainWidth)...)
	case "list":
		p.print(p.checklist().does()...)
	case "open":
		if err := p.editPlain(ctx, filepath.Join(p.screen.root, filepath.FromSlash(x.Path)), x.line); err != nil {
			p.print("The editor: " + err.Error())
		}
	case "help", "?":
		p.print(strings.Split(plainHelp, "\n")...)
	default:
		p.print(fmt.Sprintf("%q is no answer here; help lists the words.", text))
	}
	return nil
}

func (p *plainReview) tell(ok bool, otherwise string) {
	if !ok {
		p.print(otherwise)
	}
}

// many answers for a whole shape, after asking once.
func (p *plainReview) many(ctx context.Context, apply bool) error {
	list := p.places.alike()
	text, choose := "Apply to all %s of this shape in %s? yes or no.", accept
	if !apply {
		text, choose = "Leave all %s of this shape in %s alone? yes or no.", decline
	}
	if len(list) == 1 {
		p.places.answer(list, choose)
		return nil
	}
	sure, err := p.confirm(ctx, fmt.Sprintf(text, count(len(list), "place"), count(files(list), "file")))
	if sure {
		p.places.answer(list, choose)
	}
	return err
}

// edit has the replacement edited; it is shown again before it counts.
func (p *plainReview) edit(ctx context.Context) error {
	x := p.places.current()
	file, err := newEdited("replacement.py", p.places.replacement(x))
	if err == nil {
		defer file.remove()
		err = p.editPlain(ctx, file.path, 1)
	}
	var text string
	if err == nil {
		text, err = file.read()
	}
	if err == nil {
		err = p.places.setHand(x, text)
	}
	if err != nil {
		p.print("Not taken: " + err.Error() + ".")
	}
	return nil
}

// last sums up and lists what stays open. back is true when the review goes on.
func (p *plainReview) last(ctx context.Context) (v wizard.Verdict, back bool, err error) {
	list := p.places
	p.print("")
	p.print(fold(list.sum(), plainWidth, "")...)
	for i, x := range list.manual {
		p.print(fold(fmt.Sprintf("By hand %d: %s: %s", i+1, x.describe(), x.Message), plainWidth, "   ")...)
	}
	for _, n := range list.notes {
		p.print(fold("Note: "+n.Path+": "+n.Message, plainWidth, "   ")...)
	}
	entries := []entry{{id: "go on", word: "go on", text: "Go on"}, {id: "undo", word: "undo", text: "Take the last answer back"}}
	for i := range list.manual {
		entries = append(entries, entry{id: fmt.Sprint("comment ", i+1), text: fmt.Sprintf("Leave a comment at place %d", i+1)})
	}
	choice, err := p.menu(ctx, "", entries, p.why(list.review.Plan.Step, ""), p.checklist(), word{name: "leave out"})
	switch {
	case err != nil:
		return v, false, err
	case choice == "undo":
		if !list.undo() && list.review.Back {
			return wizard.Verdict{Back: true, Decisions: list.decisions()}, false, nil
		}
		return v, true, nil
	case choice == "leave out":
		reason, err := p.text(ctx, "Why is the step left out?", notEmpty)
		return wizard.Verdict{Skip: reason, Decisions: list.decisions()}, false, err
	case choice == "go on":
		v, err = list.verdict()
		return v, false, err
	}
	for i, x := range list.manual {
		if choice == fmt.Sprint("comment ", i+1) {
			x.choice = marked
		}
	}
	return v, true, nil
}
