package wizard

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spanwalk/gitops"
	"spanwalk/steps"
)

// The exit codes of every command. Scripts rely on them; the README lists them.
const (
	ExitDone        = 0   // nothing is left to do
	ExitError       = 1   // something went wrong
	ExitUsage       = 2   // the command line or an answer is wrong
	ExitLeft        = 3   // work is left
	ExitDecision    = 4   // a decision is missing; its key was named
	ExitUnsafe      = 5   // the repository or a file is not in a state to work on
	ExitVerify      = 6   // verification failed
	ExitInterrupted = 130 // stopped by the user or a signal
)

// ErrAborted says that the person stopped the walk. Nothing is half written.
var ErrAborted = errors.New("stopped")

// ErrBack says that the person wants to see the review again before the commit.
var ErrBack = errors.New("back to the review")

// Exit is an error that carries nothing but an exit code: what there is to say
// has been said.
type Exit int

// Error names the code.
func (e Exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// UsageError says what is wrong with the command line.
type UsageError struct {
	Message string
	Next    string // what to run instead; may be empty
}

// Error returns the message.
func (e *UsageError) Error() string { return e.Message }

// AnswerError says which given answer cannot be used and why.
type AnswerError struct {
	Origin string // where it was given: "--answer" or "FILE:LINE"
	Key    string // as written, such as "root-trace@app/tasks.py"
	Reason string
}

// Error names the place, the key and the reason.
func (e *AnswerError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Origin, e.Key, e.Reason) }

// UnfitError says that the project itself cannot be migrated, and what to do.
type UnfitError struct {
	Message string
	Next    string
}

// Error returns the message.
func (e *UnfitError) Error() string { return e.Message }

// UndecidedError says that something only a person can decide was not decided.
type UndecidedError struct {
	Message string
	Next    string // how to decide it
}

// Error returns the message.
func (e *UndecidedError) Error() string { return e.Message }

// ExitCode returns the exit code for what a command returned.
func ExitCode(err error) int {
	var exit Exit
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &exit):
		return int(exit)
	case errors.Is(err, ErrAborted):
		return ExitInterrupted
	case is[*UsageError](err), is[*AnswerError](err):
		return ExitUsage
	case is[*UndecidedError](err):
		return ExitDecision
	case unsafeRepository(err):
		return ExitUnsafe
	}
	return ExitError
}

// unsafeRepository reports whether err is about the state of the repository or
// of a file in it rather than about us.
func unsafeRepository(err error) bool {
	return is[*gitops.Problem](err) || is[*gitops.RefusedError](err) || is[*gitops.StaleError](err) ||
		is[*gitops.MovedError](err) || is[*gitops.LockedError](err) || is[*gitops.BusyError](err) ||
		is[*OverlapError](err) || is[*MissingError](err) || is[*gitops.NoIdentityError](err) || is[*gitops.ConflictError](err) ||
		is[*gitops.RollbackError](err) || is[*gitops.ShallowError](err)
}

func is[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// Hint returns the next command for an error, or "".
func Hint(err error) string {
	var usage *UsageError
	var unfit *UnfitError
	var bug *steps.BugError
	var undecided *UndecidedError
	var overlap *OverlapError
	var missing *MissingError
	switch {
	case errors.As(err, &undecided):
		return undecided.Next
	case errors.As(err, &overlap):
		return fmt.Sprintf("spanwalk revert %s --with-dependents   (the steps on top of it too)\nor take back by hand what overlaps, commit, and run the same command again", overlap.Step)
	case errors.As(err, &missing):
		return fmt.Sprintf("spanwalk revert %s --exclude %s   (the other files)", missing.Step, strings.Join(missing.Paths, " --exclude "))
	case errors.As(err, &usage):
		return usage.Next
	case errors.As(err, &unfit):
		return unfit.Next
	case is[*gitops.HookError](err):
		return "settle what the hook says and run the same command again, or leave hooks out: --no-verify"
	case errors.As(err, &bug):
		return "leave the file out with --exclude " + bug.Path
	}
	return gitops.Hint(err)
}

// Explain writes an error for a person: what went wrong, then what to do next,
// on lines of their own.
func Explain(err error) string {
	text := "spanwalk: " + err.Error()
	hints := []string{Hint(err)}
	var refused *gitops.RefusedError
	if errors.As(err, &refused) {
		text, hints = explainRefused(refused)
	}
	for _, hint := range hints {
		if hint != "" {
			text += "\n" + indent("try: ", hint)
		}
	}
	return text
}

// explainRefused names every problem, and each next command once. Files with
// work of the user's own share one command.
func explainRefused(e *gitops.RefusedError) (text string, hints []string) {
	var dirty []string
	lines := []string{"spanwalk: not begun, because of what is in the way:"}
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.Error())
		switch {
		case p.Code == gitops.DirtyPath || p.Code == gitops.StagedPath:
			dirty = append(dirty, p.Path)
		case !slices.Contains(hints, p.Hint):
			hints = append(hints, p.Hint)
		}
	}
	if len(e.Problems) == 1 {
		lines = []string{"spanwalk: " + e.Problems[0].Error()}
	}
	if len(dirty) > 0 {
		hints = append(hints, "commit or stash them: git stash push "+strings.Join(dirty, " "),
			"or leave them out: --exclude "+strings.Join(dirty, " --exclude "))
	}
	return strings.Join(lines, "\n"), hints
}

// indent writes text behind a label, further lines below its first.
func indent(label, text string) string {
	return label + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(label)))
}
