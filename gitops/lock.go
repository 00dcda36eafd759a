package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockFile is one of Git's lock files, held by us. Git's own processes respect
// it by its mere existence; its content names us, so that a later spanwalk can
// tell a lock left by a killed one from everybody else's.
type lockFile struct{ path string }

// How long we wait for a lock of another process.
const (
	lockWait  = time.Second
	lockPause = 50 * time.Millisecond
)

// acquireLock makes path; temp is a folder on the same file system for the file
// before it gets its name.
func acquireLock(path, temp string) (*lockFile, error) {
	for end := time.Now().Add(lockWait); ; time.Sleep(lockPause) {
		err := makeLock(path, temp)
		if err == nil {
			return &lockFile{path}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if takeOver(path, temp) {
			continue
		}
		if time.Now().After(end) {
			return nil, heldLock(path)
		}
	}
}

// makeLock creates the file with its content in one move, so that a crash
// never leaves a lock that does not name its owner.
func makeLock(path, temp string) error {
	if err := os.MkdirAll(temp, 0o777); err != nil {
		return err
	}
	draft := filepath.Join(temp, fmt.Sprintf("lock.%d", os.Getpid()))
	text := []byte(thisProcess().lockText())
	defer os.Remove(draft)
	if err := os.WriteFile(draft, text, 0o666); err != nil {
		return err
	}
	err := os.Link(draft, path)
	if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return makeLockPlainly(path, text) // no hard links here
}

func makeLockPlainly(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// takeOver removes a lock that a spanwalk left which no longer runs. It moves
// the file aside first: only one of several processes succeeds in that, and
// what it moved is looked at again.
func takeOver(path, temp string) bool {
	if !isAbandoned(path) {
		return false
	}
	aside := filepath.Join(temp, fmt.Sprintf("stale.%d", os.Getpid()))
	if os.Rename(path, aside) != nil {
		return false
	}
	defer os.Remove(aside)
	if !isAbandoned(aside) {
		_ = os.Link(aside, path) // it was somebody's living lock after all
		return false
	}
	return true
}

func isAbandoned(path string) bool {
	text, err := os.ReadFile(path)
	info, err2 := os.Stat(path)
	if err != nil || err2 != nil {
		return false
	}
	owner, ours := parseLock(string(text))
	return ours && !owner.alive(info.ModTime())
}

func heldLock(path string) error {
	e := &LockedError{Path: path}
	if info, err := os.Stat(path); err == nil {
		e.Since = info.ModTime()
	}
	if text, err := os.ReadFile(path); err == nil {
		if owner, ours := parseLock(string(text)); ours {
			return &BusyError{owner}
		}
	}
	return e
}

// release removes the lock; a nil lock and a second call do nothing.
func (l *lockFile) release() {
	if l != nil && l.path != "" {
		_ = os.Remove(l.path)
		l.path = ""
	}
}
