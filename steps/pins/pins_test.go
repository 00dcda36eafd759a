package pins

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata/*.txtar")

// testCase is a group of an archive's files: "NAME PATH" is the manifest,
// "NAME want" lists its pins and "NAME after" is the raised file, left out
// when nothing changes. "floor: RELEASE" in the archive's comment sets the
// floor.
type testCase struct {
	name, path  string
	src         []byte
	want, after string
}

func readCases(t *testing.T, archive *txtar.Archive) []*testCase {
	t.Helper()
	var cases []*testCase
	byName := map[string]*testCase{}
	for _, file := range archive.Files {
		name, path, ok := strings.Cut(file.Name, " ")
		if !ok {
			t.Fatalf("file %q has no case name", file.Name)
		}
		c := byName[name]
		switch {
		case path == "want":
			c.want = string(file.Data)
		case path == "after":
			c.after = string(file.Data)
		case c != nil:
			t.Fatalf("case %q has two manifests", name)
		default:
			c = &testCase{name: name, path: path, src: file.Data}
			byName[name] = c
			cases = append(cases, c)
		}
	}
	return cases
}

func floorOf(archive *txtar.Archive) string {
	if _, rest, ok := strings.Cut(string(archive.Comment), "floor: "); ok {
		return strings.Fields(rest)[0]
	}
	return "2.67.0"
}

// run lists the pins of a manifest with their verdicts and returns the raised
// file.
func run(path string, src []byte, floor string) (list string, after []byte) {
	found, err := Find(path, src)
	if err != nil {
		return "error: " + err.Error() + "\n", src
	}
	var b strings.Builder
	var changes []Change
	for _, p := range found {
		change, verdict, message := Raise(p, floor)
		if change != (Change{}) {
			changes = append(changes, change)
		}
		fmt.Fprintf(&b, "%d:%d %s %s %s", p.Line, p.Column, p.Kind, verdict, p.Name)
		if p.Extras != nil {
			fmt.Fprintf(&b, "[%s]", strings.Join(p.Extras, ","))
		}
		fmt.Fprintf(&b, " <%s> in %s", p.Spec, p.Group)
		if p.Marker != "" {
			fmt.Fprintf(&b, " if %s", p.Marker)
		}
		fmt.Fprintf(&b, "\n\t%s\n", message)
	}
	return b.String(), apply(src, changes)
}

func apply(src []byte, changes []Change) []byte {
	var out []byte
	at := 0
	for _, c := range changes {
		out = append(out, src[at:c.Start]...)
		out = append(out, c.New...)
		at = c.End
	}
	return append(out, src[at:]...)
}

func TestArchives(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	count := 0
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cases, floor := readCases(t, archive), floorOf(archive)
		count += len(cases)
		for _, c := range cases {
			t.Run(filepath.Base(name)+"/"+c.name, func(t *testing.T) { checkCase(t, c, floor) })
		}
		if *update {
			rewriteArchive(t, name, archive, cases)
		}
	}
	if count < 60 {
		t.Errorf("%d cases, want at least 60", count)
	}
}

func checkCase(t *testing.T, c *testCase, floor string) {
	if !Manifest(c.path) {
		t.Errorf("%s is not taken for a manifest", c.path)
	}
	list, after := run(c.path, c.src, floor)
	if *update {
		c.want, c.after = list, string(after)
		if bytes.Equal(after, c.src) {
			c.after = ""
		}
	}
	want := c.after
	if want == "" {
		want = string(c.src)
	}
	if diff := cmp.Diff(c.want, list); diff != "" {
		t.Errorf("pins (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, string(after)); diff != "" {
		t.Errorf("raised file (-want +got):\n%s", diff)
	}
	checkLaws(t, c, floor, list, want)
}

// checkLaws holds a case to what is true of every manifest: raising is
// idempotent, and line ends and a byte order mark change no edit.
func checkLaws(t *testing.T, c *testCase, floor, list, want string) {
	again, twice := run(c.path, []byte(want), floor)
	if string(twice) != want {
		t.Errorf("raised twice, the file changes again:\n%s\n%s", again, twice)
	}
	for name, change := range map[string]func(string) string{
		"CRLF":     func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM":      func(s string) string { return "\ufeff" + s },
		"CRLF+BOM": func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
	} {
		varied, after := run(c.path, []byte(change(string(c.src))), floor)
		if diff := cmp.Diff(list, varied); diff != "" {
			t.Errorf("%s: pins (-plain +%s):\n%s", name, name, diff)
		}
		if diff := cmp.Diff(change(want), string(after)); diff != "" {
			t.Errorf("%s: raised file (-want +got):\n%s", name, diff)
		}
	}
}

func rewriteArchive(t *testing.T, name string, archive *txtar.Archive, cases []*testCase) {
	archive.Files = nil
	for _, c := range cases {
		archive.Files = append(archive.Files,
			txtar.File{Name: c.name + " " + c.path, Data: c.src},
			txtar.File{Name: c.name + " want", Data: []byte(c.want)})
		if c.after != "" {
			archive.Files = append(archive.Files, txtar.File{Name: c.name + " after", Data: []byte(c.after)})
		}
	}
	if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
		t.Fatal(err)
	}
}
