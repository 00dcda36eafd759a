package wizard

import (
	"encoding/json"
	"fmt"
	"io"
	"sort"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Preview is what the selected steps would do, written nowhere.
type Preview struct {
	Plans  []*steps.Plan    // each on the result of those before it
	Before *rewrite.Project // the tree as it is

	files []steps.FileChange
}

// Preview plans the walk's steps; [Walk.Read] must have run.
func (w *Walk) Preview() (*Preview, error) {
	plans, after, err := w.planner().forecast(w.steps, w.Tree.Project)
	if err != nil {
		return nil, err
	}
	if err := w.checkPlaces(plans, after); err != nil {
		return nil, err
	}
	p := &Preview{Plans: plans, Before: w.Tree.Project}
	paths := touched(plans)
	sort.Strings(paths)
	for _, path := range paths {
		p.files = append(p.files, steps.FileChange{Path: path, Before: p.Before.Data(path), After: after.Data(path)})
	}
	return p, nil
}

// WriteDiff writes one diff from the tree as it is to the tree after all steps,
// for git apply.
func (p *Preview) WriteDiff(w io.Writer) error {
	for _, f := range p.files {
		if err := writeUnified(w, f.Path, f.Before, f.After); err != nil {
			return err
		}
	}
	return nil
}

func writeUnified(w io.Writer, path string, before, after []byte) error {
	_, err := w.Write(rewrite.Unified(path, before, after))
	return err
}

// Work reports whether the steps would change something or leave it open.
func (p *Preview) Work() bool { return hasWork(p.Plans) }

func hasWork(plans []*steps.Plan) bool {
	for _, plan := range plans {
		if !plan.Empty() || len(plan.Left())+len(plan.Open) > 0 {
			return true
		}
	}
	return false
}

// WriteSummary writes a line per step that has work, then every place that
// stays open and every decision that is missing. sentry says whether the tree
// uses the SDK at all.
func (p *Preview) WriteSummary(w io.Writer, sentry bool) {
	if !p.Work() {
		fmt.Fprintln(w, nothing(sentry))
	}
	for _, plan := range p.Plans {
		if n := applied(plan); n > 0 {
			fmt.Fprintf(w, "%s: %s in %s\n", plan.Step.Name, count(n, "place"), count(len(plan.Files), "file"))
		}
		writeLeft(w, plan)
	}
}

// writeLeft lists the places a plan leaves open and the decisions it lacks.
func writeLeft(w io.Writer, plan *steps.Plan) {
	for _, f := range withoutQuestion(plan) {
		fmt.Fprintf(w, "  %s: %s: %s: %s\n", position(f.Path, f.Line), plan.Step.Name, f.Tier, f.Message)
	}
	for _, q := range plan.Open {
		fmt.Fprintf(w, "  %s\n", missing(q, plan.Step.Name))
	}
}

// withoutQuestion returns the places a plan leaves open for another reason than
// a missing decision.
func withoutQuestion(plan *steps.Plan) []steps.Planned {
	asked := map[string]bool{}
	for _, q := range plan.Open {
		asked[q.Key] = true
	}
	var out []steps.Planned
	for _, f := range plan.Left() {
		if !asked[f.Key] {
			out = append(out, f)
		}
	}
	return out
}

// missing says which decision is missing and how to give it.
func missing(q steps.Question, step string) string {
	at := step
	if q.Path != "" {
		at = position(q.Path, q.Line) + ": " + step
	}
	return fmt.Sprintf("%s: undecided: %s --answer '%s=%s'", at, q.Prompt, questionKey(q), optionIDs(q))
}

func optionIDs(q steps.Question) string {
	ids := ""
	for i, o := range q.Options {
		if i > 0 {
			ids += "|"
		}
		ids += o.ID
	}
	if ids == "" {
		return "TEXT"
	}
	return ids
}

// The JSON of preview; design.md §5 fixes it.
type (
	previewJSON struct {
		Version int         `json:"version"`
		Steps   []stepJSON  `json:"steps"`
		Mixed   []mixedJSON `json:"mixed"`
		Notes   []noteJSON  `json:"notes"`
	}
	stepJSON struct {
		Step      string         `json:"step"`
		Items     []int          `json:"items"`
		Findings  []findingJSON  `json:"findings"`
		Questions []questionJSON `json:"questions"`
	}
	findingJSON struct {
		Key          string            `json:"key"`
		Path         string            `json:"path"`
		Line         int               `json:"line"`
		Column       int               `json:"column"`
		EndLine      int               `json:"endLine"`
		EndColumn    int               `json:"endColumn"`
		Tier         steps.Tier        `json:"tier"`
		Shape        string            `json:"shape"`
		Message      string            `json:"message"`
		Edits        []editJSON        `json:"edits"`
		Alternatives []alternativeJSON `json:"alternatives"`
		Note         bool              `json:"note,omitempty"`
		Acknowledged bool              `json:"acknowledged,omitempty"`
	}
	editJSON struct {
		Start int    `json:"start"`
		End   int    `json:"end"`
		New   string `json:"new"`
	}
	alternativeJSON struct {
		ID    string     `json:"id"`
		Title string     `json:"title"`
		Edits []editJSON `json:"edits"`
	}
	questionJSON struct {
		Key      string       `json:"key"`
		Question string       `json:"question"`
		Answer   string       `json:"answer"` // what stands before "=" in --answer
		Prompt   string       `json:"prompt"`
		Options  []optionJSON `json:"options"`
		Path     string       `json:"path"`
		Line     int          `json:"line"`
	}
	optionJSON struct {
		ID          string `json:"id"`
		Text        string `json:"text"`
		Consequence string `json:"consequence"`
		Recommended bool   `json:"recommended"`
	}
	mixedJSON struct {
		Path    string `json:"path"`
		Line    int    `json:"line"`
		Message string `json:"message"`
	}
	noteJSON struct {
		Path    string `json:"path"`
		Line    int    `json:"line"`
		Message string `json:"message"`
	}
)

// PreviewJSON writes every open site and question of the walk's steps, each
// step planned on the tree as it is, so that offsets are those of the files as
// they are. It reports whether there is work.
func (w *Walk) PreviewJSON(out io.Writer) (work bool, err error) {
	plans, err := w.planner().each(w.steps, w.Tree.Project)
	if err != nil {
		return false, err
	}
	mixed, err := steps.Mixed(w.Tree.Project, w.decisions())
	if err != nil {
		return false, err
	}
	doc := previewJSON{Version: 1, Steps: []stepJSON{}, Mixed: mixedAsJSON(mixed), Notes: notesAsJSON(w.Tree.Notes)}
	for _, plan := range plans {
		questions, err := w.questions(plan)
		if err != nil {
			return false, err
		}
		doc.Steps = append(doc.Steps, stepAsJSON(plan, questions, w.Tree.Project))
	}
	return hasWork(plans), writeJSON(out, doc)
}

func notesAsJSON(notes []Note) []noteJSON {
	out := []noteJSON{}
	for _, n := range notes {
		out = append(out, noteJSON{n.Path, n.Line, n.Message})
	}
	return out
}

// questions returns what a person would be asked about a plan that may have
// taken recommended options.
func (w *Walk) questions(plan *steps.Plan) ([]steps.Question, error) {
	if !w.policy.Recommended || len(recommendedUsed(plan, w.decisions())) == 0 {
		return plan.Open, nil
	}
	p := w.planner()
	p.policy.Recommended = false
	asking, err := p.make(plan.Step, w.Tree.Project)
	if err != nil {
		return nil, err
	}
	return asking.Open, nil
}

// recommendedUsed returns the decisions of a plan that nobody took.
func recommendedUsed(plan *steps.Plan, taken steps.Decisions) []steps.Decision {
	var out []steps.Decision
	for _, d := range plan.Used {
		if !holdsDecision(taken, d) {
			out = append(out, d)
		}
	}
	return out
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func mixedAsJSON(sites []steps.MixedSite) []mixedJSON {
	out := []mixedJSON{}
	for _, m := range sites {
		out = append(out, mixedJSON{m.Path, m.Line, m.Message})
	}
	return out
}

func stepAsJSON(plan *steps.Plan, questions []steps.Question, project *rewrite.Project) stepJSON {
	s := stepJSON{Step: plan.Step.Name, Items: plan.Step.Items, Findings: []findingJSON{}, Questions: []questionJSON{}}
	if s.Items == nil {
		s.Items = []int{}
	}
	for _, f := range plan.Findings {
		s.Findings = append(s.Findings, findingAsJSON(f, project))
	}
	for _, q := range questions {
		s.Questions = append(s.Questions, questionAsJSON(q, project))
	}
	return s
}

func findingAsJSON(f steps.Planned, project *rewrite.Project) findingJSON {
	disk := diskOffsets(project, f.Path)
	out := findingJSON{Key: f.Key, Path: f.Path, Tier: f.Tier, Shape: f.Shape, Message: f.Message,
		Edits: editsAsJSON(f.Edits, disk), Alternatives: []alternativeJSON{}, Note: f.Note, Acknowledged: f.Acknowledged}
	out.Line, out.Column = lineColumn(project, f.Path, f.Start)
	out.EndLine, out.EndColumn = lineColumn(project, f.Path, f.End)
	for _, a := range f.Alternatives {
		out.Alternatives = append(out.Alternatives, alternativeJSON{a.ID, a.Title, editsAsJSON(a.Edits, disk)})
	}
	return out
}

func editsAsJSON(edits []rewrite.Edit, disk func(int) int) []editJSON {
	out := []editJSON{}
	for _, e := range edits {
		out = append(out, editJSON{disk(e.Start), disk(e.End), e.New})
	}
	return out
}

// diskOffsets returns a function from offsets in a file's text to offsets in
// the file on disk; they differ only where its encoding is not UTF-8.
func diskOffsets(project *rewrite.Project, path string) func(int) int {
	f := project.File(path)
	same := func(n int) int { return n }
	if f == nil || len(project.Data(path)) == len(f.Source) {
		return same
	}
	return func(n int) int {
		data, err := f.Encode(f.Source[:n])
		if err != nil {
			return n // what was decoded encodes again
		}
		return len(data)
	}
}

func questionAsJSON(q steps.Question, project *rewrite.Project) questionJSON {
	out := questionJSON{Key: q.Key, Question: q.ID, Answer: questionKey(q), Prompt: q.Prompt, Path: q.Path, Options: []optionJSON{}}
	if q.Path != "" {
		out.Line, _ = lineColumn(project, q.Path, q.Start)
	}
	for _, o := range q.Options {
		out.Options = append(out.Options, optionJSON(o))
	}
	return out
}
