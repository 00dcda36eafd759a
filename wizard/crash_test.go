//go:build unix

package wizard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
)

// The crash test runs this test binary again as the process to be killed:
// crashDir names the repository, crashAt the how manieth point between two
// writes to die at.
const (
	crashDir = "WIZARD_CRASH_DIR"
	crashAt  = "WIZARD_CRASH_AT"
)

func TestMain(m *testing.M) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	at, err := strconv.Atoi(os.Getenv(crashAt))
	if err == nil {
		_, err = migrateFive(dir, func(passed int) error {
			if passed == at {
				return syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			return nil
		}, &wizard.Headless{Out: io.Discard, Err: io.Discard})
	}
	fmt.Fprintln(os.Stderr, "not killed:", err)
	os.Exit(1)
}

// fiveSteps all have something to do in fiveFiles.
var fiveSteps = []string{"sdk-version", "trace-lifecycle", "start-span", "span-data", "scope-tags"}

var fiveFiles = map[string]string{
	"requirements.txt": "sentry-sdk>=2.40\n",
	"app.py": `import sentry_sdk

sentry_sdk.init(dsn="", traces_sample_rate=1.0)


def load(kind):
    with sentry_sdk.start_span(op="db", name="load") as span:
        span.set_data("kind", kind)
        sentry_sdk.set_tag("kind", kind)
`,
	"lib.py": "import sentry_sdk\r\n\r\nwith sentry_sdk.start_span(name=\"lib\"):\r\n    pass\r\n",
}

// migrateFive runs the five steps and calls stop at every point between two
// writes with the number of points before it.
func migrateFive(dir string, stop func(passed int) error, p wizard.Prompter) (*wizard.Outcome, error) {
	w, err := wizard.Open(wizard.Options{Dir: dir, Steps: fiveSteps, Version: "test"})
	if err != nil {
		return nil, err
	}
	passed := -1
	w.StopAt(func(string) error { passed++; return stop(passed) })
	return w.Run(context.Background(), p)
}

// picture is all that a crash may not leave half done.
type picture struct {
	Files                     map[string]string
	Head, Status, Index, Fsck string
}

func look(t *testing.T, dir string) picture {
	t.Helper()
	return picture{Files: files(t, dir), Head: git(t, dir, "log", "--format=%H %s"), Status: git(t, dir, "status", "--porcelain=v2"),
		Index: git(t, dir, "ls-files", "-s"), Fsck: git(t, dir, "fsck", "--strict", "--no-dangling")}
}

// settler settles what a killed run left and then only looks, so that the two
// ends can be seen.
type settler struct {
	wizard.Headless
	choice wizard.Recovery
	asked  bool
}

func (s *settler) Unfinished(context.Context, wizard.Unfinished) (wizard.Recovery, error) {
	s.asked = true
	return s.choice, nil
}

func (s *settler) Overview(context.Context, *wizard.Overview) (wizard.Start, error) {
	return wizard.Start{Look: true}, nil
}

// TestKilledAtEveryPointOfFiveSteps kills a migration of five steps at every
// point between two writes. The next start offers to finish or to undo, and both
// leave exactly a state between two steps; from there the migration ends with
// the very commits of one that was never killed.
func TestKilledAtEveryPointOfFiveSteps(t *testing.T) {
	start := project(t, fiveFiles)
	write(t, start, "notes.txt", "untracked")
	write(t, start, "app_notes.txt", "staged")
	git(t, start, "add", "app_notes.txt")

	whole := copyOf(t, start)
	ends := []picture{look(t, whole)}
	var committed []int // before each point
	nothing := &wizard.Headless{Out: io.Discard, Err: io.Discard}
	outcome, err := migrateFive(whole, func(int) error {
		n := len(strings.Fields(git(t, whole, "log", "--format=%H"))) - 1
		if n == len(ends) {
			ends = append(ends, look(t, whole))
		}
		committed = append(committed, n)
		return nil
	}, nothing)
	if err != nil || outcome.Commits() != len(fiveSteps) || len(committed) < 7*len(fiveSteps) {
		t.Fatalf("%d commits in %d points, %v", outcome.Commits(), len(committed), err)
	}
	ends = append(ends[:len(fiveSteps)], look(t, whole))
	for at, n := range committed {
		t.Run(strconv.Itoa(at), func(t *testing.T) {
			t.Parallel()
			dir := copyOf(t, start)
			killAt(t, dir, at)
			for _, choice := range []wizard.Recovery{wizard.Undo, wizard.Finish} {
				dir := copyOf(t, dir)
				s := &settler{Headless: *nothing, choice: choice}
				if _, err := migrateFive(dir, func(int) error { return errors.New("nothing may be written") }, s); err != nil {
					t.Fatal(err)
				}
				want := ends[n]
				if s.asked && choice == wizard.Finish {
					want = ends[n+1]
				}
				if diff := cmp.Diff(want, look(t, dir)); diff != "" {
					t.Errorf("asked %v, choice %v (-want +got):\n%s", s.asked, choice, diff)
				}
				if choice == wizard.Finish {
					if _, err := migrateFive(dir, func(int) error { return nil }, nothing); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(ends[len(fiveSteps)], look(t, dir)); diff != "" {
						t.Errorf("gone on (-want +got):\n%s", diff)
					}
				}
				if left, err := filepath.Glob(filepath.Join(dir, ".git", "spanwalk", "*")); err != nil || len(left) > 0 {
					t.Errorf("left behind: %v %v", left, err)
				}
			}
		})
	}
}

func killAt(t *testing.T, dir string, at int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashAt+"="+strconv.Itoa(at))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("not killed: %v\n%s", err, out)
	}
}

// copyOf copies a repository with all times kept.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if out, err := exec.Command("cp", "-a", dir, to).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	return to
}
