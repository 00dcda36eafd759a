package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"spanwalk/wizard"
)

func (a *app) verify() *cobra.Command {
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "verify -- COMMAND [ARGUMENT...]",
		Short: "Run a command and prove that its spans stream",
		Long: `verify starts a receiver on the loopback interface, runs COMMAND with
SENTRY_SPOTLIGHT and SENTRY_DSN pointing at it, and shows the spans that arrive, on
standard error. COMMAND keeps its standard input and output, and runs in the folder
of -C. What it sends to a DSN written in the code goes there too.

It fails with 6 while transactions still arrive, no streamed span does, a span's
segment never arrives, COMMAND fails, or places are left in the code. A success is
item 23 of the checklist; it counts until a file that matters to Sentry changes.`,
		Example: `  spanwalk verify -- python -m pytest tests/smoke
  spanwalk verify --for 30s -- flask run
  spanwalk -C services/api verify -- make smoke`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &wizard.UsageError{Message: "verify needs a command to run", Next: "spanwalk verify -- python -m pytest"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runVerify(cmd.Context(), args, limit) },
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().DurationVar(&limit, "for", 0, "interrupt COMMAND after `TIME`, such as 30s: for servers, which do not end by themselves")
	return cmd
}

func (a *app) runVerify(ctx context.Context, args []string, limit time.Duration) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	live := terminal(a.err)
	o := wizard.Verifying{For: limit, Environ: os.Environ(),
		Run: wizard.Command{Args: args, Dir: a.flags.dir, In: a.in, Out: a.out, Err: a.err}}
	if live {
		o.Live = a.err
	}
	v, err := w.Verify(ctx, o)
	if err != nil {
		return err
	}
	v.Write(a.err, !live)
	if len(v.Problems()) > 0 {
		return wizard.Exit(wizard.ExitVerify)
	}
	return nil
}
