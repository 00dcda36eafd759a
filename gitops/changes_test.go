package gitops

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChanges(t *testing.T) {
	d := newRepo(t)
	d.write("kept.py", "kept\n")
	d.write("edited.py", "before\n")
	d.git("add", ".")
	d.git("commit", "-q", "-m", "Start")
	d.write("edited.py", "after\n")
	d.write("staged one.py", "staged\n")
	d.git("add", "staged one.py")
	d.write("ünew.txt", "new\n")
	got, err := d.open().Changes()
	if diff := cmp.Diff([]string{"edited.py", "staged one.py", "ünew.txt"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestChangedPaths(t *testing.T) {
	d := newRepo(t)
	first := d.stepAt(1, "one", "a/x.py", "a/y.py", "z.py")
	d.git("rm", "-q", "z.py")
	d.write("a/x.py", "other\n")
	d.git("add", ".")
	last := d.stepAt(2, "two", "b.py")
	got, err := d.open().ChangedPaths(Hash(first), Hash(last))
	if diff := cmp.Diff([]string{"a/x.py", "b.py", "z.py"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestFreeBranch(t *testing.T) {
	d := newRepo(t)
	d.stepAt(1, "one")
	for _, want := range []string{"walk", "walk-2", "walk-3"} {
		got, err := d.open().FreeBranch("walk")
		if got != want || err != nil {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
		d.git("branch", got)
	}
}
