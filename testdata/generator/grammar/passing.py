"""Spans that travel: by parameter and by return value, within a file and across files (wild-code.md 2.3, 2.4).

Every call site of a function hands it a span, and the callers of a function that returns one either all
enter it or all hold it; a mixture is `manual` by rules.md and is not generated.
"""

from . import data, plain
from .calls import child_call, finish, span_call
from .core import SpanVar, glue, shape, suite
from .functions import argument, context, define, parameters, part, signature, spelt
from .spans import bind, body
from .words import OPS


# Spans by parameter -----------------------------------------------------------------------------
def span_annotation(c, maybe=False):
    """An annotation for a span parameter or result, or nothing."""
    if not c.chance(0.4):
        return None
    c.prog.used("span-annotation")
    types = c.mod.types
    span = types.ref("Span")
    forms = ["optional", "pipe"] if maybe else ["span", "span", "union"]
    form = c.pick(forms)
    if form == "span":
        return types.annotation(span)
    if form == "pipe":
        return types.annotation(f"{span} | None")
    c.mod.need("from typing import Optional, Union")
    text = f"Optional[{span}]" if form == "optional" else f"Union[{span}, {types.ref('Transaction')}]"
    return types.annotation(text)


def _annotated(name, annotation, default=""):
    return f"{name}: {annotation}{default and ' ' + default}" if annotation else f"{name}{default.replace(' ', '')}"


def _passes(c, p):
    return c.active and not c.quiet and data.reachable(c) and c.room(p.cost)


@shape("fill-parameter", wild="2.3", seen="codecov: through three functions, 12 calls", weight=14)
def fill(m):
    c = context(m, "span")
    name = m.mod.fresh("describe", "annotate", "fill_span")
    param = SpanVar("span", "any")
    c.held.append(param)
    params = parameters(c, most=2)
    lines = []
    if c.level >= 3 and c.mod.types.at_run_time and c.chance(0.12):
        m.prog.used("isinstance-span")
        lines.append(f"print({c.text('span?')}, isinstance(span, {m.mod.types.ref('Span')}), isinstance(span, {m.mod.types.ref('NoOpSpan')}))")
    lines += data.writes(c, "span", 1 + c.below(3)) + (c.block(1, 1) if c.chance(0.4) else [])
    first = _annotated("span", span_annotation(c))
    define(c, signature(c, name, params, first=[first]), lines)
    part(c, name, lambda u, p: [f"{spelt(u, p)}({', '.join([data.target(u).name] + [argument(u, t) for _, t in params])})"], _passes)


@shape("fill-optional-parameter", wild="2.3", seen="span=None, else the current one", weight=5, level=2)
def fill_optional(m):
    c = context(m, "span")
    name = m.mod.fresh("mark", "note")
    lines = suite("if span is None", [f"span = {c.ref('get_current_span')}()"])
    lines += suite("if span is not None", data.writes(c, "span", 1 + c.below(2)))
    define(c, f"def {name}({_annotated('span', span_annotation(c, maybe=True), '= None')}):", lines)

    def use(u, p):
        callee = spelt(u, p)
        return [f"{callee}({data.target(u).name if data.reachable(u) and u.chance(0.6) else ''})"]

    part(c, name, use)


@shape("fill-keywords", wild="2.2", seen="span.set_data(k, v) over **attributes", weight=5, level=2)
def fill_keywords(m):
    c = context(m, "span", "facts", "key", "value")
    name = m.mod.fresh("set_all", "add_facts")
    lines = suite("for key, value in facts.items()", [data.set_value(c, "span", "set_data", "key", "value")])
    define(c, f"def {name}(span, **facts):", lines)
    part(c, name, lambda u, p: [f"{spelt(u, p)}({data.target(u).name}, rows={data.plain_value(u)}, page={data.plain_value(u)})"], _passes)


@shape("child-of-parameter", wild="2.4 C", seen="children opened on a span that was handed over", weight=7, level=2)
def child_of_parameter(m):
    c = context(m, "parent")
    name = m.mod.fresh("work_under", "run_part")
    params = parameters(c, most=2)
    var = bind(c)
    call = child_call(c, "parent")
    lines = suite(glue("with ", call, f" as {var.name}"), body(c, var, most=2))
    define(c, signature(c, name, params, first=[_annotated("parent", span_annotation(c))]), lines)
    part(c, name, lambda u, p: [f"{spelt(u, p)}({', '.join([data.target(u).name] + [argument(u, t) for _, t in params])})"], _passes)


@shape("finish-parameter", wild="2.3", seen="a helper that ends the span", weight=5, level=3)
def finisher(m):
    c = context(m, "span", "ok")
    name = m.mod.fresh("close_span", "end_step")
    status = data.chosen_status(c, "span", "ok")
    c.prog.used("status-expression")
    define(c, f"def {name}(span, ok=True):", status + data.writes(c, "span") + [finish(c, "span")])

    def use(u, p):
        callee, held = spelt(u, p), u.fresh("begun", "step_span")
        lines = glue(f"{held} = ", span_call(u, held=True)) + plain.simple(u)
        return lines + [f"{callee}({held}{u.pick(('', ', ok=False', ', True'))})"]

    part(c, name, use)


# Spans by return value --------------------------------------------------------------------------
@shape("factory", wild="2.3", seen="a function that returns the span; callers enter it or hold it, never both", weight=9, level=2)
def factory(m):
    c = context(m, "what")
    held = c.chance(0.45)
    m.prog.used("factory-held" if held else "factory-entered")
    name = m.mod.fresh("begin_step" if held else "step", "open_step" if held else "section")
    args = [("op", c.text(c.pick(OPS))), ("name" if c.chance(0.5) else "description", c.pick(("what", 'f"step {what}"')))]
    call = span_call(c, held=held, args=args)
    if c.chance(0.5):
        lines = glue("return ", call)
    else:
        lines = glue("span = ", call) + data.writes(c, "span") + ["return span"]
    result = span_annotation(c)
    define(c, f"def {name}(what)" + (f" -> {result}:" if result else ":"), lines)
    part(c, name, _use_held if held else _use_entered)


def _use_entered(u, p):
    callee = spelt(u, p)
    if u.depth <= 0:
        return suite(f"with {callee}({argument(u, 'str')})", plain.simple(u.inner()))
    var = bind(u) if u.chance(0.5) else None
    return suite(f"with {callee}({argument(u, 'str')})" + (f" as {var.name}" if var else ""), body(u, var, most=2))


def _use_held(u, p):
    callee, name = spelt(u, p), u.fresh("begun", "open_span")
    between = u.inner().block(1, 1) if u.depth > 0 else plain.simple(u)
    return [f"{name} = {callee}({argument(u, 'str')})"] + between + data.writes(u, name) + [finish(u, name)]


@shape("factory-null", wild="2.3", seen="nullcontext() instead of a span", weight=4, level=3)
def factory_null(m):
    m.mod.need("from contextlib import nullcontext")
    c = context(m, "what", "on")
    name = m.mod.fresh("maybe_step", "optional_step")
    call = span_call(c, args=[("op", c.text(c.pick(OPS))), ("name", "what")])
    if c.chance(0.5):
        lines = glue("return ", call, " if on else nullcontext()")
    else:
        lines = suite("if not on", ["return nullcontext()"]) + glue("return ", call)
    define(c, f"def {name}(what, on=True):", lines)

    def use(u, p):
        callee, var = spelt(u, p), SpanVar(u.fresh("maybe_span", "step_or_none"))
        on = u.chance(0.7)
        inner = u.under(None) if on else u.inner()
        lines = suite(f"if {var.name} is not None", data.writes(inner, var.name))
        rest = inner.block(1, 1) if u.depth > 0 else []
        return suite(f"with {callee}({argument(u, 'str')}{'' if on else ', on=False'}) as {var.name}", lines + rest)

    part(c, name, use)


@shape("factory-tuple", wild="2.3", seen="the span beside another result", weight=8, level=5)
def factory_tuple(m):
    c = context(m)
    name = m.mod.fresh("begin_counted")
    define(c, f"def {name}(n):", glue("span = ", span_call(c, held=True)) + ["return n + 1, span"])

    def use(u, p):
        callee, n, held = spelt(u, p), u.fresh("started"), u.fresh("counted_span")
        return [f"{n}, {held} = {callee}(2)"] + data.writes(u, held) + [finish(u, held)]

    part(c, name, use)


@shape("factory-child", wild="2.3 B", seen="start_child on a parameter, returned", weight=3, level=3)
def factory_child(m):
    c = context(m, "parent")
    name = m.mod.fresh("open_child", "child_of")
    held = c.chance(0.5)
    define(c, f"def {name}(parent):", glue("return ", child_call(c, "parent", held=held)))

    def use(u, p):
        callee, parent = spelt(u, p), data.target(u).name
        if not held:
            return suite(f"with {callee}({parent})", plain.simple(u.inner()))
        kept = u.fresh("opened")
        return [f"{kept} = {callee}({parent})"] + data.writes(u, kept) + [finish(u, kept)]

    part(c, name, use, _passes)


PARTS = (
    fill, fill_optional, fill_keywords, child_of_parameter, finisher, factory, factory_tuple, factory_child,
    factory_null,
)
