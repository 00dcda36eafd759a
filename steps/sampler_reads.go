package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// acceptBoth puts lines before the body that give the new shape's facts their
// old names; in a lambda the reads themselves accept both.
func (s *sampler) acceptBoth(reads map[string]bool) {
	f := Finding{Message: "the sampler reads transaction_context, which releases 2.62.0 to 2.66.0 do not pass for streamed spans", Tier: Safe}
	body := s.def.Child("body")
	if !body.Is("block") {
		f.Edits, f.Tier = s.inLambda()
		s.pass.Report(s.site, "traces_sampler", f)
		return
	}
	if len(body.Children) == 0 {
		return
	}
	first := body.Children[0]
	if first.Is("expression_statement") && first.Children[0].Is("string") && len(body.Children) > 1 {
		first = body.Children[1]
	}
	edit, ok := rewrite.InsertBefore(first, s.lines(reads, s.def.File.Style)...)
	if !ok {
		f.Tier = Manual
		f.Message += ": make it a function of several lines first"
	}
	f.Edits = []rewrite.Edit{edit}
	s.pass.Report(s.site, "traces_sampler", f)
}

// inLambda accepts both shapes where only keys are read that both have.
func (s *sampler) inLambda() ([]rewrite.Edit, Tier) {
	var edits []rewrite.Edit
	for _, u := range s.uses() {
		r, ok := readOf(u)
		if !ok || stringValue(r.key) != "transaction_context" {
			return nil, Manual
		}
		inner, ok := readOf(r.node)
		if key := stringValue(inner.key); !ok || key != "name" && key != "trace_id" && key != "parent_span_id" {
			return nil, Manual
		}
		q := string(r.key.File.Source[r.key.End-1])
		edits = append(edits, rewrite.Edit{Start: r.node.Start, End: r.node.End,
			New: fmt.Sprintf("(%s.get(%s) or %s[%sspan_context%s])", s.context, r.key.Text(), s.context, q, q)})
	}
	return edits, Safe
}

func (s *sampler) lines(reads map[string]bool, style rewrite.Style) []string {
	in, q := style.Indent, func(text string) string { return string(style.Quote) + text + string(style.Quote) }
	span := fmt.Sprintf("%s[%s]", s.context, q("span_context"))
	out := []string{
		fmt.Sprintf("if %s in %s:  # what sentry-sdk 2.62.0 to 2.66.0 passes", q("span_context"), s.context),
		fmt.Sprintf("%s%s = {", in, s.context),
		fmt.Sprintf("%s**%s,", in+in, s.context),
		fmt.Sprintf("%s%s: %s[%s],", in+in, q("parent_sampled"), span, q("parent_sampled")),
	}
	var more []string
	for _, k := range []struct{ old, attribute string }{{"op", "sentry.op"}, {"source", "sentry.span.source"}} {
		if reads[k.old] {
			more = append(more, fmt.Sprintf("%s%s: %s[%s].get(%s),", in+in+in, q(k.old), span, q("attributes"), q(k.attribute)))
		}
	}
	if len(more) == 0 {
		return append(out, fmt.Sprintf("%s%s: %s,", in+in, q("transaction_context"), span), in+"}")
	}
	out = append(out, fmt.Sprintf("%s%s: {", in+in, q("transaction_context")), fmt.Sprintf("%s**%s,", in+in+in, span))
	return append(append(out, more...), in+in+"},", in+"}")
}

// absentKeys offers .get() for subscripts of keys that only some root spans
// bring along: what an integration or the application adds. In arithmetic
// .get() would raise as well.
func (s *sampler) absentKeys() {
	for _, u := range s.uses() {
		r, ok := readOf(u)
		if !ok || r.get || !u.Parent.Is("subscript") {
			continue
		}
		key := stringValue(r.key)
		if key == "transaction_context" || key == "span_context" || key == "parent_sampled" || s.guarded(r, key) || isTarget(r.node) || r.node.Parent.Is("binary_operator") {
			continue
		}
		s.pass.Report(r.node, "sampler-key", Finding{Tier: Review, Edits: s.getter(r),
			Message: fmt.Sprintf("%s is there for some roots only: for any other the sampler raises KeyError, and from 2.71.0 on the trace is dropped", r.node.Text())})
	}
}

// getter turns ctx["k"] into ctx.get("k"), and a subscript of the result too.
func (s *sampler) getter(r read) []rewrite.Edit {
	edit := func(r read, fallback string) rewrite.Edit {
		text := ".get(" + r.key.Text() + ")"
		if fallback != "" {
			text = ".get(" + r.key.Text() + ", " + fallback + ")"
		}
		return rewrite.Edit{Start: r.node.Child("value").End, End: r.node.End, New: text}
	}
	next, ok := readOf(r.node)
	switch {
	case !ok:
		return []rewrite.Edit{edit(r, textDefault(r.node))}
	case next.get:
		return []rewrite.Edit{edit(r, "{}")}
	}
	return []rewrite.Edit{edit(r, "{}"), edit(next, textDefault(next.node))}
}

// textDefault is an empty string where the value is used as one.
func textDefault(n *rewrite.Node) string {
	p := n.Parent
	q := string(n.File.Style.Quote)
	switch {
	case p.Is("attribute") && n.Field == "object":
		return q + q
	case p.Is("comparison_operator") && p.Children[0] != n && p.Child("operators") != nil && strings.HasSuffix(p.Child("operators").Text(), "in"):
		return q + q
	}
	return ""
}

// guarded reports a read that stands behind a test of its key or in a block
// that catches the KeyError.
func (s *sampler) guarded(r read, key string) bool {
	from := r.node
	for p := r.node.Parent; p != nil && p != s.def; p = p.Parent {
		switch p.Kind {
		case "if_statement", "elif_clause":
			if from.Field == "consequence" && mentions(p.Child("condition"), key) {
				return true
			}
		case "conditional_expression":
			if from == p.Children[0] && mentions(p.Children[1], key) {
				return true
			}
		case "boolean_operator":
			if from.Field == "right" && mentions(p.Child("left"), key) {
				return true
			}
		case "try_statement":
			if from.Field == "body" {
				return true
			}
		case "with_statement":
			if strings.Contains(p.Children[0].Text(), "suppress(") {
				return true
			}
		}
		if p.Is("block") && leavesBefore(p, from, key) {
			return true
		}
		from = p
	}
	return false
}

// leavesBefore reports "if key not in context: return …" before a statement.
func leavesBefore(block, stmt *rewrite.Node, key string) bool {
	for _, s := range block.Children {
		if s == stmt {
			return false
		}
		if s.Is("if_statement") && mentions(s.Child("condition"), key) {
			body := s.Child("consequence").Children
			if len(body) > 0 && body[len(body)-1].Is("return_statement", "raise_statement", "continue_statement") {
				return true
			}
		}
	}
	return false
}

// mentions reports whether a string literal below n is text.
func mentions(n *rewrite.Node, text string) bool {
	found := false
	n.Walk(func(m *rewrite.Node) bool {
		found = found || stringValue(m) == text
		return !found
	})
	return found
}

// renamedOp returns the name that 3.0 gives to an op of an integration, ""
// where it keeps it (facts/sdk-newer.md N7).
func renamedOp(op string) string {
	switch {
	case strings.HasPrefix(op, "queue.task."):
		return "queue.process"
	case strings.HasPrefix(op, "queue.submit."):
		return "queue.publish"
	case strings.HasPrefix(op, "middleware."):
		return "middleware"
	}
	return map[string]string{"event.django": "function", "view.authenticate": "view", "view.response.render": "view.render", "db.redis": "db.query"}[op]
}

// renamedOps notes ops of integrations that the sampler tests and 3.0 renames.
func (s *sampler) renamedOps() {
	s.def.Child("body").Walk(func(n *rewrite.Node) bool {
		if to := renamedOp(stringValue(n)); to != "" {
			s.pass.note(n, "renamed-op", fmt.Sprintf("3.0 calls the op %s %q: test for both", n.Text(), to))
		}
		return true
	})
}
