package steps

import "spanwalk/rewrite"

// mockedMembers are members of the old spans that tests look at on a mocked
// one, and what the code calls instead, "" for nothing alike.
var mockedMembers = map[string]string{
	"set_data": "set_attribute", "set_tag": "set_attribute", "update_data": "set_attributes", "finish": "end",
	"set_status": "", "set_http_status": "", "set_context": "", "set_measurement": "", "set_description": "", "start_child": "",
	"to_traceparent": "", "to_baggage": "", "iter_headers": "", "get_trace_context": "",
}

// mockedSpans follows a mocked function to the span it hands out, such as
// start.return_value.__enter__.return_value, and renames what the test expects
// to be called on it: a mock accepts the old name for ever.
func (d *double) mockedSpans(mocks []*rewrite.Node) {
	for _, m := range mocks {
		d.mockedSpan(m, 6)
	}
}

// mockedSpan looks at one use of a mock; hops bounds the way through variables.
func (d *double) mockedSpan(n *rewrite.Node, hops int) {
	p := n.Parent
	switch {
	case hops == 0:
	case p.Is("call") && n.Field == "function":
		d.mockedSpan(p, hops-1)
	case p.Is("assignment") && n.Field == "right":
		for _, use := range d.uses(p.Child("left")) {
			d.mockedSpan(use, hops-1)
		}
	case p.Is("attribute") && n.Field == "object":
		name := p.Child("attribute")
		if name.Text() == "return_value" || name.Text() == "__enter__" {
			d.mockedSpan(p, hops-1)
			return
		}
		to, known := mockedMembers[name.Text()]
		switch {
		case !known:
		case to == "":
			d.review("the test looks at " + name.Text() + "() of the mocked span, which the code no longer calls")
		default:
			d.edits = append(d.edits, rewrite.Edit{Start: name.Start, End: name.End, New: to})
			reason := "the test looks at " + name.Text() + "() of the mocked span: the code calls " + to + "()"
			if to == "set_attribute" {
				reason += ", or set_attributes() where calls followed each other"
			}
			d.review(reason)
		}
	}
}
