package pins

import (
	"fmt"
	"strings"
)

// migrationLink is where the SDK's own documentation takes a 1.x project to 2.x.
const migrationLink = "https://docs.sentry.io/platforms/python/migration/1.x-to-2.x"

// rejecting is the pre-release that refuses the option trace_lifecycle, and
// accepting the next one, which takes it.
const (
	rejecting = "3.0.0b1"
	accepting = "3.0.0b2"
)

// Raise says how to lift a pin to the floor, a release such as "2.67.0". The
// change is the zero value unless the verdict is Raised, RaiseReview or
// NoVersion; its offsets are those of the file the pin was found in. The
// message is a clause for the person who decides: what is asked for, what
// becomes of it and what stays.
func Raise(p Pin, floor string) (Change, Verdict, string) {
	low, ok := parseVersion(floor)
	if !ok {
		return Change{}, ReportOnly, fmt.Sprintf("%q is no release to raise to", floor)
	}
	if p.Note != "" {
		return Change{}, ReportOnly, p.Note
	}
	s, at, ok := p.specifier()
	if !ok {
		return Change{}, ReportOnly, fmt.Sprintf("%q is not a version requirement that can be read", p.Text)
	}
	verdict, why := judge(s, low)
	if !p.Kind.editable() {
		return p.report(verdict, why, floor)
	}
	if verdict == OK || verdict == Refuse {
		return Change{}, verdict, why
	}
	r := rewriteSpec(s, low)
	if r.review {
		verdict = RaiseReview
	}
	return p.change(at, r), verdict, raiseMessage(s, r, why)
}

// exact reports a pin on one release.
func (p Pin) exact() bool {
	s, _, ok := p.specifier()
	_, exact, low := s.lower()
	return ok && exact && low
}

// specifier parses the version part of the pin's text; at is where it begins
// in the text.
func (p Pin) specifier() (s spec, at int, ok bool) {
	switch p.form {
	case formTable:
		s, ok = parseSpec("", p.dialect)
	case formSpec:
		s, ok = parseSpec(p.Text, p.dialect)
	case formVersion:
		s, ok = parseSpec("=="+p.Text, pep440)
	default:
		text := unjoin(p.Text)
		req, found := parseRequirement(text, p.dialect)
		if !found {
			return spec{}, 0, false
		}
		at = req.specStart
		s, ok = parseSpec(text[req.specStart:req.specEnd], p.dialect)
		s.text = p.Text[req.specStart:req.specEnd]
	}
	return s, at, ok
}

// judge compares a specifier with the floor before anything is rewritten. OK,
// Refuse, NoVersion and RaiseReview are final; Raised may still turn out to
// need a review.
func judge(s spec, floor version) (Verdict, string) {
	if s.empty() {
		return NoVersion, ""
	}
	if !s.admits(version{release: []int{2}, post: -1, dev: 0}) {
		return Refuse, "asks for SDK 0.x or 1.x, whose move to 2.x is a migration of its own: " + migrationLink
	}
	if s.abandoned() {
		return Refuse, "asks for the abandoned 3.0.0a line: move to 2.x or " + accepting + " first"
	}
	if s.rejecting() {
		return RaiseReview, rejecting + " rejects trace_lifecycle"
	}
	if s.atLeast(floor) {
		return OK, s.boundNote(floor)
	}
	if low, _, ok := s.lower(); ok && low.part(0) < 2 {
		return RaiseReview, "SDK 1.x is allowed as well; code that runs on it moves to 2.x first: " + migrationLink
	}
	return Raised, s.boundNote(floor)
}

// abandoned reports whether a clause names a 3.0.0 alpha to be used.
func (s spec) abandoned() bool {
	return s.some(func(c clause) bool {
		_, asks := c.lower()
		return asks && c.v.pre == "a" && c.v.part(0) == 3
	})
}

// rejecting reports whether exactly the pre-release that refuses
// trace_lifecycle is asked for.
func (s spec) rejecting() bool {
	b1, _ := parseVersion(rejecting)
	return s.some(func(c clause) bool { return c.exact() && c.v.compare(b1) == 0 })
}

func (s spec) some(holds func(clause) bool) bool {
	for _, b := range s.branches {
		for _, c := range b.clauses {
			if holds(c) {
				return true
			}
		}
	}
	return false
}

// boundNote tells that a bound below 3 stays although the result would run on
// 3.0, which it does from a floor of 2.67.0.
func (s spec) boundNote(floor version) string {
	newest := version{release: []int{2, 999}, post: -1, dev: -1}
	three := version{release: []int{3}, post: -1, dev: -1}
	streams := version{release: []int{2, 67}, post: -1, dev: -1}
	if floor.compare(streams) < 0 || floor.part(0) > 2 || !s.admits(newest) || s.admits(three) {
		return ""
	}
	return "the bound below 3 stays, though the result would also run on 3.0"
}

// report words the verdict for a place that is not ours to edit. An
// installation without a version takes the newest release and is well.
func (p Pin) report(v Verdict, why, floor string) (Change, Verdict, string) {
	switch {
	case v == OK, v == NoVersion:
		return Change{}, OK, why
	case v == Refuse && (p.Kind == Lock || p.Kind == Compiled):
		return Change{}, Refuse, why
	case v == Raised:
		why = ""
	}
	message := p.Spec + " allows less than " + floor
	if p.exact() {
		message = p.Spec + " is below " + floor
	}
	if p.form == formVersion {
		message = "locked at " + p.Text + ", below " + floor
	}
	if why != "" {
		message = p.Spec + ": " + why
	}
	switch {
	case p.Relock != "":
		message += "; run: " + p.Relock
	case p.Kind == Lock, p.Kind == Compiled:
		message += "; raise its source and write it anew with the project's own command"
	default:
		message += "; raise it by hand"
	}
	return Change{}, ReportOnly, message
}

// change turns an edited specifier into an edit of the file.
func (p Pin) change(at int, r rewritten) Change {
	c := Change{Start: p.Start + at + r.start, End: p.Start + at + r.end, New: r.text}
	switch {
	case p.form == formTable:
		c.New = `version = "` + r.text + `", `
	case p.form == formFlow && strings.Contains(r.text, ","):
		c.New = `"` + p.Text[:at+r.start] + r.text + p.Text[at+r.end:] + `"`
		c.Start, c.End = p.Start, p.End
	}
	return c
}

// raiseMessage says what becomes of the specifier.
func raiseMessage(s spec, r rewritten, why string) string {
	after := oneLine(s.text[:r.start] + r.text + s.text[r.end:])
	parts := []string{oneLine(s.text) + " becomes " + after}
	if s.empty() {
		parts[0] = "no version is asked for: " + after + " is written"
	}
	if r.moved != "" {
		parts = append(parts, r.moved)
	}
	if why != "" {
		parts = append(parts, why)
	}
	return strings.Join(parts, "; ")
}
