package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// outcome says where a drop finds its new home.
type outcome struct {
	rules     []string          // entries of ignore_spans
	condition string            // for the sampler, where only it can tell
	reads     map[string]string // what the variables of the condition hold
	why       string            // why the sampler
	late      string            // what it reads that only the end of the root knows
	manual    string
	review    []string
	never     bool // it can never drop anything
	guarded   bool // it asks first whether there is a request
}

// judge settles one drop.
func (f *eventFilter) judge(d *drop, names *rootNames) outcome {
	preds, v := f.predicates(d)
	if v.late != "" || v.manual != "" || v.never {
		return v
	}
	if len(preds) == 0 {
		return outcome{manual: "it drops every transaction"}
	}
	if !d.silent {
		v.review = append(v.review, "what it logs when it drops is no longer logged")
	}
	if why := f.needsSampler(preds, names); why != "" {
		f.samplerCondition(&v, d, preds, names, why)
		return v
	}
	f.ignoreRules(&v, preds, names)
	if len(v.rules) == 0 && v.manual == "" {
		v.manual = "its condition cannot be expressed as a rule"
	}
	return v
}

// predicates reads the tests of a drop and leaves out those that always hold.
func (f *eventFilter) predicates(d *drop) ([]predicate, outcome) {
	variable, iterable := "", (*rewrite.Node)(nil)
	if d.loop != nil {
		variable, iterable = d.loop.Child("left").Text(), d.loop.Child("right")
	}
	var out []predicate
	var v outcome
	for _, t := range normal(d.tests) {
		p := f.predicate(t, variable, iterable)
		switch {
		case p.late != "":
			v.late = p.late
		case p.manual != "":
			if v.manual == "" {
				v.manual = p.manual
			}
		case p.subject.what == "type":
			v.never = v.never || p.not == (len(p.texts) == 1 && p.texts[0] == "transaction")
		case p.how == "present" && headerOf(p.subject.what) != "":
			out = append(out, p)
		case p.how == "present" && strings.HasPrefix(p.subject.what, "request"):
			v.guarded = true
			if p.not && v.manual == "" {
				v.manual = "it drops what is no request, which no rule can tell"
			}
		case p.how == "present" && p.not:
			v.never = true
		case p.how == "present":
		default:
			out = append(out, p)
		}
	}
	if v.guarded && v.manual == "" && !slices.ContainsFunc(out, func(p predicate) bool { return ofRequest(p.subject.what) }) {
		v.manual = "it drops all that is a request, which no rule can tell"
	}
	if v.late != "" {
		v.manual, v.never = "", false
	}
	return out, v
}

// normal resolves negations: not (a or b) is not a and not b.
func normal(tests []test) []test {
	var out []test
	for _, t := range tests {
		n := t.node.Inner()
		for n.Is("not_operator") {
			n, t.not = n.Child("argument").Inner(), !t.not
		}
		operator := "and"
		if t.not {
			operator = "or"
		}
		if parts := flatten(n, operator); len(parts) > 1 {
			for _, p := range parts {
				out = append(out, normal([]test{{p, t.not}})...)
			}
			continue
		}
		out = append(out, test{n, t.not})
	}
	return out
}

// needsSampler says why no rule of ignore_spans can express the tests, "" if
// one can.
func (f *eventFilter) needsSampler(preds []predicate, names *rootNames) string {
	for _, p := range preds {
		switch what := p.subject.what; {
		case what == "url" || what == "path":
			return "the request's URL is no attribute of the root when it starts"
		case what == "method" || headerOf(what) != "":
			return "method and headers of the request are no attributes of the root when it starts"
		case what == "name" && f.isRoute(p, names):
			return "the framework does not know the route when the root starts"
		case p.not && p.how != "constant":
			return "ignore_spans lists what to drop, this what to keep"
		case what == "":
			return "it depends on more than the span"
		case (p.how == "prefix" || p.how == "suffix") && !p.spread && !textual(p):
			return "whether it compares with one text or several cannot be seen"
		}
	}
	if count(preds, "name") > 1 || count(preds, "op") > 1 {
		return "two conditions on one value are no rule"
	}
	return ""
}

// textual reports values that are texts, and no tuples of them.
func textual(p predicate) bool {
	for i, text := range p.texts {
		if text == "" && !strings.ContainsAny(p.values[i][:1]+p.values[i][len(p.values[i])-1:], `"'`) {
			return false
		}
	}
	return true
}

func count(preds []predicate, what string) int {
	n := 0
	for _, p := range preds {
		if p.subject.what == what {
			n++
		}
	}
	return n
}

// isRoute reports a test of a name that a web framework gives to its roots
// only after routing.
func (f *eventFilter) isRoute(p predicate, names *rootNames) bool {
	if !names.http() {
		return false
	}
	for _, t := range p.texts {
		switch {
		case t == "" || names.makes(t):
		case strings.HasPrefix(t, "/"):
			return true
		case f.world.endpoint(t) != "":
			return true
		}
		if t != "" && (names.makes(t) || names.tasks()) {
			return false
		}
	}
	return !names.tasks() && len(names.own) == 0 && !names.ownUnknown
}

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

func joinText(quote, before, middle, after string) string {
	if before != "" {
		middle = quote + before + quote + " + " + middle
	}
	if after != "" {
		middle += " + " + quote + after + quote
	}
	return middle
}

// compile writes re.compile(), case-insensitive where the filter was.
func (f *eventFilter) compile(pattern string, p predicate) string {
	call := rewrite.NameRef("re.compile", "") + "(" + pattern
	if p.subject.fold {
		call += ", " + rewrite.NameRef("re.IGNORECASE", "")
	}
	return strings.ReplaceAll(call, "re.escape(part)", rewrite.NameRef("re.escape", "")+"(part)") + ")"
}

func compileText(quote, pattern string) string {
	return rewrite.NameRef("re.compile", "") + "(" + rawString(quote, pattern) + ")"
}

// rawString writes a pattern as a string literal.
func rawString(quote, text string) string {
	prefix := ""
	if strings.Contains(text, `\`) {
		prefix = "r"
	}
	if strings.Contains(text, quote) {
		quote = map[string]string{`"`: `'`, `'`: `"`}[quote]
	}
	return prefix + quote + text + quote
}

var inlineFlags = regexp.MustCompile(`^\(\?[aiLmsux]+\)`)

// pattern turns match() and search() into the full match that a rule is.
func (f *eventFilter) pattern(p predicate) string {
	method, expr := p.values[0], p.values[1]
	flags := ""
	if len(p.values) > 2 {
		flags = ", " + p.values[2]
	}
	if len(p.texts) == 1 && p.texts[0] != "" {
		if strings.HasSuffix(flags, ".flags") {
			flags = ""
		}
		return rewrite.NameRef("re.compile", "") + "(" + rawString(f.quote(), fullPattern(method, p.texts[0])) + flags + ")"
	}
	if method == "fullmatch" {
		return strings.TrimSuffix(expr, ".pattern")
	}
	q := f.quote()
	before := q + "(?:" + q
	if method == "search" {
		before = q + ".*(?:" + q
	}
	return rewrite.NameRef("re.compile", "") + "(" + before + " + " + expr + " + " + q + ").*" + q + flags + ")"
}

// fullPattern is a pattern whose full match is what method found in the text.
func fullPattern(method, p string) string {
	if method == "fullmatch" {
		return p
	}
	flags := inlineFlags.FindString(p)
	p = p[len(flags):]
	if strings.Contains(p, "|") {
		p = "(?:" + p + ")"
	}
	if method == "search" {
		if rest, ok := strings.CutPrefix(p, "^"); ok {
			p = rest
		} else if !strings.HasPrefix(p, ".*") {
			p = ".*" + p
		}
	}
	p = strings.TrimPrefix(p, "^")
	if rest, ok := strings.CutSuffix(p, "$"); ok && !strings.HasSuffix(rest, `\`) {
		return flags + rest
	}
	if !strings.HasSuffix(p, ".*") {
		p += ".*"
	}
	return flags + p
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
