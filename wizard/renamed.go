package wizard

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"spanwalk/gitops"
)

// name returns the name now of a file that a step changed under another.
func (r *rewind) name(path string) string {
	if name, found := r.names[path]; found {
		return name
	}
	return path
}

// formerly returns the names a file had, the one of now first, then the latest.
func (r *rewind) formerly(path string) []string {
	names := []string{path}
	for _, e := range slices.Backward(r.history) {
		for _, former := range e.Commit.Paths {
			if r.names[former] == path && !slices.Contains(names, former) {
				names = append(names, former)
			}
		}
	}
	return names
}

// renamed finds out what became of the files that steps changed and that are
// gone: old name -> name now.
func (r *rewind) renamed() (map[string]string, error) {
	names, seen := map[string]string{}, map[string]bool{}
	for _, e := range slices.Backward(r.history[r.first:]) {
		for _, path := range e.Commit.Paths {
			if seen[path] {
				continue
			}
			seen[path] = true
			if _, err := r.walk.worktree(path); !errors.Is(err, fs.ErrNotExist) {
				continue
			}
			name, err := r.newName(path, e.Commit.Hash)
			if err != nil {
				return nil, err
			}
			if name != "" {
				names[path] = name
			}
		}
	}
	return names, nil
}

// newName returns the tracked file that came after commit and is most like what
// path held in it, or "" where none is alike by half its lines, as for git.
func (r *rewind) newName(path string, commit gitops.Hash) (string, error) {
	old, err := r.walk.Repo.BlobAt(commit, path)
	if err != nil || len(old) == 0 {
		return "", ignoreGone(err)
	}
	tracked, err := r.walk.Repo.TrackedFiles()
	if err != nil {
		return "", err
	}
	before, err := r.walk.Repo.FilesAt(commit)
	if err != nil {
		return "", err
	}
	best, name := 0.5, ""
	for _, f := range tracked {
		if !f.Regular() || before[f.Path] || isPython(f.Path) != isPython(path) {
			continue
		}
		data, err := r.walk.worktree(f.Path)
		if err != nil {
			continue // gone or no file: preflight says so if it matters
		}
		if like := likeness(old, withLF(data)); like >= best && (name == "" || like > best) {
			best, name = like, f.Path
		}
	}
	return name, nil
}

// likeness returns which part of the lines of the longer text both have.
func likeness(a, b []byte) float64 {
	count := map[string]int{}
	x, y := bytes.SplitAfter(a, []byte("\n")), bytes.SplitAfter(b, []byte("\n"))
	for _, line := range x {
		count[string(line)]++
	}
	same := 0
	for _, line := range y {
		if count[string(line)] > 0 {
			count[string(line)]--
			same++
		}
	}
	return float64(same) / float64(max(len(x), len(y)))
}

func withLF(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// ignoreGone drops the error for a file that is not there.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, gitops.ErrNotInCommit) {
		return nil
	}
	return err
}
