package tui

import (
	"fmt"
	"io"

	"spanwalk/wizard"
)

// Stopped tells, after a walk that ended early, that nothing is half written
// and how to go on. again is the command line that resumes.
func Stopped(w io.Writer, o *wizard.Outcome, kept int, again string) {
	after := ""
	if last := lastCommitted(o); last != "" {
		after = " after " + last + " (" + count(o.Commits(), "commit") + " made)"
	}
	fmt.Fprintf(w, "Stopped%s. Nothing is half written. Resume:   %s\n", after, again)
	if kept > 0 {
		fmt.Fprintf(w, "  %s kept for the next time.\n", are(kept, "answer"))
	}
	if last := lastCommitted(o); last != "" {
		fmt.Fprintf(w, "  Take the last step back:   git revert %s\n", lastHash(o))
	}
	if o.Mixed > 0 {
		fmt.Fprintf(w, "  %s now: do not deploy this tree yet.\n", mixedCount(o.Mixed))
	}
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return fmt.Sprintf("%d %ss are", n, noun)
}

func lastCommitted(o *wizard.Outcome) string {
	name := ""
	for _, t := range o.Steps {
		if t.Commit != nil {
			name = t.Plan.Step.Name
		}
	}
	return name
}

func lastHash(o *wizard.Outcome) string {
	hash := ""
	for _, t := range o.Steps {
		if t.Commit != nil {
			hash = t.Commit.Hash.Short()
		}
	}
	return hash
}

// Done tells what a walk did, what it left and what to do next. status is the
// checklist as measured after it.
func Done(w io.Writer, o *wizard.Outcome, status *wizard.Status, sentry bool) {
	fmt.Fprintln(w)
	if status != nil {
		fmt.Fprintf(w, "%d of %d items done.  ", len(status.Items)-status.Left(), len(status.Items))
	}
	o.Write(w, sentry)
	if o.Commits() > 0 {
		fmt.Fprintf(w, "  Look at it:                 git log --stat -%d\n", o.Commits())
		fmt.Fprintf(w, "  Take the last step back:    git revert %s\n", lastHash(o))
	}
	if places, decisions := o.Left(); places+decisions > 0 {
		fmt.Fprintln(w, "  What is left, by item:      spanwalk status")
	} else if status != nil && status.Left() == 1 {
		fmt.Fprintln(w, "  Prove that spans stream:    spanwalk verify -- COMMAND   (such as: python -m pytest)")
	}
}
