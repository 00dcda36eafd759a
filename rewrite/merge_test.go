package rewrite_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/rewrite"
)

func TestMerge(t *testing.T) {
	tests := []struct{ name, base, ours, theirs, want string }{
		{"two arguments of one call", "f(a, b)\n", "f(x, b)\n", "f(a, y)\n", "f(x, y)\n"},
		{"callee and argument", "start_span(op=\"a\")\n", "traces.start_span(op=\"a\")\n", "start_span(op=\"b\")\n", "traces.start_span(op=\"b\")\n"},
		{"adjacent lines", "a\nb\n", "A\nb\n", "a\nB\n", "A\nB\n"},
		{"same change", "f(a)\n", "g(a)\n", "g(a)\n", "g(a)\n"},
		{"same change and another", "f(a, b)\n", "g(a, b)\n", "g(a, c)\n", "g(a, c)\n"},
		{"line added below a changed one", "f(a)\ng()\n", "f(b)\ng()\n", "f(a)\nh()\ng()\n", "f(b)\nh()\ng()\n"},
		{"call laid out anew", "f(a, b=1)\n", "f(\n    a,\n    b=1,\n)\n", "g(a, b=1)\n", "g(\n    a,\n    b=1,\n)\n"},
		{"indented and changed", "f(a)\n", "with x:\n    f(a)\n", "f(b)\n", "with x:\n    f(b)\n"},
		{"no final line end", "a\nb", "a\nb\n", "A\nb", "A\nb\n"},
		{"carriage returns", "f(a, b)\r\ng()\r\n", "f(x, b)\r\ng()\r\n", "f(a, y)\r\ng()\r\n", "f(x, y)\r\ng()\r\n"},
		{"all gone", "a\n", "", "a\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, conflicts := rewrite.Merge([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs))
			if diff := cmp.Diff(tt.want, string(got)); diff != "" || conflicts != nil {
				t.Errorf("conflicts %v, -want +got:\n%s", conflicts, diff)
			}
			got, conflicts = rewrite.Merge([]byte(tt.base), []byte(tt.theirs), []byte(tt.ours))
			if diff := cmp.Diff(tt.want, string(got)); diff != "" || conflicts != nil {
				t.Errorf("sides swapped: conflicts %v, -want +got:\n%s", conflicts, diff)
			}
		})
	}
}

func TestMergeConflicts(t *testing.T) {
	type piece struct {
		Base, Ours, Theirs             string
		BaseLine, OursLine, TheirsLine int
	}
	tests := []struct {
		name, base, ours, theirs string
		want                     []piece
	}{
		{"one word", "a\nf(b)\n", "a\n\nf(x)\n", "a\nf(y)\n", []piece{{"b", "x", "y", 2, 3, 2}}},
		{"touching words", "f(a.b)\n", "f(x.b)\n", "f(a_.b)\n", []piece{{"a", "x", "a_", 1, 1, 1}}},
		{"changed and removed", "a\nf(b, c)\nd\n", "a\nf(b, x)\nd\n", "a\nd\n", []piece{{"f(b, c)\n", "f(b, x)\n", "", 2, 2, 2}}},
		{"two insertions at one place", "a\nb\n", "a\nx\nb\n", "a\ny\nb\n", []piece{{"", "x\n", "y\n", 2, 2, 2}}},
		{"two of them", "a\r\nb\r\nc\r\n", "x\r\nb\r\nX\r\n", "y\r\nb\r\nY\r\n", []piece{{"a", "x", "y", 1, 1, 1}, {"c", "X", "Y", 3, 3, 3}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			merged, conflicts := rewrite.Merge([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs))
			var got []piece
			for _, c := range conflicts {
				got = append(got, piece{tt.base[c.Base.Start:c.Base.End], tt.ours[c.Ours.Start:c.Ours.End], tt.theirs[c.Theirs.Start:c.Theirs.End], c.BaseLine, c.OursLine, c.TheirsLine})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || merged != nil {
				t.Errorf("merged %q, -want +got:\n%s", merged, diff)
			}
		})
	}
}

// TestMergeRevertsEachStep takes three steps that change one call, and takes
// each of them back alone. Lines would conflict (style.md, fact 3).
func TestMergeRevertsEachStep(t *testing.T) {
	const head, tail = "import sentry_sdk\n\ndef f():\n    with ", " as span:\n        work(span)\n"
	states := []string{
		`sentry_sdk.start_span(op="db", description="load")`,
		`sentry_sdk.start_span(op="db", name="load")`,
		`sentry_sdk.start_span(attributes={"sentry.op": "db"}, name="load")`,
		`sentry_sdk.traces.start_span(attributes={"sentry.op": "db"}, name="load")`,
	}
	want := []string{
		`sentry_sdk.traces.start_span(attributes={"sentry.op": "db"}, description="load")`,
		`sentry_sdk.traces.start_span(op="db", name="load")`,
		`sentry_sdk.start_span(attributes={"sentry.op": "db"}, name="load")`,
	}
	whole := func(call string) []byte { return []byte(head + call + tail) }
	for i, want := range want {
		got, conflicts := rewrite.Merge(whole(states[i+1]), whole(states[3]), whole(states[i]))
		if diff := cmp.Diff(string(whole(want)), string(got)); diff != "" || conflicts != nil {
			t.Errorf("step %d: conflicts %v, -want +got:\n%s", i+1, conflicts, diff)
		}
	}
}

func TestMergeLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		text := randomLines(r, 30, "\n")
		checkMerge(t, []byte(text), []byte(randomEdit(r, text, "\n")), []byte(randomEdit(r, text, "\n")))
	}
}

// checkMerge checks what holds for a merge of any texts.
func checkMerge(t *testing.T, base, x, y []byte) {
	t.Helper()
	for _, law := range []struct {
		name         string
		ours, theirs []byte
	}{
		{"ours alone", x, base},
		{"theirs alone", base, x},
		{"both alike", x, x},
	} {
		got, conflicts := rewrite.Merge(base, law.ours, law.theirs)
		if conflicts != nil || !bytes.Equal(got, x) {
			t.Fatalf("%s: base %q, side %q: got %q, conflicts %v", law.name, base, x, got, conflicts)
		}
	}
	one, conflicts := rewrite.Merge(base, x, y)
	two, swapped := rewrite.Merge(base, y, x)
	if !bytes.Equal(one, two) || len(conflicts) != len(swapped) {
		t.Fatalf("the sides are not treated alike: base %q, x %q, y %q: %q and %q", base, x, y, one, two)
	}
	if conflicts != nil && one != nil {
		t.Fatalf("a result in spite of conflicts: base %q, x %q, y %q: %q", base, x, y, one)
	}
	end := rewrite.Conflict{}
	for i, c := range conflicts {
		for _, s := range []struct {
			text         []byte
			before, here rewrite.Span
			line         int
		}{{base, end.Base, c.Base, c.BaseLine}, {x, end.Ours, c.Ours, c.OursLine}, {y, end.Theirs, c.Theirs, c.TheirsLine}} {
			if s.here.Start < s.before.End || s.here.End < s.here.Start || s.here.End > len(s.text) {
				t.Fatalf("conflict %d is at %v, after %v, of %d bytes", i, s.here, s.before, len(s.text))
			}
			if want := 1 + len(lineEnd.FindAll(s.text[:s.here.Start], -1)); s.line != want {
				t.Fatalf("conflict %d is on line %d, want %d", i, s.line, want)
			}
		}
		end = c
	}
}

var lineEnd = regexp.MustCompile(`\r\n|\r|\n`)

// uniqueEdit changes some lines of a text whose lines are all different, and
// returns the new lines, the words it brought and those it took away.
func uniqueEdit(r *rand.Rand, lines []string, mark string) (out, came, went []string) {
	fresh := 0
	word := func() string {
		fresh++
		came = append(came, fmt.Sprintf("%s%d", mark, fresh))
		return came[len(came)-1]
	}
	for _, l := range lines {
		words := strings.Fields(l)
		switch r.IntN(14) {
		case 0:
			went = append(went, words...)
			continue
		case 1:
			out = append(out, word()+" "+word())
			out = append(out, l)
			continue
		case 2:
			i := r.IntN(len(words))
			went = append(went, words[i])
			words[i] = word()
			out = append(out, strings.Join(words, " "))
			continue
		case 3:
			went = append(went, words...)
			out = append(out, word()+" "+word()+" "+word())
			continue
		}
		out = append(out, l)
	}
	return out, came, went
}

// gitMerge merges with git; clean tells whether it found no conflict.
func gitMerge(t *testing.T, dir string, base, ours, theirs []byte) (merged []byte, clean bool) {
	t.Helper()
	for name, data := range map[string][]byte{"base": base, "ours": ours, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "ours", "base", "theirs")
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError // its code is the number of conflicts
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 0 || exit.ExitCode() > 127) {
		t.Fatalf("git merge-file: %v", err)
	}
	return out, err == nil
}

// TestMergeAgainstGit merges random edits of lines and words as git does. The
// words are all different, so it is plain which edits a result must hold: a
// clean merge holds all of them, and where git merges lines cleanly, so do
// tokens, with the same result.
func TestMergeAgainstGit(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	dir := t.TempDir()
	gitClean, ourClean := 0, 0
	for range 400 {
		var lines []string
		for i := range 3 + r.IntN(12) {
			lines = append(lines, fmt.Sprintf("a%d b%d c%d d%d", i, i, i, i))
		}
		ours, came1, went1 := uniqueEdit(r, lines, "x")
		theirs, came2, went2 := uniqueEdit(r, lines, "y")
		text := func(l []string) []byte { return []byte(strings.Join(append(l, ""), "\n")) }
		merged, conflicts := rewrite.Merge(text(lines), text(ours), text(theirs))
		git, clean := gitMerge(t, dir, text(lines), text(ours), text(theirs))
		if clean {
			gitClean++
			if conflicts != nil || !bytes.Equal(git, merged) {
				t.Fatalf("git merges cleanly:\n%s\nhere, conflicts %v:\n%s", git, conflicts, merged)
			}
		}
		if conflicts != nil {
			continue
		}
		ourClean++
		words := strings.Fields(string(merged))
		for _, w := range append(came1, came2...) {
			if !slices.Contains(words, w) {
				t.Fatalf("the merge lost %s:\nbase\n%s\nours\n%s\ntheirs\n%s\nmerged\n%s", w, text(lines), text(ours), text(theirs), merged)
			}
		}
		for _, w := range append(went1, went2...) {
			if slices.Contains(words, w) {
				t.Fatalf("the merge kept %s:\nbase\n%s\nours\n%s\ntheirs\n%s\nmerged\n%s", w, text(lines), text(ours), text(theirs), merged)
			}
		}
	}
	t.Logf("of 400 merges git did %d, ours %d", gitClean, ourClean)
	if gitClean < 40 || ourClean <= gitClean || ourClean > 390 {
		t.Errorf("the edits prove nothing: of 400 merges git did %d, ours %d", gitClean, ourClean)
	}
}
