package rewrite

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Project is an immutable set of Python files, ordered by path, and of other
// text files such as manifests. [Project.With] makes a changed copy.
type Project struct {
	files   []*File
	byPath  map[string]*File
	modules map[string][]string // paths by the last component of the dotted name
	folders map[string]bool     // the names of all folders with modules below them
	others  map[string][]byte
	filter  Filter
	lib     []string            // see NewProject
	found   *sync.Map           // memo of Module and relative: dotted name and importing folder -> path, "" for none; holds for the same set of paths
	meant   map[*File]*meanings // memo of Name for identifiers

	settings *sync.Map // memo of Setting
	derived  sync.Map  // memo of Derive
	readings *readings // shared with the projects that [Project.With] makes
}

// readings remembers the last file that was parsed at each path: a plan reads
// its result to see whether it parses, and again to go on from there.
type readings struct {
	mu    sync.Mutex
	files map[string]*File
}

// Read parses a Python file as the project's own files were parsed. Bytes that
// were read before are not parsed again, nor are the statements of the file at
// that path which stand in it unchanged. The error is [Parse]'s.
func (p *Project) Read(path string, data []byte) (*File, error) {
	p.readings.mu.Lock()
	known := p.readings.files[path]
	p.readings.mu.Unlock()
	if known != nil {
		if same, err := known.Encode(known.Source); err == nil && bytes.Equal(same, data) {
			return known, nil
		}
	}
	f, err := parse(path, data, p.filter, p.byPath[path])
	if err != nil {
		return nil, err
	}
	p.readings.mu.Lock()
	defer p.readings.mu.Unlock()
	p.readings.files[path] = f
	return f, nil
}

// NewProject gathers files that [Parse] read with filter. others are the
// manifests and other non-Python files by path. libraries are top-level
// packages that are installed: an absolute import of one never leads to a
// module of the project, though it may have one of that name.
func NewProject(files []*File, others map[string][]byte, filter Filter, libraries ...string) *Project {
	p := &Project{files: append([]*File(nil), files...), byPath: map[string]*File{}, modules: map[string][]string{}, folders: map[string]bool{}, others: others, filter: filter, lib: libraries,
		meant: map[*File]*meanings{}, found: new(sync.Map), settings: new(sync.Map), readings: &readings{files: map[string]*File{}}}
	sort.Slice(p.files, func(i, j int) bool { return p.files[i].Path < p.files[j].Path })
	for _, f := range p.files {
		p.byPath[f.Path] = f
		p.meant[f] = newMeanings()
		parts := moduleParts(f.Path)
		if len(parts) > 0 {
			last := parts[len(parts)-1]
			p.modules[last] = append(p.modules[last], f.Path)
			for _, folder := range parts[:len(parts)-1] {
				p.folders[folder] = true
			}
		}
	}
	return p
}

// Files returns the Python files in path order.
func (p *Project) Files() []*File { return p.files }

// File returns the Python file at path, or nil.
func (p *Project) File(path string) *File { return p.byPath[path] }

// Others returns the paths of the non-Python files, sorted.
func (p *Project) Others() []string {
	out := make([]string, 0, len(p.others))
	for name := range p.others {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Setting returns what read made of the project's other files when it was first
// called for a key. It must rest on these files alone; the key must be of the
// caller's own type.
func (p *Project) Setting(key any, read func() any) any {
	if v, ok := p.settings.Load(key); ok {
		return v
	}
	v, _ := p.settings.LoadOrStore(key, read())
	return v
}

// Derive returns what derive made of the project when it was first called for a
// key. It must rest on the project alone; the key must be of the caller's own
// type.
func (p *Project) Derive(key any, derive func() any) any {
	if v, ok := p.derived.Load(key); ok {
		return v
	}
	v, _ := p.derived.LoadOrStore(key, derive())
	return v
}

// Other returns the bytes of a non-Python file, or nil.
func (p *Project) Other(path string) []byte { return p.others[path] }

// Data returns the bytes of any file of the project as they are on disk, or
// nil.
func (p *Project) Data(path string) []byte {
	if f := p.byPath[path]; f != nil {
		data, err := f.Encode(f.Source)
		if err != nil {
			return nil // a file that was decoded without loss encodes again
		}
		return data
	}
	return p.others[path]
}

// With returns the project with some files' bytes replaced. Unchanged files are
// shared. The error is [Parse]'s.
func (p *Project) With(changes map[string][]byte) (*Project, error) {
	files := append([]*File(nil), p.files...)
	others, sameOthers := maps.Clone(p.others), true
	for name, data := range changes {
		i := sort.Search(len(files), func(i int) bool { return files[i].Path >= name })
		if i == len(files) || files[i].Path != name {
			others[name], sameOthers = data, false
			continue
		}
		f, err := p.Read(name, data)
		if err != nil {
			return nil, err
		}
		files[i] = f
	}
	return p.with(files, others, sameOthers), nil
}

// with returns the project with other files at the same paths.
func (p *Project) with(files []*File, others map[string][]byte, sameOthers bool) *Project {
	next := &Project{files: files, byPath: maps.Clone(p.byPath), modules: p.modules, folders: p.folders, others: others, filter: p.filter, lib: p.lib,
		found: p.found, meant: maps.Clone(p.meant), settings: new(sync.Map), readings: p.readings}
	if sameOthers {
		next.settings = p.settings
	}
	for i, f := range files {
		old := p.files[i]
		if f == old {
			continue
		}
		next.byPath[f.Path] = f
		delete(next.meant, old)
		next.meant[f] = newMeanings()
	}
	return next
}

// moduleParts returns the components of the dotted name a file has when its
// repository root is on the path: "src/app/__init__.py" is src.app.
func moduleParts(file string) []string {
	name := strings.TrimSuffix(strings.TrimSuffix(file, ".pyi"), ".py")
	parts := strings.Split(name, "/")
	if parts[len(parts)-1] == "__init__" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// Module returns the project's file for an absolute dotted module name as seen
// from a file, or nil. Source roots are not configured anywhere we can trust,
// so the file whose path ends in the module's components and shares the
// longest folder prefix with the importing file is taken.
func (p *Project) Module(dotted string, from *File) *File {
	last := dotted[strings.LastIndexByte(dotted, '.')+1:]
	if len(p.modules[last]) == 0 || p.installed(dotted) {
		return nil
	}
	key := dotted + "\x00" + path.Dir(from.Path)
	if path, ok := p.found.Load(key); ok {
		return p.byPath[path.(string)]
	}
	f := p.findModule(dotted, from)
	if f == nil {
		p.found.Store(key, "")
	} else {
		p.found.Store(key, f.Path)
	}
	return f
}

// Holds reports whether a dotted name that resolves to nothing of the project
// may still be a package with modules of the project below it.
func (p *Project) Holds(dotted string) bool {
	_, last, _ := cutLast(dotted)
	return p.folders[last] && !p.installed(dotted)
}

// installed reports a name inside one of the installed packages.
func (p *Project) installed(dotted string) bool {
	top, _, _ := strings.Cut(dotted, ".")
	return slices.Contains(p.lib, top)
}

func (p *Project) findModule(dotted string, from *File) *File {
	want := strings.Split(dotted, ".")
	best, score := "", -1
	for _, file := range p.modules[want[len(want)-1]] {
		parts := moduleParts(file)
		if len(parts) < len(want) || !equalTail(parts, want) {
			continue
		}
		if root := strings.Join(parts[:len(parts)-len(want)], "/"); root != "" && !plausibleRoot(root, from) {
			continue
		}
		if s := commonPrefix(file, from.Path)*2 - len(parts); s > score || best == "" {
			best, score = file, s
		}
	}
	return p.byPath[best]
}

// plausibleRoot reports whether root, a folder, can be on the import path of
// from: it is an ancestor of the file or of one of its parents' source folders.
func plausibleRoot(root string, from *File) bool {
	for dir := path.Dir(from.Path); ; dir = path.Dir(dir) {
		if dir == root || path.Dir(root) == dir || dir == "." && !strings.Contains(root, "/") {
			return true
		}
		if dir == "." || dir == "/" {
			return dir == "." && strings.Count(root, "/") <= 1
		}
	}
}

func equalTail(parts, want []string) bool {
	off := len(parts) - len(want)
	for i, w := range want {
		if parts[off+i] != w {
			return false
		}
	}
	return true
}

func commonPrefix(a, b string) int {
	n := 0
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return n
}

// relative returns the module that a relative import of a file means, with the
// level as its number of dots, or nil.
func (p *Project) relative(from *File, level int, module string) *File {
	key := relativeImport{path.Dir(from.Path), level, module}
	if path, ok := p.found.Load(key); ok {
		return p.byPath[path.(string)]
	}
	f := p.findRelative(key)
	if f == nil {
		p.found.Store(key, "")
	} else {
		p.found.Store(key, f.Path)
	}
	return f
}

// relativeImport is what tells the module of a relative import.
type relativeImport struct {
	dir    string
	level  int
	module string
}

func (p *Project) findRelative(i relativeImport) *File {
	base := i.dir
	for range i.level - 1 {
		base = path.Dir(base)
	}
	if i.module != "" {
		base = path.Join(base, strings.ReplaceAll(i.module, ".", "/"))
	}
	for _, try := range []string{base + ".py", base + "/__init__.py", base + ".pyi", base + "/__init__.pyi"} {
		if f := p.byPath[path.Clean(try)]; f != nil {
			return f
		}
	}
	return nil
}
