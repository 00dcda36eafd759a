package wizard

import (
	"testing"

	"spanwalk/steps"
)

func TestImportWords(t *testing.T) {
	const source = `"""Docs that import nothing: important."""
import os.path as p, app.tracing
from . import deps
from app.work import (
    begin,  # comment
    finish_all as done,
)
if True: import lazy
try:
    from fallback import \
        second
except ImportError: from third import fourth
x = "import hidden"
importlib.reload(quiet)
`
	w := importWords([]byte(source))
	for _, word := range []string{"os", "path", "p", "app", "tracing", "deps", "work", "begin", "finish_all", "done", "lazy", "fallback", "second", "third", "fourth"} {
		if !w.has(word) {
			t.Errorf("%s is missing", word)
		}
	}
	near := w.reaching([]steps.HandOut{{Name: "f", Module: "nowhere"}, {Name: "f", Module: "work"}, {Name: "begin"}})
	if len(near) != 1 || near[0].Module != "work" {
		t.Errorf("%v may be reached", near)
	}
	for _, word := range []string{"Docs_of", "try_", "second_", "reloaded"} {
		if w.has(word) {
			t.Errorf("%s stands on no import line", word)
		}
	}
}

// FuzzImportWords: whatever stands around an import line, its words are found.
func FuzzImportWords(f *testing.F) {
	f.Add("x = 1", "y")
	f.Add("import a, (", "\\")
	f.Fuzz(func(t *testing.T, before, after string) {
		w := importWords([]byte(before + "\nfrom some.module import thing\n" + after))
		if !w.has("module") || !w.has("thing") {
			t.Errorf("%q %q: words are missing", before, after)
		}
	})
}
