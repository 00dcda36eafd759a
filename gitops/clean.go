package gitops

import (
	"bytes"
	"strings"
)

// lineEnds is what git does to CRLF when it stores a file.
type lineEnds int

const (
	keepLineEnds lineEnds = iota
	autoLineEnds          // CRLF becomes LF in what looks like text and had no CRLF stored before
	toLF                  // CRLF becomes LF
)

// lineEndsOf reads the attributes text, crlf (its old name) and eol, and
// core.autocrlf where they are silent.
func (r *Repo) lineEndsOf(attrs map[string]attribute) lineEnds {
	text, given := attrs["text"]
	if !given || text == (attribute{}) {
		text = attrs["crlf"]
	}
	eol := attrs["eol"].value
	switch {
	case text.unset:
		return keepLineEnds
	case text.value == "auto":
		return autoLineEnds
	case text.set || eol == "lf" || eol == "crlf":
		return toLF
	case strings.EqualFold(r.config.str("core.autocrlf"), "input") || r.config.boolean("core.autocrlf", false):
		return autoLineEnds
	}
	return keepLineEnds
}

// converts tells whether content gets its CRLF changed; stored is what the
// index holds now, nil for a new file.
func (l lineEnds) converts(content, stored []byte) bool {
	switch l {
	case toLF:
		return true
	case autoLineEnds:
		return !looksBinary(content) && !bytes.Contains(stored, []byte("\r\n"))
	}
	return false
}

// withLF is the conversion.
func withLF(content []byte) []byte {
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}

// looksBinary is git's guess: a NUL, a CR alone, or more than one control
// character in 128.
func looksBinary(content []byte) bool {
	printable, control := 0, 0
	for i, c := range content {
		switch {
		case c == 0, c == '\r' && (i+1 == len(content) || content[i+1] != '\n'):
			return true
		case c == '\r' || c == '\n':
		case c == 0x7f, c < 0x20 && !bytes.ContainsRune([]byte("\b\t\x1b\f"), rune(c)):
			control++
		default:
			printable++
		}
	}
	if len(content) > 0 && content[len(content)-1] == 0x1a {
		control-- // an end-of-file mark of old
	}
	return printable>>7 < control
}

// filterReason tells why git would store something else than a file's bytes;
// empty if it would not.
func (r *Repo) filterReason(attrs map[string]attribute, content []byte) string {
	if driver := attrs["filter"].value; driver != "" && r.hasDriver(driver) {
		return "the filter " + driver + " changes its content on the way into the repository"
	}
	encoding := attrs["working-tree-encoding"].value
	if encoding != "" && !strings.EqualFold(encoding, "utf-8") && !strings.EqualFold(encoding, "utf8") {
		return "git converts it from " + encoding + " (working-tree-encoding)"
	}
	if attrs["ident"].set && (bytes.Contains(content, []byte("$Id$")) || bytes.Contains(content, []byte("$Id:"))) {
		return "git expands $Id$ in it (attribute ident)"
	}
	return ""
}

func (r *Repo) hasDriver(name string) bool {
	for _, key := range []string{".clean", ".process", ".smudge"} {
		if r.config.str("filter."+name+key) != "" {
			return true
		}
	}
	return r.config.boolean("filter."+name+".required", false)
}
