package wizard

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// stamp is what the system says of a file without reading it. Whoever writes to
// a file, replaces or removes it or changes its permissions gives its path
// another stamp: the system alone sets the time of the last change, so that even
// an edit of the same size that puts the time of writing back is seen.
type stamp struct {
	device, inode, size uint64
	mode, failed        uint32 // failed is the error number where there is no such file, or no telling
	written, changed    int64  // in nanoseconds
}

// unsure is the stamp of what may have been read in one state and be stamped in
// another; it never settles.
var unsure = stamp{changed: math.MaxInt64}

// The longest steps in which time is counted: kernels stamp files by a clock
// that ticks every 10 ms at most, and some file systems keep whole seconds.
const (
	fineTick   = 50 * time.Millisecond
	coarseTick = 2 * time.Second
)

// settled reports whether whatever is written from now on must change the
// stamp, which was taken after now: two changes within a tick of the clock look
// like one.
func (s stamp) settled(now time.Time) bool {
	tick := fineTick
	if s.changed%int64(time.Second) == 0 {
		tick = coarseTick
	}
	return s.changed < now.Add(-tick).UnixNano()
}

func allSettled(list []stamp, now time.Time) bool {
	return !slices.ContainsFunc(list, func(s stamp) bool { return !s.settled(now) })
}

func (s stamp) appendTo(b []byte) []byte {
	for _, field := range [...]uint64{s.device, s.inode, s.size, uint64(s.mode)<<32 | uint64(s.failed), uint64(s.written), uint64(s.changed)} {
		b = binary.BigEndian.AppendUint64(b, field)
	}
	return b
}

// digest stands for everything that was hashed into it.
type digest [sha256.Size]byte

func stampDigest(list []stamp) digest {
	h := sha256.New()
	var b []byte
	for _, s := range list {
		b = s.appendTo(b[:0])
		h.Write(b)
	}
	return digest(h.Sum(nil))
}

// stampBatch is how many files a worker takes at a time.
const stampBatch = 256

// stamps returns the stamps of files, slash paths below root, with a worker per
// processor.
func stamps(root string, files []string) []stamp {
	out := make([]stamp, len(files))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)/stampBatch+1) {
		workers.Go(func() {
			for {
				from := int(next.Add(stampBatch)) - stampBatch
				if from >= len(files) {
					return
				}
				for i := from; i < min(from+stampBatch, len(files)); i++ {
					out[i] = stampOf(root + string(filepath.Separator) + filepath.FromSlash(files[i]))
				}
			}
		})
	}
	workers.Wait()
	return out
}
