package steps

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"spanwalk/rewrite"
)

// A sampler is told the whole request when the root starts, so what a filter
// asked of its method and headers can be asked there.

// headerOf returns the name of the request header that a subject stands for,
// "" for anything else.
func headerOf(what string) string {
	name, ok := strings.CutPrefix(what, "header.")
	if !ok {
		return ""
	}
	return name
}

// ofRequest reports a subject that belongs to the request.
func ofRequest(what string) bool {
	return what == "url" || what == "path" || what == "method" || headerOf(what) != ""
}

// withheldHeaders are those whose value the SDK leaves out of events unless
// send_default_pii is set.
var withheldHeaders = []string{"x-forwarded-for", "set-cookie", "cookie", "authorization", "proxy-authorization", "x-api-key", "x-real-ip"}

var notInNames = regexp.MustCompile(`\W+`)

// headerVariable names the variable for a header.
func headerVariable(header string) string {
	v := notInNames.ReplaceAllString(strings.ToLower(header), "_")
	if slices.Contains([]string{"name", "op", "path", "method", "headers", "span", "from"}, v) || v[0] >= '0' && v[0] <= '9' {
		return "header_" + v
	}
	return v
}

// headerTest writes one test of a header on a variable of the sampler: its text,
// empty where it is missing, or whether it is there.
func (f *eventFilter) headerTest(p predicate, names *rootNames, reads map[string]string) (text, reason string) {
	header, variable := headerOf(p.subject.what), headerVariable(headerOf(p.subject.what))
	if p.how != "present" && slices.Contains(withheldHeaders, strings.ToLower(header)) {
		return "", "events do not hold the value of the header " + header + " unless send_default_pii is set: test it in traces_sampler by hand"
	}
	if reason := names.noHeader(header); reason != "" {
		return "", reason
	}
	if p.how != "present" {
		if !f.emptyWithout(p.node, p.subject.what) || slices.Contains(p.values, `""`) || slices.Contains(p.values, "''") {
			return "", "what the filter takes a missing header " + header + " for cannot be kept: test it in traces_sampler by hand"
		}
		reads[variable] = p.subject.what
		return f.written(p, nil, variable), ""
	}
	if p.node.Is("comparison_operator") {
		variable = "has_" + variable
	}
	reads[variable] = p.subject.what
	if p.not {
		variable = "not " + variable
	}
	return variable, ""
}

// emptyWithout reports tests that take a missing header for None or an empty
// text, and no other.
func (f *eventFilter) emptyWithout(n *rewrite.Node, what string) bool {
	ok := true
	n.Walk(func(m *rewrite.Node) bool {
		if alias := f.aliases[m.Text()]; m.Is("identifier") && alias != nil && !alias.Contains(m) {
			ok = ok && f.emptyWithout(alias, what)
			return false
		}
		if !f.reads(m, what) {
			return true
		}
		other := ""
		switch args := m.Args(); {
		case m.Is("boolean_operator"):
			other = m.Child("right").Text()
		case m.Is("call") && len(args) > 1:
			other = args[1].Value.Text()
		}
		ok = ok && (other == "" || other == "None" || other == `""` || other == "''")
		return false
	})
	return ok
}

// reads reports an expression that takes a part of the event.
func (f *eventFilter) reads(n *rewrite.Node, what string) bool {
	keys, ok := f.path(n)
	return ok && subjectOf(keys) == what
}

// noHeader says why a header of that spelling was never in an event, "" if it
// could be: WSGI environments spell User-Agent, ASGI scopes user-agent.
func (r *rootNames) noHeader(header string) string {
	wsgi, asgi := r.has(wsgiFrameworks), r.has(asgiFrameworks)
	switch {
	case r.requestObject() != "":
		return ""
	case wsgi && header == titleCase(header), asgi && header == strings.ToLower(header):
		return ""
	case wsgi && asgi:
		return "events spell the header " + titleCase(header) + " under WSGI and " + strings.ToLower(header) + " under ASGI: this condition never held"
	case wsgi:
		return "events spell the header " + titleCase(header) + " under WSGI: this condition never held"
	case asgi:
		return "events spell the header " + strings.ToLower(header) + " under ASGI: this condition never held"
	}
	return "what hands the sampler the request's headers cannot be told: test them in traces_sampler by hand"
}

// titleCase spells a header as the SDK spells those of a WSGI environment.
func titleCase(header string) string {
	parts := strings.Split(strings.ToLower(header), "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// requestObject is the key under which the sampler finds a request object, ""
// where it gets an environment or a scope.
func (r *rootNames) requestObject() string {
	if r.has(wsgiFrameworks) || r.has(asgiFrameworks) {
		return ""
	}
	for _, f := range []string{"aiohttp", "tornado", "sanic"} {
		if r.frameworks[f] {
			return f + "_request"
		}
	}
	return ""
}

// requestLines are the statements by which a sampler reads method and headers
// into variables.
func (r *rootNames) requestLines(reads map[string]string, context string, style rewrite.Style) []string {
	quote := func(s string) string { return string(style.Quote) + s + string(style.Quote) }
	var out, headers []string
	if reads["method"] != "" {
		out = append(out, r.methodLines(context, quote, style.Indent)...)
	}
	scope := false
	for _, variable := range slices.Sorted(maps.Keys(reads)) {
		header := headerOf(reads[variable])
		if header == "" {
			continue
		}
		from, key := r.headerSource(header, context, quote)
		scope = scope || from == "headers"
		if strings.HasPrefix(variable, "has_") {
			headers = append(headers, variable+" = "+key+" in "+from)
			continue
		}
		headers = append(headers, variable+" = "+from+".get("+key+", "+quote("")+")")
	}
	if scope {
		out = append(out, "headers = {",
			style.Indent+"key.decode("+quote("latin-1")+"): value.decode("+quote("latin-1")+")",
			style.Indent+"for key, value in "+context+".get("+quote("asgi_scope")+", {}).get("+quote("headers")+", [])",
			"}")
	}
	return append(out, headers...)
}

// headerSource is the mapping in which a sampler finds a header, and the key.
func (r *rootNames) headerSource(header, context string, quote func(string) string) (from, key string) {
	switch object := r.requestObject(); {
	case object != "":
		return "getattr(" + context + ".get(" + quote(object) + "), " + quote("headers") + ", {})", quote(header)
	case r.has(wsgiFrameworks) && header == titleCase(header):
		key = strings.ToUpper(strings.ReplaceAll(header, "-", "_"))
		if key != "CONTENT_TYPE" && key != "CONTENT_LENGTH" {
			key = "HTTP_" + key
		}
		return context + ".get(" + quote("wsgi_environ") + ", {})", quote(key)
	}
	return "headers", quote(header)
}

// methodLines reads the request's method.
func (r *rootNames) methodLines(context string, quote func(string) string, indent string) []string {
	get := func(key, inner string) string { return context + ".get(" + quote(key) + ", {}).get(" + quote(inner) }
	wsgi, asgi := r.has(wsgiFrameworks), r.has(asgiFrameworks)
	switch object := r.requestObject(); {
	case object != "":
		return []string{"method = getattr(" + context + ".get(" + quote(object) + "), " + quote("method") + ", " + quote("") + ")"}
	case wsgi && !asgi:
		return []string{"method = " + get("wsgi_environ", "REQUEST_METHOD") + ", " + quote("") + ")"}
	case asgi && !wsgi:
		return []string{"method = " + get("asgi_scope", "method") + ", " + quote("") + ")"}
	}
	return []string{"method = " + get("asgi_scope", "method") + ")",
		"if method is None:", indent + "method = " + get("wsgi_environ", "REQUEST_METHOD") + ", " + quote("") + ")"}
}
