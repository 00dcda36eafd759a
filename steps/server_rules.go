package steps

import (
	"encoding/json"
	"strings"

	"spanwalk/rewrite"
)

// ServerRule is what stands in on the server for a filter on late data that
// was decided to be "server-side".
type ServerRule struct {
	Key        string // of the site, as in [Question.Key]
	Path       string // relative to the repository root, with slashes
	Start, End int    // byte offsets of the filter in the file
	Reads      string // what it reads that only the end of a root knows, such as "the duration"
	Condition  string // what it dropped, in words, on one line
	Filter     string // the same as a generic filter of Relay, in indented JSON; "" where Relay cannot tell
	Missing    string // why Filter is empty, "" otherwise
}

// ServerRules returns a rule for each filter on late data of the project that
// decisions send to the server, by file and offset. The project is the one that
// the step late-filters saw, such as the parent of its commit: afterwards the
// filters are gone. It reads nothing else and changes nothing.
func ServerRules(project *rewrite.Project, decisions Decisions) []ServerRule {
	p := &Pass{Step: LateFilters, Project: project, decisions: decisions, world: newWorld(project)}
	var out []ServerRule
	for _, s := range p.lateSites() {
		if d, ok := decisions.Find("late-filter", s.drop.place.File.Path, s.key); ok && d.Option == "server-side" {
			out = append(out, s.serverRule())
		}
	}
	return out
}

// Text is the ready text for a report, in Markdown: what to set up, where, and
// what it does otherwise than the filter did. It ends in a line end.
func (r ServerRule) Text() string {
	var b strings.Builder
	b.WriteString("Drop root spans where " + r.Condition + ".\n\n")
	b.WriteString("Sentry's own inbound filters (Project Settings > Inbound Filters) know health checks, releases and IP addresses of spans, " +
		"and cannot test " + r.Reads + ". ")
	if r.Filter == "" {
		b.WriteString("Neither can the generic filters of Relay: " + r.Missing + ". Lower the sample rate of these roots instead, or accept that they are sent.\n")
		return b.String()
	}
	b.WriteString("Where the project configuration of Relay is yours (self-hosted Sentry, a Relay of your own), " +
		"this entry of `filterSettings.generic.filters` can:\n\n```json\n" + r.Filter + "\n```\n\n")
	b.WriteString("It drops the root alone, which it knows by its source (an attribute that every root carries from sentry-sdk 2.67.0 on); " +
		"the spans below it are kept and billed.\n")
	return b.String()
}

// Line is the text in one line, for messages.
func (r ServerRule) Line() string {
	if r.Filter == "" {
		return "drop root spans where " + r.Condition + " (no filter of Sentry or Relay can: " + r.Missing + ")"
	}
	return "drop root spans where " + r.Condition + " (a generic filter of Relay; the report has it as JSON)"
}

// serverRule translates the tests of a late drop.
func (s lateSite) serverRule() ServerRule {
	place := s.drop.place
	r := ServerRule{Key: s.key, Path: place.File.Path, Start: place.Start, End: place.End, Reads: s.late}
	var words []string
	var all []relayCondition
	for _, t := range normal(s.drop.tests) {
		w, c, missing := s.filter.relayTest(t)
		if s.drop.loop != nil {
			missing = "the filter loops over " + oneLine(s.drop.loop.Child("right").Text())
		}
		words = append(words, w)
		switch {
		case missing != "":
			r.Missing = missing
		case c != nil:
			all = append(all, *c)
		}
	}
	r.Condition = strings.Join(words, " and ")
	if r.Missing == "" {
		r.Filter = genericFilter(s.key, relayCondition{Op: "and", Inner: append([]relayCondition{isRoot()}, all...)})
	}
	return r
}

// isRoot holds for root spans only: Relay has no field for that, but no other
// span carries the source of its name.
func isRoot() relayCondition {
	return relayCondition{Op: "not", Inner: &relayCondition{Op: "eq", Name: relayField("transaction_info.source"), Value: null{}}}
}

// genericFilter is an entry of Relay's filterSettings.generic.filters. Its ID
// shows in Sentry as the reason for which a span was dropped.
func genericFilter(key string, c relayCondition) string {
	_, site, _ := strings.Cut(key, "::")
	entry := struct {
		ID        string         `json:"id"`
		Enabled   bool           `json:"isEnabled"`
		Condition relayCondition `json:"condition"`
	}{"spanwalk-" + strings.Trim(notInKeys.ReplaceAllString(site, "-"), "-"), true, c}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(entry); err != nil {
		return ""
	}
	return strings.TrimRight(b.String(), "\n")
}

// oneLine closes up the white space of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
