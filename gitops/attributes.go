package gitops

import (
	"os"
	"path/filepath"
	"strings"
)

// attribute is the state of one attribute for a path.
type attribute struct {
	set   bool   // set, or given a value
	unset bool   // explicitly unset: "-text"
	value string // of "eol=lf"
}

// attributeRule is one line of an attributes file.
type attributeRule struct {
	pattern string
	base    string // folder of the file, slash path, "" for the root
	macro   string // name of a macro that the line defines, instead of a pattern
	words   []string
}

// attributes finds the attributes of paths as git does when it stores files:
// .gitattributes of the folders above a path, the repository's own
// info/attributes, the user's and the system's.
type attributes struct {
	repo    *Repo
	index   *indexFile // for folders that a sparse checkout left out
	user    []attributeRule
	own     []attributeRule // info/attributes, which wins over all
	folders map[string][]attributeRule
}

func (r *Repo) newAttributes(index *indexFile) *attributes {
	a := &attributes{repo: r, index: index, folders: map[string][]attributeRule{}}
	path := expandPath(r.config.str("core.attributesfile"), r.root)
	if r.config.str("core.attributesfile") == "" {
		path = userConfigDir("attributes")
	}
	if os.Getenv("GIT_ATTR_NOSYSTEM") == "" {
		a.user = readAttributes(filepath.Join(filepath.Dir(systemConfig()), "gitattributes"), "")
	}
	a.user = append(a.user, readAttributes(path, "")...)
	a.own = readAttributes(filepath.Join(r.commonDir, "info", "attributes"), "")
	return a
}

func readAttributes(path, base string) []attributeRule {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // git too reads on without the file
	}
	return parseAttributes(string(text), base)
}

func parseAttributes(text, base string) []attributeRule {
	var rules []attributeRule
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		pattern, rest := attributePattern(line)
		rule := attributeRule{pattern: pattern, base: base, words: strings.Fields(rest)}
		if name, found := strings.CutPrefix(pattern, "[attr]"); found {
			if base != "" {
				continue // git reads macros at the top only
			}
			rule.macro, rule.pattern = name, ""
		} else if pattern == "" || pattern[0] == '!' || strings.HasSuffix(pattern, "/") {
			continue // git forbids negation, and a folder has no content
		}
		rules = append(rules, rule)
	}
	return rules
}

// attributePattern cuts the pattern, which may be quoted as in C, from a line.
func attributePattern(line string) (pattern, rest string) {
	if line[0] == '"' {
		if pattern, rest, ok := unquoteC(line); ok {
			return pattern, rest
		}
	}
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return line, ""
	}
	return line[:end], line[end:]
}

// unquoteC reads a word in git's C style of quoting.
func unquoteC(line string) (word, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"':
			return b.String(), line[i+1:], true
		case c == '\\' && i+1 < len(line):
			i++
			if n, ok := octal(line[i:]); ok {
				b.WriteByte(n)
				i += 2
				continue
			}
			at := strings.IndexByte(`abfnrtv"\`, line[i])
			if at < 0 {
				return "", "", false
			}
			b.WriteByte("\a\b\f\n\r\t\v\"\\"[at])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

func octal(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[:3]) {
		if c < '0' || c > '7' {
			return 0, false
		}
		n = n<<3 | int(c-'0')
	}
	return byte(n), n < 256
}

// folder returns the rules of one folder's .gitattributes.
func (a *attributes) folder(dir string) []attributeRule {
	if rules, known := a.folders[dir]; known {
		return rules
	}
	name := strings.TrimPrefix(dir+"/.gitattributes", "/")
	path := filepath.Join(a.repo.root, filepath.FromSlash(name))
	rules := readAttributes(path, dir)
	if !fileExists(path) {
		rules = a.fromIndex(name, dir)
	}
	a.folders[dir] = rules
	return rules
}

func (a *attributes) fromIndex(name, dir string) []attributeRule {
	from, to := a.index.find(name)
	if to-from != 1 {
		return nil
	}
	text, err := a.repo.readKind(hexHash(a.index.entries[from].hash), blobKind)
	if err != nil {
		return nil
	}
	return parseAttributes(string(text), dir)
}

// of returns the attributes of path.
func (a *attributes) of(path string) map[string]attribute {
	rules := append([]attributeRule{{macro: "binary", words: []string{"-diff", "-merge", "-text"}}}, a.user...)
	dir, _ := splitPath(path)
	parts := strings.Split(dir, "/")
	rules = append(rules, a.folder("")...)
	for i := range parts {
		if dir != "" {
			rules = append(rules, a.folder(strings.Join(parts[:i+1], "/"))...)
		}
	}
	rules = append(rules, a.own...)
	found := map[string]attribute{}
	decided := map[string]bool{}
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].macro == "" && rules[i].matches(path, a.repo.foldsCase()) {
			applyWords(rules[i].words, rules, found, decided)
		}
	}
	return found
}

// foldsCase tells whether the file system takes a.py and A.py for the same.
func (r *Repo) foldsCase() bool { return r.config.boolean("core.ignorecase", false) }

// matches tells whether the rule's pattern fits path: one without a slash fits
// the name alone, any other the path below the file's folder.
func (rule attributeRule) matches(path string, fold bool) bool {
	if rule.base != "" {
		path = strings.TrimPrefix(path, rule.base+"/")
	}
	if !strings.Contains(rule.pattern, "/") {
		_, name := splitPath(path)
		return wildMatch(rule.pattern, name, fold)
	}
	return wildMatch(strings.TrimPrefix(rule.pattern, "/"), path, fold)
}

// applyWords takes over what is not decided yet, the last word first, and goes
// into macros.
func applyWords(words []string, rules []attributeRule, found map[string]attribute, decided map[string]bool) {
	for i := len(words) - 1; i >= 0; i-- {
		name, state := parseAttribute(words[i])
		if decided[name] {
			continue
		}
		decided[name] = true
		found[name] = state
		if !state.set || state.value != "" {
			continue
		}
		for j := len(rules) - 1; j >= 0; j-- {
			if rules[j].macro == name {
				applyWords(rules[j].words, rules, found, decided)
				break
			}
		}
	}
}

func parseAttribute(word string) (name string, state attribute) {
	switch word[0] {
	case '-':
		return word[1:], attribute{unset: true}
	case '!':
		return word[1:], attribute{}
	}
	name, value, _ := strings.Cut(word, "=")
	return name, attribute{set: true, value: value}
}
