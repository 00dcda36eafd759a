package pins

import "strings"

// dialect is the language a version specifier is written in.
type dialect int

const (
	pep440 dialect = iota // comma list, every clause with an operator
	poetry                // also ^, ~, bare versions, wildcards without operator, blanks for commas, ||
	conda                 // also = for a prefix, and a version after a blank
)

// clause is one condition of a specifier. Its offsets count from the start of
// the specifier's text.
type clause struct {
	op         string // "" for a bare version
	v          version
	wild       bool // the version ends in ".*"
	any        bool // "*"
	start, end int
	ver        int // where the version begins
}

// branch is a list of clauses that hold together; spec is a list of branches
// of which one has to hold.
type branch struct {
	clauses    []clause
	start, end int
}

type spec struct {
	text     string
	branches []branch
	dialect  dialect
}

// parseSpec reads a specifier. ok is false when the text is not one, a
// template for example.
func parseSpec(text string, d dialect) (spec, bool) {
	s := spec{text: text, dialect: d}
	at := 0
	for {
		end := len(text)
		if i := strings.IndexByte(text[at:], '|'); i >= 0 && d == poetry {
			end = at + i
		}
		b, ok := parseBranch(text, at, end, d)
		if !ok {
			return spec{}, false
		}
		s.branches = append(s.branches, b)
		if end == len(text) {
			return s, true
		}
		for at = end; at < len(text) && at < end+2 && text[at] == '|'; at++ {
		}
	}
}

func parseBranch(text string, at, end int, d dialect) (branch, bool) {
	b := branch{start: at, end: end}
	for comma := true; ; {
		for at < end && isBlank(text[at]) {
			at++
		}
		if at == end {
			break
		}
		if text[at] == ',' {
			if comma {
				return branch{}, false
			}
			comma = true
			at++
			continue
		}
		if !comma && d != poetry {
			return branch{}, false
		}
		c, ok := parseClause(text, at, end, d)
		if !ok {
			return branch{}, false
		}
		b.clauses = append(b.clauses, c)
		comma, at = false, c.end
	}
	if len(b.clauses) > 0 {
		b.start, b.end = b.clauses[0].start, b.clauses[len(b.clauses)-1].end
	}
	return b, true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func parseClause(text string, at, end int, d dialect) (clause, bool) {
	c := clause{start: at}
	for at < end && strings.IndexByte("<>=!~^", text[at]) >= 0 {
		at++
	}
	c.op = text[c.start:at]
	for at < end && isBlank(text[at]) {
		at++
	}
	c.ver = at
	for at < end && strings.IndexByte(" \t,<>=!~^|", text[at]) < 0 {
		at++
	}
	c.end = at
	word := text[c.ver:at]
	if word == "*" && c.op == "" {
		c.any = true
		return c, true
	}
	for _, suffix := range []string{".*", ".x", ".X"} {
		if rest, cut := strings.CutSuffix(word, suffix); cut && (suffix == ".*" || d == poetry) {
			word, c.wild = rest, true
			break
		}
	}
	v, ok := parseVersion(word)
	c.v = v
	return c, ok && c.valid(d)
}

// valid reports whether the operator exists in the dialect and takes such a
// version.
func (c clause) valid(d dialect) bool {
	switch c.op {
	case "==", "!=":
		return true
	case ">=", "<=", ">", "<", "===":
		return !c.wild
	case "~=":
		return !c.wild && len(c.v.release) > 1
	case "^", "~":
		return d == poetry && !c.wild
	case "":
		return d != pep440
	case "=":
		return d != pep440
	}
	return false
}

// exact reports whether the clause admits one release only.
func (c clause) exact() bool {
	return !c.any && !c.wild && (c.op == "==" || c.op == "===" || c.op == "")
}

// prefix reports whether the clause admits the releases that begin alike.
func (c clause) prefix() bool {
	return !c.any && (c.wild && (c.op == "==" || c.op == "" || c.op == "=") || c.op == "=")
}

// lower returns the lowest release the clause allows. ">" counts as ">=": the
// release after it is not known here.
func (c clause) lower() (version, bool) {
	switch {
	case c.exact(), c.prefix():
		return c.v, true
	case c.op == ">=", c.op == ">", c.op == "~=", c.op == "^", c.op == "~":
		return c.v, true
	}
	return version{}, false
}

// upper returns the clause's upper bound and whether it is itself allowed.
func (c clause) upper() (bound version, inclusive, ok bool) {
	n := len(c.v.release)
	switch {
	case c.any, c.op == "!=", c.op == ">=", c.op == ">":
		return version{}, false, false
	case c.exact():
		return c.v, true, true
	case c.prefix():
		return c.v.after(n), false, true
	case c.op == "~=":
		return c.v.after(n - 1), false, true
	case c.op == "~":
		return c.v.after(min(n, 2)), false, true
	case c.op == "^":
		return c.v.after(c.v.firstNonZero()), false, true
	}
	return c.v, c.op == "<=", true
}

// firstNonZero returns how many components a caret holds fast.
func (v version) firstNonZero() int {
	for i, n := range v.release {
		if n != 0 {
			return i + 1
		}
	}
	return len(v.release)
}

// admits reports whether the clause's upper bound leaves room for v. "<3"
// shuts out the pre-releases of 3 as well.
func (c clause) admits(v version) bool {
	bound, inclusive, ok := c.upper()
	if !ok {
		return true
	}
	if !inclusive && !bound.prerelease() {
		return v.cut(len(v.release)).final().compare(bound) < 0
	}
	n := v.compare(bound)
	return n < 0 || n == 0 && inclusive
}

// final returns the release a pre-release leads to.
func (v version) final() version {
	v.pre, v.preN, v.dev = "", 0, -1
	return v
}

// admits reports whether no upper bound of the branch excludes v.
func (b branch) admits(v version) bool {
	for _, c := range b.clauses {
		if !c.admits(v) {
			return false
		}
	}
	return true
}

// lower returns the branch's lowest release, the clause that sets it, and
// whether any does.
func (b branch) lower() (v version, index int, ok bool) {
	for i, c := range b.clauses {
		if low, has := c.lower(); has && (!ok || low.compare(v) > 0) {
			v, index, ok = low, i, true
		}
	}
	return v, index, ok
}

// lower returns the lowest release any branch allows and whether exactly that
// release is asked for. ok is false when some branch has no lower bound.
func (s spec) lower() (v version, exact, ok bool) {
	for i, b := range s.branches {
		low, at, has := b.lower()
		if !has {
			return version{}, false, false
		}
		if i == 0 || low.compare(v) < 0 {
			v, exact = low, b.clauses[at].exact()
		}
	}
	return v, exact, true
}

// admits reports whether any branch has room for v below its upper bounds.
func (s spec) admits(v version) bool {
	for _, b := range s.branches {
		if b.admits(v) {
			return true
		}
	}
	return false
}

// empty reports whether the specifier asks for nothing.
func (s spec) empty() bool {
	for _, b := range s.branches {
		for _, c := range b.clauses {
			if !c.any {
				return false
			}
		}
	}
	return true
}
