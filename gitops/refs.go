package gitops

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// headName is the ref that says where the work tree stands.
const headName = "HEAD"

// branchPrefix begins the full name of every branch.
const branchPrefix = "refs/heads/"

// refs reads and moves branches: in files, or by the installed git.
type refs interface {
	// resolve follows symbolic refs from name to a last ref and its value.
	// The value is "" if that ref does not exist yet.
	resolve(name string) (last string, value Hash, err error)
	// begin locks u.ref and checks that it still has the old value.
	begin(u refUpdate) (refTransaction, error)
	// point makes HEAD name a branch.
	point(target string, who signature, reason string) error
	// names lists the refs that begin with prefix.
	names(prefix string) ([]string, error)
	// former lists the values a ref had, by its reflog, the newest first.
	former(ref string) ([]Hash, error)
}

// refUpdate is one move of a ref; an empty old value means that the ref must
// not exist.
type refUpdate struct {
	ref      string
	old, new Hash
	who      signature
	reason   string // for the reflog
}

// refTransaction is a locked and checked move. Exactly one of its methods must
// be called.
type refTransaction interface {
	commit() error
	abort()
}

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

// gitRefs asks the installed git.
type gitRefs struct{ git gitCommand }

func (g gitRefs) resolve(name string) (string, Hash, error) {
	last := name
	for range maxSymrefs {
		target, err := g.git.line("symbolic-ref", "-q", last)
		if exitCode(err) == 1 {
			break // the last one is not symbolic
		}
		if err != nil {
			return "", "", err
		}
		last = target
	}
	value, err := g.git.line("rev-parse", "-q", "--verify", last+"^{commit}")
	if exitCode(err) == 1 {
		return last, "", nil // it does not exist yet
	}
	return last, Hash(value), err
}

func (g gitRefs) names(prefix string) ([]string, error) {
	out, err := g.git.run(nil, "for-each-ref", "--format=%(refname)", strings.TrimSuffix(prefix, "/"))
	return strings.Fields(string(out)), err
}

func (g gitRefs) former(ref string) ([]Hash, error) {
	out, err := g.git.run(nil, "log", "-g", "--format=%H", ref, "--")
	var values []Hash
	for _, value := range strings.Fields(string(out)) {
		values = append(values, Hash(value))
	}
	return values, err
}

func (g gitRefs) point(target string, who signature, reason string) error {
	g.git.env = who.committerEnv()
	_, err := g.git.run(nil, "symbolic-ref", "-m", reason, headName, target)
	return err
}

func (g gitRefs) begin(u refUpdate) (refTransaction, error) {
	g.git.env = u.who.committerEnv()
	cmd := g.git.command("update-ref", "--no-deref", "-m", u.reason, "--create-reflog", "--stdin")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git update-ref: %w", err)
	}
	t := &gitRefMove{update: u, said: &said, out: bufio.NewReader(out), tell: func(line string) error {
		_, err := fmt.Fprintln(in, line)
		return err
	}, end: func() error { return errors.Join(in.Close(), cmd.Wait()) }}
	old := u.old
	if old == "" {
		old = Hash(strings.Repeat("0", len(u.new)))
	}
	for _, line := range []string{"start", fmt.Sprintf("update %s %s %s", u.ref, u.new, old), "prepare"} {
		if err := t.tell(line); err != nil {
			return nil, t.failed()
		}
	}
	if t.expect("start") != nil || t.expect("prepare") != nil {
		return nil, g.explain(u, t.failed())
	}
	return t, nil
}

// explain tells a moved branch from other failures.
func (g gitRefs) explain(u refUpdate, err error) error {
	if _, got, e := g.resolve(u.ref); e == nil && got != u.old {
		return &MovedError{Ref: u.ref, Want: u.old, Got: got}
	}
	return err
}

// gitRefMove is an open transaction of "git update-ref --stdin".
type gitRefMove struct {
	update refUpdate
	said   *bytes.Buffer
	out    *bufio.Reader
	tell   func(line string) error
	end    func() error
}

// expect reads the answer "VERB: ok".
func (t *gitRefMove) expect(verb string) error {
	line, err := t.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != verb+": ok" {
		return fmt.Errorf("git update-ref answered %q", line)
	}
	return nil
}

func (t *gitRefMove) failed() error {
	err := t.end()
	if text := strings.TrimSpace(t.said.String()); text != "" {
		err = errors.New(strings.TrimPrefix(text, "fatal: "))
	}
	return fmt.Errorf("move %s: %w", t.update.ref, err)
}

func (t *gitRefMove) commit() error {
	if t.tell("commit") != nil || t.expect("commit") != nil {
		return t.failed()
	}
	return t.end()
}

func (t *gitRefMove) abort() {
	_ = t.tell("abort")
	_ = t.end() // the transaction is void either way
}
