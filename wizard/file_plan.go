package wizard

import (
	"fmt"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// filesPlan presents changed files as a plan, with a finding for every run of
// changed lines.
func filesPlan(step *steps.Step, files []steps.FileChange) *steps.Plan {
	plan := &steps.Plan{Step: step, Files: files}
	for _, f := range files {
		for i, e := range lineEdits(f.Before, f.After) {
			plan.Findings = append(plan.Findings, steps.Planned{Applied: true, Finding: steps.Finding{
				Key: fmt.Sprintf("%s::/revert#%d", f.Path, i+1), Kind: "revert", Shape: "revert", Path: f.Path,
				Start: e.Start, End: e.End, Tier: steps.Review, Message: "goes back", Edits: []rewrite.Edit{e},
			}})
		}
	}
	return plan
}

// lineEdits returns the difference of two texts as replacements of whole lines.
func lineEdits(before, after []byte) []rewrite.Edit {
	var out []rewrite.Edit
	was, is := lineStarts(before), lineStarts(after)
	for _, h := range rewrite.Hunks(before, after) {
		old, fresh := h.OldStart-1, h.NewStart-1 // lines before the one at hand
		if h.OldLines == 0 {
			old++
		}
		if h.NewLines == 0 {
			fresh++
		}
		for i := 0; i < len(h.Lines); {
			if h.Lines[i].Op == ' ' {
				i, old, fresh = i+1, old+1, fresh+1
				continue
			}
			oldEnd, freshEnd := old, fresh
			for ; i < len(h.Lines) && h.Lines[i].Op != ' '; i++ {
				if h.Lines[i].Op == '-' {
					oldEnd++
				} else {
					freshEnd++
				}
			}
			out = append(out, rewrite.Edit{Start: was[old], End: was[oldEnd], New: string(after[is[fresh]:is[freshEnd]])})
			old, fresh = oldEnd, freshEnd
		}
	}
	return out
}

// lineStarts returns the offset of every line and of the end.
func lineStarts(text []byte) []int {
	out := []int{0}
	for i, c := range text {
		if c == '\n' && i+1 < len(text) {
			out = append(out, i+1)
		}
	}
	return append(out, len(text))
}

// check reads the results: none may hold more broken statements than before, or
// use a name whose import is gone.
func check(files []steps.FileChange) error {
	for _, f := range files {
		if !isPython(f.Path) {
			continue
		}
		before, err := rewrite.Parse(f.Path, f.Before, nil)
		if err != nil {
			return err
		}
		after, err := rewrite.Parse(f.Path, f.After, nil)
		if err != nil {
			return err
		}
		if len(after.Broken) > len(before.Broken) {
			line, _ := after.Line(after.Broken[0].Start)
			return fmt.Errorf("%s:%d: the result would not parse", f.Path, line)
		}
		if n := unbound(before, after); n != nil {
			line, _ := after.Line(n.Start)
			return fmt.Errorf("%s:%d: the result would use %s without its import", f.Path, line, n.Text())
		}
	}
	return nil
}

// unbound returns a use of a name that before imports and after binds nowhere.
func unbound(before, after *rewrite.File) *rewrite.Node {
	lost := map[string]bool{}
	for name := range before.ModuleScope().Names {
		lost[name] = after.ModuleScope().Names[name] == nil
	}
	var found *rewrite.Node
	after.Module.Walk(func(n *rewrite.Node) bool {
		if n.Is("import_statement") || n.Is("import_from_statement") {
			return false // its names are not this file's
		}
		if found == nil && n.Is("identifier") && lost[n.Text()] && n.Field != "attribute" && !(n.Field == "name" && n.Parent.Is("keyword_argument")) {
			if scope, _ := after.ScopeOf(n).Lookup(n.Text()); scope == nil {
				found = n
			}
		}
		return found == nil
	})
	return found
}
