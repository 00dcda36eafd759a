package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// situation is one row of the table: a repository that real git brought into
// some state, and what becomes of a commit of app/views.py in it.
type situation struct {
	name  string
	init  []string                     // further arguments of git init
	set   func(d repoDir) repoDir      // brings the state about; returns where to work
	path  string                       // file to change; app/views.py if empty
	after string                       // its new content; one line more if empty
	want  Code                         // refusal; empty: the commit is made
	warn  Code                         // what preflight must warn of; empty: nothing is looked for
	git   string                       // an operation that the installed git must be said to do
	blob  string                       // what the commit must hold for the file; its bytes if empty
	then  func(d repoDir, head string) // further checks after a commit
}

const viewsText = "import sentry_sdk\n\nsentry_sdk.start_span(op='a')\n"

// here is for states of the repository itself.
func here(set func(d repoDir)) func(repoDir) repoDir {
	return func(d repoDir) repoDir {
		set(d)
		return d
	}
}

// run is here for a list of git commands, split at blanks.
func run(commands ...string) func(repoDir) repoDir {
	return here(func(d repoDir) {
		for _, c := range commands {
			d.git(strings.Fields(c)...)
		}
	})
}

func TestSituations(t *testing.T) {
	formats := formatRows
	if d := (repoDir{t, t.TempDir()}); gitIsNew(d) {
		formats = slices.Concat(formats, newGitRows)
	}
	for _, rows := range [][]situation{
		workRows, progressRows, headRows, layoutRows, indexRows, formats, pathRows, contentRows, signRows, messageRows, hookRows,
	} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				row.check(t)
			})
		}
	}
}

func TestIdentities(t *testing.T) {
	for _, row := range identityRows {
		t.Run(row.name, func(t *testing.T) {
			isolate(t)
			row.check(t)
		})
	}
}

func (row situation) check(t *testing.T) {
	d := newRepo(t, row.init...)
	if row.set != nil {
		d = row.set(d)
	}
	if row.path == "" {
		row.path = "app/views.py"
	}
	before := d.snapshot()
	status := d.status()
	said := d.fsck()
	r := d.open()
	problems, err := r.Preflight([]string{row.path})
	if err != nil {
		t.Fatal("preflight:", err)
	}
	c := row.change(d)
	done, err := r.Commit(c, Options{})
	if row.want != "" {
		row.checkRefused(d, before, problems, err)
		if got := d.status(); got != status || d.fsck() != said {
			t.Errorf("git status was\n%s\nand is\n%s\ngit fsck was %q and is %q", status, got, said, d.fsck())
		}
		return
	}
	if err != nil {
		t.Fatalf("commit: %v (%s)", err, Hint(err))
	}
	row.checkCommitted(d, before, problems, done, status)
}

func (row situation) change(d repoDir) Change {
	c := Change{Message: "Step\n\nSpanwalk-Step: start-span\n", Files: map[string]FileChange{}}
	data, err := os.ReadFile(d.join(row.path))
	if err != nil {
		data = nil // not there
	}
	after := row.after
	if after == "" {
		after = string(data) + "# more\n"
	}
	c.Files[row.path] = FileChange{Before: data, After: []byte(after)}
	return c
}

// status returns what git status prints; nothing where a filter fails it.
func (d repoDir) status() string {
	cmd := exec.Command("git", "status", "--porcelain=v2")
	cmd.Dir = d.path
	out, _ := cmd.Output()
	return strings.TrimSuffix(string(out), "\n")
}

// fsck returns what git finds wrong in the repository; nothing but in a few
// situations that are wrong by themselves, such as an unborn branch.
func (d repoDir) fsck() string {
	out, _ := d.try("fsck", "--strict", "--no-dangling", "--no-progress")
	return out
}

// checkRefused: the refusal names the reason and a next command, preflight said
// the same, and nothing changed.
func (row situation) checkRefused(d repoDir, before map[string]string, problems []Problem, err error) {
	d.t.Helper()
	fatal := refusals(problems)
	if len(fatal) == 0 || fatal[0].Code != row.want {
		d.t.Errorf("preflight says %v, want %s", problems, row.want)
	}
	var p *Problem
	var none *NoIdentityError
	switch {
	case errors.As(err, &none):
		if row.want != NoIdentity {
			d.t.Errorf("commit: %v, want %s", err, row.want)
		}
	case !errors.As(err, &p) || p.Code != row.want:
		d.t.Errorf("commit: %v, want %s", err, row.want)
	}
	if Hint(err) == "" {
		d.t.Errorf("no hint for: %v", err)
	}
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		d.t.Errorf("something changed:\n%s", diff)
	}
}

func (row situation) checkCommitted(d repoDir, before map[string]string, problems []Problem, done Commit, status string) {
	d.t.Helper()
	if fatal := refusals(problems); len(fatal) > 0 {
		d.t.Errorf("preflight refuses what can be committed: %v", fatal)
	}
	if row.warn != "" && !slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == row.warn }) {
		d.t.Errorf("preflight does not warn of %s: %v", row.warn, problems)
	}
	if row.git != "" && !slices.ContainsFunc(problems, func(p Problem) bool {
		return p.Code == UsesSystemGit && strings.Contains(p.Message, row.git)
	}) {
		d.t.Errorf("preflight does not say that git does %q: %v", row.git, problems)
	}
	if got := d.git("rev-parse", "HEAD", "HEAD^"); got != string(done.Hash)+"\n"+before["HEAD"] {
		d.t.Errorf("HEAD and its parent are\n%s\nwant\n%s\n%s", got, done.Hash, before["HEAD"])
	}
	if diff := cmp.Diff(row.withoutOwnHashes(status), row.withoutOwnHashes(d.status())); diff != "" {
		d.t.Errorf("git status changed:\n%s", diff)
	}
	if got := d.git("diff-tree", "-r", "-z", "--name-only", "HEAD^", "HEAD"); got != row.path+"\x00" {
		d.t.Errorf("the commit changes %q", got)
	}
	want := row.blob
	if want == "" {
		want = d.read(row.path)
	}
	if got := d.git("cat-file", "blob", "HEAD:"+row.path); got != strings.TrimSuffix(want, "\n") {
		d.t.Errorf("the commit holds %q, want %q", got, want)
	}
	d.healthy()
	after := d.snapshot()
	for _, m := range []map[string]string{before, after} {
		maps.DeleteFunc(m, func(k, _ string) bool { return k == "HEAD" || k == "index" || k == "file "+row.path })
	}
	if diff := cmp.Diff(before, after); diff != "" {
		d.t.Errorf("something else changed:\n%s", diff)
	}
	if status == "" {
		if tree, head := d.git("write-tree"), d.git("rev-parse", "HEAD^{tree}"); tree != head {
			d.t.Errorf("the index makes the tree %s, HEAD has %s", tree, head)
		}
	}
	if row.then != nil {
		row.then(d, string(done.Hash))
	}
}

// withoutOwnHashes blanks the hashes in the line of the file that the commit
// changes, if git status lists it at all.
func (row situation) withoutOwnHashes(status string) []string {
	lines := strings.Split(status, "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, " "+row.path) {
			lines[i] = regexp.MustCompile(`[0-9a-f]{40,}`).ReplaceAllString(line, "-")
		}
	}
	return lines
}

// snapshot is all that must not change by itself: every file's bytes and mode,
// what is staged, where the branches are, and that no locks are held.
func (d repoDir) snapshot() map[string]string {
	d.t.Helper()
	s := map[string]string{}
	s["index"] = d.git("ls-files", "-s", "-v")
	if out, err := d.try("rev-parse", "HEAD"); err == nil {
		s["HEAD"] = out
	}
	s["HEAD ref"], _ = d.try("symbolic-ref", "-q", "HEAD")
	err := filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(d.path, path)
		if e.IsDir() && rel == ".git" {
			return fs.SkipDir
		}
		info, err2 := os.Lstat(path)
		if err = errors.Join(err, err2); err != nil || e.IsDir() {
			return err
		}
		data := []byte("link")
		if info.Mode().IsRegular() {
			data, err = os.ReadFile(path)
		}
		s["file "+filepath.ToSlash(rel)] = fmt.Sprintf("%s %s", info.Mode(), data)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, pattern := range []string{".git/*.lock", ".git/refs/heads/*.lock", ".git/spanwalk/*"} {
		left, err := filepath.Glob(d.join(pattern))
		if err != nil || len(left) > 0 {
			d.t.Errorf("left behind: %v %v", left, err)
		}
	}
	return s
}

// Work of the user's in the tree.
var workRows = []situation{
	{name: "clean", warn: DefaultBranch},
	{name: "the file is dirty", want: DirtyPath, set: here(func(d repoDir) { d.write("app/views.py", viewsText+"# mine\n") })},
	{name: "another file is dirty", set: here(func(d repoDir) { d.write("setup.py", "mine\n") })},
	{name: "the file is staged", want: StagedPath, set: here(func(d repoDir) {
		d.write("app/views.py", viewsText+"# mine\n")
		d.git("add", "app/views.py")
	})},
	{name: "the file's mode is staged", want: StagedPath, set: run("update-index --chmod=+x app/views.py")},
	{name: "another file is staged", set: here(func(d repoDir) {
		d.write("setup.py", "mine\n")
		d.git("add", "setup.py")
		d.write("setup.py", "mine, newer\n")
	})},
	{name: "a file of the same folder is staged", set: here(func(d repoDir) {
		d.write("app/new.py", "mine\n")
		d.git("add", "app/new.py")
		d.git("rm", "-q", "--cached", "app/tasks.py")
	})},
	{name: "removals and renames are staged", set: run("mv setup.py build.py", "rm -q README")},
	{name: "another file is added with intent", set: here(func(d repoDir) {
		d.write("app/later.py", "later\n")
		d.git("add", "-N", "app/later.py")
	})},
	{name: "the file is added with intent", path: "app/later.py", want: IntentToAddPath, set: here(func(d repoDir) {
		d.write("app/later.py", "later\n")
		d.git("add", "-N", "app/later.py")
	})},
	{name: "the file is new and staged", path: "app/new.py", want: StagedPath, set: here(func(d repoDir) {
		d.write("app/new.py", "new\n")
		d.git("add", "app/new.py")
	})},
	{name: "the file is untracked", path: "app/new.py", want: UntrackedPath, set: here(func(d repoDir) { d.write("app/new.py", "new\n") })},
	{name: "the file is ignored but tracked", set: here(func(d repoDir) {
		d.write(".gitignore", "app/\n")
		d.git("add", ".gitignore")
		d.git("commit", "-q", "-m", "ignore")
	})},
	{name: "the file is staged and changed again", want: StagedPath, set: here(func(d repoDir) {
		d.write("app/views.py", viewsText+"# mine\n")
		d.git("add", "app/views.py")
		d.write("app/views.py", viewsText+"# mine, newer\n")
	})},
	{name: "the file's staged change was undone on disk", want: StagedPath, set: here(func(d repoDir) {
		d.write("app/views.py", viewsText+"# mine\n")
		d.git("add", "app/views.py")
		d.write("app/views.py", viewsText)
	})},
	{name: "the file's removal is staged, the file is kept", want: StagedPath, set: run("rm -q --cached app/views.py")},
	{name: "the file is removed", want: StagedPath, set: run("rm -q app/views.py")},
	{name: "the file is deleted, not staged", want: MissingPath, set: here(func(d repoDir) {
		if err := os.Remove(d.join("app/views.py")); err != nil {
			d.t.Fatal(err)
		}
	})},
	{name: "the file's old name in a staged rename", want: StagedPath, set: run("mv app/views.py app/v.py")},
	{name: "the file's new name in a staged rename", path: "app/v.py", want: StagedPath, set: run("mv app/views.py app/v.py")},
	{name: "the file's mode is changed, not staged", set: here(func(d repoDir) {
		if err := os.Chmod(d.join("app/views.py"), 0o755); err != nil {
			d.t.Fatal(err)
		}
	}), then: func(d repoDir, _ string) {
		if got := d.git("ls-tree", "HEAD", "app/views.py"); !strings.HasPrefix(got, "100644 ") {
			d.t.Errorf("mode: %s", got)
		}
	}},
	{name: "a folder is in the file's place", want: InvalidPath, set: here(func(d repoDir) {
		if err := os.Remove(d.join("app/views.py")); err != nil {
			d.t.Fatal(err)
		}
		d.write("app/views.py/x", "x\n")
	})},
	{name: "another file is deleted, not staged", set: here(func(d repoDir) {
		if err := os.Remove(d.join("app/tasks.py")); err != nil {
			d.t.Fatal(err)
		}
	})},
	{name: "a squashed merge is not committed", set: here(func(d repoDir) {
		d.git("switch", "-q", "-c", "side")
		d.write("setup.py", "side\n")
		d.git("commit", "-q", "-am", "side")
		d.git("switch", "-q", "main")
		d.git("merge", "-q", "--squash", "side")
	}), then: func(d repoDir, _ string) {
		if got := d.read(".git/SQUASH_MSG"); !strings.Contains(got, "side") {
			d.t.Errorf("git's message for the squashed merge is %q", got)
		}
	}},
	{name: "a stash exists", set: here(func(d repoDir) {
		d.write("setup.py", "mine\n")
		d.git("stash", "-q")
	})},
}

// Something of git's is not finished.
var progressRows = []situation{
	{name: "merge with conflicts", want: MergeInProgress, set: conflict("merge", "side")},
	{name: "merge without conflicts", want: MergeInProgress, set: here(func(d repoDir) {
		d.git("switch", "-q", "-c", "side")
		d.write("setup.py", "side\n")
		d.git("commit", "-q", "-am", "side")
		d.git("switch", "-q", "main")
		d.git("merge", "-q", "--no-ff", "--no-commit", "side")
	})},
	{name: "rebase", want: RebaseInProgress, set: conflict("rebase", "side")},
	{name: "rebase by patches", want: RebaseInProgress, set: conflict("rebase", "--apply", "side")},
	{name: "am", want: RebaseInProgress, set: here(func(d repoDir) {
		conflictBranches(d)
		d.git("format-patch", "-q", "-1", "side", "-o", ".git/patches")
		patches, _ := filepath.Glob(d.join(".git/patches/*"))
		if _, err := d.try("am", patches[0]); err == nil {
			d.t.Fatal("git am went through")
		}
	})},
	{name: "cherry-pick", want: PickInProgress, set: conflict("cherry-pick", "side")},
	{name: "revert", want: RevertInProgress, set: here(func(d repoDir) {
		d.write("setup.py", "two\n")
		d.git("commit", "-q", "-am", "two")
		d.write("setup.py", "three\n")
		d.git("commit", "-q", "-am", "three")
		if _, err := d.try("revert", "HEAD~1"); err == nil {
			d.t.Fatal("git revert went through")
		}
	})},
	{name: "rebase stopped to edit", want: RebaseInProgress, set: here(func(d repoDir) {
		d.write("setup.py", "two\n")
		d.git("commit", "-q", "-am", "two")
		d.git("-c", "sequence.editor=sed -i s/^pick/edit/", "rebase", "-q", "-i", "HEAD~1")
	})},
	{name: "between two cherry-picks", want: PickInProgress, set: here(func(d repoDir) {
		conflictBranches(d)
		d.git("switch", "-q", "side")
		d.write("README", "side\n")
		d.git("commit", "-q", "-am", "more")
		d.git("switch", "-q", "main")
		if out, err := d.try("cherry-pick", "main..side"); err == nil {
			d.t.Fatalf("no conflict: %s", out)
		}
		d.write("setup.py", "both\n")
		d.git("commit", "-q", "-am", "resolved")
	})},
	{name: "cherry-pick that commits nothing", set: here(func(d repoDir) {
		conflictBranches(d)
		d.git("reset", "-q", "--hard", "main~1")
		d.git("cherry-pick", "--no-commit", "side")
	})},
	{name: "bisect", want: BisectInProgress, set: run("bisect start -q")},
	{name: "bisect at a commit between", want: BisectInProgress, set: run("commit -q --allow-empty -m two", "commit -q --allow-empty -m three",
		"commit -q --allow-empty -m four", "bisect start -q HEAD HEAD~3")},
}

func conflictBranches(d repoDir) {
	d.git("switch", "-q", "-c", "side")
	d.write("setup.py", "side\n")
	d.git("commit", "-q", "-am", "side")
	d.git("switch", "-q", "main")
	d.write("setup.py", "main\n")
	d.git("commit", "-q", "-am", "main")
}

// conflict runs a git command that stops at a conflict in setup.py.
func conflict(args ...string) func(repoDir) repoDir {
	return here(func(d repoDir) {
		conflictBranches(d)
		if out, err := d.try(args...); err == nil {
			d.t.Fatalf("no conflict: %s", out)
		}
	})
}

// Where HEAD is.
var headRows = []situation{
	{name: "unborn", want: UnbornBranch, set: run("update-ref -d HEAD")},
	{name: "detached", warn: DetachedHead, set: run("checkout -q --detach")},
	{name: "branch with slashes", set: run("switch -q -c feature/deep/one")},
	{name: "branch called by the remote", warn: DefaultBranch, set: run(
		"switch -q -c trunk", "update-ref refs/remotes/origin/trunk HEAD", "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/trunk")},
	{name: "branch of init.defaultBranch", warn: DefaultBranch, set: run("switch -q -c devel", "config init.defaultBranch devel")},
	{name: "branch that is a symbolic ref", set: run("symbolic-ref refs/heads/alias refs/heads/main", "symbolic-ref HEAD refs/heads/alias")},
	{name: "packed refs", set: run("switch -q -c feature/x", "pack-refs --all --prune")},
	{name: "packed objects", set: run("gc -q")},
	{name: "commit graph", set: run("commit-graph write --reachable")},
	{name: "replaced commits", set: run("commit -q --allow-empty -m two", "replace --graft HEAD")},
	{name: "reflogs are off", set: run("config core.logAllRefUpdates false"), then: func(d repoDir, _ string) {
		if got := d.git("reflog", "-1", "--format=%gs"); got != "commit: Step" {
			d.t.Errorf("a reflog that exists goes on: %q", got)
		}
	}},
}
