package steps

import "spanwalk/rewrite"

// onceStarted puts a line where the span has just started: first thing in its
// block, or behind its statement. It reports false where there is no such line.
func (c *creation) onceStarted(line string) bool {
	stmt := c.call.Statement()
	var e rewrite.Edit
	ok := false
	switch {
	case stmt.Is("with_statement") && len(stmt.Child("body").Children) > 0:
		e, ok = rewrite.InsertBefore(stmt.Child("body").Children[0], line)
	case stmt.Is("expression_statement"):
		e, ok = rewrite.InsertAfter(stmt, line)
	}
	if ok {
		c.extra = append(c.extra, e)
	}
	return ok
}

// status settles status=, which a streamed span takes only once it has started.
// It starts with "ok".
func (c *creation) status(a rewrite.Arg) {
	c.drop(a)
	to, known := c.pass.newStatus(a.Value)
	if known && to == statusOK {
		return
	}
	name, named := c.spanName()
	if !known || c.moved || name == "" || !c.onceStarted(name+".status = "+c.quote(to)) {
		c.weaken(Review, "status=%s has no equivalent and is dropped", a.Value.Text())
		return
	}
	if !named {
		c.extra = append(c.extra, rewrite.Edit{Start: c.call.End, End: c.call.End, New: " as " + name})
	}
}

// spanName is what the started span is called: by the "as" of the with that
// enters it, by the variable or attribute that holds it, or, where a with
// enters it without (named is false), by a name that is free. It is "" anywhere
// else, and where the span is entered later.
func (c *creation) spanName() (name string, named bool) {
	p := c.call.Parent
	switch {
	case len(c.world().fate(c.call).later) > 0:
		return "", false
	case p.Is("with_item"):
		return c.pass.freeName(c.call, "span", "new_span"), false
	case p.Is("as_pattern") && p.Parent.Is("with_item") && p.Child("alias").Children[0].Is("identifier"):
		return p.Child("alias").Text(), true
	case p.Is("assignment") && p.Parent.Is("expression_statement") && p.Child("left").Is("identifier", "attribute"):
		return p.Child("left").Text(), true
	}
	return "", false
}
