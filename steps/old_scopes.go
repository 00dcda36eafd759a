package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// oldScopes notes push_scope(), configure_scope() and Hub() in a "with" around
// a site of the tracing API: 3.0 lacks them. What takes their place is an
// alternative where it can be written in place.
func (p *Pass) oldScopes() {
	for _, call := range p.world.sdkCalls() {
		item := call.Ancestor("with_item")
		if item == nil || !inItem(call, item) || !p.world.tracesInside(item.Parent.Parent) {
			continue
		}
		fn := call.Child("function")
		switch name := strings.TrimPrefix(p.world.callee(call), "sentry_sdk."); name {
		case "push_scope":
			p.oldScope(call, name, "new_scope() takes its place; tags set on the isolation scope inside are not undone by it",
				Alternative{ID: "new-scope", Title: "write new_scope()"}, ref("sentry_sdk.new_scope", fn)+"()")
		case "configure_scope":
			p.oldScope(call, name, "get_isolation_scope() takes its place; it starts no trace for later errors",
				Alternative{ID: "isolation-scope", Title: "take get_isolation_scope()"},
				rewrite.NameRef("contextlib.nullcontext", "")+"("+ref("sentry_sdk.get_isolation_scope", fn)+"())")
		case "Hub":
			written := ""
			if args := call.Args(); len(args) == 1 && p.world.dotted(args[0].Value) == "sentry_sdk.Hub.current" && !call.Parent.Is("as_pattern") {
				written = ref("sentry_sdk.isolation_scope", fn) + "()"
			}
			p.oldScope(call, name, "isolation_scope() takes its place, and get_global_scope().set_client() for a client",
				Alternative{ID: "isolation-scope", Title: "write isolation_scope()"}, written)
		}
	}
}

// oldScope notes one call; the alternative replaces it by what is written, if
// anything is.
func (p *Pass) oldScope(call *rewrite.Node, name, instead string, a Alternative, written string) {
	f := Finding{Tier: Review, Note: true, Shape: name, Message: name + "() does not exist on 3.0: " + instead}
	if written != "" && (name == "Hub" || len(call.Args()) == 0) {
		a.Edits = []rewrite.Edit{{Start: call.Start, End: call.End, New: written}}
		f.Alternatives = []Alternative{a}
	}
	p.Report(call, name, f)
}

// tracesInside reports whether a statement holds a call that makes a span or
// asks for one, of either generation.
func (w *world) tracesInside(stmt *rewrite.Node) bool {
	found := false
	stmt.Walk(func(n *rewrite.Node) bool {
		if n.Is("call") {
			callee := w.callee(n)
			found = found || spanMakers[callee] != 0 || callee == legacyCurrentSpan || strings.HasPrefix(callee, "sentry_sdk.traces.")
		}
		return !found
	})
	return found
}
