package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// deadOptions removes options that streamed spans ignore: with the main
// finding where that changes nothing on any release, else as a remark of its
// own that a review may carry out.
func (r *optionRemoval) deadOptions() {
	if !r.streams() {
		return
	}
	defer r.reportDead()
	for _, o := range r.client.options {
		switch {
		case holder(o.node) == nil && !o.node.Is("expression_statement"):
		case o.name == "instrumenter" && stringValue(o.value) == "sentry":
			r.harmless(o, "instrumenter says what is so anyway")
		case o.name == "enable_tracing":
			r.enableTracing(o)
		}
	}
	for _, o := range r.client.options {
		switch {
		case holder(o.node) == nil && !o.node.Is("expression_statement"):
		case o.name == "instrumenter" && stringValue(o.value) != "sentry",
			o.name == "profiles_sample_rate", o.name == "profiles_sampler", o.name == "trace_ignore_status_codes":
			r.dead(o)
		}
	}
}

// streams reports whether the client's spans stream.
func (r *optionRemoval) streams() bool {
	if r.pass.Floor.AtLeast(R3_0_0) {
		return true
	}
	experiments, _ := r.pass.world.experiments(r.client)
	for _, o := range append(r.client.all("trace_lifecycle"), byName(experiments, "trace_lifecycle")...) {
		if stringValue(o.value) == stream {
			return true
		}
	}
	return false
}

// harmless removes an option without which everything stays as it is.
func (r *optionRemoval) harmless(o *option, why string) {
	r.parts = append(r.parts, why+", and 3.0 rejects it")
	r.gone = append(r.gone, o)
	if r.site == nil {
		r.site = o.node
	}
	r.edits.remove(o)
}

// enableTracing removes enable_tracing=True: beside a rate or sampler it says
// nothing, alone it is a rate of 1.
func (r *optionRemoval) enableTracing(o *option) {
	if !o.value.Is("true") || !o.sure {
		return
	}
	if len(r.client.all("traces_sample_rate"))+len(r.client.all("traces_sampler")) > 0 {
		r.harmless(o, "enable_tracing says nothing beside a rate or a sampler")
		return
	}
	h := holder(o.node)
	if h == nil {
		return
	}
	r.parts = append(r.parts, "enable_tracing=True is traces_sample_rate=1.0, and 3.0 rejects it")
	r.gone = append(r.gone, o)
	if r.site == nil {
		r.site = o.node
	}
	r.edits.of(h).Replace(rewrite.Entry(o.node), optionText(h, "traces_sample_rate", "1.0"))
}

// dead notes an option that has no effect.
func (r *optionRemoval) dead(o *option) {
	if len(r.edits.order) > 0 && r.pass.policy.Review {
		r.harmless(o, o.name+" has no effect on streamed spans")
		return
	}
	r.ignored = append(r.ignored, o)
}

// reportDead offers to remove the options without effect. Where others of the
// client go for certain the offer waits, so that the edits do not meet.
func (r *optionRemoval) reportDead() {
	if len(r.ignored) == 0 {
		return
	}
	alone := newOptionEdits(r.pass.Project)
	var names []string
	for _, o := range r.ignored {
		names = append(names, o.name)
		alone.remove(o)
	}
	f := Finding{Tier: Review, Note: true, Message: strings.Join(names, ", ") + ": no effect on streamed spans, and 3.0 rejects it"}
	if len(r.parts) == 0 && len(alone.files) == 1 && alone.files[r.ignored[0].node.File] {
		f.Edits = alone.edits()
	}
	r.pass.Report(r.ignored[0].node, "dead-option", f)
}

// removeDefinition deletes a function with the blank lines behind it, or those
// before it where it is the last of its file; comments above it stay.
func removeDefinition(stmt *rewrite.Node) rewrite.Edit {
	f := stmt.File
	start, end := f.LineSpan(stmt.Start).Start, lineBelow(f, blockEnd(stmt))
	for end < len(f.Source) && blank(f, end) {
		end = lineBelow(f, end)
	}
	for end == len(f.Source) && start > 0 && blank(f, lineAbove(f, start).Start) {
		start = lineAbove(f, start).Start
	}
	return rewrite.Edit{Start: start, End: end, New: ""}
}

// lineBelow returns the offset of the line behind the one that holds at.
func lineBelow(f *rewrite.File, at int) int {
	end := f.LineSpan(at).End
	for _, c := range []byte("\r\n") {
		if end < len(f.Source) && f.Source[end] == c {
			end++
		}
	}
	return end
}

func blank(f *rewrite.File, at int) bool {
	line := f.LineSpan(at)
	return strings.TrimSpace(string(f.Source[line.Start:line.End])) == ""
}
