package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"spanwalk/steps"
)

// room returns how many lines the diff has.
func (m *reviewing) room() int { return max(1, m.height-len(m.head())-len(m.foot())-1) }

// View draws the review.
func (m *reviewing) View() string {
	if m.over != nil {
		return m.over.view(m.theme, m.width, m.height)
	}
	var body []string
	if m.ending {
		body = m.lastPage()
	} else {
		body = m.diff()
	}
	head, foot := m.head(), m.foot()
	room := m.room()
	m.top = clamp(m.top, 0, max(0, len(body)-room))
	shown := body[m.top:min(m.top+room, len(body))]
	if rest := len(body) - m.top - len(shown); rest > 0 {
		shown = append(append([]string(nil), shown[:len(shown)-1]...), m.theme.dim.Render(fmt.Sprintf("   %s below: ↓ PgDn", count(rest+1, "line"))))
	}
	return frame(append(append(head, ""), shown...), foot, m.width, m.height)
}

// head says where the walk is and what is looked at.
func (m *reviewing) head() []string {
	t, p := m.theme, m.places
	r := p.review
	where := " " + t.accent.Render(position(r.Number, r.Of, r.Plan.Step.Name))
	if m.ending {
		return ends(where, t.dim.Render("all places answered "), m.width)
	}
	x, g := p.current(), p.groups[p.g]
	shape := fmt.Sprintf("shape %d of %d: %s  (%d) ", p.g+1, len(p.groups), g.title, len(g.places))
	out := ends(where, t.dim.Render(clip(shape, m.width-3)), m.width)
	_, open := p.total()
	state := fmt.Sprintf("%s  %d of %d, %d open in all ", t.tier(x.Tier), p.i+1, len(g.places), open)
	name := fold(x.describe(), m.width-1, "  ")
	for i := range name {
		name[i] = " " + t.bold.Render(name[i])
	}
	out = append(append(out, name[:len(name)-1]...), ends(name[len(name)-1], state, m.width)...)
	if x.Message != "" {
		out = append(out, indented(fold(string(x.Tier)+": "+x.Message, m.width-2, "  "), " ")...)
	}
	if way := x.title(); way != "" {
		out = append(out, " "+t.accent.Render(clip(fmt.Sprintf("way %d of %d: %s", x.nth(), x.ways(), way), m.width-2)))
	}
	if x.hand != nil {
		out = append(out, " "+t.accent.Render("edited by you"))
	}
	if x.choice != "" {
		out = append(out, " "+t.bold.Render("answered: "+x.answer()))
	}
	return out
}

// nth returns which of its ways a place shows, from 1.
func (x *place) nth() int {
	if len(x.Edits) == 0 {
		return x.way
	}
	return x.way + 1
}

// answer says in words what was chosen.
func (x *place) answer() string {
	switch x.choice {
	case marked:
		return "no, with a comment"
	case yes, no:
		return x.choice
	}
	return "yes, " + x.choice
}

// tier draws how sure a change is: a word, and a colour for the eye.
func (t *theme) tier(tier steps.Tier) string {
	switch tier {
	case steps.Safe:
		return t.added.Render(string(tier))
	case steps.Review:
		return t.danger.Render(string(tier))
	}
	return t.bold.Render(string(tier))
}

// foot shows what the keys do.
func (m *reviewing) foot() []string {
	t := m.theme
	var out []string
	if m.note != "" {
		out = append(out, indented(fold(m.note, m.width-2, ""), " ")...)
	}
	switch {
	case m.confirm != nil:
		out = append(out, indented(fold(m.confirm.text, m.width-2, ""), " ")...)
		return append(out, t.keysLine([]hotkey{{"y", "yes", ""}, {"n", "no", ""}}, m.width)...)
	case m.searching:
		return append(out, ansi.TruncateLeft(" / "+visible(m.query)+"_", max(0, ansi.StringWidth(m.query)+4-m.width), ""))
	case m.ending:
		keys := []hotkey{{"enter", "go on", ""}, {"u", "undo", ""}, {"x", "leave out", ""}, {"q", "stop here", ""}}
		if len(m.places.manual) > 0 {
			keys = append([]hotkey{{"j k", "place", ""}, {"t", "comment", ""}, {"o", "open", ""}}, keys...)
		}
		return append(out, t.keysLine(keys, m.width)...)
	}
	keys := append(append([]hotkey(nil), reviewKeys...), hotkey{"q", "stop here", ""})
	if m.width < unifiedFrom || m.height < 20 {
		keys = []hotkey{{"y", "yes", ""}, {"n", "no", ""}, {"A", "all alike", ""}, {"u", "undo", ""}, {"?", "keys", ""}, {"q", "stop here", ""}}
	}
	for i, k := range keys {
		if all := m.places.alike(); k.name == "A" {
			keys[i].short = fmt.Sprintf("all %d alike", len(all))
			if len(all) == 1 {
				keys[i].short = ""
			}
		}
		if k.name == "tab" && m.places.current().ways() < 2 {
			keys[i].short = ""
		}
	}
	return append(out, t.keysLine(keys, m.width)...)
}

// diff draws the place looked at.
func (m *reviewing) diff() []string {
	x := m.places.current()
	first := x.line
	last := first + strings.Count(string(x.source[x.Start:min(x.End, len(x.source))]), "\n")
	rows := diffRows(x.source, x.shown(), first, last, x.file != nil)
	if len(rows) == 0 {
		rows = codeRows(x.source, first, last, 3, x.file != nil)
	}
	for i := range rows {
		if rows[i].op == ' ' || rows[i].op == '+' {
			rows[i].trailing = m.later.remark(x.Path, rowText(rows[i]), m.places.review.Number)
		}
	}
	return m.theme.drawRows(rows, m.width)
}

func rowText(r row) string {
	var b strings.Builder
	for _, piece := range r.runs {
		b.WriteString(piece.text)
	}
	return b.String()
}

// lastPage sums the review up and lists what stays open.
func (m *reviewing) lastPage() []string {
	p := m.places
	out := append(indented(fold(p.sum(), m.width-4, ""), "   "), "")
	for i, x := range p.manual {
		out = append(out, m.manualText(x, i == m.at)...)
	}
	for _, n := range p.notes {
		out = append(out, indented(fold("note: "+n.Path+": "+n.Message, m.width-4, "  "), "   ")...)
	}
	return out
}

// manualText shows a place that is left to a person; the code only of the one
// looked at.
func (m *reviewing) manualText(x *place, looked bool) []string {
	t := m.theme
	sign, style := "   ", t.plain
	if looked {
		sign, style = " > ", t.accent
	}
	var out []string
	for i, line := range fold(x.describe(), m.width-4, "  ") {
		if i > 0 {
			sign = "   "
		}
		out = append(out, sign+style.Render(line))
	}
	text := string(x.Tier) + ": " + x.Message
	if x.choice == marked {
		text += " · a comment will be left there"
	}
	out = append(out, indented(fold(text, m.width-6, ""), "     ")...)
	if looked {
		last := x.line + strings.Count(string(x.source[x.Start:min(x.End, len(x.source))]), "\n")
		out = append(out, t.drawRows(codeRows(x.source, x.line, min(last, x.line+5), 1, x.file != nil), min(m.width, splitFrom-1))...)
		out = append(out, "")
	}
	return out
}
