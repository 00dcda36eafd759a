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
	return a.walkIn(ctx, o, a.again(), a.here())
}

// interactive reports whether somebody is there to answer.
func (a *app) interactive() bool {
	return a.flags.plain || terminal(a.in) && terminal(a.out) && os.Getenv("CI") == ""
}

func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// here is how to call the program about the same repository.
func (a *app) here() string {
	if a.flags.dir == "." {
		return "spanwalk"
	}
	return "spanwalk -C " + quoted(a.flags.dir)
}

// walkIn walks with questions and tells how it ended. again is the command
// line that resumes, program how to call the program about this repository
// once the walk is done, or "" if it is gone then.
func (a *app) walkIn(ctx context.Context, o wizard.Options, again, program string) error {
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
	end := tui.Ending{Outcome: outcome, Kept: len(w.Session.Answers), Again: again, Program: program, Width: tui.Columns(a.out)}
	if errors.Is(err, wizard.ErrAborted) {
		end.Stopped(a.err)
		return wizard.Exit(wizard.ExitInterrupted)
	}
	if err != nil {
		end.Failed(a.err)
		return err
	}
	if end.Status, err = w.Status(); err != nil {
		return err
	}
	if end.Changes, err = w.Changes(); err != nil {
		return err
	}
	end.Sentry = w.Tree.Sentry()
	end.Done(a.out)
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
	again, program := "spanwalk -C "+quoted(dir), ""
	if keep != "" {
		program = again
	}
	err = a.walkIn(ctx, wizard.Options{Dir: dir, Version: version}, again, program)
	switch {
	case wizard.ExitCode(err) == wizard.ExitInterrupted: // it can be resumed
	case keep == "":
		remove()
		fmt.Fprintln(a.err, "The folder is gone again; keep one with: spanwalk demo --keep DIR")
	}
	return err
}
