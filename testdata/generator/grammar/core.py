"""What a program is made of while it is written: shapes, names in reach, modules, parts.

Only `random.Random.random()` is drawn from, because that is the one method whose sequence
Python promises to keep, and every choice is drawn in both dialects alike, so that a seed gives
the same program as *legacy* text and as *model* text (see model.py).
"""

import random
from dataclasses import dataclass, field, replace

INDENT = "    "

Lines = list  # of str without indentation of the enclosing block


@dataclass(frozen=True)
class Shape:
    """One production. `weight` is its share among its rivals, taken from real use but never so
    low that 2,000 programs would miss it; `seen` says where and how often it occurs for real."""

    name: str
    wild: str
    seen: str
    weight: int
    level: int
    when: object
    build: object

    def __call__(self, c, *args, **kwargs):
        c.prog.used(self.name)
        return self.build(c, *args, **kwargs)


def shape(name, *, wild, seen, weight=4, level=1, when=lambda c: True):
    """Makes a production out of a function that takes a context and returns lines."""
    return lambda build: Shape(name, wild, seen, weight, level, when, build)


@dataclass
class Var:
    """A name (or attribute path) whose value has a known type: str int float bool ints job."""

    expr: str
    type: str


@dataclass
class SpanVar:
    """A variable bound to a span. `alive` turns false when the name is rebound or the span ended.

    kind: child, root, or any where that depends on the caller. keep: no inner block may take the name."""

    name: str
    kind: str = "child"
    alive: bool = True
    keep: bool = False


@dataclass
class Frame:
    """What all blocks of one function share."""

    taken: list = field(default_factory=list)
    cost: int = 0
    sdk: object = None  # imports written inside this function, or None for the module's own

    def fresh(self, *wanted):
        """The first free name of `wanted`, else the first one with a number."""
        for name in wanted:
            if name not in self.taken:
                self.taken.append(name)
                return name
        n = 2
        while f"{wanted[0]}{n}" in self.taken:
            n += 1
        self.taken.append(f"{wanted[0]}{n}")
        return f"{wanted[0]}{n}"


@dataclass
class Part:
    """Something a program defines and has to use: a function, a wrapper, a class.

    `use` writes the statements that use it; `needs` tells whether a context can, `fits` whether its
    module can spell the name."""

    name: str
    module: object
    use: object
    needs: object
    fits: object = lambda c: True
    cost: int = 1
    uses: int = 0
    is_async: bool = False


@dataclass(frozen=True)
class Ctx:
    """The place a statement is written at.

    place: what the innermost active span is: none, root, child or unknown (a function's body).
    span: its variable; outer: variables of enclosing active spans, outermost first.
    times: how often this place runs; quiet: other tasks run in between, so nothing that asks
    for the current span has a fixed answer; may_sleep: no other task runs, so awaiting is harmless."""

    prog: object
    mod: object
    frame: Frame
    depth: int = 3
    place: str = "none"
    span: SpanVar = None
    outer: tuple = ()
    values: list = field(default_factory=list)
    held: list = field(default_factory=list)
    is_async: bool = False
    in_method: bool = False
    in_function: bool = True  # false in a script's own statements
    times: int = 1
    quiet: bool = False
    may_sleep: bool = False

    # choices ---------------------------------------------------------------------------------
    def random(self):
        return self.prog.rng.random()

    def chance(self, share):
        return self.prog.rng.random() < share

    def below(self, n):
        return int(self.prog.rng.random() * n)

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, pairs):
        """One value out of (value, weight) pairs."""
        at = self.random() * sum(w for _, w in pairs)
        for value, weight in pairs:
            at -= weight
            if at < 0:
                return value
        return pairs[-1][0]

    def choose(self, shapes):
        """One production of the table that this level and place allow, or None."""
        fit = [(s, s.weight) for s in shapes if s.level <= self.prog.level and s.when(self)]
        return self.weighted(fit) if fit else None

    # state -----------------------------------------------------------------------------------
    @property
    def level(self):
        return self.prog.level

    @property
    def active(self):
        return self.place != "none"

    @property
    def own(self):
        """The innermost active span's variable if it can be used, else None."""
        return self.span.name if self.span and self.span.alive else None

    @property
    def elsewhere(self):
        """Variables of enclosing spans that are not the innermost (SpanVar)."""
        return [v for v in self.outer if v.alive]

    @property
    def open_held(self):
        """Held spans of this function that are still open (SpanVar)."""
        return [v for v in self.held if v.alive]

    def inner(self, **changes):
        """The context of a block one level deeper; its variables stay its own."""
        changes.setdefault("values", list(self.values))
        changes.setdefault("held", list(self.held))
        changes.setdefault("depth", self.depth - 1)
        return replace(self, **changes)

    def under(self, span, place="child"):
        """The context inside a block whose span is bound to `span` (a SpanVar or None)."""
        outer = self.outer + ((self.span,) if self.span else ())
        return self.inner(span=span, outer=outer, place=place)

    def loop(self, n):
        return self.inner(times=self.times * n)

    def spend(self, n=1):
        """Counts spans the place creates when it runs."""
        self.frame.cost += n * self.times
        self.prog.sites += 1

    def room(self, cost=1):
        """Whether `cost` more spans are welcome here."""
        return self.frame.cost + cost * self.times <= 60 and self.prog.sites < self.prog.most_sites

    # names -----------------------------------------------------------------------------------
    def fresh(self, *wanted):
        return self.frame.fresh(*wanted)

    def known(self, *types):
        return [v.expr for v in self.values if v.type in types]

    def learn(self, expr, type_):
        self.values.append(Var(expr, type_))

    def ref(self, name):
        """How this place spells a name of the SDK."""
        return (self.frame.sdk or self.mod.sdk).ref(name)

    def text(self, value):
        """A string literal in the module's quotes."""
        return self.mod.text(value)

    def project(self, module, name):
        """How this place spells a name defined in a module of the project."""
        return self.mod.ref_project(module, name)

    def data(self, name):
        """How this place spells one of the project's data classes (project.DATA)."""
        if name not in self.prog.data_used:
            self.prog.data_used.append(name)
        return self.project(self.prog.data_module, name)

    @property
    def model(self):
        return self.prog.model

    # blocks ----------------------------------------------------------------------------------
    def block(self, least=1, most=3):
        """Statements for this place, at least one."""
        lines = []
        for _ in range(least + self.below(most - least + 1)):
            lines += self.statement()
        return lines or ["pass"]

    def statement(self):
        chosen = self.choose(self.prog.grammar.statements)
        return chosen(self) if chosen else ["pass"]


class Module:
    """One file: its imports and its top-level chunks."""

    def __init__(self, prog, name, package=""):
        self.prog = prog
        self.name = name
        self.package = package
        self.std = []  # import lines of the standard library, in order of need
        self.project = {}  # source module (None: `import x`) -> names imported from it, in order of need
        self.project_style = "from"
        self.chunks = []  # each a list of lines
        self.taken = ["main"]
        self.tail = []  # lines after all chunks: a script, or the call of main()
        self.exports = []  # names of the SDK this module hands on
        self.assigns = False  # whether it does so by assignment
        self.constants = []  # module-level assignments that come before everything else
        self.sdk = None
        self.types = None
        self.quote = '"'

    @property
    def path(self):
        return f"{self.package}/{self.name}.py" if self.package else f"{self.name}.py"

    @property
    def dotted(self):
        return f"{self.package}.{self.name}" if self.package else self.name

    def ref_project(self, module, name):
        """The expression for a name of another module, imported in this module's own manner."""
        if module is self:
            return name
        source, imported, expr = {
            "from": (module.dotted, name, name),
            "module": (None, module.dotted, f"{module.dotted}.{name}"),
            "relative": (f".{module.name}", name, name),
            "package": (module.package, module.name, f"{module.name}.{name}"),
        }[self.project_style]
        names = self.project.setdefault(source, [])
        if imported not in names:
            names.append(imported)
        return expr

    def project_imports(self):
        """The import statements for the project's own modules."""
        lines = [f"import {name}" for name in self.project.get(None, [])]
        return lines + [f"from {source} import {', '.join(names)}" for source, names in self.project.items() if source]

    def export(self, name):
        """Hands a name of the SDK on to other modules."""
        if name in self.exports:
            return
        self.exports.append(name)
        self.taken.append(name)
        if self.assigns and not any(n == name and not alias for _, n, alias in self.sdk.names):
            self.prog.used("reexport-assigned")
            self.chunks.insert(0, [f"{name} = {self.sdk.ref_plain(name)}"])
        else:
            self.sdk.names.append(("sentry_sdk", name, None))

    def need(self, line):
        if line not in self.std:
            self.std.append(line)

    def add(self, lines):
        self.chunks.append(lines)

    def constant(self, name, expr):
        """Defines a module constant once and gives its name."""
        line = f"{name} = {expr}"
        if line not in self.constants:
            self.constants.append(line)
            self.taken.append(name)
        return name

    def fresh(self, *wanted):
        """A name for something defined at top level; no other module of the program has it."""
        name = Frame(taken=self.prog.reserved()).fresh(*wanted)
        self.taken.append(name)
        if self.prog.main:
            self.prog.main.frame.taken.append(name)
        return name

    def text(self, value):
        return quoted(value, self.quote)

    def frame(self, *params):
        """The frame of a new function of this module: project-wide names are never shadowed."""
        return Frame(taken=self.prog.reserved() + list(params))


def quoted(value, quote='"'):
    other = "'" if quote == '"' else '"'
    if quote in value and other not in value:
        quote = other
    return quote + value.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


class Program:
    """One program: its files, what it used, what a migration is allowed to change in it."""

    def __init__(self, seed, level, grammar, model=False):
        self.rng = random.Random(seed)
        self.seed = seed
        self.level = level
        self.grammar = grammar
        self.model = model
        self.modules = []
        self.parts = []
        self.shapes = {}
        self.changes = {}  # attribute key -> what stands for it after the migration
        self.data_module = None
        self.data_used = []
        self.answers = []
        self.nameless = 0
        self.roots = 0
        self.sites = 0
        self.set_level(level)
        self.errors = False  # error events; excludes what changes their transaction name or trace
        self.renames = False  # roots renamed from inside
        self.sampler = False  # a traces_sampler and custom sampling contexts
        self.has_async = False
        self.script = False
        self.file_format = "plain"
        self.no_threads = False  # default integrations are off, so threads lose their scope
        self.entries = []  # lines of main() that run the roots
        self.main = None  # the context of main(), once there is one
        self.tally = 0

    def set_level(self, level):
        self.level = level
        self.most_sites = (0, 8, 14, 24, 36, 50)[level]

    def used(self, name):
        self.shapes[name] = self.shapes.get(name, 0) + 1

    def number(self):
        """A number no other place of this program has."""
        self.tally += 1
        return self.tally

    def reserved(self):
        """Names a local variable must not take."""
        names = ["span_of", "sentry_sdk", "sentry", "main", "tracing"]
        for module in self.modules:
            names += module.taken
        return names

    def module(self, name):
        for m in self.modules:
            if m.name == name:
                return m
        return None


def indent(lines, by=1):
    return [INDENT * by + line if line else line for line in lines]


def glue(*pieces):
    """Joins strings and lists of lines into lines: each piece goes on where the last one stopped."""
    out = [""]
    for piece in pieces:
        lines = [piece] if isinstance(piece, str) else piece
        out[-1] += lines[0]
        out += lines[1:]
    return out


def suite(head, body):
    """A compound statement: its head lines (without the colon) and its indented body."""
    return glue(head, ":") + indent(body)
