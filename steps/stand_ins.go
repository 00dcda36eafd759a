package steps

import (
	"sort"

	"spanwalk/rewrite"
)

// spanMethods are the methods of legacy spans by which a stand-in is known.
var spanMethods = map[string]bool{"set_data": true, "set_tag": true, "update_data": true, "set_status": true, "set_http_status": true,
	"set_measurement": true, "finish": true, "set_context": true}

// standsIn reports whether a project class stands in for a span that is not
// wanted: it has methods of spans and none of them does anything.
func (w *world) standsIn(class *rewrite.Node) bool {
	body := class.Child("body")
	if body == nil || len(body.Children) == 0 || class.Child("superclasses") != nil && len(class.Child("superclasses").Children) > 0 {
		return false
	}
	known := false
	for name, bindings := range class.File.ScopeOf(body).Names {
		for _, b := range bindings {
			if !spanMethods[name] {
				continue
			}
			if b.Kind != rewrite.Def || !inert(b.Stmt) {
				return false
			}
			known = true
		}
	}
	return known
}

// inert reports a function that does nothing but return None or its first
// parameter.
func inert(def *rewrite.Node) bool {
	for _, s := range def.Child("body").Children {
		switch {
		case s.Is("pass_statement"):
		case s.Is("expression_statement") && len(s.Children) == 1 && s.Children[0].Is("string", "ellipsis"):
		case s.Is("return_statement") && (len(s.Children) == 0 || s.Children[0].Is("none") || s.Children[0].Is("identifier") && s.Children[0].Text() == "self"):
		default:
			return false
		}
	}
	return true
}

// newMethods are the methods that take the place of legacy ones, with the
// parameters a stand-in needs.
var newMethods = map[string]string{"set_attribute": "key, value", "set_attributes": "attributes", "remove_attribute": "key", "end": "end_timestamp=None"}

// growStandIns gives the classes that stand in for the spans of the given sites
// the methods that the sites call from now on. A legacy method that nothing
// else calls is renamed, else one is added.
func (p *Pass) growStandIns(sites []*member, renames map[string]string) {
	wanted := map[*rewrite.Node]map[string]bool{}
	var classes []*rewrite.Node
	for _, m := range sites {
		for _, class := range m.kind.stands {
			if wanted[class] == nil {
				wanted[class] = map[string]bool{}
				classes = append(classes, class)
			}
			for _, method := range m.needs() {
				wanted[class][method] = true
			}
		}
	}
	sort.Slice(classes, func(i, j int) bool {
		a, b := classes[i], classes[j]
		return a.File.Path < b.File.Path || a.File == b.File && a.Start < b.Start
	})
	for _, class := range classes {
		for _, method := range keys(wanted[class]) {
			p.growStandIn(class, method, renames)
		}
	}
}

// needs returns the new methods that the rewritten site calls.
func (m *member) needs() []string {
	switch m.name {
	case "finish":
		return []string{"end"}
	case "update_data", "set_context":
		return []string{"set_attributes"}
	case "set_data", "set_tag", "set_http_status", "set_measurement", "op", "origin", "source", "set_flag":
		return []string{"set_attribute"}
	}
	return nil
}

func (p *Pass) growStandIn(class *rewrite.Node, method string, renames map[string]string) {
	names := class.File.ScopeOf(class.Child("body")).Names
	if len(names[method]) > 0 {
		return
	}
	message := class.Child("name").Text() + " stands in for a span and needs " + method + "()"
	for _, old := range []string{"set_data", "set_tag", "update_data", "finish"} {
		if renames[old] == method && len(names[old]) == 1 && !p.calledAlone(class, old) {
			n := names[old][0].Node
			p.Report(n, "stand-in", Finding{Tier: Safe, Message: message, Edits: []rewrite.Edit{{Start: n.Start, End: n.End, New: method}}})
			return
		}
	}
	p.Report(class.Child("name"), "stand-in", p.addMethod(class, method, message))
}

// calledAlone reports whether a method is used on values that are stand-ins and
// never spans: it must keep its name.
func (p *Pass) calledAlone(class *rewrite.Node, method string) bool {
	for _, a := range p.world.attributes(method) {
		if k := p.world.typeOf(a.Child("object")); !k.isSpan() && containsNode(k.stands, class) {
			return true
		}
	}
	return false
}

// addMethod writes an inert method behind the last statement of a class.
func (p *Pass) addMethod(class *rewrite.Node, method, message string) Finding {
	body := class.Child("body")
	last := body.Children[len(body.Children)-1]
	style := class.File.Style
	indent := last.Indent()
	if class.File.LineSpan(last.Start) == class.File.LineSpan(class.Start) {
		return Finding{Tier: Manual, Message: message}
	}
	text := style.Newline + style.Newline + indent + "def " + method + "(self, " + newMethods[method] + "):" + style.Newline + indent + style.Indent + "pass"
	end := class.File.LineSpan(last.End).End
	return Finding{Tier: Safe, Message: message, Edits: []rewrite.Edit{{Start: end, End: end, New: text}}}
}
