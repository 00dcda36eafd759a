"""`start_span` in a `with`: 171 of 173 real calls (wild-code.md 2.1 to 2.4)."""

from . import data, plain
from .calls import span_arguments, span_call
from .core import SpanVar, glue, indent, shape, suite
from .words import OPS

VARIABLES = ("span", "span", "span", "s", "child", "sp", "inner_span")


def bind(c, *wanted, kind="child"):
    """A variable for a new span; now and then the enclosing span's own name is taken again."""
    if c.own and not c.span.keep and c.level >= 3 and c.times == 1 and c.chance(0.08):
        c.prog.used("span-rebound")
        old = c.span
        old.alive = False
        return SpanVar(old.name, kind)
    return SpanVar(c.fresh(*(wanted or (c.pick(VARIABLES),))), kind)


def body(c, var, place="child", least=1, most=3):
    """The indented part of a `with` that opened a span; the variable is spent afterwards."""
    inner = c.under(var, place)
    lines = data.opening(inner) + inner.block(least, most)
    if var:
        var.alive = False
    return lines


def block(c, call, *, place="child", kind="child", bound=0.45, least=1, most=3):
    """`with call [as span]:` and a body; 44 of 173 are bound, more here because data needs it."""
    var = bind(c, kind=kind) if c.chance(bound) else None
    return suite(glue("with ", call, f" as {var.name}" if var else ""), body(c, var, place, least, most))


def _here(c):
    return c.active and c.depth > 0 and c.room()


def _here_twice(c):
    return _here(c) and c.room(2)


@shape("with-span", wild="2.1", seen="171 of 173 start_span calls sit directly in a with", weight=60, when=_here)
def with_span(c):
    return block(c, span_call(c))


@shape("with-span-short", wild="2.1", seen="blocks of one plain statement", weight=12, when=lambda c: c.active and c.room())
def with_span_short(c):
    var = bind(c) if c.chance(0.4) else None
    inner = c.under(var)
    lines = data.opening(inner) + plain.simple(inner)
    if var:
        var.alive = False
    return suite(glue("with ", span_call(c), f" as {var.name}" if var else ""), lines)


@shape("with-one-line", wild="2.1", seen="the body on the same line", weight=3, level=2, when=lambda c: c.active and c.room())
def one_line(c):
    var = bind(c)
    call = span_call(c)
    line = data.writes(c.under(var), var.name)[0] if c.chance(0.7) else "pass"
    var.alive = False
    return glue("with ", call, f" as {var.name}: {line}")


@shape("with-several-items", wild="2.2", seen="about 11: lock, span and timer in one with", weight=8, level=2, when=_here_twice)
def with_several(c):
    var = bind(c) if c.chance(0.6) else None
    items = [glue(span_call(c), f" as {var.name}" if var else "")]
    place = c.pick(("first", "last"))
    other = _companion(c)
    if other == "span":
        second = SpanVar(c.fresh("outer", "other"))
        items = [glue(span_call(c), f" as {second.name}")] + items
        return _joined(c, items, body(c.under(second), var))
    items = [[other]] + items if place == "last" else items + [[other]]
    return _joined(c, items, body(c, var))


def _companion(c):
    """What shares the with statement: a lock, a suppress, a buffer, another span."""
    kind = c.pick(("lock", "suppress", "buffer", "null", "span"))
    if kind == "lock":
        c.mod.need("import threading")
        return c.mod.constant("LOCK", "threading.RLock()")
    if kind == "buffer":
        c.mod.need("import io")
        return f"io.StringIO() as {c.fresh('out', 'buffer')}"
    if kind == "span":
        return kind
    c.mod.need("import contextlib")
    return "contextlib.suppress(LookupError)" if kind == "suppress" else "contextlib.nullcontext()"


def _joined(c, items, lines):
    """`with a, b:` on a line, or parenthesised with one item a line."""
    if c.chance(0.35):
        c.prog.used("with-parenthesised")
        inside = []
        for item in items:
            inside += indent(glue(item, ","))
        return ["with ("] + inside + ["):"] + indent(lines)
    head = ["with "]
    for i, item in enumerate(items):
        head = glue(head, ", " if i else "", item)
    return suite(head, lines)


@shape("with-condition", wild="2.3", seen="nullcontext() or a span; either of two spans", weight=3, level=3, when=_here_twice)
def with_condition(c):
    ints = c.known("int")
    test = f"{c.pick(ints)} > 1" if ints else c.pick(("True", "False"))
    if c.chance(0.5):
        var = bind(c)
        head = glue("with (", span_call(c), f" if {test} else ", span_call(c), f") as {var.name}")
        return suite(head, body(c, var))
    c.mod.need("from contextlib import nullcontext")
    name = c.fresh("maybe_span")
    inner = c.under(None, "unknown")
    writing = data.writes(c, name, 1)
    lines = suite(c.pick((f"if {name}", f"if {name} is not None")), writing) + inner.block(1, 2)
    return suite(glue("with ", span_call(c), f" if {test} else nullcontext() as {name}"), lines)


@shape("with-scope-span", wild="2.1", seen="3 start_span through a scope or hub", weight=3, level=2, when=_here)
def through_scope(c):
    form = c.weighted((("variable", 5), ("call", 4), ("new-scope", 3), ("hub", 5 if c.level >= 4 else 0), ("class", 2)))
    c.prog.used(f"scope-{form}")
    if form == "new-scope":
        name = c.fresh("scope", "fork")
        call = span_call(c, callee=_scope_callee(c, name))
        inner = c.inner()
        return suite(f"with {c.ref('new_scope')}() as {name}", block(inner, call))
    if form == "variable":
        name = c.fresh("scope", "current_scope")
        return [f"{name} = {c.ref('get_current_scope')}()"] + block(c, span_call(c, callee=_scope_callee(c, name)))
    owner = {"call": "get_current_scope", "hub": "Hub", "class": "Scope"}[form]
    owner = c.ref(owner) + {"call": "()", "hub": ".current", "class": ".get_current_scope()"}[form]
    return block(c, span_call(c, callee=_scope_callee(c, owner)))


def _scope_callee(c, owner):
    return c.ref("start_span") if c.model else f"{owner}.start_span"


@shape("with-options", wild="2.3", seen="arguments in a literal dict", weight=2, level=4, when=_here)
def with_options(c):
    c.spend()
    name = c.fresh("options", "span_options")
    pairs = ", ".join(f'"{k}": {e}' for k, e in span_arguments(c, nameless=0) if "\n" not in e)
    return [f"{name} = {{{pairs}}}"] + block(c, [f"{c.ref('start_span')}(**{name})"])


@shape("with-lambda", wild="2.3", seen="factories as lambdas", weight=2, level=4, when=_here)
def with_lambda(c):
    name = c.fresh("make_span", "begin")
    c.spend()
    op, start = c.text("subtask"), c.ref("start_span")
    return [f"{name} = lambda what: {start}(op={op}, name=what)"] + block(c, [f"{name}({c.text('pack')})"])


@shape("with-walrus", wild="2.1", seen="rare", weight=4, level=5, when=_here)
def with_walrus(c):
    var = bind(c)
    return suite(glue(f"with ({var.name} := ", span_call(c), ")"), body(c, var))


@shape("built-then-with", wild="2.3 D4", seen="built early, entered later", weight=5, level=3, when=_here)
def built_then_with(c):
    var = bind(c)
    lines = glue(f"{var.name} = ", span_call(c))
    lines += data.writes(c, var.name, c.below(3)) + plain.simple(c, c.below(2))
    return lines + suite(f"with {var.name}", body(c, var))


@shape("op-late", wild="2.2", seen="`span.op = ...` in public code", weight=2, level=2, when=_here)
def op_late(c):
    """Always named: a nameless span is named by the op it began with."""
    var, op = bind(c), c.text(c.pick(OPS))
    call = span_call(c, args=span_arguments(c, nameless=0))
    first = f'{var.name}.set_attribute("sentry.op", {op})' if c.model else f"{var.name}.op = {op}"
    return suite(glue("with ", call, f" as {var.name}"), [first] + body(c, var))


@shape("nested-function", wild="2.3", seen="spans in closures", weight=3, level=2, when=lambda c: _here(c) and not c.is_async)
def nested_function(c):
    name = c.fresh("step", "run_step")
    inner = c.inner(span=None, outer=(), held=[], place="unknown")
    lines = suite(f"def {name}()", block(inner, span_call(inner)))
    return lines + [f"{name}()"]


# Exceptions -------------------------------------------------------------------------------------
RAISES = (
    ("ValueError", 'ValueError("bad box")'),
    ("KeyError", 'KeyError("weight")'),
    ("RuntimeError", 'RuntimeError("printer")'),
    ("LookupError", 'IndexError("row 9")'),
)


@shape("raise-through-span", wild="2.1", seen="the block marks the failure", weight=7, when=_here)
def raise_through(c):
    caught, error = c.pick(RAISES)
    var = bind(c) if c.chance(0.5) else None
    call = span_call(c)
    lines = body(c, var, least=1, most=2) + [f"raise {error}"]
    handler = data.writes(c, c.own) if c.own else [f"print({c.text('failed')})"]
    name = c.fresh("error", "exc") if c.chance(0.5) else None
    if name:
        handler = [f"print(type({name}).__name__, {name})"] + handler
    inside = suite(glue("with ", call, f" as {var.name}" if var else ""), lines)
    lines = suite("try", inside) + suite(f"except {caught}" + (f" as {name}" if name else ""), handler)
    return lines + (suite("finally", plain.simple(c.inner())) if c.chance(0.25) else [])


@shape("swallow-in-span", wild="2.2", seen="except inside the block sets status and data by hand", weight=5, when=_here)
def swallow(c):
    caught, error = c.pick(RAISES)
    var = bind(c)
    var.keep = True  # the handler uses it again
    inner = c.under(var)
    attempt = inner.inner(depth=0).block(1, 1) + [f"raise {error}"]
    handler = [data.set_status(c, var.name, "internal_error")] + data.writes(inner, var.name)
    lines = data.opening(inner) + suite("try", attempt) + suite(f"except {caught}", handler)
    var.alive = False
    return suite(glue("with ", span_call(c), f" as {var.name}"), lines)


@shape("suppressed", wild="2.2", seen="suppress beside the span in one with", weight=3, level=2, when=_here)
def suppressed(c):
    c.mod.need("import contextlib")
    var = bind(c)
    caught, error = c.pick(RAISES)
    head = glue(f"with contextlib.suppress({caught}), ", span_call(c), f" as {var.name}")
    return suite(head, body(c, var, least=1, most=2) + [f"raise {error}"])


@shape("loop-control", wild="2.8", seen="continue and break out of span blocks", weight=3, when=lambda c: _here(c) and c.room(3))
def control(c):
    inner = c.loop(3)
    name = c.fresh("n", "row")
    inner.learn(name, "int")
    var = bind(inner) if c.chance(0.6) else None
    call = span_call(inner)
    deep = inner.under(var)
    lines = data.opening(deep) + suite(f"if {name} == 1", [c.pick(("continue", "break"))]) + deep.block(1, 1)
    if var:
        var.alive = False
    return suite(f"for {name} in range(3)", suite(glue("with ", call, f" as {var.name}" if var else ""), lines))


STATEMENTS = (
    with_span, with_span_short, one_line, with_several, with_condition, through_scope, with_options, with_lambda, with_walrus,
    built_then_with, op_late, nested_function, raise_through, swallow, suppressed, control,
)
