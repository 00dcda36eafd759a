package steps

import (
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

func describeTest(t test) string {
	text := oneLine(t.node.Text())
	if t.not {
		return "not (" + text + ")"
	}
	return text
}
