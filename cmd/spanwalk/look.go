package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spanwalk/wizard"
)

// cacheVariable is the environment variable that names the folder of the cache,
// or turns it off.
const cacheVariable = "SPANWALK_CACHE"

// look carries out a command that only reads: show writes what there is to say
// about the walk, and its error is an exit code if all went well. Where this
// program has written that before and nothing it rests on has changed since, it
// is written again. named are files that the command line names.
func (a *app) look(ctx context.Context, named []string, show func(*wizard.Walk) error) error {
	o, err := a.options()
	if err != nil {
		return err
	}
	ask := wizard.OpenCache(os.Getenv(cacheVariable)).Ask(o, a.args, named)
	if said, known := ask.Recall(); known {
		if err := said.Repeat(a.out, a.err); err != nil {
			return err
		}
		return exit(said.Code)
	}
	w, err := read(ctx, o)
	if err != nil {
		return err
	}
	var said wizard.Transcript
	out, errOut := a.out, a.err
	a.out, a.err = said.Out(out), said.Err(errOut)
	err = show(w)
	a.out, a.err = out, errOut
	if said.Code = wizard.ExitCode(err); said.Code == wizard.ExitDone || said.Code == wizard.ExitLeft {
		ask.Keep(w, said)
	}
	return err
}

func (a *app) preview() *cobra.Command {
	format := "diff"
	cmd := &cobra.Command{
		Use:   "preview [STEP...]",
		Short: "Show what the steps would change; write nothing",
		Long: `preview prints what all steps, or the named ones, would change: as one diff that
'git apply' takes, as JSON with every open place and question, as SARIF 2.1.0 for
code scanning, or as Markdown for a comment on a pull request. Places that stay open
are listed on standard error or in the output. Exit code 3 says that there is work.`,
		Example: `  spanwalk preview
  spanwalk preview start-span --accept review | git apply
  spanwalk preview --format json
  spanwalk preview --format sarif > spanwalk.sarif`,
		ValidArgs: wizard.StepNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.flags.steps = args
			return a.runPreview(cmd.Context(), format)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT`: "+strings.Join(previewFormats, ", "))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(previewFormats, cobra.ShellCompDirectiveNoFileComp))
	a.flags.addDecisions(cmd.Flags())
	return cmd
}

var previewFormats = []string{"diff", "json", "sarif", "markdown"}

func (a *app) runPreview(ctx context.Context, format string) error {
	if !slices.Contains(previewFormats, format) {
		return &wizard.UsageError{Message: fmt.Sprintf("there is no format %q", format), Next: "spanwalk preview --format json"}
	}
	return a.look(ctx, nil, func(w *wizard.Walk) error { return a.showPreview(w, format) })
}

func (a *app) showPreview(w *wizard.Walk, format string) error {
	switch format {
	case "json":
		left, err := w.PreviewJSON(a.out)
		return orLeft(left, err)
	case "sarif":
		left, err := w.PreviewSARIF(a.out)
		return orLeft(left, err)
	}
	p, err := w.Preview()
	if err != nil {
		return err
	}
	if format == "markdown" {
		return orLeft(p.Work(), p.WriteMarkdown(a.out, w.Tree.Sentry()))
	}
	if err := p.WriteDiff(a.out); err != nil {
		return err
	}
	w.Tree.WriteNotes(a.err)
	p.WriteSummary(a.err, w.Tree.Sentry())
	return orLeft(p.Work(), nil)
}

// orLeft returns err, or the exit code for work that is left.
func orLeft(left bool, err error) error {
	if err == nil && left {
		return wizard.Exit(wizard.ExitLeft)
	}
	return err
}

func (a *app) status() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the guide's 23 items and the steps, measured on the tree",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.look(cmd.Context(), nil, func(w *wizard.Walk) error {
				s, err := w.Status()
				if err != nil {
					return err
				}
				if asJSON {
					return orLeft(s.Left() > 0, s.WriteJSON(a.out))
				}
				s.Write(a.out)
				return orLeft(s.Left() > 0, nil)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func (a *app) check() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Fail while legacy tracing is left, for CI and pre-commit",
		Long: `check lists every place that a step would change or leaves open, one a line, and
exits with 3 if there is one. With files, as pre-commit passes them, it lists only
places in these. '# spanwalk: ignore' on the line or above it silences a place.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.look(cmd.Context(), args, func(w *wizard.Walk) error {
				n, err := w.Check(a.out, args)
				return orLeft(n > 0, err)
			})
		},
	}
}

func (a *app) answers() *cobra.Command {
	return &cobra.Command{
		Use:     "answers",
		Short:   "Print the decisions taken so far as a commented YAML file",
		Example: "  spanwalk answers > answers.yaml\n  spanwalk -C ../other migrate --answers answers.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := wizard.Open(wizard.Options{Dir: a.flags.dir})
			if err != nil {
				return err
			}
			ledger, err := wizard.ReadLedger(w.Repo)
			if err != nil {
				return err
			}
			return wizard.WriteAnswers(a.out, version, ledger, w.Session)
		},
	}
}

func (a *app) steps() *cobra.Command {
	return &cobra.Command{
		Use:       "steps [NAME]",
		Short:     "Say what each step does, with before and after",
		ValidArgs: append(wizard.StepNames(), "verify"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &wizard.UsageError{Message: "steps takes one name", Next: "spanwalk steps " + args[0]}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return wizard.WriteSteps(a.out)
			}
			return wizard.WriteStep(a.out, args[0])
		},
	}
}
