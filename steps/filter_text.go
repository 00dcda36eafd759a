package steps

import (
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

// rawText is the pattern in a string literal without escapes that a raw string
// would spell otherwise, "" for anything else.
func rawText(n *rewrite.Node) string {
	if !n.Is("string") || len(n.Children) < 3 {
		return ""
	}
	start := n.Children[0].Text()
	text := string(n.File.Source[n.Children[0].End:n.Children[len(n.Children)-1].Start])
	if strings.HasPrefix(strings.ToLower(start), "r") || !strings.Contains(text, `\`) {
		return text
	}
	return ""
}

// text is an expression that does not read the event, with the names of the
// callback replaced by what they stand for.
func (f *eventFilter) text(n *rewrite.Node) string {
	return f.substitute(n, func(*rewrite.Node) (string, bool) { return "", false })
}

// substitute is the text of an expression in which some nodes are replaced:
// those the function knows, local names by their value, and names given from
// outside by their argument.
func (f *eventFilter) substitute(n *rewrite.Node, known func(*rewrite.Node) (string, bool)) string {
	if text, ok := known(n); ok {
		return text
	}
	if n.Is("identifier") && n.Field != "attribute" && !(n.Field == "name" && n.Parent.Is("keyword_argument")) {
		if alias := f.aliases[n.Text()]; alias != nil && !alias.Contains(n) {
			return operandText(f.substitute(alias, known), alias)
		}
		if given, ok := f.given[n.Text()]; ok {
			return operandText(given.Text(), given)
		}
		return f.reach(n)
	}
	var b strings.Builder
	at := n.Start
	for _, c := range n.Children {
		if c.Start < at {
			continue
		}
		b.Write(n.File.Source[at:c.Start])
		b.WriteString(f.substitute(c, known))
		at = c.End
	}
	b.Write(n.File.Source[at:n.End])
	return b.String()
}

// operandText parenthesises an expression that is put in the place of a name.
func operandText(text string, n *rewrite.Node) string {
	if n.Is("identifier", "attribute", "subscript", "call", "string", "integer", "float", "list", "dictionary", "tuple", "set", "none", "true", "false", "parenthesized_expression") {
		return text
	}
	return "(" + text + ")"
}

var template = regexp.MustCompile(`[<{]`)
