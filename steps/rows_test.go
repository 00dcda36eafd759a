package steps

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rowSections are the headings that testdata/oracle/rows.txt must have, in
// this order: one for each part of the specification that a program can show,
// and a last one for programs that no row asks for.
var rowSections = []string{
	"rules.md §4.3 start-span",
	"rules.md §4.4 start-transaction",
	"rules.md §4.5 start-child",
	"rules.md §4.6 current-span",
	"rules.md §4.7 root-span",
	"rules.md §4.8 trace-decorator",
	"rules.md §4.9 span-types",
	"rules.md §4.10 trace-context",
	"rules.md §4.11 span-members",
	"rules.md §4.12 span-data",
	"rules.md §4.14 continue-trace",
	"facts/sdk.md B3 scope data on spans",
	"facts/sdk.md C1 creation",
	"facts/sdk.md C2 data, status, naming, headers",
	"facts/sdk.md C3 status",
	"facts/sdk.md C4 end timestamps",
	"facts/sdk.md D activation",
	"facts/sdk.md E continuing traces",
	"facts/sdk.md H attribute values",
	"facts/sdk.md I @trace",
	"facts/sdk.md J slots and no-op spans",
	"facts/sdk-newer.md M and N",
	"beyond the rows",
}

// TestRows holds testdata/oracle/rows.txt to what it names: each row is shown
// by something that is there, and each program has its place.
func TestRows(t *testing.T) {
	for _, problem := range rowProblems(rowsText(t), rowSections, rowWitnesses(t)) {
		t.Error(problem)
	}
}

// rowsText is the table.
func rowsText(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracleDir, "rows.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRowProblems shows that each kind of mistake in the table is seen.
func TestRowProblems(t *testing.T) {
	sections := []string{"A", "beyond the rows"}
	witnesses := map[string]bool{"one": true, "two": true, "start-span/with": false, "TestRows": false}
	const good = "words\n\n# A\nop=\"x\" : one\nname= : start-span/with, TestRows -- no edit\n\n# beyond the rows\nmore : two\n"
	if problems := rowProblems(good, sections, witnesses); len(problems) > 0 {
		t.Errorf("a good table: %q", problems)
	}
	for want, change := range map[string][2]string{
		"nothing is called three":               {": one", ": one, three"},
		"line 4: names one twice":               {": one", ": one, one"},
		"line 4: the row names nothing":         {": one", ": "},
		"line 4: not a row":                     {" : one", ""},
		"line 5: no program, and no words why":  {" -- no edit", ""},
		"line 5: listed again":                  {"name= :", "op=\"x\" :"},
		"two stands nowhere":                    {"more : two", "more : one"},
		"two is beyond the rows and in line 4":  {": one", ": one, two"},
		`the headings are ["beyond the rows"]`:  {"# A\n", ""},
		"# A has no rows":                       {"op=\"x\" : one\nname= : start-span/with, TestRows -- no edit\n", ""},
		`the headings are ["A" "A" "beyond the`: {"# A\n", "# A\na : one\n# A\n"},
	} {
		problems := rowProblems(strings.Replace(good, change[0], change[1], 1), sections, witnesses)
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("%q instead of %q: got %q, want %q", change[1], change[0], problems, want)
		}
	}
}

// row is one line of the table below a heading.
type row struct {
	line    int // 1-based
	section string
	label   string
	names   []string // what shows it
	words   string   // behind " -- "
}

// readRows reads a table, whose format is told at the top of rows.txt. What is
// no row is told in words.
func readRows(text string) (rows []row, headings, problems []string) {
	for i, content := range strings.Split(text, "\n") {
		if heading, ok := strings.CutPrefix(content, "# "); ok {
			headings = append(headings, heading)
			continue
		}
		if len(headings) == 0 || content == "" {
			continue
		}
		body, words, _ := strings.Cut(content, " -- ")
		cut := strings.LastIndex(body, " : ")
		if cut < 0 {
			problems = append(problems, fmt.Sprintf("line %d: not a row: %s", i+1, content))
			continue
		}
		rows = append(rows, row{i + 1, headings[len(headings)-1], body[:cut], strings.Split(body[cut+3:], ", "), words})
	}
	return rows, headings, problems
}

// rowProblems reads a table and returns what is wrong with it, in words with
// 1-based lines. witnesses are all that a row may name; it is true for
// programs, which have to be named.
func rowProblems(text string, sections []string, witnesses map[string]bool) []string {
	rows, headings, problems := readRows(text)
	named := map[string]int{}  // the first line of each witness
	filled := map[string]int{} // rows of each section
	listed := map[string]bool{}
	for _, r := range rows {
		complain := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf("line %d: ", r.line)+fmt.Sprintf(format, args...))
		}
		filled[r.section]++
		if key := r.section + "\n" + r.label; listed[key] {
			complain("listed again: %s", r.label)
		} else {
			listed[key] = true
		}
		program := false
		for i, name := range r.names {
			isProgram, known := witnesses[name]
			switch {
			case name == "":
				complain("the row names nothing")
			case !known:
				complain("nothing is called %s", name)
			case slices.Contains(r.names[:i], name):
				complain("names %s twice", name)
			case r.section == sections[len(sections)-1] && named[name] > 0:
				complain("%s is beyond the rows and in line %d", name, named[name])
			}
			program = program || isProgram
			if named[name] == 0 {
				named[name] = r.line
			}
		}
		if !program && r.words == "" {
			complain("no program, and no words why")
		}
	}
	if !slices.Equal(headings, sections) {
		problems = append(problems, fmt.Sprintf("the headings are %q, want %q", headings, sections))
	}
	for _, heading := range headings {
		if filled[heading] == 0 {
			problems = append(problems, "# "+heading+" has no rows")
		}
	}
	for name, isProgram := range witnesses {
		if isProgram && named[name] == 0 {
			problems = append(problems, name+" stands nowhere")
		}
	}
	slices.Sort(problems)
	return problems
}

// TestRowsOfSteps holds the rows of a step's rules to programs in which the
// step finds a place, unless the row says in words what else shows it.
func TestRowsOfSteps(t *testing.T) {
	rows, _, _ := readRows(rowsText(t))
	witnesses := rowWitnesses(t)
	checked := 0
	for _, r := range rows {
		rule, isRule := strings.CutPrefix(r.section, "rules.md §")
		_, step, _ := strings.Cut(rule, " ")
		if !isRule || r.words != "" {
			continue
		}
		for _, name := range r.names {
			if !witnesses[name] {
				continue
			}
			checked++
			if !finds(t, step, name) {
				t.Errorf("line %d: %s finds nothing in %s", r.line, step, name)
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d programs of rows were looked at", checked)
	}
}

// finds reports whether a step finds a place in a program.
func finds(t *testing.T, step, name string) bool {
	t.Helper()
	p := readProgram(t, filepath.Join(oracleDir, "programs", name+".txtar")).variants()[0]
	decisions := NewDecisions(append(p.answers, Decision{Question: FloorQuestion, Option: "2.67.0"})...)
	plans, _, err := Forecast(projectOf(t, p.files), decisions, Policy{Recommended: true, Review: p.review})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(plans, func(plan *Plan) bool { return plan.Step.Name == step && len(plan.Findings) > 0 })
}

// rowWitnesses returns all that a row may name: programs (true), archives of
// frameworks, of steps and of scripts by folder and name, Go tests, and "none".
func rowWitnesses(t *testing.T) map[string]bool {
	t.Helper()
	witnesses := map[string]bool{"none": false}
	for pattern, prefix := range map[string]string{
		oracleDir + "/programs/*.txtar":   "",
		oracleDir + "/frameworks/*.txtar": "f/",
		archives + "/*/*.txtar":           "",
		"../testdata/script/*.txtar":      "script/",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s (%v)", pattern, err)
		}
		for _, path := range paths {
			name := prefix + strings.TrimSuffix(filepath.Base(path), ".txtar")
			if strings.HasPrefix(pattern, archives) {
				name = filepath.Base(filepath.Dir(path)) + "/" + name
			}
			witnesses[name] = strings.Contains(pattern, "/programs/")
		}
	}
	tests, err := filepath.Glob("../*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	for _, path := range tests {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range declared.FindAllSubmatch(data, -1) {
			witnesses[string(match[1])] = false
		}
	}
	return witnesses
}
