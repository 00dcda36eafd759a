"""Classes that carry spans: on `self`, in a dictionary of `self`, as context managers, traced methods.

Two methods share one span (wild-code.md 2.3 and 2.4 B, D, F); the class is a part whose use makes an
instance and calls the methods in order.
"""

from . import data, plain
from .calls import child_call, finish, root_call, span_call, written
from .core import SpanVar, glue, indent, shape, suite
from .functions import context, define, part, runs_inside, spelt, trace_decorator
from .passing import span_annotation
from .words import CLASS_NAMES, OPS, ROOT_NAMES


def method(name, lines, params=(), decorators=()):
    return list(decorators) + suite(f"def {name}({', '.join(('self',) + tuple(params))})", lines)


def class_lines(name, methods, base="", fields=()):
    """A class statement with a blank line between methods."""
    lines = list(fields)
    for i, one in enumerate(methods):
        lines += ([""] if i or fields else []) + one
    return [f"class {name}{base}:"] + indent(lines)


def methods_context(m, *params):
    c = context(m, "self", *params, in_method=True)
    c.frame.sdk = None
    return c


def class_name(m):
    return m.mod.fresh(m.pick(CLASS_NAMES), m.pick(CLASS_NAMES))


def instance(u, p, *args):
    """`thing = Class(...)`: the variable and the line."""
    callee, name = spelt(u, p), u.fresh("thing", "unit", "helper")
    return name, [f"{name} = {callee}({', '.join(args)})"]


def between(u):
    return u.inner().block(1, 1) if u.depth > 0 else plain.simple(u)


@shape("class-held-on-self", wild="2.4 B", seen="started in one method, finished in another", weight=12, level=1)
def held_on_self(m):
    c, name = methods_context(m, "rows", "ok"), class_name(m)
    annotation = span_annotation(c, maybe=True)
    init = [f"self.span{': ' + annotation if annotation else ''} = None"] if c.chance(0.7) else ["self.total = 0"]
    start = glue("self.span = ", span_call(c, held=True)) + data.writes(c, "self.span", c.below(2))
    add = data.writes(c, "self.span", 1 + c.below(2))
    if c.chance(0.3):
        add = suite("if self.span", add) if init[0].startswith("self.span") else add
    stop = data.chosen_status(c, "self.span", "ok") + [finish(c, "self.span")]
    c.prog.used("status-expression")
    if c.chance(0.3):
        stop.append("self.span = None")
    m.mod.add(class_lines(name, [method("__init__", init), method("start", start), method("add", add), method("stop", stop, ("ok=True",))]))

    def use(u, p):
        it, lines = instance(u, p)
        return lines + [f"{it}.start()"] + between(u) + [f"{it}.add()", f"{it}.stop({u.pick(('', 'ok=False'))})"]

    part(c, name, use)


@shape("class-with-as-attribute", wild="2.3", seen="`with ... as self.span`, used by other methods", weight=4, level=3)
def with_as_attribute(m):
    c, name = methods_context(m), class_name(m)
    annotation = span_annotation(c, maybe=True)
    fields = [f"span{': ' + annotation if annotation else ''} = None"] if c.chance(0.5) else []
    inside = ["self.note()"] + plain.simple(c.under(None))
    run = suite(glue("with ", span_call(c), " as self.span"), inside)
    m.mod.add(class_lines(name, [method("run", run), method("note", data.writes(c.inner(values=[]), "self.span", 1 + c.below(2)))], fields=fields))

    def use(u, p):
        it, lines = instance(u, p)
        return lines + [f"{it}.run()"]

    part(c, name, use)


@shape("class-held-in-dict", wild="2.4 B", seen="open spans by id, popped in the second hook", weight=6, level=3)
def held_in_dict(m):
    c, name = methods_context(m, "unit", "err"), class_name(m)
    child = c.chance(0.5)
    call = child_call(c, "self.parent", held=True) if child else span_call(c, held=True)
    before = glue("self.open[unit] = ", call)
    after = ["span = self.open.pop(unit)"] + data.chosen_status(c, "span", "not err") + data.writes(c, "span") + [finish(c, "span")]
    c.prog.used("status-expression")
    init = ["self.open = {}"] + (["self.parent = parent"] if child else [])
    methods = [
        method("__init__", init, ("parent",) if child else ()), method("before", before, ("unit",)),
        method("after", after, ("unit", "err=None")),
    ]
    m.mod.add(class_lines(name, methods))

    def use(u, p):
        it, lines = instance(u, p, *([data.target(u).name] if child else []))
        return lines + [f"{it}.before(1)", f"{it}.before(2)"] + between(u) + [f"{it}.after(1)", f"{it}.after(2, err=KeyError(2))"]

    part(c, name, use, (lambda u, p: runs_inside(u, p) and data.reachable(u)) if child else runs_inside)


@shape("class-entered-on-self", wild="2.4 D", seen="entered in one hook, left in another", weight=6, level=2)
def entered_on_self(m):
    c, name = methods_context(m), class_name(m)
    form = c.pick(("enter-later", "enter-at-once"))
    opened = glue("self.span = ", span_call(c)) + ["self.span.__enter__()"]
    if form == "enter-at-once":
        opened = glue("self.manager = ", span_call(c)) + ["self.span = self.manager.__enter__()"]
    opened += data.writes(c, "self.span", c.below(2))
    owner = "self.manager" if form == "enter-at-once" else "self.span"
    m.mod.add(class_lines(name, [method("opened", opened), method("closed", [f"{owner}.__exit__(*exc)"], ("*exc",))]))

    def use(u, p):
        it, lines = instance(u, p)
        inner = u.under(None)
        middle = inner.block(1, 2) if u.depth > 0 else plain.simple(u)
        return lines + [f"{it}.opened()"] + middle + [f"{it}.closed(None, None, None)"]

    part(c, name, use)


@shape("class-context-manager", wild="2.3", seen="a project's own context manager around a span", weight=7, level=2)
def own_manager(m):
    c, name = methods_context(m, "exc_type", "exc", "tb"), class_name(m)
    args = [("op", c.text(c.pick(OPS))), ("description", "self.what")]
    enter = glue("self.span = ", span_call(c, args=args)) + ["self.span.__enter__()"] + data.writes(c, "self.span", c.below(2))
    gives = c.pick(("self", "self.span"))
    leave = data.writes(c, "self.span", c.below(2)) + [c.pick(("return ", "")) + "self.span.__exit__(exc_type, exc, tb)"]
    methods = [
        method("__init__", ["self.what = what", "self.span = None"], ("what",)),
        method("__enter__", enter + [f"return {gives}"]), method("__exit__", leave, ("exc_type", "exc", "tb")),
    ]
    m.mod.add(class_lines(name, methods))

    def use(u, p):
        callee = spelt(u, p)
        var = SpanVar(u.fresh("section", "piece"))
        inner = u.under(var if gives == "self.span" else None)
        write = data.writes(inner, var.name if gives == "self.span" else f"{var.name}.span")
        lines = inner.block(1, 2) if u.depth > 0 else plain.simple(inner)
        var.alive = False
        return suite(f"with {callee}({u.text('pack')}) as {var.name}", write + lines)

    part(c, name, use)


@shape("class-traced-methods", wild="2.1", seen="122 @trace stacked under classmethod, staticmethod and others", weight=9, level=1)
def traced_methods(m):
    c, static, name = methods_context(m, "n"), methods_context(m, "n"), class_name(m)
    c.spend(3)
    for each in (c, static):
        each.learn("n", "int")
    methods = [
        method("run", c.under(None).block(1, 2) + ["return n"], ("n",), [trace_decorator(c)]),
        ["@staticmethod", trace_decorator(c)] + suite("def plain(n)", plain.simple(static) + ["return n"]),
        ["@classmethod", trace_decorator(c)] + suite("def build(cls)", ["return cls()"]),
    ]
    m.mod.add(class_lines(name, methods))

    def use(u, p):
        it, callee = u.fresh("thing", "unit"), spelt(u, p)
        return [f"{it} = {callee}.build()", f"print({it}.run({u.below(5)}), {callee}.plain(2))"]

    part(c, name, use)


@shape("class-tracer", wild="2.4 F", seen="a method that returns the span or nullcontext()", weight=4, level=4)
def tracer(m):
    m.mod.need("from contextlib import nullcontext")
    c, name = methods_context(m, "op", "label", "facts", "key", "value"), class_name(m)
    start = glue("span = ", span_call(c, args=[("op", "op"), ("name", "label")]))
    start += suite("for key, value in facts.items()", [data.set_value(c, "span", "set_data", "key", "value")])
    lines = suite("if not self.traced", ["return nullcontext()"]) + start + ["return span"]
    verb = c.pick(("section", "start_span"))
    m.mod.add(class_lines(name, [method("__init__", ["self.traced = traced"], ("traced=True",)), method(verb, lines, ("op", "label", "**facts"))]))

    def use(u, p):
        on = u.chance(0.8)
        it, lines = instance(u, p, *([] if on else ["traced=False"]))
        var = SpanVar(u.fresh("section", "piece"))
        inner = u.under(None) if on else u.inner()
        writes = suite(f"if {var.name} is not None", data.writes(inner, var.name))
        rest = inner.block(1, 1) if u.depth > 0 else []
        return lines + suite(f"with {it}.{verb}({u.text('pack')}, {u.text('pack boxes')}, rows=2) as {var.name}", writes + rest)

    part(c, name, use)


@shape("class-scope-exit", wild="2.4 D", seen="entered in one hook; another leaves whatever the scope holds", weight=4, level=3)
def scope_exit(m):
    c, name = methods_context(m, "title"), class_name(m)
    opened = glue(span_call(c, args=[("op", c.text(c.pick(OPS))), ("name", "self.title")]), ".__enter__()")
    scope = c.ref("get_current_scope")
    source = f"{c.ref('get_current_span')}()" if c.model else f"{scope}().span"
    if c.chance(0.5):
        closed = suite(f"if (span := {source}) is not None", ["span.__exit__(*exc)"])
    else:
        closed = [f"span = {source}"] + suite("if span", ["span.__exit__(*exc)"])
    methods = [method("__init__", ["self.title = title"], ("title",)), method("opened", opened), method("closed", closed, ("*exc",))]
    m.mod.add(class_lines(name, methods))

    def use(u, p):
        it, lines = instance(u, p, u.text("pack"))
        return lines + [f"{it}.opened()"] + between(u.under(None)) + [f"{it}.closed(None, None, None)"]

    part(c, name, use)


@shape("class-stand-in", wild="2.4 A", seen="an inert class in the place of a span", weight=3, level=4)
def stand_in(m):
    c = context(m, "what", "on")
    quiet, name = m.mod.fresh("Quiet", "Inert"), m.mod.fresh("span_if", "quiet_or_span")
    writers = ["set_attribute"] if c.model else ["set_data", "set_tag"]
    methods = [method("__enter__", ["return self"]), method("__exit__", ["pass"], ("*error",))]
    m.mod.add(class_lines(quiet, [method(w, ["pass"], ("key", "value")) for w in writers] + methods))
    call = span_call(c, args=[("op", c.text(c.pick(OPS))), ("name", "what")])
    define(c, f"def {name}(what, on=True):", suite("if not on", [f"return {quiet}()"]) + glue("return ", call))

    def use(u, p):
        callee, var = spelt(u, p), SpanVar(u.fresh("step_or_quiet", "either"))
        on = u.chance(0.7)
        inner = u.under(None) if on else u.inner()
        lines = data.writes(inner, var.name, 1 + u.below(2)) + (inner.block(1, 1) if u.depth > 0 else [])
        return suite(f"with {callee}({u.text('pack')}{'' if on else ', on=False'}) as {var.name}", lines)

    part(c, name, use)


@shape("class-inherited-span", wild="2.3", seen="made in the base class, used and ended in the subclass", weight=3, level=4)
def inherited(m):
    c = methods_context(m)
    base, name = class_name(m), m.mod.fresh("Special" + m.pick(CLASS_NAMES))
    m.mod.add(class_lines(base, [method("begin", glue("self.step_span = ", span_call(c, held=True)))]))
    done = data.writes(c, "self.step_span", 1 + c.below(2)) + [finish(c, "self.step_span")]
    m.mod.add(class_lines(name, [method("done", done)], f"({base})"))

    def use(u, p):
        it, lines = instance(u, p)
        return lines + [f"{it}.begin()"] + between(u) + [f"{it}.done()"]

    part(c, name, use)


@shape("class-dataclass-span", wild="2.3", seen="a field of a data object", weight=3, level=4)
def dataclass_span(m):
    m.mod.need("from dataclasses import dataclass")
    m.mod.need("from typing import Any")
    c, name = context(m, "step"), class_name(m)
    helper = m.mod.fresh("start_step", "launch")
    m.mod.add(["@dataclass"] + class_lines(name, [], fields=["title: str", "span: Any = None"]))
    c.frame.sdk = None
    lines = [f"step = {name}(title)"] + glue("step.span = ", span_call(c, held=True)) + data.writes(c, "step.span") + ["return step"]
    m.mod.add(suite(f"def {helper}(title)", lines))

    def use(u, p):
        callee, step = spelt(u, p), u.fresh("launched", "running")
        return [f"{step} = {callee}({u.text('pack')})"] + between(u) + data.writes(u, f"{step}.span") + [finish(u, f"{step}.span")]

    part(c, helper, use)


@shape("class-middleware", wild="2.8", seen="a middleware around the next handler", weight=3, level=3)
def middleware(m):
    c, name = methods_context(m, "request", "inner"), class_name(m)
    call = span_call(c, args=[("op", c.text("middleware")), ("name", 'f"{type(self).__name__}.handle"')])
    inside = data.writes(c, "span") + ["return self.inner(request)"]
    handle = suite(glue("with ", call, " as span"), inside)
    methods = [method("__init__", ["self.inner = inner"], ("inner",)), method("__call__", handle, ("request",))]
    m.mod.add(class_lines(name, methods))

    def use(u, p):
        it, lines = instance(u, p, "lambda request: request * 2")
        return lines + [f"print({u.text('handled')}, {it}({u.below(9)}))"]

    part(c, name, use)


PARTS = (
    held_on_self, with_as_attribute, held_in_dict, entered_on_self, own_manager, traced_methods, tracer, scope_exit, stand_in, inherited, dataclass_span, middleware,
)


# Entries ----------------------------------------------------------------------------------------
@shape("class-root-worker", wild="2.4 D", seen="a worker that opens a transaction in setup and leaves it in teardown", weight=7, level=2)
def root_worker(c):
    name = class_name(c)
    c.prog.roots += 1
    own = methods_context(c)
    args = [("op", own.text("task")), ("name", own.text(own.pick(ROOT_NAMES)))]
    begin = glue("self.transaction = ", root_call(own, args=args)) + ["self.transaction.__enter__()"]
    step = methods_context(c, "n")
    step.learn("n", "int")
    span = SpanVar(step.fresh("span"))
    step_call = child_call(step, "self.transaction")
    inside = suite(glue("with ", step_call, " as span"), data.writes(step, "span") + step.under(span).block(1, 2))
    end = data.writes(own, "self.transaction") + ["self.transaction.__exit__(None, None, None)"]
    c.mod.add(class_lines(name, [method("setup", begin), method("step", inside, ("n",)), method("teardown", end)]))
    callee = c.prog.main.project(c.mod, name)
    it = c.prog.main.fresh("the_worker", "runner")
    c.prog.entries += [f"{it} = {callee}()", f"{it}.setup()", f"{it}.step(1)", f"{it}.step(2)", f"{it}.teardown()"]


@shape("decorator-root", wild="2.3", seen="project decorators that open a transaction per task", weight=6, level=2)
def root_decorator(c):
    c.mod.need("import functools")
    wrap, name = c.mod.fresh("task", "background"), c.mod.fresh("nightly", "weekly", "monthly")
    own = methods_context(c, "function", "args")
    own.spend()
    call = written(own, own.ref("start_transaction"), [("op", own.text("task")), ("name", c.pick(("function.__name__", "function.__qualname__")))])
    inner = suite("def inner(*args)", suite(glue("with ", call), ["return function(*args)"]))
    c.mod.add(suite(f"def {wrap}(function)", ["@functools.wraps(function)"] + inner + ["return inner"]))
    body = context(c, "n", place="root")
    body.learn("n", "int")
    define(body, f"def {name}(n):", body.block(1, 3) + ["return n"], [f"@{wrap}"])
    c.prog.roots += 2
    callee = c.prog.main.project(c.mod, name)
    c.prog.entries += [f"print({callee}({n}))" for n in (1, 2)]


ENTRIES = (root_worker, root_decorator)
