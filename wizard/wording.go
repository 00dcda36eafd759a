package wizard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The settings of git's configuration that shape the messages of commits.
const (
	prefixSetting   = "spanwalk.messagePrefix"   // stands before every subject
	templateSetting = "spanwalk.messageTemplate" // a file, relative to the work tree's root
)

// worded gives a message the form the user configured: a prefix of its subject,
// and a template in which {subject}, {body} and {step} stand for what we write.
// Trailers are not its business: they always come last.
func (w *Walk) worded(step, subject, body string) (string, string, error) {
	subject = w.Repo.Setting(prefixSetting) + subject
	path := w.Repo.Setting(templateSetting)
	if path == "" {
		return subject, body, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.Repo.Root(), path)
	}
	text, err := os.ReadFile(path)
	if err == nil && !strings.Contains(string(text), "{subject}") {
		err = errors.New("there is no {subject} in it")
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("there is no such file")
		}
		return "", "", &UnfitError{Message: fmt.Sprintf("%s %s: %v", templateSetting, path, err),
			Next: "git config --show-origin " + templateSetting}
	}
	message := strings.NewReplacer("{subject}", subject, "{body}", body, "{step}", step).Replace(string(text))
	subject, body, _ = strings.Cut(strings.TrimLeft(message, "\n"), "\n")
	return subject, strings.Trim(body, "\n"), nil
}
