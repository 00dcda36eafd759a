package steps

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestServerRules holds the ready text for the server to each class of filter
// on late data: what Relay can test becomes a generic filter for roots only,
// what it cannot is said.
func TestServerRules(t *testing.T) {
	const root = `{"op":"not","inner":{"op":"eq","name":"span.attributes.sentry.segment.name.source.value","value":null}}`
	for condition, want := range map[string]string{
		`event["contexts"]["response"]["status_code"] == 404`: `and: ` + root + `, ` +
			`{"op":"and","inner":[{"op":"gte","name":"span.attributes.http.response.status_code.value","value":404},{"op":"lte","name":"span.attributes.http.response.status_code.value","value":404}]}`,
		`event["contexts"]["response"]["status_code"] in (301, 302)`: `and: ` + root + `, {"op":"or","inner":[` +
			`{"op":"and","inner":[{"op":"gte","name":"span.attributes.http.response.status_code.value","value":301},{"op":"lte","name":"span.attributes.http.response.status_code.value","value":301}]},` +
			`{"op":"and","inner":[{"op":"gte","name":"span.attributes.http.response.status_code.value","value":302},{"op":"lte","name":"span.attributes.http.response.status_code.value","value":302}]}]}`,
		`event["contexts"]["response"]["status_code"] < 400`:       `and: ` + root + `, {"op":"lt","name":"span.attributes.http.response.status_code.value","value":400}`,
		`not 400 <= event["contexts"]["response"]["status_code"]`:  `and: ` + root + `, {"op":"not","inner":{"op":"gte","name":"span.attributes.http.response.status_code.value","value":400}}`,
		`event["contexts"]["trace"]["status"] == "internal_error"`: `and: ` + root + `, {"op":"eq","name":"span.status","value":"error"}`,
		`event["transaction_info"]["source"] == "url"`:             `and: ` + root + `, {"op":"eq","name":"span.attributes.sentry.segment.name.source.value","value":"url"}`,
		`event["tags"].get("errored") != "yes"`:                    `and: ` + root + `, {"op":"not","inner":{"op":"eq","name":"span.attributes.errored.value","value":"yes"}}`,
		`"tier" not in event.get("tags", {})`:                      `and: ` + root + `, {"op":"not","inner":{"op":"not","inner":{"op":"eq","name":"span.attributes.tier.value","value":null}}}`,
		`event["tags"].get("tier") in ["free", "trial"]`:           `and: ` + root + `, {"op":"eq","name":"span.attributes.tier.value","value":["free","trial"]}`,
		`event["tags"]["queue"].startswith("low-")`:                `and: ` + root + `, {"op":"glob","name":"span.attributes.queue.value","value":["low-*"]}`,
		`event["transaction"] == "ping" and event["user"]["id"]`:   `and: ` + root + `, {"op":"eq","name":"span.name","value":"ping"}, {"op":"not","inner":{"op":"eq","name":"span.attributes.user.id.value","value":null}}`,
		`not event["tags"].get("user")`:                            `and: ` + root + `, {"op":"not","inner":{"op":"not","inner":{"op":"eq","name":"span.attributes.user.value","value":null}}}`,
		`event["timestamp"] - event["start_timestamp"] < 2`:        `missing: no field of a streamed span holds the duration`,
		`event.get("user") is None`:                                `missing: no field of a streamed span holds the user`,
		`len(event["spans"]) > 50`:                                 `missing: no field of a streamed span holds the list of its spans`,
		`event["tags"]["queue"] in QUEUES`:                         `missing: the values are not spelt out in the code`,
	} {
		source := "import sentry_sdk\nfrom settings import QUEUES\n\n\ndef late(event, hint):\n    if " + condition + ":\n        return None\n    return event\n\n\n" +
			"sentry_sdk.init(traces_sample_rate=1.0, before_send_transaction=late)\n"
		project := projectOf(t, map[string][]byte{"app.py": []byte(source)})
		rules := ServerRules(project, NewDecisions(Decision{Question: "late-filter", Option: "server-side"}))
		if len(rules) != 1 {
			t.Errorf("%s: %d rules", condition, len(rules))
			continue
		}
		if got := inShort(t, rules[0]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", condition, got, want)
		}
		if others := ServerRules(project, NewDecisions(Decision{Question: "late-filter", Option: "drop"})); len(others) != 0 {
			t.Errorf("%s: rules for an answer that wants none: %v", condition, others)
		}
	}
}

// inShort is a rule's filter without its ID and layout.
func inShort(t *testing.T, r ServerRule) string {
	t.Helper()
	if r.Filter == "" {
		return "missing: " + r.Missing
	}
	var filter struct {
		ID        string
		IsEnabled bool
		Condition struct {
			Op    string
			Inner []json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(r.Filter), &filter); err != nil || filter.ID == "" || !filter.IsEnabled {
		t.Fatalf("%v in\n%s", err, r.Filter)
	}
	var parts []string
	for _, c := range filter.Condition.Inner {
		parts = append(parts, strings.ReplaceAll(strings.Join(strings.Fields(string(c)), ""), "\n", ""))
	}
	return fmt.Sprintf("%s: %s", filter.Condition.Op, strings.Join(parts, ", "))
}

// TestServerRuleText shows the text that the report gets.
func TestServerRuleText(t *testing.T) {
	project := projectOf(t, map[string][]byte{"app.py": []byte(`import sentry_sdk


def late(event, hint):
    if event["contexts"]["trace"]["status"] == "not_found":
        return None
    if event["timestamp"] - event["start_timestamp"] < 2:
        return None
    return event


sentry_sdk.init(traces_sample_rate=1.0, before_send_transaction=late)
`)})
	const late = "app.py::late/late-filter-"
	rules := ServerRules(project, NewDecisions(Decision{Question: "late-filter", Where: "app.py", Option: "server-side"}))
	if len(rules) != 2 || rules[0].Key != late+"contexts.trace.status#1" || rules[1].Key != late+"duration#1" || rules[0].Path != "app.py" {
		t.Fatalf("rules: %+v", rules)
	}
	want := "Drop root spans where span.status = \"error\".\n\n" +
		"Sentry's own inbound filters (Project Settings > Inbound Filters) know health checks, releases and IP addresses of spans, " +
		"and cannot test the status (contexts.trace.status). Where the project configuration of Relay is yours (self-hosted Sentry, a Relay of your own), " +
		"this entry of `filterSettings.generic.filters` can:\n\n```json\n" + `{
  "id": "spanwalk-late-late-filter-contexts.trace.status-1",
  "isEnabled": true,
  "condition": {
    "op": "and",
    "inner": [
      {
        "op": "not",
        "inner": {
          "op": "eq",
          "name": "span.attributes.sentry.segment.name.source.value",
          "value": null
        }
      },
      {
        "op": "eq",
        "name": "span.status",
        "value": "error"
      }
    ]
  }
}` + "\n```\n\nIt drops the root alone, which it knows by its source (an attribute that every root carries from sentry-sdk 2.67.0 on); " +
		"the spans below it are kept and billed.\n"
	if got := rules[0].Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := rules[1].Text(); !strings.Contains(got, "Neither can the generic filters of Relay: no field of a streamed span holds the duration.") {
		t.Errorf("got\n%s", got)
	}
}
