package gitops

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const crlfText = "import sentry_sdk\r\n\r\nsentry_sdk.start_span(op='a')\r\n"

// pipe feeds input to git.
func (d repoDir) pipe(input string, args ...string) {
	d.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = d.path, strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// attributes commits a .gitattributes and checks the files out anew.
func withAttributes(lines string, config ...string) func(repoDir) repoDir {
	return here(func(d repoDir) {
		for _, c := range config {
			d.git(strings.Fields("config " + c)...)
		}
		d.write(".gitattributes", lines)
		d.git("add", ".gitattributes")
		d.git("commit", "-q", "-m", "attributes")
		d.git("rm", "-q", "-r", "--cached", "app")
		if err := os.RemoveAll(d.join("app")); err != nil {
			d.t.Fatal(err)
		}
		d.git("checkout", "-q", "HEAD", "--", "app")
	})
}

// crlfStored commits the file with CRLF in the repository.
func crlfStored(then func(repoDir) repoDir) func(repoDir) repoDir {
	return func(d repoDir) repoDir {
		d.write("app/views.py", crlfText)
		d.git("commit", "-q", "-am", "crlf")
		return then(d)
	}
}

// Line ends and filters.
var contentRows = []situation{
	{name: "autocrlf true", set: withAttributes("", "core.autocrlf true"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "autocrlf input", set: withAttributes("", "core.autocrlf input"), after: viewsText + "x\n"},
	{name: "autocrlf true, CRLF stored", set: crlfStored(withAttributes("", "core.autocrlf true")), after: crlfText + "x\r\n", blob: crlfText + "x\r\n"},
	{name: "eol=crlf", set: withAttributes("*.py text eol=crlf\n"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "eol=crlf without text", set: withAttributes("*.py eol=crlf\n"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "text=auto with eol=crlf", set: withAttributes("* text=auto eol=crlf\n"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "the old attribute crlf", set: withAttributes("*.py crlf\n", "core.eol crlf"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "text with core.eol=crlf", set: withAttributes("*.py text\n", "core.eol crlf"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "-text with CRLF", set: crlfStored(withAttributes("*.py -text\n", "core.autocrlf true")), after: crlfText + "x\r\n", blob: crlfText + "x\r\n"},
	{name: "binary macro with CRLF", set: crlfStored(withAttributes("*.py binary\n", "core.autocrlf true")), after: crlfText + "x\r\n", blob: crlfText + "x\r\n"},
	{name: "CRLF without any conversion", set: crlfStored(run()), after: crlfText + "x\r\n", blob: crlfText + "x\r\n"},
	{name: "line ends changed by hand", want: DirtyPath, set: here(func(d repoDir) { d.write("app/views.py", crlfText) })},
	{name: "attributes of a folder below win", set: here(func(d repoDir) {
		d.write("app/.gitattributes", "*.py -text\n")
		d.write(".gitattributes", "* text eol=crlf\n")
		d.write("app/views.py", viewsText)
		d.git("add", "app/.gitattributes", ".gitattributes")
		d.git("commit", "-q", "-m", "attributes")
	}), after: viewsText + "x\r\n", blob: viewsText + "x\r\n"},
	{name: "attributes of the repository alone", set: here(func(d repoDir) {
		if err := os.MkdirAll(d.join(".git/info"), 0o755); err != nil {
			d.t.Fatal(err)
		}
		d.write(".git/info/attributes", "*.py text eol=crlf\n")
		if err := os.Remove(d.join("app/views.py")); err != nil {
			d.t.Fatal(err)
		}
		d.git("checkout", "-q", "--", "app/views.py")
	}), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "stored with CRLF against text", warn: UnnormalizedPath, set: crlfStored(here(func(d repoDir) {
		d.write(".git/info/attributes", "*.py text\n")
	})), after: crlfText + "x\r\n", blob: crlfText + "x\r\n"},
	{name: "filter", want: FilteredPath, set: withAttributes("*.py filter=upper\n", "filter.upper.clean cat", "filter.upper.smudge cat")},
	{name: "filter by a long-running process", want: FilteredPath, set: here(func(d repoDir) {
		d.git("config", "filter.p.process", "false")
		d.write(".git/info/attributes", "*.py filter=p\n")
	})},
	{name: "filter as Git LFS sets it up", want: FilteredPath, set: withAttributes("*.py filter=lfs diff=lfs merge=lfs -text\n",
		"filter.lfs.clean cat", "filter.lfs.smudge cat", "filter.lfs.required true")},
	{name: "required filter without commands", want: FilteredPath, set: here(func(d repoDir) {
		d.git("config", "filter.p.required", "true")
		d.write(".git/info/attributes", "*.py filter=p\n")
	})},
	{name: "attributes of the user", set: here(func(d repoDir) {
		path := filepath.Join(filepath.Dir(d.path), "attributes")
		if err := os.WriteFile(path, []byte("*.py text eol=crlf\n"), 0o644); err != nil {
			d.t.Fatal(err)
		}
		d.git("config", "core.attributesFile", path)
		if err := os.Remove(d.join("app/views.py")); err != nil {
			d.t.Fatal(err)
		}
		d.git("checkout", "-q", "--", "app/views.py")
	}), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "eol=lf against autocrlf", set: withAttributes("*.py text eol=lf\n", "core.autocrlf true"), after: viewsText + "x\n"},
	{name: "autocrlf with safecrlf", set: withAttributes("", "core.autocrlf true", "core.safecrlf true"), after: crlfText + "x\r\n", blob: viewsText + "x\n"},
	{name: "filter by macro", want: FilteredPath, set: withAttributes("[attr]odd filter=upper\n*.py odd\n", "filter.upper.clean cat")},
	{name: "filter that is not configured", set: withAttributes("*.py filter=lfs\n")},
	{name: "filter unset again", set: withAttributes("views.py filter=upper\nviews.py -filter\n", "filter.upper.clean false")},
	{name: "working-tree-encoding", want: FilteredPath, set: withAttributes("*.py working-tree-encoding=UTF-16\n")},
	{name: "ident without a keyword", set: withAttributes("*.py ident\n")},
	{name: "ident with a keyword", want: FilteredPath, set: func(d repoDir) repoDir {
		d.write("app/views.py", "# $Id$\n")
		d.git("commit", "-q", "-am", "id")
		return withAttributes("*.py ident\n")(d)
	}},
}

// config appends to the user's own configuration file.
func (d repoDir) config(text string) {
	d.t.Helper()
	f, err := os.OpenFile(os.Getenv("GIT_CONFIG_GLOBAL"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		d.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func author(want string) func(repoDir, string) {
	return func(d repoDir, head string) {
		d.t.Helper()
		if got := d.git("log", "-1", "--format=%an <%ae>", head); got != want {
			d.t.Errorf("author %s, want %s", got, want)
		}
	}
}

// Who commits.
var identityRows = []situation{
	{name: "no identity", want: NoIdentity, set: here(func(d repoDir) {
		d.config("[user]\n\tname =\n\temail =\n\tuseConfigOnly = true\n")
	})},
	{name: "identity by include", then: author("Inc Luded <inc@example.com>"), set: here(func(d repoDir) {
		d.config("[include]\n\tpath = more.inc\n")
		path := filepath.Join(filepath.Dir(os.Getenv("GIT_CONFIG_GLOBAL")), "more.inc")
		if err := os.WriteFile(path, []byte("[user]\nname = Inc Luded\nemail = inc@example.com\n"), 0o644); err != nil {
			d.t.Fatal(err)
		}
	})},
	{name: "identity by includeIf", then: author("Ada Example <work@example.com>"), set: here(func(d repoDir) {
		d.config("[includeIf \"gitdir:" + filepath.Dir(d.path) + "/\"]\n\tpath = work.inc\n")
		path := filepath.Join(filepath.Dir(os.Getenv("GIT_CONFIG_GLOBAL")), "work.inc")
		if err := os.WriteFile(path, []byte("[user]\nemail = work@example.com\n"), 0o644); err != nil {
			d.t.Fatal(err)
		}
	})},
	{name: "identity by environment", then: author("Env Name <env@example.com>"), set: here(func(d repoDir) {
		setenv(d.t, "GIT_AUTHOR_NAME", "Env Name")
		setenv(d.t, "GIT_AUTHOR_EMAIL", "env@example.com")
	})},
	{name: "author apart from committer", then: author("Au Thor <ada@example.com>"), set: here(func(d repoDir) {
		d.git("config", "author.name", "Au Thor")
	})},
}

// Signatures, by the programs that the user configured.
var signRows = []situation{
	{name: "signed by openpgp", git: "sign", set: here(func(d repoDir) {
		d.program("gpg.program", "openpgp")
		d.git("config", "commit.gpgSign", "true")
	}), then: signedBy("-----BEGIN PGP SIGNATURE-----")},
	{name: "signed by x509", git: "sign", set: here(func(d repoDir) {
		d.git("config", "gpg.format", "x509")
		d.program("gpg.x509.program", "x509")
		d.git("config", "commit.gpgSign", "true")
	}), then: signedBy("-----BEGIN SIGNED MESSAGE-----")},
	{name: "signed by ssh", git: "sign", set: here(func(d repoDir) {
		key := filepath.Join(d.t.(interface{ TempDir() string }).TempDir(), "key")
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
			d.t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
		d.git("config", "gpg.format", "ssh")
		d.git("config", "user.signingKey", key)
		d.git("config", "commit.gpgSign", "true")
	}), then: signedBy("-----BEGIN SSH SIGNATURE-----")},
}

// program installs a signing program that answers as gpg and gpgsm do.
func (d repoDir) program(key, kind string) {
	d.t.Helper()
	d.hook(kind, `cat > .git/signed; echo "[GNUPG:] BEGIN_SIGNING" >&2; echo "[GNUPG:] SIG_CREATED D 1 8 00 1 F" >&2
case $0 in *x509) n="SIGNED MESSAGE";; *) n="PGP SIGNATURE";; esac
printf -- "-----BEGIN $n-----\n\nc2lnbmVk\n-----END $n-----\n"`)
	d.git("config", key, d.join(".git/hooks/"+kind))
}

func signedBy(mark string) func(repoDir, string) {
	return func(d repoDir, head string) {
		d.t.Helper()
		if got := d.git("cat-file", "commit", head); !strings.Contains(got, "gpgsig "+mark) {
			d.t.Errorf("the commit is not signed:\n%s", got)
		}
	}
}

// Settings of git's that concern messages; ours stays as it was written.
var messageRows = []situation{
	{name: "commit.cleanup strip", set: run("config commit.cleanup strip"), then: ourMessage},
	{name: "commit.cleanup scissors", set: run("config commit.cleanup scissors"), then: ourMessage},
	{name: "commit.cleanup verbatim", set: run("config commit.cleanup verbatim"), then: ourMessage},
	{name: "commit.template", set: here(func(d repoDir) {
		d.write(".git/template", "Why:\n")
		d.git("config", "commit.template", ".git/template")
	}), then: ourMessage},
	{name: "core.commentChar", set: run("config core.commentChar S"), then: ourMessage},
	{name: "i18n.commitEncoding", set: run("config i18n.commitEncoding ISO-8859-1"), then: ourMessage},
	{name: "signed with another encoding", git: "sign", set: here(func(d repoDir) {
		d.git("config", "i18n.commitEncoding", "ISO-8859-1")
		d.program("gpg.program", "openpgp")
		d.git("config", "commit.gpgSign", "true")
	}), then: ourMessage},
}

// ourMessage: the commit's message is the one given, and the reflog has its subject.
func ourMessage(d repoDir, head string) {
	d.t.Helper()
	object := d.git("cat-file", "commit", head)
	if _, got, _ := strings.Cut(object, "\n\n"); got != "Step\n\nSpanwalk-Step: start-span" || strings.Contains(object, "\nencoding ") {
		d.t.Errorf("the commit is\n%s", object)
	}
	if got := d.git("reflog", "-1", "--format=%gs"); got != "commit: Step" {
		d.t.Errorf("reflog: %q", got)
	}
}

// passing is a hook that notes that it ran.
const passing = `echo "$(basename "$0")" >> .git/ran`

func allRan(d repoDir, _ string) {
	d.t.Helper()
	if got := d.read(".git/ran"); got != "pre-commit\nprepare-commit-msg\ncommit-msg\npost-commit\n" {
		d.t.Errorf("hooks that ran:\n%s", got)
	}
}

// Hooks of the user's; hooks_test.go has what they see and what becomes of it
// when one fails.
var hookRows = []situation{
	{name: "hooks that pass", set: here(func(d repoDir) {
		for _, name := range []string{"pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"} {
			d.hook(name, passing)
		}
	}), then: allRan},
	{name: "hooks in core.hooksPath", set: here(func(d repoDir) {
		for _, name := range []string{"pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"} {
			d.hook("shared/"+name, passing)
		}
		d.hook("pre-commit", "exit 1")
		d.git("config", "core.hooksPath", ".git/hooks/shared")
	}), then: allRan},
	{name: "hooks beside staged and dirty work", set: here(func(d repoDir) {
		d.write("setup.py", "staged\n")
		d.git("add", "setup.py")
		d.git("rm", "-q", "--cached", "README")
		d.write("app/tasks.py", "dirty\n")
		d.hook("pre-commit", "test -z \"$(git diff --cached --name-only -- setup.py README app/tasks.py)\"")
	})},
	{name: "hook that edits the file", set: here(func(d repoDir) { d.hook("pre-commit", "echo '# by the hook' >> app/views.py") }),
		blob: viewsText + "# more\n# by the hook\n"},
	{name: "hook in a SHA-256 repository", init: []string{"--object-format=sha256"}, set: here(func(d repoDir) { d.hook("pre-commit", passing) })},
	{name: "hook with a split index", set: here(func(d repoDir) {
		d.git("update-index", "--split-index")
		d.hook("pre-commit", "git update-index --refresh")
	})},
	{name: "hook in a sparse index", set: here(func(d repoDir) {
		d.write("docs/deep/conf.py", "conf\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "more")
		d.git("sparse-checkout", "set", "--sparse-index", "app")
		d.hook("pre-commit", "git status")
	})},
}
