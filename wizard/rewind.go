package wizard

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// contents is what files hold, by path, as on disk; a path without an entry is
// no file.
type contents map[string][]byte

func (c contents) equal(d contents) bool { return maps.EqualFunc(c, d, bytes.Equal) }

func (c contents) put(path string, data []byte, there bool) {
	if there {
		c[path] = data
	} else {
		delete(c, path)
	}
}

// trees is a place in history twice: as it was, and as it would be without some
// steps.
type trees struct{ actual, without contents }

// rewind works out what the work tree would hold if some steps had not been
// run, or had been run with other answers.
//
// It goes through history from the first of them to now with two trees: the
// actual one, and one without them. A commit that is left out changes only the
// actual tree. A later step is run again, with its recorded decisions, on the
// tree without. Whatever else changed between two commits, by hand or by a
// merge, is brought into the tree without by a three-way merge on tokens: base is the
// actual tree, ours the tree without, theirs the next actual tree. Where no
// later step touched a file, this is the merge with the step's result as base.
//
// Where lines of history with steps meet, the tree without is the merge as it
// was made, changed by what the steps left out make of each line.
type rewind struct {
	walk    *Walk
	history []Entry          // the whole ledger, oldest first
	first   int              // where in history to begin
	out     map[int]bool     // places in history that are left out
	other   map[int]*redoing // places in history that are run with other answers
	paths   []string         // files that a commit from first on changed, by their names now
	names   map[string]string
	onDisk  map[string]func([]byte) []byte
	now     contents
	beside  map[string]bool // files that only the tree without has changed
	trees                   // where it stands
}

// redoing is one step run with other answers.
type redoing struct {
	decisions []steps.Decision
	plan      *steps.Plan      // what came of it
	project   *rewrite.Project // what it was planned on
}

// newRewind prepares to leave out the entries at these places of the ledger,
// and to run others with other answers. Reverts may be left out too: that runs
// the step again.
func (w *Walk) newRewind(out []int, other map[int]*redoing) *rewind {
	n := len(w.Ledger.Entries)
	r := &rewind{walk: w, out: map[int]bool{}, other: map[int]*redoing{}, names: map[string]string{},
		onDisk: map[string]func([]byte) []byte{}, beside: map[string]bool{}}
	r.history = slices.Clone(w.Ledger.Entries)
	slices.Reverse(r.history)
	first := 0
	for _, i := range out {
		r.out[n-1-i] = true
		first = max(first, i)
	}
	for i, redo := range other {
		r.other[n-1-i] = redo
		first = max(first, i)
	}
	r.first = n - 1 - r.widen(out, first)
	return r
}

// widen leaves out, too, every step that was taken back after first together
// with its revert, and returns where to begin so that both are seen, and whole
// commits.
func (r *rewind) widen(out []int, first int) int {
	entries, pairs := r.walk.Ledger.Entries, r.walk.Ledger.takenBack()
	for _, i := range out {
		delete(pairs, i)
	}
	for again := true; again; {
		again = false
		for revert, step := range pairs {
			if revert > first {
				continue
			}
			r.out[len(entries)-1-revert], r.out[len(entries)-1-step] = true, true
			again = again || step > first
			first = max(first, step)
		}
		for first+1 < len(entries) && entries[first+1].Commit.Hash == entries[first].Commit.Hash {
			first++
			again = true
		}
	}
	return first
}

// run goes through history.
func (r *rewind) run() error {
	if err := r.begin(); err != nil {
		return err
	}
	places := map[gitops.Hash]int{} // of a commit's first entry
	var commits []gitops.Hash
	for i, e := range slices.Backward(r.history[r.first:]) {
		places[e.Commit.Hash] = r.first + i
		commits = append(commits, e.Commit.Hash)
	}
	passed := map[gitops.Hash]trees{}
	for _, node := range r.walk.Ledger.history.Nodes(commits) {
		if err := r.arrive(node, passed); err != nil {
			return err
		}
		if at, ours := places[node.Hash]; ours {
			if err := r.pass(at); err != nil {
				return err
			}
		}
		passed[node.Hash] = r.trees
	}
	return r.carry(r.now)
}

// begin gathers the files concerned and reads them as they are now.
func (r *rewind) begin() error {
	var err error
	if r.names, err = r.renamed(); err != nil {
		return err
	}
	paths := map[string]bool{}
	for _, e := range r.history[r.first:] {
		for _, path := range e.Commit.Paths {
			paths[r.name(path)] = true
		}
	}
	r.paths = slices.Sorted(maps.Keys(paths))
	r.now = contents{}
	head, err := r.walk.Repo.Head()
	if err != nil {
		return err
	}
	for _, path := range r.paths {
		if err := r.readNow(path, head.Hash); err != nil {
			return err
		}
	}
	return nil
}

// readNow reads a file as it is now and finds out how its committed bytes look
// in this work tree.
func (r *rewind) readNow(path string, head gitops.Hash) error {
	r.onDisk[path] = asCommitted
	data, err := r.walk.worktree(path)
	if err != nil {
		return ignoreGone(err)
	}
	r.now[path] = data
	blob, err := r.walk.Repo.BlobAt(head, path)
	if err == nil && !bytes.Equal(blob, data) && bytes.Equal(withCRLF(blob), data) {
		r.onDisk[path] = withCRLF
	}
	return ignoreGone(err) // preflight says what is wrong with a file that is not committed
}

func asCommitted(data []byte) []byte { return data }

func withCRLF(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// at reads the files concerned in a commit, each by the name it had there.
func (r *rewind) at(commit gitops.Hash) (contents, error) {
	out := contents{}
	for _, path := range r.paths {
		for _, name := range r.formerly(path) {
			blob, err := r.walk.Repo.BlobAt(commit, name)
			if errors.Is(err, gitops.ErrNotInCommit) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("read %s in %s: %w", name, commit.Short(), err)
			}
			out[path] = r.onDisk[path](blob)
			break
		}
	}
	return out, nil
}

// arrive comes from the nodes above to just before a node, or, where lines of
// history meet, to it.
func (r *rewind) arrive(n gitops.Node, passed map[gitops.Hash]trees) error {
	switch {
	case r.walk.Ledger.history.Cut(n.Hash):
		return &gitops.ShallowError{Commit: n.Hash}
	case len(n.Parents) == 0:
		r.trees = trees{contents{}, contents{}}
		return nil
	case len(n.Parents) == 1:
		return r.resume(n.Above[0], n.Parents[0], passed)
	}
	merge, err := r.at(n.Hash)
	if err != nil {
		return err
	}
	met := trees{actual: merge, without: maps.Clone(merge)}
	for i, above := range n.Above {
		if above == "" {
			continue // nothing of this line is left out
		}
		if err := r.resume(above, n.Parents[i], passed); err != nil {
			return err
		}
		line := r.trees
		r.trees = trees{actual: line.actual, without: met.without}
		if err := r.carry(line.without); err != nil {
			return err
		}
		met.without = r.without
	}
	r.trees = met
	return nil
}

// resume goes on from a node that was passed to one of its descendants on the
// same line; "" is a line without nodes.
func (r *rewind) resume(above, commit gitops.Hash, passed map[gitops.Hash]trees) error {
	tree, err := r.at(commit)
	if err != nil {
		return err
	}
	if above == "" {
		r.trees = trees{tree, maps.Clone(tree)}
		return nil
	}
	r.trees = trees{passed[above].actual, maps.Clone(passed[above].without)}
	return r.carry(tree)
}

// carry brings what changes from the actual tree to next into the tree without.
func (r *rewind) carry(next contents) error {
	overlap := &OverlapError{}
	for _, path := range r.paths {
		was, known := r.actual[path]
		to, stays := next[path]
		mine, have := r.without[path]
		switch {
		case known == stays && bytes.Equal(was, to), have == stays && bytes.Equal(mine, to):
		case have == known && bytes.Equal(mine, was):
			r.without.put(path, to, stays)
		case known && stays && have:
			merged, conflicts := rewrite.Merge(was, mine, to)
			for _, c := range conflicts {
				overlap.Places = append(overlap.Places, fmt.Sprintf("%s:%d", path, c.TheirsLine))
			}
			r.without[path] = merged
		case known && !stays: // removed since
			delete(r.without, path)
		default:
			overlap.Places = append(overlap.Places, path)
		}
	}
	r.actual = next
	if len(overlap.Places) > 0 {
		return overlap
	}
	return nil
}

// pass goes from before a commit, whose first entry is history[at], to after it.
func (r *rewind) pass(at int) error {
	commit := r.history[at].Commit
	end, left, same := at, 0, true
	for ; end < len(r.history) && r.history[end].Commit.Hash == commit.Hash; end++ {
		if r.out[end] {
			left++
		}
		same = same && !r.out[end] && r.other[end] == nil
	}
	after, err := r.at(commit.Hash)
	if err != nil {
		return err
	}
	switch {
	case left == end-at:
		r.actual = after
		return nil
	case same && r.actual.equal(r.without):
		r.trees = trees{after, maps.Clone(after)}
		return nil
	}
	if err := r.replay(commit, at, end, after); err != nil {
		return err
	}
	return r.carry(after)
}

// changes returns what the tree without makes of the files as they are now.
func (r *rewind) changes() []steps.FileChange {
	var out []steps.FileChange
	for path, before := range r.now {
		after, ok := r.without[path]
		if ok && !bytes.Equal(before, after) {
			out = append(out, steps.FileChange{Path: path, Before: before, After: after})
		}
	}
	slices.SortFunc(out, func(a, b steps.FileChange) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// missing returns the files of some commits that are gone now.
func (r *rewind) missing(places []int) []string {
	var out []string
	for _, i := range places {
		for _, path := range r.walk.Ledger.Entries[i].Commit.Paths {
			if _, ok := r.now[r.name(path)]; !ok && !slices.Contains(out, path) && r.walk.options.Selection.Holds(path) {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return out
}
