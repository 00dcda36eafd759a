package gitops

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// The index extension TREE remembers the tree objects of folders whose entries
// match them, which makes "git status" and the next commit of git's own quick.
// Dropping it is always right; renewing it keeps the user's git as quick as it was.

// cacheTree is one folder of the extension.
type cacheTree struct {
	name    string
	entries int // files below, or -1 where the tree object is not known
	id      Hash
	below   []*cacheTree
}

var errBrokenCacheTree = errors.New("broken TREE extension")

// parseCacheTree reads one folder with those below it.
func parseCacheTree(data []byte, hashSize int) (t *cacheTree, rest []byte, err error) {
	name, rest, found := bytes.Cut(data, []byte{0})
	counts, rest, found2 := bytes.Cut(rest, []byte{'\n'})
	first, second, found3 := bytes.Cut(counts, []byte{' '})
	entries, err1 := strconv.Atoi(string(first))
	folders, err2 := strconv.Atoi(string(second))
	if !found || !found2 || !found3 || err1 != nil || err2 != nil || entries >= 0 && len(rest) < hashSize {
		return nil, nil, errBrokenCacheTree
	}
	t = &cacheTree{name: string(name), entries: entries}
	if entries >= 0 {
		t.id, rest = Hash(hex.EncodeToString(rest[:hashSize])), rest[hashSize:]
	}
	for range folders {
		var sub *cacheTree
		if sub, rest, err = parseCacheTree(rest, hashSize); err != nil {
			return nil, nil, err
		}
		t.below = append(t.below, sub)
	}
	return t, rest, nil
}

func (t *cacheTree) append(out []byte) []byte {
	out = fmt.Appendf(out, "%s\x00%d %d\n", t.name, t.entries, len(t.below))
	if t.entries >= 0 {
		out, _ = hex.AppendDecode(out, []byte(t.id)) // it is our own hexadecimal
	}
	for _, sub := range t.below {
		out = sub.append(out)
	}
	return out
}

// renew replaces the ids of the folders that were changed: old holds what they
// were in HEAD, new what they are in the commit. Where the index did not match
// HEAD, or no commit was made, the id is not known any more.
func (t *cacheTree) renew(dir string, old func(dir string) Hash, changed map[string]Hash) {
	id, found := changed[dir]
	if !found {
		return
	}
	if id != "" && t.entries >= 0 && t.id == old(dir) {
		t.id = id
	} else {
		t.entries = -1
	}
	for _, sub := range t.below {
		path := sub.name
		if dir != "" {
			path = dir + "/" + sub.name
		}
		sub.renew(path, old, changed)
	}
}

// renewCacheTree brings the extension up to date with the files of the change.
func (w *writer) renewCacheTree() {
	changed := map[string]Hash{}
	for _, f := range w.files {
		if !f.tracked || f.blob == "" {
			w.index.dropExtension("TREE") // counts would change
			return
		}
		for dir, _ := splitPath(f.path); ; dir, _ = splitPath(dir) {
			changed[dir] = w.trees[dir]
			if dir == "" {
				break
			}
		}
	}
	if len(w.extra) > 0 {
		w.index.dropExtension("TREE")
		return
	}
	w.index.renewTrees(changed, w.base)
}

func (x *indexFile) renewTrees(changed map[string]Hash, base *treeReader) {
	for i := range x.extensions {
		if x.extensions[i].name != "TREE" {
			continue
		}
		root, _, err := parseCacheTree(x.extensions[i].data, x.hashSize)
		if err != nil {
			x.dropExtension("TREE")
			return
		}
		root.renew("", base.folderID, changed)
		x.extensions[i].data = root.append(nil)
		return
	}
}

// folderID returns the hash of a folder of the tree, or "".
func (t *treeReader) folderID(dir string) Hash {
	if dir == "" {
		return t.root
	}
	e, err := t.entry(dir)
	if err != nil {
		return ""
	}
	return e.hash
}
