package steps

import (
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// leavesTrace says that an incoming trace outlives the span, where it does,
// and offers a scope around both that ends it.
func (c *creation) leavesTrace(made []*rewrite.Node) {
	if c.world().isolated(c.call) || c.world().everyRootStartsAfresh() {
		return
	}
	c.weaken(Review, "the incoming trace stays current for later root spans that do not start with new_trace()")
	if a, ok := c.isolate(made); ok {
		c.others = append(c.others, a)
	}
}

// isolated reports whether n stands inside an isolation scope that its
// function opens. new_scope() does not keep a continued trace to itself
// (facts/sdk.md E).
func (w *world) isolated(n *rewrite.Node) bool {
	for p := n.Parent; p != nil && !p.Is("function_definition", "lambda"); p = p.Parent {
		if p.Is("with_statement") && w.forksScope(p, n, isolations) {
			return true
		}
	}
	return false
}

// isolate is the rewrite inside an isolation scope of its own, from the call
// that continues the trace to the end of the span's block. ok is false where
// they are not statements of one block, each on lines of its own.
func (c *creation) isolate(made []*rewrite.Node) (a Alternative, ok bool) {
	stmt, first := c.call.Statement(), made[0].Statement()
	item := c.call.Ancestor("with_item")
	if c.tier == Manual || c.open || len(made) != 1 || item == nil || item.Parent.Parent != stmt || first.Parent != stmt.Parent {
		return a, false
	}
	f := stmt.File
	if strings.TrimSpace(string(f.Source[f.LineSpan(first.Start).Start:first.Start])) != "" {
		return a, false
	}
	unit, nl := f.Style.Indent, f.Style.Newline
	twin := *c
	twin.extra, twin.reasons, twin.shorter = slices.Clip(c.extra), slices.Clip(c.reasons), rewrite.Columns(unit)
	edits := twin.edits()
	head := slices.IndexFunc(edits, func(e rewrite.Edit) bool { return e.Start == first.Start })
	if twin.tier == Manual || len(twin.moves) > 0 || head < 0 || strings.Contains(edits[head].New, `"""`) || strings.Contains(edits[head].New, "'''") {
		return a, false
	}
	inner := nl + first.Indent() + unit
	edits[head].New = "with " + beside("sentry_sdk.isolation_scope", c.call.Child("function")) + "():" + inner +
		strings.ReplaceAll(edits[head].New, nl, nl+unit)
	return Alternative{ID: "isolation-scope", Title: "wrap both in isolation_scope(), which ends the trace and keeps what is set on the scope inside",
		Edits: edits, Moves: []rewrite.Move{{Start: first.Start + 1, End: blockEnd(stmt), Unit: unit}}}, true
}
