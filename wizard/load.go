package wizard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
	"spanwalk/steps/pins"
)

// Tree is the project as it stands in the work tree now.
type Tree struct {
	Project *rewrite.Project
	Python  int    // tracked Python files that were looked at
	Notes   []Note // files that could not be read whole, in path order

	handOut []steps.HandOut // project functions whose callers joined
	python  []string        // paths of all Python files
	imports []words         // what each of them imports, where it does not matter by itself
	state   digest          // of the work tree, see [Inquiry]
	settled bool            // and it is sure
}

// Note is something about a file that a person should know; it stops nothing.
type Note struct {
	Path    string // "" for the project as a whole
	Line    int    // 1-based; 0 for the whole file
	Message string
	Next    string // the next command; may be empty
}

// String writes the note as "path:line: message".
func (n Note) String() string {
	if n.Path == "" {
		return n.Message
	}
	if n.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", n.Path, n.Line, n.Message)
	}
	return n.Path + ": " + n.Message
}

// Load reads the tracked Python files and manifests of a work tree. Files that
// cannot matter are looked at but not kept; files of before that have not
// changed are not parsed again (before may be nil). What cannot be read becomes
// a note. The error is about the repository as a whole, or the context's.
func Load(ctx context.Context, repo *gitops.Repo, before *Tree) (*Tree, error) {
	started := time.Now()
	tracked, err := repo.TrackedFiles()
	if err != nil {
		return nil, err
	}
	l := newLoader(repo.Root(), tracked)
	l.before = before
	if err := l.load(ctx); err != nil {
		return nil, err
	}
	sort.SliceStable(l.notes, func(i, j int) bool { return l.notes[i].Path < l.notes[j].Path })
	if l.whole == nil {
		l.whole = l.project()
	}
	tree := &Tree{Project: l.whole, Python: len(l.python), Notes: l.notes, handOut: l.handOut, python: l.python, imports: l.imports,
		state: l.state(tracked), settled: !l.doubt && allSettled(l.stamps, started)}
	if l.same() {
		tree.Project, tree.handOut = before.Project, before.handOut
	}
	return tree, nil
}

// loader gathers one [Tree].
type loader struct {
	root      string
	before    *Tree
	python    []string
	imports   []words             // of the Python files that do not mention the SDK
	modules   map[string][]string // memo of named
	naming    sync.Once
	manifests []string
	stamps    []stamp // of the Python files, then of the manifests, as they were read

	mu      sync.Mutex // guards what follows while files are read
	files   map[string]*rewrite.File
	joined  map[string]bool // files that were asked for by module
	others  map[string][]byte
	notes   []Note
	handOut []steps.HandOut
	filter  rewrite.Filter   // tells which top-level statements are parsed; that of handOut
	grown   bool             // a file came, or was parsed again, since the last look at what joins
	came    []*rewrite.File  // files that were not there before the last join
	looked  bool             // at every file once
	doubt   bool             // a file could be read only the first time
	whole   *rewrite.Project // what was looked at when nothing more joined
}

// newLoader chooses among the tracked files of a work tree.
func newLoader(root string, tracked []gitops.File) *loader {
	l := &loader{root: root, files: map[string]*rewrite.File{}, joined: map[string]bool{}, others: map[string][]byte{}, filter: filterFor(nil)}
	for i := range tracked {
		l.sort(&tracked[i])
	}
	l.leaveSDK()
	return l
}

// sort puts a tracked file where it belongs. Symbolic links, submodules, files
// a sparse checkout leaves out and all but one side of a conflict are skipped.
func (l *loader) sort(f *gitops.File) {
	const regular = 0o100000
	if f.Mode&0o170000 != regular || f.SkipWorktree || f.Stage > 1 {
		return
	}
	if strings.HasSuffix(f.Path, ".py") || strings.HasSuffix(f.Path, ".pyi") {
		l.python = append(l.python, f.Path)
	}
	if pins.Manifest(f.Path) || steps.Config(f.Path) {
		l.manifests = append(l.manifests, f.Path)
	}
}

// leaveSDK leaves out a copy of the SDK itself, and says so.
func (l *loader) leaveSDK() {
	for _, dir := range steps.Vendored(l.python) {
		l.python = slices.DeleteFunc(l.python, func(path string) bool { return strings.HasPrefix(path, dir) })
		l.notes = append(l.notes, Note{Path: strings.TrimSuffix(dir, "/"), Message: "a copy of the SDK itself, left alone"})
	}
}

// load reads everything that can matter. Modules that only receive spans and
// callers of the project's own wrappers may not mention the SDK at all: they
// join, until nothing new turns up.
func (l *loader) load(ctx context.Context) error {
	l.imports = make([]words, len(l.python))
	l.stamps = make([]stamp, len(l.python)+len(l.manifests))
	err := scanStamped(ctx, l.root, l.python, l.stamps, func(i int, data []byte, err error) {
		matters := err != nil || steps.Mentions(data)
		if !matters {
			l.imports[i] = importWords(l.python[i], data)
		}
		if matters || l.knew(l.python[i]) {
			l.add(l.python[i], data, err)
		}
	})
	if err != nil {
		return err
	}
	err = scanStamped(ctx, l.root, l.manifests, l.stamps[len(l.python):], func(i int, data []byte, err error) {
		l.addManifest(l.manifests[i], data, err)
	})
	l.looked = true
	for l.grown = true; err == nil && l.grown && len(l.files) > 0 && !l.same(); {
		l.grown = false
		project := l.project()
		modules, out := steps.Joins(project, func(word string) bool { return len(l.named(word)) > 0 })
		paths, fresh := l.missing(modules), l.fresh(out)
		if len(paths) == 0 && len(fresh) == 0 {
			l.whole = project
			return nil
		}
		for err == nil && len(paths)+len(fresh) > 0 {
			l.handOut = append(l.handOut, fresh...)
			l.filter = filterFor(l.handOut)
			l.came = nil
			err = l.join(ctx, paths, fresh)
			paths, fresh = nil, l.fresh(steps.HandedOn(l.came, fresh))
		}
	}
	return err
}

// missing returns the Python files that may be the modules of these dotted
// names and were not loaded.
func (l *loader) missing(modules []string) []string {
	var out []string
	for _, dotted := range modules {
		tail := strings.ReplaceAll(dotted, ".", "/")
		for _, path := range l.named(tail[strings.LastIndexByte(tail, '/')+1:]) {
			if l.files[path] == nil && !l.joined[path] && isModule(path, tail) {
				l.joined[path] = true
				out = append(out, path)
			}
		}
	}
	return out
}

// named returns the Python files whose module's last component is a word.
func (l *loader) named(word string) []string {
	l.naming.Do(func() {
		l.modules = map[string][]string{}
		for _, path := range l.python {
			name := steps.ModuleWord(path)
			l.modules[name] = append(l.modules[name], path)
		}
	})
	return l.modules[word]
}

// isModule reports whether path is the module or package whose dotted name,
// with slashes, is tail.
func isModule(path, tail string) bool {
	rest, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimSuffix(path, "i"), ".py"), tail)
	if !ok {
		rest, ok = strings.CutSuffix(strings.TrimSuffix(path, "i"), tail+"/__init__.py")
	}
	return ok && (rest == "" || strings.HasSuffix(rest, "/"))
}

// join adds the files at paths and those that use one of the functions that
// hand out spans. Files that are there already are parsed again where such a
// function is used in a statement that was passed over.
func (l *loader) join(ctx context.Context, paths []string, out []steps.HandOut) error {
	err := scan(ctx, l.root, paths, func(i int, data []byte, err error) { l.add(paths[i], data, err) })
	if err != nil || len(out) == 0 {
		return err
	}
	paths, names := l.users(out)
	handOuts := steps.NewHandOuts(out)
	return scan(ctx, l.root, paths, func(i int, data []byte, err error) {
		if err == nil && handOuts.UsesAny(data, names[i]) {
			l.add(paths[i], data, nil)
		}
	})
}

// users returns the files that may use one of the names, and which of them: of
// those not loaded, the ones that import its module; of the others, those with
// statements that were passed over.
func (l *loader) users(list []steps.HandOut) (paths []string, names [][]steps.HandOut) {
	passedOver := slices.DeleteFunc(slices.Clone(list), steps.HandOut.Covered)
	reachable := byModule(list)
	for i, path := range l.python {
		var near []steps.HandOut
		switch f := l.files[path]; {
		case f == nil:
			near = reachable.reachedBy(&l.imports[i])
		case !f.Whole():
			near = passedOver
		}
		if len(near) > 0 {
			paths, names = append(paths, path), append(names, near)
		}
	}
	return paths, names
}

// filter is the one the tree was parsed with.
func (t *Tree) filter() rewrite.Filter { return filterFor(t.handOut) }

func filterFor(out []steps.HandOut) rewrite.Filter {
	if len(out) == 0 {
		return steps.Statements
	}
	return steps.StatementsWith(out)
}

// add parses one Python file and keeps it, or notes why it cannot.
func (l *loader) add(path string, data []byte, err error) {
	var f *rewrite.File
	if err == nil {
		f = l.reuse(path, data)
	}
	if err == nil && f == nil {
		l.mu.Lock()
		known := l.files[path]
		l.mu.Unlock()
		f, err = known.Again(path, bytes.Clone(data), l.filter)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubt = l.doubt || err != nil && data == nil && l.looked
	switch {
	case errors.Is(err, fs.ErrNotExist): // deleted in the work tree
	case err != nil:
		l.notes = append(l.notes, unreadable(path, err))
	default:
		l.grown = l.grown || l.files[path] != f
		if l.files[path] == nil {
			l.came = append(l.came, f)
		}
		l.files[path] = f
		delete(l.others, path) // a setup.py that joined
		l.noteBroken(f)
	}
}

// reuse returns the parsed file of the tree before when its bytes and the
// filter are still the same.
func (l *loader) reuse(path string, data []byte) *rewrite.File {
	if l.before == nil || len(l.handOut) > 0 && !sameSet(l.handOut, l.before.handOut) {
		return nil
	}
	if f := l.before.Project.File(path); f != nil && bytes.Equal(l.before.Project.Data(path), data) {
		return f
	}
	return nil
}

// knew reports whether a file was part of the tree before.
func (l *loader) knew(path string) bool {
	return l.before != nil && l.before.Project.File(path) != nil
}

// same reports whether what was read is byte for byte the project of the tree
// before, and nothing else can have joined, so that it need not be analysed
// again.
func (l *loader) same() bool {
	if l.before == nil || len(l.files) != len(l.before.Project.Files()) || len(l.others) != len(l.before.Project.Others()) ||
		!slices.Equal(l.python, l.before.python) || !slices.Equal(l.imports, l.before.imports) {
		return false
	}
	for path, f := range l.files {
		if l.before.Project.File(path) != f {
			return false
		}
	}
	for path, data := range l.others {
		if !bytes.Equal(l.before.Project.Other(path), data) {
			return false
		}
	}
	return true
}

func (l *loader) addManifest(path string, data []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		l.notes = append(l.notes, unreadable(path, err))
	case l.files[path] == nil:
		l.others[path] = bytes.Clone(data)
	}
}

// noteBroken lists the statements that could not be read.
func (l *loader) noteBroken(f *rewrite.File) {
	for _, span := range f.Broken {
		line, _ := f.Line(span.Start)
		note := Note{Path: f.Path, Line: line, Message: "this statement cannot be parsed and is left alone",
			Next: "python3 -m py_compile " + f.Path}
		if !containsNote(l.notes, note) {
			l.notes = append(l.notes, note)
		}
	}
}

func containsNote(list []Note, n Note) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

// unreadable explains why a file is left out.
func unreadable(path string, err error) Note {
	n := Note{Path: path, Message: "left out: " + strings.TrimPrefix(err.Error(), path+": ")}
	var encoding *rewrite.EncodingError
	switch {
	case errors.As(err, &encoding):
		n.Line = encoding.Line
		n.Next = "iconv -f latin1 -t utf-8 " + path
	case errors.Is(err, fs.ErrPermission):
		n.Next = "chmod u+r " + path
	default:
		n.Next = "git status -- " + path
	}
	return n
}

func (l *loader) project() *rewrite.Project {
	files := make([]*rewrite.File, 0, len(l.files))
	for _, f := range l.files {
		files = append(files, f)
	}
	return steps.NewProject(files, l.others, l.filter)
}

// fresh returns the names that are not known yet and whose module, where that
// can be told, may be one of the project's.
func (l *loader) fresh(out []steps.HandOut) []steps.HandOut {
	return slices.DeleteFunc(out, func(h steps.HandOut) bool {
		return slices.Contains(l.handOut, h) || h.Module != "" && len(l.named(h.Module)) == 0
	})
}

func sameSet(a, b []steps.HandOut) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(h steps.HandOut) bool { return !slices.Contains(b, h) })
}
