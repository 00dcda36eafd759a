package wizard

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spanwalk/steps"
)

func TestImportWords(t *testing.T) {
	const source = `"""Docs that import nothing: important."""
import os.path as p, app.tracing
from . import deps
from .. import shopped
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
	w := importWords("shop/orders/api.py", []byte(source))
	for _, word := range []string{"os", "path", "p", "app", "tracing", "deps", "work", "begin", "finish_all", "done", "lazy", "fallback", "second", "third", "fourth", "orders", "shop"} {
		if !w.has(hashWord(firstHash, word)) {
			t.Errorf("%s is missing", word)
		}
	}
	near := byModule([]steps.HandOut{
		{Name: "begin", Module: "nowhere"}, {Name: "start", Module: "work"}, {Name: "begin"},
		{Name: "begin", Module: "work"}, {Name: "start", Module: "tracing"}, {Name: "start", Module: "deps"}, {Name: "held", Module: "work", Member: true},
	}).reachedBy(&w)
	want := []steps.HandOut{{Name: "begin", Module: "work"}, {Name: "held", Module: "work", Member: true}, {Name: "start", Module: "tracing"}, {Name: "start", Module: "deps"}}
	if diff := cmp.Diff(want, near); diff != "" {
		t.Errorf("what may be reached (-want +got):\n%s", diff)
	}
	all := importWords("shop/orders/api.py", []byte("from app.work import *\n"))
	if near := byModule([]steps.HandOut{{Name: "start", Module: "work"}}).reachedBy(&all); len(near) != 1 {
		t.Errorf("a star import reaches %v", near)
	}
	for _, word := range []string{"Docs_of", "try_", "second_", "reloaded"} {
		if w.has(hashWord(firstHash, word)) {
			t.Errorf("%s stands on no import line", word)
		}
	}
}

// FuzzImportWords: whatever stands around an import line, its words are found.
func FuzzImportWords(f *testing.F) {
	f.Add("x = 1", "y")
	f.Add("import a, (", "\\")
	f.Fuzz(func(t *testing.T, before, after string) {
		w := importWords("shop/orders/api.py", []byte(before+"\nfrom some.module import thing\n"+after))
		if !w.has(hashWord(firstHash, "module")) || !w.has(hashWord(importedHash, "thing")) {
			t.Errorf("%q %q: words are missing", before, after)
		}
	})
}

// TestPassingOverIsCheap: what is done with every file that does not concern us
// is a small multiple of counting a byte in it. One regular expression there
// doubled the time of a first run on a large tree.
func TestPassingOverIsCheap(t *testing.T) {
	demo, err := os.ReadFile("demo.txtar")
	if err != nil {
		t.Fatal(err)
	}
	source := bytes.Repeat(append([]byte("from .models import Order\n"), bytes.ReplaceAll(demo, []byte("sentry"), []byte("centre"))...), 100)
	quickest := func(do func()) time.Duration {
		best := time.Hour
		for range 20 {
			began := time.Now()
			do()
			best = min(best, time.Since(began))
		}
		return best
	}
	count := quickest(func() { bytes.Count(source, []byte("i")) })
	pass := quickest(func() { steps.Mentions(source); importWords("shop/api.py", source) })
	const most = 100
	if pass > most*count {
		t.Errorf("passing over takes %v, %d times as long as counting a byte; at most %d are expected", pass, pass/count, most)
	}
}
