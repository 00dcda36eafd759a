package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Hash names a Git object: 40 or, in a SHA-256 repository, 64 hexadecimal digits.
type Hash string

// Short returns the first 10 digits, for messages.
func (h Hash) Short() string {
	if h == "" {
		return "nothing"
	}
	return string(h[:min(10, len(h))])
}

// Repo is a work tree and its repository. It reads the configuration once;
// files, index and branches it reads anew each time, so it sees commits made
// beside it. It must not be used by two goroutines at once, but for ReadWorktree
// and BlobHash.
type Repo struct {
	root, gitDir, commonDir string

	config   *config
	objects  objects
	refs     refs
	hashSize int // bytes of an object id: 20 or 32
	git      gitCommand
	why      map[operation]string // why the installed git does an operation
}

// Root returns the absolute path of the work tree's top folder.
func (r *Repo) Root() string { return r.root }

// GitDir returns the absolute path of this work tree's own Git directory.
func (r *Repo) GitDir() string { return r.gitDir }

// CommonDir returns the Git directory shared by all linked work trees; it is
// GitDir in an ordinary repository.
func (r *Repo) CommonDir() string { return r.commonDir }

// StateDir returns where spanwalk keeps its session for this work tree, inside
// the Git directory. The folder may not exist yet.
func (r *Repo) StateDir() string { return filepath.Join(r.gitDir, "spanwalk") }

// Open finds the work tree that holds dir and opens its repository. What it
// cannot or must not open it returns as a *Problem with a hint.
func Open(dir string) (*Repo, error) {
	if err := checkEnvironment(); err != nil {
		return nil, err
	}
	r, err := discover(dir)
	if err != nil {
		return nil, err
	}
	if err := r.checkOwner(); err != nil {
		return nil, err
	}
	if r.config, err = readConfig(r.gitDir, r.commonDir); err != nil {
		return nil, err
	}
	if err := r.applyConfig(); err != nil {
		return nil, err
	}
	format, err := r.checkFormat()
	if err != nil {
		return nil, err
	}
	if err := r.connect(format); err != nil {
		return nil, err
	}
	return r, nil
}

// redirecting are the environment variables that make git work on another
// repository than the one around the current folder.
var redirecting = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
}

func checkEnvironment() error {
	for _, name := range redirecting {
		if value, set := os.LookupEnv(name); set {
			return &Problem{
				Code: GitEnvironment, Fatal: true,
				Message: fmt.Sprintf("%s is set to %q: git would work on another repository than the one here", name, value),
				Hint:    "unset " + name,
			}
		}
	}
	return nil
}

// discover walks up from dir to the first folder with a .git.
func discover(dir string) (*Repo, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	for at := abs; ; at = filepath.Dir(at) {
		r, err := openAt(at, abs)
		if r != nil || err != nil {
			return r, err
		}
		if at == filepath.Dir(at) || isCeiling(filepath.Dir(at)) {
			return nil, &Problem{
				Code: NotRepository, Fatal: true,
				Message: abs + " is not inside a git repository",
				Hint:    "change into the project's folder, or run: git init && git add . && git commit",
			}
		}
	}
}

// openAt opens the repository whose top folder is at; nil without an error if
// there is none.
func openAt(at, from string) (*Repo, error) {
	dotGit := filepath.Join(at, ".git")
	info, err := os.Stat(dotGit)
	switch {
	case err == nil && info.IsDir() && isGitDir(dotGit):
		return &Repo{root: at, gitDir: dotGit, commonDir: dotGit}, nil
	case err == nil && info.Mode().IsRegular():
		return openGitFile(at, dotGit)
	case err != nil && !os.IsNotExist(err):
		return nil, fmt.Errorf("open %s: %w", from, err)
	case isGitDir(at):
		return nil, insideGitDir(at)
	}
	return nil, nil
}

func insideGitDir(at string) error {
	if filepath.Base(at) == ".git" {
		return &Problem{
			Code: InsideGitDir, Fatal: true,
			Message: at + " is a repository's own .git folder, not its work tree",
			Hint:    "cd " + filepath.Dir(at),
		}
	}
	return bareProblem(at)
}

func bareProblem(at string) error {
	return &Problem{
		Code: BareRepository, Fatal: true,
		Message: at + " is a bare repository: it has no files to change",
		Hint:    "git clone " + at + " && cd " + strings.TrimSuffix(filepath.Base(at), ".git"),
	}
}

// openGitFile follows a .git file, as linked work trees and submodules have it.
func openGitFile(at, dotGit string) (*Repo, error) {
	text, err := os.ReadFile(dotGit)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	target, found := strings.CutPrefix(string(text), "gitdir: ")
	gitDir := expandPath(strings.TrimRight(target, "\r\n"), at)
	if !found || !isGitDir(gitDir) {
		return nil, &Problem{
			Code: NotRepository, Fatal: true,
			Message: dotGit + " does not lead to a git directory",
			Hint:    "git worktree repair, or git submodule update --init",
		}
	}
	if gitDir, err = filepath.EvalSymlinks(gitDir); err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	return &Repo{root: at, gitDir: gitDir, commonDir: commonDirOf(gitDir)}, nil
}

// commonDirOf returns the directory that a linked work tree's one points to.
func commonDirOf(gitDir string) string {
	text, err := os.ReadFile(filepath.Join(gitDir, "commondir"))
	if err != nil {
		return gitDir
	}
	dir := expandPath(strings.TrimSpace(string(text)), gitDir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// isGitDir applies git's own test: a HEAD, and objects and refs in the common directory.
func isGitDir(dir string) bool {
	common := commonDirOf(dir)
	return fileExists(filepath.Join(dir, "HEAD")) &&
		isDir(filepath.Join(common, "objects")) && isDir(filepath.Join(common, "refs"))
}

func isCeiling(dir string) bool {
	for _, ceiling := range filepath.SplitList(os.Getenv("GIT_CEILING_DIRECTORIES")) {
		if ceiling != "" && filepath.Clean(ceiling) == dir {
			return true
		}
	}
	return false
}

// applyConfig honours core.bare and core.worktree, which git ignores in a
// linked work tree.
func (r *Repo) applyConfig() error {
	if r.linked() {
		return nil
	}
	if r.config.boolean("core.bare", false) {
		return bareProblem(r.gitDir)
	}
	if dir := r.config.str("core.worktree"); dir != "" {
		root, err := filepath.EvalSymlinks(expandPath(dir, r.gitDir))
		if err != nil {
			return fmt.Errorf("core.worktree: %w", err)
		}
		r.root = root
	}
	return nil
}

// linked tells whether this is a work tree made by "git worktree add".
func (r *Repo) linked() bool { return r.gitDir != r.commonDir }

// format is how a repository stores what it stores.
type format struct {
	sha256, reftable bool
}

// checkFormat refuses repositories of a format that nobody here knows.
func (r *Repo) checkFormat() (format, error) {
	version, err := strconv.Atoi(strings.TrimSpace(r.config.str("core.repositoryformatversion")))
	if err != nil {
		version = 0
	}
	if version > 1 {
		return format{}, unsupported(fmt.Sprintf("format version %d", version))
	}
	var f format
	for _, e := range r.config.entries[r.config.private:r.config.command] {
		name, isExtension := strings.CutPrefix(e.key, "extensions.")
		if !isExtension {
			continue
		}
		if err := f.extend(name, strings.ToLower(e.value), version); err != nil {
			return format{}, err
		}
	}
	return f, nil
}

// extend takes note of one entry extensions.NAME.
func (f *format) extend(name, value string, version int) error {
	switch name {
	case "noop", "preciousobjects", "partialclone", "worktreeconfig":
		return nil
	}
	if version == 0 {
		return nil // git reads the others from version 1 on only
	}
	switch {
	case name == "noop-v1" || name == "relativeworktrees" || name == "submodulepathconfig":
	case name == "objectformat" && value == "sha1":
	case name == "objectformat" && value == "sha256":
		f.sha256 = true
	case name == "refstorage" && value == "files":
	case name == "refstorage" && value == "reftable":
		f.reftable = true
	default:
		return unsupported(fmt.Sprintf("extension %s = %s", name, value))
	}
	return nil
}

func unsupported(what string) error {
	return &Problem{
		Code: UnsupportedFormat, Fatal: true,
		Message: "the repository uses " + what + ", which spanwalk does not know",
		Hint:    "look for a newer spanwalk, or work in a clone with the usual format: git clone . ../copy",
	}
}
