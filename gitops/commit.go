package gitops

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Change is what one step does to the work tree.
type Change struct {
	Message string                // whole commit message; see [FormatMessage]
	Files   map[string]FileChange // by path
}

// FileChange is what becomes of one file: bytes as they are on disk, line ends
// included.
type FileChange struct {
	Before []byte // what the file must hold now; nil: there must be no such file
	After  []byte // what it will hold; nil: it is removed
}

// Options vary how a change is made. The zero value is what git would do.
type Options struct {
	// NoVerify leaves out the hooks pre-commit and commit-msg, as
	// "git commit --no-verify" does.
	NoVerify bool
	// NoSign leaves the commit unsigned where the configuration would sign it,
	// as "git commit --no-gpg-sign" does.
	NoSign bool
	// OnHookOutput gets every line that a hook prints, while it runs.
	OnHookOutput func(line string)
	// Stop is called at every point between two writes; an error makes the
	// change fail there. It is nil except in tests.
	Stop func(point string) error

	// hooksRan is the record of a change whose hooks have done their work.
	hooksRan *Pending
}

// ErrNothingToCommit says that a change, or what hooks left of it, makes no
// difference to HEAD. Nothing was written.
var ErrNothingToCommit = errors.New("commit: the change makes no difference")

// Commit is a commit of the repository.
type Commit struct {
	Hash     Hash
	Parents  []Hash
	Subject  string // first line of the message
	Message  string
	Author   string    // "Name <email>"
	When     time.Time // the committer's date
	Authored time.Time // the author's date; rebasing and amending keep it
	Trailers []Trailer
	Reverts  []Hash   // named by git's sentence "This reverts commit …", in their order
	Paths    []string // changed against the first parent, sorted
}

// Commit makes the change and one commit of it on top of HEAD. It runs the
// user's hooks, signs if the configuration says so and leaves everything else
// of the user's as it is. If it returns an error, files, index and branch are
// as they were; a *RollbackError is the one exception.
//
// A hook that edits files of the change changes the commit: its edits belong to
// it. A pre-commit hook that fails after it edited such files is run once more
// with them, because formatters behave so.
func (r *Repo) Commit(c Change, o Options) (Commit, error) {
	c.Message = cleanMessage(c.Message)
	if c.Message == "" {
		return Commit{}, errors.New("commit: the message is empty")
	}
	author, err := r.signature("AUTHOR")
	if err != nil {
		return Commit{}, err
	}
	committer, err := r.signature("COMMITTER")
	if err != nil {
		return Commit{}, err
	}
	w, err := r.beginWrite(ToCommit, c, o)
	if err != nil {
		return Commit{}, err
	}
	w.author, w.committer = author, committer
	done, err := w.commit()
	w.close()
	if err != nil {
		return Commit{}, err
	}
	w.runPostCommit()
	return done, nil
}

// Stage makes the change in the files and in the index, for a user who commits
// by hand. The files may hold staged work, but none that is not staged.
func (r *Repo) Stage(c Change) error { return r.stageWith(c, Options{}) }

func (r *Repo) stageWith(c Change, o Options) error {
	w, err := r.beginWrite(ToIndex, c, o)
	if err != nil {
		return err
	}
	defer w.close()
	return w.attempt(func() error {
		if err := w.writeFiles(); err != nil {
			return err
		}
		return w.writeIndex()
	})
}

// WriteOnly makes the change in the files alone. They may hold work that is
// not committed.
func (r *Repo) WriteOnly(c Change) error { return r.writeWith(c, Options{}) }

func (r *Repo) writeWith(c Change, o Options) error {
	w, err := r.beginWrite(ToWorktree, c, o)
	if err != nil {
		return err
	}
	defer w.close()
	return w.attempt(w.writeFiles)
}

// commit runs the whole protocol of the package comment.
func (w *writer) commit() (Commit, error) {
	var done Commit
	err := w.attempt(func() error {
		if err := w.makeCommit(); err != nil {
			return err
		}
		if err := w.writeFiles(); err != nil {
			return err
		}
		if err := w.runHooks(); err != nil {
			return err
		}
		done = w.result()
		return w.publish()
	})
	return done, err
}

// makeCommit writes the tree and, unless hooks may still change it, the commit.
func (w *writer) makeCommit() error {
	if w.repo.hasCommitHooks(w.options) {
		return nil
	}
	return w.writeCommit()
}

// writeCommit writes the objects of the commit as the files are now.
func (w *writer) writeCommit() error {
	trees, err := w.base.writeTree(w.treeChanges())
	if err != nil {
		return err
	}
	if len(trees) == 0 || trees[""] == w.base.root {
		return ErrNothingToCommit
	}
	w.trees = trees
	c := commitObject{tree: trees[""], author: w.author, committer: w.committer, message: w.change.Message}
	if !w.head.Unborn {
		c.parents = []Hash{w.head.Hash}
	}
	if w.made, err = w.repo.storeCommit(c, w.options.NoSign); err != nil {
		return err
	}
	w.object = c
	return w.stop("objects")
}

func (w *writer) treeChanges() map[string]PendingEntry {
	changes := maps.Clone(w.extra)
	if changes == nil {
		changes = map[string]PendingEntry{}
	}
	for _, f := range w.files {
		changes[f.path] = PendingEntry{f.treeMode(), f.blob}
	}
	return changes
}

// publish moves index and branch, the two with their locks held.
func (w *writer) publish() error {
	subject, _ := splitSubject(w.object.message)
	reason := "commit: "
	if w.head.Unborn {
		reason = "commit (initial): "
	}
	move, err := w.repo.refs.begin(refUpdate{
		ref: w.head.Ref, old: w.head.Hash, new: w.made, who: w.committer, reason: reason + subject,
	})
	if err != nil {
		return err
	}
	if err := errors.Join(w.stop("ref-locked"), w.checkHead()); err != nil {
		move.abort()
		return err
	}
	if err := w.writeIndex(); err != nil {
		move.abort()
		return err
	}
	if err := move.commit(); err != nil {
		return err
	}
	w.committed = true
	return w.stop("ref")
}

// checkHead makes sure that nobody switched branches meanwhile.
func (w *writer) checkHead() error {
	now, err := w.repo.Head()
	if err != nil {
		return err
	}
	if now.Ref != w.head.Ref {
		return &MovedError{Ref: w.head.Ref, Want: w.head.Hash, Got: now.Hash}
	}
	return nil
}

func (w *writer) result() Commit {
	c := commitOf(w.made, w.object)
	c.Paths = slices.Sorted(maps.Keys(w.treeChanges()))
	return c
}

// commitOf is the public form of a commit object, without its paths.
func commitOf(h Hash, c commitObject) Commit {
	subject, _ := splitSubject(c.message)
	return Commit{
		Hash: h, Parents: c.parents, Subject: subject, Message: c.message,
		Author: fmt.Sprintf("%s <%s>", c.author.name, c.author.email),
		When:   c.committer.when, Authored: c.author.when, Trailers: ParseTrailers(c.message), Reverts: reverted(c.message),
	}
}
