package gitops

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Kinds of objects, as Git writes them.
const (
	blobKind   = "blob"
	treeKind   = "tree"
	commitKind = "commit"
)

// objects reads and writes raw objects: by go-git, or by the installed git in
// repositories that go-git does not know.
type objects interface {
	read(h Hash) (kind string, data []byte, err error)
	write(kind string, data []byte) (Hash, error)
	close()
}

// errNoObject says that an object is not in the repository.
var errNoObject = errors.New("object is missing")

// readKind reads an object that must be of one kind.
func (r *Repo) readKind(h Hash, kind string) ([]byte, error) {
	got, data, err := r.objects.read(h)
	if errors.Is(err, errNoObject) && r.config.str("extensions.partialclone") != "" {
		return nil, fmt.Errorf("read %s %s: %w: this is a partial clone; fetch it with: git -C %s cat-file -e %s", kind, h.Short(), err, r.root, h)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, h.Short(), err)
	}
	if got != kind {
		return nil, fmt.Errorf("read %s %s: it is a %s", kind, h.Short(), got)
	}
	return data, nil
}

// BlobHash returns the name Git would give data stored as it is.
func (r *Repo) BlobHash(data []byte) Hash { return r.objectHash(blobKind, data) }

func (r *Repo) objectHash(kind string, data []byte) Hash {
	sum := newHash(r.hashSize)
	sum.Write([]byte(kind + " " + strconv.Itoa(len(data)) + "\x00"))
	sum.Write(data)
	return Hash(hex.EncodeToString(sum.Sum(nil)))
}

func newHash(size int) hash.Hash {
	if size == sha256.Size {
		return sha256.New()
	}
	return sha1.New()
}

// hexHash returns the name of the raw bytes of a hash.
func hexHash(raw []byte) Hash { return Hash(hex.EncodeToString(raw)) }

// goGitObjects is go-git's object store without its repository checks, which
// refuse extensions that do not concern objects. The stores are the
// repository's own, which is written to, and those it borrows from.
type goGitObjects struct{ stores []*filesystem.Storage }

// objectCacheSize is what unpacked objects may take in memory.
const objectCacheSize = 16 * cache.MiByte

func openGoGit(commonDir string) *goGitObjects {
	g := &goGitObjects{}
	for _, dir := range withAlternates(filepath.Join(commonDir, "objects"), nil) {
		files := ownObjects{osfs.New(filepath.Dir(dir))}
		options := filesystem.Options{KeepDescriptors: true}
		g.stores = append(g.stores, filesystem.NewStorageWithOptions(files, cache.NewObjectLRU(objectCacheSize), options))
	}
	return g
}

// ownObjects hides the list of alternates from go-git, which would open them
// again for every object it looks for.
type ownObjects struct{ billy.Filesystem }

func (f ownObjects) Open(name string) (billy.File, error) {
	if filepath.Base(name) == "alternates" {
		return nil, os.ErrNotExist
	}
	return f.Filesystem.Open(name)
}

// withAlternates returns an objects folder and those it borrows from, at any depth.
func withAlternates(dir string, seen []string) []string {
	if slices.Contains(seen, dir) || filepath.Base(dir) != "objects" {
		return seen
	}
	seen = append(seen, dir)
	text, err := os.ReadFile(filepath.Join(dir, "info", "alternates"))
	if err != nil {
		return seen
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line[0] != '#' {
			seen = withAlternates(expandPath(line, dir), seen)
		}
	}
	return seen
}

func (g *goGitObjects) read(h Hash) (string, []byte, error) {
	kind, data, err := g.find(h)
	if errors.Is(err, errNoObject) {
		for _, s := range g.stores {
			s.Reindex() // git may have packed the object since
		}
		kind, data, err = g.find(h)
	}
	return kind, data, err
}

func (g *goGitObjects) find(h Hash) (string, []byte, error) {
	for _, s := range g.stores {
		object, err := s.EncodedObject(plumbing.AnyObject, plumbing.NewHash(string(h)))
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			continue
		}
		if err != nil {
			return "", nil, err
		}
		data, err := objectBytes(object)
		return object.Type().String(), data, err
	}
	return "", nil, errNoObject
}

func objectBytes(object plumbing.EncodedObject) (data []byte, err error) {
	reader, err := object.Reader()
	if err != nil {
		return nil, err
	}
	data = make([]byte, object.Size())
	_, err = io.ReadFull(reader, data)
	return data, errors.Join(err, reader.Close())
}

func (g *goGitObjects) write(kind string, data []byte) (Hash, error) {
	objectType, err := plumbing.ParseObjectType(kind)
	if err != nil {
		return "", err
	}
	object := &plumbing.MemoryObject{}
	object.SetType(objectType)
	if _, err := object.Write(data); err != nil {
		return "", err
	}
	for _, s := range g.stores {
		if s.HasEncodedObject(object.Hash()) == nil {
			return Hash(object.Hash().String()), nil
		}
	}
	h, err := g.stores[0].SetEncodedObject(object)
	return Hash(h.String()), err
}

func (g *goGitObjects) close() {
	for _, s := range g.stores {
		_ = s.ObjectStorage.Close() // read-only descriptors
	}
}
