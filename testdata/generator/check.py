"""Runs generated programs through the oracle's workers (testdata/oracle/README.md).

For each seed: the legacy text must run and send spans in static mode, twice alike, and the model text
(grammar/model.py) must send the same in stream mode. The second half is what shows that a program has an
equivalent migration at all, so that a difference a driver finds is the product's.
"""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.path.join(HERE, "..", "oracle")
VENVS = os.environ.get("VENVS", os.path.join(HERE, "..", "..", ".venvs"))
NEWEST_STATIC = "2.75.0"  # runs the legacy text for releases without static mode
SLOW = 0.3  # seconds a program may take


class Worker:
    """One process of the oracle's harness on one release."""

    def __init__(self, sdk):
        self.sdk = sdk
        python = os.path.join(VENVS, sdk, "bin", "python")
        if not os.path.exists(python):
            raise SystemExit(f"check: no environment for {sdk}; run testdata/oracle/venvs.sh")
        command = [python, os.path.join(ORACLE, "harness.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, job):
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"check: the worker of {self.sdk} is gone")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def header(text):
    """The `# key: value` lines at the top of a main.py (bytes): {"changes": {key: after}, "shapes": ..., ...}."""
    found = {"changes": {}}
    for line in text.decode("utf-8-sig").splitlines():
        if not line.startswith("# ") or ": " not in line:
            break
        key, value = line[2:].split(": ", 1)
        if key == "changes":
            name, after = value.split(" -> ", 1)
            found["changes"][name] = json.loads(after)
        else:
            found[key] = value
    return found


def expected(static, changes):
    """The static result with each changed value replaced by what the migration is to send for it."""
    if isinstance(static, list):
        return [expected(part, changes) for part in static]
    if not isinstance(static, dict):
        return static
    out = {k: expected(v, changes) for k, v in static.items()}
    if isinstance(static.get("attributes"), dict):
        out["attributes"] = {}
        for key, value in static["attributes"].items():
            out["attributes"].update(changes.get(key, {key: value}))
        if "units" in out:
            out["units"] = {}  # a measurement's unit is lost; rules.md, step 11
    return out


def write(files, folder):
    """Writes {slash path: bytes} below a folder."""
    for path, content in files.items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as out:
            out.write(content)


def complaints(seed, legacy, model, worker, home=None):
    """What is wrong with one program on one release; [] is good. Both programs are {path: bytes}.

    `home` runs the legacy text where the release has no static mode (3.x)."""
    home = home or worker
    told = header(legacy["main.py"])
    with tempfile.TemporaryDirectory() as folder:
        write(legacy, os.path.join(folder, "legacy"))
        write(model, os.path.join(folder, "model"))
        old = {"id": seed, "dir": os.path.join(folder, "legacy"), "mode": "static"}
        first, second = home.ask(old), home.ask(old)
        seconds = fastest(home, old, first, second)
        stream = worker.ask({"id": seed, "dir": os.path.join(folder, "model"), "mode": "stream"})
    if "failure" in first:
        return [first["failure"]]
    found = [f"legacy ends with {first['exception']}: {first['stderr'][-300:]}"] if first["exception"] else []
    found += [f"thread: {e}" for e in first["thread_exceptions"]] + first["problems"]
    found += [f"takes {seconds:.2f} s"] if seconds > SLOW else []
    roots = sum(len(trace["roots"]) for trace in first["traces"]) + first["lost_roots"]
    if (told["roots"] == "one") != (roots == 1):
        found.append(f"the header says {told['roots']} root, {roots} ran")
    again = worker.ask({"compare": {"static": first, "stream": second}})
    found += [f"not the same twice: {d}" for d in again["unexpected"]]
    if "failure" in stream:
        return found + ["model: " + stream["failure"]]
    stream["legacy"] = {}
    verdict = worker.ask({"compare": {"static": expected(first, told["changes"]), "stream": stream}})
    found += ["model: " + stream["stderr"][-400:]] if stream["exception"] else []
    return found + ["model: " + d for d in verdict["unexpected"]]


def fastest(worker, job, *results):
    """The shortest run, tried again if all were slow: the machine may be busy."""
    seconds = min(r["seconds"] for r in results)
    for _ in range(5 if seconds > SLOW else 0):
        seconds = min(seconds, worker.ask(job)["seconds"])
    return seconds


def lasting(*program):
    """The complaints of a program that a second look repeats, and else the first one that it did not."""
    found = complaints(*program)
    again = complaints(*program) if found else []
    return again, "" if again else "".join(found[:1])


def main(build, seeds, level, sdks):
    """Checks seeds on releases; prints each complaint and a summary; returns how many seeds are bad."""
    bad, unsteady = 0, []
    workers = {sdk: Worker(sdk) for sdk in sdks}
    home = Worker(NEWEST_STATIC) if any(sdk.startswith("3.") for sdk in sdks) else None
    for seed in seeds:
        legacy, model = build(seed, level), build(seed, level, model_dialect=True)
        found = compiles(legacy)
        for sdk, worker in workers.items() if not found else ():
            lines, once = lasting(seed, legacy, model, worker, home if sdk.startswith("3.") else None)
            found += [f"{sdk}: {line}" for line in lines]
            unsteady += [f"{seed} on {sdk}: {once}"] if once else []
        for line in found:
            print(f"seed {seed}: {line}", flush=True)
        bad += bool(found)
    for worker in list(workers.values()) + [home] * bool(home):
        worker.close()
    print(f"{len(seeds)} programs on {', '.join(sdks)}: {len(seeds) - bad} good, {bad} bad")
    for line in unsteady:
        print(f"good on a second look: seed {line}")
    return bad


def compiles(files):
    found = []
    for path, text in files.items():
        try:
            compile(text, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            found.append(f"{path}: {error}")
    return found


if __name__ == "__main__":
    sys.exit("check.py is run by generate.py --check")
