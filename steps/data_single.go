package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// single rewrites one call where it stands.
func (s *dataSite) single() {
	switch s.name {
	case "set_context":
		s.context()
	case "update_data":
		s.update()
	default:
		s.one()
	}
	s.report(s.call(), s.name+"() on a span")
}

// one rewrites set_data(key, value) and set_tag(key, value).
func (s *dataSite) one() {
	s.rename("set_attribute")
	s.renameKey(s.key.Value)
	base := s.edits
	value := s.arg.Value
	switch {
	case s.data.class == valueNone:
		s.noneLiteral(base)
	case s.data.class == valueDict:
		s.dictLiteral(base)
	case s.data.none:
		s.maybeNone(base)
	case s.data.class == valueUnknown:
		s.offerFold()
		if s.tier == Safe {
			s.reasons = append(s.reasons, "nothing tells what "+brief(value)+" is; text, numbers and truth values are sent as they are, anything else as its repr")
		}
	default:
		s.convert(base)
	}
	if s.data.class != valueNone && s.data.class != valueDict && !s.data.none {
		s.edits = s.laidOut(s.edits, "")
	}
}

// renameKey renames a constant key in place.
func (s *dataSite) renameKey(key *rewrite.Node) {
	if text := s.pass.keyText(key); text != key.Text() {
		s.edit(key.Start, key.End, text)
	}
}

// brief is an expression's text on one line, cut where it is long.
func brief(n *rewrite.Node) string {
	text := strings.Join(strings.Fields(n.Text()), " ")
	if r := []rune(text); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return text
}

// conversion is one way to keep a value readable as an attribute.
type conversion struct {
	id, title     string
	before, after string // text around the value
}

// valueConversions returns the ways for a class, the recommended one first, and
// why a person should look: "" where the recommended one sends what was sent.
func valueConversions(v attributeValue) (list []conversion, why string) {
	switch v.class {
	case valueDatetime:
		return []conversion{
			{id: "isoformat", after: ".isoformat()"},
			{id: "exact-text", title: "write the very text that was sent: UTC, microseconds, Z",
				after: ".astimezone(" + rewrite.NameRef("datetime.timezone", "") + ".utc).strftime(\"%Y-%m-%dT%H:%M:%S.%fZ\")"},
		}, "a datetime was sent as text in UTC; it is sent as isoformat() now"
	case valueSet:
		return []conversion{
			{id: "sorted", before: "sorted(", after: ")"},
			{id: "list", title: "keep the order of the set, which varies: list()", before: "list(", after: ")"},
		}, "a set was sent as a list and would be sent as its repr: it is sorted"
	case valueBytes:
		return []conversion{{id: "decode", after: ".decode(\"utf-8\", \"replace\")"}}, "bytes were sent as text and would be sent as their repr: they are decoded"
	case valueMixed:
		return []conversion{{id: "repr", before: "repr(", after: ")"}}, "a list that is not of one primitive type was sent as a list; it is sent as its repr now"
	case valueNoNumber:
		return []conversion{{id: "repr", before: "repr(", after: ")"}}, ""
	case valueMapping:
		return []conversion{{id: "text", before: "str(", after: ")"}}, "a dict was sent as an object; it is sent as text now"
	}
	return nil, ""
}

// convert writes the recommended conversion of a value that is sent otherwise,
// and offers the readable one of a value that stays its repr.
func (s *dataSite) convert(base []rewrite.Edit) {
	if s.data.class == valueSame || s.data.class == valueRepr {
		s.offerFold()
	}
	if s.data.class == valueRepr {
		s.offer("readable", "send it readable, not as its repr: "+s.readable().title, base, s.readable())
		return
	}
	list, why := valueConversions(s.data)
	if len(list) == 0 {
		return
	}
	if why != "" {
		s.weaken(Review, "%s", why)
	}
	s.edits = append(append([]rewrite.Edit(nil), base...), wrap(s.arg.Value, list[0])...)
	for _, c := range list[1:] {
		s.offer(c.id, c.title, base, c)
	}
	if s.data.class == valueMapping && s.stmt != nil {
		s.others = append(s.others, Alternative{ID: "flatten", Title: "send one attribute per key", Edits: s.spread()})
	}
}

func (s *dataSite) readable() conversion {
	if s.data.enum {
		return conversion{title: ".value", after: ".value"}
	}
	return conversion{title: "str()", before: "str(", after: ")"}
}

func (s *dataSite) offer(id, title string, base []rewrite.Edit, c conversion) {
	s.others = append(s.others, Alternative{ID: id, Title: title, Edits: s.laidOut(append(append([]rewrite.Edit(nil), base...), wrap(s.arg.Value, c)...), "")})
}

// wrap puts text around a value; a method call needs parentheses where the
// value binds looser.
func wrap(v *rewrite.Node, c conversion) []rewrite.Edit {
	before, after := c.before, c.after
	if before == "" && !v.Is("identifier", "attribute", "call", "subscript", "string", "concatenated_string", "parenthesized_expression", "list", "tuple", "set", "dictionary") {
		before, after = "(", ")"+after
	}
	var out []rewrite.Edit
	if before != "" {
		out = append(out, rewrite.Edit{Start: v.Start, End: v.Start, New: before})
	}
	return append(out, rewrite.Edit{Start: v.End, End: v.End, New: after})
}

// noneLiteral drops a None: it was sent as null and would be sent as the text
// 'None'. A value that the span already has under the key goes with it.
func (s *dataSite) noneLiteral(base []rewrite.Edit) {
	leave := Alternative{ID: "leave", Title: "send the text 'None'", Edits: s.laidOut(base, "")}
	switch {
	case s.stmt == nil:
		s.weaken(Review, "None was sent as null; it is sent as the text 'None' now")
		return
	case s.setBefore():
		call := s.call()
		s.weaken(Review, "None was sent as null; the attribute is removed now")
		s.edits = nil
		s.rename("remove_attribute")
		s.edit(s.key.Value.Start, call.End-1, s.pass.keyText(s.key.Value))
	default:
		s.weaken(Review, "None was sent as null; the attribute is left out now")
		s.edits = []rewrite.Edit{rewrite.RemoveStatement(s.stmt)}
	}
	s.others = append(s.others, leave)
}

// setBefore reports whether the function sets the key on the same receiver
// earlier.
func (s *dataSite) setBefore() bool {
	for _, name := range []string{"set_data", "set_tag", "set_attribute"} {
		for _, a := range s.pass.world.attributes(name) {
			if a.File == s.attr.File && a.Start < s.attr.Start && a.Function() == s.attr.Function() && a.Parent.Is("call") && a.Child("object").Text() == s.recv.Text() {
				if key := argument(a.Parent, 0, "key"); key != nil && key.Value.Text() == s.key.Value.Text() && sameBinding(a, s.attr) {
					return true
				}
			}
		}
	}
	return false
}

// maybeNone guards a value that may be None: legacy sent null, an attribute
// would be the text 'None'.
func (s *dataSite) maybeNone(base []rewrite.Edit) {
	value := s.arg.Value
	s.weaken(Review, "%s may be None, which was sent as null and would be sent as the text 'None'", brief(value))
	plain := s.data
	plain.none = false
	list, _ := valueConversions(plain)
	test, text := value.Text(), ""
	var body []rewrite.Edit
	switch {
	case !pureValue(value):
		text = s.pass.freeName(value, "value", "attribute", "attribute_value")
		test = "(" + text + " := " + value.Text() + ")"
		if len(list) > 0 {
			text = list[0].before + text + list[0].after
		}
		body = []rewrite.Edit{{Start: value.Start, End: value.End, New: text}}
	case len(list) > 0:
		body = wrap(value, list[0])
	}
	s.others = append(s.others, Alternative{ID: "leave", Title: "send the text 'None'", Edits: s.laidOut(base, "")})
	if pureValue(value) {
		sentinel := conversion{before: "\"\" if " + value.Text() + " is None else ", after: ""}
		s.offer("sentinel", "send an empty text instead of None", base, sentinel)
	}
	guard, ok := s.guard(test)
	if !ok && pureValue(value) && len(list) == 0 {
		s.edits = s.conditional()
		return
	}
	if !ok {
		s.reasons = append(s.reasons, "there is no line for a guard")
		return
	}
	s.edits = append(append(append([]rewrite.Edit(nil), base...), body...), guard)
	s.edits = s.laidOut(s.edits, s.attr.File.Style.Indent)
}

// conditional sets the attribute within the expression, where no line can be
// put before the call.
func (s *dataSite) conditional() []rewrite.Edit {
	id, list, value := s.attr.Child("attribute"), s.call().Child("arguments"), s.arg.Value
	text := "{" + s.pass.keyText(s.key.Value) + ": " + value.Text() + "} if " + value.Text() + " is not None else {}"
	return []rewrite.Edit{{Start: id.Start, End: id.End, New: "set_attributes"}, {Start: list.Start + 1, End: list.End - 1, New: text}}
}

// offerFold offers to hand the attribute to start_span().
func (s *dataSite) offerFold() {
	if !s.plain() {
		return
	}
	run := []*dataSite{s}
	rows, _ := mergedRows(run)
	if fold := foldData(run, rows); fold != nil {
		s.others = append(s.others, *fold)
	}
}

// pureValue reports a value that can be read twice.
func pureValue(v *rewrite.Node) bool {
	v = v.Inner()
	for v.Is("attribute") {
		v = v.Child("object")
	}
	return v.Is("identifier")
}

// guard puts "if test is not None:" before the statement. ok is false where the
// statement does not have its lines to itself.
func (s *dataSite) guard(test string) (e rewrite.Edit, ok bool) {
	if s.stmt == nil || strings.ContainsAny(test, "\r\n") {
		return e, false
	}
	if _, ok = rewrite.InsertAfter(s.stmt); !ok {
		return e, false
	}
	if _, ok = rewrite.InsertBefore(s.stmt); !ok {
		return e, false
	}
	style := s.stmt.File.Style
	text := "if " + test + " is not None:" + style.Newline + s.stmt.Indent() + style.Indent
	return rewrite.Edit{Start: s.stmt.Start, End: s.stmt.Start, New: text}, true
}
