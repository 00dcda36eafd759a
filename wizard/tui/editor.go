package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// edited is a temporary file that a person edits.
type edited struct{ dir, path string }

// newEdited writes text to a file of that name.
func newEdited(name, text string) (*edited, error) {
	dir, err := os.MkdirTemp("", "spanwalk-edit-")
	if err != nil {
		return nil, fmt.Errorf("make a file to edit: %w", err)
	}
	e := &edited{dir: dir, path: filepath.Join(dir, name)}
	if err := os.WriteFile(e.path, []byte(text), 0o600); err != nil {
		e.remove()
		return nil, fmt.Errorf("make a file to edit: %w", err)
	}
	return e, nil
}

// read returns what the file holds now.
func (e *edited) read() (string, error) {
	data, err := os.ReadFile(e.path)
	if err != nil {
		return "", fmt.Errorf("read what was edited: %w", err)
	}
	return string(data), nil
}

func (e *edited) remove() { _ = os.RemoveAll(e.dir) }

// editorCommand returns the command that opens a file in the person's editor:
// $VISUAL, $EDITOR, or vi. Editors that can are told the line.
func editorCommand(ctx context.Context, getenv func(string) string, path string, line int) (*exec.Cmd, error) {
	editor := getenv("VISUAL")
	if editor == "" {
		editor = getenv("EDITOR")
	}
	if editor == "" {
		if _, err := exec.LookPath("vi"); err != nil {
			return nil, errors.New("no editor: set VISUAL or EDITOR")
		}
		editor = "vi"
	}
	args := []string{path}
	switch name := filepath.Base(strings.Fields(editor)[0]); name {
	case "vi", "vim", "nvim", "nano", "emacs", "emacsclient", "kak", "micro", "hx":
		if line > 1 && name != "hx" {
			args = []string{fmt.Sprintf("+%d", line), path}
		}
	}
	// as git does: the setting is a shell command, the file its argument
	return exec.CommandContext(ctx, "sh", append([]string{"-c", editor + ` "$@"`, editor}, args...)...), nil
}
