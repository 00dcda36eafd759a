package pins

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func TestManifest(t *testing.T) {
	yes := `pyproject.toml api/pyproject.toml requirements.txt requirements/dev.txt reqs/x.in requirements.in dev-requirements.txt
		requirements_test.txt constraints.txt a/constraints-3.9.txt setup.cfg lib/setup.py Pipfile Pipfile.lock environment.yml
		environment-dev.yaml conda.yml .pre-commit-config.yaml Dockerfile Dockerfile.dev Dockerfile.py containerfile-a.py jenkinsfile.py web.Dockerfile docker/Containerfile
		.github/workflows/ci.yml .github/actions/a/action.yaml .gitlab-ci.yml ci/build.gitlab-ci.yml .circleci/config.yml .travis.yml azure-pipelines.yml
		Jenkinsfile uv.lock poetry.lock pdm.lock pylock.toml pylock.dev.toml requirements.lock tox.ini uv.toml hatch.toml pixi.toml`
	for _, path := range strings.Fields(yes) {
		if !Manifest(path) {
			t.Errorf("%s is not taken for a manifest", path)
		}
	}
	no := `main.py docker.py profile.py mydockerfile.py requirements.py requirements.md docs/requirements.rst notes.txt requirements/README.md config.yml
		package.json package-lock.json Cargo.lock Cargo.toml docker-compose.yml setup.py.bak mysetup.py pyproject.toml.orig
		src/pip/data.json github/workflows/x.yml`
	for _, path := range strings.Fields(no) {
		if Manifest(path) {
			t.Errorf("%s is taken for a manifest", path)
		}
	}
}

func TestFindLeavesOthersAlone(t *testing.T) {
	for path, src := range map[string]string{
		"README.md":      "sentry-sdk==2.0",
		"pyproject.toml": "not [ toml, but nothing of ours either",
		"poetry.lock":    "",
	} {
		if pins, err := Find(path, []byte(src)); pins != nil || err != nil {
			t.Errorf("Find(%s) = %v, %v", path, pins, err)
		}
	}
}

func TestFindUTF16(t *testing.T) {
	wide := func(text string, order func(uint16) []byte) []byte {
		var out []byte
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			out = append(out, order(u)...)
		}
		return out
	}
	little := func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }
	big := func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} }
	for name, order := range map[string]func(uint16) []byte{"little": little, "big": big} {
		_, err := Find("requirements.txt", wide("flask\r\nsentry-sdk==2.0\r\n", order))
		if err == nil || !strings.HasPrefix(err.Error(), "requirements.txt: is UTF-16") {
			t.Errorf("%s: %v", name, err)
		}
		if pins, err := Find("requirements.txt", wide("flask\r\n", order)); pins != nil || err != nil {
			t.Errorf("%s: %v, %v", name, pins, err)
		}
	}
}

func TestFindLoneCarriageReturns(t *testing.T) {
	found, err := Find("requirements.txt", []byte("flask\rsentry-sdk>=2.0\r# sentry-sdk\rx"))
	if err != nil || len(found) != 1 || found[0].Line != 2 || found[0].Text != "sentry-sdk>=2.0" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestYAMLTrailingBlanks(t *testing.T) {
	src := "repos:\n  - hooks:\n      - additional_dependencies:\n          - sentry-sdk   \n          - \"sentry-sdk\"  \n"
	list, after := run(".pre-commit-config.yaml", []byte(src), "2.67.0")
	want := strings.ReplaceAll(src, "sentry-sdk", "sentry-sdk>=2.67.0")
	if diff := cmp.Diff(want, string(after)); diff != "" {
		t.Errorf("%s\n%s", list, diff)
	}
}

func TestLowest(t *testing.T) {
	project := func(body string) string { return "[project]\n" + body }
	tests := []struct {
		name  string
		files map[string]string
		want  string // "" for not ok
		exact bool
	}{
		{"none", map[string]string{"pyproject.toml": project(`dependencies = ["flask"]`)}, "", false},
		{"lower", map[string]string{"pyproject.toml": project(`dependencies = ["sentry-sdk>=2.70,<3"]`)}, "2.70", false},
		{"exact", map[string]string{"requirements.txt": "sentry-sdk==2.70.1\n"}, "2.70.1", true},
		{"wildcard", map[string]string{"requirements.txt": "sentry-sdk==2.*\n"}, "2", false},
		{"unversioned", map[string]string{"requirements.txt": "sentry-sdk\n"}, "", false},
		{"only upper", map[string]string{"requirements.txt": "sentry-sdk<3\n"}, "", false},
		{"unreadable", map[string]string{"requirements.txt": "sentry-sdk>={{ x }}\n"}, "", false},
		{"one list", map[string]string{"pyproject.toml": project(`dependencies = ["sentry-sdk", "sentry-sdk[flask]>=2.70"]`)}, "2.70", false},
		{"markers", map[string]string{"requirements.txt": "sentry-sdk>=2.70;python_version>'3.8'\nsentry-sdk>=2.40;python_version<='3.8'\n"}, "2.40", false},
		{"two lists", map[string]string{"pyproject.toml": project("dependencies = ['sentry-sdk>=2.70']\noptional-dependencies.a = ['sentry-sdk>=2.68']")}, "2.68", false},
		{"two files", map[string]string{"a/requirements.txt": "sentry-sdk==2.68.0", "b/requirements.txt": "sentry-sdk>=2.68"}, "2.68.0", true},
		{"three", map[string]string{"requirements.txt": "sentry-sdk>=3.0.0b2"}, "3.0.0b2", false},
		{"union", map[string]string{"pyproject.toml": "[tool.poetry.dependencies]\nsentry-sdk = '^2.70 || ^3.0'"}, "2.70", false},
		{"hook aside", map[string]string{
			"requirements.txt":        "sentry-sdk>=2.70",
			".pre-commit-config.yaml": "repos: [{hooks: [{additional_dependencies: [sentry-sdk]}]}]",
			"uv.lock":                 "[[package]]\nname = 'sentry-sdk'\nversion = '2.71.0'",
			"Dockerfile":              "RUN pip install sentry-sdk==2.1",
		}, "2.70", false},
		{"vcs aside", map[string]string{"requirements.txt": "sentry-sdk @ git+https://x/y"}, "", false},
	}
	for _, test := range tests {
		got, exact, ok := Lowest(findAll(t, test.files))
		if got != test.want && ok || ok != (test.want != "") || exact != test.exact {
			t.Errorf("%s: Lowest = %q, %v, %v, want %q, %v", test.name, got, exact, ok, test.want, test.exact)
		}
	}
}

func findAll(t *testing.T, files map[string]string) []Pin {
	t.Helper()
	var all []Pin
	for path, src := range files {
		found, err := Find(path, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func TestLocked(t *testing.T) {
	files := map[string]string{
		"requirements.in":  "sentry-sdk>=2.1",
		"requirements.txt": "# This file is autogenerated by pip-compile\nsentry-sdk==2.66.1\n",
		"uv.lock":          "[[package]]\nname = 'sentry-sdk'\nversion = '2.70.0'",
	}
	if got, ok := Locked(findAll(t, files)); got != "2.66.1" || !ok {
		t.Errorf("Locked = %q, %v", got, ok)
	}
	if got, ok := Locked(findAll(t, map[string]string{"requirements.in": "sentry-sdk==2.1"})); ok {
		t.Errorf("Locked = %q without a lock", got)
	}
}

func TestLockCommands(t *testing.T) {
	got := LockCommands([]string{"uv.lock", "main.py", "a b/poetry.lock", "x/pdm.lock", "x/uv.lock", "Pipfile.lock", "it's/Pipfile.lock", "uv.lock"})
	want := []string{
		"uv lock --upgrade-package sentry-sdk",
		"poetry --directory 'a b' update --lock sentry-sdk",
		"pdm lock --update-reuse --project x",
		"uv lock --project x --upgrade-package sentry-sdk",
		"pipenv lock",
		`PIPENV_PIPFILE='it'\''s/Pipfile' pipenv lock`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRaiseBadFloor(t *testing.T) {
	found, err := Find("requirements.txt", []byte("sentry-sdk\n"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if change, verdict, message := Raise(found[0], "newest"); verdict != ReportOnly || change != (Change{}) || message == "" {
		t.Errorf("%v, %v, %q", change, verdict, message)
	}
}

// FuzzFind holds Find and Raise to spans that lie in the file, hold the pin's
// text and do not overlap, whatever the bytes.
func FuzzFind(f *testing.F) {
	paths := []string{
		"pyproject.toml", "Pipfile", "uv.lock", "Pipfile.lock", "setup.cfg", "tox.ini", "setup.py", "__manifest__.py",
		".pre-commit-config.yaml", "environment.yml", "requirements.txt", "Dockerfile", ".gitlab-ci.yml",
	}
	for i, src := range []string{
		"[project]\ndependencies = [\"sentry-sdk>=2.40\"]", "[packages]\nsentry-sdk = {extras = [\"a\"]}",
		"[[package]]\nname = \"sentry-sdk\"\nversion = \"2\"", `{"default": {"sentry-sdk": {"version": "==2"}}}`,
		"[options]\ninstall_requires = a; sentry-sdk<3", "[testenv]\ndeps = a: sentry-sdk", "x = ['sentry-sdk', f\"sentry-sdk\" + 'a']",
		"{'external_dependencies': {'python': ['sentry_sdk']}}",
		"repos: [{hooks: [{additional_dependencies: &a [sentry-sdk, \"sentry-sdk\\n\"]}]}]",
		"dependencies:\n  - x::sentry-sdk 2.*\n  - pip: [*a]", "sentry-sdk[a] (>=2) \\\n --hash=x",
		"RUN [\"pip\", \"install\", 'sentry-sdk']; pip install sentry-sdk@x", "- pip install \"sentry-sdk\n",
	} {
		f.Add(byte(i), []byte(src))
	}
	f.Fuzz(func(t *testing.T, which byte, src []byte) {
		path := paths[int(which)%len(paths)]
		found, err := Find(path, src)
		if err != nil {
			if !strings.HasPrefix(err.Error(), path+":") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		end := 0
		for _, p := range found {
			if p.Start < end || p.End < p.Start || p.End > len(src) || string(src[p.Start:p.End]) != p.Text {
				t.Fatalf("span %d-%d after %d of %d bytes: %+v", p.Start, p.End, end, len(src), p)
			}
			if p.Line < 1 || p.Column < 1 {
				t.Errorf("place %d:%d", p.Line, p.Column)
			}
			end = p.End
			change, verdict, _ := Raise(p, "2.67.0")
			if change != (Change{}) && (change.Start < p.Start || change.End > p.End || !p.Kind.editable()) {
				t.Errorf("%v: change %+v of %+v", verdict, change, p)
			}
		}
	})
}
