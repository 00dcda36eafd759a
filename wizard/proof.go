package wizard

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Proof is a run of verify that succeeded. It holds for the tree it was made
// on: once a file that matters to Sentry changes, another run is needed.
type Proof struct {
	Tree     string    `json:"tree"` // see [Tree.Fingerprint]
	Time     time.Time `json:"time"`
	Streamed int       `json:"streamed"` // spans that arrived
}

// Fingerprint names the content of the files that the steps read: Python files
// that have to do with Sentry, and manifests. Other files do not change it.
func (t *Tree) Fingerprint() string {
	h := sha256.New()
	put := func(path string, data []byte) {
		fmt.Fprintf(h, "%d %s %d\n", len(path), path, len(data))
		h.Write(data)
	}
	for _, f := range t.Project.Files() {
		put(f.Path, t.Project.Data(f.Path))
	}
	for _, path := range t.Project.Others() {
		put(path, t.Project.Other(path))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Proven reports whether a run of verify has shown that the tree as it was
// read streams its spans; [Walk.Read] must have run.
func (w *Walk) Proven() bool {
	return w.Session.Proof != nil && w.Session.Proof.Tree == w.Tree.Fingerprint()
}

// proofNote says how the proof is to be had, or which one there is.
func (w *Walk) proofNote() string {
	const command = "spanwalk verify -- COMMAND"
	switch p := w.Session.Proof; {
	case p == nil:
		return command
	case !w.Proven():
		return command + " (the code changed since the run of " + p.Time.Format(time.DateOnly) + ")"
	default:
		return fmt.Sprintf("%s arrived on %s", count(p.Streamed, "span"), p.Time.Format(time.DateOnly))
	}
}
