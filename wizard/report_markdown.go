package wizard

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Markdown writes the report for the text of a pull request.
func (r *Report) Markdown(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# Sentry tracing: transactions become streamed spans\n\n")
	for _, line := range r.summary() {
		b.WriteString("- " + markdown(line) + "\n")
	}
	r.writeCommits(&b)
	r.writeDecisions(&b)
	if len(r.Commits) > 0 {
		heading(&b, "What will look different in Sentry")
		for _, line := range r.Changes {
			b.WriteString("- " + markdown(line) + "\n")
		}
	}
	r.writeServer(&b)
	r.writeLeft(&b)
	writeRemarks(&b, "Remarks", "", r.Remarks)
	writePlaces(&b, "Silenced on purpose", "", r.Silenced)
	r.writeMixed(&b)
	writeRemarks(&b, "Before sentry-sdk 3.0", "These run on 2.x; 3.0 rejects or ignores them.\n\n", r.Blockers)
	writePlaces(&b, "Comments to read again", "They stand near changed places and speak of transactions. They were not edited.", r.Comments)
	r.writeOwners(&b)
	if len(r.Notes) > 0 {
		heading(&b, "Not read")
		for _, n := range r.Notes {
			b.WriteString("- " + markdown(n.String()) + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// summary is the report in a few sentences.
func (r *Report) summary() []string {
	if len(r.Commits) == 0 && len(r.Pending)+len(r.Left) == 0 {
		return []string{firstLine(nothing(r.Sentry))}
	}
	places, files := 0, map[string]bool{}
	for _, c := range r.Commits {
		places += c.Places
		for _, f := range c.Files {
			files[f.Path] = true
		}
	}
	out := []string{
		fmt.Sprintf("%d of %d items of the checklist are done", len(r.Status.Items)-r.Status.Left(), len(r.Status.Items)),
		fmt.Sprintf("%s, %s changed in %s", count(len(r.Commits), "commit"), count(places, "place"), count(len(files), "file")),
	}
	if n := len(r.Left); n > 0 {
		out = append(out, fmt.Sprintf("%s left to a person", are(n, "place", "is", "are")))
	}
	if n := len(r.Pending); n > 0 {
		out = append(out, fmt.Sprintf("%s not been run to the end: spanwalk migrate --yes", are(n, "step", "has", "have")))
	}
	if n := len(r.Status.Mixed); n > 0 {
		out = append(out, "do not deploy this tree yet: "+are(n, "place", "raises or goes silent", "raise or go silent"))
	}
	if r.Proof != "" {
		out = append(out, "proven: "+r.Proof)
	} else {
		out = append(out, "not proven by a run yet: spanwalk verify -- COMMAND")
	}
	return out
}

func heading(b *bytes.Buffer, text string) { fmt.Fprintf(b, "\n## %s\n\n", text) }

func (r *Report) writeCommits(b *bytes.Buffer) {
	if len(r.Commits) == 0 {
		return
	}
	heading(b, "Commits")
	b.WriteString("| commit | step | places | files | take it back |\n|---|---|--:|--:|---|\n")
	for _, c := range r.Commits {
		fmt.Fprintf(b, "| %s | %s: %s | %d | %d | %s |\n", c.Hash.Short(), code(strings.Join(c.Steps, ", ")), markdown(c.Subject),
			c.Places, len(c.Files), code("spanwalk revert "+c.Steps[len(c.Steps)-1]))
	}
}

func (r *Report) writeDecisions(b *bytes.Buffer) {
	if len(r.Decisions)+len(r.Kept)+len(r.Skipped) == 0 {
		return
	}
	heading(b, "Decisions")
	last := ""
	for _, d := range r.Decisions {
		if title := d.Step + d.Question + d.Prompt; title != last {
			if last != "" {
				b.WriteString("\n")
			}
			last = title
			fmt.Fprintf(b, "**%s** (%s, %s)\n%s\n", markdown(d.Prompt), code(d.Question), code(d.Step), paragraph(d.Why))
		}
		b.WriteString("- " + markdown(d.Taken()) + "\n")
		for i, p := range d.Places {
			if i == maxListed && len(d.Places) > maxListed+1 {
				fmt.Fprintf(b, "  - and %d more\n", len(d.Places)-i)
				break
			}
			b.WriteString("  - " + code(p.Position()) + p.within() + p.about() + "\n")
		}
	}
	if last != "" && len(r.Kept)+len(r.Skipped) > 0 {
		b.WriteString("\n")
	}
	for _, d := range r.Kept {
		fmt.Fprintf(b, "- answered, in no commit yet: %s\n", code(d.Assignment()))
	}
	for _, step := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(b, "- %s was skipped: %s\n", code(step), markdown(r.Skipped[step]))
	}
}

// paragraph writes a sentence as a paragraph of its own, "" as nothing.
func paragraph(text string) string {
	if text == "" {
		return ""
	}
	return "\n" + markdown(text) + "\n"
}

// Taken says which option was taken, what that means, and what was recommended.
func (d ReportDecision) Taken() string {
	text := d.Option.Text
	if d.Option.Recommended {
		text += " (recommended)"
	}
	if d.Option.Consequence != "" {
		text += ": " + d.Option.Consequence
	}
	if d.Default != "" {
		text += ". Recommended was: " + d.Default
	}
	return text
}

// within names the function around a place.
func (p ReportPlace) within() string {
	if p.In == "" {
		return ""
	}
	return " in " + code(p.In)
}

// about says what was asked at a place where that is not what the heading says.
func (p ReportPlace) about() string {
	if p.Message == "" {
		return ""
	}
	return ": " + markdown(p.Message)
}

func (r *Report) writeServer(b *bytes.Buffer) {
	if len(r.Server) == 0 {
		return
	}
	heading(b, "To set up on the server")
	b.WriteString("These filters left the code: only the end of a root could decide them.\n")
	for _, rule := range r.Server {
		fmt.Fprintf(b, "\n### %s\n\n%s", code(rule.Key), rule.Text())
	}
}

func (r *Report) writeLeft(b *bytes.Buffer) {
	if len(r.Pending)+len(r.Left) == 0 {
		return
	}
	heading(b, "Left")
	for _, p := range r.Pending {
		fmt.Fprintf(b, "- %s: %s not been changed yet\n", code(p.Step), are(p.Places, "safe place", "has", "have"))
	}
	listPlaces(b, r.Left)
}

// writePlaces writes a section with a list, nothing for an empty one.
func writePlaces(b *bytes.Buffer, title, why string, list []ReportPlace) {
	if len(list) == 0 {
		return
	}
	heading(b, title)
	if why != "" {
		b.WriteString(why + "\n\n")
	}
	listPlaces(b, list)
}

func listPlaces(b *bytes.Buffer, list []ReportPlace) {
	for _, p := range list {
		text := markdown(p.Text())
		if p.Tier == "" {
			text = code(p.Message) // a comment
		}
		fmt.Fprintf(b, "- %s %s\n", code(p.Position()), text)
	}
}

// Text is what is said about a place: its tier, its message and the reason.
func (p ReportPlace) Text() string {
	if p.Tier == "" {
		return p.Message // a comment
	}
	text := p.Step + ", " + string(p.Tier) + ": " + p.Message
	if p.Reason != "" {
		text += " (" + p.Reason + ")"
	}
	return text
}

func (r *Report) writeMixed(b *bytes.Buffer) {
	if len(r.Status.Mixed) == 0 {
		return
	}
	heading(b, "Do not deploy this tree yet")
	b.WriteString(nowMixed(len(r.Status.Mixed)) + "\n\n")
	for _, m := range r.Status.Mixed {
		fmt.Fprintf(b, "- %s %s\n", code(fmt.Sprintf("%s:%d", m.Path, m.Line)), markdown(m.Message))
	}
}

func (r *Report) writeOwners(b *bytes.Buffer) {
	if len(r.Owners) == 0 {
		return
	}
	heading(b, "Who looks at what")
	for _, o := range r.Owners {
		var files []string
		for _, path := range o.Summary() {
			files = append(files, code(path))
		}
		fmt.Fprintf(b, "- %s: %s\n", code(o.Name), strings.Join(files, ", "))
	}
}
