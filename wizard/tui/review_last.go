package tui

import tea "github.com/charmbracelet/bubbletea"

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
