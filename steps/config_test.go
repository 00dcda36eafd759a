package steps

import (
	"testing"

	"spanwalk/rewrite"
)

// Every tool's own setting counts, the nearest file first, and no other tool's.
func TestLineWidth(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int
	}{
		{"none", nil, 88},
		{"black", map[string]string{"pyproject.toml": "[tool.isort]\nline_length = 60\n\n[tool.black]\nline-length = 100\n"}, 100},
		{"underscores", map[string]string{"pyproject.toml": "[tool.black]\nline_length = 101\n"}, 101},
		{"black's own", map[string]string{"pyproject.toml": "[tool.black]\ntarget-version = ['py312']\n", "setup.cfg": "[flake8]\nmax-line-length = 200\n"}, 88},
		{"ruff before black", map[string]string{"pyproject.toml": "[tool.black]\nline-length = 90\n[tool.ruff]\nline-length = 110\n"}, 110},
		{"ruff.toml", map[string]string{"ruff.toml": "target-version = 'py312'\nline-length = 95\n[lint]\n"}, 95},
		{"not ruff's tables", map[string]string{"ruff.toml": "[lint.pycodestyle]\nmax-line-length = 95\n"}, 88},
		{"pycodestyle of ruff", map[string]string{"pyproject.toml": "[tool.ruff.lint.pycodestyle]\nmax-line-length = 97\n"}, 97},
		{"flake8", map[string]string{".flake8": "[flake8]\nignore = E1\nmax-line-length = 79\n"}, 79},
		{"pycodestyle", map[string]string{"setup.cfg": "[metadata]\nname = x\n[pycodestyle]\nmax_line_length = 120\n"}, 120},
		{"pylint", map[string]string{"setup.cfg": "[pylint]\nmax-line-length = 140\n"}, 88},
		{"a comment", map[string]string{"pyproject.toml": "# [tool.black]\n# line-length = 100\n"}, 88},
		{"the nearest", map[string]string{"pyproject.toml": "[tool.black]\nline-length = 100\n", "app/setup.cfg": "[flake8]\nmax-line-length = 72\n"}, 72},
		{"windows", map[string]string{"pyproject.toml": "[tool.black]\r\nline-length = 99\r\n"}, 99},
		{"nonsense", map[string]string{"pyproject.toml": "[tool.black]\nline-length = 4\n"}, 88},
	} {
		others := map[string][]byte{}
		for name, text := range c.files {
			others[name] = []byte(text)
		}
		p := rewrite.NewProject(nil, others, nil)
		if got := lineWidth(p, "app/main.py"); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestCheckedByPyright(t *testing.T) {
	for _, c := range []struct {
		file, text string
		want       bool
	}{
		{"pyproject.toml", "[tool.pyright]\n", true},
		{"pyproject.toml", "[tool.basedpyright]\nreportAny = false\n", true},
		{"pyproject.toml", "# [tool.pyright]\n# see microsoft/pyright\n", false},
		{"api/pyrightconfig.json", "{}", true},
		{".pre-commit-config.yaml", "repos:\n  - repo: https://github.com/DetachHead/basedpyright-pre-commit-mirror\n", true},
		{".github/workflows/ci.yml", "      - run: uv run pyright src\n", true},
		{".gitlab-ci.yml", "  script:\n    - pyright\n", true},
		{"README.md", "we use pyright\n", false},
		{"pyproject.toml", "[tool.mypy]\nstrict = true\n", false},
	} {
		p := rewrite.NewProject(nil, map[string][]byte{c.file: []byte(c.text)}, nil)
		if got := checkedByPyright(p); got != c.want {
			t.Errorf("%s %q: %v, want %v", c.file, c.text, got, c.want)
		}
	}
}
