package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// traceAttributes merges what became an attribute into attributes={…}.
func (c *creation) traceAttributes(given *rewrite.Arg) {
	if given == nil || given.Value.Is("none") {
		if given != nil {
			c.edit.Remove(*given)
		}
		c.placeAttributes()
		return
	}
	if c.sharedAttributes(given.Value.Inner()) {
		return
	}
	value := c.world().decoratorValues(c, given.Value)
	if c.place != nil {
		c.edit.Remove(*c.place)
	}
	first := strings.Join(c.entries, ", ")
	switch v := given.Value.Inner(); {
	case len(c.entries) == 0:
		first = value
	case v.Is("dictionary") && len(v.Children) == 0:
		first = rewrite.DictText(c.entries)
	case v.Is("dictionary"):
		at := v.Children[0].Start - given.Value.Start
		first = value[:at] + first + ", " + value[at:]
	case c.world().mayBeNone(given.Value):
		first = "{" + first + ", **(" + value + " or {})}"
	default:
		first = "{" + first + ", **" + operand(given.Value) + "}"
	}
	if text := "attributes=" + first; text != given.Node.Text() {
		c.edit.Replace(*given, text)
	}
}

// sharedAttributes handles a dictionary that the program changes after the
// decorator has it. Legacy read it at each call; from 2.65 on it is copied.
// What becomes an attribute goes into the dictionary itself where it can.
func (c *creation) sharedAttributes(v *rewrite.Node) bool {
	display := c.world().changedDisplay(v)
	if display == nil {
		return false
	}
	c.weaken(Review, "%s is changed later: the decorator copies it from sentry-sdk 2.65 on", v.Text())
	if len(c.entries) == 0 {
		return true
	}
	if len(display.Children) == 0 || c.op != nil && !c.op.Value.Is("string", "attribute") {
		return false
	}
	if c.place != nil {
		c.edit.Remove(*c.place)
	}
	at := display.Children[0].Start
	c.extra = append(c.extra, rewrite.Edit{Start: at, End: at, New: strings.Join(c.entries, ", ") + ", "})
	return true
}

// placeAttributes writes attributes={…} where the first argument that went
// into it stood, or behind the others.
func (c *creation) placeAttributes() {
	switch {
	case len(c.entries) == 0:
	case c.place != nil:
		c.edit.Replace(*c.place, "attributes="+c.attributes())
	default:
		c.edit.Append("attributes=" + c.attributes())
	}
}

// decoratorValues converts the values in a decorator's attributes that would be
// sent otherwise than before, and returns the text of the display.
func (w *world) decoratorValues(c *creation, v *rewrite.Node) string {
	var edits []rewrite.Edit
	for _, pair := range v.Inner().Children {
		if !v.Inner().Is("dictionary") || !pair.Is("pair") {
			continue
		}
		value := pair.Child("value")
		data := w.attributeValue(value)
		if data.class == valueDict {
			data.class = valueMapping
		}
		list, why := valueConversions(data)
		switch {
		case data.none || data.class == valueNone:
			c.weaken(Review, "%s was sent as null and is sent as the text 'None' now", brief(value))
		case len(list) > 0:
			if why != "" {
				c.weaken(Review, "%s", why)
			}
			edits = append(edits, wrap(value, list[0])...)
		}
	}
	return edited(v, edits)
}

// edited is the text of a node with edits inside it made.
func edited(n *rewrite.Node, edits []rewrite.Edit) string {
	moved := make([]rewrite.Edit, len(edits))
	for i, e := range edits {
		moved[i] = rewrite.Edit{Start: e.Start - n.Start, End: e.End - n.Start, New: e.New}
	}
	return string(rewrite.Apply([]byte(n.Text()), moved))
}

// changedDisplay returns the dictionary display that a variable is bound to
// once and that other code changes in place, or nil.
func (w *world) changedDisplay(n *rewrite.Node) *rewrite.Node {
	if !n.Is("identifier") {
		return nil
	}
	scope, bindings := n.File.ScopeOf(n).Lookup(n.Text())
	if len(bindings) != 1 || bindings[0].Kind != rewrite.Assign || !bindings[0].Value.Is("dictionary") {
		return nil
	}
	for _, r := range w.uses(variable{scope, n.Text()}) {
		switch p := r.Parent; {
		case p.Is("subscript") && r.Field == "value" && (isTarget(p) || p.Parent.Is("delete_statement")):
			return bindings[0].Value
		case p.Is("attribute") && p.Field == "function":
			switch p.Child("attribute").Text() {
			case "update", "setdefault", "pop", "clear", "popitem":
				return bindings[0].Value
			}
		}
	}
	return nil
}
