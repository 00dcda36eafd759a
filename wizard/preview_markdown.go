package wizard

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// maxComment is how long a comment may be on the usual forges, in bytes; a diff
// that does not fit any more is left out.
const maxComment = 60_000

// WriteMarkdown writes a table of the steps that have work and their diffs,
// folded, for a comment on a pull request. sentry says whether the tree uses
// the SDK at all.
func (p *Preview) WriteMarkdown(w io.Writer, sentry bool) error {
	var b bytes.Buffer
	b.WriteString("### spanwalk: what the steps would change\n\n")
	if !p.Work() {
		b.WriteString(markdown(firstLine(nothing(sentry))) + "\n")
		_, err := w.Write(b.Bytes())
		return err
	}
	b.WriteString("| step | changes | files | left: review | left: manual | undecided |\n|---|--:|--:|--:|--:|--:|\n")
	for _, plan := range p.Plans {
		review, manual := leftByTier(plan)
		if applied(plan)+review+manual+len(plan.Open) > 0 {
			fmt.Fprintf(&b, "| `%s` | %d | %d | %d | %d | %d |\n", plan.Step.Name, applied(plan), len(plan.Files), review, manual, len(plan.Open))
		}
	}
	for _, plan := range p.Plans {
		markdownStep(&b, plan)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// leftByTier counts the places a plan leaves open. A safe change that was
// declined is for review.
func leftByTier(plan *steps.Plan) (review, manual int) {
	for _, f := range withoutQuestion(plan) {
		if f.Tier == steps.Manual {
			manual++
		} else {
			review++
		}
	}
	return review, manual
}

// markdownStep writes what one step changes and leaves.
func markdownStep(b *bytes.Buffer, plan *steps.Plan) {
	if len(plan.Files) > 0 {
		var diff bytes.Buffer
		for _, f := range plan.Files {
			diff.Write(rewrite.Unified(f.Path, f.Before, f.After))
		}
		fmt.Fprintf(b, "\n<details><summary><code>%s: %s</code></summary>\n\n", plan.Step.Name, html.EscapeString(subject(plan.Step)))
		if b.Len()+diff.Len() > maxComment {
			fmt.Fprintf(b, "The diff is too long for a comment: `spanwalk preview %s`\n", plan.Step.Name)
		} else {
			b.WriteString(fenced("diff", diff.String()))
		}
		b.WriteString("\n</details>\n")
	}
	left := withoutQuestion(plan)
	if len(left)+len(plan.Open) == 0 {
		return
	}
	fmt.Fprintf(b, "\nLeft by `%s`:\n\n", plan.Step.Name)
	for _, f := range left {
		fmt.Fprintf(b, "- %s %s: %s\n", code(position(f.Path, f.Line)), f.Tier, markdown(f.Message))
	}
	for _, q := range plan.Open {
		at := ""
		if q.Path != "" {
			at = code(position(q.Path, q.Line)) + " "
		}
		fmt.Fprintf(b, "- %sundecided: %s %s\n", at, markdown(q.Prompt), code("--answer "+questionKey(q)+"="+optionIDs(q)))
	}
}

// fenced writes a block of code; its fence is longer than any in the text.
func fenced(language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.TrimSuffix(text, "\n") + "\n" + fence + "\n"
}

// code writes text as inline code.
func code(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	tick := "`"
	for strings.Contains(text, tick) {
		tick += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return tick + text + tick
}

// markdown writes a text for a person so that nothing in it is taken for
// markup, a mention or a number of an issue.
func markdown(text string) string {
	var b strings.Builder
	for i, word := range strings.Fields(text) {
		if i > 0 {
			b.WriteByte(' ')
		}
		switch {
		case strings.ContainsAny(word, "@#`~|_*"):
			head, tail := punctuation(word)
			b.WriteString(escapeMarkdown(word[:head]) + code(word[head:len(word)-tail]) + escapeMarkdown(word[len(word)-tail:]))
		default:
			b.WriteString(escapeMarkdown(word))
		}
	}
	return b.String()
}

// punctuation returns how many bytes of punctuation stand around a word.
func punctuation(word string) (head, tail int) {
	inner := strings.TrimLeft(word, `("'`)
	head = len(word) - len(inner)
	rest := strings.TrimRight(inner, `"',.:;?`)
	if strings.Count(rest, "(") < strings.Count(rest, ")") {
		rest = strings.TrimRight(rest, ")")
	}
	if rest == "" {
		return 0, 0
	}
	return head, len(inner) - len(rest)
}

// escapeMarkdown escapes what means something in Markdown.
func escapeMarkdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "[", `\[`, "]", `\]`, "`", "\\`", "|", `\|`).Replace(text)
}
