package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// optionEdits collects changes to options, so that what happens to one call or
// dictionary becomes one edit of it.
type optionEdits struct {
	project *rewrite.Project
	homes   map[*rewrite.Node]*rewrite.CallEdit
	order   []*rewrite.Node
	extra   []rewrite.Edit
	files   map[*rewrite.File]bool
	missing bool // something had no line to go to
}

func newOptionEdits(p *rewrite.Project) *optionEdits {
	return &optionEdits{project: p, homes: map[*rewrite.Node]*rewrite.CallEdit{}, files: map[*rewrite.File]bool{}}
}

// of returns the edit of a call or display.
func (e *optionEdits) of(home *rewrite.Node) *rewrite.CallEdit {
	if c, ok := e.homes[home]; ok {
		return c
	}
	c := rewrite.EditCall
	if !home.Is("call") {
		c = rewrite.EditDisplay
	}
	e.homes[home] = c(home)
	e.files[home.File] = true
	e.order = append(e.order, home)
	return e.homes[home]
}

// holder returns the call or display that holds a keyword or pair, nil for a
// statement.
func holder(n *rewrite.Node) *rewrite.Node {
	switch {
	case n.Is("keyword_argument"):
		return n.Parent.Parent
	case n.Is("pair"):
		return n.Parent
	}
	return nil
}

func (e *optionEdits) remove(o *option) {
	if h := holder(o.node); h != nil {
		e.of(h).Remove(rewrite.Entry(o.node))
		return
	}
	e.statement(o.node, rewrite.RemoveStatement(o.node))
}

// statement adds an edit beside the calls and displays.
func (e *optionEdits) statement(n *rewrite.Node, edit rewrite.Edit) {
	e.files[n.File] = true
	e.extra = append(e.extra, edit)
}

// setValue gives an option another value.
func (e *optionEdits) setValue(o *option, text string) {
	h := holder(o.node)
	if h == nil {
		e.statement(o.node, rewrite.Edit{Start: o.value.Start, End: o.value.End, New: text})
		return
	}
	src := o.node.File.Source
	e.of(h).Replace(rewrite.Entry(o.node), string(src[o.node.Start:o.value.Start])+text)
}

// add writes a new option into a call or display.
func (e *optionEdits) add(home *rewrite.Node, name, value string) {
	e.of(home).Append(optionText(home, name, value))
}

// addBeside writes a new option next to another.
func (e *optionEdits) addBeside(o *option, name, value string) {
	if h := holder(o.node); h != nil {
		e.add(h, name, value)
		return
	}
	left := o.node.Children[0].Child("left")
	if left == nil {
		e.missing = true
		return
	}
	q := string(o.node.File.Style.Quote)
	edit, ok := rewrite.InsertAfter(o.node, fmt.Sprintf("%s[%s%s%s] = %s", left.Child("value").Text(), q, name, q, value))
	e.missing = e.missing || !ok
	e.statement(o.node, edit)
}

// optionText is an option as it stands in a call or a display.
func optionText(home *rewrite.Node, name, value string) string {
	if home.Is("call") {
		return name + "=" + value
	}
	q := string(home.File.Style.Quote)
	return q + name + q + ": " + value
}

func (e *optionEdits) edits() []rewrite.Edit {
	var out []rewrite.Edit
	for _, h := range e.order {
		out = append(out, e.homes[h].Edits(lineWidth(e.project, h.File.Path))...)
	}
	return append(out, e.extra...)
}

// moved is the text of a node for a place with another indentation: its
// continuation lines move along unless one of them begins inside a string.
func moved(n *rewrite.Node, from, to string) string {
	text := n.Text()
	multi := false
	n.Walk(func(m *rewrite.Node) bool {
		multi = multi || m.Is("string") && strings.ContainsAny(m.Text(), "\r\n")
		return !multi
	})
	if multi || from == to {
		return text
	}
	return strings.ReplaceAll(text, "\n"+from, "\n"+to)
}

// forget drops the changes to a home that goes away as a whole.
func (e *optionEdits) forget(home *rewrite.Node) {
	if _, ok := e.homes[home]; !ok {
		return
	}
	delete(e.homes, home)
	var rest []*rewrite.Node
	for _, h := range e.order {
		if h != home {
			rest = append(rest, h)
		}
	}
	e.order = rest
}
