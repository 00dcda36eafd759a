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
type Ledger struct{ Entries []Entry } // newest first

// ReadLedger reads the ledger of a repository. Rebased, amended and cherry-picked
// commits are found by their trailers, and so are several steps squashed into one.
func ReadLedger(repo *gitops.Repo) (*Ledger, error) {
	commits, err := repo.History("", 0)
	if err != nil {
		return nil, fmt.Errorf("read the steps committed so far: %w", err)
	}
	l := &Ledger{}
	for _, c := range commits {
		l.add(c)
	}
	return l, nil
}

// put adds the entries of a commit that was just made.
func (l *Ledger) put(c gitops.Commit) {
	newer := &Ledger{}
	newer.add(c)
	l.Entries = append(newer.Entries, l.Entries...)
}

// add appends the entries of a commit that is older than those before it.
func (l *Ledger) add(c gitops.Commit) {
	for _, e := range slices.Backward(readEntries(c)) {
		l.Entries = append(l.Entries, e)
	}
}

// manyPlaces marks a decision that stands for the same recommended option at
// many places.
var manyPlaces = regexp.MustCompile(`^(.*) \(recommended, \d+ places\)$`)

// readEntries returns the entries of one commit, oldest first: decisions belong
// to the step named before them.
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
	return entries
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
	reverted := map[string]int{}
	for _, e := range l.Entries {
		switch {
		case e.Revert:
			reverted[e.Step]++
		case reverted[e.Step] > 0:
			reverted[e.Step]--
		default:
			out = append(out, e)
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
