package tui

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"spanwalk/steps"
	"spanwalk/wizard"
)

// Actions that end a review without a verdict.
const (
	backToQuestions = "questions"
	leaveOut        = "skip"
)

// Review shows what a step would change until every place is answered.
func (s *Screen) Review(ctx context.Context, r *wizard.Review) (wizard.Verdict, error) {
	s.shown, s.of = r.Number, r.Of
	s.reverting = r.Revert
	undo := s.undoLast
	s.undoLast = false
	edited := s.reviewed.edited()
	p, again := s.recall(r)
	if undo && again && !p.undo() && r.Back {
		return wizard.Verdict{Back: true, Decisions: p.decisions()}, nil
	}
	if r.Revert && len(p.past) == 0 {
		action, err := takeAll, error(nil)
		if !s.rest {
			action, err = s.revertDiff(ctx, r)
		}
		s.rest = s.rest || action == takeRest
		if err != nil || action != onePlace {
			return wizard.Verdict{Plan: r.Plan}, err
		}
	}
	if p.settled() && !again {
		return p.verdict()
	}
	m := newReviewing(s.theme, p)
	m.later, m.getenv, m.ctx, m.root = s.later, s.options.Getenv, ctx, s.root
	m.pages = []pager{s.checklistPage(), s.whyHere(r.Plan)}
	if len(r.Changed) > 0 {
		m.note = strings.Join(r.Changed, ", ") + " changed on disk; the step was planned again"
		if edited {
			m.note += ", and what you edited is asked again"
		}
	}
	for {
		if err := s.show(ctx, m); err != nil {
			return wizard.Verdict{Decisions: p.decisions()}, err
		}
		switch m.action {
		case stop:
			return wizard.Verdict{Decisions: p.decisions()}, wizard.ErrAborted
		case backToQuestions:
			return wizard.Verdict{Back: true, Decisions: p.decisions()}, nil
		case leaveOut:
			reason, err := s.reason(ctx, r.Plan.Step)
			if err != nil || reason != "" {
				return wizard.Verdict{Skip: reason, Decisions: p.decisions()}, err
			}
			m.action = ""
			continue
		}
		v, err := p.verdict()
		if err == nil {
			return v, nil
		}
		m.note, m.action, m.ending = err.Error(), "", false
		p.undo()
	}
}

// edited reports whether the person wrote some of the text.
func (p *places) edited() bool {
	if p == nil {
		return false
	}
	flat, _ := p.flat(0, 0)
	return slices.ContainsFunc(flat, func(x *place) bool { return x.hand != nil })
}

// recall returns the review that the commit came from when it is wanted again,
// with its answers and what can be undone; else a new one.
func (s *Screen) recall(r *wizard.Review) (p *places, again bool) {
	old := s.reviewed
	again = s.again && old != nil && old.review.Plan.Step == r.Plan.Step
	s.again = false
	if again {
		old.review = r
		return old, true
	}
	s.reviewed = newPlaces(r)
	return s.reviewed, false
}

// settled reports that a review has nothing to ask: all was decided before, or
// what is left was shown when the step was committed.
func (p *places) settled() bool {
	all, open := p.total()
	return open == 0 && (all > 0 && len(p.manual) == 0 || p.review.Again || all+len(p.manual)+len(p.notes) == 0)
}

// reviewing is the review's program: a diff that scrolls, a key an answer.
type reviewing struct {
	theme  *theme
	places *places
	later  *later
	pages  []pager
	over   *pager
	getenv func(string) string
	root   string          // of the work tree
	ctx    context.Context // of the walk; editors end with it

	note      string // what the last key did, where the screen does not show it
	confirm   *confirmation
	searching bool
	query     string
	ending    bool // every place is answered; the last page is shown
	at        int  // the manual place looked at on the last page
	top       int  // first line of the diff shown
	action    string

	width, height int
}

// confirmation is a question about many places at once.
type confirmation struct {
	text   string
	list   []*place
	choose func(*place) string
}

func newReviewing(t *theme, p *places) *reviewing {
	m := &reviewing{theme: t, places: p, width: 80, height: 24}
	_, open := p.total()
	m.ending = open == 0
	return m
}

// Init has nothing to start.
func (m *reviewing) Init() tea.Cmd { return nil }

// Update handles one key, or the end of an editor.
func (m *reviewing) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case editorDone:
		m.edited(msg)
	case measured:
		msg.done()
	case tea.KeyMsg:
		return m, m.press(msg)
	}
	return m, nil
}

// press handles a key by what is on screen.
func (m *reviewing) press(msg tea.KeyMsg) tea.Cmd {
	key := msg.String()
	switch {
	case key == "ctrl+c":
		return m.end(stop)
	case m.searching:
		m.typed(msg)
		return nil
	case key == "q":
		return m.end(stop)
	case m.over != nil:
		if m.over.handle(msg, m.height, len(m.over.lines(m.width))) {
			m.over = nil
		}
		return nil
	case m.confirm != nil:
		m.settle(key)
		return m.finish()
	}
	m.note = ""
	if m.ending {
		return m.pressLast(key)
	}
	if m.moved(key) {
		return nil
	}
	if m.opened(key) {
		return m.over.begin()
	}
	if cmd, ok := m.tools(key); ok {
		return cmd
	}
	m.answered(key)
	return m.finish()
}

func (m *reviewing) end(action string) tea.Cmd {
	m.action = action
	return tea.Quit
}

// finish goes on when the last open place was answered: to the last page if it
// has something to say, else out.
func (m *reviewing) finish() tea.Cmd {
	if _, open := m.places.total(); open > 0 {
		return nil
	}
	if m.places.hasLastPage() {
		m.ending, m.top = true, 0
		return nil
	}
	return tea.Quit
}

// hasLastPage reports that something must be read before the step is left:
// places to do by hand, or that nothing will change.
func (p *places) hasLastPage() bool {
	if len(p.manual)+len(p.notes) > 0 {
		return true
	}
	for _, g := range p.groups {
		for _, x := range g.places {
			if x.applied() || x.choice == marked {
				return false
			}
		}
	}
	return true
}

// moved handles the keys that move.
func (m *reviewing) moved(key string) bool {
	page := max(1, m.room()-2)
	p := m.places
	was := p.current()
	switch key {
	case "j":
		m.tell(p.move(+1, true), "no open place after this one")
	case "k":
		m.tell(p.move(-1, true), "no open place before this one")
	case "J", "right":
		m.tell(p.move(+1, false), "this is the last place")
	case "K", "left":
		m.tell(p.move(-1, false), "this is the first place")
	case "g", "home":
		p.end(false)
	case "G", "end":
		p.end(true)
	case "up":
		m.top--
	case "down":
		m.top++
	case "pgup":
		m.top -= page
	case "pgdown", " ":
		m.top += page
	default:
		return false
	}
	if p.current() != was {
		m.top = 0
	}
	return true
}

// tell leaves a note when something did not work.
func (m *reviewing) tell(ok bool, otherwise string) {
	if !ok {
		m.note = otherwise
	}
}

// opened shows a page over the review.
func (m *reviewing) opened(key string) bool {
	if key == "?" {
		m.over = keysPage(m.theme, reviewKeys)
		return true
	}
	for i := range m.pages {
		if m.pages[i].key == key {
			m.over = &m.pages[i]
			m.over.top = 0
			return true
		}
	}
	return false
}

// tools handles the keys that neither move nor answer.
func (m *reviewing) tools(key string) (tea.Cmd, bool) {
	p := m.places
	switch key {
	case "/":
		m.searching, m.query = true, ""
	case "tab":
		m.tell(p.turn(), "there is no other way here")
	case "s":
		m.tell(p.split(), "these places cannot be split further")
	case "u":
		if !p.undo() {
			return m.undoQuestion(), true
		}
		m.top = 0
	case "e":
		return m.edit(), true
	case "o":
		return m.open(p.current()), true
	case "x":
		return m.end(leaveOut), true
	default:
		return nil, false
	}
	return nil, true
}

// undoQuestion goes back to the step's questions.
func (m *reviewing) undoQuestion() tea.Cmd {
	if m.places.review.Back {
		return m.end(backToQuestions)
	}
	m.note = "there is no answer to take back in this step"
	return nil
}

// answered handles the keys that answer.
func (m *reviewing) answered(key string) {
	p := m.places
	x := p.current()
	one := []*place{x}
	switch key {
	case "y":
		m.answer(one, accept)
	case "enter":
		if x.Tier != steps.Safe {
			m.note = "enter accepts only safe places; this one is marked review: y or n"
			return
		}
		m.answer(one, accept)
	case "n":
		m.answer(one, decline)
	case "a":
		m.answer(p.rest(), accept)
	case "d":
		m.answer(p.rest(), decline)
	case "A":
		m.many("Apply to all %s of this shape in %s?", p.alike(), accept)
	case "D":
		m.many("Leave all %s of this shape in %s alone?", p.alike(), decline)
	case "t":
		if _, ok := x.marker(); !ok {
			m.note = "no comment can be left here, or there is one"
			return
		}
		m.answer(one, func(*place) string { return marked })
	default:
		m.note = key + " does nothing here; ? shows the keys"
	}
}

func (m *reviewing) answer(list []*place, choose func(*place) string) {
	m.places.answer(list, choose)
	m.top = 0
	if len(list) > 1 {
		m.note = count(len(list), "place") + " answered; u takes that back"
	}
}

// many asks once before it answers for a whole shape.
func (m *reviewing) many(text string, list []*place, choose func(*place) string) {
	if len(list) == 1 {
		m.answer(list, choose)
		return
	}
	m.confirm = &confirmation{text: fmt.Sprintf(text+" Others like it later: no.", count(len(list), "place"), count(files(list), "file")), list: list, choose: choose}
}

// settle answers a confirmation.
func (m *reviewing) settle(key string) {
	c := m.confirm
	switch key {
	case "y":
		m.confirm = nil
		m.answer(c.list, c.choose)
	case "n", "esc":
		m.confirm = nil
	}
}

// typed edits the text that is searched for.
func (m *reviewing) typed(msg tea.KeyMsg) {
	switch msg.Type {
	case tea.KeyEnter:
		m.searching, m.top = false, 0
		m.tell(m.places.search(m.query), "no place has "+m.query)
	case tea.KeyEsc:
		m.searching = false
	case tea.KeyBackspace:
		if r := []rune(m.query); len(r) > 0 {
			m.query = string(r[:len(r)-1])
		}
	case tea.KeyRunes, tea.KeySpace:
		m.query += string(msg.Runes)
	}
}

// pressLast handles the keys of the last page.
func (m *reviewing) pressLast(key string) tea.Cmd {
	p := m.places
	switch key {
	case "enter", "y":
		return tea.Quit
	case "u":
		if p.undo() {
			m.ending, m.top = false, 0
			return nil
		}
		return m.undoQuestion()
	case "K", "k":
		if m.at > 0 {
			m.at--
		} else if all, _ := p.total(); all > 0 && key == "K" {
			m.ending, m.top = false, 0
		}
	case "J", "j":
		m.at = clamp(m.at+1, 0, max(0, len(p.manual)-1))
	case "up":
		m.top--
	case "down":
		m.top++
	case "pgup":
		m.top -= m.room()
	case "pgdown", " ":
		m.top += m.room()
	case "t":
		m.mark()
	case "o":
		if len(p.manual) > 0 {
			return m.open(p.manual[m.at])
		}
	case "x":
		return m.end(leaveOut)
	default:
		if m.opened(key) {
			return m.over.begin()
		}
		m.note = key + " does nothing here; enter goes on"
	}
	return nil
}

// mark leaves a comment at the manual place looked at, or takes it back.
func (m *reviewing) mark() {
	if len(m.places.manual) == 0 {
		return
	}
	x := m.places.manual[m.at]
	switch _, ok := x.marker(); {
	case x.choice == marked:
		x.choice = ""
	case !ok:
		m.note = "no comment can be left here, or there is one"
	default:
		x.choice = marked
	}
}

// editorDone arrives when an editor has ended.
type editorDone struct {
	err  error
	file *edited // nil when the file of the project was open
	x    *place
}

// edit opens the replacement in the person's editor.
func (m *reviewing) edit() tea.Cmd {
	x := m.places.current()
	if x.file == nil {
		m.note = "only Python files can be edited here; o opens the file"
		return nil
	}
	text := m.places.replacement(x)
	if x.hand != nil {
		text = x.hand.New
	}
	file, err := newEdited("replacement.py", text)
	if err != nil {
		m.note = err.Error()
		return nil
	}
	return m.launch(file.path, 1, file, x)
}

// open shows the file of a place in the person's editor.
func (m *reviewing) open(x *place) tea.Cmd {
	return m.launch(filepath.Join(m.root, filepath.FromSlash(x.Path)), x.line, nil, x)
}

func (m *reviewing) launch(path string, line int, file *edited, x *place) tea.Cmd {
	cmd, err := editorCommand(m.ctx, m.getenv, path, line)
	if err != nil {
		m.note = err.Error()
		return nil
	}
	return tea.ExecProcess(cmd, func(err error) tea.Msg { return editorDone{err, file, x} })
}

// edited takes what came back from the editor: it must parse, and it counts
// only once it was shown and answered.
func (m *reviewing) edited(msg editorDone) {
	var exit *exec.ExitError
	if msg.file != nil {
		defer msg.file.remove()
	}
	switch {
	case errors.As(msg.err, &exit):
		m.note = "the editor ended with " + exit.Error() + "; nothing was changed"
		return
	case msg.err != nil:
		m.note = "the editor could not be started: " + msg.err.Error()
		return
	case msg.file == nil:
		m.note = "if you changed the file, the step is planned again before its commit"
		return
	}
	text, err := msg.file.read()
	if err == nil {
		err = m.places.setHand(msg.x, text)
	}
	if err != nil {
		m.note = "not taken: " + err.Error() + "; e edits again"
		return
	}
	m.top, m.note = 0, "this is your text; y takes it, tab goes back to the proposal"
}

// reviewKeys are the keys of the review, in the order of its bottom lines.
var reviewKeys = []hotkey{
	{"y", "yes", "apply it here"},
	{"n", "no", "leave this place alone"},
	{"enter", "", "yes, but only where the change is safe"},
	{"A", "all alike", "yes to all open places of this shape; asks once, with the count"},
	{"D", "", "no to all open places of this shape; asks once"},
	{"a", "rest of file", "yes to this and the later open places of this file; places marked review only from one such place"},
	{"d", "", "no to this and the later open places of this file"},
	{"e", "edit", "edit the replacement in your editor; the result is parsed and shown before it counts"},
	{"tab", "other way", "show the next way to rewrite this place"},
	{"s", "split", "split this shape: a group for each file, then for each function"},
	{"t", "comment", "leave the place alone with a comment that says what to do"},
	{"i", "why", "why the step is needed, with an example"},
	{"o", "open", "open the file in your editor"},
	{"/", "search", "find a place by path, function, message or code"},
	{"u", "undo", "take the last answer back; before the first one, the last question's"},
	{"j k", "", "next and previous open place"},
	{"J K", "", "next and previous place"},
	{"g G", "", "first and last place"},
	{"↑ ↓", "", "scroll; PgUp and PgDn by the page"},
	{"c", "checklist", "the 23 items, measured now"},
	{"x", "leave out", "leave the whole step out, with a reason"},
	{"?", "keys", "this page"},
}
