package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// MixedSite is a place that would raise or go silent if the tree ran as it is
// now, because the two APIs meet there.
type MixedSite struct {
	Path    string
	Line    int // 1-based
	Message string
}

// Mixed finds the places where the tree mixes both generations of the API. In
// static mode every streamed span is lost; in stream mode every place that the
// steps still own is, save those that somebody silenced: they were acknowledged.
// A project that configures no client is measured by what it
// writes: one streamed span says that it is to stream.
func Mixed(p *rewrite.Project, d Decisions) ([]MixedSite, error) {
	w := newWorld(p)
	if static, all := w.inStatic(); all {
		return static, nil
	}
	var out []MixedSite
	for _, step := range All {
		if !Mixes(step) {
			continue
		}
		pass, err := find(step, p, d, Policy{}, w)
		if err != nil {
			return nil, err
		}
		out = append(out, mixed(pass)...)
	}
	return out, nil
}

// inStatic returns the places that mix in a tree that does not stream, if these
// are all there can be.
func (w *world) inStatic() (sites []MixedSite, all bool) {
	if w.streams() {
		return nil, false
	}
	sites = w.newInStatic()
	return sites, len(sites) == 0 || len(w.clients()) > 0
}

// mixed returns the places that a step found in a tree that streams.
func mixed(pass *Pass) []MixedSite {
	var out []MixedSite
	for _, f := range pass.findings {
		if f.Note || f.Acknowledged || pass.Project.File(f.Path) == nil {
			continue
		}
		line, _ := pass.Project.File(f.Path).Line(f.Start)
		out = append(out, MixedSite{Path: f.Path, Line: line, Message: effect(pass.Step)})
	}
	return out
}

// Mixes reports a step whose open places break a program that streams.
func Mixes(s *Step) bool {
	switch s.Name {
	case "sdk-version", "trace-lifecycle", "scope-tags", "traces-sampler", "before-send", "late-filters", "before-send-option", "test-doubles":
		return false
	}
	return true
}

func effect(s *Step) string {
	switch s.Name {
	case "start-child", "trace-context", "span-members", "span-data":
		return "raises AttributeError on a streamed span"
	case "span-types":
		return "names a class that streamed spans do not have"
	}
	return "sends nothing once spans stream"
}

// streams reports whether the tree switches streaming on: an init() with
// trace_lifecycle "stream" in either spelling.
func (w *world) streams() bool {
	for _, f := range w.filesWith("trace_lifecycle") {
		found := false
		f.Module.Walk(func(n *rewrite.Node) bool {
			switch {
			case n.Is("keyword_argument"):
				found = found || n.Child("name").Text() == "trace_lifecycle" && stringValue(n.Child("value")) == "stream"
			case n.Is("pair"):
				found = found || stringValue(n.Child("key")) == "trace_lifecycle" && stringValue(n.Child("value")) == "stream"
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// newInStatic lists the uses of the streaming API in a tree that does not
// stream.
func (w *world) newInStatic() []MixedSite {
	var out []MixedSite
	for _, c := range w.sdkCalls() {
		if name := w.callee(c); name == newStartSpan || name == newContinueTrace {
			line, _ := c.File.Line(c.Start)
			out = append(out, MixedSite{Path: c.File.Path, Line: line, Message: "sends nothing before spans stream"})
		}
	}
	return out
}

// stringValue returns the text of a plain string literal, "" for anything
// else.
func stringValue(n *rewrite.Node) string {
	if !n.Is("string") || len(n.Children) != 3 || !n.Children[1].Is("string_content") || len(n.Children[1].Children) > 0 || isTemplate(n) {
		return ""
	}
	return n.Children[1].Text()
}

// isTemplate reports a t-string, whose value is no text but an object of its
// own (PEP 750).
func isTemplate(n *rewrite.Node) bool { return strings.ContainsAny(n.Children[0].Text(), "tT") }
