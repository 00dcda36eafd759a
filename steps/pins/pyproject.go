package pins

import (
	"path"
	"strings"
)

// requirementLists are the arrays of requirement strings.
var requirementLists = []string{
	"project.dependencies", "project.optional-dependencies.*", "dependency-groups.*", "build-system.requires",
	"tool.uv.dev-dependencies", "tool.uv.override-dependencies", "tool.uv.constraint-dependencies",
	"tool.uv.build-constraint-dependencies",
	"tool.pdm.dev-dependencies.*",
	"tool.hatch.envs.*.dependencies", "tool.hatch.envs.*.extra-dependencies",
	"tool.hatch.build.dependencies", "tool.hatch.build.targets.*.dependencies",
	"tool.flit.metadata.requires", "tool.flit.metadata.requires-extra.*",
	"tool.rye.dev-dependencies",
}

// dependencyTables are the tables with a package a key.
var dependencyTables = []struct {
	path    string
	kind    Kind
	dialect dialect
}{
	{"tool.poetry.dependencies", Poetry, poetry},
	{"tool.poetry.dev-dependencies", Poetry, poetry},
	{"tool.poetry.group.*.dependencies", Poetry, poetry},
	{"tool.pdm.overrides", PyProject, poetry},
	{"tool.pdm.resolution.overrides", PyProject, poetry},
	{"tool.pixi.pypi-dependencies", PyProject, pep440},
	{"tool.pixi.feature.*.pypi-dependencies", PyProject, pep440},
	{"tool.pixi.dependencies", Conda, conda},
	{"tool.pixi.feature.*.dependencies", Conda, conda},
}

// toxLists are the test environments that tox keeps in pyproject.toml.
var toxLists = []string{"tool.tox.env_run_base.deps", "tool.tox.env.*.deps"}

// pyproject reads pyproject.toml: the standard tables and those of tools.
func (f *finder) pyproject() error { return f.project(nil) }

// toolFile reads a tool's own file, whose tables are those of its table in
// pyproject.toml.
func (f *finder) toolFile() error {
	tool := strings.TrimSuffix(path.Base(f.path), ".toml")
	return f.project([]string{"tool", tool})
}

func (f *finder) project(prefix []string) error {
	leaves, err := f.toml()
	if err != nil {
		return err
	}
	for i := range leaves {
		leaves[i].path = append(prefix[:len(prefix):len(prefix)], leaves[i].path...)
	}
	f.lists(leaves, requirementLists, PyProject)
	f.lists(leaves, toxLists, Tox)
	for _, t := range dependencyTables {
		f.dependencies(leaves, t.path, t.kind, t.dialect)
	}
	f.sources(leaves)
	return nil
}

// lists adds the requirements among the elements of arrays.
func (f *finder) lists(leaves []leaf, patterns []string, kind Kind) {
	for _, l := range leaves {
		for _, pattern := range patterns {
			rest, ok := l.under(pattern)
			if !ok || !l.quoted || len(rest) != 1 || !isElement(rest[0]) {
				continue
			}
			group := strings.Join(l.path[:len(l.path)-1], ".")
			p := Pin{Kind: kind, Group: group}
			if !f.addRequirement(l.start, l.end, p) {
				f.addEscaped(l, p)
			}
		}
	}
}

// addEscaped adds a requirement that only reads as one once its escapes are
// resolved.
func (f *finder) addEscaped(l leaf, p Pin) {
	r, ok := parseRequirement(strings.TrimSpace(l.value), p.dialect)
	if !ok || l.value == l.text {
		return
	}
	p.Start, p.End = l.start, l.end
	p.Name, p.Extras, p.Marker, p.Note = r.name, r.extras, r.marker, escapes
	f.add(p)
}

// entry is what one package's key says in a dependency table: a string, or
// the attributes of a table.
type entry struct {
	name   string
	group  string
	values map[string]leaf
	extras []string
	first  leaf
}

// dependencies adds the entries of sentry-sdk in the tables a pattern names.
func (f *finder) dependencies(leaves []leaf, pattern string, kind Kind, d dialect) {
	for _, e := range entries(leaves, pattern) {
		p := Pin{Kind: kind, dialect: d, Name: e.name, Extras: e.extras, Group: e.group, Marker: e.marker(), form: formSpec}
		v, versioned := e.values["version"]
		switch {
		case e.source() != "":
			at := e.values[e.source()]
			p.Start, p.End = at.start, at.end
			p.Note = "installed from its " + e.source() + ": its version is not set here"
		case versioned && v.quoted:
			p.Start, p.End, p.Spec = v.start, v.end, v.text
			if strings.Contains(v.text, `\`) {
				p.Note = escapes
			}
		case kind == Poetry:
			// Have: an entry that only adds extras or a source to the
			// project's own dependency.
			continue
		case e.first.pair.inline:
			p.Start, p.End, p.form = e.first.pair.first, e.first.pair.first, formTable
		default:
			p.Start, p.End = e.first.pair.key, e.first.pair.key
			p.Note = "has no version key: add one by hand"
		}
		f.add(p)
	}
}

// entries groups the leaves of a table by package, in order; a package with
// several constraints has an entry for each.
func entries(leaves []leaf, pattern string) []*entry {
	var list []*entry
	byPath := map[string]*entry{}
	for _, l := range leaves {
		rest, ok := l.under(pattern)
		if !ok || len(rest) == 0 || !isSDK(rest[0]) {
			continue
		}
		depth := len(l.path) - len(rest) + 1
		rest = rest[1:]
		if len(rest) > 0 && isElement(rest[0]) {
			depth++
			rest = rest[1:]
		}
		where := strings.Join(l.path[:depth], "\x00")
		e := byPath[where]
		if e == nil {
			e = &entry{values: map[string]leaf{}, first: l}
			parts := len(strings.Split(pattern, "."))
			e.name, e.group = l.path[parts], strings.Join(l.path[:parts], ".")
			byPath[where] = e
			list = append(list, e)
		}
		e.set(rest, l)
	}
	return list
}

func (e *entry) set(rest []string, l leaf) {
	switch {
	case len(rest) == 0:
		e.values["version"] = l
	case rest[0] == "extras" && len(rest) == 2:
		e.extras = append(e.extras, l.text)
	case len(rest) == 1:
		e.values[rest[0]] = l
	}
}

// source returns the attribute that takes the package from elsewhere than an
// index, "" for none.
func (e *entry) source() string {
	for _, key := range []string{"git", "path", "url", "file", "ref"} {
		if l, ok := e.values[key]; ok && l.quoted {
			return key
		}
	}
	return ""
}

func (e *entry) marker() string {
	var parts []string
	for _, key := range []string{"python", "platform", "markers", "sys_platform"} {
		if l, ok := e.values[key]; ok && l.quoted {
			parts = append(parts, key+" "+l.text)
		}
	}
	return strings.Join(parts, ", ")
}

// sources adds where uv takes the package from when that is no index.
func (f *finder) sources(leaves []leaf) {
	for _, e := range entries(leaves, "tool.uv.sources") {
		if at, ok := e.values[e.source()]; ok {
			f.add(Pin{Start: at.start, End: at.end, Name: e.name, Group: e.group, Kind: Source,
				Note: "taken from its " + e.source() + ": the version asked for elsewhere does not count"})
		}
	}
}

// pipfile reads a Pipfile, in which every table but its own settings lists
// packages.
func (f *finder) pipfile() error {
	leaves, err := f.toml()
	if err != nil {
		return err
	}
	var tables []string
	seen := map[string]bool{"source": true, "requires": true, "scripts": true, "pipenv": true, "pipfile": true}
	for _, l := range leaves {
		if len(l.path) > 1 && !seen[l.path[0]] {
			seen[l.path[0]] = true
			tables = append(tables, l.path[0])
		}
	}
	for _, t := range tables {
		f.dependencies(leaves, t, Pipfile, pep440)
	}
	return nil
}
