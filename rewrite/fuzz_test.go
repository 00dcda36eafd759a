package rewrite_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"spanwalk/rewrite"
)

// FuzzParse wants of any bytes: no panic, every span in range, children within
// their parents and in order, and the same bytes back where nothing is edited.
func FuzzParse(f *testing.F) {
	for _, s := range rewrite.Seeds(f) {
		f.Add(s)
		f.Add(bytes.ReplaceAll(s, []byte("\n"), []byte("\r")))
		f.Add(append([]byte("# coding: shift_jis\n"), s...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, want := range []rewrite.Filter{nil, only(func([]byte) bool { return false })} {
			file, err := rewrite.Parse("x.py", data, want)
			if err != nil {
				continue
			}
			checkFile(t, file)
			back, err := file.Encode(rewrite.Apply(file.Source, nil))
			if err != nil || !bytes.Equal(back, data) {
				t.Errorf("got %q back from %q, %v", back, data, err)
			}
		}
	})
}

// TestDamagedFiles checks the same of real code with pieces cut out, moved and
// put in, which a fuzzer takes long to find.
func TestDamagedFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, seed := range rewrite.Seeds(t) {
		for range 25 {
			data := rewrite.Damaged(r, seed)
			for _, want := range []rewrite.Filter{nil, only(func(s []byte) bool { return bytes.IndexByte(s, 'f') >= 0 })} {
				f, err := rewrite.Parse("x.py", data, want)
				if err != nil {
					continue // a character cut in two
				}
				checkFile(t, f)
				if t.Failed() {
					t.Fatalf("%q", data)
				}
			}
		}
	}
}

func checkFile(t *testing.T, f *rewrite.File) {
	t.Helper()
	checkNode(t, f.Module)
	p := rewrite.NewProject([]*rewrite.File{f}, nil, nil)
	f.Module.Walk(func(n *rewrite.Node) bool {
		f.Line(n.Start)
		n.Indent()
		n.Function()
		p.Name(n)
		if at := f.At(n.Start, n.End); !at.Contains(n) {
			t.Errorf("at %d-%d is %s %d-%d, want %s", n.Start, n.End, at.Kind, at.Start, at.End, n.Kind)
		}
		return true
	})
	for _, spans := range [][]rewrite.Span{f.Broken, f.Comments} {
		end := 0
		for _, s := range spans {
			if s.Start < end || s.End < s.Start || s.End > len(f.Source) {
				t.Errorf("span %v after %d in %d bytes", s, end, len(f.Source))
			}
			end = s.End
		}
	}
}

func checkNode(t *testing.T, n *rewrite.Node) {
	t.Helper()
	end := n.Start
	for _, c := range n.Children {
		if c.Start < end || c.End < c.Start || c.End > n.End {
			t.Errorf("%s %d-%d in %s %d-%d, after %d", c.Kind, c.Start, c.End, n.Kind, n.Start, n.End, end)
		}
		if c.Parent != n || c.File != n.File {
			t.Errorf("%s %d-%d is not linked to its parent %s", c.Kind, c.Start, c.End, n.Kind)
		}
		end = c.End
		checkNode(t, c)
	}
}

func FuzzMerge(f *testing.F) {
	for _, s := range rewrite.Seeds(f) {
		f.Add(s, bytes.ReplaceAll(s, []byte("a"), []byte("bc")), bytes.ReplaceAll(s, []byte("\n"), []byte("\r\n")))
	}
	f.Fuzz(func(t *testing.T, base, ours, theirs []byte) { checkMerge(t, base, ours, theirs) })
}

func FuzzUnified(f *testing.F) {
	for _, s := range rewrite.Seeds(f) {
		f.Add(s, bytes.ReplaceAll(s, []byte("a"), []byte("b")))
	}
	f.Fuzz(func(t *testing.T, before, after []byte) {
		checkHunks(t, string(before), string(after))
		if diff := rewrite.Unified("x.py", before, after); (diff == nil) != bytes.Equal(before, after) {
			t.Errorf("%q for %q and %q", diff, before, after)
		}
	})
}

// only makes a filter of a test on statements alone.
func only(want func([]byte) bool) rewrite.Filter {
	return func([]byte) func([]byte) bool { return want }
}
