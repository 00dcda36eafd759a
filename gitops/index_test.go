package gitops

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lsFiles is what git lists, in the form of describe.
func (d repoDir) lsFiles() string {
	d.t.Helper()
	return d.git("ls-files", "-s", "-v", "-z")
}

// describe writes a file as "git ls-files -s -v -z" does.
func (f File) describe() string {
	tag := "H"
	switch {
	case f.Stage > 0:
		tag = "M"
	case f.SkipWorktree:
		tag = "S"
	}
	if f.AssumeValid {
		tag = strings.ToLower(tag)
	}
	return fmt.Sprintf("%s %06o %s %d\t%s\x00", tag, f.Mode, f.Hash, f.Stage, f.Path)
}

func describeAll(files []File) string {
	var b strings.Builder
	for _, f := range files {
		b.WriteString(f.describe())
	}
	return b.String()
}

// debug lists all that git knows of the entries, but for the mark that they
// come from the base of a split index.
func (d repoDir) debug() string {
	return strings.ReplaceAll(d.git("ls-files", "-s", "--debug"), "flags: 8000000", "flags: 0")
}

// TestIndexIsReadAndWrittenAsByGit reads indexes of every form as git lists
// them, and has git read what we write.
func TestIndexIsReadAndWrittenAsByGit(t *testing.T) {
	rows := []struct {
		name string
		init []string
		set  func(d repoDir)
	}{
		{"v2", nil, func(d repoDir) {}},
		{"v4", nil, func(d repoDir) { d.git("update-index", "--index-version", "4") }},
		{"v4 sha256", []string{"--object-format=sha256"}, func(d repoDir) { d.git("update-index", "--index-version", "4") }},
		{"flags", nil, func(d repoDir) {
			d.git("update-index", "--skip-worktree", "README")
			d.git("update-index", "--assume-unchanged", "setup.py", "app/views.py")
		}},
		{"intent to add", nil, func(d repoDir) { d.write("x.py", "x\n"); d.git("add", "-N", "x.py") }},
		{"unmerged", nil, func(d repoDir) { conflict("merge", "side")(d) }},
		{"links and submodules", nil, func(d repoDir) {
			d.symlink("README", "link")
			d.git("add", ".")
			d.git("update-index", "--add", "--cacheinfo", "160000,"+d.git("rev-parse", "HEAD")+",lib")
		}},
		{"split", nil, func(d repoDir) {
			d.git("update-index", "--split-index")
			d.write("setup.py", "other\n")
			d.write("aaa.py", "aaa\n")
			d.git("add", "setup.py", "aaa.py")
			d.git("rm", "-q", "--cached", "app/tasks.py", "README")
		}},
		{"split, then emptied", nil, func(d repoDir) {
			d.git("update-index", "--split-index")
			d.git("rm", "-q", "-r", "--cached", ".")
		}},
		{"empty", nil, func(d repoDir) { d.git("rm", "-q", "-r", "--cached", ".") }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d := newRepo(t, row.init...)
			row.set(d)
			want := d.lsFiles()
			r := d.open()
			files, err := r.TrackedFiles()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, describeAll(files)); diff != "" {
				t.Errorf("read (-git +ours):\n%s", diff)
			}
			debug := d.debug()
			index, err := r.readIndex()
			if err != nil {
				t.Fatal(err)
			}
			if err := r.writeIndex(index); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(debug, d.debug()); diff != "" {
				t.Errorf("git reads something else from what we wrote:\n%s", diff)
			}
			if _, err = r.readIndexForUpdate(); err != nil {
				t.Error("our own index:", err)
			}
		})
	}
}

func TestIntentToAddIsSeen(t *testing.T) {
	d := newRepo(t)
	d.write("x.py", "x\n")
	d.git("add", "-N", "x.py")
	files, err := d.open().TrackedFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.IntentToAdd != (f.Path == "x.py") || f.Regular() == (f.Path == "x.py") {
			t.Errorf("%+v", f)
		}
	}
}

func TestLargeSplitIndex(t *testing.T) {
	d := bigRepo(t, 700, 1)
	d.git("update-index", "--split-index")
	d.git("config", "splitIndex.maxPercentChange", "100")
	for i := 0; i < 700; i += 3 { // long runs and single bits in the bitmaps
		if i < 300 || i%7 == 0 {
			d.write(bigPath(i), fmt.Sprintf("changed %d\n", i))
		}
	}
	d.git("rm", "-q", "-r", "--cached", "services/part03", "services/part04", "services/part05")
	d.git("add", "-u")
	files, err := d.open().TrackedFiles()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.lsFiles(), describeAll(files)); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

// TestRacyEntriesStayVisible: an edit in the same second as the index was
// written, with the same size, must not be hidden by our newer index.
func TestRacyEntriesStayVisible(t *testing.T) {
	d := newRepo(t)
	d.write("setup.py", "SETUP()\n")
	info, err := os.Stat(d.join(".git/index"))
	if err != nil {
		t.Fatal(err)
	}
	d.git("add", "setup.py")
	d.git("commit", "-q", "-m", "two")
	d.write("setup.py", "Setup()\n")
	for _, path := range []string{"setup.py", ".git/index"} {
		if err := os.Chtimes(d.join(path), info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.open().Commit(d.step(), Options{}); err != nil {
		t.Fatal(err)
	}
	if got := d.git("status", "--porcelain"); got != " M setup.py" {
		t.Errorf("status: %q", got)
	}
}

func TestDamagedIndex(t *testing.T) {
	d := newRepo(t)
	data, err := os.ReadFile(d.join(".git/index"))
	if err != nil {
		t.Fatal(err)
	}
	data[60] ^= 1
	if err := os.WriteFile(d.join(".git/index"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = d.open().Commit(d.step(), Options{})
	if err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("commit: %v", err)
	}
	now, err := os.ReadFile(d.join(".git/index"))
	if err != nil || !bytes.Equal(now, data) {
		t.Error("the damaged index was overwritten")
	}
}

// FuzzParseIndex: no input makes the parser fail hard, and what it reads it
// writes so that it reads the same again.
func FuzzParseIndex(f *testing.F) {
	for _, version := range []string{"2", "4"} {
		d := newRepo(f)
		d.git("update-index", "--index-version", version)
		d.git("update-index", "--skip-worktree", "README")
		data, err := os.ReadFile(d.join(".git/index"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		d.git("update-index", "--split-index")
		if data, err = os.ReadFile(d.join(".git/index")); err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		index, err := parseIndex(data, 20)
		if err != nil {
			return
		}
		for _, e := range index.extensions {
			switch e.name {
			case "link":
				if len(e.data) > 20 {
					_ = index.merge(index.entries, e.data[20:])
				}
				return
			case "TREE":
				if tree, rest, err := parseCacheTree(e.data, 20); err == nil && len(rest) == 0 {
					if again, _, err := parseCacheTree(tree.append(nil), 20); err != nil || again.id != tree.id {
						t.Errorf("TREE is not written as read: %v", err)
					}
				}
			}
		}
		again, err := parseIndex(index.encode(), 20)
		if err != nil {
			t.Fatal("what we wrote:", err)
		}
		if describeAll(index.files()) != describeAll(again.files()) {
			t.Error("what we wrote reads differently")
		}
	})
}
