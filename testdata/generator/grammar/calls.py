"""Calls that create spans, and the verbs on a span, in both dialects.

Arguments keep to the frequencies of wild-code.md: a third of the calls has no name, half of the named
ones is dynamic, `name=` against `description=` is about 1 to 2, 33 of 173 calls span lines.
"""

from .core import INDENT
from .words import ARGUMENT_COMMENTS, NAMES, ODD_NAMES, OPS, ROOT_NAMES, ROOT_OPS


# Arguments --------------------------------------------------------------------------------------
def constant_name(c):
    """61 of 122 names are constants."""
    if c.level >= 3 and c.chance(0.1):
        c.prog.used("name-odd-text")
        return c.text(c.pick(ODD_NAMES))
    return c.text(c.pick(NAMES))


def dynamic_name(c):
    """61 of 122: f-strings, attributes, calls, `%`, variables."""
    c.prog.used("name-dynamic")
    scalars, jobs = c.known("int", "str"), c.known("job")
    if jobs and c.chance(0.3):
        return c.pick((f"{c.pick(jobs)}.kind", f"type({c.pick(jobs)}).__name__", f'f"job {{{c.pick(jobs)}.id}}"'))
    if c.in_method and c.chance(0.2):
        return c.pick(("type(self).__name__", "self.__class__.__qualname__"))
    if not scalars:
        return c.pick(('"box " + str(1)', '" ".join(["pack", "boxes"])', '("read "\n    "boxes")', 'f"fetch {1 + 1} boxes"'))
    x = c.pick(scalars)
    return c.pick((
        f'f"Fetch {{{x}}}"', f'f"box {{{x}}} of {{{x}!r}}"', f'"Packing %s boxes" % {x}', f'"step {{}}".format({x})',
        f"str({x})", f'"job " + str({x})', f'"first" if {x} else "later"',
    ))


def span_arguments(c, nameless=0.29):
    """(keyword, expression) pairs of a call that makes a child span."""
    op = ("op", c.text(c.pick(OPS)))
    if c.chance(nameless):
        c.prog.used("span-nameless")
        c.prog.nameless += 1
        return [op]
    word = "name" if c.chance(0.34) else "description"
    name = (word, dynamic_name(c) if c.chance(0.5) else constant_name(c))
    args = [op, name] if c.chance(0.85) else [name, op]
    if c.level >= 2 and c.chance(0.05):
        c.prog.used("span-without-op")
        return [name]
    if c.level >= 3 and c.chance(0.04):
        c.prog.used("span-name-and-description")
        return [op, ("description", constant_name(c)), ("name", constant_name(c))]
    if c.level >= 3 and c.chance(0.04):
        c.prog.used("span-origin")
        args.append(("origin", c.text("manual.boxes")))
    return args


def root_arguments(c):
    """(keyword, expression) pairs of a call that makes a transaction.

    No `source=` beside error events: below 2.67.0 an event in a later root would still tell the old one.
    """
    op = ("op", c.text(c.pick(ROOT_OPS)))
    name = ("name", dynamic_name(c) if c.chance(0.4) else c.text(c.pick(ROOT_NAMES)))
    args = [op, name] if c.chance(0.8) else [name, op]
    if c.level >= 2 and c.chance(0.05):
        args = [name]
    if c.level >= 3 and c.chance(0.2) and not c.prog.errors:
        c.prog.used("root-source")
        source = c.weighted((("text", 1), ("enum", 1)))
        enum = f"{c.mod.sdk.tracing('TransactionSource')}.TASK" if source == "enum" else '"task"'
        args.append(("source", enum))
    if c.level >= 3 and c.chance(0.06):
        c.prog.used("root-origin")
        args.append(("origin", c.text("auto.boxes.queue")))
    if c.level >= 4 and c.chance(0.08):
        c.prog.used("root-sampled")
        args.append(("sampled", "True"))
    return args


# Calls ------------------------------------------------------------------------------------------
def written(c, callee, args, first=None):
    """The call as lines: on one line, one argument a line, or so with comments in between."""
    layout = c.weighted((("line", 81), ("split", 14), ("comments", 5 if c.level >= 2 else 0)))
    remark, at = c.pick(ARGUMENT_COMMENTS), c.below(len(args) or 1)
    pieces = ([first] if first else []) + [f"{k}={e}" for k, e in args]
    if layout == "line" or not args:
        text = f"{callee}({', '.join(pieces)})"
        return text.split("\n")
    c.prog.used(f"layout-{layout}")
    lines = [f"{callee}("]
    for i, piece in enumerate(pieces):
        tail = f",  # {remark}" if layout == "comments" and i == at else ","
        lines += [INDENT + line for line in (piece + tail).split("\n")]
    return lines + [")"]


def span_call(c, *, held=False, args=None, callee=None):
    """`start_span(...)`."""
    c.spend()
    args = span_arguments(c) if args is None else args
    callee = callee or c.ref("start_span")
    return written(c, callee, _held(c, args, held))


def child_call(c, receiver, *, held=False, args=None):
    """`receiver.start_child(...)`."""
    c.spend()
    args = _held(c, span_arguments(c) if args is None else args, held)
    if c.model:
        return written(c, c.ref("start_child"), args, receiver)
    return written(c, f"{receiver}.start_child", args)


def root_call(c, *, held=False, args=None, callee=None, first=None):
    """`start_transaction(...)`, with `first` as its positional transaction."""
    c.spend()
    args = root_arguments(c) if args is None else args
    return written(c, callee or c.ref("start_transaction"), _held(c, args, held), first)


def _held(c, args, held):
    return args + [("_active", "False")] if held and c.model else args


# Verbs on a span --------------------------------------------------------------------------------
def finish(c, span):
    return f"{span}.end()" if c.model else f"{span}.finish()"


def set_value(c, span, verb, key, expr):
    """`span.set_data(key, value)` or `span.set_tag(key, value)`."""
    return f"{span}.set_attribute({key}, {expr})" if c.model else f"{span}.{verb}({key}, {expr})"


def set_status(c, span, status):
    """`span.set_status(...)` with a constant of SPANSTATUS or its text."""
    if c.model:
        return f'{span}.status = "{"ok" if status == "ok" else "error"}"'
    return f"{span}.set_status({c.text(status)})"


def rename(c, span, expr, how="="):
    """`span.description = ...`."""
    return f"{span}.name {how} {expr}" if c.model else f"{span}.description {how} {expr}"
