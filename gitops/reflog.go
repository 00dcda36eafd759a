package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// log appends to the reflogs of refs. It opens all of them before it writes to
// the first.
func (f *fileRefs) log(u refUpdate, refs ...string) error {
	old := u.old
	if old == "" {
		old = Hash(strings.Repeat("0", len(u.new)))
	}
	reason := strings.Join(strings.Fields(u.reason), " ")
	line := fmt.Sprintf("%s %s %s\t%s\n", old, u.new, u.who, reason)
	var files []*os.File
	var errs []error
	for _, ref := range refs {
		file, err := f.openLog(ref)
		if file != nil {
			files = append(files, file)
		}
		errs = append(errs, err)
	}
	failed := errors.Join(errs...)
	for _, file := range files {
		if failed == nil {
			failed = appendWhole(file, line)
		}
		failed = errors.Join(failed, file.Close())
	}
	if failed != nil {
		return fmt.Errorf("reflog: %w", failed)
	}
	return nil
}

// appendWhole adds a line to a file, or nothing where the disk is full.
func appendWhole(file *os.File, line string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err = file.WriteString(line); err != nil {
		err = errors.Join(err, file.Truncate(info.Size()))
	}
	return err
}

// openLog opens a reflog; nil where reflogs are switched off and there is none.
func (f *fileRefs) openLog(ref string) (*os.File, error) {
	path := filepath.Join(f.base(ref), "logs", filepath.FromSlash(ref))
	flags := os.O_WRONLY | os.O_APPEND
	if f.logAll {
		flags |= os.O_CREATE
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, flags, 0o666)
	if errors.Is(err, fs.ErrNotExist) && !f.logAll {
		return nil, nil
	}
	return file, err
}
