package steps

import (
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
		"pyrightconfig.json", ".gitlab-ci.yml", "azure-pipelines.yml":
		return true
	}
	return strings.HasPrefix(name, ".github/workflows/") || strings.HasPrefix(name, ".circleci/")
}

const defaultWidth = 88 // black's and ruff's

// lengthSettings are the places that say how long a line may be, in the order
// in which they are asked: a file's name, its table, and the setting, "" where
// naming the tool is enough for its default.
var lengthSettings = []struct{ file, table, setting string }{
	{"ruff.toml", "", "line-length"}, {".ruff.toml", "", "line-length"}, {"pyproject.toml", "tool.ruff", "line-length"},
	{"pyproject.toml", "tool.black", "line-length"}, {"pyproject.toml", "tool.ruff", ""}, {"pyproject.toml", "tool.black", ""},
	{"pyproject.toml", "tool.ruff.lint.pycodestyle", "max-line-length"}, {"pyproject.toml", "tool.ruff.pycodestyle", "max-line-length"},
	{"pyproject.toml", "tool.autopep8", "max-line-length"}, {"pyproject.toml", "tool.flake8", "max-line-length"}, {"pyproject.toml", "tool.pycodestyle", "max-line-length"},
	{".flake8", "flake8", "max-line-length"}, {"setup.cfg", "flake8", "max-line-length"}, {"tox.ini", "flake8", "max-line-length"},
	{"setup.cfg", "pycodestyle", "max-line-length"}, {"tox.ini", "pycodestyle", "max-line-length"},
	{"setup.cfg", "pep8", "max-line-length"}, {"tox.ini", "pep8", "max-line-length"},
}

// lineWidth returns the longest line the project allows for a file, in
// characters: by the nearest configuration of ruff, black, flake8 or
// pycodestyle, else 88.
func lineWidth(p *rewrite.Project, file string) int {
	dir := path.Dir(file)
	return p.Setting(widthIn(dir), func() any { return readWidth(p, dir) }).(int)
}

// widthIn is the key of a folder's line width among the project's settings.
type widthIn string

func readWidth(p *rewrite.Project, dir string) int {
	for ; ; dir = path.Dir(dir) {
		for _, s := range lengthSettings {
			if n, ok := lengthIn(p.Other(path.Join(dir, s.file)), s.table, s.setting); ok {
				return n
			}
		}
		if dir == "." || dir == "/" {
			return defaultWidth
		}
	}
}

var settingLine = regexp.MustCompile(`^\s*([\w.-]+)\s*[=:]\s*["']?(\d+)`)

// lengthIn looks a length up in a table of a TOML or INI file; with setting ""
// the table alone means the default.
func lengthIn(data []byte, table, setting string) (int, bool) {
	text, ok := tableOf(string(data), table)
	if !ok {
		return 0, false
	}
	if setting == "" {
		return defaultWidth, true
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			break
		}
		m := settingLine.FindStringSubmatch(line)
		if m == nil || strings.ReplaceAll(m[1], "_", "-") != setting {
			continue
		}
		if n, err := strconv.Atoi(m[2]); err == nil && n >= 40 && n <= 400 {
			return n, true
		}
	}
	return 0, false
}

// tableOf returns what follows the heading of a table, or of one of its
// subsections in the INI form "[table:name]"; "" is the head of the file.
func tableOf(text, table string) (string, bool) {
	if table == "" {
		return text, text != ""
	}
	for at := 0; ; {
		i := strings.Index(text[at:], "["+table)
		if i < 0 {
			return "", false
		}
		begin := at + i
		at = begin + len(table) + 1
		line := text[strings.LastIndexByte(text[:begin], '\n')+1 : begin]
		if strings.TrimSpace(line) == "" && at < len(text) && (text[at] == ']' || text[at] == ':') {
			return text[at+strings.IndexByte(text[at:]+"\n", '\n'):], true
		}
	}
}

var pyrightLine = regexp.MustCompile(`(?m)^[^#\n]*pyright`)

// checkedByPyright reports whether the project's configuration, pre-commit or
// CI runs pyright or basedpyright. What only a comment says does not count.
func checkedByPyright(p *rewrite.Project) bool {
	return p.Setting(pyrightKey{}, func() any { return readPyright(p) }).(bool)
}

// pyrightKey is the key of that answer among the project's settings.
type pyrightKey struct{}

func readPyright(p *rewrite.Project) bool {
	for _, name := range p.Others() {
		if path.Base(name) == "pyrightconfig.json" || Config(name) && pyrightLine.Match(p.Other(name)) {
			return true
		}
	}
	return false
}

var ignoreComment = regexp.MustCompile(`#\s*spanwalk:\s*ignore(?:\[([\w\-, ]*)\])?`)

// ignored reports whether a "# spanwalk: ignore" comment on the line of offset
// or on the line above silences a step there.
func ignored(f *rewrite.File, offset int, step string) bool {
	_, silenced := IgnoreReason(f, offset, step)
	return silenced
}

// IgnoreReason looks for a "# spanwalk: ignore" comment that silences a step on
// the line of a byte offset or on the line above, and returns what the comment
// says behind it.
func IgnoreReason(f *rewrite.File, offset int, step string) (reason string, silenced bool) {
	line := f.LineSpan(offset)
	if reason, silenced = silences(string(f.Source[line.Start:line.End]), step); silenced || line.Start == 0 {
		return reason, silenced
	}
	above := lineAbove(f, line.Start)
	text := strings.TrimSpace(string(f.Source[above.Start:above.End]))
	if !strings.HasPrefix(text, "#") {
		return "", false
	}
	return silences(text, step)
}

func silences(line, step string) (reason string, silenced bool) {
	m := ignoreComment.FindStringSubmatchIndex(line)
	if m == nil {
		return "", false
	}
	reason = strings.TrimSpace(line[m[1]:])
	if m[2] < 0 || m[2] == m[3] {
		return reason, true
	}
	for _, name := range strings.Split(line[m[2]:m[3]], ",") {
		if strings.TrimSpace(name) == step {
			return reason, true
		}
	}
	return "", false
}
