package steps

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tableClasses are the classes that the table of filters must have, and what
// the archives of each are known by.
var tableClasses = map[string]string{
	"exact name":                       `(\["transaction"\]|\.get\("transaction"\)|name|\.lower\(\)) == "`,
	"prefix":                           `\.startswith\(`,
	"suffix":                           `\.endswith\(`,
	"substring":                        `(part|"\w[\w-]+") in event\["transaction"\]`,
	"regex":                            `\.(search|match|fullmatch)\(`,
	"set membership":                   `(\["transaction"\]|\.get\("transaction"\)) in `,
	"op":                               `"op"[\])]+ (==|in) `,
	"allow-list":                       `return event\n    return None|!= "task"`,
	"URL of the request":               `"url"`,
	"method and headers":               `"method"\]`,
	"late: status code":                `status_code`,
	"late: status":                     `"status"`,
	"late: duration":                   `parsed\(event\["timestamp"\]\)`,
	"late: user":                       `event\.get\("user"\)`,
	"late: tags":                       `"errored"`,
	"late: source":                     `"transaction_info"`,
	"late: span list":                  `(len\(|not )event\["spans"\]`,
	"scrub data":                       `"data"\]`,
	"scrub tags":                       `"tags", \{\}\)\.pop\(`,
	"scrub descriptions":               `\["(description|transaction)"\] = `,
	"scrub span lists":                 `event\["spans"\] = \[`,
	"scrub what spans lack":            `"breadcrumbs"|walk\(event\)`,
	"enrichment":                       `"tags", \{\}\)\["region"\] = `,
	"identity":                         `def keep\(event, hint\):\n    return event`,
	"several in one body":              `return None(?s:.*)(span\["|\.pop\(|return None)`,
	"way: module function":             `\ndef keep`,
	"way: nested":                      `\n    def \w+\(event, hint\)`,
	"way: lambda":                      `before_send_transaction"?[=:] ?lambda`,
	"way: bound method":                `def \w+\(self, event, hint\)`,
	"way: functools.partial":           `partial\(`,
	"way: factory closure":             `    return (keep|drop)\n`,
	"way: object":                      `def __call__\(self, event, hint\)`,
	"way: shared with before_send":     `before_send=`,
	"way: another module":              `-- (filters|telemetry/filters)\.py --`,
	"way: options dict":                `\*\*(options|OPTIONS)`,
	"sampler: name, op, parent":        `"transaction_context"`,
	"sampler: keys of the application": `custom_sampling_context`,
	"sampler: keys of integrations":    `"asgi_scope"`,
	"sampler: environment, profiler":   `profiles_sampler=`,
	"sampler: object, method, factory, partial": `__call__|\)\.rate|return sampler|partial\(sampler`,
	"tags of the scope":                         `set_tag`,
	"one client, two frameworks":                `Flask(?s:.*)Celery|Celery(?s:.*)Flask`,
}

// TestFilterTable holds the table of filters in testdata/oracle/README.md to
// the archives: each is there, does what its class says and runs for the
// floors, and no program of a filter is left out.
func TestFilterTable(t *testing.T) {
	named := map[string]bool{}
	seen := map[string]bool{}
	for class, archives := range filterTable(t) {
		mark, known := tableClasses[class]
		if !known {
			t.Errorf("the test does not know the class %q", class)
			continue
		}
		seen[class] = true
		for _, name := range archives {
			named[name] = true
			holdsClass(t, class, name, regexp.MustCompile(mark))
		}
	}
	for class := range tableClasses {
		if !seen[class] {
			t.Errorf("the table lacks the class %q", class)
		}
	}
	programs := 0
	for prefix, pattern := range map[string]string{"": "programs/filter-*.txtar", "f/": "frameworks/*.txtar"} {
		paths, err := filepath.Glob(filepath.Join(oracleDir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		programs += len(paths)
		for _, path := range paths {
			if name := prefix + strings.TrimSuffix(filepath.Base(path), ".txtar"); !named[name] {
				t.Errorf("%s stands in no class of the table", name)
			}
		}
	}
	if programs < 80 {
		t.Errorf("only %d programs", programs)
	}
}

// filterTable reads the table: archives by class.
func filterTable(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracleDir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(data), "| class | archives |\n|---|---|\n")
	if !found {
		t.Fatal("README.md has no table of filters")
	}
	table := map[string][]string{}
	for _, line := range strings.Split(rest, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			break
		}
		table[strings.TrimSpace(cells[1])] = strings.Fields(cells[2])
	}
	return table
}

// holdsClass checks one archive of a class.
func holdsClass(t *testing.T, class, name string, mark *regexp.Regexp) {
	t.Helper()
	path := filepath.Join(oracleDir, "programs", name+".txtar")
	framework, isFramework := strings.CutPrefix(name, "f/")
	if isFramework {
		path = filepath.Join(oracleDir, "frameworks", framework+".txtar")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("class %q: %v", class, err)
		return
	}
	if !mark.Match(data) {
		t.Errorf("class %q: %s holds nothing like %s", class, name, mark)
	}
	p := readProgram(t, path)
	if floors := []string{"2.62.0", "2.66.1", "2.67.0", "2.70.0"}; !isFramework && !slices.Equal(p.floors, floors) {
		t.Errorf("%s: floors %v, want %v", name, p.floors, floors)
	}
	if strings.HasPrefix(class, "late: ") && len(p.each) != 3 {
		t.Errorf("%s: late filters are migrated with each answer", name)
	}
	if strings.HasPrefix(class, "late: ") && len(p.expected) == 0 {
		t.Errorf("%s: a late filter states what is sent", name)
	}
}
