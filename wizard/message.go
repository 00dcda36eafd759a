package wizard

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"spanwalk/gitops"
	"spanwalk/rewrite"
	"spanwalk/steps"
)

// bodyWidth is where lines of a commit body are broken.
const bodyWidth = 72

// maxListed is how many places a commit body names one by one.
const maxListed = 12

// subject returns the commit's first line.
func subject(step *steps.Step) string {
	r, n := utf8.DecodeRuneInString(step.Title)
	return string(unicode.ToUpper(r)) + step.Title[n:]
}

// body says what a commit changed, what it left and why, and how many places
// raise or go silent until later steps have run.
func body(plan *steps.Plan, mixed int) string {
	var parts []string
	left := plan.Left()
	head := fmt.Sprintf("%s in %s.", count(applied(plan), "place"), count(len(plan.Files), "file"))
	if len(left) > 0 {
		head += fmt.Sprintf(" %d left alone:", len(left))
	}
	parts = append(parts, wrap(head, bodyWidth, ""))
	if len(left) > 0 {
		parts[0] += "\n" + listLeft(left)
	}
	if s := mixedSentence(mixed); s != "" {
		parts = append(parts, wrap(s, bodyWidth, ""))
	}
	return strings.Join(parts, "\n\n")
}

// mixedSentence says in words what mixed code does.
func mixedSentence(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 place raises or goes silent until the later steps have run."
	}
	return fmt.Sprintf("%d places raise or go silent until the later steps have run.", n)
}

func applied(plan *steps.Plan) int {
	n := 0
	for _, f := range plan.Findings {
		if f.Applied {
			n++
		}
	}
	return n
}

// listLeft names the places left alone, each with its reason.
func listLeft(left []steps.Planned) string {
	var lines []string
	for i, f := range left {
		if i == maxListed && len(left) > maxListed+1 {
			lines = append(lines, fmt.Sprintf("- and %d more", len(left)-i))
			break
		}
		lines = append(lines, wrap(fmt.Sprintf("- %s: %s", position(f.Path, f.Line), reason(f)), bodyWidth, "  "))
	}
	return strings.Join(lines, "\n")
}

// reason says why a finding was not applied.
func reason(f steps.Planned) string {
	switch f.Tier {
	case steps.Safe:
		return "left by decision"
	case steps.Review:
		return "to be reviewed: " + f.Message
	}
	return f.Message
}

// position writes a place in a file.
func position(path string, line int) string { return fmt.Sprintf("%s:%d", path, line) }

// lineColumn returns the 1-based line and column, in bytes, of an offset in any
// file of the project.
func lineColumn(project *rewrite.Project, path string, offset int) (line, column int) {
	if f := project.File(path); f != nil {
		return f.Line(min(offset, len(f.Source)))
	}
	data := project.Other(path)
	before := string(data[:min(offset, len(data))])
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// wrap breaks text at spaces so that lines fit the width where words allow it;
// further lines begin with indent.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// trailers returns what makes a commit part of the ledger.
func trailers(plan *steps.Plan, given steps.Decisions, version string) []gitops.Trailer {
	out := []gitops.Trailer{{Key: trailerStep, Value: plan.Step.Name}}
	for _, d := range recorded(plan, given) {
		out = append(out, gitops.Trailer{Key: trailerDecision, Value: d})
	}
	return append(out, gitops.Trailer{Key: trailerVersion, Value: version})
}

// recorded returns the decisions a plan rests on as they go into trailers,
// sorted: those that were given as they were given, recommended ones by place.
// One recommended option at many places is one line, marked as such.
func recorded(plan *steps.Plan, given steps.Decisions) []string {
	var out []string
	byDefault := map[string][]steps.Decision{}
	for _, d := range plan.Used {
		if d.Where == "" || holdsDecision(given, d) {
			out = append(out, d.String())
		} else {
			byDefault[d.Question] = append(byDefault[d.Question], d)
		}
	}
	for question, list := range byDefault {
		if option, same := unanimous(list); same && len(list) > maxListed {
			out = append(out, fmt.Sprintf("%s = %s (recommended, %d places)", question, option, len(list)))
			continue
		}
		for _, d := range list {
			out = append(out, d.String())
		}
	}
	for _, d := range applyDecisions(plan, given) {
		if !idle(plan, d) {
			out = append(out, d.String())
		}
	}
	for _, d := range accepted(plan, given) {
		out = append(out, d.String())
	}
	sort.Strings(out)
	return out
}

// accepted returns a decision for each change of tier review that was made
// without one, because all of them were accepted: replayed, it is made again.
func accepted(plan *steps.Plan, given steps.Decisions) []steps.Decision {
	var out []steps.Decision
	for _, f := range plan.Findings {
		if _, decided := f.Decision(given); f.Applied && f.Tier == steps.Review && !decided {
			out = append(out, steps.Decision{Question: steps.Apply, Where: f.Key, Option: "yes"})
		}
	}
	return out
}

func unanimous(list []steps.Decision) (option string, same bool) {
	for _, d := range list {
		if d.Option != list[0].Option {
			return "", false
		}
	}
	return list[0].Option, true
}

// idle reports whether a decision about one place says what would have happened
// anyway: yes to a safe change.
func idle(plan *steps.Plan, d steps.Decision) bool {
	return d.Option == "yes" && slices.ContainsFunc(plan.Findings, func(f steps.Planned) bool {
		return d.Where != "" && (f.Key == d.Where || f.Former == d.Where) && f.Tier == steps.Safe
	})
}

// applyDecisions returns the given decisions about findings of the plan
// themselves.
func applyDecisions(plan *steps.Plan, given steps.Decisions) []steps.Decision {
	var out []steps.Decision
	for _, f := range plan.Findings {
		if d, ok := f.Decision(given); ok {
			out = append(out, d)
		}
	}
	return steps.NewDecisions(out...).List()
}
