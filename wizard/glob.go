package wizard

import (
	"fmt"
	"path"
	"strings"
)

// Selection says which files a run may change. The others are still read, so
// that names and pins in them stay known.
type Selection struct {
	Only    []string // globs; empty means every file
	Exclude []string // globs; these win
}

// Check returns an error that names the first glob that is malformed.
func (s Selection) Check() error {
	for _, glob := range append(append([]string(nil), s.Only...), s.Exclude...) {
		if strings.Trim(glob, "/") == "" {
			return &UsageError{Message: fmt.Sprintf("glob %q matches nothing", glob)}
		}
		for _, part := range strings.Split(glob, "/") {
			if _, err := path.Match(part, ""); err != nil {
				return &UsageError{Message: fmt.Sprintf("glob %q: %v", glob, err)}
			}
		}
	}
	return nil
}

// All reports whether the selection leaves nothing out.
func (s Selection) All() bool { return len(s.Only) == 0 && len(s.Exclude) == 0 }

// Holds reports whether the file at path, slash separated and relative to the
// repository root, may be changed.
func (s Selection) Holds(file string) bool {
	if anyGlob(s.Exclude, file) {
		return false
	}
	return len(s.Only) == 0 || anyGlob(s.Only, file)
}

func anyGlob(globs []string, file string) bool {
	for _, g := range globs {
		if matchGlob(g, file) {
			return true
		}
	}
	return false
}

// matchGlob reports whether glob matches a file or one of the folders around
// it. Within a component *, ? and [a-z] mean what they mean to path.Match; **
// stands for any number of components. As in .gitignore a glob without a slash
// matches a component at any depth, and a leading slash ties it to the root.
func matchGlob(glob, file string) bool {
	glob = strings.TrimPrefix(glob, "./")
	if trimmed := strings.TrimSuffix(glob, "/"); strings.Contains(trimmed, "/") {
		glob = strings.TrimPrefix(trimmed, "/")
	} else {
		glob = "**/" + trimmed
	}
	return matchParts(strings.Split(glob, "/"), strings.Split(file, "/"))
}

// matchParts matches components; a glob that is used up has matched a folder
// around the file.
func matchParts(glob, file []string) bool {
	for len(glob) > 0 {
		if glob[0] == "**" {
			for i := 0; i <= len(file); i++ {
				if matchParts(glob[1:], file[i:]) {
					return len(glob) > 1 || len(file) > 0
				}
			}
			return false
		}
		if len(file) == 0 {
			return false
		}
		if ok, err := path.Match(glob[0], file[0]); err != nil || !ok {
			return false
		}
		glob, file = glob[1:], file[1:]
	}
	return true
}
