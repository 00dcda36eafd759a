package steps

import (
	"strings"
	"sync"

	"spanwalk/rewrite"
)

// LateFilters asks what becomes of filters that need the end of the root.
var LateFilters = &Step{
	Name:  "late-filters",
	Items: []int{21},
	Title: "decide about filters on late data",
	Why: "Streamed spans leave one by one: when a root knows its status, duration or tags, its children are gone already. " +
		"Such a filter can be dropped, kept as dead code with a marker, or moved to the server.",
	Doc: "Asks for each condition of before_send_transaction that reads what only the end of a root knows. " +
		"The condition goes from the callback, or the callback stays with a comment that says why nothing calls it.",
	Link: guide + "migrate-before_send_transaction",
	Before: `import sentry_sdk


def drop_missing(event, hint):
    if event["contexts"]["response"]["status_code"] == 404:
        return None
    return event


sentry_sdk.init(traces_sample_rate=1.0, before_send_transaction=drop_missing)
`,
	After: `import sentry_sdk


def drop_missing(event, hint):
    return event


sentry_sdk.init(traces_sample_rate=1.0, before_send_transaction=drop_missing)
`,
	Find: findLateFilters,
}

// findLateFilters finds the drops that before-send had to leave because they
// read late data.
//
// Each is a question without a recommended answer: every answer sends, hides
// or moves something. Safe once answered; Manual until then.
func findLateFilters(p *Pass) error {
	sites := p.lateSites()
	for i := 0; i < len(sites); {
		j := i + 1
		for j < len(sites) && sites[j].filter == sites[i].filter {
			j++
		}
		p.lateFilter(sites[i:j])
		i = j
	}
	return nil
}

// lateSite is one drop that reads late data.
type lateSite struct {
	filter *eventFilter
	drop   *drop
	late   string
	kind   string // of the finding: late-filter with what it reads
	key    string
}

// lateSites lists the late drops of all callbacks, each callback once.
func (p *Pass) lateSites() []lateSite {
	names := sync.OnceValue(p.world.rootNames)
	seen, numbers := map[*rewrite.Node]bool{}, map[string]int{}
	var out []lateSite
	for _, c := range p.world.clients() {
		if !c.tracing() && len(c.unseen) == 0 {
			continue
		}
		for _, o := range c.all(oldOption) {
			list, _ := p.world.callbacks(o.value)
			for _, cb := range list {
				f := p.world.takeApart(cb)
				if f == nil || seen[f.cb.def] {
					continue
				}
				seen[f.cb.def] = true
				for _, d := range f.drops {
					if v := f.judge(d, names()); v.late != "" {
						kind := "late-filter-" + lateSlug(v.late)
						at := d.place.File.Path + "::" + rewrite.Qualname(d.place) + "/" + kind
						numbers[at]++
						out = append(out, lateSite{f, d, v.late, kind, at + "#" + itoa(numbers[at])})
					}
				}
			}
		}
	}
	return out
}

// lateFilter asks about the late drops of one callback and carries the answers
// out.
func (p *Pass) lateFilter(sites []lateSite) {
	f := sites[0].filter
	gone := map[*drop]bool{}
	keep := false
	if marked(f.cb.def) {
		return
	}
	for _, s := range sites {
		answer, ok := p.Ask(s.question())
		finding := Finding{Tier: Manual, Note: true, Shape: s.shape()}
		switch {
		case !ok:
			finding.Note = false
			finding.Message = "a filter on " + s.late + ", which streamed spans know too late (waits for an answer)"
		case answer == "drop":
			gone[s.drop] = true
			finding.Message = "the filter on " + s.late + " goes: what it dropped is sent"
		case answer == "server-side":
			gone[s.drop] = true
			finding.Message = "the filter on " + s.late + " moves to the server: " + s.serverRule().Line()
		case answer == "keep":
			keep = true
			finding.Message = "the filter on " + s.late + " stays as dead code: what it dropped is sent"
		default:
			finding.Note = false
			finding.Message = "a filter on " + s.late + " is left, and nothing calls it"
		}
		if ignored(s.drop.place.File, s.drop.place.Start, p.Step.Name) {
			delete(gone, s.drop)
		}
		p.Report(s.drop.place, s.kind, finding)
	}
	p.dropLate(f, gone)
	if keep {
		p.mark(f, sites)
	}
}

func (s lateSite) shape() string {
	what, _, _ := strings.Cut(s.late, " (")
	return "filter on " + what
}

func (s lateSite) question() Question {
	n := s.drop.place
	return Question{ID: "late-filter", Key: s.key, Shape: s.shape(), Path: n.File.Path, Start: n.Start, End: n.End,
		Prompt: "What should become of this filter on " + s.late + "?",
		Why:    "It needs the end of the root; by then streamed spans have been sent, and no callback can drop them.",
		Options: []Option{
			{ID: "drop", Text: "Drop the filter", Consequence: "what it kept back is sent and billed from now on"},
			{ID: "keep", Text: "Keep the code, with a marker", Consequence: "the same, but the function stays, unused, with a comment that says so"},
			{ID: "server-side", Text: "Filter on the server", Consequence: "the code goes; the report holds the rule to set up: " + s.serverRule().Line()},
			{ID: Leave, Text: "Leave this place alone", Consequence: "nothing calls it once spans stream, 3.0 rejects the option, and it stays listed as open"},
		}}
}

// dropLate takes drops out of a callback that nothing else needs.
func (p *Pass) dropLate(f *eventFilter, gone map[*drop]bool) {
	if len(gone) == 0 || !f.cb.def.Is("function_definition") || p.usedOtherwise(f.cb.def) {
		return
	}
	t := newTrim(f)
	for _, d := range f.drops {
		if gone[d] {
			t.drop(d)
		}
	}
	edits := t.finish()
	finding := Finding{Tier: Safe, Message: "before_send_transaction without what only the server can filter", Edits: edits}
	if !t.possible(gone) {
		finding.Tier = Manual
		finding.Message = "one of the late filters cannot go without another: take them out by hand"
	}
	p.Report(f.cb.site(), "late-filters", finding)
}

// markerWord is the word by which editors list what is left to do, in two
// parts so that this line is not listed.
const markerWord = "TO" + "DO"

const keptMarker = "# " + markerWord + "(spanwalk[late-filters]): "

// marked reports a function with the marker of a kept filter above it.
func marked(def *rewrite.Node) bool {
	f := def.File
	at := f.LineSpan(statementOf(def).Start).Start
	if at == 0 {
		return false
	}
	above := lineAbove(f, at)
	return strings.HasPrefix(strings.TrimSpace(string(f.Source[above.Start:above.End])), keptMarker)
}

// statementOf is the statement of a definition, decorators included, or the
// one that holds a lambda.
func statementOf(def *rewrite.Node) *rewrite.Node {
	if s := def.Statement(); s != nil {
		return s
	}
	return def
}

// mark puts the marker above a kept callback.
func (p *Pass) mark(f *eventFilter, sites []lateSite) {
	var why []string
	for _, s := range sites {
		why = append(why, s.late)
	}
	line := keptMarker + "nothing calls this once spans stream; it filtered on " + strings.Join(why, ", ")
	edit, ok := rewrite.InsertBefore(statementOf(f.cb.def), line)
	finding := Finding{Tier: Safe, Message: "a marker above the callback that is kept", Edits: []rewrite.Edit{edit}}
	if !ok {
		finding.Tier = Manual
	}
	p.Report(f.cb.site(), "late-filters", finding)
}
