package gitops

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Hooks that a commit runs, in their order.
const (
	preCommitHook  = "pre-commit"
	prepareMsgHook = "prepare-commit-msg"
	commitMsgHook  = "commit-msg"
	postCommitHook = "post-commit"
	referenceHook  = "reference-transaction"
)

// Hooks returns the names of the hooks that a commit would run, in order.
func (r *Repo) Hooks() []string {
	var names []string
	for _, name := range []string{preCommitHook, prepareMsgHook, commitMsgHook, postCommitHook} {
		if r.hookPath(name) != "" {
			names = append(names, name)
		}
	}
	return names
}

// hookPath returns the absolute path of a hook, or "" if there is none that
// git would run.
func (r *Repo) hookPath(name string) string {
	dir := filepath.Join(r.commonDir, "hooks")
	if configured := r.config.str("core.hookspath"); configured != "" {
		dir = expandPath(configured, r.root)
	}
	path := filepath.Join(dir, name)
	if runtime.GOOS == "windows" {
		if fileExists(path) {
			return path
		}
		path += ".exe"
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		return ""
	}
	return path
}

// hasCommitHooks tells whether a hook could still change the commit.
func (r *Repo) hasCommitHooks(o Options) bool {
	if o.hooksRan != nil {
		return false
	}
	if r.hookPath(prepareMsgHook) != "" {
		return true // --no-verify does not leave it out
	}
	return !o.NoVerify && (r.hookPath(preCommitHook) != "" || r.hookPath(commitMsgHook) != "")
}

// runHooks runs the hooks before a commit, with files and index as they see
// them in a "git commit --only" of our paths, and then writes the commit.
func (w *writer) runHooks() error {
	if !w.repo.hasCommitHooks(w.options) {
		return nil
	}
	if err := w.stop("hooks"); err != nil {
		return err
	}
	stage := &hookStage{writer: w, index: w.repo.hookIndexPath()}
	defer os.Remove(stage.index)
	if !w.options.NoVerify && w.repo.hookPath(preCommitHook) != "" {
		if err := stage.preCommit(); err != nil {
			return err
		}
	}
	if err := stage.message(); err != nil {
		return err
	}
	w.pending.HooksRan = true
	if err := w.saveRecord(); err != nil {
		return err
	}
	if err := w.writeCommit(); err != nil {
		return err
	}
	return w.saveRecord()
}

// hookIndexPath is where hooks find their index.
func (r *Repo) hookIndexPath() string { return filepath.Join(r.StateDir(), "hook-index") }

// hookStage is what hooks get to see: an index of their own.
type hookStage struct {
	*writer
	index string
	given map[string]PendingEntry // entries of that index before the hook ran
}

// preCommit runs the hook; if it fails after it edited our files, as
// formatters do, once more with its edits.
func (s *hookStage) preCommit() error {
	if err := s.build(); err != nil {
		return err
	}
	err := s.run(preCommitHook)
	edited, takeErr := s.takeEdits()
	if takeErr != nil {
		return takeErr
	}
	var failed *HookError
	if errors.As(err, &failed) && len(edited) > 0 {
		if err = s.build(); err != nil {
			return err
		}
		err = s.run(preCommitHook)
		again, takeErr := s.takeEdits()
		if takeErr != nil {
			return takeErr
		}
		edited = append(edited, again...)
	}
	if errors.As(err, &failed) {
		failed.Edited = s.contents(edited)
	}
	if err != nil {
		return err
	}
	return s.takeAdditions()
}

// contents returns our files that a hook edited, as it left them.
func (s *hookStage) contents(paths []string) map[string][]byte {
	edited := map[string][]byte{}
	for _, f := range s.files {
		for _, path := range paths {
			if f.path == path {
				edited[path] = f.change.After
			}
		}
	}
	return edited
}

// build writes the hooks' index: HEAD's tree with our files, as "git commit
// --only" shows it. Without an installed git the user's other staged work is
// in it too; the commit is made without that either way.
func (s *hookStage) build() error {
	if err := os.WriteFile(s.index, s.inspection.index.encode(), 0o666); err != nil {
		return err
	}
	if gitInstalled() {
		git := s.repo.git
		git.env = []string{"GIT_INDEX_FILE=" + s.index}
		if _, err := git.run(nil, "-c", "core.splitIndex=false", "read-tree", "-i", "-m", headName); err != nil {
			return fmt.Errorf("prepare the index for hooks: %w", err)
		}
	}
	index, err := s.repo.loadIndex(s.index)
	if err != nil {
		return err
	}
	for _, f := range s.files {
		if f.blob == "" {
			index.remove(f.path)
			continue
		}
		stat, err := statOf(f.abs)
		if err == nil {
			err = index.set(f.path, f.treeMode(), f.blob, stat)
		}
		if err != nil {
			return err
		}
	}
	index.dropExtension("TREE")
	s.given = index.contents()
	return os.WriteFile(s.index, index.encode(), 0o666)
}

// takeEdits stores our files anew that the hook edited on disk, and returns
// their paths.
func (s *hookStage) takeEdits() ([]string, error) {
	var edited []string
	for _, f := range s.files {
		if f.holds(f.change.After) {
			continue
		}
		now, err := s.repo.ReadWorktree(f.path)
		if errors.Is(err, os.ErrNotExist) {
			now, err = nil, nil
		}
		if err != nil {
			return nil, err
		}
		f.change.After = now
		if err := s.storeFile(f); err != nil {
			return nil, err
		}
		if now != nil {
			if f.draftStat, err = statOf(f.abs); err != nil {
				return nil, err
			}
		}
		edited = append(edited, f.path)
	}
	if len(edited) == 0 {
		return nil, nil
	}
	for _, f := range s.files {
		s.pending.Files[f.path] = s.recordFile(f)
	}
	return edited, s.saveRecord()
}

// takeAdditions finds what the hook itself added to its index besides our
// files: git would commit it, so we do.
func (s *hookStage) takeAdditions() error {
	index, err := s.repo.loadIndex(s.index)
	if err != nil {
		return fmt.Errorf("after the hook %s: %w", preCommitHook, err)
	}
	now := index.contents()
	s.extra = map[string]PendingEntry{}
	for path, change := range now {
		if s.given[path] != change {
			s.extra[path] = change
		}
	}
	for path := range s.given {
		if _, there := now[path]; !there {
			s.extra[path] = PendingEntry{}
		}
	}
	for _, f := range s.files {
		delete(s.extra, f.path)
	}
	s.pending.Extra = s.extra
	return nil
}

// renewExtra takes a hook's addition into the user's index, unless the user
// has other staged work there.
func (w *writer) renewExtra(path string, change PendingEntry) error {
	from, to := w.index.find(path)
	if to > from {
		e, err := w.base.entry(path)
		if err != nil || hexHash(w.index.entries[from].hash) != e.hash {
			return nil
		}
	}
	if change.Hash == "" {
		w.index.remove(path)
		return nil
	}
	return w.index.set(path, change.Mode, change.Hash, indexStat{})
}

// message lets the hooks see and change the commit message.
func (s *hookStage) message() error {
	const name = "COMMIT_EDITMSG"
	file := filepath.Join(s.repo.gitDir, name)
	if err := os.WriteFile(file, []byte(s.change.Message), 0o666); err != nil {
		return err
	}
	argument := file
	if s.repo.ordinary() {
		argument = ".git/" + name // as git calls them
	}
	if err := s.run(prepareMsgHook, argument, "message"); err != nil {
		return err
	}
	if !s.options.NoVerify {
		if err := s.run(commitMsgHook, argument); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if s.change.Message = cleanMessage(string(text)); s.change.Message == "" {
		return errors.New("commit: a hook emptied the message")
	}
	s.pending.Message = s.change.Message
	return nil
}

// run runs a hook if there is one.
func (s *hookStage) run(name string, args ...string) error {
	path := s.repo.hookPath(name)
	if path == "" {
		return nil
	}
	return s.repo.runHook(name, path, s.hookEnv(s.index), args, s.options.OnHookOutput)
}

// hookEnv is what git sets for its hooks, besides its own folder.
func (w *writer) hookEnv(index string) []string {
	env := append(w.author.authorEnv(), "GIT_INDEX_FILE="+index, "GIT_EDITOR=:", "GIT_PREFIX=")
	if !w.repo.ordinary() {
		env = append(env, "GIT_DIR="+w.repo.gitDir)
	}
	return env
}

// ordinary tells whether the Git directory is the folder .git at the root.
func (r *Repo) ordinary() bool { return r.gitDir == filepath.Join(r.root, ".git") }

// runPostCommit runs the last hook; the commit stands whatever it says.
func (w *writer) runPostCommit() {
	path := w.repo.hookPath(postCommitHook)
	if path == "" {
		return
	}
	err := w.repo.runHook(postCommitHook, path, w.hookEnv(w.repo.indexPath()), nil, w.options.OnHookOutput)
	if err != nil && w.options.OnHookOutput != nil {
		w.options.OnHookOutput(err.Error())
	}
}

func (r *Repo) runHook(name, path string, env, args []string, tell func(string)) error {
	out := &hookOutput{tell: tell}
	err := r.execHook(path, env, args, out)
	if errors.Is(err, syscall.ENOEXEC) {
		err = r.execHook("sh", env, append([]string{path}, args...), out) // a script without a first line that names its shell
	}
	out.flush()
	if err == nil {
		return nil
	}
	failed := &HookError{Hook: name, Path: path, Exit: -1, Output: out.text.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		failed.Exit = exit.ExitCode()
	} else {
		failed.Err = err
	}
	return failed
}

// execHook runs a hook as git does: at the root, without input.
func (r *Repo) execHook(path string, env, args []string, out io.Writer) error {
	cmd := exec.Command(path, args...)
	if runtime.GOOS == "windows" && path != "sh" {
		cmd = exec.Command("sh", append([]string{path}, args...)...)
	}
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd.Run()
}

// maxHookOutput is how much of a hook's output an error keeps.
const maxHookOutput = 1 << 20

// hookOutput collects what a hook prints and hands it on line by line.
type hookOutput struct {
	tell func(string)
	text strings.Builder
	line strings.Builder
}

// Write is for the hook's process.
func (o *hookOutput) Write(data []byte) (int, error) {
	if room := maxHookOutput - o.text.Len(); room > 0 {
		o.text.Write(data[:min(room, len(data))])
	}
	scanner := bufio.NewReader(strings.NewReader(string(data)))
	for {
		part, err := scanner.ReadString('\n')
		o.line.WriteString(part)
		if err != nil {
			return len(data), nil
		}
		o.flush()
	}
}

// flush hands on the line collected so far.
func (o *hookOutput) flush() {
	if o.line.Len() > 0 && o.tell != nil {
		o.tell(strings.TrimRight(o.line.String(), "\r\n"))
	}
	o.line.Reset()
}
