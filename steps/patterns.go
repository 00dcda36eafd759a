package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// captured is what a name in a match pattern holds: v is the subject it takes
// as a whole, or the pattern that it names.
func (w *world) captured(v *rewrite.Node) kind {
	switch {
	case v == nil:
		return otherKind
	case v.Is("case_pattern", "tuple_pattern") && len(v.Children) == 1 && !strings.HasSuffix(v.Text(), ",)"):
		return w.captured(v.Children[0])
	case v.Is("union_pattern"):
		var out kind
		for _, c := range v.Children {
			out = join(out, w.captured(c))
		}
		return out
	case v.Is("class_pattern"):
		if class := spanClasses[canonicalClass(w.dotted(v.Children[0]))]; class != 0 {
			return kind{span: class}
		}
		return otherKind
	case strings.HasSuffix(v.Kind, "_pattern"):
		return otherKind
	}
	return w.typeOf(v)
}

// spanAttributes are the attributes of legacy spans that streamed spans have,
// by the name they have there.
var spanAttributes = map[string]string{"name": "name", "description": "name", "trace_id": "trace_id", "span_id": "span_id"}

// matched handles a span class that a pattern asks for. Where it asks for an
// attribute besides that streamed spans lack, the pattern would match none.
func (u *typeUse) matched(pattern, n *rewrite.Node, dotted string) {
	to, tier, message := classTest(dotted, lastName(dotted)+" of "+tracingModule)
	f := Finding{Tier: tier, Message: message, Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: ref(to, n)}}}
	for _, c := range pattern.Children[1:] {
		for c.Is("case_pattern", "as_pattern") && len(c.Children) > 0 {
			c = c.Children[0]
		}
		if !c.Is("keyword_pattern") {
			continue
		}
		key := c.Children[0]
		name := spanAttributes[key.Text()]
		if name == "" {
			f = Finding{Tier: Manual, Message: message + ": the pattern asks for " + key.Text() + ", which streamed spans lack: it would match none"}
			break
		}
		if name != key.Text() {
			f.Edits = append(f.Edits, rewrite.Edit{Start: key.Start, End: key.End, New: name})
		}
	}
	if u.fixed(n) {
		f.Tier, f.Edits = Manual, nil
	}
	u.Report(n, "class", f)
}
