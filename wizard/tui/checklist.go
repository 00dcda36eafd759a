package tui

import (
	"fmt"
	"slices"
	"strings"

	"spanwalk/wizard"
)

// checklistPage shows the 23 items, measured when it is opened.
func (s *Screen) checklistPage() pager {
	var drawn *wizard.Status
	var failed error
	return pager{key: "c", title: "Checklist", text: func(width int) []string {
		if s.options.Checklist == nil {
			return []string{"   The checklist is measured once the project is read."}
		}
		if drawn == nil && failed == nil {
			drawn, failed = s.options.Checklist()
		}
		if failed != nil {
			return indented(fold("could not be measured: "+failed.Error(), width-4, ""), "   ")
		}
		return s.theme.checklistText(drawn, width)
	}}
}

// checklistText draws the items with their state, the steps with work beside
// them, and what raises now.
func (t *theme) checklistText(s *wizard.Status, width int) []string {
	done := len(s.Items) - s.Left()
	out := ends(" "+t.bold.Render(fmt.Sprintf("%d of %d items done", done, len(s.Items))), t.bar(done, len(s.Items), clamp(width/4, 6, 23))+" ", width)
	out = append(out, "")
	for _, item := range s.Items {
		out = append(out, t.itemLine(s, item, width)...)
	}
	if n := len(s.Mixed); n > 0 {
		out = append(out, "")
		out = append(out, indented(fold("right now "+mixedCount(n)+": do not deploy this tree yet", width-4, ""), "   ")...)
	}
	return out
}

// bar draws progress.
func (t *theme) bar(done, of, width int) string {
	full := done * width / max(of, 1)
	return t.accent.Render(strings.Repeat("█", full)) + t.dim.Render(strings.Repeat("·", width-full))
}

func (t *theme) itemLine(s *wizard.Status, item wizard.ItemStatus, width int) []string {
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
	right := itemDetails(s, item)
	room := width - 57
	if room < 14 {
		out := []string{style.Render(clip(left, width))}
		return append(out, "        "+t.dim.Render(clip(right, width-8)))
	}
	return []string{style.Render(pad(clip(left, 55), 55)) + " " + t.dim.Render(clip(right, room))}
}

// itemDetails says in words where an item stands.
func itemDetails(s *wizard.Status, item wizard.ItemStatus) string {
	parts := []string{string(item.State)}
	if item.Open > 0 && item.State == wizard.Ready {
		parts = []string{fmt.Sprintf("%d open", item.Open)}
	} else if item.Open > 0 {
		parts = append(parts, fmt.Sprintf("%d open", item.Open))
	}
	questions := 0
	for _, step := range s.Steps {
		if !slices.Contains(step.Step.Items, item.Number) {
			continue
		}
		if step.State == wizard.Done && len(step.Commits) > 0 && item.State == wizard.Done {
			parts = append(parts, step.Commits[0].Commit.Hash.Short())
		}
		questions += step.Questions
		if step.Reason != "" && item.Open > 0 {
			parts = append(parts, fmt.Sprintf("%q", step.Reason))
		}
	}
	if questions > 0 && item.Open > 0 {
		parts = append(parts, count(questions, "question"))
	}
	return strings.Join(parts, " · ")
}
