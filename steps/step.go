package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// Step is one commit's worth of work.
type Step struct {
	Name   string // kebab-case; used on the command line, in trailers and for the fixture folder
	Items  []int  // the guide's checklist items it works on
	Title  string // what the step does, at most 60 characters, no capital, no period
	Why    string // two sentences for the person who decides
	Doc    string // what it rewrites and what it leaves alone
	Link   string // the guide's section
	Before string // a tiny program, and
	After  string // what the step makes of it with recommended answers; executed by a test
	Find   func(*Pass) error
}

// Tier says how sure a step is of a finding.
type Tier string

// The tiers, from certain to hands off.
const (
	Safe   Tier = "safe"   // proven to keep the spans the same
	Review Tier = "review" // right in the usual case; a person should look
	Manual Tier = "manual" // no edit is offered
)

// Finding is what a step says about one site.
type Finding struct {
	Key          string         // stable: "path::Class.method/kind#n"
	Former       string         // another key that decisions may name it by, or ""
	Kind         string         // what was found, such as "start_transaction"
	Path         string         // relative to the repository root, with slashes
	Start, End   int            // byte offsets of the site in the file as it is
	Line         int            // the 1-based line of Start; a plan fills it in
	Message      string         // names the pattern and, below Safe, what differs
	Tier         Tier           //
	Shape        string         // sites of one step with the same structure share it
	Edits        []rewrite.Edit // all or nothing; empty for Manual
	Moves        []rewrite.Move // lines that change their indentation with the edits; a plan turns them into edits
	Alternatives []Alternative  // other correct rewrites of the same site
	Acknowledged bool           // silenced by "# spanwalk: ignore"
	Note         bool           // a remark that needs no edit and leaves no item open
}

// Alternative is another correct rewrite of a finding's site.
type Alternative struct {
	ID    string // short, kebab-case; named in decisions
	Title string // verb phrase for the person who decides, with its consequence
	Edits []rewrite.Edit
	Moves []rewrite.Move // as those of a [Finding]
}

// Option is one answer to a [Question].
type Option struct {
	ID          string // as written in answers and trailers
	Text        string
	Consequence string // what happens, spelled out
	Recommended bool   // at most one; never one that loses data
}

// Question is something only a person knows.
type Question struct {
	ID      string // such as "root-trace"
	Key     string // the site it asks about, in the form of [Finding.Key]; "" for the whole step
	Prompt  string
	Why     string // why the code cannot tell
	Options []Option
	Path    string // "" for the whole step
	Start   int    // byte offsets of the code concerned
	End     int
	Line    int    // the 1-based line of Start, 0 without a path; a plan fills it in
	Shape   string // questions of one shape may be answered alike
	Free    bool   // any text is an answer, such as a name
}

// Recommended returns the ID of the recommended option, or "".
func (q Question) Recommended() string {
	for _, o := range q.Options {
		if o.Recommended {
			return o.ID
		}
	}
	return ""
}

// offers reports whether an option is an answer here. An answer for a whole
// step may name an option that only some of its sites have.
func (q Question) offers(option string) bool {
	for _, o := range q.Options {
		if o.ID == option {
			return true
		}
	}
	return q.Free || option == Leave
}

// Leave is the option every site question offers besides its own: the site
// stays as it is and is listed as open.
const Leave = "leave"

// Pass is the door through which a step sees the project and reports.
type Pass struct {
	Step    *Step
	Project *rewrite.Project
	Floor   Release // the lowest SDK release the project will allow

	decisions Decisions
	policy    Policy
	world     *world
	counts    map[string]int
	findings  []Finding
	open      []Question
	asked     map[string]bool
	used      []Decision
	answered  []Answered
	movesOn   map[*rewrite.Node]bool // memo of continuedLater
	rootsMove map[*rewrite.Node]bool // memo of rootForecast
}

// Report adds a finding about a node of a Python file. Path, offsets and key
// are filled in from the node; kind names what was found and numbers it within
// its function.
func (p *Pass) Report(n *rewrite.Node, kind string, f Finding) {
	f.Path, f.Start, f.End, f.Kind = n.File.Path, n.Start, n.End, kind
	f.Key = p.key(n, kind)
	p.add(n.File, f)
}

// ReportRenamed is [Pass.Report] for a kind that had another name, which sites of
// another step have as well. Decisions under the old name count where there is
// none of these in the function.
func (p *Pass) ReportRenamed(n *rewrite.Node, kind, former string, shared bool, f Finding) {
	p.Report(n, kind, f)
	if last := &p.findings[len(p.findings)-1]; !shared {
		at, number, _ := strings.Cut(last.Key, "/"+kind+"#")
		last.Former = at + "/" + former + "#" + number
	}
}

// ReportFile adds a finding about bytes of a file that is no Python source.
func (p *Pass) ReportFile(path string, start, end int, kind string, f Finding) {
	f.Path, f.Start, f.End, f.Kind = path, start, end, kind
	f.Key = p.number(path + "::" + "/" + kind)
	p.findings = append(p.findings, f)
}

func (p *Pass) add(file *rewrite.File, f Finding) {
	if f.Shape == "" {
		f.Shape = f.Kind
	}
	if f.Tier != Manual && touchesBroken(file, f) {
		f.Tier = Manual
		f.Message += " (the statement around it cannot be parsed)"
	}
	if f.Tier != Manual && !inlay(file, &f) {
		f.Tier = Manual
		f.Message += " (the formatted string around it has no room for quotes or lines before Python 3.12)"
	}
	if f.Tier == Manual {
		f.Edits, f.Moves, f.Alternatives = nil, nil, nil
	}
	f.Acknowledged = ignored(file, f.Start, p.Step.Name)
	p.findings = append(p.findings, f)
}

// inlay fits the edits of a finding into the formatted strings around them; it
// reports false where one does not fit.
func inlay(file *rewrite.File, f *Finding) bool {
	fit := func(edits []rewrite.Edit) bool {
		for i, e := range edits {
			fitted, ok := rewrite.Inlay(file, e)
			if !ok {
				return false
			}
			edits[i] = fitted
		}
		return true
	}
	for _, a := range f.Alternatives {
		if !fit(a.Edits) {
			return false
		}
	}
	return fit(f.Edits)
}

// touchesBroken reports a finding that would edit a statement which could not
// be read: it costs only itself (law 6).
func touchesBroken(file *rewrite.File, f Finding) bool {
	for _, e := range f.Edits {
		if file.InBroken(e.Start, e.End) {
			return true
		}
	}
	for _, a := range f.Alternatives {
		for _, e := range a.Edits {
			if file.InBroken(e.Start, e.End) {
				return true
			}
		}
	}
	return false
}

// key numbers sites of one kind within one function. A site keeps its key when
// Find asks about it several times.
func (p *Pass) key(n *rewrite.Node, kind string) string {
	at := n.File.Path + "::" + rewrite.Qualname(n) + "/" + kind
	return p.number(at)
}

func (p *Pass) number(at string) string {
	p.counts[at]++
	return at + "#" + itoa(p.counts[at])
}

// SiteKey returns the key [Pass.Report] will give the next finding of this
// kind in the function around n; questions about the site carry it.
func (p *Pass) SiteKey(n *rewrite.Node, kind string) string {
	at := n.File.Path + "::" + rewrite.Qualname(n) + "/" + kind
	return at + "#" + itoa(p.counts[at]+1)
}

// Ask returns the option decided for a question. ok is false when nobody has
// decided yet: the question is then open and the site must be left alone in
// this plan. The answer [Leave] is returned as it is.
func (p *Pass) Ask(q Question) (option string, ok bool) {
	if d, found := p.decisions.Find(q.ID, q.Path, q.Key); found && q.offers(d.Option) {
		p.answer(q, d)
		return d.Option, true
	}
	if rec := q.Recommended(); rec != "" && p.policy.Recommended {
		p.answer(q, Decision{Question: q.ID, Where: where(q), Option: rec})
		return rec, true
	}
	if p.first(q) {
		p.open = append(p.open, q)
	}
	return "", false
}

// answer records what a question was answered with.
func (p *Pass) answer(q Question, d Decision) {
	p.used = append(p.used, d)
	if p.first(q) {
		p.answered = append(p.answered, Answered{q, d.Option})
	}
}

// first reports whether a question is put for the first time.
func (p *Pass) first(q Question) bool {
	id := q.ID + "@" + where(q)
	known := p.asked[id]
	p.asked[id] = true
	return !known
}

func where(q Question) string {
	if q.Key != "" {
		return q.Key
	}
	return q.Path
}
