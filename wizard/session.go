package wizard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"spanwalk/gitops"
	"spanwalk/steps"
)

// Session is what no commit can hold yet. Losing it loses no work.
type Session struct {
	Started time.Time         // when its first answer or skip was given
	Answers []steps.Decision  // in the order they were given
	Skipped map[string]string // step name -> reason
	Proof   *Proof            // the last run of verify that succeeded, nil if there was none
	Head    gitops.Hash       // where the walk left the branch, to tell what changed since; may be ""

	path string
}

// sessionFile is the session's form on disk.
type sessionFile struct {
	Version int               `json:"version"`
	Started time.Time         `json:"started"`
	Answers []sessionAnswer   `json:"answers,omitempty"`
	Skipped map[string]string `json:"skipped,omitempty"`
	Proof   *Proof            `json:"proof,omitempty"`
	Head    gitops.Hash       `json:"head,omitempty"`
}

type sessionAnswer struct {
	Question string `json:"question"`
	Where    string `json:"where,omitempty"`
	Option   string `json:"option"`
}

const sessionVersion = 1

// LoadSession reads the session of a work tree; there need not be one. A file
// that cannot be understood is an error that names it.
func LoadSession(repo *gitops.Repo) (*Session, error) {
	return loadSession(sessionPath(repo))
}

func sessionPath(repo *gitops.Repo) string { return filepath.Join(repo.StateDir(), "session.json") }

func loadSession(path string) (*Session, error) {
	s := &Session{Skipped: map[string]string{}, path: path}
	data, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	var file sessionFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, s.broken(err.Error())
	}
	if file.Version != sessionVersion {
		return nil, s.broken(fmt.Sprintf("its version is %d, this program knows %d", file.Version, sessionVersion))
	}
	s.Started, s.Proof, s.Head = file.Started, file.Proof, file.Head
	for _, a := range file.Answers {
		s.Answers = append(s.Answers, steps.Decision(a))
	}
	for step, reason := range file.Skipped {
		s.Skipped[step] = reason
	}
	return s, nil
}

func (s *Session) broken(why string) error {
	return &UnfitError{Message: "session file " + s.path + ": " + why,
		Next: "rm '" + s.path + "'   (committed work and decisions stay)"}
}

// Save writes the session; an empty one is removed.
func (s *Session) Save() error {
	given := len(s.Answers)+len(s.Skipped) > 0
	if !given && s.Proof == nil {
		if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove session: %w", err)
		}
		return nil
	}
	if given && s.Started.IsZero() {
		s.Started = time.Now().UTC().Truncate(time.Second)
	}
	file := sessionFile{Version: sessionVersion, Started: s.Started, Skipped: s.Skipped, Proof: s.Proof, Head: s.Head}
	for _, d := range s.Answers {
		file.Answers = append(file.Answers, sessionAnswer(d))
	}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return fmt.Errorf("write session: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return fmt.Errorf("write session: %w", err)
	}
	if err := gitops.WriteFileAtomic(s.path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write session: %w", err)
	}
	return nil
}

// Remember keeps answers; a new one for the same question and place replaces
// the old one.
func (s *Session) Remember(list ...steps.Decision) {
	for _, d := range list {
		s.Forget(d)
		s.Answers = append(s.Answers, d)
	}
}

// Forget drops the answers to the same questions and places.
func (s *Session) Forget(list ...steps.Decision) {
	kept := s.Answers[:0]
	for _, a := range s.Answers {
		if !answered(list, a) {
			kept = append(kept, a)
		}
	}
	s.Answers = kept
}

func answered(list []steps.Decision, a steps.Decision) bool {
	for _, d := range list {
		if d.Question == a.Question && d.Where == a.Where {
			return true
		}
	}
	return false
}
