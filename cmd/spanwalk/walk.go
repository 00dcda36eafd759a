package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	"spanwalk/wizard"
	"spanwalk/wizard/tui"
)

// walk is spanwalk without a command. It needs a person: at a terminal, or one
// who said --plain and types, or pipes, lines.
func (a *app) walk(ctx context.Context) error {
	if !a.interactive() {
		return &wizard.UsageError{
			Message: "the walk asks questions and needs a terminal",
			Next: "spanwalk migrate --yes   (without questions)\nspanwalk preview         (look first; writes nothing)\n" +
				"spanwalk demo --yes      (on a sample project)\nspanwalk --plain         (questions as lines, from any input)",
		}
	}
	o, err := a.options()
	if err != nil {
		return err
	}
	return a.walkIn(ctx, o, a.again())
}

// interactive reports whether somebody is there to answer.
func (a *app) interactive() bool {
	return a.flags.plain || terminal(a.in) && terminal(a.out) && os.Getenv("CI") == ""
}

func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// walkIn walks with questions and tells how it ended. again is the command
// line that resumes.
func (a *app) walkIn(ctx context.Context, o wizard.Options, again string) error {
	look, err := tui.ParseLook(a.flags.theme)
	if err != nil {
		return &wizard.UsageError{Message: err.Error(), Next: "spanwalk --theme auto"}
	}
	o.Ask = true
	w, err := wizard.Open(o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	face := a.face(tui.Options{In: a.in, Out: a.out, Look: look, Branch: o.Branch,
		Checklist: w.Status, Getenv: os.Getenv, Now: time.Now, Stop: stop})
	defer face.Close() // also when something panics
	outcome, err := w.Run(ctx, face)
	face.Close()
	if errors.Is(err, wizard.ErrAborted) {
		tui.Stopped(a.err, outcome, len(w.Session.Answers), again)
		return wizard.Exit(wizard.ExitInterrupted)
	}
	if err != nil {
		outcome.WriteStopped(a.err)
		return err
	}
	status, err := w.Status()
	if err != nil {
		return err
	}
	tui.Done(a.out, outcome, status, w.Tree.Sentry())
	return exit(outcome.Exit())
}

// face returns the screens, or plain lines where these are wanted.
func (a *app) face(o tui.Options) tui.Face {
	if a.flags.plain || tui.Wanted(os.Getenv) {
		return tui.NewPlain(o)
	}
	return tui.New(o)
}

// walkDemo walks the sample project with questions. It is removed at the end
// unless it is to be kept, or the walk stopped on the way.
func (a *app) walkDemo(ctx context.Context, keep string) error {
	dir, remove, err := wizard.DemoFolder(keep)
	if err != nil {
		return err
	}
	if err := wizard.MakeDemo(ctx, dir); err != nil {
		remove()
		return err
	}
	fmt.Fprintf(a.err, "A small shop with hand-made tracing, in %s\n", dir)
	err = a.walkIn(ctx, wizard.Options{Dir: dir, Version: version}, "spanwalk -C "+dir)
	if wizard.ExitCode(err) != wizard.ExitInterrupted {
		remove()
	}
	return err
}
