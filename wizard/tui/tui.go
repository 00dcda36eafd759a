package tui

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	"spanwalk/gitops"
	"spanwalk/wizard"
)

// Options says how a walk looks and where it is drawn.
type Options struct {
	In        io.Reader                      // the keyboard
	Out       io.Writer                      // the terminal
	Look      Look                           //
	Branch    string                         // asked for on the command line, or ""
	Checklist func() (*wizard.Status, error) // the 23 items, measured when it is called
	Getenv    func(string) string            // os.Getenv
	Now       func() time.Time               // time.Now
	Stop      func()                         // ends the walk's context, when stopping is asked for while nothing is on screen
}

// Face is a [wizard.Prompter] that may hold a terminal until it is closed.
type Face interface {
	wizard.Prompter
	Close()
}

// Screen is the full-screen [wizard.Prompter].
type Screen struct {
	options Options
	theme   *theme
	began   time.Time
	root    string // of the work tree
	stage   *stage
	later   *later
	shown   int // the number of the step on screen
	of      int // of so many

	measuring sync.Mutex  // held while the checklist is measured
	showing   bool        // a screen is up, so the walk waits; guarded by measuring
	counts    map[int]int // open places by item, when the checklist was last looked at

	reverting bool // a step is taken back
	rest      bool // its commits are made without asking for each

	reviewed *places // the last review, for coming back to it from the commit
	again    bool    // it is wanted again
	undoLast bool    // without its last answer
}

// New returns a full-screen face.
func New(o Options) *Screen {
	t := newTheme(o.Out, o.Look, o.Getenv)
	s := &Screen{options: o, theme: t, stage: &stage{options: o, theme: t}, began: o.Now()}
	s.stage.reading.begin(o.Out, "reading the project …  Ctrl-C stops")
	return s
}

// Columns returns how wide the terminal is that out writes to, 80 where that
// cannot be known.
func Columns(out io.Writer) int {
	if f, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// show runs one screen to its end.
func (s *Screen) show(ctx context.Context, m tea.Model) error {
	s.allowMeasuring(true)
	defer s.allowMeasuring(false)
	return s.stage.show(ctx, m)
}

// allowMeasuring waits for what is being measured.
func (s *Screen) allowMeasuring(yes bool) {
	s.measuring.Lock()
	s.showing = yes
	s.measuring.Unlock()
}

// Close gives the terminal back. What the walk said stands on it.
func (s *Screen) Close() { s.stage.close() }

// ask shows a page and returns the action that ended it, "" for its form.
func (s *Screen) ask(ctx context.Context, p *page) (action string, err error) {
	if err := s.show(ctx, p); err != nil {
		return "", err
	}
	if p.action == stop || p.action == "" && !completed(p) {
		return "", wizard.ErrAborted
	}
	return p.action, nil
}

// Say writes a line below the walk's earlier ones; they stay on the terminal
// when the screens are gone.
func (s *Screen) Say(e wizard.Event) {
	for _, line := range eventLines(e) {
		style := s.theme.plain
		switch e.Kind {
		case wizard.Committed, wizard.Written:
			style = s.theme.added
		case wizard.Warning:
			style = s.theme.danger
		case wizard.HookLine, wizard.Skipped:
			style = s.theme.dim
		}
		s.stage.say(style.Render(line))
	}
}

// eventLines says what happened in words.
func eventLines(e wizard.Event) []string {
	next := func(lines ...string) []string {
		if e.Next != "" {
			lines = append(lines, "           later: "+e.Next)
		}
		return lines
	}
	text := visible(e.Text)
	switch e.Kind {
	case wizard.Committed:
		return []string{fmt.Sprintf("committed  %s  %s (%s in %s)", e.Commit.Hash.Short(), text,
			count(applied(e.Plan), "place"), count(len(e.Plan.Files), "file"))}
	case wizard.Written:
		return []string{"written    " + text}
	case wizard.Skipped:
		return next(fmt.Sprintf("left out   %s: %s", e.Step, text))
	case wizard.HookLine:
		return []string{"hook       " + text}
	case wizard.Warning:
		return next("note       " + text)
	}
	if e.Step != "" {
		text = e.Step + ": " + text
	}
	return next("           " + text)
}

// Unfinished asks what to do about an interrupted change.
func (s *Screen) Unfinished(ctx context.Context, u wizard.Unfinished) (wizard.Recovery, error) {
	choice := "finish"
	p := menuPage(s.theme, func(width int) []string { return s.theme.unfinishedText(u, width) },
		"What should become of it?", &choice, unfinishedMenu())
	if _, err := s.ask(ctx, p); err != nil {
		return wizard.Finish, err
	}
	s.stage.pause()
	if choice == "undo" {
		return wizard.Undo, nil
	}
	return wizard.Finish, nil
}

// HookFailed asks how to go on.
func (s *Screen) HookFailed(ctx context.Context, e *gitops.HookError) (wizard.HookChoice, error) {
	choice := hookStop
	p := menuPage(s.theme, func(width int) []string { return s.theme.hookText(e, width) },
		"How should the walk go on?", &choice, hookMenu(e))
	if _, err := s.ask(ctx, p); err != nil {
		return wizard.StopAtHook, err
	}
	s.stage.pause()
	return hookChoice(choice), nil
}

// position says where the walk is.
func position(number, of int, step string) string {
	return strings.TrimSpace(fmt.Sprintf("Step %d of %d · %s", number, of, step))
}
