package pins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// lockCommand returns the command that locks anew after the manifest beside
// the lock has changed; "" when the file is no lock of a known tool.
func lockCommand(file string) string {
	dir, base := path.Split(file)
	dir = strings.TrimSuffix(dir, "/")
	switch base {
	case "uv.lock":
		return "uv lock" + option(" --project ", dir) + " --upgrade-package sentry-sdk"
	case "poetry.lock":
		return "poetry" + option(" --directory ", dir) + " update --lock sentry-sdk"
	case "pdm.lock":
		return "pdm lock --update-reuse" + option(" --project ", dir)
	case "Pipfile.lock":
		if dir == "" {
			return "pipenv lock"
		}
		return "PIPENV_PIPFILE=" + quoted(dir+"/Pipfile") + " pipenv lock"
	}
	return ""
}

func option(name, dir string) string {
	if dir == "" {
		return ""
	}
	return name + quoted(dir)
}

// quoted writes a path as one word of a POSIX shell.
func quoted(word string) string {
	plain := strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("/._-+@", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
	if plain {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// LockCommands returns, for the paths of a project's tracked files, the
// command of each lock file's own tool that locks anew once the manifest
// beside it has been raised: to be run at the repository root, in the order of
// the paths. What compiles a requirements file stands in its header and so in
// [Pin.Relock].
func LockCommands(paths []string) []string {
	var commands []string
	seen := map[string]bool{}
	for _, p := range paths {
		if c := lockCommand(p); c != "" && !seen[c] {
			seen[c] = true
			commands = append(commands, c)
		}
	}
	return commands
}

// tomlLock reads the package tables of uv, poetry, pdm and PEP 751 locks.
func (f *finder) tomlLock() error {
	leaves, err := f.toml()
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, l := range leaves {
		if at, key := lockedPackage(l); key == "name" {
			names[at] = l.text
		}
	}
	for _, l := range leaves {
		at, key := lockedPackage(l)
		if name := names[at]; key == "version" && isSDK(name) {
			f.add(Pin{Start: l.start, End: l.end, Name: name, Spec: "==" + l.text, Kind: Lock, Group: l.path[0],
				Relock: lockCommand(f.path), form: formVersion})
		}
	}
	return nil
}

// lockedPackage returns the table of a package's attribute and the
// attribute's key. Have: [[package]] name = "…"; deeper keys, such as the
// names of what a package requires, are others'.
func lockedPackage(l leaf) (table, key string) {
	if len(l.path) == 3 && (l.path[0] == "package" || l.path[0] == "packages") && l.quoted {
		return l.path[1], l.path[2]
	}
	return "", ""
}

// pipfileLock reads Pipfile.lock: sections of packages with their versions.
func (f *finder) pipfileLock() error {
	dec := json.NewDecoder(bytes.NewReader(f.src[f.base:]))
	var w jsonWalk
	for {
		token, err := dec.Token()
		if token == nil && err != nil {
			if len(w.stack) == 0 && strings.TrimSpace(string(f.src[f.base+int(dec.InputOffset()):])) == "" {
				return nil
			}
			return f.jsonError(err, dec.InputOffset())
		}
		path, value := w.step(token)
		if len(path) != 3 || path[2] != "version" || !isSDK(path[1]) {
			continue
		}
		// The decoder stands behind the closing quote.
		end := f.base + int(dec.InputOffset()) - 1
		version := strings.TrimPrefix(value, "==")
		start := end - len(version)
		if string(f.src[start:end]) != version {
			continue
		}
		f.add(Pin{Start: start, End: end, Name: path[1], Spec: value, Kind: Lock, Group: path[0],
			Relock: lockCommand(f.path), form: formVersion})
	}
}

func (f *finder) jsonError(err error, offset int64) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	line, column := f.place(min(f.base+int(offset), len(f.src)))
	return fmt.Errorf("%s:%d:%d: read JSON: %w: lock it anew", f.path, line, column, err)
}

// jsonWalk follows a token stream and knows the keys that lead to a value.
type jsonWalk struct {
	stack []json.Delim // open brackets
	keys  []string     // the current key of each open object, "" in an array
	key   bool         // the next string is a value
}

// step takes a token and returns the path and text of a string value, nil for
// everything else.
func (w *jsonWalk) step(token json.Token) ([]string, string) {
	if d, ok := token.(json.Delim); ok {
		if d == '{' || d == '[' {
			w.stack, w.keys, w.key = append(w.stack, d), append(w.keys, ""), false
		} else {
			w.stack, w.keys, w.key = w.stack[:len(w.stack)-1], w.keys[:len(w.keys)-1], false
		}
		return nil, ""
	}
	text, isText := token.(string)
	if top := len(w.stack) - 1; top >= 0 && w.stack[top] == '{' && !w.key {
		w.keys[top], w.key = text, true
		return nil, ""
	}
	w.key = false
	if !isText {
		return nil, ""
	}
	return w.keys, text
}
