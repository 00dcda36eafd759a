package wizard

import "testing"

// TestMarkdown: what a message holds is neither markup nor a mention nor the
// number of an issue.
func TestMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"plain text, with (brackets).":            "plain text, with (brackets).",
		"@trace on the transaction API":           "`@trace` on the transaction API",
		"see app.py::main/start_span#1, please":   "see `app.py::main/start_span#1`, please",
		"_experiments.x: move it (_private)":      "`_experiments.x`: move it (`_private`)",
		"set_data() on a span <b>&lt; a[0]":       "`set_data()` on a span &lt;b&gt;&amp;lt; a\\[0\\]",
		"a `tick` and two``":                      "a `` `tick` `` and ``` two`` ```",
		"Union[Span, X] | None **bold** ~~gone~~": "Union\\[Span, X\\] `|` None `**bold**` `~~gone~~`",
	} {
		if got := markdown(text); got != want {
			t.Errorf("markdown(%q)\n got %s\nwant %s", text, got, want)
		}
	}
	if got, want := fenced("diff", "a\n```\n"), "````diff\na\n```\n````\n"; got != want {
		t.Errorf("fenced: %q, want %q", got, want)
	}
}
