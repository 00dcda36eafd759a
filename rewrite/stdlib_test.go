package rewrite

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stdlib returns the Python files of the standard library of the machine's
// python3 below 40 kB, with its test suite where it has one, every step-th of
// them.
func stdlib(t testing.TB, step int) []string {
	t.Helper()
	out, err := exec.Command("python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		t.Fatalf("these tests need python3: %v", err)
	}
	var files []string
	err = filepath.WalkDir(strings.TrimSpace(string(out)), func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && d.Name() == "site-packages" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".py") {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() < 40_000 {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	var sample []string
	for i := 0; i < len(files); i += step {
		sample = append(sample, files[i])
	}
	return sample
}

// reading is what oracle.py says of one file.
type reading struct {
	Path       string
	Invalid    string // why Python does not read it
	Statements []int
	Calls      [][2]int
	Attributes [][2]int
	Inlined    bool     // comprehensions share the scope around them
	Deleted    []string // names some scope deletes; they count as bound for Python, not for us
	Scopes     []struct {
		Line       int
		Kind, Name string
		Names      []string
	}
}

// pythonReads asks CPython about the files.
func pythonReads(t *testing.T, files []string) []reading {
	t.Helper()
	cmd := exec.Command("python3", filepath.Join("..", "testdata", "rewrite", "oracle.py"))
	cmd.Stdin = strings.NewReader(strings.Join(files, "\n") + "\n")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("oracle.py: %v", err)
	}
	var readings []reading
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		var r reading
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		readings = append(readings, r)
	}
	if len(readings) != len(files) {
		t.Fatalf("oracle.py read %d of %d files", len(readings), len(files))
	}
	return readings
}

// each runs check for every file on two goroutines.
func each[T any](list []T, check func(T)) {
	var wg sync.WaitGroup
	for half := range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := half; i < len(list); i += 2 {
				check(list[i])
			}
		}()
	}
	wg.Wait()
}

// outline writes a tree one node a line.
func outline(n *Node, depth int, out []string) []string {
	out = append(out, fmt.Sprintf("%*s%s %s %d-%d", depth, "", n.Field, n.Kind, n.Start, n.End))
	for _, c := range n.Children {
		out = outline(c, depth+1, out)
	}
	return out
}

// wholeParse reads a file without cutting it into statements.
func wholeParse(path string, data []byte) (*File, error) {
	source, codec, err := decode(data)
	if err != nil {
		return nil, err
	}
	f := newFile(path, source, codec)
	f.Module = &Node{Kind: "module", End: len(source), File: f}
	from := 0
	if bytes.HasPrefix(source, utf8BOM) {
		from = len(utf8BOM)
	}
	b, top, err := f.tree(normalizeCR(source), Span{from, len(source)})
	if err != nil {
		return nil, err
	}
	f.Module.Children = top.Children
	for _, e := range b.errors {
		f.Broken = append(f.Broken, brokenStatement(e))
	}
	return f, nil
}

// TestChunksGiveTheSameTree compares the tree that is put together from single
// statements with that of the whole file.
func TestChunksGiveTheSameTree(t *testing.T) {
	files := stdlib(t, 2)
	var mu sync.Mutex
	compared, broken := 0, 0
	each(files, func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return
		}
		whole, err1 := wholeParse(path, data)
		f, err2 := Parse(path, data, every)
		if err1 != nil || err2 != nil {
			if (err1 == nil) != (err2 == nil) {
				t.Errorf("%s: whole: %v, in statements: %v", path, err1, err2)
			}
			return
		}
		mu.Lock()
		compared++
		if len(whole.Broken) > 0 {
			broken++
		}
		mu.Unlock()
		if len(whole.Broken) > 0 {
			return // there the two may differ: less is lost in statements
		}
		if a, b := outline(whole.Module, 0, nil), outline(f.Module, 0, nil); !slices.Equal(a, b) || len(f.Broken) > 0 {
			t.Errorf("%s: broken %v, -whole +statements:\n%.1500s", path, f.Broken, cmp.Diff(a, b))
		}
	})
	if compared < 200 || compared < len(files)*9/10 || broken > compared/50 { // the least there is: a Python without its test suite
		t.Errorf("of %d files %d were compared, %d of them broken", len(files), compared, broken)
	}
	t.Logf("of %d files %d were compared, %d of them broken", len(files), compared, broken)
}

// TestLineEndsGiveTheSameTree reads files with other line ends and with a byte
// order mark: the same nodes must come out, at the same places.
func TestLineEndsGiveTheSameTree(t *testing.T) {
	each(stdlib(t, 15), func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return
		}
		plain, err := Parse(path, data, nil)
		if err != nil || plain.codec.enc != nil || bytes.IndexByte(data, '\r') >= 0 || bytes.HasPrefix(data, utf8BOM) {
			return
		}
		want := outline(plain.Module, 0, nil)
		for name, variant := range map[string]struct{ newline, before string }{"carriage return": {"\r", ""}, "both": {"\r\n", ""}, "byte order mark": {"\n", string(utf8BOM)}, "all": {"\r\n", string(utf8BOM)}} {
			text := variant.before + strings.ReplaceAll(string(data), "\n", variant.newline)
			f, err := Parse(path, []byte(text), every)
			if err != nil {
				t.Errorf("%s: %s: %v", path, name, err)
				continue
			}
			place, added := make([]int, len(text)+1), len(variant.before) // where an offset lies in data
			for i := range place {
				place[i] = max(i-added, 0)
				if len(variant.newline) == 2 && i < len(text) && text[i] == '\n' {
					added++
				}
			}
			f.Module.Walk(func(n *Node) bool {
				n.Start, n.End = place[n.Start], place[n.End]
				return true
			})
			if got := outline(f.Module, 0, nil); !slices.Equal(want, got) {
				t.Errorf("%s: %s: -plain +variant\n%.1500s", path, name, cmp.Diff(want, got))
			}
			if len(f.Broken) != len(plain.Broken) {
				t.Errorf("%s: %s: broken are %v, in plain text %v", path, name, f.Broken, plain.Broken)
			}
		}
	})
}

// isStatement reports whether n is what Python's ast calls a statement.
func isStatement(n *Node) bool {
	if n.Parent.Is("decorated_definition") {
		return n.Field == "definition"
	}
	return n.Parent.Is("block", "module") && !n.Is("case_clause", "decorated_definition")
}

// TestAgreesWithPython compares with Python's own ast and symtable where
// statements start, the extent of calls and attributes, and the names every
// scope binds.
func TestAgreesWithPython(t *testing.T) {
	files := slices.DeleteFunc(stdlib(t, 2), func(path string) bool {
		return strings.Contains(path, "/test/") // names that Python normalises, and other tests of Python itself
	})
	readings := pythonReads(t, files)
	var compared atomic.Int32
	each(readings, func(r reading) {
		data, err := os.ReadFile(r.Path)
		if err != nil {
			t.Error(err)
			return
		}
		f, err := Parse(r.Path, data, nil)
		if r.Invalid != "" || err != nil || len(f.Broken) > 0 {
			return
		}
		compared.Add(1)
		checkTree(t, f, r)
		checkScopes(t, f, r)
	})
	if compared.Load() < int32(len(readings)*9/10) {
		t.Errorf("only %d of %d files were compared", compared.Load(), len(readings))
	}
}

func checkTree(t *testing.T, f *File, r reading) {
	var statements []int
	var calls, attributes [][2]int
	f.Module.Walk(func(n *Node) bool {
		switch {
		case n.Is("interpolation"):
			return false
		case isStatement(n):
			statements = append(statements, n.Start)
		case n.Kind == "call":
			calls = append(calls, [2]int{n.Start, n.End})
		case n.Kind == "attribute":
			attributes = append(attributes, [2]int{n.Start, n.End})
		}
		return true
	})
	if !slices.Equal(r.Statements, statements) {
		t.Errorf("%s: statements, -python +ours:\n%.1500s", r.Path, cmp.Diff(r.Statements, statements))
	}
	if calls = sorted(calls); !slices.Equal(r.Calls, calls) {
		t.Errorf("%s: calls, -python +ours:\n%.1500s", r.Path, cmp.Diff(r.Calls, calls))
	}
	if attributes = sorted(attributes); !slices.Equal(r.Attributes, attributes) {
		t.Errorf("%s: attributes, -python +ours:\n%.1500s", r.Path, cmp.Diff(r.Attributes, attributes))
	}
}

func sorted(list [][2]int) [][2]int {
	slices.SortFunc(list, func(a, b [2]int) int {
		if a[0] != b[0] {
			return a[0] - b[0]
		}
		return a[1] - b[1]
	})
	return list
}

func checkScopes(t *testing.T, f *File, r reading) {
	var want []string
	for _, s := range r.Scopes {
		name := s.Name
		if s.Kind == "module" {
			name = "top"
		}
		want = append(want, fmt.Sprintf("%d %s %v", s.Line, name, s.Names))
	}
	sort.Strings(want)
	if got := scopeLines(f, r); !slices.Equal(want, got) {
		t.Errorf("%s: scopes, -python +ours:\n%.1500s", r.Path, cmp.Diff(want, got))
	}
}

// scopeLines writes a file's scopes as the test compares them. From Python
// 3.12 on (PEP 709) comprehensions are part of what surrounds them.
func scopeLines(f *File, r reading) []string {
	bound := map[*Scope][]string{}
	for _, s := range f.scopes.all {
		owner := s
		for r.Inlined && owner.Node.Is("list_comprehension", "set_comprehension", "dictionary_comprehension") {
			owner = owner.Parent
		}
		for name := range s.Names {
			if !slices.Contains(r.Deleted, name) && !slices.Contains(bound[owner], name) {
				bound[owner] = append(bound[owner], name)
			}
		}
		bound[owner] = append([]string{}, bound[owner]...)
	}
	var out []string
	for s, names := range bound {
		line := 0
		if s.Parent != nil {
			line, _ = f.Line(s.Node.Start)
		}
		sort.Strings(names)
		out = append(out, fmt.Sprintf("%d %s %v", line, scopeName(s.Node), names))
	}
	sort.Strings(out)
	return out
}

func scopeName(n *Node) string {
	switch n.Kind {
	case "module":
		return "top"
	case "function_definition", "class_definition":
		return n.Child("name").Text()
	case "list_comprehension":
		return "listcomp"
	case "set_comprehension":
		return "setcomp"
	case "dictionary_comprehension":
		return "dictcomp"
	case "generator_expression":
		return "genexpr"
	}
	return "lambda"
}

// TestOpaqueStatementsBindTheSameNames compares the names a module binds when
// its statements are parsed with those found when as few are as possible.
func TestOpaqueStatementsBindTheSameNames(t *testing.T) {
	each(stdlib(t, 5), func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return
		}
		whole, err := Parse(path, data, nil)
		if err != nil || len(whole.Broken) > 0 {
			return
		}
		few, err := Parse(path, data, none)
		if err != nil {
			t.Error(err)
			return
		}
		if diff := cmp.Diff(boundIn(whole), boundIn(few)); diff != "" {
			t.Errorf("%s: -parsed +opaque:\n%s", path, diff)
		}
	})
}

func boundIn(f *File) []string {
	names := slices.Collect(maps.Keys(f.ModuleScope().Names))
	sort.Strings(names)
	return names
}

// every and none are the filters that want all statements and none.
func every([]byte) func([]byte) bool { return func([]byte) bool { return true } }
func none([]byte) func([]byte) bool  { return func([]byte) bool { return false } }
