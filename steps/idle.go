package steps

import "spanwalk/rewrite"

// firstSpan returns the first place that makes a span, asks for the current one
// or decorates a function with one, by either API; nil where none does.
func (w *world) firstSpan() *rewrite.Node {
	for _, call := range w.sdkCalls() {
		if spanMakers[w.callee(call)] != 0 {
			return call
		}
	}
	for _, name := range []string{legacyTrace, newTrace, legacyCurrentSpan, newCurrentSpan} {
		if found := w.spelled(name); len(found) > 0 {
			return found[0]
		}
	}
	return nil
}

// idle reports a project in which nothing traces: it configures the SDK, every
// client of it leaves tracing off and is to go on so, and it makes no span. It
// needs no release that streams, and its tags reach no span.
func (p *Pass) idle() bool {
	for _, d := range p.decisions.List() {
		if d.Question == "tracing-off" && d.Option == "add" {
			return false
		}
	}
	clients := p.world.clients()
	for _, c := range clients {
		experiments, seen := p.world.experiments(c)
		if c.tracing() || len(c.unseen) > 0 || !seen {
			return false
		}
		for _, o := range append(experiments, c.options...) {
			switch o.name {
			case "trace_lifecycle", "before_send_transaction", "functions_to_trace", "ignore_spans", "before_send_span":
				return false
			}
		}
	}
	return len(clients) > 0 && p.world.firstSpan() == nil
}
