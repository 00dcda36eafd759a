package steps

import (
	"fmt"

	"spanwalk/rewrite"
)

// RootSpan replaces access to the transaction around the current span.
var RootSpan = &Step{
	Name:  "root-span",
	Items: []int{8, 9},
	Title: "replace access to the current transaction",
	Why: "Streamed spans give no public way to their root. " +
		"Renaming the root has one, sentry_sdk.set_transaction_name(); what else the code does with it decides the rest.",
	Doc: "Rewrites scope.transaction and span.containing_transaction by what the code does with them: renaming, reading the trace id, testing, " +
		"or adding data. The private _segment is offered and never chosen for you.",
	Link: guide + "scope-span-and-scope-transaction",
	Before: `import sentry_sdk

scope = sentry_sdk.get_current_scope()
if scope.transaction:
    scope.transaction.name = "checkout"
`,
	After: `import sentry_sdk

scope = sentry_sdk.get_current_scope()
if sentry_sdk.traces.get_current_span():
    sentry_sdk.set_transaction_name("checkout")
`,
	Find: findRootSpan,
}

// rootUse is what code does with a root span.
type rootUse int

const (
	useTest    rootUse = iota // only whether there is one
	useTraceID                // reads trace_id
	useName                   // assigns name
	useData                   // adds a tag or data
	useOther
)

// findRootSpan finds scope.transaction and span.containing_transaction on
// scopes and spans, and assignments to scope.transaction.
func findRootSpan(p *Pass) error {
	for _, a := range p.world.accesses("transaction") {
		if p.world.holdsScope(a.object) {
			p.rootAccess(a.node)
		}
	}
	for _, a := range p.world.attributes("containing_transaction") {
		if _, ok := p.spanAt(a.Child("object")); ok {
			p.rootAccess(a)
		}
	}
	return nil
}

func (p *Pass) rootAccess(a *rewrite.Node) {
	if a.Field == "left" && a.Parent.Is("assignment") {
		p.assignRoot(a)
		return
	}
	use, renames := p.rootUses(a)
	switch use {
	case useName:
		p.renameRoot(a, renames)
	case useTest, useTraceID:
		p.askRoot(a, "current", Safe, "the current span tells as much")
	case useData:
		p.askRoot(a, "current", Review, "the data goes to the current span, not to the root")
	default:
		p.askRoot(a, "", Review, "what it is used for needs a decision")
	}
}

// assignRoot handles "scope.transaction = name", the old spelling of
// set_transaction_name().
func (p *Pass) assignRoot(a *rewrite.Node) {
	as := a.Parent
	if v := as.Child("right"); v != nil && !p.world.typeOf(v).isSpan() && as.Parent.Is("expression_statement") {
		f := Finding{Message: a.Text() + " is assigned to name the transaction", Tier: Safe,
			Edits: []rewrite.Edit{
				{Start: as.Start, End: v.Start, New: rewrite.NameRef("sentry_sdk.set_transaction_name", p.sdkStyle(a)) + "("},
				{Start: v.End, End: v.End, New: ")"}}}
		if !p.world.typeOf(a.Child("object")).scope {
			p.ofOtherScope(a, &f)
		}
		p.Report(a, "transaction", f)
		return
	}
	p.Report(a, "transaction", Finding{Message: a.Text() + " is assigned a span: enter the span with \"with\" instead", Tier: Manual})
}

// rootUses classifies what happens to the root. For a variable that holds it
// every use counts, and renames holds the assignments of its name.
func (p *Pass) rootUses(a *rewrite.Node) (rootUse, []*rewrite.Node) {
	target := a.Parent
	switch {
	case target.Is("assignment") && a.Field == "right" && target.Child("left").Is("identifier"):
		return p.variableUses(target.Child("left"))
	case target.Is("named_expression"):
		use, renames := p.variableUses(target.Child("name"))
		return use, renames
	}
	use, rename := useOf(a)
	if rename != nil {
		return use, []*rewrite.Node{rename}
	}
	return use, nil
}

func (p *Pass) variableUses(name *rewrite.Node) (rootUse, []*rewrite.Node) {
	scope, bindings := name.File.ScopeOf(name).Lookup(name.Text())
	if len(bindings) != 1 || scope.Node.Is("module", "class_definition") {
		return useOther, nil
	}
	worst := useTest
	var renames []*rewrite.Node
	for _, r := range p.world.uses(variable{scope, name.Text()}) {
		if r == name {
			continue
		}
		use, rename := useOf(r)
		if rename != nil {
			renames = append(renames, rename)
		}
		worst = max(worst, use)
	}
	if worst > useName && len(renames) > 0 {
		return useOther, nil // renamed and given data: no single answer is right
	}
	return worst, renames
}

// useOf classifies one use of an expression that gives the root; rename is the
// assignment of its name, if that is what it is.
func useOf(n *rewrite.Node) (use rootUse, rename *rewrite.Node) {
	for n.Parent.Is("parenthesized_expression") {
		n = n.Parent
	}
	p := n.Parent
	if p.Is("attribute") && n.Field == "object" {
		switch p.Child("attribute").Text() {
		case "trace_id":
			return useTraceID, nil
		case "name":
			if p.Field == "left" && p.Parent.Is("assignment") && p.Parent.Parent.Is("expression_statement") {
				return useName, p.Parent
			}
		case "set_tag", "set_data", "set_attribute", "update_data", "set_attributes":
			if p.Parent.Is("call") && p.Parent.Parent.Is("expression_statement") {
				return useData, nil
			}
		}
		return useOther, nil
	}
	if isTested(n) {
		return useTest, nil
	}
	return useOther, nil
}

// isTested reports an expression of which only the truth or the presence is
// looked at.
func isTested(n *rewrite.Node) bool {
	p := n.Parent
	switch p.Kind {
	case "argument_list":
		return len(p.Children) == 1 && p.Parent.Child("function").Text() == "bool"
	case "if_statement", "while_statement", "elif_clause":
		return n.Field == "condition"
	case "not_operator":
		return true
	case "comparison_operator":
		return p.Children[len(p.Children)-1].Is("none") && p.Children[0] == n
	case "conditional_expression":
		return p.Children[1] == n
	case "boolean_operator":
		return n.Field == "left" && p.Child("operator").Text() == "and" || isTested(p)
	case "parenthesized_expression", "named_expression":
		return isTested(p)
	}
	return false
}

// renameRoot turns "x.transaction.name = n" into set_transaction_name(n).
func (p *Pass) renameRoot(a *rewrite.Node, renames []*rewrite.Node) {
	q := p.rootQuestion(a)
	q.Options = append([]Option{{ID: "rename", Text: "sentry_sdk.set_transaction_name()", Recommended: true,
		Consequence: "renames the root span as before; works on every release and never fails without a span"}}, q.Options...)
	answer, ok := p.Ask(q)
	f := Finding{Message: a.Text() + " is renamed", Tier: Safe}
	if !ok || answer != "rename" {
		p.answeredRoot(a, f, answer, ok)
		return
	}
	set := rewrite.NameRef("sentry_sdk.set_transaction_name", p.sdkStyle(a))
	for _, as := range renames {
		v := as.Child("right")
		f.Edits = append(f.Edits, rewrite.Edit{Start: as.Start, End: v.Start, New: set + "("}, rewrite.Edit{Start: v.End, End: v.End, New: ")"})
	}
	if !renames[0].Contains(a) {
		f.Edits = append(f.Edits, p.currentFor(a))
	}
	p.ofOtherScope(a, &f)
	p.Report(a, "transaction", f)
}

// ofOtherScope marks the root of a scope that may not be the current one for
// review: on SDK 2.x a Hub's scope, for one, has no span. So is a default of
// getattr() that goes.
func (p *Pass) ofOtherScope(a *rewrite.Node, f *Finding) {
	p.defaultGoes(a, f)
	if !a.Is("attribute") || a.Child("attribute").Text() != "transaction" || p.world.isCurrentScope(a.Child("object")) {
		return
	}
	if f.Tier == Safe {
		f.Tier = Review
	}
	f.Message += fmt.Sprintf("; %s may not be the current scope", a.Child("object").Text())
}

func (p *Pass) currentFor(a *rewrite.Node) rewrite.Edit {
	return rewrite.Edit{Start: a.Start, End: a.End, New: rewrite.NameRef(newCurrentSpan, p.sdkStyle(a)) + "()"}
}

// askRoot offers the current span and the private accessor; recommended is the
// option that is right in the usual case, "" where there is none.
func (p *Pass) askRoot(a *rewrite.Node, recommended string, tier Tier, why string) {
	q := p.rootQuestion(a)
	for i := range q.Options {
		q.Options[i].Recommended = q.Options[i].ID == recommended
	}
	answer, ok := p.Ask(q)
	p.answeredRoot(a, Finding{Message: a.Text() + ": " + why, Tier: tier}, answer, ok)
}

func (p *Pass) rootQuestion(a *rewrite.Node) Question {
	_, shape := p.world.lookup(a)
	if a.Is("attribute") {
		shape = a.Child("attribute").Text()
	}
	return Question{ID: "root-span", Key: p.SiteKey(a, "transaction"), Path: a.File.Path, Start: a.Start, End: a.End, Shape: shape,
		Prompt: "What should this use of the transaction become?",
		Why:    "Streamed spans have no public way to their root.",
		Options: []Option{
			{ID: "current", Text: "The current span", Consequence: "the same for the trace id and for tests; data lands on the current span instead of the root"},
			{ID: "segment", Text: "The root, through the private _segment", Consequence: "the same span as today; private API that may change, None checked"},
			{ID: "marker", Text: "Restructure by hand", Consequence: "nothing is written; the place stays listed"},
			leaveOption,
		}}
}

func (p *Pass) answeredRoot(a *rewrite.Node, f Finding, answer string, ok bool) {
	switch {
	case !ok:
		f.Message += " (waits for an answer)"
		f.Tier = Review
	case answer == "current":
		f.Edits = []rewrite.Edit{p.currentFor(a)}
		p.ofOtherScope(a, &f)
	case answer == "segment":
		f.Message, f.Tier = a.Text()+": the root, through the private _segment", Review
		f.Edits = []rewrite.Edit{{Start: a.Start, End: a.End, New: p.segment(a)}}
		p.ofOtherScope(a, &f)
	default:
		f.Tier = Manual
	}
	p.Report(a, "transaction", f)
}

// segment writes the private way to the root, which gives None where there is
// none. Below 2.65.0 spans that are not sampled have no such attribute.
func (p *Pass) segment(a *rewrite.Node) string {
	current := p.currentFor(a).New
	if !p.Floor.AtLeast(R2_65_0) {
		q := string(a.File.Style.Quote)
		return "getattr(" + current + ", " + q + "_segment" + q + ", None)"
	}
	name := p.freeName(a, "_span", "_current_span")
	return "(" + name + "._segment if (" + name + " := " + current + ") is not None else None)"
}

// sdkStyle returns an expression of the file that shows how it imports
// functions of sentry_sdk, "" for the module.
func (p *Pass) sdkStyle(n *rewrite.Node) string {
	for _, list := range n.File.ModuleScope().Names {
		for _, b := range list {
			if b.Kind == rewrite.Import && b.Target == "sentry_sdk" {
				return ""
			}
		}
	}
	return p.styleOf(n)
}
