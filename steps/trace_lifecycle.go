package steps

import (
	"fmt"
	"path"
	"strings"

	"spanwalk/rewrite"
)

// TraceLifecycle switches every client to streamed spans.
var TraceLifecycle = &Step{
	Name:  "trace-lifecycle",
	Items: []int{2},
	Title: "turn span streaming on",
	Why: "The SDK sends transactions until trace_lifecycle is \"stream\" in the options of its client. " +
		"From then on the old API sends nothing, so this commit is complete only with the steps after it.",
	Doc: "Adds trace_lifecycle=\"stream\" to every init(), Client() and options dictionary that reaches one; below 2.66.0 it goes into _experiments. " +
		"Options that left _experiments move up with it. Options that stop working are reported, and those that 3.0 rejects.",
	Link: guide + "enable-span-streaming",
	Before: `import sentry_sdk

sentry_sdk.init(
    dsn="https://key@sentry.example/1",
    traces_sample_rate=1.0,
)
`,
	After: `import sentry_sdk

sentry_sdk.init(
    dsn="https://key@sentry.example/1",
    traces_sample_rate=1.0,
    trace_lifecycle="stream",
)
`,
	Find: findTraceLifecycle,
}

// findTraceLifecycle finds the calls that configure a client.
//
// Safe: all options can be seen, the lifecycle is not among them, and tracing
// is on. Review: it has another value than "stream". Manual: some of the
// options cannot be seen, or the lifecycle is computed. Where tracing is off a
// question decides. From 3.0 on there is nothing to switch.
func findTraceLifecycle(p *Pass) error {
	clients := p.world.clients()
	placed := map[*rewrite.Node]bool{}
	for _, c := range clients {
		if !p.Floor.AtLeast(R3_0_0) {
			l := &lifecycle{pass: p, client: c, edits: newOptionEdits(p.Project), tier: Safe, node: c.call, placed: placed}
			l.experiments, l.seen = p.world.experiments(c)
			l.plan()
		}
	}
	p.optionNotes(clients)
	p.values("sentry_sdk.init")
	if len(clients) == 0 {
		p.noClient()
	}
	return nil
}

// lifecycle is one client on its way to streamed spans.
type lifecycle struct {
	pass        *Pass
	client      *client
	experiments []*option
	seen        bool // all of _experiments is
	edits       *optionEdits
	tier        Tier
	node        *rewrite.Node // what the finding is about
	parts       []string
	open        bool
	placed      map[*rewrite.Node]bool // homes that an earlier client was given the lifecycle in
}

const stream = "stream"

func (l *lifecycle) experiment(name string) []*option {
	var out []*option
	for _, o := range l.experiments {
		if o.name == name {
			out = append(out, o)
		}
	}
	return out
}

func (l *lifecycle) plan() {
	top := l.pass.Floor.TopLevel("trace_lifecycle")
	set := append(l.client.all("trace_lifecycle"), l.experiment("trace_lifecycle")...)
	switch {
	case len(set) > 0:
		l.present(set)
	case len(l.client.unseen) > 0:
		l.manual("%s: set trace_lifecycle=\"stream\" by hand", strings.Join(l.client.unseen, "; "))
	case l.wanted():
		l.add(top)
	default:
		return
	}
	if top && l.tier != Manual && !l.open {
		l.promote("ignore_spans")
		if l.pass.Floor.TopLevel("before_send_span") {
			l.promote("before_send_span")
		}
	}
	l.report()
}

func (l *lifecycle) manual(format string, args ...any) {
	l.tier = Manual
	l.parts = append(l.parts, fmt.Sprintf(format, args...))
}

func (l *lifecycle) review(format string, args ...any) {
	if l.tier == Safe {
		l.tier = Review
	}
	l.parts = append(l.parts, fmt.Sprintf(format, args...))
}

// present looks at a lifecycle that is set already; of several places the top
// level wins.
func (l *lifecycle) present(set []*option) {
	for _, o := range set {
		text := stringValue(o.value.Inner())
		switch {
		case text == "" && !o.value.Inner().Is("none", "string"):
			l.manual("trace_lifecycle is decided at run time by %s", o.value.Text())
			return
		case !o.sure && len(set) == 1:
			l.manual("trace_lifecycle is set under a condition only")
			return
		case text != stream:
			l.review("trace_lifecycle=%s is not \"stream\"", o.value.Text())
			l.edits.setValue(o, l.quote(stream))
		}
	}
	if l.pass.Floor.TopLevel("trace_lifecycle") {
		l.promote("trace_lifecycle")
	} else if top := l.client.all("trace_lifecycle"); len(top) > 0 {
		l.review("releases before 2.66.0 reject trace_lifecycle outside _experiments: raise the floor, or move it")
		l.edits = newOptionEdits(l.pass.Project)
	}
}

// wanted asks about a client that sends no spans.
func (l *lifecycle) wanted() bool {
	l.node = l.home()
	if l.placed[l.node] {
		return false
	}
	if l.client.tracing() {
		return true
	}
	answer, ok := l.pass.Ask(Question{ID: "tracing-off", Key: l.pass.SiteKey(l.node, "init"), Shape: l.shape(),
		Path: l.node.File.Path, Start: l.node.Start, End: l.node.End,
		Prompt: "This client does not turn tracing on. Should it stream anyway?",
		Why:    "Neither traces_sample_rate nor traces_sampler has a value, so no span is sent here in either lifecycle.",
		Options: []Option{
			{ID: "skip", Text: "Skip it", Consequence: "nothing changes here; add trace_lifecycle when tracing is turned on", Recommended: true},
			{ID: "add", Text: "Add it", Consequence: "writes trace_lifecycle=\"stream\" now; no span is sent until a rate is set"},
		}})
	switch {
	case !ok || answer == Leave:
		l.open = true
	case answer == "skip":
		l.pass.Report(l.node, "init", Finding{Message: l.name() + " without tracing stays as it is", Tier: Manual, Note: true, Shape: l.shape()})
		return false
	}
	return true
}

// home is where a new option goes: beside the sample rate if that stands in a
// dictionary which always reaches the client, else into the call itself.
func (l *lifecycle) home() *rewrite.Node {
	for _, o := range l.client.options {
		if (o.name == "traces_sample_rate" || o.name == "traces_sampler") && o.sure && o.home != nil {
			return o.home
		}
	}
	return l.client.call
}

func (l *lifecycle) quote(s string) string {
	q := string(l.node.File.Style.Quote)
	return q + s + q
}

// add writes the lifecycle, below 2.66.0 into _experiments.
func (l *lifecycle) add(top bool) {
	l.placed[l.node] = true
	l.parts = append(l.parts, "no trace_lifecycle, so spans go out as transactions")
	if top {
		l.edits.add(l.node, "trace_lifecycle", l.quote(stream))
		return
	}
	holders := l.client.all("_experiments")
	entry := l.quote("trace_lifecycle") + ": " + l.quote(stream)
	switch {
	case len(holders) == 0:
		l.edits.add(l.node, "_experiments", rewrite.DictText([]string{entry}))
	case len(holders) > 1 || !holders[0].sure:
		l.manual("_experiments is set in several places or under a condition")
	default:
		l.merge(holders[0], entry)
	}
}

func (l *lifecycle) name() string { return l.client.call.Child("function").Text() + "()" }

// shape tells clients of the program from those of its tests and docs.
func (l *lifecycle) shape() string {
	form := "keywords"
	for _, a := range l.client.call.Args() {
		switch {
		case a.Star != "":
			form = a.Star + " options"
		case a.Name == "" && form == "keywords":
			form = "positional DSN"
		}
	}
	place := ""
	if supporting(l.client.call.File.Path) {
		place = " in tests or docs"
	}
	last := l.client.call.Child("function").Text()
	return last[strings.LastIndexByte(last, '.')+1:] + "()" + place + ", " + form
}

// supporting reports a file of a test suite, of docs or of examples.
func supporting(file string) bool {
	for _, dir := range strings.Split(path.Dir(file), "/") {
		switch strings.ToLower(dir) {
		case "test", "tests", "testing", "doc", "docs", "example", "examples", "samples":
			return true
		}
	}
	base := path.Base(file)
	return base == "conftest.py" || strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py")
}
