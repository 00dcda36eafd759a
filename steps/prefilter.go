package steps

import (
	"bytes"
	"path"
	"slices"
	"sort"
	"strings"

	"spanwalk/rewrite"
)

var sdkName = []byte("sentry_sdk")

// NewProject gathers files that were parsed with filter, one of this package,
// and the manifests. "import sentry_sdk" always means the installed SDK: a
// module app/utils/sentry_sdk.py is another one, and hides nothing.
func NewProject(files []*rewrite.File, others map[string][]byte, filter rewrite.Filter) *rewrite.Project {
	return rewrite.NewProject(files, others, filter, string(sdkName))
}

// Vendored returns the folders, with a slash at the end, that hold a copy of
// the SDK itself among the paths of a project. What lies in them is no use of
// the SDK.
func Vendored(paths []string) []string {
	var out []string
	for _, p := range paths {
		dir, ok := strings.CutSuffix(p, "tracing_utils.py")
		if ok && path.Base(dir) == string(sdkName) && slices.Contains(paths, dir+"__init__.py") &&
			slices.Contains(paths, dir+"client.py") && slices.Contains(paths, dir+"scope.py") {
			out = append(out, dir)
		}
	}
	return out
}

// Mentions reports whether a Python file can matter by itself: it names the
// SDK. Files that only receive spans join by [Joins].
func Mentions(data []byte) bool { return Index(data, string(sdkName)) >= 0 }

// statementTokens are what a top-level statement of a file that names the SDK
// must hold one of to be parsed: the members of spans and scopes that the
// steps look for, and the word span, for whoever hands one on. The names a
// file imports from the SDK join them.
var statementTokens = []string{"sentry_sdk", "span", "Span", "start_child", "containing_transaction", "get_trace_context", "set_data",

	"set_tag", "set_context", "set_extra", "set_status", "set_http_status", "set_measurement", "update_data", ".finish(", "to_traceparent",
	"iter_headers", "to_baggage", "get_baggage", ".trace_id", "continue_trace", "start_transaction", "_experiments", "trace_lifecycle"}

// wholeTokens mark files whose statements may hold callbacks or options of an
// init(), or patches of the SDK, under any name: they are parsed whole.
var wholeTokens = []string{"before_send", "traces_sample", "sampling_context", "transaction_context", "ignore_spans", "_experiments", "mock",

	", hint", "_hint", `["transaction"]`, `get("transaction"`, `"dsn"`, "dsn="}

// dataSetters put values on spans or scopes; resultTokens are in the heads of
// functions whose results are sent otherwise as attributes than they were.
var (
	dataSetters  = []string{"set_data", "update_data", "set_tag"}
	resultTokens = []string{"-> dict", "-> Dict", "-> Mapping", "-> set", "-> Set", "-> bytes", "-> datetime", "-> Optional[", "| None:"}
)

// Statements is the [rewrite.Filter] of the product.
func Statements(source []byte) func(statement []byte) bool {
	return statementsWith(source, nil)
}

func statementsWith(source []byte, names []string) func([]byte) bool {
	if containsAny(source, wholeTokens) {
		return func([]byte) bool { return true }
	}
	tokens := append(append([]string(nil), statementTokens...), importedNames(source)...)
	if containsAny(source, dataSetters) {
		tokens = append(tokens, resultTokens...)
	}
	return func(stmt []byte) bool {
		return containsAny(stmt, tokens) || slices.ContainsFunc(names, func(name string) bool { return containsWord(stmt, name) })
	}
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
		if Index(b, t) >= 0 {
			return true
		}
	}
	return false
}

// containsWord reports whether b holds word with no letter, digit or underscore
// beside it.
func containsWord(b []byte, word string) bool {
	at, _ := nextWord(b, word, 0)
	return at >= 0
}

// nextWord returns the extent of the next such word from an offset on, or -1.
func nextWord(b []byte, word string, from int) (start, end int) {
	for {
		i := Index(b[from:], word)
		if i < 0 {
			return -1, -1
		}
		start, end = from+i, from+i+len(word)
		if (start == 0 || !isWordByte(b[start-1])) && (end == len(b) || !isWordByte(b[end])) {
			return start, end
		}
		from = end
	}
}

// Index is [bytes.Index] for a text that is not empty. It goes by the rarest of
// its bytes: going by the first takes several times as long, since code is full
// of "s" and "i".
func Index(data []byte, text string) int {
	at := 0
	for i := range len(text) {
		if rarity[text[i]] > rarity[text[at]] {
			at = i
		}
	}
	rare, behind := text[at], len(text)-at
	for i := at; i < len(data); i++ {
		next := bytes.IndexByte(data[i:], rare)
		if next < 0 {
			return -1
		}
		if i += next; i+behind <= len(data) && string(data[i-at:i+behind]) == text {
			return i - at
		}
	}
	return -1
}

// rarity tells which bytes are rare in Python files: those that are not listed,
// then the last ones.
var rarity = func() (table [256]int) {
	const common = " etsarino\nl_dcpmfu.,\"()gyh=b:v'ExTwSANkC][0IR1O-PDF2*MqL#>Uj3/GH{}zB"
	for i := range table {
		table[i] = len(common)
	}
	for i := range len(common) {
		table[common[i]] = i
	}
	return table
}()

func isWordByte(c byte) bool { return wordBytes[c] }

var wordBytes = func() (table [256]bool) {
	for c := range table {
		table[c] = c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
	}
	return table
}()

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
