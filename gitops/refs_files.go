package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// fileRefs is Git's classic storage: loose files and packed-refs.
type fileRefs struct {
	gitDir, commonDir string
	temp              string // folder for files before they get their name
	logAll            bool   // start a reflog where there is none
}

// branchOfHead returns the short name of the branch that HEAD names, or "" if
// it names none or, as with reftable, the file does not say.
func branchOfHead(gitDir string) string {
	name, found := strings.CutPrefix(readSymref(filepath.Join(gitDir, headName)), branchPrefix)
	if !found || name == ".invalid" {
		return ""
	}
	return name
}

// readSymref returns the name that a symbolic ref file holds, or "".
func readSymref(path string) string {
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "refs/") {
		return target
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	target, found := strings.CutPrefix(string(text), "ref:")
	if !found {
		return ""
	}
	return strings.TrimSpace(target)
}

// path returns the file of a ref. Some are private to each linked work tree.
func (f *fileRefs) path(ref string) string {
	return filepath.Join(f.base(ref), filepath.FromSlash(ref))
}

func (f *fileRefs) base(ref string) string {
	for _, private := range []string{"refs/bisect/", "refs/worktree/", "refs/rewritten/"} {
		if strings.HasPrefix(ref, private) {
			return f.gitDir
		}
	}
	if strings.HasPrefix(ref, "refs/") {
		return f.commonDir
	}
	return f.gitDir
}

// maxSymrefs is git's own limit on the length of a chain of symbolic refs.
const maxSymrefs = 5

func (f *fileRefs) resolve(name string) (string, Hash, error) {
	for range maxSymrefs {
		target := readSymref(f.path(name))
		if target == "" {
			value, err := f.value(name)
			return name, value, err
		}
		name = target
	}
	return "", "", fmt.Errorf("ref %s: too many symbolic refs in a row", name)
}

// value returns what a ref that is not symbolic holds, or "".
func (f *fileRefs) value(ref string) (Hash, error) {
	text, err := os.ReadFile(f.path(ref))
	if err == nil {
		value := strings.TrimSpace(string(text))
		if !isHexName(value) {
			return "", fmt.Errorf("ref %s: %s is damaged", ref, f.path(ref))
		}
		return Hash(value), nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !isDir(f.path(ref)) && !errors.Is(err, syscall.ENOTDIR) {
		return "", fmt.Errorf("ref %s: %w", ref, err)
	}
	var value Hash
	err = f.packed(func(name string, h Hash) {
		if name == ref {
			value = h
		}
	})
	return value, err
}

func isHexName(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

// packed calls visit for every line of packed-refs.
func (f *fileRefs) packed(visit func(name string, h Hash)) error {
	text, err := os.ReadFile(filepath.Join(f.commonDir, "packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("packed refs: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		value, name, found := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if found && isHexName(value) {
			visit(name, Hash(value))
		}
	}
	return nil
}

func (f *fileRefs) names(prefix string) ([]string, error) {
	var names []string
	err := f.packed(func(name string, _ Hash) {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	})
	if err != nil {
		return nil, err
	}
	dir := f.path(strings.TrimSuffix(prefix, "/"))
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return nil // a folder that goes away while we look held no ref
		}
		rel, err := filepath.Rel(f.base(prefix), path)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	return names, err
}

func (f *fileRefs) former(ref string) ([]Hash, error) {
	text, err := os.ReadFile(filepath.Join(f.base(ref), "logs", filepath.FromSlash(ref)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reflog: %w", err)
	}
	var values []Hash
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && isHexName(fields[1]) {
			values = append(values, Hash(fields[1]))
		}
	}
	slices.Reverse(values)
	return values, nil
}

func (f *fileRefs) begin(u refUpdate) (refTransaction, error) {
	path := f.path(u.ref)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("move %s: %w", u.ref, err)
	}
	lock, err := acquireLock(path+".lock", f.temp)
	if err != nil {
		return nil, fmt.Errorf("move %s: %w", u.ref, err)
	}
	t := &fileRefMove{fileRefs: f, update: u, lock: lock}
	if err := t.prepare(); err != nil {
		t.abort()
		return nil, err
	}
	return t, nil
}

// fileRefMove is a move with its lock held and its new value written aside.
type fileRefMove struct {
	*fileRefs
	update refUpdate
	lock   *lockFile
	draft  string
}

func (t *fileRefMove) prepare() error {
	got, err := t.value(t.update.ref)
	if err != nil {
		return err
	}
	if got != t.update.old {
		return &MovedError{Ref: t.update.ref, Want: t.update.old, Got: got}
	}
	t.draft, err = writeDraft(t.temp, []byte(string(t.update.new)+"\n"), modeOf(t.path(t.update.ref)))
	if err != nil {
		return err
	}
	return syncFile(t.draft)
}

// commit writes the reflogs first, as git does, and then the ref.
func (t *fileRefMove) commit() error {
	defer t.abort()
	logged := []string{t.update.ref}
	if t.update.ref != headName && readSymref(t.path(headName)) == t.update.ref {
		logged = append(logged, headName)
	}
	if err := t.log(t.update, logged...); err != nil {
		return err
	}
	path := t.path(t.update.ref)
	err := os.Rename(t.draft, path)
	if err != nil && os.Remove(path) == nil { // an empty folder left by a deleted branch
		err = os.Rename(t.draft, path)
	}
	if err != nil {
		return fmt.Errorf("move %s: %w", t.update.ref, err)
	}
	return nil
}

func (t *fileRefMove) abort() {
	if t.draft != "" {
		_ = os.Remove(t.draft) // gone already after a rename
	}
	t.lock.release()
}

func (f *fileRefs) point(target string, who signature, reason string) error {
	lock, err := acquireLock(f.path(headName)+".lock", f.temp)
	if err != nil {
		return fmt.Errorf("switch to %s: %w", target, err)
	}
	defer lock.release()
	_, value, err := f.resolve(headName)
	if err != nil {
		return err
	}
	draft, err := writeDraft(f.temp, []byte("ref: "+target+"\n"), modeOf(f.path(headName)))
	if err != nil {
		return err
	}
	defer os.Remove(draft)
	if value != "" {
		if err := f.log(refUpdate{old: value, new: value, who: who, reason: reason}, headName); err != nil {
			return err
		}
	}
	return os.Rename(draft, f.path(headName))
}
