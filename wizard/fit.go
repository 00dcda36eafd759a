package wizard

import (
	"fmt"
	"path"
	"strings"

	"spanwalk/rewrite"
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
	for _, name := range manifests(tree.Project) {
		if !selection.Holds(name) {
			continue
		}
		if err := refusedPin(name, tree.Project.Data(name)); err != nil {
			return err
		}
	}
	return nil
}

// manifests returns the files of a project that may pin a release, sorted.
func manifests(p *rewrite.Project) []string {
	var out []string
	for _, name := range p.Others() {
		if pins.Manifest(name) {
			out = append(out, name)
		}
	}
	for _, f := range p.Files() {
		if pins.Manifest(f.Path) {
			out = append(out, f.Path)
		}
	}
	return out
}

// refusedPin returns an error when a manifest demands a release that spanwalk
// does not start from. Manifests that cannot be read are the sdk-version
// step's to report.
func refusedPin(name string, data []byte) error {
	found, err := pins.Find(name, data)
	if err != nil {
		return nil
	}
	for _, pin := range found {
		if _, verdict, message := pins.Raise(pin, steps.R2_67_0.String()); verdict == pins.Refuse {
			next := "raise the pin first"
			if dir := path.Dir(name); dir != "." {
				next += fmt.Sprintf(", or leave that folder out: --exclude '%s/**'", dir)
			}
			return &UnfitError{Message: fmt.Sprintf("%s:%d: %s: %s", name, pin.Line, strings.TrimSpace(pin.Text), message), Next: next}
		}
	}
	return nil
}

// Sentry reports whether anything in the tree uses or pins sentry-sdk.
func (t *Tree) Sentry() bool {
	if len(t.Project.Files()) > 0 {
		return true
	}
	for _, name := range manifests(t.Project) {
		if found, err := pins.Find(name, t.Project.Data(name)); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}
