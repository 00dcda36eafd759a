package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGenerated holds random legacy programs to the oracle: seeds 1–200, or
// those that SPANWALK_SEEDS names ("make fuzz SEEDS=1-5000"). Floors and
// releases rotate with the seed. The programs and what their headers mean are
// described in testdata/generator/README.md.
func TestGenerated(t *testing.T) {
	seeds := os.Getenv("SPANWALK_SEEDS")
	if seeds == "" {
		seeds = "1-200"
	}
	dir := t.TempDir()
	cmd := exec.Command("python3", "../testdata/generator/generate.py", "--seed", seeds, "--out", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, out)
	}
	made, err := os.ReadDir(dir)
	if err != nil || len(made) == 0 {
		t.Fatalf("nothing was generated for seeds %s (%v)", seeds, err)
	}
	pool := newPool(t)
	tally := &generatedTally{}
	t.Run("seeds", func(t *testing.T) {
		for i, e := range made {
			t.Run(e.Name(), func(t *testing.T) {
				t.Parallel()
				g := readGenerated(t, filepath.Join(dir, e.Name()))
				g.run(t, pool, tally, i)
			})
		}
	})
	t.Logf("%d programs: %d equal, %d different, %d with sites left to a person", len(made), tally.equal.n(), tally.wrong.n(), tally.left.n())
}

// generatedTally counts outcomes of parallel tests.
type generatedTally struct{ equal, wrong, left counter }

// generated is a random program with what its header states.
type generated struct {
	*program
	untouched []string
	changes   map[string]json.RawMessage
}

var changesLine = regexp.MustCompile(`^# changes: (\S+) -> (.*)$`)

func readGenerated(t *testing.T, dir string) *generated {
	t.Helper()
	g := &generated{program: &program{files: map[string][]byte{}, review: true}, changes: map[string]json.RawMessage{}}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		g.files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(g.files["main.py"]), "\n") {
		if m := changesLine.FindStringSubmatch(line); m != nil {
			g.changes[m[1]] = json.RawMessage(m[2])
		}
		if rest, ok := strings.CutPrefix(line, "# untouched: "); ok {
			g.untouched = strings.Fields(rest)
		}
	}
	return g
}

var generatedFloors = []string{"2.62.0", "2.66.1", "2.67.0"}

func (g *generated) run(t *testing.T, pool *pool, tally *generatedTally, i int) {
	floor := generatedFloors[i%len(generatedFloors)]
	lowest, err := ParseRelease(floor)
	if err != nil {
		t.Fatal(err)
	}
	after, left := g.migrated(t, floor)
	for _, name := range g.untouched {
		if !bytes.Equal(g.files[name], after[name]) {
			t.Errorf("%s was changed:\n%s", name, after[name])
		}
	}
	if strings.Contains(left, " manual: ") || strings.Contains(left, "waits for an answer") {
		tally.left.add()
		t.Logf("not compared:\n%s", left)
		return
	}
	legacyDir, newDir := writeTree(t, g.files), writeTree(t, after)
	for _, release := range pool.rotation(lowest, i) {
		base := release
		if strings.HasPrefix(release, "3.") {
			base = pool.newest2
		}
		static := g.expect(t, pool.run(t, base, job{"dir": legacyDir, "mode": "static"}))
		stream := pool.run(t, release, job{"dir": newDir, "mode": "stream"})
		g.tolerate = append(oldSource(lowest, release), movedStarts(g.stated)...)
		v := pool.compare(t, static, stream, g.program, floor)
		if v.Equal {
			tally.equal.add()
			continue
		}
		tally.wrong.add()
		t.Errorf("floor %s on %s:\n%s%s\nlegacy:\n%s\nmigrated:\n%s", floor, release, v.text(), left, sources(g.files), sources(after))
		return
	}
}

// oldSource lists the differences of a floor below 2.66.1 on a release from
// there on: the attribute that names a root's source has another name, so the
// SDK takes the written one for any other (facts/sdk.md C1).
func oldSource(floor Release, release string) []string {
	if r, err := ParseRelease(release); err != nil || floor.AtLeast(R2_66_1) || !r.AtLeast(R2_66_1) {
		return nil
	}
	return []string{`.*: source .* != .*`, `.*: attribute sentry\.span\.source .* added`}
}

// movedStarts lists the differences of spans whose constructor a review finding
// says it has moved: they start later.
func movedStarts(stated []string) []string {
	for _, message := range stated {
		if strings.Contains(message, "and the start time with it") {
			return []string{`order: start of .*`}
		}
	}
	return nil
}

// rotation returns the lowest release that a floor allows and one more, which
// changes with i.
func (p *pool) rotation(floor Release, i int) []string {
	var allowed []string
	for _, name := range p.releases {
		r, err := ParseRelease(name)
		if err == nil && r.AtLeast(floor) && (r.Major < 3 || floor.AtLeast(R2_67_0)) {
			allowed = append(allowed, name)
		}
	}
	if len(allowed) == 1 {
		return allowed
	}
	return []string{allowed[0], allowed[1+i%(len(allowed)-1)]}
}

// expect puts into a static result what the recommended rewrite sends in place
// of values that have no streamed form.
func (g *generated) expect(t *testing.T, static json.RawMessage) json.RawMessage {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(static))
	decoder.UseNumber() // 1 and 1.0 are two values
	var result map[string]any
	if err := decoder.Decode(&result); err != nil {
		t.Fatal(err)
	}
	g.change(t, result["traces"])
	out, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// change walks a result and rewrites the attributes and units of every span.
func (g *generated) change(t *testing.T, v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			g.change(t, x)
		}
	case map[string]any:
		for _, x := range v {
			g.change(t, x)
		}
		attributes, isSpan := v["attributes"].(map[string]any)
		if !isSpan {
			return
		}
		if v["units"] != nil {
			v["units"] = map[string]any{}
		}
		for key, raw := range g.changes {
			if _, has := attributes[key]; !has {
				continue
			}
			delete(attributes, key)
			decoder := json.NewDecoder(bytes.NewReader(raw))
			decoder.UseNumber()
			var members map[string]any
			if err := decoder.Decode(&members); err != nil {
				t.Fatalf("changes: %v", fmt.Errorf("%s: %w", key, err))
			}
			for k, x := range members {
				attributes[k] = x
			}
		}
	}
}
