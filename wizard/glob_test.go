package wizard

import "testing"

func TestMatchGlob(t *testing.T) {
	for _, tt := range []struct {
		glob, file string
		want       bool
	}{
		{"app", "app/a.py", true},
		{"app/", "app/deep/a.py", true},
		{"app", "lib/app/a.py", true},
		{"app", "application/a.py", false},
		{"/app", "lib/app/a.py", false}, // a leading slash ties it to the root
		{"/app", "app/a.py", true},
		{"app/a.py", "app/a.py", true},
		{"app/a.py", "lib/app/a.py", false},
		{"./app/a.py", "app/a.py", true},
		{"*.py", "lib/app/a.py", true},
		{"*.py", "lib/app/a.pyi", false},
		{"lib/*.py", "lib/a.py", true},
		{"lib/*.py", "lib/app/a.py", false},
		{"lib/**/*.py", "lib/a.py", true},
		{"lib/**/*.py", "lib/app/deep/a.py", true},
		{"**/tests", "a/b/tests/c.py", true},
		{"**/tests/**", "a/b/tests/c.py", true},
		{"**/tests/**", "a/b/tests.py", false},
		{"lib/**", "lib/a.py", true},
		{"lib/**", "other/a.py", false},
		{"te[rs]t_?.py", "x/test_a.py", true},
		{"**", "a.py", true},
		{"a/**/b/**/c.py", "a/x/b/y/z/c.py", true},
		{"a/**/b/**/c.py", "a/x/y/z/c.py", false},
	} {
		if got := matchGlob(tt.glob, tt.file); got != tt.want {
			t.Errorf("matchGlob(%q, %q) = %v, want %v", tt.glob, tt.file, got, tt.want)
		}
	}
}

func TestSelection(t *testing.T) {
	s := Selection{Only: []string{"app/**", "pyproject.toml"}, Exclude: []string{"migrations"}}
	for file, want := range map[string]bool{
		"app/a.py":              true,
		"pyproject.toml":        true,
		"app/migrations/000.py": false,
		"lib/a.py":              false,
	} {
		if got := s.Holds(file); got != want {
			t.Errorf("Holds(%q) = %v, want %v", file, got, want)
		}
	}
	if err := (Selection{Only: []string{"a/[b"}}).Check(); err == nil {
		t.Error("a malformed glob passed the check")
	}
	if err := (Selection{Exclude: []string{"/"}}).Check(); err == nil {
		t.Error("a glob that matches nothing passed the check")
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}
