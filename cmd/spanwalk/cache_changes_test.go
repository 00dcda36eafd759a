package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spanwalk/wizard"
)

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
