package steps

import (
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

// Item is a line of the guide's migration checklist.
type Item struct {
	Number int // 1–23, in the guide's order
	Text   string
}

// Items is the guide's checklist. Nobody ticks it: each item is measured.
var Items = []Item{
	{1, "SDK version is >=2.62.0"},
	{2, "trace lifecycle is stream in every sentry_sdk.init()"},
	{3, "start_span() migrated"},
	{4, "start_transaction() migrated"},
	{5, "start_child() migrated"},
	{6, "get_current_span() migrated"},
	{7, "scope.span replaced"},
	{8, "scope.transaction replaced"},
	{9, "containing_transaction replaced"},
	{10, "@trace migrated"},
	{11, "Span and Transaction classes replaced"},
	{12, "get_trace_context() replaced"},
	{13, "description replaced with name"},
	{14, "op replaced with the attribute sentry.op"},
	{15, "set_data(), set_tag(), set_context() on spans replaced"},
	{16, "scope tags supplemented with set_attribute()"},
	{17, "continue_trace() migrated"},
	{18, "custom_sampling_context set on the scope"},
	{19, "traces_sampler reads what the SDK passes"},
	{20, "before_send_transaction logic migrated"},
	{21, "logic on late data dropped or moved to the server"},
	{22, "before_send_transaction removed from the options"},
	{23, "spans arrive in Sentry"},
}

// ItemState is an item as measured on a tree.
type ItemState struct {
	Item
	Open  int      // places that break it
	Steps []string // the steps that work on it
}

// Done reports whether nothing breaks the item.
func (s ItemState) Done() bool { return s.Open == 0 }

// Measure counts the open places of every item on the tree as it is. Places
// that somebody silenced with "# spanwalk: ignore" do not count. Item 23 is open
// while any other is; that spans stream is for a run to show, see [Verify].
// mixing are the places that [Mixed] finds.
func Measure(p *rewrite.Project, d Decisions) (items []ItemState, mixing []MixedSite, err error) {
	for _, item := range Items {
		items = append(items, ItemState{Item: item})
	}
	w := newWorld(p)
	static, all := w.inStatic()
	total := 0
	for _, step := range All {
		pass, err := find(step, p, d, Policy{}, w)
		if err != nil {
			return nil, nil, err
		}
		if !all && Mixes(step) {
			mixing = append(mixing, mixed(pass)...)
		}
		for _, n := range step.Items {
			items[n-1].Steps = append(items[n-1].Steps, step.Name)
		}
		for _, f := range pass.findings {
			if f.Note || f.Acknowledged {
				continue
			}
			total++
			for _, n := range itemsOf(step, f, p) {
				items[n-1].Open++
			}
		}
	}
	last := &items[len(items)-1]
	last.Open, last.Steps = min(total, 1), []string{Verify.Name}
	if all {
		mixing = static
	}
	return items, mixing, nil
}

var shared = map[int]*regexp.Regexp{
	13: regexp.MustCompile(`\bdescription\b`),
	14: regexp.MustCompile(`\bop\b`),
	18: regexp.MustCompile(`\bcustom_sampling_context\b`),
}

// itemsOf returns the items a finding keeps open: the one its kind stands for,
// and of 13, 14 and 18 those whose word the site holds.
func itemsOf(step *Step, f Finding, p *rewrite.Project) []int {
	var out []int
	text := siteText(p, f)
	for _, n := range step.Items {
		if re := shared[n]; re != nil && len(step.Items) > 1 {
			if re.MatchString(text) {
				out = append(out, n)
			}
			continue
		}
		if special, ok := itemOfKind[kindAt(f, text)]; ok && special != n && containsInt(step.Items, special) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// itemOfKind tells the items of one step apart.
var itemOfKind = map[string]int{
	"get_current_span": 6, "get_current_span-alias": 6, "update_current_span": 6, "scope.span": 7,
	"transaction": 8, "containing_transaction": 9,
}

// kindAt is the kind of a finding, which for a root tells how the code reaches
// it.
func kindAt(f Finding, text string) string {
	if f.Kind == "transaction" && strings.Contains(text, "containing_transaction") {
		return "containing_transaction"
	}
	return f.Kind
}

func containsInt(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

func siteText(p *rewrite.Project, f Finding) string {
	if file := p.File(f.Path); file != nil {
		return string(file.Source[f.Start:f.End])
	}
	return ""
}
