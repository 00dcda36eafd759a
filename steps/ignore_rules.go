package steps

import (
	"fmt"
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

// ignoreRules writes entries of ignore_spans.
func (f *eventFilter) ignoreRules(v *outcome, preds []predicate, names *rootNames) {
	var name []string
	attributes := map[string][]string{}
	for _, p := range preds {
		rules, reason := f.rulesFor(p)
		if reason != "" {
			v.manual = reason
			return
		}
		switch p.subject.what {
		case "name":
			name = rules
			if !names.tasks() || f.ownName(p, names) {
				v.review = append(v.review, f.childrenHit(p, names)...)
			}
		case "op":
			attributes["sentry.op"] = append(rules, f.opsOf3(v, p)...)
			v.review = append(v.review, opsHit(p, names)...)
		case "origin":
			attributes["sentry.origin"] = rules
		}
	}
	if len(name) > 0 && len(attributes["sentry.op"]) == 0 && names.tasks() && !f.ownNames(preds, names) {
		attributes["sentry.op"] = []string{compileText(f.quote(), `queue\.(task\..+|process)`)}
	}
	v.rules = f.combine(name, attributes)
}

// opsHit says that a rule for an op may drop spans that are no roots.
func opsHit(p predicate, names *rootNames) []string {
	if p.how != "eq" || len(p.texts) == 0 || names.anyOp {
		return []string{"the rule also drops child spans whose op matches"}
	}
	for _, t := range p.texts {
		if t == "" || names.childOps[t] {
			return []string{fmt.Sprintf("child spans have the op %q too, and the rule drops them as well", t)}
		}
	}
	return nil
}

// ownNames is [eventFilter.ownName] for the one test of a name.
func (f *eventFilter) ownNames(preds []predicate, names *rootNames) bool {
	for _, p := range preds {
		if p.subject.what == "name" {
			return f.ownName(p, names)
		}
	}
	return false
}

// ownName reports names that all belong to roots the project makes itself.
func (f *eventFilter) ownName(p predicate, names *rootNames) bool {
	for _, t := range p.texts {
		if !names.makes(t) {
			return false
		}
	}
	return len(p.texts) > 0
}

func (f *eventFilter) quote() string { return string(f.cb.def.File.Style.Quote) }

// opsOf3 adds the name that 3.0 gives to an op of an integration.
func (f *eventFilter) opsOf3(v *outcome, p predicate) []string {
	var out []string
	for _, t := range p.texts {
		if to := renamedOp(t); to != "" {
			v.review = append(v.review, fmt.Sprintf("3.0 calls the op %q %q, so a rule for each", t, to))
			out = append(out, f.quote()+to+f.quote())
		}
	}
	return out
}

// combine writes a rule for each pair of name and attributes.
func (f *eventFilter) combine(name []string, attributes map[string][]string) []string {
	q := f.quote()
	if len(attributes) == 0 {
		return name
	}
	dicts := []string{""}
	for _, key := range []string{"sentry.op", "sentry.origin"} {
		if len(attributes[key]) == 0 {
			continue
		}
		var next []string
		for _, d := range dicts {
			for _, value := range attributes[key] {
				entry := q + key + q + ": " + value
				if d != "" {
					entry = d + ", " + entry
				}
				next = append(next, entry)
			}
		}
		dicts = next
	}
	var out []string
	for _, d := range dicts {
		rule := q + "attributes" + q + ": {" + d + "}"
		if loop, ok := strings.CutPrefix(d, q+"sentry.op"+q+": *"); ok {
			out = append(out, "*({"+q+"attributes"+q+": {"+q+"sentry.op"+q+": op}} for op in "+loop+")")
			continue
		}
		if len(name) == 0 {
			out = append(out, "{"+rule+"}")
		}
		for _, n := range name {
			if loop, ok := strings.CutPrefix(n, "*"); ok {
				out = append(out, "*({"+q+"name"+q+": name, "+rule+"} for name in "+loop+")")
				continue
			}
			out = append(out, "{"+q+"name"+q+": "+n+", "+rule+"}")
		}
	}
	return out
}

// rulesFor writes what a predicate demands of a value: strings for equality,
// patterns that must match the whole of it for anything else.
func (f *eventFilter) rulesFor(p predicate) (rules []string, reason string) {
	before, after := "", ""
	switch p.how {
	case "eq":
		if p.subject.fold {
			return f.folded(p)
		}
		if p.spread {
			return []string{"*" + p.values[0]}, ""
		}
		return p.values, ""
	case "prefix":
		after = ".*"
	case "suffix":
		before = ".*"
	case "substring":
		before, after = ".*", ".*"
	case "regex":
		return []string{f.pattern(p)}, ""
	default:
		return nil, "the condition " + p.node.Text() + " cannot be taken apart"
	}
	if p.spread {
		return []string{"*(" + f.compile(joinText(f.quote(), before, "re.escape(part)", after), p) + " for part in " + p.values[0] + ")"}, ""
	}
	for i, text := range p.texts {
		if text == "" {
			rules = append(rules, f.compile(joinText(f.quote(), before, rewrite.NameRef("re.escape", "")+"("+p.values[i]+")", after), p))
			continue
		}
		rules = append(rules, f.compile(rawString(f.quote(), before+regexp.QuoteMeta(text)+after), p))
	}
	return rules, ""
}

// folded is equality in lower or upper case.
func (f *eventFilter) folded(p predicate) ([]string, string) {
	var out []string
	if p.spread {
		return nil, "the names of " + p.values[0] + " are compared in another case"
	}
	for _, text := range p.texts {
		if text == "" {
			return nil, "the condition " + p.node.Text() + " cannot be taken apart"
		}
		out = append(out, f.compile(rawString(f.quote(), regexp.QuoteMeta(text)), p))
	}
	return out, ""
}

// childrenHit says that a rule may drop spans that are no roots, which the
// filter never did.
func (f *eventFilter) childrenHit(p predicate, names *rootNames) []string {
	if p.spread && len(p.texts) == 0 {
		return []string{"which names " + p.values[0] + " holds cannot be seen: the rule drops child spans of these names as well"}
	}
	if p.how == "regex" || p.how == "suffix" || p.how == "substring" {
		return []string{"the rule also drops child spans whose names match, and what integrations name like that"}
	}
	for _, t := range p.texts {
		if t == "" {
			return []string{"the rule also drops child spans of that name"}
		}
		matches := func(name string) bool { return name == t || p.how == "prefix" && strings.HasPrefix(name, t) }
		begins := func(start string) bool {
			return strings.HasPrefix(t, start) || p.how == "prefix" && strings.HasPrefix(start, t)
		}
		if names.childMay(matches, begins) {
			return []string{fmt.Sprintf("child spans may be called %q too, and the rule drops them as well", t)}
		}
		if p.how == "prefix" && !strings.HasPrefix(t, "/") {
			return []string{"the rule also drops child spans whose names begin like that"}
		}
		if p.how == "eq" && !names.makes(t) && names.http() && !names.tasks() {
			return []string{fmt.Sprintf("nothing in the project shows whose root is called %q when it starts", t)}
		}
	}
	return nil
}
