package steps

import (
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// groupedByName says of a name that holds an id, a URL or the text of a query
// that spans are grouped by it. The name stays as it is.
func (c *creation) groupedByName() {
	for _, a := range []*rewrite.Arg{c.name, c.desc} {
		if a == nil {
			continue
		}
		for _, part := range computedParts(a.Value) {
			if what := variesBy(part); what != "" {
				c.weaken(Safe, "spans are grouped by their names, and this one holds %s (%s)", what, brief(part))
				return
			}
		}
	}
}

// computedParts are the expressions whose values a text is put together from:
// what an f-string, "%", "+" or format() fills in, else the expression itself.
// A literal has none.
func computedParts(n *rewrite.Node) []*rewrite.Node {
	var parts []*rewrite.Node
	n = n.Inner()
	switch fn := n.Child("function"); {
	case n.Is("string", "concatenated_string"):
		n.Walk(func(m *rewrite.Node) bool {
			if m.Is("interpolation") && m.Child("expression") != nil {
				parts = append(parts, m.Child("expression").Inner())
			}
			return !m.Is("interpolation")
		})
	case n.Is("binary_operator"):
		parts = append(computedParts(n.Child("left")), computedParts(n.Child("right"))...)
	case n.Is("tuple"):
		for _, m := range n.Children {
			parts = append(parts, computedParts(m)...)
		}
	case n.Is("call") && (fn.Is("attribute") && fn.Child("attribute").Text() == "format" || fn.Is("identifier") && slices.Contains([]string{"str", "repr", "int"}, fn.Text())):
		for _, a := range n.Args() {
			parts = append(parts, computedParts(a.Value)...)
		}
	default:
		return []*rewrite.Node{n}
	}
	return parts
}

// variesBy tells by its last word what an expression gives a name that differs
// from span to span, "" for nothing that is known.
func variesBy(n *rewrite.Node) string {
	word := n
	switch {
	case n.Is("call"):
		return variesBy(n.Child("function"))
	case n.Is("attribute"):
		word = n.Child("attribute")
	case n.Is("subscript"):
		word = n.Child("subscript")
	case !n.Is("identifier"):
		return ""
	}
	words := strings.FieldsFunc(strings.ToLower(word.Text()), func(r rune) bool { return r == '_' || r == '"' || r == '\'' })
	if len(words) == 0 {
		return ""
	}
	switch words[len(words)-1] {
	case "id", "ids", "uuid", "guid", "pk":
		return "an id"
	case "url", "uri", "href":
		return "a URL"
	case "path":
		return "a path"
	case "sql", "query", "statement":
		return "the text of a query"
	}
	return ""
}
