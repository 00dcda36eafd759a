package steps

import (
	"fmt"
	"strings"

	"spanwalk/rewrite"
)

// again is the call with another name, in its own layout; ok is false where it
// stands on one line or its arguments cannot be written a second time.
func (t *scopeTag) again(name string, values ...*rewrite.Node) (text string, ok bool) {
	list, args := t.call.Child("arguments"), t.call.Args()
	if !strings.ContainsAny(list.Text(), "\r\n") || commented(list) || len(args) != len(values) {
		return "", false
	}
	for i, v := range values {
		if args[i].Name != "" || args[i].Value != v || t.impure(v) {
			return "", false
		}
	}
	return t.setter(name) + list.Text(), true
}

func (t *scopeTag) indent() string { return t.call.File.Style.Indent }

// line sets one attribute; shift is the indentation it gets besides that of the
// statement. A call that outgrows its line has an argument a line.
func (t *scopeTag) line(shift, key, value string) string {
	setter := t.setter("set_attribute")
	if text := fmt.Sprintf("%s(%s, %s)", setter, key, value); t.fits(shift + text) {
		return text
	}
	outer := t.call.File.Style.Newline + t.call.Statement().Indent() + shift
	return setter + "(" + outer + t.indent() + key + "," + outer + t.indent() + value + "," + outer + ")"
}

// fits reports whether a line of the statement's block has room for text.
func (t *scopeTag) fits(text string) bool {
	return textWidth(t.call.Statement().Indent()+rewrite.PlainNames(text)) <= lineWidth(t.pass.Project, t.call.File.Path)
}

// hoist returns the statement that computes the value which is used twice, and
// puts its variable into the call.
func (t *scopeTag) hoist() string {
	v, list := t.hoisted, t.call.Child("arguments")
	text := v.Text()
	if own := v.Indent(); v.Start == v.File.LineSpan(v.Start).Start+len(own) && !longString(v) {
		text = strings.ReplaceAll(text, "\n"+strings.TrimPrefix(own, t.call.Statement().Indent()), "\n")
	}
	e := rewrite.Edit{Start: v.Start, End: v.End, New: t.variable}
	if strings.ContainsAny(list.Text(), "\r\n") && !commented(list) {
		var args []string
		for _, a := range t.call.Args() {
			args = append(args, strings.Replace(a.Node.Text(), v.Text(), t.variable, 1))
		}
		if one := strings.Join(args, ", "); t.fits(t.call.Child("function").Text()+"("+one+")") && !strings.ContainsAny(one, "\r\n") {
			e = rewrite.Edit{Start: list.Start + 1, End: list.End - 1, New: one}
		}
	}
	t.edits = append(t.edits, e)
	return t.variable + " = " + text
}

// longString reports a string that spans lines.
func longString(n *rewrite.Node) bool {
	found := false
	n.Walk(func(m *rewrite.Node) bool {
		found = found || m.Is("string") && strings.ContainsAny(m.Text(), "\r\n")
		return !found
	})
	return found
}

// attributesOf sets several attributes by one call, an entry a line where they
// outgrow one.
func (t *scopeTag) attributesOf(entries []string) string {
	setter := t.setter("set_attributes")
	if text := setter + "({" + strings.Join(entries, ", ") + "})"; t.fits(text) {
		return text
	}
	outer := t.call.File.Style.Newline + t.call.Statement().Indent()
	inner := outer + t.indent() + t.indent()
	return setter + "(" + outer + t.indent() + "{" + inner + strings.Join(entries, ","+inner) + "," + outer + t.indent() + "}" + outer + ")"
}
