package wizard

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Report is what reviewers of a migration need to know: what was done, decided
// and left. It is made from the commits, the session and the tree, so the same
// repository gives the same report.
type Report struct {
	Status    *Status
	Commits   []ReportCommit   // oldest first
	Decisions []ReportDecision // in the order of the steps
	Changes   []string         // what looks different in Sentry
	Server    []steps.ServerRule
	Pending   []ReportPending // steps that have safe changes to make
	Left      []ReportPlace   // what a person has to see to
	Remarks   []ReportRemark  // in the order of the steps
	Silenced  []ReportPlace   // "# spanwalk: ignore"
	Skipped   map[string]string
	Kept      []steps.Decision // answers that no commit holds yet
	Blockers  []ReportRemark   // what runs on 2.x and not on 3.0
	Comments  []ReportPlace    // comments near changed places that speak of transactions
	Owners    []ReportOwner
	Notes     []Note
	Proof     string // "" while no run has proven the tree
	Sentry    bool   // the tree uses the SDK at all
}

// ReportCommit is a commit with the steps that stand in it.
type ReportCommit struct {
	Hash    gitops.Hash
	Subject string
	Steps   []string
	Places  int
	Files   []steps.FileChange
}

// ReportDecision is an option that was taken for a question, with its places.
type ReportDecision struct {
	Step        string
	Question    string // its ID
	Prompt, Why string
	Option      steps.Option
	Default     string        // text of the recommended option, "" if that was taken or there is none
	Places      []ReportPlace // empty when it was decided for a whole step
}

// ReportPending is a step with safe changes that were not made yet.
type ReportPending struct {
	Step   string
	Places int
}

// ReportPlace is a place in the tree as it is now.
type ReportPlace struct {
	Path    string
	Line    int    // from 1; 0 when the file is gone
	In      string // the function around it, "" at the top level
	Step    string // which has to do with it
	Tier    steps.Tier
	Message string
	Reason  string // why it was left, "" where the message says it
}

// Position writes where the place is.
func (p ReportPlace) Position() string {
	if p.Line == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s:%d", p.Path, p.Line)
}

// ReportOwner is who should look at which of the changed files.
type ReportOwner struct {
	Name  string // from CODEOWNERS, else a folder
	Paths []string
}

// Report gathers a report; [Walk.Read] must have run.
func (w *Walk) Report() (*Report, error) {
	status, err := w.Status()
	if err != nil {
		return nil, err
	}
	done, err := w.committed()
	if err != nil {
		return nil, err
	}
	r := &Report{Status: status, Skipped: w.Session.Skipped, Kept: w.Session.Answers, Notes: w.Tree.Notes, Sentry: w.Tree.Sentry()}
	r.Changes = changes(done)
	for _, c := range done {
		r.addCommit(c)
		r.Decisions = append(r.Decisions, w.decisionsOf(c)...)
		if c.Step == steps.LateFilters.Name {
			r.Server = append(r.Server, steps.ServerRules(c.project, steps.NewDecisions(c.decided...))...)
		}
		r.Comments = append(r.Comments, w.staleComments(c)...)
	}
	r.Comments = onePerPosition(r.Comments)
	if err := w.addLeft(r); err != nil {
		return nil, err
	}
	if r.Owners, err = w.reviewers(r.Commits); err != nil {
		return nil, err
	}
	if w.Proven() && status.Left() == 0 {
		r.Proof = w.proofNote()
	}
	return r, nil
}

// addCommit adds a step; steps squashed into one commit share it.
func (r *Report) addCommit(c committed) {
	n := len(r.Commits)
	if n == 0 || r.Commits[n-1].Hash != c.Commit.Hash {
		r.Commits = append(r.Commits, ReportCommit{Hash: c.Commit.Hash, Subject: c.Commit.Subject, Files: c.files})
		n++
	}
	last := &r.Commits[n-1]
	last.Steps = append(last.Steps, c.Step)
	last.Places += applied(c.plan)
}

// decisionsOf groups the answered questions of a step by question and option,
// and adds what was decided about single places.
func (w *Walk) decisionsOf(c committed) []ReportDecision {
	var out []ReportDecision
	index := map[string]int{}
	for _, a := range c.plan.Answered {
		key := a.ID + "=" + a.Option
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			out = append(out, newDecision(c.Step, a))
		}
		if a.Path != "" {
			out[i].add(w.placeNow(c, a.Path, a.Start, a.Key), a.Prompt)
		}
	}
	byHand := map[string]*ReportDecision{}
	for _, f := range c.plan.Findings {
		d, ok := f.Decision(steps.NewDecisions(c.Decisions...))
		if !ok {
			continue
		}
		if byHand[d.Option] == nil {
			byHand[d.Option] = &ReportDecision{Step: c.Step, Question: steps.Apply, Prompt: "Decided place by place",
				Option: applyOption(f, d.Option)}
		}
		byHand[d.Option].add(w.placeNow(c, f.Path, f.Start, f.Key), f.Message)
	}
	for _, option := range slices.Sorted(maps.Keys(byHand)) {
		out = append(out, *byHand[option])
	}
	return out
}

// add adds a place once. What is asked there is said where it is not what was
// asked in general.
func (d *ReportDecision) add(p ReportPlace, asked string) {
	if asked != d.Prompt {
		p.Message = asked
	}
	if !slices.Contains(d.Places, p) {
		d.Places = append(d.Places, p)
	}
}

func newDecision(step string, a steps.Answered) ReportDecision {
	d := ReportDecision{Step: step, Question: a.ID, Prompt: a.Prompt, Why: a.Why, Option: steps.Option{ID: a.Option, Text: a.Option}}
	if a.Option == steps.Leave {
		d.Option.Text = "Left as it is"
	}
	for _, o := range a.Options {
		switch {
		case o.ID == a.Option:
			d.Option = o
		case o.Recommended:
			d.Default = o.Text
		}
	}
	return d
}

// applyOption names what was decided about a finding itself.
func applyOption(f steps.Planned, option string) steps.Option {
	o := steps.Option{ID: option, Text: option}
	switch option {
	case "yes":
		o.Text = "Changed as proposed"
	case "no":
		o.Text = "Left alone"
	}
	for _, a := range f.Alternatives {
		if a.ID == option {
			o.Text = a.Title
		}
	}
	return o
}

// placeNow finds a byte offset of a file before a commit in the tree as it is.
func (w *Walk) placeNow(c committed, path string, start int, key string) ReportPlace {
	p := ReportPlace{Path: path, Step: c.Step}
	if _, site, ok := strings.Cut(key, "::"); ok {
		p.In, _, _ = strings.Cut(site, "/")
	}
	if now := w.Tree.Project.Data(path); now != nil {
		line, _ := lineColumn(c.project, path, start)
		p.Line = lineNow(c.project.Data(path), now, line)
	}
	return p
}

// addLeft adds what the steps find in the tree now.
func (w *Walk) addLeft(r *Report) error {
	plans, err := w.planner().each(w.steps, w.Tree.Project)
	if err != nil {
		return err
	}
	decisions := w.decisions()
	for _, plan := range plans {
		pending := 0
		for _, f := range plan.Findings {
			line, _ := lineColumn(w.Tree.Project, f.Path, f.Start)
			place := ReportPlace{Path: f.Path, Line: line, Step: plan.Step.Name, Tier: f.Tier, Message: f.Message}
			blocks := strings.Contains(f.Message, "3.0")
			if !f.Acknowledged && blocks {
				r.Blockers = remarked(r.Blockers, place)
			}
			switch {
			case f.Acknowledged:
				place.Reason = w.silencedBecause(f, plan.Step.Name)
				r.Silenced = append(r.Silenced, place)
			case f.Note && blocks:
			case f.Note:
				r.Remarks = remarked(r.Remarks, place)
			case f.Applied:
				pending++
			default:
				place.Reason = leftBecause(decisions, f)
				r.Left = append(r.Left, place)
			}
		}
		if pending > 0 {
			r.Pending = append(r.Pending, ReportPending{plan.Step.Name, pending})
		}
	}
	return nil
}

func (w *Walk) silencedBecause(f steps.Planned, step string) string {
	if file := w.Tree.Project.File(f.Path); file != nil {
		reason, _ := steps.IgnoreReason(file, f.Start, step)
		return reason
	}
	return ""
}

// leftBecause says which decision left a place, or "". To leave a span unparented
// is no such decision: its place is rewritten all the same.
func leftBecause(decisions steps.Decisions, f steps.Planned) string {
	if d, ok := f.Decision(decisions); ok && d.Option == "no" {
		return "left by decision"
	}
	for _, d := range decisions.List() {
		if d.Where == f.Key && d.Option == steps.Leave && d.Question != "unparented" {
			return "left by decision: " + d.Question
		}
	}
	return ""
}

// transactionWord is what comments about the old behaviour speak of.
var transactionWord = regexp.MustCompile(`(?i)\btransactions?\b|\bstart_transaction\b|\bstart_child\b`)

// nearLines is how far from a changed place a comment may stand.
const nearLines = 3

// staleComments returns the comments near the places a step changed that speak
// of transactions and still stand.
func (w *Walk) staleComments(c committed) []ReportPlace {
	var out []ReportPlace
	for path, near := range changedLines(c) {
		file := c.project.File(path)
		now := w.Tree.Project.File(path)
		if file == nil || now == nil {
			continue
		}
		lines := strings.Split(string(now.Source), "\n")
		for _, span := range rewrite.Comments(file.Source) {
			text := string(file.Source[span.Start:span.End])
			line, _ := file.Line(span.Start)
			if !near[line] || !transactionWord.MatchString(text) {
				continue
			}
			at := lineNow(c.project.Data(path), w.Tree.Project.Data(path), line)
			if at <= len(lines) && strings.Contains(lines[at-1], text) {
				out = append(out, ReportPlace{Path: path, Line: at, Step: c.Step, Message: text})
			}
		}
	}
	return out
}

// changedLines returns, by file, the lines near the places that a step changed.
func changedLines(c committed) map[string]map[int]bool {
	out := map[string]map[int]bool{}
	for _, f := range c.plan.Findings {
		if !f.Applied {
			continue
		}
		if out[f.Path] == nil {
			out[f.Path] = map[int]bool{}
		}
		first, _ := lineColumn(c.project, f.Path, f.Start)
		last, _ := lineColumn(c.project, f.Path, f.End)
		for line := first - nearLines; line <= last+nearLines; line++ {
			out[f.Path][line] = true
		}
	}
	return out
}

// onePerPosition sorts places and keeps one of each position.
func onePerPosition(list []ReportPlace) []ReportPlace {
	slices.SortStableFunc(list, func(a, b ReportPlace) int {
		if a.Path != b.Path {
			return strings.Compare(a.Path, b.Path)
		}
		return a.Line - b.Line
	})
	return slices.CompactFunc(list, func(a, b ReportPlace) bool { return a.Path == b.Path && a.Line == b.Line })
}

// reviewers says who should look at which of the files the commits changed: the
// owners that the project names, else the folders.
func (w *Walk) reviewers(commits []ReportCommit) ([]ReportOwner, error) {
	named, err := w.readOwners()
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for _, c := range commits {
		for _, f := range c.Files {
			paths[f.Path] = true
		}
	}
	groups := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		who := []string{folderOf(path)}
		if named != nil {
			if who = named.of(path); len(who) == 0 {
				who = []string{"no owner"}
			}
		}
		for _, name := range who {
			groups[name] = append(groups[name], path)
		}
	}
	var out []ReportOwner
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, ReportOwner{name, groups[name]})
	}
	return out, nil
}

// maxFiles is how many files of an owner are named one by one.
const maxFiles = 8

// Summary names the files, or, where these are many, folders with how many files
// each of them has.
func (o ReportOwner) Summary() []string {
	if len(o.Paths) <= maxFiles {
		return o.Paths
	}
	counts := map[string]int{}
	for _, path := range o.Paths {
		counts[topFolder(path)]++
	}
	var out []string
	for _, folder := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s (%s)", folder, count(counts[folder], "file")))
	}
	return out
}

// topFolder returns at most the first two folders around a file.
func topFolder(path string) string {
	parts := strings.Split(folderOf(path), "/")
	return strings.Join(parts[:min(len(parts)-1, 2)], "/") + "/"
}

func folderOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i+1]
	}
	return "./"
}
