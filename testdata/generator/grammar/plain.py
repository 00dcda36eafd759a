"""Statements around the spans that have nothing to do with Sentry."""

from .core import shape, suite
from .words import COMMENTS


def _nests(c):
    return c.depth > 0


@shape("plain-assignment", wild="2.8", seen="everywhere", weight=26)
def assignment(c):
    lists, ints, strs = c.known("ints"), c.known("int"), c.known("str")
    forms = [("count", "int", "1 + 2")]
    if lists:
        seq = c.pick(lists)
        forms += [("total", "int", f"sum({seq})"), ("doubled", "ints", f"[n * 2 for n in {seq}]"), ("size", "int", f"len({seq})")]
    if ints:
        forms += [("next_page", "int", f"{c.pick(ints)} + 1"), ("ratio", "float", f"{c.pick(ints)} / 8"), ("busy", "bool", f"{c.pick(ints)} > 2")]
    if strs:
        forms += [("label", "str", f'f"{{{c.pick(strs)}}}-label"'), ("title", "str", f"{c.pick(strs)}.title()")]
    name, type_, expr = c.pick(forms)
    name = c.fresh(name)
    line = f"{name} = {expr}"
    c.learn(name, type_)
    return [line]


@shape("plain-comment", wild="2.8", seen="mobu explains transaction semantics next to the calls", weight=5)
def comment(c):
    return [f"# {c.pick(COMMENTS)}"] + assignment(c)


@shape("plain-log", wild="2.8", seen="everywhere", weight=5)
def log(c):
    c.mod.need("import logging")
    c.mod.constant("log", "logging.getLogger(__name__)")
    return [f'log.info("{c.pick(("begin", "half way", "done"))}")']


@shape("plain-print", wild="2.8", seen="command-line tools", weight=6)
def output(c):
    known = c.known("int", "str", "float", "bool", "ints")
    return [f"print({c.text('value')}, {c.pick(known) if known else 1})"]


@shape("plain-if", wild="2.8", seen="everywhere", weight=8, when=_nests)
def branch(c):
    ints = c.known("int")
    test = f"{c.pick(ints)} > {c.below(4)}" if ints else c.pick(("True", "1 < 2", "not []"))
    lines = suite(f"if {test}", c.inner().block(1, 2))
    if c.chance(0.5):
        lines += suite("else", c.inner().block(1, 2))
    return lines


@shape("plain-for", wild="2.8", seen="everywhere", weight=9, when=lambda c: c.depth > 0 and c.room(2))
def loop(c):
    inner = c.loop(2)
    name = c.fresh(*c.pick((("n", "k"), ("item", "row"), ("i", "j"))))
    inner.learn(name, "int")
    lists = c.known("ints")
    source = f"{c.pick(lists)}[:2]" if lists and c.chance(0.6) else "range(2)"
    head = f"for {name} in {source}"
    if c.chance(0.2):
        index = c.fresh("index", "position")
        inner.learn(index, "int")
        head = f"for {index}, {name} in enumerate({source}, start=1)"
    return suite(head, inner.block(1, 3))


@shape("plain-while", wild="2.8", seen="queue consumers", weight=4, level=2, when=lambda c: c.depth > 0 and c.room(2))
def repeat(c):
    name = c.fresh("left", "remaining")
    inner = c.loop(2)
    inner.learn(name, "int")
    return [f"{name} = 2"] + suite(f"while {name}", inner.block(1, 2) + [f"{name} -= 1"])


@shape("plain-try-finally", wild="2.8", seen="everywhere", weight=3, when=_nests)
def guarded(c):
    return suite("try", c.inner().block(1, 2)) + suite("finally", assignment(c.inner()))


@shape("plain-match", wild="2.8", seen="3.10 syntax in living projects", weight=4, level=3, when=_nests)
def match(c):
    ints = c.known("int")
    subject = c.pick(ints) if ints else "2"
    arms = suite("case 0 | 1", c.inner().block(1, 1)) + suite("case _", c.inner().block(1, 2))
    return suite(f"match {subject}", arms)


@shape("plain-with", wild="2.2", seen="locks around spans", weight=2, level=2, when=_nests)
def locked(c):
    c.mod.need("import threading")
    c.mod.constant("GUARD", "threading.RLock()")
    return suite("with GUARD", c.inner().block(1, 2))


@shape("plain-long-string", wild="2.8", seen="SQL and templates: lines a re-indentation must not move", weight=3, level=2)
def long_string(c):
    name = c.fresh("template", "sql")
    quotes = c.pick(('"""', "'''"))
    return [f"{name} = {quotes}first", "  second line", f"    third {quotes}", f"print(len({name}), {name}.count(' '))"]


@shape("plain-continuation", wild="2.8", seen="backslashes and open brackets", weight=3, level=2)
def continuation(c):
    name = c.fresh("subtotal", "joined")
    c.learn(name, "int")
    return c.pick(([f"{name} = 1 + \\", "        2"], [f"{name} = sum([", "    1,  # first", "    2,", "])"], [f"{name} = 1; {name} += 2"]))


SIMPLE = (assignment, comment, log, output, long_string, continuation)
STATEMENTS = SIMPLE + (branch, loop, repeat, guarded, match, locked)


def simple(c, n=1):
    """`n` statements that neither create nor ask for spans."""
    lines = []
    for _ in range(n):
        lines += c.choose(SIMPLE)(c)
    return lines

