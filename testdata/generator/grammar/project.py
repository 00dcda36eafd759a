"""From a seed to files: the layout, `init`, the data classes, the entries and main()."""

import json
import re

from . import children, classes, concurrency, data, events, functions, held, lookalikes, model, passing, plain, roots
from . import spans, wrappers
from .core import Ctx, Frame, Module, Program, indent, shape, suite
from .sdk import MODEL, SdkNames, SpanTypes
from .words import MODULE_NAMES, WRAPPER_NAMES

LEVELS = ((1, 15), (2, 20), (3, 25), (4, 20), (5, 20))
PARTS_BY_LEVEL = ((0, 0), (1, 2), (2, 4), (3, 6), (4, 8), (6, 10))  # (least, most) definitions
ENTRIES_BY_LEVEL = ((0, 0), (1, 1), (1, 2), (2, 3), (2, 4), (3, 5))  # (least, most) entries


class Grammar:
    """The tables of productions a program draws from."""

    def __init__(self):
        families = (plain, data, spans, held, children, events, roots, concurrency, functions, lookalikes)
        self.statements = tuple(s for family in families for s in family.STATEMENTS)
        self.parts = functions.PARTS + passing.PARTS + wrappers.PARTS + classes.PARTS + lookalikes.PARTS
        self.async_parts = concurrency.ASYNC_PARTS
        self.entries = roots.ENTRIES + (root_inline,) + classes.ENTRIES + concurrency.ENTRIES
        self.inits = INITS

    def shapes(self):
        """Every production, once."""
        return self.statements + self.parts + self.async_parts + self.entries + self.inits


@shape("root-inline", wild="2.4 E", seen="roots in scripts and in main()", weight=8, level=1)
def root_inline(c):
    main = c.prog.main
    c.prog.entries += roots.root_block(main, roots.root_call(main))


# The program ------------------------------------------------------------------------------------
def build(seed, level=None, model_dialect=False):
    """Writes a program. Returns it with its files, {slash path: text}."""
    prog = Program(seed, 1, Grammar(), model_dialect)
    drawn = Ctx(prog, None, Frame()).weighted(LEVELS)
    prog.set_level(level or drawn)
    c = Ctx(prog, None, Frame())
    _choose_features(c)
    _lay_out(c)
    setup = _setup(c)
    for module in prog.modules:
        _fill(prog, module)
    _entries(prog)
    _drain(prog)
    _main(prog, setup)
    return prog, _files(prog)


def _choose_features(c):
    """Decisions for the whole program; errors exclude what changes an event's transaction name."""
    p = c.prog
    p.errors = c.chance(0.45)
    p.renames = c.chance(0.5) and not p.errors
    p.sampler = c.chance(0.3) and c.level >= 3
    p.no_threads = c.chance(0.06)
    p.has_async = c.chance(0.4)
    p.script = c.chance(0.2)
    p.file_format = c.weighted((("plain", 92), ("crlf", 3), ("tabs", 3), ("bom", 1), ("no-last-newline", 2)))
    if p.file_format != "plain":
        p.used(f"format-{p.file_format}")


def _lay_out(c):
    """One file, flat modules or a package; a module that re-exports the SDK; one without it."""
    p = c.prog
    single = c.chance((0, 0.85, 0.6, 0.35, 0.25, 0.2)[c.level])
    package = c.pick(("app", "shop", "")) if not single else ""
    names = []
    if not single:
        names = ["models"] + ([c.pick(WRAPPER_NAMES)] if c.chance(0.6) else []) + [c.pick(MODULE_NAMES)]
        names += [c.pick([n for n in MODULE_NAMES if n not in names])] if c.chance(0.4) else []
    for name in names:
        p.modules.append(Module(p, name, package))
    p.modules.append(Module(p, "main"))
    wrapper = next((m for m in p.modules if m.name in WRAPPER_NAMES), None)
    for module in p.modules:
        _dress(c, module, wrapper)
    p.data_module = p.modules[0]
    p.used("layout-single" if single else "layout-package" if package else "layout-modules")
    if not single and c.level >= 2 and c.chance(0.4):
        foreign = Module(p, c.pick(("legacy_tools", "otel_tools")), package)
        p.modules.insert(0, foreign)
        _dress(c, foreign, None)
        lookalikes.foreign_module(Ctx(p, foreign, Frame()))


def _dress(c, module, wrapper):
    """The module's habits: quotes, import styles."""
    at = Ctx(c.prog, module, Frame())
    module.quote = "'" if c.chance(0.2) else '"'
    styles = [("from", 6), ("module", 2)]
    styles += [("relative", 4), ("package", 3)] if module.package else []
    module.project_style = c.weighted(styles)
    via = wrapper if wrapper is not module and c.chance(0.4) and c.level >= 2 else None
    module.sdk = SdkNames(at, via=via)
    module.types = SpanTypes(at)
    if module is wrapper:
        module.assigns = c.level >= 4 and c.chance(0.4)


def _fill(prog, module):
    """Puts parts into a module; models and modules without the SDK stay as they are."""
    m = Ctx(prog, module, Frame())
    least, most = PARTS_BY_LEVEL[prog.level]
    share = max(1, len([x for x in prog.modules if x.name != "models"]))
    for _ in range(max(1, (least + m.below(most - least + 1)) // share)):
        if module.name == "models" or module.name.endswith("_tools"):
            return
        table = prog.grammar.parts + (prog.grammar.async_parts if prog.has_async else ())
        m.choose(table)(m)


def _entries(prog):
    """The functions that open roots, in main or the last module before it."""
    main_module = prog.modules[-1]
    prog.main = Ctx(prog, main_module, main_module.frame(), depth=2, in_function=not prog.script)
    least, most = ENTRIES_BY_LEVEL[prog.level]
    for n in range(least + prog.main.below(most - least + 1)):
        module = prog.modules[-2] if len(prog.modules) > 2 and n % 2 else main_module
        c = Ctx(prog, module, module.frame(), depth=2 if prog.level < 3 else 3)
        c.choose(prog.grammar.entries)(c)


def _drain(prog):
    """Uses every part that nothing used yet, so that nothing is dead code."""
    for is_async in (False, True):
        unused = [p for p in prog.parts if p.uses == 0 and p.is_async == is_async]
        if not unused:
            continue
        main = prog.modules[-1]
        c = Ctx(prog, main, main.frame(), depth=1, is_async=is_async)
        root = roots.root_var(c)
        root.keep = True
        call = roots.root_call(c)
        inner = c.under(root, "root")
        lines = []
        for one in unused:
            if one.uses == 0 and one.fits(inner):
                lines += one.use(inner.inner(depth=1), one)
        prog.roots += 1
        roots.entry(c, [], roots.open_root(call, root, lines or ["pass"]))


def _main(prog, setup):
    """main() or a script: init first, then the entries."""
    c, module = prog.main, prog.modules[-1]
    lines = setup + prog.entries
    if c.chance(0.1):
        lines = lines + [f"{c.ref('flush')}(timeout=1)"]
    if prog.script:
        prog.used("main-script")
        module.tail = lines
        return
    module.add(suite("def main()", lines))
    module.tail = suite('if __name__ == "__main__"', ["main()"])


# init -------------------------------------------------------------------------------------------
def _options(c):
    """(name, expression) of the options beside the DSN."""
    options = []
    if c.prog.sampler:
        name = c.mod.fresh("traces_sampler", "pick_rate")
        body = suite('if sampling_context.get("priority") == "drop"', ["return 0.0"]) + ["return 1.0"]
        c.mod.add(suite(f"def {name}(sampling_context)", body))
        options.append(("traces_sampler", name))
        c.prog.used("init-sampler")
    else:
        options.append(("traces_sample_rate", c.pick(("1.0", "1", "float('1.0')", c.mod.constant("RATE", "1.0")))))
    if c.chance(0.4):
        options.append(("environment", c.text("test")))
    if c.chance(0.3):
        options.append(("release", c.text("boxes@1.2.3")))
    if c.chance(0.15):
        options.append(("max_breadcrumbs", "20"))
    if c.chance(0.15) and c.level >= 2:
        c.prog.used("init-experiments")
        options.append(("_experiments", '{"continuous_profiling_auto_start": False}'))
    if c.prog.no_threads:
        options.append(("default_integrations", "False"))
    return options


@shape("init-keywords", wild="3.4", seen="39 of 45 init calls", weight=39)
def init_keywords(c, options):
    pieces = [f"{k}={v}" for k, v in options]
    if c.chance(0.5):
        return [f"{c.ref('init')}({', '.join(pieces)})"]
    return [f"{c.ref('init')}("] + indent([p + "," for p in pieces]) + [")"]


@shape("init-options-dict", wild="3.4", seen="3 of 45, common in other public code", weight=8, level=2)
def init_dict(c, options):
    name = c.fresh("options", "sentry_options")
    lines = [f"{name} = {{"] + indent([f'"{k}": {v},' for k, v in options]) + ["}"]
    return lines + [f"{c.ref('init')}(**{name})"]


@shape("init-options-updated", wild="3.4", seen="options.update(...), conditional keys", weight=4, level=3)
def init_updated(c, options):
    name, (key, value) = c.fresh("options", "sentry_options"), options[0]
    lines = [f'{name} = dict({", ".join(f"{k}={v}" for k, v in options[1:])})']
    more = c.pick((f'{name}["{key}"] = {value}', f'{name}.update({{"{key}": {value}}})', f'{name} |= {{"{key}": {value}}}'))
    return lines + [more, f"{c.ref('init')}(**{name})"]


@shape("init-conditional", wild="3.4", seen="18 of 45 inside an if", weight=8, level=2)
def init_conditional(c, options):
    c.mod.constant("SENTRY_ON", "True")
    return suite("if SENTRY_ON", init_keywords.build(c, options))


INITS = (init_keywords, init_dict, init_updated, init_conditional)


def _setup(c):
    """Writes init: in main, or in a function of its own (35 of 45), maybe in another module."""
    p = c.prog
    own = c.chance(0.6)
    candidates = [m for m in p.modules if m.name != "models" and not m.name.endswith("_tools")]
    module = c.pick(candidates) if own else p.modules[-1]
    at = Ctx(p, module, module.frame())
    lines = at.choose(INITS)(at, _options(at))
    if not own:
        return lines
    p.used("init-function")
    name = module.fresh("setup_sentry", "configure_sentry")
    module.add(suite(f"def {name}()", lines))
    return [f"{Ctx(p, p.modules[-1], Frame()).project(module, name)}()"]


# Files ------------------------------------------------------------------------------------------
DATA = {
    "State": (["from enum import Enum"], "class State(Enum):\n    OPEN = \"open\"\n    CLOSED = \"closed\""),
    "Size": (["from enum import Enum"], "class Size(str, Enum):\n    SMALL = \"small\"\n    LARGE = \"large\""),
    "Job": (
        ["from dataclasses import dataclass"],
        "@dataclass\nclass Job:\n    id: int\n    kind: str\n    size: float = 2.5\n    retries: int = 0\n    urgent: bool = False",
    ),
}


def _files(prog):
    """{slash path: bytes} of the finished program."""
    for name in reversed(prog.data_used):
        needs, text = DATA[name]
        prog.data_module.chunks.insert(0, text.split("\n"))
        for line in needs:
            prog.data_module.need(line)
    files = {}
    for module in prog.modules:
        if module.package:
            files[f"{module.package}/__init__.py"] = b""
        files[module.path] = _bytes(prog, _text(prog, module))
    if prog.model:
        files[MODEL + ".py"] = model.SOURCE.encode()
    return files


def _bytes(prog, text):
    """The text in the program's own file format (wild-code.md 2.8: CRLF in 5 files, no BOM seen)."""
    if prog.file_format == "tabs":
        text = re.sub(r"(?m)^(    )+", lambda m: "\t" * (len(m.group()) // 4), text)
    if prog.file_format == "crlf":
        text = text.replace("\n", "\r\n")
    if prog.file_format == "no-last-newline":
        text = text.rstrip("\n")
    return ("\ufeff" if prog.file_format == "bom" else "").encode() + text.encode()


def _text(prog, module):
    types, std = module.types.std(), module.std
    first = [line for line in types if "__future__" in line]
    plain_imports = sorted((line for line in std + types if line not in first), key=lambda s: (s.startswith("from"), s))
    sections = [first, plain_imports, module.sdk.lines() + module.types.lines(), module.project_imports(), module.constants]
    chunks = ["\n".join(s) for s in sections if s]
    head = "\n\n".join(chunks)
    parts = ([head] if head else []) + ["\n".join(chunk) for chunk in module.chunks + [module.tail] if chunk]
    text = "\n\n\n".join(parts) + "\n"
    return _header(prog) + text if module is prog.modules[-1] else text


def _header(prog):
    """What a driver has to know; README.md describes every line."""
    lines = [f"# legacy program: seed {prog.seed}, level {prog.level}", "# shapes: " + ",".join(sorted(prog.shapes))]
    lines.append(f"# roots: {'many' if prog.roots > 1 else 'one'}")
    untouched = [m.path for m in prog.modules if m.name == "models" or m.name.endswith("_tools")]
    if untouched:
        lines.append("# untouched: " + " ".join(untouched))
    if prog.nameless:
        lines.append(f"# nameless: {prog.nameless}")
    lines += [f"# changes: {key} -> {json.dumps(after, sort_keys=True)}" for key, after in prog.changes.items()]
    return "\n".join(lines) + "\n\n"
