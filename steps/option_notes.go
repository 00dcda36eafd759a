package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// optionNote is what a person should know about an option once spans stream.
type optionNote struct {
	text  string // what stops working, "" if nothing does
	three string // what 3.0 does with it
}

const rejected = "3.0 rejects it with TypeError"

// optionNotes says what becomes of options in stream mode and on 3.0
// (facts/sdk.md B1, facts/sdk-newer.md N2).
var optionNotes = map[string]optionNote{
	"profiles_sample_rate":      {"transactions are no longer profiled: profile_session_sample_rate with profile_lifecycle=\"trace\" profiles streamed spans", rejected},
	"profiles_sampler":          {"it is never called: profile_session_sample_rate with profile_lifecycle=\"trace\" profiles streamed spans", rejected},
	"trace_ignore_status_codes": {"it has no effect on streamed spans", rejected},
	"enable_tracing":            {"it is deprecated: traces_sample_rate says the same", rejected},
	"propagate_traces":          {"", rejected + ": trace_propagation_targets=[] is its successor"},
	"stream_gen_ai_spans":       {"", rejected + ": every span streams there"},
	"send_default_pii":          {"", rejected + ": data_collection, from 2.70.0 on, is its successor"},
	"event_scrubber":            {"it never sees streamed spans", rejected + ": data_collection is its successor"},
	"include_local_variables":   {"", rejected + ": data_collection is its successor"},
	"include_source_context":    {"", rejected + ": data_collection is its successor"},
	"enable_logs":               {"", rejected + "; it has no effect from 2.68.0 on"},
	"enable_metrics":            {"", rejected + "; it has no effect from 2.68.0 on"},
}

// experimentNotes are the notes on entries of _experiments; every other entry
// is ignored by 3.0 as well.
var experimentNotes = map[string]optionNote{
	"max_spans":            {"streamed spans have no such cap", ""},
	"profiles_sample_rate": {"transactions are no longer profiled", ""},
}

// optionNotes reports options that stop working and options that 3.0 rejects.
func (p *Pass) optionNotes(clients []*client) {
	seen := map[*rewrite.Node]bool{}
	for _, c := range clients {
		for _, o := range c.options {
			if text := p.noteOn(o); text != "" && !seen[o.node] {
				p.note(o.node, "option", o.name+": "+text)
			}
			seen[o.node] = true
		}
		list, _ := p.world.experiments(c)
		for _, o := range list {
			if !seen[o.node] {
				p.experimentNote(o)
			}
			seen[o.node] = true
		}
		p.guardNote(c)
	}
	p.integrationNotes()
	p.processorNotes()
	if len(clients) > 0 {
		p.scrubberNotes()
	}
}

func (p *Pass) note(n *rewrite.Node, kind, message string) {
	p.Report(n, kind, Finding{Message: message, Tier: Manual, Note: true})
}

func (p *Pass) noteOn(o *option) string {
	v := o.value.Inner()
	switch {
	case o.name == "functions_to_trace" && !p.Floor.AtLeast(R2_69_2):
		return "streamed spans ignore it below 2.69.2; from there a call outside any span becomes a root span"
	case o.name == "functions_to_trace":
		return "a call outside any span becomes a root span of its own"
	case o.name == "instrumenter" && strings.Contains(strings.ToLower(v.Text()), "otel"):
		return "streamed spans ignore it, so code that OpenTelemetry traces is traced twice; " + rejected
	case o.name == "instrumenter":
		return rejected
	case o.name == "transport":
		return "it is given span items where it was given transactions; 3.0 ignores a function and sends over HTTP: derive a class from Transport"
	case o.name == "data_collection" && v.Is("none"):
		return "3.0 rejects None"
	}
	n := optionNotes[o.name]
	return join2(n.text, n.three)
}

func join2(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func (p *Pass) experimentNote(o *option) {
	switch o.name {
	case "trace_lifecycle":
		return
	case "ignore_spans", "before_send_span":
		if !p.Floor.TopLevel(o.name) {
			p.note(o.node, "option", "_experiments."+o.name+": move it up before 3.0, which silently ignores it here: what it filters or scrubs would be sent")
		}
		return
	}
	p.note(o.node, "option", "_experiments."+o.name+": "+join2(experimentNotes[o.name].text, "3.0 ignores it without a word"))
}

// guardNote reports "with init():", for which 3.0 has no guard object.
func (p *Pass) guardNote(c *client) {
	if parent := c.call.Parent; parent.Is("with_item") || parent.Is("as_pattern") && parent.Parent.Is("with_item") {
		if p.world.callee(c.call) == "sentry_sdk.init" {
			p.note(c.call, "option", "with init(): 3.0 returns None there")
		}
	}
}

// goneArguments are arguments of integrations that 3.0 does not take
// (facts/sdk-newer.md N7).
var goneArguments = map[string]bool{"transaction_style": true, "include_prompts": true, "record_params": true, "max_data_size": true,
	"unsampled_statuses": true, "propagate_hub": true, "ld_client": true, "sentry_logs_level": true, "capture_sentry_logs": true}

// integrationNotes reports integrations and arguments of theirs that do not
// survive.
func (p *Pass) integrationNotes() {
	for _, call := range p.world.sdkCalls() {
		name := p.world.callee(call)
		if !strings.HasPrefix(name, "sentry_sdk.integrations.") {
			continue
		}
		if strings.HasPrefix(name, "sentry_sdk.integrations.opentelemetry.") {
			p.note(call, "integration", call.Child("function").Text()+" switches itself off in stream mode, and 3.0 lacks it")
			continue
		}
		for _, a := range call.Args() {
			if goneArguments[a.Name] {
				p.note(a.Node, "integration", a.Name+": "+rejected)
			}
		}
	}
}

// processorNotes reports event processors and transports that look at
// transactions.
func (p *Pass) processorNotes() {
	for _, call := range p.world.sdkCalls("add_event_processor") {
		fn := call.Child("function")
		args := call.Args()
		if !fn.Is("attribute", "identifier") || len(args) != 1 {
			continue
		}
		global := p.world.callee(call) == "sentry_sdk.scope.add_global_event_processor" || p.world.callee(call) == "sentry_sdk.add_global_event_processor"
		added := fn.Is("attribute") && fn.Child("attribute").Text() == "add_event_processor" && p.world.typeOf(fn.Child("object")).scope
		if !global && !added {
			continue
		}
		if def := p.Project.Name(args[0].Value).Def; def.Is("function_definition") && looksAtTransactions(def) {
			p.note(call, "event-processor", "event processors are not called for streamed spans: "+args[0].Value.Text()+"() looks at transactions")
		}
	}
	for _, f := range p.world.filesWith("transaction", "spans") {
		f.Module.Walk(func(n *rewrite.Node) bool {
			if n.Is("class_definition") && p.isTransport(n) && looksAtTransactions(n) {
				p.note(n.Child("name"), "transport", "this transport looks at transactions; streamed spans come in items of type span")
			}
			return true
		})
	}
}

func (p *Pass) isTransport(class *rewrite.Node) bool {
	if list := class.Child("superclasses"); list != nil {
		for _, c := range list.Children {
			if strings.HasPrefix(p.world.dotted(c), "sentry_sdk.transport.") || p.world.dotted(c) == "sentry_sdk.Transport" {
				return true
			}
		}
	}
	return false
}

func looksAtTransactions(def *rewrite.Node) bool {
	found := false
	def.Child("body").Walk(func(n *rewrite.Node) bool {
		switch n.Kind {
		case "string":
			s := stringValue(n)
			found = found || s == "transaction" || s == "spans"
		case "attribute":
			found = found || n.Child("attribute").Text() == "get_transaction_event"
		}
		return !found
	})
	return found
}

// scrubbed are the keys under which the SDK's event scrubber filtered the data
// of spans in transactions; it never sees streamed spans.
var scrubbed = map[string]bool{"password": true, "passwd": true, "secret": true, "api_key": true, "apikey": true, "auth": true, "credentials": true,
	"mysql_pwd": true, "privatekey": true, "private_key": true, "token": true, "session": true, "csrftoken": true, "sessionid": true, "x_csrftoken": true,
	"x_forwarded_for": true, "set_cookie": true, "cookie": true, "authorization": true, "proxy-authorization": true, "x_api_key": true, "csrf_token": true,
	"ip_address": true, "remote_addr": true, "x_real_ip": true}

// scrubberNotes reports data of spans that was filtered so far.
func (p *Pass) scrubberNotes() {
	for _, call := range p.world.sdkCalls("set_data", "set_attribute") {
		fn, args := call.Child("function"), call.Args()
		if !fn.Is("attribute") || len(args) < 2 || !scrubbed[strings.ToLower(stringValue(args[0].Value))] {
			continue
		}
		if m := fn.Child("attribute").Text(); (m == "set_data" || m == "set_attribute") && p.world.typeOf(fn.Child("object")).isSpan() {
			p.note(call, "scrubber", "the event scrubber filtered "+args[0].Value.Text()+" in the data of spans; streamed spans send it: scrub it in before_send_span")
		}
	}
}
