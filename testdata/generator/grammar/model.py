"""The model migration: the same program on `sentry_sdk.traces`, to prove that it has an equivalent.

The model dialect differs from the legacy text only where a migration has to decide something (held or
entered, `finish`, `set_data`, values that change, ambient accessors). All else it gets from this
stand-in for `sentry_sdk`, written beside the program as streamed_model.py. It follows rules.md with its
recommended answers and root-trace=own-trace; it is no pattern for what the product writes.
"""

SOURCE = '''\
"""Stand-in for sentry_sdk with streamed meaning; see testdata/generator/grammar/model.py."""

import sys

import sentry_sdk as _sdk
from sentry_sdk import *  # noqa: F401,F403
from sentry_sdk import traces as _traces
from sentry_sdk.traces import NoOpStreamedSpan as NoOpSpan, StreamedSpan as Span, get_current_span  # noqa: F401

Transaction = Span
Hub = None  # 3.x has none; what a program asks of it is rewritten
api = tracing = sys.modules[__name__]
_NEW = [int(n) for n in _sdk.VERSION.split("b")[0].split(".")] >= [2, 66, 1]
_SOURCE = "sentry.segment.name.source" if _NEW else "sentry.span.source"


class TransactionSource:
    TASK = "task"


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)  # above all __all__, which would hide the names below
    return getattr(_sdk, name)


def init(*args, **options):
    options["_experiments"] = {**(options.get("_experiments") or {}), "trace_lifecycle": "stream"}
    return _sdk.init(*args, **options)


def _attributes(op, origin=None, source=None):
    pairs = (("sentry.op", op), ("sentry.origin", origin), (_SOURCE, source))
    return {key: value for key, value in pairs if value is not None}


def start_span(op=None, name=None, description=None, origin=None, _active=True, **parent):
    return _traces.start_span(
        name=name or description or op, attributes=_attributes(op, origin), active=_active, **parent
    )


def start_child(parent, **arguments):
    return start_span(parent_span=parent, **arguments)


class _Pending:
    def __init__(self, headers, op=None, name=None, source=None, origin=None, sampled=None):
        self.headers, self.op, self.name, self.source, self.origin = headers, op, name, source, origin


def make_pending(**arguments):
    return _Pending(None, **arguments)


def continue_trace(environ_or_headers, op=None, name=None, source=None, origin=None):
    return _Pending(environ_or_headers, op, name, source, origin)


def start_transaction(
    transaction=None, op=None, name=None, source=None, origin=None, sampled=None, custom_sampling_context=None, _active=True
):
    t = transaction or _Pending(None, op, name, source, origin)
    if t.headers is None:
        _traces.new_trace()
    else:
        _traces.continue_trace(t.headers)
    if custom_sampling_context:
        _sdk.get_current_scope().set_custom_sampling_context(custom_sampling_context)
    return _traces.start_span(
        name=t.name or t.op, attributes=_attributes(t.op, t.origin, t.source), parent_span=None, active=_active
    )


def trace(function=None, *, op=None, name=None, attributes=None):
    attributes = {"sentry.op": op or "function", **(attributes or {})}
    return _traces.trace(function, name=name, attributes=attributes)


def update_current_span(op=None, name=None, attributes=None):
    span = get_current_span()
    if op is not None:
        span.set_attribute("sentry.op", op)
    if name is not None:
        span.name = name
    span.set_attributes(attributes or {})


def http_status(span, code):
    span.set_attribute("http.response.status_code", code)
    span.status = "error" if code >= 400 else "ok"
'''
