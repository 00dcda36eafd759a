package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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

// changes are what may happen to a project between two runs, and whether the
// commands answer the same afterwards without looking.
var changes = []struct {
	name   string
	change func(c *cached)
	hit    bool
}{
	{"nothing", func(*cached) {}, true},
	{"a file that nobody reads", func(c *cached) { c.write("notes.md", "other\n"); c.write("untracked.py", spanCode) }, true},
	{"the index is refreshed", func(c *cached) { c.git("update-index", "--refresh") }, true},
	{"a file that matters", func(c *cached) { c.edit("app/a.py", `"db"`, `"http.client"`) }, false},
	{"the same size and time", func(c *cached) {
		path := filepath.Join(c.dir, "app/a.py")
		info, err := os.Stat(path)
		if err != nil {
			c.t.Fatal(err)
		}
		c.edit("app/a.py", `name="a"`, `name="b"`)
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			c.t.Fatal(err)
		}
	}, false},
	{"a file that begins to matter", func(c *cached) { c.write("app/plain.py", spanCode) }, false},
	{"a manifest", func(c *cached) { c.write("requirements.txt", "sentry-sdk==2.66.1\n") }, false},
	{"a manifest that comes", func(c *cached) { c.write("pyproject.toml", "[tool.black]\nline-length = 50\n"); c.git("add", ".") }, false},
	{"a file is removed", func(c *cached) { c.remove("app/a.py") }, false},
	{"a file is untracked", func(c *cached) { c.git("rm", "-q", "--cached", "app/a.py") }, false},
	{"a file is renamed", func(c *cached) { c.git("mv", "app/a.py", "app/c.py") }, false},
	{"a file is added", func(c *cached) { c.write("app/c.py", spanCode); c.git("add", "app/c.py") }, false},
	{"a file is to be added", func(c *cached) { c.write("app/c.py", spanCode); c.git("add", "-N", "app/c.py") }, false},
	{"a file is staged", func(c *cached) { c.edit("app/a.py", `"a"`, `"bb"`); c.git("add", "app/a.py") }, false},
	{"a file is replaced by another", func(c *cached) {
		c.write("app/new", strings.ReplaceAll(spanCode, "db", "xy"))
		if err := os.Rename(filepath.Join(c.dir, "app/new"), filepath.Join(c.dir, "app/a.py")); err != nil {
			c.t.Fatal(err)
		}
	}, false},
	{"a file becomes a link", func(c *cached) { c.remove("app/a.py"); c.link("b.py", "app/a.py") }, false},
	{"a folder becomes a link", func(c *cached) {
		c.write("elsewhere/a.py", "import sentry_sdk\nsentry_sdk.start_span(op=\"q\")\n")
		c.remove("app")
		c.link("elsewhere", "app")
	}, false},
	{"a file is left out of the work tree", func(c *cached) { c.git("update-index", "--skip-worktree", "app/a.py") }, false},
	{"git is told not to look", func(c *cached) {
		c.git("update-index", "--assume-unchanged", "app/a.py")
		c.edit("app/a.py", `"a"`, `"c"`)
	}, false},
	{"line ends", func(c *cached) {
		c.git("config", "core.autocrlf", "true")
		c.remove("app/a.py")
		c.git("checkout", "-q", "app/a.py")
	}, false},
	{"a commit", func(c *cached) { c.git("commit", "-q", "--allow-empty", "-m", "More") }, false},
	{"a step", func(c *cached) { c.migrate() }, false},
	{"a step and its trailers amended", func(c *cached) {
		c.migrate()
		c.git("commit", "-q", "--amend", "-m", "Other words")
	}, false},
	{"a trailer by hand", func(c *cached) {
		c.git("commit", "-q", "--allow-empty", "-m", "Done\n\nSpanwalk-Step: start-span\nSpanwalk-Decision: apply@app/a.py = no")
	}, false},
	{"another branch", func(c *cached) {
		c.git("switch", "-q", "-c", "other")
		c.edit("app/a.py", `"a"`, `"other"`)
		c.git("commit", "-q", "-a", "-m", "Other")
		c.git("switch", "-q", "main")
	}, false},
	{"a merge with conflicts", func(c *cached) {
		c.git("switch", "-q", "-c", "other")
		c.edit("app/a.py", `"a"`, `"other"`)
		c.git("commit", "-q", "-a", "-m", "Other")
		c.git("switch", "-q", "main")
		c.edit("app/a.py", `"a"`, `"mine"`)
		c.git("commit", "-q", "-a", "-m", "Mine")
		_ = exec.Command("git", "-C", c.dir, "merge", "-q", "other").Run() // stops at the conflict
	}, false},
	{"the configuration", func(c *cached) { c.git("config", "spanwalk.messagePrefix", "X: ") }, false},
	{"the user's configuration", func(c *cached) { c.t.Setenv("GIT_CONFIG_COUNT", "1"); c.t.Setenv("GIT_CONFIG_KEY_0", "a.b") }, false},
	{"a session", func(c *cached) { c.session(`"skipped":{"start-span":"later"}`) }, false},
	{"a proof", func(c *cached) { c.session(`"proof":{"tree":"x","time":"2026-01-02T03:04:05Z","streamed":3}`) }, false},
	{"a session that is empty", func(c *cached) { c.write(".git/spanwalk/session.json", "") }, false},
	{"an unfinished run", func(c *cached) {
		c.write(".git/spanwalk/pending.json", `{"version":1,"kind":"commit","files":{"app/a.py":{"perm":420}},"process":{"pid":1,"start":"x","host":"x"}}`)
	}, false},
}

func (c *cached) remove(name string) {
	if err := os.RemoveAll(filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cached) link(to, name string) {
	if err := os.Symlink(to, filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cached) migrate() {
	c.t.Helper()
	if s := c.say(wizard.CacheOff, "migrate", "--yes"); s.Code == wizard.ExitError {
		c.t.Fatalf("%+v", s)
	}
}

func (c *cached) session(fields string) {
	c.write(".git/spanwalk/session.json", `{"version":1,"started":"2026-01-02T03:04:05Z",`+fields+`}`)
}

// TestCacheSeesChanges compares, after each change, what is said from the cache
// with what is said without it: at once, when what was written has settled, and
// again.
func TestCacheSeesChanges(t *testing.T) {
	some := [][]string{looks[0], looks[1], looks[5], looks[7], looks[8]}
	for _, ch := range changes {
		t.Run(ch.name, func(t *testing.T) {
			c := newCached(t)
			settle()
			for _, args := range some {
				c.same(args...)
			}
			ch.change(c)
			for _, args := range some {
				if hit := c.hit(args...); hit != ch.hit {
					t.Errorf("%v: hit %t, want %t", args, hit, ch.hit)
				}
			}
			settle()
			for range 2 {
				for _, args := range some {
					c.same(args...)
				}
			}
		})
	}
}

// TestCacheOfReports: what reports read besides, once there are commits of steps.
func TestCacheOfReports(t *testing.T) {
	for name, change := range map[string]func(c *cached){
		"owners":            func(c *cached) { c.write("CODEOWNERS", "* @grace\n") },
		"owners of a forge": func(c *cached) { c.write(".github/CODEOWNERS", "* @forge\n") },
		"a file comes back": func(c *cached) { c.write("app/gone.py", spanCode) },
		"its new name goes": func(c *cached) { c.remove("app/moved.py") },
		"another new name":  func(c *cached) { c.git("mv", "app/moved.py", "app/again.py") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCached(t)
			c.write("app/gone.py", spanCode)
			c.git("add", ".")
			c.git("commit", "-q", "-m", "More")
			c.migrate()
			c.git("mv", "app/gone.py", "app/moved.py")
			c.git("commit", "-q", "-m", "Moved")
			settle()
			c.same("report")
			if !c.hit("report") {
				t.Error("the second run is no hit")
			}
			change(c)
			c.same("report")
			settle()
			c.same("report")
			c.same("report")
		})
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

// TestCacheOfRacyEdits edits without a pause, in the same size. What was written
// a moment before it was read is not kept: the next edit might look the same.
func TestCacheOfRacyEdits(t *testing.T) {
	c := newCached(t)
	kept := 0
	const rounds = 20
	for i := range rounds {
		for _, n := range []int{i, i + rounds} {
			text := fmt.Sprintf(`"%02d"`, n)
			c.write("app/a.py", strings.Replace(spanCode, `"a"`, text, 1))
			if s := c.say(c.cache, "preview"); !strings.Contains(s.Out, text) {
				t.Fatalf("edit %d is not seen:\n%s", n, s.Out)
			}
		}
		kept += len(c.entries())
		if err := os.RemoveAll(c.cache); err != nil {
			t.Fatal(err)
		}
	}
	if kept == rounds {
		t.Error("what was just written is kept every time")
	}
}

// meddler changes something when a command begins to write.
type meddler struct {
	bytes.Buffer
	once   sync.Once
	meddle func()
}

func (m *meddler) Write(data []byte) (int, error) {
	m.once.Do(m.meddle)
	return m.Buffer.Write(data)
}

// TestCacheKeepsNothingThatChangedMeanwhile: what is read may be older than what
// lies there at the end.
func TestCacheKeepsNothingThatChangedMeanwhile(t *testing.T) {
	for name, meddle := range map[string]func(c *cached){
		"a file":          func(c *cached) { c.edit("app/a.py", `"a"`, `"z"`) },
		"a file comes":    func(c *cached) { c.write("app/c.py", spanCode); c.git("add", ".") },
		"a file goes":     func(c *cached) { c.remove("app/a.py") },
		"the session":     func(c *cached) { c.session(`"skipped":{"start-span":"later"}`) },
		"the history":     func(c *cached) { c.git("commit", "-q", "--allow-empty", "-m", "Done\n\nSpanwalk-Step: start-span") },
		"the way is shut": func(c *cached) { c.t.Setenv("GIT_DIR", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCached(t)
			settle()
			m := &meddler{meddle: func() { meddle(c) }}
			c.sayTo(c.cache, m, io.Discard, "status")
			if err := os.Unsetenv("GIT_DIR"); err != nil {
				t.Fatal(err)
			}
			if c.hit("status") {
				t.Error("an answer about another tree was kept")
			}
		})
	}
}

// TestCacheThatIsDamaged: whatever the files of the cache hold, the answer is
// right, and is kept anew.
func TestCacheThatIsDamaged(t *testing.T) {
	c := newCached(t)
	settle()
	for name, damage := range map[string]func(data []byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"short":     func(data []byte) []byte { return data[:20] },
		"cut":       func(data []byte) []byte { return data[:len(data)-1] },
		"half":      func(data []byte) []byte { return data[:len(data)/2] },
		"flipped":   func(data []byte) []byte { data[len(data)/2] ^= 1; return data },
		"longer":    func(data []byte) []byte { return append(data, 'x') },
		"unrelated": func(data []byte) []byte { return bytes.Repeat([]byte("x"), len(data)) },
	} {
		c.same("preview")
		if !c.hit("preview") {
			t.Fatalf("before %s: no hit", name)
		}
		for path := range c.entries() {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if c.hit("preview") {
			t.Errorf("%s: a damaged entry is used", name)
		}
	}
}

// TestCacheThatCannotBe: a folder that cannot be made, or that others may write
// to, is no error and is left alone.
func TestCacheThatCannotBe(t *testing.T) {
	c := newCached(t)
	settle()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{file, filepath.Join(file, "below"), open, wizard.CacheOff} {
		c.cache = setting
		c.same("preview")
		if c.hit("preview") || len(c.entries()) > 0 {
			t.Errorf("%s is used", setting)
		}
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	c.cache = ""
	c.same("preview")
}

// TestCacheOfMany: processes that ask the same at once all get the answer.
func TestCacheOfMany(t *testing.T) {
	c := newCached(t)
	settle()
	want := c.say(wizard.CacheOff, "preview")
	t.Setenv(cacheVariable, c.cache)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				var out, errOut bytes.Buffer
				code := run([]string{"-C", c.dir, "preview"}, strings.NewReader(""), &out, &errOut)
				if diff := cmp.Diff(want, said{out.String(), errOut.String(), code}); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	all.Wait()
	if !c.hit("preview") {
		t.Error("nothing was kept")
	}
}
