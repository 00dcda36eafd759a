package steps

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// The oracle runs programs on the real SDK, the legacy source in static mode
// and what the steps make of it in stream mode, and compares what they send.
// Its protocol is described in testdata/oracle/README.md.
const oracleDir = "../testdata/oracle"

// TestOracle holds every program under testdata/oracle/programs to it, for
// each floor and on each release that the floor allows, and logs the table.
func TestOracle(t *testing.T) {
	pool := newPool(t)
	paths, err := filepath.Glob(filepath.Join(oracleDir, "programs", "*.txtar"))
	if err != nil || len(paths) < 60 {
		t.Fatalf("only %d programs in %s (%v)", len(paths), oracleDir, err)
	}
	table := &oracleTable{releases: pool.releases, rows: map[string]map[string]string{}}
	t.Run("programs", func(t *testing.T) {
		for _, path := range paths {
			name := strings.TrimSuffix(filepath.Base(path), ".txtar")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := readProgram(t, path)
				var failures []string
				for _, variant := range p.variants() {
					for _, floor := range p.floors {
						failures = append(failures, runProgram(t, pool, table, name+variant.suffix(), variant, floor)...)
					}
				}
				if len(failures) > 0 {
					t.Error(strings.Join(failures, "\n"))
				}
			})
		}
	})
	t.Log("\n" + table.String())
}

// program is a legacy program and how it is to be migrated.
type program struct {
	files    map[string][]byte
	floors   []string
	answers  []Decision
	each     []Decision // the program is migrated with each of these in turn
	review   bool
	sdks     string
	sends    string
	expected []string
	tolerate []string // patterns of differences, for generated programs only
	stated   []string // messages of the review findings that the last migration made
}

func readProgram(t *testing.T, path string) *program {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{files: map[string][]byte{}, floors: []string{"2.62.0", "2.66.1", "2.67.0"}}
	for _, f := range ar.Files {
		p.files[f.Name] = f.Data
	}
	for _, line := range strings.Split(string(ar.Comment), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		switch {
		case !ok:
		case key == "floors":
			p.floors = strings.Fields(value)
		case key == "answer":
			d, err := ParseAnswer(value)
			if err != nil {
				t.Fatal(err)
			}
			options := strings.Split(d.Option, "|")
			for _, option := range options {
				d.Option = option
				if len(options) > 1 {
					p.each = append(p.each, d)
				} else {
					p.answers = append(p.answers, d)
				}
			}
		case key == "accept":
			p.review = value == "review"
		case key == "sdks":
			p.sdks = value
		case key == "sends":
			p.sends = value
		case key == "difference":
			p.expected = append(p.expected, value)
		}
	}
	return p
}

// variants returns the program once for each answer that it is to be migrated
// with.
func (p *program) variants() []*program {
	if len(p.each) == 0 {
		return []*program{p}
	}
	var out []*program
	for _, d := range p.each {
		v := *p
		v.answers, v.each = append(append([]Decision(nil), p.answers...), d), []Decision{d}
		out = append(out, &v)
	}
	return out
}

// suffix names a variant.
func (p *program) suffix() string {
	if len(p.each) != 1 {
		return ""
	}
	return " " + p.each[0].Option
}

// migrated plans all steps on the program with a floor.
func (p *program) migrated(t *testing.T, floor string) (map[string][]byte, string) {
	t.Helper()
	decisions := NewDecisions(append(p.answers, Decision{Question: FloorQuestion, Option: floor})...)
	plans, project, err := Forecast(projectOf(t, p.files), decisions, Policy{Recommended: true, Review: p.review})
	if err != nil {
		t.Fatal(err)
	}
	p.stated = nil
	var left strings.Builder
	for _, plan := range plans {
		for _, f := range plan.Findings {
			if f.Applied && f.Tier == Review {
				p.stated = append(p.stated, f.Message)
			}
		}
		for _, bug := range plan.Failures {
			t.Error(bug)
		}
		for _, f := range plan.Left() {
			fmt.Fprintf(&left, "left by %s: %s %s: %s\n", plan.Step.Name, f.Key, f.Tier, f.Message)
		}
	}
	out := map[string][]byte{}
	for name := range p.files {
		out[name] = project.Data(name)
	}
	return out, left.String()
}

// runProgram migrates a program to a floor and runs it on every release from
// there on. It returns what was wrong, with the migrated source once.
func runProgram(t *testing.T, pool *pool, table *oracleTable, name string, p *program, floor string) []string {
	t.Helper()
	var failures []string
	lowest, err := ParseRelease(floor)
	if err != nil {
		t.Fatal(err)
	}
	after, left := p.migrated(t, floor)
	legacyDir, newDir := writeTree(t, p.files), writeTree(t, after)
	for _, release := range pool.releases {
		r, err := ParseRelease(release)
		if err != nil {
			t.Fatal(err)
		}
		if !r.AtLeast(lowest) || r.Major == 3 && !lowest.AtLeast(R2_67_0) || !matches(p.sdks, r) {
			continue
		}
		base := release
		if r.Major == 3 {
			base = pool.newest2
		}
		static := pool.run(t, base, job{"dir": legacyDir, "mode": "static"})
		stream := pool.run(t, release, job{"dir": newDir, "mode": "stream"})
		verdict := pool.compare(t, static, stream, p, floor)
		table.add(name, floor, release, verdict.mark(len(p.expected)))
		if verdict.Equal {
			continue
		}
		text := fmt.Sprintf("floor %s on %s:\n%s", floor, release, verdict.text())
		if len(failures) == 0 {
			text += left + sources(after)
		}
		failures = append(failures, text)
	}
	return failures
}

func sources(files map[string][]byte) string {
	var b strings.Builder
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(&b, "-- %s --\n%s", name, files[name])
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// matches reports whether a release satisfies constraints such as ">=2.66.1 <3".
func matches(constraints string, r Release) bool {
	for _, c := range strings.Fields(constraints) {
		version := strings.TrimLeft(c, "<>=!")
		bound, err := ParseRelease(version)
		if err != nil {
			return false
		}
		ok := false
		switch strings.TrimSuffix(c, version) {
		case ">=":
			ok = r.AtLeast(bound)
		case "<":
			ok = !r.AtLeast(bound)
		case ">":
			ok = r.AtLeast(bound) && r != bound
		case "<=":
			ok = !r.AtLeast(bound) || r == bound
		case "==":
			ok = r == bound
		case "!=":
			ok = r != bound
		}
		if !ok {
			return false
		}
	}
	return true
}

func writeTree(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// verdict is the oracle's answer to a comparison.
type verdict struct {
	Equal       bool     `json:"equal"`
	Differences []string `json:"differences"`
	Unexpected  []string `json:"unexpected"`
	Missing     []string `json:"missing"`
	Failure     string   `json:"failure"`
}

func (v verdict) text() string {
	var b strings.Builder
	for _, d := range v.Unexpected {
		fmt.Fprintf(&b, "  unexpected: %s\n", d)
	}
	for _, d := range v.Missing {
		fmt.Fprintf(&b, "  stated but absent: %s\n", d)
	}
	if v.Failure != "" {
		fmt.Fprintf(&b, "  %s\n", v.Failure)
	}
	return b.String()
}

func (v verdict) mark(stated int) string {
	switch {
	case !v.Equal:
		return "WRONG"
	case len(v.Differences) > 0 && stated > 0:
		return "stated"
	}
	return "equal"
}

// oracleTable gathers program × floor × release.
type oracleTable struct {
	mu       sync.Mutex
	releases []string
	rows     map[string]map[string]string
}

func (o *oracleTable) add(name, floor, release, mark string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	row := name + " floor " + floor
	if o.rows[row] == nil {
		o.rows[row] = map[string]string{}
	}
	o.rows[row][release] = mark
}

// String writes a line a program and floor, and the totals.
func (o *oracleTable) String() string {
	var b strings.Builder
	total := map[string]int{}
	fmt.Fprintf(&b, "%-58s %s\n", "program", strings.Join(o.releases, "   "))
	for _, row := range sortedKeys(o.rows) {
		fmt.Fprintf(&b, "%-58s", row)
		for _, r := range o.releases {
			mark := o.rows[row][r]
			if mark == "" {
				mark = "-"
			} else {
				total[mark]++
			}
			fmt.Fprintf(&b, " %-8s", mark)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d equal, %d with the stated difference, %d wrong\n", total["equal"], total["stated"], total["WRONG"])
	return b.String()
}

// pool holds one oracle worker per SDK release.
type pool struct {
	releases []string
	newest2  string
	workers  map[string]*worker
}

type job map[string]any

// newPool starts the workers. A release whose virtual environment is missing
// fails the test: "make test" makes them.
func newPool(t *testing.T) *pool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracleDir, "sdks.txt"))
	if err != nil {
		t.Fatal(err)
	}
	p := &pool{workers: map[string]*worker{}}
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "with") {
			continue
		}
		p.releases = append(p.releases, line)
		if strings.HasPrefix(line, "2.") {
			p.newest2 = line
		}
		p.workers[line] = startWorker(t, line)
	}
	return p
}

type worker struct {
	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
}

func startWorker(t *testing.T, release string) *worker {
	t.Helper()
	python, err := filepath.Abs("../.venvs/" + release + "/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("no virtual environment for sentry-sdk %s: run testdata/oracle/venvs.sh (make test does)", release)
	}
	cmd := exec.Command(python, filepath.Join(oracleDir, "harness.py"))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("oracle worker %s: %v\n%s", release, err, stderr.String())
		}
	})
	return &worker{in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

func (w *worker) ask(t *testing.T, j any) json.RawMessage {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	line, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	answer, err := w.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("oracle worker: %v", err)
	}
	return answer
}

func (p *pool) run(t *testing.T, release string, j job) json.RawMessage {
	t.Helper()
	return p.workers[release].ask(t, j)
}

func (p *pool) compare(t *testing.T, static, stream json.RawMessage, prog *program, floor string) verdict {
	t.Helper()
	expected := prog.expected
	if expected == nil {
		expected = []string{}
	}
	j := job{"static": static, "stream": stream, "expected": expected, "floor": floor}
	if prog.sends != "" {
		j["sends"] = prog.sends
	}
	if prog.tolerate != nil {
		j["tolerate"] = prog.tolerate
	}
	var v verdict
	if err := json.Unmarshal(p.workers[p.newest2].ask(t, job{"compare": j}), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// counter counts what parallel tests report.
type counter struct {
	mu    sync.Mutex
	count int
}

func (c *counter) add() {
	c.mu.Lock()
	c.count++
	c.mu.Unlock()
}

func (c *counter) n() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// TestTeeth proves that the oracle refuses wrong migrations: each archive under
// testdata/oracle/teeth holds a legacy program, its right migration and one with
// a single mistake, and the oracle's own tests change results in thousands of
// ways.
func TestTeeth(t *testing.T) {
	wrong, err := filepath.Glob(filepath.Join(oracleDir, "teeth", "*.txtar"))
	if err != nil || len(wrong) < 40 {
		t.Fatalf("only %d wrong migrations (%v)", len(wrong), err)
	}
	for _, args := range [][]string{{"run.py", "teeth"}, {"selftest.py"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("python3", append([]string{filepath.Join(oracleDir, args[0])}, args[1:]...)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
