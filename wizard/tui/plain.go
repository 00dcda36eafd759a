package tui

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"spanwalk/gitops"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// plainWidth is where plain mode breaks its lines.
const plainWidth = 78

// Plain is the [wizard.Prompter] for screen readers, dumb terminals and pipes:
// numbered lines and words, nothing redrawn, no escape byte. The end of its
// input stops the walk.
type Plain struct {
	options Options
	in      *lines
	theme   *theme
	screen  *Screen // for what both share: where the walk is, the last review
}

// NewPlain returns a face of plain lines.
func NewPlain(o Options) *Plain {
	r := lipgloss.NewRenderer(o.Out)
	r.SetColorProfile(termenv.Ascii)
	t := themeOf(r, NoColour)
	return &Plain{options: o, in: newLines(o.In), theme: t, screen: &Screen{options: o, theme: t, began: o.Now()}}
}

// Close has nothing to give back.
func (p *Plain) Close() {}

// print writes lines without spaces at their ends.
func (p *Plain) print(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(p.options.Out, strings.TrimRight(visible(line), " "))
	}
}

// read prompts for a line. It is lower case unless it is free text.
func (p *Plain) read(ctx context.Context) (string, error) {
	fmt.Fprint(p.options.Out, "> ")
	text, err := p.in.read(ctx)
	if err != nil {
		fmt.Fprintln(p.options.Out)
	}
	return text, err
}

// word is something to type besides a number: what it does, and what it prints.
type word struct {
	name string
	does func() []string // nil ends the menu with the word
}

// menu asks until a number, an entry's word or one of the words is typed. It
// returns the entry's ID or the word.
func (p *Plain) menu(ctx context.Context, title string, list []entry, words ...word) (string, error) {
	show := func() {
		if title != "" {
			p.print(fold(title, plainWidth, "")...)
		}
		for i, e := range list {
			text := fmt.Sprintf("%d. %s.", i+1, strings.ReplaceAll(e.text, "  · ", ", "))
			if e.consequence != "" {
				text += " " + sentence(e.consequence)
			}
			p.print(fold(text, plainWidth, "   ")...)
		}
		names := []string{"Type a number"}
		for _, w := range words {
			names = append(names, w.name)
		}
		p.print(fold(strings.Join(append(names, "quit"), ", ")+".", plainWidth, "")...)
	}
	show()
	for {
		text, err := p.read(ctx)
		if err != nil {
			return "", err
		}
		text = strings.ToLower(text)
		if text == "quit" || text == "q" {
			return "", wizard.ErrAborted
		}
		if e, ok := pick(list, text); ok {
			return e.id, nil
		}
		i := indexWord(words, text)
		switch {
		case i < 0:
			p.print(fmt.Sprintf("%q is no answer here.", text))
			show()
		case words[i].does == nil:
			return words[i].name, nil
		default:
			p.print(words[i].does()...)
			show()
		}
	}
}

func indexWord(words []word, text string) int {
	for i, w := range words {
		if w.name == text {
			return i
		}
	}
	return -1
}

// pick returns the entry a person typed: its number, its word or its ID.
func pick(list []entry, text string) (entry, bool) {
	for i, e := range list {
		if text != "" && (text == strconv.Itoa(i+1) || text == e.word || text == strings.ToLower(e.id)) {
			return e, true
		}
	}
	return entry{}, false
}

// sentence writes a phrase as a sentence.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func (p *Plain) checklist() word {
	return word{"list", func() []string { return p.screen.words(plainWidth) }}
}

func (p *Plain) why(step *steps.Step, why string) word {
	return word{"why", func() []string { return p.theme.whyText(step, why, nil, plainWidth) }}
}

// Unfinished asks what to do about an interrupted change.
func (p *Plain) Unfinished(ctx context.Context, u wizard.Unfinished) (wizard.Recovery, error) {
	p.print(p.theme.unfinishedText(u, plainWidth)...)
	choice, err := p.menu(ctx, "What should become of it?", unfinishedMenu())
	if choice == "undo" {
		return wizard.Undo, err
	}
	return wizard.Finish, err
}

// Overview says what was found and asks how to begin.
func (p *Plain) Overview(ctx context.Context, o *wizard.Overview) (wizard.Start, error) {
	s := p.screen
	s.root, s.later, s.of = o.Root, newLater(o.Forecast), len(o.Forecast)
	if idleForecast(o) {
		return wizard.Start{Branch: p.options.Branch}, nil
	}
	p.print(p.theme.startText(o, p.options.Now().Sub(s.began), p.options.Now(), plainWidth)...)
	entries, _ := startMenu(o, p.options.Branch)
	for {
		choice, err := p.menu(ctx, "How should the walk begin?", entries, p.checklist())
		switch {
		case err != nil:
			return wizard.Start{}, err
		case choice == startBranch:
			return wizard.Start{Branch: branchOf(o, p.options.Branch)}, nil
		case choice == startHere:
			return wizard.Start{}, nil
		case choice == startQuit:
			return wizard.Start{}, wizard.ErrAborted
		}
		plans, err := o.Preview()
		if err != nil {
			return wizard.Start{}, err
		}
		p.print(p.theme.previewText(plans, plainWidth)...)
	}
}

// Ask puts one question.
func (p *Plain) Ask(ctx context.Context, q *wizard.Question) (wizard.Reply, error) {
	p.screen.number(q.Step)
	p.print("", fmt.Sprintf("Step %d of %d: %s. Question %d of %d.", p.screen.shown, p.screen.of, q.Step.Name, q.Number, q.Of))
	p.print(p.theme.questionAbout(q, plainWidth)...)
	choice, err := p.menu(ctx, q.Prompt, questionMenu(q), p.why(q.Step, q.Why), word{name: "undo"}, word{name: "leave out"}, p.checklist())
	switch {
	case err != nil:
		return wizard.Reply{}, err
	case choice == "undo":
		return wizard.Reply{Back: true}, nil
	case choice == answerLater:
		return wizard.Reply{Later: true}, nil
	case choice == "leave out":
		reason, err := p.text(ctx, "Why is the step left out?", notEmpty)
		return wizard.Reply{Skip: reason}, err
	case choice == answerOther:
		if choice, err = p.text(ctx, "Type the answer.", validFree(q)); err != nil {
			return wizard.Reply{}, err
		}
	}
	alike := false
	if n := len(q.Alike); n > 0 {
		alike, err = p.confirm(ctx, fmt.Sprintf("The same answer for the %d places alike? yes or no.", n+1))
	}
	return replyWith(q, choice, alike), err
}

// text asks for a line of text.
func (p *Plain) text(ctx context.Context, title string, valid func(string) error) (string, error) {
	for {
		p.print(title)
		text, err := p.read(ctx)
		if err != nil {
			return "", err
		}
		if err := valid(text); err == nil {
			return text, nil
		} else {
			p.print(sentence(err.Error()))
		}
	}
}

// confirm asks for yes or no.
func (p *Plain) confirm(ctx context.Context, text string) (bool, error) {
	for {
		p.print(fold(text, plainWidth, "")...)
		answer, err := p.read(ctx)
		switch strings.ToLower(answer) {
		case "yes", "y":
			return true, err
		case "no", "n":
			return false, err
		case "quit", "q":
			return false, wizard.ErrAborted
		}
		if err != nil {
			return false, err
		}
	}
}

// TakeBack says what taking a step back would do and asks how.
func (p *Plain) TakeBack(ctx context.Context, t *wizard.TakeBack) (wizard.Way, error) {
	p.print(p.theme.takeBackText(t, p.options.Now(), plainWidth)...)
	why := word{"why", func() []string { return p.theme.brokenText(t, plainWidth) }}
	choice, err := p.menu(ctx, "What shall happen?", takeBackMenu(t), why, p.checklist())
	return takenWay(choice), err
}

// Message shows the commit that is about to be made.
func (p *Plain) Message(ctx context.Context, m *wizard.Proposal) error {
	if p.screen.rest {
		return nil
	}
	note := ""
	for {
		p.print("", strings.Replace(p.screen.where(m), " · ", ": ", 1)+". Ready to commit "+branchOfCommit(m)+".")
		p.print(p.theme.commitAbout(m, note, plainWidth)...)
		entries := commitMenu(m)
		entries[1].consequence = "line by line"
		choice, err := p.menu(ctx, "", entries, p.checklist())
		switch {
		case err != nil:
			return err
		case choice == commitNow:
			return nil
		case choice == commitBack:
			p.screen.again = true
			return wizard.ErrBack
		}
		if note, err = p.editMessage(ctx, m); err != nil {
			return err
		}
	}
}

// editMessage reads a new message line by line.
func (p *Plain) editMessage(ctx context.Context, m *wizard.Proposal) (note string, err error) {
	p.print("Type the message: its subject, an empty line, its body. A line with a single period ends it.")
	var text []string
	for {
		line, err := p.read(ctx)
		if err != nil {
			return "", err
		}
		if line == "." {
			return takeMessage(m, strings.Join(text, "\n")), nil
		}
		text = append(text, line)
	}
}

// HookFailed asks how to go on.
func (p *Plain) HookFailed(ctx context.Context, e *gitops.HookError) (wizard.HookChoice, error) {
	p.print(p.theme.hookText(e, plainWidth)...)
	choice, err := p.menu(ctx, "How should the walk go on?", hookMenu(e))
	return hookChoice(choice), err
}

// Say writes what happened.
func (p *Plain) Say(e wizard.Event) { p.print(eventLines(e)...) }

// Wanted reports whether the environment asks for plain lines.
func Wanted(getenv func(string) string) bool {
	return getenv("TERM") == "dumb" || getenv("ACCESSIBLE") != ""
}

// editPlain opens a file in the person's editor and waits for it.
func (p *Plain) editPlain(ctx context.Context, path string, line int) error {
	cmd, err := editorCommand(ctx, p.options.Getenv, path, line)
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, p.options.Out, os.Stderr
	return cmd.Run()
}
