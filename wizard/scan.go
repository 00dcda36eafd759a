package wizard

import (
	"context"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

// scanBatch is how many files a worker takes at a time: enough to make the
// counter cheap, few enough that one batch of large files delays nobody.
const scanBatch = 16

// scan reads files below root with a worker per processor and calls each for
// every one of them, from several goroutines. data is good only during the
// call. It stops early when ctx ends and returns its error.
func scan(ctx context.Context, root string, files []string, each func(i int, data []byte, err error)) error {
	return scanStamped(ctx, root, files, make([]stamp, len(files)), each)
}

// scanStamped is scan that also puts into found the stamp that each file had
// before it was read.
func scanStamped(ctx context.Context, root string, files []string, found []stamp, each func(i int, data []byte, err error)) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			buf := make([]byte, 1<<16)
			for ctx.Err() == nil {
				from := int(next.Add(scanBatch)) - scanBatch
				if from >= len(files) {
					return
				}
				for i := from; i < min(from+scanBatch, len(files)); i++ {
					data, stamp, err := readFile(root+string(filepath.Separator)+filepath.FromSlash(files[i]), &buf)
					found[i] = stamp
					each(i, data, err)
				}
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}
