package pins

import "strings"

// rewritten is a specifier's edit: text replaces start to end of the old one.
type rewritten struct {
	start, end int
	text       string
	review     bool
	moved      string // what had to give way because it excluded the floor, "" for nothing
}

// rewriteSpec lifts a specifier that allows less than the floor, or names the
// pre-release that rejects the result.
func rewriteSpec(s spec, floor version) rewritten {
	if b2, _ := parseVersion(accepting); s.rejecting() && floor.compare(b2) < 0 {
		floor = b2
	}
	if s.empty() {
		return rewritten{end: len(s.text), text: ">=" + floor.String()}
	}
	if len(s.branches) > 1 {
		return rewriteUnion(s, floor)
	}
	return rewriteBranch(s, s.branches[0], floor)
}

// rewriteUnion lifts the branches that reach the floor and drops those that
// end below it; if all do, the last one is raised.
func rewriteUnion(s spec, floor version) rewritten {
	r := rewritten{end: len(s.text), review: true}
	var kept, gone []string
	for i, b := range s.branches {
		last := i == len(s.branches)-1 && len(kept) == 0
		if !last && !b.admits(floor) && !b.atLeast(floor) {
			gone = append(gone, s.text[b.start:b.end])
			continue
		}
		one := rewriteBranch(s, b, floor)
		kept = append(kept, s.text[b.start:one.start]+one.text+s.text[one.end:b.end])
	}
	if len(gone) > 0 {
		r.moved = strings.Join(gone, ", ") + " ends below the floor"
	}
	r.text = strings.Join(kept, " || ")
	return r
}

// atLeast reports whether some clause allows nothing below the floor. "==3.*"
// allows the early pre-releases of 3 too.
func (b branch) atLeast(floor version) bool {
	for _, c := range b.clauses {
		low, ok := c.lower()
		early := c.prefix() && floor.prerelease() && floor.final().cut(len(c.v.release)).compare(c.v) == 0
		if ok && low.compare(floor) >= 0 && !early {
			return true
		}
	}
	return false
}

// atLeast reports whether no branch allows anything below the floor.
func (s spec) atLeast(floor version) bool {
	for _, b := range s.branches {
		if !b.atLeast(floor) {
			return false
		}
	}
	return true
}

// rewriteBranch lifts one list of clauses: the one that sets the lower bound,
// and each whose upper bound excludes the floor. A bound too coarse to say the
// floor ("==2.*", "~=2.66" for 2.66.1) gets ">=" beside it.
func rewriteBranch(s spec, b branch, floor version) rewritten {
	if b.atLeast(floor) {
		return rewritten{start: b.start, end: b.end, text: s.text[b.start:b.end]}
	}
	_, at, hasLow := b.lower()
	r := rewritten{start: -1}
	var moved []string
	for i, c := range b.clauses {
		fits := c.admits(floor)
		if fits && !(hasLow && i == at) {
			continue
		}
		text := c.raised(s.text, floor, fits)
		if !fits {
			moved = append(moved, s.text[c.start:c.end])
		}
		r.put(s.text, c.start, c.end, text)
	}
	if len(moved) > 0 {
		r.review = true
		r.moved = strings.Join(moved, " and ") + " excluded " + floor.String()
	}
	bound := ">=" + s.gap() + floor.String()
	switch {
	case !hasLow:
		r.prepend(s.text, b.start, bound+s.separator())
	case !r.holds(s, b, floor):
		r.put(s.text, b.end, b.end, s.separator()+bound)
	}
	return r
}

// put adds the replacement of start to end, which lies behind those before.
func (r *rewritten) put(old string, start, end int, text string) {
	if old[start:end] == text && start != end {
		return
	}
	if r.start < 0 {
		r.start, r.end = start, start
	}
	r.text += old[r.end:start] + text
	r.end = end
}

// prepend adds text before everything else.
func (r *rewritten) prepend(old string, at int, text string) {
	if r.start < 0 {
		r.start, r.end = at, at
	}
	r.text = text + old[at:r.start] + r.text
	r.start = at
}

// holds reports whether the branch, as rewritten so far, allows nothing below
// the floor.
func (r *rewritten) holds(s spec, b branch, floor version) bool {
	text := s.text[b.start:b.end]
	if r.start >= 0 {
		text = s.text[b.start:r.start] + r.text + s.text[r.end:b.end]
	}
	text = unjoin(text)
	after, ok := parseBranch(text, 0, len(text), s.dialect)
	return ok && after.atLeast(floor)
}

// raised returns the clause lifted to the floor, with its operator and
// spacing; fits says that its upper bound has room for the floor.
func (c clause) raised(text string, floor version, fits bool) string {
	op, n, to := c.op, len(c.v.release), floor.String()
	gap := text[c.start+len(op) : c.ver]
	switch {
	case c.prefix() && fits:
		return text[c.start:c.end]
	case c.wild:
		to = floor.final().cut(n).String() + text[c.end-2:c.end]
	case op == "~=":
		to = floor.cut(n).String()
	case op == "~" && n == 1:
		op = "^"
	case op == ">":
		op = ">="
	case op == "<":
		to = c.nextAbove(floor).String()
	}
	return op + gap + to
}

// nextAbove returns the bound for "<" that has the clause's own precision and
// admits the floor: "<2.60" becomes "<2.68" and "<2.60.0" "<2.68.0".
func (c clause) nextAbove(floor version) version {
	n := len(c.v.release)
	precise := n
	for precise > 1 && c.v.release[precise-1] == 0 {
		precise--
	}
	return floor.after(precise).cut(n)
}

// separator returns what stands between clauses, as the specifier has it.
func (s spec) separator() string {
	if strings.Contains(s.text, ", ") {
		return ", "
	}
	return ","
}

// gap returns the blanks between operator and version of the first clause.
func (s spec) gap() string {
	for _, b := range s.branches {
		for _, c := range b.clauses {
			return s.text[c.start+len(c.op) : c.ver]
		}
	}
	return ""
}
