package steps

import (
	"path"
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

// rootNames is what can be known about the names of root spans in a project
// when the root starts (facts/wild-code.md 3.2).
type rootNames struct {
	frameworks map[string]bool
	own        map[string]bool // literal names of roots that the project makes
	ownUnknown bool            // it makes roots whose name is computed
	children   map[string]bool // literal names of its other spans
	computed   []string        // literal beginnings of computed names of other spans
	childOps   map[string]bool // literal ops of other spans
	anyOp      bool            // one of them has a computed op
}

// How frameworks name their roots at creation: by nothing useful, by the URL,
// or by the task.
var (
	wsgiFrameworks = []string{"django", "flask", "pyramid", "bottle", "falcon"}
	asgiFrameworks = []string{"django", "fastapi", "starlette", "quart", "litestar", "starlite"}
	taskFrameworks = []string{"celery", "rq", "huey", "dramatiq", "ray"}
)

var knownFrameworks = regexp.MustCompile(`(?mi)(?:^|["'\s=])(django|flask|pyramid|bottle|falcon|fastapi|starlette|quart|litestar|starlite|aiohttp|tornado|sanic|celery|rq|huey|dramatiq|ray|arq|grpcio)(?:$|["'\s\[=<>~!;,])`)

// rootNames reads imports, manifests and span creations.
func (w *world) rootNames() *rootNames {
	if w.roots == nil {
		w.roots = w.readRootNames()
	}
	return w.roots
}

func (w *world) readRootNames() *rootNames {
	r := &rootNames{frameworks: map[string]bool{}, own: map[string]bool{}, children: map[string]bool{}, childOps: map[string]bool{}}
	for _, f := range w.project.Files() {
		for _, stmt := range w.files[f].imports {
			r.imported(f, stmt)
		}
	}
	for _, name := range w.project.Others() {
		if base := path.Base(name); base != "tox.ini" && !strings.HasPrefix(name, ".") {
			for _, m := range knownFrameworks.FindAllSubmatch(w.project.Other(name), -1) {
				r.frameworks[strings.ToLower(string(m[1]))] = true
			}
		}
	}
	for _, call := range w.sdkCalls("start_transaction", "start_child") {
		r.created(w, call)
	}
	return r
}

func (r *rootNames) imported(f *rewrite.File, stmt *rewrite.Node) {
	for _, b := range f.BoundBy(stmt) {
		if b.Level > 0 {
			continue
		}
		parts := strings.Split(b.Target, ".")
		if len(parts) > 2 && parts[0] == "sentry_sdk" && parts[1] == "integrations" {
			parts = parts[2:]
		}
		switch parts[0] {
		case "aiohttp":
			if len(parts) > 1 && parts[1] == "ClientSession" {
				continue
			}
		case "aws_lambda", "chalice", "serverless":
			parts[0] = "aws"
		}
		r.frameworks[parts[0]] = true
	}
}

// created records the name of a span that the project makes.
func (r *rootNames) created(w *world, call *rewrite.Node) {
	name := w.callee(call)
	fn := call.Child("function")
	method := ""
	if fn.Is("attribute") {
		method = fn.Child("attribute").Text()
	}
	root := name == legacyStartTransaction || method == "start_transaction"
	if name == newStartSpan {
		p := call.Keyword("parent_span")
		root = p != nil && p.Value.Is("none")
	}
	if !root && name != newStartSpan && name != legacyStartSpan && method != "start_child" {
		return
	}
	if !root {
		r.childOp(call)
	}
	value := call.Keyword("name")
	if value == nil {
		value = call.Keyword("description")
	}
	switch {
	case value == nil && root, root && stringValue(value.Value) == "":
		r.ownUnknown = true
	case root:
		r.own[stringValue(value.Value)] = true
	case value == nil:
	case stringValue(value.Value) != "":
		r.children[stringValue(value.Value)] = true
	default:
		r.computed = append(r.computed, beginning(value.Value))
	}
}

// childOp records the op of a span that is no root.
func (r *rootNames) childOp(call *rewrite.Node) {
	op := call.Keyword("op")
	var value *rewrite.Node
	if op != nil {
		value = op.Value
	} else if a := call.Keyword("attributes"); a != nil {
		for _, c := range a.Value.Children {
			if stringValue(c.Child("key")) == "sentry.op" {
				value = c.Child("value")
			}
		}
		r.anyOp = r.anyOp || !a.Value.Is("dictionary")
	}
	if text := stringValue(value); text != "" {
		r.childOps[text] = true
	} else if value != nil {
		r.anyOp = true
	}
}

// beginning is the literal text an f-string starts with.
func beginning(n *rewrite.Node) string {
	if n.Is("string") && len(n.Children) > 1 && n.Children[1].Is("string_content") {
		return n.Children[1].Text()
	}
	return ""
}

func (r *rootNames) has(list []string) bool {
	for _, f := range list {
		if r.frameworks[f] {
			return true
		}
	}
	return false
}

// http reports a framework whose route is not known when the root starts.
func (r *rootNames) http() bool {
	return r.has(wsgiFrameworks) || r.has(asgiFrameworks) || r.frameworks["aiohttp"] || r.frameworks["tornado"]
}

func (r *rootNames) tasks() bool { return r.has(taskFrameworks) }

// makes reports a root that the project makes under that name.
func (r *rootNames) makes(name string) bool { return r.own[name] }

// childMay reports whether a span that is no root may have a name for which
// matches holds. computed names count if they may begin so.
func (r *rootNames) childMay(matches func(string) bool, begins func(string) bool) bool {
	for name := range r.children {
		if matches(name) {
			return true
		}
	}
	for _, start := range r.computed {
		if begins(start) {
			return true
		}
	}
	return false
}

// requestPath writes the statements by which a sampler reads the path of the
// request, for the frameworks of the project, into a variable path.
func (r *rootNames) requestPath(context, quote, indent string) []string {
	q := func(s string) string { return quote + s + quote }
	get := func(key, inner string) string { return context + ".get(" + q(key) + ", {}).get(" + q(inner) }
	wsgi, asgi := r.has(wsgiFrameworks), r.has(asgiFrameworks)
	for _, f := range []string{"aiohttp", "tornado", "sanic"} {
		if r.frameworks[f] && !wsgi && !asgi {
			return []string{"path = getattr(" + context + ".get(" + q(f+"_request") + "), " + q("path") + ", " + q("") + ")"}
		}
	}
	switch {
	case r.frameworks["aws"] && !wsgi && !asgi:
		return []string{"path = (" + context + ".get(" + q("aws_event") + ") or {}).get(" + q("path") + ", " + q("") + ")"}
	case wsgi && !asgi:
		return []string{"path = " + get("wsgi_environ", "PATH_INFO") + ", " + q("") + ")"}
	case asgi && !wsgi:
		return []string{"path = " + get("asgi_scope", "path") + ", " + q("") + ")"}
	}
	return []string{"path = " + get("asgi_scope", "path") + ")",
		"if path is None:", indent + "path = " + get("wsgi_environ", "PATH_INFO") + ", " + q("") + ")"}
}

// endpoint returns the path of the route that a Flask endpoint answers, "" if
// no decorated function of that name is found.
func (w *world) endpoint(name string) string {
	for _, fn := range w.functions {
		if fn.Child("name").Text() != name {
			continue
		}
		for _, d := range decorators(fn) {
			if !d.Is("call") || !d.Child("function").Is("attribute") || len(d.Args()) == 0 {
				continue
			}
			switch d.Child("function").Child("attribute").Text() {
			case "route", "get", "post", "put", "delete", "patch":
				if text := stringValue(d.Args()[0].Value); strings.HasPrefix(text, "/") {
					return text
				}
			}
		}
	}
	return ""
}
