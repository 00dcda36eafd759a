package steps

import (
	"strings"
	"sync"

	"spanwalk/rewrite"
)

// BeforeSendOption takes the option away when its logic has found a home.
var BeforeSendOption = &Step{
	Name:  "before-send-option",
	Items: []int{22},
	Title: "remove before_send_transaction and dead options",
	Why: "The option has no effect once spans stream, and 3.0 rejects it with TypeError. " +
		"It goes when nothing is left in its callback that is not filtered, changed or decided elsewhere.",
	Doc: "Removes before_send_transaction from every client, with its function if nothing else uses it. " +
		"Removes options without effect on streamed spans, such as profiles_sample_rate, where review findings are accepted.",
	Link: guide + "migrate-before_send_transaction",
	Before: `import sentry_sdk


def unchanged(event, hint):
    return event


sentry_sdk.init(
    traces_sample_rate=1.0,
    trace_lifecycle="stream",
    before_send_transaction=unchanged,
)
`,
	After: `import sentry_sdk


sentry_sdk.init(
    traces_sample_rate=1.0,
    trace_lifecycle="stream",
)
`,
	Find: findBeforeSendOption,
}

// optionSite is the kind of the step's findings. They are about the option where
// the step before-send is about its logic: a decision about one must not reach
// the other, whose key would be the same.
const optionSite = oldOption + "-option"

// findBeforeSendOption finds the option before_send_transaction and options
// that streamed spans ignore.
//
// Safe: a callback that returns its event, or whose logic is found in
// ignore_spans, the sampler or before_send_span, or was decided about. Review:
// a dead option. Manual: logic is left in the callback, or cannot be seen.
func findBeforeSendOption(p *Pass) error {
	names := sync.OnceValue(p.world.rootNames)
	decided := p.decidedLate()
	var all []*optionRemoval
	imports := map[*rewrite.Node]int{}
	for _, c := range p.world.clients() {
		r := &optionRemoval{pass: p, client: c, names: names, decided: decided, edits: newOptionEdits(p.Project)}
		for _, o := range c.all(oldOption) {
			r.option(o)
		}
		for _, b := range r.imports {
			imports[b.Stmt]++
		}
		all = append(all, r)
	}
	for _, r := range all {
		r.dropImports(imports)
		r.deadOptions()
		r.report()
	}
	return nil
}

// decidedLate returns the late drops that somebody decided about.
func (p *Pass) decidedLate() map[*rewrite.Node]bool {
	out := map[*rewrite.Node]bool{}
	for _, s := range p.lateSites() {
		d, ok := p.decisions.Find("late-filter", s.drop.place.File.Path, s.key)
		out[s.drop.place] = marked(s.filter.cb.def) || ok && d.Option != Leave
	}
	return out
}

// optionRemoval is what goes from one client.
type optionRemoval struct {
	pass    *Pass
	client  *client
	names   func() *rootNames
	decided map[*rewrite.Node]bool
	edits   *optionEdits
	parts   []string
	gone    []*option
	imports []*rewrite.Binding // of callbacks that nothing uses any more
	ignored []*option          // options without effect that wait for a review
	site    *rewrite.Node
}

// option removes before_send_transaction, or says why it stays.
func (r *optionRemoval) option(o *option) {
	list, reason := r.pass.world.callbacks(o.value)
	for _, cb := range list {
		if reason == "" {
			reason = r.left(o, cb)
		}
	}
	if reason != "" && !r.client.tracing() && len(r.client.unseen) == 0 {
		r.pass.note(o.node, optionSite, oldOption+" has no effect without tracing, and 3.0 rejects it")
		return
	}
	if reason != "" {
		r.pass.Report(o.node, optionSite, Finding{Tier: Manual,
			Message: oldOption + " is never called for streamed spans, and 3.0 rejects it: " + reason})
		return
	}
	r.parts = append(r.parts, oldOption+" has nothing left to do")
	r.gone = append(r.gone, o)
	r.site = o.node
	r.edits.remove(o)
	for _, cb := range list {
		r.function(o, cb)
	}
	r.unused(o.value)
}

// left says what is left in a callback, "" for nothing.
func (r *optionRemoval) left(o *option, cb callback) string {
	f := r.pass.world.takeApart(cb)
	if f == nil {
		return "its callback takes no event"
	}
	if f.identity() || marked(f.cb.def) {
		return ""
	}
	m := newRehoming(r.pass, r.client, o, f, r.names())
	m.plan()
	if len(m.left) > 0 {
		return m.left[0].reason
	}
	for _, d := range f.drops {
		if !m.homed[d] && !r.decided[d.place] {
			return "a filter on late data is left"
		}
	}
	if !m.housed() {
		return "the step before-send comes first"
	}
	return ""
}

// housed reports whether all that the callback does is done elsewhere.
func (m *rehoming) housed() bool {
	for _, rule := range m.rules {
		if !m.has("ignore_spans", rule) {
			return false
		}
	}
	for _, condition := range m.sampler.conditions {
		if !m.has("traces_sampler", "if "+condition+":") {
			return false
		}
	}
	return len(m.spans.every)+len(m.spans.root)+len(m.spans.child) == 0 || m.hasLines()
}

// function removes a callback that nothing else uses.
func (r *optionRemoval) function(o *option, cb callback) {
	def := cb.def
	if !def.Is("function_definition") || def.File != o.node.File || marked(def) || r.pass.shared(def) || !r.onlyUse(def, o.value) {
		return
	}
	if stmt := def.Statement(); len(stmt.Parent.Children) > 1 {
		r.edits.statement(stmt, removeDefinition(stmt))
	}
}

// onlyUse reports whether a function's name is used nowhere but in an option.
func (r *optionRemoval) onlyUse(def, value *rewrite.Node) bool {
	name := def.Child("name")
	w := r.pass.world
	if def.Class() != nil {
		for _, a := range w.attributes(name.Text()) {
			if !value.Contains(a) {
				return false
			}
		}
		return !strings.HasPrefix(name.Text(), "__")
	}
	for _, f := range w.project.Files() {
		for _, used := range namesIn(f.Module, name.Text()) {
			if used != name && !value.Contains(used) {
				return false
			}
		}
	}
	return true
}

// unused notes the import of a callback that nothing else in the file uses.
func (r *optionRemoval) unused(value *rewrite.Node) {
	n := value.Inner()
	if !n.Is("identifier") {
		return
	}
	_, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if len(bindings) != 1 || bindings[0].Kind != rewrite.Import || !bindings[0].Stmt.Is("import_from_statement") {
		return
	}
	bound := bindings[0].Node
	for _, used := range namesIn(n.File.Module, n.Text()) {
		if used != n && used != bound && used.Ancestor("import_from_statement") == nil {
			return
		}
	}
	r.imports = append(r.imports, bindings[0])
}

// dropImports removes the imports of the client's callbacks. Where several
// clients lose names of one statement it stays: their findings may be taken or
// left one by one.
func (r *optionRemoval) dropImports(count map[*rewrite.Node]int) {
	for _, b := range r.imports {
		if count[b.Stmt] > 1 {
			continue
		}
		for _, e := range rewrite.RemoveImported(b.Stmt, func(n *rewrite.Node) bool { return n == b.Node || n.Contains(b.Node) }) {
			r.edits.statement(b.Stmt, e)
		}
	}
}

// report writes one finding for all that goes from the client.
func (r *optionRemoval) report() {
	if len(r.parts) == 0 {
		return
	}
	f := Finding{Tier: Safe, Message: strings.Join(r.parts, "; "), Edits: r.edits.edits()}
	if len(r.edits.files) > 1 {
		f.Tier = Manual
		f.Message += "; the options stand in several files: change them by hand"
	}
	r.pass.Report(r.site, optionSite, f)
}
