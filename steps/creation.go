package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// creation is a call that makes a legacy span, on its way to
// sentry_sdk.traces.start_span. The three creating steps share it: they differ
// in the parent and the trace of the new span.
type creation struct {
	pass *Pass
	call *rewrite.Node
	kind string // "start_span", "start_transaction" or "start_child"

	edit    *rewrite.CallEdit
	entries []string      // of attributes={…}
	place   *rewrite.Arg  // the argument that gives way to attributes={…}
	started *rewrite.Node // the call that starts what this one describes, where that is another
	name    *rewrite.Arg
	desc    *rewrite.Arg
	op      *rewrite.Arg
	samples string         // the value of custom_sampling_context
	sampled *rewrite.Arg   // the argument of that name, which has no equivalent
	kept    bool           // what sampled says is handed to the sampler
	moved   bool           // the arguments come from another call: they are appended, not replaced in place
	before  []string       // statements that must run first
	extra   []rewrite.Edit // edits beside the call
	moves   []rewrite.Move // lines that move to the right
	shorter int            // by how many characters less its line may take

	fed      []*rewrite.Node // the calls that one options dictionary feeds
	partOf   bool            // the site is rewritten by the finding of another one it shares a dictionary with
	named    bool            // the name comes by an options dictionary
	movedTo  *move           // the constructor moves down its block
	traceID  *rewrite.Arg    // trace_id and parent_span_id, given by hand
	parentID *rewrite.Arg
	decision *rewrite.Arg // parent_sampled, which only a trace given by hand can carry

	tier    Tier
	reasons []string
	others  []Alternative
	open    bool // a question about the site is not answered yet
}

func newCreation(p *Pass, call *rewrite.Node, kind string) *creation {
	return &creation{pass: p, call: call, kind: kind, edit: rewrite.EditCall(call), tier: Safe}
}

// weaken lowers the tier and says why.
func (c *creation) weaken(t Tier, format string, args ...any) {
	if t == Manual || c.tier == Safe {
		c.tier = t
	}
	c.reasons = append(c.reasons, fmt.Sprintf(format, args...))
}

func (c *creation) world() *world { return c.pass.world }

// convert rewrites the arguments. It reports false when the site must be left
// whole: an argument of unknown content makes it manual (law 9).
func (c *creation) convert(args []rewrite.Arg) {
	for _, a := range args {
		c.argument(a)
	}
	c.nameArgument()
	if d := c.decision; d != nil && (c.traceID == nil || c.parentID == nil) {
		c.weaken(Review, "%s=%s has no equivalent and is dropped", d.Name, d.Value.Text())
	}
	if len(c.entries) == 0 {
		return
	}
	text := "attributes=" + c.attributes()
	if !c.moved && c.place != nil {
		c.edit.Replace(*c.place, text)
	} else {
		c.edit.Append(text)
	}
}

func (c *creation) argument(a rewrite.Arg) {
	switch {
	case a.Star == "**" && c.optionsDict(a):
	case a.Star != "":
		c.weaken(Manual, "%s may hold anything: write the arguments out", a.Node.Text())
	case a.Name == "":
		c.weaken(Manual, "a positional argument of %s() is no span argument", c.kind)
	default:
		c.keyword(a)
	}
}

func (c *creation) keyword(a rewrite.Arg) {
	switch a.Name {
	case "name":
		c.name = &a
	case "description":
		c.desc = &a
	case "op":
		c.op = &a
		c.attribute(a, "sentry.op")
	case "origin":
		c.attribute(a, "sentry.origin")
	case "source":
		c.source(a)
	case "hub", "same_process_as_parent", "instrumenter", "containing_transaction":
		c.drop(a)
	case "custom_sampling_context":
		c.samples = a.Value.Text()
		c.drop(a)
	case "sampled":
		c.drop(a)
		c.sampled = &a
		if !c.kept {
			c.weaken(Review, "sampled=%s has no equivalent and is dropped: let traces_sampler decide by a key of the sampling context", a.Value.Text())
		}
	case "scope":
		c.drop(a)
		c.foreignScope(a.Value)
	case "parent_sampled":
		c.drop(a)
		c.decision = &a
	case "status":
		c.status(a)
	case "start_timestamp", "span_id", "baggage":
		c.drop(a)
		c.weaken(Review, "%s=%s has no equivalent and is dropped", a.Name, a.Value.Text())
	case "trace_id":
		c.traceID = &a
		c.edit.Remove(a)
	case "parent_span_id":
		c.parentID = &a
		c.edit.Remove(a)
	default:
		c.weaken(Manual, "unknown argument %s", a.Name)
	}
}

// attribute moves an argument into attributes={…}.
func (c *creation) attribute(a rewrite.Arg, key string) {
	switch {
	case a.Value.Is("none"):
		c.drop(a)
	case c.world().mayBeNone(a.Value):
		c.weaken(Review, "%s may be None here: the attribute is then left out", a.Value.Text())
		value, test := a.Value.Text(), operand(a.Value)
		if hasCall(a.Value) {
			value = c.onceName(key)
			test = "(" + value + " := " + a.Value.Text() + ")"
		}
		c.entry(a, fmt.Sprintf("**({%s: %s} if %s is not None else {})", c.quote(key), value, test))
	default:
		c.entry(a, c.quote(key)+": "+valueText(a.Value))
	}
}

// onceName names a variable for an argument that is written twice and must be
// evaluated once: "op" for "sentry.op".
func (c *creation) onceName(key string) string {
	name := key[strings.LastIndexByte(key, '.')+1:]
	return c.pass.freeName(c.call, name, "span_"+name)
}

// entry adds an entry of attributes={…}; the first one takes the place of its
// argument, the others' arguments go.
func (c *creation) entry(a rewrite.Arg, text string) {
	c.entries = append(c.entries, text)
	if c.moved {
		return
	}
	if c.place == nil {
		c.place = &a
		return
	}
	c.drop(a)
}

// attributes writes the dictionary. A single entry that may be absent needs no
// dictionary around it.
func (c *creation) attributes() string {
	if e := c.entries[0]; len(c.entries) == 1 && strings.HasPrefix(e, "**(") {
		return e[3 : len(e)-1]
	}
	return rewrite.DictText(c.entries)
}

// valueText is an argument's value as a dictionary value; what binds looser
// than a comma cannot stand there as it is.
func valueText(v *rewrite.Node) string {
	if v.Is("named_expression", "yield") {
		return "(" + v.Text() + ")"
	}
	return v.Text()
}

func (c *creation) quote(s string) string {
	q := string(c.call.File.Style.Quote)
	return q + s + q
}

// source turns source= into the attribute, and members of TransactionSource
// into their text: that enum is gone in 3.0.
func (c *creation) source(a rewrite.Arg) {
	if text, ok := sourceText(c.world().dotted(strip(a.Value, "value"))); ok {
		c.entry(a, c.quote(c.pass.Floor.SourceAttribute())+": "+c.quote(text))
		return
	}
	c.attribute(a, c.pass.Floor.SourceAttribute())
}

// strip removes a trailing attribute such as ".value".
func strip(n *rewrite.Node, attr string) *rewrite.Node {
	if n.Is("attribute") && n.Child("attribute").Text() == attr {
		return n.Child("object")
	}
	return n
}

// sourceText maps TransactionSource.X and TRANSACTION_SOURCE_X to their value.
func sourceText(dotted string) (string, bool) {
	for _, prefix := range []string{"sentry_sdk.tracing.TransactionSource.", "sentry_sdk.tracing.TRANSACTION_SOURCE_"} {
		if name, ok := strings.CutPrefix(dotted, prefix); ok {
			return strings.ToLower(name), true
		}
	}
	return "", false
}

// drop takes an argument out of the call, unless it stands in another one.
func (c *creation) drop(a rewrite.Arg) {
	if !c.moved {
		c.edit.Remove(a)
	}
}

// put writes an argument in its place, or behind the others when it comes from
// another call.
func (c *creation) put(a rewrite.Arg, text string) {
	if c.moved {
		c.edit.Append(text)
		return
	}
	c.edit.Replace(a, text)
}

// question starts a question about this site.
func (c *creation) question(id, prompt, why string) Question {
	return Question{ID: id, Key: c.pass.SiteKey(c.call, c.kind), Prompt: prompt, Why: why,
		Path: c.call.File.Path, Start: c.call.Start, End: c.call.End, Shape: c.shape()}
}

// report hands the site to the pass.
func (c *creation) report(message string) {
	if c.partOf {
		return
	}
	if c.tier != Manual {
		c.groupedByName()
	}
	f := Finding{Message: message, Shape: c.shape()}
	if c.tier != Manual && !c.open {
		f.Edits, f.Moves, f.Alternatives = c.edits(), c.moves, c.others
	}
	f.Tier = c.tier
	if len(c.reasons) > 0 {
		f.Message += ": " + strings.Join(c.reasons, "; ")
	}
	if c.open {
		f.Message += " (waits for an answer)"
	}
	c.pass.Report(c.call, c.kind, f)
}

// edits writes the site's edits; what turns out impossible on the way lowers
// the tier.
func (c *creation) edits() []rewrite.Edit {
	width := lineWidth(c.pass.Project, c.call.File.Path)
	if len(c.before) > 0 {
		c.insertBefore()
	}
	edits := append(c.edit.Edits(width-c.shorter), c.extra...)
	if c.movedTo != nil {
		edits = c.relocate(edits)
	}
	return edits
}

// shape names the structure of the site: its context and its keywords.
func (c *creation) shape() string {
	var keys []string
	for _, a := range c.call.Args() {
		switch {
		case a.Star != "":
			keys = append(keys, a.Star)
		case a.Name == "":
			keys = append(keys, "positional")
		default:
			keys = append(keys, a.Name)
		}
	}
	return context(c.call) + ", " + strings.Join(keys, " + ")
}

// context names how a call stands: "with … as", "with", "held" or the kind of
// the expression around it.
func context(call *rewrite.Node) string {
	switch p := call.Parent; {
	case p.Is("as_pattern") && p.Parent.Is("with_item"):
		return "with … as"
	case p.Is("with_item"):
		return "with"
	case p.Is("assignment"):
		return "held"
	case p.Is("return_statement"):
		return "returned"
	case p.Is("argument_list") && entersArgument(call):
		return "enter_context"
	}
	return strings.ReplaceAll(strings.TrimSuffix(call.Parent.Kind, "_statement"), "_", " ")
}
