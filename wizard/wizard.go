package wizard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Options says what a walk works on and how.
type Options struct {
	Dir       string // any folder of the work tree
	Selection Selection
	Steps     []string // names; empty means all
	Answers   []Answer // given on the command line; they win over remembered ones
	Accept    []string // tiers that are applied besides safe ones: "review"
	Ask       bool     // ask every question; else recommended options are taken
	Branch    string   // make and switch to this branch before the first commit
	Delivery  Delivery
	NoVerify  bool   // run no hooks
	Version   string // of this program, for the trailers
}

// Delivery is what becomes of a step's changes.
type Delivery int

// The ways to deliver changes.
const (
	AsCommits Delivery = iota // a commit per step
	AsStaged                  // files and index, in one go at the end
	AsFiles                   // files only, in one go at the end
)

func (d Delivery) kind() gitops.Kind {
	return [...]gitops.Kind{AsCommits: gitops.ToCommit, AsStaged: gitops.ToIndex, AsFiles: gitops.ToWorktree}[d]
}

// Walk is one run through the checklist in one work tree.
type Walk struct {
	Repo    *gitops.Repo
	Tree    *Tree // as read by Run, or by Read
	Ledger  *Ledger
	Session *Session

	options Options
	policy  steps.Policy
	steps   []*steps.Step
	settled []steps.Decision // whole-step decisions taken in this run
	held    *heldChanges     // what AsStaged and AsFiles write at the end
	outcome Outcome
	counted map[*rewrite.Project]int // memo of mixed
	others  map[string]stamp         // of files that were read, see worktree
	stop    func(string) error       // called between two writes; nil except in tests
}

// Outcome is what a run did and left.
type Outcome struct {
	Head  gitops.Head // where the run ended
	Steps []Taken     // in order; steps with nothing to say are not listed
	Mixed int         // places that raise or go silent now
	Look  bool        // the person only wanted to look
}

// Taken is what became of one step.
type Taken struct {
	Plan    *steps.Plan
	Commit  *gitops.Commit // nil when nothing was committed
	Skipped string         // why the step was left out, or ""
	Left    []steps.Planned
	Open    []steps.Question
}

// Open finds the repository around the options' folder and checks the options
// against what this program knows. Nothing is read or written yet.
func Open(o Options) (*Walk, error) {
	if err := o.Selection.Check(); err != nil {
		return nil, err
	}
	list, err := selectSteps(o.Steps)
	if err != nil {
		return nil, err
	}
	if err := checkAnswers(o.Answers); err != nil {
		return nil, err
	}
	policy, err := o.policy()
	if err != nil {
		return nil, err
	}
	repo, err := gitops.Open(o.Dir)
	if err != nil {
		return nil, err
	}
	session, err := LoadSession(repo)
	if err != nil {
		return nil, err
	}
	return &Walk{Repo: repo, Session: session, options: o, policy: policy, steps: list}, nil
}

// policy says what plans may do without asking.
func (o Options) policy() (steps.Policy, error) {
	p := steps.Policy{Recommended: !o.Ask}
	for _, tier := range o.Accept {
		if tier != string(steps.Review) {
			return p, &UsageError{Message: fmt.Sprintf("tier %q cannot be accepted: %q can, safe changes always are, manual ones never", tier, steps.Review)}
		}
		p.Review = true
	}
	return p, nil
}

// selectSteps returns the named steps in the guide's order, or all.
func selectSteps(names []string) ([]*steps.Step, error) {
	if len(names) == 0 {
		return steps.All, nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		if name == steps.Verify.Name {
			return nil, &UsageError{Message: "the step verify changes nothing: it is a run", Next: "spanwalk verify -- COMMAND"}
		}
		if steps.ByName(name) == nil {
			return nil, &UsageError{Message: fmt.Sprintf("there is no step %q", name), Next: "spanwalk steps"}
		}
		wanted[name] = true
	}
	var list []*steps.Step
	for _, step := range steps.All {
		if wanted[step.Name] {
			list = append(list, step)
		}
	}
	return list, nil
}

// Read reads the project and what was decided so far, and refuses a project
// that cannot be migrated at all.
func (w *Walk) Read(ctx context.Context) error {
	ledger, err := ReadLedger(w.Repo)
	if err != nil {
		return err
	}
	w.Ledger = ledger
	if err := w.reload(ctx); err != nil {
		return err
	}
	return w.noteUnfinished()
}

// noteUnfinished says that the tree may be half written; [Walk.Run] has
// settled that before it reads.
func (w *Walk) noteUnfinished() error {
	pending, err := w.Repo.Pending()
	if err != nil || pending == nil {
		return err
	}
	w.Tree.Notes = append(w.Tree.Notes, Note{Next: "spanwalk migrate --yes",
		Message: "an earlier run was interrupted while it wrote " + strings.Join(slices.Sorted(maps.Keys(pending.Files)), ", ")})
	return nil
}

func (w *Walk) reload(ctx context.Context) error {
	tree, err := Load(ctx, w.Repo, w.Tree)
	if err != nil {
		return interrupted(ctx, err)
	}
	w.Tree = tree
	return fit(tree, w.options.Selection, w.Repo.Root())
}

// interrupted turns the end of a context into the person's wish to stop.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrAborted
	}
	return err
}

// decisions returns all decisions that hold now; later kinds win.
func (w *Walk) decisions() steps.Decisions {
	list := w.Ledger.Decisions()
	list = append(list, w.settled...)
	list = append(list, w.given()...)
	return steps.NewDecisions(list...)
}

// given returns the decisions a person took that no commit holds yet.
func (w *Walk) given() []steps.Decision {
	list := append([]steps.Decision(nil), w.Session.Answers...)
	for _, a := range w.options.Answers {
		list = append(list, a.Decision)
	}
	return list
}

func (w *Walk) planner(more ...steps.Decision) planner {
	return planner{selection: w.options.Selection, decisions: w.decisions().With(more...), policy: w.policy}
}

// Run walks. It returns what was done also when it ends with an error.
func (w *Walk) Run(ctx context.Context, p Prompter) (*Outcome, error) {
	err := w.run(ctx, p)
	if w.Tree != nil {
		w.outcome.Mixed = w.mixed(w.Tree.Project)
	}
	if head, headErr := w.Repo.Head(); headErr == nil {
		w.outcome.Head = head
	}
	return &w.outcome, err
}

func (w *Walk) run(ctx context.Context, p Prompter) error {
	if err := w.recover(ctx, p); err != nil {
		return err
	}
	if err := w.Read(ctx); err != nil {
		return err
	}
	start, err := w.begin(ctx, p)
	if err != nil || start.Look {
		w.outcome.Look = start.Look
		return err
	}
	if start.Branch != "" {
		if err := w.Repo.CreateBranch(start.Branch); err != nil {
			return err
		}
	}
	for i, step := range w.steps {
		if err := w.take(ctx, p, step, i+1); err != nil {
			return interrupted(ctx, err)
		}
	}
	return w.deliver(p)
}

// begin makes the forecast, refuses what cannot be done and shows the overview.
func (w *Walk) begin(ctx context.Context, p Prompter) (Start, error) {
	plans, after, err := w.planner().forecast(w.steps, w.Tree.Project)
	if err != nil {
		return Start{}, err
	}
	if err := w.checkPlaces(plans, after); err != nil {
		return Start{}, err
	}
	paths := touched(plans)
	if w.options.Ask {
		paths = append(paths, asked(plans)...)
	}
	warnings, err := w.preflight(paths)
	if err != nil {
		return Start{}, err
	}
	head, err := w.Repo.Head()
	if err != nil {
		return Start{}, err
	}
	o := &Overview{
		Root: w.Repo.Root(), Head: head, Python: w.Tree.Python, Forecast: plans, Mixed: w.mixed(w.Tree.Project),
		Notes: w.Tree.Notes, Problems: warnings,
		Preview: func() ([]*steps.Plan, error) {
			all := w.planner()
			all.policy = steps.Policy{Recommended: true, Review: true}
			plans, _, err := all.forecast(w.steps, w.Tree.Project)
			return plans, err
		},
	}
	if err := w.resume(o); err != nil {
		return Start{}, err
	}
	w.Session.Head = head.Hash
	return p.Overview(ctx, o)
}

// checkPlaces refuses answers about places that no step of the whole checklist
// knows. Sites of later steps may appear only once earlier ones have run, so
// the plans are those of a forecast.
func (w *Walk) checkPlaces(plans []*steps.Plan, after *rewrite.Project) error {
	if len(w.options.Answers) == 0 {
		return nil
	}
	if len(w.steps) != len(steps.All) {
		var err error
		if plans, _, err = w.planner().forecast(steps.All, w.Tree.Project); err != nil {
			return err
		}
	}
	return newPlaces(after, plans).stale(w.options.Answers, steps.NewDecisions(w.Ledger.Decisions()...))
}

// preflight asks Git about the paths a run would touch. Fatal problems are the
// error; the others are returned.
func (w *Walk) preflight(paths []string) ([]gitops.Problem, error) {
	problems, err := w.Repo.PreflightFor(w.options.Delivery.kind(), paths)
	if err != nil {
		return nil, err
	}
	var fatal, warnings []gitops.Problem
	for _, problem := range problems {
		switch {
		case problem.Code == gitops.DefaultBranch && w.options.Branch != "":
		case problem.Fatal:
			fatal = append(fatal, problem)
		default:
			warnings = append(warnings, problem)
		}
	}
	if len(fatal) > 0 {
		return nil, &gitops.RefusedError{Problems: fatal}
	}
	return warnings, nil
}

// maxStale is how often a step is planned again because files keep changing.
const maxStale = 5

// take walks through one step.
func (w *Walk) take(ctx context.Context, p Prompter, step *steps.Step, number int) error {
	if reason, skipped := w.Session.Skipped[step.Name]; skipped && len(w.options.Steps) == 0 {
		return w.skip(p, step, reason)
	}
	var changed []string
	settled, asked := len(w.settled), newAsking()
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil {
			return ErrAborted
		}
		w.settled = w.settled[:settled] // a plan that was not committed settles nothing
		verdict, err := w.agree(ctx, p, step, number, changed, asked)
		if err != nil {
			return err
		}
		if verdict.Plan == nil {
			w.Session.Skipped[step.Name] = verdict.Skip
			if err := w.Session.Save(); err != nil {
				return err
			}
			return w.skip(p, step, verdict.Skip)
		}
		err = w.commit(ctx, p, verdict)
		if errors.Is(err, ErrBack) {
			changed, attempt = nil, 0
			continue
		}
		var stale *gitops.StaleError
		if !errors.As(err, &stale) || attempt == maxStale {
			return err
		}
		changed = []string{stale.Path}
		p.Say(Event{Kind: Warning, Step: step.Name, Text: stale.Path + " changed on disk; the step is planned again"})
		if err := w.reload(ctx); err != nil {
			return err
		}
	}
}

// skip records that a step was left out, with what it leaves open.
func (w *Walk) skip(p Prompter, step *steps.Step, reason string) error {
	plan, err := w.planner().make(step, w.Tree.Project)
	if err != nil {
		return err
	}
	if len(plan.Findings) == 0 {
		return nil
	}
	taken := Taken{Plan: plan, Skipped: reason, Open: plan.Open}
	for _, f := range plan.Findings {
		if !f.Acknowledged && !f.Note {
			taken.Left = append(taken.Left, f)
		}
	}
	w.outcome.Steps = append(w.outcome.Steps, taken)
	p.Say(Event{Kind: Skipped, Step: step.Name, Text: reason, Plan: plan, Next: "spanwalk --step " + step.Name})
	return nil
}

// agree asks until no question is open and has the plan reviewed.
func (w *Walk) agree(ctx context.Context, p Prompter, step *steps.Step, number int, changed []string, asked *asking) (Verdict, error) {
	for {
		plan, skip, err := w.settle(ctx, p, step, asked)
		if err != nil || skip != "" {
			return Verdict{Skip: skip}, err
		}
		if plan.Empty() && len(plan.Left()) == 0 {
			return Verdict{Plan: plan}, nil
		}
		verdict, err := p.Review(ctx, w.review(plan, number, changed, asked))
		if len(verdict.Decisions) > 0 {
			w.Session.Remember(verdict.Decisions...)
			if err := w.Session.Save(); err != nil {
				return Verdict{}, err
			}
		}
		if err != nil {
			return Verdict{}, err
		}
		if !verdict.Back {
			return verdict, nil
		}
		asked.back(w.Session, plan)
		if err := w.Session.Save(); err != nil {
			return Verdict{}, err
		}
	}
}

// review presents a plan.
func (w *Walk) review(plan *steps.Plan, number int, changed []string, asked *asking) *Review {
	project := w.Tree.Project
	decisions, decided := w.decisions(), map[string]string{}
	for _, f := range plan.Findings {
		if d, ok := f.Decision(decisions); ok {
			decided[f.Key] = d.Option
		}
	}
	return &Review{
		Plan: plan, Project: project, Number: number, Of: len(w.steps), Changed: changed, Mixed: w.mixed(project),
		Decided: decided, Back: asked.canBack(w.Session, plan), Again: len(w.Ledger.Of(plan.Step.Name)) > 0,
		After: func(plan *steps.Plan) int { return w.mixedAfter(project, plan) },
		Replan: func(more ...steps.Decision) (*steps.Plan, error) {
			return w.planner(more...).make(plan.Step, project)
		},
	}
}

// mixedAfter returns how many places raise or go silent once plan is applied.
func (w *Walk) mixedAfter(project *rewrite.Project, plan *steps.Plan) int {
	after, err := project.With(plan.Changes())
	if err != nil {
		return 0 // a plan's results were parsed when it was made
	}
	return w.mixed(after)
}

// mixed returns how many places of a project raise or go silent as it is. The
// answer for the tree before a step is the one for the tree after the last.
func (w *Walk) mixed(project *rewrite.Project) int {
	if n, known := w.counted[project]; known {
		return n
	}
	sites, err := steps.Mixed(project, w.decisions())
	if err != nil {
		return 0 // the same plans were made before without an error
	}
	if w.counted == nil || len(w.counted) >= maxCounted {
		w.counted = map[*rewrite.Project]int{}
	}
	w.counted[project] = len(sites)
	return len(sites)
}

// maxCounted is how many trees [Walk.mixed] remembers; each holds its files.
const maxCounted = 4
