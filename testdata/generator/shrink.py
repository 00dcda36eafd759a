"""Makes a failing program small: shrink.py --seed N --out DIR -- COMMAND... {}

    --seed N, --level N   the program to start from, or --dir DIR: one that lies on disk
    --out DIR             where the smallest failing program is written
    COMMAND               exit status 0 means "still fails"; {} is the folder of the candidate

Whole files, functions and statements are taken out, blocks lose the statement around them, calls, imports and
`with` lose items, as long as every file still compiles and the command still exits with 0. What is left is the
start of a fixture.
"""

import argparse
import ast
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check  # noqa: E402
import generate  # noqa: E402

WRAPPERS = (ast.With, ast.AsyncWith, ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try)


def main():
    args = arguments()
    files = load(args.dir) if args.dir else generate.build(args.seed, args.level)
    fails = predicate(args.command)
    if not fails(files):
        print("shrink: the program does not fail as it is", file=sys.stderr)
        return 1
    small = shrink(files, fails)
    check.write(small, args.out)
    print(f"{size(files)} -> {size(small)} lines in {len(small)} files: {args.out}")
    return 0


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--seed", type=int)
    source.add_argument("--dir")
    parser.add_argument("--level", type=int)
    parser.add_argument("--out", required=True)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def load(folder):
    """The Python files below a folder: {slash path: bytes}."""
    files = {}
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, folder).replace(os.sep, "/")] = file.read()
    return files


def predicate(command):
    """A function that tells whether a program still fails."""

    def fails(files):
        with tempfile.TemporaryDirectory() as folder:
            check.write(files, folder)
            filled = [part.replace("{}", folder) for part in command]
            done = subprocess.run(filled, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            return done.returncode == 0

    return fails


def size(files):
    return sum(content.count(b"\n") for content in files.values())


def shrink(files, fails):
    """The smallest program found by taking away one thing at a time, largest first, until nothing can go."""
    changed = True
    while changed:
        changed = False
        for path in sorted(files, key=lambda p: -len(files[p])):
            smaller = without_file(files, path, fails)
            if smaller is None:
                smaller = within_file(files, path, fails)
            if smaller is not None:
                files, changed = smaller, True
                break
    return files


def without_file(files, path, fails):
    if path == "main.py":
        return None
    rest = {p: content for p, content in files.items() if p != path}
    return rest if fails(rest) else None


def within_file(files, path, fails):
    """The program after all cuts that this file allows, or None if it allows none."""
    content, success = files[path], False
    position = 0
    while True:
        candidates = cuts(content)
        if position >= len(candidates):
            break
        smaller = candidates[position]
        if compiles(smaller) and fails({**files, path: smaller}):
            content, success = smaller, True
        else:
            position += 1
    return {**files, path: content} if success else None


def compiles(content):
    try:
        compile(content, "candidate", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


# Cuts -------------------------------------------------------------------------------------------
def cuts(content):
    """The contents that lack one statement, one block's head, one item or blank lines, the largest cut first."""
    lines, tree = content.split(b"\n"), ast.parse(content)
    found = []
    for siblings, node in statements(tree):
        first, last = extent(node)
        if not alone(lines, node, first, last):
            continue
        margin = indentation(lines[first])
        filler = [margin + b"pass"] if len(siblings) == 1 and not isinstance(node, ast.Pass) else []
        if len(siblings) > 1 or filler:
            found.append((last - first + 1 - len(filler), lines[:first] + filler + lines[last + 1 :]))
        if isinstance(node, WRAPPERS):
            found.append(unwrapped(lines, node, first, last, margin))
    found.sort(key=lambda cut: -cut[0])
    whole = [b"\n".join(cut) for taken, cut in found if taken > 0 or cut != lines]
    return whole + item_cuts(content, lines, tree) + blank_cuts(lines)


def item_cuts(content, lines, tree):
    """The contents that lack one argument, one imported name or one item of a `with`."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found = []
    for node in ast.walk(tree):
        spans = sorted(
            (starts[n.lineno - 1] + n.col_offset, starts[n.end_lineno - 1] + n.end_col_offset) for n in items(node)
        )
        for i, (start, end) in enumerate(spans):
            if i + 1 < len(spans):
                end = spans[i + 1][0]
            elif i:
                start = spans[i - 1][1]
            found.append(content[:start] + content[end:])
    return found


def items(node):
    if isinstance(node, ast.Call):
        return node.args + node.keywords
    if isinstance(node, ast.ImportFrom):
        return node.names if len(node.names) > 1 else []
    if isinstance(node, ast.With) and len(node.items) > 1 and not any(i.optional_vars for i in node.items):
        return [i.context_expr for i in node.items]
    return []


def blank_cuts(lines):
    """The content without doubled blank lines."""
    kept = [line for n, line in enumerate(lines) if line.strip() or (n and lines[n - 1].strip())]
    return [b"\n".join(kept)] if kept != lines else []


def statements(tree):
    """(the list it stands in, statement) of every statement, outer ones first."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                for child in block:
                    yield block, child


def extent(node):
    """The first and last line of a statement, counted from 0, decorators included."""
    first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
    return first - 1, node.end_lineno - 1


def alone(lines, node, first, last):
    """Whether no other statement shares the lines."""
    before = lines[first].lstrip()[:1] == b"@" or not lines[first][: node.col_offset].strip().strip(b"\xef\xbb\xbf")
    after = lines[last][node.end_col_offset :].strip()
    return before and (not after or after.startswith(b"#"))


def indentation(line):
    return line[: len(line) - len(line.lstrip())]


def unwrapped(lines, node, first, last, margin):
    """The body of a compound statement in its place."""
    start, end = extent(node.body[0])[0], extent(node.body[-1])[1]
    deep = len(indentation(lines[start]))
    body = [margin + line[deep:] if line.strip() else line for line in lines[start : end + 1]]
    return last - first + 1 - len(body), lines[:first] + body + lines[last + 1 :]


if __name__ == "__main__":
    sys.exit(main())
