package steps

import (
	"bytes"
	"maps"
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

// newSpeller prepares how names are spelled in a file that a plan changes.
func newSpeller(p *rewrite.Project, f *rewrite.File, edits []rewrite.Edit, decisions Decisions) *rewrite.Speller {
	return rewrite.NewSpeller(p, f, edits, explicitTraces(p, f, decisions), lineWidth(p, f.Path))
}

// explicitTraces reports whether "import sentry_sdk.traces" must stand beside
// "import sentry_sdk": pyright and basedpyright reject the attribute
// otherwise, mypy and the interpreter do not.
func explicitTraces(p *rewrite.Project, f *rewrite.File, decisions Decisions) bool {
	if d, ok := decisions.Find("traces-import", f.Path, ""); ok && d.Option != "auto" {
		return d.Option == "always"
	}
	return checkedByPyright(p)
}

// ref writes a new name in the style of the legacy expression it replaces.
func ref(dotted string, legacy *rewrite.Node) string {
	if legacy == nil {
		return rewrite.NameRef(dotted, "")
	}
	return rewrite.NameRef(dotted, legacy.Text())
}

// beside writes a new name that stands next to the one replacing legacy.
func beside(dotted string, legacy *rewrite.Node) string {
	if legacy == nil {
		return rewrite.NameRef(dotted, "")
	}
	return rewrite.NameBeside(dotted, legacy.Text())
}

// unusedImports returns the identifiers in import statements of f that
// brought a name of sentry_sdk or of what comes with Python which f used and its
// changed form does not. What the changed form leaves unparsed is parsed where it holds the word.
// The error is [rewrite.Parse]'s.
func unusedImports(p *rewrite.Project, f, changed *rewrite.File) (map[*rewrite.Node]bool, error) {
	drop := unusedIn(p, f, changed)
	if !opaqueHolds(changed, drop) {
		return drop, nil
	}
	data, err := changed.Encode(changed.Source)
	if err != nil {
		return nil, err
	}
	whole, err := rewrite.Parse(changed.Path, data, nil)
	if err != nil {
		return nil, err
	}
	return unusedIn(p, f, whole), nil
}

// opaqueHolds reports whether a statement that was not parsed holds the text of
// one of the names.
func opaqueHolds(f *rewrite.File, names map[*rewrite.Node]bool) bool {
	for _, stmt := range f.Module.Children {
		if !stmt.Is("opaque") {
			continue
		}
		for n := range names {
			if bytes.Contains(f.Source[stmt.Start:stmt.End], []byte(n.Text())) {
				return true
			}
		}
	}
	return false
}

// unusedIn is [unusedImports] for what was parsed.
func unusedIn(p *rewrite.Project, f, changed *rewrite.File) map[*rewrite.Node]bool {
	drop := map[*rewrite.Node]bool{}
	used, before := usedNames(changed), usedNames(f)
	for _, n := range indexOf(p, f).imports {
		for _, b := range f.BoundBy(n) {
			switch {
			case !before[b.Name] || used[b.Name]:
			case b.Level == 0 && (isSDK(b.Target) || strings.HasPrefix(b.Target, "typing.")):
				drop[b.Node] = stillBound(changed, b) && !(n.Is("import_statement") && b.Target == "sentry_sdk" && patched(p, "sentry_sdk"))
			case b.Level == 0 && rewrite.ComesWithPython(b.Target):
				drop[b.Node] = stillBound(changed, b) && !patched(p, b.Name)
			case isSDK(p.Resolve(b.Node)): // by way of another module of the project
				drop[b.Node] = stillBound(changed, b)
			}
		}
	}
	maps.DeleteFunc(drop, func(_ *rewrite.Node, unused bool) bool { return !unused })
	return drop
}
func isSDK(dotted string) bool {
	return dotted == "sentry_sdk" || strings.HasPrefix(dotted, "sentry_sdk.")
}

// stillBound reports whether the changed file imports the same thing under the
// same name.
func stillBound(changed *rewrite.File, b *rewrite.Binding) bool {
	found := false
	changed.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("import_statement", "import_from_statement") {
			for _, c := range changed.BoundBy(n) {
				found = found || c.Name == b.Name && c.Target == b.Target
			}
		}
		return !found
	})
	return found
}

// usedNames returns the names that a file uses outside imports: identifiers,
// words of annotations that are written as text, and entries of __all__.
func usedNames(f *rewrite.File) map[string]bool {
	return f.Derive(derivedNames{}, func() any { return readUsedNames(f) }).(map[string]bool)
}

func readUsedNames(f *rewrite.File) map[string]bool {
	used := map[string]bool{}
	f.Module.Walk(func(n *rewrite.Node) bool {
		switch n.Kind {
		case "import_statement", "import_from_statement":
			return false
		case "identifier":
			if n.Field != "attribute" && !(n.Field == "name" && n.Parent.Is("keyword_argument")) && mayBeImported(n) {
				used[n.Text()] = true
			}
		case "string":
			if n.Ancestor("type") != nil || castsTo(n) || n.Ancestor("assignment").Child("left").Is("identifier") && n.Ancestor("assignment").Child("left").Text() == "__all__" {
				for _, w := range words.FindAllString(n.Text(), -1) {
					used[w] = true
				}
			}
		}
		return true
	})
	return used
}

// mayBeImported reports an identifier that means an import, or nothing the file
// binds; a method, a parameter or a variable of that name is something else.
func mayBeImported(n *rewrite.Node) bool {
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	for _, b := range bindings {
		if b.Kind == rewrite.Import || b.Kind == rewrite.Unparsed {
			return true
		}
	}
	return scope == nil
}

var words = regexp.MustCompile(`[A-Za-z_]\w*`)

// patched reports whether a string somewhere in the project may name
// "….name" as a patch target, so that the name must stay imported.
func patched(p *rewrite.Project, name string) bool {
	for _, f := range p.Files() {
		if bytes.Contains(f.Source, []byte("."+name)) && bytes.Contains(f.Source, []byte("patch")) {
			return true
		}
	}
	return false
}
