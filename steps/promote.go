package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// merge adds the lifecycle to an existing _experiments.
func (l *lifecycle) merge(o *option, entry string) {
	v := l.literal(o.value)
	if l.placed[v] {
		l.parts = nil
		return
	}
	l.placed[v] = true
	switch {
	case v == o.value && v.Is("dictionary") && !strings.ContainsAny(v.Text(), "\r\n"):
		l.node = o.node
		l.edits.setValue(o, rewrite.DictText(append(texts(v.Children), entry)))
	case v.Is("dictionary"), v.Is("call") && v.Child("function").Text() == "dict":
		l.node = v
		l.edits.add(v, "trace_lifecycle", l.quote(stream))
	case v.Is("none"):
		l.node = o.node
		l.edits.setValue(o, rewrite.DictText([]string{entry}))
	default:
		l.node = o.node
		l.review("what _experiments holds cannot be seen")
		l.edits.setValue(o, rewrite.DictText([]string{"**(" + o.value.Text() + " or {})", entry}))
	}
}

func texts(nodes []*rewrite.Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Text())
	}
	return out
}

// literal follows a name to the one dictionary it is given.
func (l *lifecycle) literal(n *rewrite.Node) *rewrite.Node {
	n = n.Inner()
	if !n.Is("identifier", "attribute") {
		return n
	}
	id := n
	if v := l.pass.Project.Name(n).Value; v != nil {
		id = v
	}
	_, bindings := id.File.ScopeOf(id).Lookup(id.Text())
	if id.Is("identifier") && len(bindings) == 1 && bindings[0].Kind == rewrite.Assign && bindings[0].Index == nil && bindings[0].Value != nil {
		return bindings[0].Value.Inner()
	}
	return n
}

// promote moves an option out of _experiments, which 3.0 does not read. Where
// both places set it the top level has won all along.
func (l *lifecycle) promote(name string) {
	below := l.experiment(name)
	if len(below) == 0 {
		return
	}
	holders := l.client.all("_experiments")
	if len(below) > 1 || len(holders) != 1 || !below[0].sure {
		l.manual("_experiments[%q] is set in several places or under a condition: move it to the top level, 3.0 ignores it there", name)
		return
	}
	o, above := below[0], l.client.all(name)
	switch {
	case name == "trace_lifecycle":
		l.parts = append(l.parts, "trace_lifecycle is an option of its own from 2.66.0 on")
	case len(above) > 0:
		l.review("_experiments[%q] has no effect beside the option %s", name, name)
	default:
		l.parts = append(l.parts, name+" under _experiments silently stops working on 3.0")
	}
	if len(above) == 0 {
		l.edits.addBeside(holders[0], name, l.promoted(o, holders[0]))
	}
	l.drop(o, holders[0])
}

// promoted is the value an option takes with it.
func (l *lifecycle) promoted(o, holder *option) string {
	if o.name == "trace_lifecycle" {
		return l.quote(stream)
	}
	return moved(o.value, o.node.Indent(), holder.node.Indent())
}

// drop takes an option out of _experiments, and _experiments away when nothing
// is left in it.
func (l *lifecycle) drop(o, experiments *option) {
	l.edits.remove(o)
	for _, other := range l.experiments {
		if !l.moves(other.name) {
			return
		}
	}
	display := o.home
	if !l.seen || display == nil || !experiments.value.Contains(display) {
		return
	}
	l.edits.forget(display)
	l.edits.remove(experiments)
	if commented(display) {
		l.review("the comments inside _experiments go with it")
	}
}

// moves reports an option that does not stay under _experiments.
func (l *lifecycle) moves(name string) bool {
	switch name {
	case "trace_lifecycle", "ignore_spans", "before_send_span":
		return l.pass.Floor.TopLevel(name)
	}
	return false
}

// commented reports comments within a node.
func commented(n *rewrite.Node) bool {
	for _, s := range n.File.Comments {
		if s.Start >= n.Start && s.End <= n.End {
			return true
		}
	}
	return false
}

func (l *lifecycle) report() {
	if len(l.parts) == 0 && !l.open {
		return
	}
	f := Finding{Tier: l.tier, Shape: l.shape()}
	if l.open {
		f.Tier = Review
		l.parts = []string{"tracing is not configured (waits for an answer)"}
	}
	if len(l.edits.files) > 1 || l.edits.missing {
		l.manual("the options stand in several files or share their line: change them by hand")
		f.Tier = Manual
	}
	f.Message = l.name() + ": " + strings.Join(l.parts, "; ")
	if f.Tier != Manual && !l.open {
		f.Edits = l.edits.edits()
	}
	node := l.node
	if len(f.Edits) > 0 && !l.edits.files[node.File] {
		for _, h := range l.edits.order {
			node = h
		}
	}
	l.pass.Report(node, "init", f)
}

// values reports a function that is used other than by being called, such as
// init handed to somebody else: its arguments cannot be seen.
func (p *Pass) values(dotted string) {
	for _, n := range p.world.spelled(dotted) {
		if p.isValue(n) {
			p.Report(n, "init", Finding{Message: n.Text() + " is used as a value: the options it is called with cannot be seen", Tier: Manual})
		}
	}
}

// isValue reports an expression that is neither called, bound, looked into nor
// handed to partial().
func (p *Pass) isValue(n *rewrite.Node) bool {
	switch parent := n.Parent; {
	case n.Ancestor("import_statement", "import_from_statement") != nil, p.world.isBinding(n):
		return false
	case parent.Is("call") && n.Field == "function", parent.Is("assignment", "keyword_argument", "class_definition", "attribute"):
		return false
	case parent.Is("argument_list"):
		return p.world.callee(parent.Parent) != "functools.partial"
	}
	return true
}

// noClient says that nobody in the tree configures the SDK, if it has spans:
// they go nowhere until somebody does.
func (p *Pass) noClient() {
	if first := p.world.firstSpan(); first != nil {
		p.Report(first, "no-init", Finding{Tier: Manual,
			Message: "the project makes spans but no init() is in the tree: set trace_lifecycle=\"stream\" where the SDK is configured"})
	}
}
