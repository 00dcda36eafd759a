package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// CurrentSpan moves every way to reach the current span.
var CurrentSpan = &Step{
	Name:  "current-span",
	Items: []int{6, 7},
	Title: "read the current span from sentry_sdk.traces",
	Why: "sentry_sdk.get_current_span() and scope.span answer None once spans stream, silently. " +
		"sentry_sdk.traces.get_current_span() gives the streamed span.",
	Doc: "Rewrites get_current_span(), reads of scope.span and update_current_span(). None checks stay as they are. " +
		"Assigning scope.span has no counterpart and is left to a person; push_scope(), configure_scope() and Hub around such a place are listed, because 3.0 lacks them.",
	Link: guide + "get_current_span",
	Before: `import sentry_sdk

span = sentry_sdk.get_current_span()
`,
	After: `import sentry_sdk

span = sentry_sdk.traces.get_current_span()
`,
	Find: findCurrentSpan,
}

// findCurrentSpan finds calls of get_current_span and update_current_span, and
// the attribute span of scopes. Scopes of old around spans are noted.
func findCurrentSpan(p *Pass) error {
	for _, call := range p.world.sdkCalls() {
		switch p.world.callee(call) {
		case legacyCurrentSpan:
			p.currentSpanCall(call)
		case legacyUpdateSpan:
			p.updateCurrentSpan(call)
		}
	}
	for _, a := range p.world.accesses("span") {
		if p.world.holdsScope(a.object) {
			p.scopeSpan(a.node, a.object)
		}
	}
	p.oldScopes()
	p.aliases(legacyCurrentSpan, newCurrentSpan, "get_current_span")
	p.reexportedFunction(legacyCurrentSpan, newCurrentSpan, "get_current_span")
	return nil
}

func (p *Pass) currentSpanCall(call *rewrite.Node) {
	if p.world.aliased(call.Child("function")) {
		return
	}
	e := rewrite.EditCall(call)
	e.Callee(ref(newCurrentSpan, call.Child("function")))
	f := Finding{Message: "get_current_span() of the transaction API", Tier: Safe, Edits: e.Edits(lineWidth(p.Project, call.File.Path))}
	if reason := p.world.withoutSDK(call.Child("function")); reason != "" {
		f.Tier, f.Message = Review, f.Message+": "+reason
	}
	p.Report(call, "get_current_span", f)
}

// scopeSpan handles scope.span. A variable that held the scope for this one
// read goes with it.
func (p *Pass) scopeSpan(a, obj *rewrite.Node) {
	if isTarget(a) || a.Parent.Is("delete_statement") {
		p.Report(a, "scope.span", Finding{Message: a.Text() + " is assigned: enter the span with \"with\" instead", Tier: Manual})
		return
	}
	f := Finding{Message: a.Text() + " is None once spans stream", Tier: Safe,
		Edits: []rewrite.Edit{{Start: a.Start, End: a.End, New: rewrite.NameRef(newCurrentSpan, p.sdkStyle(a)) + "()"}}}
	if !p.world.isCurrentScope(obj) {
		f.Tier = Review
		f.Message += fmt.Sprintf("; %s may not be the current scope", obj.Text())
	}
	if e, ok := p.world.dropScopeVariable(obj); ok {
		f.Edits = append(f.Edits, e)
	}
	p.defaultGoes(a, &f)
	p.Report(a, "scope.span", f)
}

// dropScopeVariable removes "scope = sentry_sdk.get_current_scope()" when the
// place at hand is the variable's only use.
func (w *world) dropScopeVariable(n *rewrite.Node) (rewrite.Edit, bool) {
	if !n.Is("identifier") {
		return rewrite.Edit{}, false
	}
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if len(bindings) != 1 || bindings[0].Kind != rewrite.Assign || bindings[0].Index != nil {
		return rewrite.Edit{}, false
	}
	b := bindings[0]
	switch w.callee(b.Value) {
	case "sentry_sdk.get_current_scope", "sentry_sdk.get_isolation_scope":
	default:
		return rewrite.Edit{}, false
	}
	if len(w.uses(variable{scope, n.Text()})) != 2 || !b.Stmt.Parent.Is("expression_statement") || scope.Node.Is("module", "class_definition") {
		return rewrite.Edit{}, false
	}
	return rewrite.RemoveStatement(b.Stmt.Parent), true
}

// updateCurrentSpan writes the guarded form on the current span that
// update_current_span() stood for: op and name where they are not None, and
// the attributes.
func (p *Pass) updateCurrentSpan(call *rewrite.Node) {
	stmt := call.Parent
	if !stmt.Is("expression_statement") {
		p.Report(call, "update_current_span", Finding{Message: "the result of update_current_span() is used", Tier: Manual})
		return
	}
	name := p.freeName(call, "span", "current_span", "active_span")
	lines, reason := p.updates(call, name)
	if reason != "" {
		p.Report(call, "update_current_span", Finding{Message: "update_current_span(): " + reason, Tier: Manual})
		return
	}
	f, indent := call.File, stmt.Indent()
	if line := f.LineSpan(stmt.Start); strings.TrimSpace(string(f.Source[line.Start:stmt.Start])+string(f.Source[stmt.End:f.LineSpan(stmt.End).End])) != "" &&
		!strings.HasPrefix(strings.TrimSpace(string(f.Source[stmt.End:f.LineSpan(stmt.End).End])), "#") {
		p.Report(call, "update_current_span", Finding{Message: "update_current_span() shares its line with another statement", Tier: Manual})
		return
	}
	if len(lines) == 0 {
		p.Report(call, "update_current_span", Finding{Message: "update_current_span() that updates nothing", Tier: Safe, Edits: []rewrite.Edit{rewrite.RemoveStatement(stmt)}})
		return
	}
	nl := f.Style.Newline
	text := "if (" + name + " := " + rewrite.NameRef(newCurrentSpan, p.sdkStyle(call)) + "()) is not None:"
	for _, line := range lines {
		text += nl + indent + f.Style.Indent + line
	}
	finding := Finding{Message: "update_current_span() does nothing once spans stream", Tier: Safe,
		Edits: []rewrite.Edit{{Start: stmt.Start, End: stmt.End, New: text}}}
	if _, known := p.world.rootIsCurrent(call); !known && renames(call) {
		finding.Tier = Review
		finding.Message += ": where the current span is the root it is renamed now; the name of a transaction stayed"
	}
	p.Report(call, "update_current_span", finding)
}

// updateArgs returns the arguments of update_current_span(), each under its
// keyword.
func updateArgs(call *rewrite.Node) []rewrite.Arg {
	args := call.Args()
	for i, name := range []string{"op", "name", "attributes", "data"} {
		if i < len(args) && args[i].Name == "" && args[i].Star == "" {
			args[i].Name = name
		}
	}
	return args
}

// renames reports an update_current_span() that gives a name.
func renames(call *rewrite.Node) bool {
	for _, a := range updateArgs(call) {
		if a.Name == "name" && !a.Value.Is("none") {
			return true
		}
	}
	return false
}

// rootIsCurrent reports whether the innermost span that is open at n is a root,
// as far as its function tells; known is false where it does not.
func (w *world) rootIsCurrent(n *rewrite.Node) (root, known bool) {
	fn := n.Function()
	for p := n.Parent; p != nil && p != fn; p = p.Parent {
		if !p.Is("with_statement") || !p.Child("body").Contains(n) {
			continue
		}
		items := p.Children[0].Children
		for i := len(items) - 1; i >= 0; i-- {
			v := items[i].Child("value")
			if v.Is("as_pattern") {
				v = v.Children[0]
			}
			switch k := w.entered(w.manager(v)); {
			case k.isSpan():
				root = k.span&rootSpan != 0
				return root, k.proven() && !k.none && (!root || w.quietUntil(p.Child("body"), n))
			case !w.opensNothing(v):
				return false, false
			}
		}
	}
	if fn.Is("function_definition") && hasDecorator(fn, "trace") {
		return false, true
	}
	return false, false
}

// quietUntil reports whether nothing in a block could open a span before n runs.
func (w *world) quietUntil(block, n *rewrite.Node) bool {
	for _, s := range block.Children {
		switch {
		case s.Contains(n):
			return w.quietHead(s, n, nil) && s.Ancestor("for_statement", "while_statement") == nil && !s.Is("for_statement", "while_statement")
		case !w.quiet(s, nil):
			return false
		}
	}
	return false
}

// updates returns the statements that take the place of the arguments. The name
// of a transaction could not be changed so.
func (p *Pass) updates(call *rewrite.Node, span string) (lines []string, reason string) {
	q := string(call.File.Style.Quote)
	root, known := p.world.rootIsCurrent(call)
	for _, a := range updateArgs(call) {
		v := a.Value.Text()
		switch {
		case a.Name == "name" && root && known && !hasCall(a.Value): // never sent
		case a.Star != "" || a.Name == "":
			return nil, a.Node.Text() + " may hold anything"
		case strings.ContainsAny(v, "\r\n") && !a.Value.Is("dictionary", "string", "concatenated_string"):
			return nil, "an argument spans several lines"
		case a.Value.Is("none"):
		case p.world.mayBeNone(a.Value):
			return nil, v + " may be None"
		case a.Name == "op":
			lines = append(lines, fmt.Sprintf("%s.set_attribute(%ssentry.op%s, %s)", span, q, q, v))
		case a.Name == "name":
			lines = append(lines, span+".name = "+v)
		case a.Name == "attributes" || a.Name == "data":
			lines = append(lines, span+".set_attributes("+v+")")
		default:
			return nil, "unknown argument " + a.Name
		}
	}
	return lines, ""
}

// freeName returns the first of the wishes that nothing around n binds.
func (p *Pass) freeName(n *rewrite.Node, wishes ...string) string {
	for _, wish := range wishes {
		if scope, _ := n.File.ScopeOf(n).Lookup(wish); scope == nil {
			return wish
		}
	}
	return wishes[0] + "_"
}

// holdsScope reports a scope, or a parameter called scope of which nothing tells
// what it is in a file that imports the SDK.
func (w *world) holdsScope(n *rewrite.Node) bool {
	if w.typeOf(n).scope {
		return true
	}
	n = n.Inner()
	return n.Is("identifier") && n.Text() == "scope" && w.importsSDK(n.File) && !w.foreign(n)
}
