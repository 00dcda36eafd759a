package rewrite_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"spanwalk/rewrite"
)

var update = flag.Bool("update", false, "write what is found into the archives of testdata")

// archives returns the paths of testdata/rewrite/<folder>/*.txtar.
func archives(t testing.TB, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "testdata", "rewrite", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives in %s: %v", folder, err)
	}
	return paths
}

// TestParseArchives reads in.py of each archive and compares the statements,
// the calls in them and what is broken with the section "want".
func TestParseArchives(t *testing.T) {
	for _, path := range archives(t, "parse") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Files) != 2 || a.Files[0].Name != "in.py" || a.Files[1].Name != "want" {
				t.Fatal("an archive holds in.py and want")
			}
			f, err := rewrite.Parse("in.py", a.Files[0].Data, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := statements(f)
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// statements lists the statements of a file: line, kind and the callees of the
// calls in it; what lies in a broken statement is marked with "!".
func statements(f *rewrite.File) string {
	var b strings.Builder
	depth := 0
	var visit func(n *rewrite.Node)
	visit = func(n *rewrite.Node) {
		statement := n.Parent.Is("block", "module")
		if statement {
			line, _ := f.Line(n.Start)
			mark := " "
			if f.InBroken(n.Start, n.End) {
				mark = "!"
			}
			fmt.Fprintf(&b, "%s%3d %*s%s%s\n", mark, line, depth*2, "", n.Kind, callees(n))
			depth++
		}
		for _, c := range n.Children {
			visit(c)
		}
		if statement {
			depth--
		}
	}
	visit(f.Module)
	return b.String()
}

// callees writes the called expressions in a statement, without those of
// statements inside it.
func callees(statement *rewrite.Node) string {
	out := ""
	statement.Walk(func(n *rewrite.Node) bool {
		if n.Is("call") {
			out += " " + strings.Join(strings.Fields(n.Child("function").Text()), " ") + "()"
		}
		return n == statement || !n.Parent.Is("block", "module")
	})
	return out
}

// TestNameArchives resolves what stands on the lines that a comment "#= …"
// ends: the called expression, or the whole expression where nothing is called.
func TestNameArchives(t *testing.T) {
	for _, path := range archives(t, "names") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var files []*rewrite.File
			for _, in := range a.Files {
				f, err := rewrite.Parse(in.Name, in.Data, nil)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, f)
			}
			asked := 0
			p := rewrite.NewProject(files, nil, nil)
			for _, f := range files {
				asked += checkNames(t, p, f)
			}
			if asked == 0 {
				t.Error("no line asks for a name")
			}
		})
	}
}

func checkNames(t *testing.T, p *rewrite.Project, f *rewrite.File) (asked int) {
	want := map[int]string{}
	for _, c := range f.Comments {
		if text, ok := strings.CutPrefix(string(f.Source[c.Start:c.End]), "#= "); ok {
			line, _ := f.Line(c.Start)
			want[line] = text
		}
	}
	f.Module.Walk(func(n *rewrite.Node) bool {
		line, _ := f.Line(n.Start)
		if want[line] == "" || !n.Is("expression_statement") {
			return true
		}
		asked++
		expr := n.Children[0]
		if expr.Is("call") {
			expr = expr.Child("function")
		}
		if got := describe(p.Name(expr)); got != want[line] {
			t.Errorf("%s:%d: %s is %s, want %s", f.Path, line, expr.Text(), got, want[line])
		}
		delete(want, line)
		return true
	})
	for line := range want {
		t.Errorf("%s:%d: no expression statement", f.Path, line)
	}
	return asked
}

func describe(n rewrite.Name) string {
	switch {
	case n.Dotted != "":
		return n.Dotted
	case n.Def != nil:
		return n.Def.File.Path + "::" + rewrite.Qualname(n.Def)
	case n.Module != nil:
		return n.Module.Path
	case n.Value != nil:
		line, _ := n.Value.File.Line(n.Value.Start)
		return fmt.Sprintf("value %s:%d", n.Value.File.Path, line)
	}
	return "unknown"
}
