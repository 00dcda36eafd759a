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

// History is what can be reached from HEAD: how its commits hang together, and
// which of them concern us.
type History struct {
	// Commits hold one of our trailers, or say in git's words that they revert
	// one that does. A commit comes before its ancestors, else the newer one
	// by the committer's date first.
	Commits []Commit

	order   []Hash          // all commits, ancestors first
	parents map[Hash][]Hash // of all commits
	cut     map[Hash]bool   // whose parents a shallow clone does not have
}

// History reads the history of HEAD. It ends at commits whose parents a shallow
// clone does not have. The whole message of a commit counts: a squashed one
// holds several trailers.
func (r *Repo) History() (*History, error) {
	h := &History{parents: map[Hash][]Hash{}}
	head, err := r.Head()
	if err != nil || head.Unborn {
		return h, err
	}
	if h.cut, err = r.shallowCommits(); err != nil {
		return nil, err
	}
	commits, err := r.reachableFrom(head.Hash, h.cut)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	for _, c := range sortCommits(commits, head.Hash) {
		h.order, h.parents[c.hash] = append(h.order, c.hash), c.object.parents
	}
	slices.Reverse(h.order)
	maps.DeleteFunc(h.cut, func(hash Hash, _ bool) bool { return commits[hash] == nil })
	h.Commits = h.ours(commits)
	for i, c := range h.Commits {
		if h.cut[c.Hash] {
			continue // nobody knows what it changed
		}
		if h.Commits[i].Paths, err = r.changedPaths(c); err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
	}
	return h, nil
}

// Shallow reports whether the history ends early because the clone is shallow.
func (h *History) Shallow() bool { return len(h.cut) > 0 }

// Cut reports whether a commit has parents that a shallow clone does not have.
func (h *History) Cut(commit Hash) bool { return h.cut[commit] }

// Holds reports whether a commit is part of the history.
func (h *History) Holds(commit Hash) bool {
	_, found := h.parents[commit]
	return found
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

// reached is a commit of the history.
type reached struct {
	hash     Hash
	object   commitObject // without parents where these were cut off
	children int          // that sortCommits has not passed yet
	seen     int          // as which it was read
}

// reachableFrom reads a commit and all its ancestors.
func (r *Repo) reachableFrom(from Hash, cut map[Hash]bool) (map[Hash]*reached, error) {
	commits := map[Hash]*reached{}
	for todo := []Hash{from}; len(todo) > 0; {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if commits[next] != nil {
			continue
		}
		object, err := r.readCommit(next)
		if err != nil {
			return nil, err
		}
		if cut[next] {
			object.parents = nil
		}
		if !strings.Contains(object.message, TrailerPrefix) && !strings.Contains(object.message, revertSentence) {
			object.message = "" // so that only what matters stays in memory
		}
		commits[next] = &reached{hash: next, object: object, seen: len(commits)}
		todo = append(todo, object.parents...)
	}
	for _, c := range commits {
		for _, p := range c.object.parents {
			commits[p].children++
		}
	}
	return commits, nil
}

// sortCommits puts descendants before ancestors, and newer commits first.
func sortCommits(commits map[Hash]*reached, head Hash) []*reached {
	out := make([]*reached, 0, len(commits))
	for ready := (dateQueue{commits[head]}); len(ready) > 0; {
		c := heap.Pop(&ready).(*reached)
		out = append(out, c)
		for _, p := range c.object.parents {
			if commits[p].children--; commits[p].children == 0 {
				heap.Push(&ready, commits[p])
			}
		}
	}
	return out
}

// ours returns the commits with trailers of ours, and those that revert one of
// the commits returned or a merge that brought them.
func (h *History) ours(commits map[Hash]*reached) []Commit {
	var out []Commit
	known := map[Hash]bool{}
	for _, hash := range h.order {
		object := commits[hash].object
		if object.message == "" {
			continue
		}
		c := commitOf(hash, object)
		c.Reverts = h.withMerged(c, known)
		if len(c.Trailers) > 0 || slices.ContainsFunc(c.Reverts, func(h Hash) bool { return known[h] }) {
			out = append(out, c)
			known[hash] = true
		}
	}
	slices.Reverse(out)
	return out
}

// withMerged returns what a commit says it reverts; behind a merge, "git revert
// -m" of which takes a whole line of history back, that line's known commits,
// newest first.
func (h *History) withMerged(c Commit, known map[Hash]bool) []Hash {
	var out []Hash
	for _, hash := range c.Reverts {
		out = append(out, hash)
		parents := h.parents[hash]
		if len(parents) < 2 {
			continue
		}
		kept := parents[0]
		for _, p := range parents {
			if strings.Contains(c.Message, "changes made to "+string(p)) {
				kept = p
			}
		}
		before, merged := h.ancestry(kept), h.ancestry(hash)
		for _, other := range slices.Backward(h.order) {
			if known[other] && merged[other] && !before[other] {
				out = append(out, other)
			}
		}
	}
	return out
}

// ancestry returns a commit and all its ancestors.
func (h *History) ancestry(of Hash) map[Hash]bool {
	found := map[Hash]bool{of: true}
	for _, hash := range slices.Backward(h.order) {
		if found[hash] {
			for _, p := range h.parents[hash] {
				found[p] = true
			}
		}
	}
	return found
}

// Node is a commit that matters when the effect of some commits is followed
// through history: one of them, or a merge where lines of history meet that hold
// different ones.
type Node struct {
	Hash    Hash
	Parents []Hash
	// Above holds for each parent the last Node on the way to it, itself
	// included; "" where it descends from none.
	Above []Hash
}

// Nodes returns the nodes for these commits, ancestors first. Those that are not
// part of the history are passed over. The last node is the one above HEAD.
func (h *History) Nodes(commits []Hash) []Node {
	wanted := map[Hash]bool{}
	for _, c := range commits {
		wanted[c] = true
	}
	var nodes []Node
	above := map[Hash]Hash{}
	for _, hash := range h.order {
		n := Node{Hash: hash, Parents: h.parents[hash]}
		last, meet := Hash(""), false
		for _, p := range n.Parents {
			n.Above = append(n.Above, above[p])
			meet = meet || last != "" && above[p] != "" && above[p] != last
			last = Hash(firstSet(string(above[p]), string(last)))
		}
		if wanted[hash] || meet {
			nodes = append(nodes, n)
			last = hash
		}
		above[hash] = last
	}
	return nodes
}

// dateQueue is a heap with the newest commit on top; of two as new, the one
// read first.
type dateQueue []*reached

func (q dateQueue) Len() int { return len(q) }
func (q dateQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if order := a.object.committer.when.Compare(b.object.committer.when); order != 0 {
		return order > 0
	}
	return a.seen < b.seen
}
func (q dateQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for container/heap.
func (q *dateQueue) Push(x any) { *q = append(*q, x.(*reached)) }

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

// changedPaths compares a commit with its first parent; without one it returns
// all paths.
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
