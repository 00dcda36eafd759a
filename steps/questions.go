package steps

// QuestionInfo describes a question for checking answers before a run.
type QuestionInfo struct {
	ID      string
	Step    string   // the step that asks it
	Options []string // the IDs it knows, in the order they are offered
	Free    bool     // other text is an answer too, such as a name or a release
}

// Accepts reports whether option answers the question.
func (q QuestionInfo) Accepts(option string) bool {
	if q.Free {
		return option != ""
	}
	for _, o := range q.Options {
		if o == option {
			return true
		}
	}
	return false
}

// Questions returns every question the steps can ask, and [Apply], which
// stands for a finding itself.
func Questions() []QuestionInfo {
	list := []QuestionInfo{
		{ID: FloorQuestion, Step: "sdk-version", Options: []string{"2.62.0", "2.66.1", "2.67.0", "2.69.2", "2.70.0"}, Free: true},
		{ID: "tracing-off", Step: "trace-lifecycle", Options: []string{"skip", "add", Leave}},
		{ID: "traces-import", Step: "start-span", Options: []string{"auto", "always", "never"}},
		{ID: "missing-name", Step: "start-span", Options: []string{"op", "ask", Leave}, Free: true},
		{ID: "unparented", Step: "start-span", Options: []string{Leave, "guard"}},
		{ID: "root-trace", Step: "start-transaction", Options: []string{"own-trace", "current-trace", Leave}},
		{ID: "root-span", Step: "root-span", Options: []string{"rename", "current", "segment", "marker", Leave}},
		{ID: "trace-context", Step: "trace-context", Options: []string{"private", "scope", "marker", Leave}},
		{ID: "scope-tags", Step: "scope-tags", Options: []string{"all", "none", "site", Leave}},
		{ID: "bare-continue", Step: "continue-trace", Options: []string{"root", "continue-only", Leave}},
		{ID: "late-filter", Step: "late-filters", Options: []string{"drop", "keep", "server-side", Leave}},
		{ID: Apply, Options: []string{"yes", "no"}, Free: true},
	}
	return append(list, conventionQuestions()...)
}
