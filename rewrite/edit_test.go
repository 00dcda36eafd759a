package rewrite_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/rewrite"
)

func TestSortEditsAndApply(t *testing.T) {
	const source = "abcdef"
	tests := []struct {
		name  string
		edits []rewrite.Edit
		want  string
	}{
		{"none", nil, "abcdef"},
		{"in any order", []rewrite.Edit{{4, 5, "X"}, {0, 1, "Y"}, {2, 2, "Z"}}, "YbZcdXf"},
		{"at both ends", []rewrite.Edit{{6, 6, ">"}, {0, 0, "<"}}, "<abcdef>"},
		{"all", []rewrite.Edit{{0, 6, ""}}, ""},
		{"touching", []rewrite.Edit{{2, 4, "X"}, {0, 2, "Y"}}, "YXef"},
		{"insertions keep their order", []rewrite.Edit{{2, 2, "2"}, {2, 2, "1"}}, "ab21cdef"},
		{"insertion before a replacement", []rewrite.Edit{{2, 4, "X"}, {2, 2, "<"}, {4, 4, ">"}}, "ab<X>ef"},
		{"the same twice", []rewrite.Edit{{2, 2, "i\n"}, {3, 4, "r"}, {2, 2, "i\n"}, {3, 4, "r"}}, "abi\ncref"},
		{"two brackets", []rewrite.Edit{{2, 2, ")"}, {2, 2, ")"}}, "ab))cdef"},
		{"the same line with another between", []rewrite.Edit{{2, 2, "i\n"}, {2, 2, "j"}, {2, 2, "i\n"}}, "abi\njcdef"},
		{"the same text elsewhere", []rewrite.Edit{{2, 2, "i"}, {3, 3, "i"}}, "abicidef"},
	}
	f := parse(t, source)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			given := append([]rewrite.Edit(nil), tt.edits...)
			if err := rewrite.Validate(f, tt.edits); err != nil {
				t.Error(err)
			}
			if got := string(rewrite.Apply(f.Source, tt.edits)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := string(rewrite.Apply(f.Source, rewrite.SortEdits(tt.edits))); got != tt.want {
				t.Errorf("sorted first: got %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(given, tt.edits); diff != "" || string(f.Source) != source {
				t.Errorf("the arguments changed: %s", diff)
			}
		})
	}
}

func parse(t testing.TB, source string) *rewrite.File {
	t.Helper()
	f, err := rewrite.Parse("x.py", []byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestValidate(t *testing.T) {
	const source = "good = 1\nbad = (\ngood = 2\n" // the second line is broken: bytes 9 to 16
	tests := []struct {
		name  string
		edits []rewrite.Edit
		want  string
	}{
		{"before the start", []rewrite.Edit{{-1, 0, ""}}, "outside the file"},
		{"behind the end", []rewrite.Edit{{26, 27, ""}}, "outside the file"},
		{"backwards", []rewrite.Edit{{3, 2, ""}}, "outside the file"},
		{"overlap", []rewrite.Edit{{0, 3, "a"}, {2, 4, "b"}}, "overlaps another edit"},
		{"one in the other", []rewrite.Edit{{0, 5, "a"}, {2, 2, "b"}}, "overlaps another edit"},
		{"two for one place", []rewrite.Edit{{0, 4, "a"}, {0, 4, "b"}}, "overlaps another edit"},
		{"in a broken statement", []rewrite.Edit{{9, 12, "a"}}, "inside a statement that could not be read"},
		{"inserted in a broken statement", []rewrite.Edit{{12, 12, "a"}}, "inside a statement that could not be read"},
		{"inserted where a broken statement starts", []rewrite.Edit{{9, 9, "a"}}, "inside a statement that could not be read"},
		{"over a broken statement", []rewrite.Edit{{0, 20, "a"}}, "inside a statement that could not be read"},
		{"the second is wrong", []rewrite.Edit{{0, 4, "a"}, {30, 30, "b"}}, "outside the file"},
		{"before a broken statement", []rewrite.Edit{{7, 8, "3"}, {8, 8, "\nx = 1"}}, ""},
		{"behind a broken statement", []rewrite.Edit{{17, 21, "a"}, {26, 26, "b"}}, ""},
	}
	f := parse(t, source)
	if diff := cmp.Diff([]rewrite.Span{{9, 16}}, f.Broken); diff != "" {
		t.Fatalf("broken, -want +got:\n%s", diff)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := rewrite.Validate(f, tt.edits)
			var refused *rewrite.EditError
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, &refused) || refused.Reason != tt.want):
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestApplyLeavesTheRestAlone makes random valid edits, in random order, and
// compares with the text put together from the parts between them.
func TestApplyLeavesTheRestAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		text := randomLines(r, 20, "\r\n")
		f := parse(t, text)
		var edits []rewrite.Edit
		want, at := "", 0
		for at < len(text) && r.IntN(8) > 0 {
			start := at + r.IntN(len(text)-at+1)
			end := start + r.IntN(min(9, len(text)-start+1))
			e := rewrite.Edit{Start: start, End: end, New: randomLines(r, 2, "\n")}
			if f.InBroken(start, end) || len(edits) > 0 && edits[len(edits)-1] == e {
				continue
			}
			want += text[at:start] + e.New
			edits = append(edits, e)
			at = end
			if start == end {
				at = min(at+1, len(text)) // the next edit may not come before this one
				want += text[end:at]
			}
		}
		want += text[at:]
		r.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
		if err := rewrite.Validate(f, edits); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := string(rewrite.Apply(f.Source, edits)); got != want {
			t.Fatalf("%q with %v: got %q, want %q", text, edits, got, want)
		}
	}
}
