"""Runs the oracle's own archives by hand and prints a table.

    python3 testdata/oracle/run.py                    teeth and programs, on every release of sdks.txt
    python3 testdata/oracle/run.py teeth [NAME...]    only the teeth whose file name contains NAME
    python3 testdata/oracle/run.py programs [NAME...] the programs in static mode, and their migrations by hand
    --sdk RELEASE   only this release (repeatable)    -v   print every difference and failure in full

Programs are run twice in static mode and must do the same both times; their migration by hand (migrated/) must
send the same but for the stated differences. The product's own migration of them is the business of the Go tests.
The environments must exist (venvs.sh). Exits 1 if anything failed.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import archive  # noqa: E402
import compare  # noqa: E402

VENVS = os.environ.get("VENVS", os.path.join(HERE, "..", "..", ".venvs"))


class Worker:
    """A harness process of one release; `ask` is safe to call from several threads."""

    def __init__(self, sdk):
        self.lock = threading.Lock()
        python = os.path.join(VENVS, sdk, "bin", "python")
        command = [python, os.path.join(HERE, "harness.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, job):
        with self.lock:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        if not line:
            raise SystemExit("run: the worker is gone; is the environment there? (testdata/oracle/venvs.sh)")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def pinned():
    """The releases of sdks.txt, oldest first."""
    with open(os.path.join(HERE, "sdks.txt")) as file:
        lines = [line.strip() for line in file]
    return [line for line in lines if line and not line.startswith(("#", "with "))]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", nargs="?", choices=("all", "teeth", "programs"), default="all")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sdk", action="append")
    parser.add_argument("-v", action="store_true", dest="verbose")
    args = parser.parse_args()
    sdks = args.sdk or pinned()
    workers = {sdk: Worker(sdk) for sdk in dict.fromkeys(sdks + [newest(pinned())])}
    failures = passed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for kind, check in (("teeth", bite), ("programs", program)):
            if args.what in ("all", kind):
                archives = archive.load(os.path.join(HERE, kind), args.names)
                good, bad = table(kind, archives, sdks, workers, check, scratch, args.verbose)
                passed, failures = passed + good, failures + bad
    for worker in workers.values():
        worker.close()
    print("\n%d passed, %d failed" % (passed, failures))
    return 1 if failures else 0


def newest(sdks):
    """The newest 2.x: where legacy programs run when the migrated one runs on 3.x."""
    return max((s for s in sdks if s.startswith("2.")), key=compare.release)


def table(kind, archives, sdks, workers, check, scratch, verbose):
    """Prints one line per archive; returns how many cells are good and bad."""
    cells = {}

    def column(sdk):
        for item in archives:
            directory = os.path.join(scratch, kind, item.name, sdk)
            cells[item.name, sdk] = check(item, sdk, workers, directory)

    threads = [threading.Thread(target=column, args=(sdk,)) for sdk in sdks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n%-44s %s" % (kind, " ".join("%-10s" % sdk for sdk in sdks)))
    good = bad = 0
    for item in archives:
        row = [cells.get((item.name, sdk), ("lost", ["the check broke"])) for sdk in sdks]
        print("%-44s %s" % (item.name, " ".join("%-10s" % word for word, _ in row)))
        for sdk, (word, complaints) in zip(sdks, row):
            good += word != "-" and not complaints
            bad += bool(complaints)
            for line in complaints if verbose else complaints[:6]:
                print("    %s: %s" % (sdk, line))
    return good, bad


def program(item, sdk, workers, directory):
    """Runs a program in static mode, twice, and its migration by hand, if there is one. The word of a good one is what it sends."""
    if not item.runs_on(sdk, compare.holds):
        return "-", []
    home = workers[newest(pinned()) if sdk.startswith("3.") else sdk]
    job = {"dir": item.write(os.path.join(directory, "legacy")), "mode": "static"}
    first, second = home.ask(job), home.ask(job)
    verdict = compare.verdict({"static": first, "stream": second, "sends": item.one("sends")})
    complaints = ["static, twice: " + d for d in verdict["unexpected"]]
    path = os.path.join(HERE, "migrated", item.name + ".txtar")
    if os.path.exists(path) and compare.release(sdk) >= compare.release("2.67.0"):
        by_hand = archive.Archive(path)
        stream = workers[sdk].ask({"dir": by_hand.write(os.path.join(directory, "migrated")), "mode": "stream"})
        verdict = compare.verdict(
            {
                "static": first,
                "stream": stream,
                "expected": item.keys["difference"],
                "floor": "2.67.0",
                "sends": item.one("sends"),
            }
        )
        complaints += ["by hand: " + d for d in verdict["unexpected"]]
        complaints += ["by hand, but stated: " + d for d in verdict["missing"]]
    return ("FAIL" if complaints else "%d spans" % count(first)), complaints


def count(result):
    units = itertools.chain.from_iterable(trace["roots"] for trace in result["traces"])
    return sum(compare.size(top) for unit in units for top in [unit["root"]] + unit["strays"] if top)


def bite(item, sdk, workers, directory):
    """The right migration must be accepted, the wrong one refused for the reason its header states."""
    floor = item.one("floors", "2.67.0")
    if not item.runs_on(sdk, compare.holds) or compare.release(sdk) < compare.release(floor):
        return "-", []
    run = {name: item.write(os.path.join(directory, name), name + "/") for name in ("legacy", "right", "wrong")}
    home = workers[newest(pinned()) if sdk.startswith("3.") else sdk]
    static = home.ask({"dir": run["legacy"], "mode": "static"})
    verdicts = {}
    for name in ("right", "wrong"):
        stream = workers[sdk].ask({"dir": run[name], "mode": "stream"})
        verdicts[name] = compare.verdict(
            {
                "static": static,
                "stream": stream,
                "expected": item.keys["difference"],
                "floor": floor,
                "sends": item.one("sends"),
            }
        )
    complaints = ["right: " + d for d in verdicts["right"]["unexpected"]]
    complaints += ["right, but stated: " + d for d in verdicts["right"]["missing"]]
    wrong = verdicts["wrong"]
    if wrong["equal"]:
        complaints.append("wrong: accepted")
    reasons = compare.stated(item.keys["caught"], sdk, floor)
    said = wrong["unexpected"] + ["no more " + d for d in wrong["missing"]]
    for reason in reasons:
        if not any(reason in line for line in said):
            complaints.append("wrong: not caught by %r but by %r" % (reason, said))
    if not reasons:
        complaints.append("its header lacks a `caught:` line for this release; it would be %r" % said)
    return "FAIL" if complaints else "bites", complaints


if __name__ == "__main__":
    sys.exit(main())
