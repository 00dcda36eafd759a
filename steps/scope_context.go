package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// listed reports set_context() and set_extra(), which transactions carried and
// streamed spans do not; attributes are an alternative.
func (t *scopeTag) listed() {
	key, value := argument(t.call, 0, "key"), argument(t.call, 1, "value")
	f := Finding{Message: t.name() + " does not reach streamed spans; error events keep it", Tier: Review, Note: true, Shape: t.shape()}
	if key != nil && value != nil && t.call.Parent == t.call.Statement() {
		if lines := t.flat(*key, *value); len(lines) > 0 && !t.follows(lines[0]) {
			if edit, ok := rewrite.InsertAfter(t.call.Statement(), lines...); ok {
				f.Alternatives = []Alternative{{ID: "attributes", Title: "add it as attributes, which child spans carry too", Edits: []rewrite.Edit{edit}}}
			}
		}
	}
	t.pass.Report(t.call, t.method, f)
}

func (t *scopeTag) flat(key, value rewrite.Arg) []string {
	if t.method == "set_extra" {
		if t.impure(value.Value) {
			return nil
		}
		return []string{t.line("", key.Value.Text(), value.Value.Text())}
	}
	if !value.Value.Is("dictionary") || stringValue(key.Value) == "" {
		return nil
	}
	var lines []string
	for _, c := range value.Value.Children {
		name := stringValue(c.Child("key"))
		if name == "" || t.impure(c.Child("value")) {
			return nil
		}
		q := string(t.call.File.Style.Quote)
		lines = append(lines, t.line("", q+stringValue(key.Value)+"."+name+q, c.Child("value").Text()))
	}
	return lines
}

// follows reports whether the statement behind the call sets the same key as
// an attribute already.
func (t *scopeTag) follows(line string) bool {
	stmt := t.call.Statement()
	call, _, _ := strings.Cut(rewrite.PlainNames(line), ", ")
	_, key, _ := strings.Cut(call, "(")
	for i, s := range stmt.Parent.Children {
		if s == stmt && i+1 < len(stmt.Parent.Children) {
			return strings.Contains(stmt.Parent.Children[i+1].Text(), "set_attribute("+key)
		}
	}
	return false
}
