package wizard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"spanwalk/wizard"
)

// samples are the projects that steps are applied to and taken back from: the
// demo and the oracle's programs, some in a project.
func samples(t *testing.T) map[string]map[string]string {
	t.Helper()
	demo := t.TempDir()
	if err := wizard.MakeDemo(context.Background(), demo); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{"demo": files(t, demo)}
	archives, err := filepath.Glob("../testdata/oracle/programs/*.txtar")
	if err != nil || len(archives) < 100 {
		t.Fatalf("%d programs of the oracle, %v", len(archives), err)
	}
	const projects = 6
	for i, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		project := fmt.Sprintf("programs-%d", i%projects)
		if out[project] == nil {
			out[project] = map[string]string{}
		}
		folder := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".txtar"), "-", "_")
		for _, f := range archive.Files {
			out[project][folder+"/"+f.Name] = string(f.Data)
		}
	}
	return out
}

// TestRevertedStepsLeaveOnlyTheOthers applies and takes back steps in random
// order, on branches that are merged too, with edits by hand in between. What
// remains must be what applying only the remaining steps to the edited project
// gives, or the revert said why not and changed nothing. SPANWALK_STORIES says
// how many stories of each project; of the demo there are three times as many.
func TestRevertedStepsLeaveOnlyTheOthers(t *testing.T) {
	project(t, map[string]string{"a.py": ""}) // isolates git
	stories := 1
	if text := os.Getenv("SPANWALK_STORIES"); text != "" {
		var err error
		if stories, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	list := samples(t)
	for _, name := range slices.Sorted(maps.Keys(list)) {
		count := stories
		if name == "demo" {
			count *= 3
		}
		for seed := range count {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				s := &story{dir: commitAll(t, list[name]), legacy: maps.Clone(list[name]), random: rand.New(rand.NewPCG(uint64(seed), 1))}
				for s.chapter = range 16 {
					s.goOn(t)
				}
				t.Log(s.told)
				s.check(t)
			})
		}
	}
}

// story is what happens to one project.
type story struct {
	dir      string
	legacy   map[string]string // the project with its edits by hand and without any step
	standing []string          // steps, in the order they were applied
	told     []string
	chapter  int
	random   *rand.Rand
}

// goOn does one thing.
func (s *story) goOn(t *testing.T) {
	switch s.random.IntN(8) {
	case 0, 1:
		s.edit(t)
	case 2:
		s.merge(t)
	default:
		names := wizard.StepNames()
		s.toggle(t, names[s.random.IntN(len(names))])
	}
}

// toggle applies a step, or takes it back if it stands.
func (s *story) toggle(t *testing.T, step string) {
	i := slices.Index(s.standing, step)
	switch {
	case i < 0 && apply(t, s.dir, step):
		s.standing = append(s.standing, step)
		s.told = append(s.told, "+"+step)
	case i < 0:
	case takeBack(t, s.dir, step):
		s.standing = slices.Delete(slices.Clone(s.standing), i, i+1)
		s.told = append(s.told, "-"+step)
	default:
		s.told = append(s.told, "!"+step)
	}
}

// merge toggles one step on a branch and another one beside it, and merges the
// two, unless git cannot or makes something else of it than the steps in a row.
func (s *story) merge(t *testing.T) {
	names := wizard.StepNames()
	before, mine, theirs := *s, names[s.random.IntN(len(names))], names[s.random.IntN(len(names))]
	if mine == theirs {
		return
	}
	start := strings.TrimSpace(git(t, s.dir, "rev-parse", "HEAD"))
	git(t, s.dir, "switch", "-q", "-C", "side")
	s.toggle(t, theirs)
	git(t, s.dir, "switch", "-q", "main")
	s.toggle(t, mine)
	cmd := exec.Command("git", "merge", "-q", "--no-ff", "-m", "Merge", "side")
	cmd.Dir = s.dir
	if cmd.Run() == nil && cmp.Equal(s.fresh(t), files(t, s.dir)) {
		s.told = append(s.told, "merged")
		return
	}
	git(t, s.dir, "reset", "-q", "--hard", start)
	*s = before
}

// fresh returns the edited project with the standing steps applied to it.
func (s *story) fresh(t *testing.T) map[string]string {
	dir := commitAll(t, s.legacy)
	for _, step := range s.standing {
		apply(t, dir, step)
	}
	return files(t, dir)
}

func (s *story) check(t *testing.T) {
	if diff := cmp.Diff(s.fresh(t), files(t, s.dir)); diff != "" {
		t.Errorf("%v\nstanding %v (-applied alone +after reverts):\n%s", s.told, s.standing, diff)
	}
	git(t, s.dir, "fsck", "--strict")
	if out := git(t, s.dir, "status", "--porcelain=v2"); out != "" {
		t.Errorf("the work tree differs from HEAD:\n%s", out)
	}
}

// commitAll makes a repository with these files in one commit.
func commitAll(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	git(t, dir, "init", "-q")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "Start")
	return dir
}

var literal = regexp.MustCompile(`"[a-z][a-z ]*"`)

// edit commits an edit of a random file, and makes the same one in the project
// without any step: a function behind the file, or another letter in a string,
// on whatever line it stands now. The length stays, because a step breaks lines
// by their length.
func (s *story) edit(t *testing.T) {
	t.Helper()
	var paths []string
	for _, path := range slices.Sorted(maps.Keys(s.legacy)) {
		if strings.HasSuffix(path, ".py") {
			paths = append(paths, path)
		}
	}
	path := paths[s.random.IntN(len(paths))]
	now, plain := read(t, s.dir, path), s.legacy[path]
	words := literal.FindAllString(plain, -1)
	s.random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	i := slices.IndexFunc(words, func(w string) bool { return strings.Count(plain, w) == 1 && strings.Count(now, w) == 1 })
	legacy := maps.Clone(s.legacy) // a merge that is given up must not see it
	if i < 0 || s.random.IntN(2) == 0 {
		text := fmt.Sprintf("\n\ndef by_hand_%d():\n    return %d\n", s.chapter, s.chapter)
		legacy[path], now = plain+text, now+text
		s.told = append(s.told, "edit "+path)
	} else {
		word := words[i][:len(words[i])-2] + string(rune('A'+s.chapter)) + `"`
		legacy[path], now = strings.Replace(plain, words[i], word, 1), strings.Replace(now, words[i], word, 1)
		s.told = append(s.told, "edit "+path+" "+word)
	}
	s.legacy = legacy
	write(t, s.dir, path, now)
	git(t, s.dir, "commit", "-q", "-a", "-m", "Edit by hand")
}

// apply runs one step and reports whether it had something to commit.
func apply(t *testing.T, dir, step string) bool {
	t.Helper()
	w, err := wizard.Open(wizard.Options{Dir: dir, Steps: []string{step}, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	o, err := w.Run(context.Background(), &wizard.Headless{Out: io.Discard, Err: io.Discard})
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	return o.Commits() > 0
}

// takeBack takes one step back and reports whether that went; if not, nothing
// may have changed.
func takeBack(t *testing.T, dir, step string) bool {
	t.Helper()
	head, before := git(t, dir, "rev-parse", "HEAD"), files(t, dir)
	w, err := wizard.Open(wizard.Options{Dir: dir, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Revert(context.Background(), &wizard.Headless{Out: io.Discard, Err: io.Discard}, wizard.Reverting{Step: step, Way: wizard.Alone})
	if err == nil {
		return true
	}
	if !errors.As(err, new(*wizard.OverlapError)) {
		t.Errorf("%s: %v", step, err)
	}
	t.Log(err)
	if git(t, dir, "rev-parse", "HEAD") != head || !cmp.Equal(before, files(t, dir)) {
		t.Errorf("%s was refused and yet something changed", step)
	}
	return false
}

// files reads every file of a work tree.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
