package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Pending is the write-ahead record of a change under way. It is written before
// the first file is touched and removed when the change is whole, so that a
// process killed in between can be finished or undone.
type Pending struct {
	Version  int                     `json:"version"`
	Kind     Kind                    `json:"kind"`
	Ref      string                  `json:"ref"`              // full name of the branch, or HEAD
	Head     Hash                    `json:"head"`             // commit that Ref must still name; empty when unborn
	Commit   Hash                    `json:"commit,omitempty"` // commit to be; empty while hooks may still change it
	Message  string                  `json:"message,omitempty"`
	NoVerify bool                    `json:"noVerify,omitempty"`
	NoSign   bool                    `json:"noSign,omitempty"`
	HooksRan bool                    `json:"hooksRan,omitempty"` // hooks had their say: Message, Files and Extra hold it
	Files    map[string]PendingFile  `json:"files"`              // by path
	Extra    map[string]PendingEntry `json:"extra,omitempty"`    // what a hook added to the commit besides, by path
	Process  Process                 `json:"process"`
	Started  time.Time               `json:"started"`
}

// PendingFile is what becomes of one file.
type PendingFile struct {
	Before Hash   `json:"before,omitempty"` // blob of the bytes on disk before; empty: no such file
	After  Hash   `json:"after,omitempty"`  // blob of the bytes on disk after; empty: removed
	Was    Hash   `json:"was,omitempty"`    // blob that the index had before; empty: no entry
	Stored Hash   `json:"stored,omitempty"` // blob that the index and the commit get for After
	Perm   uint32 `json:"perm"`             // permissions on disk
	Draft  string `json:"draft,omitempty"`  // file beside it that waits for its rename, relative to the root
}

// PendingEntry is what a path gets in the tree; an empty Hash removes it.
type PendingEntry struct {
	Mode uint32 `json:"mode"`
	Hash Hash   `json:"hash"`
}

const pendingVersion = 1

func (r *Repo) pendingPath() string { return filepath.Join(r.StateDir(), "pending.json") }

// Pending returns the record of a change that did not become whole, or nil. If
// the process that makes the change still runs it returns a *BusyError.
func (r *Repo) Pending() (*Pending, error) {
	p, err := r.loadPending()
	if p != nil && p.Process.alive(p.Started) && p.Process != thisProcess() {
		return nil, &BusyError{p.Process}
	}
	return p, err
}

func (r *Repo) loadPending() (*Pending, error) {
	data, err := os.ReadFile(r.pendingPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of an unfinished run: %w", err)
	}
	p := &Pending{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("read the record of an unfinished run %s: %w", r.pendingPath(), err)
	}
	if p.Version != pendingVersion {
		return nil, fmt.Errorf("the record of an unfinished run %s is of version %d, which this spanwalk does not know", r.pendingPath(), p.Version)
	}
	return p, nil
}

func (r *Repo) savePending(p *Pending) error {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.StateDir(), 0o777); err != nil {
		return err
	}
	return WriteFileAtomic(r.pendingPath(), append(data, '\n'), 0)
}

// ClearPending removes the record and what belongs to it. The files stay as
// they are.
func (r *Repo) ClearPending() error {
	p, err := r.loadPending()
	if p != nil {
		r.removeDrafts(p)
		r.releaseOwn(p)
	}
	_ = os.Remove(r.hookIndexPath()) // only there after a crash in a hook
	removeErr := os.Remove(r.pendingPath())
	if errors.Is(removeErr, fs.ErrNotExist) {
		removeErr = nil
	}
	if p == nil && removeErr == nil {
		return nil // a record that cannot be read is discarded too
	}
	return errors.Join(err, removeErr, os.RemoveAll(r.backupDir()))
}

// releaseOwn removes the locks that a killed process left behind.
func (r *Repo) releaseOwn(p *Pending) {
	locks := []string{r.indexPath() + ".lock"}
	if files, ok := r.refs.(*fileRefs); ok {
		locks = append(locks, files.path(p.Ref)+".lock", files.path(headName)+".lock")
	}
	for _, path := range locks {
		takeOver(path, r.StateDir())
	}
}

func (r *Repo) removeDrafts(p *Pending) {
	for _, f := range p.Files {
		if f.Draft != "" && filepath.IsLocal(filepath.FromSlash(f.Draft)) {
			_ = os.Remove(filepath.Join(r.root, filepath.FromSlash(f.Draft)))
		}
	}
	drafts, err := filepath.Glob(filepath.Join(r.StateDir(), ".spanwalk-*.tmp"))
	if err != nil {
		return
	}
	for _, path := range drafts {
		_ = os.Remove(path)
	}
}

// Sweep removes what a process left behind that was killed before it wrote its
// record or after it removed it: locks that would stop git, and files in
// [Repo.StateDir]. Where there is a record, or where another process is at work,
// it does nothing.
func (r *Repo) Sweep() error {
	if p, err := r.Pending(); p != nil || err != nil {
		return err
	}
	head, err := r.Head()
	if err != nil {
		return err
	}
	index := r.indexPath() + ".lock"
	left := r.leftBehind()
	if fileExists(index) && !isAbandoned(index) || len(left) == 0 && !fileExists(index) {
		return nil
	}
	lock, err := acquireLock(index, r.StateDir())
	if err != nil {
		return err
	}
	defer lock.release()
	r.releaseOwn(&Pending{Ref: head.Ref})
	for _, path := range left {
		_ = os.RemoveAll(path) // only litter
	}
	return nil
}

// leftBehind lists files in StateDir that belong to no process any more, if none
// holds the lock of the index.
func (r *Repo) leftBehind() []string {
	var out []string
	for _, path := range []string{r.backupDir(), r.hookIndexPath()} {
		if fileExists(path) {
			out = append(out, path)
		}
	}
	for _, pattern := range []string{"lock.*", "stale.*", ".spanwalk-*.tmp"} {
		found, _ := filepath.Glob(filepath.Join(r.StateDir(), pattern)) // the patterns are well formed
		for _, path := range found {
			info, err := os.Stat(path)
			if err == nil && (time.Since(info.ModTime()) > patience || isAbandoned(path)) {
				out = append(out, path)
			}
		}
	}
	return out
}

// backupDir holds second names of the files as they were.
func (r *Repo) backupDir() string { return filepath.Join(r.StateDir(), "before") }

// PendingState is how far an unfinished change came.
type PendingState struct {
	Committed bool     // HEAD has the change: nothing is left but to clear the record
	Moved     bool     // HEAD is neither where it was nor at the commit
	Before    []string // paths whose bytes are as before
	After     []string // paths whose bytes are as they were to become
	Other     []string // paths that somebody changed or committed since; these forbid finish and undo
}

// PendingState looks at the files and the branch of an unfinished change.
func (r *Repo) PendingState(p *Pending) (PendingState, error) {
	var s PendingState
	head, err := r.Head()
	if err != nil {
		return s, err
	}
	s.Committed = p.Commit != "" && r.reachable(p.Commit, head.Hash)
	s.Moved = !s.Committed && (head.Hash != p.Head || head.Ref != p.Ref)
	committed := map[string]bool{}
	if s.Moved && head.Hash != p.Head {
		if committed, err = r.changedBetween(p.Head, head.Hash, p); err != nil {
			return s, err
		}
		s.Committed = len(committed) == len(p.Files) && r.holdsAll(head.Hash, p)
	}
	for _, path := range slices.Sorted(maps.Keys(p.Files)) {
		now, err := r.diskHash(path)
		if err != nil {
			return s, err
		}
		switch f := p.Files[path]; {
		case committed[path]:
			s.Other = append(s.Other, path)
		case now == f.Before:
			s.Before = append(s.Before, path)
		case now == f.After:
			s.After = append(s.After, path)
		default:
			s.Other = append(s.Other, path)
		}
	}
	return s, nil
}

// changedBetween returns the files of an unfinished change that two commits hold
// differently: somebody committed them meanwhile.
func (r *Repo) changedBetween(a, b Hash, p *Pending) (map[string]bool, error) {
	changed := map[string]bool{}
	for path := range p.Files {
		before, err := r.blobIn(a, path)
		if err != nil {
			return nil, err
		}
		after, err := r.blobIn(b, path)
		if err != nil {
			return nil, err
		}
		if before != after {
			changed[path] = true
		}
	}
	return changed, nil
}

// holdsAll reports whether a commit holds every file as an unfinished change was
// to store it.
func (r *Repo) holdsAll(commit Hash, p *Pending) bool {
	for path, f := range p.Files {
		if h, err := r.blobIn(commit, path); err != nil || h != f.Stored {
			return false
		}
	}
	return true
}

// blobIn returns the hash of a path in a commit; "" where there is no such path
// or no commit.
func (r *Repo) blobIn(commit Hash, path string) (Hash, error) {
	if commit == "" {
		return "", nil
	}
	c, err := r.readCommit(commit)
	if err != nil {
		return "", err
	}
	e, err := r.newTreeReader(c.tree).entry(path)
	if errors.Is(err, ErrNotInCommit) {
		return "", nil
	}
	return e.hash, err
}

// diskHash returns the name of a file's bytes, or "" if there is no file.
func (r *Repo) diskHash(path string) (Hash, error) {
	data, err := r.ReadWorktree(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return r.BlobHash(data), nil
}

// reachLimit is how far back a commit of an unfinished run is looked for.
const reachLimit = 1000

// reachable tells whether commit is from or one of its latest ancestors by
// first parents.
func (r *Repo) reachable(commit, from Hash) bool {
	for range reachLimit {
		if from == commit {
			return true
		}
		c, err := r.readCommit(from)
		if err != nil || len(c.parents) == 0 {
			return false
		}
		from = c.parents[0]
	}
	return false
}

// Conflict returns the error for files of an unfinished change that somebody
// changed since.
func (r *Repo) Conflict(s PendingState) *ConflictError {
	return &ConflictError{Paths: s.Other, Record: r.pendingPath()}
}

// UndoPending puts the files and index entries of an unfinished change back as
// they were and clears the record. If somebody changed one of the files since,
// it returns a *ConflictError and touches nothing. A change that reached its
// commit is not undone: its record is cleared.
func (r *Repo) UndoPending() error {
	p, err := r.Pending()
	if p == nil || err != nil {
		return err
	}
	state, err := r.PendingState(p)
	if err != nil {
		return err
	}
	if state.Committed {
		return r.ClearPending()
	}
	if len(state.Other) > 0 {
		return r.Conflict(state)
	}
	lock, err := acquireLock(r.indexPath()+".lock", r.StateDir())
	if err != nil {
		return err
	}
	defer lock.release()
	for _, path := range state.After {
		if err := r.restore(path, p.Files[path]); err != nil {
			return fmt.Errorf("undo %s: %w", path, err)
		}
	}
	if err := r.restoreIndex(p); err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	return r.ClearPending()
}

// restore writes the bytes that a file had before.
func (r *Repo) restore(path string, f PendingFile) error {
	abs := filepath.Join(r.root, filepath.FromSlash(path))
	if f.Before == "" {
		return os.Remove(abs)
	}
	data, err := r.readKind(f.Before, blobKind)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o777); err != nil {
		return err
	}
	return WriteFileAtomic(abs, data, fs.FileMode(f.Perm))
}

// restoreIndex makes the entries of p's files say again what HEAD says, where
// they hold what the change put there or were left without fresh stat fields.
func (r *Repo) restoreIndex(p *Pending) error {
	if p.Kind == ToWorktree {
		return nil
	}
	in, err := r.inspect(p.Kind)
	if err != nil {
		return err
	}
	for path, f := range p.Files {
		if err := in.restoreEntry(path, f); err != nil {
			return err
		}
	}
	return r.writeIndex(in.index)
}

func (in *inspection) restoreEntry(path string, f PendingFile) error {
	var now Hash
	mode := uint32(modeRegular)
	if from, to := in.index.find(path); to > from {
		now, mode = hexHash(in.index.entries[from].hash), in.index.entries[from].mode()
	}
	if now != f.Stored && now != f.Was {
		return nil // the user staged something else
	}
	if f.Was == "" {
		in.index.remove(path)
		return nil
	}
	stat, err := statOf(filepath.Join(in.repo.root, filepath.FromSlash(path)))
	if err != nil {
		return err
	}
	return in.index.set(path, mode, f.Was, stat)
}

// FinishPending makes an unfinished change whole: it takes the change back
// first and then makes it anew, on top of the branch as it is now and with the
// same checks as [Repo.Commit]; hooks that had run already do not run again. For a change that reached its commit
// it only clears the record; then, and for changes without a commit, the
// returned Commit is empty.
func (r *Repo) FinishPending(o Options) (Commit, error) {
	p, err := r.Pending()
	if p == nil || err != nil {
		return Commit{}, err
	}
	state, err := r.PendingState(p)
	if err != nil {
		return Commit{}, err
	}
	change, err := r.changeOf(p)
	if err != nil {
		return Commit{}, fmt.Errorf("finish: %w", err)
	}
	if err := r.UndoPending(); err != nil || state.Committed {
		return Commit{}, err
	}
	o.NoVerify = o.NoVerify || p.NoVerify
	o.NoSign = o.NoSign || p.NoSign
	if p.HooksRan {
		o.hooksRan = p
	}
	switch p.Kind {
	case ToIndex:
		return Commit{}, r.stageWith(change, o)
	case ToWorktree:
		return Commit{}, r.writeWith(change, o)
	}
	return r.Commit(change, o)
}

// changeOf reads the change back that a record describes.
func (r *Repo) changeOf(p *Pending) (Change, error) {
	c := Change{Message: p.Message, Files: map[string]FileChange{}}
	for path, f := range p.Files {
		var fc FileChange
		var err error
		if f.Before != "" {
			fc.Before, err = r.readKind(f.Before, blobKind)
		}
		if err == nil && f.After != "" {
			fc.After, err = r.readKind(f.After, blobKind)
		}
		if err != nil {
			return c, err
		}
		c.Files[path] = fc
	}
	return c, nil
}
