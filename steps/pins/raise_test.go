package pins

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	// Each list is in ascending order.
	for _, list := range []string{
		"1.0.dev1 1.0a1.dev1 1.0a1 1.0a2 1.0b1 1.0rc1 1.0 1.0+local 1.0.post1.dev1 1.0.post1 1.1",
		"0.14.4 1.9 1.45.1 2.0 2.40 2.61.1 2.66.1 2.67.0 2.70.0 3.0.0a1 3.0.0b1 3.0.0b2 3.0.0rc1 3 1!0",
	} {
		versions := strings.Fields(list)
		for i, a := range versions {
			for j, b := range versions {
				if got := Compare(a, b); got != compareInts(i, j) {
					t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, compareInts(i, j))
				}
			}
		}
	}
	for _, pair := range [][2]string{
		{"2.0", "2"}, {"v2.0.0", "2"}, {"2.0-1", "2.0.post1"}, {"2.0.RC.1", "2.0rc1"}, {"2.0-beta-3", "2b3"},
		{"2.0c1", "2rc1"}, {"2.0dev", "2.0.dev0"}, {"2.0rev2", "2.0.post2"}, {"x", "y"},
	} {
		if got := Compare(pair[0], pair[1]); got != 0 {
			t.Errorf("Compare(%q, %q) = %d, want 0", pair[0], pair[1], got)
		}
	}
	if Compare("latest", "0.1") != -1 || Compare("0.1", "latest") != 1 {
		t.Error("what is no version does not sort first")
	}
}

// allows is a second reading of a specifier, release by release, for releases
// of three components.
func (s spec) allows(v version) bool {
	for _, b := range s.branches {
		all := true
		for _, c := range b.clauses {
			all = all && clauseAllows(c, v)
		}
		if all {
			return true
		}
	}
	return false
}

func clauseAllows(c clause, v version) bool {
	n := len(c.v.release)
	starts := func(k int) bool { return v.cut(k).compare(c.v.cut(k)) == 0 }
	order := v.compare(c.v)
	switch op := c.op; {
	case c.any:
		return true
	case op == "!=" && c.wild:
		return !starts(n)
	case op == "!=":
		return order != 0
	case c.wild, op == "=":
		return starts(n)
	case op == "==", op == "===", op == "":
		return order == 0
	case op == "~=":
		return order >= 0 && starts(n-1)
	case op == "~":
		return order >= 0 && starts(min(n, 2))
	case op == "^":
		return order >= 0 && starts(1) // every generated major is at least 1
	case op == ">=":
		return order >= 0
	case op == "<=":
		return order <= 0
	case op == ">":
		return order > 0
	}
	return order < 0
}

// TestRaiseMeaning compares what random specifiers allow before and after:
// nothing below the floor; after a plain raise exactly what was allowed from
// the floor up; always something.
func TestRaiseMeaning(t *testing.T) {
	var releases []version
	add := func(text string) {
		v, ok := parseVersion(text)
		if !ok {
			t.Fatal(text)
		}
		releases = append(releases, v)
	}
	for minor := range 80 {
		for patch := range 3 {
			add(fmt.Sprintf("2.%d.%d", minor, patch))
		}
	}
	for _, text := range []string{"1.40.0", "1.45.1", "3.0.0", "3.1.0", "4.0.0"} {
		add(text)
	}
	random := rand.New(rand.NewSource(1))
	verdicts := map[Verdict]int{}
	for range 4000 {
		d := dialect(random.Intn(3))
		floor := []string{"2.62.0", "2.66.1", "2.67.0", "2.69.2"}[random.Intn(4)]
		text := randomSpec(random, d)
		before, ok := parseSpec(text, d)
		if !ok {
			t.Fatalf("dialect %d: %q is not read", d, text)
		}
		p := Pin{Kind: PyProject, form: formSpec, dialect: d, Text: text, End: len(text)}
		change, verdict, _ := Raise(p, floor)
		verdicts[verdict]++
		result := text[:change.Start] + change.New + text[change.End:]
		after, ok := parseSpec(result, d)
		if !ok {
			t.Fatalf("dialect %d, floor %s: %q became %q, which is not read", d, floor, text, result)
		}
		checkMeaning(t, releases, floor, verdict, before, after)
		if t.Failed() {
			t.Fatalf("dialect %d, floor %s: %q became %q (%v)", d, floor, text, result, verdict)
		}
		p.Text, p.End = result, len(result)
		if _, again, _ := Raise(p, floor); verdict != Refuse && again != OK {
			t.Fatalf("dialect %d, floor %s: %q became %q, which is %v", d, floor, text, result, again)
		}
	}
	for _, v := range []Verdict{OK, Raised, RaiseReview, NoVersion, Refuse} {
		if verdicts[v] < 50 {
			t.Errorf("verdict %v came up %d times only", v, verdicts[v])
		}
	}
}

func checkMeaning(t *testing.T, releases []version, floor string, verdict Verdict, before, after spec) {
	found := false
	low, _ := parseVersion(floor)
	for _, r := range releases {
		was, is := before.allows(r), after.allows(r)
		above := r.compare(low) >= 0
		found = found || is
		switch {
		case verdict == Refuse && was && r.part(0) >= 2:
			t.Errorf("refused although it allows %s", r)
		case verdict == Refuse:
		case is && !above:
			t.Errorf("allows %s", r)
		case (verdict == Raised || verdict == NoVersion) && is != (was && above):
			t.Errorf("allows %s: %v, before: %v", r, is, was)
		}
	}
	if !found && verdict != Refuse && before.satisfiable(releases) {
		t.Error("allows nothing")
	}
}

func (s spec) satisfiable(releases []version) bool {
	for _, r := range releases {
		if s.allows(r) {
			return true
		}
	}
	return false
}

// randomSpec writes a specifier of one shape people use, in a dialect.
func randomSpec(random *rand.Rand, d dialect) string {
	v := func() string {
		text := []string{"1.40", "1.9.0", "2", "2.0", "2.0.0", "3", "3.0.0"}[random.Intn(7)]
		if random.Intn(3) > 0 {
			text = fmt.Sprintf("2.%d", random.Intn(75))
			if random.Intn(2) > 0 {
				text += fmt.Sprintf(".%d", random.Intn(3))
			}
		}
		return text
	}
	long := func() string {
		if text := v(); strings.Contains(text, ".") {
			return text
		}
		return "2.1"
	}
	shapes := []func() string{
		func() string { return "" },
		func() string { return ">=" + v() },
		func() string { return ">" + v() },
		func() string { return "<" + v() },
		func() string { return "<=" + v() },
		func() string { return "==" + v() },
		func() string { return "==" + v() + ".*" },
		func() string { return "~=" + long() },
		func() string { return ">= " + v() + ", <3" },
		func() string { return ">=" + v() + ",!=2.67.1" },
		func() string { return "<2.72,>=" + v() },
		func() string { return "!=" + v() + ".*" },
	}
	if d == conda {
		shapes = append(shapes, func() string { return "=" + v() })
	}
	if d == poetry {
		shapes = append(shapes,
			func() string { return "^" + v() },
			func() string { return "~" + v() },
			func() string { return v() },
			func() string { return v() + ".*" },
			func() string { return "*" },
			func() string { return "^1.4 || ^" + v() },
			func() string { return "~2.40 || >=2.60 <3 || " + v() })
	}
	return shapes[random.Intn(len(shapes))]()
}
