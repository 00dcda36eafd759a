package rewrite_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/rewrite"
)

// gitApply writes the files, applies the patch with git and returns what the
// files hold then.
func gitApply(t *testing.T, files map[string][]byte, patch []byte) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	cmd.Stdin = bytes.NewReader(patch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	got := map[string][]byte{}
	for name := range files {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = data
	}
	return got
}

// randomLines returns a text of lines with few different ones, so that diffs
// have to choose.
func randomLines(r *rand.Rand, n int, newline string) string {
	var b strings.Builder
	for range r.IntN(n) {
		switch r.IntN(6) {
		case 0:
			b.WriteString(newline)
		case 1:
			fmt.Fprintf(&b, "def f%d():%s", r.IntN(3), newline)
		default:
			fmt.Fprintf(&b, "    call(%d, op=%q)%s", r.IntN(9), strings.Repeat("x", r.IntN(4)), newline)
		}
	}
	return b.String()
}

// randomEdit changes some lines of a text and sometimes its last line end.
func randomEdit(r *rand.Rand, text, newline string) string {
	lines := strings.SplitAfter(text, "\n")
	for range r.IntN(6) {
		i := r.IntN(len(lines))
		switch r.IntN(4) {
		case 0:
			lines[i] = ""
		case 1:
			lines[i] += randomLines(r, 4, newline)
		case 2:
			lines[i] = strings.Replace(lines[i], "call", "other", 1)
		case 3:
			lines[i] = strings.ToUpper(lines[i])
		}
	}
	out := strings.Join(lines, "")
	if r.IntN(3) == 0 {
		out = strings.TrimRight(out, "\r\n")
	}
	return out
}

func TestUnifiedIsTakenByGit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	before, want := map[string][]byte{}, map[string][]byte{}
	var patch bytes.Buffer
	for i := range 600 {
		newline := []string{"\n", "\r\n"}[i%2]
		old := randomLines(r, 40, newline)
		if r.IntN(4) == 0 {
			old = strings.TrimRight(old, "\r\n")
		}
		fresh := randomEdit(r, old, newline)
		if i%50 == 0 {
			fresh = "" // an emptied file stays a file
		}
		name := fmt.Sprintf("dir%d/file %d.py", i%7, i)
		if i%3 == 0 {
			name = fmt.Sprintf("dir%d/file%d.py", i%7, i)
		}
		before[name], want[name] = []byte(old), []byte(fresh)
		one := rewrite.Unified(name, before[name], want[name])
		if (one == nil) != (old == fresh) {
			t.Fatalf("Unified is nil: %v, texts are equal: %v", one == nil, old == fresh)
		}
		patch.Write(one)
	}
	if diff := cmp.Diff(want, gitApply(t, before, patch.Bytes())); diff != "" {
		t.Errorf("git made something else of the diff (-want +got):\n%s", diff)
	}
}

func TestUnifiedQuotesPaths(t *testing.T) {
	before, want := map[string][]byte{}, map[string][]byte{}
	var patch bytes.Buffer
	for _, name := range []string{"a b.py", "a\tb.py", `q"uote.py`, `back\slash.py`, "naïve.py", "日本/語 x.py", "new\nline.py", "bell\a.py", "del\x7f.py", "a/b/c.py", " lead.py", "trail .py ", "bad\xff.py"} {
		before[name], want[name] = []byte("a = 1\n"), []byte("a = 2\n")
		patch.Write(rewrite.Unified(name, before[name], want[name]))
	}
	if diff := cmp.Diff(want, gitApply(t, before, patch.Bytes())); diff != "" {
		t.Errorf("git made something else of the diff (-want +got):\n%s", diff)
	}
}

func TestUnified(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"no change", "a\n", "a\n", ""},
		{"heading", "class A:\n    def f(self):\n        a\n        b\n        c\n        d\n        e\n", "class A:\n    def f(self):\n        a\n        b\n        c\n        d\n        E\n",
			"@@ -4,4 +4,4 @@ def f(self):\n         b\n         c\n         d\n-        e\n+        E\n"},
		{"no heading behind a function", "def f():\n    pass\na\nb\nc\nd\n", "def f():\n    pass\na\nb\nc\nD\n", "@@ -3,4 +3,4 @@\n a\n b\n c\n-d\n+D\n"},
		{"from empty", "", "a\n", "@@ -0,0 +1 @@\n+a\n"},
		{"to empty", "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"line end added", "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"line end kept away", "a\nb", "A\nb", "@@ -1,2 +1,2 @@\n-a\n+A\n b\n\\ No newline at end of file\n"},
		{"carriage return", "a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n" + want
			}
			if diff := cmp.Diff(want, string(rewrite.Unified("x.py", []byte(tt.before), []byte(tt.after)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestUnifiedHeader compares the header with that of "git diff".
func TestUnifiedHeader(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.py":  "diff --git a/a/b.py b/a/b.py\n--- a/a/b.py\n+++ b/a/b.py\n",
		"a b.py":  "diff --git a/a b.py b/a b.py\n--- a/a b.py\t\n+++ b/a b.py\t\n",
		"a\\b.py": "diff --git \"a/a\\\\b.py\" \"b/a\\\\b.py\"\n--- \"a/a\\\\b.py\"\n+++ \"b/a\\\\b.py\"\n",
		"é.py":    "diff --git \"a/\\303\\251.py\" \"b/\\303\\251.py\"\n--- \"a/\\303\\251.py\"\n+++ \"b/\\303\\251.py\"\n",
	} {
		header, _, _ := strings.Cut(string(rewrite.Unified(path, []byte("a"), []byte("b"))), "@@")
		if diff := cmp.Diff(want, header); diff != "" {
			t.Errorf("%s: -want +got:\n%s", path, diff)
		}
	}
}

// marked writes the lines of the hunks with their marks in brackets.
func marked(hunks []rewrite.Hunk) string {
	var b strings.Builder
	for _, h := range hunks {
		for _, l := range h.Lines {
			b.WriteByte(l.Op)
			at := 0
			for _, m := range l.Marks {
				b.WriteString(l.Text[at:m.Start] + "«" + l.Text[m.Start:m.End] + "»")
				at = m.End
			}
			b.WriteString(l.Text[at:] + "\n")
		}
	}
	return b.String()
}

func TestHunksMarkWords(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"renamed call", "with sentry_sdk.start_span(op=\"a\"):\n", "with sentry_sdk.traces.start_span(op=\"a\"):\n",
			"-with sentry_sdk.start_span(op=\"a\"):\n+with sentry_sdk.«traces.»start_span(op=\"a\"):\n"},
		{"word, not letters", "f(name=x)\n", "f(names=x)\n", "-f(«name»=x)\n+f(«names»=x)\n"},
		{"gap of one token", "f(a, b, c, d)\n", "f(x.y, b, c, d)\n", "-f(«a», b, c, d)\n+f(«x.y», b, c, d)\n"},
		{"gap is joined", "call(alpha, one, a.b, rest, more)\n", "call(alpha, one, x.y, rest, more)\n",
			"-call(alpha, one, «a.b», rest, more)\n+call(alpha, one, «x.y», rest, more)\n"},
		{"little in common", "alpha beta gamma delta\n", "one two three four\n", "-alpha beta gamma delta\n+one two three four\n"},
		{"new line", "a\n", "a\nb\n", " a\n+b\n"},
		{"laid out anew", "f(alpha, beta, op=\"x\")\n", "f(\n    alpha,\n    beta,\n    name=\"x\",\n)\n",
			"-f(alpha, beta, «op»=\"x\")\n+f(\n+    alpha,\n+    beta,\n+    «name»=\"x\"«,»\n+)\n"},
		{"pairs", "f(a)\ng(b)\n", "f(x)\ng(y)\n", "-f(«a»)\n-g(«b»)\n+f(«x»)\n+g(«y»)\n"},
		{"indented alone", "f(a)\n", "    f(a)\n", "-f(a)\n+«    »f(a)\n"},
		{"indented and changed", "f(a, b)\n", "    f(a, c)\n", "-f(a, «b»)\n+    f(a, «c»)\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, marked(rewrite.Hunks([]byte(tt.before), []byte(tt.after)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestHunksRebuildBothTexts checks line numbers, texts and marks by building
// both texts from the hunks.
func TestHunksRebuildBothTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		before := randomLines(r, 40, "\n")
		checkHunks(t, before, randomEdit(r, before, "\n"))
	}
}

// checkHunks applies the hunks between two texts by their line numbers.
func checkHunks(t *testing.T, before, after string) {
	t.Helper()
	oldLines, freshLines := lines(before), lines(after)
	oldAt, freshAt := 0, 0 // lines done
	var rebuilt strings.Builder
	for _, h := range rewrite.Hunks([]byte(before), []byte(after)) {
		first := h.OldStart - 1
		if h.OldLines == 0 {
			first = h.OldStart
		}
		for ; oldAt < first; oldAt, freshAt = oldAt+1, freshAt+1 {
			rebuilt.WriteString(oldLines[oldAt])
		}
		oldEnd, freshEnd := oldAt+h.OldLines, freshAt+h.NewLines
		for _, l := range h.Lines {
			text := l.Text + "\n"
			if l.NoEnd {
				text = l.Text
			}
			if l.Op != '+' {
				if l.Old != oldAt+1 || oldLines[oldAt] != text {
					t.Fatalf("old line %d is %q, hunk says line %d %q", oldAt+1, oldLines[oldAt], l.Old, text)
				}
				oldAt++
			}
			if l.Op != '-' {
				if l.New != freshAt+1 || freshLines[freshAt] != text {
					t.Fatalf("new line %d is %q, hunk says line %d %q", freshAt+1, freshLines[freshAt], l.New, text)
				}
				rebuilt.WriteString(text)
				freshAt++
			}
			end := 0
			for _, m := range l.Marks {
				if m.Start < end || m.End <= m.Start || m.End > len(l.Text) || l.Op == ' ' {
					t.Fatalf("mark %v in %c%q", m, l.Op, l.Text)
				}
				end = m.End
			}
		}
		if oldAt != oldEnd || freshAt != freshEnd {
			t.Fatalf("hunk counts %d and %d lines, has up to %d and %d", oldEnd, freshEnd, oldAt, freshAt)
		}
	}
	for ; oldAt < len(oldLines); oldAt++ {
		rebuilt.WriteString(oldLines[oldAt])
	}
	if rebuilt.String() != after {
		t.Fatalf("rebuilt %q, want %q", rebuilt.String(), after)
	}
}

// lines splits a text behind every "\n".
func lines(text string) []string {
	list := strings.SplitAfter(text, "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}
