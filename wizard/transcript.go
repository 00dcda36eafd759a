package wizard

import (
	"bytes"
	"io"
)

// Transcript is what a command wrote and how it ended.
type Transcript struct {
	Code   int
	Chunks []Chunk

	size int
}

// Chunk is what went to one of the streams in one go.
type Chunk struct {
	Err  bool // to standard error
	Data []byte
}

// Out returns a writer that passes on to w what it remembers as standard output.
func (r *Transcript) Out(w io.Writer) io.Writer { return recorder{r, w, false} }

// Err is Out for standard error.
func (r *Transcript) Err(w io.Writer) io.Writer { return recorder{r, w, true} }

// recorder writes to one of the streams of a transcript.
type recorder struct {
	transcript *Transcript
	to         io.Writer
	err        bool
}

// Write writes, and remembers what was written.
func (r recorder) Write(data []byte) (int, error) {
	r.transcript.add(r.err, data)
	return r.to.Write(data)
}

// maxTranscript is how much of a transcript is remembered; a longer one is not kept.
const maxTranscript = 16 << 20

func (r *Transcript) add(err bool, data []byte) {
	if r.size += len(data); r.long() {
		r.Chunks = nil
		return
	}
	if n := len(r.Chunks); n > 0 && r.Chunks[n-1].Err == err {
		r.Chunks[n-1].Data = append(r.Chunks[n-1].Data, data...)
		return
	}
	r.Chunks = append(r.Chunks, Chunk{err, bytes.Clone(data)})
}

func (r *Transcript) long() bool { return r.size > maxTranscript }

// Repeat writes everything again, in the order in which it was written.
func (r *Transcript) Repeat(out, errOut io.Writer) error {
	for _, w := range r.Chunks {
		to := out
		if w.Err {
			to = errOut
		}
		if _, err := to.Write(w.Data); err != nil {
			return err
		}
	}
	return nil
}
