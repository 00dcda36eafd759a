package steps

import (
	"maps"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// plain is a text for comparison: without references and white space.
func plain(text string) string {
	return strings.Join(strings.Fields(rewrite.PlainNames(text)), "")
}

// has reports whether a client's option, or what it leads to, holds a text
// already.
func (m *rehoming) has(name, text string) bool {
	experiments, _ := m.pass.world.experiments(m.client)
	for _, o := range append(m.client.all(name), byName(experiments, name)...) {
		source := o.value.Text()
		list, _ := m.pass.world.callbacks(o.value)
		for _, cb := range list {
			source += cb.def.Text()
		}
		if known := m.filter.valueOf(o.value); known != nil {
			source += known.Text()
		}
		if strings.Contains(plain(source), plain(text)) {
			return true
		}
	}
	return false
}

func byName(list []*option, name string) []*option {
	var out []*option
	for _, o := range list {
		if o.name == name {
			out = append(out, o)
		}
	}
	return out
}

// writeRules adds to ignore_spans what is not there yet.
func (m *rehoming) writeRules() {
	var fresh []string
	for _, r := range m.rules {
		if !m.has("ignore_spans", r) {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) == 0 {
		return
	}
	m.moved = append(m.moved, "what it drops becomes rules of ignore_spans")
	existing := m.existing("ignore_spans")
	if existing == nil {
		m.set("ignore_spans", rewrite.ListText(fresh))
		return
	}
	v := existing.value.Inner()
	if !v.Is("list") {
		if known := m.filter.valueOf(v); known.Is("list") && known.File == v.File {
			v = known
		}
	}
	if v.Is("list") {
		for _, r := range fresh {
			m.options.of(v).Append(r)
		}
		return
	}
	m.options.setValue(existing, "[*"+v.Text()+", "+strings.Join(fresh, ", ")+"]")
}

// existing returns the option that is in force: the top level wins.
func (m *rehoming) existing(name string) *option {
	experiments, _ := m.pass.world.experiments(m.client)
	for _, o := range append(m.client.all(name), byName(experiments, name)...) {
		return o
	}
	return nil
}

// set writes a new option where the floor reads it.
func (m *rehoming) set(name, value string) {
	if m.pass.Floor.TopLevel(name) {
		m.options.addBeside(m.option, name, value)
		return
	}
	holders := m.client.all("_experiments")
	if len(holders) == 0 {
		q := m.filter.quote()
		m.options.addBeside(m.option, "_experiments", rewrite.DictText([]string{q + name + q + ": " + rewrite.FlatDicts(value)}))
		return
	}
	l := &lifecycle{pass: m.pass, client: m.client, edits: m.options}
	v := l.literal(holders[0].value)
	if len(holders) > 1 || !v.Is("dictionary") && !(v.Is("call") && v.Child("function").Text() == "dict") {
		m.options.missing = true
		return
	}
	m.options.add(v, name, value)
}

// writeSampler adds conditions to the sampler, or writes one in place of the
// rate.
func (m *rehoming) writeSampler() {
	var fresh []string
	for _, c := range m.sampler.conditions {
		if !m.has("traces_sampler", "if "+c+":") {
			fresh = append(fresh, c)
		}
	}
	if m.sampler.conditions = fresh; len(fresh) == 0 {
		return
	}
	m.moved = append(m.moved, "what it drops becomes a condition of traces_sampler")
	if samplers := m.client.all("traces_sampler"); len(samplers) > 0 {
		m.extendSampler(samplers)
		return
	}
	rates := m.client.all("traces_sample_rate")
	if len(rates) != 1 || !rates[0].sure || holder(rates[0].node) == nil {
		m.stay("write a traces_sampler that returns 0 if " + strings.Join(fresh, " or ") + ": where the rate comes from cannot be seen")
		return
	}
	name := m.define("traces_sampler", func(name string) []string {
		return m.sampler.function(name, rates[0].value.Text(), m.pass.Floor, m.names, m.style())
	}, rates[0].value)
	h := holder(rates[0].node)
	m.options.of(h).Replace(rewrite.Entry(rates[0].node), optionText(h, "traces_sampler", name))
}

// stay makes the whole move manual.
func (m *rehoming) stay(reason string) {
	m.tier = Manual
	m.reasons = append(m.reasons, reason)
}

func (m *rehoming) style() rewrite.Style { return m.option.node.File.Style }

// extendSampler puts the conditions at the start of an existing sampler.
func (m *rehoming) extendSampler(samplers []*option) {
	list, reason := m.pass.world.callbacks(samplers[0].value)
	if reason != "" || len(samplers) > 1 || len(list) != 1 || !list[0].def.Child("body").Is("block") || list[0].def.File != m.option.node.File {
		m.stay("the sampler is out of reach: let it return 0 if " + strings.Join(m.sampler.conditions, " or "))
		return
	}
	cb := list[0]
	params := cb.parameters()
	if len(params) == 0 {
		m.stay("the sampler takes no context")
		return
	}
	if len(cb.def.Child("body").Children) == 0 {
		m.stay("the sampler cannot be read")
		return
	}
	first := cb.def.Child("body").Children[0]
	if first.Is("expression_statement") && first.Children[0].Is("string") && len(cb.def.Child("body").Children) > 1 {
		first = cb.def.Child("body").Children[1]
	}
	for _, variable := range append(slices.Sorted(maps.Keys(m.sampler.reads)), "headers") {
		for _, u := range namesIn(cb.def.Child("body"), variable) {
			if scope, _ := u.File.ScopeOf(u).Lookup(variable); scope == nil || scope.Node != cb.def {
				m.stay("the sampler means something else by " + variable + ": let it return 0 if " + strings.Join(m.sampler.conditions, " or "))
				return
			}
		}
	}
	edit, ok := rewrite.InsertBefore(first, m.sampler.lines(params[0], m.pass.Floor, m.names, m.style())...)
	if !ok {
		m.stay("the sampler is written on one line")
		return
	}
	m.edits = append(m.edits, edit)
}

// writeSpanCallback writes a before_send_span for the edits, before one that
// is there already.
func (m *rehoming) writeSpanCallback() {
	s := m.spans
	if len(s.every)+len(s.root)+len(s.child) == 0 || m.hasLines() {
		return
	}
	m.moved = append(m.moved, "what it changes moves to before_send_span")
	existing := m.existing("before_send_span")
	var needs []*rewrite.Node
	if existing != nil {
		needs = append(needs, existing.value)
	}
	name := m.define("before_send_span", func(name string) []string { return m.spanCallback(name, existing) }, needs...)
	if existing != nil {
		m.options.setValue(existing, name)
		return
	}
	m.set("before_send_span", name)
}

// spanCallback writes the function; it hands the span on to a callback that
// was there before, whose result counts if there is one.
func (m *rehoming) spanCallback(name string, existing *option) []string {
	s, in, result := m.spans, m.style().Indent, "span"
	if existing != nil {
		call := existing.value.Text()
		if existing.value.Is("lambda", "conditional_expression") {
			call = "(" + call + ")"
		}
		result = call + "(span, hint) or span"
	}
	lines := append([]string{"def " + name + "(span, hint):"}, indentedBy(s.every, in)...)
	segment := "span[" + s.q("is_segment") + "]"
	switch {
	case len(s.root) > 0 && len(s.child) > 0:
		lines = append(lines, in+"if "+segment+":")
		lines = append(lines, indentedBy(s.root, in+in)...)
		lines = append(lines, in+"else:")
		lines = append(lines, indentedBy(s.child, in+in)...)
	case len(s.root) > 0:
		lines = append(append(lines, in+"if "+segment+":"), indentedBy(s.root, in+in)...)
	case len(s.child) > 0:
		lines = append(append(lines, in+"if not "+segment+":"), indentedBy(s.child, in+in)...)
	}
	return append(lines, in+"return "+result)
}

// hasLines reports that the client's before_send_span does all of it already.
func (m *rehoming) hasLines() bool {
	for _, list := range [][]string{m.spans.every, m.spans.root, m.spans.child} {
		for _, l := range list {
			if !m.has("before_send_span", l) {
				return false
			}
		}
	}
	return true
}

func indentedBy(lines []string, indent string) []string {
	var out []string
	for _, l := range lines {
		if l != "" {
			l = indent + l
		}
		out = append(out, l)
	}
	return out
}
