package gitops

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gitConfig lists what git reads, as key and value.
func (d repoDir) gitConfig() [][2]string {
	d.t.Helper()
	var entries [][2]string
	for item := range strings.SplitSeq(strings.TrimSuffix(d.git("config", "--list", "-z", "--includes"), "\x00"), "\x00") {
		key, value, _ := strings.Cut(item, "\n")
		entries = append(entries, [2]string{key, value})
	}
	return entries
}

func (r *Repo) listConfig() [][2]string {
	var entries [][2]string
	for _, e := range r.config.entries {
		entries = append(entries, [2]string{e.key, e.value})
	}
	return entries
}

func TestConfigIsReadAsByGit(t *testing.T) {
	isolate(t)
	d := newRepo(t)
	home := filepath.Dir(os.Getenv("GIT_CONFIG_GLOBAL"))
	put := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(home, "a.inc"), "[a]\nx = from a\n[include]\npath = sub/b.inc\n")
	put(filepath.Join(home, "sub/b.inc"), "[b]\ny\n[include]\npath = missing.inc\n")
	for _, name := range []string{"dir", "dirnot", "icase", "branch", "branchnot", "url", "star"} {
		put(filepath.Join(home, name+".inc"), "[hit]\n"+name+" = yes\n")
	}
	d.config("[include]\n\tpath = a.inc\n" +
		"[includeIf \"gitdir:" + d.path + "/\"]\n\tpath = dir.inc\n" +
		"[includeIf \"gitdir:/nowhere/\"]\n\tpath = dirnot.inc\n" +
		"[includeIf \"gitdir/i:" + strings.ToUpper(d.path) + "/.GIT\"]\n\tpath = icase.inc\n" +
		"[includeIf \"gitdir:w*k/.git\"]\n\tpath = star.inc\n" +
		"[includeIf \"onbranch:feature/\"]\n\tpath = branch.inc\n" +
		"[includeIf \"onbranch:main\"]\n\tpath = branchnot.inc\n" +
		"[includeIf \"hasconfig:remote.*.url:https://*.example.com/**\"]\n\tpath = url.inc\n")
	d.git("switch", "-q", "-c", "feature/x")
	d.git("remote", "add", "origin", "https://git.example.com/a/b")
	d.git("config", "extensions.worktreeConfig", "true")
	d.git("config", "--worktree", "core.eol", "lf")
	text := d.read(".git/config") + "[Sec \"Sub \\\"q\\\" Case\"] Key = \" a ; b \" # comment\n" +
		"[old.Style]\nname = one \\\n  two\\t\\n\\\\ ; c\nquoted = a\" b \"c  d   \nbool\nempty =\n" +
		"\r\n[win]\r\nend = x\r\n; done"
	d.write(".git/config", text)
	setenv(t, "GIT_CONFIG_COUNT", "2")
	setenv(t, "GIT_CONFIG_KEY_0", "Env.Some.Key")
	setenv(t, "GIT_CONFIG_VALUE_0", "v 0")
	setenv(t, "GIT_CONFIG_KEY_1", "user.name")
	setenv(t, "GIT_CONFIG_VALUE_1", "Env")
	setenv(t, "GIT_CONFIG_PARAMETERS", `'one.key'='it'\''s' 'two.key=old form' 'three.flag'`)
	if diff := cmp.Diff(d.gitConfig(), d.open().listConfig()); diff != "" {
		t.Errorf("config (-git +ours):\n%s", diff)
	}
}

func TestConfigOfTheUser(t *testing.T) {
	isolate(t)
	d := newRepo(t)
	home := os.Getenv("HOME")
	if err := os.Unsetenv("GIT_CONFIG_GLOBAL"); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{".gitconfig": "[user]\nname = Home\nemail = home@x\n[include]\npath = ~/extra\n", "extra": "[x]\ny = z\n", "xdg/git/config": "[user]\nname = Xdg\n[only]\nxdg = 1\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(home, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(d.gitConfig(), d.open().listConfig()); diff != "" {
		t.Errorf("config (-git +ours):\n%s", diff)
	}
}

// TestIdentityWithoutGit reads the identity by ourselves and compares with git.
func TestIdentityWithoutGit(t *testing.T) {
	d := newRepo(t)
	d.git("config", "author.email", "author@example.com")
	setenv(t, "GIT_COMMITTER_NAME", " ;Com <Mitter>: ") // git before 2.46 strips dots too
	for _, date := range []string{
		"2026-03-01T12:00:00+0200", "@1772000000 -0730", "1772000000 +0000", "2026-03-01 12:00:00 +0100",
		"Sun, 01 Mar 2026 12:00:00 +0100", "Sun, 1 Mar 2026 12:00:00 +0100", "2026-03-01T12:00:00", "2026-03-01T12:00:00Z",
	} {
		setenv(t, "GIT_AUTHOR_DATE", date)
		setenv(t, "GIT_COMMITTER_DATE", date)
		r := d.open()
		for _, role := range []string{"AUTHOR", "COMMITTER"} {
			got, err := r.ownSignature(role)
			if want := d.git("var", "GIT_"+role+"_IDENT"); err != nil || got.String() != want {
				t.Errorf("%s at %s: %q %v, git says %q", role, date, got, err, want)
			}
		}
	}
	setenv(t, "GIT_AUTHOR_DATE", "soon")
	if _, err := d.open().ownSignature("AUTHOR"); err == nil {
		t.Error("a date that nobody can read is accepted")
	}
	setenv(t, "PATH", t.TempDir())
	setenv(t, "GIT_AUTHOR_DATE", "@1772000000 +0000")
	if name, email, err := d.open().Identity(); err != nil || name != "Ada Example" || email != "author@example.com" {
		t.Errorf("identity without git on PATH: %s %s %v", name, email, err)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add("[a]\nb = c\n")
	f.Add("[a \"b\\\"c\"]\nd=\"e\\n\" # f\n;g\n[x]y\n")
	f.Add("\ufeff[a.b]\r\nc = d \\\r\n e\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseConfig([]byte(text))
		if err != nil && entries != nil {
			t.Error("entries beside an error")
		}
		for _, e := range entries {
			if !strings.Contains(e.key, ".") {
				t.Errorf("key %q", e.key)
			}
		}
	})
}

// TestAttributesAreReadAsByGit compares with git check-attr on random rules.
func TestAttributesAreReadAsByGit(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	d := newRepo(t)
	paths := []string{"a.py", "B.py", "dir/a.py", "dir/sub/b.py", "dir/sub/x y.py", "dir/[z].py", "dir/sub/deep/c.txt", "other/a.py"}
	for _, p := range paths {
		d.write(p, "x\n")
	}
	rules := func() string {
		var b strings.Builder
		for range random.IntN(6) {
			if random.IntN(6) == 0 {
				b.WriteString("[attr]mac" + pick("1", "2") + " " + pick("text", "-text", "eol=crlf", "filter=f", "mac1") + "\n")
			}
			b.WriteString(pick("*.py", "*", "a.*", "/a.py", "dir/*", "dir/**", "**/b.py", "dir/**/*.py", "[ab].py", "[!a]*", `"x y.py"`, "sub/b.py", "\\a.py", "dir/[[]z].py", "sub/", "!a.py", "?.py", "[[:upper:]].py", "#c", "d*/*/b.py", "***/c.txt"))
			for range random.IntN(4) {
				b.WriteString(" " + pick("text", "-text", "!text", "text=auto", "eol=lf", "eol=crlf", "-eol", "filter=x", "-filter", "binary", "mac1", "mac2", "crlf", "ident", "working-tree-encoding=UTF-16"))
			}
			b.WriteString(pick("\n", "\r\n", "  \n"))
		}
		return b.String()
	}
	names := []string{"text", "eol", "filter", "crlf", "ident", "working-tree-encoding", "mac1", "diff"}
	for range 60 {
		for _, f := range []string{".gitattributes", "dir/.gitattributes", "dir/sub/.gitattributes", ".git/info/attributes"} {
			d.write(f, rules())
		}
		var want, got []string
		cmd := exec.Command("git", slices.Concat([]string{"check-attr", "-z"}, names, []string{"--"}, paths)...)
		cmd.Dir = d.path
		out, err := cmd.Output() // its warnings about macros are not wanted
		if err != nil {
			t.Fatal(err)
		}
		want = strings.Split(string(out), "\x00")
		a := d.open().newAttributes(&indexFile{})
		for _, p := range paths {
			found := a.of(p)
			for _, n := range names {
				got = append(got, p, n, found[n].describe())
			}
		}
		if diff := cmp.Diff(want[:len(want)-1], got); diff != "" {
			t.Fatalf("attributes (-git +ours):\n%s\n%s---\n%s---\n%s", diff, d.read(".gitattributes"), d.read("dir/.gitattributes"), d.read("dir/sub/.gitattributes"))
		}
	}
}

// describe is check-attr's word for the state.
func (a attribute) describe() string {
	switch {
	case a.unset:
		return "unset"
	case a.set && a.value == "":
		return "set"
	case a.set:
		return a.value
	}
	return "unspecified"
}
