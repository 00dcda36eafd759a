package wizard

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"spanwalk/rewrite"
	"spanwalk/steps"
)

// Answer is a decision given on the command line or in an answers file.
type Answer struct {
	steps.Decision
	Origin string // "--answer" or "FILE:LINE"
}

// Key writes the question and place as in an answers file.
func (a Answer) Key() string { return answerKey(a.Question, a.Where) }

func answerKey(question, where string) string {
	if where == "" {
		return question
	}
	return question + "@" + where
}

// FlagAnswers reads the values of --answer.
func FlagAnswers(values []string) ([]Answer, error) {
	var out []Answer
	for _, v := range values {
		d, err := steps.ParseAnswer(v)
		if err != nil {
			return nil, &UsageError{Message: "--answer: " + err.Error(), Next: "spanwalk migrate --answer floor=2.67.0"}
		}
		out = append(out, Answer{Decision: d, Origin: "--answer"})
	}
	return out, nil
}

// ReadAnswers reads an answers file: a YAML mapping of "QUESTION",
// "QUESTION@PATH" or "QUESTION@KEY" to an option. name is used in errors, which
// give the line.
func ReadAnswers(name string, data []byte) ([]Answer, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, answersSyntax(name, err)
	}
	var out []Answer
	for _, doc := range file.Docs {
		var pairs []*ast.MappingValueNode
		switch body := doc.Body.(type) {
		case nil:
			continue
		case *ast.MappingNode:
			pairs = body.Values
		case *ast.MappingValueNode:
			pairs = []*ast.MappingValueNode{body}
		default:
			return nil, &UsageError{Message: name + ": want lines of the form QUESTION: option", Next: "spanwalk answers"}
		}
		for _, p := range pairs {
			a, err := readAnswer(name, p)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
	}
	return out, nil
}

func readAnswer(name string, p *ast.MappingValueNode) (Answer, error) {
	key := p.Key.GetToken()
	question, where, _ := strings.Cut(key.Value, "@")
	a := Answer{Origin: fmt.Sprintf("%s:%d", name, key.Position.Line)}
	a.Question, a.Where = strings.TrimSpace(question), strings.TrimSpace(where)
	switch p.Value.(type) {
	case *ast.StringNode, *ast.FloatNode, *ast.IntegerNode, *ast.BoolNode:
		a.Option = p.Value.GetToken().Value // as written: 2.70 is no number here
		return a, nil
	case *ast.NullNode:
		return a, &AnswerError{Origin: a.Origin, Key: key.Value, Reason: "no option is given"}
	}
	return a, &AnswerError{Origin: a.Origin, Key: key.Value, Reason: "the option must be one word or a quoted text"}
}

func answersSyntax(name string, err error) error {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil {
		return &UsageError{Message: fmt.Sprintf("%s:%d: %s", name, syntax.Token.Position.Line, syntax.Message),
			Next: "quote keys and options that hold a colon: 'KEY': 'option'"}
	}
	return &UsageError{Message: name + ": " + firstLine(err.Error())}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// checkAnswers returns an error for the first answer whose question or option
// does not exist.
func checkAnswers(answers []Answer) error {
	for _, a := range answers {
		info, known := questionInfo(a.Question)
		switch {
		case !known:
			return &AnswerError{a.Origin, a.Key(), fmt.Sprintf("there is no question %q; the questions are %s", a.Question, strings.Join(questionIDs(), ", "))}
		case !info.Accepts(a.Option):
			return &AnswerError{a.Origin, a.Key(), fmt.Sprintf("%q is no option of %s; the options are %s", a.Option, a.Question, strings.Join(info.Options, ", "))}
		}
	}
	return nil
}

func questionInfo(id string) (steps.QuestionInfo, bool) {
	for _, q := range steps.Questions() {
		if q.ID == id {
			return q, true
		}
	}
	return steps.QuestionInfo{}, false
}

func questionIDs() []string {
	var ids []string
	for _, q := range steps.Questions() {
		ids = append(ids, q.ID)
	}
	return ids
}

// places collects what answers can be about: the keys of sites and questions in
// plans, and the paths of files.
type places struct {
	project *rewrite.Project
	keys    map[string]bool
}

func newPlaces(project *rewrite.Project, plans []*steps.Plan) *places {
	p := &places{project: project, keys: map[string]bool{}}
	for _, plan := range plans {
		for _, f := range plan.Findings {
			p.keys[f.Key] = true
		}
		for _, q := range plan.Open {
			p.keys[q.Key] = true
		}
		for _, d := range plan.Used {
			p.keys[d.Where] = true
		}
	}
	return p
}

// stale returns an error for the first answer about a place that does not exist.
// settled holds decisions that stand in commits: their places are rewritten.
func (p *places) stale(answers []Answer, settled steps.Decisions) error {
	for _, a := range answers {
		switch {
		case a.Where == "" || p.keys[a.Where] || p.path(a.Where) || holdsDecision(settled, a.Decision):
		case strings.Contains(a.Where, "::"):
			return &AnswerError{a.Origin, a.Key(), "no such place is open: the code changed, or it was never there (spanwalk preview --format json lists the keys)"}
		default:
			return &AnswerError{a.Origin, a.Key(), "no tracked file or folder of this name uses Sentry"}
		}
	}
	return nil
}

func holdsDecision(list steps.Decisions, d steps.Decision) bool {
	for _, x := range list.List() {
		if x.Question == d.Question && x.Where == d.Where {
			return true
		}
	}
	return false
}

// path reports whether where is a file of the project or a folder with one in it.
func (p *places) path(where string) bool {
	if p.project.Data(where) != nil {
		return true
	}
	if !strings.HasSuffix(where, "/") {
		return false
	}
	for _, f := range p.project.Files() {
		if strings.HasPrefix(f.Path, where) {
			return true
		}
	}
	for _, name := range p.project.Others() {
		if strings.HasPrefix(name, where) {
			return true
		}
	}
	return false
}

// WriteAnswers writes the decisions of the steps that stand and of the session
// as a commented answers file. A decision that was changed later stands where
// it was changed.
func WriteAnswers(w io.Writer, version string, ledger *Ledger, session *Session) error {
	var groups []answerGroup
	standing := ledger.Standing()
	for _, e := range slices.Backward(standing) {
		title := fmt.Sprintf("%s, committed as %s", e.Step, e.Commit.Hash.Short())
		groups = append(groups, answerGroup{title, e.Decisions, e.Defaults})
	}
	groups = append(groups, answerGroup{"answered, not committed yet", session.Answers, nil})

	b := &strings.Builder{}
	fmt.Fprintf(b, "# Decisions taken with spanwalk %s. Replay them on another branch or repository:\n", version)
	b.WriteString("#   spanwalk migrate --answers FILE\n")
	b.WriteString("# QUESTION: option holds for a whole step, QUESTION@PATH and QUESTION@PATH::place\n")
	b.WriteString("# for less; the narrowest wins.\n")
	if !writeGroups(b, groups) {
		b.WriteString("\n# nothing was decided so far\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// answerGroup is the decisions of one commit.
type answerGroup struct {
	title     string
	decisions []steps.Decision
	defaults  []steps.Decision // written as comments: they are taken again by themselves
}

// writeGroups writes the groups, each key once, where it was decided last. It
// reports whether there was anything to write.
func writeGroups(b *strings.Builder, groups []answerGroup) (any bool) {
	last := map[string]int{}
	for i, g := range groups {
		for _, d := range g.decisions {
			last[answerKey(d.Question, d.Where)] = i
		}
	}
	for i, g := range groups {
		var lines []string
		explained := ""
		for _, d := range g.decisions {
			if key := answerKey(d.Question, d.Where); last[key] == i {
				if text := optionsText(d.Question); text != "" && explained != d.Question {
					lines, explained = append(lines, "# "+text), d.Question
				}
				lines = append(lines, yamlScalar(key)+": "+yamlScalar(d.Option))
			}
		}
		for _, d := range g.defaults {
			lines = append(lines, fmt.Sprintf("# recommended, taken everywhere: %s: %s", d.Question, d.Option))
		}
		if len(lines) > 0 {
			any = true
			fmt.Fprintf(b, "\n# %s\n%s\n", g.title, strings.Join(lines, "\n"))
		}
	}
	return any
}

// optionsText names the options of a question, "" where any text is an answer.
func optionsText(question string) string {
	info, known := questionInfo(question)
	if !known || info.Free || len(info.Options) < 2 {
		return ""
	}
	last := len(info.Options) - 1
	return question + " is " + strings.Join(info.Options[:last], ", ") + " or " + info.Options[last]
}

// yamlScalar quotes a text where YAML would read it as something else.
func yamlScalar(s string) string {
	plain := s != "" && strings.TrimSpace(s) == s && !strings.ContainsAny(s[:1], "-?:,[]{}#&*!|>'\"%@` ") &&
		!strings.Contains(s, ": ") && !strings.HasSuffix(s, ":") && !strings.Contains(s, " #") &&
		!strings.ContainsAny(s, "\n\r\t") && s != "~" && s != "null"
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
