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

// statementTokens are what a top-level statement of a file that matters must
// hold one of to be parsed. They cover every name the steps look for.
var statementTokens = [][]byte{[]byte("sentry"), []byte("span"), []byte("Span"), []byte("transaction"), []byte("Transaction"), []byte("trac"),
	[]byte("Hub"), []byte("scope"), []byte("Scope"), []byte("set_tag"), []byte("set_data"), []byte("set_context"), []byte("set_status"),
	[]byte("finish"), []byte("SPAN"), []byte("HEADER_NAME"), []byte("http_status"), []byte("measurement"), []byte("update_data"), []byte("set_flag"),
	[]byte("iter_headers"), []byte("to_baggage"), []byte("description"), []byte("hint"), []byte("sampl"), []byte("init"), []byte("_experiments"), []byte("dsn")}

// Statement is the [rewrite.Filter] of the product.
func Statement(stmt []byte) bool {
	for _, t := range statementTokens {
		if bytes.Contains(stmt, t) {
			return true
		}
	}
	return false
}

// StatementWith is [Statement] for files in which further names matter, such
// as those of the project's own wrappers.
func StatementWith(names []string) rewrite.Filter {
	return func(stmt []byte) bool {
		if Statement(stmt) {
			return true
		}
		for _, n := range names {
			if bytes.Contains(stmt, []byte(n)) {
				return true
			}
		}
		return false
	}
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
		isInit := canonical(dotted) == "sentry_sdk.init"
		if dotted == "" || isSDK(dotted) && !isInit {
			continue
		}
		for _, a := range c.Args() {
			switch {
			case isInit && a.Name != "" && a.Value.Is("identifier", "attribute", "call"):
				v := a.Value
				if v.Is("call") {
					v = v.Child("function")
				}
				wanted[moduleOf(w.project.Resolve(v))] = true
			case !isInit && w.typeOf(a.Value).isSpan():
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
