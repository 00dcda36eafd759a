package steps

import (
	"strings"
	"testing"
)

// filterClass is one thing that a before_send_transaction does, by statements
// in front of "return event" or by a condition on which it drops the event.
type filterClass struct {
	condition   string
	statements  string
	differences []string // what the migration states
}

const sampled = `client 1: traces_sample_rate 1.0 != null|client 1: traces_sampler false != true`

var filterClasses = map[string]filterClass{
	"exact name":     {condition: `event["transaction"] == "ping"`},
	"prefix":         {condition: `event["transaction"].startswith(("swe", "pon"))`},
	"suffix":         {condition: `event["transaction"].endswith("eep")`},
	"substring":      {condition: `"wee" in event["transaction"]`},
	"regex":          {condition: `re.search(r"^(ping|pong)$", event["transaction"])`},
	"set membership": {condition: `event["transaction"] in NOISE`},
	"op":             {condition: `event["contexts"]["trace"]["op"] == "cron"`},
	"allowed op":     {condition: `event["contexts"]["trace"].get("op") != "task"`, differences: strings.Split(sampled, "|")},
	"allowed names":  {condition: `event["transaction"] not in ("order", "fail")`, differences: strings.Split(sampled, "|")},
	"late status": {condition: `event["contexts"]["trace"].get("status") == "internal_error"`,
		differences: []string{`trace 4/root 1: added: span "fail" with op "task"`, `roots: not sent 1 != 0`}},
	"late tag": {condition: `event.get("tags", {}).get("card")`,
		differences: []string{`trace 2/root 1: added: span "order" with op "task" and 1 below`, `roots: not sent 1 != 0`,
			`event 1: trace "unsent trace 1" != "added trace 2"`, `event 1: span "unsent span 1" != "added trace 2/root 1"`}},
	"late span list": {condition: `not event["spans"]`,
		differences: []string{`trace 3/root 1: added: span "sweep" with op "cron"`, `trace 4/root 1: added: span "fail" with op "task"`, `roots: not sent 2 != 0`}},
	"scrub data":         {statements: "for span in event.get(\"spans\", []):\n    span[\"data\"].pop(\"body\", None)"},
	"scrub tags":         {statements: `event.get("tags", {}).pop("card", None)`},
	"scrub descriptions": {statements: "for span in event.get(\"spans\", []):\n    span[\"description\"] = span[\"description\"].upper()"},
	"scrub span list":    {statements: "if \"spans\" in event:\n    event[\"spans\"] = [s for s in event[\"spans\"] if s[\"op\"] != \"cache\"]"},
	"enrich":             {statements: `event.setdefault("tags", {})["region"] = "eu"`},
	"identity":           {statements: "pass"},
	"several": {statements: "if event[\"transaction\"] == \"ping\" or event[\"contexts\"][\"trace\"][\"op\"] == \"cron\":\n    return None\n" +
		"for span in event.get(\"spans\", []):\n    span[\"data\"].pop(\"body\", None)\nevent[\"tags\"][\"seen\"] = \"yes\""},
}

// noise is the constant that "set membership" reads.
const noise = "NOISE = {\"ping\", \"sweep\"}\n"

// filterWays write a program whose option leads to the statements in one way.
var filterWays = map[string]func(c filterClass) map[string]string{
	"module function": func(c filterClass) map[string]string {
		return main("def keep(event, hint):\n"+c.body(1), "before_send_transaction=keep")
	},
	"nested": func(c filterClass) map[string]string {
		files := main("", "")
		files["main.py"] = strings.Replace(files["main.py"], "sentry_sdk.init(traces_sample_rate=1.0)",
			"def setup():\n    def keep(event, hint):\n"+c.body(2)+"\n    sentry_sdk.init(traces_sample_rate=1.0, before_send_transaction=keep)\n\n\nsetup()", 1)
		return files
	},
	"lambda": func(c filterClass) map[string]string {
		if c.condition == "" {
			return nil
		}
		return main("", "before_send_transaction=lambda event, hint: None if "+c.condition+" else event")
	},
	"bound method": func(c filterClass) map[string]string {
		return main("class Filters:\n    def keep(self, event, hint):\n"+c.body(2)+"\n\nfilters = Filters()\n", "before_send_transaction=filters.keep")
	},
	"partial": func(c filterClass) map[string]string {
		return main("from functools import partial\n\n\ndef keep(where, event, hint):\n"+c.body(1), `before_send_transaction=partial(keep, "here")`)
	},
	"factory": func(c filterClass) map[string]string {
		return main("def made():\n    def keep(event, hint):\n"+c.body(2)+"\n    return keep\n", "before_send_transaction=made()")
	},
	"shared with before_send": func(c filterClass) map[string]string {
		guarded := filterClass{statements: "if event.get(\"type\") == \"transaction\":\n" + indent(c.lines(), 1)}
		if c.condition != "" {
			guarded = filterClass{condition: `event.get("type") == "transaction" and ` + c.condition}
		}
		return main("def keep(event, hint):\n"+guarded.body(1), "before_send=keep, before_send_transaction=keep")
	},
	"other module": func(c filterClass) map[string]string {
		files := main("from filters import keep\n", "before_send_transaction=keep")
		files["main.py"] = strings.Replace(files["main.py"], noise, "", 1)
		files["filters.py"] = "import re\n\n" + noise + "\n\ndef keep(event, hint):\n" + c.body(1)
		return files
	},
	"options dict": func(c filterClass) map[string]string {
		return main("def keep(event, hint):\n"+c.body(1)+"\n\noptions = {}\noptions[\"before_send_transaction\"] = keep\n", "**options")
	},
}

func (c filterClass) lines() string {
	if c.condition != "" {
		return "if " + c.condition + ":\n    return None\n"
	}
	return c.statements + "\n"
}

// body is the whole body of a callback, indented.
func (c filterClass) body(depth int) string {
	return indent(c.lines()+"return event\n", depth)
}

func indent(text string, depth int) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if line != "" {
			b.WriteString(strings.Repeat("    ", depth) + line)
		}
	}
	return b.String()
}

// main is a program with roots that each class of filter tells apart.
func main(before, options string) map[string]string {
	if options != "" {
		options = ", " + options
	}
	return map[string]string{"main.py": "import re\n\nimport sentry_sdk\n\n" + noise + "\n\n" + before + "\n\nsentry_sdk.init(traces_sample_rate=1.0" + options + ")\n" +
		`with sentry_sdk.start_transaction(op="task", name="ping"):
    with sentry_sdk.start_span(op="cache", name="look"):
        pass
with sentry_sdk.start_transaction(op="task", name="order") as root:
    root.set_tag("card", "4111")
    with sentry_sdk.start_span(op="db", name="load") as span:
        span.set_data("body", "abc")
        span.set_data("rows", 3)
    sentry_sdk.capture_message("hello")
with sentry_sdk.start_transaction(op="cron", name="sweep"):
    pass
try:
    with sentry_sdk.start_transaction(op="task", name="fail"):
        raise ValueError("x")
except ValueError:
    pass
`}
}

// TestFilterMatrix holds each class of filter to the same effect before and
// after its migration, whichever way the option leads to it, on the newest 2.x
// for every floor and on 3.x for those that allow it.
func TestFilterMatrix(t *testing.T) {
	pool := newPool(t)
	releases := []string{pool.newest2, pool.releases[len(pool.releases)-1]}
	runs := counter{}
	t.Run("programs", func(t *testing.T) {
		for _, class := range sortedKeys(filterClasses) {
			for _, way := range sortedKeys(filterWays) {
				files := filterWays[way](filterClasses[class])
				if files == nil {
					continue
				}
				t.Run(class+" "+way, func(t *testing.T) {
					t.Parallel()
					p := &program{files: map[string][]byte{}, review: true, expected: filterClasses[class].differences,
						answers: []Decision{{Question: "late-filter", Option: "drop"}}}
					for name, text := range files {
						p.files[name] = []byte(text)
					}
					runMatrix(t, pool, p, releases, &runs)
				})
			}
		}
	})
	if runs.n() < 900 {
		t.Errorf("only %d comparisons", runs.n())
	}
}

// runMatrix compares one program, each text that a migration makes of it once
// for a release.
func runMatrix(t *testing.T, pool *pool, p *program, releases []string, runs *counter) {
	static := pool.run(t, pool.newest2, job{"dir": writeTree(t, p.files), "mode": "static"})
	seen := map[string]bool{}
	for _, floor := range []string{"2.62.0", "2.66.1", "2.67.0", "2.70.0"} {
		after, left := p.migrated(t, floor)
		for _, release := range releases {
			lowest, err := ParseRelease(floor)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(release, "3.") && !lowest.AtLeast(R2_67_0) {
				continue
			}
			runs.add()
			if text := release + sources(after); !seen[text] {
				seen[text] = true
				stream := pool.run(t, release, job{"dir": writeTree(t, after), "mode": "stream"})
				if v := pool.compare(t, static, stream, p, floor); !v.Equal {
					t.Errorf("floor %s on %s:\n%s%s%s", floor, release, v.text(), left, sources(after))
				}
			}
		}
	}
}
