package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"spanwalk/wizard"
)

// version stands in --version and in the trailers of commits.
const version = "0.1.0"

// app is what every command needs from the outside.
type app struct {
	in       io.Reader
	out, err io.Writer
	args     []string // the command line, for telling how to resume
	flags    flags
}

// run executes one command line and returns its exit code; see the table in
// package wizard.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	a := &app{in: in, out: out, err: errOut, args: args}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err != nil && !errors.As(err, new(wizard.Exit)) {
		a.report(err)
	}
	return wizard.ExitCode(err)
}

// report writes why a command failed and what to do next.
func (a *app) report(err error) {
	if errors.Is(err, wizard.ErrAborted) {
		fmt.Fprintf(a.err, "Stopped. Nothing is half written. Resume:   %s\n", a.again())
		return
	}
	fmt.Fprintln(a.err, wizard.Explain(err))
}

// again is the command line as it was typed, for a shell.
func (a *app) again() string {
	words := []string{"spanwalk"}
	for _, w := range a.args {
		words = append(words, quoted(w))
	}
	return strings.Join(words, " ")
}

// quoted writes a word for a shell.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t\n'\"\\$*?[]{}()<>|&;#~") || word == "" {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "spanwalk",
		Short: "Walk a Python project from Sentry transactions to streamed spans",
		Long: `spanwalk moves a Python project from Sentry's transactions to streamed spans:
one step, one review, one commit at a time. Without a command it starts the walk,
or resumes it; 'migrate' does the same without questions.

What preview, status, check and report found is kept in your cache folder and said
again while nothing has changed; SPANWALK_CACHE=off keeps nothing, SPANWALK_CACHE=DIR
keeps it elsewhere.

Exit codes: 0 nothing left, 1 error, 2 usage, 3 work left, 4 decision missing,
5 stale or unsafe repository, 6 verification failed, 130 interrupted.`,
		Example: `  spanwalk demo                   see it work on a sample project
  spanwalk preview                the whole diff; nothing is written
  spanwalk migrate --yes          all safe changes, a commit per step
  spanwalk status                 the checklist, measured`,
		Version:           version,
		Args:              noArguments,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.walk(cmd.Context()) },
	}
	root.SetVersionTemplate("spanwalk {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &wizard.UsageError{Message: err.Error(), Next: cmd.CommandPath() + " --help"}
	})
	a.flags.add(root)
	a.flags.addLooks(root.Flags())
	root.AddCommand(a.migrate(), a.preview(), a.status(), a.check(), a.answers(), a.revert(), a.reportCommand(), a.verify(), a.steps(), a.demo(), a.man(), a.completion())
	return root
}

// noArguments refuses arguments; a misspelt command is the usual reason.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("%s takes no argument %q", cmd.CommandPath(), args[0])
	if !cmd.HasParent() {
		message = fmt.Sprintf("there is no command %q", args[0])
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			message += "; did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	return &wizard.UsageError{Message: message, Next: cmd.CommandPath() + " --help"}
}
