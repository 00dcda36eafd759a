package steps

import (
	"slices"
	"testing"
)

// Each item is open while the tree holds a place that breaks it, and no item is
// opened by another one's place.
func TestItemsAreMeasured(t *testing.T) {
	const init = "sentry_sdk.init(dsn='x', traces_sample_rate=1.0, trace_lifecycle='stream')\n"
	inSpan := func(body string) string {
		return "from sentry_sdk.traces import start_span\nwith start_span(name='a', parent_span=None) as span:\n    " + body + "\n"
	}
	for _, c := range []struct {
		source string
		open   []int // the items that are open, besides 1, which the manifest opens, and 23
	}{
		{init, nil},
		{"sentry_sdk.init(dsn='x', traces_sample_rate=1.0)\n", []int{2}},
		{init + "with sentry_sdk.start_span(name='a'):\n    pass\n", []int{3}},
		{init + "with sentry_sdk.start_span(op='a', description='b'):\n    pass\n", []int{3, 13, 14}},
		{init + "with sentry_sdk.start_transaction(name='a'):\n    pass\n", []int{4}},
		{init + "with sentry_sdk.start_transaction(name='a', custom_sampling_context={'k': 1}):\n    pass\n", []int{4, 18}},
		{init + inSpan("span.start_child(name='b').finish()"), []int{5}},
		{init + "s = sentry_sdk.get_current_span()\n", []int{6}},
		{init + "s = sentry_sdk.get_current_scope().span\n", []int{7}},
		{init + "sentry_sdk.get_current_scope().transaction.name = 'a'\n", []int{8}},
		{init + "def f(span: 'sentry_sdk.traces.StreamedSpan'):\n    return span.containing_transaction.trace_id\n", []int{9}},
		{init + "@sentry_sdk.trace\ndef f():\n    pass\n", []int{10}},
		{init + "from sentry_sdk.tracing import Span\n\ndef f(span: Span):\n    pass\n", []int{11}},
		{init + inSpan("print(span.get_trace_context()['trace_id'])"), []int{12}},
		{init + inSpan("span.description = 'b'"), []int{13}},
		{init + inSpan("span.op = 'b'"), []int{14}},
		{init + inSpan("span.set_data('a', 1)"), []int{15}},
		{init + "sentry_sdk.set_tag('a', 'b')\n", []int{16}},
		{init + "with sentry_sdk.start_transaction(sentry_sdk.continue_trace({}), name='a'):\n    pass\n", []int{17}},
		{"def f(ctx):\n    return ctx['span_context']['name'] == 'a'\n\nsentry_sdk.init(dsn='x', traces_sampler=f, trace_lifecycle='stream')\n", []int{19}},
		{"def f(event, hint):\n    if event['transaction'] == 'a':\n        return None\n    return event\n\nsentry_sdk.init(dsn='x', traces_sample_rate=1, before_send_transaction=f, trace_lifecycle='stream')\n", []int{20, 22}},
		{"def f(event, hint):\n    if event['contexts']['trace']['status'] == 'ok':\n        return None\n    return event\n\nsentry_sdk.init(dsn='x', traces_sample_rate=1, before_send_transaction=f, trace_lifecycle='stream')\n", []int{21, 22}},
	} {
		p := readProject(t, map[string][]byte{"app.py": []byte("import sentry_sdk\n\n" + c.source), "requirements.txt": []byte("sentry-sdk>=2.67.0\n")}, nil)
		states, _, err := Measure(p, NewDecisions(Decision{Question: "floor", Option: "2.67.0"}))
		if err != nil {
			t.Fatal(err)
		}
		var open []int
		for _, s := range states[:22] {
			if !s.Done() {
				open = append(open, s.Number)
			}
		}
		if !slices.Equal(open, c.open) {
			t.Errorf("%s\nopen: %v, want %v", c.source, open, c.open)
		}
	}
}
