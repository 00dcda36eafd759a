package rewrite

import (
	"strings"
	"testing"
)

func TestBoundNames(t *testing.T) {
	tests := []struct{ stmt, want string }{
		{"def f(a=1): b = 2", "f"},
		{"async  def f(): pass", "f"},
		{"class C(metaclass=M):\n    x = 1", "C"},
		{"@a\n@b.c(\nx=1,\n)  # =\n\nasync def f():\n    pass", "f"},
		{"@a\\\n.b\nclass C: pass", "C"},
		{"type X[T] = int", "X"},
		{"type = 5", "type"},
		{"type (x).y = 5", ""},
		{"a = b = c == d", "a b"},
		{"a, (b, *c), [d] = e = f(g=1)", "a b c d e"},
		{"a += 1; b >>= 2; c //= 3; d **= 4", "a b c d"},
		{"a.b = c[d] = e(f=1).g[h] = i", ""},
		{"a.b, c[d], e = f", "e"},
		{"a: int = 5", "a"},
		{"a: Dict[str, int]", "a"},
		{"a.b: int = 5", ""},
		{"(a): int = 5", "a"},
		{"f(a=1, b={'c': 2}, *d)", ""},
		{"f(a := 1)[b := 2]", "a b"},
		{"[a := 1, {b: (c := 2)}]", "a c"},
		{"x[a:=5]", "a"},
		{"a == b != c <= d >= e", ""},
		{"\"\"\"a = b\nc = d\"\"\"", ""},
		{"x = 'a = b'; y = \"=\"", "x y"},
		{"f = lambda a=1, *b: a", "f"},
		{"lambda_f = my_lambda = 1", "lambda_f my_lambda"},
		{"f = (lambda a=1: a), b == 2", "f"},
		{"x = yield a", "x"},
		{"x = \\\n    y = 1", "x y"},
		{"x = 1  # y = 2", "x"},
		{"print >>f, 'a = b'", ""},
		{"assert a == b, 'c=d'", ""},
		{"é_1 = ñ = 1", "é_1 ñ"},
		{"x", ""},
		{"@", ""},
		{"async", ""},
		{"=", ""},
		{"a[", ""},
		{"a.", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(boundNames([]byte(tt.stmt)), " "); got != tt.want {
			t.Errorf("boundNames(%q) = %q, want %q", tt.stmt, got, tt.want)
		}
	}
}
