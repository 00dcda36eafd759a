package steps

import "spanwalk/rewrite"

// textNames are members of legacy spans that have one of another name on
// streamed spans which a program can ask for in the same way; "" where it
// cannot.
var textNames = map[string]string{
	"set_data": "set_attribute", "set_tag": "set_attribute", "update_data": "set_attributes", "finish": "end",
	"description": "name", "timestamp": "end_timestamp", "op": "", "set_status": "", "set_http_status": "", "set_measurement": "",
	"set_context": "", "start_child": "", "containing_transaction": "", "get_trace_context": "", "is_success": "",
	"to_traceparent": "", "iter_headers": "", "to_baggage": "", "_tags": "", "_data": "",
}

// namedByText finds members of spans that are named by a text: in getattr(),
// hasattr() and setattr(). What is behind a hasattr() goes silent when it stays.
func (p *Pass) namedByText() {
	for _, call := range p.world.callsWith("attr") {
		fn := call.Child("function")
		if name := fn.Text(); !fn.Is("identifier") || name != "getattr" && name != "hasattr" && name != "setattr" || !p.Project.IsBuiltin(fn) {
			continue
		}
		args := call.Args()
		if len(args) < 2 || args[0].Name != "" || args[1].Name != "" {
			continue
		}
		member := stringValue(args[1].Value)
		to, known := textNames[member]
		if !known {
			continue
		}
		k, span := p.spanAt(args[0].Value)
		if !span || !k.isSpan() && (member == "op" || member == "timestamp") {
			continue
		}
		f := Finding{Tier: Review, Message: fn.Text() + "() names " + member + " of a span by its text"}
		if _, all := p.leftBehind(k); to == "" || all {
			f.Tier, f.Message = Manual, f.Message+": streamed spans do not have it"
		} else {
			f.Edits = []rewrite.Edit{{Start: args[1].Value.Start, End: args[1].Value.End, New: quoted(call, to)}}
		}
		p.Report(call, "text", f)
	}
}
