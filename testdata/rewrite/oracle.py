"""Say how CPython reads Python files.

Reads paths from standard input, one a line, and writes one JSON object a line:
where statements start, which bytes are calls and attributes, and which names
each scope binds. Offsets are bytes into the file's text as UTF-8.
"""

import ast
import json
import sys
import symtable
import tokenize
import warnings


def offsets(text):
    """Return the offset of each line's first byte."""
    data = text.encode()
    starts = [0]
    for i, c in enumerate(data):
        if c == 0x0A or c == 0x0D and data[i + 1 : i + 2] != b"\n":
            starts.append(i + 1)
    return starts


class Reader(ast.NodeVisitor):
    """Collects statements, calls and attributes outside f-strings and patterns."""

    def __init__(self, text, skipped):
        self.lines = offsets(text)
        self.data = text.encode()
        self.skipped = skipped  # bytes of a byte order mark
        self.statements, self.calls, self.attributes = [], [], []

    def at(self, line, column):
        return self.lines[line - 1] + column + self.skipped

    def span(self, node):
        return [self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)]

    def visit(self, node):
        if isinstance(node, ast.JoinedStr):
            return  # positions inside are wrong before Python 3.12
        if isinstance(node, getattr(ast, "pattern", ())):
            return  # what looks like an attribute or a call there is none for us
        if isinstance(node, ast.stmt):
            start = self.span(node)[0]
            if not (isinstance(node, ast.If) and self.data[start - self.skipped :].startswith(b"elif")):
                self.statements.append(start)
        elif isinstance(node, ast.Call):
            self.calls.append(self.span(node))
        elif isinstance(node, ast.Attribute):
            self.attributes.append(self.span(node))
        self.generic_visit(node)


def scopes(table, class_name, deleted, out):
    """List [line, kind, name, bound names] for a symbol table and those below it."""
    kind = str(getattr(table.get_type(), "value", table.get_type()))
    if kind == "class":
        class_name = table.get_name()
    mangled = "_" + class_name.lstrip("_")
    names, raised = set(), set()
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if name.startswith(mangled + "__") and not name.endswith("__"):
            name = name[len(mangled) :]
        if name.startswith(".") or name in deleted:
            continue
        bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_parameter() or symbol.is_annotated()
        if symbol.is_declared_global():
            if bound:
                raised.add(name)
        elif bound and not symbol.is_nonlocal():
            names.add(name)
    here = [table.get_lineno(), kind, table.get_name(), names]
    if kind in ("module", "class", "function"):
        out.append(here)  # from Python 3.12 on there are scopes of type parameters too
    for child in table.get_children():
        raised |= scopes(child, class_name, deleted, out)
    if kind == "module":
        names |= raised
    here[3] = sorted(names)
    return raised


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    with open(path, "rb") as f:
        encoding, _ = tokenize.detect_encoding(f.readline)
    skipped = 3 if encoding == "utf-8-sig" else 0
    text = data.decode(encoding)
    tree = ast.parse(data)
    reader = Reader(text, skipped)
    reader.visit(tree)
    deleted = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)}
    tables = []
    scopes(symtable.symtable(data, path, "exec"), "", deleted, tables)
    return {
        "statements": sorted(reader.statements),
        "calls": sorted(reader.calls),
        "attributes": sorted(reader.attributes),
        "inlined": sys.version_info >= (3, 12),
        "deleted": sorted(deleted),
        "scopes": [{"line": s[0], "kind": s[1], "name": s[2], "names": s[3]} for s in tables],
    }


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            out = read(path)
        except (SyntaxError, ValueError) as err:
            out = {"invalid": str(err)}
        out["path"] = path
        print(json.dumps(out))


main()
