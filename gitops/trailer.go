package gitops

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// TrailerPrefix begins the key of every trailer of ours.
const TrailerPrefix = "Spanwalk-"

// Trailer is one of our "Spanwalk-Key: value" lines of a commit message.
//
// A value is any string. In the message, white space that is not a single blank
// between two other bytes, control characters and bytes that are not UTF-8 are
// written \xHH, and a backslash is written twice. Lines are folded at blanks
// after 72 columns; what is indented deeper than the trailer continues it.
type Trailer struct{ Key, Value string }

// foldWidth is how many bytes a line of trailers should not exceed.
const foldWidth = 72

// FormatMessage builds a commit message that git's own clean-up leaves as it
// is: the subject on one line, the body, and the trailers as last paragraph.
// Lines of subject and body that would read as a trailer get "- " before them.
func FormatMessage(subject, body string, trailers []Trailer) string {
	parts := []string{disarm(strings.Join(strings.Fields(subject), " "))}
	if body = cleanMessage(body); body != "" {
		lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
		for i := range lines {
			lines[i] = disarm(lines[i])
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	if len(trailers) > 0 {
		lines := make([]string, len(trailers))
		for i, t := range trailers {
			lines[i] = t.format()
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	return cleanMessage(strings.Join(parts, "\n\n"))
}

func disarm(line string) string {
	if _, _, _, ok := readTrailer(line); ok {
		return "- " + strings.TrimLeft(line, " \t")
	}
	return line
}

// cleanMessage does what "git commit --cleanup=whitespace" does: no blanks at
// the end of a line, no empty lines at either end, no two in a row.
func cleanMessage(text string) string {
	var out strings.Builder
	empty := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r\v\f")
		if line == "" {
			empty = true
			continue
		}
		if empty && out.Len() > 0 {
			out.WriteByte('\n')
		}
		empty = false
		out.WriteString(line + "\n")
	}
	return out.String()
}

func (t Trailer) format() string {
	var out strings.Builder
	line := t.Key + ":"
	for word := range strings.SplitSeq(escapeTrailer(t.Value), " ") {
		if len(line)+1+len(word) > foldWidth && line != t.Key+":" {
			out.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	return strings.TrimSuffix(out.String()+line, " ")
}

// escapeTrailer makes a value one line of words with single blanks.
func escapeTrailer(value string) string {
	var out strings.Builder
	for i := 0; i < len(value); {
		c, size := utf8.DecodeRuneInString(value[i:])
		switch {
		case c == '\\':
			out.WriteString(`\\`)
		case c == ' ' && !isLoneBlank(value, i), c < ' ', c == 0x7f, c == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, value[i])
		default:
			out.WriteString(value[i : i+size])
		}
		i += size
	}
	return out.String()
}

// isLoneBlank tells whether the blank at value[i] stands between two bytes that
// are no blanks.
func isLoneBlank(value string, i int) bool {
	return i > 0 && i+1 < len(value) && value[i-1] != ' ' && value[i+1] != ' '
}

// ParseTrailers returns our trailers of a message in their order. They may
// stand anywhere and be indented, because merged and squashed messages hold
// several commits' trailers.
func ParseTrailers(message string) []Trailer {
	var trailers []Trailer
	open := false // whether the line before belongs to a trailer
	depth := 0    // indent of that trailer
	for line := range strings.SplitSeq(message, "\n") {
		line = strings.TrimRight(line, " \t\r\v\f")
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if open && line != "" && indent > depth {
			last := &trailers[len(trailers)-1]
			last.Value = strings.TrimPrefix(last.Value+" "+line[indent:], " ")
			continue
		}
		var key, value string
		if key, value, depth, open = readTrailer(line); open {
			trailers = append(trailers, Trailer{key, value})
		}
	}
	for i := range trailers {
		trailers[i].Value = unescapeTrailer(trailers[i].Value)
	}
	return trailers
}

// readTrailer reads the first line of a trailer.
func readTrailer(line string) (key, value string, indent int, ok bool) {
	text := strings.TrimLeft(line, " \t")
	key, value, found := strings.Cut(text, ":")
	name, ours := strings.CutPrefix(key, TrailerPrefix)
	if !found || !ours || !isTrailerName(name) {
		return "", "", 0, false
	}
	return key, strings.TrimLeft(value, " \t"), len(line) - len(text), true
}

func isTrailerName(name string) bool {
	for _, c := range []byte(name) {
		if !isAlpha(int(c)) && !isDigit(int(c)) && c != '-' {
			return false
		}
	}
	return name != ""
}

func unescapeTrailer(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, `\\`):
			out.WriteByte('\\')
			i++
		case strings.HasPrefix(rest, `\x`) && len(rest) >= 4:
			n, err := strconv.ParseUint(rest[2:4], 16, 8)
			if err != nil {
				out.WriteByte('\\')
				continue
			}
			out.WriteByte(byte(n))
			i += 3
		default:
			out.WriteByte(text[i])
		}
	}
	return out.String()
}

// splitSubject cuts a message into its first line and the rest.
func splitSubject(message string) (subject, rest string) {
	subject, rest, _ = strings.Cut(strings.TrimLeft(message, "\n"), "\n")
	return strings.TrimRight(subject, " \t\r"), rest
}

// revertSentence is what "git revert" writes before the hash of a commit.
const revertSentence = "This reverts commit "

// reverted returns the commits a message says it reverts.
func reverted(message string) []Hash {
	var out []Hash
	for _, line := range strings.Split(message, "\n") {
		rest, ok := strings.CutPrefix(line, revertSentence)
		if !ok {
			continue
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
		if n < 0 {
			n = len(rest)
		}
		if n >= 40 {
			out = append(out, Hash(rest[:n]))
		}
	}
	return out
}
