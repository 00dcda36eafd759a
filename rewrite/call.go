package rewrite

import (
	"math"
	"strings"
)

// Arg is one argument of a call.
type Arg struct {
	Node  *Node  // the whole argument as written
	Name  string // the keyword, "" for a positional argument
	Value *Node  // the value; for * and ** what is unpacked
	Star  string // "", "*" or "**"
}

// Args returns the arguments of a call in source order. A call whose only
// argument is a bare generator has that as its argument.
func (n *Node) Args() []Arg {
	list := n.Child("arguments")
	if list.Is("generator_expression") {
		return []Arg{{Node: list, Value: list}}
	}
	if list == nil {
		return nil
	}
	out := make([]Arg, 0, len(list.Children))
	for _, c := range list.Children {
		a := Arg{Node: c, Value: c}
		switch c.Kind {
		case "keyword_argument":
			a.Name, a.Value = c.Child("name").Text(), c.Child("value")
		case "list_splat":
			a.Star, a.Value = "*", c.Children[0]
		case "dictionary_splat":
			a.Star, a.Value = "**", c.Children[0]
		}
		out = append(out, a)
	}
	return out
}

// Keyword returns a call's keyword argument of that name, or nil.
func (n *Node) Keyword(name string) *Arg {
	list := n.Child("arguments")
	if !list.Is("argument_list") {
		return nil
	}
	for _, c := range list.Children {
		if c.Is("keyword_argument") && c.Child("name").Text() == name {
			return &Arg{Node: c, Name: name, Value: c.Child("value")}
		}
	}
	return nil
}

// CallEdit collects changes to one call and turns them into the smallest
// edits: the callee, single arguments, and separators only where a line would
// outgrow the width.
type CallEdit struct {
	call   *Node
	args   []Arg
	callee string
	text   map[int]string // new text of an argument by index
	gone   map[int]bool
	added  []string
}

// EditCall starts a change of a call.
func EditCall(call *Node) *CallEdit {
	return &CallEdit{call: call, args: call.Args(), text: map[int]string{}, gone: map[int]bool{}}
}

// Callee replaces the called expression.
func (c *CallEdit) Callee(text string) { c.callee = text }

// Replace gives the argument a new text.
func (c *CallEdit) Replace(a Arg, text string) { c.text[c.index(a)] = text }

// RenameKeyword changes the keyword of an argument and keeps its value.
func (c *CallEdit) RenameKeyword(a Arg, name string) {
	c.Replace(a, name+string(a.Node.File.Source[a.Node.Start+len(a.Name):a.Node.End]))
}

// Remove drops the argument.
func (c *CallEdit) Remove(a Arg) { c.gone[c.index(a)] = true }

// Append adds an argument behind the others.
func (c *CallEdit) Append(text string) { c.added = append(c.added, text) }

func (c *CallEdit) index(a Arg) int {
	for i, b := range c.args {
		if b.Node == a.Node {
			return i
		}
	}
	return -1
}

// Edits returns the edits. width is the longest line allowed, in characters; a
// call that stood on one line and outgrows it is laid out one argument per
// line with a trailing comma. In a formatted string it stays on its line.
func (c *CallEdit) Edits(width int) []Edit {
	if c.call.Ancestor("interpolation") != nil {
		width = math.MaxInt
	}
	var edits []Edit
	if f := c.call.Child("function"); c.callee != "" && c.callee != f.Text() {
		edits = append(edits, Edit{f.Start, f.End, c.callee})
	}
	list := c.call.Child("arguments")
	if list == nil || len(c.text)+len(c.gone)+len(c.added) == 0 && (c.oneLine() == "" || c.fits(width)) {
		return edits
	}
	spread := strings.ContainsAny(list.Text(), "\r\n") && c.kept() > 0
	if Hugged(c.call) && c.huggedWidth() > width {
		return append(edits, c.exploded(list, width)...)
	}
	if spread || c.fits(width) || c.kept()+len(c.added) == 0 {
		return append(edits, c.inPlace(list, width)...)
	}
	return append(edits, c.exploded(list, width)...)
}

func (c *CallEdit) kept() int { return len(c.args) - len(c.gone) }

// argument returns the new text of argument i.
func (c *CallEdit) argument(i int) string {
	if t, ok := c.text[i]; ok {
		return t
	}
	return c.args[i].Node.Text()
}

// oneLine returns the call as it will read on one line, "" when it cannot.
func (c *CallEdit) oneLine() string {
	var parts []string
	for i := range c.args {
		if !c.gone[i] {
			parts = append(parts, c.argument(i))
		}
	}
	parts = append(parts, c.added...)
	callee := c.callee
	if callee == "" {
		callee = c.call.Child("function").Text()
	}
	text := PlainNames(callee) + "(" + PlainNames(strings.Join(parts, ", ")) + ")"
	if strings.ContainsAny(text, "\r\n") {
		return ""
	}
	return text
}

func (c *CallEdit) fits(width int) bool {
	text := c.oneLine()
	if text == "" {
		return true // something in it spans lines already
	}
	src := c.call.File.Source
	line := c.call.File.LineSpan(c.call.Start)
	end := c.call.File.LineSpan(c.call.End)
	before, after := string(src[line.Start:c.call.Start]), string(src[c.call.End:end.End])
	if i := strings.Index(after, "  #"); i >= 0 {
		after = after[:i] // formatters let a trailing comment run over
	}
	return Columns(before)+Columns(text)+Columns(after) <= width
}

// Hugged reports a call whose arguments share a line between those of its
// brackets, as formatters lay out what is a little too long for one line.
func Hugged(call *Node) bool {
	list, args := call.Child("arguments"), call.Args()
	if list.Is("generator_expression") || len(args) == 0 || !ownLineStart(args[0].Node) {
		return false
	}
	f := call.File
	line := f.LineSpan(args[0].Node.Start)
	last := args[len(args)-1].Node
	if last.End > line.End || list.Start > line.Start || list.End < line.End {
		return false
	}
	rest := strings.TrimSpace(string(f.Source[last.End:line.End]))
	return rest == "" || rest == ","
}

// ownLineStart reports whether only white space stands before n on its line.
func ownLineStart(n *Node) bool {
	return strings.TrimSpace(string(n.File.Source[lineBegin(n.File.Source, n.Start):n.Start])) == ""
}

// huggedWidth is the width of the line that holds all arguments of a hugged
// call, as it will read.
func (c *CallEdit) huggedWidth() int {
	var parts []string
	for i := range c.args {
		if !c.gone[i] {
			parts = append(parts, c.argument(i))
		}
	}
	return Columns(c.args[0].Node.Indent() + PlainNames(strings.Join(append(parts, c.added...), ", ")))
}

// inPlace replaces, removes and appends arguments where they stand.
func (c *CallEdit) inPlace(list *Node, width int) []Edit {
	if c.kept() == 0 {
		return []Edit{{list.Start + 1, list.End - 1, strings.Join(c.added, ", ")}}
	}
	var edits []Edit
	last := -1
	var nodes []*Node
	for i, a := range c.args {
		nodes = append(nodes, a.Node)
		if c.gone[i] {
			continue
		}
		last = i
		if t, ok := c.text[i]; ok && t != a.Node.Text() {
			edits = append(edits, Edit{a.Node.Start, a.Node.End, c.fold(a.Node, t, width)})
		}
	}
	edits = append(edits, removeItems(nodes, func(i int) bool { return c.gone[i] })...)
	return append(edits, c.appendEdits(last, width)...)
}

// appendEdits adds the new arguments behind argument last.
func (c *CallEdit) appendEdits(last, width int) []Edit {
	if len(c.added) == 0 {
		return nil
	}
	a := c.args[last].Node
	list := c.call.Child("arguments")
	if !ownLine(a) {
		return []Edit{{a.End, a.End, ", " + strings.Join(c.added, ", ")}}
	}
	f := a.File
	nl, indent := f.Style.Newline, a.Indent()
	var text strings.Builder
	comma := strings.HasPrefix(strings.TrimLeft(string(f.Source[a.End:list.End]), " \t"), ",")
	for i, t := range c.added {
		text.WriteString(nl + indent + foldDict(t, indent, f.Style.Indent, nl, width))
		if comma || i < len(c.added)-1 {
			text.WriteString(",")
		}
	}
	end := f.LineSpan(a.End).End
	edits := []Edit{{end, end, text.String()}}
	if !comma {
		edits = append([]Edit{{a.End, a.End, ","}}, edits...)
	}
	return edits
}

// exploded lays a one-line call out with one argument per line.
func (c *CallEdit) exploded(list *Node, width int) []Edit {
	f := c.call.File
	nl := f.Style.Newline
	outer := c.call.Indent()
	indent := outer + f.Style.Indent
	sep := "," + nl + indent
	var edits []Edit
	at, first := list.Start+1, true
	for i, a := range c.args {
		if c.gone[i] {
			continue
		}
		glue := sep
		if first {
			glue = nl + indent
		}
		edits = append(edits, Edit{at, a.Node.Start, glue})
		if t := foldDict(c.argument(i), indent, f.Style.Indent, nl, width); t != a.Node.Text() {
			edits = append(edits, Edit{a.Node.Start, a.Node.End, t})
		}
		at, first = a.Node.End, false
	}
	var tail strings.Builder
	for _, t := range c.added {
		if !first {
			tail.WriteString(",")
		}
		first = false
		tail.WriteString(nl + indent + foldDict(t, indent, f.Style.Indent, nl, width))
	}
	tail.WriteString("," + nl + outer)
	if c.unpacksGenerator() {
		return c.inPlace(list, width)
	}
	return append(edits, Edit{at, list.End - 1, tail.String()})
}

// unpacksGenerator reports a call whose single argument is a bare generator,
// which takes no trailing comma.
func (c *CallEdit) unpacksGenerator() bool {
	return c.call.Child("arguments").Is("generator_expression")
}

// fold lays out a replaced argument that has a line of its own.
func (c *CallEdit) fold(a *Node, text string, width int) string {
	if !ownLine(a) {
		return text
	}
	return foldDict(text, a.Indent(), a.File.Style.Indent, a.File.Style.Newline, width)
}

// foldDict breaks "name={…}" into one entry per line when it is too long for a
// line with the given indentation. Only a display written by [DictText] is
// broken up; anything else stays as it is.
func foldDict(text, indent, unit, nl string, width int) string {
	open, end, braces := strings.IndexByte(text, entryOpen), strings.IndexByte(text, entryClose), "{}"
	if open < 0 || end < 0 {
		open, end, braces = strings.IndexByte(text, itemOpen), strings.IndexByte(text, itemClose), "[]"
	}
	if open < 0 || end < 0 {
		return text
	}
	entries := strings.Split(text[open+1:end], string(entrySep))
	flat := text[:open] + braces[:1] + strings.Join(entries, ", ") + braces[1:] + text[end+1:]
	if Columns(indent+PlainNames(flat))+1 <= width || strings.ContainsAny(flat, "\r\n") {
		return flat
	}
	var b strings.Builder
	b.WriteString(text[:open] + braces[:1])
	for _, e := range entries {
		b.WriteString(nl + indent + unit + e + ",")
	}
	b.WriteString(nl + indent + braces[1:] + text[end+1:])
	return b.String()
}

// Marks around the entries of a dictionary display that may still be laid out
// one entry per line. They never reach a file: [FlatDicts] removes them.
const (
	entryOpen  = '\x04'
	entrySep   = '\x05'
	entryClose = '\x06'
	itemOpen   = '\x07' // the same for a list
	itemClose  = '\x08'
)

// DictText writes a dictionary display from "key: value" entries; [CallEdit]
// decides whether it takes one line or several.
func DictText(entries []string) string {
	return string(rune(entryOpen)) + strings.Join(entries, string(rune(entrySep))) + string(rune(entryClose))
}

// ListText writes a list display, for which the same holds as for [DictText].
func ListText(items []string) string {
	return string(rune(itemOpen)) + strings.Join(items, string(rune(entrySep))) + string(rune(itemClose))
}

// FlatDicts writes the displays of [DictText] and [ListText] that are left in
// text on one line.
func FlatDicts(text string) string { return flat.Replace(text) }

var flat = strings.NewReplacer(string(rune(entryOpen)), "{", string(rune(entrySep)), ", ", string(rune(entryClose)), "}",
	string(rune(itemOpen)), "[", string(rune(itemClose)), "]")
