package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spanwalk/gitops"
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
		p := menuPage(s.theme, func(width int) []string { return s.theme.startText(o, took, s.options.Now(), width) }, "", &choice, entries)
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
		if err := s.look(ctx, o); err != nil {
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
		here += ", a branch others build on"
	}
	branch := entry{id: startBranch, word: "branch", text: "Start on a new branch", consequence: branchOf(o, asked)}
	stay := entry{id: startHere, word: "here", text: "Start here", consequence: here}
	rest := []entry{
		{id: startLook, word: "look", text: "Only look", consequence: "the preview; nothing is written"},
		{id: startQuit, word: "quit", text: "Quit"},
	}
	resumed := len(o.Committed)+o.Kept > 0
	if resumed {
		stay.text = "Go on here"
	}
	if (resumed || strings.HasPrefix(o.Head.Branch, "spanwalk/")) && !o.Head.Default && asked == "" {
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
func (t *theme) startText(o *wizard.Overview, took time.Duration, now time.Time, width int) []string {
	place := visible(filepath.Base(o.Root)) + " · " + visible(branchName(o)) + " "
	out := ends(" "+t.accent.Render("spanwalk"), t.bold.Render(place), width)
	if width >= unifiedFrom {
		out = append(out, indented(fold("Transactions become streamed spans: a step, a review, a commit at a time.", width-2, ""), " ")...)
	}
	out = append(out, "")
	for _, text := range []string{resumeText(o, now), earlierText(o), workText(o), mixedNow(o.Mixed), ownText(o.Own)} {
		if text != "" {
			out = append(out, indented(fold(text, width-4, ""), "   ")...)
		}
	}
	out = append(out, "")
	out = append(out, ends("   Found in "+count(o.Python, "Python file"), t.dim.Render(fmt.Sprintf("in %.2f s ", took.Seconds())), width)...)
	for _, f := range foundIn(o.Forecast) {
		out = append(out, t.foundLine(f, width))
	}
	for _, problem := range o.Problems {
		if problem.Code == gitops.DefaultBranch {
			continue // the ways to begin say so
		}
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
func (s *Screen) look(ctx context.Context, o *wizard.Overview) error {
	plans, err := o.Preview()
	if err != nil {
		return err
	}
	r := &reader{theme: s.theme, width: 80, height: 24, pager: pager{key: "enter", title: "Only look: nothing is written",
		text: func(width int) []string { return s.theme.previewText(plans, width) }}}
	if err := s.show(ctx, r); err != nil || !r.stopped {
		return err
	}
	return wizard.ErrAborted
}

// previewText draws the diffs of plans, and names what they leave.
func (t *theme) previewText(plans []*steps.Plan, width int) []string {
	out := indented(fold("What all steps would change with the recommended answers, if you said yes to every place.", width-2, ""), " ")
	for _, plan := range plans {
		left := plan.Left()
		if plan.Empty() && len(left) == 0 {
			continue
		}
		number := 1 + slices.Index(steps.All, plan.Step)
		out = append(out, "", " "+t.accent.Render(fmt.Sprintf("%d %s", number, plan.Step.Name)))
		out = append(out, indented(fold(plan.Step.Title+": "+count(applied(plan), "place")+" in "+count(len(plan.Files), "file"), width-4, ""), "   ")...)
		for _, f := range plan.Files {
			out = append(append(out, ""), " "+t.bold.Render(clip(f.Path, width-1)))
			out = append(out, t.drawRows(fileRows(f), width)...)
		}
		if len(left) > 0 {
			out = append(out, "", "   left to you:")
		}
		for _, f := range left {
			out = append(out, indented(fold(f.Path+": "+f.Message, width-6, "  "), "     ")...)
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
