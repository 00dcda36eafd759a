package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterruptEndsVerify: Ctrl-C, SIGTERM and a closed terminal end the command
// too, and the program says that it was stopped.
func TestInterruptEndsVerify(t *testing.T) {
	t.Parallel()
	program, env := built(t), terminalEnv(t)
	repo := t.TempDir()
	if err := os.WriteFile(filepath.Join(repo, "a.py"), []byte("import sentry_sdk\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	inDir(t, env, repo, "git", "init", "-q")
	inDir(t, env, repo, "git", "add", ".")
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		pidFile := filepath.Join(t.TempDir(), "pid")
		cmd := exec.Command(program, "verify", "--", "sh", "-c", "echo $$ >"+pidFile+".new; mv "+pidFile+".new "+pidFile+"; exec sleep 60")
		var out bytes.Buffer
		cmd.Dir, cmd.Env, cmd.Stderr = repo, env, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pid := waitForPid(t, pidFile)
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 130 {
			t.Errorf("%v: %v, want exit 130\n%s", signal, err, out.String())
		}
		if !strings.Contains(out.String(), "Stopped.") || !strings.Contains(out.String(), "spanwalk verify -- sh") {
			t.Errorf("%v: %s", signal, out.String())
		}
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("%v: the command still runs", signal)
		}
	}
}

func waitForPid(t *testing.T, file string) int {
	t.Helper()
	for range 1200 {
		if data, err := os.ReadFile(file); err == nil {
			pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the command did not start")
	return 0
}

// TestVerifyDrawsSpansAsTheyArrive: on a terminal the tree is there before the
// command has ended, and is not drawn again.
func TestVerifyDrawsSpansAsTheyArrive(t *testing.T) {
	t.Parallel()
	program, env := built(t), terminalEnv(t)
	repo := t.TempDir()
	python, err := filepath.Abs("../../.venvs/2.75.0/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	app := `import sentry_sdk
import sentry_sdk.traces

sentry_sdk.init(traces_sample_rate=1.0, trace_lifecycle="stream")
with sentry_sdk.traces.start_span(name="nightly", parent_span=None):
    with sentry_sdk.traces.start_span(name="load"):
        pass
input()
`
	if err := os.WriteFile(filepath.Join(repo, "app.py"), []byte(app), 0o644); err != nil {
		t.Fatal(err)
	}
	inDir(t, env, repo, "git", "init", "-q")
	inDir(t, env, repo, "git", "add", ".")
	m := newTerminal(t, 100, 30, env)
	m.command("cd "+repo+" && "+program+" verify -- '"+python+"' app.py; echo exit=$?", "    load")
	m.run("send-keys", "Enter")
	screen := m.settled(ended)
	if !strings.Contains(screen, "exit=0") || strings.Count(screen, "  nightly  segment") != 1 {
		t.Errorf("on the terminal:\n%s", screen)
	}
}
