package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// TracesSampler keeps samplers working on every release the floor allows.
var TracesSampler = &Step{
	Name:  "traces-sampler",
	Items: []int{19},
	Title: "let samplers read what the SDK passes",
	Why: "Releases 2.62.0 to 2.66.0 pass a streamed span's facts as span_context; all others, 3.0 included, pass transaction_context as before. " +
		"A sampler that reads the wrong one raises, and from 2.71.0 on that drops every trace.",
	Doc: "From floor 2.66.1 on a sampler in the old shape stays as it is, and one that reads span_context is turned back. Below, a few lines at the start of " +
		"the sampler accept both shapes. Subscripts of keys that are not always there can become .get().",
	Link: guide + "migrate-sampling",
	Before: `import sentry_sdk


def sampler(context):
    if context["span_context"]["name"] == "/health":
        return 0.0
    return 1.0


sentry_sdk.init(traces_sampler=sampler)
`,
	After: `import sentry_sdk


def sampler(context):
    if context["transaction_context"]["name"] == "/health":
        return 0.0
    return 1.0


sentry_sdk.init(traces_sampler=sampler)
`,
	Find: findTracesSampler,
}

// findTracesSampler follows the option traces_sampler of every client.
//
// Safe: a reader of span_context turned back, or lines that accept both
// shapes. Review: .get() for a key that is not always there. Manual: a sampler
// that cannot be followed, below 2.66.1, and one whose reads cannot be told.
func findTracesSampler(p *Pass) error {
	seen := map[*rewrite.Node]bool{}
	for _, c := range p.world.clients() {
		for _, o := range c.all("traces_sampler") {
			list, reason := p.world.callbacks(o.value)
			if reason != "" && !seen[o.node] {
				p.unfollowed(o, reason)
			}
			seen[o.node] = true
			for _, cb := range list {
				if params := cb.parameters(); len(params) > 0 && !seen[cb.def] {
					s := &sampler{pass: p, def: cb.def, site: cb.site(), context: params[0]}
					s.plan()
				}
				seen[cb.def] = true
			}
		}
	}
	return nil
}

func (p *Pass) unfollowed(o *option, reason string) {
	p.Report(o.node, "traces_sampler", Finding{Tier: Manual, Note: p.Floor.AtLeast(R2_66_1),
		Message: "traces_sampler: " + reason + "; what it reads depends on the release, see \"spanwalk steps traces-sampler\""})
}

// sampler is one sampler function.
type sampler struct {
	pass    *Pass
	def     *rewrite.Node
	site    *rewrite.Node
	context string // the parameter's name
	edits   []rewrite.Edit
}

func (s *sampler) plan() {
	reads := s.keys()
	switch current := s.pass.Floor.AtLeast(R2_66_1); {
	case reads["span_context"] && reads["transaction_context"]:
		// accepts both shapes already
	case reads["span_context"] && current:
		s.turnBack()
	case (reads["transaction_context"] || reads["parent_sampled"]) && !reads["span_context"] && !current:
		s.acceptBoth(reads)
	}
	s.absentKeys()
	s.renamedOps()
	s.pass.note(s.site, "sampler-note", "the sampler is also asked for spans outside any other, by names it never saw; from 2.71.0 on a sampler that raises drops the trace")
}

// keys returns the keys that the sampler, or a function it hands its context
// to, names as text.
func (s *sampler) keys() map[string]bool {
	out := map[string]bool{}
	collect := func(def *rewrite.Node) {
		def.Child("body").Walk(func(n *rewrite.Node) bool {
			if v := stringValue(n); v != "" {
				out[v] = true
			}
			return true
		})
	}
	collect(s.def)
	for _, u := range s.uses() {
		if call := u.Parent.Parent; u.Parent.Is("argument_list") && call.Is("call") {
			if def := s.pass.world.functionOf(call); def != nil {
				collect(def)
			}
		}
	}
	return out
}

// uses returns the identifiers that mean the sampler's context.
func (s *sampler) uses() []*rewrite.Node { return namesIn(s.def.Child("body"), s.context) }

// namesIn returns the identifiers of a name below a node.
func namesIn(n *rewrite.Node, name string) []*rewrite.Node {
	var out []*rewrite.Node
	n.Walk(func(m *rewrite.Node) bool {
		if m.Is("identifier") && m.Text() == name && m.Field != "attribute" && !(m.Field == "name" && m.Parent.Is("keyword_argument")) {
			out = append(out, m)
		}
		return true
	})
	return out
}

// read is one step into a dictionary: d["key"], d.get("key") or
// d.get("key", default).
type read struct {
	node *rewrite.Node // the whole expression
	key  *rewrite.Node // the string
	get  bool
}

// readOf returns the read that takes a key from the dictionary n.
func readOf(n *rewrite.Node) (read, bool) {
	for n.Parent.Is("parenthesized_expression") {
		n = n.Parent
	}
	p := n.Parent
	switch {
	case p.Is("subscript") && n.Field == "value" && stringValue(p.Child("subscript")) != "":
		return read{node: p, key: p.Child("subscript")}, true
	case p.Is("attribute") && n.Field == "object" && p.Child("attribute").Text() == "get" && p.Parent.Is("call") && p.Field == "function":
		if args := p.Parent.Args(); len(args) > 0 && args[0].Name == "" && stringValue(args[0].Value) != "" {
			return read{node: p.Parent, key: args[0].Value, get: true}, true
		}
	}
	return read{}, false
}

// turnBack rewrites the reads of span_context to the shape that 2.66.1 and
// later pass.
func (s *sampler) turnBack() {
	ok := true
	for _, u := range s.uses() {
		switch r, is := readOf(u); {
		case !is:
			ok = ok && !u.Parent.Is("argument_list", "keyword_argument", "assignment", "return_statement")
		case stringValue(r.key) == "span_context":
			s.rename(r.key, "transaction_context")
			ok = s.inner(u, r) && ok
		}
	}
	f := Finding{Message: "the sampler reads span_context, which releases from 2.66.1 on do not pass", Tier: Safe, Edits: s.edits}
	if !ok || len(s.edits) == 0 {
		f.Tier = Manual
		f.Message += "; some of its reads cannot be followed"
	}
	s.pass.Report(s.site, "traces_sampler", f)
}

func (s *sampler) rename(key *rewrite.Node, to string) {
	text := key.Text()
	quote := text[len(text)-1:]
	s.edits = append(s.edits, rewrite.Edit{Start: key.Start, End: key.End, New: quote + to + quote})
}

// inner rewrites what is read from span_context: parent_sampled stands beside
// it now, the op among its own keys, the attributes under data.
func (s *sampler) inner(context *rewrite.Node, outer read) bool {
	places := []*rewrite.Node{outer.node}
	if as := outer.node.Parent; as.Is("assignment") && outer.node.Field == "right" && as.Child("left").Is("identifier") {
		places = nil
		for _, u := range namesIn(s.def.Child("body"), as.Child("left").Text()) {
			if u != as.Child("left") {
				places = append(places, u)
			}
		}
	}
	for _, place := range places {
		r, ok := readOf(place)
		switch {
		case !ok && place.Parent.Is("if_statement", "boolean_operator", "comparison_operator", "not_operator", "conditional_expression"):
			continue
		case !ok:
			return false
		}
		switch stringValue(r.key) {
		case "parent_sampled":
			s.edits = append(s.withoutOverlap(place), rewrite.Edit{Start: place.Start, End: place.End, New: context.Text()})
		case "attributes":
			s.attributes(r)
		}
	}
	return true
}

// withoutOverlap drops edits inside a node that is replaced as a whole.
func (s *sampler) withoutOverlap(n *rewrite.Node) []rewrite.Edit {
	var out []rewrite.Edit
	for _, e := range s.edits {
		if e.Start < n.Start || e.End > n.End {
			out = append(out, e)
		}
	}
	return out
}

func (s *sampler) attributes(r read) {
	if op, ok := readOf(r.node); ok && stringValue(op.key) == "sentry.op" {
		s.edits = append(s.edits, rewrite.Edit{Start: r.node.End - len(tail(r)), End: op.node.End, New: strings.Replace(tail(op), "sentry.op", "op", 1)})
		return
	}
	s.rename(r.key, "data")
}

// tail is the text of a read behind the dictionary it reads from.
func tail(r read) string {
	from := r.node.Child("value")
	if r.get {
		from = r.node.Child("function").Child("object")
	}
	return string(r.node.File.Source[from.End:r.node.End])
}
