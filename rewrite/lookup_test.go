package rewrite

import (
	"testing"
)

// What names mean is remembered from one form of a project to the next; it
// must be what a project that remembers nothing finds.
func TestNamesFollowAChange(t *testing.T) {
	sources := map[string]string{
		"app/a.py":     "from .b import make, Base\nimport app.c\nmake()\napp.c.other()\nclass K(Base):\n    pass\nK.run()\n",
		"app/b.py":     "from .c import make\nfrom .d import *\n",
		"app/c.py":     "from sentry_sdk import start_span as make\nfrom sentry_sdk import trace as other\n",
		"app/d.py":     "class Base:\n    def run(self): pass\n",
		"app/alone.py": "from sentry_sdk import start_span\nstart_span()\n",
	}
	var files []*File
	for path, text := range sources {
		files = append(files, read(t, path, text))
	}
	p := NewProject(files, nil, nil)
	names := func(p *Project) map[string]Name {
		out := map[string]Name{}
		for _, f := range p.Files() {
			f.Module.Walk(func(n *Node) bool {
				if n.Is("call") {
					out[f.Path+" "+n.Text()] = p.Name(n.Child("function"))
				}
				return true
			})
		}
		return out
	}
	names(p)
	for _, change := range []struct{ path, text, call, want string }{
		{"app/c.py", "from sentry_sdk.traces import start_span as make\ndef other(): pass\n", "app/a.py make()", "sentry_sdk.traces.start_span"},
		{"app/b.py", "from sentry_sdk import continue_trace as make\nfrom .d import *\n", "app/a.py make()", "sentry_sdk.continue_trace"},
		{"app/d.py", "class Base:\n    pass\n", "app/a.py K.run()", ""},
	} {
		next, err := p.With(map[string][]byte{change.path: []byte(change.text)})
		if err != nil {
			t.Fatal(err)
		}
		got, fresh := names(next), names(NewProject(next.Files(), nil, nil))
		for call, want := range fresh {
			if got[call] != want {
				t.Errorf("%s after %s changed: %v, want %v", call, change.path, got[call], want)
			}
		}
		if got[change.call].Dotted != change.want {
			t.Errorf("%s after %s changed: %q, want %q", change.call, change.path, got[change.call].Dotted, change.want)
		}
		p = next
	}
	rests := p.Names()
	rests.Name(p.File("app/alone.py").Module.Children[1].Children[0].Child("function"))
	if len(rests.Rests()) != 0 {
		t.Errorf("a name of the SDK rests on %v", rests.Rests())
	}
}

func read(t *testing.T, path, text string) *File {
	t.Helper()
	f, err := Parse(path, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
