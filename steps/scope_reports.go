package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// reportsOnly reports a scope that is forked only to send an error event: its
// block captures one and otherwise only prepares the scope.
func (t *scopeTag) reportsOnly() bool {
	for p := t.call.Parent; p != nil && !p.Is("function_definition", "lambda"); p = p.Parent {
		if p.Is("with_statement") && t.forks(p) {
			return t.onlyCaptures(p.Child("body"))
		}
	}
	return false
}

func (t *scopeTag) forks(with *rewrite.Node) bool {
	found := false
	with.Children[0].Walk(func(n *rewrite.Node) bool {
		found = found || n.Is("call") && forks[t.pass.world.callee(n)]
		return !found
	})
	return found
}

// onlyCaptures reports a block that sends an event and does nothing else that
// could make a span.
func (t *scopeTag) onlyCaptures(block *rewrite.Node) bool {
	captures, other := false, false
	block.Walk(func(n *rewrite.Node) bool {
		switch {
		case n.Is("call"):
			_, makes := spanMakers[t.pass.world.callee(n)]
			other = other || makes
			captures = captures || t.captures(n)
		case n.Is("expression_statement") && n.Children[0].Is("call"):
			other = other || !t.captures(n.Children[0]) && !t.prepares(n.Children[0])
		case n.Is("await", "yield", "with_statement"):
			other = true
		case n.Is("assignment") && n.Child("right").Is("call"):
			other = other || t.impure(n.Child("right")) && !t.captures(n.Child("right"))
		}
		return !other
	})
	return captures && !other
}

// captures reports a call that sends an error event or writes to a log, which
// sends one.
func (t *scopeTag) captures(call *rewrite.Node) bool {
	fn := call.Child("function")
	if strings.HasPrefix(t.pass.world.callee(call), "sentry_sdk.capture_") {
		return true
	}
	if !fn.Is("attribute") {
		return false
	}
	switch name := fn.Child("attribute").Text(); name {
	case "capture_exception", "capture_message", "capture_event":
		return t.pass.world.typeOf(fn.Child("object")).scope || namedLikeScope(fn.Child("object"))
	case "error", "exception", "critical", "fatal":
		return strings.Contains(strings.ToLower(fn.Child("object").Text()), "log")
	}
	return false
}

// prepares reports a call that only sets something on a scope, or logs.
func (t *scopeTag) prepares(call *rewrite.Node) bool {
	fn := call.Child("function")
	name := strings.TrimPrefix(t.pass.world.callee(call), "sentry_sdk.")
	if fn.Is("attribute") {
		name = fn.Child("attribute").Text()
		if object := strings.ToLower(fn.Child("object").Text()); strings.Contains(object, "log") {
			return true
		}
	}
	return strings.HasPrefix(name, "set_") || strings.HasPrefix(name, "add_") || strings.HasPrefix(name, "remove_") || strings.HasPrefix(name, "clear")
}
