package tui

import (
	"fmt"
	"slices"
	"strings"

	"spanwalk/rewrite"
	"spanwalk/steps"
	"spanwalk/wizard"
)

// Choices about a place, besides the ID of one of its alternatives.
const (
	yes    = "yes"
	no     = "no"
	marked = "marked" // left alone with a comment that says what to do
)

// place is one site of a step that can be rewritten, or must be by hand.
type place struct {
	steps.Planned
	file   *rewrite.File // nil for a manifest
	source []byte        // the file as it is
	line   int           // 1-based
	inside string        // the function or class around it, "" at the top level

	owner  string // the step
	choice string // "" while undecided
	told   bool   // the choice was made before this review
	way    int    // the rewrite shown: 0 its own, then its alternatives
	hand   *rewrite.Edit
}

// group is the places of one tier and shape; splitting narrows it further.
type group struct {
	title  string
	tier   steps.Tier
	places []*place
	cut    int // how often it was split: by file, then by function
}

// places is a review under way: what is asked, what was answered and what is
// looked at. It knows no terminal.
type places struct {
	review *wizard.Review
	groups []*group
	manual []*place // nothing can be applied: they stay open
	notes  []steps.Planned
	g, i   int // the place looked at
	past   []answered
}

// answered remembers what an answer changed, for taking it back.
type answered struct {
	places []*place
	before []place // as they were
	g, i   int
}

// newPlaces sorts the findings of a review into groups: safe ones first, each
// tier in order of appearance.
func newPlaces(r *wizard.Review) *places {
	p := &places{review: r}
	byShape := map[string]*group{}
	for _, f := range r.Plan.Findings {
		switch {
		case f.Acknowledged:
		case len(f.Edits)+len(f.Alternatives) > 0:
			name := string(f.Tier) + " " + f.Shape
			if byShape[name] == nil {
				byShape[name] = &group{title: strings.TrimRight(f.Shape, ", "), tier: f.Tier}
				p.groups = append(p.groups, byShape[name])
			}
			byShape[name].places = append(byShape[name].places, newPlace(r, f))
		case f.Note:
			p.notes = append(p.notes, f)
		default:
			p.manual = append(p.manual, newPlace(r, f))
		}
	}
	slices.SortStableFunc(p.groups, func(a, b *group) int { return rank(a.tier) - rank(b.tier) })
	p.next(0, 0)
	return p
}

func rank(t steps.Tier) int { return slices.Index([]steps.Tier{steps.Safe, steps.Review}, t) }

func newPlace(r *wizard.Review, f steps.Planned) *place {
	x := &place{Planned: f, file: r.Project.File(f.Path), owner: r.Plan.Step.Name, choice: r.Decided[f.Key]}
	x.told = x.choice != ""
	if x.file != nil {
		x.source = x.file.Source
	} else {
		x.source = r.Project.Other(f.Path)
	}
	x.line = 1 + strings.Count(string(x.source[:min(f.Start, len(x.source))]), "\n")
	_, inner, _ := strings.Cut(f.Key, "::")
	x.inside = inner[:max(0, strings.LastIndexByte(inner, '/'))]
	for i, a := range f.Alternatives {
		if a.ID == x.choice || len(f.Edits) == 0 && x.way == 0 {
			x.way = i + 1
		}
	}
	return x
}

// edits returns the rewrite shown.
func (x *place) edits() []rewrite.Edit {
	if x.way > 0 {
		return x.Alternatives[x.way-1].Edits
	}
	return x.Edits
}

// taken is the choice that a yes to the shown rewrite stands for.
func (x *place) taken() string {
	if x.way > 0 {
		return x.Alternatives[x.way-1].ID
	}
	return yes
}

// applied reports whether the place is to be rewritten.
func (x *place) applied() bool { return x.choice != "" && x.choice != no && x.choice != marked }

// ways returns how many rewrites there are to choose from.
func (x *place) ways() int {
	if len(x.Edits) == 0 {
		return len(x.Alternatives)
	}
	return 1 + len(x.Alternatives)
}

// title says which rewrite is shown, "" when there is only one.
func (x *place) title() string {
	switch {
	case x.way > 0:
		return x.Alternatives[x.way-1].Title
	case len(x.Alternatives) > 0:
		return "as proposed"
	}
	return ""
}

// turn shows the next rewrite of the place looked at.
func (p *places) turn() bool {
	x := p.current()
	if x == nil || x.ways() < 2 {
		return false
	}
	x.hand = nil
	x.way = (x.way + 1) % (1 + len(x.Alternatives))
	if x.way == 0 && len(x.Edits) == 0 {
		x.way = 1
	}
	return true
}

// current returns the place looked at, nil when there is none.
func (p *places) current() *place {
	if p.g >= len(p.groups) {
		return nil
	}
	return p.groups[p.g].places[p.i]
}

// total returns how many places are asked about and how many still wait.
func (p *places) total() (all, open int) {
	for _, g := range p.groups {
		all += len(g.places)
		open += len(g.open())
	}
	return all, open
}

func (g *group) open() []*place {
	var out []*place
	for _, x := range g.places {
		if x.choice == "" {
			out = append(out, x)
		}
	}
	return out
}

// files returns how many files the places lie in.
func files(list []*place) int {
	seen := map[string]bool{}
	for _, x := range list {
		seen[x.Path] = true
	}
	return len(seen)
}

// answer records a choice about some places and looks at the next open one.
func (p *places) answer(list []*place, choose func(*place) string) {
	a := answered{g: p.g, i: p.i}
	for _, x := range list {
		a.places, a.before = append(a.places, x), append(a.before, *x)
		x.choice, x.told = choose(x), false
	}
	p.past = append(p.past, a)
	p.next(p.g, p.i)
}

// accept says yes to the rewrite shown.
func accept(x *place) string { return x.taken() }

// decline says no.
func decline(*place) string { return no }

// undo takes the last answer back and looks at its place again.
func (p *places) undo() bool {
	n := len(p.past)
	if n == 0 {
		return false
	}
	a := p.past[n-1]
	p.past = p.past[:n-1]
	for i, x := range a.places {
		*x = a.before[i]
	}
	p.g, p.i = p.find(a.places[0])
	return true
}

func (p *places) find(x *place) (g, i int) {
	for g := range p.groups {
		if i := slices.Index(p.groups[g].places, x); i >= 0 {
			return g, i
		}
	}
	return 0, 0
}

// rest returns the open places from the one looked at to the end of its file,
// of its tier or a surer one: a yes to safe places says nothing about others.
func (p *places) rest() []*place {
	x := p.current()
	var out []*place
	for _, g := range p.groups {
		for _, y := range g.open() {
			if y.Path == x.Path && y.Start >= x.Start && rank(y.Tier) <= rank(x.Tier) {
				out = append(out, y)
			}
		}
	}
	if !slices.Contains(out, x) {
		out = append(out, x)
	}
	return out
}

// alike returns the open places of the group looked at, and the one looked at.
func (p *places) alike() []*place {
	out := p.groups[p.g].open()
	if x := p.current(); !slices.Contains(out, x) {
		out = append(out, x)
	}
	return out
}

// next looks at the first open place from a position on, else from the start.
// Without one it stays.
func (p *places) next(g, i int) bool {
	return p.seek(g, i, +1, func(x *place) bool { return x.choice == "" })
}

// seek looks at the nearest place that fits, going round in one direction and
// trying the position itself first.
func (p *places) seek(g, i, by int, fits func(*place) bool) bool {
	flat, at := p.flat(g, i)
	for k := range flat {
		x := flat[((at+by*k)%len(flat)+len(flat))%len(flat)]
		if fits(x) {
			p.g, p.i = p.find(x)
			return true
		}
	}
	return false
}

// flat returns all places in order and the index of a position.
func (p *places) flat(g, i int) (list []*place, at int) {
	for k, gr := range p.groups {
		if k == g {
			at = len(list) + i
		}
		list = append(list, gr.places...)
	}
	return list, at
}

// move looks at the place that many further on; open skips answered ones.
func (p *places) move(by int, open bool) bool {
	flat, at := p.flat(p.g, p.i)
	for at += by; at >= 0 && at < len(flat); at += by {
		if !open || flat[at].choice == "" {
			p.g, p.i = p.find(flat[at])
			return true
		}
	}
	return false
}

// end looks at the first or the last place.
func (p *places) end(last bool) {
	flat, _ := p.flat(0, 0)
	if len(flat) == 0 {
		return
	}
	x := flat[0]
	if last {
		x = flat[len(flat)-1]
	}
	p.g, p.i = p.find(x)
}

// search looks at the next place whose path, function, message or code holds
// the text, whatever its case.
func (p *places) search(text string) bool {
	text = strings.ToLower(text)
	flat, at := p.flat(p.g, p.i)
	if len(flat) == 0 || text == "" {
		return false
	}
	at = (at + 1) % len(flat)
	g, i := p.find(flat[at])
	return p.seek(g, i, +1, func(x *place) bool {
		hay := x.Path + "\n" + x.inside + "\n" + x.Message + "\n" + string(x.source[x.Start:min(x.End, len(x.source))])
		return strings.Contains(strings.ToLower(hay), text)
	})
}

// split replaces the group looked at by smaller ones: one a file, then one a
// function. It reports whether that made a difference.
func (p *places) split() bool {
	x, g := p.current(), p.groups[p.g]
	for cut := g.cut + 1; cut <= 2; cut++ {
		parts := g.parts(cut)
		if len(parts) > 1 {
			p.groups = slices.Replace(p.groups, p.g, p.g+1, parts...)
			p.g, p.i = p.find(x)
			return true
		}
	}
	return false
}

func (g *group) parts(cut int) []*group {
	var out []*group
	byName := map[string]*group{}
	for _, x := range g.places {
		name := x.Path
		if cut == 2 {
			name = x.inside
		}
		if byName[name] == nil {
			byName[name] = &group{title: g.title + " in " + name, tier: g.tier, cut: cut}
			if name == "" {
				byName[name].title = g.title + " at the top level"
			}
			out = append(out, byName[name])
		}
		byName[name].places = append(byName[name].places, x)
	}
	return out
}

// decisions returns what was answered in this review, for the session. A yes to
// a person's own text is not among it: only a commit can hold that text, and
// without it the yes would stand for the proposal.
func (p *places) decisions() []steps.Decision {
	return p.list(func(x *place) bool { return x.hand == nil })
}

func (p *places) list(fits func(*place) bool) []steps.Decision {
	var out []steps.Decision
	for _, g := range p.groups {
		for _, x := range g.places {
			if x.choice == "" || x.told || !fits(x) {
				continue
			}
			option := x.choice
			if option == marked {
				option = no
			}
			out = append(out, steps.Decision{Question: steps.Apply, Where: x.Key, Option: option})
		}
	}
	return out
}

// verdict plans the step with all answers, puts what was edited by hand and
// the comments asked for into it, and hands it over.
func (p *places) verdict() (wizard.Verdict, error) {
	v := wizard.Verdict{Plan: p.review.Plan, Decisions: p.decisions()}
	var err error
	if all := p.list(func(*place) bool { return true }); len(all) > 0 {
		if v.Plan, err = p.review.Replan(all...); err != nil {
			return v, err
		}
	}
	v.Plan, err = p.byHand(v.Plan)
	return v, err
}

// describe is a place in a line: where and what.
func (x *place) describe() string {
	s := fmt.Sprintf("%s:%d", x.Path, x.line)
	if x.inside != "" {
		s += " in " + x.inside
	}
	return s
}

// sum counts the answers.
func (p *places) sum() string {
	apply, leave := 0, 0
	for _, g := range p.groups {
		for _, x := range g.places {
			if x.applied() {
				apply++
			} else {
				leave++
			}
		}
	}
	text := "Nothing to rewrite in this step"
	if apply > 0 {
		text = count(apply, "place") + " to rewrite"
	}
	if leave > 0 {
		text += fmt.Sprintf(", %d left alone by you", leave)
	}
	if n := len(p.manual); n > 0 {
		text += fmt.Sprintf(", %d to do by hand", n)
	}
	return text + "."
}
