package tui

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"spanwalk/rewrite"
	"spanwalk/steps"
	"spanwalk/wizard"
)

var update = flag.Bool("update", false, "rewrite the golden screens")

// sample is a step with findings of every kind: calls of old() are safe, of
// risky() to be reviewed, of either() have two ways, of byhand() are manual.
// Their shape is their number of arguments.
var sample = &steps.Step{
	Name: "sample", Title: "rename old calls", Why: "Old calls go silent. New ones do not.", Link: "https://example.org/#old",
	Doc: "Rewrites calls.", Before: "old(1)\n", After: "new(1)\n",
	Find: func(p *steps.Pass) error {
		for _, f := range p.Project.Files() {
			f.Module.Walk(func(n *rewrite.Node) bool {
				if n.Is("call") {
					reportCall(p, n)
				}
				return true
			})
		}
		return nil
	},
}

func reportCall(p *steps.Pass, n *rewrite.Node) {
	name := n.Child("function")
	become := func(text string) []rewrite.Edit {
		return []rewrite.Edit{{Start: name.Start, End: name.End, New: text}}
	}
	f := steps.Finding{Shape: fmt.Sprintf("%s with %d arguments", name.Text(), len(n.Child("arguments").Children)), Message: "a call of " + name.Text() + "()"}
	switch name.Text() {
	case "old":
		f.Tier, f.Edits = steps.Safe, become("new")
	case "risky":
		f.Tier, f.Edits, f.Message = steps.Review, become("maybe"), "the argument may be None here"
	case "either":
		f.Tier, f.Edits = steps.Safe, become("first")
		f.Alternatives = []steps.Alternative{{ID: "second", Title: "call second(): slower, exact", Edits: become("second")}}
	case "byhand":
		f.Tier = steps.Manual
	default:
		return
	}
	p.Report(n, name.Text(), f)
}

// planned returns the review of the sample step on some files.
func planned(t *testing.T, files map[string]string) *wizard.Review {
	t.Helper()
	var list []*rewrite.File
	for path, text := range files {
		f, err := rewrite.Parse(path, []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	project := rewrite.NewProject(list, nil, nil)
	replan := func(more ...steps.Decision) (*steps.Plan, error) {
		return steps.Make(sample, project, steps.NewDecisions(more...), steps.Policy{})
	}
	plan, err := replan()
	if err != nil {
		t.Fatal(err)
	}
	return &wizard.Review{Plan: plan, Project: project, Number: 3, Of: 21, Replan: replan, Decided: map[string]string{}}
}

const shop = `import api


def place(cart):
    total = old(cart)
	# a tab, a wide 日本 text and an escape \x1b in a comment
    old(total, "ünïcode text that is rather long so that it must wrap somewhere on narrow screens")
    risky(total)
    return either(total)


def pay(card):
    old(card)
    byhand(card)
`

func shopReview(t *testing.T) *wizard.Review {
	text := strings.ReplaceAll(strings.ReplaceAll(shop, `\x1b`, "\x1b"), "\t#", "    #")
	return planned(t, map[string]string{"app/shop.py": text, "app/late.py": "def late():\n    return old(1)\n"})
}

// look returns a theme with fixed colours.
func look(l Look) *theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.TrueColor)
	r.SetHasDarkBackground(l != Light)
	if l == NoColour {
		r.SetColorProfile(termenv.Ascii)
	}
	return themeOf(r, l)
}

// press sends keys to a model; names of keys stand in angle brackets.
func press(m tea.Model, keys string) tea.Cmd {
	var cmd tea.Cmd
	for keys != "" {
		name, rest := keys[:1], keys[1:]
		if strings.HasPrefix(keys, "<") {
			if end := strings.IndexByte(keys, '>'); end > 0 {
				name, rest = keys[1:end], keys[end+1:]
			}
		}
		_, cmd = m.Update(keyMsg(name))
		keys = rest
	}
	return cmd
}

func keyMsg(name string) tea.KeyMsg {
	for kind, known := range map[tea.KeyType]string{tea.KeyEnter: "enter", tea.KeyTab: "tab", tea.KeyUp: "up", tea.KeyDown: "down", tea.KeyPgUp: "pgup",
		tea.KeyPgDown: "pgdown", tea.KeyEsc: "esc", tea.KeyCtrlC: "ctrl+c", tea.KeyBackspace: "backspace", tea.KeyHome: "home", tea.KeyEnd: "end",
		tea.KeyLeft: "left", tea.KeyRight: "right"} {
		if name == known {
			return tea.KeyMsg{Type: kind}
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// quits reports whether a command ends the program.
func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	_, ok := cmd().(tea.QuitMsg)
	return ok
}

// golden compares a screen with the file that holds it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Errorf("%s (-want +got); go test ./wizard/tui -update if it is meant:\n%s", path, diff)
	}
}

// at is the time in all tests.
func at0() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func noEnv(string) string { return "" }
