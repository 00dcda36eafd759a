package gitops

import (
	"fmt"
	"io"
)

// WriteFacts writes what reading this repository rests on besides its files,
// index and objects: the configuration as it was read, from wherever, where
// HEAD is and where a shallow clone ends. The same bytes mean the same history.
func (r *Repo) WriteFacts(w io.Writer) error {
	head, err := r.Head()
	if err != nil {
		return err
	}
	shallow, err := r.shallowCommits()
	if err != nil {
		return err
	}
	for _, e := range r.config.entries {
		if _, err := fmt.Fprintf(w, "%q %q %t\n", e.key, e.value, e.bare); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "%q %+v %v\n", r.gitDir, head, shallow) // fmt sorts the keys of maps
	return err
}
