package gitops

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Kind is how far a change goes.
type Kind string

const (
	ToCommit   Kind = "commit" // files, index entries and a commit
	ToIndex    Kind = "stage"  // files and index entries
	ToWorktree Kind = "write"  // files only
)

// inspection looks at paths in HEAD, in the index and on disk, all three read
// once.
type inspection struct {
	repo  *Repo
	kind  Kind
	head  Head
	base  *treeReader // HEAD's tree
	index *indexFile
	attrs *attributes
}

func (r *Repo) inspect(kind Kind) (*inspection, error) {
	in := &inspection{repo: r, kind: kind}
	var err error
	if in.head, err = r.Head(); err != nil {
		return nil, err
	}
	if in.index, err = r.readIndexForUpdate(); err != nil {
		return nil, err
	}
	in.attrs = r.newAttributes(in.index)
	if in.head.Unborn {
		in.base = r.newTreeReader("")
		in.base.folders[""] = nil
		return in, nil
	}
	c, err := r.readCommit(in.head.Hash)
	if err != nil {
		return nil, err
	}
	in.base = r.newTreeReader(c.tree)
	return in, nil
}

// pathState is what an inspection found out about one path.
type pathState struct {
	path     string
	abs      string
	looked   bool   // at the disk
	exists   bool   // on disk
	content  []byte // on disk; nil if it does not exist
	perm     fs.FileMode
	stat     indexStat // on disk, taken before the content was read
	tracked  bool
	mode     uint32 // of the index entry
	staged   Hash   // of the index entry
	ends     lineEnds
	problems []Problem
}

func (s *pathState) refuse(code Code, message, hint string) {
	s.problems = append(s.problems, Problem{Code: code, Path: s.path, Message: message, Hint: hint, Fatal: true})
}

func (s *pathState) warn(code Code, message, hint string) {
	s.problems = append(s.problems, Problem{Code: code, Path: s.path, Message: message, Hint: hint})
}

// stored returns what the repository holds for content of this path.
func (s *pathState) stored(content, before []byte) []byte {
	if s.ends.converts(content, before) {
		return withLF(content)
	}
	return content
}

// look inspects one path. The error is for what could not be looked at;
// everything else is a problem of the result.
func (in *inspection) look(path string) (*pathState, error) {
	s := &pathState{path: path, abs: filepath.Join(in.repo.root, filepath.FromSlash(path))}
	if !validPath(path) {
		s.refuse(InvalidPath, "not a path inside the work tree", "name a file below "+in.repo.root)
		return s, nil
	}
	in.lookAtFolders(s)
	if len(s.problems) == 0 {
		in.lookAtIndex(s)
	}
	if len(s.problems) > 0 {
		return s, nil
	}
	if err := in.lookAtDisk(s); err != nil || len(s.problems) > 0 {
		return s, err
	}
	attrs := in.attrs.of(path)
	s.ends = in.repo.lineEndsOf(attrs)
	if reason := in.repo.filterReason(attrs, s.content); reason != "" && in.kind != ToWorktree {
		s.refuse(FilteredPath, reason, "change this file by hand, or leave it out with --exclude "+path)
		return s, nil
	}
	if s.tracked && s.exists && in.kind != ToWorktree {
		return s, in.compare(s)
	}
	return s, nil
}

// validPath tells whether path is clean, relative and outside of .git.
func validPath(path string) bool {
	if !fs.ValidPath(path) || path == "." || !filepath.IsLocal(filepath.FromSlash(path)) || strings.ContainsRune(path, 0) {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if strings.EqualFold(part, ".git") {
			return false
		}
	}
	return true
}

// lookAtFolders refuses a path that lies beyond a symbolic link or in another
// repository.
func (in *inspection) lookAtFolders(s *pathState) {
	for dir, _ := splitPath(s.path); dir != ""; dir, _ = splitPath(dir) {
		info, err := os.Lstat(filepath.Join(in.repo.root, filepath.FromSlash(dir)))
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			s.refuse(SymlinkPath, "its folder "+dir+" is a symbolic link", "change the file that it leads to")
		}
		if from, to := in.index.find(dir); to > from && in.index.entries[from].mode() == modeSubmodule {
			s.refuse(SubmodulePath, "it lies in the submodule "+dir, "run spanwalk inside "+dir)
		}
		if from, to := in.index.find(dir + "/"); to > from {
			s.refuse(SkipWorktreePath, "the sparse checkout leaves out its folder "+dir, "git sparse-checkout add "+dir)
		}
	}
}

func (in *inspection) lookAtIndex(s *pathState) {
	from, to := in.index.find(s.path)
	if from == to {
		if _, err := in.base.entry(s.path); err == nil && in.kind == ToCommit {
			s.refuse(StagedPath, "its removal is staged", "commit that, or take it back: git restore --staged "+s.path)
		}
		return
	}
	e := &in.index.entries[from]
	s.tracked, s.mode, s.staged = true, e.mode(), hexHash(e.hash)
	switch {
	case e.stage() != 0:
		s.refuse(UnmergedPath, "it has merge conflicts", "resolve them, then: git add "+s.path)
	case e.extra&flagIntentToAdd != 0:
		s.refuse(IntentToAddPath, "it was added with git add -N but has no content in the index yet", "git add "+s.path+" && git commit")
	case e.extra&flagSkipWorktree != 0:
		s.refuse(SkipWorktreePath, "the sparse checkout leaves it out", "git sparse-checkout add "+s.path+", or git update-index --no-skip-worktree "+s.path)
	case s.mode == modeSymlink:
		s.refuse(SymlinkPath, "it is a symbolic link", "change the file that it leads to")
	case s.mode == modeSubmodule:
		s.refuse(SubmodulePath, "it is a submodule", "run spanwalk inside it")
	}
}

func (in *inspection) lookAtDisk(s *pathState) error {
	if dir := nearestFolder(filepath.Dir(s.abs)); !writableDir(dir) {
		s.refuse(ReadOnlyPath, "its folder cannot be written to", "chmod u+w "+dir)
	}
	info, err := os.Lstat(s.abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.looked = true
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		s.refuse(SymlinkPath, "it is a symbolic link now", "git checkout -- "+s.path)
	case !info.Mode().IsRegular():
		s.refuse(InvalidPath, "it is not a file", "git checkout -- "+s.path)
	case info.Mode().Perm()&0o200 == 0:
		s.refuse(ReadOnlyPath, "it is read-only", "chmod u+w "+s.path)
	}
	s.exists, s.perm = true, info.Mode().Perm()
	if len(s.problems) > 0 {
		return nil
	}
	if s.stat, err = statOf(s.abs); err != nil {
		return err
	}
	s.content, err = os.ReadFile(s.abs)
	s.looked = err == nil
	return err
}

// nearestFolder returns dir or the nearest folder above it that exists.
func nearestFolder(dir string) string {
	for !fileExists(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

// compare holds the file against the index entry, and that against HEAD.
func (in *inspection) compare(s *pathState) error {
	if in.kind == ToCommit {
		e, err := in.base.entry(s.path)
		if err != nil && !errors.Is(err, ErrNotInCommit) {
			return err
		}
		if e.hash != s.staged || e.modeNumber() != s.mode {
			s.refuse(StagedPath, "it has staged changes that are not committed", "commit them, or unstage them: git restore --staged "+s.path)
			return nil
		}
	}
	if in.repo.BlobHash(s.content) == s.staged {
		return in.lookForCRLF(s)
	}
	if s.ends != keepLineEnds {
		before, err := in.repo.readKind(s.staged, blobKind)
		if err != nil {
			return err
		}
		if in.repo.BlobHash(s.stored(s.content, before)) == s.staged {
			return nil
		}
	}
	s.refuse(DirtyPath, "it has changes that are not committed", "commit or stash them: git stash push "+s.path)
	return nil
}

// lookForCRLF handles a file that is stored as it is. If it holds CRLF that git
// would convert, the repository was never normalized; we keep to what is
// stored, so that a commit does not change every line.
func (in *inspection) lookForCRLF(s *pathState) error {
	if s.ends == toLF && strings.Contains(string(s.content), "\r\n") {
		s.warn(UnnormalizedPath, "it is stored with CRLF against its attributes; its line ends stay as they are",
			"git add --renormalize "+s.path)
		s.ends = keepLineEnds
	}
	if s.ends == autoLineEnds && strings.Contains(string(s.content), "\r\n") {
		s.ends = keepLineEnds
	}
	return nil
}

// mustExist refuses what a change of an existing file cannot work on.
func (s *pathState) mustExist() {
	switch {
	case len(s.problems) > 0:
	case !s.exists && s.tracked:
		s.refuse(MissingPath, "it is tracked but not there", "git checkout -- "+s.path)
	case !s.exists:
		s.refuse(MissingPath, "it does not exist", "git status")
	case !s.tracked:
		s.refuse(UntrackedPath, "git does not track it", "git add "+s.path+" && git commit")
	}
}

// mustNotExist refuses to make a file over something.
func (s *pathState) mustNotExist() {
	if len(s.problems) == 0 && s.tracked && !s.exists {
		s.refuse(MissingPath, "it is tracked but not there", "git checkout -- "+s.path)
	}
}

// refusals returns the fatal ones among problems.
func refusals(problems []Problem) []Problem {
	var fatal []Problem
	for _, p := range problems {
		if p.Fatal {
			fatal = append(fatal, p)
		}
	}
	return fatal
}

// ReadWorktree returns a file's bytes as they are on disk. A symbolic link is
// not followed.
func (r *Repo) ReadWorktree(path string) ([]byte, error) {
	if !validPath(path) {
		return nil, fmt.Errorf("read %q: not a path inside the work tree", path)
	}
	abs := filepath.Join(r.root, filepath.FromSlash(path))
	info, err := os.Lstat(abs)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", path)
	}
	data, err := os.ReadFile(abs)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}
