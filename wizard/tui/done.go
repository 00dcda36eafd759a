package tui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"spanwalk/wizard"
)

// Ending is how a walk ended.
type Ending struct {
	Outcome *wizard.Outcome
	Status  *wizard.Status // the checklist as measured after it; nil if it stopped early
	Changes []string       // what will look different in Sentry
	Sentry  bool           // whether the project uses the SDK at all
	Kept    int            // answers no commit holds yet
	Program string         // how to call this program about this repository; "" when that is gone
	Again   string         // the command line that resumes
	Width   int            // columns
}

// Stopped tells, after a walk that ended early, that nothing is half written
// and how to go on.
func (e Ending) Stopped(w io.Writer) {
	last := lastCommitted(e.Outcome)
	switch n := e.Outcome.Commits(); {
	case last == "":
		fmt.Fprintln(w, "Stopped. Nothing is half written.")
	default:
		fmt.Fprintf(w, "Stopped after %s, with %s made. Nothing is half written.\n", last, count(n, "commit"))
	}
	if e.Kept > 0 {
		e.write(w, are(e.Kept, "answer")+" kept for the next time.", "  ")
	}
	lines := []hint{{"Resume:", e.Again}}
	if last != "" && e.Program != "" {
		lines = append(lines, hint{"Take the last step back:", e.Program + " revert " + last})
	}
	e.hints(w, lines)
	e.mixed(w)
}

// Failed tells, after a walk that an error ended, how far it came.
func (e Ending) Failed(w io.Writer) {
	e.Outcome.WriteStopped(w)
	if e.Kept > 0 {
		fmt.Fprintf(w, "%s kept for the next time.\n", are(e.Kept, "answer"))
	}
}

// Done tells what a walk did, what it left, what will look different in Sentry
// and what to do next.
func (e Ending) Done(w io.Writer) {
	o := e.Outcome
	fmt.Fprintln(w)
	if s := e.Status; s != nil {
		e.write(w, itemsText(s), "")
	}
	e.left(w)
	if o.Commits() > 0 && len(e.Changes) > 0 {
		fmt.Fprintln(w, "  What changes in Sentry:")
		for _, change := range e.Changes {
			e.write(w, "- "+change, "    ")
		}
	}
	if e.Program == "" {
		return
	}
	var lines []hint
	if places, decisions := o.Left(); places+decisions > 0 {
		lines = append(lines, hint{"What is left, by item:", e.Program + " status"})
	}
	if o.Commits() > 0 {
		lines = append(lines, hint{"Take the last step back:", e.Program + " revert " + lastCommitted(o)})
	}
	if s := e.Status; s != nil && len(s.Mixed) == 0 && s.Left() > 0 && s.Items[len(s.Items)-1].Open > 0 {
		lines = append(lines, hint{"Prove it before you deploy:", e.Program + " verify -- COMMAND"})
	}
	if o.Commits() > 0 {
		lines = append(lines, hint{"For the pull request:", e.Program + " report"})
	}
	e.hints(w, lines)
}

// maxLeft is how many open places the end of a walk names.
const maxLeft = 12

// left sums up what the walk did and names what it left.
func (e Ending) left(w io.Writer) {
	o := e.Outcome
	places, decisions := o.Left()
	if o.Changed() == 0 && places+decisions == 0 {
		o.Write(w, e.Sentry)
		return
	}
	parts := []string{count(o.Commits(), "commit"), count(o.Changed(), "place") + " changed"}
	if places > 0 {
		parts = append(parts, fmt.Sprintf("%d left", places))
	}
	if decisions > 0 {
		parts = append(parts, count(decisions, "question")+" put off")
	}
	e.write(w, strings.Join(parts, " · "), "")
	lines := openLines(o)
	for i, line := range lines {
		if i == maxLeft && len(lines) > maxLeft+1 {
			fmt.Fprintf(w, "  and %d more\n", len(lines)-i)
			break
		}
		e.write(w, line, "  ")
	}
	e.mixed(w)
}

// openLines names every place that was left and every question put off, by the
// step that takes it up again.
func openLines(o *wizard.Outcome) []string {
	var out []string
	for _, t := range o.Steps {
		asked := map[string]bool{}
		for _, q := range t.Open {
			asked[q.Key] = true
			out = append(out, fmt.Sprintf("%s: put off: %s: %s", t.Plan.Step.Name, placeOf(q.Key, q.Path), q.Prompt))
		}
		for _, f := range t.Left {
			if !asked[f.Key] {
				out = append(out, fmt.Sprintf("%s: %s: %s: %s", t.Plan.Step.Name, placeOf(f.Key, f.Path), f.Tier, f.Message))
			}
		}
	}
	return out
}

// placeOf writes the place of a key for a person: its path and function. Later
// steps may have moved its line.
func placeOf(key, path string) string {
	_, inner, _ := strings.Cut(key, "::")
	if i := strings.LastIndexByte(inner, '/'); i > 0 {
		return path + " in " + inner[:i]
	}
	if path == "" {
		return "the whole project"
	}
	return path
}

// itemsText counts the items that are done, and those somebody decided about.
func itemsText(s *wizard.Status) string {
	decided := 0
	for _, item := range s.Items {
		if item.Open > 0 && item.State == wizard.LeftOut {
			decided++
		}
	}
	left := s.Left()
	switch {
	case left == 0:
		return fmt.Sprintf("All %d items are done.", len(s.Items))
	case left == decided:
		return fmt.Sprintf("All %d items are done or decided.", len(s.Items))
	}
	verb := "are"
	if left-decided == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%d of %d items are done or decided, %d %s open.", len(s.Items)-left+decided, len(s.Items), left-decided, verb)
}

// hint is a command with what it is for.
type hint struct{ text, command string }

// hints writes commands beside what they are for, or below it where the
// terminal is too narrow for that: a command on one line can be copied.
func (e Ending) hints(w io.Writer, list []hint) {
	first, second := 0, 0
	for _, h := range list {
		first, second = max(first, ansi.StringWidth(h.text)), max(second, ansi.StringWidth(h.command))
	}
	for _, h := range list {
		if 2+first+3+second <= e.Width {
			fmt.Fprintf(w, "  %s   %s\n", pad(h.text, first), h.command)
			continue
		}
		e.write(w, h.text, "  ")
		fmt.Fprintf(w, "    %s\n", h.command)
	}
}

func (e Ending) write(w io.Writer, text, indent string) {
	for i, line := range fold(text, e.Width-len(indent)-2, "") {
		if i > 0 && indent != "" {
			line = "  " + line
		}
		fmt.Fprintln(w, indent+line)
	}
}

func (e Ending) mixed(w io.Writer) {
	if e.Outcome.Mixed > 0 {
		e.write(w, mixedCount(e.Outcome.Mixed)+" now: do not deploy this branch yet.", "  ")
	}
}

func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return fmt.Sprintf("%d %ss are", n, noun)
}

// lastCommitted returns the step of a run's last commit, or "".
func lastCommitted(o *wizard.Outcome) string {
	name := ""
	for _, t := range o.Steps {
		if t.Commit != nil {
			name = t.Plan.Step.Name
		}
	}
	return name
}
