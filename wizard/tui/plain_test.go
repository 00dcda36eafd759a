package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// typed returns plain lines that read these, and what they print.
func typed(lines ...string) (*Plain, *bytes.Buffer) {
	out := &bytes.Buffer{}
	return NewPlain(Options{In: strings.NewReader(strings.Join(append(lines, ""), "\n")), Out: out, Look: Auto,
		Checklist: func() (*wizard.Status, error) { return status(), nil }, Getenv: noEnv, Now: at0}), out
}

// TestPlainTranscript walks every kind of screen once and holds what was
// printed to a file.
func TestPlainTranscript(t *testing.T) {
	p, out := typed(
		"list", "what", "look", "branch", // start
		"why", "2", "maybe", "yes", // question
		"help", "no", "undo", "all", "yes", "comment", "other", "yes", "search nothing", "yes", "comment 1", "go on", // review
		"edit", "My subject", "", "My body", ".", "commit", // commit
		"without", // hook
		"finish",  // recovery
	)
	ctx := context.Background()
	r := shopReview(t)
	start, err := p.Overview(ctx, overview(r))
	if err != nil || start.Branch != "spanwalk/streaming" {
		t.Fatalf("start %+v, %v", start, err)
	}
	q := question(r)
	q.Step = sample
	reply, err := p.Ask(ctx, q)
	if err != nil || len(reply.Decisions) != 2 || reply.Decisions[0].Option != "current" {
		t.Fatalf("reply %+v, %v", reply, err)
	}
	v, err := p.Review(ctx, r)
	if err != nil || len(v.Decisions) != 6 {
		t.Fatalf("verdict %+v, %v", v.Decisions, err)
	}
	m := proposal(r)
	if err := p.Message(ctx, m); err != nil || m.Subject != "My subject" || m.Body != "My body" {
		t.Fatalf("message %q %q, %v", m.Subject, m.Body, err)
	}
	if choice, err := p.HookFailed(ctx, &gitops.HookError{Hook: "pre-commit", Output: "\x1b[31mno\x1b[0m"}); err != nil || choice != wizard.WithoutHooks {
		t.Fatalf("hook %v, %v", choice, err)
	}
	if choice, err := p.Unfinished(ctx, wizard.Unfinished{Step: "sample", State: gitops.PendingState{After: []string{"a.py"}}}); err != nil || choice != wizard.Finish {
		t.Fatalf("recovery %v, %v", choice, err)
	}
	p.Say(wizard.Event{Kind: wizard.Warning, Text: "a\x1b[2Jb changed"})
	if bytes.ContainsRune(out.Bytes(), '\x1b') {
		t.Error("an escape byte")
	}
	golden(t, "plain", out.String())
}

// TestPlainReachesEveryDecision says every word of the review once and looks
// at what it does.
func TestPlainReachesEveryDecision(t *testing.T) {
	for _, test := range []struct {
		name, lines, want string
	}{
		{"yes to all", "yes;yes;yes;yes;yes;yes;go on", "yes yes yes yes yes yes"},
		{"letters", "y;n;y;n;y;n;1", "yes no yes no yes no"},
		{"all", "all;yes;yes;yes;yes;go on", "yes yes yes yes yes yes"},
		{"all, not sure", "all;no;none;yes;yes;yes;yes;go on", "no no no yes yes yes"},
		{"rest", "next;rest;yes;yes;go on", "yes yes yes yes yes yes"},
		{"rest no", "next;rest no;no;yes;go on", "yes no no no no no"},
		{"comment", "comment;all;yes;yes;yes;no;go on", "marked yes yes yes yes no"},
		{"other way", "all;yes;yes;other;yes;yes;go on", "yes yes yes yes second yes"},
		{"undo", "no;undo;all;yes;yes;yes;yes;go on", "yes yes yes yes yes yes"},
		{"undo at the end", "all;yes;yes;yes;yes;undo;no;go on", "yes yes yes yes yes no"},
		{"split", "split;all;all;yes;yes;yes;yes;go on", "yes yes yes yes yes yes"},
		{"search", "search risky;no;all;yes;yes;yes;go on", "yes yes yes yes yes no"},
		{"moves", "last;no;first;previous;next;previous;all;yes;yes;yes;go on", "yes yes yes yes yes no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, out := typed(strings.Split(test.lines, ";")...)
			r := shopReview(t)
			if _, err := p.Review(context.Background(), r); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			m := &reviewing{places: p.screen.reviewed}
			if got := strings.ReplaceAll(choices(m), ">", ""); got != test.want {
				t.Errorf("places %s, want %s\n%s", got, test.want, out)
			}
		})
	}
}

// TestEndOfInputStops: at every prompt the end of input is an abort, never an
// answer.
func TestEndOfInputStops(t *testing.T) {
	ctx := context.Background()
	r := shopReview(t)
	for name, ask := range map[string]func(*Plain) error{
		"start":    func(p *Plain) error { _, err := p.Overview(ctx, overview(r)); return err },
		"question": func(p *Plain) error { _, err := p.Ask(ctx, question(r)); return err },
		"review":   func(p *Plain) error { _, err := p.Review(ctx, shopReview(t)); return err },
		"message":  func(p *Plain) error { return p.Message(ctx, proposal(r)) },
		"hook":     func(p *Plain) error { _, err := p.HookFailed(ctx, &gitops.HookError{}); return err },
		"recovery": func(p *Plain) error { _, err := p.Unfinished(ctx, wizard.Unfinished{}); return err },
	} {
		for _, input := range []string{"", "1", "quit\n"} {
			p := NewPlain(Options{In: strings.NewReader(input), Out: io.Discard, Getenv: noEnv, Now: at0})
			if err := ask(p); !errors.Is(err, wizard.ErrAborted) {
				t.Errorf("%s, input %q: %v", name, input, err)
			}
		}
	}
	p := NewPlain(Options{In: strings.NewReader("2\n"), Out: io.Discard, Getenv: noEnv, Now: at0})
	if reply, err := p.Ask(ctx, question(r)); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("input ends before the answer is complete: %+v, %v", reply, err)
	}
}

func TestSignalStopsPlainLines(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, w := io.Pipe()
	defer w.Close()
	p := NewPlain(Options{In: in, Out: io.Discard, Getenv: noEnv, Now: at0})
	cancel()
	if _, err := p.Ask(ctx, question(shopReview(t))); !errors.Is(err, wizard.ErrAborted) {
		t.Errorf("%v", err)
	}
}

func TestAnswersGivenBeforeStoppingAreKept(t *testing.T) {
	p, _ := typed("yes", "no", "quit")
	v, err := p.Review(context.Background(), shopReview(t))
	if !errors.Is(err, wizard.ErrAborted) || len(v.Decisions) != 2 || v.Decisions[1] != (steps.Decision{Question: steps.Apply, Where: "app/shop.py::place/old#1", Option: "no"}) {
		t.Errorf("%+v, %v", v.Decisions, err)
	}
}

func TestBackToTheReviewKeepsItsAnswers(t *testing.T) {
	p, out := typed("all", "yes", "yes", "yes", "yes", "go on", "back", "undo", "no", "go on")
	ctx := context.Background()
	r := shopReview(t)
	if _, err := p.Review(ctx, r); err != nil {
		t.Fatal(err)
	}
	if err := p.Message(ctx, proposal(r)); !errors.Is(err, wizard.ErrBack) {
		t.Fatalf("%v", err)
	}
	v, err := p.Review(ctx, r)
	if err != nil || len(v.Decisions) != 6 || v.Decisions[5].Option != no {
		t.Errorf("%+v, %v\n%s", v.Decisions, err, out)
	}
}

func TestWanted(t *testing.T) {
	for env, want := range map[string]bool{"TERM=dumb": true, "TERM=xterm": false, "ACCESSIBLE=1": true, "X=1": false} {
		name, value, _ := strings.Cut(env, "=")
		if got := Wanted(func(asked string) string { return map[string]string{name: value}[asked] }); got != want {
			t.Errorf("%s: %v", env, got)
		}
	}
}
