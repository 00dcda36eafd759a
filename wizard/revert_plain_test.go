package wizard_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
)

// apart is a project in which every step has lines of its own.
var apart = map[string]string{"requirements.txt": "sentry-sdk>=2.40\n", "app.py": `import sentry_sdk

sentry_sdk.init(dsn="", traces_sample_rate=1.0)


def load(kind):
    with sentry_sdk.start_span(op="db", name="load") as span:
        print("loading")
        span.set_data("kind", kind)
        print("loaded")
        sentry_sdk.set_tag("kind", kind)
        print("tagged")


def sync():
    with sentry_sdk.start_transaction(op="task", name="sync") as root:
        print("begin")
        with root.start_child(op="step", name="one"):
            load("oak")


def measured():
    print("measured")
    current = sentry_sdk.get_current_span()
    print("looked")
    return current


@sentry_sdk.trace
def job(headers):
    print("job")
    continued = sentry_sdk.continue_trace(headers, op="task", name="job")
    print("continued")
    with sentry_sdk.start_transaction(continued):
        print("done")
`}

// TestPlainRevertsInAnyOrder takes every step of migrated projects back with
// plain git, in random order. Git must be able to wherever no line is shared
// with a later commit, and the ledger sees it. Where all lines are apart, nothing
// is left in the end.
func TestPlainRevertsInAnyOrder(t *testing.T) {
	project(t, map[string]string{"a.py": ""}) // isolates git
	list := samples(t)
	for _, name := range []string{"programs-3", "programs-4", "programs-5"} {
		delete(list, name) // the stories are told of these too
	}
	list["apart"] = apart
	for _, name := range slices.Sorted(maps.Keys(list)) {
		orders := 1
		if name == "apart" {
			orders = 4
		}
		for seed := range orders {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				s := &story{dir: commitAll(t, list[name]), legacy: list[name], random: rand.New(rand.NewPCG(uint64(seed), 2))}
				refused := s.revertAll(t)
				if name == "apart" && (len(refused) > 0 || !cmp.Equal(apart, files(t, s.dir))) {
					t.Errorf("%v: git refused %v, or the project is not as it was", s.told, refused)
				}
			})
		}
	}
}

// revertAll migrates the project and takes its steps back in random order. It
// returns those that git could not take back.
func (s *story) revertAll(t *testing.T) (refused []string) {
	commits := map[string]string{}
	for _, step := range wizard.StepNames() {
		if apply(t, s.dir, step) {
			s.standing = append(s.standing, step)
			commits[step] = strings.TrimSpace(git(t, s.dir, "rev-parse", "HEAD"))
		}
	}
	if len(commits) < 8 {
		t.Fatalf("only the steps %v", s.standing)
	}
	order := slices.Clone(s.standing)
	s.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, step := range order {
		if !s.plainRevert(t, commits[step]) {
			refused = append(refused, step)
			continue
		}
		s.told = append(s.told, "-"+step)
		s.standing = slices.DeleteFunc(s.standing, func(name string) bool { return name == step })
	}
	got := []string{}
	for _, e := range slices.Backward(ledger(t, s.dir).Standing()) {
		got = append(got, e.Step)
	}
	if diff := cmp.Diff(s.standing, got); diff != "" {
		t.Errorf("the ledger (-stands +says): %s", diff)
	}
	return refused
}

// ledger reads what stands in a project.
func ledger(t *testing.T, dir string) *wizard.Ledger {
	t.Helper()
	w, err := wizard.Open(wizard.Options{Dir: dir, Steps: []string{step}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Read(context.Background()); err != nil {
		t.Fatal(err)
	}
	return w.Ledger
}

// plainRevert lets git take a commit back. A conflict is right only where a
// later commit changed one of its lines, or one beside.
func (s *story) plainRevert(t *testing.T, commit string) bool {
	t.Helper()
	cmd := exec.Command("git", "revert", "--no-edit", commit)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, io.Discard, io.Discard
	if cmd.Run() == nil {
		return true
	}
	for _, path := range strings.Fields(git(t, s.dir, "diff", "--name-only", "--diff-filter=U")) {
		if !touch(hunks(t, s.dir, "+", commit+"^", commit, path), hunks(t, s.dir, "-", commit, "HEAD", path)) {
			t.Errorf("git cannot take %s back, yet nobody changed its lines of %s:\n%s", commit, path, git(t, s.dir, "diff"))
		}
	}
	git(t, s.dir, "revert", "--abort")
	return false
}

var hunk = regexp.MustCompile(`(?m)^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// hunks returns the lines that differ between two commits, on the side "-" or
// "+": the first, and the one behind the last.
func hunks(t *testing.T, dir, side, a, b, path string) (out [][2]int) {
	t.Helper()
	for _, m := range hunk.FindAllStringSubmatch(git(t, dir, "diff", "-U0", a, b, "--", path), -1) {
		start, length := m[1], m[2]
		if side == "+" {
			start, length = m[3], m[4]
		}
		from, _ := strconv.Atoi(start)
		n, err := strconv.Atoi(length)
		switch {
		case err != nil:
			n = 1 // git leaves a 1 out
		case n == 0:
			from++ // it names the line before
		}
		out = append(out, [2]int{from, from + n})
	}
	return out
}

// touch reports whether two lists of lines have a pair that overlap or touch.
func touch(a, b [][2]int) bool {
	return slices.ContainsFunc(a, func(x [2]int) bool {
		return slices.ContainsFunc(b, func(y [2]int) bool { return x[0] <= y[1] && y[0] <= x[1] })
	})
}
