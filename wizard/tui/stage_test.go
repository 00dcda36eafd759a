package tui

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"spanwalk/wizard"
)

// recorder is a screen that remembers what reached it.
type recorder struct {
	name string
	got  []tea.Msg
	next tea.Cmd // what the next message makes it do
}

func (r *recorder) Init() tea.Cmd { return nil }

func (r *recorder) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	r.got = append(r.got, msg)
	return r, r.next
}

func (r *recorder) View() string { return r.name }

func onStage(r *recorder) *screen { return &screen{model: r, done: make(chan struct{})} }

// ready lets a screen take keys.
func ready(s *screen) { s.since = time.Now().Add(-time.Second) }

func TestStageKeepsScreensApart(t *testing.T) {
	first, second := onStage(&recorder{name: "first", next: tea.Quit}), onStage(&recorder{name: "second"})
	b := &backdrop{theme: look(NoColour)}
	b.Update(tea.WindowSizeMsg{Width: 40, Height: 5})
	b.Update(begin{first})
	b.View()
	ready(first)
	_, quit := b.Update(keyMsg("y"))
	_, again := b.Update(keyMsg("y"))
	b.Update(quit())
	select {
	case <-first.done:
	default:
		t.Fatal("the screen does not end")
	}
	if got := b.View(); got != "first" {
		t.Errorf("between two screens: %q, want the last one", got)
	}
	b.Update(keyMsg("n"))
	b.Update(begin{second})
	b.Update(keyMsg("n")) // pressed before anybody can have read the screen
	b.Update(again())     // the first screen ends a second time
	b.Update(owned{first, "late"})
	if got := second.model.(*recorder).got; len(got) != 1 {
		t.Errorf("the second screen got %v, want its size only", got)
	}
	select {
	case <-second.done:
		t.Error("the end of the first screen ended the second")
	default:
	}
	ready(second)
	b.Update(keyMsg("j"))
	if got := second.model.(*recorder).got; len(got) != 2 {
		t.Errorf("the second screen got %v, want a key", got)
	}
}

func TestStageSaysThatTheWalkWorks(t *testing.T) {
	stopped := 0
	b := &backdrop{theme: look(NoColour), stop: func() { stopped++ }}
	b.Update(tea.WindowSizeMsg{Width: 40, Height: 5})
	s := onStage(&recorder{name: "one\ntwo\nthree\nfour\nfive"})
	b.Update(begin{s})
	b.View()
	b.Update(finished{s})
	b.Update(waited{s})
	b.Update(said{"committed  abc"})
	if got, want := b.View(), "one\ntwo\nthree\n committed  abc\n working …  q stop here"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	b.Update(keyMsg("y"))
	if stopped != 0 {
		t.Error("y while nothing is asked stops the walk")
	}
	b.Update(keyMsg("q"))
	b.Update(keyMsg("ctrl+c"))
	if stopped != 2 {
		t.Errorf("q and ctrl-c while the walk works stopped it %d times", stopped)
	}
}

// fakeTerminal is a terminal without a size.
type fakeTerminal struct {
	mu  sync.Mutex
	out bytes.Buffer
	in  *os.File
}

func (f *fakeTerminal) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.Write(p)
}

func (f *fakeTerminal) shows(text string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Contains(f.out.String(), text)
}

// until waits for a text on the terminal.
func (f *fakeTerminal) until(t *testing.T, text string) {
	t.Helper()
	for range 4000 {
		if f.shows(text) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no %q on the terminal", text)
}

func newFake(t *testing.T) (*fakeTerminal, *Screen) {
	r, w, err := os.Pipe() // reading it can be given up, as reading a terminal can
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	f := &fakeTerminal{in: w}
	return f, New(Options{In: r, Out: f, Look: NoColour, Getenv: noEnv, Now: at0})
}

func textScreen(s *Screen, text string) *reader {
	return &reader{theme: s.theme, width: 80, height: 24, pager: pager{title: text, text: func(int) []string { return []string{text} }}}
}

func TestStageOnATerminal(t *testing.T) {
	f, s := newFake(t)
	for _, name := range []string{"first", "second"} {
		go func() {
			f.until(t, name)
			time.Sleep(2 * deaf)
			_, _ = f.in.WriteString("q")
		}()
		if err := s.show(context.Background(), textScreen(s, name)); err != nil {
			t.Fatal(err)
		}
		s.Say(wizard.Event{Kind: wizard.Warning, Text: "a word after " + name})
	}
	s.Close()
	s.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.out.String()
	leave := strings.LastIndex(out, "\x1b[?1049l")
	if strings.Count(out, "\x1b[?1049h") != 1 || leave < 0 {
		t.Errorf("the alternate screen is entered %d times", strings.Count(out, "\x1b[?1049h"))
	}
	if tail := out[leave:]; !strings.Contains(tail, "note       a word after first\nnote       a word after second\n") {
		t.Errorf("what was said does not stand on the terminal at the end: %q", tail)
	}
}

func TestStagePausesForHooks(t *testing.T) {
	f, s := newFake(t)
	press := func(name string) {
		f.until(t, name)
		time.Sleep(2 * deaf)
		_, _ = f.in.WriteString("q")
	}
	go press("first")
	if err := s.show(context.Background(), textScreen(s, "first")); err != nil {
		t.Fatal(err)
	}
	s.stage.pause()
	s.Say(wizard.Event{Kind: wizard.HookLine, Text: "ruff passed"})
	if !f.shows("\x1b[?1049l") || !f.shows("hook       ruff passed") {
		t.Error("the terminal is not given back while a hook runs")
	}
	go press("second")
	if err := s.show(context.Background(), textScreen(s, "second")); err != nil {
		t.Fatal(err)
	}
	s.stage.pause()
	s.Close()
}

func TestStageEndsWithTheContext(t *testing.T) {
	f, s := newFake(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { f.until(t, "first"); cancel() }()
	if err := s.show(ctx, textScreen(s, "first")); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("%v", err)
	}
	if err := s.show(ctx, textScreen(s, "second")); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("%v", err)
	}
	s.Close()
	if !f.shows("\x1b[?1049l") {
		t.Error("the terminal is not restored")
	}
}

func TestStageSaysThatTheProjectIsRead(t *testing.T) {
	f, s := newFake(t)
	f.until(t, "reading the project …")
	s.Close()
	if !f.shows("reading the project …  Ctrl-C stops\r\x1b[2K") {
		t.Error("the words stay on the terminal")
	}
	f, s = newFake(t)
	s.Close()
	time.Sleep(2 * patient)
	if f.shows("reading") {
		t.Error("the words come after the end")
	}
}

// TestChecklistIsMeasuredBesideTheKeys: while it is measured keys are heard, and
// the walk goes on only when that has ended.
func TestChecklistIsMeasuredBesideTheKeys(t *testing.T) {
	release, began := make(chan struct{}), make(chan struct{})
	calls := 0
	s := &Screen{theme: look(NoColour), showing: true, options: Options{Getenv: noEnv, Now: at0,
		Checklist: func() (*wizard.Status, error) { calls++; close(began); <-release; return status(), nil }}}
	m := newReview(t)
	m.pages = []pager{s.checklistPage()}
	cmd := press(m, "c")
	if cmd == nil || !strings.Contains(m.View(), "measuring the 23 items …") {
		t.Fatalf("nothing says that it is measured:\n%s", m.View())
	}
	result := make(chan tea.Msg)
	go func() { result <- cmd() }()
	<-began
	walk := make(chan struct{})
	go func() { s.allowMeasuring(false); close(walk) }()
	press(m, "<esc>y")
	if got := choices(m); got != "yes >. . . . ." {
		t.Errorf("keys wait for the checklist: %s", got)
	}
	select {
	case <-walk:
		t.Error("the walk goes on while the checklist is measured")
	default:
	}
	close(release)
	m.Update(<-result)
	<-walk
	press(m, "c")
	if !strings.Contains(m.View(), "12 of 23 items done") || calls != 1 {
		t.Errorf("measured %d times:\n%s", calls, m.View())
	}
	page := s.checklistPage()
	page.measure()() // the screen is gone: nothing is measured
	if calls != 1 {
		t.Error("measured while the walk works")
	}
}

// TestChecklistSaysWhatChanged: the open places of the last look stand before
// those of now.
func TestChecklistSaysWhatChanged(t *testing.T) {
	now := status()
	s := &Screen{theme: look(NoColour), showing: true, options: Options{Getenv: noEnv, Now: at0, Checklist: func() (*wizard.Status, error) { return now, nil }}}
	see := func() string {
		page := s.checklistPage()
		page.measure()()
		return strings.Join(page.text(80), "\n")
	}
	if first := see(); strings.Contains(first, "→") {
		t.Errorf("at the first look something changed:\n%s", first)
	}
	now = status()
	now.Items[1].Open, now.Items[1].State = 0, wizard.Done
	now.Items[5].Open = 9
	second := see()
	for _, want := range []string{"done · 1 → 0 open", "5 → 9 open"} {
		if !strings.Contains(second, want) {
			t.Errorf("no %q in\n%s", want, second)
		}
	}
	if third := see(); strings.Contains(third, "→") {
		t.Errorf("nothing changed since the second look:\n%s", third)
	}
}
