package rewrite_test

import (
	"testing"

	"spanwalk/rewrite"
)

// TestFirstIterable checks that the first iterable of a comprehension, and
// nothing else of it, is evaluated where the comprehension stands: only there
// does a class body see its own names.
func TestFirstIterable(t *testing.T) {
	const source = "from a import f\nclass C:\n    from b import f\n    x = [f() for x in f() for y in f() if f()]\n"
	f := parse(t, source)
	p := rewrite.NewProject([]*rewrite.File{f}, nil, nil)
	var got []string
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("call") {
			got = append(got, p.Resolve(n.Child("function")))
		}
		return true
	})
	if want := [4]string{"a.f", "b.f", "a.f", "a.f"}; len(got) != 4 || [4]string(got) != want {
		t.Errorf("the four calls are of %v, want %v", got, want)
	}
}
