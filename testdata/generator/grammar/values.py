"""What programs put on spans: expressions, their types, and how streaming stores them.

Shares follow wild-code.md 2.2: of 118 values 49 are names, 27 attributes, 14 calls and 18 literals.
Values that streaming stores differently (rules.md step 12: dict, datetime, set, bytes, mixed list, None)
are always written so that their type is plain to see, under a key no other place uses, and the
program's header says what stands for them after the recommended rewrite (`# changes:`).
"""

from dataclasses import dataclass

from .words import DATA_KEYS, STRINGS, TAG_KEYS

SCALARS = ("int", "str", "float", "bool")


@dataclass
class Value:
    """An expression; `become` is what the model writes instead: (key suffix, expression) pairs,
    and `sent` the attributes that then arrive, by key suffix. Both None where nothing changes."""

    expr: str
    kind: str = "plain"
    become: tuple = None
    sent: dict = None


def plain_value(c):
    """A value that streaming stores as it was."""
    kind = c.weighted((("name", 49), ("attribute", 27), ("call", 14), ("literal", 18), ("text", 8), ("other", 10)))
    c.prog.used(f"value-{kind}")
    return VALUES[kind](c)


def literal(c):
    """str 7, int 6, bool 3, float 2 of 18."""
    n = c.below(18)
    if n < 7:
        return c.text(c.pick(STRINGS))
    if n < 13:
        return str(c.pick((0, 1, 2, 7, 42, -3, 1000, 86_400, 10**12)))
    if n < 16:
        return c.pick(("True", "False"))
    return c.pick(("0.5", "1.0", "3.25", "-2.75", "1e3"))


def _name(c):
    names = [v.expr for v in c.values if v.type in SCALARS]
    return c.pick(names) if names else _attribute(c) if c.known("job") else literal(c)


def _attribute(c):
    jobs = c.known("job")
    return f"{c.pick(jobs)}.{c.pick(('id', 'kind', 'size', 'retries', 'urgent'))}" if jobs else _field(c)


def _field(c):
    """An attribute of something that is always there."""
    return _enum(c, c.pick(("State.OPEN.value", "State.CLOSED.name")))


def _call(c):
    lists, names = c.known("ints"), c.known(*SCALARS)
    if lists:
        seq = c.pick(lists)
        return c.pick((f"len({seq})", f"sum({seq})", f"max({seq})", f"str(len({seq}))", f"repr({seq})", f"bool({seq})"))
    if names:
        name = c.pick(names)
        return c.pick((f"str({name})", f"repr({name})", f"int(bool({name}))"))
    return c.pick(('"-".join(["a", "b"])', "len('abc')", "abs(-4)", "round(2.5)", '"MIXED".lower()'))


def _text(c):
    names = c.known(*SCALARS)
    if not names:
        return 'f"{1 + 1} boxes"'
    name = c.pick(names)
    return c.pick((f'f"{{{name}}} boxes"', f"f'<{{{name}!r:>4}}>'", f'"%s/%s" % ({name}, 2)', f'"box {{}}".format({name})'))


def _other(c):
    """Arithmetic, conditions, enums, lists of one type, and what is sent as its repr in both modes."""
    forms = ["arithmetic", "condition", "or", "list"]
    if c.level >= 2:
        forms += ["enum", "enum-value", "str-enum", "list"]
    if c.level >= 3:
        forms += ["decimal", "uuid", "path", "date", "maybe", "get"]
    form = c.pick(forms)
    c.prog.used(f"value-{form}")
    return _OTHERS[form](c)


def _number(c):
    names = c.known("int")
    return c.pick(names) if names else "len('abc')"


def _std(c, line, expr):
    c.mod.need(line)
    return expr


def _enum(c, expr):
    name, rest = expr.split(".", 1)
    return f"{c.data(name)}.{rest}"


def _list(c):
    return c.pick(("[1, 2, 3]", '["a", "b"]', "[]", "[0.5, 1.5]", "[True, False]", "(1, 2)", "[n * 2 for n in range(3)]"))


_OTHERS = {
    "arithmetic": lambda c: c.pick((f"{_number(c)} + 1", f"{_number(c)} * 2", f"{_number(c)} / 4", f"-{_number(c)}")),
    "condition": lambda c: f'"big" if {_number(c)} > 2 else "small"',
    "or": lambda c: f'{c.pick(c.known("str") or ["str()"])} or "unknown"',
    "list": _list,
    "enum": lambda c: _enum(c, c.pick(("State.OPEN", "State.CLOSED"))),
    "enum-value": lambda c: _enum(c, c.pick(("State.OPEN.value", "State.CLOSED.name"))),
    "str-enum": lambda c: _enum(c, c.pick(("Size.SMALL", "Size.LARGE"))),
    "decimal": lambda c: _std(c, "from decimal import Decimal", 'Decimal("1.10")'),
    "uuid": lambda c: _std(c, "import uuid", "uuid.UUID(int=7)"),
    "path": lambda c: _std(c, "from pathlib import PurePosixPath", 'PurePosixPath("in") / "rows.csv"'),
    "date": lambda c: _std(c, "import datetime", "datetime.date(2024, 5, 17)"),
    "maybe": lambda c: f'"set" if {_number(c)} is not None else None',
    "get": lambda c: '{"a": 1, "b": 2}.get("a")',
}

VALUES = {"name": _name, "attribute": _attribute, "call": _call, "literal": literal, "text": _text, "other": _other}


# Values that change -----------------------------------------------------------------------------
def changing_value(c):
    """A value whose streamed form differs; its key must come from `own_key`."""
    value = c.pick((_dict, _datetime, _set, _bytes, _mixed, _none))(c)
    c.prog.used(f"value-{value.kind}")
    return value


def _dict(c):
    n, word = c.below(9), c.pick(("north", "south"))
    inner = ((f"{n}", n), (f'"{word}"', word), ("True", True), ("2.5", 2.5))
    keys = ("count", "where", "done", "ratio")
    take = 1 + c.below(4)
    expr = "{" + ", ".join(f'"{keys[i]}": {inner[i][0]}' for i in range(take)) + "}"
    become = tuple((f".{keys[i]}", inner[i][0]) for i in range(take))
    return Value(expr, "dict", become, {f".{keys[i]}": inner[i][1] for i in range(take)})


def _datetime(c):
    c.mod.need("import datetime")
    day = 1 + c.below(28)
    expr = f"datetime.datetime(2024, 3, {day}, 12, 30, tzinfo=datetime.timezone.utc)"
    return Value(expr, "datetime", (("", expr + ".isoformat()"),), {"": f"2024-03-{day:02}T12:30:00+00:00"})


def _set(c):
    return Value('{"b", "a"}', "set", (("", 'sorted({"b", "a"})'),), {"": ["a", "b"]})


def _bytes(c):
    return Value('b"ab"', "bytes", (("", 'b"ab".decode("utf-8", "replace")'),), {"": "ab"})


def _mixed(c):
    expr = c.pick(("[1, 'a']", "[1, 2.5]", "[[1], [2]]", "['a', None]"))
    return Value(expr, "mixed", (("", f"repr({expr})"),), {"": expr})


def _none(c):
    return Value("None", "none", (), {})


def own_key(c):
    """A key no other place of the program uses."""
    return f"{c.pick(DATA_KEYS)}_{c.prog.number()}"


def data_key(c):
    """The expression of a key: mostly text; 13 of 118 SPANDATA, 5 an f-string, some a constant."""
    kind = c.weighted((("text", 88), ("spandata", 11), ("f-string", 5), ("constant", 6)))
    if kind == "spandata" and c.level >= 2:
        c.prog.used("key-spandata")
        name = c.pick(("CACHE_HIT", "CACHE_ITEM_SIZE", "MESSAGING_SYSTEM", "MESSAGING_DESTINATION_NAME"))
        return f"{c.mod.sdk.const('SPANDATA')}.{name}"
    if kind == "f-string" and c.level >= 2:
        c.prog.used("key-f-string")
        return f'f"box.{{{_number(c)}}}.size"'
    if kind == "constant" and c.level >= 2:
        c.prog.used("key-constant")
        return c.mod.constant("KEY_ROWS", '"rows.total"')
    return c.text(c.pick(DATA_KEYS))


def tag_value(c):
    """A value for a tag: scalars only, as the SDK's documentation asks for."""
    kind = c.weighted((("name", 49), ("attribute", 27), ("call", 8), ("literal", 24), ("text", 8)))
    c.prog.used(f"value-{kind}")
    return VALUES[kind](c)


def tag_key(c):
    return c.text(c.pick(TAG_KEYS))
