package rewrite

import (
	"strings"
	"testing"
)

// A file that is read again takes what stands in it unchanged from the reading
// before: every node must be what a parse from scratch gives, in its place.
func TestReadTakesUnchangedStatements(t *testing.T) {
	const source = "\ufeffimport os\r\n\r\n\r\n# first\r\ndef f(a, *b):\r\n    return [*g(a)], b  # kept\r\n\r\n\r\nclass C:\r\n    x: int = 1\r\n\r\n    def m(self):\r\n        with (open(self.x) as y,):\r\n            pass\r\n\r\n\r\ndef broken(:\r\n    pass\r\n\r\n\r\nz = f(1); w = z\r\n"
	for name, change := range map[string]func(string) string{
		"before":   func(s string) string { return strings.Replace(s, "import os", "import os, sys", 1) },
		"inside":   func(s string) string { return strings.Replace(s, "x: int = 1", "x: int = 1000", 1) },
		"after":    func(s string) string { return s + "q = 2\r\n" },
		"removed":  func(s string) string { return strings.Replace(s, "z = f(1); w = z\r\n", "", 1) },
		"the same": func(s string) string { return s },
	} {
		old, err := Parse("a.py", []byte(source), nil)
		if err != nil {
			t.Fatal(err)
		}
		project := NewProject([]*File{old}, nil, nil)
		changed := []byte(change(source))
		got, err := project.Read("a.py", changed)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Parse("a.py", changed, nil)
		if err != nil {
			t.Fatal(err)
		}
		if g, w := nodesOf(got), nodesOf(want); g != w {
			t.Errorf("%s: got\n%s\nwant\n%s", name, g, w)
		}
		got.Module.Walk(func(n *Node) bool {
			if n.File != got {
				t.Errorf("%s: %s at %d belongs to the old file", name, n.Kind, n.Start)
			}
			for _, c := range n.Children {
				if c.Parent != n {
					t.Errorf("%s: %s at %d has another parent", name, c.Kind, c.Start)
				}
			}
			return true
		})
	}
}

// nodesOf writes every node and broken span of a file, a line each.
func nodesOf(f *File) string {
	var b strings.Builder
	f.Module.Walk(func(n *Node) bool {
		b.WriteString(n.Kind + " " + n.Field + " " + n.Text() + "\n")
		return true
	})
	for _, s := range f.Broken {
		b.WriteString("broken " + string(f.Source[s.Start:s.End]) + "\n")
	}
	return b.String()
}
