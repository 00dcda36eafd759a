package gitops

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// operation is something that the installed git may have to do for us.
type operation string

// Operations that [Repo.SystemGit] may name.
const (
	objectsByGit operation = "read and write objects"
	refsByGit    operation = "read and move branches"
	signByGit    operation = "sign commits"
)

// SystemGit lists what the installed git does in this repository in our stead,
// as pairs "operation: why" fit for a screen; empty in an ordinary repository.
func (r *Repo) SystemGit() []string {
	var lines []string
	for _, op := range []operation{objectsByGit, refsByGit, signByGit} {
		if why, used := r.why[op]; used {
			lines = append(lines, string(op)+": "+why)
		}
	}
	return lines
}

// Signs reports whether commits are signed, as the configuration says.
func (r *Repo) Signs() bool {
	_, signs := r.why[signByGit]
	return signs
}

// connect chooses who reads and writes what.
func (r *Repo) connect(f format) error {
	r.git = gitCommand{dir: r.root}
	r.why = map[operation]string{}
	r.hashSize = 20
	if f.sha256 {
		r.hashSize = 32
		r.why[objectsByGit] = "SHA-256 repository"
	}
	if shared := r.config.str("core.sharedrepository"); shared != "" && !isFalseOrUmask(shared) {
		r.why[objectsByGit] = "shared by several users (core.sharedRepository)"
		r.why[refsByGit] = r.why[objectsByGit]
	}
	if f.reftable {
		r.why[refsByGit] = "reftable repository"
	}
	if r.hookPath(referenceHook) != "" {
		r.why[refsByGit] = "there is a " + referenceHook + " hook"
	}
	if r.config.boolean("commit.gpgsign", false) {
		r.why[signByGit] = "commit.gpgSign is set"
	}
	if len(r.why) > 0 {
		if err := r.checkGit(); err != nil {
			return err
		}
	}
	r.objects = r.chooseObjects()
	r.refs = r.chooseRefs()
	return nil
}

func (r *Repo) chooseObjects() objects {
	if _, used := r.why[objectsByGit]; used {
		return &gitObjects{git: r.git}
	}
	return openGoGit(r.commonDir)
}

func (r *Repo) chooseRefs() refs {
	if _, used := r.why[refsByGit]; used {
		return gitRefs{git: r.git}
	}
	return &fileRefs{
		gitDir: r.gitDir, commonDir: r.commonDir, temp: r.StateDir(),
		logAll: r.config.str("core.logallrefupdates") == "" || r.config.str("core.logallrefupdates") == "always" ||
			r.config.boolean("core.logallrefupdates", true),
	}
}

// Close releases what reading objects holds open. The Repo may be used again.
func (r *Repo) Close() { r.objects.close() }

func isFalseOrUmask(v string) bool {
	v = strings.ToLower(v)
	return v == "umask" || v == "false" || v == "no" || v == "off" || v == "0"
}

func gitInstalled() bool {
	_, err := exec.LookPath("git")
	return err == nil
}

// checkGit makes sure that there is an installed git and that it knows the
// repository's format.
func (r *Repo) checkGit() error {
	p := &Problem{Code: GitMissing, Fatal: true, Hint: "install a current git"}
	needs := "only an installed git can work here (" + strings.Join(r.SystemGit(), "; ") + "), "
	if !gitInstalled() {
		p.Message = needs + "and there is none on PATH"
		return p
	}
	if _, err := r.git.line("rev-parse", "--git-dir"); err != nil {
		p.Message = needs + "and the one on PATH fails: " + err.Error()
		return p
	}
	return nil
}

// gitCommand runs the installed git in one work tree.
type gitCommand struct {
	dir string
	env []string // added to the process environment
}

func (g gitCommand) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1")
	cmd.Env = append(cmd.Env, g.env...)
	return cmd
}

// run feeds input to a git command and returns its standard output.
func (g gitCommand) run(input []byte, args ...string) ([]byte, error) {
	cmd := g.command(args...)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("git %s: %w", subcommand(args), commandError(err))
	}
	return out, nil
}

// subcommand returns the first argument that is no option of git itself.
func subcommand(args []string) string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args[0]
}

// line is run without input for commands that print one line.
func (g gitCommand) line(args ...string) (string, error) {
	out, err := g.run(nil, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

// exitCode returns the exit status that err wraps, or -1.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// gitError is a failed git command with what it said.
type gitError struct {
	said string
	err  error
}

func (e *gitError) Error() string { return e.said }

// Unwrap returns the exit status.
func (e *gitError) Unwrap() error { return e.err }

// commandError puts what a command said in place of its exit status.
func commandError(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) || len(exit.Stderr) == 0 {
		return err
	}
	text := strings.TrimSpace(string(exit.Stderr))
	return &gitError{strings.TrimPrefix(strings.TrimPrefix(text, "fatal: "), "error: "), err}
}

// gitObjects reads objects through one "git cat-file --batch" that stays open,
// and writes them by "git hash-object".
type gitObjects struct {
	git   gitCommand
	batch *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
}

func (g *gitObjects) read(h Hash) (string, []byte, error) {
	if err := g.start(); err != nil {
		return "", nil, err
	}
	if _, err := fmt.Fprintln(g.in, h); err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	header, err := g.out.ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	fields := strings.Fields(header)
	if len(fields) != 3 {
		return "", nil, errNoObject
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	data := make([]byte, size+1) // a line feed follows the object
	if _, err := io.ReadFull(g.out, data); err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	return fields[1], data[:size], nil
}

func (g *gitObjects) start() error {
	if g.batch != nil {
		return nil
	}
	cmd := g.git.command("cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	g.batch, g.in, g.out = cmd, in, bufio.NewReader(out)
	return nil
}

func (g *gitObjects) write(kind string, data []byte) (Hash, error) {
	out, err := g.git.run(data, "hash-object", "-t", kind, "-w", "--stdin")
	return Hash(bytes.TrimSpace(out)), err
}

func (g *gitObjects) close() {
	if g.batch == nil {
		return
	}
	_ = g.in.Close()   // ends the process
	_ = g.batch.Wait() // its status says nothing: it only read
	g.batch = nil
}
