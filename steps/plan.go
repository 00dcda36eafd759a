package steps

import (
	"bytes"
	"fmt"
	"sort"

	"spanwalk/rewrite"
)

// Plan is what one step would do to a project: a value that holds no pointer
// into a parse tree. The plan that was shown is the plan that is committed.
type Plan struct {
	Step     *Step
	Files    []FileChange // files that change, in path order
	Findings []Planned    // every site of the step, in path and offset order
	Open     []Question   // questions nobody has answered; the plan may still be committed without their sites
	Used     []Decision   // the decisions this plan rests on, recommended ones included
	Answered []Answered   // the questions behind Used, in the order they were put
	Failures []*BugError  // results that were refused because they do not parse
}

// Answered is a question and the option that a plan takes for it.
type Answered struct {
	Question
	Option string
}

// FileChange is one file before and after, as on disk.
type FileChange struct {
	Path   string
	Before []byte
	After  []byte
}

// Planned is a finding and what the plan does with it.
type Planned struct {
	Finding
	Applied bool
	Choice  string // the chosen alternative's ID, "" for the finding's own edits
}

// BugError reports a step whose edits would have broken a file. The file's
// findings turn Manual and nothing of it is written.
type BugError struct {
	Step string
	Path string
	Err  error
}

// Error names the step, the file and what was wrong.
func (e *BugError) Error() string {
	return fmt.Sprintf("step %s: %s: its edits were refused: %v", e.Step, e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *BugError) Unwrap() error { return e.Err }

// Empty reports whether the plan changes nothing.
func (p *Plan) Empty() bool { return len(p.Files) == 0 }

// Changes returns the bytes after the plan by path, for [rewrite.Project.With].
func (p *Plan) Changes() map[string][]byte {
	out := map[string][]byte{}
	for _, f := range p.Files {
		out[f.Path] = f.After
	}
	return out
}

// Left returns the findings that stay open after the plan: not applied, not
// acknowledged, and no mere notes.
func (p *Plan) Left() []Planned {
	var out []Planned
	for _, f := range p.Findings {
		if !f.Applied && !f.Acknowledged && !f.Note {
			out = append(out, f)
		}
	}
	return out
}

// Make plans one step on a project. The error is the step's own failure to
// read the project; a result that does not parse is in [Plan.Failures].
func Make(step *Step, project *rewrite.Project, decisions Decisions, policy Policy) (*Plan, error) {
	return makePlan(step, project, decisions, policy, newWorld(project))
}

func makePlan(step *Step, project *rewrite.Project, decisions Decisions, policy Policy, w *world) (*Plan, error) {
	pass, err := find(step, project, decisions, policy, w)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Step: step, Open: pass.open, Used: usedOnce(pass.used), Answered: pass.answered}
	byFile := map[string][]int{}
	for i, f := range pass.findings {
		plan.Findings = append(plan.Findings, choose(f, decisions, policy))
		byFile[f.Path] = append(byFile[f.Path], i)
	}
	paths := make([]string, 0, len(byFile))
	for path := range byFile {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	plan.locate(project)
	plan.assembleAll(project, paths, byFile, decisions)
	return plan, nil
}

// find runs a step over a project; what it finds is in path and offset order.
func find(step *Step, project *rewrite.Project, decisions Decisions, policy Policy, w *world) (*Pass, error) {
	pass := &Pass{Step: step, Project: project, decisions: decisions, policy: policy, world: w,
		counts: map[string]int{}, asked: map[string]bool{}}
	pass.Floor = w.floor(decisions)
	if err := step.Find(pass); err != nil {
		return nil, fmt.Errorf("plan %s: %w", step.Name, err)
	}
	sort.SliceStable(pass.findings, func(i, j int) bool {
		a, b := pass.findings[i], pass.findings[j]
		return a.Path < b.Path || a.Path == b.Path && a.Start < b.Start
	})
	return pass, nil
}

// locate fills in the lines of what a plan says about places of the project.
func (p *Plan) locate(project *rewrite.Project) {
	line := func(path string, start int) int {
		if path == "" {
			return 0
		}
		if f := project.File(path); f != nil {
			at, _ := f.Line(min(start, len(f.Source)))
			return at
		}
		data := project.Data(path)
		return 1 + bytes.Count(data[:min(start, len(data))], []byte("\n"))
	}
	for i := range p.Findings {
		f := &p.Findings[i]
		f.Line = line(f.Path, f.Start)
	}
	for i := range p.Open {
		q := &p.Open[i]
		q.Line = line(q.Path, q.Start)
	}
}

func usedOnce(list []Decision) []Decision {
	return NewDecisions(list...).List()
}

// choose decides what the plan does with a finding.
func choose(f Finding, decisions Decisions, policy Policy) Planned {
	out := Planned{Finding: f}
	if f.Acknowledged || f.Note && len(f.Edits)+len(f.Alternatives) == 0 || f.Tier == Manual {
		return out
	}
	out.Applied = len(f.Edits) > 0 && (f.Tier == Safe || policy.Review && f.Tier == Review)
	if d, ok := f.Decision(decisions); ok {
		switch d.Option {
		case "no":
			out.Applied = false
		case "yes":
			out.Applied = len(f.Edits) > 0
		default:
			for _, a := range f.Alternatives {
				if a.ID == d.Option {
					out.Applied, out.Choice = true, a.ID
				}
			}
		}
	}
	return out
}

// chosen returns the edits of the alternative that was decided for.
func (f *Planned) chosen() []rewrite.Edit {
	if a := f.alternative(); a != nil {
		return a.Edits
	}
	return f.Edits
}

// chosenMoves returns the moves that go with the chosen edits.
func (f *Planned) chosenMoves() []rewrite.Move {
	if a := f.alternative(); a != nil {
		return a.Moves
	}
	return f.Moves
}

// alternative returns the one that was decided for, or nil.
func (f *Planned) alternative() *Alternative {
	for i := range f.Alternatives {
		if f.Choice != "" && f.Alternatives[i].ID == f.Choice {
			return &f.Alternatives[i]
		}
	}
	return nil
}
