"""How a module gets at the SDK's names: every import style of wild-code.md 2.5.

A module (or a function with imports of its own) has one `SdkNames`; `ref("start_span")` gives the
expression and remembers the import. In the model dialect all imports name the stand-in module of
model.py, which has the same names with streamed meaning.
"""

from .core import INDENT, indent

MODEL = "streamed_model"

# (style, weight, least level). 373 plain imports against 31 files with `from`; aliases are none in
# the counted files but occur in public code, so they get a small share.
STYLES = (
    ("import", 46, 1),
    ("from", 18, 1),
    ("mixed", 14, 1),
    ("alias", 6, 2),
    ("from-as", 4, 3),
    ("api", 5, 2),
    ("api-module", 2, 4),
    ("try", 5, 3),
    ("fallback", 3, 4),
    ("star", 1, 5),
)
LOCAL_STYLES = (("import", 60, 1), ("from", 30, 1), ("alias", 10, 2))
FROM_WHEN_MIXED = ("start_span", "start_transaction", "trace", "continue_trace")
RENAMED = {
    "start_span": "sentry_span",
    "start_transaction": "sentry_transaction",
    "get_current_span": "current_sentry_span",
    "trace": "sentry_trace",
    "continue_trace": "sentry_continue",
}
REEXPORTED = ("start_span", "start_transaction", "get_current_span", "continue_trace", "trace", "capture_exception")
ONLY_TOP = ("Hub", "Scope", "start_child", "make_pending", "http_status", "finish_with", "Attributes")


class SdkNames:
    """The SDK's names as one module or function imports them."""

    def __init__(self, c, styles=STYLES, via=None):
        fit = [(s, w) for s, w, least in styles if least <= c.level]
        self.style = c.weighted(fit)
        self.trace_module = c.chance(0.15) and c.level >= 2
        self.wraps = c.chance(0.3)
        self.prog = c.prog
        self.mod = c.mod
        self.via = via  # the project module whose re-exports are used
        self.names = []  # (source module, name, alias) in order of need
        self.plain = False  # whether `import sentry_sdk` (or its alias) is needed

    def ref(self, name):
        """The expression for a top-level name of the SDK."""
        if self.via and name in REEXPORTED:
            self.prog.used("reexport")
            self.via.export(name)
            return self.mod.ref_project(self.via, name)
        if name == "trace" and self.trace_module and self.style in ("from", "mixed"):
            return self._from("sentry_sdk.tracing", name)
        if self.style in ("from", "star") or (self.style == "mixed" and name in FROM_WHEN_MIXED):
            return self._from("sentry_sdk", name)
        if self.style == "fallback" and name == "start_span":
            return self._from("fallback", name)
        if self.style == "from-as" and name in RENAMED:
            return self._from("sentry_sdk", name, RENAMED[name])
        if self.style == "api" and name not in ONLY_TOP:
            return self._from("sentry_sdk.api", name)
        self.plain = True
        if self.style == "alias":
            return f"sentry.{name}"
        if self.style == "api-module" and name not in ONLY_TOP:
            return f"sentry_sdk.api.{name}"
        return f"sentry_sdk.{name}"

    def ref_plain(self, name):
        """The name through `import sentry_sdk`, whatever the style."""
        self.plain = True
        return f"{'sentry' if self.style == 'alias' else 'sentry_sdk'}.{name}"

    def const(self, name):
        """A name of sentry_sdk.consts, whatever the style."""
        return self._from("sentry_sdk.consts", name)

    def tracing(self, name):
        """A name of sentry_sdk.tracing, whatever the style."""
        return self._from("sentry_sdk.tracing", name)

    def _from(self, source, name, alias=None):
        if source in ("sentry_sdk", "sentry_sdk.api") and not alias and self.mod.assigns and name in self.mod.exports:
            return name  # bound by assignment already
        if (source, name, alias) not in self.names:
            self.names.append((source, name, alias))
        return alias or name

    def lines(self):
        """The import statements."""
        lines = self._plain_lines()
        if ("fallback", "start_span", None) in self.names:
            lines += self._fallback_lines()
        for source in ("sentry_sdk", "sentry_sdk.api", "sentry_sdk.consts", "sentry_sdk.tracing"):
            names = [(n, a) for s, n, a in self.names if s == source]
            if not names:
                continue
            if self.style == "star" and source == "sentry_sdk":
                lines.append(f"from {self._module(source)} import *  # noqa: F403")
            else:
                lines += self._from_lines(source, names)
        return lines

    def _plain_lines(self):
        if not self.plain:
            return []
        if self.style == "alias":
            return [f"import {self._module('sentry_sdk')} as sentry"]
        line = "import sentry_sdk.api" if self.style == "api-module" else "import sentry_sdk"
        if self.prog.model:
            line = f"import {MODEL} as sentry_sdk"
        if self.style == "try":
            return ["try:", INDENT + line, "except ImportError:  # pragma: no cover", INDENT + "sentry_sdk = None"]
        return [line]

    def _fallback_lines(self):
        """wild-code.md 2.4 I: an optional import with a stand-in of the same name."""
        self.prog.used("import-fallback")
        lines = ["try:", f"    from {self._module('sentry_sdk')} import start_span", "except ImportError:", "    import contextlib", ""]
        return lines + indent(["@contextlib.contextmanager", "def start_span(**kwargs):", "    yield None"])

    def _from_lines(self, source, names):
        spelt = [f"{n} as {a}" if a else n for n, a in sorted(names, key=str)]
        head = f"from {self._module(source)} import "
        if len(spelt) > 2 and self.wraps:
            return [head + "("] + indent([s + "," for s in spelt]) + [")"]
        return [head + ", ".join(spelt)]

    def _module(self, source):
        if not self.prog.model or source == "sentry_sdk.consts":
            return source
        return MODEL


class SpanTypes:
    """How a module spells the span classes in annotations and isinstance."""

    FORMS = (("direct", 40, 1), ("checking", 30, 2), ("module", 10, 3), ("renamed", 10, 3), ("tracing-as", 10, 4))

    def __init__(self, c):
        self.prog = c.prog
        self.form = c.weighted([(f, w) for f, w, least in self.FORMS if least <= c.level])
        self.future = c.chance(0.4)
        self.names = []

    def ref(self, name):
        """The expression for Span, Transaction or NoOpSpan (at run time: not under `checking`)."""
        if name not in self.names:
            self.names.append(name)
        if self.form == "module":
            return f"sentry_sdk.tracing.{name}"
        if self.form == "tracing-as":
            return f"sentry_tracing.{name}"
        return f"Sentry{name}" if self.form == "renamed" else name

    @property
    def at_run_time(self):
        return self.form != "checking"

    def annotation(self, text):
        """An annotation that may name span types: quoted where the import is for checkers only."""
        return text if self.form != "checking" or self.future else f'"{text}"'

    def lines(self):
        if not self.names:
            return []
        source = MODEL if self.prog.model else "sentry_sdk.tracing"
        if self.form == "module":
            return [f"import {MODEL} as sentry_sdk" if self.prog.model else "import sentry_sdk.tracing"]
        if self.form == "tracing-as":
            return [f"import {MODEL} as sentry_tracing" if self.prog.model else "from sentry_sdk import tracing as sentry_tracing"]
        alias = " as Sentry{}" if self.form == "renamed" else ""
        line = f"from {source} import " + ", ".join(n + alias.format(n) for n in sorted(self.names))
        if self.form == "checking":
            return ["if TYPE_CHECKING:", INDENT + line]
        return [line]

    def std(self):
        """Standard library imports the form needs."""
        lines = ["from __future__ import annotations"] if self.form == "checking" and self.future and self.names else []
        return lines + (["from typing import TYPE_CHECKING"] if self.form == "checking" and self.names else [])
