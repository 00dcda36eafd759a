package gitops

import (
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// History returns the commits reachable from HEAD whose message holds one of
// our trailers, and those that say in git's words that they revert one of them,
// newest first by the committer's date. Those reachable from since are left
// out; since may be empty. At most max commits are returned; 0 means all.
//
// The walk ends when max commits are found, when every line of history has
// reached since, or at a commit whose parents a shallow clone does not have.
// Clocks may have been wrong: like git it looks a little further than the dates
// say before it takes a commit for newer than since.
// The whole message counts: a squashed commit holds several trailers.
func (r *Repo) History(since Hash, max int) ([]Commit, error) {
	head, err := r.Head()
	if err != nil || head.Unborn {
		return nil, err
	}
	w, err := r.newWalk()
	if err != nil {
		return nil, err
	}
	if err := w.push(head.Hash, false); err != nil {
		return nil, err
	}
	if since != "" {
		w.bounded = true
		if err := w.push(since, true); err != nil {
			return nil, err
		}
	}
	commits, err := w.run(max)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	for i := range commits {
		if commits[i].Paths, err = r.changedPaths(commits[i]); err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
	}
	return commits, nil
}

// slop is how many commits the walk goes on below the bound.
const slop = 256

// walk goes through history by date. Commits reachable from the bound are
// marked; what is found marked later, because clocks were wrong, is dropped.
type walk struct {
	repo    *Repo
	shallow map[Hash]bool
	queue   dateQueue
	seen    map[Hash]*walkItem
	open    int  // items of the queue that are not marked
	bounded bool // there is a bound
}

type walkItem struct {
	hash   Hash
	commit commitObject
	old    bool // reachable from the bound
	queued bool
}

func (r *Repo) newWalk() (*walk, error) {
	shallow, err := r.shallowCommits()
	return &walk{repo: r, shallow: shallow, seen: map[Hash]*walkItem{}}, err
}

// shallowCommits are those whose parents were cut off.
func (r *Repo) shallowCommits() (map[Hash]bool, error) {
	text, err := os.ReadFile(filepath.Join(r.commonDir, "shallow"))
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("history: %w", err)
	}
	commits := map[Hash]bool{}
	for _, h := range bytes.Fields(text) {
		commits[Hash(h)] = true
	}
	return commits, nil
}

// push queues a commit, or passes the mark on to one that is known.
func (w *walk) push(h Hash, old bool) error {
	if item := w.seen[h]; item != nil {
		w.mark(item, old)
		return nil
	}
	c, err := w.repo.readCommit(h)
	if err != nil {
		return err
	}
	item := &walkItem{hash: h, commit: c, old: old, queued: true}
	w.seen[h] = item
	heap.Push(&w.queue, item)
	if !old {
		w.open++
	}
	return nil
}

// mark makes item and the ancestors already seen old.
func (w *walk) mark(item *walkItem, old bool) {
	if !old || item.old {
		return
	}
	item.old = true
	if item.queued {
		w.open--
		return
	}
	for _, p := range item.commit.parents {
		if parent := w.seen[p]; parent != nil {
			w.mark(parent, true)
		}
	}
}

func (w *walk) run(max int) ([]Commit, error) {
	var found []*walkItem
	for left := slop; len(w.queue) > 0 && (max == 0 || countNew(found) < max); {
		if w.open > 0 {
			left = slop
		} else if left--; left < 0 || !w.bounded {
			break
		}
		item := heap.Pop(&w.queue).(*walkItem)
		item.queued = false
		if !item.old {
			w.open--
			if strings.Contains(item.commit.message, TrailerPrefix) || strings.Contains(item.commit.message, revertSentence) {
				found = append(found, item)
			}
		}
		if w.shallow[item.hash] {
			continue
		}
		for _, p := range item.commit.parents {
			if err := w.push(p, item.old); err != nil {
				return nil, err
			}
		}
	}
	commits := ours(found)
	if max > 0 && len(commits) > max {
		commits = commits[:max]
	}
	return commits, nil
}

// ours returns the commits with trailers of ours, and those that revert one of
// the commits returned.
func ours(found []*walkItem) []Commit {
	var commits []Commit
	known := map[Hash]bool{}
	for _, item := range slices.Backward(found) {
		c := commitOf(item.hash, item.commit)
		if !item.old && (len(c.Trailers) > 0 || slices.ContainsFunc(c.Reverts, func(h Hash) bool { return known[h] })) {
			commits = append(commits, c)
			known[c.Hash] = true
		}
	}
	slices.Reverse(commits)
	return commits
}

func countNew(items []*walkItem) int {
	n := 0
	for _, item := range items {
		if !item.old && len(ParseTrailers(item.commit.message)) > 0 {
			n++
		}
	}
	return n
}

// dateQueue is a heap with the newest commit on top.
type dateQueue []*walkItem

func (q dateQueue) Len() int { return len(q) }
func (q dateQueue) Less(i, j int) bool {
	return q[i].commit.committer.when.After(q[j].commit.committer.when)
}
func (q dateQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for container/heap.
func (q *dateQueue) Push(x any) { *q = append(*q, x.(*walkItem)) }

// Pop is for container/heap.
func (q *dateQueue) Pop() any {
	last := len(*q) - 1
	item := (*q)[last]
	*q = (*q)[:last]
	return item
}

// ReadCommit returns one commit by its hash.
func (r *Repo) ReadCommit(h Hash) (Commit, error) {
	object, err := r.readCommit(h)
	if err != nil {
		return Commit{}, err
	}
	c := commitOf(h, object)
	c.Paths, err = r.changedPaths(c)
	return c, err
}

// changedPaths compares a commit with its first parent; without one, as for
// the last commit of a shallow clone, it returns all paths.
func (r *Repo) changedPaths(c Commit) ([]string, error) {
	object, err := r.readCommit(c.Hash)
	if err != nil {
		return nil, err
	}
	var before Hash
	if len(c.Parents) > 0 {
		parent, err := r.readCommit(c.Parents[0])
		if err != nil && !errors.Is(err, errNoObject) {
			return nil, err
		}
		before = parent.tree
	}
	paths := map[string]bool{}
	if err := r.compareTrees("", before, object.tree, paths); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(paths)), nil
}

// ChangedPaths returns the paths that differ between the trees of two commits,
// sorted.
func (r *Repo) ChangedPaths(from, to Hash) ([]string, error) {
	a, err := r.readCommit(from)
	if err != nil {
		return nil, err
	}
	b, err := r.readCommit(to)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	err = r.compareTrees("", a.tree, b.tree, paths)
	return slices.Sorted(maps.Keys(paths)), err
}

// compareTrees adds the paths below dir that differ between two trees; an
// empty hash stands for an empty tree.
func (r *Repo) compareTrees(dir string, a, b Hash, paths map[string]bool) error {
	if a == b {
		return nil
	}
	before, err := r.treeByName(a)
	if err != nil {
		return err
	}
	after, err := r.treeByName(b)
	if err != nil {
		return err
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	for name := range names {
		x, y := before[name], after[name]
		if x == y {
			continue
		}
		if !x.isTree() && x.hash != "" || !y.isTree() && y.hash != "" {
			paths[dir+name] = true
		}
		if err := r.compareTrees(dir+name+"/", folderHash(x), folderHash(y), paths); err != nil {
			return err
		}
	}
	return nil
}

func folderHash(e treeEntry) Hash {
	if e.isTree() {
		return e.hash
	}
	return ""
}

func (r *Repo) treeByName(h Hash) (map[string]treeEntry, error) {
	byName := map[string]treeEntry{}
	if h == "" {
		return byName, nil
	}
	entries, err := r.readTree(h)
	for _, e := range entries {
		byName[e.name] = e
	}
	return byName, err
}
