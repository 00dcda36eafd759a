package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// TestReasonCanBeLeft by the key that its foot names, with the step as it was;
// letters are text there.
func TestReasonCanBeLeft(t *testing.T) {
	var reason string
	p := reasonPage(look(NoColour), "start-span", &reason)
	settle(p, p.Init())
	for _, key := range []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("q")}, {Type: tea.KeyRunes, Runes: []rune("u")}} {
		_, cmd := p.Update(key)
		settle(p, cmd)
	}
	if p.action != "" || reason != "qu" {
		t.Fatalf("letters ended the page with %q, reason %q", p.action, reason)
	}
	if _, cmd := p.Update(tea.KeyMsg{Type: tea.KeyShiftTab}); p.action != back || cmd == nil {
		t.Errorf("shift+tab left %q, which does not go back", p.action)
	}
}
