"""A project's own layer over the SDK: context managers, decorators, helpers, generators (wild-code.md 2.3, 2.4).

Callers in other files may never import `sentry_sdk`.
"""

from . import data, plain
from .calls import constant_name, finish, span_call, written
from .core import SpanVar, glue, shape, suite
from .functions import context, define, part, spelt
from .passing import span_annotation
from .spans import bind, body
from .words import FUNCTION_NAMES, OPS


@shape("wrapper-decorator", wild="2.3", seen="project decorators around start_span", weight=5, level=2)
def decorator(m):
    m.mod.need("import functools")
    c = context(m, "op", "function", "args", "kwargs")
    c.spend()
    wrap = m.mod.fresh("timed", "instrumented")
    call = written(c, c.ref("start_span"), [("op", "op"), ("name", "function.__name__")])
    inside = suite("def inner(*args, **kwargs)", suite(glue("with ", call), ["return function(*args, **kwargs)"]))
    lines = suite("def decorate(function)", ["@functools.wraps(function)"] + inside + ["return inner"]) + ["return decorate"]
    define(c, f"def {wrap}(op):", lines)
    target = context(m)
    name = m.mod.fresh(c.pick(FUNCTION_NAMES))
    define(target, f"def {name}():", target.under(None).block(1, 2), [f"@{wrap}({c.text(c.pick(OPS))})"])
    c.frame.cost += target.frame.cost
    part(c, name, lambda u, p: [f"{spelt(u, p)}()"])


# Wrappers ---------------------------------------------------------------------------------------
@shape("wrapper-contextmanager", wild="2.3", seen="mobu, zeus, neuro-logging, getsentry", weight=12, level=1)
def manager(m):
    m.mod.need("from contextlib import contextmanager")
    c = context(m, "op", "what", "facts", "key", "value")
    name = m.mod.fresh("traced", "measured")
    call = span_call(c, args=[("op", "op"), ("name" if c.chance(0.5) else "description", "what")])
    yields = c.chance(0.75)
    write = suite("for key, value in facts.items()", [data.set_value(c, "span", c.pick(("set_data", "set_tag")), "key", "value")])
    late = data.writes(c, "span") if c.chance(0.3) else []
    inside = write + suite("try", ["yield span" if yields else "yield"]) + suite("finally", late) if late else write + ["yield span" if yields else "yield"]
    define(c, f"def {name}(op, what, **facts):", suite(glue("with ", call, " as span"), inside), ["@contextmanager"])
    part(c, name, lambda u, p: _use_manager(u, p, yields))


def _use_manager(u, p, yields):
    callee = spelt(u, p)
    var = bind(u) if yields and u.depth > 0 and u.chance(0.6) else None
    facts = u.pick(("", f", {p.name}_rows=3", f', {p.name}_phase="late", {p.name}_page=1'))
    head = f"with {callee}({u.text(u.pick(OPS))}, {constant_name(u)}{facts})" + (f" as {var.name}" if var else "")
    if u.depth <= 0:
        return suite(head, plain.simple(u.inner()))
    if u.chance(0.12) and u.level >= 3:
        return _split_manager(u, head[5:].split(" as ")[0], var)
    return suite(head, body(u, var, most=2))


def _split_manager(u, call, var):
    """mobu: the wrapper entered and left by hand, in two places."""
    u.prog.used("wrapper-split")
    cm = u.fresh("cm", "section")
    lines = [f"{cm} = {call}", f"{var.name} = {cm}.__enter__()" if var else f"{cm}.__enter__()"]
    return lines + body(u, var, most=1) + [f"{cm}.__exit__(None, None, None)"]


PLAIN_STYLES = ("import", "alias", "try")


def _plain(sdk):
    """Whether a module says `sentry_sdk.start_span`, which leaves the bare name free."""
    return sdk.style in PLAIN_STYLES and sdk.via is None


def _own_start_span(m):
    handed_on = any(module.sdk.via is m.mod for module in m.prog.modules)
    return _plain(m.mod.sdk) and not handed_on and not any("start_span" in module.taken for module in m.prog.modules)


def _tells_apart(u):
    """Whether the caller's module has no other `start_span` of its own."""
    return u.frame.sdk is None and _plain(u.mod.sdk)


@shape("wrapper-same-name", wild="2.4 A", seen="the SDK's own name with positional (op, name)", weight=5, level=3, when=_own_start_span)
def same_name(m):
    m.mod.taken.append("start_span")
    c = context(m, "op", "name", "facts", "key", "value")
    c.frame.sdk = None
    lines = glue("span = ", span_call(c, args=[("op", "op"), ("name", "name or op")]))
    lines += suite("for key, value in facts.items()", [data.set_value(c, "span", "set_data", "key", "value")]) + ["return span"]
    define(c, 'def start_span(op, name="", **facts):', lines)

    def use(u, p):
        callee = spelt(u, p)
        var = bind(u)
        head = f"with {callee}({u.text(u.pick(OPS))}{u.pick(('', ', ' + constant_name(u)))}, rows=2) as {var.name}"
        return suite(head, body(u, var, most=2) if u.depth > 0 else data.writes(u, var.name))

    part(c, "start_span", use, fits=_tells_apart)


@shape("wrapper-tag-current", wild="2.1", seen="helpers that write on whatever is open", weight=8, level=1)
def tag_current(m):
    c = context(m, "key", "value", "span")
    name = m.mod.fresh("tag_span", "note_on_span")
    lines = [f"span = {c.ref('get_current_span')}()"]
    if c.chance(0.5):
        lines += suite(c.pick(("if span is None", "if not span")), ["return"]) + [data.set_value(c, "span", "set_tag", "key", "value")]
    else:
        lines += suite("if span is not None", [data.set_value(c, "span", "set_data", "key", "value")])
    define(c, f"def {name}(key, value):", lines)
    key = name + "_" + c.pick(("a", "b"))  # of this helper alone, so never both data and tag
    part(c, name, lambda u, p: [f"{spelt(u, p)}({u.text(key)}, {data.tag_value(u)})"])


@shape("wrapper-current-returned", wild="2.3", seen="a getter around get_current_span", weight=3, level=3)
def current_getter(m):
    c = context(m)
    name = m.mod.fresh("active_span_or_none", "here")
    result = span_annotation(c, maybe=True)
    define(c, f"def {name}()" + (f" -> {result}:" if result else ":"), [f"return {c.ref('get_current_span')}()"])

    def use(u, p):
        callee, found = spelt(u, p), u.fresh("found", "around")
        return [f"{found} = {callee}()"] + suite(f"if {found} is not None", data.writes(u, found, 1 + u.below(2)))

    part(c, name, use)


@shape("module-global", wild="2.3 D", seen="begun in one function, ended in another through a global", weight=3, level=4,
       when=lambda m: not any("begin_phase" in module.taken for module in m.prog.modules))
def module_global(m):
    c = context(m)
    begin, end = m.mod.fresh("begin_phase"), m.mod.fresh("end_phase")
    slot = m.mod.constant("CURRENT_PHASE", "None")
    define(c, f"def {begin}():", [f"global {slot}"] + glue(f"{slot} = ", span_call(c, held=True)))
    define(c, f"def {end}():", [f"global {slot}"] + data.writes(c, slot) + [finish(c, slot), f"{slot} = None"])

    def use(u, p):
        first, last = spelt(u, p), u.project(p.module, end)
        return [f"{first}()"] + plain.simple(u) + [f"{last}()"]

    part(c, begin, use)


# Generators -------------------------------------------------------------------------------------
@shape("generator", wild="2.1", seen="a span open across yield", weight=7, level=2)
def generator(m):
    c = context(m, "n", "row")
    name = m.mod.fresh("rows", "pages", "stream_rows")
    c.learn("n", "int")
    held = c.chance(0.25)
    var = SpanVar(c.fresh("span"))
    rows = suite("for row in range(n)", ["yield row"])
    if held:
        lines = glue("span = ", span_call(c, held=True)) + rows + data.writes(c, "span") + [finish(c, "span")]
    else:
        inside = data.writes(c, var.name, c.below(2)) + rows + data.writes(c, var.name)
        lines = suite(glue("with ", span_call(c), " as span"), inside)
    define(c, f"def {name}(n):", lines)
    part(c, name, lambda u, p: _use_generator(u, p, held))


def _use_generator(u, p, held):
    callee = spelt(u, p)
    if u.chance(0.25):
        return [f"print({u.text('rows')}, sum({callee}(3)))"]
    row = u.fresh("record", "row_no")
    inner = u.loop(2)
    inner.learn(row, "int")
    if not held:
        inner = inner.under(None)
    lines = inner.inner(depth=min(1, u.depth)).block(1, 2) if u.depth > 0 else plain.simple(inner)
    return suite(f"for {row} in {callee}(2)", lines)


PARTS = (decorator, manager, same_name, tag_current, current_getter, module_global, generator)
