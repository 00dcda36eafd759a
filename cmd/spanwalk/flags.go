package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spanwalk/wizard"
	"spanwalk/wizard/tui"
)

// flags are the options commands share.
type flags struct {
	dir       string
	selection wizard.Selection
	steps     []string
	branch    string

	yes         bool
	answersFile string
	answers     []string
	accept      []string
	plain       bool
	theme       string
	noVerify    bool
	stageOnly   bool
	noCommit    bool
}

// add defines the flags that every command takes, and those of the walk.
func (f *flags) add(root *cobra.Command) {
	all := root.PersistentFlags()
	all.StringVarP(&f.dir, "directory", "C", ".", "work in the repository around `DIR`")
	all.StringArrayVar(&f.selection.Only, "only", nil, "change only files that match `GLOB` (repeatable; ** crosses folders)")
	all.StringArrayVar(&f.selection.Exclude, "exclude", nil, "leave files that match `GLOB` alone (repeatable)")
	f.addSteps(root.Flags())
	f.addBranch(root.Flags())
}

func (f *flags) addSteps(set *pflag.FlagSet) {
	set.StringArrayVar(&f.steps, "step", nil, "only the step `NAME` (repeatable; see spanwalk steps)")
}

func (f *flags) addBranch(set *pflag.FlagSet) {
	set.StringVar(&f.branch, "branch", "", "make the branch `NAME` at HEAD and commit there")
}

// addLooks defines how the walk shows itself.
func (f *flags) addLooks(set *pflag.FlagSet) {
	set.BoolVar(&f.plain, "plain", false, "ask in numbered lines and words, for screen readers and pipes")
	set.StringVar(&f.theme, "theme", string(tui.Auto), "colours: `NAME` is "+strings.Join(tui.Looks, ", "))
}

// addDecisions defines the flags that answer questions ahead of time.
func (f *flags) addDecisions(set *pflag.FlagSet) {
	set.StringVar(&f.answersFile, "answers", "", "take decisions from the YAML `FILE` (spanwalk answers writes one; - is standard input)")
	set.StringArrayVar(&f.answers, "answer", nil, "decide `QUESTION[@PLACE]=OPTION` (repeatable; wins over the file)")
	set.StringArrayVar(&f.accept, "accept", nil, "also make changes of this tier: `review`")
}

// options gathers what a walk works on.
func (a *app) options() (wizard.Options, error) {
	f := &a.flags
	o := wizard.Options{Dir: f.dir, Selection: f.selection, Steps: f.steps, Branch: f.branch,
		Accept: f.accept, NoVerify: f.noVerify, Version: version}
	if f.stageOnly && f.noCommit {
		return o, &wizard.UsageError{Message: "--stage-only and --no-commit exclude each other"}
	}
	switch {
	case f.stageOnly:
		o.Delivery = wizard.AsStaged
	case f.noCommit:
		o.Delivery = wizard.AsFiles
	}
	var err error
	o.Answers, err = a.readAnswers()
	return o, err
}

// readAnswers returns the answers of the file, then those of the flags.
func (a *app) readAnswers() ([]wizard.Answer, error) {
	var out []wizard.Answer
	if name := a.flags.answersFile; name != "" {
		data, err := a.readInput(name)
		if err != nil {
			return nil, &wizard.UsageError{Message: "--answers: " + err.Error(), Next: "spanwalk answers > answers.yaml"}
		}
		if out, err = wizard.ReadAnswers(name, data); err != nil {
			return nil, err
		}
	}
	flagged, err := wizard.FlagAnswers(a.flags.answers)
	return append(out, flagged...), err
}

func (a *app) readInput(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.in)
	}
	data, err := os.ReadFile(name)
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return nil, fmt.Errorf("%s: %w", filepath.ToSlash(name), pathError.Err)
	}
	return data, err
}

// open opens the walk and reads the project, for commands that write nothing.
func (a *app) open(ctx context.Context) (*wizard.Walk, error) {
	o, err := a.options()
	if err != nil {
		return nil, err
	}
	return read(ctx, o)
}

func read(ctx context.Context, o wizard.Options) (*wizard.Walk, error) {
	w, err := wizard.Open(o)
	if err != nil {
		return nil, err
	}
	return w, w.Read(ctx)
}
