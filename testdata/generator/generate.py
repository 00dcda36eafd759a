"""Writes random legacy programs: `generate.py --seed 1 --out DIR` makes DIR/1/main.py and its modules.

    --seed N         repeatable; N or a range A-B
    --level N        1 (simple) to 5 (everything); without it the seed decides
    --model          write the model migration instead (grammar/model.py), into DIR/<seed>
    --check          run the programs through the oracle instead of writing them; --sdk RELEASE, repeatable
    --list-shapes    print every production with its counts over the seeds
README.md describes the programs' header and how a driver uses them.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check  # noqa: E402
from grammar import project  # noqa: E402

SDKS = ("2.62.0", "2.75.0")


def main():
    args = arguments()
    seeds = [n for text in args.seed for n in expand(text)]
    if args.list_shapes:
        return list_shapes(seeds, args.level)
    if args.check:
        return 1 if check.main(build, seeds, args.level, args.sdk or SDKS) else 0
    for seed in seeds:
        check.write(build(seed, args.level, args.model), os.path.join(args.out, str(seed)))
    return 0


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--seed", action="append", required=True)
    parser.add_argument("--out", default=".")
    parser.add_argument("--level", type=int, choices=range(1, 6))
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--sdk", action="append")
    parser.add_argument("--list-shapes", action="store_true")
    return parser.parse_args()


def expand(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def build(seed, level=None, model_dialect=False):
    """The files of one program: {slash path: bytes}."""
    return project.build(seed, level, model_dialect)[1]


def list_shapes(seeds, level):
    """Prints name, programs that hold it, uses, and where it comes from, over the seeds."""
    programs, uses = {}, {}
    for seed in seeds:
        for name, count in project.build(seed, level)[0].shapes.items():
            programs[name] = programs.get(name, 0) + 1
            uses[name] = uses.get(name, 0) + count
    known = {s.name: s for s in project.Grammar().shapes()}
    for name in list(known) + sorted(set(programs) - set(known)):
        shape = known.get(name)
        origin = f"wild {shape.wild}; level {shape.level}; {shape.seen}" if shape else "a variant"
        print(f"{name:28} {programs.get(name, 0):6} programs {uses.get(name, 0):7} uses   {origin}")
    missing = [name for name in known if name not in programs]
    print(f"{len(seeds)} programs, {len(programs)} shapes, {len(missing)} productions unused: {', '.join(missing) or '-'}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
