package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"spanwalk/wizard"
)

var update = flag.Bool("update", false, "rewrite the expectations of scripts")

func TestMain(m *testing.M) {
	testscript.Main(uncached{m}, map[string]func(){"spanwalk": main})
}

// uncached runs the tests without the user's own cache; what they start as
// another user's program has a home of its own.
type uncached struct{ *testing.M }

func (m uncached) Run() int {
	if err := os.Setenv(cacheVariable, wizard.CacheOff); err != nil {
		panic(err)
	}
	return m.M.Run()
}

// TestScripts runs the program as a user does, in repositories of the real git.
// Beside testscript's own commands there are
//
//	repo [DIR]      make DIR (default .) a repository and commit all files in it
//	unchanged DIR   fail if HEAD, index or work tree of DIR differ from "keep DIR"
//	keep DIR        remember them
//	code N CMD...   run CMD, which must exit with N
//
// and $VENVS holds a virtual environment for each SDK release of the oracle.
func TestScripts(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("the scripts need git on PATH")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               isolate,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"repo": repo, "keep": keep, "unchanged": unchanged, "code": code,
		},
	})
}

// isolate keeps the user's and the machine's configuration out of the scripts.
func isolate(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, ".home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	venvs, err := filepath.Abs("../../.venvs")
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"VENVS": venvs, "HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, ".config"),
		"GIT_CONFIG_GLOBAL": filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_CEILING_DIRECTORIES": filepath.Dir(env.WorkDir), "TZ": "UTC", "LC_ALL": "C",
		"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
	} {
		env.Setenv(name, value)
	}
	config := "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n"
	return os.WriteFile(filepath.Join(home, "gitconfig"), []byte(config), 0o644)
}

// git runs the real git in a folder of the script.
func git(ts *testscript.TestScript, dir string, args ...string) string {
	cmd := exec.Command("git", args...)
	cmd.Dir = ts.MkAbs(dir)
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES",
		"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "TZ", "LC_ALL", "PATH"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		ts.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func folder(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func repo(ts *testscript.TestScript, _ bool, args []string) {
	dir := folder(args)
	git(ts, dir, "init", "-q")
	exclude := filepath.Join(ts.MkAbs(dir), ".git", "info", "exclude")
	ts.Check(os.MkdirAll(filepath.Dir(exclude), 0o755))
	ts.Check(os.WriteFile(exclude, []byte("/.home/\n/.tmp/\n"), 0o644)) // testscript's own folders
	git(ts, dir, "add", "--all")
	git(ts, dir, "commit", "-q", "--allow-empty", "-m", "Start")
}

// snapshot is everything git and the file system know of a folder.
func snapshot(ts *testscript.TestScript, dir string) string {
	var b strings.Builder
	root := ts.MkAbs(dir)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (rel == ".home" || rel == ".tmp" || rel == ".git/objects") {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() {
			fmt.Fprintf(&b, "%s %s\n", d.Type(), rel)
			return nil
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %q\n", rel, data)
		return err
	})
	ts.Check(err)
	return b.String()
}

func keep(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("KEPT_"+filepath.Base(folder(args)), snapshot(ts, folder(args)))
}

func unchanged(ts *testscript.TestScript, _ bool, args []string) {
	if ts.Getenv("KEPT_"+filepath.Base(folder(args))) != snapshot(ts, folder(args)) {
		ts.Fatalf("%s changed", folder(args))
	}
}

func code(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N CMD...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = fmt.Sprint(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}
