package wizard

import (
	"context"
	"slices"

	"spanwalk/steps"
)

// asking is what was answered so far while one step is walked through.
type asking struct {
	given [][]steps.Decision // one group per question
	later map[string]bool    // questions put off, by key
}

func newAsking() *asking { return &asking{later: map[string]bool{}} }

// back takes the last answer back: one given just now, else what was put off,
// else what an earlier run was told.
func (a *asking) back(s *Session, plan *steps.Plan) {
	switch n := len(a.given); {
	case n > 0:
		s.Forget(a.given[n-1]...)
		a.given = a.given[:n-1]
	case len(a.later) > 0:
		clear(a.later)
	case plan != nil:
		s.Forget(lastUsed(s.Answers, plan.Used)...)
	}
}

// lastUsed returns the last of the answers that a plan used, with those before
// it that say the same: they were given together.
func lastUsed(answers, used []steps.Decision) []steps.Decision {
	var out []steps.Decision
	for _, a := range slices.Backward(answers) {
		switch {
		case !answered(used, a):
		case len(out) > 0 && (a.Question != out[0].Question || a.Option != out[0].Option):
			return out
		default:
			out = append(out, a)
		}
	}
	return out
}

// canBack reports whether [asking.back] has something to take back.
func (a *asking) canBack(s *Session, plan *steps.Plan) bool {
	return len(a.given)+len(a.later) > 0 || slices.ContainsFunc(plan.Used, func(d steps.Decision) bool {
		return answered(s.Answers, d)
	})
}

// settle plans a step and asks its open questions, planning again after each
// answer, until none is open or the rest is put off. skip is the reason when
// the person leaves the step out.
func (w *Walk) settle(ctx context.Context, p Prompter, step *steps.Step, asked *asking) (plan *steps.Plan, skip string, err error) {
	for {
		if plan, err = w.planner().make(step, w.Tree.Project); err != nil {
			return nil, "", err
		}
		open := unanswered(plan.Open, asked.later)
		if len(open) == 0 {
			return plan, "", nil
		}
		reply, err := p.Ask(ctx, w.question(step, open, asked))
		switch {
		case err != nil:
			return nil, "", err
		case reply.Skip != "":
			return nil, reply.Skip, nil
		case reply.Back:
			asked.back(w.Session, nil)
		case reply.Later || len(reply.Decisions) == 0:
			asked.later[questionKey(open[0])] = true
		default:
			asked.given = append(asked.given, reply.Decisions)
			w.Session.Remember(reply.Decisions...)
		}
		if err := w.Session.Save(); err != nil {
			return nil, "", err
		}
	}
}

// questionKey names a question as in an answers file.
func questionKey(q steps.Question) string {
	if q.Key != "" {
		return answerKey(q.ID, q.Key)
	}
	return answerKey(q.ID, q.Path)
}

// unanswered returns the questions that were not put off.
func unanswered(open []steps.Question, later map[string]bool) []steps.Question {
	var out []steps.Question
	for _, q := range open {
		if !later[questionKey(q)] {
			out = append(out, q)
		}
	}
	return out
}

// question presents the first of the open questions.
func (w *Walk) question(step *steps.Step, open []steps.Question, asked *asking) *Question {
	answered := len(asked.given)
	q := &Question{Question: open[0], Step: step, Number: answered + 1, Of: answered + Groups(open), Back: answered+len(asked.later) > 0}
	if q.File = w.Tree.Project.File(q.Path); q.File != nil {
		q.Line, _ = q.File.Line(q.Start)
	}
	for _, other := range open[1:] {
		if alike(q.Question, other) {
			q.Alike = append(q.Alike, other)
		}
	}
	q.Before = w.Ledger.Former(q.ID, where(q.Question))
	return q
}

// alike reports whether one answer can stand for two questions.
func alike(a, b steps.Question) bool {
	return a.ID == b.ID && a.Shape == b.Shape && sameOptions(a.Options, b.Options)
}

// Groups returns how often a person is asked when questions that are alike get
// the same answer.
func Groups(open []steps.Question) int {
	n := 0
	for i, q := range open {
		if !slices.ContainsFunc(open[:i], func(earlier steps.Question) bool { return alike(earlier, q) }) {
			n++
		}
	}
	return n
}

// where returns the place a decision about a question is recorded under.
func where(q steps.Question) string {
	if q.Key != "" {
		return q.Key
	}
	return q.Path
}

func sameOptions(a, b []steps.Option) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID {
			return false
		}
	}
	return true
}
