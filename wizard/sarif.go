package wizard

import (
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// The parts of SARIF 2.1.0 that are written; the names are the standard's.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool               sarifTool                `json:"tool"`
		Invocations        []sarifInvocation        `json:"invocations"`
		OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
		ColumnKind         string                   `json:"columnKind"`
		Results            []sarifResult            `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		FullDescription  sarifText `json:"fullDescription"`
		Help             sarifText `json:"help"`
		HelpURI          string    `json:"helpUri,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Level               string             `json:"level"`
		Message             sarifText          `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		PartialFingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
		Fixes               []sarifFix         `json:"fixes,omitempty"`
		Properties          sarifProperties    `json:"properties"`
	}
	sarifProperties struct {
		Tier  steps.Tier `json:"tier"`
		Shape string     `json:"shape"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI         string     `json:"uri,omitempty"`
		URIBaseID   string     `json:"uriBaseId,omitempty"`
		Description *sarifText `json:"description,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifRoot   = "SRCROOT" // the base that paths are relative to
	// sarifSite is the fingerprint by which a place is known again after it moved.
	sarifSite = "spanwalkSite/v1"
)

// PreviewSARIF writes every place of the walk's steps, each step planned on the
// tree as it is, as SARIF 2.1.0 for code scanning. Rules are steps. The fixes
// of one step and file belong together: what imports they need is in the first.
// It reports whether there is work.
func (w *Walk) PreviewSARIF(out io.Writer) (work bool, err error) {
	plans, err := w.planner().each(w.steps, w.Tree.Project)
	if err != nil {
		return false, err
	}
	run := sarifRun{
		Tool:               sarifTool{sarifDriver{Name: "spanwalk", Version: w.options.Version, Rules: []sarifRule{}}},
		Invocations:        []sarifInvocation{{Successful: true, Notifications: sarifNotes(w.Tree.Notes)}},
		OriginalURIBaseIDs: map[string]sarifArtifact{sarifRoot: {Description: &sarifText{"the root of the repository"}}},
		ColumnKind:         "unicodeCodePoints", Results: []sarifResult{},
	}
	for i, plan := range plans {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(plan.Step))
		for _, f := range plan.Findings {
			r := sarifResultOf(f, w.Tree.Project)
			r.RuleID, r.RuleIndex = plan.Step.Name, i
			run.Results = append(run.Results, r)
		}
	}
	return hasWork(plans), writeJSON(out, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func sarifRuleOf(s *steps.Step) sarifRule {
	help := s.Doc
	if help == "" {
		help = s.Why
	}
	return sarifRule{ID: s.Name, ShortDescription: sarifText{subject(s)}, FullDescription: sarifText{s.Why}, Help: sarifText{help}, HelpURI: s.Link}
}

func sarifNotes(notes []Note) []sarifNotification {
	var out []sarifNotification
	for _, n := range notes {
		x := sarifNotification{Level: "note", Message: sarifText{n.Message}}
		if n.Path != "" {
			at := sarifPhysical{Artifact: sarifFile(n.Path)}
			if n.Line > 0 {
				at.Region = &sarifRegion{StartLine: n.Line}
			}
			x.Locations = []sarifLocation{{at}}
		}
		out = append(out, x)
	}
	return out
}

func sarifFile(path string) sarifArtifact {
	return sarifArtifact{URI: (&url.URL{Path: path}).EscapedPath(), URIBaseID: sarifRoot}
}

func sarifResultOf(f steps.Planned, project *rewrite.Project) sarifResult {
	region := sarifRegionOf(project, f.Path, f.Start, f.End)
	r := sarifResult{
		Level: "warning", Message: sarifText{f.Message},
		Locations:           []sarifLocation{{sarifPhysical{sarifFile(f.Path), &region}}},
		PartialFingerprints: map[string]string{sarifSite: f.Key},
		Properties:          sarifProperties{f.Tier, f.Shape},
	}
	switch {
	case f.Note:
		r.Level = "note"
	case f.Tier == steps.Manual:
		r.Level = "error"
	}
	if f.Acknowledged {
		r.Suppressions = []sarifSuppression{{"inSource"}}
	}
	if len(f.Edits) > 0 {
		r.Fixes = append(r.Fixes, sarifFixOf(project, f.Path, "rewrite it ("+string(f.Tier)+")", f.Edits))
	}
	for _, a := range f.Alternatives {
		if len(a.Edits) > 0 {
			r.Fixes = append(r.Fixes, sarifFixOf(project, f.Path, a.Title, a.Edits))
		}
	}
	return r
}

func sarifFixOf(project *rewrite.Project, path, title string, edits []rewrite.Edit) sarifFix {
	change := sarifChange{Artifact: sarifFile(path)}
	for _, e := range joined(edits) {
		change.Replacements = append(change.Replacements, sarifReplacement{sarifRegionOf(project, path, e.Start, e.End), sarifText{e.New}})
	}
	return sarifFix{sarifText{title}, []sarifChange{change}}
}

// joined returns the edits by offset, those that touch as one: a reader of SARIF
// may apply replacements in any order.
func joined(edits []rewrite.Edit) []rewrite.Edit {
	var out []rewrite.Edit
	for _, e := range rewrite.SortEdits(edits) {
		if n := len(out); n > 0 && out[n-1].End == e.Start {
			out[n-1].End, out[n-1].New = e.End, out[n-1].New+e.New
			continue
		}
		out = append(out, e)
	}
	return out
}

// sarifRegionOf turns byte offsets into lines and columns, these in characters;
// the end is that of the character behind.
func sarifRegionOf(project *rewrite.Project, path string, start, end int) sarifRegion {
	var r sarifRegion
	r.StartLine, r.StartColumn = characterColumn(project, path, start)
	r.EndLine, r.EndColumn = characterColumn(project, path, max(start, end))
	return r
}

// characterColumn is [lineColumn] with the column in characters.
func characterColumn(project *rewrite.Project, path string, offset int) (line, column int) {
	line, column = lineColumn(project, path, offset)
	data := project.Other(path)
	if f := project.File(path); f != nil {
		data = f.Source
	}
	offset = min(offset, len(data))
	return line, 1 + utf8.RuneCountInString(strings.ToValidUTF8(string(data[offset-column+1:offset]), "?"))
}
