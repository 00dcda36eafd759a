package wizard

import (
	"errors"
	"fmt"
	"slices"

	"spanwalk/gitops"
	"spanwalk/steps"
)

// Changes says what will look different in Sentry once the tree is deployed, as
// far as the commits of the steps tell; [Walk.Read] must have run. In a shallow
// clone that lacks what was before them it is what every migration changes.
func (w *Walk) Changes() ([]string, error) {
	done, err := w.committed()
	if errors.As(err, new(*gitops.ShallowError)) {
		err = nil
	}
	return changes(done), err
}

// always is what every migration changes.
var always = []string{
	"no transaction event arrives any more: segments, the spans at the root of a process, take their place",
	"data, tags and contexts of spans are attributes; a status is ok or error, and the finer ones are gone",
}

// aboutCode are the questions whose answers change how code is written and not
// what is sent.
var aboutCode = []string{steps.FloorQuestion, "traces-import", "tracing-off"}

// asBefore are options that keep what is sent as it was.
var asBefore = []string{"root-trace=own-trace", "bare-continue=continue-only", "root-span=rename", "unparented=guard"}

func changes(done []committed) []string {
	out := slices.Clone(always)
	for _, c := range done {
		counted := map[string]int{}
		var order []string
		add := func(text string) {
			if counted[text]++; counted[text] == 1 {
				order = append(order, text)
			}
		}
		for _, a := range c.plan.Answered {
			i := slices.IndexFunc(a.Options, func(o steps.Option) bool { return o.ID == a.Option })
			if i >= 0 && !slices.Contains(aboutCode, a.ID) && !slices.Contains(asBefore, a.ID+"="+a.Option) {
				add(fmt.Sprintf("%s = %s: %s", a.ID, a.Option, a.Options[i].Consequence))
			}
		}
		for _, f := range c.plan.Findings {
			if f.Applied && f.Tier == steps.Review {
				add(f.Message)
			}
		}
		for _, text := range order {
			out = append(out, fmt.Sprintf("%s: %s", count(counted[text], "place"), text))
		}
	}
	return out
}
