package wizard

import (
	"slices"
	"time"

	"spanwalk/gitops"
)

// streaming is the branch suggested for the commits.
const streaming = "spanwalk/streaming"

// resume tells what a run that goes on finds: what earlier runs left, and what
// became of it since.
func (w *Walk) resume(o *Overview) error {
	var err error
	if o.Suggested, err = w.Repo.FreeBranch(streaming); err != nil {
		return err
	}
	if o.Suggested != streaming && o.Head.Branch != streaming && len(w.Ledger.Entries) == 0 {
		o.Earlier = streaming
	}
	lost, err := w.lost()
	if err != nil {
		return err
	}
	o.Problems = append(o.Problems, lost...)
	if w.options.Ask {
		if o.Own, err = w.Repo.Changes(); err != nil {
			return err
		}
	}
	o.Committed, o.Kept = w.Ledger.Standing(), len(w.Session.Answers)
	if o.Kept+len(w.Session.Skipped) > 0 {
		o.Last = w.Session.Started
	}
	for _, e := range o.Committed {
		if made := e.Commit.Authored; made.After(o.Last) {
			o.Last = made
		}
		if e.Commit.When.Sub(e.Commit.Authored) > time.Second {
			o.Rebased++
		}
	}
	if o.Last.IsZero() || o.Head.Unborn {
		return nil
	}
	o.Changed, err = w.changedSince(o.Head.Hash)
	return err
}

// changedSince returns the files of the project that differ from where the last
// run left the branch, or where that is not known, from the last commit of a
// step.
func (w *Walk) changedSince(head gitops.Hash) ([]string, error) {
	left := w.Session.Head
	if _, err := w.Repo.ReadCommit(left); left == "" || err != nil { // or it went with a rebase
		if len(w.Ledger.Entries) == 0 {
			return nil, nil
		}
		left = w.Ledger.Entries[0].Commit.Hash
	}
	paths, err := w.Repo.ChangedPaths(left, head)
	return slices.DeleteFunc(paths, func(path string) bool {
		return !isPython(path) && w.Tree.Project.Other(path) == nil
	}), err
}
