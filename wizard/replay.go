package wizard

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// policies are the ways a step may have been run, the usual ones first.
var policies = []steps.Policy{{Recommended: true}, {Recommended: true, Review: true}, {}, {Review: true}}

// take is a commit's steps run again on the tree they were run on.
type take struct {
	policy steps.Policy
	plans  map[int]planned  // of the steps, by place in history
	trees  map[int]contents // after each of the steps, by place in history
	extra  map[string]bool  // files they change now and did not change then
	misses int              // files that came out differently
}

// planned is a step's plan and the project it was made on.
type planned struct {
	plan    *steps.Plan
	project *rewrite.Project
}

// best runs the steps of a commit on the actual tree, in the way that comes
// closest to what the commit holds.
func (r *rewind) best(commit gitops.Commit, at, end int, after contents) (*take, error) {
	var best *take
	for _, policy := range policies {
		t, err := r.try(commit, at, end, policy, after)
		if err != nil {
			return nil, err
		}
		if best == nil || t.misses < best.misses {
			best = t
		}
		if best.misses == 0 {
			break
		}
	}
	return best, nil
}

// replay runs the steps of a commit on both trees. How they were run, and what
// has been different since, is found out on the actual tree.
func (r *rewind) replay(commit gitops.Commit, at, end int, after contents) error {
	best, err := r.best(commit, at, end, after)
	if err != nil {
		return err
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
	t := &take{policy: policy, plans: map[int]planned{}, trees: map[int]contents{}, extra: map[string]bool{}}
	tree := maps.Clone(r.actual)
	changed := map[string]bool{}
	for _, path := range commit.Paths {
		changed[r.name(path)] = true
	}
	for i := at; i < end; i++ {
		step := steps.ByName(r.history[i].Step)
		if step == nil || r.history[i].Revert || r.undoneWithin(i, at, end) {
			continue
		}
		plan, project, err := r.plan(step, tree, r.decided(i), policy)
		if err != nil {
			return nil, err
		}
		t.plans[i] = planned{plan, project}
		tree = maps.Clone(tree)
		for _, f := range plan.Files {
			if changed[f.Path] {
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
	for i, d := range out {
		path, _, _ := strings.Cut(d.Where, "::")
		out[i].Where = r.name(path) + strings.TrimPrefix(d.Where, path)
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
