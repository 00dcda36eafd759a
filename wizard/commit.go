package wizard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// commit commits the plan that was reviewed. Its answers leave the session:
// from now on the commit remembers them.
func (w *Walk) commit(ctx context.Context, p Prompter, verdict Verdict) error {
	plan := verdict.Plan
	w.keepWholeStep(plan)
	taken := Taken{Plan: plan, Left: plan.Left(), Open: plan.Open}
	if plan.Empty() {
		if len(taken.Left)+len(taken.Open) > 0 {
			w.outcome.Steps = append(w.outcome.Steps, taken)
		}
		return nil
	}
	after, err := w.Tree.Project.With(plan.Changes())
	if err != nil {
		return err
	}
	if w.options.Delivery != AsCommits {
		return w.hold(p, taken, after)
	}
	proposal, err := w.propose(plan, after)
	if err != nil {
		return err
	}
	if err := p.Message(ctx, proposal); err != nil {
		return err
	}
	taken.Commit, err = w.write(ctx, p, proposal)
	if err != nil {
		return err
	}
	w.outcome.Steps = append(w.outcome.Steps, taken)
	p.Say(Event{Kind: Committed, Step: plan.Step.Name, Text: taken.Commit.Subject, Commit: taken.Commit, Plan: plan})
	w.Session.Forget(plan.Used...)
	w.Session.Forget(applyDecisions(plan, w.decisions())...)
	w.Session.Head = taken.Commit.Hash
	if err := w.Session.Save(); err != nil {
		return err
	}
	w.Ledger.put(*taken.Commit)
	w.Tree.Project = after // the files written are not parsed again
	return w.reload(ctx)
}

// keepWholeStep keeps whole-step decisions for the steps that follow: the floor that
// was taken as recommended must stay the same to the end.
func (w *Walk) keepWholeStep(plan *steps.Plan) {
	for _, d := range plan.Used {
		if d.Where == "" {
			w.settled = append(w.settled, d)
		}
	}
}

// propose writes the message of a plan's commit.
func (w *Walk) propose(plan *steps.Plan, after *rewrite.Project) (*Proposal, error) {
	name, email, err := w.Repo.Identity()
	if err != nil {
		return nil, err
	}
	head, err := w.Repo.Head()
	if err != nil {
		return nil, err
	}
	before, mixed := w.mixed(w.Tree.Project), w.mixed(after)
	title, text, err := w.worded(plan.Step.Name, subject(plan.Step), body(plan, mixed))
	if err != nil {
		return nil, err
	}
	return &Proposal{
		Plan: plan, Subject: title, Body: text,
		Trailers: trailers(plan, steps.NewDecisions(w.given()...), w.options.Version),
		Author:   fmt.Sprintf("%s <%s>", name, email), Branch: head.Branch,
		Hooks: w.hooks(), Signed: w.Repo.Signs(), Before: before, After: mixed,
	}, nil
}

// hooks returns the hooks that a commit of this run runs.
func (w *Walk) hooks() []string {
	if w.options.NoVerify {
		return nil
	}
	return w.Repo.Hooks()
}

// write makes the commit. When a hook refuses it, the person chooses how to go
// on; committing without hooks is recorded in the message.
func (w *Walk) write(ctx context.Context, p Prompter, proposal *Proposal) (*gitops.Commit, error) {
	options := gitops.Options{NoVerify: w.options.NoVerify, Stop: w.stop,
		OnHookOutput: func(line string) { p.Say(Event{Kind: HookLine, Step: proposal.Plan.Step.Name, Text: line}) }}
	for {
		list := proposal.Trailers
		if options.NoVerify {
			list = append(append([]gitops.Trailer(nil), list...), gitops.Trailer{Key: trailerHooks, Value: "not run"})
		}
		commit, err := w.Repo.Commit(gitops.Change{
			Message: gitops.FormatMessage(proposal.Subject, proposal.Body, list),
			Files:   fileChanges(proposal.Plan.Files),
		}, options)
		var hook *gitops.HookError
		if !errors.As(err, &hook) {
			return &commit, err
		}
		choice, askErr := p.HookFailed(ctx, hook)
		switch {
		case askErr != nil:
			return nil, askErr
		case choice == StopAtHook:
			return nil, err
		case choice == WithoutHooks:
			options.NoVerify = true
		}
	}
}

func fileChanges(list []steps.FileChange) map[string]gitops.FileChange {
	out := map[string]gitops.FileChange{}
	for _, f := range list {
		out[f.Path] = gitops.FileChange{Before: f.Before, After: f.After}
	}
	return out
}

// heldChanges gathers the changes of all steps for one write at the end.
type heldChanges struct{ files map[string]gitops.FileChange }

// hold keeps a step's changes in memory; the steps that follow are planned on
// them.
func (w *Walk) hold(p Prompter, taken Taken, after *rewrite.Project) error {
	if w.held == nil {
		w.held = &heldChanges{files: map[string]gitops.FileChange{}}
	}
	for _, f := range taken.Plan.Files {
		before := f.Before
		if earlier, ok := w.held.files[f.Path]; ok {
			before = earlier.Before
		}
		w.held.files[f.Path] = gitops.FileChange{Before: before, After: f.After}
	}
	w.Tree.Project = after
	w.outcome.Steps = append(w.outcome.Steps, taken)
	p.Say(Event{Kind: Progress, Step: taken.Plan.Step.Name, Plan: taken.Plan,
		Text: fmt.Sprintf("%s in %s", count(applied(taken.Plan), "place"), count(len(taken.Plan.Files), "file"))})
	return nil
}

// deliver writes what was held.
func (w *Walk) deliver(p Prompter) error {
	if w.held == nil {
		return nil
	}
	change := gitops.Change{Files: w.held.files}
	write, text := w.Repo.WriteOnly, "written; nothing is staged or committed"
	if w.options.Delivery == AsStaged {
		write, text = w.Repo.Stage, "written and staged; nothing is committed"
	}
	if err := write(change); err != nil {
		return err
	}
	paths := slices.Sorted(maps.Keys(w.held.files))
	for _, path := range paths {
		p.Say(Event{Kind: Written, Text: path})
	}
	p.Say(Event{Kind: Progress, Text: count(len(paths), "file") + " " + text})
	return nil
}
