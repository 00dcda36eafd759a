package tui

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"spanwalk/steps"
)

// later knows which lines later steps will rewrite, as far as the forecast
// tells: by their text, because line numbers move from step to step.
type later struct {
	lines map[string]int // path + "\n" + line -> the step's number
	names []string
}

func newLater(forecast []*steps.Plan) *later {
	l := &later{lines: map[string]int{}}
	for i, plan := range forecast {
		l.names = append(l.names, plan.Step.Name)
		before := map[string][]byte{}
		for _, f := range plan.Files {
			before[f.Path] = f.Before
		}
		for _, f := range plan.Findings {
			data := before[f.Path]
			if !f.Applied || f.Start >= len(data) {
				continue
			}
			line := bytes.TrimSpace(data[lineStart(data, f.Start):lineEnd(data, f.Start+1)])
			if key := f.Path + "\n" + string(line); l.lines[key] == 0 {
				l.lines[key] = i + 1
			}
		}
	}
	return l
}

// number returns a step's place in the walk, from 1.
func (l *later) number(step string) int {
	if l == nil {
		return 0
	}
	return 1 + slices.Index(l.names, step)
}

// remark says that a step after the one of that number rewrites a line, or "".
func (l *later) remark(path, line string, number int) string {
	if l == nil {
		return ""
	}
	if n := l.lines[path+"\n"+strings.TrimSpace(line)]; n > number {
		return fmt.Sprintf("← step %d, %s, rewrites this line", n, l.names[n-1])
	}
	return ""
}
