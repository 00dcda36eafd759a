package steps

import (
	"strconv"
	"strings"

	"spanwalk/rewrite"
)

// relayCondition is a condition of Relay's rule language, as it stands in a
// generic filter: op with name and value for a comparison, with inner for and,
// or and not.
type relayCondition struct {
	Op    string `json:"op"`
	Name  string `json:"name,omitempty"`
	Value any    `json:"value,omitempty"`
	Inner any    `json:"inner,omitempty"`
}

// null is a missing field in a comparison; nil would be left out.
type null struct{}

// MarshalJSON writes null.
func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// relayTest writes one test of a late filter in words and as a condition on a
// span. missing says why there is no condition; a test that always holds has
// neither.
//
// Relay compares strings and booleans by eq, numbers by gt, gte, lt and lte
// only, and knows name, status and attributes of a streamed span.
func (f *eventFilter) relayTest(t test) (words string, c *relayCondition, missing string) {
	if s, operator, value := f.ordered(t.node); operator != "" {
		return f.relayOrdered(t, s, operator, value)
	}
	p := f.predicate(t, "", nil)
	field := relayField(p.subject.what)
	words = describeTest(t)
	switch {
	case p.how == "" || field == "":
		return words, nil, noField(p.subject.what, p.late)
	case p.subject.fold:
		return words, nil, "the filter compares in another case"
	case p.how == "present" && lateReason(p.subject.what) == "":
		return words, nil, ""
	}
	name := strings.TrimSuffix(strings.TrimPrefix(field, "span.attributes."), ".value")
	condition, text := relayPredicate(p, field, name)
	if condition == nil {
		return words, nil, "the values are not spelt out in the code"
	}
	if p.not {
		return text, &relayCondition{Op: "not", Inner: condition}, ""
	}
	return text, condition, ""
}

// relayPredicate writes equality, membership, a part of a text or presence.
func relayPredicate(p predicate, field, name string) (c *relayCondition, words string) {
	is, isNot := " = ", " != "
	if p.how == "present" {
		is = " is set"
		if p.not {
			is = " is not set"
		}
		return &relayCondition{Op: "not", Inner: &relayCondition{Op: "eq", Name: field, Value: null{}}}, name + is
	}
	if len(p.values) == 0 || p.spread && len(p.texts) == 0 {
		return nil, ""
	}
	var texts []string
	var numbers []relayCondition
	for i := range max(len(p.texts), len(p.values)) {
		switch {
		case i < len(p.texts) && p.texts[i] != "":
			texts = append(texts, p.texts[i])
		case p.how == "eq" && !p.spread && number(p.values[i]) != nil:
			n := number(p.values[i])
			numbers = append(numbers, relayCondition{Op: "and", Inner: []relayCondition{{Op: "gte", Name: field, Value: n}, {Op: "lte", Name: field, Value: n}}})
		default:
			return nil, ""
		}
	}
	if field == "span.status" {
		texts = streamedStatus(texts)
	}
	if p.not {
		is = isNot
	}
	switch {
	case len(texts) > 0 && len(numbers) > 0:
		return nil, ""
	case len(numbers) == 1:
		return &numbers[0], name + is + strings.Join(p.values, "")
	case len(numbers) > 1:
		return &relayCondition{Op: "or", Inner: numbers}, name + is + "any of " + strings.Join(p.values, ", ")
	}
	return relayTexts(p.how, field, name, is, texts)
}

// relayTexts compares with strings; parts of them become globs.
func relayTexts(how, field, name, is string, texts []string) (*relayCondition, string) {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		switch {
		case how != "eq" && strings.ContainsAny(t, `*?[]{}\`):
			return nil, ""
		case how == "prefix":
			t += "*"
		case how == "suffix":
			t = "*" + t
		case how == "substring":
			t = "*" + t + "*"
		case how != "eq":
			return nil, ""
		}
		texts[i], quoted[i] = t, strconv.Quote(t)
	}
	words := name + is + strings.Join(quoted, " or ")
	switch {
	case how != "eq":
		return &relayCondition{Op: "glob", Name: field, Value: texts}, words
	case len(texts) == 1:
		return &relayCondition{Op: "eq", Name: field, Value: texts[0]}, words
	}
	return &relayCondition{Op: "eq", Name: field, Value: texts}, words
}

// streamedStatus turns legacy statuses into what streamed spans know.
func streamedStatus(texts []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		if t != "ok" {
			t = "error"
		}
		if !seen[t] {
			out = append(out, t)
		}
		seen[t] = true
	}
	return out
}

// ordered reads "status_code >= 500"; operator is "" for anything else.
func (f *eventFilter) ordered(n *rewrite.Node) (s subject, operator string, value any) {
	n = n.Inner()
	if !n.Is("comparison_operator") || len(n.Children) != 3 {
		return s, "", nil
	}
	operators := map[string]string{"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
	op := operators[n.Child("operators").Text()]
	left, right := n.Children[0].Inner(), n.Children[2].Inner()
	if v := number(left.Text()); v != nil {
		left, right = right, left
		op = map[string]string{"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}[op]
	}
	s, ok := f.subject(left)
	if op == "" || !ok || s.what == "" || number(right.Text()) == nil {
		return s, "", nil
	}
	return s, op, number(right.Text())
}

func (f *eventFilter) relayOrdered(t test, s subject, operator string, value any) (string, *relayCondition, string) {
	field := relayField(s.what)
	if field == "" {
		return describeTest(t), nil, noField(s.what, lateReason(s.what))
	}
	c := &relayCondition{Op: operator, Name: field, Value: value}
	if t.not {
		c = &relayCondition{Op: "not", Inner: c}
	}
	return describeTest(t), c, ""
}

// number is the value of a Python number as JSON has it, nil for other text.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && strings.Trim(text, "0123456789.-") == "" {
		return n
	}
	return nil
}

// noField says why Relay cannot test something.
func noField(what, late string) string {
	if late == "" {
		late = lateReason(what)
	}
	if late == "" {
		return "the condition is no comparison of one value"
	}
	return "no field of a streamed span holds " + late
}

// relayField is where Relay finds in a streamed span what the event kept
// elsewhere, "" for nowhere.
func relayField(what string) string {
	first, rest, _ := strings.Cut(what, ".")
	attribute := ""
	switch {
	case what == "contexts.trace.status":
		return "span.status"
	case what == "name":
		return "span.name"
	case what == "op":
		attribute = "sentry.op"
	case what == "contexts.response.status_code":
		attribute = "http.response.status_code"
	case what == "transaction_info.source":
		attribute = "sentry.segment.name.source"
	case strings.HasPrefix(what, "contexts.trace.data."):
		attribute = strings.TrimPrefix(what, "contexts.trace.data.")
	case first == "tags":
		attribute = rest
	case first == "measurements":
		attribute = strings.TrimSuffix(rest, ".value")
	case first == "user":
		attribute = userAttributes[rest]
	}
	if attribute == "" {
		return ""
	}
	return "span.attributes." + attribute + ".value"
}
