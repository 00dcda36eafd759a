package wizard

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spanwalk/gitops"
	"spanwalk/steps"
)

// trailed makes a commit with these trailers, "Key: value" each.
func trailed(hash string, lines ...string) gitops.Commit {
	c := gitops.Commit{Hash: gitops.Hash(hash)}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, ": ")
		c.Trailers = append(c.Trailers, gitops.Trailer{Key: key, Value: value})
	}
	return c
}

// ledgerOf builds a ledger from commits, newest first, as ReadLedger does.
func ledgerOf(commits ...gitops.Commit) *Ledger { return newLedger(commits) }

func TestLedgerReadsSquashedCommits(t *testing.T) {
	l := ledgerOf(trailed("aaa",
		"Spanwalk-Step: start-span", "Spanwalk-Decision: missing-name = op", "Spanwalk-Version: 0.1.0",
		"Spanwalk-Step: start-transaction", "Spanwalk-Decision: root-trace a.py::f/start_transaction#1 = own-trace",
		"Spanwalk-Decision: garbled by hand", "Spanwalk-Decision: unparented = leave (recommended, 40 places)"))
	want := []Entry{
		{Step: "start-transaction", Decisions: []steps.Decision{{Question: "root-trace", Where: "a.py::f/start_transaction#1", Option: "own-trace"}},
			Defaults: []steps.Decision{{Question: "unparented", Option: "leave"}}},
		{Step: "start-span", Version: "0.1.0", Decisions: []steps.Decision{{Question: "missing-name", Option: "op"}}},
	}
	if diff := cmp.Diff(want, l.Entries, cmpopts.IgnoreFields(Entry{}, "Commit")); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if got := len(l.Decisions()); got != 2 {
		t.Errorf("%d decisions bind, want 2: a recommended option taken at many places does not", got)
	}
}

func TestLedgerForgetsWhatWasTakenBack(t *testing.T) {
	first := trailed("aaa", "Spanwalk-Step: start-span", "Spanwalk-Decision: missing-name = op")
	revert := trailed("bbb", "Spanwalk-Revert: start-span")
	again := trailed("ccc", "Spanwalk-Step: start-span", "Spanwalk-Decision: missing-name = work")

	l := ledgerOf(revert, first)
	if len(l.Of("start-span")) != 0 || len(l.Decisions()) != 0 {
		t.Errorf("a step that was taken back still stands: %+v", l.Standing())
	}
	if got := l.Former("missing-name", ""); got != "op" {
		t.Errorf("former option %q, want op", got)
	}
	l = ledgerOf(again, revert, first)
	if got := l.Of("start-span"); len(got) != 1 || got[0].Commit.Hash != "ccc" {
		t.Errorf("standing %+v", got)
	}
}

func TestSession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spanwalk", "session.json")
	s := &Session{Skipped: map[string]string{}, path: path}
	s.Remember(steps.Decision{Question: "floor", Option: "2.66.1"}, steps.Decision{Question: "floor", Option: "2.67.0"},
		steps.Decision{Question: "root-trace", Where: "a.py", Option: "own-trace"})
	s.Skipped["before-send"] = "owner on leave"
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	got, err := loadSession(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, got, cmp.AllowUnexported(Session{})); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	if len(got.Answers) != 2 {
		t.Errorf("%d answers, want 2: the later one replaces the earlier", len(got.Answers))
	}
	got.Forget(got.Answers...)
	delete(got.Skipped, "before-send")
	if err := got.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("an empty session is still on disk")
	}
}

func TestSessionNamesABrokenFile(t *testing.T) {
	for _, text := range []string{"{", `{"version": 99}`} {
		path := filepath.Join(t.TempDir(), "session.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := loadSession(path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(Hint(err), "rm '"+path) {
			t.Errorf("%q: error %v, hint %q", text, err, Hint(err))
		}
	}
}

func TestReadAnswers(t *testing.T) {
	got, err := ReadAnswers("a.yaml", []byte("# all\nfloor: 2.70\n\nroot-trace@app/: own-trace # loops\n'apply@a.py::A.f/start_span#1': no\nmissing-name@b.py::/start_span#2: 'GET /users: all'\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Answer{
		{steps.Decision{Question: "floor", Option: "2.70"}, "a.yaml:2"},
		{steps.Decision{Question: "root-trace", Where: "app/", Option: "own-trace"}, "a.yaml:4"},
		{steps.Decision{Question: "apply", Where: "a.py::A.f/start_span#1", Option: "no"}, "a.yaml:5"},
		{steps.Decision{Question: "missing-name", Where: "b.py::/start_span#2", Option: "GET /users: all"}, "a.yaml:6"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	for text, reason := range map[string]string{
		"floor:\n":         "a.yaml:1: floor: no option is given",
		"floor: [1]\n":     "a.yaml:1: floor: the option must be one word",
		"- floor\n":        "want lines of the form",
		"a: b: c\n":        "a.yaml:1: ",
		"floor: 1\nx: \"1": "a.yaml:2: ",
	} {
		if _, err := ReadAnswers("a.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: error %v, want one with %q", text, err, reason)
		}
	}
}

// FuzzAnswers: what is written is read back as it was, and nothing panics.
func FuzzAnswers(f *testing.F) {
	f.Add("root-trace", "a.py::f/start_transaction#1", "own-trace")
	f.Add("missing-name", "a b.py::A.f/x#1", "GET /users: all # 'x'")
	f.Add("missing-name", "", "- 1")
	f.Add("floor", "", "2.70")
	f.Fuzz(func(t *testing.T, question, where, option string) {
		_, _ = ReadAnswers("x", []byte(option)) // must not panic
		for _, s := range []string{question, where, option} {
			if strings.ContainsFunc(s, func(r rune) bool {
				return r < ' ' || r == 0x7f || r == '\ufeff' || r == '\ufffd' || r >= 0x80 && r <= 0xa0
			}) || strings.TrimSpace(s) != s {
				return // no question, path or option of ours holds these
			}
		}
		if question == "" || option == "" || strings.Contains(question, "@") {
			return
		}
		var b bytes.Buffer
		d := steps.Decision{Question: question, Where: where, Option: option}
		if err := WriteAnswers(&b, "test", &Ledger{}, &Session{Answers: []steps.Decision{d}}); err != nil {
			t.Fatal(err)
		}
		got, err := ReadAnswers("x", b.Bytes())
		if err != nil || len(got) != 1 || got[0].Decision != d {
			t.Errorf("%q: read back %+v, %v", b.String(), got, err)
		}
	})
}

func TestWriteAnswers(t *testing.T) {
	l := ledgerOf(
		trailed("bbbbbbbbbbbb", "Spanwalk-Step: start-transaction", "Spanwalk-Decision: root-trace = own-trace", "Spanwalk-Decision: unparented = leave (recommended, 40 places)"),
		trailed("aaaaaaaaaaaa", "Spanwalk-Step: sdk-version", "Spanwalk-Decision: floor = 2.66.1"))
	s := &Session{Answers: []steps.Decision{{Question: "floor", Option: "2.67.0"}}}
	var b bytes.Buffer
	if err := WriteAnswers(&b, "0.1.0", l, s); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), "\n\n")
	want := `# start-transaction, committed as bbbbbbbbbb
# root-trace is own-trace, current-trace or leave
root-trace: own-trace
# recommended, taken everywhere: unparented: leave

# answered, not committed yet
floor: 2.67.0
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}
