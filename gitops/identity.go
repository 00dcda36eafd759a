package gitops

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Identity returns who would be a commit's author: by the environment, by the
// installed git, or by our own reading of the configuration. Without one it
// returns a *NoIdentityError.
func (r *Repo) Identity() (name, email string, err error) {
	s, err := r.signature("AUTHOR")
	return s.name, s.email, err
}

// signature returns who and when for a role, AUTHOR or COMMITTER. The installed
// git is asked first because it knows every rule, the environment included.
func (r *Repo) signature(role string) (signature, error) {
	if !gitInstalled() {
		return r.ownSignature(role)
	}
	line, err := r.git.line("var", "GIT_"+role+"_IDENT")
	if err != nil {
		return signature{}, &NoIdentityError{Reason: identityReason(err)}
	}
	return parseSignature(line), nil
}

// identityReason shortens git's page of advice to the sentence that says why.
func identityReason(err error) string {
	text := strings.TrimPrefix(err.Error(), "git var: ")
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(strings.TrimSpace(line), "fatal: "); found {
			return rest
		}
	}
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// ownSignature is signature without an installed git.
func (r *Repo) ownSignature(role string) (signature, error) {
	key := strings.ToLower(role)
	s := signature{
		name:  firstSet(os.Getenv("GIT_"+role+"_NAME"), r.config.str(key+".name"), r.config.str("user.name")),
		email: firstSet(os.Getenv("GIT_"+role+"_EMAIL"), r.config.str(key+".email"), r.config.str("user.email"), os.Getenv("EMAIL")),
	}
	s.name, s.email = cleanIdent(s.name), cleanIdent(s.email)
	if s.name == "" || s.email == "" {
		return s, &NoIdentityError{}
	}
	var err error
	s.when, err = identDate(os.Getenv("GIT_" + role + "_DATE"))
	return s, err
}

func firstSet(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// cleanIdent drops what would break a commit's header, as git does.
func cleanIdent(s string) string {
	s = strings.Map(func(c rune) rune {
		if c == '<' || c == '>' || c == '\n' {
			return -1
		}
		return c
	}, s)
	return strings.Trim(s, " \t\r,:;\"\\'")
}

// identDate reads the forms of a date that git documents for its environment:
// its own "seconds zone", ISO 8601 and RFC 2822. Empty means now.
func identDate(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	seconds, zone, _ := strings.Cut(strings.TrimPrefix(text, "@"), " ")
	if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && len(seconds) > 4 {
		return time.Unix(n, 0).In(parseZone(zone)), nil
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("date %q: %w", text, errors.New("not in a form that git documents"))
}

// authorEnv hands an author to a git command or a hook.
func (s signature) authorEnv() []string { return s.env("AUTHOR") }

// committerEnv hands a committer to a git command or a hook.
func (s signature) committerEnv() []string { return s.env("COMMITTER") }

func (s signature) env(role string) []string {
	return []string{
		"GIT_" + role + "_NAME=" + s.name,
		"GIT_" + role + "_EMAIL=" + s.email,
		fmt.Sprintf("GIT_%s_DATE=@%d %s", role, s.when.Unix(), s.when.Format("-0700")),
	}
}
