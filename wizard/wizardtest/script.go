// Package wizardtest holds a person for tests: a [wizard.Prompter] that follows
// a script and fails on everything the script does not say.
package wizardtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// Script is a strict person: every question, review and refusal must be in its
// next line, and every line must be used. Overviews and messages are accepted.
//
//	ask QUESTION[@WHERE] = OPTION     answer this question
//	alike QUESTION[@WHERE] = OPTION   answer it for all places alike
//	later QUESTION[@WHERE]            put it off
//	back QUESTION[@WHERE]             when asked this, take the answer before it back
//	skip STEP REASON                  when asked about or shown this step, leave it out
//	review STEP                       accept the plan as shown
//	no STEP KEY                       decline one place of the plan, then accept it
//	stop STEP                         stop when this step is shown
//	undo STEP                         when shown this step, take the last answer back
//	again STEP                        when its commit is proposed, go back to the review
//	ask revert = WAY                  take a step back that way; stop is one
//	finish | undo                     settle an interrupted change
//	hook retry|without|stop           settle a hook that refused
type Script struct {
	t      testing.TB
	lines  []string
	Events []wizard.Event
	Seen   []string          // what was shown, for assertions: "STEP: N places in M files"
	Start  wizard.Start      // the answer to the overview
	OnShow func(step string) // called before each review is answered, to meddle with the tree
}

// New returns a person who follows the script. When the test ends, unused
// lines fail it.
func New(t testing.TB, script string) *Script {
	s := &Script{t: t}
	for _, line := range strings.Split(script, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			s.lines = append(s.lines, line)
		}
	}
	t.Cleanup(func() {
		if len(s.lines) > 0 && !t.Failed() {
			t.Errorf("unused lines of the script:\n%s", strings.Join(s.lines, "\n"))
		}
	})
	return s
}

// next returns the words of the script's next line if it is one of these
// commands about this subject; otherwise the test fails.
func (s *Script) next(what string, match func(verb, subject string) bool) (verb, rest string) {
	s.t.Helper()
	if len(s.lines) == 0 {
		s.t.Fatalf("unexpected: %s; the script is at its end", what)
	}
	line := s.lines[0]
	verb, rest, _ = strings.Cut(line, " ")
	subject, _, _ := strings.Cut(rest, " ")
	if !match(verb, subject) {
		s.t.Fatalf("unexpected: %s; the script says: %s", what, line)
	}
	s.lines = s.lines[1:]
	return verb, rest
}

// Unfinished follows "finish" or "undo".
func (s *Script) Unfinished(_ context.Context, u wizard.Unfinished) (wizard.Recovery, error) {
	verb, _ := s.next("an interrupted change of "+u.Step, func(verb, _ string) bool { return verb == "finish" || verb == "undo" })
	if verb == "undo" {
		return wizard.Undo, nil
	}
	return wizard.Finish, nil
}

// Overview answers with Start.
func (s *Script) Overview(context.Context, *wizard.Overview) (wizard.Start, error) {
	return s.Start, nil
}

// Ask follows "ask", "alike", "later", "back" or "skip".
func (s *Script) Ask(_ context.Context, q *wizard.Question) (wizard.Reply, error) {
	name := q.ID
	if at := where(q.Question); at != "" {
		name += "@" + at
	}
	verb, rest := s.next("question "+name, func(verb, subject string) bool {
		switch verb {
		case "ask", "alike", "later", "back":
			return subject == name
		case "skip":
			return subject == q.Step.Name
		}
		return false
	})
	switch verb {
	case "later":
		return wizard.Reply{Later: true}, nil
	case "back":
		return wizard.Reply{Back: true}, nil
	case "skip":
		_, reason, _ := strings.Cut(rest, " ")
		return wizard.Reply{Skip: reason}, nil
	}
	_, option, _ := strings.Cut(rest, " = ")
	list := []steps.Decision{{Question: q.ID, Where: where(q.Question), Option: option}}
	if verb == "alike" {
		for _, other := range q.Alike {
			list = append(list, steps.Decision{Question: other.ID, Where: where(other), Option: option})
		}
	}
	return wizard.Reply{Decisions: list}, nil
}

func where(q steps.Question) string {
	if q.Key != "" {
		return q.Key
	}
	return q.Path
}

// Review follows "review", "no", "skip" or "stop".
func (s *Script) Review(_ context.Context, r *wizard.Review) (wizard.Verdict, error) {
	name := r.Plan.Step.Name
	if s.OnShow != nil {
		s.OnShow(name)
	}
	s.Seen = append(s.Seen, describe(r.Plan))
	var declined []steps.Decision
	plan := r.Plan
	for {
		verb, rest := s.next("review of "+name, func(verb, subject string) bool {
			return subject == name && (verb == "review" || verb == "no" || verb == "skip" || verb == "stop" || verb == "undo")
		})
		_, rest, _ = strings.Cut(rest, " ")
		switch verb {
		case "skip":
			return wizard.Verdict{Skip: rest}, nil
		case "stop":
			return wizard.Verdict{Decisions: declined}, wizard.ErrAborted
		case "undo":
			if !r.Back {
				s.t.Fatalf("undo %s: there is no answer to take back", name)
			}
			return wizard.Verdict{Back: true, Decisions: declined}, nil
		case "no":
			declined = append(declined, steps.Decision{Question: steps.Apply, Where: rest, Option: "no"})
			var err error
			if plan, err = r.Replan(declined...); err != nil {
				s.t.Fatal(err)
			}
			s.Seen = append(s.Seen, describe(plan))
			continue
		}
		return wizard.Verdict{Plan: plan, Decisions: declined}, nil
	}
}

func describe(p *steps.Plan) string {
	n := 0
	for _, f := range p.Findings {
		if f.Applied {
			n++
		}
	}
	return fmt.Sprintf("%s: %d places in %d files", p.Step.Name, n, len(p.Files))
}

// TakeBack follows "ask revert = WAY", or "stop", where taking the step back
// would break something; else it takes it back.
func (s *Script) TakeBack(_ context.Context, t *wizard.TakeBack) (wizard.Way, error) {
	if !t.Reversal.Worse() {
		return wizard.Alone, nil
	}
	_, rest := s.next("how to take back "+t.Reversal.Step, func(verb, subject string) bool { return verb == "ask" && subject == "revert" })
	_, option, _ := strings.Cut(rest, " = ")
	if option == "stop" {
		return wizard.Undecided, wizard.ErrAborted
	}
	return wizard.Way(option), nil
}

// Message accepts, unless the script's next line is "again".
func (s *Script) Message(_ context.Context, m *wizard.Proposal) error {
	if len(s.lines) > 0 && s.lines[0] == "again "+m.Plan.Step.Name {
		s.lines = s.lines[1:]
		return wizard.ErrBack
	}
	return nil
}

// HookFailed follows "hook".
func (s *Script) HookFailed(_ context.Context, e *gitops.HookError) (wizard.HookChoice, error) {
	_, choice := s.next("hook "+e.Hook+" failed", func(verb, _ string) bool { return verb == "hook" })
	switch choice {
	case "retry":
		return wizard.RetryHook, nil
	case "without":
		return wizard.WithoutHooks, nil
	case "stop":
		return wizard.StopAtHook, nil
	}
	s.t.Fatalf("hook %s: want retry, without or stop", choice)
	return wizard.StopAtHook, nil
}

// Say remembers the event.
func (s *Script) Say(e wizard.Event) { s.Events = append(s.Events, e) }
