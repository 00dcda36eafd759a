package wizard

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Way is how a step is taken back when that leaves places that raise or go
// silent.
type Way string

// The ways to take a step back.
const (
	Undecided  Way = ""           // ask, or refuse where nobody can be asked
	Redo       Way = "redo"       // run the step again with other answers, behind its revert
	Dependents Way = "dependents" // take back what depends on it too, newest first
	Alone      Way = "only-this"  // the step and nothing else
)

// Reversal is what taking a step back would do. Nothing is written yet.
type Reversal struct {
	Step     string
	Restores bool              // the step was taken back before and comes again
	Stages   []*Stage          // a commit each, in the order they are made
	New      []steps.MixedSite // places that raise or go silent after and did not before
	Before   int               // how many did before
	After    int               // and do after
	Open     []steps.Question  // what has to be answered before the step can run again

	idle []Entry // taken back by the next stage, because nothing else of them is left
}

// Stage is one commit of a [Reversal].
type Stage struct {
	Plan    *steps.Plan      // files, and a finding per changed run of lines
	Project *rewrite.Project // before
	entry   Entry            // what is taken back; for a redo what was
	also    []Entry          // copies of it, such as cherry-picked ones on merged branches, that go with it
	redo    *redoing         // set when the step is run again
	result  *rewrite.Project
}

// OverlapError says that a step cannot be taken back because later changes
// overlap with its own.
type OverlapError struct {
	Step   string
	Places []string // "path:line", or a path
}

// Error names every place.
func (e *OverlapError) Error() string {
	return fmt.Sprintf("%s cannot be taken back: later changes overlap with its own\n  %s", e.Step, strings.Join(e.Places, "\n  "))
}

// MissingError says that files of a step are gone.
type MissingError struct {
	Step  string
	Paths []string
}

// Error names the files.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s cannot be taken back whole: deleted or renamed since: %s", e.Step, strings.Join(e.Paths, ", "))
}

// targets returns the places in the ledger of what taking a step back is about,
// newest first: its commits that stand, else the commit that took it back.
func (w *Walk) targets(step string) (places []int, restores bool, err error) {
	if steps.ByName(step) == nil {
		return nil, false, &UsageError{Message: fmt.Sprintf("there is no step %q", step), Next: "spanwalk steps"}
	}
	for _, i := range w.Ledger.standing() {
		if w.Ledger.Entries[i].Step == step {
			places = append(places, i)
		}
	}
	if len(places) > 0 {
		return places, false, nil
	}
	for i, e := range w.Ledger.Entries {
		if e.Step == step && e.Revert && (len(places) == 0 || e.Commit.Hash == w.Ledger.Entries[places[0]].Commit.Hash) {
			places = append(places, i)
		}
	}
	if len(places) > 0 {
		return places, true, nil
	}
	unfit := &UnfitError{Message: "no commit of the step " + step + " can be reached from HEAD", Next: "spanwalk status"}
	if w.Ledger.history.Shallow() {
		unfit.Message += "; this clone is shallow and may lack it"
		unfit.Next = "git fetch --unshallow"
	}
	return nil, false, unfit
}

// PlanRevert works out what taking a step back would do, in one of the ways;
// [Undecided] plans for [Alone]. Without stages nothing of the step is left. answers are for [Redo]. [Walk.Read] must have
// run.
func (w *Walk) PlanRevert(step string, way Way, answers []steps.Decision) (*Reversal, error) {
	places, restores, err := w.targets(step)
	if err != nil {
		return nil, err
	}
	mixed, err := steps.Mixed(w.Tree.Project, w.decisions())
	if err != nil {
		return nil, err
	}
	r := &Reversal{Step: step, Restores: restores, Before: len(mixed)}
	switch {
	case restores && (way == Redo || way == Dependents):
		return nil, &UsageError{Message: step + " is taken back already; it can only come again", Next: "spanwalk revert " + step}
	case way == Redo:
		err = r.planRedo(w, places, answers)
	case way == Dependents:
		err = r.planDependents(w, places)
	default:
		err = r.extend(w, places)
	}
	if err != nil {
		return nil, err
	}
	return r, r.count(w, mixed)
}

// extend adds a stage for each of the places, newest first.
func (r *Reversal) extend(w *Walk, places []int) error {
	for i := range places {
		if err := r.add(w, places[:i+1], nil); err != nil {
			return err
		}
	}
	return nil
}

// add adds the stage that leaves all these places out, or runs the last of them
// with other answers. What the stages before it did is not done again.
func (r *Reversal) add(w *Walk, out []int, redo *redoing) error {
	last := out[len(out)-1]
	entry := w.Ledger.Entries[last]
	other := map[int]*redoing{}
	if redo != nil {
		out, other[last] = out[:len(out)-1], redo
	}
	rewound := w.newRewind(out, other)
	if err := rewound.run(); err != nil {
		if overlap, ok := err.(*OverlapError); ok {
			overlap.Step = entry.Step
		}
		return err
	}
	if gone := rewound.missing([]int{last}); len(gone) > 0 {
		return &MissingError{Step: entry.Step, Paths: gone}
	}
	before := w.Tree.Project
	if n := len(r.Stages); n > 0 {
		before = r.Stages[n-1].result
	}
	stage := &Stage{Project: before, entry: entry, redo: redo}
	files := r.since(w, rewound.changes())
	if len(files) == 0 {
		r.goesAlong(entry)
		return nil
	}
	stage.Plan = filesPlan(steps.ByName(entry.Step), files)
	if err := check(files); err != nil {
		return fmt.Errorf("take %s back: %w", entry.Step, err)
	}
	var err error
	if stage.result, err = before.With(stage.Plan.Changes()); err != nil {
		return fmt.Errorf("take %s back: %w", entry.Step, err)
	}
	stage.also, r.idle = r.idle, nil
	r.Stages = append(r.Stages, stage)
	return nil
}

// goesAlong has another commit of the same step, of which nothing else is left,
// taken back by the stage that takes its copy back.
func (r *Reversal) goesAlong(e Entry) {
	if e.Step != r.Step {
		return
	}
	if n := len(r.Stages); n > 0 && r.Stages[n-1].entry.Step == e.Step && r.Stages[n-1].redo == nil {
		r.Stages[n-1].also = append(r.Stages[n-1].also, e)
		return
	}
	r.idle = append(r.idle, e)
}

// since turns changes of the files as they are now into changes of the files as
// the stages so far leave them.
func (r *Reversal) since(w *Walk, files []steps.FileChange) []steps.FileChange {
	wanted := map[string]steps.FileChange{}
	for _, f := range files {
		if w.options.Selection.Holds(f.Path) {
			wanted[f.Path] = f
		}
	}
	for _, stage := range r.Stages {
		for _, f := range stage.Plan.Files {
			next, ok := wanted[f.Path]
			if !ok { // back to how it is now
				next.Path, next.After = f.Path, r.first(f.Path)
			}
			next.Before = f.After
			wanted[f.Path] = next
		}
	}
	var out []steps.FileChange
	for _, f := range wanted {
		if !bytes.Equal(f.Before, f.After) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b steps.FileChange) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// first returns what a file held before the first stage that changes it.
func (r *Reversal) first(path string) []byte {
	for _, stage := range r.Stages {
		for _, f := range stage.Plan.Files {
			if f.Path == path {
				return f.Before
			}
		}
	}
	return nil
}

// planDependents takes steps back, newest first, until the step is gone and no
// more places than before raise or go silent. Only steps whose open places break
// a program, and the switch itself, can help.
func (r *Reversal) planDependents(w *Walk, places []int) error {
	var out []int
	left := len(places)
	for _, i := range w.Ledger.standing() {
		name := w.Ledger.Entries[i].Step
		mine := slices.Contains(places, i)
		if step := steps.ByName(name); !mine && name != steps.TraceLifecycle.Name && (step == nil || !steps.Mixes(step)) {
			continue
		}
		out = append(out, i)
		if err := r.add(w, out, nil); err != nil {
			return err
		}
		if mine {
			left--
		}
		if left == 0 {
			sites, err := steps.Mixed(r.result(w), w.decisions())
			if err != nil || len(sites) <= r.Before {
				return err
			}
		}
	}
	return nil
}

// planRedo takes a step back and runs it again, where it ran first, with other
// answers; the later steps follow it.
func (r *Reversal) planRedo(w *Walk, places []int, answers []steps.Decision) error {
	if err := r.extend(w, places); err != nil {
		return err
	}
	oldest := places[len(places)-1]
	redo := &redoing{decisions: append(kept(w.Ledger.Entries[oldest].Decisions, answers), answers...)}
	if err := r.add(w, places, redo); err != nil {
		return err
	}
	r.Open = redo.plan.Open
	return nil
}

// kept returns the former decisions of a step that no new answer is about.
func kept(former, answers []steps.Decision) []steps.Decision {
	fresh := steps.NewDecisions(answers...)
	var out []steps.Decision
	for _, d := range former {
		path, _, site := strings.Cut(d.Where, "::")
		key := d.Where
		if !site {
			key = ""
		}
		if _, again := fresh.Find(d.Question, path, key); !again {
			out = append(out, d)
		}
	}
	return out
}

// result returns the project after all stages.
func (r *Reversal) result(w *Walk) *rewrite.Project {
	if n := len(r.Stages); n > 0 {
		return r.Stages[n-1].result
	}
	return w.Tree.Project
}

// count finds the places that raise or go silent only afterwards.
func (r *Reversal) count(w *Walk, before []steps.MixedSite) error {
	after, err := steps.Mixed(r.result(w), w.decisions())
	if err != nil {
		return err
	}
	r.After = len(after)
	known := map[string]int{}
	for _, m := range before {
		known[m.Path+": "+m.Message]++
	}
	for _, m := range after {
		if key := m.Path + ": " + m.Message; known[key] > 0 {
			known[key]--
		} else {
			r.New = append(r.New, m)
		}
	}
	return nil
}

// Worse reports whether more places raise or go silent afterwards.
func (r *Reversal) Worse() bool { return r.After > r.Before }

// paths returns the files of all stages.
func (r *Reversal) paths() []string {
	var plans []*steps.Plan
	for _, s := range r.Stages {
		plans = append(plans, s.Plan)
	}
	return touched(plans)
}
