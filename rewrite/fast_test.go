package rewrite

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func init() { strict = true }

// checkFast compares what the fast parser makes of every top-level statement
// of a file with what tree-sitter does, and returns how many bytes there are
// and how many of them the fast parser took.
func checkFast(t *testing.T, path string, data []byte) (all, taken int) {
	source, _, err := decode(data)
	if err != nil {
		return 0, 0
	}
	f := newFile(path, source, codec{})
	f.Module = &Node{Kind: "module", End: len(source), File: f}
	from := 0
	if bytes.HasPrefix(source, utf8BOM) {
		from = len(utf8BOM)
	}
	text := normalizeCR(source)
	list, _ := chunks(text, from)
	for _, c := range list {
		all += c.End - c.Start
		got, ok := f.fastChunk(text, c)
		if !ok {
			continue
		}
		taken += c.End - c.Start
		want, broken, err := f.grammarChunk(text, c)
		if err != nil || len(broken) > 0 {
			t.Errorf("%s: the fast parser reads what tree-sitter does not (%v):\n%q", path, err, text[c.Start:c.End])
		} else if !slices.EqualFunc(want, got, sameTree) {
			t.Errorf("%s: %.2000q\n-tree-sitter +fast:\n%.1500s", path, text[c.Start:c.End], cmp.Diff(outlines(want), outlines(got)))
		}
	}
	return all, taken
}

// sameTree reports whether two trees are alike, each linked to its parents.
func sameTree(a, b *Node) bool {
	if a.Kind != b.Kind || a.Field != b.Field || a.Start != b.Start || a.End != b.End || a.File != b.File {
		return false
	}
	for _, n := range []*Node{a, b} {
		for _, c := range n.Children {
			if c.Parent != n {
				return false
			}
		}
	}
	return slices.EqualFunc(a.Children, b.Children, sameTree)
}

func outlines(nodes []*Node) (out []string) {
	for _, n := range nodes {
		out = outline(n, 0, out)
	}
	return out
}

// packages returns every step-th of the Python files of the environments' site
// packages.
func packages(t *testing.T, step int) (sample []string) {
	t.Helper()
	roots, err := filepath.Glob(filepath.Join("..", ".venvs", "*", "lib", "python3*", "site-packages"))
	if err != nil || len(roots) == 0 {
		t.Fatalf("no environments (make venvs): %v", err)
	}
	count := 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".py") {
				if count++; count%step == 0 {
					sample = append(sample, path)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sample
}

// TestFastParserAgrees compares the two parsers on real code, of which the
// fast one has to take nearly all.
func TestFastParserAgrees(t *testing.T) {
	var all, taken atomic.Int64
	each(append(stdlib(t, 6), packages(t, 25)...), func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return
		}
		a, n := checkFast(t, path, data)
		all.Add(int64(a))
		taken.Add(int64(n))
	})
	if share := 100 * float64(taken.Load()) / float64(all.Load()); all.Load() < 2_000_000 || share < 98.5 {
		t.Errorf("the fast parser took %.2f %% of %d bytes", share, all.Load())
	}
}

// TestFastParserOnDamage compares the two parsers on code that is not quite
// Python.
func TestFastParserOnDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	seeds := Seeds(t)
	for _, path := range stdlib(t, 40) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, data)
	}
	each(seeds, func(seed []byte) { checkFast(t, "seed", seed) })
	all, taken := 0, 0
	for _, seed := range seeds {
		for range 40 {
			piece := seed
			if len(seed) > 1000 {
				piece = seed[bytes.LastIndexByte(seed[:r.IntN(len(seed))], '\n')+1:]
				piece = piece[:min(len(piece), 800)]
			}
			a, n := checkFast(t, "damaged", Damaged(r, piece))
			all, taken = all+a, taken+n
		}
		if t.Failed() {
			return
		}
	}
	if taken < all/10 || taken > all*9/10 {
		t.Errorf("the fast parser took %d of %d bytes: this damage tells nothing", taken, all)
	}
}

// TestFastParserOnQuirks compares the two parsers where the grammar surprised
// its author.
func TestFastParserOnQuirks(t *testing.T) {
	for _, source := range []string{
		"*self.cases, self.default = exprs\n",
		"(*a.b, c), d = e\n",
		"for *a.b, c in d: pass\n",
		"def f():\n    self.a,\n    self.b = -1\n",
		"x = a,\nb = 1\n",
		"a, lambda: b\n",
		"def f() -> None: int[a]\n",
		"x = r'\\\\', r'\\'', r\"\"\"a\"\\\\\"\"\", rf'\\{a}'\n",
		"(x := a if b else c)\n",
		"x = a & b ^ c\n",
		"x = await y ** 2\n",
		"x: A[int] | B | None = None\n",
		"x: None | B[int]\n",
		"x: type[A] = type[A]\n",
		"x: int\n# [a]\n",
		"with (a as b): pass\n",
		"with (a, b) as c: pass\n",
		"with a if b else c as d: pass\n",
		"match x: # y\n    # z\n    case _: pass\n",
		"f(a\n# b\n)\n",
		"def f():\n    x = [\na,\n]\n",
		"def f():\n\ta\n        b\n",
		"class A:\n    def f(): pass\n\x0c\n    def g(): pass\n",
		"print >>f, x\n",
		"print (a), b\n",
		"type = 3; type: int; type (a)\n",
		"b'\\N'\n",
		"'\\N{DASH}\\q'\n",
		"f'{a:{b}>{c!r}} {d = } {{e}}'\n",
		"except_ = 0xffff_ffff, 1_000.5e-3j, 0b, 0x\n",
		"    # a\n  junk\nx = 1\n",
		"match x:\n    case a.b.C(d=e.f, g=-1) | h . i: pass\n    case {j.k: l.m(n), **o}: pass\n    case p.q as r, s: pass\n",
		"match x:\n    case (a.b): pass\n    case [c.d(), *_]: pass\n    case _.e: pass\n",
		"def f[T: A[B], *Ts, **P](x: T, /, *a: *Ts) -> T: pass\n",
		"def f[T = int](): pass\nclass C[T: a.B = c](D[T]): pass\ntype E[T] = F[T] | None\ntype G = 1\n",
		"f\"{a[\"b\"]}{f\"{c(\"d\")}\"}\" f'{'e'!r:>{'f'}}'\n",
		"f\"{\n    a  # b\n}\"\n",
		"f\"{'\\n'.join(a)}\"\n",
		"t\"{a}\" rt'{b}' t''\n",
		"try: pass\nexcept A, B: pass\nexcept A, B, C: pass\nexcept (A, B), C: pass\n",
		"try: pass\nexcept* A, B: pass\nexcept *C: pass\nexcept *(D, E): pass\nexcept* F as g: pass\n",
		"@a[0].b\n@(lambda c: d)\n@e if f else g\n@(h := i)\n@j, k\ndef l(): pass\n",
		"async def f(): return [await a async for b in c if await d], {e: g async for h in i}\n",
		"async def f():\n    async with (a as b, c): pass\n    async for d in e: pass\n",
		"x = a[*b], c[d, *e], (f := 1), [g := 2, h], i[j := 3]\n",
	} {
		checkFast(t, "quirk", []byte(source))
	}
}

// FuzzFastParser wants of any bytes that the fast parser takes: the tree that
// tree-sitter gives.
func FuzzFastParser(f *testing.F) {
	for _, s := range Seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkFast(t, "x.py", data) })
}

// A fault of the fast parser costs a user nothing but time.
func TestFastParserFault(t *testing.T) {
	fault := func() (ok bool, fault any) {
		defer func() { fault = recover() }()
		return (&fastParser{src: []byte("x = 1"), pos: -1}).chunk(0), nil
	}
	if _, fault := fault(); fault == nil {
		t.Error("tests do not see a fault")
	}
	strict = false
	defer func() { strict = true }()
	if ok, fault := fault(); ok || fault != nil {
		t.Errorf("ok %t, panics with %v", ok, fault)
	}
}
