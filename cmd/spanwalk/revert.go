package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"spanwalk/wizard"
	"spanwalk/wizard/tui"
)

// revertFlags are the options of revert besides those all commands share.
type revertFlags struct {
	dependents, alone bool
	onto              string
}

func (a *app) revert() *cobra.Command {
	var f revertFlags
	cmd := &cobra.Command{
		Use:   "revert STEP",
		Short: "Take a step back with a new commit; run again, bring it back",
		Long: `revert takes one step back, wherever its commit stands in history: what later steps
and you yourself changed since stays. It makes a new commit and never rewrites one.
A step that was taken back already comes again, as 'git revert' of a revert does.

Without --yes it shows the change before it commits; where nobody can answer it
prints the diff and writes nothing. Where taking the step back
leaves places that raise or go silent, --yes refuses until you say what shall
happen: run the step again with other answers, take back what depends on it too,
or take back only this.`,
		Example: `  spanwalk revert scope-tags             look first
  spanwalk revert scope-tags --yes
  spanwalk revert start-transaction --yes --onto-answers answers.yaml
  spanwalk revert start-child --yes --with-dependents`,
		ValidArgs: wizard.StepNames(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &wizard.UsageError{Message: "revert takes the name of one step", Next: "spanwalk status   (lists the steps and their commits)"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runRevert(cmd.Context(), args[0], f) },
	}
	set := cmd.Flags()
	set.BoolVar(&a.flags.yes, "yes", false, "commit without asking; refuses where only a person can decide")
	set.StringVar(&f.onto, "onto-answers", "", "run the step again with the answers of the YAML `FILE` (- is standard input)")
	set.BoolVar(&f.dependents, "with-dependents", false, "take back what depends on the step too, newest first, a commit each")
	set.BoolVar(&f.alone, "only-this", false, "take back only this step, whatever raises or goes silent then")
	set.StringArrayVar(&a.flags.accept, "accept", nil, "with --onto-answers, also make changes of this tier: `review`")
	set.BoolVar(&a.flags.noVerify, "no-verify", false, "run none of your Git hooks (recorded in the commits)")
	a.flags.addLooks(set)
	return cmd
}

func (a *app) runRevert(ctx context.Context, step string, f revertFlags) error {
	reverting, err := a.reverting(step, f)
	if err != nil {
		return err
	}
	o, err := a.options()
	if err != nil {
		return err
	}
	w, err := wizard.Open(o)
	if err != nil {
		return err
	}
	var p wizard.Prompter = &wizard.Headless{Out: a.out, Err: a.err}
	closeFace := func() {}
	switch {
	case a.flags.yes:
	case a.interactive():
		look, err := tui.ParseLook(a.flags.theme)
		if err != nil {
			return &wizard.UsageError{Message: err.Error(), Next: "spanwalk revert --theme auto " + step}
		}
		var stop func()
		ctx, stop = context.WithCancel(ctx)
		defer stop()
		face := a.face(tui.Options{In: a.in, Out: a.out, Look: look, Checklist: w.Status, Getenv: os.Getenv, Now: time.Now, Stop: stop})
		p, closeFace = face, face.Close
		defer face.Close()
	default:
		return a.showRevert(ctx, w, reverting)
	}
	outcome, err := w.Revert(ctx, p, reverting)
	closeFace()
	if err != nil {
		outcome.WriteStopped(a.err)
		return err
	}
	if outcome.Commits() > 0 {
		outcome.Write(a.out, w.Tree.Sentry())
	}
	return nil
}

// reverting reads what to take back and how.
func (a *app) reverting(step string, f revertFlags) (wizard.Reverting, error) {
	r := wizard.Reverting{Step: step}
	switch {
	case f.dependents && f.alone || f.onto != "" && (f.dependents || f.alone):
		return r, &wizard.UsageError{Message: "--onto-answers, --with-dependents and --only-this exclude each other", Next: "spanwalk revert --help"}
	case f.dependents:
		r.Way = wizard.Dependents
	case f.alone:
		r.Way = wizard.Alone
	case f.onto != "":
		r.Way = wizard.Redo
		data, err := a.readInput(f.onto)
		if err != nil {
			return r, &wizard.UsageError{Message: "--onto-answers: " + err.Error(), Next: "spanwalk answers > answers.yaml"}
		}
		if r.Answers, err = wizard.ReadAnswers(f.onto, data); err != nil {
			return r, err
		}
	}
	return r, nil
}

// showRevert prints what a revert would change and writes nothing.
func (a *app) showRevert(ctx context.Context, w *wizard.Walk, o wizard.Reverting) error {
	if err := w.Read(ctx); err != nil {
		return err
	}
	r, err := w.Reversal(o)
	if err != nil {
		return err
	}
	if err := r.WriteDiff(a.out); err != nil {
		return err
	}
	r.WriteSummary(a.err)
	if len(r.Stages) == 0 {
		return nil
	}
	fmt.Fprintf(a.err, "Nothing was written. Commit it:   %s --yes\n", a.again())
	return wizard.Exit(wizard.ExitLeft)
}
