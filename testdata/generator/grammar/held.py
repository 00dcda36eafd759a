"""Spans that no `with` holds (wild-code.md 2.3: rare for real, the heart of the migration).

A held span is never the current one in legacy code, so its model is made with active=False. All
writing happens before `finish()`, and every span but the forgotten one ends before its root does.
"""

from . import data, plain
from .calls import child_call, finish, set_status, set_value, span_call
from .core import SpanVar, glue, indent, shape, suite
from .spans import RAISES

NAMES = ("span", "pending", "timer_span", "held", "step_span", "s")


def hold(c, call=None, *wanted):
    """`name = start_span(...)`: the variable and the lines."""
    var = SpanVar(c.fresh(*(wanted or (c.pick(NAMES),))))
    return var, glue(f"{var.name} = ", call or span_call(c, held=True))


def while_open(c, *held, most=2):
    """Statements while the held spans are open."""
    inner = c.inner()
    inner.held.extend(held)
    return inner.block(1, most)


def ending(c, var):
    """Late writes and the end of a held span."""
    lines = data.writes(c, var.name) if c.chance(0.4) else []
    if c.chance(0.15):
        lines.append(set_status(c, var.name, c.pick(("ok", "internal_error"))))
    var.alive = False
    return lines + [finish(c, var.name)]


def _here(c):
    return c.active and c.depth > 0 and c.room(2)


@shape("held-simple", wild="2.3 B", seen="2 of 173 without with", weight=16, when=_here)
def held_simple(c):
    var, lines = hold(c)
    if c.chance(0.5):
        lines += data.writes(c, var.name, 1 + c.below(2))
    return lines + while_open(c, var) + ending(c, var)


@shape("held-annotated", wild="2.3", seen="annotated locals", weight=3, level=3, when=_here)
def annotated(c):
    types = c.mod.types
    name = c.fresh("typed_span", "noted")
    annotation = types.annotation(c.pick((types.ref("Span"), types.ref("Span") + " | None")))
    lines = glue(f"{name}: {annotation} = ", span_call(c, held=True))
    var = SpanVar(name)
    return lines + while_open(c, var, most=1) + ending(c, var)


@shape("held-try-finally", wild="2.3", seen="the usual guarantee that every path ends it", weight=8, when=_here)
def held_guarded(c):
    var, lines = hold(c)
    return lines + suite("try", while_open(c, var)) + suite("finally", ending(c, var))


@shape("held-failing", wild="2.4 B", seen="set_status in except, finish in finally", weight=5, level=2, when=_here)
def held_failing(c):
    caught, error = c.pick(RAISES)
    var, lines = hold(c)
    lines += suite("try", while_open(c, var) + [f"raise {error}"])
    lines += suite(f"except {caught}", [set_status(c, var.name, "internal_error")])
    return lines + suite("finally", ending(c, var))


@shape("held-out-of-order", wild="2.3", seen="two open at once, the first ends first", weight=5, level=2, when=_here)
def out_of_order(c):
    first, lines = hold(c, None, "first", "outer_span")
    lines += while_open(c, first, most=1)
    second, more = hold(c, None, "second", "later_span")
    lines += more + ending(c, first) + while_open(c, second, most=1)
    return lines + ending(c, second)


@shape("held-child", wild="2.3 B", seen="2 start_child; strawberry held one on self", weight=8, level=1, when=lambda c: _here(c) and data.reachable(c))
def held_child(c):
    var, lines = hold(c, child_call(c, data.target(c).name, held=True), "child", "sub")
    return lines + while_open(c, var) + ending(c, var)


@shape("held-with-children", wild="2.3", seen="children of a span nobody entered", weight=6, level=2, when=_here)
def held_parent(c):
    var, lines = hold(c, None, "parent", "held_parent")
    inner = c.under(None)
    inner.held.append(var)
    name = SpanVar(c.fresh("part", "piece"))
    inner = inner.under(name)
    call = glue("with ", child_call(c, var.name), f" as {name.name}")
    lines += suite(call, data.opening(inner) + inner.block(1, 2))
    name.alive = False
    if c.chance(0.5):
        sub, more = hold(c, child_call(c, var.name, held=True), "leaf")
        lines += more + ending(c, sub)
    return lines + ending(c, var)


@shape("held-at-once", wild="2.3", seen="a mark of no length", weight=3, level=3, when=lambda c: c.active and c.room())
def at_once(c):
    return glue(span_call(c, held=True), "." + finish(c, "").lstrip("."))


@shape("held-condition", wild="2.3", seen="span or None, guarded at the end", weight=4, level=3, when=_here)
def held_condition(c):
    ints = c.known("int")
    test = f"{c.pick(ints)} > 1" if ints else c.pick(("True", "False"))
    name = c.fresh("optional_span", "maybe")
    if c.chance(0.5):
        lines = glue(f"{name} = ", span_call(c, held=True), f" if {test} else None")
    else:
        lines = [f"{name} = None"] + suite(f"if {test}", glue(f"{name} = ", span_call(c, held=True)))
    lines += while_open(c, most=1)
    guard = c.pick((f"if {name}", f"if {name} is not None"))
    return lines + suite(guard, data.writes(c, name) + [finish(c, name)])


@shape("held-forgotten", wild="2.3", seen="some path never ends it: legacy drops it", weight=5, level=4, when=_here)
def forgotten(c):
    var, lines = hold(c, None, "lost_span", "unfinished")
    return lines + data.writes(c, var.name) + while_open(c, most=1)


# Containers -------------------------------------------------------------------------------------
@shape("held-dict", wild="2.4 B", seen="spans by key", weight=6, level=2, when=_here)
def in_dict(c):
    name, key = c.fresh("open_spans", "by_key"), c.text(c.pick(("parse", "load")))
    made = span_call(c, held=True)
    if c.chance(0.5):
        lines = [f"{name} = {{}}"] + glue(f"{name}[{key}] = ", made)
    else:
        lines = glue(f"{name} = {{{key}: ", made, "}")
    at = f"{name}[{key}]"
    lines += data.writes(c, at) + while_open(c, most=1)
    return lines + _end_dict(c, name, key, at)


def _end_dict(c, name, key, at):
    form = c.pick(("subscript", "pop", "values", "items", "get"))
    c.prog.used(f"dict-{form}")
    span = c.fresh("item_span", "span_of_key")
    if form == "subscript":
        return [set_value(c, at, "set_tag", c.text("phase"), c.text("late")), finish(c, at)]
    if form == "pop":
        return [finish(c, f"{name}.pop({key})")]
    if form == "get":
        return [f"{span} = {name}.get({key})"] + suite(f"if {span}", [finish(c, span)])
    head = f"for {span} in {name}.values()" if form == "values" else f"for _, {span} in {name}.items()"
    return suite(head, [finish(c, span)])


@shape("held-list", wild="2.3", seen="spans in a list", weight=6, level=2, when=lambda c: _here(c) and c.room(3))
def in_list(c):
    name = c.fresh("spans", "children_spans")
    if c.chance(0.4):
        lines = [f"{name} = []"]
        for _ in range(2):
            lines += glue(f"{name}.append(", span_call(c, held=True), ")")
    else:
        lines = [f"{name} = ["]
        for _ in range(2):
            lines += indent(glue(span_call(c, held=True), ","))
        lines += ["]"]
    lines += data.writes(c, f"{name}[0]") if c.chance(0.6) else []
    return lines + while_open(c, most=1) + _end_list(c, name)


def _end_list(c, name):
    form = c.pick(("for", "reversed", "pop", "subscript", "unpack", "enumerate"))
    c.prog.used(f"list-{form}")
    span = c.fresh("one", "item")
    if form == "subscript":
        return [finish(c, f"{name}[1]"), finish(c, f"{name}[0]")]
    if form == "pop":
        return suite(f"while {name}", [f"{span} = {name}.pop()"] + data.writes(c, span) + [finish(c, span)])
    if form == "unpack":
        other = c.fresh("two", "item_b")
        return [f"{span}, {other} = {name}", finish(c, other)] + data.writes(c, span) + [finish(c, span)]
    if form == "enumerate":
        index = c.fresh("at", "nth")
        return suite(f"for {index}, {span} in enumerate({name})", [set_value(c, span, "set_data", c.text("nth"), index), finish(c, span)])
    source = name if form == "for" else f"reversed({name})"
    return suite(f"for {span} in {source}", data.writes(c, span) + [finish(c, span)])


@shape("held-lists-by-key", wild="2.3", seen="spans of one kind together, in a dict of lists", weight=4, level=3, when=lambda c: _here(c) and c.room(3))
def in_lists_by_key(c):
    name, key, span = c.fresh("grouped", "per_kind"), c.fresh("kind", "word"), c.fresh("one", "each")
    if c.chance(0.5):
        c.mod.need("from collections import defaultdict")
        lines, put = [f"{name} = defaultdict(list)"], "[{}].append("
    else:
        lines, put = [f"{name} = {{}}"], ".setdefault({}, []).append("
    for word in ("read", "write"):
        lines += glue(name + put.format(c.text(word)), span_call(c, held=True), ")")
    lines += while_open(c, most=1)
    group = c.fresh("group", "of_kind")
    inside = suite(f"for {span} in {group}", [set_value(c, span, "set_data", c.text("kind"), key), finish(c, span)])
    return lines + suite(f"for {key}, {group} in {name}.items()", inside)


@shape("held-context-variable", wild="2.3 B", seen="a token kept between two hooks", weight=3, level=4, when=_here)
def in_context_variable(c):
    c.mod.need("from contextvars import ContextVar")
    slot = c.mod.constant(f"OPEN_{c.prog.number()}", f'ContextVar("open", default=None)')
    span = c.fresh("kept", "of_context")
    lines = glue(f"{slot}.set(", span_call(c, held=True), ")") + while_open(c, most=1)
    return lines + [f"{span} = {slot}.get()"] + suite(f"if {span} is not None", data.writes(c, span) + [finish(c, span)])


@shape("held-queue", wild="2.3", seen="spans that wait with their jobs", weight=3, level=4, when=lambda c: _here(c) and c.room(3))
def on_queue(c):
    name, span = c.fresh("waiting", "backlog"), c.fresh("one", "next_span")
    if c.chance(0.5):
        c.mod.need("from collections import deque")
        made, put, more, get = "deque()", "append", name, "popleft"
    else:
        c.mod.need("import queue")
        made, put, more, get = "queue.Queue()", "put", f"not {name}.empty()", "get"
    lines = [f"{name} = {made}"]
    for _ in range(2):
        lines += glue(f"{name}.{put}(", span_call(c, held=True), ")")
    lines += while_open(c, most=1)
    return lines + suite(f"while {more}", [f"{span} = {name}.{get}()"] + data.writes(c, span) + [finish(c, span)])


@shape("held-pairs", wild="2.3", seen="spans beside their labels", weight=4, level=4, when=lambda c: _here(c) and c.room(3))
def in_pairs(c):
    name, label, span = c.fresh("pairs", "labelled"), c.fresh("label"), c.fresh("one", "each")
    lines = [f"{name} = ["]
    for word in ("read", "write"):
        lines += indent(glue(f"({c.text(word)}, ", span_call(c, held=True), "),"))
    lines += ["]"] + while_open(c, most=1)
    return lines + suite(f"for {label}, {span} in {name}", [set_value(c, span, "set_data", c.text("label"), label), finish(c, span)])


@shape("held-comprehension", wild="2.3", seen="one span per item", weight=5, level=3, when=lambda c: _here(c) and c.room(3))
def comprehension(c):
    name, n = c.fresh("made", "per_box"), c.fresh("n", "box")
    inner = c.loop(2)
    inner.learn(n, "int")
    own = c.own
    if own and c.chance(0.5):
        call = child_call(inner, own, held=True)
    else:
        call = span_call(inner, held=True)
    if c.chance(0.3):
        lines = glue(f"{name} = {{{n}: ", call, f" for {n} in range(2)}}")
        source, c_used = f"{name}.values()", "dict-comprehension"
    else:
        lines = glue(f"{name} = [", call, f" for {n} in range(2)]")
        source, c_used = name, "list-comprehension"
    c.prog.used(c_used)
    span = c.fresh("one", "each")
    return lines + while_open(c, most=1) + suite(f"for {span} in {source}", data.writes(c, span) + [finish(c, span)])


@shape("held-tuple", wild="2.3", seen="spans side by side", weight=4, level=3, when=lambda c: _here(c) and c.room(3))
def in_tuple(c):
    calls = (span_call(c, held=True), span_call(c, held=True))
    if c.chance(0.5):
        a, b = c.fresh("read_span", "left"), c.fresh("write_span", "right")
        lines = glue(f"{a}, {b} = ", "(", calls[0], ", ", calls[1], ")")
        ends = [finish(c, a), finish(c, b)]
        return lines + data.writes(c, a) + while_open(c, most=1) + ends
    pair = c.fresh("pair", "both")
    lines = glue(f"{pair} = (", calls[0], ", ", calls[1], ")")
    return lines + while_open(c, most=1) + [finish(c, f"{pair}[1]"), finish(c, f"{pair}[0]")]


@shape("held-cell", wild="2.4 C", seen="a one-element list as a cell", weight=3, level=4, when=_here)
def in_cell(c):
    cell = c.fresh("cell", "holder")
    lines = [f"{cell} = [None]"] + glue(f"{cell}[0] = ", span_call(c, held=True))
    lines += suite(glue("with ", child_call(c, f"{cell}[0]")), plain.simple(c.inner()))
    return lines + data.writes(c, f"{cell}[0]") + [finish(c, f"{cell}[0]")]


# Closures and callbacks -------------------------------------------------------------------------
@shape("held-closure", wild="2.3", seen="finished by an inner function", weight=5, level=3, when=lambda c: _here(c) and not c.is_async)
def in_closure(c):
    var, lines = hold(c)
    name = c.fresh("done", "finish_later")
    lines += suite(f"def {name}()", data.writes(c, var.name) + [finish(c, var.name)])
    return lines + while_open(c, var, most=1) + [f"{name}()"]


@shape("held-nonlocal", wild="2.3", seen="begun by an inner function", weight=3, level=5, when=lambda c: _here(c) and c.in_function)
def nonlocal_span(c):
    name, begin = c.fresh("shared_span", "outer_slot"), c.fresh("begin_it", "kick_off")
    lines = [f"{name} = None"]
    lines += suite(f"def {begin}()", [f"nonlocal {name}"] + glue(f"{name} = ", span_call(c, held=True)))
    return lines + [f"{begin}()"] + while_open(c, most=1) + data.writes(c, name) + [finish(c, name)]


@shape("held-callback", wild="2.3", seen="the bound method handed on", weight=3, level=4, when=_here)
def as_callback(c):
    var, lines = hold(c)
    method = f"{var.name}.end" if c.model else f"{var.name}.finish"
    if c.chance(0.5):
        name = c.fresh("on_done", "stop_timer")
        return lines + [f"{name} = {method}"] + while_open(c, var, most=1) + [f"{name}()"]
    c.mod.need("from contextlib import ExitStack")
    stack = c.fresh("stack", "cleanup")
    return lines + suite(f"with ExitStack() as {stack}", [f"{stack}.callback({method})"] + while_open(c, var, most=1))


@shape("held-walrus", wild="2.1", seen="walrus guards", weight=2, level=4, when=_here)
def walrus(c):
    name = c.fresh("started", "w_span")
    lines = glue(f"if ({name} := ", span_call(c, held=True), "):") + indent(data.writes(c, name))
    return lines + while_open(c, most=1) + [finish(c, name)]


# Entered by hand --------------------------------------------------------------------------------
@shape("entered-by-hand", wild="2.3 D", seen="__enter__/__exit__ written out", weight=5, level=2, when=_here)
def by_hand(c):
    var = SpanVar(c.fresh("entered", "manual_span"), keep=True)
    if c.chance(0.4):
        manager = c.fresh("manager", "cm")
        lines = glue(f"{manager} = ", span_call(c)) + [f"{var.name} = {manager}.__enter__()"]
    else:
        manager = var.name
        lines = glue(f"{var.name} = ", span_call(c)) + [f"{var.name}.__enter__()"]
    inner = c.under(var)
    lines += suite("try", data.opening(inner) + inner.block(1, 2))
    var.alive = False
    return lines + suite("finally", [f"{manager}.__exit__(None, None, None)"])


@shape("entered-failing", wild="2.3 D", seen="__exit__(*sys.exc_info()) in except", weight=2, level=4, when=_here)
def by_hand_failing(c):
    c.mod.need("import sys")
    caught, error = c.pick(RAISES)
    var = SpanVar(c.fresh("entered", "manual_span"), keep=True)
    lines = glue(f"{var.name} = ", span_call(c)) + [f"{var.name}.__enter__()"]
    inner = c.under(var)
    lines += suite("try", inner.block(1, 1) + [f"raise {error}"])
    var.alive = False
    return lines + suite(f"except {caught}", [f"{var.name}.__exit__(*sys.exc_info())"])


@shape("exit-stack", wild="2.4 E", seen="ExitStack.enter_context(start_span(...))", weight=4, level=2, when=_here)
def exit_stack(c):
    c.mod.need("from contextlib import ExitStack")
    stack, var = c.fresh("stack", "exits"), SpanVar(c.fresh("entered", "stacked"))
    inner = c.under(var)
    bound = c.chance(0.6)
    if not bound:
        var.alive = False
    head = glue(f"{var.name} = " if bound else "", f"{stack}.enter_context(", span_call(c), ")")
    lines = suite(f"with ExitStack() as {stack}", head + data.opening(inner) + inner.block(1, 2))
    var.alive = False
    return lines


STATEMENTS = (
    held_simple, annotated, held_guarded, held_failing, out_of_order, held_child, held_parent, at_once, held_condition, forgotten,
    in_dict, in_list, in_lists_by_key, in_context_variable, on_queue, in_pairs, comprehension, in_tuple, in_cell, in_closure, nonlocal_span, as_callback, walrus, by_hand, by_hand_failing, exit_stack,
)
