package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// writer makes one change. Its methods are steps of the protocol in the
// package comment; attempt puts everything back when one of them fails.
type writer struct {
	*inspection
	change  Change
	options Options
	files   []*fileWrite // sorted by path
	lock    *lockFile
	pending *Pending

	author, committer signature
	object            commitObject
	made              Hash                    // the commit; empty until it is written
	trees             map[string]Hash         // folders of the commit that changed
	extra             map[string]PendingEntry // what hooks added to the commit besides
	oldIndex          []byte                  // the index file as it was, once it was replaced
	committed         bool                    // the branch has the commit
}

// fileWrite is one file of the change.
type fileWrite struct {
	*pathState
	change    FileChange
	blob      Hash // what the repository gets; empty: the file is removed
	draft     string
	draftStat indexStat
	backup    string // second name of the file as it was; empty if there is none
	renamed   bool
}

func (f *fileWrite) draftPath() string { return filepath.Join(filepath.Dir(f.abs), f.draft) }

// treeMode is the mode in index and tree: that of the entry, or an ordinary file's.
func (f *fileWrite) treeMode() uint32 {
	if f.tracked {
		return f.mode
	}
	return modeRegular
}

// stop marks a point between two writes for tests.
func (w *writer) stop(point string) error {
	if w.options.Stop == nil {
		return nil
	}
	return w.options.Stop(point)
}

// beginWrite takes the index lock, looks at all paths and refuses the change if
// it cannot be made.
func (r *Repo) beginWrite(kind Kind, c Change, o Options) (*writer, error) {
	if err := r.refuseUnfinished(); err != nil {
		return nil, err
	}
	if kind == ToCommit {
		problems, err := r.stateProblems()
		if err != nil {
			return nil, err
		}
		if fatal := refusals(problems); len(fatal) > 0 {
			return nil, &RefusedError{fatal}
		}
	}
	lock, err := acquireLock(r.indexPath()+".lock", r.StateDir())
	if err != nil {
		return nil, err
	}
	w := &writer{change: c, options: o, lock: lock}
	if o.hooksRan != nil {
		w.extra = o.hooksRan.Extra
	}
	if err := w.prepare(r, kind); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (r *Repo) refuseUnfinished() error {
	p, err := r.Pending()
	if err != nil {
		return err
	}
	if p != nil {
		return &RefusedError{[]Problem{unfinishedProblem(p)}}
	}
	return nil
}

func (w *writer) prepare(r *Repo, kind Kind) error {
	if err := w.stop("locked"); err != nil {
		return err
	}
	var err error
	if w.inspection, err = r.inspect(kind); err != nil {
		return err
	}
	var problems []Problem
	for _, path := range slices.Sorted(maps.Keys(w.change.Files)) {
		f, err := w.lookFor(path, w.change.Files[path])
		if err != nil {
			return err
		}
		w.files = append(w.files, f)
		problems = append(problems, refusals(f.problems)...)
	}
	problems = append(problems, refusals(w.caseDuplicates(slices.Collect(maps.Keys(w.change.Files))))...)
	if len(problems) > 0 {
		return &RefusedError{problems}
	}
	for _, f := range w.files {
		if err := w.storeFile(f); err != nil {
			return err
		}
	}
	w.record()
	return nil
}

// lookFor inspects one file; its bytes must be those of the plan.
func (w *writer) lookFor(path string, change FileChange) (*fileWrite, error) {
	s, err := w.look(path)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", path, err)
	}
	if s.looked && (s.exists != (change.Before != nil) || !bytes.Equal(s.content, change.Before)) {
		return nil, &StaleError{path}
	}
	switch {
	case change.Before == nil:
		s.mustNotExist()
	case w.kind == ToWorktree:
	default:
		s.mustExist()
	}
	return &fileWrite{pathState: s, change: change, draft: draftName()}, nil
}

// storeFile writes what the repository gets for the file's new bytes, and what
// undoing and finishing need where Git's conversion makes that differ.
func (w *writer) storeFile(f *fileWrite) error {
	objects := w.repo.objects
	if before := f.change.Before; before != nil && w.repo.BlobHash(before) != f.staged {
		if _, err := objects.write(blobKind, before); err != nil {
			return fmt.Errorf("store %s: %w", f.path, err)
		}
	}
	f.blob = ""
	if f.change.After == nil {
		return nil
	}
	stored := f.stored(f.change.After, nil)
	var err error
	if f.blob, err = objects.write(blobKind, stored); err != nil {
		return fmt.Errorf("store %s: %w", f.path, err)
	}
	if !bytes.Equal(stored, f.change.After) {
		if _, err := objects.write(blobKind, f.change.After); err != nil {
			return fmt.Errorf("store %s: %w", f.path, err)
		}
	}
	return nil
}

// record fills the write-ahead record; attempt saves it.
func (w *writer) record() {
	w.pending = &Pending{
		Version: pendingVersion, Kind: w.kind, Ref: w.head.Ref, Head: w.head.Hash,
		Message: w.change.Message, Extra: w.extra, NoVerify: w.options.NoVerify, NoSign: w.options.NoSign,
		Process: thisProcess(), Started: time.Now(), Files: map[string]PendingFile{},
	}
	for _, f := range w.files {
		w.pending.Files[f.path] = w.recordFile(f)
	}
}

func (w *writer) recordFile(f *fileWrite) PendingFile {
	p := PendingFile{Was: f.staged, Stored: f.blob, Perm: uint32(f.perm)}
	if f.change.Before != nil {
		p.Before = w.repo.BlobHash(f.change.Before)
	}
	if f.change.After != nil {
		p.After = w.repo.BlobHash(f.change.After)
		dir, _ := splitPath(f.path)
		p.Draft = f.draft
		if dir != "" {
			p.Draft = dir + "/" + f.draft
		}
	}
	return p
}

// saveRecord writes the record as it stands.
func (w *writer) saveRecord() error {
	w.pending.Commit = w.made
	if err := w.repo.savePending(w.pending); err != nil {
		return err
	}
	return w.stop("pending")
}

// attempt runs the writing part and undoes what it did if it fails.
func (w *writer) attempt(steps func() error) error {
	err := steps()
	if err != nil && !w.committed {
		return w.rollBack(err)
	}
	if clearErr := w.repo.ClearPending(); clearErr != nil && err == nil && !w.committed {
		return clearErr
	}
	if w.committed {
		return nil // what is left of the record says so too
	}
	return err
}

// close releases the lock.
func (w *writer) close() {
	w.lock.release()
	if w.inspection != nil {
		w.resplit()
	}
}

// writeFiles writes all drafts first, so that a full disk is found out before
// any file is replaced, and then renames them.
func (w *writer) writeFiles() error {
	if err := w.saveRecord(); err != nil {
		return err
	}
	for i, f := range w.files {
		if err := w.writeDraft(f); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
		if err := w.stop("draft:" + strconv.Itoa(i)); err != nil {
			return err
		}
	}
	if err := w.syncDrafts(); err != nil {
		return err
	}
	for i, f := range w.files {
		if err := w.replace(f, i); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
		if err := w.stop("file:" + strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

// maxSyncs is how many files may be open to be synced.
const maxSyncs = 64

// syncDrafts waits for all drafts to be on the disk. It asks for many at once,
// which costs little more than one.
func (w *writer) syncDrafts() error {
	errs := make([]error, len(w.files))
	slots := make(chan struct{}, maxSyncs)
	var all sync.WaitGroup
	for i, f := range w.files {
		if f.change.After == nil {
			continue
		}
		slots <- struct{}{}
		all.Go(func() {
			errs[i] = syncFile(f.draftPath())
			<-slots
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (w *writer) writeDraft(f *fileWrite) error {
	if f.change.After == nil {
		return nil
	}
	path := f.draftPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := writeNew(path, f.change.After, f.perm); err != nil {
		return err
	}
	if f.exists {
		if old, err := os.Lstat(f.abs); err == nil {
			keepOwner(path, old)
		}
	}
	var err error
	f.draftStat, err = statOf(path)
	return err
}

// replace puts the draft in the file's place, if the file still is the one
// that was looked at, and keeps a second name of the old one.
func (w *writer) replace(f *fileWrite, i int) error {
	if err := f.unchanged(); err != nil {
		return err
	}
	if f.exists {
		backup := filepath.Join(w.repo.backupDir(), strconv.Itoa(i))
		if os.MkdirAll(w.repo.backupDir(), 0o777) == nil && os.Link(f.abs, backup) == nil {
			f.backup = backup // else the bytes are written again if need be
		}
	}
	f.renamed = true
	if f.change.After == nil {
		return os.Remove(f.abs)
	}
	return os.Rename(f.draftPath(), f.abs)
}

// unchanged makes sure that nobody wrote the file since its bytes were read.
func (f *fileWrite) unchanged() error {
	now, err := statOf(f.abs)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.exists:
		return nil
	case err != nil:
		return err
	case !f.exists || now != f.stat:
		return &StaleError{f.path}
	}
	return nil
}

// writeIndex replaces the index file, with the entries of our files renewed.
func (w *writer) writeIndex() error {
	for _, f := range w.files {
		if err := w.renewEntry(f); err != nil {
			return err
		}
	}
	for path, change := range w.extra {
		if err := w.renewExtra(path, change); err != nil {
			return err
		}
	}
	w.renewCacheTree()
	w.oldIndex = w.index.data
	if err := w.repo.writeIndex(w.index); err != nil {
		return err
	}
	return w.stop("index")
}

// resplit asks the installed git to split the index again that it had split.
// An index in one piece is as good, so it matters little if that fails.
func (w *writer) resplit() {
	if w.oldIndex != nil && w.index.split && gitInstalled() {
		_, _ = w.repo.git.run(nil, "update-index", "--split-index")
	}
}

func (w *writer) renewEntry(f *fileWrite) error {
	if f.blob == "" {
		w.index.remove(f.path)
		return nil
	}
	stat, err := statOf(f.abs)
	if err != nil {
		return err
	}
	if stat.mtimeSec != f.draftStat.mtimeSec || stat.mtimeNsec != f.draftStat.mtimeNsec || stat.size != f.draftStat.size {
		stat = indexStat{} // somebody wrote it since: git must compare the content
	}
	return w.index.set(f.path, f.treeMode(), f.blob, stat)
}

// writeIndex replaces the index file. The lock must be held.
func (r *Repo) writeIndex(index *indexFile) error {
	draft, err := writeDraft(r.StateDir(), index.encode(), modeOf(r.indexPath()))
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	if err := os.Rename(draft, r.indexPath()); err != nil {
		return errors.Join(fmt.Errorf("write index: %w", err), os.Remove(draft))
	}
	return nil
}

// rollBack puts files and index back as they were. If that fails the record
// stays for the next start.
func (w *writer) rollBack(cause error) error {
	var paths []string
	var failed []error
	for _, f := range w.files {
		if err := w.putBack(f); err != nil {
			paths, failed = append(paths, f.path), append(failed, err)
		}
	}
	if w.oldIndex != nil {
		if err := WriteFileAtomic(w.repo.indexPath(), w.oldIndex, modeOf(w.repo.indexPath())); err != nil {
			paths, failed = append(paths, "the index"), append(failed, err)
		}
	}
	if len(failed) > 0 {
		return &RollbackError{Cause: cause, Paths: paths, Err: errors.Join(failed...)}
	}
	if err := w.repo.ClearPending(); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func (w *writer) putBack(f *fileWrite) error {
	switch {
	case !f.renamed:
		return nil // its draft goes with the record
	case !f.holds(f.change.After):
		return errors.New("changed by somebody else meanwhile")
	case !f.exists:
		return os.Remove(f.abs)
	case f.backup != "":
		return os.Rename(f.backup, f.abs)
	}
	return WriteFileAtomic(f.abs, f.content, f.perm)
}

// holds tells whether the file on disk has these bytes, or is not there for nil.
func (f *fileWrite) holds(content []byte) bool {
	now, err := os.ReadFile(f.abs)
	if errors.Is(err, fs.ErrNotExist) {
		return content == nil
	}
	return err == nil && content != nil && bytes.Equal(now, content)
}
