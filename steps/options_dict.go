package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// optionsDict handles "start_span(**OPTIONS)" where OPTIONS is a dictionary
// display that feeds only calls of this kind: the display is part of the site
// and is rewritten with it, together with every call it feeds (law 9). It
// reports whether the argument was such a one.
func (c *creation) optionsDict(a rewrite.Arg) bool {
	dict, sites := c.world().feedsOnly(a.Value, c.kind)
	if dict == nil {
		return false
	}
	for _, own := range c.call.Args() {
		switch own.Name {
		case "op", "origin", "source", "description", "attributes":
			return false // would have to be merged with the dictionary's
		}
	}
	entries, ok := c.dictEntries(dict)
	if !ok {
		return false
	}
	c.fed = sites
	if sites[0] != c.call {
		c.partOf = true
		return true
	}
	c.named = strings.Contains(strings.Join(entries, " "), c.quote("name")+": ")
	if !c.named && len(sites) > 1 {
		return false
	}
	c.extra = append(c.extra, rewrite.Edit{Start: dict.Start, End: dict.End, New: "{" + strings.Join(entries, ", ") + "}"})
	for _, site := range sites[1:] {
		fn := site.Child("function")
		c.extra = append(c.extra, rewrite.Edit{Start: fn.Start, End: fn.End, New: ref(newStartSpan, fn)})
	}
	return true
}

// feedsOnly returns the dictionary display that a name holds and the calls it
// is unpacked into, when nothing else ever uses it and all of them make spans
// of this kind inside a with.
func (w *world) feedsOnly(n *rewrite.Node, kind string) (dict *rewrite.Node, sites []*rewrite.Node) {
	if !n.Is("identifier") {
		return nil, nil
	}
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if len(bindings) != 1 || bindings[0].Kind != rewrite.Assign || !bindings[0].Value.Is("dictionary") {
		return nil, nil
	}
	for _, r := range w.uses(variable{scope, n.Text()}) {
		if r == bindings[0].Node {
			continue
		}
		if !r.Parent.Is("dictionary_splat") || !r.Parent.Parent.Is("argument_list") {
			return nil, nil
		}
		call := r.Parent.Parent.Parent
		if w.callee(call) != "sentry_sdk."+kind || len(call.Args()) != 1 || !w.fate(call).direct {
			return nil, nil
		}
		sites = append(sites, call)
	}
	return bindings[0].Value, sites
}

// dictEntries writes the entries of the streaming call's keyword dictionary.
func (c *creation) dictEntries(dict *rewrite.Node) ([]string, bool) {
	var out, attributes []string
	name, calling := "", 0
	for _, pair := range dict.Children {
		key := stringValue(pair.Child("key"))
		value := pair.Child("value")
		switch key {
		case "op", "origin":
			if key == "op" {
				c.op = &rewrite.Arg{Node: pair, Name: "op", Value: value}
			}
			attributes = append(attributes, c.quote("sentry."+key)+": "+value.Text())
		case "name", "description":
			if name != "" {
				return nil, false
			}
			name = value.Text()
			out = append(out, c.quote("name")+": "+name)
		default:
			return nil, false
		}
		if value.Is("none") || c.world().mayBeNone(value) {
			return nil, false
		}
		if hasCall(value) {
			calling++
		}
	}
	if calling > 1 || name == "" && calling > 0 {
		return nil, false // the entries change their order, and a missing name repeats the op
	}
	if len(attributes) > 0 {
		out = append(out, c.quote("attributes")+": {"+strings.Join(attributes, ", ")+"}")
	}
	return out, (name != "" || c.op != nil) && !c.hasComments(dict.Start, dict.End)
}
