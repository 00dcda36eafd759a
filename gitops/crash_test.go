//go:build unix

package gitops

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The crash tests run this test binary again as the process to be killed:
// crashDir names the repository, crashPoint where to die, crashKind the change;
// crashLimit is how many bytes a file may have, as if the disk were full then.
const (
	crashDir   = "GITOPS_CRASH_DIR"
	crashPoint = "GITOPS_CRASH_POINT"
	crashKind  = "GITOPS_CRASH_KIND"
	crashLimit = "GITOPS_CRASH_LIMIT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		os.Exit(crash(dir, os.Getenv(crashPoint), Kind(os.Getenv(crashKind))))
	}
	code, err := isolateAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// crash makes the change and kills itself without warning at the point.
func crash(dir, point string, kind Kind) int {
	r, err := Open(dir)
	if limit := os.Getenv(crashLimit); limit != "" && err == nil {
		n, _ := strconv.ParseUint(limit, 10, 64)
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
	}
	if err == nil {
		o := Options{Stop: func(at string) error {
			if at == point {
				return syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			return nil
		}}
		err = r.make(kind, crashChange(), o)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s\n", err, Hint(err))
		return 1
	}
	return 0
}

// crashChange edits two files, one of them with its line ends converted, makes
// one and removes one.
func crashChange() Change {
	return Change{Message: "Step\n\nSpanwalk-Step: start-span\n", Files: map[string]FileChange{
		"app/views.py": {Before: []byte(crlfText), After: []byte(crlfText + "more\r\n")},
		"app/tasks.py": {Before: []byte("def task():\n    pass\n"), After: []byte("def task():\n    return\n")},
		"app/new.py":   {After: []byte("new\n")},
		"setup.py":     {Before: []byte("setup()\n")},
	}}
}

// crashRepo has a file with converted line ends, staged work elsewhere and hooks.
func crashRepo(t *testing.T) repoDir {
	d := newRepo(t)
	d.write(".gitattributes", "views.py text eol=crlf\n")
	d.git("add", ".")
	d.git("commit", "-q", "-m", "attributes")
	if err := os.Remove(d.join("app/views.py")); err != nil {
		t.Fatal(err)
	}
	d.git("checkout", "-q", "--", "app/views.py")
	d.write("README", "staged by the user\n")
	d.git("add", "README")
	return d
}

// points lists every point of a change by making it once.
func points(d repoDir, kind Kind) []string {
	d.t.Helper()
	var all []string
	o := Options{Stop: func(at string) error { all = append(all, at); return nil }}
	if err := d.copy().open().make(kind, crashChange(), o); err != nil {
		d.t.Fatal(err)
	}
	return all
}

func (d repoDir) kill(point string, kind Kind) {
	d.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+d.path, crashPoint+"="+point, crashKind+"="+string(kind))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		d.t.Fatalf("not killed: %v\n%s", err, out)
	}
}

// ends are the two states that a change may leave: as it was, and made.
func ends(d repoDir, kind Kind) (before, after map[string]string) {
	d.t.Helper()
	made := d.copy()
	if err := made.open().make(kind, crashChange(), Options{}); err != nil {
		d.t.Fatal(err)
	}
	return d.copy().state(), made.state()
}

// state is what the user sees of a repository, without the hashes of commits.
func (d repoDir) state() map[string]string {
	d.t.Helper()
	s := d.snapshot()
	delete(s, "HEAD")
	s["tree"] = d.git("rev-parse", "HEAD^{tree}")
	s["log"] = d.git("log", "--format=%T %s")
	s["status"] = d.git("status", "--porcelain=v2")
	s["files"] = d.git("ls-files", "-o")
	d.healthy()
	return s
}

func TestKilledAtEveryPoint(t *testing.T) {
	for _, kind := range []Kind{ToCommit, ToIndex, ToWorktree} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			killEverywhere(t, crashRepo(t), kind)
		})
	}
}

func TestKilledAtEveryPointWithHooks(t *testing.T) {
	t.Parallel()
	d := crashRepo(t)
	d.hook("pre-commit", "echo '# by the hook' >> app/tasks.py")
	d.hook("commit-msg", "echo 'Reviewed-by: hook' >> $1")
	killEverywhere(t, d, ToCommit)
}

func killEverywhere(t *testing.T, d repoDir, kind Kind) {
	all := points(d, kind)
	if len(all) < 6 {
		t.Fatalf("only the points %v", all)
	}
	before, after := ends(d, kind)
	for _, point := range all {
		t.Run(strings.ReplaceAll(point, ":", "-"), func(t *testing.T) {
			t.Parallel()
			d := repoDir{t, d.path}.copy()
			d.kill(point, kind)
			finished := d.copy()
			d.undo(before, after)
			finished.finish(before, after)
		})
	}
}

// undo takes the change back; where it was already whole, it stays.
func (d repoDir) undo(before, after map[string]string) {
	d.t.Helper()
	r := d.open()
	p, err := r.Pending()
	if err != nil {
		d.t.Fatal(err)
	}
	want := before
	if p != nil {
		state, err := r.PendingState(p)
		if err != nil || len(state.Other) > 0 {
			d.t.Fatalf("%+v %v", state, err)
		}
		if state.Committed {
			want = after
		}
	}
	if err := r.UndoPending(); err != nil {
		d.t.Fatal("undo:", err)
	}
	d.recoverLocks(r)
	if diff := cmp.Diff(want, d.state()); diff != "" {
		d.t.Errorf("after undo:\n%s", diff)
	}
}

// finish makes the change whole; where nothing was written yet, it is as it was.
func (d repoDir) finish(before, after map[string]string) {
	d.t.Helper()
	r := d.open()
	p, err := r.Pending()
	if err != nil {
		d.t.Fatal(err)
	}
	want := after
	if p == nil {
		want = before
	}
	if _, err := r.FinishPending(Options{}); err != nil {
		d.t.Fatal("finish:", err)
	}
	d.recoverLocks(r)
	if diff := cmp.Diff(want, d.state()); diff != "" {
		d.t.Errorf("after finish:\n%s", diff)
	}
}

// recoverLocks makes a commit of nothing important: it must get its lock even
// where a killed process left one before it wrote its record.
func (d repoDir) recoverLocks(r *Repo) {
	d.t.Helper()
	lock, err := acquireLock(r.indexPath()+".lock", r.StateDir())
	if err != nil {
		d.t.Fatal("the lock of a killed process stays:", err)
	}
	lock.release()
	if err := r.ClearPending(); err != nil {
		d.t.Fatal(err)
	}
}

// TestFailureAtEveryPoint lets every point fail, as a full disk would: the
// error comes out and everything is as it was.
func TestFailureAtEveryPoint(t *testing.T) {
	for _, kind := range []Kind{ToCommit, ToIndex, ToWorktree} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			d := crashRepo(t)
			if kind == ToCommit {
				d.hook("pre-commit", "echo '# by the hook' >> app/tasks.py")
			}
			all := points(d, kind)
			before, _ := ends(d, kind)
			for _, point := range slices.DeleteFunc(all, func(p string) bool { return p == "ref" }) {
				d := d.copy()
				full := errors.New("no space left on device")
				o := Options{Stop: func(at string) error {
					if at == point {
						return full
					}
					return nil
				}}
				if err := d.open().make(kind, crashChange(), o); !errors.Is(err, full) {
					t.Errorf("%s: %v", point, err)
				}
				if diff := cmp.Diff(before, d.state()); diff != "" {
					t.Errorf("after a failure at %s:\n%s", point, diff)
				}
			}
		})
	}
}

// TestDiskFull makes the change where files cannot grow beyond ever more bytes,
// so that each of the writes fails in turn, some in their middle: a clear error,
// and all is as it was.
func TestDiskFull(t *testing.T) {
	for _, hooks := range []bool{false, true} {
		d := crashRepo(t)
		if hooks {
			d.hook("pre-commit", "true")
		}
		before, after := ends(d, ToCommit)
		logs := d.git("reflog", "--all")
		failures, whole := 0, false
		for limit := 0; !whole && limit < 1<<14; limit += 1 + limit/12 {
			d := d.copy()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), crashDir+"="+d.path, crashKind+"="+string(ToCommit), crashLimit+"="+strconv.Itoa(limit))
			out, err := cmd.CombinedOutput()
			want := before
			switch {
			case err == nil:
				want, whole = after, true
			case exitCode(err) != 1 || !strings.Contains(string(out), "too large") || !strings.Contains(string(out), "make room on the disk"):
				t.Errorf("limit %d: %v\n%s", limit, err, out)
			default:
				failures++
			}
			if diff := cmp.Diff(want, d.state()); diff != "" {
				t.Errorf("limit %d:\n%s\n%s", limit, diff, out)
			}
			if got := d.git("reflog", "--all"); !whole && got != logs {
				t.Errorf("limit %d: reflogs changed:\n%s", limit, got)
			}
		}
		if failures < 10 || !whole {
			t.Errorf("%d failures, then whole: %v", failures, whole)
		}
	}
}

func TestEditedSinceTheCrash(t *testing.T) {
	d := crashRepo(t)
	d.kill("file:1", ToCommit)
	d.write("app/tasks.py", "edited by the user\n")
	r := d.open()
	var conflict *ConflictError
	if err := r.UndoPending(); !errors.As(err, &conflict) || !slices.Equal(conflict.Paths, []string{"app/tasks.py"}) {
		t.Errorf("undo: %v", err)
	}
	if _, err := r.FinishPending(Options{}); !errors.As(err, &conflict) {
		t.Errorf("finish: %v", err)
	}
	if got := d.read("app/tasks.py"); got != "edited by the user\n" {
		t.Errorf("the user's edit is gone: %q", got)
	}
	var refused *RefusedError
	if _, err := r.Commit(d.change("x", "run.sh", "x\n"), Options{}); !errors.As(err, &refused) || refused.Problems[0].Code != UnfinishedRun {
		t.Errorf("commit beside an unfinished run: %v", err)
	}
	if err := r.ClearPending(); err != nil {
		t.Fatal(err)
	}
	if p, err := r.Pending(); p != nil || err != nil {
		t.Errorf("still pending: %v %v", p, err)
	}
}

func TestPendingOfARunningProcess(t *testing.T) {
	d := newRepo(t)
	r := d.open()
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait()
	}()
	process := Process{PID: sleeper.Process.Pid, Start: startOf(sleeper.Process.Pid), Host: thisProcess().Host}
	if err := r.savePending(&Pending{Version: pendingVersion, Kind: ToCommit, Process: process}); err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := r.Pending(); !errors.As(err, &busy) {
		t.Errorf("pending: %v", err)
	}
	if err := os.WriteFile(r.indexPath()+".lock", []byte(process.lockText()), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := acquireLock(r.indexPath()+".lock", r.StateDir()); !errors.As(err, &busy) {
		t.Errorf("lock: %v", err)
	}
	process.Start = "another boot/1"
	if process.alive(time.Now()) {
		t.Error("a process with the same number and another start counts as alive")
	}
	process.Host = "elsewhere"
	if !process.alive(time.Now()) || process.alive(time.Now().Add(-2*patience)) {
		t.Error("a process on another host does not count as alive for a while")
	}
}

// TestPermissionDenied makes the change as a user who may not write in one
// place of his own repository: a clear error, and all is as it was.
func TestPermissionDenied(t *testing.T) {
	for _, closed := range []string{
		".git", ".git/objects/pack", ".git/refs/heads", ".git/logs/HEAD", ".git/logs/refs/heads/main", "app", "app/views.py",
	} {
		t.Run(strings.ReplaceAll(closed, "/", "-"), func(t *testing.T) {
			isolate(t)
			d := crashRepo(t)
			d.config("[safe]\n\tdirectory = *\n")
			before := d.state()
			logs := d.git("reflog", "--all")
			info, err := os.Stat(d.join(closed))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(d.join(closed), info.Mode()&^0o222); err != nil {
				t.Fatal(err)
			}
			out := d.makeUnprivileged()
			if err := os.Chmod(d.join(closed), info.Mode()); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out, "permission denied") && !strings.Contains(out, "cannot be written") && !strings.Contains(out, "read-only") {
				t.Errorf("error: %s", out)
			}
			if diff := cmp.Diff(before, d.state()); diff != "" {
				t.Errorf("something changed:\n%s", diff)
			}
			if got := d.git("reflog", "--all"); got != logs {
				t.Errorf("reflogs changed:\n%s", got)
			}
		})
	}
}

// makeUnprivileged makes the change in a process that is bound by permissions,
// which the superuser is not, and returns what it says.
func (d repoDir) makeUnprivileged() string {
	d.t.Helper()
	cmd := exec.Command(os.Args[0])
	if os.Geteuid() == 0 {
		cmd = d.asNobody()
	}
	cmd.Env = append(os.Environ(), crashDir+"="+d.path, crashKind+"="+string(ToCommit))
	out, err := cmd.CombinedOutput()
	if exitCode(err) != 1 {
		d.t.Fatalf("the change went through or died: %v\n%s", err, out)
	}
	return string(out)
}

func (d repoDir) asNobody() *exec.Cmd {
	d.t.Helper()
	const nobody = 65534
	home := filepath.Dir(d.path)
	program := filepath.Join(home, "gitops.test")
	script := `set -e; cp "$1" "$2"; chmod a+rx "$2"; chown -R "$4" "$3"; chmod a+rx "$3" "$(dirname "$3")" "$(dirname "$5")" "$(dirname "$(dirname "$5")")"; chmod a+r "$5"`
	setUp := exec.Command("sh", "-c", script, "sh", os.Args[0], program, home, strconv.Itoa(nobody), os.Getenv("GIT_CONFIG_GLOBAL"))
	if out, err := setUp.CombinedOutput(); err != nil {
		d.t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program)
	cmd.Dir = d.path
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}

// TestCommittedSinceTheCrash: whoever commits what a killed run left behind, by
// hand, keeps that commit.
func TestCommittedSinceTheCrash(t *testing.T) {
	tests := []struct {
		name, point, script string
		committed           bool
		other               []string // paths that forbid finish and undo
	}{
		{"the whole change", "ref-locked", "git commit -q -m mine -- app setup.py", true, nil},
		{"a part of it", "ref-locked", "git commit -q -m mine -- app/views.py", false, []string{"app/views.py"}},
		{"the half that was written", "file:1", "git commit -q -am mine", false, []string{"app/new.py", "app/tasks.py", "setup.py"}},
		{"something else", "ref-locked", "echo 1 > README; git commit -q -m mine -- README", false, nil},
		{"nothing; another branch", "ref-locked", "git switch -q -c other", false, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := crashRepo(t)
			d.git("reset", "-q", "--hard")
			d.kill(test.point, ToCommit)
			// The lock of a killed spanwalk stops git; git's own advice is to remove it.
			script := "rm -f .git/index.lock .git/refs/heads/main.lock; git add app/new.py 2>/dev/null; git rm -q --cached setup.py 2>/dev/null; " + test.script
			cmd := exec.Command("sh", "-c", script)
			cmd.Dir = d.path
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			before := d.snapshotPending()
			r := d.open()
			p, err := r.Pending()
			if err != nil {
				t.Fatal(err)
			}
			state, err := r.PendingState(p)
			if err != nil || state.Committed != test.committed {
				t.Fatalf("%+v %v", state, err)
			}
			_, err = r.FinishPending(Options{})
			var conflict *ConflictError
			switch {
			case test.other == nil:
				if err != nil {
					t.Fatal(err)
				}
				if got := d.git("status", "--porcelain"); got != "" {
					t.Errorf("status: %s", got)
				}
				if _, err := os.Lstat(d.join("setup.py")); err == nil || d.read("app/new.py") != "new\n" {
					t.Error("the change is not whole")
				}
				return
			case !errors.As(err, &conflict) || !slices.Equal(conflict.Paths, test.other) || !strings.Contains(Hint(err), "rm '"+r.pendingPath()+"'"):
				t.Errorf("finish: %v (%s)", err, Hint(err))
			}
			if diff := cmp.Diff(before, d.snapshotPending()); diff != "" {
				t.Errorf("something changed:\n%s", diff)
			}
		})
	}
}

// snapshotPending is snapshot where a record of a killed run is meant to be.
func (d repoDir) snapshotPending() map[string]string {
	d.t.Helper()
	aside := d.path + ".aside"
	if err := os.Rename(d.join(".git/spanwalk"), aside); err != nil {
		d.t.Fatal(err)
	}
	s := d.snapshot()
	if err := os.Rename(aside, d.join(".git/spanwalk")); err != nil {
		d.t.Fatal(err)
	}
	return s
}

// TestSweep: what a process left that was killed beside its record is removed;
// what belongs to a living one stays.
func TestSweep(t *testing.T) {
	d := newRepo(t)
	dead := Process{PID: 1 << 22, Start: "boot/1", Host: thisProcess().Host}.lockText()
	litter := []string{".git/index.lock", ".git/refs/heads/main.lock", ".git/HEAD.lock", ".git/spanwalk/lock.1", ".git/spanwalk/before/0", ".git/spanwalk/hook-index"}
	write := func(owner string) {
		for _, path := range litter {
			d.write(path, owner)
		}
	}
	write(dead)
	if err := d.open().Sweep(); err != nil {
		t.Fatal(err)
	}
	for _, path := range litter {
		if fileExists(d.join(path)) {
			t.Errorf("%s is left", path)
		}
	}
	d.git("commit", "-q", "--allow-empty", "-m", "git is not stopped")
	for _, owner := range []string{thisProcess().lockText(), ""} { // "": git's own lock
		write(owner)
		if err := d.open().Sweep(); err != nil {
			t.Fatal(err)
		}
		for _, path := range litter {
			if d.read(path) != owner {
				t.Errorf("%s of %q is gone", path, owner)
			}
		}
	}
}
