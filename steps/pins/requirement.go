package pins

import (
	"regexp"
	"strings"
)

// mention finds the package's name in any spelling PEP 503 normalises. A file
// without it is not parsed at all.
var mention = regexp.MustCompile(`(?i)sentry[-_.]+sdk`)

var requirementName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`)

// isSDK reports whether a name, in any spelling, is the package's.
func isSDK(name string) bool {
	m := mention.FindStringIndex(name)
	return m != nil && m[0] == 0 && m[1] == len(name)
}

// requirement is a PEP 508 requirement of the package; offsets count from the
// start of its text.
type requirement struct {
	name               string
	extras             []string
	specStart, specEnd int // without the parentheses that may stand around it
	url                string
	marker             string
}

// parseRequirement reads a requirement of sentry-sdk. ok is false for those of
// other packages and for prose. The specifier's inside is not looked at.
func parseRequirement(text string, d dialect) (r requirement, ok bool) {
	at := 0
	if d == conda {
		// Have: "conda-forge::sentry-sdk".
		if i := strings.Index(text, "::"); i >= 0 {
			at = i + 2
		}
	}
	r.name = requirementName.FindString(text[at:])
	if !isSDK(r.name) {
		return r, false
	}
	r.specStart = at + len(r.name)
	at = skipBlanks(text, r.specStart)
	if at < len(text) && text[at] == '[' {
		end := strings.IndexByte(text[at:], ']')
		if end < 0 {
			return r, false
		}
		r.extras = splitExtras(text[at+1 : at+end])
		r.specStart = at + end + 1
		at = skipBlanks(text, r.specStart)
	}
	r.specEnd = r.specStart
	return r, r.tail(text, at, d)
}

// tail reads what follows name and extras.
func (r *requirement) tail(text string, at int, d dialect) bool {
	if at == len(text) {
		return true
	}
	if text[at] == '@' {
		r.url, r.marker, _ = strings.Cut(text[at+1:], " ;")
		r.url, r.marker = strings.TrimSpace(r.url), strings.TrimSpace(r.marker)
		return true
	}
	end := len(text)
	if i := strings.IndexByte(text[at:], ';'); i >= 0 {
		end = at + i
		r.marker = strings.TrimSpace(text[end+1:])
	}
	body := strings.TrimRight(text[at:end], " \t")
	if body == "" {
		return true
	}
	if strings.HasPrefix(body, "(") && strings.HasSuffix(body, ")") {
		body = body[1 : len(body)-1]
		at++
	}
	r.specStart = at
	r.specEnd = at + len(body)
	return body == "" || strings.IndexByte("<>=!~", body[0]) >= 0 || d == conda || isBlank(body[0])
}

func skipBlanks(text string, at int) int {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	return at
}

func splitExtras(list string) []string {
	var extras []string
	for _, e := range strings.Split(list, ",") {
		if e = strings.TrimSpace(e); e != "" {
			extras = append(extras, e)
		}
	}
	return extras
}

var joint = regexp.MustCompile(`\\\r?\n|\\\r`)

// unjoin blanks the joints of continued lines, keeping the length.
func unjoin(text string) string {
	return joint.ReplaceAllStringFunc(text, func(j string) string { return strings.Repeat(" ", len(j)) })
}

// oneLine returns text without joints and with single blanks, for messages.
func oneLine(text string) string { return strings.Join(strings.Fields(unjoin(text)), " ") }
