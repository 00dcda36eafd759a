"""`start_child` (2 real calls) and the ambient span (12 real calls), wild-code.md 2.1 to 2.4."""

from . import data
from .calls import child_call, constant_name, finish
from .core import shape, suite
from .spans import block
from .words import OPS


def _here(c):
    return c.active and c.depth > 0 and c.room()


@shape("child-of-current", wild="2.3", seen="start_child on the span of the enclosing with", weight=14, when=lambda c: _here(c) and c.own)
def of_current(c):
    return block(c, child_call(c, c.own))


@shape("child-elsewhere", wild="2.4 C", seen="start_child on a span further out", weight=26, when=lambda c: _here(c) and c.elsewhere)
def elsewhere(c):
    return block(c, child_call(c, c.pick(c.elsewhere).name))


@shape("child-of-held", wild="2.4 C", seen="start_child on a span nobody entered", weight=30, level=2, when=lambda c: _here(c) and c.open_held)
def of_held(c):
    return block(c, child_call(c, c.pick(c.open_held).name))


@shape("children-out-of-order", wild="2.3", seen="the first of two ends first", weight=4, level=2, when=lambda c: _here(c) and data.reachable(c) and c.room(3))
def out_of_order(c):
    parent = data.target(c).name
    a, b = c.fresh("a", "child_a"), c.fresh("b", "child_b")
    lines = child_call(c, parent, held=True)
    lines[0] = f"{a} = {lines[0]}"
    more = child_call(c, parent, held=True)
    more[0] = f"{b} = {more[0]}"
    lines += more + data.writes(c, b) + [finish(c, a)]
    return lines + c.inner(depth=0).block(1, 1) + [finish(c, b)]


@shape("child-of-new-child", wild="2.3", seen="start_child().start_child() in one expression", weight=3, level=4, when=lambda c: _here(c) and data.reachable(c) and c.room(3))
def of_new(c):
    """The one in the middle never ends: legacy drops it, and so do streamed spans."""
    name = c.fresh("leaf", "below")
    made = child_call(c, data.target(c).name, held=True)
    lines = child_call(c, "\n".join(made), held=True)
    lines = "\n".join(lines).split("\n")
    lines[0] = f"{name} = {lines[0]}"
    return lines + data.writes(c, name) + [finish(c, name)]


# The ambient span -------------------------------------------------------------------------------
def _ambient(c):
    return c.active and not c.quiet


@shape("current-span-guarded", wild="2.1", seen="all 12 uses are guarded, 2 by a walrus", weight=12, when=_ambient)
def guarded(c):
    name, current = c.fresh("current", "active_span"), c.ref("get_current_span")
    writes = data.writes(c, name, 1 + c.below(2))
    form = c.weighted((("none", 5), ("truth", 4), ("walrus", 2 if c.level >= 2 else 0)))
    c.prog.used(f"guard-{form}")
    if c.level >= 2 and c.chance(0.08):
        c.prog.used("guard-one-line")
        return [f"{name} = {current}()", f"if {name}: {writes[0]}"]
    if form == "walrus":
        ints = c.known("int")
        test = f"{c.pick(ints)} >= 0 and " if ints and c.chance(0.5) else ""
        head = f"if {test}({name} := {current}())" + (" is not None" if c.chance(0.3) and not test else "")
        return suite(head, writes)
    test = f"{name} is not None" if form == "none" else name
    return [f"{name} = {current}()"] + suite(f"if {test}", writes)


@shape("current-span-plain", wild="2.1", seen="unguarded, in code that always runs inside a span", weight=3, level=2, when=_ambient)
def unguarded(c):
    return data.writes(c, f"{c.ref('get_current_span')}()")


@shape("current-span-child", wild="2.3", seen="children of whatever is open", weight=4, level=2, when=lambda c: _ambient(c) and _here(c))
def child_of_ambient(c):
    name = c.fresh("current", "around")
    lines = [f"{name} = {c.ref('get_current_span')}()"]
    if c.chance(0.5):
        return lines + block(c, child_call(c, name))
    return lines + suite(f"if {name} is not None", block(c.inner(), child_call(c, name)))


@shape("scope-span", wild="2.3 D", seen="scope.span on the current scope", weight=5, level=2, when=_ambient)
def scope_span(c):
    scope = c.fresh("scope", "here")
    if c.model:
        span, get = f"{c.ref('get_current_span')}()", f"{c.ref('get_current_scope')}()"
    else:
        span, get = f"{scope}.span", f"{c.ref('get_current_scope')}()"
    if c.chance(0.5):
        return [f"{scope} = {get}"] + suite(f"if {span}", data.writes(c, span))
    name = c.fresh("scope_span", "ambient")
    source = f"{c.ref('get_current_span')}()" if c.model else f"{get}.span"
    return [f"{name} = {source}"] + suite(f"if {name} is not None", data.writes(c, name))


@shape("update-current-span", wild="2.2", seen="6, all in one project", weight=4, level=3, when=lambda c: _ambient(c) and c.place == "child")
def update_current(c):
    args = [f"attributes={{{data.data_key(c)}: {data.tag_value(c)}}}"]
    if c.level >= 4 and c.chance(0.2):
        c.prog.used("update-positional")
        args = [c.text(c.pick(OPS)), constant_name(c), args[0].removeprefix("attributes=")]
    elif c.chance(0.3):
        args.insert(0, f"name={constant_name(c)}")
        if c.chance(0.5):  # never alone: a nameless span is named by the op it began with
            args.insert(0, f"op={c.text(c.pick(OPS))}")
    return [f"{c.ref('update_current_span')}({', '.join(args)})"]


# The root ---------------------------------------------------------------------------------------
@shape("rename-root", wild="2.2", seen="8 set_transaction_name, 3 scope.transaction.name", weight=5, level=2, when=lambda c: _ambient(c) and c.prog.renames)
def rename_root(c):
    scope, name = f"{c.ref('get_current_scope')}()", constant_name(c)
    set_name = c.ref("set_transaction_name")
    forms = ["call", "scope", "attribute", "guard"] + (["own"] * 4 if c.own and c.span.kind == "root" else []) + (["containing"] if c.own else [])
    form = c.pick(forms)
    c.prog.used(f"rename-{form}")
    if form == "call":
        return [f"{set_name}({name}{c.pick(('', ', source=' + c.text('task')))})"]
    if form == "scope":
        return [f"{scope}.set_transaction_name({name})"]
    if form == "own":
        return [f"{c.own}.name = {name}"]
    local = c.fresh("scope", "the_scope")
    if c.model:
        return [f"{set_name}({name})"]
    if form == "containing":
        return [f"{c.own}.containing_transaction.name = {name}"]
    if form == "attribute":
        return [f"{scope}.transaction.name = {name}"]
    return [f"{local} = {scope}"] + suite(f"if {local}.transaction is not None", [f"{local}.transaction.name = {name}"])


@shape("root-data", wild="2.2", seen="tags set on scope.transaction", weight=3, level=3, when=lambda c: _ambient(c) and c.place == "root")
def root_data(c):
    forms = [f"{c.ref('get_current_scope')}().transaction"] + ([f"{c.own}.containing_transaction"] if c.own else [])
    root = c.pick(forms)
    return data.writes(c, f"{c.ref('get_current_span')}()" if c.model else root)


STATEMENTS = (
    of_current, elsewhere, of_held, out_of_order, of_new, guarded, unguarded, child_of_ambient, scope_span, update_current,
    rename_root, root_data,
)
