package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// path follows an expression into the event and returns the keys it takes.
func (f *eventFilter) path(n *rewrite.Node) ([]string, bool) {
	n = n.Inner()
	switch n.Kind {
	case "identifier":
		if n.Text() == f.event {
			return nil, true
		}
		if f.child != "" && n.Text() == f.child {
			return []string{"spans[]"}, true
		}
		if alias := f.aliases[n.Text()]; alias != nil && !alias.Contains(n) {
			return f.path(alias)
		}
	case "subscript":
		if base, ok := f.path(n.Child("value")); ok && f.keyText(n.Child("subscript")) != "" {
			return append(base, f.keyText(n.Child("subscript"))), true
		}
	case "call":
		fn, args := n.Child("function"), n.Args()
		if !fn.Is("attribute") || len(args) == 0 {
			return nil, false
		}
		if m := fn.Child("attribute").Text(); m != "get" && m != "setdefault" {
			return nil, false
		}
		if base, ok := f.path(fn.Child("object")); ok && f.keyText(args[0].Value) != "" {
			return append(base, f.keyText(args[0].Value)), true
		}
	case "boolean_operator":
		if n.Child("operator").Text() == "or" && !f.mentions(n.Child("right")) {
			return f.path(n.Child("left"))
		}
	case "named_expression":
		return f.path(n.Child("value"))
	}
	return nil, false
}

// urlParsers are the functions and classes that take a URL apart so that its
// path is an attribute.
var urlParsers = map[string]bool{"urllib.parse.urlparse": true, "urllib.parse.urlsplit": true, "yarl.URL": true, "httpx.URL": true,
	"starlette.datastructures.URL": true, "furl.furl": true}

// keyText is a key of the event: a text, or a constant that holds one.
func (f *eventFilter) keyText(n *rewrite.Node) string {
	if text := stringValue(n); text != "" || n == nil || !n.Is("identifier", "attribute") {
		return text
	}
	return stringValue(f.valueOf(n))
}

// parsed reports urlparse(url) and its like of the request's URL.
func (f *eventFilter) parsed(n *rewrite.Node) bool {
	n = n.Inner()
	if alias := f.aliases[n.Text()]; n.Is("identifier") && alias != nil {
		n = alias.Inner()
	}
	if !urlParsers[f.world.callee(n)] || len(n.Args()) == 0 {
		return false
	}
	s, ok := f.subject(n.Args()[0].Value)
	return ok && s.what == "url"
}

// deepest is the first path into the event that an expression reads.
func (f *eventFilter) deepest(n *rewrite.Node) string {
	out := ""
	n.Walk(func(m *rewrite.Node) bool {
		if keys, ok := f.path(m); ok && out == "" {
			out = subjectOf(keys)
		}
		return out == ""
	})
	return out
}

// subjectOf names what stands at a path of the event.
func subjectOf(keys []string) string {
	joined := strings.Join(keys, ".")
	if len(keys) == 3 && keys[0] == "request" && keys[1] == "headers" {
		return "header." + keys[2]
	}
	switch joined {
	case "":
		return "event"
	case "transaction":
		return "name"
	case "contexts.trace.op":
		return "op"
	case "contexts.trace.origin":
		return "origin"
	case "request.url":
		return "url"
	case "request.method":
		return "method"
	case "spans[].description":
		return "name"
	case "spans[].op":
		return "op"
	case "spans[].origin":
		return "origin"
	}
	return joined
}

// holdsParts reports a part of the event that is asked for only to look inside.
func holdsParts(what string) bool {
	return what == "request" || what == "request.headers" || what == "contexts" || what == "contexts.trace"
}

// lateReason says why something of the event is known only when the root
// ends, "" if it is known at the start.
func lateReason(what string) string {
	if holdsParts(what) {
		return ""
	}
	switch first, _, _ := strings.Cut(what, "."); first {
	case "name", "op", "origin", "url", "path", "method", "header", "type", "event", "":
		return ""
	case "timestamp", "start_timestamp":
		return "the duration"
	case "spans", "spans[]":
		return "the list of its spans"
	case "tags":
		return "a tag (" + what + ")"
	case "user":
		return "the user"
	case "transaction_info":
		return "the source of the name"
	case "contexts":
		if strings.HasPrefix(what, "contexts.trace.status") || strings.HasPrefix(what, "contexts.response") {
			return "the status (" + what + ")"
		}
	}
	return what
}
