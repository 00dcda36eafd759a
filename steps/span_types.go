package steps

import (
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// SpanTypes moves the classes and constants of sentry_sdk.tracing.
var SpanTypes = &Step{
	Name:  "span-types",
	Items: []int{11},
	Title: "replace Span, Transaction and what else tracing exports",
	Why: "Streamed spans are of one class, StreamedSpan, root or not. " +
		"The module sentry_sdk.tracing does not exist on 3.0, so nothing may be imported from it, not even for annotations.",
	Doc: "Rewrites Span, Transaction and NoOpSpan in annotations, also written as text, in unions, isinstance() and casts; TransactionSource becomes text, " +
		"the header names move to sentry_sdk.traces. Spans built by hand and subclasses are left to a person.",
	Link: guide + "span-and-transaction-classes",
	Before: `from sentry_sdk.tracing import Span, Transaction


def note(span: Span | Transaction) -> None:
    pass
`,
	After: `from sentry_sdk.traces import StreamedSpan


def note(span: StreamedSpan) -> None:
    pass
`,
	Find: findSpanTypes,
}

const tracingModule = "sentry_sdk.tracing"

// headerNames are the constants that sentry_sdk.traces has as well.
var headerNames = map[string]string{
	tracingModule + ".SENTRY_TRACE_HEADER_NAME": "sentry_sdk.traces.SENTRY_TRACE_HEADER_NAME",
	tracingModule + ".BAGGAGE_HEADER_NAME":      "sentry_sdk.traces.BAGGAGE_HEADER_NAME",
}

// typeUse is the work of the step on one file.
type typeUse struct {
	*Pass
	file *rewrite.File
	sdk  map[*rewrite.Node]string // names and attributes that mean something of the SDK, and what
	done map[*rewrite.Node]bool   // written by the finding of something around it
	kept map[string]bool          // names that other modules get through this file
}

// findSpanTypes finds every name of the module sentry_sdk.tracing.
//
// In annotations, unions, casts, bounds and isinstance() a class becomes
// StreamedSpan, or NoOpStreamedSpan where isinstance() asks for NoOpSpan; a
// union does not repeat it. A name that is bound by an alias, or imported
// through a module of the project, keeps its spelling: where it is bound is a
// site of its own. Class methods that continue a trace belong to the step
// continue-trace.
func findSpanTypes(p *Pass) error {
	for _, f := range p.Project.Files() {
		u := &typeUse{Pass: p, file: f, done: map[*rewrite.Node]bool{}, kept: map[string]bool{}}
		for _, stmt := range p.world.files[f].imports {
			u.imports(stmt)
			u.star(stmt)
		}
		if p.world.mayNameTracing(f) {
			u.sdk = p.world.sdkNames(f).meanings()
			f.Module.Walk(u.visit)
		}
	}
	p.goneNames()
	p.goneSetters()
	return nil
}

// mayNameTracing reports whether a file may use a name of sentry_sdk.tracing,
// be it in text, by whatever way it gets at it.
func (w *world) mayNameTracing(f *rewrite.File) bool {
	x := w.files[f]
	for dotted := range w.sdkNames(f).spelled {
		if isTracing(canonicalClass(dotted)) {
			return true
		}
	}
	text := len(x.texts) > 0 || containsAny(f.Source, []string{"cast", "bound"})
	return slices.ContainsFunc(x.outward, func(o *outward) bool {
		name := w.project.Name(o.root)
		return isTracing(canonicalClass(canonical(name.Dotted))) || text && (name.Module != nil || name.Dotted == "sentry_sdk" || w.project.Holds(name.Dotted))
	})
}

func (u *typeUse) visit(n *rewrite.Node) bool {
	switch n.Kind {
	case "import_statement", "import_from_statement":
		return false
	case "generic_type", "subscript", "binary_operator", "tuple":
		u.group(n)
	case "string":
		if !u.done[n] && (n.Ancestor("type") != nil || castsTo(n)) {
			u.text(n)
		}
		return n.Ancestor("type") == nil
	case "identifier", "attribute":
		if n.Field == "attribute" || u.done[n] {
			return false
		}
		return u.name(n)
	}
	return true
}

// castsTo reports the type a cast() or a bound= names as text.
func castsTo(n *rewrite.Node) bool {
	if n.Parent.Is("keyword_argument") {
		return n.Parent.Child("name").Text() == "bound"
	}
	if !n.Parent.Is("argument_list") || n.Parent.Children[0] != n || !n.Parent.Parent.Is("call") {
		return false
	}
	fn := n.Parent.Parent.Child("function").Text()
	return fn == "cast" || strings.HasSuffix(fn, ".cast")
}

// name handles one name. It reports whether to look inside it.
func (u *typeUse) name(n *rewrite.Node) bool {
	dotted := canonicalClass(u.sdk[n])
	switch {
	case spanClasses[dotted]&legacySpan != 0:
		u.class(n, dotted)
	case headerNames[dotted] != "":
		u.replace(n, "header", ref(headerNames[dotted], n))
	case u.source(n, dotted):
	case dotted == tracingModule && !n.Parent.Is("attribute"):
		u.Report(n, "tracing", Finding{Tier: Manual, Message: n.Text() + " is used as a value: the module does not exist on 3.0"})
	case strings.HasPrefix(dotted, tracingModule+"."):
		u.Report(n, "tracing", Finding{Tier: Manual, Message: n.Text() + " has no counterpart: the module " + tracingModule + " does not exist on 3.0"})
	default:
		return true
	}
	return false
}

// replace reports a name that is replaced as it stands.
func (u *typeUse) replace(n *rewrite.Node, kind, text string) {
	if u.fixed(n) {
		return
	}
	u.Report(n, kind, Finding{Tier: Safe, Message: n.Text() + " of " + tracingModule, Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: text}}})
}

// fixed reports a name that keeps its spelling here: an alias, a name of
// another project module, or one that this file hands to other modules.
func (u *typeUse) fixed(n *rewrite.Node) bool {
	return u.world.isBinding(n) || !u.spelledHere(n) || n.Is("identifier") && u.kept[n.Text()]
}

// class handles Span, Transaction and NoOpSpan by where they stand.
func (u *typeUse) class(n *rewrite.Node, dotted string) {
	to, tier, message := newSpanType, Safe, lastName(dotted)+" of "+tracingModule
	p := n.Parent
	switch {
	case n.Ancestor("type") != nil, p.Is("argument_list") && castsTo(n), p.Is("subscript") && n.Field == "subscript", p.Is("binary_operator"):
	case u.tested(n):
		to, tier, message = classTest(dotted, message)
	case p.Is("call") && n.Field == "function":
		u.built(p, n, dotted)
		return
	case p.Is("class_pattern") && p.Children[0] == n:
		u.matched(p, n, dotted)
		return
	case p.Is("dotted_name") && p.Parent.Is("class_pattern"):
		u.matched(p.Parent, n, dotted)
		return
	case p.Is("attribute"):
		if name := p.Child("attribute").Text(); !strings.HasPrefix(name, "continue_from_") && name != "from_traceparent" {
			u.Report(n, "class", Finding{Tier: Manual, Message: p.Text() + ": streamed spans have other members"})
		}
		return
	case p.Is("argument_list") && p.Parent.Is("class_definition"):
		u.Report(n, "class", Finding{Tier: Manual, Message: "a subclass of " + lastName(dotted) + ": streamed spans are made by start_span() alone"})
		return
	case p.Is("assignment") && n.Field == "right", p.Is("keyword_argument") && p.Child("name").Text() == "bound":
	default:
		tier, message = Review, message+" is used as a value"
	}
	if u.fixed(n) {
		if tier == Review && !u.world.isBinding(n) {
			u.Report(n, "class", Finding{Tier: Manual, Message: message + "; it is StreamedSpan now"})
		}
		return
	}
	u.Report(n, "class", Finding{Tier: tier, Message: message, Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: ref(to, n)}}})
}

func lastName(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

// classTest is what an isinstance() asks for now.
func classTest(dotted, message string) (to string, tier Tier, text string) {
	switch lastName(dotted) {
	case "NoOpSpan":
		return newNoOpType, Review, message + ": spans that are not sampled are NoOpStreamedSpan too"
	case "Transaction":
		return newSpanType, Review, message + ": every streamed span passes this test, root or not"
	}
	return newSpanType, Safe, message
}

// tested reports a class that isinstance() or issubclass() asks for.
func (u *typeUse) tested(n *rewrite.Node) bool {
	arg := n
	for arg.Parent.Is("tuple", "parenthesized_expression") {
		arg = arg.Parent
	}
	list := arg.Parent
	if !list.Is("argument_list") || len(list.Children) != 2 || list.Children[1] != arg {
		return false
	}
	fn := list.Parent.Child("function")
	return fn.Is("identifier") && (fn.Text() == "isinstance" || fn.Text() == "issubclass") && u.Project.IsBuiltin(fn)
}

// built handles a span that is made by its class: an inert one has a
// counterpart, the others are another step's or a person's.
func (u *typeUse) built(call, n *rewrite.Node, dotted string) {
	if lastName(dotted) == "NoOpSpan" && len(call.Args()) == 0 && !u.fixed(n) {
		u.Report(n, "class", Finding{Tier: Review, Message: "NoOpSpan() as a stand-in: NoOpStreamedSpan() has the members of streamed spans",
			Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: ref(newNoOpType, n)}}})
		return
	}
	if u.world.startedLater(call) {
		return // the step that starts it rewrites it
	}
	u.Report(n, "class", Finding{Tier: Manual, Message: lastName(dotted) + "(…) is built by hand: streamed spans are made by start_span() alone"})
}

// source turns members of TransactionSource into their text, and its name in an
// annotation into str. It reports whether n was one of them.
func (u *typeUse) source(n *rewrite.Node, dotted string) bool {
	if text, ok := sourceText(strings.TrimSuffix(dotted, ".value")); ok {
		if n.Is("identifier") && (u.world.isBinding(n) || !u.spelledHere(n)) {
			return true // another name for it, which is text where it is bound
		}
		f := Finding{Tier: Safe, Message: n.Text() + " is text now", Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: quoted(n, text)}}}
		if strings.Contains(text, ".") {
			f = Finding{Tier: Manual, Message: n.Text() + ": sources are text on 3.0"}
		}
		u.reportSource(n, f)
		return true
	}
	if dotted != tracingModule+".TransactionSource" || n.Parent.Is("attribute") {
		return false
	}
	f := Finding{Tier: Manual, Message: "TransactionSource does not exist on 3.0: sources are text"}
	if n.Ancestor("type") != nil && !u.fixed(n) {
		f.Tier, f.Edits = Safe, []rewrite.Edit{{Start: n.Start, End: n.End, New: "str"}}
	}
	u.reportSource(n, f)
	return true
}

// reportSource reports a use of TransactionSource. A source that is set on a span
// is a site of the step span-members.
func (u *typeUse) reportSource(n *rewrite.Node, f Finding) {
	shared := false
	for _, a := range u.world.attributes("source") {
		if a.File == n.File && rewrite.Qualname(a) == rewrite.Qualname(n) {
			_, ok := u.spanAt(a.Child("object"))
			shared = shared || ok
		}
	}
	u.ReportRenamed(n, "transaction-source", "source", shared, f)
}
