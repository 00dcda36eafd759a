package wizard

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// ownersFiles are where forges look for owners, in their order.
var ownersFiles = []string{".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// owners is a CODEOWNERS file: rules by section, of which there is one without a
// name. In each section the last rule that matches a file says who owns it.
type owners struct {
	sections []ownerSection
}

type ownerSection struct {
	name  string // "" for rules above any heading
	who   []string
	rules []ownerRule
}

type ownerRule struct {
	pattern string
	who     []string
}

// readOwners reads the project's CODEOWNERS file; there need not be one.
func (w *Walk) readOwners() (*owners, error) {
	for _, name := range ownersFiles {
		data, err := w.worktree(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		return parseOwners(data), nil
	}
	return nil, nil
}

// sectionHeading is a line such as "^[Payments][2] @team"; the sign, the number
// and the owners may be missing.
var sectionHeading = regexp.MustCompile(`^\^?\[([^\]]+)\](?:\[\d+\])?(.*)$`)

func parseOwners(data []byte) *owners {
	o := &owners{sections: []ownerSection{{}}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if m := sectionHeading.FindStringSubmatch(line); m != nil {
			o.sections = append(o.sections, ownerSection{name: m[1], who: ownerNames(strings.Fields(m[2]))})
			continue
		}
		const space = "\x00" // "\ " is a space within a pattern
		fields := strings.Fields(strings.ReplaceAll(line, `\ `, space))
		last := &o.sections[len(o.sections)-1]
		last.rules = append(last.rules, ownerRule{strings.ReplaceAll(fields[0], space, " "), ownerNames(fields[1:])})
	}
	return o
}

// ownerNames drops a comment at the end.
func ownerNames(fields []string) []string {
	if i := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, "#") }); i >= 0 {
		fields = fields[:i]
	}
	return fields
}

// of returns who owns a file: names, each behind its section if that has a name.
func (o *owners) of(path string) []string {
	var out []string
	for _, s := range o.sections {
		for _, rule := range slices.Backward(s.rules) {
			if !rule.matches(path) {
				continue
			}
			who := rule.who
			if len(who) == 0 {
				who = s.who
			}
			for _, name := range who {
				if s.name != "" {
					name = s.name + ": " + name
				}
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
			break
		}
	}
	return out
}

// matches follows .gitignore, save that "dir/*" stands for the files of the
// folder itself.
func (r ownerRule) matches(path string) bool {
	if strings.HasSuffix(r.pattern, "/*") && !strings.Contains(r.pattern, "**") {
		anchored := strings.TrimPrefix(r.pattern, "/")
		return strings.Count(anchored, "/") == strings.Count(path, "/") && matchGlob("/"+anchored, path)
	}
	return matchGlob(r.pattern, path)
}
