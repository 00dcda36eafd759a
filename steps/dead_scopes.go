package steps

import (
	"slices"

	"spanwalk/rewrite"
)

// scopeGetters give a scope, or the hub, and do nothing else.
var scopeGetters = []string{"sentry_sdk.get_current_scope", "sentry_sdk.get_isolation_scope", "sentry_sdk.get_global_scope",
	"sentry_sdk.Hub.current"}

// deadScopes returns the edits that remove "scope = get_current_scope()" from
// functions in which edits, spelled already, take all uses of the variable.
func deadScopes(p *rewrite.Project, f *rewrite.File, edits []rewrite.Edit) []rewrite.Edit {
	var out []rewrite.Edit
	f.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("assignment") && n.Parent.Is("expression_statement") && getsScope(p, n) && outOfUse(n.Child("left"), edits) {
			e := rewrite.RemoveStatement(n.Parent)
			if !slices.ContainsFunc(edits, func(o rewrite.Edit) bool { return o.Start < e.End && e.Start < o.End }) {
				out = append(out, e)
			}
		}
		return true
	})
	return out
}

// getsScope reports an assignment of a scope to a plain name.
func getsScope(p *rewrite.Project, as *rewrite.Node) bool {
	v := as.Child("right")
	if v.Is("call") && len(v.Args()) == 0 {
		v = v.Child("function")
	} else if !v.Is("attribute") {
		return false
	}
	return as.Child("left").Is("identifier") && slices.Contains(scopeGetters, canonical(p.Name(v).Dotted))
}

// outOfUse reports a variable of a function that is assigned once, and whose
// uses all lie in what edits replace by text that does not name it.
func outOfUse(name *rewrite.Node, edits []rewrite.Edit) bool {
	scope, bindings := name.File.ScopeOf(name).Lookup(name.Text())
	if len(bindings) != 1 || !scope.Node.Is("function_definition") {
		return false
	}
	uses, left := 0, false
	scope.Node.Walk(func(n *rewrite.Node) bool {
		if !n.Is("identifier") || n == name || n.Text() != name.Text() || n.Field == "attribute" {
			return true
		}
		if at, _ := n.File.ScopeOf(n).Lookup(n.Text()); at != scope {
			return true
		}
		uses++
		left = left || !slices.ContainsFunc(edits, func(e rewrite.Edit) bool {
			return e.Start <= n.Start && n.End <= e.End && !containsWord([]byte(e.New), name.Text())
		})
		return true
	})
	return uses > 0 && !left
}
