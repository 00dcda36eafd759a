package gitops

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNotInCommit says that a path is not in a commit's tree.
var ErrNotInCommit = errors.New("not in the commit")

// treeReader looks paths up in one tree and reads each folder once.
type treeReader struct {
	repo    *Repo
	root    Hash
	folders map[string][]treeEntry // by slash path, "" for the root
}

func (r *Repo) newTreeReader(root Hash) *treeReader {
	return &treeReader{repo: r, root: root, folders: map[string][]treeEntry{}}
}

// folder returns the entries of a folder; ErrNotInCommit if there is none.
func (t *treeReader) folder(dir string) ([]treeEntry, error) {
	if entries, known := t.folders[dir]; known {
		return entries, nil
	}
	h := t.root
	if dir != "" {
		e, err := t.entry(dir)
		if err != nil {
			return nil, err
		}
		if !e.isTree() {
			return nil, ErrNotInCommit
		}
		h = e.hash
	}
	entries, err := t.repo.readTree(h)
	if err == nil {
		t.folders[dir] = entries
	}
	return entries, err
}

// entry returns the tree entry of path.
func (t *treeReader) entry(path string) (treeEntry, error) {
	dir, name := splitPath(path)
	entries, err := t.folder(dir)
	if err != nil {
		return treeEntry{}, err
	}
	at := slices.IndexFunc(entries, func(e treeEntry) bool { return e.name == name })
	if at < 0 {
		return treeEntry{}, ErrNotInCommit
	}
	return entries[at], nil
}

// splitPath cuts a slash path into its folder, "" for the root, and its name.
func splitPath(path string) (dir, name string) {
	at := strings.LastIndexByte(path, '/')
	if at < 0 {
		return "", path
	}
	return path[:at], path[at+1:]
}

// writeTree writes the tree with changes made to it, and returns its hash and
// those of all changed folders by path. Only these are read and written.
func (t *treeReader) writeTree(changes map[string]PendingEntry) (map[string]Hash, error) {
	folders := map[string][]treeEntry{}
	for path, change := range changes {
		if err := t.stage(folders, path, change); err != nil {
			return nil, fmt.Errorf("tree of %s: %w", path, err)
		}
	}
	// Deepest folders first, so that each one's hash is known to its parent.
	order := make([]string, 0, len(folders))
	for dir := range folders {
		order = append(order, dir)
	}
	slices.SortFunc(order, func(a, b string) int { return depth(b) - depth(a) })
	hashes := map[string]Hash{}
	for _, dir := range order {
		h, err := t.writeFolder(folders[dir])
		if err != nil {
			return nil, fmt.Errorf("tree of %s: %w", dir, err)
		}
		hashes[dir] = h
		if dir == "" {
			break
		}
		parent, name := splitPath(dir)
		mode := uint32(modeTree)
		if len(folders[dir]) == 0 {
			h = "" // Git has no empty folders
		}
		folders[parent] = withEntry(folders[parent], name, PendingEntry{mode, h})
	}
	return hashes, nil
}

func depth(dir string) int {
	if dir == "" {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

// stage loads the folders above path and makes the change in its own one.
func (t *treeReader) stage(folders map[string][]treeEntry, path string, change PendingEntry) error {
	dir, name := splitPath(path)
	for at := dir; ; at, _ = splitPath(at) {
		if _, loaded := folders[at]; !loaded {
			entries, err := t.folder(at)
			if err != nil && !errors.Is(err, ErrNotInCommit) {
				return err
			}
			folders[at] = slices.Clone(entries)
		}
		if at == "" {
			break
		}
	}
	folders[dir] = withEntry(folders[dir], name, change)
	return nil
}

func withEntry(entries []treeEntry, name string, change PendingEntry) []treeEntry {
	entries = slices.DeleteFunc(entries, func(e treeEntry) bool { return e.name == name })
	if change.Hash == "" {
		return entries
	}
	return append(entries, treeEntry{fmt.Sprintf("%o", change.Mode), name, change.Hash})
}

func (t *treeReader) writeFolder(entries []treeEntry) (Hash, error) {
	data, err := encodeTree(entries)
	if err != nil {
		return "", err
	}
	return t.repo.objects.write(treeKind, data)
}

// BlobAt returns the content of path in a commit. A path that is not there, or
// is no file, gives an error; the first is [ErrNotInCommit].
func (r *Repo) BlobAt(commit Hash, path string) ([]byte, error) {
	c, err := r.readCommit(commit)
	if err != nil {
		return nil, err
	}
	e, err := r.newTreeReader(c.tree).entry(path)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", path, commit.Short(), err)
	}
	return r.readKind(e.hash, blobKind)
}

// FilesAt returns the paths of all files in a commit.
func (r *Repo) FilesAt(commit Hash) (map[string]bool, error) {
	c, err := r.readCommit(commit)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	return paths, r.compareTrees("", "", c.tree, paths)
}
