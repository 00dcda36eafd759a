package tui

import (
	"errors"
	"os/exec"
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"
)

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
