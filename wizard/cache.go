package wizard

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Cache keeps what commands that only read have written, by [Inquiry], in files
// of the user's own: they hold source text. It is never an error that it cannot
// be read or written; the command is then carried out as without.
type Cache struct{ dir string }

// What is kept at most: of the entries the latest used ones stay.
const (
	maxEntries = 256
	maxSize    = 64 << 20 // bytes
	maxAge     = 30 * 24 * time.Hour
)

// CacheOff is the setting that keeps nothing.
const CacheOff = "off"

// OpenCache returns the cache in a folder, in the user's own for "", or nil for
// [CacheOff] and where there can be none.
func OpenCache(setting string) *Cache {
	switch setting {
	case CacheOff:
		return nil
	case "":
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil
		}
		return &Cache{filepath.Join(dir, "spanwalk")}
	}
	return &Cache{setting}
}

// entry is a transcript with what it rests on; see [Inquiry].
type entry struct {
	Facts, Tree digest
	Others      []string // paths of other files
	Stamps      digest   // of these
	Transcript  Transcript
}

// What names of files in the folder are made of; it may hold others too.
const (
	entrySuffix = ".spanwalk"
	draftPrefix = "draft-"
)

func (c *Cache) path(name string) string { return filepath.Join(c.dir, name+entrySuffix) }

// read returns the entry of a name. One that was cut short or changed is none.
func (c *Cache) read(name string) (e entry, found bool) {
	data, err := os.ReadFile(c.path(name))
	if err != nil || len(data) < sha256.Size || !ownFolder(c.dir) {
		return e, false
	}
	sum, data := digest(data), data[sha256.Size:]
	return e, sum == sha256.Sum256(data) && gob.NewDecoder(bytes.NewReader(data)).Decode(&e) == nil
}

// write puts an entry in the place of one of the same name, and removes what is
// too much.
func (c *Cache) write(name string, e entry) {
	b := bytes.NewBuffer(make([]byte, sha256.Size))
	if os.MkdirAll(c.dir, 0o700) != nil || !ownFolder(c.dir) || gob.NewEncoder(b).Encode(e) != nil {
		return
	}
	sum := sha256.Sum256(b.Bytes()[sha256.Size:])
	copy(b.Bytes(), sum[:])
	draft, err := os.CreateTemp(c.dir, draftPrefix+"*"+entrySuffix) // for its owner only
	if err != nil {
		return
	}
	_, err = draft.Write(b.Bytes())
	if errors.Join(err, draft.Close()) != nil || os.Rename(draft.Name(), c.path(name)) != nil {
		_ = os.Remove(draft.Name())
		return
	}
	c.trim()
}

// touch notes that an entry was used.
func (c *Cache) touch(name string) {
	now := time.Now()
	_ = os.Chtimes(c.path(name), now, now)
}

// trim removes the entries that were not used for long, those used longest ago
// while they are too many or too large, and what a killed process left.
func (c *Cache) trim() {
	list, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	for _, d := range list {
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(d.Name(), entrySuffix) {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	size := int64(0)
	for i, f := range files {
		size += f.Size()
		age := time.Since(f.ModTime())
		if i >= maxEntries || size > maxSize || age > maxAge || strings.HasPrefix(f.Name(), draftPrefix) && age > time.Hour {
			_ = os.Remove(filepath.Join(c.dir, f.Name()))
		}
	}
}
