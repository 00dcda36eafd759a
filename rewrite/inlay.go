package rewrite

import "strings"

// Inlay fits the text of an edit into the formatted strings around it. Until
// Python 3.12 their fields took neither the quotes of their own string, nor a
// backslash, nor, unless the quotes are triple, a line break. What the new text
// writes in such quotes gets the others. ok is false where that does not help;
// a string whose fields need Python 3.12 already takes anything.
func Inlay(f *File, e Edit) (out Edit, ok bool) {
	inner := "" // the quotes of the strings in between
	for field := f.field(e); field != nil; field = field.Ancestor("interpolation") {
		holder := field.Parent
		quotes := holder.quotes()
		if e.New == "" || needs312(holder, quotes) {
			continue
		}
		if strings.Contains(e.New, quotes) {
			if e.New, ok = requoted(e.New, quotes); !ok || inner != "" && strings.Contains(e.New, inner) {
				return e, false
			}
		}
		inner = quotes
		if strings.Contains(e.New, `\`) || len(quotes) == 1 && strings.ContainsAny(e.New, "\r\n") {
			return e, false
		}
	}
	return e, true
}

// field returns the innermost field of a formatted string that holds an edit,
// or nil.
func (f *File) field(e Edit) *Node {
	for n := f.At(e.Start, e.End); n != nil; n = n.Parent {
		if n.Is("interpolation") && n.Start < e.Start && e.End < n.End {
			return n
		}
	}
	return nil
}

// quotes returns the quotes that end a string.
func (n *Node) quotes() string { return n.Children[len(n.Children)-1].Text() }

// needs312 reports a formatted string that older Pythons cannot read.
func needs312(holder *Node, quotes string) bool {
	for _, field := range holder.Children {
		if !field.Is("interpolation") {
			continue
		}
		text := field.Text()
		if strings.Contains(text, quotes) || strings.Contains(text, `\`) || len(quotes) == 1 && strings.ContainsAny(text, "\r\n") {
			return true
		}
	}
	return false
}

// requoted writes the strings in an expression that stand in some quotes with
// the others; ok is false where a string holds both.
func requoted(text, quotes string) (out string, ok bool) {
	other := `"`
	if quotes[0] == '"' {
		other = "'"
	}
	parts := strings.Split(text, quotes)
	if len(parts)%2 == 0 || len(quotes) > 1 {
		return text, false
	}
	for i, part := range parts {
		if i%2 == 1 && strings.Contains(part, other) {
			return text, false
		}
	}
	return strings.ReplaceAll(text, quotes, other), true
}
