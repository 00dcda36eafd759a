package steps

import (
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
