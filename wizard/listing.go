package wizard

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"spanwalk/steps"
)

// Check lists every place that a step would change or leaves open, one a line,
// and returns how many. files, if any, limit it to these: paths as the shell
// gave them, relative to the current folder.
func (w *Walk) Check(out io.Writer, files []string) (int, error) {
	list, err := relativeTo(w.Repo.Root(), w.options.Dir, files)
	if err != nil {
		return 0, err
	}
	plans, err := w.planner().each(w.steps, w.Tree.Project)
	if err != nil {
		return 0, err
	}
	only := map[string]bool{}
	for _, path := range list {
		only[path] = true
	}
	n := 0
	for _, plan := range plans {
		for _, f := range plan.Findings {
			if f.Acknowledged || f.Note || len(only) > 0 && !only[f.Path] {
				continue
			}
			n++
			line, column := lineColumn(w.Tree.Project, f.Path, f.Start)
			if _, err := fmt.Fprintf(out, "%s:%d:%d: %s: %s\n", f.Path, line, column, plan.Step.Name, f.Message); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// relativeTo turns paths of the shell, which are relative to dir, into paths of
// the repository.
func relativeTo(root, dir string, files []string) ([]string, error) {
	var out []string
	for _, file := range files {
		abs, err := filepath.Abs(filepath.Join(dir, file))
		if filepath.IsAbs(file) {
			abs, err = file, nil
		}
		if err != nil {
			return nil, err
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
			abs = filepath.Join(dir, filepath.Base(abs))
		}
		rel, err := filepath.Rel(root, abs)
		if err != nil || strings.HasPrefix(rel, "..") {
			return nil, &UsageError{Message: fmt.Sprintf("%s is not in %s", file, root)}
		}
		out = append(out, filepath.ToSlash(rel))
	}
	return out, nil
}

// WriteNotes writes the files that could not be read whole, each with the next
// command.
func (t *Tree) WriteNotes(w io.Writer) { writeNotes(w, t.Notes) }

func writeNotes(w io.Writer, notes []Note) {
	for _, n := range notes {
		fmt.Fprintln(w, n)
		if n.Next != "" {
			fmt.Fprintf(w, "  %s\n", indent("try: ", n.Next))
		}
	}
}

// listed returns the steps of the walk and verify, which ends it.
func listed() []*steps.Step { return append(slices.Clone(steps.All), steps.Verify) }

// WriteSteps lists the steps in order.
func WriteSteps(w io.Writer) error {
	for i, s := range listed() {
		if _, err := fmt.Fprintf(w, "%2d  %-19s %s\n", i+1, s.Name, s.Title); err != nil {
			return err
		}
	}
	return nil
}

// WriteStep describes one step: why, what it leaves alone, its items, and a
// small program before and after.
func WriteStep(w io.Writer, name string) error {
	s := steps.ByName(name)
	if name == steps.Verify.Name {
		s = steps.Verify
	}
	if s == nil {
		return &UsageError{Message: fmt.Sprintf("there is no step %q", name), Next: "spanwalk steps"}
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s: %s\n\n%s\n", s.Name, s.Title, wrap(s.Why, 80, ""))
	if s.Doc != "" {
		fmt.Fprintf(b, "\n%s\n", wrap(s.Doc, 80, ""))
	}
	if len(s.Items) > 0 {
		b.WriteString("\nItems of the guide's checklist:\n")
		for _, item := range steps.Items {
			for _, n := range s.Items {
				if n == item.Number {
					fmt.Fprintf(b, "  %2d  %s\n", item.Number, item.Text)
				}
			}
		}
	}
	if s.Link != "" {
		fmt.Fprintf(b, "\n%s\n", s.Link)
	}
	if s.Before != "" {
		fmt.Fprintf(b, "\nBefore:\n\n%s\nAfter:\n\n%s", quoteCode(s.Before), quoteCode(s.After))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoteCode indents a program by four spaces.
func quoteCode(code string) string {
	lines := strings.Split(strings.TrimRight(code, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
