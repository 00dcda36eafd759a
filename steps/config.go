package steps

import (
	"bytes"
	"path"
	"regexp"
	"strconv"
	"strings"

	"spanwalk/rewrite"
)

// Config reports whether a tracked file that is no Python source tells a step
// something: line length and type checker configuration.
func Config(name string) bool {
	switch path.Base(name) {
	case "pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", "tox.ini", ".flake8", ".pre-commit-config.yaml",
		"pyrightconfig.json", ".editorconfig":
		return true
	}
	return strings.HasPrefix(name, ".github/workflows/")
}

const defaultWidth = 88 // black's and ruff's

var lengthSettings = regexp.MustCompile(`(?m)^[ \t]*(?:line[-_]length|max[-_]line[-_]length)[ \t]*=[ \t]*(\d+)`)

// lineWidth returns the longest line the project allows for a file: the
// nearest configuration of ruff, black, flake8 or pycodestyle, else 88.
func lineWidth(p *rewrite.Project, file string) int {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		for _, name := range []string{"pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", ".flake8", "tox.ini"} {
			if m := lengthSettings.FindSubmatch(p.Other(path.Join(dir, name))); m != nil {
				if n, err := strconv.Atoi(string(m[1])); err == nil && n >= 40 && n <= 400 {
					return n
				}
			}
		}
		if dir == "." || dir == "/" {
			return defaultWidth
		}
	}
}

// checkedByPyright reports whether the project's configuration, pre-commit or
// CI runs pyright or basedpyright.
func checkedByPyright(p *rewrite.Project) bool {
	for _, name := range p.Others() {
		if path.Base(name) == "pyrightconfig.json" || Config(name) && bytes.Contains(p.Other(name), []byte("pyright")) {
			return true
		}
	}
	return false
}

var ignoreComment = regexp.MustCompile(`#\s*spanwalk:\s*ignore(?:\[([\w\-, ]*)\])?`)

// ignored reports whether a "# spanwalk: ignore" comment on the line of offset
// or on the line above silences a step there.
func ignored(f *rewrite.File, offset int, step string) bool {
	line := f.LineSpan(offset)
	if silences(string(f.Source[line.Start:line.End]), step) {
		return true
	}
	if line.Start == 0 {
		return false
	}
	before := line.Start - 1
	if before > 0 && f.Source[before] == '\n' && f.Source[before-1] == '\r' {
		before--
	}
	above := f.LineSpan(before)
	text := strings.TrimSpace(string(f.Source[above.Start:above.End]))
	return strings.HasPrefix(text, "#") && silences(text, step)
}

func silences(line, step string) bool {
	m := ignoreComment.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	if m[1] == "" {
		return true
	}
	for _, name := range strings.Split(m[1], ",") {
		if strings.TrimSpace(name) == step {
			return true
		}
	}
	return false
}
