package gitops

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
)

// indexStat is what the index remembers of a file to see that it did not change.
type indexStat struct {
	ctimeSec, ctimeNsec, mtimeSec, mtimeNsec uint32
	dev, ino, uid, gid, size                 uint32
}

// encode returns the stat fields in their order, with the mode among them.
func (s indexStat) encode(mode uint32) []byte {
	fields := []uint32{
		s.ctimeSec, s.ctimeNsec, s.mtimeSec, s.mtimeNsec, s.dev, s.ino, mode, s.uid, s.gid, s.size,
	}
	out := make([]byte, 0, statSize)
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, f)
	}
	return out
}

// set makes path's entry say that content with this hash is in the work tree,
// and keeps the entry's flags. It adds the entry if there is none.
func (x *indexFile) set(path string, mode uint32, h Hash, stat indexStat) error {
	id, err := hex.DecodeString(string(h))
	if err != nil {
		return fmt.Errorf("index entry %s: %w", path, err)
	}
	from, to := x.find(path)
	if to-from > 1 {
		return fmt.Errorf("index entry %s: it is not merged", path)
	}
	if from == to {
		x.entries = slices.Insert(x.entries, from, indexEntry{path: path})
	}
	e := &x.entries[from]
	e.stat, e.hash = stat.encode(mode), id
	return nil
}

// remove drops path's entry.
func (x *indexFile) remove(path string) {
	from, to := x.find(path)
	x.entries = slices.Delete(x.entries, from, to)
}

// distrust makes git compare the content of the entries whose files changed in
// the second in which the index was written, or later: their stat fields prove
// nothing, and an index with a newer time would make them look proven. since
// is the time of the index file that was read.
func (x *indexFile) distrust(since uint32) {
	for i := range x.entries {
		stat := x.entries[i].stat
		if binary.BigEndian.Uint32(stat[8:]) < since {
			continue
		}
		x.entries[i].stat = append(slices.Clone(stat[:36]), 0, 0, 0, 0) // a size of 0 never fits
	}
}

// encode writes the index in its own version. Every other entry and every
// extension stays as it was, but for those that speak of offsets or positions
// in the file, which git makes anew.
func (x *indexFile) encode() []byte {
	size := indexHeaderSize
	for i := range x.entries {
		size += statSize + x.hashSize + 12 + len(x.entries[i].path)
	}
	for _, e := range x.extensions {
		size += 8 + len(e.data)
	}
	out := make([]byte, 0, size+x.hashSize)
	out = append(out, "DIRC"...)
	out = binary.BigEndian.AppendUint32(out, x.version)
	out = binary.BigEndian.AppendUint32(out, uint32(len(x.entries)))
	previous := ""
	for i := range x.entries {
		out = x.appendEntry(out, &x.entries[i], previous)
		previous = x.entries[i].path
	}
	for _, e := range x.extensions {
		if e.name == "EOIE" || e.name == "IEOT" {
			continue
		}
		out = append(out, e.name...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(e.data)))
		out = append(out, e.data...)
	}
	sum := newHash(x.hashSize)
	sum.Write(out)
	return sum.Sum(out)
}

func (x *indexFile) appendEntry(out []byte, e *indexEntry, previous string) []byte {
	start := len(out)
	out = append(out, e.stat...)
	out = append(out, e.hash...)
	out = binary.BigEndian.AppendUint16(out, e.flags|uint16(min(len(e.path), flagNameMask)))
	if e.flags&flagExtended != 0 {
		out = binary.BigEndian.AppendUint16(out, e.extra)
	}
	if x.version == 4 {
		common := commonPrefix(previous, e.path)
		out = appendOffset(out, len(previous)-common)
		out = append(out, e.path[common:]...)
		return append(out, 0)
	}
	out = append(out, e.path...)
	padding := 8 - (len(out)-start)%8
	return append(out, make([]byte, padding)...)
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// appendOffset writes Git's variable-length number, most significant part first.
func appendOffset(out []byte, n int) []byte {
	digits := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		digits = append(digits, 0x80|byte(n&0x7f))
	}
	slices.Reverse(digits)
	return append(out, digits...)
}

// dropExtension removes an extension that no longer holds.
func (x *indexFile) dropExtension(name string) {
	x.extensions = slices.DeleteFunc(x.extensions, func(e indexExtension) bool { return e.name == name })
}

// sumFits tells whether the checksum of the file read fits its bytes; an index
// written with index.skipHash has none.
func (x *indexFile) sumFits() bool {
	if x.data == nil {
		return true
	}
	body, sum := x.data[:len(x.data)-x.hashSize], x.data[len(x.data)-x.hashSize:]
	if bytes.Count(sum, []byte{0}) == len(sum) {
		return true
	}
	h := newHash(x.hashSize)
	h.Write(body)
	return bytes.Equal(h.Sum(nil), sum)
}
