package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"spanwalk/steps"
	"spanwalk/wizard"
)

// checklistPage shows the 23 items, measured when it is opened: in a large
// project that takes a while, and keys are heard meanwhile.
func (s *Screen) checklistPage() pager {
	var drawn *wizard.Status
	var failed error
	before := s.counts
	text := func(width int) []string {
		switch {
		case failed != nil:
			return indented(fold("could not be measured: "+failed.Error(), width-4, ""), "   ")
		case drawn == nil:
			return []string{fmt.Sprintf("   measuring the %d items …", len(steps.Items))}
		}
		return s.theme.checklistText(drawn, before, width)
	}
	measure := func() func() {
		status, err := s.measure()
		return func() {
			if drawn, failed = status, err; err == nil && status != nil {
				s.counts = openCounts(status)
			}
		}
	}
	return pager{key: "c", title: "Checklist", text: text, measure: measure}
}

// measure measures the checklist as long as a screen is shown: afterwards the
// walk may be changing what is measured.
func (s *Screen) measure() (*wizard.Status, error) {
	s.measuring.Lock()
	defer s.measuring.Unlock()
	if !s.showing {
		return nil, nil
	}
	return s.options.Checklist()
}

// words says the checklist line by line, nothing cut and no marks.
func (s *Screen) words(width int) []string {
	s.allowMeasuring(true)
	defer s.allowMeasuring(false)
	status, err := s.measure()
	if err != nil {
		return []string{"The checklist could not be measured: " + err.Error()}
	}
	out := []string{fmt.Sprintf("%d of %d items done.", len(status.Items)-status.Left(), len(status.Items))}
	if n := len(status.Mixed); n > 0 {
		out = append(out, fold("Right now "+mixedCount(n)+": do not deploy this tree yet.", width, "")...)
	}
	for _, item := range status.Items {
		details := strings.ReplaceAll(itemDetails(status, item, s.counts, true), " · ", ", ")
		out = append(out, fold(fmt.Sprintf("%d. %s: %s.", item.Number, item.Text, strings.ReplaceAll(details, "→", "became")), width, "    ")...)
	}
	s.counts = openCounts(status)
	return out
}

// openCounts returns how many places of each item are open.
func openCounts(s *wizard.Status) map[int]int {
	out := map[int]int{}
	for _, item := range s.Items {
		out[item.Number] = item.Open
	}
	return out
}

// checklistText draws what raises now and the items with their state. before
// are the open places when the checklist was last looked at, by item.
func (t *theme) checklistText(s *wizard.Status, before map[int]int, width int) []string {
	done := len(s.Items) - s.Left()
	out := ends(" "+t.bold.Render(fmt.Sprintf("%d of %d items done", done, len(s.Items))), t.bar(done, len(s.Items), clamp(width/4, 6, 23))+" ", width)
	if n := len(s.Mixed); n > 0 {
		out = append(out, indented(fold("right now "+mixedCount(n)+": do not deploy this tree yet", width-2, ""), " ")...)
	}
	out = append(out, "")
	details, room := map[int]string{}, 0
	for _, item := range s.Items {
		details[item.Number] = itemDetails(s, item, before, width >= 100)
		room = max(room, ansi.StringWidth(details[item.Number]))
	}
	for _, item := range s.Items {
		out = append(out, t.itemLine(item, details[item.Number], min(room, width/2), width)...)
	}
	return out
}

// bar draws progress.
func (t *theme) bar(done, of, width int) string {
	full := done * width / max(of, 1)
	return t.accent.Render(strings.Repeat("█", full)) + t.dim.Render(strings.Repeat("·", width-full))
}

// itemLine draws one item with its details on the right, or below where there
// is no room.
func (t *theme) itemLine(item wizard.ItemStatus, right string, room, width int) []string {
	sign, style := "·", t.plain
	switch item.State {
	case wizard.Done:
		sign, style = "✓", t.added
	case wizard.Nothing:
		sign, style = "–", t.dim
	case wizard.Ready:
		sign = "▸"
	case wizard.LeftOut, wizard.CameBack:
		sign, style = "!", t.danger
	}
	left := fmt.Sprintf(" %s %2d  %s", sign, item.Number, visible(item.Text))
	if first := width - room - 2; first >= 42 {
		return []string{style.Render(pad(clip(left, first), first)) + " " + t.dim.Render(clip(right, room))}
	}
	var out []string
	for _, line := range append(fold(strings.TrimPrefix(left, " "), width-2, "      "), indented(fold(right, width-11, ""), "        ")...) {
		out = append(out, " "+line)
	}
	out[0] = style.Render(out[0])
	return out
}

// itemDetails says in words where an item stands: what is open, and what was
// when the person last looked; by tier where there is room.
func itemDetails(s *wizard.Status, item wizard.ItemStatus, before map[int]int, tiers bool) string {
	var parts []string
	if item.State != wizard.Ready {
		parts = append(parts, string(item.State))
	}
	if was, known := before[item.Number]; known && was != item.Open {
		parts = append(parts, fmt.Sprintf("%d → %d open", was, item.Open))
	} else if item.Open > 0 {
		parts = append(parts, fmt.Sprintf("%d open", item.Open))
	}
	questions, safe, review, manual := 0, 0, 0, 0
	for _, step := range s.Steps {
		if !slices.Contains(step.Step.Items, item.Number) {
			continue
		}
		if step.State == wizard.Done && len(step.Commits) > 0 && item.State == wizard.Done {
			parts = append(parts, step.Commits[0].Commit.Hash.Short())
		}
		if step.Note != "" && item.State == wizard.Ready { // it is proven, not rewritten
			parts = []string{step.Note}
		}
		questions, safe, review, manual = questions+step.Questions, safe+step.Safe, review+step.Review, manual+step.Manual
		if step.Reason != "" && item.Open > 0 {
			parts = append(parts, fmt.Sprintf("%q", step.Reason))
		}
	}
	if tiers && item.Open > 1 && safe+review+manual == item.Open {
		parts = append(parts, tierCounts(safe, review, manual))
	}
	if questions > 0 && item.Open > 0 {
		parts = append(parts, count(questions, "question"))
	}
	return strings.Join(parts, " · ")
}

// tierCounts says how sure the changes are: "33 safe, 8 review".
func tierCounts(safe, review, manual int) string {
	var parts []string
	for _, tier := range []struct {
		n    int
		name steps.Tier
	}{{safe, steps.Safe}, {review, steps.Review}, {manual, steps.Manual}} {
		if tier.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", tier.n, tier.name))
		}
	}
	return strings.Join(parts, ", ")
}
