package gitops

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const tasksText = "def task():\n    pass\n"

// step is a change of app/tasks.py.
func (d repoDir) step() Change {
	return d.change("Step\n\nSpanwalk-Step: start-span\n", "app/tasks.py", "def task():\n    return\n")
}

// TestHooksRunAsInGit has every hook note how it is called; real git's notes
// are the measure.
func TestHooksRunAsInGit(t *testing.T) {
	t.Run("ordinary", func(t *testing.T) { sameAsGit(t, newRepo(t)) })
	t.Run("linked work tree", func(t *testing.T) {
		d := newRepo(t)
		d.git("worktree", "add", "-q", "../linked")
		sameAsGit(t, d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked")))
	})
}

// sameAsGit makes one commit with git and then, after a reset, the same with
// gitops: hooks must see the same, and the commits must be the same object.
func sameAsGit(t *testing.T, d repoDir) {
	notes := filepath.Join(t.TempDir(), "notes")
	script := `{ echo "$(basename $0) $*"; pwd; git diff --cached --name-only; env | grep ^GIT_ | grep -vE 'EXEC_PATH|INDEX_FILE|CONFIG|COMMITTER' | sort; git log -1 --format=%s; } >> ` + notes
	for _, name := range []string{"pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"} {
		hooks := repoDir{t, filepath.Dir(d.git("rev-parse", "--path-format=absolute", "--git-common-dir"))}
		hooks.hook(name, script)
	}
	d.write("README", "staged by the user\n")
	d.git("add", "README")
	c := d.step()
	read := func() string {
		text, err := os.ReadFile(notes)
		if err = errors.Join(err, os.Remove(notes)); err != nil {
			t.Fatal(err)
		}
		return string(text)
	}

	d.write("app/tasks.py", string(c.Files["app/tasks.py"].After))
	d.git("commit", "-q", "--only", "-m", "Step", "-m", "Spanwalk-Step: start-span", "app/tasks.py")
	theirs, commit := read(), d.git("rev-parse", "HEAD")
	d.git("reset", "-q", "--soft", "HEAD^")
	d.git("restore", "--staged", "--worktree", "app/tasks.py")

	if _, err := d.open().Commit(c, Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(theirs, read()); diff != "" {
		t.Errorf("hooks saw something else than in git commit (-git +gitops):\n%s", diff)
	}
	if got := d.git("rev-parse", "HEAD"); got != commit {
		t.Errorf("the commit is %s, git made %s", got, commit)
	}
	if got := d.git("status", "--porcelain"); got != "M  README" {
		t.Errorf("status: %s", got)
	}
}

func TestHookThatFails(t *testing.T) {
	for _, name := range []string{"pre-commit", "prepare-commit-msg", "commit-msg"} {
		t.Run(name, func(t *testing.T) {
			d := newRepo(t)
			d.hook(name, "echo out; echo err >&2; printf 'last line'; exit 3")
			before := d.snapshot()
			var lines []string
			_, err := d.open().Commit(d.step(), Options{OnHookOutput: func(l string) { lines = append(lines, l) }})
			var failed *HookError
			if !errors.As(err, &failed) || failed.Hook != name || failed.Exit != 3 || failed.Output != "out\nerr\nlast line" {
				t.Fatalf("error %#v", err)
			}
			if diff := cmp.Diff([]string{"out", "err", "last line"}, lines); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, d.snapshot()); diff != "" {
				t.Errorf("something changed:\n%s", diff)
			}
			if _, err := d.open().Commit(d.step(), Options{NoVerify: true}); (err == nil) == (name == "prepare-commit-msg") {
				t.Errorf("with NoVerify: %v", err)
			}
		})
	}
}

func TestHookThatEdits(t *testing.T) {
	tests := []struct{ name, script, want, status string }{
		{"edits", "echo '# by the hook' >> app/tasks.py", "# by the hook\n", ""},
		{"edits and adds", "echo '# by the hook' >> app/tasks.py; git add app/tasks.py", "# by the hook\n", ""},
		{"edits and fails once", "grep -q hook app/tasks.py || { echo '# by the hook' >> app/tasks.py; exit 1; }", "# by the hook\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newRepo(t)
			d.hook("pre-commit", test.script)
			c := d.step()
			if _, err := d.open().Commit(c, Options{}); err != nil {
				t.Fatal(err)
			}
			want := string(c.Files["app/tasks.py"].After) + test.want
			if got := d.git("show", "HEAD:app/tasks.py") + "\n"; got != want {
				t.Errorf("the commit holds %q, want %q", got, want)
			}
			if got := d.git("status", "--porcelain"); got != test.status {
				t.Errorf("status: %s", got)
			}
			d.healthy()
		})
	}
}

func TestHookThatKeepsEditingAndFailing(t *testing.T) {
	d := newRepo(t)
	d.hook("pre-commit", "echo '# again' >> app/tasks.py; exit 1")
	before := d.snapshot()
	_, err := d.open().Commit(d.step(), Options{})
	var failed *HookError
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	want := map[string][]byte{"app/tasks.py": []byte("def task():\n    return\n# again\n# again\n")}
	if diff := cmp.Diff(want, failed.Edited); diff != "" {
		t.Errorf("what the hook left:\n%s", diff)
	}
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestHookThatAddsAnotherFile(t *testing.T) {
	d := newRepo(t)
	d.write("README", "staged by the user\n")
	d.git("add", "README")
	d.hook("pre-commit", "echo generated > app/gen.py; git add app/gen.py; git rm -q --cached setup.py")
	done, err := d.open().Commit(d.step(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"app/gen.py", "app/tasks.py", "setup.py"}, done.Paths); diff != "" {
		t.Error(diff)
	}
	if got := d.git("diff-tree", "-r", "--name-status", "HEAD^", "HEAD"); got != "A\tapp/gen.py\nM\tapp/tasks.py\nD\tsetup.py" {
		t.Errorf("commit: %s", got)
	}
	if got := d.git("status", "--porcelain"); got != "M  README\n?? setup.py" {
		t.Errorf("status: %s", got)
	}
	d.healthy()
}

func TestHooksThatChangeTheMessage(t *testing.T) {
	d := newRepo(t)
	d.hook("prepare-commit-msg", `printf 'JIRA-1 ' | cat - $1 > $1.new && mv $1.new $1`)
	d.hook("commit-msg", `printf '\n\n\nChange-Id: I1  \n' >> $1`)
	done, err := d.open().Commit(d.step(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "JIRA-1 Step\n\nSpanwalk-Step: start-span\n\nChange-Id: I1\n"
	if got := d.git("log", "-1", "--format=%B"); got != want || done.Message != want || done.Subject != "JIRA-1 Step" {
		t.Errorf("message %q, returned %q", got, done.Message)
	}
	if diff := cmp.Diff([]Trailer{{"Spanwalk-Step", "start-span"}}, done.Trailers); diff != "" {
		t.Error(diff)
	}
	d.hook("commit-msg", `: > $1`)
	before := d.snapshot()
	if _, err := d.open().Commit(d.change("x", "run.sh", "x\n"), Options{}); err == nil || !strings.Contains(err.Error(), "emptied") {
		t.Errorf("empty message: %v", err)
	}
	if diff := cmp.Diff(before, d.snapshot()); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestWhichHooksCount(t *testing.T) {
	d := newRepo(t)
	d.hook("pre-commit", "exit 1")
	d.hook("post-commit", "exit 1")
	if diff := cmp.Diff([]string{"pre-commit", "post-commit"}, d.open().Hooks()); diff != "" {
		t.Error(diff)
	}
	if err := os.Chmod(d.join(".git/hooks/pre-commit"), 0o644); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"post-commit"}, d.open().Hooks()); diff != "" {
		t.Errorf("a hook that may not be executed: %s", diff)
	}
	if _, err := d.open().Commit(d.step(), Options{}); err != nil {
		t.Errorf("post-commit cannot stop a commit: %v", err)
	}
	d.git("config", "core.hooksPath", "tools/hooks")
	d.write("tools/hooks/commit-msg", "echo 'no first line' >> $1\n")
	if err := os.Chmod(d.join("tools/hooks/commit-msg"), 0o755); err != nil {
		t.Fatal(err)
	}
	done, err := d.open().Commit(d.change("x\n", "app/tasks.py", tasksText), Options{})
	if err != nil || done.Message != "x\nno first line\n" {
		t.Errorf("script without #! in core.hooksPath: %q %v", done.Message, err)
	}
}
