package wizard

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"spanwalk/gitops"
	"spanwalk/steps"
)

// WriteDiff writes one diff from the tree as it is to the tree after all
// stages, for git apply.
func (r *Reversal) WriteDiff(out io.Writer) error {
	last := map[string][]byte{}
	for _, s := range r.Stages {
		for _, f := range s.Plan.Files {
			last[f.Path] = f.After
		}
	}
	paths := r.paths()
	slices.Sort(paths)
	for _, path := range paths {
		if err := writeUnified(out, path, r.first(path), last[path]); err != nil {
			return err
		}
	}
	return nil
}

// WriteSummary says what would be committed, and what would raise or go silent.
func (r *Reversal) WriteSummary(out io.Writer) {
	if len(r.Stages) == 0 {
		fmt.Fprintln(out, r.nothing())
	}
	for _, s := range r.Stages {
		fmt.Fprintf(out, "%s (%s)\n", s.subject(), count(len(s.Plan.Files), "file"))
	}
	if !r.Worse() {
		return
	}
	fmt.Fprintf(out, "%s after it, %d now:\n", counted(r.After), r.Before)
	writeMixed(out, r.New)
}

// nothing says that there is nothing to take back: other steps went, and this
// one's changes with them, or somebody did it by hand.
func (r *Reversal) nothing() string {
	return "nothing of " + r.Step + " is left in the files; nothing was committed"
}

func writeMixed(out io.Writer, sites []steps.MixedSite) {
	for i, m := range sites {
		if i == maxListed && len(sites) > maxListed+1 {
			fmt.Fprintf(out, "  and %d more\n", len(sites)-i)
			return
		}
		fmt.Fprintf(out, "  %s:%d: %s\n", m.Path, m.Line, m.Message)
	}
}

// counted says how many places raise or go silent.
func counted(n int) string {
	if n == 1 {
		return "1 place raises or goes silent"
	}
	return fmt.Sprintf("%d places raise or go silent", n)
}

// subject is the first line of the stage's commit, in git's words for reverts.
func (s *Stage) subject() string {
	switch {
	case s.redo != nil:
		return subject(steps.ByName(s.entry.Step))
	case s.entry.Revert:
		return fmt.Sprintf("Reapply %q", subject(steps.ByName(s.entry.Step)))
	}
	return fmt.Sprintf("Revert %q", subject(steps.ByName(s.entry.Step)))
}

// message writes the stage's commit: its body and its trailers. mixed counts
// the places that raise or go silent behind it.
func (s *Stage) message(w *Walk, step string, mixed int) (string, []gitops.Trailer) {
	version := gitops.Trailer{Key: trailerVersion, Value: w.options.Version}
	if s.redo != nil {
		return body(s.redo.plan, mixed),
			trailers(s.redo.plan, steps.NewDecisions(s.redo.decisions...), w.options.Version)
	}
	parts := []string{fmt.Sprintf("This reverts commit %s.", s.entry.Commit.Hash)}
	if n := stepsIn(w.Ledger, s.entry.Commit.Hash); n > 1 {
		parts[0] = wrap(fmt.Sprintf("This takes the step %s back out of commit %s, which holds other steps too.", s.entry.Step, s.entry.Commit.Hash), bodyWidth, "")
	}
	list := []gitops.Trailer{{Key: trailerRevert, Value: s.entry.Step}, version}
	for _, e := range s.also {
		parts = append(parts, fmt.Sprintf("This reverts commit %s too.", e.Commit.Hash))
		list = slices.Insert(list, 0, list[0])
	}
	if s.entry.Step != step {
		parts = append(parts, wrap(fmt.Sprintf("It depends on %s, which is taken back too.", step), bodyWidth, ""))
	}
	if mixed > 0 {
		parts = append(parts, counted(mixed)+" in this tree.")
	}
	if s.entry.Revert {
		list = append([]gitops.Trailer{{Key: trailerStep, Value: s.entry.Step}}, append(w.Ledger.decisionTrailers(s.entry.Step), version)...)
	}
	return strings.Join(parts, "\n\n"), list
}

// stepsIn counts the entries of one commit.
func stepsIn(l *Ledger, hash gitops.Hash) int {
	n := 0
	for _, e := range l.Entries {
		if e.Commit.Hash == hash {
			n++
		}
	}
	return n
}

// decisionTrailers returns the decisions of a step's last run as they stand in
// its commit.
func (l *Ledger) decisionTrailers(step string) []gitops.Trailer {
	for _, e := range l.Entries {
		if e.Step != step || e.Revert {
			continue
		}
		var out []gitops.Trailer
		mine := false
		for _, t := range e.Commit.Trailers {
			switch {
			case t.Key == trailerStep || t.Key == trailerRevert:
				mine = t.Key == trailerStep && t.Value == step
			case mine && t.Key == trailerDecision:
				out = append(out, t)
			}
		}
		return out
	}
	return nil
}
