package wizard

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spanwalk/gitops"
	"spanwalk/steps"
)

func finding(path, name string, tier steps.Tier, applied bool) steps.Planned {
	return steps.Planned{Applied: applied, Finding: steps.Finding{
		Key: path + "::" + name + "/start_span#1", Path: path, Tier: tier, Message: "start_span() with **kwargs of unknown content"}}
}

func TestBody(t *testing.T) {
	at := func(f steps.Planned, line int) steps.Planned { f.Line = line; return f }
	plan := &steps.Plan{
		Step:  &steps.Step{Name: "start-span", Title: "migrate start_span() to streamed spans"},
		Files: []steps.FileChange{{Path: "a.py"}, {Path: "b.py"}},
		Findings: []steps.Planned{
			finding("a.py", "f", steps.Safe, true), finding("a.py", "g", steps.Safe, true), finding("b.py", "f", steps.Review, true),
			at(finding("setup.cfg", "x", steps.Manual, false), 2), at(finding("setup.cfg", "y", steps.Safe, false), 3),
		},
	}
	want := `3 places in 2 files. 2 left alone:
- setup.cfg:2: start_span() with **kwargs of unknown content
- setup.cfg:3: left by decision

12 places raise or go silent until the later steps have run.`
	if diff := cmp.Diff(want, body(plan, 12)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got := subject(plan.Step); got != "Migrate start_span() to streamed spans" {
		t.Errorf("subject %q", got)
	}
	for range 40 {
		plan.Findings = append(plan.Findings, at(finding("setup.cfg", "z", steps.Manual, false), 1))
	}
	got := body(plan, 1)
	if !strings.Contains(got, "- and 30 more\n") || strings.Count(got, "\n- ") != maxListed+1 {
		t.Errorf("a long list is not cut:\n%s", got)
	}
	if !strings.HasSuffix(got, "1 place raises or goes silent until the later steps have run.") {
		t.Errorf("the last sentence is wrong:\n%s", got)
	}
}

func TestRecorded(t *testing.T) {
	site := func(question, place, option string) steps.Decision {
		return steps.Decision{Question: question, Where: "a.py::" + place + "/x#1", Option: option}
	}
	given := steps.NewDecisions(site("root-trace", "f", "own-trace"), steps.Decision{Question: steps.Apply, Where: "a.py", Option: "no"})
	plan := &steps.Plan{Step: &steps.Step{Name: "x"}, Findings: []steps.Planned{finding("a.py", "f", steps.Safe, false)},
		Used: []steps.Decision{{Question: "floor", Option: "2.67.0"}, site("root-trace", "f", "own-trace"), site("root-trace", "g", "current-trace")}}
	want := []string{"apply a.py = no", "floor = 2.67.0", "root-trace a.py::f/x#1 = own-trace", "root-trace a.py::g/x#1 = current-trace"}
	if diff := cmp.Diff(want, recorded(plan, given)); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}

	// one recommended option at many places is one line, which binds nothing
	plan.Used = nil
	for range maxListed + 1 {
		plan.Used = append(plan.Used, site("unparented", strings.Repeat("f", len(plan.Used)+1), "leave"))
	}
	got := recorded(plan, steps.NewDecisions())
	if diff := cmp.Diff([]string{"unparented = leave (recommended, 13 places)"}, got); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	e := readEntries(gitops.Commit{Trailers: []gitops.Trailer{{Key: trailerStep, Value: "x"}, {Key: trailerDecision, Value: got[0]}}})[0]
	if len(e.Decisions) != 0 || len(e.Defaults) != 1 || e.Defaults[0].Option != "leave" {
		t.Errorf("read back as %+v", e)
	}
}

func TestWrap(t *testing.T) {
	got := wrap("- one two three  four\nfive averyveryverylongword six", 12, "  ")
	want := "- one two\n  three four\n  five\n  averyveryverylongword\n  six"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("wrap (-want +got):\n%s", diff)
	}
}
