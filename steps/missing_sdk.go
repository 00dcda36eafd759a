package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// withoutSDK says what of a rewritten call fails where the import of the SDK
// does, and what stands in for fn is used: "" where nothing does. fn is a legacy
// function; keywords are what the call gives it from now on, such as "name=".
func (w *world) withoutSDK(fn *rewrite.Node, keywords ...string) string {
	if away := w.optionalIn(fn); away != nil {
		return fmt.Sprintf("it goes by %s no more, which does without the SDK where that is missing (line %d)", away.File.Path, line(away))
	}
	root := rootOf(fn)
	if root != fn && root.Is("identifier") {
		if list := w.standInsFor(root); len(list) > 0 {
			return fmt.Sprintf("without the SDK %s is that of line %d, which has to have the streaming functions too", root.Text(), line(list[0].Node))
		}
	}
	for _, b := range w.standInsFor(fn) {
		if !takes(b, keywords) {
			return fmt.Sprintf("without the SDK %s() is that of line %d: see that it takes %s", b.Name, line(b.Node), strings.Join(keywords, " and "))
		}
	}
	return ""
}

// standInTakes weakens a call that what stands in for the SDK does not take.
func (c *creation) standInTakes() {
	fn := c.call.Child("function")
	if c.kind == "start_transaction" && c.world().optionalIn(fn) == nil && len(c.world().standInsFor(fn)) > 0 {
		c.weaken(Manual, "without the SDK %s() is that of line %d: let something stand in for sentry_sdk.traces too", fn.Text(), line(c.world().standInsFor(fn)[0].Node))
		return
	}
	keywords := []string{"name="}
	if len(c.entries) > 0 {
		keywords = append(keywords, "attributes=")
	}
	if reason := c.world().withoutSDK(fn, keywords...); reason != "" {
		c.weaken(Review, "%s", reason)
	}
}

// optionalIn returns what another module of the project, by way of which fn is
// got at, binds in place of a failed import, or nil.
func (w *world) optionalIn(fn *rewrite.Node) *rewrite.Node {
	if !fn.Is("identifier", "attribute") || !w.throughProject(fn) {
		return nil
	}
	if gone := rewrite.Fallbacks(w.project.Behind(fn)); len(gone) > 0 && gone[0].Node.File != fn.File {
		return gone[0].Node
	}
	return nil
}

// standInsFor returns what else than None stands in for a name where the import
// of the SDK fails.
func (w *world) standInsFor(n *rewrite.Node) []*rewrite.Binding {
	if !n.Is("identifier", "attribute") {
		return nil
	}
	var out []*rewrite.Binding
	for _, b := range rewrite.Fallbacks(w.project.Behind(n)) {
		if !b.Value.Is("none") {
			out = append(out, b)
		}
	}
	return out
}

func line(n *rewrite.Node) int {
	at, _ := n.File.Line(n.Start)
	return at
}

// takes reports whether a function or lambda can be called with some keywords,
// such as "name=", and nothing else.
func takes(b *rewrite.Binding, keywords []string) bool {
	var params *rewrite.Node
	switch {
	case len(keywords) == 0:
		return true
	case b.Kind == rewrite.Def:
		params = b.Stmt.Child("parameters")
	case b.Value.Is("lambda"):
		params = b.Value.Child("parameters")
	}
	if params == nil {
		return false
	}
	known := map[string]bool{}
	for _, k := range keywords {
		known[strings.TrimSuffix(k, "=")] = true
	}
	any, positional := false, false
	for _, p := range params.Children {
		switch name := parameterName(p); {
		case p.Is("positional_separator"):
			positional = true
		case p.Is("dictionary_splat_pattern") || p.Is("typed_parameter") && p.Children[0].Is("dictionary_splat_pattern"):
			any = true
		case known[name]:
			delete(known, name)
		case p.Is("identifier", "typed_parameter") && !strings.HasPrefix(p.Text(), "*"):
			return false // it has to be given
		}
	}
	return !positional && (any || len(known) == 0)
}

// parameterName returns the name of a parameter, "" of one that takes the rest.
func parameterName(p *rewrite.Node) string {
	switch {
	case p.Is("identifier"):
		return p.Text()
	case p.Is("typed_parameter"):
		return parameterName(p.Children[0])
	case p.Is("default_parameter", "typed_default_parameter"):
		return p.Child("name").Text()
	}
	return ""
}

// standing returns the classes that stand in for spans in what is called
// instead of fn where the import of the SDK fails.
func (w *world) standing(fn *rewrite.Node) (classes []*rewrite.Node) {
	for _, b := range w.standInsFor(fn) {
		var made kind
		switch {
		case b.Kind == rewrite.Def:
			made = w.returns(b.Stmt)
		case b.Value.Is("lambda"):
			made = w.returns(b.Value)
		}
		classes = append(classes, made.stands...)
		if made.enter != nil {
			classes = append(classes, made.enter.stands...)
		}
	}
	return classes
}

// askedFor reports a name of which only is asked whether it is there: whether
// it is true, or None.
func askedFor(n *rewrite.Node) bool {
	for p := n.Parent; ; n, p = p, p.Parent {
		switch {
		case p.Is("parenthesized_expression", "not_operator", "boolean_operator"):
		case p.Is("comparison_operator"):
			return len(p.Children) > 1 && p.Children[len(p.Children)-1].Is("none")
		default:
			return n.Field == "condition" || p.Is("conditional_expression") && p.Children[1] == n
		}
	}
}

// ambiguous reports the calls by a name that is imported from the SDK and bound
// to something else besides, so that nothing tells which of them is called.
func (p *Pass) ambiguous(legacy, kind string) {
	for _, f := range p.Project.Files() {
		seen := map[variable]bool{}
		for _, stmt := range p.world.files[f].imports {
			for _, b := range f.BoundBy(stmt) {
				if b.Level > 0 || canonical(b.Target) != legacy || p.Project.Name(b.Node).Known() {
					continue
				}
				scope, bindings := f.ScopeOf(b.Node).Lookup(b.Name)
				v := variable{scope, b.Name}
				if scope == nil || seen[v] || len(bindings) < 2 {
					continue
				}
				seen[v] = true
				for _, n := range p.world.uses(v) {
					if n.Parent.Is("call") && n.Field == "function" || n.Parent.Is("decorator") {
						p.Report(n, kind+"-alias", Finding{Tier: Manual, Message: fmt.Sprintf("%s() may be that of the SDK or that of line %d", b.Name, line(otherThan(b, bindings).Node))})
					}
				}
			}
		}
	}
}

// otherThan returns the first binding that is another one.
func otherThan(b *rewrite.Binding, bindings []*rewrite.Binding) *rewrite.Binding {
	for _, x := range bindings {
		if x != b {
			return x
		}
	}
	return b
}
