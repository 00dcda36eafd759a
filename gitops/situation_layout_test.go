package gitops

import (
	"os"
	"path/filepath"
	"strings"
)

// elsewhere works in another directory than the one first made.
func (d repoDir) elsewhere(path string) repoDir { return repoDir{d.t, path} }

// How repository and work tree lie.
var layoutRows = []situation{
	{name: "linked work tree", set: func(d repoDir) repoDir {
		d.git("worktree", "add", "-q", "-b", "feature", "../linked")
		return d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked"))
	}, then: func(d repoDir, _ string) {
		if got := d.git("reflog", "-1", "--format=%gs"); got != "commit: Step" {
			d.t.Errorf("reflog: %q", got)
		}
	}},
	{name: "linked work tree, detached", set: func(d repoDir) repoDir {
		d.git("worktree", "add", "-q", "--detach", "../linked")
		return d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked"))
	}},
	{name: "main tree beside a linked one", set: run("worktree add -q -b feature ../linked")},
	{name: "linked work tree of a bare repository", set: func(d repoDir) repoDir {
		d.git("clone", "-q", "--bare", ".", "../bare.git")
		d.git("-C", "../bare.git", "worktree", "add", "-q", "-b", "feature", "../linked")
		return d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked"))
	}},
	{name: "separate git directory", set: func(d repoDir) repoDir {
		d.git("clone", "-q", "--separate-git-dir", "../elsewhere.git", ".", "../clone")
		return d.elsewhere(filepath.Join(filepath.Dir(d.path), "clone"))
	}},
	{name: "inside a submodule", set: func(d repoDir) repoDir {
		return d.withSubmodule().elsewhere(filepath.Join(filepath.Dir(d.path), "parent", "lib"))
	}},
	{name: "parent of a submodule", set: func(d repoDir) repoDir { return d.withSubmodule() }},
	{name: "file of a submodule", path: "lib/app/views.py", want: SubmodulePath, set: func(d repoDir) repoDir { return d.withSubmodule() }},
	{name: "the submodule itself", path: "lib", want: SubmodulePath, set: func(d repoDir) repoDir { return d.withSubmodule() }},
	{name: "shallow clone", warn: ShallowClone, set: func(d repoDir) repoDir {
		d.git("commit", "-q", "--allow-empty", "-m", "two")
		return d.cloned("--depth=1", "--no-local")
	}},
	{name: "partial clone", set: func(d repoDir) repoDir {
		d.git("config", "uploadpack.allowFilter", "true")
		return d.cloned("--filter=blob:none", "--no-local")
	}},
	{name: "objects borrowed from another repository", set: func(d repoDir) repoDir { return d.cloned("--shared") }},
	{name: "root through a symbolic link", set: func(d repoDir) repoDir {
		link := filepath.Join(filepath.Dir(d.path), "link")
		if err := os.Symlink(d.path, link); err != nil {
			d.t.Fatal(err)
		}
		return d.elsewhere(link)
	}},
}

func (d repoDir) cloned(args ...string) repoDir {
	d.t.Helper()
	path := filepath.Join(filepath.Dir(d.path), "clone")
	d.git(append(append([]string{"clone", "-q"}, args...), "file://"+d.path, path)...)
	return d.elsewhere(path)
}

// withSubmodule makes a parent repository that holds d's as lib.
func (d repoDir) withSubmodule() repoDir {
	d.t.Helper()
	d.git("clone", "-q", ".", "../parent")
	parent := d.elsewhere(filepath.Join(filepath.Dir(d.path), "parent"))
	parent.git("submodule", "--quiet", "add", d.path, "lib")
	parent.git("-C", "lib", "switch", "-q", "-c", "work")
	parent.git("commit", "-q", "-m", "lib")
	return parent
}

// What the index holds.
var indexRows = []situation{
	{name: "index version 4", set: run("update-index --index-version 4")},
	{name: "index version 3", set: here(func(d repoDir) {
		d.git("update-index", "--skip-worktree", "setup.py")
		d.write("setup.py", "unseen\n")
	})},
	{name: "assume-unchanged elsewhere", set: here(func(d repoDir) {
		d.git("update-index", "--assume-unchanged", "setup.py")
		d.write("setup.py", "unseen\n")
	})},
	{name: "the file is assume-unchanged", set: run("update-index --assume-unchanged app/views.py")},
	{name: "the file is assume-unchanged and changed", want: DirtyPath, set: here(func(d repoDir) {
		d.git("update-index", "--assume-unchanged", "app/views.py")
		d.write("app/views.py", viewsText+"# unseen\n")
	})},
	{name: "the file is skip-worktree", want: SkipWorktreePath, set: run("update-index --skip-worktree app/views.py")},
	{name: "untracked cache", set: run("update-index --force-untracked-cache", "status"), then: func(d repoDir, _ string) {
		d.keepsExtension("UNTR")
		d.write("app/fresh.py", "new\n")
		if got := d.git("status", "--porcelain"); got != "?? app/fresh.py" {
			d.t.Errorf("git status with the untracked cache: %q", got)
		}
	}},
	{name: "file system monitor", set: here(func(d repoDir) {
		d.hook("fsmonitor", "printf 'token\\0'; printf '/\\0'")
		d.git("config", "core.fsmonitor", ".git/hooks/fsmonitor")
		d.git("status")
	}), then: func(d repoDir, _ string) { d.keepsExtension("FSMN") }},
	{name: "split index", set: run("update-index --split-index", "update-index --force-remove README", "add README"), then: func(d repoDir, _ string) {
		d.keepsExtension("link")
	}},
	{name: "split index by configuration", set: here(func(d repoDir) {
		d.git("config", "core.splitIndex", "true")
		d.git("config", "splitIndex.maxPercentChange", "90")
		d.write("setup.py", "two\n")
		d.write("zz.py", "two\n")
		d.git("add", "setup.py", "zz.py")
		d.git("rm", "-q", "--cached", "README")
	}), then: func(d repoDir, _ string) { d.keepsExtension("link") }},
	{name: "sparse checkout by cone", set: run("sparse-checkout set app")},
	{name: "sparse checkout without cone", set: run("sparse-checkout set --no-cone /app/ !/app/tasks.py")},
	{name: "sparse index", set: here(func(d repoDir) {
		d.write("docs/deep/conf.py", "conf\n")
		d.write("tests/test_a.py", "test\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "more")
		d.git("sparse-checkout", "set", "--sparse-index", "app")
	}), then: func(d repoDir, _ string) { d.keepsExtension("sdir") }},
	{name: "left out by a sparse index", path: "docs/deep/conf.py", want: SkipWorktreePath, set: here(func(d repoDir) {
		d.write("docs/deep/conf.py", "conf\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "more")
		d.git("sparse-checkout", "set", "--sparse-index", "app")
	})},
	{name: "split index of version 4", set: run("update-index --index-version 4", "update-index --split-index"), then: func(d repoDir, _ string) {
		d.keepsExtension("link")
	}},
	{name: "sparse index of version 4", set: here(func(d repoDir) {
		d.git("update-index", "--index-version", "4")
		d.write("docs/deep/conf.py", "conf\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "more")
		d.git("sparse-checkout", "set", "--sparse-index", "app")
	}), then: func(d repoDir, _ string) { d.keepsExtension("sdir") }},
	{name: "sparse checkout in a linked work tree", set: func(d repoDir) repoDir {
		d.git("worktree", "add", "-q", "-b", "feature", "../linked")
		d = d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked"))
		d.git("sparse-checkout", "set", "app")
		return d
	}},
	{name: "left out by a sparse checkout", path: "docs/conf.py", want: SkipWorktreePath, set: here(func(d repoDir) {
		d.write("docs/conf.py", "conf\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "more")
		d.git("sparse-checkout", "set", "app")
	})},
	{name: "unmerged elsewhere without a merge", set: here(func(d repoDir) {
		blob := d.git("rev-parse", "HEAD:setup.py")
		d.pipe("0 0000000000000000000000000000000000000000\tsetup.py\n100644 "+blob+" 1\tsetup.py\n100644 "+blob+" 2\tsetup.py\n", "update-index", "--index-info")
	})},
	{name: "the file is unmerged", want: UnmergedPath, set: here(func(d repoDir) {
		blob := d.git("rev-parse", "HEAD:app/views.py")
		d.pipe("0 0000000000000000000000000000000000000000\tapp/views.py\n100644 "+blob+" 1\tapp/views.py\n100644 "+blob+" 2\tapp/views.py\n", "update-index", "--index-info")
	})},
	{name: "checksum left out", set: run("config index.skipHash true", "update-index --force-write-index")},
	{name: "cache tree", set: run("read-tree HEAD", "status"), then: func(d repoDir, _ string) { d.keepsExtension("TREE") }},
	{name: "no index file", want: StagedPath, path: "app/views.py", set: here(func(d repoDir) {
		if err := os.Remove(d.join(".git/index")); err != nil {
			d.t.Fatal(err)
		}
	})},
}

// hook writes an executable shell script among the repository's hooks.
func (d repoDir) hook(name, script string) {
	d.t.Helper()
	path := d.join(".git/hooks/" + name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		d.t.Fatal(err)
	}
}

func (d repoDir) keepsExtension(name string) {
	d.t.Helper()
	data, err := os.ReadFile(d.join(".git/index"))
	if err != nil {
		d.t.Fatal(err)
	}
	index, err := parseIndex(data, 20)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range index.extensions {
		if e.name == name {
			return
		}
	}
	d.t.Errorf("the index lost its extension %s", name)
}

// How objects and refs are stored.
var formatRows = []situation{
	{name: "SHA-256", init: []string{"--object-format=sha256"}, git: "SHA-256"},
	{name: "SHA-256, index version 4", init: []string{"--object-format=sha256"}, git: "SHA-256", set: run("update-index --index-version 4")},
	{name: "shared by a group", init: []string{"--shared=group"}, git: "sharedRepository"},
	{name: "reference-transaction hook", git: "reference-transaction", set: here(func(d repoDir) {
		d.hook("reference-transaction", `echo "$1" >> .git/transactions`)
	}), then: func(d repoDir, _ string) {
		if got := d.read(".git/transactions"); !strings.Contains(got, "committed") {
			d.t.Errorf("the hook saw %q", got)
		}
	}},
	{name: "refs moved by git, detached", git: "reference-transaction", set: here(func(d repoDir) {
		d.hook("reference-transaction", "")
		d.git("checkout", "-q", "--detach")
	})},
}

// newGitRows need git 2.48 or later. Those before 2.45 refuse a reftable
// repository, which TestOpenRefuses shows.
var newGitRows = []situation{
	{name: "linked by relative paths", set: func(d repoDir) repoDir {
		d.git("worktree", "add", "-q", "--relative-paths", "-b", "feature", "../linked")
		return d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked"))
	}},
	{name: "reftable", init: []string{"--ref-format=reftable"}, git: "reftable", then: func(d repoDir, _ string) {
		if got := d.git("reflog", "-1", "--format=%gs %gn"); got != "commit: Step Ada Example" {
			d.t.Errorf("reflog: %s", got)
		}
	}},
	{name: "reftable, detached", init: []string{"--ref-format=reftable"}, warn: DetachedHead, set: run("checkout -q --detach")},
	{name: "reftable, SHA-256", init: []string{"--ref-format=reftable", "--object-format=sha256"}, git: "SHA-256"},
	{name: "reftable, unborn", init: []string{"--ref-format=reftable"}, want: UnbornBranch, set: run("update-ref -d HEAD")},
	{name: "reftable, cherry-pick", init: []string{"--ref-format=reftable"}, want: PickInProgress, set: conflict("cherry-pick", "side")},
	{name: "reftable, linked work tree", init: []string{"--ref-format=reftable"}, set: func(d repoDir) repoDir {
		d.git("worktree", "add", "-q", "-b", "feature", "../linked")
		return d.elsewhere(filepath.Join(filepath.Dir(d.path), "linked"))
	}},
}

func gitIsNew(d repoDir) bool {
	d.git("init", "-q", "probe")
	_, err := d.try("-C", "probe", "worktree", "add", "-q", "--relative-paths", "--orphan", "linked")
	return err == nil
}

// What kind of file it is.
var pathRows = []situation{
	{name: "executable file", path: "run.sh", then: func(d repoDir, _ string) {
		if got := d.git("ls-tree", "HEAD", "run.sh"); !strings.HasPrefix(got, "100755 ") {
			d.t.Errorf("mode: %s", got)
		}
	}},
	{name: "modes are not tracked", path: "run.sh", set: here(func(d repoDir) {
		d.git("config", "core.fileMode", "false")
		if err := os.Chmod(d.join("run.sh"), 0o644); err != nil {
			d.t.Fatal(err)
		}
	}), then: func(d repoDir, _ string) {
		if got := d.git("ls-tree", "HEAD", "run.sh"); !strings.HasPrefix(got, "100755 ") {
			d.t.Errorf("mode: %s", got)
		}
	}},
	{name: "read-only file", want: ReadOnlyPath, set: here(func(d repoDir) {
		if err := os.Chmod(d.join("app/views.py"), 0o444); err != nil {
			d.t.Fatal(err)
		}
	})},
	{name: "symbolic link", path: "link.py", want: SymlinkPath, set: here(func(d repoDir) {
		d.symlink("app/views.py", "link.py")
		d.git("add", "link.py")
		d.git("commit", "-q", "-m", "link")
	})},
	{name: "replaced by a symbolic link", path: "setup.py", want: SymlinkPath, set: here(func(d repoDir) {
		if err := os.Remove(d.join("setup.py")); err != nil {
			d.t.Fatal(err)
		}
		d.symlink("app/views.py", "setup.py")
	})},
	{name: "beyond a symbolic link", path: "lib/views.py", want: SymlinkPath, set: here(func(d repoDir) {
		d.symlink("app", "lib")
		d.git("add", "lib")
		d.git("commit", "-q", "-m", "link")
	})},
	{name: "case duplicate where case counts", path: "app/views.py", warn: CaseDuplicate, set: here(func(d repoDir) {
		d.write("app/Views.py", "other\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "two")
	})},
	{name: "case duplicate where case does not count", path: "app/views.py", want: CaseDuplicate, set: here(func(d repoDir) {
		d.write("app/Views.py", "other\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "two")
		d.git("config", "core.ignoreCase", "true")
	})},
	{name: "unusual name", path: "app/ü \"x\"\t.py", set: here(func(d repoDir) {
		d.git("config", "core.quotePath", "false")
		d.write("app/ü \"x\"\t.py", "one\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "name")
	}), then: nil},
	{name: "name that needs a long entry", path: strings.Repeat("long/", 80) + "x.py", set: here(func(d repoDir) {
		d.write(strings.Repeat("long/", 80)+"x.py", "one\n")
		d.git("add", ".")
		d.git("commit", "-q", "-m", "name")
	})},
	{name: "outside", path: "../x.py", want: InvalidPath},
	{name: "inside .git", path: ".git/config", want: InvalidPath},
}

func (d repoDir) symlink(target, path string) {
	d.t.Helper()
	if err := os.Symlink(target, d.join(path)); err != nil {
		d.t.Fatal(err)
	}
}
