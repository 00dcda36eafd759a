package steps

import "spanwalk/rewrite"

// tracers are packages whose spans are no Sentry spans and have members of the
// same names.
var tracers = []string{"ddtrace", "elasticapm", "jaeger_client", "logfire", "newrelic", "opentelemetry", "opentracing", "py_zipkin"}

// otherTracer returns the package of another tracer that a file imports, in
// whatever function, "" where it imports none: there a name says nothing about
// a span.
func otherTracer(f *rewrite.File) string {
	for _, name := range tracers {
		if containsAny(f.Source, []string{"import " + name, "from " + name}) {
			return name
		}
	}
	return ""
}
