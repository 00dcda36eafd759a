package steps

import (
	"bytes"
	"errors"
	"fmt"

	"spanwalk/rewrite"
)

// assembleAll assembles the changes of all files, several at a time: each file
// has findings of its own.
func (p *Plan) assembleAll(project *rewrite.Project, paths []string, findings map[string][]int, decisions Decisions) {
	changes, failures := make([]*FileChange, len(paths)), make([]*BugError, len(paths))
	inParallel(len(paths), func(i int) {
		changes[i], failures[i] = p.file(project, paths[i], findings[paths[i]], decisions)
	})
	for i := range paths {
		if changes[i] != nil {
			p.Files = append(p.Files, *changes[i])
		}
		if failures[i] != nil {
			p.Failures = append(p.Failures, failures[i])
		}
	}
}

// file assembles the change of one file from its applied findings; nil where
// nothing changes, or where the result was refused.
func (p *Plan) file(project *rewrite.Project, path string, findings []int, decisions Decisions) (*FileChange, *BugError) {
	if f := project.File(path); f != nil {
		p.settle(f, findings)
	}
	var edits []rewrite.Edit
	var applied []int
	for _, i := range findings {
		f := &p.Findings[i]
		if f.Applied {
			applied = append(applied, i)
			edits = append(edits, f.chosen()...)
		}
	}
	before := project.Data(path)
	var after []byte
	var err error
	if f := project.File(path); f != nil {
		after, err = p.python(project, f, edits, findings, decisions)
	} else {
		after = rewrite.Apply(before, edits)
	}
	if err != nil {
		for _, i := range applied {
			f := &p.Findings[i]
			f.Applied, f.Tier, f.Choice = false, Manual, ""
			f.Edits, f.Alternatives = nil, nil
			f.Message += " (spanwalk could not rewrite this file: " + err.Error() + ")"
		}
		return nil, &BugError{Step: p.Step.Name, Path: path, Err: err}
	}
	if len(applied) == 0 || bytes.Equal(before, after) {
		return nil, nil
	}
	return &FileChange{Path: path, Before: before, After: after}, nil
}

// settle turns the moves of the findings of a file into edits, and lets the
// other edits in the moved lines follow: those of applied findings follow all
// of these, those of any other only its own.
func (p *Plan) settle(f *rewrite.File, findings []int) {
	var edits []rewrite.Edit
	var moves []rewrite.Move
	for _, i := range findings {
		if g := &p.Findings[i]; g.Applied {
			edits = append(edits, g.chosen()...)
			moves = append(moves, g.chosenMoves()...)
		}
	}
	for _, i := range findings {
		g := &p.Findings[i]
		if g.Applied && g.Choice == "" {
			g.Edits = rewrite.Settle(f, g.Edits, edits, g.Moves, moves)
		} else {
			g.Edits = rewrite.Settle(f, g.Edits, g.Edits, g.Moves, g.Moves)
		}
		for k := range g.Alternatives {
			a := &g.Alternatives[k]
			if g.Applied && a.ID == g.Choice {
				a.Edits = rewrite.Settle(f, a.Edits, edits, a.Moves, moves)
			} else {
				a.Edits = rewrite.Settle(f, a.Edits, a.Edits, a.Moves, a.Moves)
			}
			a.Moves = nil
		}
		g.Moves = nil
	}
}

var errSyntax = errors.New("the result would not parse")

// python applies edits to a Python file, spells the names they need and drops
// the scopes and imports they leave unused. The findings' own edits are replaced by what
// was really applied, so that a preview shows the truth.
func (p *Plan) python(project *rewrite.Project, f *rewrite.File, edits []rewrite.Edit, findings []int, decisions Decisions) ([]byte, error) {
	p.spellPreviews(project, f, edits, findings, decisions)
	if len(edits) == 0 {
		return f.Encode(f.Source)
	}
	speller := newSpeller(project, f, edits, decisions)
	body := speller.Spell(edits)
	dead := deadScopes(project, f, body)
	parsed, all, err := assemble(project, f, body, append(speller.Imports(nil), dead...))
	if err != nil {
		return nil, err
	}
	drop, err := unusedImports(project, f, parsed)
	if err != nil {
		return nil, err
	}
	if len(drop) > 0 {
		if parsed, all, err = assemble(project, f, body, append(speller.Imports(drop), dead...)); err != nil {
			return nil, err
		}
	}
	p.attachImports(all[len(body):], findings)
	return f.Encode(parsed.Source)
}

// spellPreviews writes the names in every finding's edits and alternatives, as
// they would read if that finding were applied.
func (p *Plan) spellPreviews(project *rewrite.Project, f *rewrite.File, edits []rewrite.Edit, findings []int, decisions Decisions) {
	applied := newSpeller(project, f, edits, decisions)
	for _, i := range findings {
		g := &p.Findings[i]
		if g.Applied && g.Choice == "" {
			g.Edits = applied.Spell(g.Edits)
		} else {
			g.Edits = newSpeller(project, f, append(edits, g.Edits...), decisions).Spell(g.Edits)
		}
		for k := range g.Alternatives {
			a := &g.Alternatives[k]
			a.Edits = newSpeller(project, f, append(edits, a.Edits...), decisions).Spell(a.Edits)
		}
	}
}

// attachImports gives the import edits of a file to its first applied finding,
// so that the edits of a preview add up to the plan.
func (p *Plan) attachImports(imports []rewrite.Edit, findings []int) {
	for _, i := range findings {
		if g := &p.Findings[i]; g.Applied {
			if g.Choice == "" {
				g.Edits = append(g.Edits, imports...)
				return
			}
			for k := range g.Alternatives {
				if g.Alternatives[k].ID == g.Choice {
					g.Alternatives[k].Edits = append(g.Alternatives[k].Edits, imports...)
				}
			}
			return
		}
	}
}

// assemble applies edits to a file and reads the result, which must not hold
// more broken statements than before.
func assemble(project *rewrite.Project, f *rewrite.File, body, imports []rewrite.Edit) (*rewrite.File, []rewrite.Edit, error) {
	all := append(append([]rewrite.Edit(nil), body...), imports...)
	if err := rewrite.Validate(f, all); err != nil {
		return nil, nil, err
	}
	data, err := f.Encode(rewrite.Apply(f.Source, all))
	if err != nil {
		return nil, nil, err
	}
	parsed, err := project.Read(f.Path, data)
	if err != nil {
		return nil, nil, err
	}
	read := parsed
	if unparsed(parsed) > unparsed(f) { // a changed statement holds no name of the SDK any more
		if read, err = rewrite.Parse(f.Path, data, nil); err != nil {
			return nil, nil, err
		}
	}
	if len(read.Broken) > len(f.Broken) {
		line, _ := read.Line(read.Broken[0].Start)
		return nil, nil, fmt.Errorf("%w (line %d of the result)", errSyntax, line)
	}
	return parsed, all, nil
}

// unparsed counts the statements of a file that were not parsed.
func unparsed(f *rewrite.File) int {
	n := 0
	for _, stmt := range f.Module.Children {
		if stmt.Is("opaque") {
			n++
		}
	}
	return n
}
