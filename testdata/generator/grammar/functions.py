"""Functions of a program that run inside somebody's span, and the statement that uses parts.

Each production defines a function in the module of the context it is given and registers a Part. What
all definitions share (parameters, arguments, contexts) is here; passing.py, wrappers.py, classes.py and
concurrency.py build on it.
"""

from . import data, plain
from .calls import constant_name, span_call
from .core import Ctx, Part, glue, indent, shape, suite
from .sdk import LOCAL_STYLES, SdkNames
from .spans import RAISES, bind, body
from .words import COMMENTS, FUNCTION_NAMES, OPS

PARAMETERS = (("items", "ints"), ("name", "str"), ("count", "int"), ("job", "job"), ("urgent", "bool"))
TYPES = {"ints": "list[int]", "str": "str", "int": "int", "bool": "bool", "headers": "dict"}


# Signatures and arguments -----------------------------------------------------------------------
def parameters(c, most=3):
    """Some parameters, already known in the function's context."""
    params = [p for p in PARAMETERS if c.chance(0.65 if p[1] == "job" else 0.45)][:most]
    for name, type_ in params:
        c.frame.taken.append(name)
        c.learn(name, type_)
    return params


def signature(c, name, params, prefix="", first=()):
    """The `def` line; a third of the functions is annotated, a quarter has a docstring."""
    typed = c.chance(0.35)
    pieces = list(first)
    for param, type_ in params:
        pieces.append(f"{param}: {TYPES[type_]}" if typed and type_ in TYPES else param)
    lines = [f"{prefix}def {name}({', '.join(pieces)}):"]
    if c.chance(0.25):
        lines += indent([f'"""{c.pick(COMMENTS).capitalize()}."""'])
    return lines


def argument(c, type_):
    """An expression of the type: a variable in reach, else a literal."""
    known = c.known(type_)
    if known and c.chance(0.7):
        return c.pick(known)
    return {
        "ints": lambda: c.pick(("[1, 2, 3]", "list(range(4))", "[5]")),
        "str": lambda: c.text(c.pick(("north", "south", "b2b"))),
        "int": lambda: str(c.below(6)),
        "bool": lambda: c.pick(("True", "False")),
        "job": lambda: f'{c.data("Job")}({c.below(90)}, {c.text("box")})',
        "jobs": lambda: f'[{c.data("Job")}(1, {c.text("box")}), {c.data("Job")}(2, {c.text("pallet")}, urgent=True)]',
        "headers": lambda: header_literal(c),
        "full-headers": lambda: header_literal(c, True),
        "messages": lambda: f'[{{"headers": {header_literal(c)}}}, {{"headers": {header_literal(c)}}}]',
        "full-messages": lambda: f'[{{"headers": {header_literal(c, True)}}}, {{"headers": {header_literal(c, True)}}}]',
    }[type_]()


def arguments(c, params, keyword=0.15):
    """The argument list of a call, now and then by keyword."""
    by_name = c.chance(keyword)
    return ", ".join(f"{n}={argument(c, t)}" if by_name else argument(c, t) for n, t in params)


def incoming(c, flag="1"):
    """A sentry-trace header of this program alone."""
    trace, span = f"{1 + c.below(16**8 - 1):08x}" * 4, f"{1 + c.below(16**8 - 1):08x}" * 2
    return f"{trace}-{span}" + (f"-{flag}" if flag else "")


def header_literal(c, full=False):
    """The headers of an incoming message; `full` ones have a trace and its baggage."""
    form = "baggage" if full else c.weighted((("plain", 6), ("deferred", 1), ("empty", 1), ("baggage", 2)))
    c.prog.used(f"headers-{form}")
    if form == "empty":
        return "{}"
    head = incoming(c, "" if form == "deferred" else "1")
    if form == "baggage":
        return f'{{"sentry-trace": "{head}", "baggage": "sentry-trace_id={head[:32]},sentry-sample_rate=1,other=a"}}'
    return f'{{"sentry-trace": "{head}"}}'


# Contexts and parts -----------------------------------------------------------------------------
def context(m, *params, **changes):
    """The context of a new function's body in the module of `m`; it runs inside somebody's span."""
    changes.setdefault("place", "unknown")
    changes.setdefault("depth", 2 if m.level < 3 else 3)
    c = Ctx(m.prog, m.mod, m.mod.frame(*params), **changes)
    if c.chance(0.06) and c.level >= 2:
        c.prog.used("import-in-function")
        c.frame.sdk = SdkNames(c, LOCAL_STYLES)
    return c


def define(c, head, lines, decorators=()):
    """Adds a function to its module, with the imports written inside it first."""
    own = c.frame.sdk.lines() if c.frame.sdk else []
    c.mod.add(list(decorators) + glue(head) + indent(own + lines))


def runs_inside(c, part):
    """Whether a sync part that needs an active span may run here."""
    return c.active and not c.quiet and c.room(part.cost)


def part(c, name, use, needs=runs_inside, **kwargs):
    made = Part(name, c.mod, use, needs, cost=max(1, c.frame.cost), **kwargs)
    c.prog.parts.append(made)
    return made


def spelt(c, made):
    """How the place spells the part's name, counting the use."""
    made.uses += 1
    c.frame.cost += made.cost * c.times
    return c.project(made.module, made.name)


def called(c, callee, params, learn=True):
    """A statement that calls the function and may keep its result."""
    text = f"{callee}({arguments(c, params)})"
    if learn and c.chance(0.4):
        name = c.fresh("outcome", "answer")
        return [f"{name} = {text}"]
    return [text]


# Workers ----------------------------------------------------------------------------------------
@shape("worker", wild="2.1", seen="most spans sit in plain functions", weight=14)
def worker(m):
    c = context(m)
    name = m.mod.fresh(c.pick(FUNCTION_NAMES))
    params = parameters(c)
    lines = plain.simple(c, c.below(2)) + c.block(1, 3)
    known = c.known("int", "str")
    if known and c.chance(0.6):
        lines.append(f"return {c.pick(known)}")
    define(c, signature(c, name, params), lines)
    part(c, name, lambda u, p: called(u, spelt(u, p), params))


@shape("worker-returning-inside", wild="2.1", seen="return out of a span block", weight=5)
def returning(m):
    c = context(m)
    name = m.mod.fresh(c.pick(FUNCTION_NAMES))
    params = parameters(c)
    var = bind(c) if c.chance(0.6) else None
    call = span_call(c)
    inside = body(c, var, most=2) + [f"return {c.pick(c.known('int', 'str') or ['None'])}"]
    define(c, signature(c, name, params), suite(glue("with ", call, f" as {var.name}" if var else ""), inside))
    part(c, name, lambda u, p: called(u, spelt(u, p), params))


@shape("worker-failing", wild="2.1", seen="exceptions that cross functions", weight=5)
def failing(m):
    c = context(m)
    name = m.mod.fresh("fail_" + c.pick(("box", "row", "page")))
    caught, error = c.pick(RAISES)
    var = bind(c)
    call = span_call(c)
    inner = c.under(var)
    inside = data.opening(inner) + suite("if broken", [f"raise {error}"]) + inner.block(1, 2) + ["return 1"]
    define(c, f"def {name}(broken):", suite(glue("with ", call, f" as {var.name}"), inside))
    c.frame.taken.append("broken")

    def use(u, p):
        callee = spelt(u, p)
        if u.depth > 0 and u.chance(0.7):
            return suite("try", [f"{callee}(True)"]) + suite(f"except {caught} as exc", ["print(type(exc).__name__)"])
        return [f"{callee}(broken=False)"]

    part(c, name, use)


@shape("worker-recursive", wild="2.3", seen="tree walks", weight=3, level=2)
def recursive(m):
    c = context(m)
    name = m.mod.fresh("walk", "descend")
    c.learn("depth", "int")
    c.frame.taken.append("depth")
    var = bind(c)
    call = span_call(c)
    lines = data.writes(c.under(var), var.name) + plain.simple(c.under(var)) + suite("if depth", [f"{name}(depth - 1)"])
    define(c, f"def {name}(depth):", suite(glue("with ", call, f" as {var.name}"), lines))
    c.frame.cost *= 3
    part(c, name, lambda u, p: [f"{spelt(u, p)}(2)"])


# Decorators -------------------------------------------------------------------------------------
def trace_decorator(c):
    """`@trace`: bare 355 times out of 355; called forms occur in other public code."""
    form = c.weighted((("bare", 70), ("called", 8), ("op", 10), ("full", 8), ("attributes", 4 if c.level >= 3 else 0)))
    c.prog.used(f"trace-{form}")
    ref = c.mod.sdk.ref("trace")
    args = {
        "bare": None,
        "called": "",
        "op": f"op={c.text(c.pick(OPS))}",
        "full": f"op={c.text(c.pick(OPS))}, name={constant_name(c)}",
        "attributes": f'name={constant_name(c)}, attributes={{"kind": "bulk", "rows": 3}}',
    }[form]
    return f"@{ref}" if args is None else f"@{ref}({args})"


@shape("worker-traced", wild="2.1", seen="355 @trace, bare", weight=20)
def traced(m):
    c = context(m)
    c.spend()
    name = m.mod.fresh(c.pick(FUNCTION_NAMES))
    params = parameters(c)
    decorators = [trace_decorator(c)]
    define(c, signature(c, name, params), c.under(None).block(1, 3) + ["return 2"], decorators)
    part(c, name, lambda u, p: called(u, spelt(u, p), params))


@shape("worker-trace-call", wild="2.1", seen="trace(f) as a call", weight=2, level=3)
def trace_call(m):
    c = context(m)
    c.spend()
    name = m.mod.fresh("plain_" + c.pick(("step", "read")))
    other = m.mod.fresh("traced_step")
    define(c, f"def {name}(n):", c.under(None).block(1, 1) + ["return n"])
    m.mod.add([f"{other} = {m.mod.sdk.ref('trace')}({name})"])
    part(c, other, lambda u, p: [f"{spelt(u, p)}({argument(u, 'int')})"])


PARTS = (worker, returning, failing, recursive, traced, trace_call)


# Using parts ------------------------------------------------------------------------------------
def usable(c):
    """The parts a place can use: no module imports a later one."""
    here = c.prog.modules.index(c.mod)
    fit = [p for p in c.prog.parts if c.is_async or not p.is_async]
    return [p for p in fit if c.prog.modules.index(p.module) <= here and p.fits(c) and p.needs(c, p)]


@shape("use-part", wild="2.3", seen="calls of the project's own functions", weight=34, when=lambda c: c.depth > 0 and usable(c))
def use_part(c):
    """Calls a part, those not used yet first."""
    candidates = usable(c)
    fewest = min(p.uses for p in candidates)
    chosen = c.pick([p for p in candidates if p.uses == fewest])
    return chosen.use(c, chosen)


STATEMENTS = (use_part,)
