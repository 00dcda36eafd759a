package gitops

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCommitMakesAndRemovesFiles(t *testing.T) {
	d := newRepo(t)
	c := Change{Message: "Step\n", Files: map[string]FileChange{
		"new/deep/x.py": {After: []byte("x\n")},
		"app.py":        {After: []byte("sorts before app/\n")},
		"empty.py":      {After: []byte{}},
		"app/tasks.py":  {Before: []byte(tasksText)},
		"setup.py":      {Before: []byte("setup()\n"), After: []byte{}},
		"app/views.py":  {Before: []byte(viewsText), After: []byte("v\n")},
	}}
	done, err := d.open().Commit(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "A\tapp.py\nD\tapp/tasks.py\nM\tapp/views.py\nA\tempty.py\nA\tnew/deep/x.py\nM\tsetup.py"
	if got := d.git("diff-tree", "-r", "--name-status", "HEAD^", "HEAD"); got != want {
		t.Errorf("commit:\n%s", got)
	}
	if diff := cmp.Diff(strings.Split(d.git("diff-tree", "-r", "--name-only", "HEAD^", "HEAD"), "\n"), done.Paths); diff != "" {
		t.Error(diff)
	}
	if got := d.git("status", "--porcelain"); got != "" {
		t.Errorf("status: %s", got)
	}
	if tree := d.git("write-tree"); tree != d.git("rev-parse", "HEAD^{tree}") {
		t.Error("the index does not make HEAD's tree")
	}
	d.healthy()
}

func TestCommitRemovesTheLastFileOfAFolder(t *testing.T) {
	d := newRepo(t)
	c := Change{Message: "x\n", Files: map[string]FileChange{
		"app/tasks.py": {Before: []byte(tasksText)}, "app/views.py": {Before: []byte(viewsText)},
	}}
	if _, err := d.open().Commit(c, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := d.git("ls-tree", "--name-only", "HEAD"); got != "README\nrun.sh\nsetup.py" {
		t.Errorf("tree: %s", got)
	}
	d.healthy()
}

func TestNothingToCommit(t *testing.T) {
	d := newRepo(t)
	before := d.snapshot()
	for _, c := range []Change{{Message: "x\n"}, d.change("x\n", "setup.py", "setup()\n")} {
		if _, err := d.open().Commit(c, Options{}); !errors.Is(err, ErrNothingToCommit) {
			t.Errorf("commit: %v", err)
		}
	}
	if _, err := d.open().Commit(d.change(" \n\n", "setup.py", "x\n"), Options{}); err == nil {
		t.Error("a commit without a message was made")
	}
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestSigningThatFails(t *testing.T) {
	d := newRepo(t)
	d.hook("gpg", "echo 'gpg: signing failed: No secret key' >&2; exit 2")
	d.git("config", "gpg.program", d.join(".git/hooks/gpg"))
	d.git("config", "commit.gpgSign", "true")
	for _, withHooks := range []bool{false, true} {
		if withHooks {
			d.hook("pre-commit", "echo '# edited' >> app/tasks.py")
		}
		before := d.snapshot()
		_, err := d.open().Commit(d.step(), Options{})
		if err == nil || !strings.Contains(err.Error(), "sign") || !strings.Contains(err.Error(), "failed to sign") || Hint(err) == "" {
			t.Errorf("commit: %v (%s)", err, Hint(err))
		}
		if diff := cmp.Diff(before, d.snapshot()); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	}
	if _, err := d.open().Commit(d.step(), Options{NoSign: true}); err != nil {
		t.Errorf("unsigned on request: %v", err)
	}
}

func TestStalePlan(t *testing.T) {
	d := newRepo(t)
	tests := map[string]FileChange{
		"app/views.py": {Before: []byte("as it was planned\n"), After: []byte("x\n")},
		"app/tasks.py": {After: []byte("there is such a file\n")},
		"app/none.py":  {Before: []byte("there was such a file\n"), After: []byte("x\n")},
	}
	before := d.snapshot()
	for path, change := range tests {
		for _, kind := range []Kind{ToCommit, ToIndex, ToWorktree} {
			c := d.change("x\n", "setup.py", "y\n")
			c.Files[path] = change
			var stale *StaleError
			if err := d.open().make(kind, c, Options{}); !errors.As(err, &stale) || stale.Path != path {
				t.Errorf("%s of %s: %v", kind, path, err)
			}
		}
	}
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

// at runs do once at a point of the protocol.
func at(point string, do func() error) Options {
	return Options{Stop: func(p string) error {
		if p == point {
			return do()
		}
		return nil
	}}
}

func TestFileWrittenMeanwhile(t *testing.T) {
	d := newRepo(t)
	for _, point := range []string{"pending", "draft:0", "draft:1", "file:0"} {
		d := d.copy()
		c := d.change("x\n", "app/views.py", "v\n", "setup.py", "s\n")
		_, err := d.open().Commit(c, at(point, func() error { d.write("setup.py", "mine\n"); return nil }))
		var stale *StaleError
		if !errors.As(err, &stale) || stale.Path != "setup.py" {
			t.Errorf("at %s: %v", point, err)
		}
		if d.read("setup.py") != "mine\n" || d.read("app/views.py") != viewsText {
			t.Errorf("at %s: files not as they were", point)
		}
	}
	// After our own write the edit is simply a newer one: the commit stands.
	c := d.change("x\n", "setup.py", "s\n")
	if _, err := d.open().Commit(c, at("file:0", func() error { d.write("setup.py", "m\n"); return nil })); err != nil {
		t.Fatal(err)
	}
	if got := d.git("status", "--porcelain"); got != " M setup.py" {
		t.Errorf("status: %q", got)
	}
}

func TestBranchMovedMeanwhile(t *testing.T) {
	for _, hook := range []bool{false, true} {
		d := newRepo(t)
		if hook {
			d.hook("reference-transaction", "") // the installed git moves the branch
		}
		before := d.snapshot()
		other := d.git("commit-tree", "-p", "HEAD", "-m", "other", "HEAD^{tree}")
		_, err := d.open().Commit(d.step(), at("file:0", func() error { d.git("update-ref", "HEAD", other); return nil }))
		var moved *MovedError
		if !errors.As(err, &moved) || string(moved.Got) != other {
			t.Errorf("branch moved: %v", err)
		}
		after := d.snapshot()
		before["HEAD"] = other
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	}
	d := newRepo(t)
	before := d.snapshot()
	d.git("branch", "other")
	_, err := d.open().Commit(d.step(), at("file:0", func() error { d.git("symbolic-ref", "HEAD", "refs/heads/other"); return nil }))
	var moved *MovedError
	if !errors.As(err, &moved) {
		t.Errorf("branch switched: %v", err)
	}
	before["HEAD ref"] = "refs/heads/other"
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestLocksOfOthers(t *testing.T) {
	d := newRepo(t)
	for _, lock := range []string{".git/index.lock", ".git/refs/heads/main.lock"} {
		before := d.snapshot()
		for _, content := range []string{"", thisProcess().lockText()} {
			d.write(lock, content)
			_, err := d.open().Commit(d.step(), Options{})
			var locked *LockedError
			var busy *BusyError
			if !errors.As(err, &locked) && !errors.As(err, &busy) || Hint(err) == "" {
				t.Errorf("%s with %q: %v", lock, content, err)
			}
			if got := d.read(lock); got != content {
				t.Errorf("%s was touched", lock)
			}
			if err := os.Remove(d.join(lock)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(before, d.snapshot()); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	}
	dead := Process{PID: 1 << 22, Start: "boot/1", Host: thisProcess().Host}
	for _, lock := range []string{".git/index.lock", ".git/refs/heads/main.lock"} {
		d.write(lock, dead.lockText())
	}
	if _, err := d.open().Commit(d.step(), Options{}); err != nil {
		t.Errorf("our own locks of a process that is gone: %v", err)
	}
}

// TestBesideACommittingGit commits in turn with a git that does so too, for
// other files; no commit is lost on either side.
func TestBesideACommittingGit(t *testing.T) {
	d := newRepo(t)
	script := `for i in $(seq 40); do echo $i > README; git commit -q --only -m "theirs $i" README && echo ok; done`
	git := exec.Command("sh", "-c", script)
	git.Dir = d.path
	var out strings.Builder
	git.Stdout, git.Stderr = &out, &out
	if err := git.Start(); err != nil {
		t.Fatal(err)
	}
	ours := 0
	for i := range 30 {
		time.Sleep(20 * time.Millisecond) // git does not wait for a lock
		c := d.change(fmt.Sprintf("ours %d\n", i), "app/views.py", "v"+strconv.Itoa(i)+"\n", "setup.py", "s"+strconv.Itoa(i)+"\n")
		_, err := d.open().Commit(c, Options{})
		var moved *MovedError
		var locked *LockedError
		if err != nil && !errors.As(err, &moved) && !errors.As(err, &locked) {
			t.Errorf("commit: %v", err)
		}
		if err == nil {
			ours++
		}
	}
	if err := git.Wait(); err != nil {
		t.Logf("the last git commit: %v %s", err, out.String()) // it may have met our lock
	}
	theirs := strings.Count(out.String(), "ok")
	got := strings.Split(d.git("log", "--format=%s"), "\n")
	count := func(prefix string) (n int) {
		for _, s := range got {
			if strings.HasPrefix(s, prefix) {
				n++
			}
		}
		return n
	}
	if count("ours") != ours || count("theirs") != theirs || ours == 0 || theirs == 0 {
		t.Errorf("in history %d ours of %d, %d theirs of %d", count("ours"), ours, count("theirs"), theirs)
	}
	d.healthy()
	d.git("checkout", "-q", "--", "README") // theirs may have failed after the write
	if got := d.git("status", "--porcelain"); got != "" {
		t.Errorf("status: %s", got)
	}
}

func TestStage(t *testing.T) {
	d := newRepo(t)
	r := d.open()
	if err := r.Stage(d.change("", "app/views.py", "one\n", "run.sh", "r\n")); err != nil {
		t.Fatal(err)
	}
	if err := r.Stage(d.change("", "app/views.py", "two\n")); err != nil {
		t.Fatal("on top of staged work:", err)
	}
	if got := d.git("status", "--porcelain"); got != "M  app/views.py\nM  run.sh" {
		t.Errorf("status: %s", got)
	}
	d.write("setup.py", "mine\n")
	var refused *RefusedError
	if err := r.Stage(d.change("", "setup.py", "x\n")); !errors.As(err, &refused) || refused.Problems[0].Code != DirtyPath {
		t.Errorf("on top of work that is not staged: %v", err)
	}
	if problems, err := r.PreflightFor(ToIndex, []string{"app/views.py"}); err != nil || len(problems) > 0 {
		t.Errorf("preflight: %v %v", problems, err)
	}
	d.git("commit", "-q", "-m", "by hand", "app/views.py", "run.sh")
	d.healthy()
}

func TestWriteOnly(t *testing.T) {
	d := newRepo(t)
	d.write("setup.py", "mine\n")
	d.write("untracked.py", "u\n")
	index := d.git("ls-files", "-s", "--debug")
	r := d.open()
	if err := r.WriteOnly(d.change("", "setup.py", "mine and yours\n", "untracked.py", "w\n", "run.sh", "r\n")); err != nil {
		t.Fatal(err)
	}
	if d.read("setup.py") != "mine and yours\n" || d.read("untracked.py") != "w\n" {
		t.Error("the files are not written")
	}
	info, err := os.Stat(d.join("run.sh"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode of run.sh: %v %v", info.Mode(), err)
	}
	if got := d.git("ls-files", "-s", "--debug"); got != index {
		t.Error("the index changed")
	}
	if problems, err := r.PreflightFor(ToWorktree, []string{"setup.py"}); err != nil || len(problems) > 0 {
		t.Errorf("preflight: %v %v", problems, err)
	}
}

func TestWithoutHardLinks(t *testing.T) {
	// Putting back must also work where the file system has no hard links: the
	// folder for second names cannot be made.
	d := newRepo(t)
	d.write(".git/spanwalk/before", "in the way\n")
	full := errors.New("full")
	_, err := d.open().Commit(d.change("x\n", "app/views.py", "v\n", "run.sh", "r\n"), at("index", func() error { return full }))
	if !errors.Is(err, full) || d.read("app/views.py") != viewsText || d.read("run.sh") != "#!/bin/sh\necho\n" {
		t.Errorf("not put back: %v", err)
	}
	if got := d.git("status", "--porcelain"); got != "" {
		t.Errorf("status: %s", got)
	}
}

func TestFilesThatCannotBePutBack(t *testing.T) {
	d := newRepo(t)
	full := errors.New("full")
	_, err := d.open().Commit(d.change("x\n", "app/views.py", "v\n", "run.sh", "r\n"), at("index", func() error {
		d.write("run.sh", "edited by somebody else\n")
		return full
	}))
	var left *RollbackError
	if !errors.As(err, &left) || !slices.Equal(left.Paths, []string{"run.sh"}) || !errors.Is(err, full) {
		t.Errorf("commit: %v", err)
	}
	if d.read("run.sh") != "edited by somebody else\n" || d.read("app/views.py") != viewsText {
		t.Error("wrong files were put back")
	}
	if p, err := d.open().Pending(); p == nil || err != nil {
		t.Errorf("no record of it: %v %v", p, err)
	}
}

func TestCreateBranch(t *testing.T) {
	for _, hook := range []bool{false, true} {
		d := newRepo(t)
		if hook {
			d.hook("reference-transaction", "")
		}
		d.write("setup.py", "mine\n")
		d.write("README", "staged\n")
		d.git("add", "README")
		status := d.git("status", "--porcelain=v2")
		head := d.git("rev-parse", "HEAD")
		if err := d.open().CreateBranch("sentry/streaming"); err != nil {
			t.Fatal(err)
		}
		if got := d.git("symbolic-ref", "HEAD") + " " + d.git("rev-parse", "HEAD"); got != "refs/heads/sentry/streaming "+head {
			t.Errorf("HEAD: %s", got)
		}
		if got := d.git("status", "--porcelain=v2"); got != status {
			t.Errorf("status: %s", got)
		}
		if got := d.git("reflog", "-1", "--format=%gs") + "|" + d.git("reflog", "-1", "--format=%gs", "sentry/streaming"); got != "checkout: moving from main to sentry/streaming|branch: Created from HEAD" {
			t.Errorf("reflogs: %s", got)
		}
		if got := d.git("rev-parse", "--abbrev-ref", "@{-1}"); got != "main" {
			t.Errorf("the branch before: %s", got)
		}
		for _, name := range []string{"main", "main/x", "sentry", "", "-x", "a..b", "a b", "x.lock", "a//b", "@", "HEAD", "a/", ".a", "a.", "ü\x01", "a~1"} {
			if err := d.open().CreateBranch(name); err == nil {
				t.Errorf("branch %q was made", name)
			}
			if _, err := d.try("check-ref-format", "--branch", name); err == nil && !slices.Contains([]string{"main", "main/x", "sentry", "@"}, name) {
				t.Errorf("git would allow %q", name)
			}
		}
		d.healthy()
	}
	d := newRepo(t)
	d.git("checkout", "-q", "--detach")
	d.git("pack-refs", "--all")
	if err := d.open().CreateBranch("main"); err == nil {
		t.Error("a packed branch was made again")
	}
	if err := d.open().CreateBranch("topic"); err != nil {
		t.Error(err)
	}
	empty := repoDir{t, t.TempDir()}
	empty.git("init", "-q")
	if err := empty.open().CreateBranch("first"); err != nil || empty.git("symbolic-ref", "HEAD") != "refs/heads/first" {
		t.Errorf("unborn: %v", err)
	}
}

func TestPreflightListsAll(t *testing.T) {
	d := newRepo(t)
	d.write("app/views.py", "mine\n")
	d.write("app/tasks.py", "mine\n")
	d.git("add", "app/tasks.py")
	problems, err := d.open().Preflight([]string{"setup.py", "app/views.py", "app/tasks.py", "none.py"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s %s %v", p.Code, p.Path, p.Fatal))
	}
	want := []string{"default-branch  false", "staged app/tasks.py true", "dirty app/views.py true", "missing none.py true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriteFileAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	for _, text := range []string{"one", "two, longer", ""} {
		if err := WriteFileAtomic(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		info, err2 := os.Stat(path)
		if err != nil || err2 != nil || string(data) != text || info.Mode().Perm() != 0o640 {
			t.Errorf("%q %v %v", data, info.Mode(), errors.Join(err, err2))
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFileAtomic(filepath.Join(dir, "d"), nil, 0); err == nil {
		t.Error("a folder was replaced")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".spanwalk*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRandomChanges makes random changes of a growing and shrinking tree: after
// each, work tree, index and HEAD agree.
func TestRandomChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	d := newRepo(t)
	d.git("update-index", "--index-version", "4")
	names := []string{"a", "a.b", "a-b", "a0", "b", "ab"} // these sort differently as files and as folders
	files := map[string]string{}
	taken := func(path string) bool {
		for other := range files {
			if strings.HasPrefix(other, path+"/") || strings.HasPrefix(path, other+"/") {
				return true
			}
		}
		return false
	}
	for round := range 40 {
		c := Change{Message: fmt.Sprintf("round %d\n", round), Files: map[string]FileChange{}}
		for range 1 + random.IntN(6) {
			path := "r"
			for range 1 + random.IntN(3) {
				path += "/" + names[random.IntN(len(names))]
			}
			if _, chosen := c.Files[path]; chosen || taken(path) {
				continue
			}
			var f FileChange
			if text, exists := files[path]; exists {
				f.Before = []byte(text)
			}
			if f.Before == nil || random.IntN(3) > 0 {
				f.After = []byte(fmt.Sprintf("%s in round %d\n", path, round))
				files[path] = string(f.After)
			} else {
				delete(files, path)
			}
			c.Files[path] = f
		}
		if len(c.Files) == 0 {
			continue
		}
		if _, err := d.open().Commit(c, Options{}); err != nil {
			t.Fatal(err)
		}
		d.git("clean", "-qfd") // empty folders
		if random.IntN(3) == 0 {
			d.git("read-tree", "HEAD") // a whole cache tree
		}
		if got := d.git("status", "--porcelain"); got != "" {
			t.Fatalf("round %d: %s", round, got)
		}
		if tree, head := d.git("write-tree"), d.git("rev-parse", "HEAD^{tree}"); tree != head {
			t.Fatalf("round %d: the index makes another tree than HEAD", round)
		}
	}
	for path, text := range files {
		if got := d.git("show", "HEAD:"+path) + "\n"; got != text {
			t.Errorf("%s: %q, want %q", path, got, text)
		}
	}
	if got := strings.Count(d.git("ls-tree", "-r", "--name-only", "HEAD", "r/")+"\n", "\n"); got != len(files) {
		t.Errorf("%d files, want %d", got, len(files))
	}
	d.healthy()
}
