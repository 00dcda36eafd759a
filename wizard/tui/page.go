package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/x/ansi"
)

// page is a screen with one huh form: what it is about on top, the form below,
// the keys at the bottom. Letters are the page's own, unless a text field has
// the focus.
type page struct {
	theme  *theme
	body   func(width int) []string
	form   *huh.Form
	keys   []hotkey          // beside enter, ? and q
	does   map[string]string // a key -> the action it ends the page with
	pages  []pager           // what keys show over the page
	over   *pager
	below  func(width int) []string // what stands below the answers; may be nil
	toggle func()                   // what space changes there
	note   string                   // what the last key could not do
	menu   *menu                    // the choice of the form; may be nil
	action string                   // what ended the page; "" is the form itself
	drawn  string                   // the form as it was before its answer

	width, height int
	top           int // first line of the body shown
}

// The actions every page knows.
const stop = "stop"

// back leaves a text field that nothing comes before.
const back = "back"

// newPage returns a page with a form of these fields, a group each.
func newPage(t *theme, body func(int) []string, groups ...*huh.Group) *page {
	keys := huh.NewDefaultKeyMap()
	keys.Select.Filter.SetEnabled(false)
	form := huh.NewForm(groups...).WithTheme(t.form()).WithKeyMap(keys).WithShowHelp(false).WithShowErrors(true)
	return &page{theme: t, body: body, form: form, does: map[string]string{}, width: 80, height: 24}
}

// Init starts the form.
func (p *page) Init() tea.Cmd { return p.form.Init() }

// Update handles the page's keys and hands the rest to the form.
func (p *page) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.width, p.height = msg.Width, msg.Height
		if p.menu != nil {
			p.menu.fit(p.width, p.menuRoom())
		}
		return p, p.tell(tea.WindowSizeMsg{Width: msg.Width, Height: max(msg.Height-5, 3)})
	case measured:
		msg.done()
		return p, nil
	case tea.KeyMsg:
		if done, cmd := p.press(msg); done {
			return p, cmd
		}
	}
	cmd := p.tell(msg)
	switch p.form.State {
	case huh.StateCompleted:
		return p, tea.Quit
	case huh.StateAborted:
		p.action = stop
		return p, tea.Quit
	}
	return p, cmd
}

func (p *page) tell(msg tea.Msg) tea.Cmd {
	form, cmd := p.form.Update(msg)
	p.form = form.(*huh.Form)
	return cmd
}

// bodyRoom is how many lines the text above a menu may claim.
const bodyRoom = 9

// menuRoom returns how many lines are there for the menu.
func (p *page) menuRoom() int {
	taken := min(len(p.body(p.width)), bodyRoom) + len(p.foot()) + 2
	if p.below != nil {
		taken += len(p.below(p.width))
	}
	return p.height - taken
}

// press handles a key of the page itself.
func (p *page) press(msg tea.KeyMsg) (done bool, cmd tea.Cmd) {
	key := msg.String()
	if key == "ctrl+c" || key == "q" && !p.typing() {
		p.action = stop
		return true, tea.Quit
	}
	if p.over != nil {
		if p.over.handle(msg, p.height, len(p.over.lines(p.width))) {
			p.over = nil
		}
		return true, nil
	}
	switch key {
	case "pgup":
		p.top = max(0, p.top-p.height/2)
		return true, nil
	case "pgdown":
		p.top += p.height / 2
		return true, nil
	}
	if p.typing() {
		if action, ok := p.does[key]; ok && len(key) > 1 { // a letter is text
			p.action = action
			return true, tea.Quit
		}
		return false, nil
	}
	if key == "?" {
		p.over = keysPage(p.theme, append([]hotkey{{"↑ ↓", "move", "move between the answers"}, {"enter", "choose", "take the answer under the cursor"},
			{"PgUp PgDn", "scroll", "scroll what stands above the answers"}}, p.keys...))
		return true, nil
	}
	if key == " " && p.toggle != nil {
		p.toggle()
		return true, nil
	}
	for i := range p.pages {
		if p.pages[i].key == key {
			p.over = &p.pages[i]
			p.over.top = 0
			return true, p.over.begin()
		}
	}
	if action, ok := p.does[key]; ok {
		p.action = action
		return true, tea.Quit
	}
	return false, nil
}

// typing reports whether letters belong to a text field.
func (p *page) typing() bool {
	switch p.form.GetFocusedField().(type) {
	case *huh.Input, *huh.Text:
		return true
	}
	return false
}

// foot tells the keys, and what the last one could not do.
func (p *page) foot() []string {
	keys := []hotkey{{"enter", "choose", ""}}
	if p.typing() {
		keys = []hotkey{{"enter", "go on", ""}, {"shift+tab", "back", ""}, {"ctrl+c", "stop here", ""}}
	} else {
		keys = append(append(keys, p.keys...), hotkey{"?", "keys", ""}, hotkey{"q", "stop here", ""})
	}
	foot := p.theme.keysLine(keys, p.width)
	if p.note != "" {
		foot = append(indented(fold(p.note, p.width-2, ""), " "), foot...)
	}
	return foot
}

// View draws the page. What does not fit is scrolled in the part above the
// form.
func (p *page) View() string {
	if p.over != nil {
		return p.over.view(p.theme, p.width, p.height)
	}
	foot := p.foot()
	if p.form.State == huh.StateNormal { // huh draws nothing of an answered form; the page stands until the next
		p.drawn = p.form.View()
	}
	form := strings.Split(strings.TrimRight(p.drawn, "\n"), "\n")
	if p.menu != nil && !p.typing() {
		form = append(form, p.menu.detail(p.width)...)
	}
	if p.below != nil && !p.typing() {
		form = append(form, p.below(p.width)...)
	}
	body := p.body(p.width)
	room := max(2, p.height-len(form)-len(foot)-2)
	if len(body) > room {
		room = max(2, p.height-len(form)-len(foot)-1) // without the empty line above the keys
	}
	if len(body) > room {
		p.top = clamp(p.top, 0, len(body)-room+1)
		more := len(body) - p.top - room + 1
		body = body[p.top:min(p.top+room-1, len(body))]
		note := fmt.Sprintf("   %d more lines: PgDn", more)
		if more <= 0 {
			note = "   PgUp"
		}
		body = append(body[:len(body):len(body)], p.theme.dim.Render(note))
	}
	return frame(append(append(body, ""), form...), foot, p.width, p.height)
}

// frame fills the screen: lines on top, the foot at the bottom, nothing wider
// or higher than the terminal.
func frame(lines, foot []string, width, height int) string {
	room := max(1, height-len(foot))
	if len(lines) > room {
		lines = lines[:room]
	}
	out := append([]string(nil), lines...)
	for len(out) < room {
		out = append(out, "")
	}
	out = append(out, foot...)
	for i := range out {
		out[i] = ansi.Truncate(strings.TrimRight(out[i], " "), width, "…")
	}
	return strings.Join(out, "\n")
}

// keysPage lists the keys of one screen.
func keysPage(t *theme, keys []hotkey) *pager {
	return &pager{key: "?", title: "Keys of this screen", text: func(width int) []string {
		var out []string
		for _, k := range append(keys, hotkey{"q", "", "stop here: what was committed and answered stays, spanwalk resumes"},
			hotkey{"ctrl+c", "", "the same"}) {
			long := k.long
			if long == "" {
				long = k.short
			}
			lines := fold(long, max(width-14, 20), "")
			for i, line := range lines {
				name := pad(k.name, 10)
				if i > 0 {
					name = pad("", 10)
				}
				out = append(out, "  "+t.accent.Render(name)+" "+line)
			}
		}
		return out
	}}
}
