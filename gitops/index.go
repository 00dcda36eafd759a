package gitops

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is one entry of the index.
type File struct {
	Path         string // slash path relative to the root
	Mode         uint32 // 0100644, 0100755, 0120000 (symbolic link) or 0160000 (submodule)
	Hash         Hash   // of the content that is staged
	Stage        int    // 0, or 1 to 3 while a merge is not resolved
	SkipWorktree bool   // left out of the work tree by a sparse checkout
	IntentToAdd  bool   // "git add -N": known, but nothing is staged
	AssumeValid  bool   // the user told git not to look for changes
}

// Regular tells whether the entry is an ordinary file whose content is there
// to be changed.
func (f File) Regular() bool {
	return (f.Mode == modeRegular || f.Mode == modeExecutable) && f.Stage == 0 && !f.SkipWorktree && !f.IntentToAdd
}

// Sizes and flag bits of the index file.
const (
	indexHeaderSize = 12
	statSize        = 40 // of the stat fields, mode included, before the hash

	flagAssumeValid  = 0x8000
	flagExtended     = 0x4000
	flagStageShift   = 12
	flagNameMask     = 0x0fff
	flagSkipWorktree = 0x4000 // of the extended flags
	flagIntentToAdd  = 0x2000
)

// indexEntry is one entry with the bytes that we keep as they are.
type indexEntry struct {
	path  string
	stat  []byte // statSize bytes
	hash  []byte
	flags uint16 // without the length of the name
	extra uint16 // extended flags
}

func (e *indexEntry) mode() uint32 { return binary.BigEndian.Uint32(e.stat[24:]) }
func (e *indexEntry) stage() int   { return int(e.flags>>flagStageShift) & 3 }

// indexExtension is a block after the entries.
type indexExtension struct {
	name string
	data []byte
}

// indexFile is an index as it was read.
type indexFile struct {
	version    uint32
	hashSize   int
	data       []byte // the whole file
	entries    []indexEntry
	extensions []indexExtension
	split      bool // read from two files
}

func (r *Repo) indexPath() string { return filepath.Join(r.gitDir, "index") }

// readIndex reads this work tree's index; a missing file is an empty index.
func (r *Repo) readIndex() (*indexFile, error) {
	if !fileExists(r.indexPath()) {
		return &indexFile{version: 2, hashSize: r.hashSize}, nil
	}
	return r.loadIndex(r.indexPath())
}

// loadIndex reads an index file, both parts of it if it is split.
func (r *Repo) loadIndex(path string) (*indexFile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	index, err := parseIndex(data, r.hashSize)
	if err == nil {
		err = index.joinBase(r.gitDir)
	}
	if err != nil {
		return nil, fmt.Errorf("read index %s: %w", path, err)
	}
	return index, nil
}

// readIndexForUpdate is readIndex, made sure of by the checksum and ready to be
// written again.
func (r *Repo) readIndexForUpdate() (*indexFile, error) {
	stat, err := statOf(r.indexPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read index: %w", err)
	}
	index, err := r.readIndex()
	if err != nil {
		return nil, err
	}
	if !index.sumFits() {
		return nil, fmt.Errorf("read index %s: the checksum does not fit; git fsck says more", r.indexPath())
	}
	index.distrust(stat.mtimeSec)
	return index, nil
}

// parseIndex reads versions 2, 3 and 4. The parts of the result share data.
func parseIndex(data []byte, hashSize int) (*indexFile, error) {
	if len(data) < indexHeaderSize+hashSize || string(data[:4]) != "DIRC" {
		return nil, errors.New("not an index file")
	}
	index := &indexFile{version: binary.BigEndian.Uint32(data[4:]), hashSize: hashSize}
	if index.version < 2 || index.version > 4 {
		return nil, fmt.Errorf("index version %d is unknown", index.version)
	}
	index.data = data
	body := data[:len(data)-hashSize]
	at, err := index.readEntries(body, int(binary.BigEndian.Uint32(data[8:])))
	if err != nil {
		return nil, err
	}
	return index, index.readExtensions(body[at:])
}

var errShortIndex = errors.New("the index ends too early")

func (x *indexFile) readEntries(body []byte, count int) (end int, err error) {
	if count > len(body)/(statSize+x.hashSize) {
		return 0, errShortIndex
	}
	x.entries = make([]indexEntry, count)
	// All names in one string: an entry's name is a slice of it.
	names := string(body)
	at := indexHeaderSize
	var previous []byte
	for i := range x.entries {
		e := &x.entries[i]
		start := at
		if at, err = x.readFixed(e, body, at); err != nil {
			return 0, err
		}
		if x.version == 4 {
			if previous, at, err = readPrefixed(previous, body, at); err != nil {
				return 0, err
			}
			e.path = string(previous)
			continue
		}
		length := bytes.IndexByte(body[at:], 0)
		if length < 0 {
			return 0, errShortIndex
		}
		e.path = names[at : at+length]
		at = start + (at+length-start+8)&^7
		if at > len(body) {
			return 0, errShortIndex
		}
	}
	return at, nil
}

// readFixed reads what stands before an entry's name.
func (x *indexFile) readFixed(e *indexEntry, body []byte, at int) (int, error) {
	if at+statSize+x.hashSize+4 > len(body) {
		return 0, errShortIndex
	}
	e.stat, at = body[at:at+statSize:at+statSize], at+statSize
	e.hash, at = body[at:at+x.hashSize:at+x.hashSize], at+x.hashSize
	e.flags, at = binary.BigEndian.Uint16(body[at:])&^flagNameMask, at+2
	if e.flags&flagExtended != 0 {
		e.extra, at = binary.BigEndian.Uint16(body[at:]), at+2
	}
	return at, nil
}

// readPrefixed reads a name of version 4: how many bytes to drop from the end
// of the previous one, and what to append.
func readPrefixed(previous, body []byte, at int) (name []byte, end int, err error) {
	drop, at, ok := readOffset(body, at)
	length := bytes.IndexByte(body[min(at, len(body)):], 0)
	if !ok || length < 0 || drop > len(previous) {
		return nil, 0, errShortIndex
	}
	name = append(previous[:len(previous)-drop], body[at:at+length]...)
	return name, at + length + 1, nil
}

// readOffset reads Git's variable-length number, most significant part first.
func readOffset(body []byte, at int) (n, end int, ok bool) {
	for first := true; at < len(body) && n < 1<<24; first = false {
		c := body[at]
		at++
		if !first {
			n++
		}
		n = n<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return n, at, true
		}
	}
	return 0, 0, false
}

func (x *indexFile) readExtensions(rest []byte) error {
	for len(rest) > 0 {
		if len(rest) < 8 || uint64(len(rest)-8) < uint64(binary.BigEndian.Uint32(rest[4:])) {
			return errShortIndex
		}
		size := int(binary.BigEndian.Uint32(rest[4:]))
		e := indexExtension{string(rest[:4]), rest[8 : 8+size]}
		if e.name[0] >= 'a' && e.name != "sdir" && e.name != "link" {
			return fmt.Errorf("index extension %q is unknown", e.name)
		}
		x.extensions = append(x.extensions, e)
		rest = rest[8+size:]
	}
	return nil
}

// TrackedFiles lists the index in its order, which is by path. Folders that a
// sparse index holds in place of their files are left out, as their files are.
func (r *Repo) TrackedFiles() ([]File, error) {
	index, err := r.readIndex()
	if err != nil {
		return nil, err
	}
	return index.files(), nil
}

func (x *indexFile) files() []File {
	digits := make([]byte, 0, len(x.entries)*x.hashSize*2)
	for i := range x.entries {
		digits = hex.AppendEncode(digits, x.entries[i].hash)
	}
	hashes := string(digits)
	files := make([]File, 0, len(x.entries))
	for i := range x.entries {
		e := &x.entries[i]
		if e.mode() == modeTree {
			continue
		}
		files = append(files, File{
			Path: e.path, Mode: e.mode(), Stage: e.stage(),
			Hash:         Hash(hashes[i*x.hashSize*2 : (i+1)*x.hashSize*2]),
			SkipWorktree: e.extra&flagSkipWorktree != 0,
			IntentToAdd:  e.extra&flagIntentToAdd != 0,
			AssumeValid:  e.flags&flagAssumeValid != 0,
		})
	}
	return files
}

// find returns the positions [from, to) of the entries of path: one, or up to
// three of a merge that is not resolved, or none where from is its place.
func (x *indexFile) find(path string) (from, to int) {
	from, _ = slices.BinarySearchFunc(x.entries, path, func(e indexEntry, p string) int {
		return strings.Compare(e.path, p)
	})
	for to = from; to < len(x.entries) && x.entries[to].path == path; to++ {
	}
	return from, to
}

// contents returns mode and hash of every entry that is merged.
func (x *indexFile) contents() map[string]PendingEntry {
	contents := make(map[string]PendingEntry, len(x.entries))
	for i := range x.entries {
		if e := &x.entries[i]; e.stage() == 0 && e.extra&flagIntentToAdd == 0 {
			contents[e.path] = PendingEntry{e.mode(), hexHash(e.hash)}
		}
	}
	return contents
}
