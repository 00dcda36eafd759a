package tui

import (
	"fmt"

	"spanwalk/steps"
)

// confirmation is a question about many places at once.
type confirmation struct {
	text   string
	list   []*place
	choose func(*place) string
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
