package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
)

// pager is a page of text over a screen: the keys, the why, the checklist.
type pager struct {
	key   string // the key that opened it closes it too
	title string
	text  func(width int) []string
	top   int      // first line shown
	keys  []hotkey // at the bottom; nil for those every page has

	// measure, if any, finds out what text shows. It runs beside the program;
	// what it returns puts the result in place.
	measure func() (apply func())

	drawn []string // what text returned
	at    int      // for this width
}

// measured tells that a page knows what to show.
type measured struct {
	page  *pager
	apply func()
}

// begin measures what the page shows, once.
func (p *pager) begin() tea.Cmd {
	measure := p.measure
	if measure == nil {
		return nil
	}
	p.measure = nil
	return func() tea.Msg { return measured{p, measure()} }
}

// done puts what was measured in place.
func (m measured) done() {
	m.apply()
	m.page.drawn = nil
}

// lines returns the text, drawn once for each width.
func (p *pager) lines(width int) []string {
	if p.drawn == nil || p.at != width {
		p.drawn, p.at = p.text(width), width
	}
	return p.drawn
}

// handle moves or closes the page. q is the screen's.
func (p *pager) handle(msg tea.KeyMsg, height, lines int) (closed bool) {
	page := max(1, height-4)
	switch key := msg.String(); key {
	case "up", "k":
		p.top--
	case "down", "j":
		p.top++
	case "pgup", "b":
		p.top -= page
	case "pgdown", " ":
		p.top += page
	case "g", "home":
		p.top = 0
	case "G", "end":
		p.top = lines
	case "esc", "enter", p.key:
		return true
	}
	p.top = clamp(p.top, 0, max(0, lines-(height-4)))
	return false
}

func clamp(n, low, high int) int { return max(low, min(n, high)) }

// view draws the page with its title and its keys.
func (p *pager) view(t *theme, width, height int) string {
	lines, keys := p.lines(width), p.keys
	if keys == nil {
		keys = []hotkey{{"↑↓", "move", ""}, {"esc", "back", ""}, {"q", "stop here", ""}}
	}
	foot := t.keysLine(keys, width)
	room := max(1, height-len(foot)-3)
	p.top = clamp(p.top, 0, max(0, len(lines)-room))
	right := ""
	if len(lines) > room {
		right = fmt.Sprintf("%d–%d of %d ", p.top+1, min(p.top+room, len(lines)), len(lines))
	}
	out := ends(" "+t.bold.Render(p.title), t.dim.Render(right), width)[:1]
	out = append(out, "")
	out = append(out, lines[p.top:min(p.top+room, len(lines))]...)
	return frame(out, foot, width, height)
}

// reader is a program that shows one page of text.
type reader struct {
	theme         *theme
	pager         pager
	width, height int
	stopped       bool
}

// Init begins to measure what is shown.
func (r *reader) Init() tea.Cmd { return r.pager.begin() }

// Update scrolls; the page ends with enter, esc or q.
func (r *reader) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.width, r.height = msg.Width, msg.Height
	case measured:
		msg.done()
	case tea.KeyMsg:
		key := msg.String()
		r.stopped = key == "ctrl+c" || key == "q"
		if r.stopped || r.pager.handle(msg, r.height, len(r.pager.lines(r.width))) {
			return r, tea.Quit
		}
	}
	return r, nil
}

// View draws the page.
func (r *reader) View() string { return r.pager.view(r.theme, r.width, r.height) }
