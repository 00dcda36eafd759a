package wizard

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseEnvelope(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []Item
		err        string
	}{
		{"length", "{}\n{\"type\":\"a\",\"length\":3}\nx\ny\n{\"type\":\"b\",\"length\":0}\n\n", []Item{{"a", "", []byte("x\ny")}, {"b", "", []byte{}}}, ""},
		{"no length", "{}\n{\"type\":\"a\",\"content_type\":\"t\"}\nxy\n{\"type\":\"b\"}\nz", []Item{{"a", "t", []byte("xy")}, {"b", "", []byte("z")}}, ""},
		{"no line feed behind a payload", "{}\n{\"type\":\"a\",\"length\":1}\nx{\"type\":\"b\",\"length\":1}\ny", []Item{{"a", "", []byte("x")}, {"b", "", []byte("y")}}, ""},
		{"no items", "{\"event_id\":\"1\"}", nil, ""},
		{"nothing", "", nil, "no header line"},
		{"no JSON", "hello\n", nil, "no header line"},
		{"header of an item", "{}\n{\"type\":\"a\"}\nx\nnonsense\n", []Item{{"a", "", []byte("x")}}, "header of item 2"},
		{"too long", "{}\n{\"type\":\"a\",\"length\":9}\nx\n", nil, "says it is 9 bytes long; 2 are left"},
		{"negative", "{}\n{\"type\":\"a\",\"length\":-1}\nx\n", nil, "says it is -1 bytes long"},
	} {
		items, err := ParseEnvelope([]byte(c.data))
		if diff := cmp.Diff(c.want, items); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
	}
}

// FuzzEnvelope: whatever arrives, the receiver survives it, counts no span
// twice, and what it would print is one line without control characters.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(spanEnvelope(rootSpan, childSpan)))
	f.Add([]byte("{}\n{\"type\":\"transaction\"}\n{\"event_id\":\"1\",\"transaction\":\"a\\u001bb\"}\n"))
	f.Add([]byte("{}\n{\"type\":\"client_report\"}\n{\"discarded_events\":[{\"reason\":\"sample_rate\",\"category\":\"span\",\"quantity\":4}]}\n"))
	f.Add([]byte("{}\n{\"type\":\"span\",\"length\":99}\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newReceived("127.0.0.1:1/stream")
		first := len(r.take(data))
		if again := len(r.take(data)); again != 0 {
			t.Errorf("the second arrival brought %d spans, the first %d", again, first)
		}
		lines := treeLines(r.Spans)
		if len(lines) > len(r.Spans) {
			t.Errorf("%d lines for %d spans", len(lines), len(r.Spans))
		}
		for _, line := range append(append(lines, r.Unread...), r.Transactions...) {
			if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c == 0x7f }) {
				t.Errorf("a control character in %q", line)
			}
		}
		r.Orphans()
	})
}
