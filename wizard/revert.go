package wizard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Reverting says what to take back and how.
type Reverting struct {
	Step    string
	Way     Way
	Answers []Answer // other answers, for [Redo]
}

// Revert takes a step back: a new commit, or several, on top of HEAD. A step
// that is taken back already comes again.
func (w *Walk) Revert(ctx context.Context, p Prompter, o Reverting) (*Outcome, error) {
	err := w.revert(ctx, p, o)
	if w.Tree != nil {
		w.outcome.Mixed = w.mixed(w.Tree.Project)
	}
	if head, headErr := w.Repo.Head(); headErr == nil {
		w.outcome.Head = head
	}
	return &w.outcome, err
}

func (w *Walk) revert(ctx context.Context, p Prompter, o Reverting) error {
	if err := w.recover(ctx, p); err != nil {
		return err
	}
	if err := w.Read(ctx); err != nil {
		return err
	}
	if err := w.checkTargets(o.Step); err != nil {
		return err
	}
	r, err := w.Reversal(o)
	if err != nil {
		return err
	}
	if o.Way == Undecided && len(r.Stages) > 0 {
		if r, err = w.choose(ctx, p, r); err != nil {
			return err
		}
	}
	if len(r.Stages) == 0 {
		p.Say(Event{Kind: Progress, Text: r.nothing()})
		return nil
	}
	if r.Restores {
		p.Say(Event{Kind: Progress, Step: r.Step, Text: "taken back before; this brings it back"})
	}
	return w.takeBack(ctx, p, r)
}

// checkTargets refuses a step whose files hold work of the user's own, before
// that work is taken for a change that came later.
func (w *Walk) checkTargets(step string) error {
	places, _, err := w.targets(step)
	if err != nil {
		return err
	}
	var paths []string
	for _, i := range places {
		for _, path := range w.Ledger.Entries[i].Commit.Paths {
			if _, err := w.Repo.ReadWorktree(path); err == nil && w.options.Selection.Holds(path) && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	_, err = w.preflight(paths)
	return err
}

// Reversal plans what [Walk.Revert] does without asking. [Walk.Read] must have
// run.
func (w *Walk) Reversal(o Reverting) (*Reversal, error) {
	if err := checkAnswers(o.Answers); err != nil {
		return nil, err
	}
	var decisions []steps.Decision
	for _, a := range o.Answers {
		decisions = append(decisions, a.Decision)
	}
	r, err := w.PlanRevert(o.Step, o.Way, decisions)
	if err != nil || o.Way != Redo {
		return r, err
	}
	last := &Stage{}
	if n := len(r.Stages); n > 0 {
		last = r.Stages[n-1]
	}
	switch {
	case last.redo == nil || !usesAny(last.redo.plan, decisions):
		return nil, &UsageError{Message: "the answers change nothing about " + o.Step, Next: "spanwalk answers   (the ones that hold now)"}
	case len(r.Open) > 0:
		return nil, undecided(r)
	}
	return r, nil
}

// usesAny reports whether a plan rests on one of the decisions.
func usesAny(plan *steps.Plan, list []steps.Decision) bool {
	used := append(slices.Clone(plan.Used), applyDecisions(plan, steps.NewDecisions(list...))...)
	return slices.ContainsFunc(used, func(d steps.Decision) bool { return slices.Contains(list, d) })
}

// undecided names every question without an answer.
func undecided(r *Reversal) error {
	lines := []string{r.Step + " cannot run again: decisions are missing"}
	for _, q := range r.Open {
		lines = append(lines, "  "+missing(q, r.Step))
	}
	return &UndecidedError{Message: strings.Join(lines, "\n"), Next: "put them into the file of --onto-answers"}
}

// refused says what nobody was there to decide.
func (r *Reversal) refused() error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s once %s is taken back (%d now):\n", counted(r.After), r.Step, r.Before)
	writeMixed(&b, r.New)
	next := fmt.Sprintf("spanwalk revert %[1]s --yes --onto-answers FILE   (run it again with other answers)\n"+
		"spanwalk revert %[1]s --yes --with-dependents     (take back what depends on it too)\n"+
		"spanwalk revert %[1]s --yes --only-this           (and mend these places yourself)", r.Step)
	if r.Restores {
		next = fmt.Sprintf("spanwalk revert %s --yes --only-this", r.Step)
	}
	return &UndecidedError{Message: strings.TrimSuffix(b.String(), "\n"), Next: next}
}

// askAgain puts the step's questions again, with the former answers chosen, and
// plans to run it with the new ones.
func (w *Walk) askAgain(ctx context.Context, p Prompter, step string) (*Reversal, error) {
	asked := newAsking()
	for {
		answers := slices.Concat(asked.given...)
		r, err := w.PlanRevert(step, Redo, answers)
		if err != nil {
			return nil, err
		}
		var redo *redoing
		if n := len(r.Stages); n > 0 {
			redo = r.Stages[n-1].redo
		}
		if redo == nil {
			return nil, &UnfitError{Message: step + " finds nothing to do again", Next: "spanwalk revert " + step + " --only-this"}
		}
		open, err := w.openAgain(redo, answers, asked.later)
		if err != nil || len(open) == 0 {
			return r, err
		}
		q := w.question(steps.ByName(step), open, asked)
		if q.File = redo.project.File(q.Path); q.File != nil {
			q.Line, _ = q.File.Line(q.Start)
		}
		reply, err := p.Ask(ctx, q)
		switch {
		case err != nil:
			return nil, err
		case reply.Skip != "":
			return nil, ErrAborted
		case reply.Back:
			asked.back(w.Session, nil)
		case len(reply.Decisions) == 0:
			asked.later[questionKey(open[0])] = true
		default:
			asked.given = append(asked.given, reply.Decisions)
		}
	}
}

// openAgain returns the questions a step that runs again asks, but for those
// put off.
func (w *Walk) openAgain(redo *redoing, answers []steps.Decision, later map[string]bool) ([]steps.Question, error) {
	plan, err := steps.Make(redo.plan.Step, redo.project, steps.NewDecisions(answers...), steps.Policy{})
	if err != nil {
		return nil, err
	}
	return unanswered(plan.Open, later), nil
}

// takeBack shows every stage and commits it.
func (w *Walk) takeBack(ctx context.Context, p Prompter, r *Reversal) error {
	if _, err := w.preflight(r.paths()); err != nil {
		return err
	}
	for i := 0; i < len(r.Stages); i++ {
		if ctx.Err() != nil {
			return ErrAborted
		}
		verdict, err := p.Review(ctx, w.reviewStage(r, i))
		if err != nil {
			return interrupted(ctx, err)
		}
		if verdict.Plan == nil {
			return ErrAborted
		}
		err = w.commitStage(ctx, p, r, r.Stages[i], verdict.Plan)
		switch {
		case errors.Is(err, ErrBack):
			i-- // the same stage is shown again
		case err != nil:
			return interrupted(ctx, err)
		}
	}
	return nil
}

// reviewStage presents a stage. Runs of lines may be declined one by one, but
// not where another stage builds on them.
func (w *Walk) reviewStage(r *Reversal, i int) *Review {
	stage := r.Stages[i]
	return &Review{
		Plan: stage.Plan, Project: stage.Project, Number: i + 1, Of: len(r.Stages), Mixed: w.mixed(stage.Project),
		Decided: map[string]string{}, Again: true, Revert: true,
		After: func(plan *steps.Plan) int { return w.mixedAfter(stage.Project, plan) },
		Replan: func(more ...steps.Decision) (*steps.Plan, error) {
			if i+1 < len(r.Stages) {
				return stage.Plan, nil
			}
			return stage.without(steps.NewDecisions(more...))
		},
	}
}

// without returns the stage's plan without the findings that were declined.
func (s *Stage) without(decisions steps.Decisions) (*steps.Plan, error) {
	plan := &steps.Plan{Step: s.Plan.Step, Findings: slices.Clone(s.Plan.Findings)}
	for _, f := range s.Plan.Files {
		var edits []rewrite.Edit
		for k := range plan.Findings {
			g := &plan.Findings[k]
			if g.Path != f.Path {
				continue
			}
			d, ok := g.Decision(decisions)
			if g.Applied = !ok || d.Option != "no"; g.Applied {
				edits = append(edits, g.Edits...)
			}
		}
		f.After = rewrite.Apply(f.Before, edits)
		if !bytes.Equal(f.Before, f.After) {
			plan.Files = append(plan.Files, f)
		}
	}
	return plan, check(plan.Files)
}

// commitStage commits one stage and reads the tree again.
func (w *Walk) commitStage(ctx context.Context, p Prompter, r *Reversal, stage *Stage, plan *steps.Plan) error {
	if plan.Empty() {
		return ErrAborted
	}
	name, email, err := w.Repo.Identity()
	if err != nil {
		return err
	}
	head, err := w.Repo.Head()
	if err != nil {
		return err
	}
	after, err := stage.Project.With(plan.Changes())
	if err != nil {
		return err
	}
	mixed := w.mixed(after)
	text, list := stage.message(w, r.Step, mixed)
	title, text, err := w.worded(stage.entry.Step, stage.subject(), text)
	if err != nil {
		return err
	}
	proposal := &Proposal{Plan: plan, Subject: title, Body: text, Trailers: list,
		Author: fmt.Sprintf("%s <%s>", name, email), Branch: head.Branch,
		Hooks: w.hooks(), Signed: w.Repo.Signs(), Before: w.mixed(w.Tree.Project), After: mixed}
	if err := p.Message(ctx, proposal); err != nil {
		return err
	}
	commit, err := w.write(ctx, p, proposal)
	if err != nil {
		return err
	}
	w.outcome.Steps = append(w.outcome.Steps, Taken{Plan: plan, Commit: commit})
	p.Say(Event{Kind: Committed, Step: plan.Step.Name, Text: commit.Subject, Commit: commit, Plan: plan})
	if w.Ledger, err = ReadLedger(w.Repo); err != nil {
		return err
	}
	w.Tree.Project = after
	return w.reload(ctx)
}
