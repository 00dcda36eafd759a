package tui

import (
	"bufio"
	"context"
	"io"
	"strings"

	"spanwalk/wizard"
)

// lines reads answers line by line. Its end is the person's wish to stop: it
// never stands for an answer.
type lines struct {
	next chan string
	done chan struct{} // closed at the end of input
}

// newLines begins to read. The reading goroutine ends with its input.
func newLines(in io.Reader) *lines {
	l := &lines{next: make(chan string), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		r := bufio.NewReader(in)
		for {
			text, err := r.ReadString('\n')
			if err != nil {
				return // an unfinished last line is no answer
			}
			l.next <- strings.TrimSpace(text)
		}
	}()
	return l
}

// read returns the next line, or [wizard.ErrAborted] at the end of input or of
// the context.
func (l *lines) read(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", wizard.ErrAborted
	case text := <-l.next:
		return text, nil
	case <-l.done:
		return "", wizard.ErrAborted
	}
}
