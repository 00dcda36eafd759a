package steps

import (
	"bytes"
	"sort"
	"strings"

	"spanwalk/rewrite"
)

var sdkName = []byte("sentry_sdk")

// Mentions reports whether a Python file can matter by itself: it names the
// SDK. Files that only receive spans join by [Joins].
func Mentions(data []byte) bool { return bytes.Contains(data, sdkName) }

// statementTokens are what a top-level statement of a file that names the SDK
// must hold one of to be parsed: the members of spans and scopes that the
// steps look for, and the word span, for whoever hands one on. The names a
// file imports from the SDK join them.
var statementTokens = []string{"sentry_sdk", "span", "Span", "start_child", "containing_transaction", "get_trace_context", "set_data",
	"set_tag", "set_context", "set_extra", "set_status", "set_http_status", "set_measurement", "update_data", ".finish(", "to_traceparent",
	"iter_headers", "to_baggage", ".trace_id", "continue_trace", "start_transaction", "_experiments", "trace_lifecycle"}

// wholeTokens mark files whose statements may hold callbacks or options of an
// init(), or patches of the SDK, under any name: they are parsed whole.
var wholeTokens = []string{"before_send", "traces_sample", "sampling_context", "transaction_context", "ignore_spans", "_experiments", "mock",
	", hint", "_hint", `["transaction"]`, `get("transaction"`, `"dsn"`, "dsn="}

// Statements is the [rewrite.Filter] of the product.
func Statements(source []byte) func(statement []byte) bool {
	return statementsWith(source, nil)
}

// StatementsWith is [Statements] for projects in which further names matter,
// such as those of their own wrappers.
func StatementsWith(names []string) rewrite.Filter {
	return func(source []byte) func(statement []byte) bool { return statementsWith(source, names) }
}

func statementsWith(source []byte, names []string) func([]byte) bool {
	if containsAny(source, wholeTokens) {
		return func([]byte) bool { return true }
	}
	tokens := append(append([]string(nil), statementTokens...), names...)
	tokens = append(tokens, importedNames(source)...)
	return func(stmt []byte) bool { return containsAny(stmt, tokens) }
}

// importedNames returns the words of the import statements of the SDK in a
// source, besides those that make it an import: more than the names they bind
// does no harm.
func importedNames(source []byte) []string {
	var out []string
	seen := map[string]bool{"as": true, "import": true}
	for from := 0; ; {
		i := bytes.Index(source[from:], sdkName)
		if i < 0 {
			return out
		}
		at := from + i
		from = at + len(sdkName)
		begin := bytes.LastIndexByte(source[:at], '\n') + 1
		names, end := importClause(source, string(bytes.TrimSpace(source[begin:at])), from)
		from = max(from, end)
		for _, word := range words.FindAll(names, -1) {
			if !seen[string(word)] {
				seen[string(word)] = true
				out = append(out, string(word))
			}
		}
	}
}

// importClause returns the names that an import statement binds, and where it
// ends; keyword is what stands before the SDK's name, which ends at from.
func importClause(source []byte, keyword string, from int) (names []byte, end int) {
	line := source[from:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	switch keyword {
	case "import":
		return line, from + len(line)
	case "from":
		_, list, ok := bytes.Cut(line, []byte("import"))
		if !ok {
			return nil, from
		}
		start := from + len(line) - len(list)
		if bytes.HasPrefix(bytes.TrimLeft(list, " \t"), []byte("(")) {
			if i := bytes.IndexByte(source[start:], ')'); i >= 0 {
				return source[start : start+i], start + i
			}
		}
		return list, start + len(list)
	}
	return nil, from
}

func containsAny(b []byte, tokens []string) bool {
	for _, t := range tokens {
		if bytes.Contains(b, []byte(t)) {
			return true
		}
	}
	return false
}

// Joins tells which further files a project needs for what its spans do:
// modules are dotted names of modules that receive spans or hold callbacks of
// an init() and were not loaded; names are those of project functions that
// hand out spans, so that files which use one must join. Both are sorted.
func Joins(p *rewrite.Project) (modules, names []string) {
	w := newWorld(p)
	wanted := map[string]bool{}
	for _, c := range w.allCalls {
		dotted := w.callees[c].Dotted
		isInit := isClient(canonical(dotted))
		if dotted == "" || isSDK(dotted) && !isInit {
			continue
		}
		for _, a := range c.Args() {
			switch {
			case isInit:
				a.Value.Walk(func(n *rewrite.Node) bool {
					if n.Is("identifier", "attribute") && n.Field != "attribute" {
						wanted[moduleOf(w.project.Resolve(n))] = true
					}
					return true
				})
			case w.typeOf(a.Value).isSpan():
				wanted[moduleOf(dotted)] = true
			}
		}
	}
	return keys(wanted), w.handOuts()
}

// handOuts returns the names of the functions that return, yield or collect
// spans.
func (w *world) handOuts() []string {
	handed := map[string]bool{}
	for _, fn := range w.functions {
		k := w.returns(fn)
		if k.isSpan() || k.enter != nil && k.enter.isSpan() || k.elem != nil && k.elem.isSpan() {
			handed[fn.Child("name").Text()] = true
		}
	}
	return keys(handed)
}

// moduleOf drops the last component of a dotted name.
func moduleOf(dotted string) string {
	if isSDK(dotted) {
		return ""
	}
	i := strings.LastIndexByte(dotted, '.')
	if i < 0 {
		return ""
	}
	return dotted[:i]
}

func keys(set map[string]bool) []string {
	var out []string
	for k := range set {
		if k != "" {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}
