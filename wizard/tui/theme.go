package tui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Look names a theme.
type Look string

// The looks. Colour never stands alone: every mark has a sign or a word too.
const (
	Auto        Look = "auto" // light or dark, as the terminal is; none if it has no colours
	Light       Look = "light"
	Dark        Look = "dark"
	ColourBlind Look = "colour-blind" // blue and orange for what comes and goes
	NoColour    Look = "none"
)

// Looks lists the names of all themes.
var Looks = []string{string(Auto), string(Light), string(Dark), string(ColourBlind), string(NoColour)}

// ParseLook returns the look of that name; the error lists the names.
func ParseLook(name string) (Look, error) {
	for _, look := range Looks {
		if name == look {
			return Look(look), nil
		}
	}
	return Auto, fmt.Errorf("there is no theme %q; there are %s", name, strings.Join(Looks, ", "))
}

// theme holds the styles of one look.
type theme struct {
	plain, bold, dim, accent, danger lipgloss.Style

	added, removed         lipgloss.Style // the sign and the line
	addedWord, removedWord lipgloss.Style // what changed within it
	keyword, text, number  lipgloss.Style // syntax

	renderer *lipgloss.Renderer
}

// palette names colours: accent, danger, dim, added, removed, backgrounds of
// changed words, keyword, string, number.
type palette struct {
	accent, danger, dim, added, removed, addedWord, removedWord, keyword, text, number string
}

var (
	onDark  = palette{"#8FB8FF", "#FF8A80", "#8A8F98", "#7FD88F", "#FF8A80", "#1F4D2B", "#5C2323", "#C9A0FF", "#E5C07B", "#7FD0D8"}
	onLight = palette{"#1F4FB8", "#B3261E", "#6A6F78", "#1B6E2D", "#B3261E", "#C6EFCE", "#F8CFCB", "#7A2FB0", "#8A5A00", "#0F6B75"}
)

// colourBlind keeps added and removed apart for everybody: blue and orange.
func (p palette) colourBlind(dark bool) palette {
	if dark {
		p.added, p.addedWord, p.removed, p.removedWord, p.danger = "#7DB7FF", "#123E73", "#FFB255", "#6B4100", "#FFB255"
	} else {
		p.added, p.addedWord, p.removed, p.removedWord, p.danger = "#0B57A4", "#CFE3FA", "#A14F00", "#FBDDB8", "#A14F00"
	}
	return p
}

// newTheme returns the styles of a look for a terminal. getenv is os.Getenv.
func newTheme(out io.Writer, look Look, getenv func(string) string) *theme {
	r := lipgloss.NewRenderer(out)
	if getenv("NO_COLOR") != "" || look == NoColour {
		r.SetColorProfile(termenv.Ascii)
	} else if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" && r.ColorProfile() == termenv.Ascii {
		r.SetColorProfile(termenv.ANSI256)
	}
	switch look {
	case Light:
		r.SetHasDarkBackground(false)
	case Dark:
		r.SetHasDarkBackground(true)
	}
	return themeOf(r, look)
}

// themeOf makes the styles for a renderer whose profile is settled.
func themeOf(r *lipgloss.Renderer, look Look) *theme {
	dark := r.ColorProfile() == termenv.Ascii || r.HasDarkBackground()
	p := onLight
	if dark {
		p = onDark
	}
	if look == ColourBlind {
		p = p.colourBlind(dark)
	}
	style := r.NewStyle
	color := func(name string) lipgloss.Style { return style().Foreground(lipgloss.Color(name)) }
	return &theme{
		renderer: r,
		plain:    style(), bold: style().Bold(true), dim: color(p.dim),
		accent: color(p.accent).Bold(true), danger: color(p.danger),
		added: color(p.added), removed: color(p.removed),
		addedWord:   color(p.added).Background(lipgloss.Color(p.addedWord)).Bold(true),
		removedWord: color(p.removed).Background(lipgloss.Color(p.removedWord)).Bold(true),
		keyword:     color(p.keyword), text: color(p.text), number: color(p.number),
	}
}

// form is the theme for huh. Without colours the chosen button is known by its
// brackets.
func (t *theme) form() *huh.Theme {
	h := huh.ThemeBase()
	styles := &h.Focused
	for range 2 {
		styles.Base = t.plain.PaddingLeft(1)
		styles.Card = styles.Base
		styles.Title, styles.NoteTitle = t.bold, t.bold
		styles.Description = t.dim
		styles.ErrorIndicator = t.danger.SetString(" !")
		styles.ErrorMessage = t.danger.SetString(" !")
		styles.SelectSelector = t.accent.SetString("> ")
		styles.Option, styles.UnselectedOption = t.plain, t.plain
		styles.SelectedOption = t.accent
		styles.FocusedButton = t.accent.PaddingRight(1).Transform(between("[", "]"))
		styles.BlurredButton = t.dim.PaddingRight(1).Transform(between(" ", " "))
		styles.Next = styles.FocusedButton
		styles.TextInput.Prompt, styles.TextInput.Cursor = t.accent, t.accent
		styles.TextInput.Placeholder, styles.TextInput.Text = t.dim, t.plain
		styles = &h.Blurred
	}
	h.Blurred.SelectSelector = t.bold.SetString("• ")
	h.Blurred.SelectedOption = t.bold
	h.Blurred.FocusedButton = t.bold.PaddingRight(1).Transform(between("(", ")"))
	h.FieldSeparator = t.plain.SetString("\n\n")
	return h
}

// between puts a text between two others.
func between(left, right string) func(string) string {
	return func(s string) string { return left + s + right }
}
