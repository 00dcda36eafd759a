package wizard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"spanwalk/wizard"
)

const oracle = "../testdata/oracle"

// releases are those the demo's floor allows; the legacy shop runs on the
// newest 2.x where a release has no static mode any more.
var releases = []struct{ stream, static string }{
	{"2.67.0", "2.67.0"}, {"2.75.0", "2.75.0"}, {"3.0.0b2", "2.75.0"},
}

// stated are the differences the migration makes on purpose: scope tags reach
// child spans too, a dict is sent as one attribute per entry, and the filter on
// late data was dropped by decision.
var stated = []string{
	`trace \d+/root 1/child.*: attribute (region "eu"|service "\w+") added`,
	`.*: attribute request \{.*\} missing`,
	`.*: attribute request\.(count \d|product "\w+") added`,
	`.*: added: span "GET /robots.txt" with op "http.server"`,
	`roots: not sent 2 != 1`,
}

// TestDemoSendsTheSameSpans migrates the demo project, review tier included,
// and holds its three programs to the oracle on the real SDK.
func TestDemoSendsTheSameSpans(t *testing.T) {
	legacy, migrated := t.TempDir(), t.TempDir()
	for _, dir := range []string{legacy, migrated} {
		if err := wizard.MakeDemo(context.Background(), dir); err != nil {
			t.Fatal(err)
		}
	}
	answers, err := wizard.FlagAnswers([]string{"late-filter=drop"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := wizard.Open(wizard.Options{Dir: migrated, Accept: []string{"review"}, Answers: answers, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := w.Run(context.Background(), &wizard.Headless{Out: io.Discard, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Mixed != 0 || outcome.Commits() < 10 {
		t.Errorf("%d commits, %d places raise or go silent", outcome.Commits(), outcome.Mixed)
	}
	for _, release := range releases {
		static, stream := newWorker(t, release.static), newWorker(t, release.stream)
		for _, program := range []string{"api", "worker", "report"} {
			main := program + "_main.py"
			for _, dir := range []string{legacy, migrated} {
				write(t, dir, main, "import runpy\n\nrunpy.run_module('shop."+program+"', run_name='__main__')\n")
			}
			before := static.ask(t, map[string]any{"id": program, "dir": legacy, "main": main, "mode": "static"})
			after := stream.ask(t, map[string]any{"id": program, "dir": migrated, "main": main, "mode": "stream"})
			result := stream.ask(t, map[string]any{"id": program, "compare": map[string]any{
				"static": before, "stream": after, "floor": "2.67.0", "tolerate": stated}})
			if result["equal"] != true {
				t.Errorf("%s on %s: unexpected %q", program, release.stream, result["unexpected"])
			}
		}
	}
}

// worker is one of the oracle's, on one release of the SDK.
type worker struct {
	in  io.Writer
	out *bufio.Reader
}

func newWorker(t *testing.T, release string) *worker {
	t.Helper()
	python, err := filepath.Abs(filepath.Join("..", ".venvs", release, "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join(oracle, "harness.py"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; make the virtual environments with: make venvs", err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &worker{in, bufio.NewReader(out)}
}

// ask sends one job and returns its result.
func (w *worker) ask(t *testing.T, job map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.in.Write(append(data, '\n')); err != nil {
		t.Fatal(err)
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var result map[string]any
	if err := json.Unmarshal(line, &result); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return result
}
