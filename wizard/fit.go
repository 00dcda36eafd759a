package wizard

import (
	"fmt"
	"path"
	"strings"

	"spanwalk/steps"
	"spanwalk/steps/pins"
)

// fit refuses a project that cannot be migrated at all: one without Python, or
// one that pins an SDK whose own migration comes first.
func fit(tree *Tree, selection Selection, root string) error {
	if tree.Python == 0 {
		return &UnfitError{Message: "no tracked Python files in " + root,
			Next: "git add your sources first, or name another folder: spanwalk -C DIR"}
	}
	var refused error
	for _, name := range steps.Manifests(tree.Project) {
		if !selection.Holds(name) {
			continue
		}
		switch err, locked := refusedPin(name, tree.Project.Data(name)); {
		case err != nil && !locked:
			return err
		case refused == nil:
			refused = err
		}
	}
	return refused
}

// refusedPin returns an error when a manifest demands a release that spanwalk
// does not start from, and whether it is one that is written from another.
// Manifests that cannot be read are the sdk-version step's to report.
func refusedPin(name string, data []byte) (err error, locked bool) {
	found, err := pins.Find(name, data)
	if err != nil {
		return nil, false
	}
	for _, pin := range found {
		if _, verdict, message := pins.Raise(pin, steps.R2_67_0.String()); verdict == pins.Refuse {
			next := "raise the pin first"
			if dir := path.Dir(name); dir != "." {
				next += fmt.Sprintf(", or leave that folder out: --exclude '%s/**'", dir)
			}
			return &UnfitError{Message: fmt.Sprintf("%s:%d: %s: %s", name, pin.Line, strings.TrimSpace(pin.Text), message), Next: next},
				pin.Kind == pins.Lock || pin.Kind == pins.Compiled
		}
	}
	return nil, false
}

// Sentry reports whether anything in the tree uses or pins sentry-sdk.
func (t *Tree) Sentry() bool {
	if len(t.Project.Files()) > 0 {
		return true
	}
	for _, name := range steps.Manifests(t.Project) {
		if found, err := pins.Find(name, t.Project.Data(name)); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}
