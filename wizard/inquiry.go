package wizard

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"spanwalk/gitops"
)

// Inquiry is a command line that only reads, before it is carried out. It knows
// everything that what the command writes rests on, so that the same may be
// written again while none of that has changed:
//
//	the program      the stamp of its file: another build asks anew
//	the question     the command line, and who asks of which work tree
//	the facts        the answers given, files named, the session, Git's
//	                 configuration, HEAD, and where a shallow clone ends.
//	                 The history is HEAD's; objects are what they are called
//	the tree         the files that Git tracks, with the flags of their index
//	                 entries, and the stamps of the Python files and manifests,
//	                 as [Load] read them
//	other files      that [Walk.worktree] was asked for: CODEOWNERS, and whatever
//	                 commits of steps have changed, for reports
//
// Neither the screen nor the environment is among them: these commands write
// the same for everybody, and what Git takes from the environment shows in its
// configuration. While an earlier run is unfinished nothing is known: whether
// its process lives is no property of a file.
type Inquiry struct {
	cache   *Cache
	options Options
	files   []string
	began   time.Time
	name    string // of the question and the program
	facts   digest
}

// Ask prepares a command line: args as typed, which options were made of, and
// files that it names. It returns nil, whose methods may be called, where there
// is nothing to be had from a cache.
func (c *Cache) Ask(o Options, args, files []string) *Inquiry {
	if c == nil || !stampsTell {
		return nil
	}
	q := &Inquiry{cache: c, options: o, files: files, began: time.Now()}
	repo, err := gitops.Open(o.Dir)
	if err != nil {
		return nil
	}
	defer repo.Close()
	program, known := ownStamp()
	if !known {
		return nil
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%x %d %q %q", program.appendTo(nil), os.Geteuid(), repo.Root(), args))
	q.name = hex.EncodeToString(sum[:])
	if q.facts, known = q.gather(repo); !known {
		return nil
	}
	return q
}

// ownStamp returns the stamp of this program's file.
func ownStamp() (stamp, bool) {
	path, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return stamp{}, false
	}
	s := stampOf(path)
	return s, s.failed == 0
}

// gather hashes the facts; false where there are some that cannot be told.
func (q *Inquiry) gather(repo *gitops.Repo) (digest, bool) {
	h := sha256.New()
	for _, a := range q.options.Answers {
		fmt.Fprintf(h, "answer %q %q %q %q\n", a.Origin, a.Question, a.Where, a.Option)
	}
	named, err := relativeTo(repo.Root(), q.options.Dir, q.files)
	if err != nil {
		return digest{}, false
	}
	pending, err := repo.Pending()
	if pending != nil || err != nil {
		return digest{}, false
	}
	session, err := os.ReadFile(sessionPath(repo))
	if err != nil && !os.IsNotExist(err) {
		return digest{}, false
	}
	fmt.Fprintf(h, "named %q\nsession %q %t\n", named, session, err == nil)
	if err := repo.WriteFacts(h); err != nil {
		return digest{}, false
	}
	return digest(h.Sum(nil)), true
}

// Recall returns what the command wrote when it was asked last, if it would
// write the same now.
func (q *Inquiry) Recall() (Transcript, bool) {
	if q == nil {
		return Transcript{}, false
	}
	e, found := q.cache.read(q.name)
	if !found || e.Facts != q.facts {
		return Transcript{}, false
	}
	repo, err := gitops.Open(q.options.Dir)
	if err != nil {
		return Transcript{}, false
	}
	defer repo.Close()
	if stampDigest(stamps(repo.Root(), e.Others)) != e.Stamps {
		return Transcript{}, false
	}
	tree, err := treeNow(repo)
	if err != nil || tree != e.Tree {
		return Transcript{}, false
	}
	q.cache.touch(q.name)
	return e.Transcript, true
}

// Keep keeps what the command wrote, unless something it rests on may have
// changed while it ran. w is the walk that it was carried out on.
func (q *Inquiry) Keep(w *Walk, t Transcript) {
	if q == nil || t.long() || !w.Tree.settled {
		return
	}
	paths := slices.Sorted(maps.Keys(w.others))
	var others []stamp
	for _, path := range paths {
		others = append(others, w.others[path])
	}
	repo, err := gitops.Open(q.options.Dir)
	if err != nil || !allSettled(others, q.began) {
		return
	}
	defer repo.Close()
	if facts, known := q.gather(repo); !known || facts != q.facts {
		return
	}
	q.cache.write(q.name, entry{q.facts, w.Tree.state, paths, stampDigest(others), t})
}

// treeNow returns the state of the tree that [Load] would read now.
func treeNow(repo *gitops.Repo) (digest, error) {
	tracked, err := repo.TrackedFiles()
	if err != nil {
		return digest{}, err
	}
	l := newLoader(repo.Root(), tracked)
	l.stamps = stamps(repo.Root(), append(l.python[:len(l.python):len(l.python)], l.manifests...))
	return l.state(tracked), nil
}

// state hashes what decides which files are read, and their stamps.
func (l *loader) state(tracked []gitops.File) digest {
	h := sha256.New()
	var line []byte
	for i := range tracked {
		f := &tracked[i]
		line = append(append(line[:0], f.Path...), 0, byte(f.Mode>>8), byte(f.Mode), byte(f.Stage))
		line = strconv.AppendBool(strconv.AppendBool(line, f.SkipWorktree), f.IntentToAdd)
		h.Write(line)
	}
	stamped := stampDigest(l.stamps)
	h.Write(stamped[:])
	return digest(h.Sum(nil))
}

// worktree returns a file of the work tree as it is, and notes that it was read.
func (w *Walk) worktree(path string) ([]byte, error) {
	s := stampOf(filepath.Join(w.Repo.Root(), filepath.FromSlash(path)))
	data, err := w.Repo.ReadWorktree(path)
	if before, again := w.others[path]; again && s != before || err != nil && s.failed == 0 {
		s = unsure
	}
	if w.others == nil {
		w.others = map[string]stamp{}
	}
	w.others[path] = s
	return data, err
}
