package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers says which packages of ours each package may import, and why.
var layers = map[string][]arrow{
	"cmd/spanwalk": {
		{"wizard", "commands are thin: all work is the walk's"},
		{"wizard/tui", "the screens are chosen where the terminal is known"},
	},
	"wizard/tui": {
		{"wizard", "a screen is a Prompter"},
		{"steps", "questions and plans are shown as they are"},
		{"rewrite", "code around a site, hunks and word marks"},
		{"gitops", "commits, problems and hooks are shown as they are"},
	},
	"wizard/wizardtest": {
		{"wizard", "a script is a Prompter"},
		{"steps", "scripts name questions and decisions"},
		{"gitops", "hooks and problems are asked about as they are"},
	},
	"wizard": {
		{"steps", "the walk plans steps"},
		{"steps/pins", "manifests are read with the Python files"},
		{"rewrite", "the project is parsed here, diffs are made here"},
		{"gitops", "the walk commits"},
	},
	"steps": {
		{"steps/pins", "the first step raises pins"},
		{"rewrite", "steps read and edit Python"},
	},
	"steps/pins": {},
	"rewrite":    {},
	"gitops":     {},
}

type arrow struct{ to, why string }

// confined are modules that only one package may import.
var confined = map[string][]string{
	"github.com/go-git/":                {"gitops"},
	"github.com/smacker/go-tree-sitter": {"rewrite"},
	"github.com/charmbracelet/":         {"wizard/tui"},
	"github.com/spf13/":                 {"cmd/spanwalk"},
	"github.com/goccy/go-yaml":          {"wizard", "steps/pins"},
	"github.com/pelletier/go-toml":      {"steps/pins", "steps"},
	"znkr.io/diff":                      {"rewrite"},
	"golang.org/x/text":                 {"rewrite"},
	"github.com/rogpeppe/go-internal":   {}, // tests only
	"github.com/google/go-cmp":          {}, // tests only
	"github.com/charmbracelet/x/exp/":   {}, // tests only
}

// TestLayers reads the import clauses of every package and fails on an arrow
// that is not in the table above.
func TestLayers(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		found++
		checkImports(t, filepath.ToSlash(rel), path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Errorf("only %d files were read: the test looks in the wrong place", found)
	}
}

func checkImports(t *testing.T, name, path string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	dir := name[:strings.LastIndexByte(name, '/')]
	allowed, known := layers[dir]
	if !known {
		t.Errorf("%s: package %s is not in the table of layers", name, dir)
	}
	test := strings.HasSuffix(name, "_test.go")
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if own, ok := strings.CutPrefix(imported, "spanwalk/"); ok {
			if !slices.ContainsFunc(allowed, func(a arrow) bool { return a.to == own }) && !(test && testArrow(dir, own)) {
				t.Errorf("%s: %s must not import %s", name, dir, own)
			}
			continue
		}
		for module, homes := range confined {
			if strings.HasPrefix(imported, module) && !slices.Contains(homes, dir) && !test {
				t.Errorf("%s: %s may be imported only by %s", name, module, strings.Join(homes, " and "))
			}
		}
	}
}

// testArrow allows what only tests may import: helpers for tests, and in the
// outermost packages anything below.
func testArrow(dir, own string) bool {
	return own == "wizard/wizardtest" || own == dir || dir == "cmd/spanwalk"
}

// TestNoCatchAlls fails on a package that is named for nothing.
func TestNoCatchAlls(t *testing.T) {
	for dir := range layers {
		switch filepath.Base(dir) {
		case "util", "utils", "common", "types", "helpers", "shared", "misc":
			t.Errorf("package %s says nothing by its name", dir)
		}
	}
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains([]string{"cmd", "wizard", "steps", "gitops", "rewrite", "testdata", "bin"}, e.Name()) {
			t.Errorf("folder %s does not belong at the top", e.Name())
		}
	}
}
