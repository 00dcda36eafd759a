package tui

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

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
