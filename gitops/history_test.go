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

func (d repoDir) steps(since string, max int) []string {
	d.t.Helper()
	commits, err := d.open().History(Hash(since), max)
	if err != nil {
		d.t.Fatal(err)
	}
	var steps []string
	for _, c := range commits {
		for _, tr := range c.Trailers {
			steps = append(steps, tr.Value)
		}
	}
	return steps
}

func TestHistory(t *testing.T) {
	d := newRepo(t)
	d.stepAt(1, "one", "a/x.py", "b/y.py")
	base := d.stepAt(2, "plain commit")
	d.git("switch", "-q", "-c", "side")
	d.stepAt(3, "three", "c.py")
	d.git("switch", "-q", "main")
	d.stepAt(4, "four", "README")
	setenv(t, "GIT_COMMITTER_DATE", "2026-03-02T12:05:00+0000")
	d.git("merge", "-q", "--no-ff", "-m", "merge\n\nSpanwalk-Note: merged", "side")
	d.git("rm", "-q", "a/x.py")
	d.stepAt(6, "six")

	if diff := cmp.Diff([]string{"six", "merged", "four", "three", "one"}, d.steps("", 0)); diff != "" {
		t.Errorf("all: %s", diff)
	}
	if diff := cmp.Diff([]string{"six", "merged", "four", "three"}, d.steps(base, 0)); diff != "" {
		t.Errorf("since: %s", diff)
	}
	if diff := cmp.Diff([]string{"six", "merged"}, d.steps("", 2)); diff != "" {
		t.Errorf("at most two: %s", diff)
	}
	commits, err := d.open().History("", 0)
	if err != nil {
		t.Fatal(err)
	}
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
			if diff := cmp.Diff(test.want, d.steps("", 0)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHistoryOfAShallowClone(t *testing.T) {
	d := newRepo(t)
	d.stepAt(1, "one", "one.py")
	d.stepAt(2, "two", "two.py")
	if diff := cmp.Diff([]string{"two"}, d.cloned("--depth=1", "--no-local").steps("", 0)); diff != "" {
		t.Error(diff)
	}
}

// TestHistoryOfRandomGraphs compares with git's lists of all ancestors, also
// where clocks are wrong. ("git rev-list a..b" itself is not exact there.)
func TestHistoryOfRandomGraphs(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	d := newRepo(t)
	const count = 1500
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
	d.pipe(in.String(), "fast-import", "--quiet", "--force", "--export-marks=.git/marks")
	d.git("symbolic-ref", "HEAD", "refs/heads/graph")
	hashes := strings.Fields(d.git("rev-list", "HEAD"))
	r := d.open()
	for range 15 {
		since := hashes[random.IntN(len(hashes))]
		commits, err := r.History(Hash(since), 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range commits {
			got = append(got, string(c.Hash))
		}
		slices.Sort(got)
		old := strings.Fields(d.git("rev-list", since))
		want := slices.DeleteFunc(slices.Sorted(slices.Values(hashes)), func(h string) bool { return slices.Contains(old, h) })
		if !slices.Equal(want, got) {
			t.Errorf("since %s: %d commits, git says %d", since, len(got), len(want))
		}
	}
}
