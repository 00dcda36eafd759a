package tui

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// What can be done with a commit that is ready.
const (
	commitNow  = "commit"
	commitEdit = "edit"
	commitBack = "back"
)

// Message shows the commit that is about to be made, until it is made or the
// review is wanted again.
func (s *Screen) Message(ctx context.Context, m *wizard.Proposal) error {
	if s.rest {
		s.stage.pause()
		return nil
	}
	note := ""
	for {
		choice := commitNow
		p := menuPage(s.theme, func(width int) []string { return s.theme.commitText(m, s.where(m), note, width) }, "", &choice, commitMenu(m))
		p.keys = []hotkey{{"u", "undo", "take the last answer back and show its place"}, {"c", "checklist", "the 23 items, measured now"}}
		p.does = map[string]string{"u": commitBack}
		p.pages = []pager{s.checklistPage()}
		action, err := s.ask(ctx, p)
		if err != nil {
			return err
		}
		if action == commitBack {
			choice, s.undoLast = commitBack, true
		}
		switch choice {
		case commitNow:
			s.stage.pause() // hooks and a pass phrase need the terminal
			return nil
		case commitBack:
			s.again = true
			return wizard.ErrBack
		}
		note = s.editMessage(ctx, m)
	}
}

func commitMenu(m *wizard.Proposal) []entry {
	how := "as " + m.Author
	if m.Signed {
		how += ", signed"
	}
	if len(m.Hooks) > 0 {
		how += "; hooks run: " + strings.Join(m.Hooks, ", ")
	}
	return []entry{
		{id: commitNow, word: "commit", text: "Commit", consequence: how},
		{id: commitEdit, word: "edit", text: "Edit the message", consequence: "in your editor"},
		{id: commitBack, word: "back", text: "Back to the review", consequence: "nothing is committed"},
	}
}

// applied counts the places a plan rewrites.
func applied(plan *steps.Plan) int {
	n := 0
	for _, f := range plan.Findings {
		if f.Applied {
			n++
		}
	}
	return n
}

// commitText shows what will be committed and under which message.
func (t *theme) commitText(m *wizard.Proposal, where, note string, width int) []string {
	ready, branch := "ready to commit", branchOfCommit(m)
	out := ends(" "+t.accent.Render(where), t.dim.Render(ready+" "+branch+" "), width)
	if len(out) > 1 {
		out = append(ends(" "+t.accent.Render(where), t.dim.Render(ready+" "), width), indented(fold(branch, width-4, ""), "   ")...)
	}
	return append(append(out, ""), t.commitAbout(m, note, width)...)
}

func branchOfCommit(m *wizard.Proposal) string {
	if m.Branch == "" {
		return "on no branch"
	}
	return "on " + visible(m.Branch)
}

// commitAbout shows what a commit holds and its message.
func (t *theme) commitAbout(m *wizard.Proposal, note string, width int) []string {
	var out []string
	sum := fmt.Sprintf("%s, %s changed", count(len(m.Plan.Files), "file"), count(applied(m.Plan), "place"))
	if left := len(m.Plan.Left()); left > 0 {
		sum += fmt.Sprintf(", %d left open", left)
	}
	say := func(style lipgloss.Style, text, indent string) {
		for _, line := range fold(text, width-4, indent) {
			out = append(out, "   "+style.Render(line))
		}
	}
	say(t.plain, sum, "")
	if text := mixedBecomes(m.Before, m.After); text != "" {
		say(t.plain, text, "")
	}
	out = append(out, "")
	say(t.bold, m.Subject, "")
	out = append(out, "")
	for _, line := range strings.Split(m.Body, "\n") {
		say(t.plain, line, "  ")
	}
	out = append(out, "")
	for _, trailer := range m.Trailers {
		say(t.dim, trailer.Key+": "+trailer.Value, "  ")
	}
	if note != "" {
		out = append(out, "")
		say(t.danger, note, "")
	}
	return out
}

// where says what is committed.
func (s *Screen) where(m *wizard.Proposal) string {
	if s.reverting {
		return "Revert " + m.Plan.Step.Name
	}
	return position(s.shown, s.of, m.Plan.Step.Name)
}

// mixedBecomes says what a commit does to the number of places that raise or go
// silent, and why there are any.
func mixedBecomes(before, after int) string {
	if before+after == 0 {
		return ""
	}
	text := fmt.Sprintf("%d → %d places raise or go silent", before, after)
	if before == after {
		text = mixedCount(after) + ", as before"
	}
	if after > 0 {
		text += ": code of the old API beside code of the new. Do not deploy this tree yet"
	}
	return text
}

// messageHelp stands below the message in the editor.
const messageHelp = `
# The first line is the subject. Lines that begin with # are dropped; an empty
# message keeps the one there was. These lines are added to every step's commit:
`

// editMessage has the message edited; what it returns is worth telling.
func (s *Screen) editMessage(ctx context.Context, m *wizard.Proposal) (note string) {
	var help strings.Builder
	help.WriteString(messageHelp)
	for _, trailer := range m.Trailers {
		fmt.Fprintf(&help, "#   %s: %s\n", trailer.Key, trailer.Value)
	}
	e, err := newEdited("COMMIT_EDITMSG", m.Subject+"\n\n"+m.Body+"\n"+help.String())
	if err != nil {
		return err.Error()
	}
	defer e.remove()
	cmd, err := editorCommand(ctx, s.options.Getenv, e.path, 1)
	if err != nil {
		return err.Error()
	}
	s.stage.pause()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.options.In, s.options.Out, os.Stderr
	if err := cmd.Run(); err != nil {
		return "the editor ended with " + err.Error() + "; the message is as it was"
	}
	text, err := e.read()
	if err != nil {
		return err.Error()
	}
	return takeMessage(m, text)
}

// takeMessage puts an edited text into a proposal.
func takeMessage(m *wizard.Proposal, text string) (note string) {
	var kept []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "#") {
			kept = append(kept, strings.TrimRight(line, " \t\r"))
		}
	}
	message := strings.Trim(strings.Join(kept, "\n"), "\n")
	if message == "" {
		return "the edited message was empty; this is the one there was"
	}
	subject, body, _ := strings.Cut(message, "\n")
	m.Subject, m.Body = subject, strings.Trim(body, "\n")
	return ""
}

// What can be done when a hook refused.
const (
	hookStop    = "stop"
	hookRetry   = "retry"
	hookWithout = "without"
)

func hookMenu(e *gitops.HookError) []entry {
	return []entry{
		{id: hookStop, word: "stop", text: "Stop here", consequence: "the step's files are as they were; your answers are kept"},
		{id: hookRetry, word: "retry", text: "Try again", consequence: "after you changed what " + e.Hook + " complains about"},
		{id: hookWithout, word: "without", text: "Commit without hooks", consequence: "recorded in the commit's message"},
	}
}

func hookChoice(id string) wizard.HookChoice {
	switch id {
	case hookRetry:
		return wizard.RetryHook
	case hookWithout:
		return wizard.WithoutHooks
	}
	return wizard.StopAtHook
}

// hookText shows what a hook said.
func (t *theme) hookText(e *gitops.HookError, width int) []string {
	out := []string{" " + t.danger.Render(clip("The hook "+e.Hook+" refused the commit", width-2)), ""}
	for _, line := range strings.Split(strings.TrimRight(e.Output, "\n"), "\n") {
		out = append(out, "   "+clip(detab(line), width-4))
	}
	return out
}

func unfinishedMenu() []entry {
	return []entry{
		{id: "finish", word: "finish", text: "Finish it", consequence: "the rest is written and the commit made"},
		{id: "undo", word: "undo", text: "Take it back", consequence: "the files are put back as they were before"},
	}
}

// unfinishedText says what an interrupted run left.
func (t *theme) unfinishedText(u wizard.Unfinished, width int) []string {
	what := "An earlier run was interrupted while it wrote"
	if u.Step != "" {
		what += " the step " + u.Step
	}
	out := indented(fold(what+".", width-2, ""), " ")
	out = append(out, "")
	for _, path := range u.State.After {
		out = append(out, "   written      "+clip(path, width-18))
	}
	for _, path := range u.State.Before {
		out = append(out, "   as it was    "+clip(path, width-18))
	}
	return out
}
