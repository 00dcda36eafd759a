package gitops

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// config is Git's configuration as git itself would see it: all files, with
// their includes, and the environment, in order of rising precedence.
type config struct {
	entries []configEntry
	private int // entries[:private] come from outside the repository
	command int // entries[command:] come from the environment
}

// get returns the last value of key.
func (c *config) get(key string) (string, bool) {
	for i := len(c.entries) - 1; i >= 0; i-- {
		if c.entries[i].key == key {
			return c.entries[i].value, true
		}
	}
	return "", false
}

// str returns the last value of key, or "".
func (c *config) str(key string) string {
	v, _ := c.get(key)
	return v
}

// boolean returns the last value of key as git reads booleans.
func (c *config) boolean(key string, otherwise bool) bool {
	for i := len(c.entries) - 1; i >= 0; i-- {
		if e := c.entries[i]; e.key == key {
			return e.bare || isTrue(e.value)
		}
	}
	return otherwise
}

// protected returns the values of key that the repository itself cannot set.
func (c *config) protected(key string) []string {
	var values []string
	for i, e := range c.entries {
		if e.key == key && (i < c.private || i >= c.command) {
			values = append(values, e.value)
		}
	}
	return values
}

func isTrue(v string) bool {
	switch strings.ToLower(v) {
	case "true", "yes", "on":
		return true
	case "", "false", "no", "off":
		return false
	}
	n, err := strconv.Atoi(v)
	return err == nil && n != 0
}

// Setting returns the last value of a key of git's configuration, such as
// "core.editor", as git itself would see it; "" where it is not set.
func (r *Repo) Setting(key string) string { return r.config.str(canonicalKey(key)) }

// configReader gathers the configuration of one repository; the directories
// are empty when only the user's own configuration is wanted.
type configReader struct {
	gitDir, commonDir string
	branch            string // short name of the branch that HEAD names, for onbranch
	config            config
	remotes           []string // URLs, for hasconfig:remote.*.url
}

// readConfig reads the configuration of the repository with these directories.
func readConfig(gitDir, commonDir string) (*config, error) {
	r := &configReader{gitDir: gitDir, commonDir: commonDir}
	if gitDir != "" {
		r.branch = branchOfHead(gitDir)
		r.remotes = remoteURLs(filepath.Join(commonDir, "config"))
	}
	if err := r.readUser(); err != nil {
		return nil, err
	}
	r.config.private = len(r.config.entries)
	if gitDir != "" {
		if err := r.readRepository(); err != nil {
			return nil, err
		}
	}
	r.config.command = len(r.config.entries)
	if err := r.readEnvironment(); err != nil {
		return nil, err
	}
	return &r.config, nil
}

func (r *configReader) readUser() error {
	var files []string
	if path := systemConfig(); path != "" {
		files = append(files, path)
	}
	if path, set := os.LookupEnv("GIT_CONFIG_GLOBAL"); set {
		files = append(files, path)
	} else {
		files = append(files, userConfigDir("config"), homePath(".gitconfig"))
	}
	return r.readFiles(files)
}

func (r *configReader) readRepository() error {
	if err := r.readFiles([]string{filepath.Join(r.commonDir, "config")}); err != nil {
		return err
	}
	if !r.config.boolean("extensions.worktreeconfig", false) {
		return nil
	}
	return r.readFiles([]string{filepath.Join(r.gitDir, "config.worktree")})
}

func (r *configReader) readFiles(paths []string) error {
	for _, path := range paths {
		if path == "" {
			continue
		}
		if err := r.readFile(path, 0); err != nil {
			return err
		}
	}
	return nil
}

// maxIncludes is git's own limit on the depth of includes.
const maxIncludes = 10

// readFile adds the entries of one file. A missing file is no error.
func (r *configReader) readFile(path string, depth int) error {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) || os.IsPermission(err) && depth == 0 {
		return nil
	}
	if err != nil {
		return brokenConfig(path, err)
	}
	entries, err := parseConfig(text)
	if err != nil {
		return brokenConfig(path, err)
	}
	for _, e := range entries {
		r.config.entries = append(r.config.entries, e)
		if !r.includes(e, filepath.Dir(path)) {
			continue
		}
		if depth == maxIncludes {
			return brokenConfig(path, fmt.Errorf("includes are nested more than %d deep", maxIncludes))
		}
		if err := r.readFile(expandPath(e.value, filepath.Dir(path)), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func brokenConfig(path string, err error) error {
	return &Problem{
		Code: BrokenConfig, Fatal: true,
		Message: fmt.Sprintf("git configuration %s: %v", path, err),
		Hint:    "git config --list --show-origin",
	}
}

// includes tells whether e asks for another file in a place where it counts.
func (r *configReader) includes(e configEntry, dir string) bool {
	if e.value == "" {
		return false
	}
	if e.key == "include.path" {
		return true
	}
	condition, found := strings.CutPrefix(e.key, "includeif.")
	if !found {
		return false
	}
	condition, found = strings.CutSuffix(condition, ".path")
	return found && r.holds(condition, dir)
}

func (r *configReader) holds(condition, dir string) bool {
	kind, pattern, _ := strings.Cut(condition, ":")
	switch kind {
	case "gitdir":
		return r.gitDir != "" && gitDirMatches(pattern, dir, r.gitDir, false)
	case "gitdir/i":
		return r.gitDir != "" && gitDirMatches(pattern, dir, r.gitDir, true)
	case "onbranch":
		if strings.HasSuffix(pattern, "/") {
			pattern += "**"
		}
		return r.branch != "" && wildMatch(pattern, r.branch, false)
	case "hasconfig":
		pattern, found := strings.CutPrefix(pattern, "remote.*.url:")
		for _, url := range r.remotes {
			if found && wildMatch(pattern, url, false) {
				return true
			}
		}
	}
	return false
}

// gitDirMatches implements includeIf's gitdir pattern; dir is the folder of the
// file that holds the condition.
func gitDirMatches(pattern, dir, gitDir string, fold bool) bool {
	switch {
	case strings.HasPrefix(pattern, "~/"):
		pattern = filepath.ToSlash(homePath("")) + strings.TrimPrefix(pattern, "~")
	case strings.HasPrefix(pattern, "./"):
		pattern = filepath.ToSlash(dir) + strings.TrimPrefix(pattern, ".")
	case !filepath.IsAbs(pattern):
		pattern = "**/" + pattern
	}
	if strings.HasSuffix(pattern, "/") {
		pattern += "**"
	}
	if wildMatch(pattern, filepath.ToSlash(gitDir), fold) {
		return true
	}
	real, err := filepath.EvalSymlinks(gitDir)
	return err == nil && wildMatch(pattern, filepath.ToSlash(real), fold)
}

func (r *configReader) readEnvironment() error {
	var count int
	if text := os.Getenv("GIT_CONFIG_COUNT"); text != "" {
		if _, err := fmt.Sscanf(text, "%d", &count); err != nil {
			return brokenConfig("GIT_CONFIG_COUNT", err)
		}
	}
	for i := range count {
		key := os.Getenv(fmt.Sprintf("GIT_CONFIG_KEY_%d", i))
		r.config.entries = append(r.config.entries, configEntry{
			key: canonicalKey(key), value: os.Getenv(fmt.Sprintf("GIT_CONFIG_VALUE_%d", i)),
		})
	}
	r.config.entries = append(r.config.entries, configParameters(os.Getenv("GIT_CONFIG_PARAMETERS"))...)
	return nil
}

// configParameters reads what "git -c key=value" hands to its children:
// 'key'='value' or, before git 2.31, 'key=value', separated by blanks.
func configParameters(text string) []configEntry {
	var entries []configEntry
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " ") {
		var key, value string
		var hasValue bool
		key, text = shellUnquote(text)
		if rest, found := strings.CutPrefix(text, "="); found {
			value, text = shellUnquote(rest)
			hasValue = true
		} else {
			key, value, hasValue = strings.Cut(key, "=")
		}
		entries = append(entries, configEntry{key: canonicalKey(key), value: value, bare: !hasValue})
	}
	return entries
}

// shellUnquote reads one word in git's single-quote style and returns the rest.
func shellUnquote(text string) (word, rest string) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
			b.WriteByte(c)
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			return b.String(), text[i:]
		}
	}
	return b.String(), ""
}

func canonicalKey(key string) string {
	first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
	if first < 0 {
		return strings.ToLower(key)
	}
	return strings.ToLower(key[:first]) + key[first:last] + strings.ToLower(key[last:])
}

func remoteURLs(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	entries, err := parseConfig(text)
	if err != nil {
		return nil
	}
	var urls []string
	for _, e := range entries {
		if strings.HasPrefix(e.key, "remote.") && strings.HasSuffix(e.key, ".url") {
			urls = append(urls, e.value)
		}
	}
	return urls
}

// systemConfig returns where the system-wide configuration lies, which depends
// on how git was built: /etc for /usr, else etc beside git's own bin folder.
func systemConfig() string {
	if isTrue(os.Getenv("GIT_CONFIG_NOSYSTEM")) {
		return ""
	}
	if path, set := os.LookupEnv("GIT_CONFIG_SYSTEM"); set {
		return path
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return "/etc/gitconfig"
	}
	prefix := filepath.Dir(filepath.Dir(git))
	path := filepath.Join(prefix, "etc", "gitconfig")
	if _, err := os.Stat(path); err == nil && prefix != "/usr" {
		return path
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(prefix, "mingw64", "etc", "gitconfig")
	}
	return "/etc/gitconfig"
}

// userConfigDir returns the path of name in $XDG_CONFIG_HOME/git.
func userConfigDir(name string) string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "git", name)
	}
	return homePath(filepath.Join(".config", "git", name))
}

// homePath returns the path of name in the home folder, or "" without one.
func homePath(name string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, name)
}

// expandPath makes a path of a configuration value: ~/ is the home folder, and
// what is relative is so to dir.
func expandPath(value, dir string) string {
	if rest, found := strings.CutPrefix(value, "~/"); found {
		return homePath(rest)
	}
	if filepath.IsAbs(value) {
		return filepath.Clean(value)
	}
	return filepath.Join(dir, value)
}

// fileExists tells whether anything is at path.
func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeDir != 0
}
