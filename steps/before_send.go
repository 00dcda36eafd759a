package steps

import (
	"sync"

	"spanwalk/rewrite"
)

// BeforeSend gives the logic of before_send_transaction a home that streamed
// spans know.
var BeforeSend = &Step{
	Name:  "before-send",
	Items: []int{20},
	Title: "move before_send_transaction to rules and span callbacks",
	Why: "before_send_transaction is never called for streamed spans. " +
		"What it drops by name becomes a rule of ignore_spans or of the sampler, what it changes becomes a before_send_span.",
	Doc: "Takes the callback apart, wherever it is. Drops by name and op become rules of ignore_spans, which match the whole name; drops by route, URL, method or header, " +
		"which no root knows when it starts, become a condition of the sampler; edits become a before_send_span. What depends on the end of the root is left to the next step.",
	Link: guide + "migrate-before_send_transaction",
	Before: `import sentry_sdk


def drop_ping(event, hint):
    if event["transaction"] == "ping":
        return None
    return event


sentry_sdk.init(
    traces_sample_rate=1.0,
    before_send_transaction=drop_ping,
)
with sentry_sdk.traces.start_span(name="ping", parent_span=None):
    pass
`,
	After: `import sentry_sdk


def drop_ping(event, hint):
    return event


sentry_sdk.init(
    traces_sample_rate=1.0,
    before_send_transaction=drop_ping,
    ignore_spans=["ping"],
)
with sentry_sdk.traces.start_span(name="ping", parent_span=None):
    pass
`,
	Find: findBeforeSend,
}

const oldOption = "before_send_transaction"

// findBeforeSend follows the option before_send_transaction of every client.
//
// Safe: a drop by a name that only roots of the project have, an edit of what
// spans carry alike. Review: a rule that may match child spans, a condition of
// the sampler, an edit that spans feel differently. Manual: a callback that
// cannot be followed, a statement that cannot be taken apart.
func findBeforeSend(p *Pass) error {
	names := sync.OnceValue(p.world.rootNames)
	made := &definitions{names: map[string]string{}, taken: map[string]bool{}}
	reported := map[*rewrite.Node]bool{}
	for _, c := range p.world.clients() {
		for _, o := range c.all(oldOption) {
			list, reason := p.world.callbacks(o.value)
			if reason != "" {
				p.Report(o.node, oldOption, Finding{Message: oldOption + ": " + reason, Tier: Manual})
			}
			for _, cb := range list {
				f := p.world.takeApart(cb)
				if f == nil {
					p.Report(o.node, oldOption, Finding{Message: oldOption + ": the callback takes no event", Tier: Manual})
					continue
				}
				m := newRehoming(p, c, o, f, names())
				m.made = made
				m.plan()
				m.report(reported)
			}
		}
	}
	return nil
}
