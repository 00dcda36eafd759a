package steps

import (
	"strings"

	"spanwalk/rewrite"
)

// statusKey is the legacy key of an HTTP status; the guide itself renames it.
const (
	statusKey    = "http.status_code"
	newStatusKey = "http.response.status_code"
)

// conventionKeys are keys that Sentry's conventions have renamed and that code
// writes by hand. Sentry still understands the old ones.
var conventionKeys = map[string]string{
	"db.name": "db.namespace", "db.operation": "db.operation.name", "db.statement": "db.query.text", "db.system": "db.system.name",
	"http.client_ip": "client.address", "http.flavor": "network.protocol.version", "http.host": "server.address", "http.method": "http.request.method",
	"http.response_content_length": "http.response.body.size", "http.scheme": "url.scheme", "http.server_name": "server.address",
	"http.target": "url.path", "http.url": "url.full", "http.user_agent": "user_agent.original",
	"net.host.name": "server.address", "net.host.port": "server.port", "net.peer.ip": "network.peer.address", "net.peer.name": "server.address",
	"net.peer.port": "server.port", "net.transport": "network.transport",
	"messaging.destination": "messaging.destination.name", "rpc.system": "rpc.system.name", "code.filepath": "code.file.path", "code.lineno": "code.line.number",
}

// conventionQuestion is the ID of the question about one such key.
func conventionQuestion(key string) string { return "key-" + key }

// conventionQuestions describes the questions about keys, in order.
func conventionQuestions() []QuestionInfo {
	var out []QuestionInfo
	known := map[string]bool{}
	for key := range conventionKeys {
		known[key] = true
	}
	for _, key := range keys(known) {
		out = append(out, QuestionInfo{ID: conventionQuestion(key), Step: SpanDataName, Options: []string{"keep", "rename"}})
	}
	return out
}

// renamedKey returns the new name of a constant key that is renamed, or "".
func (p *Pass) renamedKey(key *rewrite.Node) string {
	old := stringValue(key)
	if old == statusKey {
		return newStatusKey
	}
	if answer, ok := p.askKey(old); ok && answer == "rename" {
		return conventionKeys[old]
	}
	return ""
}

// keyUndecided reports a key about which nobody has decided yet.
func (p *Pass) keyUndecided(key *rewrite.Node) bool {
	_, ok := p.askKey(stringValue(key))
	return !ok
}

// askKey asks whether a key of the table is to be renamed. Any other key keeps
// its name.
func (p *Pass) askKey(old string) (answer string, ok bool) {
	to := conventionKeys[old]
	if to == "" {
		return "keep", true
	}
	return p.Ask(Question{ID: conventionQuestion(old), Prompt: "Should the key " + old + " become " + to + "?",
		Why: "Sentry's conventions have renamed it; Sentry still understands the old key, your queries and alerts may name either.",
		Options: []Option{
			{ID: "keep", Text: "Keep " + old, Consequence: "the key stays as it is today", Recommended: true},
			{ID: "rename", Text: "Rename it everywhere to " + to, Consequence: "dashboards and alerts that name the old key must follow"},
		}, Shape: old})
}

// keyText is a key as it is written from now on.
func (p *Pass) keyText(key *rewrite.Node) string {
	if to := p.renamedKey(key); to != "" {
		return strings.Replace(key.Text(), stringValue(key), to, 1)
	}
	return key.Text()
}

// joinedKey writes the key of a value inside nested dictionaries: the keys on
// the way to it, with dots between. ok is false where one of them is no
// constant and no plain name.
func joinedKey(path []*rewrite.Node) (text string, ok bool) {
	constant, formatted := "", ""
	names := false
	for i, k := range path {
		dot := ""
		if i > 0 {
			dot = "."
		}
		switch v := stringValue(k); {
		case v != "" && !strings.ContainsAny(v, `\{}`):
			constant += dot + v
			formatted += dot + v
		case k.Is("identifier", "attribute"):
			names = true
			formatted += dot + "{" + k.Text() + "}"
		default:
			return "", false
		}
	}
	if names {
		return "f" + quoted(path[0], formatted), true
	}
	return quoted(path[0], constant), true
}
