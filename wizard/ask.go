package wizard

import (
	"context"

	"spanwalk/steps"
)

// settle plans a step and asks its open questions, planning again after each
// answer, until none is open or the rest is put off. skip is the reason when
// the person leaves the step out.
func (w *Walk) settle(ctx context.Context, p Prompter, step *steps.Step) (plan *steps.Plan, skip string, err error) {
	var given [][]steps.Decision // one group per question answered here
	later := map[string]bool{}
	for {
		if plan, err = w.planner().make(step, w.Tree.Project); err != nil {
			return nil, "", err
		}
		open := unanswered(plan.Open, later)
		if len(open) == 0 {
			return plan, "", nil
		}
		reply, err := p.Ask(ctx, w.question(step, open, len(given)))
		switch {
		case err != nil:
			return nil, "", err
		case reply.Skip != "":
			return nil, reply.Skip, nil
		case reply.Back && len(given) > 0:
			w.Session.Forget(given[len(given)-1]...)
			given = given[:len(given)-1]
		case reply.Back:
			clear(later)
		case reply.Later || len(reply.Decisions) == 0:
			later[questionKey(open[0])] = true
		default:
			given = append(given, reply.Decisions)
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

// question presents the first of the open questions; answered is how many
// questions of the step were answered before it.
func (w *Walk) question(step *steps.Step, open []steps.Question, answered int) *Question {
	q := &Question{Question: open[0], Step: step, Number: answered + 1, Of: answered + len(open)}
	if q.File = w.Tree.Project.File(q.Path); q.File != nil {
		q.Line, _ = q.File.Line(q.Start)
	}
	for _, other := range open[1:] {
		if other.ID == q.ID && other.Shape == q.Shape && sameOptions(other.Options, q.Options) {
			q.Alike = append(q.Alike, other)
		}
	}
	q.Before = w.Ledger.Former(q.ID, where(q.Question))
	return q
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
