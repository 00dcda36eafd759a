package steps

import (
	"fmt"
	"regexp"
	"strings"
)

// notInKeys is what keys of sites are kept free of: answers are read from them.
var notInKeys = regexp.MustCompile(`[^\w.]+`)

// lateSlug names what a filter reads in a key, so that the key does not depend
// on the filters around it.
func lateSlug(late string) string {
	if _, in, ok := strings.Cut(late, "("); ok {
		late = strings.TrimSuffix(in, ")")
	}
	return notInKeys.ReplaceAllString(strings.TrimPrefix(late, "the "), "-")
}

// serverText is the rule in words, for inbound filters or Relay.
func (s lateSite) serverText() string {
	var parts []string
	for _, t := range normal(s.drop.tests) {
		pred := s.filter.predicate(t, "", nil)
		attribute := spanAttribute(pred.subject.what)
		if attribute == "" || pred.how != "eq" || pred.spread || len(pred.values) != 1 {
			parts = append(parts, describeTest(t))
			continue
		}
		sign := "="
		if pred.not {
			sign = "!="
		}
		parts = append(parts, fmt.Sprintf("%s %s %s", attribute, sign, pred.values[0]))
	}
	return "Project Settings > Inbound Filters, or a Relay filter: drop root spans where " + strings.Join(parts, " and ")
}

func describeTest(t test) string {
	text := strings.Join(strings.Fields(t.node.Text()), " ")
	if t.not {
		return "not (" + text + ")"
	}
	return text
}

// spanAttribute is the attribute of a root that holds what the event kept
// elsewhere, "" for none.
func spanAttribute(what string) string {
	switch first, rest, _ := strings.Cut(what, "."); {
	case what == "contexts.response.status_code":
		return "http.response.status_code"
	case what == "contexts.trace.status":
		return "span.status"
	case what == "transaction_info.source":
		return "sentry.segment.name.source"
	case first == "tags" && rest != "":
		return rest
	case first == "user" && userAttributes[rest] != "":
		return userAttributes[rest]
	case what == "name":
		return "span.name"
	case what == "op":
		return "span.op"
	}
	return ""
}
