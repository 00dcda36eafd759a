package wizard

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"spanwalk/steps"
)

// State says where a step or an item stands. It is measured on the tree and
// read from the trailers, never stored.
type State string

// The states of steps and items.
const (
	Done     State = "done"          // committed, and nothing is found now
	CameBack State = "came back"     // committed, and something new is found
	Nothing  State = "nothing to do" // nothing is found
	Ready    State = "ready"         // something is found
	LeftOut  State = "skipped"       // the person left the step out
)

// Status is the checklist, measured.
type Status struct {
	Items []ItemStatus
	Steps []StepStatus
	Mixed []steps.MixedSite
	Notes []Note
}

// ItemStatus is one of the guide's 23 items.
type ItemStatus struct {
	steps.ItemState
	State State
}

// StepStatus is one step.
type StepStatus struct {
	Step      *steps.Step
	State     State
	Reason    string // why it was left out
	Note      string // of the step verify: how the proof is to be had, or which one there is
	Safe      int    // places open, by tier
	Review    int
	Manual    int
	Unproven  int // 1 for the step verify while no run has proven this tree
	Questions int
	Commits   []Entry // standing, newest first
}

// Open returns how many places of the step are open.
func (s StepStatus) Open() int { return s.Safe + s.Review + s.Manual + s.Unproven }

// Status measures the checklist; [Walk.Read] must have run.
func (w *Walk) Status() (*Status, error) {
	items, mixed, err := steps.Measure(w.Tree.Project, w.decisions())
	if err != nil {
		return nil, err
	}
	s := &Status{Mixed: mixed, Notes: w.Tree.Notes}
	plans, err := w.planner().each(w.steps, w.Tree.Project)
	if err != nil {
		return nil, err
	}
	for _, plan := range plans {
		questions, err := w.questions(plan)
		if err != nil {
			return nil, err
		}
		s.Steps = append(s.Steps, w.stepStatus(plan, len(questions)))
	}
	last := &items[len(items)-1]
	s.Steps = append(s.Steps, w.verifyStatus(last.Open > 0))
	last.Open = s.Steps[len(s.Steps)-1].Open()
	for _, item := range items {
		s.Items = append(s.Items, ItemStatus{item, s.itemState(item)})
	}
	return s, nil
}

// verifyStatus says where the step verify stands. A proof counts only for the
// tree it was made on, and only while no other item is open.
func (w *Walk) verifyStatus(open bool) StepStatus {
	s := StepStatus{Step: steps.Verify, State: Done, Note: w.proofNote()}
	switch {
	case !w.Tree.Sentry():
		s.State, s.Note = Nothing, ""
	case open || !w.Proven():
		s.State, s.Unproven = Ready, 1
	}
	return s
}

func (w *Walk) stepStatus(plan *steps.Plan, questions int) StepStatus {
	s := StepStatus{Step: plan.Step, Questions: questions, Commits: w.Ledger.Of(plan.Step.Name)}
	for _, f := range plan.Findings {
		if f.Acknowledged || f.Note {
			continue
		}
		switch f.Tier {
		case steps.Safe:
			s.Safe++
		case steps.Review:
			s.Review++
		default:
			s.Manual++
		}
	}
	reason, skipped := w.Session.Skipped[plan.Step.Name]
	switch committed := len(s.Commits) > 0; {
	case s.Open()+s.Questions == 0 && committed:
		s.State = Done
	case s.Open()+s.Questions == 0:
		s.State = Nothing
	case skipped:
		s.State, s.Reason = LeftOut, reason
	case committed && foundAnew(plan):
		s.State = CameBack
	default:
		s.State = Ready
	}
	return s
}

// foundAnew reports whether a committed step finds something that its commit did
// not leave on purpose: a safe change that nobody declined.
func foundAnew(plan *steps.Plan) bool {
	for _, f := range plan.Findings {
		if f.Tier == steps.Safe && f.Applied && !f.Note {
			return true
		}
	}
	return false
}

// itemState derives an item's state from the steps that work on it.
func (s *Status) itemState(item steps.ItemState) State {
	var states []State
	for _, step := range s.Steps {
		if slices.Contains(step.Step.Items, item.Number) {
			states = append(states, step.State)
		}
	}
	switch {
	case item.Open == 0 && (slices.Contains(states, Done) || slices.Contains(states, CameBack)):
		return Done
	case item.Open == 0:
		return Nothing
	case slices.Contains(states, CameBack):
		return CameBack
	case slices.Contains(states, LeftOut) && !slices.Contains(states, Ready):
		return LeftOut
	}
	return Ready
}

// Left returns how many items are open.
func (s *Status) Left() int {
	n := 0
	for _, item := range s.Items {
		if item.Open > 0 {
			n++
		}
	}
	return n
}

// Write writes the checklist for a person.
func (s *Status) Write(w io.Writer) {
	fmt.Fprintf(w, "Checklist: %d of %d items done\n\n", len(s.Items)-s.Left(), len(s.Items))
	for _, item := range s.Items {
		line := fmt.Sprintf("%2d  %-14s %s", item.Number, item.State, item.Text)
		if item.Open > 0 {
			line += fmt.Sprintf("  (%d open)", item.Open)
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprint(w, "\nSteps\n\n")
	for i, step := range s.Steps {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%2d  %-14s %-20s %s", i+1, step.State, step.Step.Name, step.details()), " "))
	}
	if n := len(s.Mixed); n > 0 {
		fmt.Fprintf(w, "\n%s: do not deploy this tree yet.\n", strings.TrimSuffix(nowMixed(n), "."))
		for _, m := range s.Mixed {
			fmt.Fprintf(w, "  %s:%d: %s\n", m.Path, m.Line, m.Message)
		}
	}
	if len(s.Notes) > 0 {
		fmt.Fprint(w, "\nNot read\n\n")
		writeNotes(w, s.Notes)
	}
}

// details says what is open in a step, or which commit did it.
func (s StepStatus) details() string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{s.Safe, "safe"}, {s.Review, "review"}, {s.Manual, "manual"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.word))
		}
	}
	if s.Questions > 0 {
		parts = append(parts, count(s.Questions, "question"))
	}
	if s.Reason != "" {
		parts = append(parts, fmt.Sprintf("%q", s.Reason))
	}
	if s.Note != "" {
		parts = append(parts, s.Note)
	}
	if len(s.Commits) > 0 {
		parts = append(parts, "commit "+s.Commits[0].Commit.Hash.Short())
	}
	return strings.Join(parts, ", ")
}

// nowMixed says what mixed code does now.
func nowMixed(n int) string {
	if n == 1 {
		return "Right now 1 place raises or goes silent."
	}
	return fmt.Sprintf("Right now %d places raise or go silent.", n)
}

// The JSON of status; design.md §5 names its fields.
type (
	statusJSON struct {
		Version int              `json:"version"`
		Items   []itemStatusJSON `json:"items"`
		Steps   []stepStatusJSON `json:"steps"`
		Mixed   []mixedJSON      `json:"mixed"`
		Notes   []noteJSON       `json:"notes"`
	}
	itemStatusJSON struct {
		Number int      `json:"number"`
		Text   string   `json:"text"`
		Open   int      `json:"open"`
		Done   bool     `json:"done"`
		State  State    `json:"state"`
		Steps  []string `json:"steps"`
	}
	stepStatusJSON struct {
		Step      string   `json:"step"`
		Title     string   `json:"title"`
		Items     []int    `json:"items"`
		Open      int      `json:"open"`
		Done      bool     `json:"done"`
		State     State    `json:"state"`
		Reason    string   `json:"reason,omitempty"`
		Note      string   `json:"note,omitempty"`
		Safe      int      `json:"safe"`
		Review    int      `json:"review"`
		Manual    int      `json:"manual"`
		Questions int      `json:"questions"`
		Commits   []string `json:"commits"`
	}
)

// WriteJSON writes the checklist for a program.
func (s *Status) WriteJSON(w io.Writer) error {
	doc := statusJSON{Version: 1, Items: []itemStatusJSON{}, Steps: []stepStatusJSON{}, Mixed: mixedAsJSON(s.Mixed), Notes: notesAsJSON(s.Notes)}
	for _, item := range s.Items {
		doc.Items = append(doc.Items, itemStatusJSON{Number: item.Number, Text: item.Text, Open: item.Open,
			Done: item.Open == 0, State: item.State, Steps: append([]string{}, item.Steps...)})
	}
	for _, step := range s.Steps {
		j := stepStatusJSON{Step: step.Step.Name, Title: step.Step.Title, Items: append([]int{}, step.Step.Items...),
			Open: step.Open(), Done: step.Open()+step.Questions == 0, State: step.State, Reason: step.Reason, Note: step.Note,
			Safe: step.Safe, Review: step.Review, Manual: step.Manual, Questions: step.Questions, Commits: []string{}}
		for _, e := range step.Commits {
			j.Commits = append(j.Commits, string(e.Commit.Hash))
		}
		doc.Steps = append(doc.Steps, j)
	}
	return writeJSON(w, doc)
}
