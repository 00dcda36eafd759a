package steps

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestFrameworks runs real Flask, Django, FastAPI and Celery applications that
// filter out a health check: what the filter dropped before the migration is
// dropped after it, and nothing else. Each application also runs without its
// filter, before and after: the health check is sent then, so that a migration
// that loses the filter would be seen.
//
// The archives are described in testdata/oracle/README.md.
func TestFrameworks(t *testing.T) {
	releases := frameworkReleases(t)
	paths, err := filepath.Glob(filepath.Join(oracleDir, "frameworks", "*.txtar"))
	if err != nil || len(paths) < 14 {
		t.Fatalf("only %d programs in %s/frameworks (%v)", len(paths), oracleDir, err)
	}
	pool := &pool{workers: map[string]*worker{}}
	for _, release := range releases {
		pool.workers[release] = startWorker(t, release+"-frameworks")
	}
	t.Run("programs", func(t *testing.T) {
		for _, path := range paths {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
				t.Parallel()
				runFramework(t, pool, releases, path)
			})
		}
	})
}

// frameworkReleases reads the releases that frameworks are installed beside,
// the newest 2.x first.
func frameworkReleases(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracleDir, "frameworks.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if list, ok := strings.CutPrefix(line, "on "); ok {
			return strings.Fields(list)
		}
	}
	t.Fatal("frameworks.txt names no release")
	return nil
}

// runFramework runs one application on every release.
func runFramework(t *testing.T, pool *pool, releases []string, path string) {
	p := readProgram(t, path)
	unfiltered := &program{files: withoutFilter(t, p.files), answers: p.answers, review: p.review}
	base := releases[0]
	all := spanLines(t, pool.run(t, base, job{"dir": writeTree(t, unfiltered.files), "mode": "static", "timeout": 60}))
	kept := spanLines(t, pool.run(t, base, job{"dir": writeTree(t, p.files), "mode": "static", "timeout": 60}))
	dropped, renamed := frameworkHeader(t, path)
	if diff := cmp.Diff(dropped, rootsOnly(missingFrom(all, kept))); diff != "" || len(dropped) == 0 {
		t.Fatalf("what the filter drops in static mode (-stated +dropped):\n%s", diff)
	}
	after, left := p.migrated(t, "2.67.0")
	afterUnfiltered, _ := unfiltered.migrated(t, "2.67.0")
	for _, release := range releases {
		if r, err := ParseRelease(release); err != nil || !matches(p.sdks, r) {
			continue
		}
		rename := func(lines []string) []string { return lines }
		if strings.HasPrefix(release, "3.") {
			rename = renamed
		}
		got := spanLines(t, pool.run(t, release, job{"dir": writeTree(t, after), "mode": "stream", "timeout": 60}))
		if diff := cmp.Diff(rename(kept), got); diff != "" {
			t.Errorf("%s, migrated (-static +stream):\n%s%s%s", release, diff, left, sources(after))
		}
		got = spanLines(t, pool.run(t, release, job{"dir": writeTree(t, afterUnfiltered), "mode": "stream", "timeout": 60}))
		if diff := cmp.Diff(rename(all), got); diff != "" {
			t.Errorf("%s, migrated without the filter (-static +stream):\n%s", release, diff)
		}
	}
}

// frameworkHeader reads what the filter drops, a root a line, and the names
// that 3.0 gives to roots.
func frameworkHeader(t *testing.T, path string) (dropped []string, renamed func([]string) []string) {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names, ops := map[string]string{}, map[string]string{}
	for _, line := range strings.Split(string(ar.Comment), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "dropped":
			dropped = append(dropped, value)
		case "renamed":
			from, to, _ := strings.Cut(value, " = ")
			if strings.HasPrefix(from, "(") {
				ops[from] = to
			} else {
				names[from] = to
			}
		}
	}
	return dropped, func(lines []string) []string {
		var out []string
		for _, l := range lines {
			name, rest, _ := strings.Cut(l, " (")
			if to := names[name]; to != "" {
				l = to + " (" + rest
			}
			for from, to := range ops {
				l = strings.ReplaceAll(l, from, to)
			}
			out = append(out, l)
		}
		return out
	}
}

// withoutFilter takes the option out of the application.
func withoutFilter(t *testing.T, files map[string][]byte) map[string][]byte {
	t.Helper()
	out, found := map[string][]byte{}, 0
	for name, data := range files {
		var kept []string
		for _, line := range strings.SplitAfter(string(data), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "before_send_transaction=") {
				found++
				continue
			}
			kept = append(kept, line)
		}
		out[name] = []byte(strings.Join(kept, ""))
	}
	if found != 1 {
		t.Fatalf("the option before_send_transaction stands on %d lines of its own, want 1", found)
	}
	return out
}

// missingFrom returns the lines of all that kept lacks.
func missingFrom(all, kept []string) []string {
	rest := slices.Clone(kept)
	var out []string
	for _, l := range all {
		if i := slices.Index(rest, l); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		out = append(out, l)
	}
	return out
}

// rootsOnly cuts off what is below the roots.
func rootsOnly(lines []string) []string {
	var out []string
	for _, l := range lines {
		root, _, _ := strings.Cut(l, " > ")
		out = append(out, root)
	}
	return out
}

// spanLines writes each root that was sent as a line, in order: its name and op
// and those below it.
func spanLines(t *testing.T, result json.RawMessage) []string {
	t.Helper()
	type span struct {
		Name, Op string
		Start    int
		Children []json.RawMessage
	}
	var r struct {
		Failure   string
		Problems  []string
		Stderr    string
		Stdout    string
		Exception *struct{ Type, Text string }
		Traces    []struct {
			Roots []struct {
				Root   json.RawMessage
				Strays []json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(result, &r); err != nil {
		t.Fatal(err)
	}
	if r.Failure != "" || r.Exception != nil || len(r.Problems) > 0 {
		t.Fatalf("the run failed: %s %v %v\n%s", r.Failure, r.Exception, r.Problems, r.Stderr)
	}
	var write func(raw json.RawMessage) (string, int)
	write = func(raw json.RawMessage) (string, int) {
		var s span
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		line := s.Name + " (" + s.Op + ")"
		for _, c := range s.Children {
			below, _ := write(c)
			line += " > " + below
		}
		return line, s.Start
	}
	type sent struct {
		line  string
		start int
	}
	var roots []sent
	for _, trace := range r.Traces {
		for _, root := range trace.Roots {
			if len(root.Strays) > 0 {
				t.Fatalf("spans without their parent: %s", root.Strays)
			}
			line, start := write(root.Root)
			roots = append(roots, sent{line, start})
		}
	}
	slices.SortFunc(roots, func(a, b sent) int { return a.start - b.start })
	var out []string
	for _, s := range roots {
		out = append(out, s.line)
	}
	return out
}
