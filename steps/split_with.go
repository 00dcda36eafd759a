package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// splitWith turns "with a, b(): …" into "with a:" around "with b(): …", so that
// c.before runs between them. Brackets around the items go with all items of a
// side but one; several keep them, a line each where they had one.
func (c *creation) splitWith(stmt, item *rewrite.Node) {
	clause, body := item.Parent, stmt.Child("body")
	f := stmt.File
	if c.rootsIn(clause) > 1 {
		c.weaken(Manual, "several root spans share this with: nest them first")
		return
	}
	if f.LineSpan(body.Start) == f.LineSpan(clause.End) {
		c.weaken(Manual, "the block stands on the line of its with: lay it out first")
		return
	}
	w := &withSplit{file: f, stmt: stmt, item: item, clause: clause, unit: f.Style.Indent, inner: stmt.Indent() + f.Style.Indent}
	for i, other := range clause.Children {
		if other == item {
			w.earlier, w.later = clause.Children[:i], clause.Children[i:]
		}
	}
	w.bracketed = f.Source[clause.Start] == '(' && clause.Start < clause.Children[0].Start
	c.weaken(Review, "the with statement is split so that the new trace starts inside %s", brief(w.earlier[len(w.earlier)-1]))
	w.split(c.before)
	move := rewrite.Move{Start: w.from, End: blockEnd(stmt), Unit: w.unit}
	c.shorter = rewrite.Columns(w.unit)
	if !w.moved {
		c.shorter = 0
	} else if move.Start > item.Start {
		move.Start = item.Start // what its edits write moves too
	}
	if line := f.LineSpan(c.call.Start); c.call.End <= line.End {
		c.shorter = rewrite.Columns(w.prefix) - (rewrite.Columns(string(f.Source[line.Start:c.call.Start])))
	}
	c.extra = append(c.extra, w.edits...)
	c.moves = append(c.moves, move)
}

// withSplit is one with statement that is split in two.
type withSplit struct {
	file               *rewrite.File
	stmt, item, clause *rewrite.Node
	earlier, later     []*rewrite.Node // the items of both sides
	unit, inner        string          // one level of indentation, and that of the inner statement
	bracketed          bool
	edits              []rewrite.Edit

	prefix string // what stands before the item on its line in the end
	from   int    // behind which the lines move to the right
	moved  bool   // the item's own further lines move too
}

// keyword is "with " or "async with ".
func (w *withSplit) keyword() string {
	return strings.TrimRight(string(w.file.Source[w.stmt.Start:w.clause.Start]), " ") + " "
}

// split writes the two heads with the lines of before between them.
func (w *withSplit) split(before []string) {
	nl := w.file.Style.Newline
	previous := w.earlier[len(w.earlier)-1]
	own := w.bracketed && strings.TrimSpace(string(w.file.Source[w.file.LineSpan(w.item.Start).Start:w.item.Start])) == ""
	text := ":"
	switch {
	case w.bracketed && len(w.earlier) == 1 && !w.commented(w.clause.Start, previous.Start):
		w.edit(w.stmt.Start, previous.Start, w.keyword())
	case own:
		text = "," + nl + w.stmt.Indent() + "):"
	case w.bracketed:
		text = "):"
	}
	for _, c := range w.file.Comments {
		if c.Start >= previous.End && c.End <= w.item.Start {
			text += nl + w.inner + string(w.file.Source[c.Start:c.End])
		}
	}
	text += nl + w.inner + strings.Join(before, nl+w.inner) + nl
	w.prefix = w.inner + w.keyword()
	w.from, w.moved = w.file.LineSpan(w.item.Start).End, true
	last := w.later[len(w.later)-1]
	switch {
	case w.bracketed && len(w.later) == 1 && !w.commented(last.End, w.clause.End):
		w.edit(last.End, w.clause.End, "")
		if own {
			w.from, w.moved = w.file.LineSpan(w.clause.End).End, false
		}
	case own:
		text += w.prefix + "(" + nl
		w.prefix = w.inner + w.unit
	case w.bracketed:
		w.prefix += "("
	}
	w.edit(previous.End, w.item.Start, text+w.prefix)
}

func (w *withSplit) edit(start, end int, text string) {
	w.edits = append(w.edits, rewrite.Edit{Start: start, End: end, New: text})
}

func (w *withSplit) commented(start, end int) bool {
	for _, c := range w.file.Comments {
		if c.Start >= start && c.End <= end {
			return true
		}
	}
	return false
}
