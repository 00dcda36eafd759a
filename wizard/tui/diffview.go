package tui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"spanwalk/rewrite"
)

// Widths, in columns, from which the diff changes its form.
const (
	unifiedFrom = 60  // below, wrapped lines repeat their gutter
	splitFrom   = 140 // from here on, before and after stand side by side
)

// row is a line of a diff, ready to be drawn.
type row struct {
	op       byte // ' ', '-', '+'; '>' marks a line of interest, '#' a remark
	number   int  // the line's number on its side; 0 for none
	runs     []run
	trailing string // a remark behind the line, where there is room
}

// run is a piece of a line in one style.
type run struct {
	text   string
	class  class
	marked bool // a word that changed
}

// diffRows returns the rows of the change that edits make to a source. Hunks
// that touch the lines from first to last come first, the others after a
// remark.
func diffRows(source []byte, edits []rewrite.Edit, first, last int, python bool) []row {
	after := rewrite.Apply(source, edits)
	old, fresh := newPainter(source, python), newPainter(after, python)
	var near, far []row
	for _, h := range rewrite.Hunks(source, after) {
		rows := hunkRows(h, old, fresh)
		if h.OldStart <= last && h.OldStart+h.OldLines > first {
			near = append(near, rows...)
			continue
		}
		far = append(append(far, row{op: '#', runs: []run{{text: fmt.Sprintf("also, at line %d:", h.OldStart)}}}), rows...)
	}
	return append(near, far...)
}

// hunkRows returns the rows of one hunk.
func hunkRows(h rewrite.Hunk, old, fresh *painter) []row {
	var out []row
	for _, l := range h.Lines {
		r, paint := row{op: l.Op, number: l.Old}, old
		if l.Op == '+' {
			r.number, paint = l.New, fresh
		}
		r.runs = paint.line(r.number, l.Text, l.Marks)
		out = append(out, r)
	}
	return out
}

// codeRows returns the lines around a place, its own marked.
func codeRows(source []byte, first, last, around int, python bool) []row {
	p := newPainter(source, python)
	var out []row
	for n := max(1, first-around); n <= min(last+around, len(p.starts)); n++ {
		text := p.text(n)
		if n == len(p.starts) && text == "" {
			break
		}
		r := row{op: ' ', number: n, runs: p.line(n, text, nil)}
		if n >= first && n <= last {
			r.op = '>'
		}
		out = append(out, r)
	}
	return out
}

// painter knows the classes of a source's bytes by line.
type painter struct {
	source  string
	starts  []int
	classes []class
}

func newPainter(source []byte, python bool) *painter {
	p := &painter{source: string(source), starts: []int{0}}
	for i, b := range source {
		if b == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
	if python {
		p.classes = classify(p.source)
	}
	return p
}

// text returns a line, counted from 1, without its end.
func (p *painter) text(n int) string {
	end := len(p.source)
	if n < len(p.starts) {
		end = p.starts[n] - 1
	}
	return strings.TrimSuffix(p.source[p.starts[n-1]:end], "\r")
}

// line cuts a line into runs of one style. Tabs become spaces and control
// characters visible.
func (p *painter) line(n int, text string, marks []rewrite.Span) []run {
	text = strings.TrimSuffix(text, "\r")
	var out []run
	column := 0
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRuneInString(text[i:])
		piece := run{text: text[i : i+size]}
		if p.classes != nil && p.starts[n-1]+i < len(p.classes) {
			piece.class = p.classes[p.starts[n-1]+i]
		}
		for _, m := range marks {
			piece.marked = piece.marked || i >= m.Start && i < m.End
		}
		if piece.text == "\t" {
			piece.text = strings.Repeat(" ", tabWidth-column%tabWidth)
		} else {
			piece.text = visible(piece.text)
		}
		column += ansi.StringWidth(piece.text)
		if k := len(out) - 1; k >= 0 && out[k].class == piece.class && out[k].marked == piece.marked {
			out[k].text += piece.text
		} else {
			out = append(out, piece)
		}
		i += size
	}
	return out
}

// style returns how a run is drawn on a line of a kind.
func (t *theme) style(op byte, r run) lipgloss.Style {
	switch {
	case op == '#':
		return t.dim
	case r.marked && op == '+':
		return t.addedWord
	case r.marked && op == '-':
		return t.removedWord
	}
	switch r.class {
	case keyword:
		return t.keyword
	case text:
		return t.text
	case comment:
		return t.dim
	case number:
		return t.number
	}
	switch op {
	case '+':
		return t.added
	case '-':
		return t.removed
	}
	return t.plain
}

// signStyle is the style of a line's sign and number.
func (t *theme) signStyle(op byte) lipgloss.Style {
	switch op {
	case '+':
		return t.added
	case '-':
		return t.removed
	case '>':
		return t.accent
	}
	return t.dim
}

// drawRows draws a diff at a width: side by side where there is room for both,
// unified below.
func (t *theme) drawRows(rows []row, width int) []string {
	digits := 1
	for _, r := range rows {
		digits = max(digits, len(fmt.Sprint(r.number)))
	}
	if width >= splitFrom && changes(rows) {
		return t.drawSplit(rows, width, digits)
	}
	var out []string
	for _, r := range rows {
		out = append(out, t.drawRow(r, width, digits, width < unifiedFrom)...)
	}
	return out
}

// changes reports whether any row comes or goes.
func changes(rows []row) bool {
	for _, r := range rows {
		if r.op == '-' || r.op == '+' {
			return true
		}
	}
	return false
}

// drawRow draws one row on as many lines as it needs. Further lines repeat the
// gutter, or leave it blank.
func (t *theme) drawRow(r row, width, digits int, repeat bool) []string {
	if r.op == '#' {
		return []string{t.dim.Render(ansi.Truncate("   "+r.runs[0].text, width, "…"))}
	}
	sign := string(r.op)
	space := "  "
	if repeat {
		space = " "
	}
	number := ""
	if r.number > 0 {
		number = fmt.Sprint(r.number)
	}
	gutter := fmt.Sprintf(" %s %*s%s", sign, digits, number, space)
	inner := max(width-len(gutter), 8)
	var out []string
	for i, line := range t.wrapRuns(r.op, r.runs, inner) {
		g := gutter
		if i > 0 && !repeat {
			g = strings.Repeat(" ", len(gutter)) // an empty gutter continues the line above
		}
		out = append(out, t.signStyle(r.op).Render(g)+line)
	}
	if k := len(out) - 1; r.trailing != "" && ansi.StringWidth(out[k])+3+ansi.StringWidth(r.trailing) <= width {
		out[k] += t.dim.Render("   " + r.trailing)
	}
	return out
}

// wrapRuns draws runs on lines of at most width columns, broken between words
// where there are some.
func (t *theme) wrapRuns(op byte, runs []run, width int) []string {
	var whole strings.Builder
	for _, r := range runs {
		whole.WriteString(r.text)
	}
	breaks := lineBreaks(whole.String(), width)
	var out []string
	var line strings.Builder
	at := 0 // bytes of the whole line drawn so far
	for _, r := range runs {
		style := t.style(op, r)
		text := r.text
		for len(breaks) > 0 && breaks[0] <= at+len(text) {
			cut := breaks[0] - at
			line.WriteString(render(style, text[:cut]))
			out = append(out, line.String())
			line.Reset()
			text, at, breaks = text[cut:], at+cut, breaks[1:]
		}
		line.WriteString(render(style, text))
		at += len(text)
	}
	return append(out, line.String())
}

func render(style lipgloss.Style, text string) string {
	if text == "" {
		return ""
	}
	return style.Render(text)
}

// lineBreaks returns the byte offsets at which a text is broken so that every
// line has at most width columns: behind a space or a comma or the like in its
// second half, else anywhere.
func lineBreaks(text string, width int) []int {
	var out []int
	used, soft, softUsed := 0, 0, 0
	for i, c := range text {
		n := ansi.StringWidth(string(c))
		if used+n > width {
			at := i
			if soft > 0 && softUsed >= width/2 {
				at = soft
			}
			out = append(out, at)
			used, soft = ansi.StringWidth(text[at:i]), 0
		}
		used += n
		if strings.ContainsRune(" ,([{=.", c) {
			soft, softUsed = i+utf8.RuneLen(c), used
		}
	}
	return out
}

// drawSplit draws before on the left and after on the right.
func (t *theme) drawSplit(rows []row, width, digits int) []string {
	half := (width - 3) / 2
	var out []string
	for i := 0; i < len(rows); {
		if rows[i].op == '#' {
			out = append(out, t.drawRow(rows[i], width, digits, false)...)
			i++
			continue
		}
		var left, right []row
		switch rows[i].op {
		case ' ', '>':
			left, right = rows[i:i+1], rows[i:i+1]
			i++
		default:
			for ; i < len(rows) && rows[i].op == '-'; i++ {
				left = append(left, rows[i])
			}
			for ; i < len(rows) && rows[i].op == '+'; i++ {
				right = append(right, rows[i])
			}
		}
		for k := range max(len(left), len(right)) {
			out = append(out, t.pair(at(left, k), at(right, k), half, digits)...)
		}
	}
	return out
}

// at returns a row's lines' source, nil beyond the end.
func at(list []row, i int) *row {
	if i < len(list) {
		return &list[i]
	}
	return nil
}

// pair draws two rows beside each other.
func (t *theme) pair(left, right *row, half, digits int) []string {
	var a, b []string
	if left != nil {
		a = t.drawRow(*left, half, digits, false)
	}
	if right != nil {
		b = t.drawRow(*right, half, digits, false)
	}
	var out []string
	for i := range max(len(a), len(b)) {
		var l, r string
		if i < len(a) {
			l = a[i]
		}
		if i < len(b) {
			r = b[i]
		}
		out = append(out, pad(l, half)+t.dim.Render(" │")+r)
	}
	return out
}
