"""Data, tags and status on a span that a variable holds (wild-code.md 2.1 and 2.2)."""

from .calls import constant_name, rename, set_status, set_value
from .core import indent, shape, suite
from .values import changing_value, data_key, own_key, plain_value, tag_key, tag_value
from .words import COMMENTS

ERROR_STATUSES = ("internal_error", "not_found", "cancelled", "deadline_exceeded", "unknown_error")


def target(c):
    """The span to write on: mostly the innermost, else one further out or a held one."""
    others = c.elsewhere + c.open_held
    if c.own and (not others or c.chance(0.8)):
        return c.span
    return c.pick(others) if others else None


def reachable(c):
    return bool(c.own or c.elsewhere or c.open_held)


def writes(c, span, n=1):
    """`n` set_data or set_tag lines on the span expression (118 real calls: about half and half)."""
    return [write(c, span) for _ in range(n)]


def write(c, span):
    if c.chance(0.62):
        return set_value(c, span, "set_data", data_key(c), plain_value(c))
    return set_value(c, span, "set_tag", tag_key(c), tag_value(c))


def changed(c, span):
    """set_data with a value that streaming stores differently, under a key of its own."""
    value, key = changing_value(c), own_key(c)
    c.prog.changes[key] = {key + suffix: sent for suffix, sent in value.sent.items()}
    if not c.model:
        return [f"{span}.set_data({c.text(key)}, {value.expr})"]
    return [f"{span}.set_attribute({c.text(key + suffix)}, {expr})" for suffix, expr in value.become] or ["pass"]


@shape("data-set", wild="2.1", seen="118 set_data/set_tag on proved spans", weight=40, when=reachable)
def one(c):
    lines = writes(c, target(c).name)
    if c.chance(0.07):
        c.prog.used("data-trailing-comment")
        lines[-1] += f"  # {c.pick(COMMENTS)}"
    return lines


@shape("data-semicolon", wild="2.8", seen="two statements on a line", weight=2, level=3, when=reachable)
def semicolon(c):
    return ["; ".join(writes(c, target(c).name, 2))]


@shape("data-several", wild="2.1", seen="a third of 118 follow each other", weight=14, when=reachable)
def several(c):
    lines = writes(c, target(c).name, 2 + c.below(3))
    if c.level >= 2 and c.chance(0.2):
        c.prog.used("data-comment-between")
        lines.insert(1, "# for the dashboard")
    return lines


@shape("data-changing-value", wild="2.2", seen="two of five values change in careful hand migrations", weight=7, level=3, when=reachable)
def changing(c):
    return changed(c, target(c).name)


@shape("data-update", wild="2.2", seen="update_data; 2 in public code", weight=3, level=2, when=reachable)
def update(c):
    span, pairs = target(c).name, [f"{data_key(c)}: {plain_value(c)}" for _ in range(1 + c.below(3))]
    verb = "set_attributes" if c.model else "update_data"
    if c.chance(0.4):
        name = c.fresh("stats", "facts")
        return [f"{name} = {{{', '.join(pairs)}}}", f"{span}.{verb}({name})"]
    return [f"{span}.{verb}({{{', '.join(pairs)}}})"]


@shape("data-loop", wild="2.2", seen="6 loops over **attributes or items()", weight=4, level=2, when=lambda c: reachable(c) and c.depth > 0)
def items(c):
    pairs = ", ".join(f"{data_key(c)}: {plain_value(c)}" for _ in range(2))
    key, value = c.fresh("key", "k"), c.fresh("value", "v")
    return suite(f"for {key}, {value} in {{{pairs}}}.items()", [set_value(c, target(c).name, "set_data", key, value)])


@shape("data-swallowed", wild="2.4 J", seen="7 `except AttributeError` around set_data in codecov", weight=4, level=3, when=lambda c: reachable(c) and c.depth > 0)
def swallowed(c):
    body = writes(c, target(c).name)
    return suite("try", body) + ["except AttributeError:  # pragma: no cover"] + indent(["pass"])


@shape("data-inline-guard", wild="2.2", seen="`span and span.set_tag(...)`", weight=1, level=3, when=reachable)
def inline_guard(c):
    span = target(c).name
    call = write(c, span)
    return [c.pick((f"{span} and {call}", f"{call} if {span} is not None else None"))]


@shape("data-alias", wild="2.3", seen="two names for one span", weight=2, level=3, when=reachable)
def alias(c):
    name = c.fresh("target", "same_span")
    return [f"{name} = {target(c).name}"] + writes(c, name, 1 + c.below(2))


@shape("status", wild="2.2", seen="10 set_status: ok, internal_error, cancelled, SPANSTATUS.OK", weight=5, when=reachable)
def status(c):
    span, value = target(c).name, c.pick(("ok", c.pick(ERROR_STATUSES)))
    form = c.pick(("text", "text", "enum", "expression"))
    enum = c.mod.sdk.const("SPANSTATUS") if form == "enum" and c.level >= 2 and not c.model else None
    if form == "expression" and c.level >= 3 and c.known("int"):
        c.prog.used("status-expression")
        test = f"{c.pick(c.known('int'))} > 1"
        return chosen_status(c, span, test)
    if enum:
        return [f"{span}.set_status({enum}.{value.upper()})"]
    return [set_status(c, span, value)]


def chosen_status(c, span, test):
    if c.model:
        return [f'{span}.status = "ok" if {test} else "error"']
    return [f'{span}.set_status("ok" if {test} else "internal_error")']


@shape("http-status", wild="2.2", seen="set_http_status has no successor", weight=3, level=2, when=reachable)
def http_status(c):
    span, code = target(c).name, c.pick((200, 204, 302, 404, 500))
    return [f"{c.ref('http_status')}({span}, {code})" if c.model else f"{span}.set_http_status({code})"]


def _child(c):
    return c.own and c.span.kind == "child"


@shape("description-late", wild="2.2", seen="9 `span.description = ...`, also `+=`", weight=4, level=2, when=_child)
def description(c):
    lines = [rename(c, c.own, constant_name(c))]
    if c.chance(0.3):
        lines += [rename(c, c.own, c.text(" [2 rows]"), "+=")]
    return lines


def _root(c):
    return c.own and c.span.kind == "root"


@shape("root-context", wild="2.2", seen="transaction.set_context", weight=10, level=4, when=_root)
def context(c):
    n = c.below(9)
    if c.model:
        return [f'{c.own}.set_attributes({{"flow.step": {n}, "flow.name": "pack"}})']
    return [f'{c.own}.set_context("flow", {{"step": {n}, "name": "pack"}})']


@shape("root-measurement", wild="2.2", seen="8 set_measurement, 7 in one project", weight=10, level=4, when=_root)
def measurement(c):
    name, n, unit = f"boxes.packed_{c.prog.number()}", c.below(90), c.pick(("", ', "byte"', ', unit="none"'))
    if c.model:
        return [f'{c.own}.set_attribute("{name}", {n})']
    return [f'{c.own}.set_measurement("{name}", {n}{unit})']


@shape("sdk-measurement", wild="2.2", seen="8 set_measurement, most of them of the module", weight=6, level=3,
       when=lambda c: c.place == "root" and not c.quiet)
def sdk_measurement(c):
    """Where the root is the current span: elsewhere the value lands on another span."""
    name, n, unit = f"boxes.counted_{c.prog.number()}", c.below(90), c.pick(("", ', "byte"', ', unit="none"'))
    if c.model:
        return [f'{c.ref("get_current_span")}().set_attribute("{name}", {n})']
    return [f'{c.ref("set_measurement")}("{name}", {n}{unit})']


STATEMENTS = (
    one, semicolon, several, changing, update, items, swallowed, inline_guard, alias, status, http_status, description,
    context, measurement, sdk_measurement,
)


def opening(c):
    """What often comes first in a block with `as span`: a few writes that could fold into the call."""
    return writes(c, c.own, 1 + c.below(3)) if c.own and c.chance(0.45) else []
