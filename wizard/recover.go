package wizard

import (
	"context"
	"fmt"

	"spanwalk/gitops"
)

// recover settles a change that an earlier run began and did not end. Nobody's
// files are lost: when one of them is neither as before nor as planned, the
// error names it and nothing is touched. A change that reached its commit needs
// no decision.
func (w *Walk) recover(ctx context.Context, p Prompter) error {
	pending, err := w.Repo.Pending()
	if err != nil {
		return err
	}
	if pending == nil {
		return w.Repo.Sweep()
	}
	state, err := w.Repo.PendingState(pending)
	switch {
	case err != nil:
		return err
	case state.Committed:
		return w.Repo.ClearPending()
	case len(state.Other) > 0:
		return w.Repo.Conflict(state)
	}
	step := pendingStep(pending)
	head, err := w.Repo.Head()
	if err != nil {
		return err
	}
	choice := Undo // what was planned for one branch is not committed to another
	if head.Ref == pending.Ref {
		if choice, err = p.Unfinished(ctx, Unfinished{Step: step, Pending: pending, State: state}); err != nil {
			return err
		}
	}
	if choice == Undo {
		if err := w.Repo.UndoPending(); err != nil {
			return fmt.Errorf("undo the interrupted change: %w", err)
		}
		p.Say(Event{Kind: Progress, Step: step, Text: "the interrupted change was taken back"})
		return nil
	}
	commit, err := w.Repo.FinishPending(gitops.Options{NoVerify: w.options.NoVerify,
		OnHookOutput: func(line string) { p.Say(Event{Kind: HookLine, Step: step, Text: line}) }})
	if err != nil {
		return fmt.Errorf("finish the interrupted change: %w", err)
	}
	text := "the interrupted change was finished"
	if commit.Hash != "" {
		text += ": " + commit.Hash.Short()
	}
	p.Say(Event{Kind: Progress, Step: step, Text: text})
	return nil
}

// pendingStep returns the step whose commit was being made, or "".
func pendingStep(p *gitops.Pending) string {
	for _, t := range gitops.ParseTrailers(p.Message) {
		if t.Key == trailerStep {
			return t.Value
		}
	}
	return ""
}
