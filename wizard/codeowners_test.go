package wizard

import (
	"strings"
	"testing"
)

func TestOwners(t *testing.T) {
	o := parseOwners([]byte(`# who looks
*            @all
docs/*       @writers # the folder itself
/app/        @app @lead
app/api/     @api
*.sql        @data
/vendor/
with\ space/ @space

[Security][2] @guards
auth/
^[Optional]
*.py
`))
	for path, want := range map[string]string{
		"README":         "@all",
		"docs/a.md":      "@writers",
		"docs/sub/a.md":  "@all",
		"app/a.py":       "@app @lead",
		"app/api/a.py":   "@api",
		"app/x.sql":      "@data",
		"lib/app/a.txt":  "@all",
		"vendor/a.py":    "",
		"with space/a":   "@space",
		"app/auth/a.py":  "@app @lead Security: @guards",
		"other/auth/sql": "@all Security: @guards",
	} {
		if got := strings.Join(o.of(path), " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
