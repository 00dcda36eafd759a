package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spanwalk/rewrite"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// The ways to begin.
const (
	startBranch = "branch"
	startHere   = "here"
	startLook   = "look"
	startQuit   = "quit"
)

// Overview shows what was found and asks how to begin. "Only look" shows the
// whole preview and comes back.
func (s *Screen) Overview(ctx context.Context, o *wizard.Overview) (wizard.Start, error) {
	took := s.options.Now().Sub(s.began)
	s.root, s.later, s.of = o.Root, newLater(o.Forecast), len(o.Forecast)
	if idleForecast(o) {
		return wizard.Start{Branch: s.options.Branch}, nil
	}
	entries, choice := startMenu(o, s.options.Branch)
	for {
		p := menuPage(s.theme, s.width(), func(width int) []string { return s.theme.startText(o, took, width) }, "", &choice, entries)
		p.keys = []hotkey{{"c", "checklist", "the 23 items, measured now"}}
		p.pages = []pager{s.checklistPage()}
		if _, err := s.ask(ctx, p); err != nil {
			return wizard.Start{}, err
		}
		switch choice {
		case startBranch:
			return wizard.Start{Branch: branchOf(o, s.options.Branch)}, nil
		case startHere:
			return wizard.Start{}, nil
		case startQuit:
			return wizard.Start{}, wizard.ErrAborted
		}
		if err := s.look(ctx, o.Forecast); err != nil {
			return wizard.Start{}, err
		}
	}
}

// idleForecast reports that no step has anything to do or to say.
func idleForecast(o *wizard.Overview) bool {
	return !slices.ContainsFunc(o.Forecast, func(p *steps.Plan) bool { return len(p.Open)+len(open(p)) > 0 })
}

// open returns the findings of a plan that are somebody's business.
func open(p *steps.Plan) []steps.Planned {
	var out []steps.Planned
	for _, f := range p.Findings {
		if !f.Acknowledged && !f.Note {
			out = append(out, f)
		}
	}
	return out
}

func branchOf(o *wizard.Overview, asked string) string {
	if asked != "" {
		return asked
	}
	return o.Suggested
}

// startMenu returns the ways to begin and the one the cursor stands on: never
// one that commits to a branch others build on.
func startMenu(o *wizard.Overview, asked string) (list []entry, choice string) {
	here := "on " + o.Head.Branch
	if o.Head.Detached {
		here = "on the commit checked out; no branch will name the new ones"
	}
	if o.Head.Default {
		here += ", a branch that others build on"
	}
	branch := entry{id: startBranch, word: "branch", text: "Start on a new branch", consequence: "the branch " + branchOf(o, asked) + "; " + branchName(o) + " stays as it is"}
	stay := entry{id: startHere, word: "here", text: "Start here", consequence: here}
	rest := []entry{
		{id: startLook, word: "look", text: "Only look", consequence: "the whole preview; nothing is written"},
		{id: startQuit, word: "quit", text: "Quit", consequence: "nothing was written"},
	}
	resumed := len(o.Committed)+o.Kept > 0
	if resumed {
		stay.text = "Go on here"
	}
	if (resumed || o.Head.Branch == o.Suggested) && !o.Head.Default && asked == "" {
		return append([]entry{stay}, rest...), startHere
	}
	return append([]entry{branch, stay}, rest...), startBranch
}

func branchName(o *wizard.Overview) string {
	if o.Head.Detached {
		return "the commit checked out"
	}
	return o.Head.Branch
}

// startText says what was found, how much there is to do and what is in the
// way.
func (t *theme) startText(o *wizard.Overview, took time.Duration, width int) []string {
	place := visible(filepath.Base(o.Root)) + " · " + visible(branchName(o)) + " "
	out := ends(" "+t.accent.Render("spanwalk"), t.bold.Render(place), width)
	if width >= unifiedFrom {
		out = append(out, indented(fold("Transactions become streamed spans: one step, one review, one commit at a time.", width-2, ""), " ")...)
	}
	out = append(out, "")
	for _, text := range []string{resumeText(o), workText(o), mixedNow(o.Mixed)} {
		if text != "" {
			out = append(out, indented(fold(text, width-4, ""), "   ")...)
		}
	}
	out = append(out, "")
	out = append(out, ends("   Found in "+count(o.Python, "Python file"), t.dim.Render(fmt.Sprintf("in %.2f s ", took.Seconds())), width)...)
	for _, plan := range o.Forecast {
		if line := t.foundLine(plan, width); line != "" {
			out = append(out, line)
		}
	}
	for _, problem := range o.Problems {
		out = append(out, indented(fold("note: "+problem.Error(), width-4, "      "), "   ")...)
	}
	for _, n := range o.Notes {
		out = append(out, indented(fold("not read: "+n.String(), width-4, "      "), "   ")...)
	}
	return out
}

func indented(lines []string, by string) []string {
	for i := range lines {
		lines[i] = by + lines[i]
	}
	return lines
}

// foundLine counts what one step finds.
func (t *theme) foundLine(plan *steps.Plan, width int) string {
	list := open(plan)
	if len(list) == 0 && len(plan.Open) == 0 {
		return ""
	}
	seen, paths, shapes := map[string]bool{}, []string{}, map[string]bool{}
	for _, f := range list {
		if !seen[f.Path] {
			seen[f.Path] = true
			paths = append(paths, f.Path)
		}
		shapes[f.Shape] = true
	}
	where := strings.Join(paths, ", ")
	if len(paths) > 2 {
		where = count(len(paths), "file")
		if len(shapes) > 1 {
			where += ", " + count(len(shapes), "shape")
		}
	}
	if floor := floorText(plan); floor != "" {
		where = floor
	}
	if len(list) == 0 {
		where = count(len(plan.Open), "question")
	}
	name, n := foundName(plan.Step), fmt.Sprintf("%4d", len(list))
	room := width - 5 - 22 - 6
	if room < 12 {
		return fmt.Sprintf("   %s %s", n, name)
	}
	return fmt.Sprintf("     %s%s   %s", pad(name, 22), n, t.dim.Render(clip(where, room)))
}

// foundName says what a step's findings are, in the words of the code.
func foundName(s *steps.Step) string {
	switch s.Name {
	case "sdk-version":
		return "pins of sentry-sdk"
	case "trace-lifecycle":
		return "init()"
	case "start-span":
		return "spans"
	case "start-transaction":
		return "transactions"
	case "start-child":
		return "children"
	case "trace-decorator":
		return "@trace"
	case "span-data":
		return "data on spans"
	case "traces-sampler":
		return "samplers"
	case "before-send":
		return "filters"
	}
	return strings.ReplaceAll(s.Name, "-", " ")
}

// floorText says which release the pins will require, or that it is asked.
func floorText(plan *steps.Plan) string {
	for _, d := range plan.Used {
		if d.Question == steps.FloorQuestion {
			return "to " + d.Option + " or newer"
		}
	}
	for _, q := range plan.Open {
		if q.ID == steps.FloorQuestion {
			return "to " + q.Recommended() + " or newer, unless you say otherwise"
		}
	}
	return ""
}

// resumeText says what earlier runs did.
func resumeText(o *wizard.Overview) string {
	var parts []string
	if n := len(o.Committed); n > 0 {
		parts = append(parts, count(n, "step")+" committed, the last "+o.Committed[0].Step+" ("+o.Committed[0].Commit.Hash.Short()+")")
	}
	if o.Kept > 0 {
		parts = append(parts, count(o.Kept, "answer")+" kept since "+o.Since.Local().Format("2 January 15:04"))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Resuming: " + strings.Join(parts, ", ") + "."
}

// workText says how much there is to do. Later steps find more once earlier
// ones have run, so it says about.
func workText(o *wizard.Overview) string {
	work, questions, reviews := 0, 0, 0
	for _, plan := range o.Forecast {
		list := open(plan)
		if len(list)+len(plan.Open) == 0 {
			continue
		}
		work++
		questions += len(plan.Open)
		shapes := map[string]bool{}
		for _, f := range list {
			if len(f.Edits)+len(f.Alternatives) > 0 {
				shapes[string(f.Tier)+f.Shape] = true
			}
		}
		reviews += len(shapes)
	}
	if work == 0 {
		return ""
	}
	verb := "have"
	if work == 1 {
		verb = "has"
	}
	return fmt.Sprintf("%d of %s %s work: about %s, %s (by shape).", work, count(len(o.Forecast), "step"), verb,
		count(questions, "question"), count(reviews, "review"))
}

// mixedNow warns of code between both APIs.
func mixedNow(n int) string {
	if n == 0 {
		return ""
	}
	return "Right now " + mixedCount(n) + ": do not deploy this tree yet."
}

func mixedCount(n int) string {
	if n == 1 {
		return "1 place would raise or go silent"
	}
	return fmt.Sprintf("%d places would raise or go silent", n)
}

// look shows what all steps would change, each on the result of those before.
func (s *Screen) look(ctx context.Context, plans []*steps.Plan) error {
	r := &reader{theme: s.theme, width: 80, height: 24, pager: pager{key: "enter", title: "What all steps would change; nothing is written",
		text: func(width int) []string { return s.theme.previewText(plans, width) }}}
	if err := s.show(ctx, r); err != nil || !r.stopped {
		return err
	}
	return wizard.ErrAborted
}

// previewText draws the diffs of plans.
func (t *theme) previewText(plans []*steps.Plan, width int) []string {
	var out []string
	for i, plan := range plans {
		if plan.Empty() {
			continue
		}
		out = append(out, " "+t.accent.Render(fmt.Sprintf("%d %s", i+1, plan.Step.Name))+"  "+clip(plan.Step.Title, width-30), "")
		for _, f := range plan.Files {
			out = append(out, " "+t.bold.Render(visible(f.Path)))
			out = append(out, t.drawRows(fileRows(f), width)...)
			out = append(out, "")
		}
	}
	return out
}

// fileRows returns the rows of a whole file's change.
func fileRows(f steps.FileChange) []row {
	python := strings.HasSuffix(f.Path, ".py") || strings.HasSuffix(f.Path, ".pyi")
	old, fresh := newPainter(f.Before, python), newPainter(f.After, python)
	var out []row
	for i, h := range rewrite.Hunks(f.Before, f.After) {
		if i > 0 {
			out = append(out, row{op: '#', runs: []run{{text: "…"}}})
		}
		out = append(out, hunkRows(h, old, fresh)...)
	}
	return out
}
