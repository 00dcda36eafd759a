"""Code with the same method names that has nothing to do with Sentry (wild-code.md 2.7).

423 such calls occur in files without `sentry_sdk`. Stand-ins for OpenTelemetry, Datadog, database
transactions and models live in the program; a migration must not change a byte of their use. Where a
file also uses the SDK, the variables have names no span would have.
"""

from . import plain
from .core import shape, suite
from .functions import context, part, spelt


def define(m, lines):
    m.mod.add(lines)


def harmless(c, p):
    return True


def made(m, name, use):
    c = context(m)
    one = part(c, name, use, harmless)
    one.cost = 0


OTEL = '''\
class {name}:
    """Looks like an OpenTelemetry tracer."""

    def __init__(self):
        self.log = []

    def start_as_current_span(self, name):
        return {span}(self, name)

    def start_span(self, name, attributes=None):
        return {span}(self, name)

    def get_current_span(self):
        return {span}(self, "current")'''

OTEL_SPAN = '''\
class {span}:
    def __init__(self, tracer, name):
        self.tracer = tracer
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.end()

    def set_attribute(self, key, value):
        self.tracer.log.append((self.name, key, value))

    def set_tag(self, key, value):
        self.tracer.log.append((self.name, key, value))

    def set_status(self, status):
        self.tracer.log.append((self.name, "status", status))

    def end(self):
        self.tracer.log.append((self.name, "end", True))

    def finish(self):
        self.end()'''


@shape("lookalike-otel", wild="2.7", seen="about 330 calls in six projects", weight=8, level=1)
def otel(m):
    name, span = m.mod.fresh("Tracer", "Telemetry"), m.mod.fresh("OtelSpan", "TracerSpan")
    define(m, OTEL_SPAN.format(span=span).split("\n"))
    define(m, OTEL.format(name=name, span=span).split("\n"))

    def use(u, p):
        callee, tracer, it = spelt(u, p), u.fresh("otel", "tracer"), u.fresh("otel_span", "o")
        form = u.pick(("with", "held", "current"))
        lines = [f"{tracer} = {callee}()"]
        writes = [f'{it}.set_attribute("rows", 3)', f'{it}.set_status("internal_error")'][: 1 + u.below(2)]
        if form == "with":
            lines += suite(f"with {tracer}.start_as_current_span({u.text('pack')}) as {it}", writes)
        elif form == "held":
            lines += [f"{it} = {tracer}.start_span({u.text('pack')})"] + writes + [f'{it}.set_tag("phase", "late")', f"{it}.finish()"]
        else:
            lines += [f"{it} = {tracer}.get_current_span()"] + writes
        return lines + [f"print({u.text('otel')}, {tracer}.log)"]

    made(m, name, use)


DATABASE = '''\
class {name}:
    """Looks like a database connection."""

    def __init__(self):
        self.done = []

    @contextmanager
    def transaction(self, name="default"):
        self.done.append("begin " + name)
        yield self
        self.done.append("commit " + name)

    def start_transaction(self, op=None, name=None):
        self.done.append(("start", op, name))
        return self

    def start_child(self, op=None, description=None):
        return self

    def finish(self):
        self.done.append("finish")'''


@shape("lookalike-database", wild="2.7", seen="database and banking transactions everywhere", weight=6, level=1)
def database(m):
    m.mod.need("from contextlib import contextmanager")
    name = m.mod.fresh("Database", "Bank")
    define(m, DATABASE.format(name=name).split("\n"))

    def use(u, p):
        callee, db, it = spelt(u, p), u.fresh("db", "bank"), u.fresh("db_tx", "booking")
        lines = [f"{db} = {callee}()"]
        if u.chance(0.5):
            lines += suite(f"with {db}.transaction({u.text('book')}) as {it}", [f"{it}.start_child(op={u.text('row')})"])
        else:
            lines += [f"{it} = {db}.start_transaction(op={u.text('book')}, name={u.text('transfer')})", f"{it}.finish()"]
        return lines + [f"print({u.text('db')}, {db}.done)"]

    made(m, name, use)


RECORD = '''\
class {name}:
    """A model with the method names of a span."""

    def __init__(self):
        self.values = {{}}
        self.status = "new"
        self.description = ""

    def set_data(self, key, value):
        self.values[key] = value

    def set_tag(self, key, value):
        self.values["tag " + key] = value

    def set_status(self, status):
        self.status = status'''


@shape("lookalike-model", wild="2.7", seen="about 45 set_status/set_data of models", weight=8, level=1)
def record(m):
    name = m.mod.fresh("Record", "Build")
    define(m, RECORD.format(name=name).split("\n"))

    def use(u, p):
        callee, it = spelt(u, p), u.fresh("entry", "build")
        lines = [f"{it} = {callee}()"]
        lines += [f'{it}.set_data("rows", 3)', f'{it}.set_tag("phase", "late")', f'{it}.set_status("internal_error")', f'{it}.description = "done"'][: 2 + u.below(3)]
        return lines + [f"print({u.text('model')}, {it}.values, {it}.status)"]

    made(m, name, use)


FOREIGN = '''\
class _Span:
    def __init__(self, op):
        self.op = op
        self.tags = {}

    def set_tag(self, key, value):
        self.tags[key] = value

    def set_data(self, key, value):
        self.tags[key] = value

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.finish()

    def finish(self):
        self.tags["finished"] = True


def start_span(op, description=None):
    """Has nothing to do with Sentry."""
    return _Span(op)


def trace(function):
    """A project decorator of the same name."""
    return function


@trace
def foreign_work(rows):
    with start_span(op="foreign", description="pack") as span:
        span.set_data("rows", rows)
        span.set_tag("phase", "late")
    span = start_span("held")
    span.set_tag("a", None)
    span.finish()
    return sorted(span.tags.items(), key=str)'''


def foreign_module(m):
    """A file without the SDK that has its own start_span and trace; a part that calls it."""
    m.prog.used("lookalike-module")
    for chunk in FOREIGN.split("\n\n\n"):
        m.mod.add(chunk.split("\n"))
    m.mod.taken.append("foreign_work")
    made(m, "foreign_work", lambda u, p: [f"print({u.text('foreign')}, {spelt(u, p)}({u.below(9)}))"])


PARTS = (otel, database, record)


@shape("lookalike-comment", wild="2.7", seen="commented-out span code", weight=2)
def commented_out(c):
    head = '# with sentry_sdk.start_span(op="old", description="dead code") as span:'
    return [head, '#     span.set_data("rows", 1)'] + plain.simple(c)


@shape("lookalike-string", wild="2.7", seen="documentation and snippets in strings", weight=2)
def in_string(c):
    name = c.fresh("snippet", "usage")
    return [f"{name} = 'with sentry_sdk.start_span(op=\"x\") as span: span.set_tag(\"a\", 1)'", f"print(len({name}))"]


STATEMENTS = (commented_out, in_string)
