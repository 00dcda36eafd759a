package steps

import (
	"spanwalk/rewrite"
)

// update rewrites update_data(d). A display keeps its layout: only keys that
// are renamed and values that would be sent otherwise change in it.
func (s *dataSite) update() {
	s.rename("set_attributes")
	if s.arg.Name != "" {
		s.edit(s.arg.Node.Start, s.arg.Value.Start, "")
	}
	dict := s.arg.Value.Inner()
	if !dict.Is("dictionary") {
		if s.tier == Safe && s.data.class != valueMapping {
			s.reasons = append(s.reasons, "what "+brief(dict)+" holds cannot be seen here: values that are no text, number or truth value are sent as their repr")
		}
		return
	}
	s.leaves = nil
	s.pairs(dict, nil)
	if s.empty(dict) && s.stmt != nil {
		s.edits = []rewrite.Edit{rewrite.RemoveStatement(s.stmt)}
		return
	}
	s.layOutDict(s.leaves)
}

// dictLiteral flattens set_data(key, {…}) into one attribute per entry.
func (s *dataSite) dictLiteral(base []rewrite.Edit) {
	text := append(append([]rewrite.Edit(nil), base...), wrap(s.arg.Value, conversion{before: "str(", after: ")"})...)
	if !s.flatten() {
		s.weaken(Review, "a dict was sent as an object; it is sent as text now")
		s.edits = text
		return
	}
	s.weaken(Review, "a dict was sent as an object; each of its entries is an attribute of its own now")
	s.others = append(s.others, Alternative{ID: "text", Title: "send the dict as one text", Edits: s.laidOut(text, "")})
}

// context rewrites set_context(name, {…}): a context is flat attributes now, as
// the guide orders.
func (s *dataSite) context() {
	switch dict := s.arg.Value.Inner(); {
	case dict.Is("dictionary") && s.flatten():
	case s.stmt != nil && !dict.Is("dictionary"):
		s.weaken(Review, "each entry of %s becomes an attribute; what it holds cannot be seen here", brief(dict))
		s.edits = s.spread()
	default:
		s.weaken(Manual, "write the attributes of this context out")
	}
}

// flatten turns "key, {…}" into "{…}" with the key in front of every key inside.
// It reports false, and changes nothing, where a key is no constant and no
// plain name.
func (s *dataSite) flatten() bool {
	dict := s.arg.Value.Inner()
	path := []*rewrite.Node{s.key.Value}
	if !flattens(dict, path) || s.commentedBetween(s.call().Child("arguments").Start, dict.Start) {
		return false
	}
	if s.empty(dict) {
		if s.stmt == nil {
			return false
		}
		s.edits = []rewrite.Edit{rewrite.RemoveStatement(s.stmt)}
		return true
	}
	s.edits = nil
	s.rename("set_attributes")
	list := s.call().Child("arguments")
	s.edit(s.key.Node.Start, s.arg.Value.Start, "")
	if s.key.Node.Start > s.arg.Node.Start { // keywords in the other order
		s.edits = nil
		s.rename("set_attributes")
		s.edit(list.Start+1, s.arg.Value.Start, "")
		s.edit(s.arg.Value.End, list.End-1, "")
	}
	s.leaves = nil
	s.pairs(dict, path)
	s.layOutDict(s.leaves)
	return true
}

// flattens reports whether every key in a display, and in those inside it, can
// become part of an attribute's key.
func flattens(dict *rewrite.Node, path []*rewrite.Node) bool {
	for _, c := range dict.Children {
		if c.Is("dictionary_splat") {
			if _, ok := joinedKey(path); !ok {
				return false
			}
			continue
		}
		key := append(append([]*rewrite.Node(nil), path...), c.Child("key"))
		if _, ok := joinedKey(key); !ok {
			return false
		}
		if v := c.Child("value").Inner(); v.Is("dictionary") && !flattens(v, key) {
			return false
		}
	}
	return true
}

// empty reports a display that holds nothing but None.
func (s *dataSite) empty(dict *rewrite.Node) bool {
	for _, c := range dict.Children {
		v := c.Child("value").Inner()
		if !c.Is("pair") || !v.Is("none") && !(v.Is("dictionary") && s.empty(v)) {
			return false
		}
	}
	return true
}

// pairs changes the entries of a display in place: keys get the path in front,
// None goes, displays inside are dissolved, other values are converted.
func (s *dataSite) pairs(dict *rewrite.Node, path []*rewrite.Node) {
	gone := func(c *rewrite.Node) bool {
		v := c.Child("value").Inner()
		return c.Is("pair") && (v.Is("none") || v.Is("dictionary") && s.empty(v) && flattens(v, append(path[:len(path):len(path)], c.Child("key"))))
	}
	var kept *rewrite.Node
	for i, c := range dict.Children {
		switch {
		case gone(c) && i+1 < len(dict.Children):
			s.drop(c.Start, dict.Children[i+1].Start)
		case gone(c) && kept != nil:
			s.drop(kept.End, c.End)
		case gone(c):
			s.drop(c.Start, c.End)
		case c.Is("pair"):
			s.pair(c, path)
		case path != nil:
			text, _ := joinedKey(path)
			s.spreadSplat(c.Children[0], text)
			s.leaves = append(s.leaves, c)
		default:
			s.leaves = append(s.leaves, c)
		}
		if !gone(c) {
			kept = c
		}
	}
}

// drop removes an entry whose value is None, unless a comment goes with it.
func (s *dataSite) drop(start, end int) {
	if s.commentedBetween(start, end) {
		s.weaken(Manual, "a comment belongs to an entry that must go")
		return
	}
	s.weaken(Review, "None was sent as null; its entry is left out now")
	for _, e := range s.edits {
		if e.Start < end && start < e.End {
			return // part of a longer removal
		}
	}
	s.edit(start, end, "")
}

func (s *dataSite) commentedBetween(start, end int) bool {
	for _, c := range s.attr.File.Comments {
		if c.Start >= start && c.End <= end {
			return true
		}
	}
	return false
}

// pair changes one entry.
func (s *dataSite) pair(c *rewrite.Node, path []*rewrite.Node) {
	key, value := c.Child("key"), c.Child("value")
	inner := value.Inner()
	full := append(append([]*rewrite.Node(nil), path...), key)
	if inner.Is("dictionary") && flattens(inner, full) {
		first, last := inner.Children[0], inner.Children[len(inner.Children)-1]
		s.edit(c.Start, first.Start, "")
		s.pairs(inner, full)
		s.edit(last.End, c.End, "")
		if s.name != "set_data" && s.name != "set_tag" {
			s.weaken(Review, "a dict inside was sent as an object; its entries are attributes of their own now")
		}
		return
	}
	s.leaves = append(s.leaves, c)
	if path == nil {
		s.renameKey(key)
	} else if text, ok := joinedKey(full); ok {
		s.edit(key.Start, key.End, text)
	}
	data := s.pass.world.attributeValue(value)
	if data.none {
		s.weaken(Review, "%s may be None, which was sent as null and is sent as the text 'None' now", brief(value))
	}
	if inner.Is("dictionary") {
		data = aMapping
	}
	if list, why := valueConversions(data); len(list) > 0 {
		if why != "" {
			s.weaken(Review, "%s", why)
		}
		if !data.none {
			s.edits = append(s.edits, wrap(value, list[0])...)
		}
	}
}

// spread returns the edits that send one attribute per entry of a dict that is
// no display.
func (s *dataSite) spread() []rewrite.Edit {
	prefix, ok := joinedKey([]*rewrite.Node{s.key.Value})
	if !ok {
		prefix = ""
	}
	list, id := s.call().Child("arguments"), s.attr.Child("attribute")
	return []rewrite.Edit{
		{Start: id.Start, End: id.End, New: "set_attributes"},
		{Start: list.Start + 1, End: s.arg.Value.Start, New: "{" + prefixed(s.key.Value, prefix) + ": value for key, value in "},
		{Start: s.arg.Value.End, End: list.End - 1, New: ".items()}"},
	}
}

// spreadSplat sends what a display unpacks under the keys on the way to it.
func (s *dataSite) spreadSplat(v *rewrite.Node, prefix string) {
	s.weaken(Review, "each entry of %s becomes an attribute; what it holds cannot be seen here", brief(v))
	s.edit(v.Start, v.Start, "{"+prefixed(v, prefix)+": value for key, value in ")
	s.edit(v.End, v.End, ".items()}")
}

// prefixed writes the key of an entry: prefix is the joined key in front of it,
// as source text, "" where only an expression gives it.
func prefixed(n *rewrite.Node, prefix string) string {
	if prefix == "" {
		return n.Text() + " + " + quoted(n, ".") + " + str(key)"
	}
	q := string(n.File.Style.Quote)
	if prefix[0] == 'f' {
		prefix = prefix[1:]
	}
	return "f" + prefix[:len(prefix)-1] + ".{key}" + q
}
