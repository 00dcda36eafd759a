package steps

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"spanwalk/rewrite"
)

// Classes whose fields and methods rest on each other in every order took
// time that doubled with each of them.
func TestInferenceOfCirclesIsQuick(t *testing.T) {
	const classes = 60
	var b strings.Builder
	b.WriteString("import sentry_sdk\n\n")
	for i := range classes {
		fmt.Fprintf(&b, "class C%d:\n    def __init__(self, span):\n        self.f%d = span\n\n", i, i)
		fmt.Fprintf(&b, "    def m%d(self, other):\n        self.f%d = other.f%d or other.f%d or other.f%d\n", i, i, (i+1)%classes, (i*7+3)%classes, (i*11+5)%classes)
		fmt.Fprintf(&b, "        return other.m%d(self.f%d)\n\n", (i+1)%classes, i)
	}
	b.WriteString("\nC0(sentry_sdk.start_span(op='x')).m0(C1(None))\n")
	f, err := rewrite.Parse("a.py", []byte(b.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	w := newWorld(NewProject([]*rewrite.File{f}, nil, nil))
	spans := 0
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("attribute") && w.typeOf(n).isSpan() {
			spans++
		}
		return true
	})
	if spans == 0 {
		t.Error("no attribute holds the span")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
}

// What a circle holds does not depend on where one asks first.
func TestInferenceOfACircleIsTheSameFromEverywhere(t *testing.T) {
	const source = `import sentry_sdk


def first(n, span):
    return second(n, span) if n else None


def second(n, span):
    return third(n - 1, span)


def third(n, span):
    return first(n, span) or span


first(3, sentry_sdk.start_span(op="x"))
`
	f, err := rewrite.Parse("a.py", []byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	project := NewProject([]*rewrite.File{f}, nil, nil)
	for i := range 3 {
		w := newWorld(project)
		for j := range 3 {
			fn := w.functions[(i+j)%3]
			if k := w.returns(fn); !k.isSpan() || k.other {
				t.Errorf("asked from %d: %s returns %+v", i, fn.Child("name").Text(), k)
			}
		}
	}
}
