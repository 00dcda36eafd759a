package gitops

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// gitRefs asks the installed git.
type gitRefs struct{ git gitCommand }

func (g gitRefs) resolve(name string) (string, Hash, error) {
	last := name
	for range maxSymrefs {
		target, err := g.git.line("symbolic-ref", "-q", last)
		if exitCode(err) == 1 {
			break // the last one is not symbolic
		}
		if err != nil {
			return "", "", err
		}
		last = target
	}
	value, err := g.git.line("rev-parse", "-q", "--verify", last+"^{commit}")
	if exitCode(err) == 1 {
		return last, "", nil // it does not exist yet
	}
	return last, Hash(value), err
}

func (g gitRefs) names(prefix string) ([]string, error) {
	out, err := g.git.run(nil, "for-each-ref", "--format=%(refname)", strings.TrimSuffix(prefix, "/"))
	return strings.Fields(string(out)), err
}

func (g gitRefs) former(ref string) ([]Hash, error) {
	out, err := g.git.run(nil, "log", "-g", "--format=%H", ref, "--")
	var values []Hash
	for _, value := range strings.Fields(string(out)) {
		values = append(values, Hash(value))
	}
	return values, err
}

func (g gitRefs) point(target string, who signature, reason string) error {
	g.git.env = who.committerEnv()
	_, err := g.git.run(nil, "symbolic-ref", "-m", reason, headName, target)
	return err
}

func (g gitRefs) begin(u refUpdate) (refTransaction, error) {
	g.git.env = u.who.committerEnv()
	cmd := g.git.command("update-ref", "--no-deref", "-m", u.reason, "--create-reflog", "--stdin")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git update-ref: %w", err)
	}
	t := &gitRefMove{update: u, said: &said, out: bufio.NewReader(out), tell: func(line string) error {
		_, err := fmt.Fprintln(in, line)
		return err
	}, end: func() error { return errors.Join(in.Close(), cmd.Wait()) }}
	old := u.old
	if old == "" {
		old = Hash(strings.Repeat("0", len(u.new)))
	}
	for _, line := range []string{"start", fmt.Sprintf("update %s %s %s", u.ref, u.new, old), "prepare"} {
		if err := t.tell(line); err != nil {
			return nil, t.failed()
		}
	}
	if t.expect("start") != nil || t.expect("prepare") != nil {
		return nil, g.explain(u, t.failed())
	}
	return t, nil
}

// explain tells a moved branch from other failures.
func (g gitRefs) explain(u refUpdate, err error) error {
	if _, got, e := g.resolve(u.ref); e == nil && got != u.old {
		return &MovedError{Ref: u.ref, Want: u.old, Got: got}
	}
	return err
}

// gitRefMove is an open transaction of "git update-ref --stdin".
type gitRefMove struct {
	update refUpdate
	said   *bytes.Buffer
	out    *bufio.Reader
	tell   func(line string) error
	end    func() error
}

// expect reads the answer "VERB: ok".
func (t *gitRefMove) expect(verb string) error {
	line, err := t.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != verb+": ok" {
		return fmt.Errorf("git update-ref answered %q", line)
	}
	return nil
}

func (t *gitRefMove) failed() error {
	err := t.end()
	if text := strings.TrimSpace(t.said.String()); text != "" {
		err = errors.New(strings.TrimPrefix(text, "fatal: "))
	}
	return fmt.Errorf("move %s: %w", t.update.ref, err)
}

func (t *gitRefMove) commit() error {
	if t.tell("commit") != nil || t.expect("commit") != nil {
		return t.failed()
	}
	return t.end()
}

func (t *gitRefMove) abort() {
	_ = t.tell("abort")
	_ = t.end() // the transaction is void either way
}
