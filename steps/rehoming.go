package steps

import (
	"maps"
	"strings"

	"spanwalk/rewrite"
)

// rehoming brings the logic of one callback to one client.
type rehoming struct {
	pass    *Pass
	client  *client
	option  *option
	filter  *eventFilter
	names   *rootNames
	made    *definitions
	options *optionEdits
	spans   *spanEdits
	sampler samplerPlan
	rules   []string
	tier    Tier
	reasons []string
	moved   []string // what found a home, in words
	homed   map[*drop]bool
	edited  map[*eventEdit]bool
	left    []opaquePart // manual
	edits   []rewrite.Edit
}

func newRehoming(p *Pass, c *client, o *option, f *eventFilter, names *rootNames) *rehoming {
	f.home, f.imports = o.node.File, map[string]bool{}
	return &rehoming{pass: p, client: c, option: o, filter: f, names: names, options: newOptionEdits(p.Project), tier: Safe,
		spans: &spanEdits{filter: f}, sampler: samplerPlan{reads: map[string]string{}}, homed: map[*drop]bool{}, edited: map[*eventEdit]bool{}}
}

func (m *rehoming) review(reasons ...string) {
	for _, r := range reasons {
		if m.tier == Safe {
			m.tier = Review
		}
		known := false
		for _, old := range m.reasons {
			known = known || old == r
		}
		if !known {
			m.reasons = append(m.reasons, r)
		}
	}
}

func (m *rehoming) plan() {
	m.left = append(m.left, m.filter.opaque...)
	for _, d := range m.filter.drops {
		m.drop(d)
	}
	for _, e := range m.filter.edits {
		if m.testedLater(e) {
			continue
		}
		if reason := m.spans.add(e.stmt); reason != "" {
			m.left = append(m.left, opaquePart{e.stmt, reason})
			continue
		}
		m.edited[e] = true
	}
	m.rules = append(m.rules, m.spans.rules...)
	if len(m.edited) > 0 {
		m.review(m.spans.review...)
	}
	if m.filter.cb.maybe {
		m.review("the callback was set under a condition only")
	}
}

// drop finds the home of one drop. Late ones belong to the next step.
func (m *rehoming) drop(d *drop) {
	v := m.filter.judge(d, m.names)
	switch {
	case v.late != "":
		return
	case v.manual == "" && m.renamedBefore(d):
		v.manual = "the name is changed before it is tested"
		fallthrough
	case v.manual != "":
		m.left = append(m.left, opaquePart{d.place, v.manual})
		return
	case v.never:
	case v.condition != "":
		m.sampler.conditions = append(m.sampler.conditions, v.condition)
		maps.Copy(m.sampler.reads, v.reads)
	default:
		m.rules = append(m.rules, v.rules...)
	}
	m.homed[d] = true
	m.review(v.review...)
}

// renamedBefore reports an edit of the name in front of a drop that tests it.
func (m *rehoming) renamedBefore(d *drop) bool {
	preds, _ := m.filter.predicates(d)
	if count(preds, "name") == 0 {
		return false
	}
	for _, e := range m.filter.edits {
		if m.renames(e) && e.stmt.Start < d.place.Start {
			return true
		}
	}
	return false
}

func (m *rehoming) renames(e *eventEdit) bool {
	c, ok := m.filter.change(e.stmt)
	return ok && len(c.keys) == 1 && c.keys[0] == "transaction"
}

// testedLater reports a new name that a drop behind it tests: the two stay
// together.
func (m *rehoming) testedLater(e *eventEdit) bool {
	if !m.renames(e) {
		return false
	}
	for _, d := range m.filter.drops {
		if preds, _ := m.filter.predicates(d); count(preds, "name") > 0 && e.stmt.Start < d.place.Start {
			return true
		}
	}
	return false
}

// report writes the findings: one for what moves, one for each part that
// cannot.
func (m *rehoming) report(reported map[*rewrite.Node]bool) {
	for _, part := range m.left {
		if !reported[part.stmt] {
			m.pass.Report(part.stmt, oldOption, Finding{Message: oldOption + ": " + part.reason, Tier: Manual})
		}
		reported[part.stmt] = true
	}
	if len(m.homed)+len(m.edited) == 0 {
		return
	}
	if !m.client.tracing() && len(m.client.unseen) == 0 {
		return
	}
	if m.filter.away != "" {
		m.pass.Report(m.option.node, oldOption, Finding{Tier: Manual,
			Message: oldOption + ": its logic needs " + m.filter.away + " of " + m.filter.cb.def.File.Path + ", which is out of reach here"})
		return
	}
	m.write()
	if len(m.moved) > 0 {
		m.edits = append(m.edits, m.filter.importEdits()...)
	}
	if len(m.moved) == 0 && len(m.edits) == 0 {
		return
	}
	f := Finding{Tier: m.tier, Shape: strings.Join(m.moved, " + "), Message: oldOption + ": " + strings.Join(m.moved, "; ")}
	if len(m.reasons) > 0 {
		f.Message += ": " + strings.Join(m.reasons, "; ")
	}
	if len(m.options.files) > 1 || m.options.missing {
		f.Tier = Manual
		f.Message += "; the options stand in several files: change them by hand"
	}
	f.Edits = append(m.options.edits(), m.edits...)
	m.pass.Report(m.option.node, oldOption, f)
}

// write makes the edits.
func (m *rehoming) write() {
	m.writeRules()
	m.writeSampler()
	m.writeSpanCallback()
	if m.ownsFilter() {
		m.trim()
	}
}

// ownsFilter reports a callback that can be trimmed with the same edit: a
// function in the file of the option that nothing else uses.
func (m *rehoming) ownsFilter() bool {
	def := m.filter.cb.def
	if !def.Is("function_definition") || def.File != m.option.node.File {
		return false
	}
	return !m.pass.shared(def)
}

// shared reports a callback that something else than the clients of its file
// relies on.
func (p *Pass) shared(def *rewrite.Node) bool {
	return p.usedOtherwise(def) || p.optionLeadsTo(def, func(c *client, o *option) bool {
		return o.name == oldOption && c.call.File != def.File
	})
}

// usedOtherwise reports a callback that another option uses too, such as
// before_send, or that the project calls.
func (p *Pass) usedOtherwise(def *rewrite.Node) bool {
	return len(p.world.callsOf(def)) > 0 || p.optionLeadsTo(def, func(_ *client, o *option) bool {
		return o.name != oldOption && strings.HasPrefix(o.name, "before_")
	})
}

// optionLeadsTo reports whether an option that which accepts leads to the
// function.
func (p *Pass) optionLeadsTo(def *rewrite.Node, which func(*client, *option) bool) bool {
	for _, c := range p.world.clients() {
		for _, o := range c.options {
			if !which(c, o) {
				continue
			}
			list, _ := p.world.callbacks(o.value)
			for _, cb := range list {
				if cb.def == def {
					return true
				}
			}
		}
	}
	return false
}

// trim takes out of the callback what found a home.
func (m *rehoming) trim() {
	t := newTrim(m.filter)
	for _, d := range m.filter.drops {
		if m.homed[d] {
			t.drop(d)
		}
	}
	for _, e := range m.filter.edits {
		if m.edited[e] {
			t.nodes[e.stmt] = true
		}
	}
	edits := t.finish()
	if !t.possible(m.homed) {
		m.tier = Manual
		m.reasons = append(m.reasons, "one part of it cannot go without another")
	}
	m.edits = append(m.edits, edits...)
}
