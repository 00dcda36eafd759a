package pins

import (
	"regexp"
	"strings"
)

var (
	installCommand = regexp.MustCompile(`(?i)\b(?:pip[0-9.]*|pipx|pipenv|uv|poetry|pdm|conda|mamba|micromamba)["',\s]+` +
		`(?:[^\n;&|]*?[\s"',])?(?:install|add|inject)\b`)
	shellWord = regexp.MustCompile(`"[^"\n]*"|'[^'\n]*'|[^\s"',()]+(?:\[[^\]\s]*\])?[^\s"'()]*`)
)

// commands reads the install commands of a Dockerfile or a CI file, line by
// line with continued lines joined; comments are left out.
func (f *finder) commands() error {
	p := Pin{Kind: CI, Group: "install command"}
	if dockerName.MatchString(baseName(f.path)) {
		p.Kind = Docker
	}
	for _, l := range shellLines(f.src, f.base) {
		for _, at := range installCommand.FindAllStringIndex(l.mask, -1) {
			f.installed(l, at[1], p)
		}
	}
	return nil
}

func baseName(file string) string { return file[strings.LastIndexByte(file, '/')+1:] }

// installed adds the requirements among the words of a command.
func (f *finder) installed(l textLine, from int, p Pin) {
	for _, w := range shellWord.FindAllStringIndex(l.mask[from:], -1) {
		start, end := from+w[0], from+w[1]
		word := l.mask[start:end]
		if word[0] == '"' || word[0] == '\'' {
			f.addRequirement(l.start+start+1, l.start+end-1, p)
			continue
		}
		stop := strings.IndexAny(word, ";|&#")
		if stop >= 0 {
			end = start + stop
		}
		f.addRequirement(l.start+start, l.start+end, p)
		if stop >= 0 {
			return
		}
	}
}

// shellLines joins lines that end in a backslash and blanks comment lines,
// also those between continued lines.
func shellLines(src []byte, from int) []textLine {
	var lines []textLine
	for at := from; at < len(src); {
		start := at
		var mask strings.Builder
		for more := true; more && at < len(src); {
			end, next := lineEnd(src, at)
			body := string(src[at:end])
			trimmed := strings.TrimSpace(body)
			switch {
			case strings.HasPrefix(trimmed, "#"):
				body = strings.Repeat(" ", len(body))
				more = at > start
			case strings.HasSuffix(body, `\`):
				body = body[:len(body)-1] + " "
			default:
				more = false
			}
			mask.WriteString(body + strings.Repeat(" ", next-end))
			at = next
		}
		lines = append(lines, textLine{start: start, mask: mask.String()})
	}
	return lines
}
