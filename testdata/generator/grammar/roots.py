"""Transactions: 21 real `start_transaction` calls, 13 of them with blocks in loops and consumers.

An *entry* is a function that opens roots, with the lines of main() that run it. Entries run with
nothing active, one after the other. `nested_root` is the only root inside a span.
"""

from . import data, plain
from .calls import child_call, constant_name, finish, root_arguments, root_call, span_call, written
from .core import SpanVar, glue, indent, shape, suite
from .functions import arguments, parameters, signature
from .words import FUNCTION_NAMES, ROOT_NAMES, ROOT_OPS

VARIABLES = ("transaction", "tx", "txn", "root", "span")


def root_var(c):
    return SpanVar(c.fresh(*(c.pick(VARIABLES), "transaction")), "root")


def root_body(c, var, least=1, most=4):
    inner = c.under(var, "root")
    lines = data.opening(inner) + inner.block(least, most)
    if var:
        var.alive = False
    return lines


def root_block(c, call, least=1, most=4):
    """`with start_transaction(...) [as tx]:` and its body."""
    c.prog.roots += c.times
    var = root_var(c) if c.chance(0.65) else None
    return suite(glue("with ", call, f" as {var.name}" if var else ""), root_body(c, var, least, most))


def open_root(call, var, lines):
    """`with call as var:` around lines that are already written."""
    return suite(glue("with ", call, f" as {var.name}"), lines)


def entry(c, params, lines, call=None):
    """Defines a function around `lines` and has main() call it."""
    name = c.mod.fresh(c.pick(FUNCTION_NAMES), "run_" + c.pick(("import", "sync", "close")))
    prefix = "async " if c.is_async else ""
    c.mod.add(signature(c, name, params, prefix) + indent(local_imports(c) + lines))
    call = call or f"{c.prog.main.project(c.mod, name)}({arguments(c.prog.main, params)})"
    if c.is_async:
        c.prog.main.mod.need("import asyncio")
        call = f"asyncio.run({call})"
    c.prog.entries.append(c.pick((call, f"print({call})")))


def local_imports(c):
    return c.frame.sdk.lines() if c.frame.sdk else []


def result(c):
    known = c.known("int", "str")
    return [f"return {c.pick(known)}"] if known and c.chance(0.7) else []


# Plain entries ----------------------------------------------------------------------------------
@shape("root-with", wild="2.2", seen="13 of 21 in a with", weight=30)
def root_with(c):
    params = parameters(c)
    lines = plain.simple(c, c.below(2)) + root_block(c, root_call(c))
    entry(c, params, lines + result(c))


@shape("root-loop", wild="2.2", seen="one transaction per job or message", weight=16)
def root_loop(c):
    params = [("jobs", "jobs")]
    inner = c.loop(2)
    job = c.fresh("job", "unit")
    inner.learn(job, "job")
    entry(c, params, suite(f"for {job} in jobs", root_block(inner, root_call(inner))))


@shape("root-while", wild="2.2", seen="queue consumers", weight=6, level=2)
def root_while(c):
    inner = c.loop(2)
    message = c.fresh("message", "item")
    inner.learn(message, "int")
    lines = ["backlog = list(items)"] + suite("while backlog", [f"{message} = backlog.pop(0)"] + root_block(inner, root_call(inner)))
    c.frame.taken.append("backlog")
    entry(c, [("items", "ints")], lines)


@shape("root-sequence", wild="1.5", seen="several roots one after the other", weight=8, level=2)
def root_sequence(c):
    params = parameters(c)
    lines = []
    for _ in range(2):
        lines += root_block(c, root_call(c), most=2)
    entry(c, params, lines)


@shape("root-raising", wild="2.1", seen="the block marks the failure", weight=8, level=1)
def root_raising(c):
    params = parameters(c)
    var = root_var(c)
    c.prog.roots += 1
    inside = glue("with ", root_call(c), f" as {var.name}")
    lines = suite("try", suite(inside, root_body(c, var, 1, 2) + ['raise ValueError("stop")']))
    entry(c, params, lines + suite("except ValueError as error", [f"print({c.text('failed:')}, error)"]))


@shape("root-through-scope", wild="2.1", seen="3 start_transaction through a scope or hub", weight=4, level=3)
def root_scope(c):
    params = parameters(c)
    forms = ["get_current_scope", "get_current_scope"] + (["Hub"] if c.level >= 4 else [])
    form = c.pick(forms)
    owner = c.ref(form) + (".current" if form == "Hub" else "()")
    callee = c.ref("start_transaction") if c.model else f"{owner}.start_transaction"
    entry(c, params, root_block(c, root_call(c, callee=callee)))


@shape("root-pending", wild="2.4 G", seen="start_transaction(Transaction(...))", weight=8, level=4)
def root_pending(c):
    params = parameters(c)
    build = c.ref("make_pending") if c.model else c.mod.sdk.tracing("Transaction")
    made = written(c, build, root_arguments(c))
    if c.chance(0.5):
        name = c.fresh("pending", "prepared")
        lines = glue(f"{name} = ", made) + root_block(c, root_call(c, args=[], first=name))
    else:
        flat = f"{c.ref('start_transaction')}("
        c.spend()
        lines = root_block(c, glue(flat, made, ")"))
    entry(c, params, lines)


# Continued traces -------------------------------------------------------------------------------
def continue_call(c, headers):
    args = [(k, e) for k, e in root_arguments(c) if k in ("op", "name", "source", "origin")]
    if c.level >= 4 and c.chance(0.15):
        c.prog.used("continue-keyword")
        headers = f"environ_or_headers={headers}"
    return written(c, c.ref("continue_trace"), args, headers)


@shape("continued", wild="2.3", seen="by far the commonest propagation shape (taskbroker)", weight=14, level=1)
def continued(c):
    name = c.fresh("transaction", "continued")
    lines = glue(f"{name} = ", continue_call(c, "headers"))
    start = root_call(c, args=[], first=name)
    if c.chance(0.4):  # taskbroker: no `as`, the block goes on using the variable
        c.prog.used("continued-same-object")
        c.prog.roots += 1
        var = SpanVar(name, "root")
        tail = f" as {name}" if c.model else ""
        lines += suite(glue("with ", start, tail), root_body(c, var))
    else:
        lines += root_block(c, start)
    _continued_entry(c, lines)


def _continued_entry(c, lines, full=""):
    """A function of headers, bare or per message, with or without an isolation scope."""
    if c.chance(0.5):
        c.prog.used("continued-isolated")
        lines = suite(f"with {c.ref('isolation_scope')}()", lines)
    form = c.pick(("headers", "messages"))
    if form == "headers":
        return entry(c, [("headers", full + "headers")], lines)
    c.prog.roots += 1
    c.frame.taken += ["messages", "message"]
    inside = ['headers = message["headers"]'] + lines
    return entry(c, [("messages", full + "messages")], suite("for message in messages", inside))


@shape("continued-nested-call", wild="2.3", seen="start_transaction(continue_trace(...))", weight=7, level=2)
def continued_nested(c):
    c.spend()
    call = glue(f"{c.ref('start_transaction')}(", continue_call(c, "headers"), ")")
    _continued_entry(c, root_block(c, call))


@shape("continued-either-branch", wild="2.3", seen="from either branch of an if", weight=7, level=3)
def continued_branch(c):
    name = c.fresh("transaction", "tx")
    started = c.chance(0.2)
    if started:
        c.prog.used("continued-or-started")
    if c.model:
        build = c.ref("make_pending")
    else:
        build = c.ref("start_transaction") if started else c.mod.sdk.tracing("Transaction")
    lines = suite("if headers", glue(f"{name} = ", continue_call(c, "headers")))
    lines += suite("else", glue(f"{name} = ", written(c, build, root_arguments(c))))
    _continued_entry(c, lines + root_block(c, root_call(c, args=[], first=name)))


@shape("continued-from-headers", wild="2.4 G", seen="Transaction.continue_from_headers/environ", weight=7, level=4)
def continued_from(c):
    """Always with baggage: without, legacy froze an empty one and streaming fills it."""
    args = [("op", c.text(c.pick(ROOT_OPS))), ("name", c.text(c.pick(ROOT_NAMES)))]
    form = c.pick(("continue_from_headers", "continue_from_environ"))
    source = "headers"
    if form == "continue_from_environ":
        source = '{"HTTP_SENTRY_TRACE": headers["sentry-trace"], "HTTP_BAGGAGE": headers["baggage"]}'
    owner = c.mod.sdk.tracing("Transaction")
    name = c.fresh("transaction", "continued")
    callee = c.ref("continue_trace") if c.model else f"{owner}.{form}"
    lines = glue(f"{name} = ", written(c, callee, args, source))
    _continued_entry(c, lines + root_block(c, root_call(c, args=[], first=name)), "full-")


@shape("continued-through-function", wild="2.3", seen="continue and start in a helper", weight=7, level=3)
def continued_function(c):
    helper = c.mod.fresh("open_transaction", "begin_consuming")
    inner = c.inner(frame=c.mod.frame("headers"), values=[])
    name = inner.fresh("transaction")
    body = glue(f"{name} = ", continue_call(inner, "headers")) + glue("return ", root_call(inner, args=[], first=name))
    c.mod.add(suite(f"def {helper}(headers)", local_imports(inner) + body))
    _continued_entry(c, root_block(c, [f"{helper}(headers)"]))


@shape("continued-sampling", wild="2.3", seen="custom_sampling_context at a continued root (taskbroker)", weight=14, level=4, when=lambda c: c.prog.sampler)
def continued_sampling(c):
    name = c.fresh("transaction")
    lines = glue(f"{name} = ", continue_call(c, "headers"))
    call = root_call(c, args=[("custom_sampling_context", '{"priority": "high"}')], first=name)
    _continued_entry(c, lines + root_block(c, call))


# Scopes -----------------------------------------------------------------------------------------
@shape("root-isolated", wild="2.2", seen="isolation_scope around or beside the transaction", weight=12, level=1)
def isolated(c):
    params = parameters(c)
    scope = c.ref(c.weighted((("isolation_scope", 3), ("new_scope", 1))))
    form = c.weighted((("outside", 5), ("shared", 3), ("parenthesised", 2 if c.level >= 2 else 0)))
    c.prog.used(f"isolated-{form}")
    named = f" as {c.fresh('scope')}" if c.chance(0.3) else ""
    if form == "outside":
        return entry(c, params, suite(f"with {scope}(){named}", root_block(c.inner(depth=c.depth), root_call(c))))
    var = root_var(c)
    c.prog.roots += 1
    call = glue(root_call(c), f" as {var.name}")
    lines = root_body(c, var)
    if form == "shared":
        return entry(c, params, suite(glue(f"with {scope}(){named}, ", call), lines))
    return entry(c, params, ["with ("] + indent([f"{scope}(){named},"] + glue(call, ",")) + ["):"] + indent(lines))


@shape("root-several-items", wild="2.2", seen="lock, transaction and span in one with", weight=6, level=2)
def several_items(c):
    c.mod.need("import threading")
    params = parameters(c)
    lock, var, span = c.mod.constant("LOCK", "threading.RLock()"), root_var(c), SpanVar(c.fresh("first_span", "head"))
    c.prog.roots += 1
    items = [[lock], glue(root_call(c), f" as {var.name}")]
    inner = c.under(var, "root")
    if c.chance(0.5):
        items.append(glue(span_call(inner), f" as {span.name}"))
        inner = inner.under(span)
    lines = data.opening(inner) + inner.block(1, 3)
    if c.chance(0.4):
        head = ["with ("] + [line for item in items for line in indent(glue(item, ","))] + [")"]
    else:
        head = ["with "]
        for i, item in enumerate(items):
            head = glue(head, ", " if i else "", item)
    entry(c, params, suite(head, lines))


# Held and entered roots -------------------------------------------------------------------------
def _unentered(c):
    return not c.prog.errors


@shape("root-held", wild="2.3 B", seen="a transaction finished by hand, children by start_child", weight=14, level=2, when=_unentered)
def root_held(c):
    params = parameters(c)
    var = root_var(c)
    c.prog.roots += 1
    lines = glue(f"{var.name} = ", root_call(c, held=True))
    lines += data.writes(c, var.name, c.below(3))
    for _ in range(1 + c.below(2)):
        child = SpanVar(c.fresh("child", "part"))
        inner = c.inner(outer=(var,)).under(child)
        body = data.opening(inner) + inner.block(1, 2)
        lines += suite(glue("with ", child_call(c, var.name), f" as {child.name}"), body)
        child.alive = False
    if c.chance(0.5):
        leaf = c.fresh("leaf", "held_child")
        lines += glue(f"{leaf} = ", child_call(c, var.name, held=True)) + data.writes(c, leaf) + [finish(c, leaf)]
    entry(c, params, lines + data.writes(c, var.name) + [finish(c, var.name)])


@shape("root-by-hand", wild="2.4 D", seen="__enter__ and __exit__ of a transaction", weight=8, level=2)
def root_by_hand(c):
    params = parameters(c)
    var = root_var(c)
    c.prog.roots += 1
    lines = glue(f"{var.name} = ", root_call(c)) + [f"{var.name}.__enter__()"]
    var.keep = True
    lines += suite("try", root_body(c, var, 1, 3))
    entry(c, params, lines + suite("finally", [f"{var.name}.__exit__(None, None, None)"]))


@shape("root-built-early", wild="2.3 D4", seen="built and described, entered after the preparations", weight=4, level=3)
def root_built_early(c):
    params = parameters(c)
    var = root_var(c)
    c.prog.roots += 1
    lines = glue(f"{var.name} = ", root_call(c)) + data.writes(c, var.name, c.below(3)) + plain.simple(c, c.below(3))
    entry(c, params, lines + suite(f"with {var.name}", root_body(c, var, 1, 3)))


@shape("root-exit-stack", wild="2.4 E", seen="ExitStack.enter_context(start_transaction(...))", weight=4, level=3)
def root_stack(c):
    c.mod.need("from contextlib import ExitStack")
    params = parameters(c)
    var, stack = root_var(c), c.fresh("stack")
    c.prog.roots += 1
    head = glue(f"{var.name} = {stack}.enter_context(", root_call(c), ")")
    entry(c, params, suite(f"with ExitStack() as {stack}", head + root_body(c, var, 1, 3)))


@shape("root-wrapper", wild="2.3", seen="a project context manager that opens the transaction", weight=7, level=2)
def root_wrapper(c):
    c.mod.need("from contextlib import contextmanager")
    name = c.mod.fresh("job_transaction", "unit_of_work")
    own = c.inner(frame=c.mod.frame("op", "what"), values=[])
    call = root_call(own, args=[("op", "op"), ("name", "what")])
    inside = suite(glue("with ", call, " as transaction"), ["yield transaction"])
    if c.chance(0.4):
        inside = suite(f"with {own.ref('isolation_scope')}()", inside)
    c.mod.add(["@contextmanager"] + suite(f"def {name}(op, what)", inside))
    params = parameters(c)
    lines = []
    for _ in range(1 + c.below(2)):
        lines += root_block(c, [f"{name}({c.text(c.pick(ROOT_OPS))}, {c.text(c.pick(ROOT_NAMES))})"], most=2)
    entry(c, params, lines)


@shape("root-or-child", wild="2.3", seen="root if nothing is open, else child", weight=9, level=5)
def root_or_child(c):
    params = parameters(c)
    c.prog.roots += 1
    current, unit = c.fresh("current"), c.fresh("unit_span")
    lines = [f"{current} = {c.ref('get_current_span')}()"]
    lines += suite(f"if {current} is None", glue(f"{unit} = ", root_call(c)))
    lines += suite("else", glue(f"{unit} = ", child_call(c, current)))
    inner = c.under(None, "unknown")
    entry(c, params, lines + suite(f"with {unit}", data.writes(c, unit) + inner.block(1, 3)))


@shape("root-sampling", wild="2.2", seen="custom_sampling_context=", weight=14, level=3, when=lambda c: c.prog.sampler)
def root_sampling(c):
    params = parameters(c)
    kept = root_arguments(c) + [("custom_sampling_context", '{"priority": "high", "size": 3}')]
    lines = root_block(c, root_call(c, args=kept))
    if c.chance(0.6):
        c.prog.used("root-unsampled")
        dropped = [("op", c.text("task")), ("name", constant_name(c)), ("custom_sampling_context", '{"priority": "drop"}')]
        lines += suite(glue("with ", root_call(c, args=dropped)), plain.simple(c.inner(), 2))
        lines += root_block(c, root_call(c), most=2)
    entry(c, params, lines)


ENTRIES = (
    root_with, root_loop, root_while, root_sequence, root_raising, root_scope, root_pending, continued, continued_nested,
    continued_branch, continued_from, continued_function, continued_sampling, isolated, several_items, root_held, root_by_hand, root_built_early, root_stack,
    root_wrapper, root_or_child, root_sampling,
)


@shape("nested-root", wild="2.8", seen="start_transaction inside a framework's own segment (Flagsmith)", weight=8, level=2,
       when=lambda c: c.active and c.depth > 0 and c.room(2) and not c.prog.errors and not c.quiet)
def nested_root(c):
    return root_block(c, root_call(c), most=2)


STATEMENTS = (nested_root,)
