package steps

import (
	"sort"

	"spanwalk/rewrite"
)

// client is a call that configures the SDK: init(), Client() or a partial() of
// one of them, with every option that provably reaches it.
type client struct {
	call    *rewrite.Node
	options []*option // in the order in which they are found
	unseen  []string  // parts of the options whose content cannot be seen
}

// option is one setting of a client, where it is written.
type option struct {
	name  string
	value *rewrite.Node
	node  *rewrite.Node // the keyword_argument or pair, or the statement opts["name"] = …
	home  *rewrite.Node // the call or dictionary display to which a neighbour could be added; nil where none could
	sure  bool          // it is set whenever the client is made
}

// isClient reports a function that takes the SDK's options.
func isClient(dotted string) bool {
	return dotted == "sentry_sdk.init" || dotted == "sentry_sdk.Client"
}

// clients returns the clients of the project, in path and offset order.
func (w *world) clients() []*client {
	if w.made != nil {
		return *w.made
	}
	var out []*client
	calls := w.sdkCalls()
	for _, call := range w.callsWith("partial") {
		if w.callee(call) == "functools.partial" {
			calls = append(calls[:len(calls):len(calls)], call)
		}
	}
	sort.SliceStable(calls, func(i, j int) bool { return inOrder(calls[i], calls[j]) })
	for _, call := range calls {
		name := w.callee(call)
		if name != "functools.partial" && !isClient(name) {
			continue
		}
		args := call.Args()
		if name == "functools.partial" {
			if len(args) == 0 || !isClient(w.dotted(args[0].Value)) {
				continue
			}
			args = args[1:]
		}
		r := &optionReader{world: w, call: call, seen: map[any]bool{}}
		r.arguments(call, args)
		out = append(out, &client{call: call, options: r.options, unseen: r.unseen})
	}
	w.made = &out
	return out
}

// all returns the places that set an option.
func (c *client) all(name string) []*option {
	var out []*option
	for _, o := range c.options {
		if o.name == name {
			out = append(out, o)
		}
	}
	return out
}

// tracing reports whether the client can send spans at all: a rate or a
// sampler that is not None, and tracing not switched off.
func (c *client) tracing() bool {
	on := false
	for _, o := range c.options {
		switch o.name {
		case "traces_sample_rate", "traces_sampler":
			on = on || !o.value.Inner().Is("none")
		case "enable_tracing":
			if o.value.Is("false") && o.sure {
				return false
			}
			on = on || !o.value.Inner().Is("none", "false")
		}
	}
	return on
}

// experiments reads the options under _experiments; seen is false where some
// of them cannot be.
func (w *world) experiments(c *client) (list []*option, seen bool) {
	r := &optionReader{world: w, call: c.call, seen: map[any]bool{}}
	for _, o := range c.all("_experiments") {
		r.mapping(o.value, o.sure)
	}
	return r.options, len(r.unseen) == 0
}
