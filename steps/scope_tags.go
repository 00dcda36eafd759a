package steps

import (
	"fmt"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// ScopeTags supplements tags of scopes with attributes.
var ScopeTags = &Step{
	Name:  "scope-tags",
	Items: []int{16},
	Title: "set scope tags as span attributes too",
	Why: "Tags of a scope stay on error events, but streamed spans do not carry them. " +
		"set_attribute() beside set_tag() puts them on every span that ends while the scope is in effect, children included.",
	Doc: "Adds set_attribute() beside set_tag() and set_tags() of the module and of scopes, never instead. " +
		"Scopes that are forked only to report an error are left out, and projects in which nothing traces. set_context() and set_extra() are listed, with attributes as an alternative.",
	Link: guide + "scope-level-tags",
	Before: `import sentry_sdk

sentry_sdk.set_tag("region", "Europe")
`,
	After: `import sentry_sdk

sentry_sdk.set_tag("region", "Europe")
sentry_sdk.set_attribute("region", "Europe")
`,
	Find: findScopeTags,
}

// findScopeTags finds set_tag, set_tags, set_context and set_extra of
// sentry_sdk and of values that are proved to be scopes, or are named scope.
//
// Safe: a proved scope, a value that is not None. Review: named like a scope
// only, or a value that may be None. A value that must not be computed twice
// gets a variable. Manual: a call that is no statement of its own. Where nothing
// traces there are no spans to tag.
func findScopeTags(p *Pass) error {
	if p.idle() {
		return nil
	}
	for _, call := range p.world.sdkCalls(keys(scopeSetters)...) {
		if t := p.scopeTag(call); t != nil && !t.supplemented() {
			t.plan()
		}
	}
	return nil
}

// scopeTag is one call that puts data on a scope.
type scopeTag struct {
	pass    *Pass
	call    *rewrite.Node
	method  string        // set_tag, set_tags, set_context or set_extra
	recv    *rewrite.Node // nil for the module's functions
	tier    Tier
	reasons []string
	edits   []rewrite.Edit

	hoisted  *rewrite.Node // a value that must not be computed twice, nil for none
	variable string        // what it is assigned to
}

var scopeSetters = map[string]bool{"set_tag": true, "set_tags": true, "set_context": true, "set_extra": true}

// scopeTag recognises a call, or returns nil.
func (p *Pass) scopeTag(call *rewrite.Node) *scopeTag {
	if name, ok := strings.CutPrefix(p.world.callee(call), "sentry_sdk."); ok && scopeSetters[name] {
		return &scopeTag{pass: p, call: call, method: name, tier: Safe}
	}
	fn := call.Child("function")
	if !fn.Is("attribute") || !scopeSetters[fn.Child("attribute").Text()] {
		return nil
	}
	t := &scopeTag{pass: p, call: call, method: fn.Child("attribute").Text(), recv: fn.Child("object"), tier: Safe}
	switch k := p.world.typeOf(t.recv); {
	case k.isSpan():
		return nil
	case k.scope:
	case namedLikeScope(t.recv) && p.world.importsSDK(call.File) && !p.world.foreign(t.recv):
		t.review("%s is not proved to be a scope", t.recv.Text())
	default:
		return nil
	}
	return t
}

func namedLikeScope(n *rewrite.Node) bool {
	return n.Is("identifier") && (n.Text() == "scope" || n.Text() == "sentry_scope" || n.Text() == "_scope")
}

func (t *scopeTag) review(format string, args ...any) {
	if t.tier == Safe {
		t.tier = Review
	}
	t.reasons = append(t.reasons, fmt.Sprintf(format, args...))
}

func (t *scopeTag) manual(format string, args ...any) {
	t.tier = Manual
	t.reasons = append(t.reasons, fmt.Sprintf(format, args...))
}

func (t *scopeTag) plan() {
	if t.method == "set_context" || t.method == "set_extra" {
		t.listed()
		return
	}
	lines := t.attributes()
	if len(lines) == 0 && t.tier == Safe {
		return // the tag is taken away: nothing to add
	}
	switch answer, ok := t.ask(); {
	case !ok:
		t.tier, t.reasons = Manual, append(t.reasons, "waits for an answer")
	case answer == "none":
		t.pass.Report(t.call, t.method, Finding{Message: t.name() + " stays a tag of error events only", Tier: Manual, Note: true, Shape: t.shape()})
		return
	case answer != "all":
		t.tier, t.reasons = Manual, append(t.reasons, "left alone")
	}
	t.place(lines)
	t.pass.Report(t.call, t.method, Finding{Message: t.message(), Tier: t.tier, Edits: t.edits, Shape: t.shape()})
}

func (t *scopeTag) name() string { return t.call.Child("function").Text() + "()" }

func (t *scopeTag) message() string {
	m := t.name() + " does not reach streamed spans"
	if len(t.reasons) > 0 {
		m += ": " + strings.Join(t.reasons, "; ")
	}
	return m
}

// ask decides whether spans get the tag. The answer "site" for the whole step
// or a path puts the question for each site again.
func (t *scopeTag) ask() (string, bool) {
	report := t.reportsOnly()
	q := Question{ID: "scope-tags", Key: t.pass.SiteKey(t.call, t.method), Shape: t.shape(),
		Path: t.call.File.Path, Start: t.call.Start, End: t.call.End,
		Prompt: "Should streamed spans carry this tag?",
		Why:    "Transactions carried the tags of their scope; streamed spans carry its attributes instead.",
		Options: []Option{
			{ID: "all", Text: "Yes", Consequence: "adds set_attribute(): roots keep the tag, and child spans carry it too", Recommended: !report},
			{ID: "none", Text: "No", Consequence: "only error events have the tag from now on", Recommended: report},
			{ID: "site", Text: "Decide for each place", Consequence: "asks again wherever nothing is decided yet"},
		}}
	answer, ok := t.pass.Ask(q)
	if ok && answer == "site" {
		q.Options = q.Options[:2]
		q.Options[0].Recommended, q.Options[1].Recommended = false, false
		t.pass.askAgain(q)
		return "", false
	}
	return answer, ok
}

// askAgain leaves a question open although a wider answer exists, which is then
// none for it.
func (p *Pass) askAgain(q Question) {
	same := func(other Question) bool { return other.ID == q.ID && where(other) == where(q) }
	p.answered = slices.DeleteFunc(p.answered, func(a Answered) bool { return same(a.Question) })
	if !slices.ContainsFunc(p.open, same) {
		p.open = append(p.open, q)
	}
}

func (t *scopeTag) shape() string {
	kind := "of the module"
	if t.recv != nil {
		kind = "of a scope"
	}
	if t.reportsOnly() {
		kind = "of a scope that reports an error"
	}
	return t.method + " " + kind
}

// place puts the new lines behind the call's statement.
func (t *scopeTag) place(lines []string) {
	stmt := t.call.Statement()
	if t.call.Parent != stmt || !stmt.Is("expression_statement") {
		t.manual("the call is no statement of its own")
		return
	}
	if len(lines) == 0 || t.tier == Manual {
		return
	}
	edit, ok := rewrite.InsertAfter(stmt, lines...)
	if !ok {
		for _, l := range lines {
			if strings.HasSuffix(l, ":") || t.hoisted != nil {
				t.manual("there is no line for it")
				return
			}
		}
		edit = rewrite.Edit{Start: stmt.End, End: stmt.End, New: "; " + strings.Join(lines, "; ")}
	}
	t.edits = append(t.edits, edit)
	if t.hoisted != nil {
		edit, ok := rewrite.InsertBefore(stmt, t.hoist())
		if !ok {
			t.manual("there is no line for it")
		}
		t.edits = append(t.edits, edit)
	}
}
