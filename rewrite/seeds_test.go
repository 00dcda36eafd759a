package rewrite

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Seeds returns the Python sources of the archives.
func Seeds(t testing.TB) [][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "testdata", "rewrite", "*", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	var out [][]byte
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range a.Files {
			if in.Name != "want" {
				out = append(out, in.Data)
			}
		}
	}
	return out
}

// pieces are what [Damaged] puts into sources.
var pieces = []string{
	"(", ")", "[", "]", "{", "}", "\"", "'", "\"\"\"", "f\"{", "t'{", ":", "\n", "\r", "\n    ", "\t", "\\", "\\\n", "#", ",", "*", "=", ":=", "@", "\f", "é",
	"type(", "type ", "with (", "except *(", "case ", "match x:\n", "def ", "class ", "lambda ", "else:\n", ";", "global x\n", "\ufeff", "from . import *\n",
	" if ", " else ", " for x in y", " as ", " in ", "not ", " is ", "await ", "async ", "yield ", "return ", "print ", "print(", "exec ", "import ", "del ",
	"**", ".", "...", "->", "|", "~", "-", "<>", "`", "/", "//=", "+=", "!r", "}}", "{{", "0", "1.", "0x", "1j", "_", " ", "  ", "\n\n", "\n  ",
	"r", "b", "u", "rb", "\\N{", "\\x", "\\u12", "pass", "try:\n", "finally:\n", "None", "*,", "/,", "x: int", "int[a]", "| int", "lambda *a:", "(yield)", "{**a}", "[*a]", "*a, b",
}

// Damaged returns a copy of a source with up to four pieces of it cut out,
// replaced, or put in.
func Damaged(r *rand.Rand, source []byte) []byte {
	out := slices.Clone(source)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(out) + 1)
		end := min(at+r.IntN(30), len(out))
		piece := pieces[r.IntN(len(pieces))]
		switch r.IntN(3) {
		case 0:
			piece = ""
		case 1:
			end = at
		}
		out = slices.Concat(out[:at], []byte(piece), out[end:])
	}
	return out
}
