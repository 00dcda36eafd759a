package main

import (
	"context"

	"github.com/spf13/cobra"

	"spanwalk/wizard"
)

func (a *app) migrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate (--yes | --answers FILE | --answer QUESTION=OPTION)",
		Short: "Migrate without questions, one commit per step",
		Long: `migrate takes every step in the guide's order and makes one commit for each that
has something to change. Questions are answered by --answer and --answers, else by
their recommended option; a question without one leaves its place alone and is
named at the end (exit 4). Changes of tier review are made with --accept review.

It never asks and never waits. Staged and unstaged work of yours stays as it is.`,
		Example: `  spanwalk migrate --yes
  spanwalk migrate --yes --branch spanwalk/streaming --accept review
  spanwalk migrate --answer floor=2.67.0 --step sdk-version
  spanwalk migrate --answers decisions.yaml --exclude 'vendor/**'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runMigrate(cmd.Context()) },
	}
	set := cmd.Flags()
	set.BoolVar(&a.flags.yes, "yes", false, "take the recommended options")
	a.flags.addDecisions(set)
	a.flags.addSteps(set)
	a.flags.addBranch(set)
	set.BoolVar(&a.flags.stageOnly, "stage-only", false, "write and stage the changes of all steps; commit nothing")
	set.BoolVar(&a.flags.noCommit, "no-commit", false, "write the changes of all steps; stage and commit nothing")
	set.BoolVar(&a.flags.noVerify, "no-verify", false, "run none of your Git hooks (recorded in the commits)")
	return cmd
}

func (a *app) runMigrate(ctx context.Context) error {
	if !a.flags.yes && a.flags.answersFile == "" && len(a.flags.answers) == 0 {
		return &wizard.UsageError{Message: "migrate asks nothing: say --yes for the recommended options, or give answers",
			Next: "spanwalk migrate --yes\nspanwalk preview   (look first; writes nothing)"}
	}
	o, err := a.options()
	if err != nil {
		return err
	}
	w, err := wizard.Open(o)
	if err != nil {
		return err
	}
	outcome, err := w.Run(ctx, &wizard.Headless{Out: a.out, Err: a.err, Branch: o.Branch})
	if err != nil {
		outcome.WriteStopped(a.err)
		return err
	}
	outcome.Write(a.out, w.Tree.Sentry())
	return exit(outcome.Exit())
}

// exit returns an exit code as an error, nil for 0.
func exit(code int) error {
	if code == wizard.ExitDone {
		return nil
	}
	return wizard.Exit(code)
}
