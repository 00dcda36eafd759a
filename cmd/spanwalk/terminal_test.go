package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// terminalEnv is the environment of programs in the terminal: nobody's
// configuration, fixed dates.
func terminalEnv(t *testing.T) []string {
	home := t.TempDir()
	return []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "GIT_CONFIG_GLOBAL=" + filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "TZ=UTC", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
		"PATH=" + os.Getenv("PATH"), "TERM=screen-256color", "EDITOR=true"}
}

// built compiles the program and returns its path.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spanwalk")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// tmux is a terminal of our own, known by its socket.
type tmux struct {
	t      *testing.T
	socket string
	shown  string // the screen that settled last
}

// newTerminal opens a terminal of that size with a shell in it.
func newTerminal(t *testing.T, width, height int, env []string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("the end-to-end test needs a real terminal: install tmux")
	}
	m := &tmux{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	args := append([]string{"-i"}, env...)
	shell := append(append([]string{"env"}, args...), "PS1=$ ", "sh")
	m.run(append([]string{"-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height)}, shell...)...)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", m.socket, "kill-server").Run() })
	return m
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (m *tmux) screen() string { return m.run("capture-pane", "-p") }

// key presses a key and waits until the screen has changed and stands still.
func (m *tmux) key(name string) string {
	m.t.Helper()
	return m.keyTo(name, "")
}

// keyTo presses a key and waits until the screen has become another one, that
// shows a text.
func (m *tmux) keyTo(name, shows string) string {
	m.t.Helper()
	before := m.shown
	m.run("send-keys", name)
	return m.settled(func(s string) bool { return s != before && strings.Contains(s, shows) })
}

// command types a command line and waits for what it must show.
func (m *tmux) command(line, want string) string {
	m.t.Helper()
	m.run("send-keys", "-l", line)
	m.run("send-keys", "Enter")
	return m.settled(func(s string) bool { return strings.Contains(s, want) })
}

// still is for how many looks at the screen it must not change: longer than an
// answered screen stands, deaf to keys, before it says that the walk works.
const (
	still = 10
	pause = 25 * time.Millisecond
)

// settled waits until the screen fits and stands still.
func (m *tmux) settled(fits func(string) bool) string {
	m.t.Helper()
	last, same := "", 0
	for range 800 {
		time.Sleep(pause)
		now := m.screen()
		if now != last {
			last, same = now, 0
			continue
		}
		if strings.Contains(now, "working …") { // keys are not heard then
			continue
		}
		if same++; same >= still && fits(now) && strings.TrimSpace(now) != "" {
			m.shown = now
			return now
		}
	}
	m.t.Fatalf("the screen did not become what was expected:\n%s", last)
	return ""
}

var reviewTier = regexp.MustCompile(`review  +\d+ of \d+, \d+ open in all`)

// walkOn answers every screen: recommended options, yes to what is safe, no to
// what is to be reviewed. It stops before the screen that until accepts, or at
// the end of the program, and returns the screen.
func (m *tmux) walkOn(screen string, until func(string) bool) string {
	m.t.Helper()
	for range 400 {
		switch {
		case ended(screen), until(screen):
			return screen
		case reviewTier.MatchString(screen):
			screen = m.key("n")
		case strings.Contains(screen, " open in all"):
			screen = m.key("y")
		case strings.Contains(screen, "enter choose"), strings.Contains(screen, "enter go on"):
			screen = m.key("Enter")
		default:
			// between two screens: the log of the walk is seen
			screen = m.settled(func(s string) bool { return s != screen })
		}
	}
	m.t.Fatal("the walk does not end")
	return ""
}

func never(string) bool { return false }

var exitLine = regexp.MustCompile(`(?m)^exit=\d+`)

// ended reports that "; echo exit=$?" behind a command has run.
func ended(screen string) bool { return exitLine.MatchString(screen) }

func inDir(t *testing.T, env []string, dir, name string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return string(out), 0
}

// TestWalkInATerminal walks the demo on a real terminal, takes an answer back,
// quits in the middle, resumes on a narrower screen, and compares the result,
// byte for byte, with a run without questions that is given the same answers.
func TestWalkInATerminal(t *testing.T) {
	t.Parallel()
	program, env := built(t), terminalEnv(t)
	walked := filepath.Join(t.TempDir(), "shop")
	m := newTerminal(t, 100, 40, env)
	screen := m.command(program+" demo --keep "+walked+"; echo exit=$?", "Start on a new branch")
	m.walkOn(screen, func(s string) bool { return strings.Contains(s, "· start-span") && strings.Contains(s, "shape 1 of") })
	m.key("A")
	answered := m.key("y")
	if back := m.key("u"); !strings.Contains(back, "shape 1 of") || answered == back {
		t.Fatalf("u does not take the last answer back:\n%s", back)
	}
	screen = m.key("y")
	m.walkOn(screen, func(s string) bool {
		return strings.Contains(s, "· start-child") && strings.Contains(s, "open in all")
	})
	screen = m.key("q")
	for _, want := range []string{"Stopped after start-transaction, with 4 commits made. Nothing is half written.", "spanwalk -C " + walked + " revert start-transaction", "exit=130"} {
		if !strings.Contains(strings.ReplaceAll(screen, "\n", ""), want) {
			t.Fatalf("no %q after q:\n%s", want, screen)
		}
	}
	if out, _ := inDir(t, env, walked, "git", "status", "--porcelain"); out != "" {
		t.Errorf("after q the tree is not clean:\n%s", out)
	}

	m.run("resize-window", "-x", "60", "-y", "30")
	screen = m.command("clear; "+program+" -C "+walked+"; echo exit=$?", "4 steps committed")
	screen = m.walkOn(screen, never)
	if !strings.Contains(screen, "What is left, by item:") {
		t.Errorf("no sum at the end:\n%s", screen)
	}
	compareWithHeadless(t, program, env, walked)
	revertInTheTerminal(t, m, program, env, walked)
}

// revertInTheTerminal takes a step back on the screens and compares the result,
// byte for byte, with taking it back without questions.
func revertInTheTerminal(t *testing.T, m *tmux, program string, env []string, walked string) {
	t.Helper()
	before, _ := inDir(t, env, walked, "git", "rev-parse", "HEAD")
	log := []string{"log", "-1", "--format=%H %T%n%B"}
	if _, code := inDir(t, env, walked, program, "revert", "start-child", "--yes", "--only-this"); code != 0 {
		t.Fatalf("revert: exit %d", code)
	}
	want, _ := inDir(t, env, walked, "git", log...)
	inDir(t, env, walked, "git", "reset", "-q", "--hard", strings.TrimSpace(before))

	screen := m.command("clear; "+program+" -C "+walked+" revert start-child; echo exit=$?", "Take back start-child")
	for _, text := range []string{"would raise or go silent", "Only this", "Leave it as it is"} {
		if !strings.Contains(screen, text) {
			t.Errorf("no %q on the screen:\n%s", text, screen)
		}
	}
	for !regexp.MustCompile(`(?m)^ > Only this`).MatchString(screen) {
		screen = m.key("Down")
	}
	if screen = m.keyTo("Enter", "go on to the commit"); !strings.Contains(screen, "start_child(") {
		t.Fatalf("the diff is not shown:\n%s", screen)
	}
	m.keyTo("Enter", "Revert start-child")
	m.run("send-keys", "Enter")
	if screen = m.settled(ended); !strings.Contains(screen, "exit=0") {
		t.Errorf("at the end:\n%s", screen)
	}
	got, _ := inDir(t, env, walked, "git", log...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the revert on the screens and the one without questions differ (-headless +screens):\n%s", diff)
	}
}

// compareWithHeadless replays the answers of a walk on a fresh demo.
func compareWithHeadless(t *testing.T, program string, env []string, walked string) {
	t.Helper()
	answers, code := inDir(t, env, walked, program, "answers")
	file := filepath.Join(t.TempDir(), "answers.yaml")
	if err := os.WriteFile(file, []byte(answers), 0o644); err != nil || code != 0 {
		t.Fatalf("answers: exit %d, %v", code, err)
	}
	fresh := filepath.Join(t.TempDir(), "shop")
	if _, code := inDir(t, env, ".", program, "demo", "--yes", "--keep", fresh); code != 0 {
		t.Fatalf("demo: exit %d", code)
	}
	inDir(t, env, fresh, "git", "switch", "-q", "-C", "main", "main")
	inDir(t, env, fresh, "git", "branch", "-q", "-D", "spanwalk/streaming")
	first, _ := inDir(t, env, fresh, "git", "rev-list", "--max-parents=0", "HEAD")
	inDir(t, env, fresh, "git", "reset", "-q", "--hard", strings.TrimSpace(first))
	inDir(t, env, fresh, program, "migrate", "--branch", "spanwalk/streaming", "--answers", file)
	log := []string{"log", "--format=%H %T%n%B"}
	want, _ := inDir(t, env, fresh, "git", log...)
	got, _ := inDir(t, env, walked, "git", log...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the walk and the run without questions differ (-headless +walk):\n%s", diff)
	}
	if !strings.Contains(got, "Spanwalk-Step: trace-decorator") {
		t.Errorf("the walk ended early:\n%s", got)
	}
}

// press is a key and what the screen shows once it has done its work.
type press struct{ key, shows string }

// A person gets from the start to each kind of screen of the demo with these
// keys.
var (
	toQuestion = press{"Enter", "Which sentry-sdk should"}
	toReview   = press{"Enter", "shape 1 of 2"}
	kinds      = []struct {
		name string
		keys []press
	}{
		{"start", nil},
		{"keys", []press{{"?", "Keys of this screen"}}},
		{"question", []press{toQuestion}},
		{"reason", []press{toQuestion, {"x", "Leave out sdk-version"}}},
		{"review", []press{toQuestion, toReview}},
		{"review, asked once", []press{toQuestion, toReview, {"D", "y yes"}}},
		{"checklist over a review", []press{toQuestion, toReview, {"c", "items done"}}},
		{"commit", []press{toQuestion, toReview, {"y", "shape 2 of 2"}, {"y", "ready to commit"}}},
	}
)

// walkTo presses keys, each on the screen it is meant for, and returns the last
// one.
func (m *tmux) walkTo(keys []press) string {
	m.t.Helper()
	screen := m.settled(func(s string) bool { return strings.Contains(s, "Start on a new branch") })
	for _, p := range keys {
		screen = m.keyTo(p.key, p.shows)
	}
	return screen
}

// TestEveryScreenCanBeStopped: Ctrl-C, SIGTERM, a closed terminal and q (but
// where it is a letter) stop every kind of screen: nothing is written, the
// terminal is as it was, and a line says how to go on.
func TestEveryScreenCanBeStopped(t *testing.T) {
	t.Parallel()
	program, env := built(t), terminalEnv(t)
	m := newTerminal(t, 80, 24, env)
	pid := filepath.Join(t.TempDir(), "pid")
	for i, kind := range kinds {
		how := []string{"q", "C-c", "TERM", "HUP"}[i%4]
		if kind.name == "reason" {
			how = "C-c"
		}
		dir := filepath.Join(t.TempDir(), "shop")
		m.command(fmt.Sprintf("clear; stty -g >%[1]s.tty; sh -c 'echo $$ >%[1]s; exec %[2]s demo --keep %[3]s'; echo exit=$?", pid, program, dir), "Start on a new branch")
		m.walkTo(kind.keys)
		if how == "TERM" || how == "HUP" {
			data, err := os.ReadFile(pid)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("kill", "-"+how, strings.TrimSpace(string(data))).CombinedOutput(); err != nil {
				t.Fatalf("kill: %v %s", err, out)
			}
		} else {
			m.run("send-keys", how)
		}
		screen := m.settled(ended)
		if !strings.Contains(screen, "Nothing is half written") || !strings.Contains(screen, "exit=130") || !strings.Contains(screen, "spanwalk -C "+dir) {
			t.Errorf("%s, %s:\n%s", kind.name, how, screen)
		}
		m.run("send-keys", "-l", "clear; stty -g | cmp - "+pid+".tty; echo exit=$?")
		m.run("send-keys", "Enter")
		screen = m.settled(func(s string) bool { return ended(s) && !strings.Contains(s, "exit=130") })
		if !strings.Contains(screen, "exit=0") {
			t.Errorf("%s, %s: the terminal is not as it was:\n%s", kind.name, how, screen)
		}
		if out, _ := inDir(t, env, dir, "git", "log", "--oneline", "--all"); strings.Count(out, "\n") != 1 {
			t.Errorf("%s, %s: commits:\n%s", kind.name, how, out)
		}
		if out, _ := inDir(t, env, dir, "git", "status", "--porcelain"); out != "" {
			t.Errorf("%s, %s: changes:\n%s", kind.name, how, out)
		}
	}
}

// TestScreensFollowTheTerminal resizes a real terminal while each kind of screen
// is open: no line of another size is left on it.
func TestScreensFollowTheTerminal(t *testing.T) {
	t.Parallel()
	program, env := built(t), terminalEnv(t)
	m := newTerminal(t, 120, 40, env)
	for _, kind := range kinds {
		dir := filepath.Join(t.TempDir(), "shop")
		m.command("clear; "+program+" demo --keep "+dir+"; echo exit=$?", "Start on a new branch")
		before := m.walkTo(kind.keys)
		for _, size := range [][2]string{{"40", "20"}, {"100", "30"}} {
			m.run("resize-window", "-x", size[0], "-y", size[1])
			m.settled(func(s string) bool { return s != before })
		}
		m.run("resize-window", "-x", "120", "-y", "40")
		m.settled(func(s string) bool { return s == before })
		m.run("send-keys", "C-c")
		m.settled(ended)
	}
}

// TestPlainWalkThroughAPipe walks the demo by words from a pipe; the end of the
// pipe stops it.
func TestPlainWalkThroughAPipe(t *testing.T) {
	t.Parallel()
	program, env := built(t), terminalEnv(t)
	dir := filepath.Join(t.TempDir(), "shop")
	cmd := exec.Command(program, "demo", "--plain", "--keep", dir)
	cmd.Env, cmd.Stdin = env, strings.NewReader("branch\n3\nyes\nyes\ncommit\nall\ncommit\n")
	var out, errOut strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 130 {
		t.Errorf("the end of the pipe: %v, want exit 130\n%s%s", err, out.String(), errOut.String())
	}
	if strings.ContainsRune(out.String()+errOut.String(), '\x1b') {
		t.Error("an escape byte")
	}
	if log, _ := inDir(t, env, dir, "git", "log", "--format=%s"); log != "Turn span streaming on\nRequire a sentry-sdk that streams spans\nAdd the shop\n" {
		t.Errorf("commits:\n%s\n%s", log, out.String())
	}
	if status, _ := inDir(t, env, dir, "git", "status", "--porcelain"); status != "" {
		t.Errorf("not clean:\n%s", status)
	}
}
