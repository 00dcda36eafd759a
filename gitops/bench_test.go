package gitops

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// bigRepo makes a repository of the size of a large project: files spread over
// folders, and commits that each change one of them.
func bigRepo(t testing.TB, files, commits int) repoDir {
	t.Helper()
	d := repoDir{t, t.TempDir()}
	d.git("init", "-q")
	var in bytes.Buffer
	content := func(i, version int) string {
		return fmt.Sprintf("# file %d version %d\n%s", i, version, bytes.Repeat([]byte("def f(x):\n    return x\n"), 1+i%200))
	}
	data := func(s string) { fmt.Fprintf(&in, "data %d\n%s\n", len(s), s) }
	for c := range commits {
		fmt.Fprintf(&in, "commit refs/heads/main\ncommitter A <a@b> %d +0000\n", 1700000000+c*60)
		message := fmt.Sprintf("commit %d\n\nbody of the commit\n", c)
		if c%1000 == 1 {
			message += "\nSpanwalk-Step: step-" + fmt.Sprint(c) + "\n"
		}
		data(message)
		if c > 0 {
			fmt.Fprintf(&in, "M 100644 inline %s\n", bigPath(c%files))
			data(content(c%files, c))
			continue
		}
		for i := range files {
			fmt.Fprintf(&in, "M 100644 inline %s\n", bigPath(i))
			data(content(i, 0))
		}
	}
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir, cmd.Stdin = d.path, &in
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git fast-import: %v\n%s", err, out)
	}
	d.git("reset", "-q", "--hard", "main")
	return d
}

func bigPath(i int) string {
	return fmt.Sprintf("services/part%02d/package%02d/module_%05d.py", i%40, i/40%50, i)
}

// edit makes a change of 20 files.
func (d repoDir) edit(round int) Change {
	c := Change{Message: fmt.Sprintf("round %d\n", round), Files: map[string]FileChange{}}
	for i := range 20 {
		path := bigPath(i * 997)
		before := d.read(path)
		c.Files[path] = FileChange{Before: []byte(before), After: []byte(before + fmt.Sprintf("# %d\n", round))}
	}
	return c
}

func BenchmarkCommit20Of29000(b *testing.B) {
	d := bigRepo(b, 29000, 2)
	b.Run("gitops", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			c := d.edit(i)
			b.StartTimer()
			r, err := Open(d.path)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.Commit(c, Options{}); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	b.Run("git", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			for path, f := range d.edit(i + 1000).Files {
				if err := os.WriteFile(d.join(path), f.After, 0o644); err != nil {
					b.Fatal(err)
				}
			}
			b.StartTimer()
			d.git("add", "-u")
			d.git("commit", "-q", "-m", "round")
		}
	})
}

func BenchmarkTrackedFiles38000(b *testing.B) {
	d := bigRepo(b, 38000, 1)
	for _, version := range []string{"2", "4"} {
		d.git("update-index", "--index-version", version)
		b.Run("v"+version, func(b *testing.B) {
			r := d.open()
			for b.Loop() {
				if files, err := r.TrackedFiles(); err != nil || len(files) != 38000 {
					b.Fatal(len(files), err)
				}
			}
		})
		b.Run("git-ls-files-v"+version, func(b *testing.B) {
			for b.Loop() {
				d.git("ls-files", "-s", "-z")
			}
		})
	}
}

func BenchmarkHistory14000(b *testing.B) {
	d := bigRepo(b, 2000, 14000)
	b.Run("gitops", func(b *testing.B) {
		for b.Loop() {
			r, err := Open(d.path)
			if err != nil {
				b.Fatal(err)
			}
			if h, err := r.History(); err != nil || len(h.Commits) != 14 {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	b.Run("git-log-grep", func(b *testing.B) {
		for b.Loop() {
			d.git("log", "--format=%H", "--grep=^Spanwalk-")
		}
	})
}

func BenchmarkPreflight500Of29000(b *testing.B) {
	d := bigRepo(b, 29000, 1)
	var paths []string
	for i := range 500 {
		paths = append(paths, bigPath(i*57))
	}
	b.Run("gitops", func(b *testing.B) {
		for b.Loop() {
			r, err := Open(d.path)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.Preflight(paths); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	b.Run("git-status", func(b *testing.B) {
		for b.Loop() {
			d.git("status", "--porcelain")
		}
	})
}
