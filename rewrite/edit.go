package rewrite

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
)

// Edit replaces the bytes [Start, End) of a file's source by New. An insertion
// has Start == End. Offsets are bytes into [File.Source].
type Edit struct {
	Start, End int
	New        string
}

// EditError says why a set of edits cannot be applied.
type EditError struct {
	Edit   Edit
	Reason string
}

// Error names the offsets and the reason.
func (e *EditError) Error() string {
	return fmt.Sprintf("edit at bytes %d–%d: %s", e.Edit.Start, e.Edit.End, e.Reason)
}

// SortEdits orders edits by position and removes exact duplicates, which arise
// when two findings drop the same statement or ensure the same import. Only
// whole lines are inserted once: two brackets at one offset are two brackets.
// Insertions at one offset keep their order.
func SortEdits(edits []Edit) []Edit {
	out := append([]Edit(nil), edits...)
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].Start != out[j].Start {
			return out[i].Start < out[j].Start
		}
		return out[i].End < out[j].End
	})
	kept := out[:0]
	for _, e := range out {
		if e.Start == e.End && !strings.Contains(e.New, "\n") || !containsEdit(kept, e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// containsEdit looks for e among the edits at the end that share its start.
func containsEdit(list []Edit, e Edit) bool {
	for i := len(list) - 1; i >= 0 && list[i].Start == e.Start; i-- {
		if list[i] == e {
			return true
		}
	}
	return false
}

// Validate checks that edits lie within f, do not overlap and touch no
// statement that could not be read. The error is an [*EditError].
func Validate(f *File, edits []Edit) error {
	last := 0
	for i, e := range SortEdits(edits) {
		switch {
		case e.Start < 0 || e.End < e.Start || e.End > len(f.Source):
			return &EditError{e, "outside the file"}
		case i > 0 && e.Start < last:
			return &EditError{e, "overlaps another edit"}
		case f.InBroken(e.Start, e.End):
			return &EditError{e, "inside a statement that could not be read"}
		}
		last = e.End
	}
	return nil
}

// Apply returns source with the edits made, which must be valid for it. The
// source itself is left alone.
func Apply(source []byte, edits []Edit) []byte {
	var out bytes.Buffer
	at := 0
	for _, e := range SortEdits(edits) {
		out.Write(source[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(source[at:])
	return out.Bytes()
}
