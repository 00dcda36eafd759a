package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const readmePath = "../../README.md"

var hash = regexp.MustCompile(`(?m)^[0-9a-f]{10} `)

// TestReadmeShowsTheRealDemo compares the two blocks of output in the README
// with what the demo really prints and commits; -update rewrites them.
func TestReadmeShowsTheRealDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	var out, errOut bytes.Buffer
	if code := run([]string{"demo", "--keep", dir}, strings.NewReader(""), &out, &errOut); code != 0 {
		t.Fatalf("demo: exit %d\n%s", code, errOut.String())
	}
	if errOut.Len() > 0 {
		t.Errorf("the demo has something to complain about:\n%s", errOut.String())
	}
	_, output, _ := strings.Cut(out.String(), "$ spanwalk migrate --yes --branch spanwalk/streaming\n")
	output, _, _ = strings.Cut(output, "\n\n")
	log := exec.Command("git", "log", "-1", "--format=%B", "--grep=^Spanwalk-Step: start-transaction$")
	log.Dir = dir
	message, err := log.Output()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	text := string(readme)
	text = block(t, text, "$ spanwalk migrate --yes --branch spanwalk/streaming\n", output)
	text = block(t, text, "remembers the decisions:\n\n```\n", strings.TrimSpace(string(message)))
	if *update && text != string(readme) {
		if err := os.WriteFile(readmePath, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// block compares what follows head, up to the end of the fenced block, with
// want, and returns the text with want in its place. Hashes differ by date.
func block(t *testing.T, text, head, want string) string {
	t.Helper()
	before, rest, ok := strings.Cut(text, head)
	if !ok {
		t.Fatalf("README.md lacks %q", head)
	}
	got, after, _ := strings.Cut(rest, "\n```")
	if diff := cmp.Diff(hash.ReplaceAllString(want, ""), hash.ReplaceAllString(got, "")); diff != "" {
		if !*update {
			t.Errorf("README.md (-real +README); go test ./cmd/spanwalk -update mends it:\n%s", diff)
		}
		return before + head + want + "\n```" + after
	}
	return text
}

// TestReadmeNamesEverything fails on a command, a flag or an exit code that the
// README does not mention.
func TestReadmeNamesEverything(t *testing.T) {
	data, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	a := &app{}
	for _, cmd := range append([]*cobra.Command{a.root()}, a.root().Commands()...) {
		if cmd.HasParent() && !cmd.Hidden && !strings.Contains(readme, cmd.Name()) {
			t.Errorf("README.md does not name the command %s", cmd.Name())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "directory" && !strings.Contains(readme, "--"+f.Name) {
				t.Errorf("README.md does not name --%s of %s", f.Name, cmd.Name())
			}
		})
	}
	for _, code := range []string{"0", "1", "2", "3", "4", "5", "6", "130"} {
		if !strings.Contains(readme, "\n| "+code+" | ") {
			t.Errorf("README.md does not explain exit code %s", code)
		}
	}
}
