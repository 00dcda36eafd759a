package pins

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// iniLine is a line of an option's value in a configparser file.
type iniLine struct {
	section, key string
	start, end   int
	alone        bool // the value has this line only, beside its key
}

var toxFactors = regexp.MustCompile(`^[A-Za-z0-9_.,{}!-]+:\s+`)

// ini reads setup.cfg's setuptools lists and tox's deps.
func (f *finder) ini() error {
	lines, err := f.iniLines()
	if err != nil {
		return err
	}
	tox := path.Base(f.path) == "tox.ini"
	for _, l := range lines {
		switch {
		case !tox && l.requires():
			f.setupList(l)
		case l.key == "deps" && strings.Contains(l.section, "testenv"):
			start, _ := f.trim(l.start, l.end)
			if at := toxFactors.FindIndex(f.src[start:l.end]); at != nil {
				start += at[1]
			}
			f.addRequirement(start, l.end, Pin{Kind: Tox, Group: l.section + ".deps"})
		}
	}
	return nil
}

// requires reports whether the line belongs to a list of requirements.
func (l iniLine) requires() bool {
	switch l.section {
	case "options":
		return l.key == "install_requires" || l.key == "setup_requires" || l.key == "tests_require"
	case "options.extras_require":
		return true
	}
	return false
}

// setupList adds the requirements of one line. A list on the line of its key
// is separated by semicolons; elsewhere a semicolon begins a marker.
func (f *finder) setupList(l iniLine) {
	p := Pin{Kind: SetupCfg, Group: l.section + "." + l.key}
	if !l.alone {
		f.addRequirement(l.start, l.end, p)
		return
	}
	for at := l.start; at <= l.end; {
		end := l.end
		if i := bytes.IndexByte(f.src[at:l.end], ';'); i >= 0 {
			end = at + i
		}
		f.addRequirement(at, end, p)
		at = end + 1
	}
}

// iniLines splits a file as configparser does: sections in brackets, options
// at the margin, their values continued on indented lines.
func (f *finder) iniLines() ([]iniLine, error) {
	var lines []iniLine
	var section, key string
	first := -1 // the key's own line in lines, while nothing continues it
	for at := f.base; at < len(f.src); {
		start := at
		end, next := lineEnd(f.src, at)
		at = next
		body := f.src[start:end]
		trimmed := bytes.TrimSpace(body)
		if len(trimmed) == 0 || trimmed[0] == '#' || trimmed[0] == ';' {
			continue
		}
		if i := commentStart(body); i > 0 {
			end = start + i
			body = body[:i]
		}
		switch {
		case isBlank(body[0]) && key != "":
			if first >= 0 {
				lines[first].alone = false
			}
			first = -1
			lines = append(lines, iniLine{section: section, key: key, start: start, end: end})
		case trimmed[0] == '[':
			section, key = strings.Trim(string(bytes.TrimSpace(body)), "[]"), ""
		default:
			i := bytes.IndexAny(body, "=:")
			if i <= 0 || section == "" {
				line, _ := f.place(start)
				return nil, fmt.Errorf("%s:%d: is neither a section nor an option: put it right and run again", f.path, line)
			}
			key = strings.ToLower(strings.TrimSpace(string(body[:i])))
			first = len(lines)
			lines = append(lines, iniLine{section: section, key: key, start: start + i + 1, end: end, alone: true})
		}
	}
	return lines, nil
}
