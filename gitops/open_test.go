package gitops

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenFindsTheRoot(t *testing.T) {
	d := newRepo(t)
	real, err := filepath.EvalSymlinks(d.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(d.join("app"))
	for _, dir := range []string{d.path, d.join("app"), "..", ".", ""} {
		r, err := Open(dir)
		if err != nil {
			t.Fatalf("%q: %v", dir, err)
		}
		if r.Root() != real || r.GitDir() != filepath.Join(real, ".git") || r.CommonDir() != r.GitDir() ||
			r.StateDir() != filepath.Join(real, ".git", "spanwalk") {
			t.Errorf("%q: root %s, git directory %s", dir, r.Root(), r.GitDir())
		}
	}
	d.git("worktree", "add", "-q", "../linked")
	r, err := Open(filepath.Join(filepath.Dir(d.path), "linked", "app"))
	if err != nil {
		t.Fatal(err)
	}
	if r.CommonDir() != filepath.Join(real, ".git") || r.StateDir() != filepath.Join(real, ".git/worktrees/linked/spanwalk") {
		t.Errorf("linked: common %s, state %s", r.CommonDir(), r.StateDir())
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		set  func(t *testing.T, d repoDir) string // returns where to open
		want Code
	}{
		{"no repository", func(t *testing.T, d repoDir) string { return t.TempDir() }, NotRepository},
		{"broken .git file", func(t *testing.T, d repoDir) string {
			d.write("sub/.git", "gitdir: ../nowhere\n")
			return d.join("sub")
		}, NotRepository},
		{"bare", func(t *testing.T, d repoDir) string {
			d.git("clone", "-q", "--bare", ".", "../bare.git")
			return filepath.Join(filepath.Dir(d.path), "bare.git")
		}, BareRepository},
		{"core.bare", func(t *testing.T, d repoDir) string { d.git("config", "core.bare", "true"); return d.path }, BareRepository},
		{"inside .git", func(t *testing.T, d repoDir) string { return d.join(".git/refs") }, InsideGitDir},
		{"GIT_DIR", func(t *testing.T, d repoDir) string { setenv(t, "GIT_DIR", d.join(".git")); return d.path }, GitEnvironment},
		{"GIT_WORK_TREE", func(t *testing.T, d repoDir) string { setenv(t, "GIT_WORK_TREE", d.path); return d.path }, GitEnvironment},
		{"GIT_INDEX_FILE", func(t *testing.T, d repoDir) string { setenv(t, "GIT_INDEX_FILE", "x"); return d.path }, GitEnvironment},
		{"newer format", func(t *testing.T, d repoDir) string {
			d.git("config", "core.repositoryFormatVersion", "2")
			return d.path
		}, UnsupportedFormat},
		{"unknown extension", func(t *testing.T, d repoDir) string {
			d.git("config", "core.repositoryFormatVersion", "1")
			d.git("config", "extensions.quantum", "true")
			return d.path
		}, UnsupportedFormat},
		{"broken configuration", func(t *testing.T, d repoDir) string {
			d.write(".git/config", d.read(".git/config")+"[user\n")
			return d.path
		}, BrokenConfig},
		{"format that the installed git does not know", func(t *testing.T, d repoDir) string {
			d.git("config", "core.repositoryFormatVersion", "1")
			d.git("config", "extensions.refStorage", "reftable")
			d.hook("old/git", "echo 'fatal: unknown repository extension found:' >&2; exit 128") // as git before 2.45 says
			setenv(t, "PATH", d.join(".git/hooks/old"))
			return d.path
		}, GitMissing},
		{"format that needs git, without git", func(t *testing.T, d repoDir) string {
			d.git("config", "core.repositoryFormatVersion", "1")
			d.git("config", "extensions.refStorage", "reftable")
			setenv(t, "PATH", t.TempDir())
			return d.path
		}, GitMissing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := test.set(t, newRepo(t))
			r, err := Open(dir)
			var p *Problem
			if r != nil || !errors.As(err, &p) || p.Code != test.want || Hint(err) == "" || !p.Fatal {
				t.Errorf("got %v (%s), want %s", err, Hint(err), test.want)
			}
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestOpenOfAnotherUsersRepository(t *testing.T) {
	isolate(t)
	d := newRepo(t)
	r := d.open()
	if !isSafe([]string{"*"}, r.root) || !isSafe([]string{"/x", r.root}, r.root) || !isSafe([]string{filepath.Dir(r.root) + "/*"}, r.root) {
		t.Error("safe.directory does not count")
	}
	if isSafe([]string{"*", ""}, r.root) || isSafe([]string{"/x"}, r.root) || isSafe([]string{r.root + "/app/*"}, r.root) {
		t.Error("safe.directory counts too much")
	}
	if os.Geteuid() != 0 {
		return // only the superuser can give files away
	}
	if err := os.Chown(d.path, 12345, -1); err != nil {
		t.Fatal(err)
	}
	var p *Problem
	if _, err := Open(d.path); !errors.As(err, &p) || p.Code != UnsafeDirectory {
		t.Errorf("a foreign repository: %v", err)
	}
	if out, err := d.try("status"); err == nil {
		t.Errorf("git accepts it: %s", out)
	}
	d.write(".git/config", d.read(".git/config")+"[safe]\ndirectory = *\n")
	if _, err := Open(d.path); !errors.As(err, &p) {
		t.Errorf("the repository cannot trust itself: %v", err)
	}
	d.config("[safe]\n\tdirectory = " + d.path + "\n")
	if _, err := Open(d.path); err != nil {
		t.Errorf("a trusted repository: %v", err)
	}
	d.git("status")
}

func TestReading(t *testing.T) {
	d := newRepo(t)
	first := Hash(d.git("rev-parse", "HEAD"))
	d.write("app/views.py", "changed\n")
	d.symlink("README", "link")
	r := d.open()
	if data, err := r.ReadWorktree("app/views.py"); string(data) != "changed\n" || err != nil {
		t.Errorf("work tree: %q %v", data, err)
	}
	if data, err := r.BlobAt(first, "app/views.py"); string(data) != viewsText || err != nil {
		t.Errorf("commit: %q %v", data, err)
	}
	if got, want := r.BlobHash([]byte("changed\n")), d.git("hash-object", "app/views.py"); string(got) != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	for _, path := range []string{"app/none.py", "none/x.py", "README/x"} {
		if _, err := r.BlobAt(first, path); !errors.Is(err, ErrNotInCommit) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s at the commit: %v", path, err)
		}
	}
	if _, err := r.BlobAt(first, "app"); err == nil {
		t.Error("a folder is read as a file")
	}
	if _, err := r.ReadWorktree("app/none.py"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	for _, path := range []string{"link", "app", "../x", "/etc/passwd"} {
		if _, err := r.ReadWorktree(path); err == nil {
			t.Errorf("%s is read", path)
		}
	}
}

func TestHead(t *testing.T) {
	d := newRepo(t)
	hash := Hash(d.git("rev-parse", "HEAD"))
	check := func(want Head) {
		t.Helper()
		if got, err := d.open().Head(); err != nil || got != want {
			t.Errorf("head %+v %v, want %+v", got, err, want)
		}
	}
	check(Head{Branch: "main", Ref: "refs/heads/main", Hash: hash, Default: true})
	d.git("switch", "-q", "-c", "feature/x")
	check(Head{Branch: "feature/x", Ref: "refs/heads/feature/x", Hash: hash})
	d.git("checkout", "-q", "--detach")
	check(Head{Ref: "HEAD", Hash: hash, Detached: true})
	d.git("switch", "-q", "--orphan", "empty")
	check(Head{Branch: "empty", Ref: "refs/heads/empty", Unborn: true})
}
