package wizard

import (
	"fmt"
	"regexp"
	"slices"

	"spanwalk/gitops"
	"spanwalk/steps"
)

// The keys of the trailers that make up the ledger.
const (
	trailerStep     = "Spanwalk-Step"
	trailerRevert   = "Spanwalk-Revert"
	trailerDecision = "Spanwalk-Decision"
	trailerHooks    = "Spanwalk-Hooks"
	trailerVersion  = "Spanwalk-Version"
)

// Entry is one step, or one revert of a step, found in a commit.
type Entry struct {
	Step      string
	Revert    bool
	Commit    gitops.Commit
	Decisions []steps.Decision // those that bind
	Defaults  []steps.Decision // recommended options taken at many places at once; they do not bind
	Version   string
}

// Ledger is what was done, read back from the trailers of the commits that can
// be reached from HEAD. It is derived, never saved.
type Ledger struct {
	Entries []Entry // newest first; a commit's come before its ancestors'

	history *gitops.History // that they were read from
}

// ReadLedger reads the ledger of a repository. Rebased, amended and cherry-picked
// commits are found by their trailers, and so are several steps squashed into one.
// What "git revert" took back counts as taken back.
func ReadLedger(repo *gitops.Repo) (*Ledger, error) {
	history, err := repo.History()
	if err != nil {
		return nil, fmt.Errorf("read the steps committed so far: %w", err)
	}
	l := newLedger(history.Commits)
	l.history = history
	return l, nil
}

// put adds the entries of a commit that was just made.
func (l *Ledger) put(c gitops.Commit) {
	entries := readEntries(c)
	slices.Reverse(entries)
	l.Entries = append(entries, l.Entries...)
}

// newLedger reads commits, newest first. What the message of a merge says was done
// on the lines that it joins.
func newLedger(commits []gitops.Commit) *Ledger {
	l := &Ledger{}
	known := map[gitops.Hash][]Entry{}
	for _, c := range slices.Backward(commits) {
		if len(c.Parents) > 1 {
			continue
		}
		entries := readEntries(c)
		for _, hash := range c.Reverts {
			if len(c.Trailers) > 0 {
				break // our own reverts say more in their trailers
			}
			entries = append(entries, l.opposites(known[hash], c)...)
		}
		known[c.Hash] = entries
		l.Entries = append(l.Entries, entries...)
	}
	slices.Reverse(l.Entries)
	return l
}

// opposites returns what a plain revert of a commit with these entries means;
// the entries so far are in the order of history.
func (l *Ledger) opposites(entries []Entry, c gitops.Commit) []Entry {
	var out []Entry
	for _, e := range slices.Backward(entries) {
		if e.Revert && len(e.Decisions) == 0 {
			e.Decisions, e.Defaults = l.lastDecisions(e.Step)
		}
		e.Commit, e.Revert = c, !e.Revert
		out = append(out, e)
	}
	return out
}

// lastDecisions returns what the last run of a step decided.
func (l *Ledger) lastDecisions(step string) (decisions, defaults []steps.Decision) {
	for _, e := range slices.Backward(l.Entries) {
		if e.Step == step && !e.Revert {
			return e.Decisions, e.Defaults
		}
	}
	return nil, nil
}

// manyPlaces marks a decision that stands for the same recommended option at
// many places.
var manyPlaces = regexp.MustCompile(`^(.*) \(recommended, \d+ places\)$`)

// readEntries returns the entries of one commit, oldest first: decisions belong
// to the step named before them. Steps squashed into one commit stand in the
// guide's order, also where the message names the newest first, as that of "git
// merge --squash" does.
func readEntries(c gitops.Commit) []Entry {
	var entries []Entry
	for _, t := range c.Trailers {
		switch t.Key {
		case trailerStep, trailerRevert:
			entries = append(entries, Entry{Step: t.Value, Revert: t.Key == trailerRevert, Commit: c})
			continue
		}
		if len(entries) == 0 {
			continue
		}
		last := &entries[len(entries)-1]
		switch t.Key {
		case trailerVersion:
			last.Version = t.Value
		case trailerDecision:
			last.read(t.Value)
		}
	}
	if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Revert }) {
		slices.SortStableFunc(entries, func(a, b Entry) int { return place(a.Step) - place(b.Step) })
	}
	return entries
}

// place returns where a step stands in the guide's order; unknown ones stand
// first.
func place(step string) int {
	return slices.IndexFunc(steps.All, func(s *steps.Step) bool { return s.Name == step })
}

// read adds one decision. A line a person has garbled binds nothing.
func (e *Entry) read(value string) {
	m := manyPlaces.FindStringSubmatch(value)
	if m != nil {
		value = m[1]
	}
	d, err := steps.ParseDecision(value)
	switch {
	case err != nil:
	case m != nil:
		e.Defaults = append(e.Defaults, d)
	default:
		e.Decisions = append(e.Decisions, d)
	}
}

// Standing returns the entries of steps that were not taken back since, newest
// first.
func (l *Ledger) Standing() []Entry {
	var out []Entry
	for _, i := range l.standing() {
		out = append(out, l.Entries[i])
	}
	return out
}

// standing returns the places in Entries of the steps that stand.
func (l *Ledger) standing() []int {
	taken := map[int]bool{}
	for _, step := range l.takenBack() {
		taken[step] = true
	}
	var out []int
	for i, e := range l.Entries {
		if !e.Revert && !taken[i] {
			out = append(out, i)
		}
	}
	return out
}

// takenBack returns, by the place of a revert in Entries, the place of the step
// that it took back.
func (l *Ledger) takenBack() map[int]int {
	out := map[int]int{}
	waiting := map[string][]int{}
	for i, e := range l.Entries {
		switch list := waiting[e.Step]; {
		case e.Revert:
			waiting[e.Step] = append(list, i)
		case len(list) > 0:
			out[list[len(list)-1]] = i
			waiting[e.Step] = list[:len(list)-1]
		}
	}
	return out
}

// Of returns the standing entries of one step, newest first.
func (l *Ledger) Of(step string) []Entry {
	var out []Entry
	for _, e := range l.Standing() {
		if e.Step == step {
			out = append(out, e)
		}
	}
	return out
}

// Decisions returns the decisions of the steps that stand, oldest first.
func (l *Ledger) Decisions() []steps.Decision {
	var out []steps.Decision
	standing := l.Standing()
	for i := len(standing) - 1; i >= 0; i-- {
		out = append(out, standing[i].Decisions...)
	}
	return out
}

// Former returns the option that was decided for a question and place by a
// step that was taken back since, or "".
func (l *Ledger) Former(question, where string) string {
	for _, e := range l.Entries {
		for _, d := range e.Decisions {
			if d.Question == question && d.Where == where {
				return d.Option
			}
		}
	}
	return ""
}

// maxFormer is how far back in a reflog lost commits are looked for.
const maxFormer = 1000

// lost reports the steps that this branch once had commits of and that its
// history knows nothing of any more: dropped in a rebase, reset away, or
// squashed under a message without their trailers.
func (w *Walk) lost() ([]gitops.Problem, error) {
	former, err := w.Repo.Former()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, e := range w.Ledger.Entries {
		known[e.Step] = true
	}
	var out []gitops.Problem
	for _, hash := range former[:min(len(former), maxFormer)] {
		if w.Ledger.history.Holds(hash) {
			continue
		}
		c, err := w.Repo.ReadCommit(hash)
		if err != nil {
			continue // git has removed it
		}
		for _, e := range readEntries(c) {
			if known[e.Step] {
				continue
			}
			known[e.Step] = true
			out = append(out, gitops.Problem{Code: gitops.LostCommit,
				Message: e.Step + ": its commit " + hash.Short() + " is not part of this branch any more; what is left to do is measured on the files",
				Hint:    "git cherry-pick " + hash.Short() + "   (or let the step run again)"})
		}
	}
	return out, nil
}
