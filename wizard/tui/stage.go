package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"spanwalk/wizard"
)

// stage is the one program behind all screens of a walk. One program for each
// would show the terminal between two screens, and a key pressed too early
// would answer a screen nobody has seen.
type stage struct {
	options Options
	theme   *theme
	program *tea.Program // nil until the first screen
	ended   chan struct{}
	err     error // of the program, once it has ended
	paused  bool
	held    []string // lines said while the screens hide them
	reading reading
}

// reading tells on the terminal, while no screen is up, that the walk works, if
// that takes so long that one wonders.
type reading struct {
	mu    sync.Mutex
	out   io.Writer
	timer *time.Timer
	shown bool
}

// patient is how long nobody wonders.
const patient = 400 * time.Millisecond

func (r *reading) begin(out io.Writer, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = out
	var timer *time.Timer
	timer = time.AfterFunc(patient, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.timer == timer {
			r.shown = true
			fmt.Fprint(out, text)
		}
	})
	r.timer = timer
}

// end takes the words off the terminal again.
func (r *reading) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shown {
		fmt.Fprint(r.out, "\r\x1b[2K")
	}
	r.timer, r.shown = nil, false
}

// Messages between the walk and the program.
type (
	begin    struct{ screen *screen }
	finished struct{ screen *screen }
	said     struct{ text string }
	waited   struct{ screen *screen }
	owned    struct { // what a command of a screen returned
		screen *screen
		msg    tea.Msg
	}
)

// screen is one model on the stage, until it quits.
type screen struct {
	model tea.Model
	since time.Time
	once  sync.Once
	done  chan struct{}
}

// show puts a model on the screen and waits until it quits.
func (s *stage) show(ctx context.Context, m tea.Model) error {
	if ctx.Err() != nil {
		return wizard.ErrAborted
	}
	s.open(ctx)
	on := &screen{model: m, done: make(chan struct{})}
	s.program.Send(begin{on})
	select {
	case <-on.done:
	case <-s.ended:
	}
	switch {
	case ctx.Err() != nil:
		return wizard.ErrAborted
	case s.over() && (s.err == nil || errors.Is(s.err, io.EOF) || errors.Is(s.err, os.ErrClosed)):
		return wizard.ErrAborted
	case s.over():
		return fmt.Errorf("draw on the terminal: %w", s.err)
	}
	return nil
}

func (s *stage) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// open takes the terminal, for the first time or again.
func (s *stage) open(ctx context.Context) {
	s.reading.end()
	if s.program != nil {
		if s.paused && !s.over() {
			s.paused = false
			_ = s.program.RestoreTerminal() // a terminal that is gone ends the program
		}
		return
	}
	s.ended = make(chan struct{})
	s.program = tea.NewProgram(&backdrop{theme: s.theme, stop: s.options.Stop}, tea.WithContext(ctx), tea.WithInput(s.options.In),
		tea.WithOutput(s.options.Out), tea.WithAltScreen(), tea.WithoutSignalHandler())
	go func() {
		_, s.err = s.program.Run()
		close(s.ended)
	}()
}

// pause gives the terminal back as it was, for what needs it: hooks, a pass
// phrase, an editor. What was said meanwhile stands there.
func (s *stage) pause() {
	if s.program == nil || s.paused || s.over() {
		return
	}
	s.paused = true
	_ = s.program.ReleaseTerminal()
	s.print()
}

// close ends the program and leaves on the terminal what was said.
func (s *stage) close() {
	switch {
	case s.program == nil:
	case s.paused:
		s.program.Kill() // drawing nothing more
		<-s.ended
	default:
		s.program.Quit()
		<-s.ended
	}
	s.print()
}

// say writes a line below the earlier ones, on the screen while one is shown
// and on the terminal in any case.
func (s *stage) say(line string) {
	s.held = append(s.held, line)
	if s.program == nil || s.paused || s.over() {
		s.print()
		if s.paused && !s.over() {
			s.reading.begin(s.options.Out, "working …  Ctrl-C stops")
		}
		return
	}
	s.program.Send(said{line})
}

func (s *stage) print() {
	s.reading.end()
	for _, line := range s.held {
		fmt.Fprintln(s.options.Out, line)
	}
	s.held = nil
}

// How long a screen stays after its answer before it says that the walk works,
// and how long a new one takes no key: nobody can have read it.
const (
	patience = 150 * time.Millisecond
	deaf     = 60 * time.Millisecond
)

// backdrop is the model of the stage: the screen on it, or the last one while
// the walk works on.
type backdrop struct {
	theme         *theme
	stop          func() // ends the walk
	on            *screen
	last          string // what was drawn last
	working       bool   // for so long that it is worth telling
	lines         []string
	width, height int
}

// Init has nothing to start.
func (b *backdrop) Init() tea.Cmd { return nil }

// Update hands messages to the screen shown. Without one, only the wish to stop
// is heard.
func (b *backdrop) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case begin:
		return b, b.begin(msg.screen)
	case finished:
		return b, b.finish(msg.screen)
	case waited:
		b.working = b.working || b.on == nil
		return b, nil
	case said:
		b.lines = append(b.lines, msg.text)
		return b, nil
	case owned:
		if msg.screen != b.on {
			return b, nil
		}
		return b, b.pass(msg.msg)
	case tea.WindowSizeMsg:
		b.width, b.height = msg.Width, msg.Height
	case tea.KeyMsg:
		if done, cmd := b.press(msg); done {
			return b, cmd
		}
	}
	return b, b.pass(msg)
}

// press handles the keys that are not the screen's.
func (b *backdrop) press(msg tea.KeyMsg) (done bool, cmd tea.Cmd) {
	key := msg.String()
	switch {
	case key == "ctrl+z":
		return true, tea.Suspend
	case b.on == nil:
		if (key == "q" || key == "ctrl+c") && b.stop != nil {
			b.stop()
		}
		return true, nil
	}
	return time.Since(b.on.since) < deaf && key != "ctrl+c", nil
}

// pass hands a message to the screen and marks what comes of it as its own.
func (b *backdrop) pass(msg tea.Msg) tea.Cmd {
	if b.on == nil {
		return nil
	}
	var cmd tea.Cmd
	b.on.model, cmd = b.on.model.Update(msg)
	return b.on.own(cmd)
}

func (b *backdrop) begin(s *screen) tea.Cmd {
	b.on, b.working, b.lines = s, false, nil
	s.since = time.Now()
	commands := []tea.Cmd{s.own(s.model.Init())}
	if b.width > 0 {
		commands = append(commands, b.pass(tea.WindowSizeMsg{Width: b.width, Height: b.height}))
	}
	return tea.Batch(commands...)
}

// finish takes a screen down. It stays drawn until the next one comes.
func (b *backdrop) finish(s *screen) tea.Cmd {
	s.once.Do(func() { close(s.done) })
	if b.on == s {
		b.on = nil
	}
	return tea.Tick(patience, func(time.Time) tea.Msg { return waited{s} })
}

// View draws the screen.
func (b *backdrop) View() string {
	if b.on != nil {
		b.last = b.on.model.View()
		return b.last
	}
	if !b.working && len(b.lines) == 0 {
		return b.last
	}
	lines := strings.Split(b.last, "\n")
	note := append(indented(append([]string(nil), b.lines...), " "), b.theme.dim.Render(" working …")+"  "+b.theme.accent.Render("q")+" "+b.theme.dim.Render("stop here"))
	return frame(lines[:max(0, len(lines)-len(note))], note, b.width, b.height)
}

// own returns a command whose messages reach this screen only: what an answered
// screen still says must not answer the next one.
func (s *screen) own(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		msg := cmd()
		switch msg := msg.(type) {
		case nil:
			return nil
		case tea.QuitMsg:
			return finished{s}
		case tea.BatchMsg:
			for i := range msg {
				msg[i] = s.own(msg[i])
			}
			return msg
		}
		if v := reflect.ValueOf(msg); v.Type().PkgPath() == reflect.TypeOf(tea.KeyMsg{}).PkgPath() {
			for i := 0; v.Kind() == reflect.Slice && i < v.Len(); i++ { // commands in sequence
				if c, ok := v.Index(i).Interface().(tea.Cmd); ok {
					v.Index(i).Set(reflect.ValueOf(s.own(c)))
				}
			}
			return msg // the program's own, such as running an editor
		}
		return owned{s, msg}
	}
}
