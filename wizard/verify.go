package wizard

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"spanwalk/steps"
)

// Verifying is what [Walk.Verify] runs and how.
type Verifying struct {
	Run     Command
	For     time.Duration // stop the command after that long; 0 lets it end by itself
	Live    io.Writer     // spans are drawn there as they arrive; nil for not at all
	Environ []string      // of the command, before what verify sets in it
}

// Verification is what a run of verify found.
type Verification struct {
	Got     *Received
	Ended   Ending
	Left    int // places that steps would change or leave open
	Mixed   []steps.MixedSite
	Notes   []Note   // files that could not be read whole; nothing is known of what is left there
	Changes []string // what looks different in Sentry, see [Walk.Changes]
}

// Verify runs a command with a receiver that its SDK sends to, and judges what
// arrived and what is left in the tree; [Walk.Read] must have run. A success is
// remembered in the session. The error is the run's own: [ErrAborted] when the
// context ended, or a command that could not be started.
func (w *Walk) Verify(ctx context.Context, o Verifying) (*Verification, error) {
	v := &Verification{Notes: w.Tree.Notes}
	var err error
	if v.Changes, err = w.Changes(); err != nil {
		return nil, err
	}
	if v.Left, err = w.Check(io.Discard, nil); err != nil {
		return nil, err
	}
	if v.Mixed, err = steps.Mixed(w.Tree.Project, w.decisions()); err != nil {
		return nil, err
	}
	var live func([]ReceivedSpan)
	if o.Live != nil {
		live = func(spans []ReceivedSpan) { writeTree(o.Live, spans, len(spans)) }
	}
	sidecar, err := StartSidecar(live)
	if err != nil {
		return nil, err
	}
	o.Run.Env = verifyEnviron(o.Environ, sidecar)
	v.Ended, err = o.Run.run(ctx, o.For)
	v.Got = sidecar.Stop()
	if err != nil {
		return v, err
	}
	if len(v.Problems()) > 0 {
		return v, nil
	}
	w.Session.Proof = &Proof{Tree: w.Tree.Fingerprint(), Time: time.Now().UTC().Truncate(time.Second),
		Streamed: len(v.Got.Spans) + v.Got.Overflow}
	return v, w.Session.Save()
}

// verifyEnviron points the SDK at the receiver, on both its ways. The Django
// middleware that Spotlight brings would change what the program answers, and a
// proxy would not find the loopback interface.
func verifyEnviron(environ []string, s *Sidecar) []string {
	own := map[string]string{"SENTRY_SPOTLIGHT": s.URL(), "SENTRY_DSN": s.DSN(), "SENTRY_SPOTLIGHT_MIDDLEWARE": "0"}
	var out []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.EqualFold(name, "no_proxy") {
			own[name] = strings.Trim(value+",127.0.0.1", ",")
		}
		if _, set := own[name]; !set {
			out = append(out, pair)
		}
	}
	if own["no_proxy"]+own["NO_PROXY"] == "" {
		own["no_proxy"] = "127.0.0.1"
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		out = append(out, name+"="+own[name])
	}
	return out
}

// Problem says why a verification failed, and what to do next.
type Problem struct{ Text, Next string }

// Problems returns why the run is no proof; none means that it is one.
func (v *Verification) Problems() []Problem {
	var out []Problem
	add := func(next, format string, args ...any) {
		out = append(out, Problem{fmt.Sprintf(format, args...), next})
	}
	if v.Ended.Failed {
		add("", "the command ended with %s", v.Ended.Text)
	}
	if n := len(v.Got.Transactions); n > 0 {
		add("spanwalk preview   (what would send them is found there; else another init() in the command's processes does not stream)",
			"%s still arrived: %s", count(n, "transaction"), tally(v.Got.Transactions))
	}
	if len(v.Got.Spans) == 0 {
		text, next := v.nothingStreamed()
		add(next, "no streamed span arrived%s", text)
	}
	if orphans := v.Got.Orphans(); len(orphans) > 0 {
		add("end the root span (leave its with block, or call end()), and let the program exit by itself: os._exit() and SIGKILL lose it",
			"%s arrived whose segment never did: %s", count(len(orphans), "span"), tally(names(orphans)))
	}
	if v.Left > 0 {
		add("spanwalk check", "%s in the tree", are(v.Left, "place", "is left", "are left"))
	}
	if n := len(v.Mixed); n > 0 {
		add("spanwalk status", "%s now", are(n, "place", "raises or goes silent", "raise or go silent"))
	}
	return out
}

// are writes a number with its noun and a verb.
func are(n int, noun, one, many string) string {
	if n == 1 {
		return "1 " + noun + " " + one
	}
	return count(n, noun) + " " + many
}

// nothingStreamed says why, as far as can be told.
func (v *Verification) nothingStreamed() (text, next string) {
	got := v.Got
	switch n := got.Discarded["sample_rate"]; {
	case n > 0:
		return fmt.Sprintf(": %s not sampled", are(n, "span", "was", "were")), "run the command with traces_sample_rate=1.0"
	case len(got.Transactions) > 0:
		return "", `see to it that trace_lifecycle="stream" reaches the init() that runs`
	case got.Packed > 0:
		return ": envelopes were packed with brotli only", "let init() keep spotlight unset, or run the command without the package brotli"
	case got.Envelopes == 0:
		return ", nor anything else", "run a command that calls sentry_sdk.init() and opens spans, and let it live for a second after the last one: " +
			"a program that ends while its SDK sends loses what is under way. init(spotlight=False) with a DSN in the code hides them too"
	case len(got.Discarded) > 0:
		return ": the SDK held back " + tallyCounts(got.Discarded), "look at sampling, ignore_spans and before_send_span"
	}
	return "; other envelopes did", `run a command that opens spans, with traces_sample_rate=1.0; init(dsn="") loses them when the program ends`
}

// tally lists names, each once with how often it comes, at most five.
func tally(list []string) string {
	counts := map[string]int{}
	for _, s := range list {
		if s == "" {
			s = "(no name)"
		}
		counts[s]++
	}
	return tallyCounts(counts)
}

func tallyCounts(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if len(parts) == maxTally {
			parts = append(parts, fmt.Sprintf("%d more", len(counts)-maxTally))
			break
		}
		part := name
		if n := counts[name]; n > 1 {
			part += fmt.Sprintf(" (%d times)", n)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

const (
	maxTally = 5   // names that a sentence lists
	maxTree  = 200 // lines of the tree at the end
)

func names(spans []ReceivedSpan) []string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Name)
	}
	return out
}

// writeTree draws spans, at most max lines of them.
func writeTree(w io.Writer, spans []ReceivedSpan, max int) {
	lines := treeLines(spans)
	for i, line := range lines {
		if i == max {
			fmt.Fprintf(w, "  ... and %d more\n", len(lines)-max)
			return
		}
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// Write writes the verdict. tree draws the spans too, for where they were not
// drawn as they arrived.
func (v *Verification) Write(w io.Writer, tree bool) {
	got := v.Got
	if tree {
		writeTree(w, got.Spans, maxTree)
	}
	fmt.Fprintf(w, "%s in %s, %s, %s.\n", count(len(got.Spans)+got.Overflow, "streamed span"), count(got.segments(), "segment"),
		count(len(got.Transactions), "transaction"), count(got.Errors, "error event"))
	for _, line := range got.Unread {
		fmt.Fprintf(w, "  not read: %s\n", line)
	}
	for _, note := range v.Notes {
		fmt.Fprintf(w, "  not looked at: %s\n", note)
	}
	if len(got.Discarded) > 0 {
		fmt.Fprintf(w, "  held back by the SDK: %s\n", tallyCounts(got.Discarded))
	}
	if problems := v.Problems(); len(problems) > 0 {
		fmt.Fprintln(w, "Not verified:")
		for _, p := range problems {
			fmt.Fprintf(w, "  %s\n", wrap(p.Text, lineWidth, "    "))
			if p.Next != "" {
				fmt.Fprintf(w, "    try: %s\n", wrap(p.Next, lineWidth, "         "))
			}
		}
		return
	}
	fmt.Fprintln(w, "Verified: spans stream, no transaction is sent, and nothing is left in the code.")
	fmt.Fprintln(w, "Look at it in Sentry, after the first deployment:")
	for _, line := range lookAt(got) {
		fmt.Fprintf(w, "  - %s\n", indent2(line))
	}
	fmt.Fprintln(w, "What will look different there:")
	for _, line := range v.Changes {
		fmt.Fprintf(w, "  - %s\n", indent2(line))
	}
}

// lineWidth is where lines of a verdict are broken.
const lineWidth = 76

func indent2(text string) string { return wrap(text, lineWidth, "    ") }

// segments counts the spans at the root of their process.
func (r *Received) segments() int {
	n := 0
	for _, s := range r.Spans {
		if s.Root {
			n++
		}
	}
	return n
}

// lookAt says where in Sentry the spans of a run are found again.
func lookAt(got *Received) []string {
	var roots []string
	for _, s := range got.Spans {
		if s.Root {
			roots = append(roots, s.Name)
		}
	}
	return []string{
		"Traces: spans appear as they end, before their segment has ended. Segments of this run: " + tally(roots),
		"the number of spans, and what they cost: spans without a parent are segments of their own now",
		"alerts, dashboards and saved searches over transactions: each must move to spans",
		"the program's log: the SDK warns there about calls it ignores",
	}
}
