package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFileAtomic writes data to path so that at any moment a reader finds the
// old bytes or the new ones, even after a crash: into a new file in the same
// folder, synced to disk and then renamed. An existing file's owner is kept
// where we may; mode gives the permissions, 0 those of a new file.
func WriteFileAtomic(path string, data []byte, mode fs.FileMode) error {
	draft, err := writeDraft(filepath.Dir(path), data, mode)
	if err == nil {
		err = syncFile(draft)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if old, err := os.Lstat(path); err == nil {
		keepOwner(draft, old)
	}
	if err := os.Rename(draft, path); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(draft))
	}
	return nil
}

// draftName returns a new name for a file that waits for its rename. It has no
// suffix that a tool watching for sources would look at.
func draftName() string { return fmt.Sprintf(".spanwalk-%016x.tmp", rand.Uint64()) }

// writeDraft writes a new file in dir, which is made if need be, and returns
// its path. A mode of 0 leaves the permissions to the user's umask.
func writeDraft(dir string, data []byte, mode fs.FileMode) (string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(dir, draftName())
	if err := writeNew(path, data, mode); err != nil {
		return "", err
	}
	return path, nil
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && mode != 0 {
		err = f.Chmod(mode)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// syncFile waits until the file's bytes are on the disk.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil // a mode that forbids writing: the system writes it in its own time
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// modeOf returns the permissions of an existing regular file, or 0.
func modeOf(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return info.Mode().Perm()
	}
	return 0
}
