package gitops

import (
	"bytes"
	"fmt"
)

// Changes returns the paths that hold work of the user's own: staged, not
// staged or, without the folders they fill, not tracked. It is for telling, not
// for deciding: the installed git is asked, and without one nothing is known.
func (r *Repo) Changes() ([]string, error) {
	if !gitInstalled() {
		return nil, nil
	}
	out, err := r.git.run(nil, "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules")
	if err != nil {
		return nil, fmt.Errorf("look for changes of yours: %w", err)
	}
	var paths []string
	for line := range bytes.SplitSeq(out, []byte{0}) {
		if len(line) > len("XY ") {
			paths = append(paths, string(line[len("XY "):]))
		}
	}
	return paths, nil
}

// FreeBranch returns the name of a branch that does not exist yet: the one
// asked for, or the same with a number behind it.
func (r *Repo) FreeBranch(name string) (string, error) {
	names, err := r.refs.names(branchPrefix)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, other := range names {
		taken[other] = true
	}
	free := name
	for n := 2; taken[branchPrefix+free]; n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free, nil
}
