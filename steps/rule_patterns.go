package steps

import (
	"regexp"
	"strings"

	"spanwalk/rewrite"
)

func joinText(quote, before, middle, after string) string {
	if before != "" {
		middle = quote + before + quote + " + " + middle
	}
	if after != "" {
		middle += " + " + quote + after + quote
	}
	return middle
}

// compile writes re.compile(), case-insensitive where the filter was.
func (f *eventFilter) compile(pattern string, p predicate) string {
	call := rewrite.NameRef("re.compile", "") + "(" + pattern
	if p.subject.fold {
		call += ", " + rewrite.NameRef("re.IGNORECASE", "")
	}
	return strings.ReplaceAll(call, "re.escape(part)", rewrite.NameRef("re.escape", "")+"(part)") + ")"
}

func compileText(quote, pattern string) string {
	return rewrite.NameRef("re.compile", "") + "(" + rawString(quote, pattern) + ")"
}

// rawString writes a pattern as a string literal.
func rawString(quote, text string) string {
	prefix := ""
	if strings.Contains(text, `\`) {
		prefix = "r"
	}
	if strings.Contains(text, quote) {
		quote = map[string]string{`"`: `'`, `'`: `"`}[quote]
	}
	return prefix + quote + text + quote
}

var inlineFlags = regexp.MustCompile(`^\(\?[aiLmsux]+\)`)

// pattern turns match() and search() into the full match that a rule is.
func (f *eventFilter) pattern(p predicate) string {
	method, expr := p.values[0], p.values[1]
	flags := ""
	if len(p.values) > 2 {
		flags = ", " + p.values[2]
	}
	if len(p.texts) == 1 && p.texts[0] != "" {
		if strings.HasSuffix(flags, ".flags") {
			flags = ""
		}
		return rewrite.NameRef("re.compile", "") + "(" + rawString(f.quote(), fullPattern(method, p.texts[0])) + flags + ")"
	}
	if method == "fullmatch" {
		return strings.TrimSuffix(expr, ".pattern")
	}
	q := f.quote()
	before := q + "(?:" + q
	if method == "search" {
		before = q + ".*(?:" + q
	}
	return rewrite.NameRef("re.compile", "") + "(" + before + " + " + expr + " + " + q + ").*" + q + flags + ")"
}

// fullPattern is a pattern whose full match is what method found in the text.
func fullPattern(method, p string) string {
	if method == "fullmatch" {
		return p
	}
	flags := inlineFlags.FindString(p)
	p = p[len(flags):]
	if strings.Contains(p, "|") {
		p = "(?:" + p + ")"
	}
	if method == "search" {
		if rest, ok := strings.CutPrefix(p, "^"); ok {
			p = rest
		} else if !strings.HasPrefix(p, ".*") {
			p = ".*" + p
		}
	}
	p = strings.TrimPrefix(p, "^")
	if rest, ok := strings.CutSuffix(p, "$"); ok && !strings.HasSuffix(rest, `\`) {
		return flags + rest
	}
	if !strings.HasSuffix(p, ".*") {
		p += ".*"
	}
	return flags + p
}
