package wizard_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
	"spanwalk/wizard/wizardtest"
)

// project makes a repository of the real git with these files in one commit.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
	} {
		t.Setenv(name, value)
	}
	write(t, home, "gitconfig", "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n")
	dir := t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	git(t, dir, "init", "-q")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "Start")
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// walk runs a walk that asks everything, for the named steps.
func walk(t *testing.T, dir string, p wizard.Prompter, names ...string) (*wizard.Outcome, error) {
	t.Helper()
	w, err := wizard.Open(wizard.Options{Dir: dir, Steps: names, Ask: true, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(context.Background(), p)
}

const threeRoots = `import sentry_sdk


def one():
    with sentry_sdk.start_transaction(op="task", name="one"):
        pass


def two():
    with sentry_sdk.start_transaction(op="task", name="two"):
        pass


def three():
    with sentry_sdk.start_transaction(op="task", name="three"):
        pass
`

const step = "start-transaction"

func site(name string) string { return "root-trace@a.py::" + name + "/start_transaction#1" }

func TestWalkAsksReviewsCommits(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, `
		ask `+site("one")+` = own-trace
		alike `+site("two")+` = current-trace
		review start-transaction`)
	o, err := walk(t, dir, p, step)
	if err != nil {
		t.Fatal(err)
	}
	if o.Commits() != 1 || o.Exit() != wizard.ExitDone {
		t.Errorf("%d commits, exit %d", o.Commits(), o.Exit())
	}
	if n := strings.Count(read(t, dir, "a.py"), "new_trace()"); n != 1 {
		t.Errorf("new_trace() %d times, want 1", n)
	}
	message := git(t, dir, "log", "-1", "--format=%(trailers:unfold,key=Spanwalk-Decision,valueonly)")
	want := "root-trace a.py::one/start_transaction#1 = own-trace\n" +
		"root-trace a.py::three/start_transaction#1 = current-trace\n" +
		"root-trace a.py::two/start_transaction#1 = current-trace\n"
	if diff := cmp.Diff(want, strings.TrimSuffix(message, "\n")); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}

func TestWalkTakesAnswersBack(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, `
		ask `+site("one")+` = own-trace
		back `+site("two")+`
		ask `+site("one")+` = current-trace
		alike `+site("two")+` = current-trace
		review start-transaction`)
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(read(t, dir, "a.py"), "new_trace()") {
		t.Error("the answer that was taken back still counts")
	}
}

func TestWalkStopsAndResumesWithoutAskingTwice(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, `
		alike `+site("one")+` = own-trace
		stop start-transaction`)
	if _, err := walk(t, dir, p, step); !errors.Is(err, wizard.ErrAborted) {
		t.Fatalf("err = %v, want ErrAborted", err)
	}
	if out := git(t, dir, "status", "--porcelain"); out != "" {
		t.Errorf("stopping left changes:\n%s", out)
	}
	if got := read(t, dir, ".git/spanwalk/session.json"); strings.Count(got, "own-trace") != 3 {
		t.Errorf("the session does not hold three answers:\n%s", got)
	}
	p = wizardtest.New(t, "review start-transaction")
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git/spanwalk/session.json")); !os.IsNotExist(err) {
		t.Error("answers that stand in a commit are still in the session")
	}
}

func TestWalkLosesNothingWithTheSession(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, `
		ask `+site("one")+` = own-trace
		later `+site("two")+`
		later `+site("three")+`
		review start-transaction`)
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".git", "spanwalk")); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "commit", "-q", "--amend", "-m", git(t, dir, "log", "-1", "--format=%B"), "-m", "amended by hand")
	p = wizardtest.New(t, `
		alike `+site("two")+` = current-trace
		review start-transaction`)
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
}

func TestWalkLeavesPlacesOut(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, `
		alike `+site("one")+` = own-trace
		no start-transaction a.py::two/start_transaction#1
		review start-transaction`)
	o, err := walk(t, dir, p, step)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"start-transaction: 3 places in 1 files", "start-transaction: 2 places in 1 files"}
	if diff := cmp.Diff(want, p.Seen); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if places, _ := o.Left(); places != 1 || o.Exit() != wizard.ExitLeft {
		t.Errorf("%d left, exit %d", places, o.Exit())
	}
	body := git(t, dir, "log", "-1", "--format=%B")
	for _, line := range []string{"2 places in 1 file. 1 left alone:", "- a.py:10: left by decision", "Spanwalk-Decision: apply a.py::two/start_transaction#1 ="} {
		if !strings.Contains(body, line) {
			t.Errorf("the message lacks %q:\n%s", line, body)
		}
	}
}

func TestWalkSkipsAStepWithAReason(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, "skip start-transaction owner on leave")
	o, err := walk(t, dir, p, step)
	if err != nil {
		t.Fatal(err)
	}
	if o.Commits() != 0 || len(o.Steps) != 1 || o.Steps[0].Skipped != "owner on leave" {
		t.Errorf("outcome %+v", o)
	}
	w, err := wizard.Open(wizard.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Read(context.Background()); err != nil {
		t.Fatal(err)
	}
	s, err := w.Status()
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range s.Steps {
		if status.Step.Name == step && (status.State != wizard.LeftOut || status.Reason != "owner on leave") {
			t.Errorf("status %q %q", status.State, status.Reason)
		}
	}
}

func TestWalkPlansAgainWhenAFileChanges(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	changed := threeRoots + "\n\nwith sentry_sdk.start_span(op=\"late\", name=\"late\"):\n    pass\n"
	p := wizardtest.New(t, `
		alike `+site("one")+` = own-trace
		review start-transaction
		review start-transaction`)
	shown := 0
	p.OnShow = func(string) {
		if shown++; shown == 1 {
			write(t, dir, "a.py", changed)
			git(t, dir, "commit", "-q", "-am", "Add a late span")
		}
	}
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	got := read(t, dir, "a.py")
	if !strings.Contains(got, `op="late"`) || strings.Count(got, "new_trace()") != 3 {
		t.Errorf("the file does not hold both changes:\n%s", got)
	}
	if subjects := git(t, dir, "log", "--format=%s"); !strings.HasSuffix(subjects, "\nAdd a late span\nStart\n") {
		t.Errorf("history:\n%s", subjects)
	}
}

func TestWalkAsksAboutHooks(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	write(t, dir, ".git/hooks/pre-commit", "#!/bin/sh\necho too long\nexit 1\n")
	if err := os.Chmod(filepath.Join(dir, ".git/hooks/pre-commit"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := wizardtest.New(t, `
		alike `+site("one")+` = own-trace
		review start-transaction
		hook retry
		hook without`)
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	if got := git(t, dir, "log", "-1", "--format=%(trailers:key=Spanwalk-Hooks,valueonly)"); strings.TrimSpace(got) != "not run" {
		t.Errorf("Spanwalk-Hooks: %q", got)
	}
	lines := 0
	for _, e := range p.Events {
		if e.Kind == wizard.HookLine && e.Text == "too long" {
			lines++
		}
	}
	if lines != 2 {
		t.Errorf("the hook's output was shown %d times, want 2", lines)
	}
}

func TestWalkStopsWithTheContext(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w, err := wizard.Open(wizard.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Run(ctx, &wizard.Headless{Out: os.Stdout, Err: os.Stderr}); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("err = %v, want ErrAborted", err)
	}
	if out := git(t, dir, "status", "--porcelain"); out != "" {
		t.Errorf("stopping left changes:\n%s", out)
	}
}

func TestAnswersAreTakenBackFromTheReviewAndTheCommit(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	p := wizardtest.New(t, `
		alike `+site("one")+` = current-trace
		undo start-transaction
		alike `+site("one")+` = own-trace
		review start-transaction
		again start-transaction
		no start-transaction a.py::two/start_transaction#1
		review start-transaction`)
	if _, err := walk(t, dir, p, step); err != nil {
		t.Fatal(err)
	}
	text := read(t, dir, "a.py")
	if n := strings.Count(text, "new_trace()"); n != 2 {
		t.Errorf("new_trace() %d times, want 2:\n%s", n, text)
	}
	if n := strings.Count(git(t, dir, "log", "--format=%s"), "\n"); n != 2 {
		t.Errorf("%d commits, want the first and one more", n)
	}
}

func TestReviewAnswersOutliveAStop(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	stopped := wizardtest.New(t, `
		alike `+site("one")+` = own-trace
		no start-transaction a.py::two/start_transaction#1
		stop start-transaction`)
	if _, err := walk(t, dir, stopped, step); !errors.Is(err, wizard.ErrAborted) {
		t.Fatalf("%v", err)
	}
	resumed := wizardtest.New(t, `review start-transaction`)
	if _, err := walk(t, dir, resumed, step); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(read(t, dir, "a.py"), "new_trace()"); n != 2 {
		t.Errorf("new_trace() %d times, want 2: the answer given before the stop is lost", n)
	}
}

func TestYesToASafePlaceLeavesNoTrailer(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots})
	w, err := wizard.Open(wizard.Options{Dir: dir, Steps: []string{step}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	key := "a.py::one/start_transaction#1"
	w.Session.Remember(steps.Decision{Question: steps.Apply, Where: key, Option: "yes"})
	if _, err := w.Run(context.Background(), wizardtest.New(t, "review start-transaction")); err != nil {
		t.Fatal(err)
	}
	if message := git(t, dir, "log", "-1", "--format=%B"); strings.Contains(message, "apply") {
		t.Errorf("the message says what goes without saying:\n%s", message)
	}
	if len(w.Session.Answers) != 0 {
		t.Errorf("the session still holds %v", w.Session.Answers)
	}
}

// TestPreflightComesBeforeTheFirstQuestion: work in a file that only an answer
// would change is in the way before anything is asked; work elsewhere is not.
func TestPreflightComesBeforeTheFirstQuestion(t *testing.T) {
	dir := project(t, map[string]string{"a.py": threeRoots, "b.py": "print()\n"})
	write(t, dir, "b.py", "print(1)\n")
	p := wizardtest.New(t, "alike "+site("one")+" = own-trace\nstop start-transaction")
	if _, err := walk(t, dir, p, step); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("with work in another file: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, ".git", "spanwalk", "session.json")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a.py", threeRoots+"# mine\n")
	var refused *gitops.RefusedError
	if _, err := walk(t, dir, wizardtest.New(t, ""), step); !errors.As(err, &refused) || refused.Problems[0].Path != "a.py" {
		t.Errorf("with work in the file: %v", err)
	}
}
