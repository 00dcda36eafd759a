package wizard

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
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
type rewind struct {
	walk    *Walk
	history []Entry          // the whole ledger, oldest first
	first   int              // where in history to begin
	out     map[int]bool     // places in history that are left out
	other   map[int]*redoing // places in history that are run with other answers
	paths   []string         // files that a commit from first on changed
	onDisk  map[string]func([]byte) []byte
	moved   map[string]string // old path -> path now, for files that were renamed
	now     contents
	actual  contents
	without contents
	beside  map[string]bool // files that only the tree without has changed
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
	r := &rewind{walk: w, out: map[int]bool{}, other: map[int]*redoing{},
		onDisk: map[string]func([]byte) []byte{}, moved: map[string]string{}, beside: map[string]bool{}}
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
	for at := r.first; at < len(r.history); {
		end := at + 1
		for end < len(r.history) && r.history[end].Commit.Hash == r.history[at].Commit.Hash {
			end++
		}
		commit := r.history[at].Commit
		before, err := r.before(commit)
		if err != nil {
			return err
		}
		if err := r.carry(before); err != nil {
			return err
		}
		after, err := r.at(commit.Hash)
		if err != nil {
			return err
		}
		if err := r.play(commit, at, end, after); err != nil {
			return err
		}
		at = end
	}
	return r.carry(r.now)
}

// begin gathers the files concerned and reads them as they are now.
func (r *rewind) begin() error {
	head, err := r.walk.Repo.Head()
	if err != nil {
		return err
	}
	paths := map[string]bool{}
	for _, e := range r.history[r.first:] {
		for _, path := range e.Commit.Paths {
			paths[path] = true
		}
	}
	r.paths = slices.Sorted(maps.Keys(paths))
	r.now = contents{}
	for _, path := range r.paths {
		if err := r.readNow(path, head.Hash); err != nil {
			return err
		}
	}
	r.actual, err = r.before(r.history[r.first].Commit)
	r.without = maps.Clone(r.actual)
	return err
}

// readNow reads a file as it is now, under its new name if it was renamed, and
// finds out how its committed bytes look in this work tree.
func (r *rewind) readNow(path string, head gitops.Hash) error {
	r.onDisk[path] = asCommitted
	data, err := r.walk.Repo.ReadWorktree(path)
	name := path
	if errors.Is(err, fs.ErrNotExist) {
		if name, err = r.newName(path); err != nil || name == "" {
			return err
		}
		r.moved[path] = name
		data, err = r.walk.Repo.ReadWorktree(name)
	}
	if err != nil {
		return err
	}
	r.now[path] = data
	blob, err := r.walk.Repo.BlobAt(head, name)
	if err == nil && !bytes.Equal(blob, data) && bytes.Equal(withCRLF(blob), data) {
		r.onDisk[path] = withCRLF
	}
	if errors.Is(err, gitops.ErrNotInCommit) {
		return nil // preflight says what is wrong with a file that is not committed
	}
	return err
}

func asCommitted(data []byte) []byte { return data }

func withCRLF(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// newName returns the tracked file that holds exactly what path held after the
// last step that changed it, or "".
func (r *rewind) newName(path string) (string, error) {
	tracked, err := r.walk.Repo.TrackedFiles()
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(r.history) {
		if !slices.Contains(e.Commit.Paths, path) {
			continue
		}
		blob, err := r.walk.Repo.BlobAt(e.Commit.Hash, path)
		if err != nil {
			return "", ignoreMissing(err)
		}
		hash := r.walk.Repo.BlobHash(blob)
		i := slices.IndexFunc(tracked, func(f gitops.File) bool { return f.Hash == hash && f.Regular() && f.Path != path })
		if i < 0 || len(blob) == 0 {
			return "", nil
		}
		return tracked[i].Path, nil
	}
	return "", nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, gitops.ErrNotInCommit) {
		return nil
	}
	return err
}

// at reads the files concerned in a commit.
func (r *rewind) at(commit gitops.Hash) (contents, error) {
	out := contents{}
	for _, path := range r.paths {
		blob, err := r.walk.Repo.BlobAt(commit, path)
		if errors.Is(err, gitops.ErrNotInCommit) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s in %s: %w", path, commit.Short(), err)
		}
		out[path] = r.onDisk[path](blob)
	}
	return out, nil
}

// before reads the files concerned as they were before a commit.
func (r *rewind) before(c gitops.Commit) (contents, error) {
	if len(c.Parents) == 0 {
		return contents{}, nil
	}
	return r.at(c.Parents[0])
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

func (c contents) put(path string, data []byte, there bool) {
	if there {
		c[path] = data
	} else {
		delete(c, path)
	}
}

// play goes from before a commit, whose entries are history[at:end], to after
// it.
func (r *rewind) play(commit gitops.Commit, at, end int, after contents) error {
	left, same := 0, true
	for i := at; i < end; i++ {
		if r.out[i] {
			left++
		}
		same = same && !r.out[i] && r.other[i] == nil
	}
	switch {
	case left == end-at:
		r.actual = after
		return nil
	case same && r.actual.equal(r.without):
		r.actual, r.without = after, maps.Clone(after)
		return nil
	}
	if err := r.replay(commit, at, end, after); err != nil {
		return err
	}
	return r.carry(after)
}

// policies are the ways a step may have been run, the usual ones first.
var policies = []steps.Policy{{Recommended: true}, {Recommended: true, Review: true}, {}, {Review: true}}

// take is a commit's steps run again on the tree they were run on.
type take struct {
	policy steps.Policy
	trees  map[int]contents // after each of the steps, by place in history
	extra  map[string]bool  // files they change now and did not change then
	misses int              // files that came out differently
}

// replay runs the steps of a commit on both trees. How they were run, and what
// has been different since, is found out on the actual tree.
func (r *rewind) replay(commit gitops.Commit, at, end int, after contents) error {
	var best *take
	for _, policy := range policies {
		t, err := r.try(commit, at, end, policy, after)
		if err != nil {
			return err
		}
		if best == nil || t.misses < best.misses {
			best = t
		}
		if best.misses == 0 {
			break
		}
	}
	for i := at; i < end; i++ {
		tree, ran := best.trees[i]
		if !ran {
			continue
		}
		r.actual = tree
		if r.out[i] {
			continue
		}
		if err := r.again(i, best); err != nil {
			return err
		}
	}
	return nil
}

// try runs the steps of a commit on the actual tree under a policy.
func (r *rewind) try(commit gitops.Commit, at, end int, policy steps.Policy, after contents) (*take, error) {
	t := &take{policy: policy, trees: map[int]contents{}, extra: map[string]bool{}}
	tree := maps.Clone(r.actual)
	for i := at; i < end; i++ {
		step := steps.ByName(r.history[i].Step)
		if step == nil || r.history[i].Revert || r.undoneWithin(i, at, end) {
			continue
		}
		plan, _, err := r.plan(step, tree, r.decided(i), policy)
		if err != nil {
			return nil, err
		}
		tree = maps.Clone(tree)
		for _, f := range plan.Files {
			if slices.Contains(commit.Paths, f.Path) {
				tree[f.Path] = f.After
			} else {
				t.extra[f.Path] = true
			}
		}
		t.trees[i] = tree
	}
	for _, path := range r.paths {
		if !bytes.Equal(tree[path], after[path]) {
			t.misses++
		}
	}
	t.misses += len(t.extra)
	return t, nil
}

// undoneWithin reports whether a step is taken back in its own commit, as in a
// squashed one.
func (r *rewind) undoneWithin(i, at, end int) bool {
	n := len(r.history)
	for revert, step := range r.walk.Ledger.takenBack() {
		if n-1-step == i && n-1-revert >= at && n-1-revert < end {
			return true
		}
	}
	return false
}

// again runs a step on the tree without.
func (r *rewind) again(i int, t *take) error {
	decisions, policy := r.decided(i), t.policy
	redo := r.other[i]
	if redo != nil {
		decisions = append(decisions, redo.decisions...)
		policy = steps.Policy{Recommended: r.walk.policy.Recommended, Review: policy.Review || r.walk.policy.Review}
	}
	plan, project, err := r.plan(steps.ByName(r.history[i].Step), r.without, decisions, policy)
	if err != nil {
		return err
	}
	if redo != nil {
		redo.plan, redo.project = plan, project
	}
	for _, f := range plan.Files {
		if t.extra[f.Path] {
			continue
		}
		if !slices.Contains(r.paths, f.Path) && !r.beside[f.Path] {
			r.beside[f.Path] = true
			r.now[f.Path] = f.Before
		}
		r.without[f.Path] = f.After
	}
	return nil
}

// decided returns the decisions that held when a step of history ran, without
// those of a step that is run with other answers.
func (r *rewind) decided(i int) []steps.Decision {
	var out []steps.Decision
	for k, e := range r.history[:i+1] {
		if !e.Revert && (r.other[k] == nil || k != i) {
			out = append(out, e.Decisions...)
		}
	}
	return out
}

// plan plans a step on some contents.
func (r *rewind) plan(step *steps.Step, c contents, decisions []steps.Decision, policy steps.Policy) (*steps.Plan, *rewrite.Project, error) {
	project, err := r.project(c)
	if err != nil {
		return nil, nil, err
	}
	plan, err := steps.Make(step, project, steps.NewDecisions(decisions...), policy)
	return plan, project, err
}

// project returns the project with the files concerned as in c.
func (r *rewind) project(c contents) (*rewrite.Project, error) {
	tree := r.walk.Tree
	concerned := map[string]bool{}
	for _, path := range r.paths {
		concerned[path] = true
	}
	var files []*rewrite.File
	for _, f := range tree.Project.Files() {
		if _, ok := c[f.Path]; !ok && !concerned[f.Path] {
			files = append(files, f)
		}
	}
	others := map[string][]byte{}
	for _, name := range tree.Project.Others() {
		if !concerned[name] {
			others[name] = tree.Project.Other(name)
		}
	}
	filter := tree.filter()
	for path, data := range c {
		if !isPython(path) || tree.Project.File(path) == nil && !steps.Mentions(data) {
			others[path] = data
			continue
		}
		f, err := tree.parse(path, data, filter)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return steps.NewProject(files, others, filter), nil
}

// parse reads a file, or returns it as read before.
func (t *Tree) parse(path string, data []byte, filter rewrite.Filter) (*rewrite.File, error) {
	if f := t.Project.File(path); f != nil && bytes.Equal(t.Project.Data(path), data) {
		return f, nil
	}
	return rewrite.Parse(path, data, filter)
}

func isPython(path string) bool {
	return strings.HasSuffix(path, ".py") || strings.HasSuffix(path, ".pyi")
}

// changes returns what the tree without makes of the files as they are now.
func (r *rewind) changes() []steps.FileChange {
	var out []steps.FileChange
	for path, before := range r.now {
		after, ok := r.without[path]
		if name := r.moved[path]; name != "" {
			path = name
		}
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
			if _, ok := r.now[path]; !ok && !slices.Contains(out, path) && r.walk.options.Selection.Holds(path) {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return out
}
