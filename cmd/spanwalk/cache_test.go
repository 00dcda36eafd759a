package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
)

// looks are command lines that a cache may answer.
var looks = [][]string{
	{"preview"},
	{"preview", "start-span", "--format", "json"},
	{"preview", "--format", "sarif"},
	{"preview", "--format", "markdown", "--accept", "review"},
	{"status"},
	{"status", "--json"},
	{"check"},
	{"check", "app/a.py", "app/b.py"},
	{"report"},
	{"report", "--html"},
}

// cached is a project whose commands are answered from a cache of its own.
type cached struct {
	t          *testing.T
	dir, cache string
}

const spanCode = "import sentry_sdk\n\nwith sentry_sdk.start_span(op=\"db\", name=\"a\") as span:\n    span.set_data(\"k\", 1)\n"

func newCached(t *testing.T) *cached {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z", "TZ": "UTC", "LC_ALL": "C",
	} {
		t.Setenv(name, value)
	}
	c := &cached{t: t, dir: t.TempDir(), cache: filepath.Join(home, "cache")}
	c.git("init", "-q", "-b", "main")
	c.git("config", "user.name", "Ada Lovelace")
	c.git("config", "user.email", "ada@example.org")
	c.write("app/a.py", spanCode)
	c.write("app/b.py", "import sentry_sdk\n\nsentry_sdk.init(dsn=\"x\", traces_sample_rate=1.0)\n")
	c.write("app/plain.py", "print(\"hello\")\n")
	c.write("requirements.txt", "sentry-sdk==2.40.0\n")
	c.write("notes.md", "notes\n")
	c.write("CODEOWNERS", "* @ada\n")
	c.git("add", ".")
	c.git("commit", "-q", "-m", "Start")
	return c
}

func (c *cached) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cached) edit(name, old, text string) {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		c.t.Fatalf("%s lacks %q", name, old)
	}
	c.write(name, strings.ReplaceAll(string(data), old, text))
}

func (c *cached) git(args ...string) {
	c.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", c.dir}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// said is all that a command line says.
type said struct {
	Out, Err string
	Code     int
}

// say carries out a command line with a setting of the cache.
func (c *cached) say(cache string, args ...string) said {
	c.t.Helper()
	var out, errOut bytes.Buffer
	code := c.sayTo(cache, &out, &errOut, args...)
	return said{out.String(), errOut.String(), code}
}

func (c *cached) sayTo(cache string, out, errOut io.Writer, args ...string) int {
	c.t.Helper()
	c.t.Setenv(cacheVariable, cache)
	return run(append([]string{"-C", c.dir}, args...), strings.NewReader(""), out, errOut)
}

// same holds the program with the cache to the one without it.
func (c *cached) same(args ...string) {
	c.t.Helper()
	want := c.say(wizard.CacheOff, args...)
	if diff := cmp.Diff(want, c.say(c.cache, args...)); diff != "" {
		c.t.Errorf("%s: the cache changes what is said (-without +with):\n%s", strings.Join(args, " "), diff)
	}
}

// settle waits until what was written last counts as written in the past.
func settle() { time.Sleep(70 * time.Millisecond) }

// hit reports whether a command line is answered from the cache: its entry is
// used, not made anew.
func (c *cached) hit(args ...string) bool {
	c.t.Helper()
	before := c.entries()
	past := time.Now().Add(-time.Hour)
	for path := range before {
		if err := os.Chtimes(path, past, past); err != nil {
			c.t.Fatal(err)
		}
	}
	c.same(args...)
	used := 0
	for path, info := range c.entries() {
		if before[path] == nil || !os.SameFile(before[path], info) {
			return false
		}
		if info.ModTime().After(past.Add(time.Minute)) {
			used++
		}
	}
	return used == 1
}

func (c *cached) entries() map[string]os.FileInfo {
	c.t.Helper()
	paths, err := filepath.Glob(filepath.Join(c.cache, "*.spanwalk"))
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]os.FileInfo{}
	for _, path := range paths {
		if out[path], err = os.Stat(path); err != nil {
			c.t.Fatal(err)
		}
	}
	return out
}

// TestCacheAnswersWhatIsUnchanged: the second run is a hit, in every format and
// whatever the terminal is like, and nothing is written in the repository.
func TestCacheAnswersWhatIsUnchanged(t *testing.T) {
	c := newCached(t)
	for _, args := range looks {
		settle()
		c.same(args...)
		t.Setenv("COLUMNS", "44")
		t.Setenv("NO_COLOR", "1")
		t.Setenv("CLICOLOR_FORCE", "1")
		if !c.hit(args...) {
			t.Errorf("%v: the second run is no hit", args)
		}
		for path, info := range c.entries() {
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s may be read by others: %v", path, info.Mode())
			}
		}
	}
	if n := len(c.entries()); n != len(looks) {
		t.Errorf("%d entries for %d command lines", n, len(looks))
	}
	if info, err := os.Stat(c.cache); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder may be read by others: %v %v", info, err)
	}
}

// TestCacheOfCommandLines: the same words are another question where files they
// name hold something else.
func TestCacheOfCommandLines(t *testing.T) {
	c := newCached(t)
	answers := filepath.Join(t.TempDir(), "answers.yaml")
	for _, text := range []string{"floor: 2.66.1\n", "floor: 2.67.0\n", "floor: 2.66.1\n"} {
		if err := os.WriteFile(answers, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		settle()
		c.same("preview", "--answers", answers)
		if !c.hit("preview", "--answers", answers) {
			t.Errorf("%s: the second run is no hit", text)
		}
	}
	for _, more := range [][]string{{"--only", "app/a.py"}, {"--only", "app/b.py"}, {"--exclude", "app/a.py"}, {"--answer", "floor=2.67.0"}, {"start-span"}} {
		args := append([]string{"preview"}, more...)
		c.same(args...)
		if !c.hit(args...) {
			t.Errorf("%v: the second run is no hit", args)
		}
	}
	c.link("app", "way")
	c.write("other/a.py", "x = 1\n")
	settle()
	c.same("check", "way/a.py")
	c.remove("way")
	c.link("other", "way")
	c.same("check", "way/a.py")
	for _, args := range [][]string{{"preview", "--format", "xml"}, {"preview", "nonsense"}, {"check", "/elsewhere.py"}, {"status", "x"}} {
		c.same(args...)
		c.same(args...)
	}
}
