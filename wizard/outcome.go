package wizard

import (
	"fmt"
	"io"
	"strings"

	"spanwalk/steps"
)

// Commits returns how many commits the run made.
func (o *Outcome) Commits() int {
	n := 0
	for _, t := range o.Steps {
		if t.Commit != nil {
			n++
		}
	}
	return n
}

// Changed returns how many places the run rewrote.
func (o *Outcome) Changed() int {
	n := 0
	for _, t := range o.Steps {
		if t.Skipped == "" {
			n += applied(t.Plan)
		}
	}
	return n
}

// Left returns how many places are left open and how many decisions lack.
func (o *Outcome) Left() (places, decisions int) {
	for _, t := range o.Steps {
		places += len(t.Left)
		decisions += len(t.Open)
	}
	return places, decisions
}

// Exit returns the exit code that says what is left.
func (o *Outcome) Exit() int {
	places, decisions := o.Left()
	switch {
	case decisions > 0:
		return ExitDecision
	case places > 0:
		return ExitLeft
	}
	return ExitDone
}

// Write writes what the run did and left, and the next commands. sentry says
// whether the tree uses the SDK at all.
func (o *Outcome) Write(w io.Writer, sentry bool) {
	places, decisions := o.Left()
	if o.Changed() == 0 && places+decisions == 0 {
		fmt.Fprintln(w, nothing(sentry))
		return
	}
	if n := o.Commits(); n > 0 {
		fmt.Fprintf(w, "%s, ", count(n, "commit"))
	}
	fmt.Fprintf(w, "%s changed", count(o.Changed(), "place"))
	if places > 0 {
		fmt.Fprintf(w, ", %d left", places)
	}
	if decisions > 0 {
		fmt.Fprintf(w, ", %s missing", count(decisions, "decision"))
	}
	fmt.Fprintln(w, ".")
	for _, t := range o.Steps {
		writeTaken(w, t)
	}
	if o.Mixed > 0 {
		fmt.Fprintf(w, "%s Do not deploy this tree yet; spanwalk status lists them.\n", nowMixed(o.Mixed))
	}
}

// writeTaken lists what a step left, and what is to be done about manifests. Later
// steps may have moved the lines since it ran, so the key says which place is meant.
func writeTaken(w io.Writer, t Taken) {
	for _, f := range t.Plan.Findings {
		if f.Note && !strings.HasSuffix(f.Path, ".py") {
			fmt.Fprintf(w, "  note: %s: %s\n", f.Path, f.Message)
		}
	}
	for _, f := range withoutQuestion(t.Plan) {
		fmt.Fprintf(w, "  %s: %s: %s\n", f.Key, f.Tier, f.Message)
	}
	for _, q := range t.Open {
		fmt.Fprintf(w, "  %s: undecided: %s\n    --answer '%s=%s'\n", t.Plan.Step.Name, q.Prompt, questionKey(q), optionIDs(q))
	}
}

// nothing says why there is nothing to do.
func nothing(sentry bool) string {
	if sentry {
		return "Nothing to do: no step finds anything."
	}
	return "Nothing to do: no tracked Python file uses sentry_sdk and no manifest pins sentry-sdk.\n" +
		"  try: spanwalk -C DIR   if the project is in another repository; files must be tracked: git add"
}

// WriteStopped says how far a run came that ended early.
func (o *Outcome) WriteStopped(w io.Writer) {
	n := o.Commits()
	if n == 0 {
		return
	}
	last := ""
	for _, t := range o.Steps {
		if t.Commit != nil {
			last = t.Plan.Step.Name
		}
	}
	fmt.Fprintf(w, "%s made, the last one %s.\n", count(n, "commit"), last)
	if o.Mixed > 0 {
		fmt.Fprintf(w, "%s Do not deploy this tree yet.\n", nowMixed(o.Mixed))
	}
}

// StepNames returns the names of the steps, for help texts and completion.
func StepNames() []string {
	var names []string
	for _, s := range steps.All {
		names = append(names, s.Name)
	}
	return names
}
