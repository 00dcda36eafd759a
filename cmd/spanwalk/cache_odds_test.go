package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/wizard"
)

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
