package gitops

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A split index holds only what changed since a shared base file: its "link"
// extension names the base and holds two bitmaps over the base's entries, those
// deleted and those replaced. The replacements come first among its own
// entries, without names; entries with names are additions.

var errBrokenSplit = errors.New("the split index is damaged")

// joinBase puts a split index together with its base, so that everything else
// need not know of it.
func (x *indexFile) joinBase(gitDir string) error {
	link := slices.IndexFunc(x.extensions, func(e indexExtension) bool { return e.name == "link" })
	if link < 0 {
		return nil
	}
	data := x.extensions[link].data
	if len(data) < x.hashSize {
		return errBrokenSplit
	}
	x.dropExtension("link")
	x.split = true
	id, bitmaps := data[:x.hashSize], data[x.hashSize:]
	if bytes.Count(id, []byte{0}) == len(id) {
		return nil
	}
	base, err := readSharedIndex(filepath.Join(gitDir, "sharedindex."+hex.EncodeToString(id)), x.hashSize)
	if err != nil {
		return err
	}
	return x.merge(base.entries, bitmaps)
}

func readSharedIndex(path string, hashSize int) (*indexFile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("shared index: %w", err)
	}
	return parseIndex(data, hashSize)
}

// merge replaces x's entries by base's with the changes that x and the bitmaps
// describe.
func (x *indexFile) merge(base []indexEntry, bitmaps []byte) error {
	var deleted, replaced []int
	var err error
	if len(bitmaps) > 0 {
		if deleted, bitmaps, err = readBitmap(bitmaps, len(base)); err != nil {
			return err
		}
		if replaced, _, err = readBitmap(bitmaps, len(base)); err != nil {
			return err
		}
	}
	if len(replaced) > len(x.entries) {
		return errBrokenSplit
	}
	merged := slices.Clone(base)
	for i, at := range replaced {
		merged[at] = x.entries[i]
		merged[at].path = base[at].path
	}
	for _, at := range slices.Backward(deleted) {
		merged = slices.Delete(merged, at, at+1)
	}
	merged = append(merged, x.entries[len(replaced):]...)
	slices.SortStableFunc(merged, func(a, b indexEntry) int {
		if c := strings.Compare(a.path, b.path); c != 0 {
			return c
		}
		return a.stage() - b.stage()
	})
	x.entries = merged
	return nil
}

// readBitmap reads one EWAH bitmap and returns the positions of its set bits,
// all below limit, and the bytes after it. The bitmap is a row of 64-bit
// words: a marker says how many words of equal bits it stands for and how many
// literal words follow it.
func readBitmap(data []byte, limit int) (set []int, rest []byte, err error) {
	const frame = 8 // the sizes before the words
	if len(data) < frame {
		return nil, nil, errBrokenSplit
	}
	count := int(binary.BigEndian.Uint32(data[4:]))
	end := frame + count*8 + 4 // the position of the last marker ends it
	if count > len(data)/8 || end > len(data) {
		return nil, nil, errBrokenSplit
	}
	word := func(i int) uint64 { return binary.BigEndian.Uint64(data[frame+i*8:]) }
	bit := 0
	for i := 0; i < count; i++ {
		marker := word(i)
		run, literals := int(marker>>1&0xffffffff)*64, int(marker>>33)
		if marker&1 != 0 {
			set, bit, run = appendRun(set, bit, min(run, limit-bit)), bit+run, 0
		}
		bit += run
		for ; literals > 0 && i+1 < count; literals-- {
			i++
			set, bit = appendWord(set, bit, word(i)), bit+64
		}
	}
	if len(set) > 0 && set[len(set)-1] >= limit {
		return nil, nil, errBrokenSplit
	}
	return set, data[end:], nil
}

func appendRun(set []int, from, length int) []int {
	for i := range length {
		set = append(set, from+i)
	}
	return set
}

func appendWord(set []int, from int, word uint64) []int {
	for b := range 64 {
		if word>>b&1 != 0 {
			set = append(set, from+b)
		}
	}
	return set
}
