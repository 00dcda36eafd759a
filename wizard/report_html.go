package wizard

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"spanwalk/rewrite"
)

//go:embed report.html
var reportPage string

// HTML writes the report as one page that needs nothing else: no script, no
// font, no image. The diffs of the commits stand side by side, with the words
// that changed marked.
func (r *Report) HTML(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"count": count, "sides": sides, "cell": besideOf, "summary": r.summary, "mixed": nowMixed,
	}).Parse(reportPage)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := page.Execute(w, r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// sideRow is a row of a diff: a line of each side, or a heading across both.
type sideRow struct {
	Heading  string
	Old, New *sideCell // nil where a side has no line
}

// sideCell is one line, in pieces that are marked or not.
type sideCell struct {
	Line   int
	Sign   string // "-", "+", or "" for a line that stays
	Pieces []sidePiece
	NoEnd  bool
}

// beside is a cell and the side it stands on: "old" or "new".
type beside struct {
	Cell *sideCell
	Side string
}

func besideOf(c *sideCell, side string) beside { return beside{c, side} }

type sidePiece struct {
	Text   string
	Marked bool
}

// sides lays the change of a file out in two columns: lines that were replaced
// stand beside what replaced them.
func sides(before, after []byte) []sideRow {
	var out []sideRow
	for _, h := range rewrite.Hunks(before, after) {
		out = append(out, sideRow{Heading: fmt.Sprintf("@@ -%d +%d @@ %s", h.OldStart, h.NewStart, h.Heading)})
		var gone, come []*sideCell
		flush := func() {
			for i := range max(len(gone), len(come)) {
				row := sideRow{}
				if i < len(gone) {
					row.Old = gone[i]
				}
				if i < len(come) {
					row.New = come[i]
				}
				out = append(out, row)
			}
			gone, come = nil, nil
		}
		for _, l := range h.Lines {
			switch l.Op {
			case '-':
				if len(come) > 0 {
					flush()
				}
				gone = append(gone, newSideCell(l, l.Old, "-"))
			case '+':
				come = append(come, newSideCell(l, l.New, "+"))
			default:
				flush()
				out = append(out, sideRow{Old: newSideCell(l, l.Old, ""), New: newSideCell(l, l.New, "")})
			}
		}
		flush()
	}
	return out
}

func newSideCell(l rewrite.DiffLine, line int, sign string) *sideCell {
	c := &sideCell{Line: line, Sign: sign, NoEnd: l.NoEnd}
	text := strings.TrimSuffix(l.Text, "\r") // a browser would break the line there
	at := 0
	add := func(end int, marked bool) {
		if end = min(end, len(text)); end > at {
			c.Pieces = append(c.Pieces, sidePiece{strings.ToValidUTF8(text[at:end], "\uFFFD"), marked})
			at = end
		}
	}
	for _, m := range l.Marks {
		add(m.Start, false)
		add(m.End, true)
	}
	add(len(text), false)
	return c
}
