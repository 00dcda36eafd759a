package tui

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// fold breaks text at spaces, and nowhere else where that can be helped, to
// lines of at most width columns; further lines begin with indent. A command
// can be copied, whatever hyphens it has.
func fold(text string, width int, indent string) []string {
	inner := max(width-ansi.StringWidth(indent), 10)
	var out []string
	for _, paragraph := range strings.Split(visible(text), "\n") {
		line := ""
		put := func() {
			if len(out) > 0 {
				line = indent + line
			}
			out, line = append(out, line), ""
		}
		for _, word := range strings.Fields(paragraph) {
			if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) > inner {
				put()
			}
			if line != "" {
				line += " "
			}
			line += word
			for ansi.StringWidth(line) > inner {
				rest := ansi.TruncateLeft(line, inner, "")
				line = ansi.Truncate(line, inner, "")
				put()
				line = rest
			}
		}
		put()
	}
	return out
}

// visible writes control characters as what they look like in caret notation,
// so that a file cannot talk to the terminal. Line ends and tabs stay.
func visible(text string) string {
	if strings.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r < ' ':
			b.WriteString("^" + string(r+'@'))
		default:
			fmt.Fprintf(&b, "<%04x>", r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}

// tabWidth is how wide a tab is drawn.
const tabWidth = 4

// detab draws tabs as spaces up to the next stop.
func detab(text string) string {
	if !strings.ContainsRune(text, '\t') {
		return text
	}
	var b strings.Builder
	column := 0
	for _, r := range text {
		if r == '\t' {
			n := tabWidth - column%tabWidth
			b.WriteString(strings.Repeat(" ", n))
			column += n
			continue
		}
		b.WriteRune(r)
		column++
	}
	return b.String()
}

// ends puts one text at each end of a line of the given width; where both do
// not fit the right one goes to a line of its own.
func ends(left, right string, width int) []string {
	gap := width - ansi.StringWidth(left) - ansi.StringWidth(right)
	switch {
	case right == "":
		return []string{ansi.Truncate(left, width, "…")}
	case gap < 2:
		return []string{ansi.Truncate(left, width, "…"), ansi.Truncate("   "+right, width, "…")}
	}
	return []string{left + strings.Repeat(" ", gap) + right}
}

// pad fills a text with spaces up to width columns.
func pad(text string, width int) string {
	if gap := width - ansi.StringWidth(text); gap > 0 {
		return text + strings.Repeat(" ", gap)
	}
	return text
}

// keysLine lays "key meaning" pairs out in lines of at most width columns.
func (t *theme) keysLine(pairs []hotkey, width int) []string {
	var out []string
	line, used := "", 0
	for _, k := range pairs {
		if k.short == "" {
			continue
		}
		n := ansi.StringWidth(k.name+k.short) + 1
		if used > 0 && used+2+n > width {
			out, line, used = append(out, line), "", 0
		}
		if used == 0 {
			line, used = " ", 1
		} else {
			line, used = line+"  ", used+2
		}
		line += t.accent.Render(k.name) + " " + t.dim.Render(k.short)
		used += n
	}
	return append(out, line)
}

// hotkey is a key of a screen.
type hotkey struct {
	name  string // as bubbletea spells it, shown as it is
	short string // in the line at the bottom
	long  string // on the page of keys
}

// clip cuts a text to width columns.
func clip(text string, width int) string { return ansi.Truncate(visible(text), max(width, 1), "…") }
