package wizard

import (
	"bytes"
	"slices"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// committed is a step that stands in a commit, planned again on the tree that it
// was run on, with the decisions that held then.
type committed struct {
	Entry
	plan    *steps.Plan
	project *rewrite.Project // before the commit
	decided []steps.Decision // what held then
	files   []steps.FileChange
}

// committed returns the steps that stand, oldest first; [Walk.Read] must have
// run. The files are what the commit really changed, also where the program was
// another version then, or a person edited the commit.
func (w *Walk) committed() ([]committed, error) {
	n := len(w.Ledger.Entries)
	if n == 0 {
		return nil, nil
	}
	r := w.newRewind(nil, nil)
	r.first = 0
	if err := r.begin(); err != nil {
		return nil, err
	}
	stands := map[int]bool{}
	for _, i := range w.Ledger.standing() {
		stands[n-1-i] = true
	}
	var out []committed
	for at := 0; at < n; {
		end := at + 1
		for end < n && r.history[end].Commit.Hash == r.history[at].Commit.Hash {
			end++
		}
		list, err := r.recall(at, end, stands)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		at = end
	}
	return out, nil
}

// recall plans the steps of one commit, history[at:end], that stand.
func (r *rewind) recall(at, end int, stands map[int]bool) ([]committed, error) {
	if !slices.ContainsFunc(indexes(at, end), func(i int) bool { return stands[i] }) {
		return nil, nil
	}
	commit := r.history[at].Commit
	if r.walk.Ledger.history.Cut(commit.Hash) {
		return nil, &gitops.ShallowError{Commit: commit.Hash}
	}
	before := contents{}
	if len(commit.Parents) > 0 {
		var err error
		if before, err = r.at(commit.Parents[0]); err != nil {
			return nil, err
		}
	}
	after, err := r.at(commit.Hash)
	if err != nil {
		return nil, err
	}
	r.actual = before
	t, err := r.best(commit, at, end, after)
	if err != nil {
		return nil, err
	}
	var files []steps.FileChange
	for _, path := range commit.Paths {
		path = r.name(path)
		if !bytes.Equal(before[path], after[path]) {
			files = append(files, steps.FileChange{Path: path, Before: before[path], After: after[path]})
		}
	}
	var out []committed
	for i := at; i < end; i++ {
		if p, ran := t.plans[i]; ran && stands[i] {
			out = append(out, committed{r.history[i], p.plan, p.project, r.decided(i), files})
		}
	}
	return out, nil
}

func indexes(from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// lineNow returns the line of a file now, for a line of it before; both count
// from 1.
func lineNow(before, now []byte, line int) int {
	shift := 0
	for _, h := range rewrite.Hunks(before, now) {
		if line < h.OldStart {
			break
		}
		fresh := 0 // the last line of now that was passed in this hunk
		for i, l := range h.Lines {
			if l.New > 0 {
				fresh = l.New
			}
			if l.Old != line {
				continue
			}
			for _, next := range h.Lines[i:] { // a line that went: the one in its place
				if next.New > 0 {
					return next.New
				}
			}
			return max(fresh, 1)
		}
		shift += h.NewLines - h.OldLines
	}
	return line + shift
}
