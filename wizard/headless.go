package wizard

import (
	"context"
	"fmt"
	"io"

	"spanwalk/gitops"
)

// Headless is the [Prompter] for runs without a person: it takes what was
// decided and recommended, never waits and never guesses. Commits go to Out,
// one a line; everything else goes to Err.
type Headless struct {
	Out, Err io.Writer
	Branch   string // make this branch first, or ""
}

// Unfinished finishes: the interrupted run had been told to write.
func (h *Headless) Unfinished(_ context.Context, u Unfinished) (Recovery, error) {
	h.line("finishing what an interrupted run began%s", of(u.Step))
	return Finish, nil
}

func of(step string) string {
	if step == "" {
		return ""
	}
	return ": " + step
}

// Overview reports notes and warnings and goes on.
func (h *Headless) Overview(ctx context.Context, o *Overview) (Start, error) {
	for _, n := range o.Notes {
		h.line("%s", n)
		h.next(n.Next)
	}
	for _, problem := range o.Problems {
		h.line("%s", problem.Error())
		h.next(problem.Hint)
	}
	if o.Kept > 0 {
		h.line("%s kept from before", count(o.Kept, "answer"))
	}
	return Start{Branch: h.Branch}, abortedBy(ctx)
}

// Ask puts every question off: what may be taken without a person was taken by
// the policy before.
func (h *Headless) Ask(ctx context.Context, _ *Question) (Reply, error) {
	return Reply{Later: true}, abortedBy(ctx)
}

// Review takes the plan as it is.
func (h *Headless) Review(ctx context.Context, r *Review) (Verdict, error) {
	return Verdict{Plan: r.Plan}, abortedBy(ctx)
}

// TakeBack takes back the step alone where that breaks nothing, and refuses
// where only a person can decide.
func (h *Headless) TakeBack(ctx context.Context, t *TakeBack) (Way, error) {
	if t.Reversal.Worse() {
		return Undecided, t.Reversal.refused()
	}
	return Alone, abortedBy(ctx)
}

// Message takes the message as it is.
func (h *Headless) Message(ctx context.Context, _ *Proposal) error { return abortedBy(ctx) }

// HookFailed stops: only a person may commit past a hook.
func (h *Headless) HookFailed(context.Context, *gitops.HookError) (HookChoice, error) {
	return StopAtHook, nil
}

// Say reports an event in a line.
func (h *Headless) Say(e Event) {
	switch e.Kind {
	case Committed:
		fmt.Fprintf(h.Out, "%s %s: %s (%s in %s)\n", e.Commit.Hash.Short(), e.Step, e.Text,
			count(applied(e.Plan), "place"), count(len(e.Plan.Files), "file"))
	case Written:
		fmt.Fprintln(h.Out, e.Text)
	case Skipped:
		h.line("%s: skipped: %s", e.Step, e.Text)
		h.next(e.Next)
	case HookLine:
		fmt.Fprintf(h.Err, "  %s\n", e.Text)
	default:
		text := e.Text
		if e.Step != "" {
			text = e.Step + ": " + text
		}
		h.line("%s", text)
		h.next(e.Next)
	}
}

func (h *Headless) line(format string, args ...any) { fmt.Fprintf(h.Err, format+"\n", args...) }

// next writes the command that settles the line before it.
func (h *Headless) next(command string) {
	if command != "" {
		fmt.Fprintf(h.Err, "  %s\n", indent("try: ", command))
	}
}

// abortedBy returns [ErrAborted] once the context has ended.
func abortedBy(ctx context.Context) error {
	if ctx.Err() != nil {
		return ErrAborted
	}
	return nil
}
