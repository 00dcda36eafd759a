package wizard

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"spanwalk/gitops"
)

// TakeBack is what taking a step back would do, for a person who decides how.
type TakeBack struct {
	Reversal *Reversal // of the step alone
	Entry    Entry     // the commit it is about: the step's newest that stands, or the revert that is taken back itself
	Files    []string  // that would change, sorted
	Later    []Later   // of them, those that changed since
	Offers   []Offer   // at least one
}

// Later is a file that changed after the step did; those changes are kept.
type Later struct {
	Path  string
	Steps []string // steps that changed it, oldest first
	Own   bool     // commits that are no step's changed it too
}

// Offer is one way to take the step back.
type Offer struct {
	Way   Way
	Steps []string // what else is taken back, newest first
	After int      // places that raise or go silent then; for [Redo] it depends on the answers
}

// takeBackOf gathers what a person wants to know before a step is taken back.
func (w *Walk) takeBackOf(r *Reversal) (*TakeBack, error) {
	places, _, err := w.targets(r.Step)
	if err != nil {
		return nil, err
	}
	t := &TakeBack{Reversal: r, Entry: w.Ledger.Entries[places[0]], Files: r.paths()}
	slices.Sort(t.Files)
	t.Files = slices.Compact(t.Files)
	for _, path := range t.Files {
		later, err := w.laterIn(path, places[0])
		if err != nil {
			return nil, err
		}
		if len(later.Steps) > 0 || later.Own {
			t.Later = append(t.Later, later)
		}
	}
	t.Offers, err = w.offers(r, t.Entry)
	return t, err
}

// offers returns the ways there are. The one that breaks nothing comes first.
func (w *Walk) offers(r *Reversal, entry Entry) ([]Offer, error) {
	list := []Offer{{Way: Alone, After: r.After}}
	if r.Restores {
		return list, nil
	}
	if len(entry.Decisions)+len(entry.Defaults) > 0 {
		list = append(list, Offer{Way: Redo})
	}
	if !r.Worse() {
		return list, nil
	}
	slices.Reverse(list)
	all, err := w.PlanRevert(r.Step, Dependents, nil)
	var overlap *OverlapError
	var missing *MissingError
	switch {
	case errors.As(err, &overlap), errors.As(err, &missing):
		return list, nil // this way is barred, the others may not be
	case err != nil:
		return nil, err
	}
	offer := Offer{Way: Dependents, After: all.After}
	for _, s := range all.Stages {
		if s.entry.Step != r.Step && !slices.Contains(offer.Steps, s.entry.Step) {
			offer.Steps = append(offer.Steps, s.entry.Step)
		}
	}
	return append([]Offer{offer}, list...), nil
}

// laterIn tells who changed a file after an entry of the ledger did.
func (w *Walk) laterIn(path string, entry int) (Later, error) {
	later := Later{Path: path}
	last := w.Ledger.Entries[entry].Commit
	for i := entry - 1; i >= 0; i-- {
		e := w.Ledger.Entries[i]
		if !slices.Contains(e.Commit.Paths, path) {
			continue
		}
		last = e.Commit
		if !slices.Contains(later.Steps, e.Step) {
			later.Steps = append(later.Steps, e.Step)
		}
	}
	then, err := w.Repo.BlobAt(last.Hash, path)
	if err != nil && !errors.Is(err, gitops.ErrNotInCommit) {
		return later, err
	}
	head, err := w.Repo.Head()
	if err != nil {
		return later, err
	}
	now, err := w.Repo.BlobAt(head.Hash, path)
	if err != nil && !errors.Is(err, gitops.ErrNotInCommit) {
		return later, err
	}
	later.Own = !bytes.Equal(then, now)
	return later, nil
}

// choose asks how to take the step back and plans that.
func (w *Walk) choose(ctx context.Context, p Prompter, r *Reversal) (*Reversal, error) {
	t, err := w.takeBackOf(r)
	if err != nil {
		return nil, err
	}
	way, err := p.TakeBack(ctx, t)
	switch {
	case err != nil:
		return nil, err
	case way == Redo:
		return w.askAgain(ctx, p, r.Step)
	case way == Dependents:
		return w.PlanRevert(r.Step, way, nil)
	case way == Alone:
		return r, nil
	}
	return nil, ErrAborted
}

// Needs returns the steps whose places raise or go silent once the step is
// taken back, as far as they are known: those an offer takes back too.
func (t *TakeBack) Needs() []string {
	for _, o := range t.Offers {
		if o.Way == Dependents {
			return o.Steps
		}
	}
	return nil
}
