package steps

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Decision is an answer to a question, in plain strings: it must survive a
// commit trailer and an answers file.
type Decision struct {
	Question string
	Where    string // "" for the whole step, a path, or a site's key
	Option   string
}

// String writes a decision as it stands in a trailer:
// "QUESTION WHERE = OPTION", without WHERE for a whole step.
func (d Decision) String() string {
	if d.Where == "" {
		return d.Question + " = " + d.Option
	}
	return d.Question + " " + d.Where + " = " + d.Option
}

// Assignment writes a decision as it stands in an answers file and after
// --answer: "QUESTION=OPTION" or "QUESTION@WHERE=OPTION".
func (d Decision) Assignment() string {
	if d.Where == "" {
		return d.Question + "=" + d.Option
	}
	return d.Question + "@" + d.Where + "=" + d.Option
}

// ParseDecision reads what [Decision.String] wrote.
func ParseDecision(s string) (Decision, error) {
	left, option, ok := strings.Cut(s, " = ")
	if !ok {
		return Decision{}, fmt.Errorf("decision %q: no \" = \"", s)
	}
	question, where, _ := strings.Cut(left, " ")
	return Decision{Question: question, Where: where, Option: option}, nil
}

// ParseAnswer reads "QUESTION=OPTION" or "QUESTION@WHERE=OPTION".
func ParseAnswer(s string) (Decision, error) {
	left, option, ok := strings.Cut(s, "=")
	if !ok || left == "" {
		return Decision{}, fmt.Errorf("answer %q: want QUESTION=OPTION or QUESTION@PATH=OPTION", s)
	}
	question, where, _ := strings.Cut(left, "@")
	return Decision{Question: strings.TrimSpace(question), Where: strings.TrimSpace(where), Option: strings.TrimSpace(option)}, nil
}

// Decisions holds the answers taken so far; the narrowest wins, and of two for
// the same place the later one.
type Decisions struct{ byKey map[string]Decision }

// NewDecisions gathers decisions, later ones replacing earlier ones for the
// same question and place.
func NewDecisions(list ...Decision) Decisions {
	d := Decisions{byKey: map[string]Decision{}}
	for _, x := range list {
		d.byKey[x.Question+"@"+x.Where] = x
	}
	return d
}

// With returns the decisions with more added.
func (d Decisions) With(list ...Decision) Decisions {
	return NewDecisions(append(d.List(), list...)...)
}

// List returns the decisions sorted by question and place.
func (d Decisions) List() []Decision {
	out := make([]Decision, 0, len(d.byKey))
	for _, x := range d.byKey {
		out = append(out, x)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Question != out[j].Question {
			return out[i].Question < out[j].Question
		}
		return out[i].Where < out[j].Where
	})
	return out
}

// Decision returns what was decided about a finding itself.
func (f Finding) Decision(d Decisions) (Decision, bool) {
	return d.Find(Apply, f.Path, f.Key, f.Former)
}

// Find returns the decision for a question at a site: the site's own, under the
// first of its keys that has one, else the one of its file or of a folder around
// it, else the step's. Empty keys are none.
func (d Decisions) Find(question, path string, keys ...string) (Decision, bool) {
	for _, key := range keys {
		if x, ok := d.byKey[question+"@"+key]; ok && key != "" {
			return x, true
		}
	}
	for at := path; at != ""; at = parentFolder(at) {
		if x, ok := d.byKey[question+"@"+at]; ok {
			return x, true
		}
	}
	x, ok := d.byKey[question+"@"]
	return x, ok
}

// parentFolder returns the folder of a path with a trailing slash, the parent
// of a folder, or "".
func parentFolder(path string) string {
	i := strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')
	return path[:i+1]
}

// Policy says what a plan may do without asking.
type Policy struct {
	Recommended bool // take a question's recommended option
	Review      bool // apply findings of tier Review too
}

// Apply is the question that stands for a finding itself: "yes", "no", or the
// ID of one of its alternatives.
const Apply = "apply"

func itoa(n int) string { return strconv.Itoa(n) }
