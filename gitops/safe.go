package gitops

import (
	"os"
	"path/filepath"
	"strings"
)

// checkOwner refuses what belongs to another user, as git does, unless the
// user's own configuration lists it under safe.directory.
func (r *Repo) checkOwner() error {
	for _, path := range []string{filepath.Join(r.root, ".git"), r.root, r.gitDir} {
		if ownedByUser(path) {
			continue
		}
		user, err := readConfig("", "")
		if err != nil {
			return err
		}
		if isSafe(user.protected("safe.directory"), r.root) {
			return nil
		}
		return &Problem{
			Code: UnsafeDirectory, Fatal: true,
			Message: path + " belongs to another user; git does not trust such a repository",
			Hint:    "git config --global --add safe.directory " + r.root,
		}
	}
	return nil
}

// isSafe reads the values of safe.directory in order; an empty one clears
// those before it.
func isSafe(values []string, root string) bool {
	safe := false
	for _, v := range values {
		switch {
		case v == "":
			safe = false
		case v == "*" || sameDir(v, root):
			safe = true
		case strings.HasSuffix(v, "/*"):
			dir := filepath.ToSlash(expandPath(strings.TrimSuffix(v, "*"), "/"))
			safe = safe || strings.HasPrefix(filepath.ToSlash(root), strings.TrimSuffix(dir, "/")+"/")
		}
	}
	return safe
}

func sameDir(value, root string) bool {
	path := expandPath(value, string(filepath.Separator))
	if path == root {
		return true
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(root)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
