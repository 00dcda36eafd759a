package rewrite

import "strings"

// ownLine reports whether nothing but the item, its comma and a comment stands
// on the item's lines.
func ownLine(n *Node) bool {
	f := n.File
	line := f.LineSpan(n.Start)
	if strings.TrimSpace(strings.TrimPrefix(string(f.Source[line.Start:n.Start]), string(utf8BOM))) != "" {
		return false
	}
	rest := strings.TrimLeft(string(f.Source[n.End:f.LineSpan(n.End).End]), " \t")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, ","), " \t")
	return rest == "" || strings.HasPrefix(rest, "#")
}

// dropLine removes a list item that has its lines to itself; a comment beside
// it stays.
func dropLine(n *Node) Edit {
	f := n.File
	line := f.LineSpan(n.End)
	for _, com := range f.Comments {
		if com.Start >= n.End && com.Start < line.End {
			return Edit{n.Start, com.Start, ""}
		}
	}
	return Edit{lineBegin(f.Source, n.Start), lineAfter(f.Source, line.End), ""}
}

// lineAfter returns the offset behind the line end at pos.
func lineAfter(src []byte, pos int) int {
	if pos < len(src) && src[pos] == '\r' {
		pos++
	}
	if pos < len(src) && src[pos] == '\n' {
		pos++
	}
	return pos
}

// removeItems takes items out of a comma-separated list of which at least one
// stays.
func removeItems(items []*Node, gone func(int) bool) []Edit {
	last := -1
	for i := range items {
		if !gone(i) {
			last = i
		}
	}
	var edits []Edit
	for i, n := range items {
		switch {
		case !gone(i):
		case ownLine(n):
			edits = append(edits, dropLine(n))
		case i < last:
			edits = append(edits, Edit{n.Start, items[i+1].Start, ""})
		case i == last+1:
			return append(edits, Edit{items[last].End, items[len(items)-1].End, ""})
		}
	}
	return edits
}
