"""Error events inside spans, and what programs read off spans: ids, headers, trace contexts.

Ids are never printed, only facts about them. Error events occur in programs without renamed, nested
or unentered roots, because those change an event's transaction name in legacy code for reasons of
their own (the scope remembers the name it saw last).
"""

from .core import shape, suite
from .spans import RAISES
from .words import EVENT_MESSAGES, TAG_KEYS


def _events(c):
    return c.prog.errors and c.active and not c.quiet


@shape("capture-exception", wild="1.13", seen="most projects", weight=9, when=lambda c: _events(c) and c.depth > 0)
def exception(c):
    caught, error = c.pick(RAISES)
    name, capture = c.fresh("error", "exc"), c.ref("capture_exception")
    attempt = suite("try", c.inner(depth=0).block(1, 1) + [f"raise {error}"])
    if c.chance(0.4):
        return attempt + suite(f"except {caught}", [f"{capture}()"])
    return attempt + suite(f"except {caught} as {name}", [f"{capture}({name})"])


@shape("capture-message", wild="1.13", seen="common", weight=5, when=_events)
def message(c):
    level = f", level={c.text('warning')}" if c.chance(0.4) else ""
    return [f"{c.ref('capture_message')}({c.text(c.pick(EVENT_MESSAGES))}{level})"]


@shape("error-scope", wild="2.2", seen="scopes forked only to report an error", weight=5, level=2, when=lambda c: _events(c) and c.depth > 0)
def error_scope(c):
    scope = c.fresh("scope", "fork")
    kind = c.ref(c.pick(("new_scope", "new_scope", "isolation_scope")))
    tags = [f"{scope}.set_tag({c.text(c.pick(TAG_KEYS))}, {c.text('bad')})"]
    if c.chance(0.3):
        tags.append(f"{scope}.set_extra({c.text('box')}, 7)")
    if c.chance(0.2):
        tags.append(f"{scope}.set_context({c.text('printer')}, {{{c.text('paper')}: 0}})")
    return suite(f"with {kind}() as {scope}", tags + message(c))


# Reading spans ----------------------------------------------------------------------------------
def _reads(c):
    return c.active and not c.quiet


@shape("read-ids", wild="2.1", seen="6 reads of trace_id and span_id", weight=5, when=lambda c: _reads(c) and c.own)
def ids(c):
    forms = [f"len({c.own}.trace_id), len({c.own}.span_id)", f"{c.own}.trace_id == {c.ref('get_current_span')}().trace_id"]
    outer = [v for v in c.elsewhere if v.kind == "child"]
    if outer:
        forms.append(f"{c.own}.span_id != {outer[-1].name}.span_id")
    return [f"print({c.text('ids')}, {c.pick(forms)})"]


@shape("read-headers", wild="2.1", seen="get_traceparent/get_baggage in 2 files", weight=5, when=_reads)
def headers(c):
    name = c.fresh("headers", "outgoing")
    parent, baggage = c.ref("get_traceparent"), c.ref("get_baggage")
    lines = [f'{name} = {{"sentry-trace": {parent}(), "baggage": {baggage}()}}']
    facts = [f'{name}["sentry-trace"].endswith("-1")', f'"sentry-trace_id=" in {name}["baggage"]']
    if c.own:
        facts.append(f'{name}["sentry-trace"].startswith({c.own}.trace_id)')
        facts.append(f'{name}["sentry-trace"].split("-")[1] == {c.own}.span_id')
    return lines + [f"print({c.text('headers')}, {', '.join(facts)})"]


@shape("span-traceparent", wild="2.3", seen="span.to_traceparent()", weight=3, level=3, when=lambda c: _reads(c) and c.own)
def traceparent(c):
    name = c.fresh("traceparent", "header")
    source = f"{c.ref('get_traceparent')}()" if c.model else f"{c.own}.to_traceparent()"
    return [f"{name} = {source}", f'print({c.text("parent")}, {name}.split("-")[0] == {c.own}.trace_id, {name}[-1])']


@shape("span-headers", wild="2.3", seen="span.iter_headers()", weight=3, level=4, when=lambda c: _reads(c) and c.own)
def iter_headers(c):
    name = c.fresh("carrier", "outgoing")
    scope = c.ref("get_current_scope")
    source = f"{scope}().iter_trace_propagation_headers()" if c.model else f"{c.own}.iter_headers()"
    if c.chance(0.5):
        return [f"{name} = dict({source})", f'print({c.text("carrier")}, sorted({name}) == ["baggage", "sentry-trace"])']
    key, value = c.fresh("key", "k"), c.fresh("value", "v")
    lines = [f"{name} = {{}}"] + suite(f"for {key}, {value} in {source}", [f"{name}[{key}] = {value}"])
    return lines + [f'print({c.text("carrier")}, "sentry-trace" in {name})']


@shape("trace-context", wild="rules 10", seen="get_trace_context()", weight=3, level=3, when=lambda c: _reads(c) and c.own)
def trace_context(c):
    key = c.pick(("trace_id", "span_id"))
    name = c.fresh("context", "ctx")
    read = c.pick((f'["{key}"]', f'.get("{key}")'))
    held = c.chance(0.5)
    if c.model:
        return [f"print({c.text('context')}, {c.own}.{key} == {c.own}.{key})"]
    if held:
        return [f"{name} = {c.own}.get_trace_context()", f"print({c.text('context')}, {name}{read} == {c.own}.{key})"]
    return [f"print({c.text('context')}, {c.own}.get_trace_context(){read} == {c.own}.{key})"]


@shape("span-baggage", wild="rules 11", seen="span.to_baggage().serialize()", weight=6, level=5, when=lambda c: _reads(c) and c.own)
def baggage(c):
    source = f"{c.ref('get_baggage')}()" if c.model else f"{c.own}.to_baggage().serialize()"
    return [f'print({c.text("baggage")}, "sentry-trace_id=" in {source})']


@shape("root-trace-id", wild="2.2", seen="3 scope.transaction.trace_id as a support id", weight=3, level=3, when=_reads)
def root_trace_id(c):
    current, scope = f"{c.ref('get_current_span')}()", f"{c.ref('get_current_scope')}()"
    root = c.pick([f"{scope}.transaction"] + ([f"{c.own}.containing_transaction"] if c.own else []))
    if c.chance(0.5):
        return [f"print({c.text('traced')}, bool({current if c.model else root}))"]
    return [f"print({c.text('support id')}, len(({current if c.model else root}).trace_id))"]


STATEMENTS = (
    exception, message, error_scope, ids, headers, traceparent, iter_headers, trace_context, baggage, root_trace_id,
)
