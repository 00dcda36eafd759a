package tui

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// region returns the whole lines of the source that the edits of a place
// touch around its site, as byte offsets.
func (x *place) region() (start, end int) {
	start, end = x.Start, x.End
	first, last := lineStart(x.source, x.Start), lineEnd(x.source, x.End)
	for _, e := range x.edits() {
		if e.Start <= last && e.End >= first {
			start, end = min(start, e.Start), max(end, e.End)
		}
	}
	return lineStart(x.source, start), lineEnd(x.source, end)
}

func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:min(at, len(src))], '\n') + 1 }

// lineEnd returns the offset behind the "\n" that ends the line of an offset.
// An offset at the start of a line belongs to the line before.
func lineEnd(src []byte, at int) int {
	at = min(at, len(src))
	if at > 0 && src[at-1] == '\n' {
		return at
	}
	if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(src)
}

// replacement returns the lines of the place's region as they would read, with
// what else was accepted on them.
func (p *places) replacement(x *place) string {
	start, end := x.region()
	var edits []rewrite.Edit
	for _, g := range p.groups {
		for _, y := range g.places {
			if y == x || y.Path == x.Path && y.choice != no && y.choice != marked {
				edits = append(edits, y.edits()...)
			}
		}
	}
	edits = slices.DeleteFunc(rewrite.SortEdits(edits), func(e rewrite.Edit) bool { return e.Start < start || e.End > end })
	for i := range edits {
		edits[i].Start -= start
		edits[i].End -= start
	}
	return string(rewrite.Apply(x.source[start:end], edits))
}

// setHand replaces the place's rewrite by lines a person wrote. Lines that
// would break the file are refused with an error that says where.
func (p *places) setHand(x *place, text string) error {
	if x.file == nil {
		return errors.New("only Python files can be edited here; o opens the file")
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	start, end := x.region()
	edit := rewrite.Edit{Start: start, End: end, New: text}
	if _, err := parses(x.file, []rewrite.Edit{edit}); err != nil {
		return err
	}
	x.hand = &edit
	return nil
}

// parses applies edits to a file and returns its new bytes on disk. The result
// must not hold more broken statements than before.
func parses(f *rewrite.File, edits []rewrite.Edit) ([]byte, error) {
	if err := rewrite.Validate(f, edits); err != nil {
		return nil, err
	}
	data, err := f.Encode(rewrite.Apply(f.Source, edits))
	if err != nil {
		return nil, err
	}
	parsed, err := rewrite.Parse(f.Path, data, nil)
	if err != nil {
		return nil, err
	}
	if len(parsed.Broken) > len(f.Broken) {
		line, _ := parsed.Line(parsed.Broken[0].Start)
		return nil, fmt.Errorf("the result would not parse: see line %d", line)
	}
	return data, nil
}

// shown returns the edits whose effect the diff of a place shows.
func (x *place) shown() []rewrite.Edit {
	if x.choice == marked {
		if e, ok := x.marker(); ok {
			return []rewrite.Edit{e}
		}
		return nil
	}
	if x.hand != nil {
		return overlay(x.edits(), *x.hand)
	}
	return x.edits()
}

// overlay puts a rewrite by hand in the place of the edits it covers.
func overlay(edits []rewrite.Edit, hand rewrite.Edit) []rewrite.Edit {
	out := slices.DeleteFunc(slices.Clone(edits), func(e rewrite.Edit) bool {
		return e.Start >= hand.Start && e.End <= hand.End
	})
	return rewrite.SortEdits(append(out, hand))
}

// marker returns the comment that marks a place as left to a person, above the
// statement it is in. ok is false where there can be none, or is one already.
func (x *place) marker() (e rewrite.Edit, ok bool) {
	if x.file == nil {
		return e, false
	}
	at := x.Start
	if n := x.file.At(x.Start, x.End); n != nil {
		if s := n.Statement(); s != nil {
			at = s.Start
		}
	}
	at = lineStart(x.source, at)
	tag := "# TODO(spanwalk[" + x.owner + "]):"
	before := lineStart(x.source, max(at-1, 0))
	if bytes.Contains(x.source[before:at], []byte(tag)) {
		return e, false
	}
	line := x.source[at:lineEnd(x.source, at+1)]
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	newline := "\n"
	if bytes.HasSuffix(line, []byte("\r\n")) {
		newline = "\r\n"
	}
	message := strings.Join(strings.Fields(x.Message), " ")
	return rewrite.Edit{Start: at, End: at, New: string(indent) + tag + " " + message + newline}, true
}

// byHand puts what was edited by hand, and the comments asked for, into a
// plan. The plan given is not changed.
func (p *places) byHand(plan *steps.Plan) (*steps.Plan, error) {
	extra, list := map[string][]rewrite.Edit{}, p.manual
	for _, g := range p.groups {
		list = append(list[:len(list):len(list)], g.places...)
	}
	for _, x := range list {
		switch {
		case x.choice == marked:
			if e, ok := x.marker(); ok {
				extra[x.Path] = append(extra[x.Path], e)
			}
		case x.hand != nil && x.applied():
			extra[x.Path] = append(extra[x.Path], *x.hand)
		}
	}
	if len(extra) == 0 {
		return plan, nil
	}
	out := *plan
	out.Files = slices.Clone(plan.Files)
	for path, edits := range extra {
		if err := amend(&out, p.review.Project.File(path), edits); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	slices.SortFunc(out.Files, func(a, b steps.FileChange) int { return strings.Compare(a.Path, b.Path) })
	return &out, nil
}

// amend lays further edits over what a plan does to a file.
func amend(plan *steps.Plan, f *rewrite.File, extra []rewrite.Edit) error {
	var edits []rewrite.Edit
	for _, g := range plan.Findings {
		if g.Path == f.Path && g.Applied {
			edits = append(edits, chosen(g)...)
		}
	}
	edits = rewrite.SortEdits(edits)
	at := slices.IndexFunc(plan.Files, func(c steps.FileChange) bool { return c.Path == f.Path })
	if planned, err := f.Encode(rewrite.Apply(f.Source, edits)); err != nil || at >= 0 && !bytes.Equal(planned, plan.Files[at].After) {
		return errors.New("the plan of this file does not add up; answer its places without editing")
	}
	for _, e := range extra {
		edits = overlay(edits, e)
	}
	after, err := parses(f, edits)
	if err != nil {
		return err
	}
	if at >= 0 {
		plan.Files[at].After = after
		return nil
	}
	before, err := f.Encode(f.Source)
	plan.Files = append(plan.Files, steps.FileChange{Path: f.Path, Before: before, After: after})
	return err
}

// chosen returns the edits a plan applies for a finding.
func chosen(f steps.Planned) []rewrite.Edit {
	for _, a := range f.Alternatives {
		if f.Choice != "" && a.ID == f.Choice {
			return a.Edits
		}
	}
	return f.Edits
}
