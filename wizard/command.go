package wizard

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Command is a program of the user's to be run.
type Command struct {
	Args     []string // the program and its arguments
	Dir      string
	Env      []string
	In       io.Reader
	Out, Err io.Writer
}

// Ending says how a command ended.
type Ending struct {
	Failed bool
	Text   string // such as "exit status 3"
}

// How long a command may take to end: by itself when Ctrl-C has reached it too,
// and after it was told to.
const (
	ownEnd  = time.Second
	toldEnd = 10 * time.Second
)

// run runs the command to its end, for at most limit if that is not 0: a
// command that had to be stopped then has not failed. When the context ends the
// command is ended too, and the error is [ErrAborted].
func (c Command) run(ctx context.Context, limit time.Duration) (Ending, error) {
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, c.Env, c.In, c.Out, c.Err
	cmd.WaitDelay = endTimeout // for pipes that a process left behind keeps open
	if err := cmd.Start(); err != nil {
		return Ending{}, &UsageError{Message: fmt.Sprintf("the command cannot be run: %v", err), Next: "spanwalk verify -- python -m pytest"}
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(done)
	}()
	var expired <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-done:
		return Ending{!cmd.ProcessState.Success(), cmd.ProcessState.String()}, nil
	case <-expired:
		end(cmd.Process, done)
		return Ending{Text: fmt.Sprintf("a signal after %s, as asked", limit)}, nil
	case <-ctx.Done():
		if !within(done, ownEnd) {
			end(cmd.Process, done)
		}
		return Ending{}, ErrAborted
	}
}

// end interrupts a process, as Ctrl-C does: Python then runs what it runs at
// exit, and sends what it holds. One that does not end is killed.
func end(p *os.Process, done <-chan struct{}) {
	if p.Signal(os.Interrupt) == nil && within(done, toldEnd) {
		return
	}
	_ = p.Kill()
	<-done
}

// within waits for done and reports whether it came in time.
func within(done <-chan struct{}, limit time.Duration) bool {
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}
