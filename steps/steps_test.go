package steps

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"spanwalk/rewrite"
)

var update = flag.Bool("update", false, "rewrite the expectations of the archives under testdata/steps")

const archives = "../testdata/steps"

// TestArchives runs every archive under testdata/steps/<step>. The file format
// is described in testdata/README.md.
func TestArchives(t *testing.T) {
	for _, step := range All {
		paths, err := filepath.Glob(filepath.Join(archives, step.Name, "*.txtar"))
		if err != nil || len(paths) == 0 {
			t.Errorf("step %s has no archives in %s (%v)", step.Name, archives, err)
		}
		for _, path := range paths {
			t.Run(step.Name+"/"+strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
				runArchive(t, step, path)
			})
		}
	}
}

// archive is a parsed fixture.
type archive struct {
	*txtar.Archive
	files     map[string][]byte
	want      map[string][]byte
	findings  string
	decisions Decisions
	policy    Policy
}

func readArchive(t *testing.T, path string) *archive {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{Archive: ar, files: map[string][]byte{}, want: map[string][]byte{}, policy: Policy{Recommended: true}}
	var decisions []Decision
	for _, line := range strings.Split(string(ar.Comment), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		switch {
		case !ok:
		case key == "answer":
			d, err := ParseAnswer(value)
			if err != nil {
				t.Fatal(err)
			}
			decisions = append(decisions, d)
		case key == "accept" && value == "review":
			a.policy.Review = true
		case key == "ask":
			a.policy.Recommended = false
		}
	}
	a.decisions = NewDecisions(decisions...)
	for _, f := range ar.Files {
		switch name, isWant := strings.CutPrefix(f.Name, "want/"); {
		case isWant:
			a.want[name] = f.Data
		case f.Name == "findings":
			a.findings = string(f.Data)
		default:
			a.files[f.Name] = f.Data
		}
	}
	return a
}

func projectOf(t *testing.T, files map[string][]byte) *rewrite.Project {
	t.Helper()
	return readProject(t, files, nil)
}

// readProject reads files whose statements the filter wants.
func readProject(t *testing.T, files map[string][]byte, filter rewrite.Filter) *rewrite.Project {
	t.Helper()
	var list []*rewrite.File
	others := map[string][]byte{}
	for name, data := range files {
		if !strings.HasSuffix(name, ".py") && !strings.HasSuffix(name, ".pyi") {
			others[name] = data
			continue
		}
		f, err := rewrite.Parse(name, data, filter)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return NewProject(list, others, filter)
}

func makeFor(t *testing.T, step *Step, p *rewrite.Project, a *archive) *Plan {
	t.Helper()
	plan, err := Make(step, p, a.decisions, a.policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, bug := range plan.Failures {
		t.Error(bug)
	}
	return plan
}

func runArchive(t *testing.T, step *Step, path string) {
	a := readArchive(t, path)
	p := projectOf(t, a.files)
	plan := makeFor(t, step, p, a)
	after := map[string][]byte{}
	for name, data := range a.files {
		after[name] = data
	}
	for _, c := range plan.Files {
		after[c.Path] = c.After
	}
	if *update {
		rewriteArchive(t, path, a, after, describe(p, plan))
		return
	}
	for name := range a.files {
		want, changed := a.want[name]
		if !changed {
			want = a.files[name]
		}
		if diff := cmp.Diff(string(want), string(after[name])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(a.findings, describe(p, plan)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	laws(t, step, a, p, plan, after)
}

// describe writes findings and open questions, a line each.
func describe(p *rewrite.Project, plan *Plan) string {
	var b strings.Builder
	for _, f := range plan.Findings {
		mark := ""
		switch {
		case f.Acknowledged:
			mark = " (ignored)"
		case f.Note:
			mark = " (note)"
		case !f.Applied:
			mark = " (left)"
		}
		fmt.Fprintf(&b, "%s %s%s %s\n", position(p, f.Path, f.Start), f.Tier, mark, f.Message)
	}
	for _, q := range plan.Open {
		fmt.Fprintf(&b, "%s question %s: %s\n", position(p, q.Path, q.Start), q.ID, q.Prompt)
	}
	return b.String()
}

func position(p *rewrite.Project, path string, offset int) string {
	if f := p.File(path); f != nil {
		line, column := f.Line(offset)
		return fmt.Sprintf("%s:%d:%d", path, line, column)
	}
	return fmt.Sprintf("%s:%d", path, 1+bytes.Count(p.Other(path)[:offset], []byte("\n")))
}

// laws holds a plan to the universal laws of rules.md §2.
func laws(t *testing.T, step *Step, a *archive, p *rewrite.Project, plan *Plan, after map[string][]byte) {
	t.Helper()
	again := makeFor(t, step, p, a)
	if diff := cmp.Diff(plan.Changes(), again.Changes()); diff != "" {
		t.Errorf("planning twice differs:\n%s", diff)
	}
	next := makeFor(t, step, projectOf(t, after), a)
	for _, c := range next.Files {
		t.Errorf("not idempotent: planning the result changes %s:\n%s", c.Path, cmp.Diff(string(c.Before), string(c.After)))
	}
	for _, f := range plan.Findings {
		if f.Tier == Manual && len(f.Edits) > 0 {
			t.Errorf("%s: a manual finding offers edits", f.Key)
		}
		checkPreview(t, p, plan, f)
	}
	variants(t, step, a, after)
}

// checkPreview applies a finding's edits alone, or with all others where a
// block moves that holds several sites: they must be valid and parse.
func checkPreview(t *testing.T, p *rewrite.Project, plan *Plan, f Planned) {
	t.Helper()
	file := p.File(f.Path)
	if file == nil {
		return
	}
	sets := [][]rewrite.Edit{f.Edits}
	for _, alt := range f.Alternatives {
		sets = append(sets, alt.Edits)
	}
	if f.Applied && nested(plan, f) {
		sets[0] = nil
		for _, g := range plan.Findings {
			if g.Applied && g.Path == f.Path {
				sets[0] = append(sets[0], g.chosen()...)
			}
		}
	}
	for _, edits := range sets {
		if err := rewrite.Validate(file, edits); err != nil {
			t.Errorf("%s: %v", f.Key, err)
			continue
		}
		got, err := rewrite.Parse(f.Path, rewrite.Apply(file.Source, edits), nil)
		if err != nil || len(got.Broken) > len(file.Broken) {
			t.Errorf("%s: its edits alone do not parse (%v):\n%s", f.Key, err, rewrite.Apply(file.Source, edits))
		}
	}
}

// nested reports whether the edits of a finding enclose those of another, or
// are enclosed by them.
func nested(plan *Plan, f Planned) bool {
	for _, g := range plan.Findings {
		if g.Applied && g.Path == f.Path && g.Key != f.Key && (around(g, f) || around(f, g)) {
			return true
		}
	}
	return false
}

// around reports whether the edits of g begin before the site of f and end
// behind it.
func around(g, f Planned) bool {
	before, after := false, false
	for _, e := range g.Edits {
		before, after = before || e.Start < f.Start, after || e.End >= f.End
	}
	return before && after
}

// variants plans the same archive with CRLF line ends, tab indentation and a
// BOM; the result must be the same text in that dress.
func variants(t *testing.T, step *Step, a *archive, after map[string][]byte) {
	t.Helper()
	dress := map[string]func(*testing.T, []byte) []byte{
		"CRLF": func(_ *testing.T, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
		"BOM":  func(_ *testing.T, b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) },
		"tabs": tabbed,
	}
	for name, wear := range dress {
		files, want := map[string][]byte{}, map[string]string{}
		for path, data := range a.files {
			files[path], want[path] = data, string(after[path])
			if strings.HasSuffix(path, ".py") && !bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) && !bytes.Contains(data, []byte("\r")) &&
				(name != "tabs" || bytes.Contains(data, []byte("\n    ")) && !bytes.Contains(data, []byte("\t"))) {
				files[path], want[path] = wear(t, data), string(wear(t, after[path]))
			}
		}
		plan := makeFor(t, step, projectOf(t, files), a)
		got := map[string]string{}
		for path := range files {
			got[path] = string(files[path])
		}
		for _, c := range plan.Files {
			got[c.Path] = string(c.After)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with %s (-want +got):\n%s", name, diff)
		}
	}
}

// tabbed indents source by a tab for every four blanks at the start of a line,
// but for lines that begin inside a string.
func tabbed(t *testing.T, source []byte) []byte {
	t.Helper()
	f, err := rewrite.Parse("tabbed.py", source, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := map[int]bool{}
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("string") {
			for at := n.Start; at < n.End; at++ {
				text[at] = true
			}
		}
		return true
	})
	var out bytes.Buffer
	begins := true
	for at := 0; at < len(source); at++ {
		begins = begins && source[at] == ' ' && !text[at-1]
		if begins && bytes.HasPrefix(source[at:], []byte("    ")) {
			out.WriteByte('\t')
			at += 3
			continue
		}
		out.WriteByte(source[at])
		begins = source[at] == '\n'
	}
	return out.Bytes()
}

func rewriteArchive(t *testing.T, path string, a *archive, after map[string][]byte, findings string) {
	t.Helper()
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "want/") || f.Name == "findings" {
			continue
		}
		out.Files = append(out.Files, f)
		if !bytes.Equal(f.Data, after[f.Name]) {
			out.Files = append(out.Files, txtar.File{Name: "want/" + f.Name, Data: after[f.Name]})
		}
	}
	out.Files = append(out.Files, txtar.File{Name: "findings", Data: []byte(findings)})
	if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}
