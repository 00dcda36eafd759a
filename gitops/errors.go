package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Code names a kind of [Problem]; the values are stable and may be compared.
type Code string

// Problems that [Open] returns.
const (
	NotRepository     Code = "not-a-repository"
	BareRepository    Code = "bare-repository"
	InsideGitDir      Code = "inside-git-directory"
	GitEnvironment    Code = "git-environment"
	UnsupportedFormat Code = "unsupported-format"
	UnsafeDirectory   Code = "unsafe-directory"
	BrokenConfig      Code = "broken-config"
)

// Problems of the repository's state, found by [Repo.Preflight].
const (
	MergeInProgress  Code = "merge-in-progress"
	RebaseInProgress Code = "rebase-in-progress"
	PickInProgress   Code = "cherry-pick-in-progress"
	RevertInProgress Code = "revert-in-progress"
	BisectInProgress Code = "bisect-in-progress"
	UnbornBranch     Code = "unborn-branch"
	DetachedHead     Code = "detached-head"
	DefaultBranch    Code = "default-branch"
	ShallowClone     Code = "shallow-clone"
	LostCommit       Code = "lost-commit" // found by the walk itself
	NoIdentity       Code = "no-identity"
	UnfinishedRun    Code = "unfinished-run"
	GitMissing       Code = "git-missing"
	UsesSystemGit    Code = "uses-system-git"
)

// Problems of single paths, found by [Repo.Preflight].
const (
	DirtyPath        Code = "dirty"
	StagedPath       Code = "staged"
	UntrackedPath    Code = "untracked"
	MissingPath      Code = "missing"
	SymlinkPath      Code = "symlink"
	SubmodulePath    Code = "submodule"
	FilteredPath     Code = "filter"
	UnmergedPath     Code = "unmerged"
	IntentToAddPath  Code = "intent-to-add"
	SkipWorktreePath Code = "skip-worktree"
	ReadOnlyPath     Code = "read-only"
	CaseDuplicate    Code = "case-duplicate"
	UnnormalizedPath Code = "unnormalized"
	InvalidPath      Code = "invalid-path"
)

// Problem is something about a repository or one of its paths that forbids an
// operation (Fatal) or that the user should know before it. It is an error too:
// [Open] and the writing operations return a fatal Problem as *Problem.
type Problem struct {
	Code    Code
	Path    string // slash path relative to the root; empty for the repository
	Message string // lower case, without path and final period
	Hint    string // what to do next, often a command; may be empty
	Fatal   bool
}

// Error returns the message, after the path if there is one.
func (p *Problem) Error() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

func (p *Problem) hint() string { return p.Hint }

// RefusedError holds the fatal problems for which a change was not begun.
// Nothing was written.
type RefusedError struct{ Problems []Problem }

// Error lists the problems, one a line.
func (e *RefusedError) Error() string {
	lines := make([]string, len(e.Problems))
	for i := range e.Problems {
		lines[i] = e.Problems[i].Error()
	}
	return strings.Join(lines, "\n")
}

func (e *RefusedError) hint() string {
	for _, p := range e.Problems {
		if p.Hint != "" {
			return p.Hint
		}
	}
	return ""
}

// Unwrap makes errors.As find the single problems.
func (e *RefusedError) Unwrap() []error {
	errs := make([]error, len(e.Problems))
	for i := range e.Problems {
		errs[i] = &e.Problems[i]
	}
	return errs
}

// StaleError says that a file's bytes are not the ones the change was planned
// for. Nothing was written.
type StaleError struct{ Path string }

func (e *StaleError) Error() string {
	return e.Path + ": changed on disk since the change was planned"
}

func (e *StaleError) hint() string { return "run the command again to plan with the file as it is now" }

// MovedError says that the branch moved while the commit was made. The files
// and the index are as they were before.
type MovedError struct {
	Ref       string // full name, or HEAD when detached
	Want, Got Hash
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("%s moved from %s to %s meanwhile", e.Ref, e.Want.Short(), e.Got.Short())
}

func (e *MovedError) hint() string {
	return "another process committed; run the command again to plan on top of it"
}

// LockedError says that another process holds one of Git's locks.
type LockedError struct {
	Path  string    // absolute path of the lock file
	Since time.Time // when the lock file was made
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("another git process holds %s since %s", e.Path, e.Since.Format(time.DateTime))
}

func (e *LockedError) hint() string {
	return "wait for it to end; if no git process is running any more, remove the file: rm '" + e.Path + "'"
}

// BusyError says that another spanwalk process is writing in this work tree.
type BusyError struct{ Process Process }

func (e *BusyError) Error() string {
	return fmt.Sprintf("another spanwalk (process %d) is writing in this work tree", e.Process.PID)
}

func (e *BusyError) hint() string {
	if host := thisProcess().Host; e.Process.Host != host {
		return "wait for it to end; if " + e.Process.Host + " is gone, it counts as ended an hour after its start"
	}
	return "wait for it to end"
}

// NoIdentityError says that Git does not know who commits.
type NoIdentityError struct {
	Reason string // what git said; may be empty
}

func (e *NoIdentityError) Error() string {
	if e.Reason == "" {
		return "no identity is configured for commits"
	}
	return "no identity is configured for commits: " + e.Reason
}

func (e *NoIdentityError) hint() string {
	return `git config user.name "Your Name" && git config user.email you@example.com`
}

// HookError says that a hook ended with a failure. The files and the index are
// as they were before.
type HookError struct {
	Hook   string            // such as "pre-commit"
	Path   string            // absolute path of the hook
	Exit   int               // exit status; -1 if it could not be started
	Output string            // what the hook printed, standard output and error together
	Edited map[string][]byte // files of the change that the hook edited, as it left them; they were put back too
	Err    error             // why it could not be started; nil otherwise
}

func (e *HookError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("hook %s could not be started: %v", e.Hook, e.Err)
	}
	return fmt.Sprintf("hook %s failed with exit status %d", e.Hook, e.Exit)
}

func (e *HookError) hint() string {
	return "settle what the hook says and try again, or commit without hooks"
}

// Unwrap returns why the hook could not be started.
func (e *HookError) Unwrap() error { return e.Err }

// SignError says that the configured program did not sign the commit.
type SignError struct{ Err error }

func (e *SignError) Error() string { return "sign the commit: " + e.Err.Error() }

func (e *SignError) hint() string {
	return "see why with: echo test | git commit-tree -S HEAD^{tree}; or commit unsigned: git config commit.gpgSign false"
}

// Unwrap returns what git said.
func (e *SignError) Unwrap() error { return e.Err }

// ConflictError names files that are neither as they were before an unfinished
// change nor as it would leave them, or that were committed since; nothing was
// touched.
type ConflictError struct {
	Paths  []string
	Record string // absolute path of the write-ahead record
}

func (e *ConflictError) Error() string {
	return "changed by hand since the unfinished run: " + strings.Join(e.Paths, ", ")
}

func (e *ConflictError) hint() string {
	return "bring these files to the state you want (git diff shows them), then discard the record of that run: rm '" + e.Record + "'"
}

// ShallowError says that a shallow clone lacks what was before a commit.
type ShallowError struct{ Commit Hash }

func (e *ShallowError) Error() string {
	return "the history of this shallow clone begins with " + e.Commit.Short() + ": what was before it is missing"
}

func (e *ShallowError) hint() string { return "git fetch --unshallow" }

// RollbackError says that a change failed and that some files could not be put
// back; the write-ahead record is still there, so that the next start can.
type RollbackError struct {
	Cause error    // why the change failed
	Paths []string // files left as the change wrote them
	Err   error    // why they could not be put back
}

func (e *RollbackError) Error() string {
	return fmt.Sprintf("%v; then %s could not be put back: %v", e.Cause, strings.Join(e.Paths, ", "), e.Err)
}

func (e *RollbackError) hint() string {
	return "remove the cause and start spanwalk again: it offers to finish or undo"
}

// Unwrap returns both causes.
func (e *RollbackError) Unwrap() []error { return []error{e.Cause, e.Err} }

// Hint returns what to do next about err, often a command, or "" when neither
// err nor the errors it wraps have advice.
func Hint(err error) string {
	var advice interface{ hint() string }
	var path *fs.PathError
	switch {
	case errors.As(err, &advice):
		return advice.hint()
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return "make room on the disk, then run the command again"
	case errors.Is(err, fs.ErrPermission) && errors.As(err, &path):
		return "look at who may write there: ls -ld '" + filepath.Dir(path.Path) + "'"
	}
	return ""
}
