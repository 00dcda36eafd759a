package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"spanwalk/steps"
	"spanwalk/wizard"
)

// found is a line of the start screen: what some steps find, in the words of
// the code.
type found struct {
	name          string
	places        int
	questions     int
	paths, shapes []string
	remark        string // said in place of the files
}

// kinds names what steps find. Steps it does not name stand under their own
// name.
func kinds() []struct {
	name  string
	steps []*steps.Step
} {
	return []struct {
		name  string
		steps []*steps.Step
	}{
		{"sentry-sdk pins", []*steps.Step{steps.SDKVersion}},
		{"init()", []*steps.Step{steps.TraceLifecycle}},
		{"transactions", []*steps.Step{steps.StartTransaction}},
		{"spans", []*steps.Step{steps.StartSpan, steps.StartChild}},
		{"span access", []*steps.Step{steps.CurrentSpan, steps.RootSpan, steps.TraceContext, steps.SpanMembers, steps.SpanTypes}},
		{"@trace", []*steps.Step{steps.TraceDecorator}},
		{"data on spans", []*steps.Step{steps.SpanData, steps.ScopeTags}},
		{"incoming traces", []*steps.Step{steps.ContinueTrace}},
		{"samplers", []*steps.Step{steps.SamplingContext, steps.TracesSampler}},
		{"filters", []*steps.Step{steps.BeforeSend, steps.LateFilters, steps.BeforeSendOption}},
		{"tests", []*steps.Step{steps.TestDoubles}},
	}
}

// foundIn sums up what the steps find, in the order of the walk.
func foundIn(forecast []*steps.Plan) []*found {
	var out []*found
	byName := map[string]*found{}
	for _, plan := range forecast {
		list := open(plan)
		if len(list) == 0 && len(plan.Open) == 0 {
			continue
		}
		name := strings.ReplaceAll(plan.Step.Name, "-", " ")
		for _, kind := range kinds() {
			if slices.Contains(kind.steps, plan.Step) {
				name = kind.name
			}
		}
		f := byName[name]
		if f == nil {
			f = &found{name: name, remark: floorText(plan)}
			byName[name], out = f, append(out, f)
		}
		f.add(plan, list)
	}
	return out
}

func (f *found) add(plan *steps.Plan, list []steps.Planned) {
	f.places, f.questions = f.places+len(list), f.questions+wizard.Groups(plan.Open)
	for _, x := range list {
		if !slices.Contains(f.paths, x.Path) {
			f.paths = append(f.paths, x.Path)
		}
		if shape := plan.Step.Name + x.Shape; !slices.Contains(f.shapes, shape) {
			f.shapes = append(f.shapes, shape)
		}
	}
}

// where says in which files something was found, in at most room columns.
func (f *found) where(room int) string {
	switch names := strings.Join(f.paths, ", "); {
	case f.remark != "":
		return f.remark
	case f.places == 0:
		return count(f.questions, "question")
	case len(f.paths) <= 2 && ansi.StringWidth(names) <= room:
		return names
	case len(f.paths) == 1:
		return ansi.TruncateLeft(names, ansi.StringWidth(names)-room+1, "…")
	case len(f.shapes) > 1:
		return count(len(f.paths), "file") + ", " + count(len(f.shapes), "shape")
	}
	return count(len(f.paths), "file")
}

// foundLine draws one line of what was found.
func (t *theme) foundLine(f *found, width int) string {
	room := width - 5 - 18 - 7
	if room < 12 {
		return fmt.Sprintf("   %4d %s", f.places, f.name)
	}
	return fmt.Sprintf("     %s%4d   %s", pad(f.name, 18), f.places, t.dim.Render(clip(f.where(room), room)))
}

// resumeText says what earlier runs did and what became of it since.
func resumeText(o *wizard.Overview, now time.Time) string {
	var parts []string
	if n := len(o.Committed); n > 0 {
		text := count(n, "step") + " committed"
		if o.Rebased > 0 {
			text += fmt.Sprintf(" (%d of them rebased since)", o.Rebased)
		}
		parts = append(parts, text)
	}
	if o.Kept > 0 {
		parts = append(parts, count(o.Kept, "answer")+" kept")
	}
	if n := len(o.Changed); n > 0 {
		parts = append(parts, count(n, "file")+" changed by others since")
	}
	if len(parts) == 0 {
		return ""
	}
	return "Resuming from " + ago(now.Sub(o.Last)) + ": " + strings.Join(parts, ", ") + "."
}

// earlierText says where else an earlier walk may have committed.
func earlierText(o *wizard.Overview) string {
	if o.Earlier == "" {
		return ""
	}
	return "An earlier walk may be on " + o.Earlier + "; to go on there: git switch " + o.Earlier
}

// ownText says whose changes stay as they are.
func ownText(paths []string) string {
	switch n := len(paths); {
	case n == 0:
		return ""
	case n == 1:
		return paths[0] + " has changes of yours; they will not be touched."
	case n <= 3:
		return strings.Join(paths[:n-1], ", ") + " and " + paths[n-1] + " have changes of yours; they will not be touched."
	default:
		return fmt.Sprintf("%s, %s and %d more have changes of yours; they will not be touched.", paths[0], paths[1], n-2)
	}
}

// ago says how long ago something was.
func ago(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / unit.size); n > 0 {
			return count(n, unit.name) + " ago"
		}
	}
	return "just now"
}

// workText says how much there is to do, by what a person answers: questions,
// those alike once, and shapes to review. Later steps find more once earlier
// ones have run, so it says about.
func workText(o *wizard.Overview) string {
	work, questions, reviews := 0, 0, 0
	for _, plan := range o.Forecast {
		list := open(plan)
		if len(list)+len(plan.Open) == 0 {
			continue
		}
		work++
		questions += wizard.Groups(plan.Open)
		shapes := map[string]bool{}
		for _, f := range list {
			if len(f.Edits)+len(f.Alternatives) > 0 {
				shapes[string(f.Tier)+f.Shape] = true
			}
		}
		reviews += len(shapes)
	}
	if work == 0 {
		return ""
	}
	verb := "have"
	if work == 1 {
		verb = "has"
	}
	return fmt.Sprintf("%d of %s %s work: about %s, %s (by shape).", work, count(len(o.Forecast), "step"), verb,
		count(questions, "question"), count(reviews, "review"))
}
