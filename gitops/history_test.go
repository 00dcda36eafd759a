package gitops

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stepAt makes an empty or a small commit with a trailer, at a minute.
func (d repoDir) stepAt(minute int, step string, files ...string) string {
	d.t.Helper()
	setenv(d.t, "GIT_COMMITTER_DATE", fmt.Sprintf("2026-03-02T12:%02d:00+0000", minute))
	for _, f := range files {
		d.write(f, "content of "+step+"\n")
		d.git("add", f)
	}
	message := step
	if step != "" && !strings.HasPrefix(step, "plain") {
		message = FormatMessage("Step "+step, "", []Trailer{{"Spanwalk-Step", step}})
	}
	d.git("commit", "-q", "--allow-empty", "-m", message)
	return d.git("rev-parse", "HEAD")
}

func (d repoDir) history() *History {
	d.t.Helper()
	h, err := d.open().History()
	if err != nil {
		d.t.Fatal(err)
	}
	return h
}

func (d repoDir) steps() []string {
	d.t.Helper()
	var steps []string
	for _, c := range d.history().Commits {
		for _, tr := range c.Trailers {
			steps = append(steps, tr.Value)
		}
	}
	return steps
}

func TestHistory(t *testing.T) {
	d := newRepo(t)
	d.stepAt(1, "one", "a/x.py", "b/y.py")
	d.stepAt(2, "plain commit")
	d.git("switch", "-q", "-c", "side")
	d.stepAt(3, "three", "c.py")
	d.git("switch", "-q", "main")
	d.stepAt(4, "four", "README")
	setenv(t, "GIT_COMMITTER_DATE", "2026-03-02T12:05:00+0000")
	d.git("merge", "-q", "--no-ff", "-m", "merge\n\nSpanwalk-Note: merged", "side")
	d.git("rm", "-q", "a/x.py")
	d.stepAt(6, "six")

	if diff := cmp.Diff([]string{"six", "merged", "four", "three", "one"}, d.steps()); diff != "" {
		t.Errorf("all: %s", diff)
	}
	commits := d.history().Commits
	var paths [][]string
	for _, c := range commits {
		paths = append(paths, c.Paths)
	}
	want := [][]string{{"a/x.py"}, {"c.py"}, {"README"}, {"c.py"}, {"a/x.py", "b/y.py"}}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("paths: %s", diff)
	}
	if c := commits[0]; c.Subject != "Step six" || c.Author != "Ada Example <ada@example.com>" || len(c.Parents) != 1 {
		t.Errorf("commit %+v", c)
	}
}

func TestHistoryIsFoundAgain(t *testing.T) {
	tests := []struct {
		name string
		do   func(d repoDir)
		want []string
	}{
		{"rebased", func(d repoDir) { d.git("rebase", "-q", "main", "topic") }, []string{"two", "one"}},
		{"amended", func(d repoDir) { d.git("commit", "-q", "--amend", "--no-edit", "--author", "X <x@y>") }, []string{"two", "one"}},
		{"squashed by git merge", func(d repoDir) {
			d.git("switch", "-q", "main")
			d.git("merge", "-q", "--squash", "topic")
			d.git("commit", "-q", "--no-edit")
		}, []string{"two", "one"}},
		{"cherry-picked", func(d repoDir) {
			d.git("switch", "-q", "main")
			d.git("cherry-pick", "topic")
		}, []string{"two"}},
		{"dropped", func(d repoDir) { d.git("rebase", "-q", "--onto", "topic~2", "topic~1", "topic") }, []string{"two"}},
		{"reset away", func(d repoDir) { d.git("reset", "-q", "--hard", "HEAD~1") }, []string{"one"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newRepo(t)
			d.git("switch", "-q", "-c", "topic")
			d.stepAt(1, "one", "one.py")
			d.stepAt(2, "two", "two.py")
			d.git("switch", "-q", "main")
			d.stepAt(3, "plain", "other.py")
			d.git("switch", "-q", "topic")
			test.do(d)
			if diff := cmp.Diff(test.want, d.steps()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHistoryOfAShallowClone(t *testing.T) {
	d := newRepo(t)
	d.stepAt(1, "one", "one.py")
	two := Hash(d.stepAt(2, "two", "two.py"))
	if h := d.history(); h.Shallow() || h.Cut(two) {
		t.Error("a whole clone counts as shallow")
	}
	clone := d.cloned("--depth=1", "--no-local")
	h := clone.history()
	if diff := cmp.Diff([]string{"two"}, clone.steps()); diff != "" {
		t.Error(diff)
	}
	if !h.Shallow() || !h.Cut(two) || h.Commits[0].Paths != nil {
		t.Errorf("the end of a shallow clone: %+v", h)
	}
	clone.git("fetch", "-q", "--unshallow")
	if diff := cmp.Diff([]string{"two", "one"}, clone.steps()); diff != "" || clone.history().Shallow() {
		t.Error(diff)
	}
}

// TestHistoryOfRevertedMerges: "git revert -m" takes back what a merge brought,
// and its revert brings it again.
func TestHistoryOfRevertedMerges(t *testing.T) {
	d := newRepo(t)
	zero := Hash(d.stepAt(0, "zero", "zero.py"))
	d.git("switch", "-q", "-c", "topic")
	one, two := Hash(d.stepAt(1, "one", "one.py")), Hash(d.stepAt(2, "two", "two.py"))
	d.git("switch", "-q", "main")
	three := Hash(d.stepAt(3, "three", "three.py"))
	d.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
	merge := Hash(d.git("rev-parse", "HEAD"))
	d.git("revert", "--no-edit", "-m", "1", "HEAD")
	reverts := func() []Hash { return d.history().Commits[0].Reverts }
	if diff := cmp.Diff([]Hash{merge, two, one}, reverts()); diff != "" {
		t.Errorf("the topic was taken back: %s", diff)
	}
	revert := Hash(d.git("rev-parse", "HEAD"))
	d.git("revert", "--no-edit", "HEAD")
	if diff := cmp.Diff([]Hash{revert}, reverts()); diff != "" {
		t.Errorf("and brought again: %s", diff)
	}
	d.git("reset", "-q", "--hard", string(merge))
	d.git("revert", "--no-edit", "-m", "2", "HEAD")
	if diff := cmp.Diff([]Hash{merge, three}, reverts()); diff != "" {
		t.Errorf("the other side was taken back: %s (zero is %s)", diff, zero)
	}
}

// randomGraph imports history with merges and wrong clocks and checks it out as
// a branch whose files are not there.
func randomGraph(d repoDir, random *rand.Rand, count int) {
	var in strings.Builder
	for i := 1; i <= count; i++ {
		date := 1772000000 + i*60
		if random.IntN(4) == 0 {
			date -= random.IntN(6000)
		}
		message := fmt.Sprintf("c%d\n\nSpanwalk-Step: s%d\n", i, i)
		fmt.Fprintf(&in, "commit refs/heads/graph\nmark :%d\ncommitter A <a@b> %d +0000\ndata %d\n%s", i, date, len(message), message)
		if i > 1 {
			fmt.Fprintf(&in, "from :%d\n", max(1, i-1-random.IntN(3)))
		}
		if i > 4 && random.IntN(3) == 0 {
			fmt.Fprintf(&in, "merge :%d\n", max(1, i-4-random.IntN(60)))
		}
		in.WriteString("\n")
	}
	d.pipe(in.String(), "fast-import", "--quiet", "--force")
	d.git("symbolic-ref", "HEAD", "refs/heads/graph")
}

// TestHistoryOfRandomGraphs compares with git's own lists, also where clocks are
// wrong.
func TestHistoryOfRandomGraphs(t *testing.T) {
	d := newRepo(t)
	randomGraph(d, rand.New(rand.NewPCG(7, 7)), 1500)
	var got []string
	h := d.history()
	for _, c := range h.Commits {
		got = append(got, string(c.Hash))
	}
	if want := strings.Fields(d.git("rev-list", "--date-order", "HEAD")); !slices.Equal(want, got) {
		t.Errorf("%d commits, git has %d or another order", len(got), len(want))
	}
	if tip := Hash(got[0]); !h.Holds(tip) || h.Holds("none") {
		t.Error("wrong about what is part of the history")
	}
}

// TestNodesOfRandomGraphs holds nodes to what they promise, as git sees the
// graph: a parent descends from the node above it, and from no other wanted
// commit that this node does not descend from.
func TestNodesOfRandomGraphs(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	d := newRepo(t)
	randomGraph(d, random, 120)
	h := d.history()
	ancestors := map[Hash]map[string]bool{"": {}}
	for _, c := range h.Commits {
		ancestors[c.Hash] = map[string]bool{}
		for _, a := range strings.Fields(d.git("rev-list", string(c.Hash))) {
			ancestors[c.Hash][a] = true
		}
	}
	for range 20 {
		var wanted []Hash
		for range 1 + random.IntN(6) {
			wanted = append(wanted, h.Commits[random.IntN(len(h.Commits))].Hash)
		}
		nodes := h.Nodes(append(wanted, "not part of it"))
		for i, n := range nodes {
			for k, p := range n.Parents {
				for _, w := range wanted {
					if ancestors[p][string(w)] != ancestors[n.Above[k]][string(w)] {
						t.Errorf("wanted %v: above parent %s of %s is %q", wanted, p, n.Hash, n.Above[k])
					}
				}
			}
			if slices.ContainsFunc(nodes[:i], func(m Node) bool { return ancestors[m.Hash][string(n.Hash)] }) {
				t.Errorf("%s comes before its ancestor %s", nodes[i-1].Hash, n.Hash)
			}
		}
		for _, w := range wanted {
			last := nodes[len(nodes)-1].Hash
			if !ancestors[last][string(w)] || !slices.ContainsFunc(nodes, func(n Node) bool { return n.Hash == w }) {
				t.Errorf("wanted %v: %s is missing or not below the last node", wanted, w)
			}
		}
	}
}
