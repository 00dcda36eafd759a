package gitops

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repoDir is a repository made by the real git.
type repoDir struct {
	t    testing.TB
	path string
}

// isolation keeps the machine's own git configuration away and fixes who
// commits and when. It writes the user's configuration file into home.
func isolation(home string) (map[string]string, error) {
	config := filepath.Join(home, "gitconfig")
	err := os.WriteFile(config, []byte("[user]\n\tname = Ada Example\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"+
		"[core]\n\tfsync = none\n[advice]\n\tdetachedHead = false\n\tsparseIndexExpanded = false\n[protocol \"file\"]\n\tallow = always\n"), 0o644)
	return map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "xdg"), "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_CONFIG_GLOBAL": config, "LC_ALL": "C", "TZ": "UTC",
		"GIT_AUTHOR_DATE": "2026-03-01T12:00:00+0200", "GIT_COMMITTER_DATE": "2026-03-01T12:00:00+0200",
	}, err
}

// isolate gives a test a configuration and an environment of its own to change.
func isolate(t testing.TB) {
	t.Helper()
	env, err := isolation(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

// isolateAll isolates all tests of this process; they may run in parallel as
// long as they change nothing of it.
func isolateAll(m *testing.M) (code int, err error) {
	home, err := os.MkdirTemp("", "gitops")
	if err != nil {
		return 1, err
	}
	env, err := isolation(home)
	if err != nil {
		return 1, err
	}
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return 1, err
		}
	}
	code = m.Run()
	return code, os.RemoveAll(home)
}

func setenv(t testing.TB, name, value string) {
	t.Helper()
	t.Setenv(name, value)
}

// newRepo makes a repository with a commit of some files.
func newRepo(t testing.TB, args ...string) repoDir {
	t.Helper()
	if os.Getenv("GIT_CONFIG_NOSYSTEM") == "" {
		isolate(t) // where there is no TestMain
	}
	d := repoDir{t, filepath.Join(t.TempDir(), "work")}
	if err := os.Mkdir(d.path, 0o755); err != nil {
		t.Fatal(err)
	}
	d.git(append([]string{"init", "-q"}, args...)...)
	d.write("app/views.py", "import sentry_sdk\n\nsentry_sdk.start_span(op='a')\n")
	d.write("app/tasks.py", "def task():\n    pass\n")
	d.write("run.sh", "#!/bin/sh\necho\n")
	d.write("README", "read me\n")
	d.write("setup.py", "setup()\n")
	if err := os.Chmod(d.join("run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	d.git("add", ".")
	d.git("commit", "-q", "-m", "first")
	return d
}

func (d repoDir) join(path string) string { return filepath.Join(d.path, filepath.FromSlash(path)) }

// try runs git and returns its output without the last line feed.
func (d repoDir) try(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = d.path
	out, err := cmd.CombinedOutput()
	return strings.TrimSuffix(string(out), "\n"), err
}

func (d repoDir) git(args ...string) string {
	d.t.Helper()
	out, err := d.try(args...)
	if err != nil {
		d.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (d repoDir) write(path, content string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.join(path)), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.join(path), []byte(content), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d repoDir) read(path string) string {
	d.t.Helper()
	data, err := os.ReadFile(d.join(path))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(data)
}

func (d repoDir) open() *Repo {
	d.t.Helper()
	r, err := Open(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(r.Close)
	return r
}

// change replaces text in files; pairs of path and new content.
func (d repoDir) change(message string, pairs ...string) Change {
	d.t.Helper()
	c := Change{Message: message, Files: map[string]FileChange{}}
	for i := 0; i < len(pairs); i += 2 {
		c.Files[pairs[i]] = FileChange{Before: []byte(d.read(pairs[i])), After: []byte(pairs[i+1])}
	}
	return c
}

// healthy asserts that git finds nothing wrong in the repository.
func (d repoDir) healthy() {
	d.t.Helper()
	if out := d.git("fsck", "--strict", "--no-dangling", "--no-progress"); out != "" {
		d.t.Errorf("git fsck: %s", out)
	}
}

func TestCommitTouchesOnlyItsPaths(t *testing.T) {
	d := newRepo(t)
	d.write("README", "staged by the user\n")
	d.git("add", "README")
	d.write("setup.py", "edited by the user\n")
	d.write("notes.txt", "untracked\n")
	before := d.git("status", "--porcelain=v2")

	r := d.open()
	done, err := r.Commit(d.change("Migrate spans\n\nSpanwalk-Step: start-span\n",
		"app/views.py", "import sentry_sdk\n\nsentry_sdk.traces.start_span(name='a')\n",
		"run.sh", "#!/bin/sh\necho done\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.git("rev-parse", "HEAD"); got != string(done.Hash) {
		t.Errorf("HEAD is %s, want %s", got, done.Hash)
	}
	if after := d.git("status", "--porcelain=v2"); after != before {
		t.Errorf("status changed from\n%s\nto\n%s", before, after)
	}
	if got := d.git("show", "--stat=200", "--format=%an <%ae> %cI%n%B", "HEAD"); !strings.Contains(got, "2 files changed") ||
		!strings.HasPrefix(got, "Ada Example <ada@example.com> 2026-03-01T12:00:00+02:00\nMigrate spans\n\nSpanwalk-Step: start-span\n") {
		t.Errorf("commit:\n%s", got)
	}
	if got := d.git("ls-tree", "HEAD", "run.sh"); !strings.HasPrefix(got, "100755") {
		t.Errorf("mode of run.sh: %s", got)
	}
	if got := d.git("reflog", "-1", "--format=%gs %gn"); got != "commit: Migrate spans Ada Example" {
		t.Errorf("reflog: %s", got)
	}
	if got := d.git("reflog", "-1", "--format=%H %gs", "main"); got != string(done.Hash)+" commit: Migrate spans" {
		t.Errorf("reflog of main: %s", got)
	}
	d.healthy()
	if left, err := filepath.Glob(d.join(".git/spanwalk/*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if left, err := filepath.Glob(d.join(".git/*.lock")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// make makes a change of any kind.
func (r *Repo) make(kind Kind, c Change, o Options) error {
	switch kind {
	case ToIndex:
		return r.stageWith(c, o)
	case ToWorktree:
		return r.writeWith(c, o)
	}
	_, err := r.Commit(c, o)
	return err
}

// copy copies the repository with all times kept.
func (d repoDir) copy() repoDir {
	d.t.Helper()
	path := filepath.Join(d.t.(interface{ TempDir() string }).TempDir(), "copy")
	if out, err := exec.Command("cp", "-a", d.path, path).CombinedOutput(); err != nil {
		d.t.Fatalf("cp: %v\n%s", err, out)
	}
	return repoDir{d.t, path}
}

// TestFormer reads what a branch named before, by ourselves and through git.
func TestFormer(t *testing.T) {
	for _, byGit := range []bool{false, true} {
		d := newRepo(t)
		if byGit {
			d.hook("reference-transaction", "")
		}
		first := Hash(d.git("rev-parse", "HEAD"))
		done, err := d.open().Commit(d.step(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.git("reset", "-q", "--hard", "HEAD~1")
		former := func(want ...Hash) {
			t.Helper()
			got, err := d.open().Former()
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("by git %v: %v %s", byGit, err, diff)
			}
		}
		former(first, done.Hash, first)
		d.git("checkout", "-q", "--detach")
		former(first, first, done.Hash, first)
		d.git("-c", "core.logAllRefUpdates=false", "branch", "quiet")
		d.git("symbolic-ref", "HEAD", "refs/heads/quiet")
		former()
		d.git("switch", "-q", "--orphan", "empty")
		former()
	}
}
