package wizard

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"spanwalk/gitops"
)

// demoArchive is the sample project: a small shop with hand-made tracing, in
// the txtar format.
//
//go:embed demo.txtar
var demoArchive string

// demoBranch is where the demo's commits go.
const demoBranch = "spanwalk/streaming"

// DemoOptions says where the sample project goes and where its story is told.
type DemoOptions struct {
	Keep     string // a folder to create and leave; "" is a temporary one
	Version  string
	Out, Err io.Writer
}

// Demo writes the sample project into a fresh repository, migrates it without
// questions and tells what happened.
func Demo(ctx context.Context, o DemoOptions) error {
	dir, remove, err := DemoFolder(o.Keep)
	if err != nil {
		return err
	}
	defer remove()
	if err := MakeDemo(ctx, dir); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "A small shop with hand-made tracing, in %s\n\n$ spanwalk migrate --yes --branch %s\n", dir, demoBranch)
	w, err := Open(Options{Dir: dir, Branch: demoBranch, Version: o.Version})
	if err != nil {
		return err
	}
	head, err := w.Repo.Head()
	if err != nil {
		return err
	}
	outcome, err := w.Run(ctx, &Headless{Out: o.Out, Err: o.Err, Branch: demoBranch})
	if err != nil {
		return err
	}
	outcome.Write(o.Out, true)
	status, err := w.Status()
	if err != nil {
		return err
	}
	fmt.Fprintln(o.Out, "\n$ spanwalk status")
	status.Write(o.Out)
	fmt.Fprintln(o.Out, "\nWhat changed:")
	if err := w.writeDemoDiff(o.Out, head.Hash, outcome); err != nil {
		return err
	}
	if o.Keep != "" {
		fmt.Fprintf(o.Out, "\nLook around: cd %s && git log\n", o.Keep)
	} else {
		fmt.Fprint(o.Out, "\nThe folder is gone again; keep one with: spanwalk demo --keep DIR\n")
	}
	return nil
}

// DemoFolder makes the folder for the sample project and returns how to remove
// it again: keep, which must not exist and is never removed, or a temporary one
// if keep is "".
func DemoFolder(keep string) (dir string, remove func(), err error) {
	if keep == "" {
		dir, err = os.MkdirTemp("", "spanwalk-demo-")
		if err != nil {
			return "", nil, fmt.Errorf("make a folder for the demo: %w", err)
		}
		return dir, func() { _ = os.RemoveAll(dir) }, nil
	}
	if dir, err = filepath.Abs(keep); err != nil {
		return "", nil, err
	}
	err = os.Mkdir(dir, 0o755)
	if errors.Is(err, os.ErrExist) {
		return "", nil, &UsageError{Message: keep + " exists already; the demo wants a new folder", Next: "spanwalk demo --keep " + keep + "-2"}
	}
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for the demo: %w", err)
	}
	return dir, func() {}, nil
}

// MakeDemo writes the sample project into dir, an empty folder, and commits it
// there with the installed git.
func MakeDemo(ctx context.Context, dir string) error {
	for name, data := range readArchive(demoArchive) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write the demo: %w", err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			return fmt.Errorf("write the demo: %w", err)
		}
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main", "--template="},
		{"config", "user.name", "Ada Lovelace"},
		{"config", "user.email", "ada@example.org"},
		{"config", "commit.gpgSign", "false"},
		{"config", "core.hooksPath", ".git/hooks"},
		{"config", "core.autocrlf", "false"},
		{"add", "--force", "."},
		{"commit", "-q", "-m", "Add the shop"},
	} {
		git := exec.CommandContext(ctx, "git", args...)
		git.Dir = dir
		if out, err := git.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// readArchive returns the files of a txtar archive by name.
func readArchive(text string) map[string]string {
	files := map[string]string{}
	name := ""
	for _, line := range strings.SplitAfter(text, "\n") {
		if header, ok := strings.CutPrefix(line, "-- "); ok {
			if header, ok = strings.CutSuffix(header, " --\n"); ok {
				name = header
				files[name] = ""
				continue
			}
		}
		if name != "" {
			files[name] += line
		}
	}
	return files
}

// writeDemoDiff shows how the project's files changed in all.
func (w *Walk) writeDemoDiff(out io.Writer, base gitops.Hash, o *Outcome) error {
	paths := map[string]bool{}
	for _, taken := range o.Steps {
		for _, f := range taken.Plan.Files {
			paths[f.Path] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		before, err := w.Repo.BlobAt(base, path)
		if err != nil {
			return err
		}
		after, err := w.Repo.ReadWorktree(path)
		if err != nil {
			return err
		}
		if err := writeUnified(out, path, before, after); err != nil {
			return err
		}
	}
	return nil
}
