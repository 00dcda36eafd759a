package steps

import (
	"net/url"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// samplerCondition writes the tests of a drop for a traces_sampler, which is
// asked for roots only and knows the request.
func (f *eventFilter) samplerCondition(v *outcome, d *drop, preds []predicate, names *rootNames, why string) {
	v.why, v.reads = why, map[string]string{}
	var parts []string
	for _, p := range preds {
		text, reason := f.samplerTest(p, names, v.reads)
		if reason != "" {
			v.manual = reason
			return
		}
		parts = append(parts, text)
	}
	if v.guarded && slices.ContainsFunc(preds, func(p predicate) bool { return p.not }) {
		v.reads["method"] = "method"
		parts = append([]string{"method"}, parts...)
	}
	v.condition = strings.Join(parts, " and ")
	if d.loop != nil {
		v.condition = "any(" + v.condition + " for " + d.loop.Child("left").Text() + " in " + f.text(d.loop.Child("right")) + ")"
	}
	v.review = append(v.review, why, "the decision of a sampler travels on in outgoing headers")
}

// samplerTest writes one test on the sampler's variables name, op, path, method
// and those of headers.
func (f *eventFilter) samplerTest(p predicate, names *rootNames, reads map[string]string) (text, reason string) {
	what := p.subject.what
	variable := what
	switch {
	case what == "url" || what == "path" || what == "name" && f.isRoute(p, names):
		variable = "path"
	case what == "origin":
		return "", "the sampler is not told the origin"
	case what == "method" && !names.http() && names.requestObject() == "":
		return "", "what hands the sampler the request cannot be told: test its method in traces_sampler by hand"
	case headerOf(what) != "":
		return f.headerTest(p, names, reads)
	}
	values, reason := f.pathValues(p, variable, names)
	if reason != "" {
		return "", reason
	}
	if what != "" {
		reads[variable] = what
	}
	return f.written(p, values, variable), ""
}

// written is a test with a variable in the place of what it reads, and with
// other texts for some nodes.
func (f *eventFilter) written(p predicate, values map[*rewrite.Node]string, variable string) string {
	what := p.subject.what
	text := f.substitute(p.node, func(n *rewrite.Node) (string, bool) {
		if new, ok := values[n]; ok {
			return new, true
		}
		if keys, ok := f.path(n); ok && (subjectOf(keys) == what || what == "path" && subjectOf(keys) == "url") {
			return variable, true
		}
		if s, ok := f.subject(n); ok && s.what == "path" && what == "path" && n.Is("attribute") {
			return variable, true
		}
		return "", false
	})
	negated := p.node.Is("comparison_operator") && p.not
	switch {
	case negated && isNegative(p.node):
		return text
	case negated:
		return flipped(p.node, text)
	case p.not:
		return "not " + text
	case isNegative(p.node):
		return flipped(p.node, text)
	}
	return text
}

// isNegative reports != and not in.
func isNegative(n *rewrite.Node) bool {
	if !n.Is("comparison_operator") {
		return false
	}
	op := n.Child("operators").Text()
	return op == "!=" || op == "not in" || op == "is not"
}

// flipped turns a comparison into its opposite.
func flipped(n *rewrite.Node, text string) string {
	op := n.Child("operators").Text()
	to := map[string]string{"==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is"}[op]
	return strings.Replace(text, " "+op+" ", " "+to+" ", 1)
}

// pathValues translates what a name or URL is compared with to request paths.
func (f *eventFilter) pathValues(p predicate, variable string, names *rootNames) (map[*rewrite.Node]string, string) {
	out := map[*rewrite.Node]string{}
	if variable != "path" || p.subject.what == "path" {
		return out, ""
	}
	known := true
	for _, t := range p.texts {
		known = known && t != ""
		if template.MatchString(t) {
			return nil, "the route " + t + " has parameters: test the request's path in traces_sampler by hand"
		}
	}
	if p.subject.what == "url" {
		return f.urlValues(p, out)
	}
	if p.how == "eq" && !p.spread && known {
		for _, t := range p.texts {
			if strings.HasPrefix(t, "/") {
				continue
			}
			route := f.world.endpoint(t)
			if route == "" || template.MatchString(route) {
				return nil, "which path belongs to the name " + t + " cannot be told"
			}
			f.replaceLiteral(p.node, t, route, out)
		}
	}
	return out, ""
}

// urlValues takes the path out of whole URLs.
func (f *eventFilter) urlValues(p predicate, out map[*rewrite.Node]string) (map[*rewrite.Node]string, string) {
	switch p.how {
	case "substring", "suffix":
		return out, ""
	case "eq":
		for _, t := range p.texts {
			u, err := url.Parse(t)
			if t == "" || err != nil || u.Host == "" || p.spread {
				return nil, "which path belongs to the URL cannot be told: test the request's path in traces_sampler by hand"
			}
			f.replaceLiteral(p.node, t, u.Path, out)
		}
		return out, ""
	}
	return nil, "the start of a URL is its host: test the request's path in traces_sampler by hand"
}

// replaceLiteral notes another text for the string literals of a test.
func (f *eventFilter) replaceLiteral(n *rewrite.Node, from, to string, out map[*rewrite.Node]string) {
	n.Walk(func(m *rewrite.Node) bool {
		if stringValue(m) == from {
			if keys, ok := f.path(m.Parent); !ok || len(keys) == 0 {
				out[m] = f.quote() + to + f.quote()
			}
		}
		return true
	})
}

// samplerPlan is what the drops of one callback want from the sampler.
type samplerPlan struct {
	conditions []string
	reads      map[string]string // what each variable holds
}

// lines are the statements that return 0 for what is dropped.
func (s *samplerPlan) lines(context string, floor Release, names *rootNames, style rewrite.Style) []string {
	q := string(style.Quote)
	var out []string
	span := context + "[" + q + "transaction_context" + q + "]"
	if !floor.AtLeast(R2_66_1) && s.reads["name"]+s.reads["op"] != "" {
		out = append(out, "span = "+context+".get("+q+"transaction_context"+q+") or "+context+"["+q+"span_context"+q+"]")
		span = "span"
	}
	if s.reads["name"] != "" {
		out = append(out, "name = "+span+"["+q+"name"+q+"]")
	}
	if s.reads["op"] != "" {
		op := "op = " + span + "[" + q + "op" + q + "]"
		if span == "span" {
			op = "op = span.get(" + q + "op" + q + ") or span.get(" + q + "attributes" + q + ", {}).get(" + q + "sentry.op" + q + ")"
		}
		out = append(out, op)
	}
	if s.reads["path"] != "" {
		out = append(out, names.requestPath(context, q, style.Indent)...)
	}
	out = append(out, names.requestLines(s.reads, context, style)...)
	for _, c := range s.conditions {
		out = append(out, "if "+c+":", style.Indent+"return 0.0")
	}
	return out
}

// function writes a whole sampler in place of a rate.
func (s *samplerPlan) function(name, rate string, floor Release, names *rootNames, style rewrite.Style) []string {
	q := string(style.Quote)
	out := []string{"def " + name + "(sampling_context):"}
	for _, l := range s.lines("sampling_context", floor, names, style) {
		out = append(out, style.Indent+l)
	}
	parent := "sampling_context[" + q + "parent_sampled" + q + "]"
	if !floor.AtLeast(R2_66_1) {
		out = append(out, style.Indent+"context = sampling_context.get("+q+"span_context"+q+", sampling_context)")
		parent = "context[" + q + "parent_sampled" + q + "]"
	}
	return append(out,
		style.Indent+"if "+parent+" is not None:",
		style.Indent+style.Indent+"return float("+parent+")",
		style.Indent+"return "+rate)
}
