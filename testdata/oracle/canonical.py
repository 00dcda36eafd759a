"""Turns what a program sent into one canonical value, the same for transactions and streamed spans.

The names used here are explained in README.md ("The result"). Whatever is left out or renamed on the way
stands in this file: `Own` (what the SDK adds by itself), `merged` and `RENAMED` (what the migration
renames on purpose), `static_name` (spans without a name). Everything else is compared as it was sent.
"""

import datetime
import json
import math
import platform
import re
import sys

# Keys of sent spans that are looked at, or say nothing; any other is kept as it is.
KNOWN = frozenset(
    """trace_id span_id parent_span_id is_segment name status attributes start_timestamp end_timestamp
    timestamp description op origin data tags measurements same_process_as_parent dynamic_sampling_context""".split()
)

# Legacy key -> the key the migration writes (rules.md, step 12).
RENAMED = {"http.status_code": "http.response.status_code"}

# Breadcrumbs that releases below 2.68 make of finished legacy spans.
OWN_BREADCRUMBS = ("redis", "httplib", "subprocess")

# Options that a migration has no reason to change; of callbacks, whether there is one.
OPTIONS = """dsn release environment server_name dist debug sample_rate traces_sample_rate max_breadcrumbs""".split()
CALLBACKS = ("before_send", "before_breadcrumb", "traces_sampler")

UNLABELED = "<unlabeled transaction>"


class Span:
    """One span as sent, in either mode. Times are microseconds since 1970."""

    def __init__(self, **fields):
        self.children = []
        self.__dict__.update(fields)


def canonical(watch, job):
    """Returns the canonical result of one program: traces, events, other items, and the labels of its ids."""
    own = Own(watch)
    spans, events, items = [], [], []
    for headers, envelope_items in watch.envelopes:
        root = None
        for header, payload in envelope_items:
            kind = header.get("type")
            if kind == "transaction":
                root, children = static_spans(payload, own)
                root.dsc = headers.get("trace")
                spans += [root] + children
            elif kind == "span":
                spans += [stream_span(s, own, root, headers) for s in payload["items"]]
            elif kind == "event":
                events.append(payload)
            elif kind not in ("session", "sessions", "client_report"):
                items.append((kind, payload))
    moments = {s.start for s in spans} | {s.end for s in spans} | set(watch.prints)
    ranks = {moment: rank for rank, moment in enumerate(sorted(moments))}
    traces, labels = forest(spans, ranks, watch, job)
    return {
        "traces": traces,
        "events": [canonical_event(e, labels) for e in events],
        "items": [canonical_item(kind, payload, labels) for kind, payload in items],
        "lost_roots": watch.lost_roots,
        "clients": [client_options(client.options) for client in watch.clients],
        "prints": [ranks[moment] for moment in watch.prints],
    }, labels


# -- single spans ------------------------------------------------------------------------------------------


def static_spans(event, own):
    """Returns the root and the children of a transaction event."""
    context = event["contexts"]["trace"]
    contexts = {k: v for k, v in event["contexts"].items() if not own_context(k, v)}
    root = static_span(
        dict(
            context,
            description=event.get("transaction"),
            start_timestamp=event["start_timestamp"],
            timestamp=event["timestamp"],
            tags=event.get("tags"),
            measurements=event.get("measurements"),
        ),
        contexts,
        own,
    )
    root.unit, root.is_root = root.id, True
    root.source = (event.get("transaction_info") or {}).get("source")
    children = [static_span(s, {}, own) for s in event["spans"]]
    for child in children:
        child.unit, child.is_root = root.id, False
    return root, children


def static_span(span, contexts, own):
    attributes, units = merged(span, contexts, own)
    return Span(
        id=span["span_id"],
        trace=span["trace_id"],
        parent=span.get("parent_span_id"),
        name=static_name(span),
        op=span.get("op"),
        origin=span.get("origin"),
        status="ok" if span.get("status") in (None, "", "ok") else "error",
        start=microseconds(span["start_timestamp"]),
        end=microseconds(span["timestamp"]),
        attributes=attributes,
        units=units,
        more={k: jsonable(v) for k, v in span.items() if k not in KNOWN},
        dsc=None,
    )


def static_name(span):
    """A legacy span without a name is migrated to one named by its op (rules.md, step 3)."""
    name = span.get("description")
    if name in (None, UNLABELED) and span.get("op") is not None:
        return span["op"]
    return name


def merged(span, contexts, own):
    """Returns data, tags, contexts and measurements of a legacy span as attributes, and the units that get lost.

    A key set twice with different values has no counterpart; its value is then a dict of both, which no
    attribute equals.
    """
    data = {RENAMED.get(k, k): v for k, v in (span.get("data") or {}).items() if not own(k, v)}
    tags = {RENAMED.get(k, k): v for k, v in (span.get("tags") or {}).items()}
    if tags.get("status") == span.get("status") is not None:
        del tags["status"]  # the SDK repeats the status as a tag
    code = data.get("http.response.status_code")
    if code is not None and tags.get("http.response.status_code") == str(code):
        del tags["http.response.status_code"]  # the second of the two that set_http_status writes
    if contexts.get("response") == {"status_code": code}:
        contexts = {k: v for k, v in contexts.items() if k != "response"}
    flat = {}
    for key, value in contexts.items():
        flat.update({"%s.%s" % (key, k): v for k, v in value.items()} if isinstance(value, dict) else {key: value})
    measurements = span.get("measurements") or {}
    values = {k: m.get("value") for k, m in measurements.items()}
    attributes = {}
    for source, part in (("data", data), ("tag", tags), ("context", flat), ("measurement", values)):
        for key, value in part.items():
            if key in attributes and strict(attributes[key]) != strict(value):
                value = {"first": attributes[key], source: value}
            attributes[key] = value
    units = {k: m["unit"] for k, m in measurements.items() if m.get("unit") not in (None, "", "none")}
    return {k: jsonable(v) for k, v in attributes.items()}, units


def stream_span(span, own, transaction, headers):
    """`transaction` is the root a static envelope carries beside its gen_ai spans, else None."""
    attributes = {k: attribute_value(v) for k, v in (span.get("attributes") or {}).items()}
    segment = attributes.pop("sentry.segment.id", None)
    source = None
    if span["is_segment"]:
        key = source_key()
        source = attributes.pop(key, None)
        if source is None and not has_default_source():
            source = "custom"  # the default of transactions; written by the SDK itself from 2.67
    name = span.get("name")
    return Span(
        id=span["span_id"],
        trace=span["trace_id"],
        parent=span.get("parent_span_id"),
        unit=transaction.id if transaction else (span["span_id"] if span["is_segment"] else segment),
        is_root=span["is_segment"],
        name=name,
        op=attributes.pop("sentry.op", None),
        origin=attributes.pop("sentry.origin", None),
        status=span["status"],
        source=source,
        start=round(span["start_timestamp"] * 1e6),
        end=round(span["end_timestamp"] * 1e6),
        attributes={k: jsonable(v) for k, v in attributes.items() if not own(k, v)},
        units={},
        more={k: jsonable(v) for k, v in span.items() if k not in KNOWN},
        dsc=headers.get("trace"),
    )


def attribute_value(sent):
    """The value of a streamed attribute; a value that is not of the type it claims stays visible as a dict."""
    value, kind = sent["value"], sent["type"]
    types = {"boolean": bool, "integer": int, "double": float, "string": str, "array": list}
    return value if type(value) is types.get(kind) else {"value": value, "type": kind}


def own_context(key, value):
    return key in ("trace", "profile") or (key == "runtime" and set(value) == {"name", "version", "build"})


class Own:
    """What the SDK puts on spans by itself: key -> the values it may have. A value of the program's own stays."""

    def __init__(self, watch):
        options = [client.options for client in watch.clients]
        self.values = {
            "thread.id": [ident for ident, _ in watch.threads],
            "thread.name": [name for _, name in watch.threads],
            "server.address": [o["server_name"] for o in options],
            "sentry.environment": [o["environment"] or "production" for o in options],
            "sentry.release": [o["release"] for o in options],
            "sentry.dist": [str(o["dist"]).strip() for o in options if o["dist"]],
            "sentry.sdk.integrations": [sorted(client.integrations) for client in watch.clients],
            "sentry.sdk.name": ["sentry.python"],
            "sentry.sdk.version": [sdk_version()],
            "sentry.trace_lifecycle": ["stream"],
            "sentry.platform": ["python"],
            "process.runtime.name": [platform.python_implementation()],
            "process.runtime.version": [platform.python_version()],
            "process.command_args": [sys.argv],
        }

    def __call__(self, key, value):
        if key == "sentry.segment.name":
            return True  # the root's name when this span ended; the SDK overwrites what the program set
        if key in ("profiler_id", "sentry.profiler_id"):
            return isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value) is not None
        return any(type(value) is type(v) and value == v for v in self.values.get(key, ()))


def sdk_version():
    from sentry_sdk.consts import VERSION

    return VERSION


def release_tuple(version):
    """(2, 66, 1) of "2.66.1"; a pre-release counts as its release."""
    return tuple(int(re.match(r"\d+", part).group()) for part in version.split(".")[:3])


def source_key():
    old = release_tuple(sdk_version()) < (2, 66, 1)
    return "sentry.span.source" if old else "sentry.segment.name.source"


def has_default_source():
    return release_tuple(sdk_version()) >= (2, 67, 0)


def microseconds(value):
    if isinstance(value, (int, float)):
        return round(value * 1e6)
    moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def jsonable(value):
    """The value in strict JSON: a number that JSON has no text for becomes {"float": "nan"}."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, list):
        return [jsonable(v) for v in value]
    if isinstance(value, dict):
        return {k: jsonable(v) for k, v in value.items()}
    return value


def strict(value):
    """A text that two values share only if they are the same JSON: 1, 1.0, true and "1" all differ."""
    return json.dumps(value, sort_keys=True)


# -- the forest ----------------------------------------------------------------------------------------------


class Labels:
    """Names for ids: where a span stands in the forest, which trace it is."""

    def __init__(self, watch):
        self.watch = watch
        self.spans = {}
        self.traces = {}
        self.other = {}

    def trace(self, ident):
        if ident in self.traces:
            return self.traces[ident]
        return self.unknown(ident, "unsent trace")

    def span(self, ident):
        if ident in self.spans:
            return self.spans[ident]
        return self.unknown(ident, "unsent span")

    def unknown(self, ident, kind):
        """An id that no sent span has: literal if it came from outside, else numbered as it turns up."""
        if ident is None:
            return None
        if ident not in self.watch.ids:
            return ident
        if ident not in self.other:
            count = sum(1 for label in self.other.values() if label.startswith(kind)) + 1
            self.other[ident] = "%s %d" % (kind, count)
        return self.other[ident]


def forest(spans, ranks, watch, job):
    """Returns the traces in order of their first start, and the labels of all ids."""
    labels = Labels(watch)
    units = {}
    for span in spans:
        units.setdefault((span.trace, span.unit), []).append(span)
    by_id = {span.id: span for span in spans}
    traces = {}
    for (trace, _), members in sorted(units.items(), key=lambda u: min(s.start for s in u[1])):
        traces.setdefault(trace, []).append(members)
    for number, (trace, members) in enumerate(traces.items(), 1):
        labels.traces[trace] = "trace %d" % number
        for position, unit in enumerate(members, 1):
            nest(unit, "trace %d/root %d" % (number, position), labels)
    result = []
    for trace, members in traces.items():
        outside = trace not in watch.ids
        roots = [canonical_unit(unit, by_id, labels, ranks, job) for unit in members]
        result.append(
            {
                "incoming": trace if outside else None,
                "baggage": sampling_context(members, outside),
                "roots": roots,
            }
        )
    return result, labels


def nest(unit, path, labels):
    """Hangs the spans of one unit under each other and labels them."""
    ids = {span.id: span for span in unit}
    unit.sort(key=lambda span: (not span.is_root, span.start, span.end))
    for span in unit:
        if not span.is_root and span.parent in ids and span.parent != span.id:
            ids[span.parent].children.append(span)
    tops = [s for s in unit if s.is_root or s.parent not in ids]
    for n, top in enumerate(tops):
        label(top, path if top.is_root else "%s/stray %d" % (path, n), labels)


def label(span, path, labels):
    labels.spans[span.id] = path
    for n, child in enumerate(span.children, 1):
        label(child, "%s/child %d" % (path, n), labels)


def canonical_unit(unit, by_id, labels, ranks, job):
    """A unit is a transaction or a segment with its spans; strays are spans whose parent it does not hold."""
    ids = {span.id for span in unit}
    root = next((s for s in unit if s.is_root), None)
    strays = [s for s in unit if not s.is_root and s.parent not in ids]
    return {
        "root": canonical_span(root, labels, ranks, job) if root else None,
        "strays": [dict(canonical_span(s, labels, ranks, job), parent=labels.span(s.parent)) for s in strays],
    }


def canonical_span(span, labels, ranks, job):
    node = {
        "name": span.name,
        "op": span.op,
        "origin": span.origin,
        "status": span.status,
        "attributes": span.attributes,
        "units": span.units,
        "more": span.more,
        "start": ranks[span.start],
        "end": ranks[span.end],
        "start_at": distant(span.start, job, job["started"]),
        "end_at": distant(span.end, job, span.start),
        "id": None if span.id in labels.watch.ids else span.id,
    }
    if span.is_root:
        node["source"] = span.source
        node["parent"] = labels.span(span.parent)
    node["children"] = [canonical_span(child, labels, ranks, job) for child in span.children]
    return node


def distant(moment, job, base):
    """Where a time lies that is far from the run: whole seconds after `base`, or the date when over a day away."""
    second = 1000000
    if job["started"] - second <= moment <= job["ended"] + second:
        return None
    if abs(moment - job["started"]) > 86400 * second:
        date = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=moment)
        return date.isoformat(timespec="seconds")
    return "%+d s" % ((moment - base) // second)


def sampling_context(members, outside):
    """What the trace header of the first root tells of a continued trace, but for what is random or rate."""
    if not outside:
        return None
    first = next((s for s in members[0] if s.is_root), members[0][0])
    hidden = ("trace_id", "sample_rand", "sample_rate", "transaction")
    return {k: v for k, v in (first.dsc or {}).items() if k not in hidden}


# -- everything else ------------------------------------------------------------------------------------------


def canonical_event(event, labels):
    trace = (event.get("contexts") or {}).get("trace") or {}
    values = (event.get("exception") or {}).get("values") or []
    crumbs = event.get("breadcrumbs") or {}
    transaction = event.get("transaction")
    source = (event.get("transaction_info") or {}).get("source")
    if transaction is not None and source is None and not has_default_source():
        source = "custom"
    return {
        "level": event.get("level"),
        "message": event.get("message") or (event.get("logentry") or {}).get("message"),
        "exceptions": [{k: v.get(k) for k in ("type", "value", "module")} for v in values],
        "mechanisms": [{k: (v.get("mechanism") or {}).get(k) for k in ("type", "handled")} for v in values],
        "transaction": transaction,
        "source": source,
        "trace": labels.trace(trace.get("trace_id")),
        "span": labels.span(trace.get("span_id")),
        "tags": jsonable(event.get("tags") or {}),
        "user": jsonable(event.get("user") or {}),
        "extra": jsonable({k: v for k, v in (event.get("extra") or {}).items() if k != "sys.argv"}),
        "contexts": jsonable({k: v for k, v in (event.get("contexts") or {}).items() if not own_context(k, v)}),
        "fingerprint": event.get("fingerprint"),
        "breadcrumbs": [
            {k: jsonable(c.get(k)) for k in ("category", "message", "level", "type", "data")}
            for c in (crumbs.get("values") or [] if isinstance(crumbs, dict) else crumbs)
            if c.get("category") not in OWN_BREADCRUMBS
        ],
    }


def canonical_item(kind, payload, labels):
    """Items that are neither spans nor events: check-ins in words, of the rest that they were sent."""
    if kind == "check_in":
        trace = (payload.get("contexts") or {}).get("trace") or {}
        return {
            "type": kind,
            "monitor": payload.get("monitor_slug"),
            "status": payload.get("status"),
            "trace": labels.trace(trace.get("trace_id")),
        }
    if kind == "log":
        bodies = [[i.get("level"), i.get("body"), labels.trace(i.get("trace_id"))] for i in payload["items"]]
        return {"type": kind, "logs": bodies}
    return {"type": kind}


def client_options(options):
    found = {name: jsonable(options.get(name)) for name in OPTIONS}
    found["dsn"] = str(found["dsn"])
    found.update({name: options.get(name) is not None for name in CALLBACKS})
    return found


def masked(text, labels, directory):
    """A text of the program's with ids, random numbers and its own folder replaced by what they stand for."""
    if text is None:
        return None

    def name(match):
        ident = match.group()
        if ident in labels.traces or ident in labels.spans:
            return "<%s>" % (labels.traces.get(ident) or labels.spans[ident])
        if ident in labels.watch.ids:
            return "<%s>" % labels.unknown(ident, "unsent id")
        return ident

    text = text.replace(directory, "<dir>")
    text = re.sub(r"(sentry-sample_rand=)0\.\d+", r"\1<random>", text)
    return re.sub(r"(?<![0-9a-zA-Z])(?:[0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-zA-Z])", name, text)
