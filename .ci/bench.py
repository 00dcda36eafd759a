"""Speed of spanwalk on a large tree, as ratios to public tools in one interleaved run.

    make bench                    builds the tree once, below .bench
    BENCH_REPO=DIR make bench     uses another Git repository (its tree must be clean)

The tree is made of pinned archives from PyPI, unpacked and never installed. Every
round runs each command once, in rotated order; a ratio compares the fastest runs.
"first" is a run with an empty cache, "again" one that is answered from it.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

ARCHIVES = [  # requirement, sha256, pip's further arguments
    ("sentry-sdk==2.40.0", "b9c4672fb2cafabcc28586ab8fd0ceeff9b2352afcf2b936e13d5ba06d141b9f", "--no-binary=:all:"),
    ("django==6.1.3", "b5d2d9e35295065d13b1927b3f19a59bd119f737aa6299def14ccca1ae3c8c0d", "--no-binary=:all: --python-version 3.12 --ignore-requires-python"),
    ("sympy==1.14.0", "e091cc3e99d2141a0ba2847328f5479b05d94a6635cb96148ccb3f34671bd8f5", "--only-binary=:all:"),
    ("wagtail==8.0.1", "1e6ad5c7891a54efce1400e168298b5a2cc343b642cee89c31bf5ec30c98b26c", "--only-binary=:all: --python-version 3.14"),
    ("indico==3.3.14", "d98e030e0f21d22b9d9423d7cb3f9fca472ac5c2c4f3d8c5d7026ed3ed6c9811", "--only-binary=:all: --python-version 3.12.7"),
]
COPIES = 3  # of the whole, so that reading outweighs starting
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
NAMES = ["sentry_sdk", "start_span", "start_transaction", "start_child", "set_data", "set_tag",
         "get_current_span", "containing_transaction", "continue_trace", "traces_sampler"]
OURS = ["preview", "status"]
GREPS = [  # the guide's, as it gives them
    r"sentry_sdk\.init\|sentry_sdk\.init(",
    r"start_span\|start_transaction\|start_child",
    r"@trace\|from sentry_sdk import trace\|from sentry_sdk.tracing import trace",
    r"continue_trace",
    r"before_send_transaction",
    r"from sentry_sdk.tracing import\|from sentry_sdk import.*Span\|from sentry_sdk import.*Transaction",
    r"set_data\|set_tag\|set_context",
    r"scope\.span\|scope\.transaction\|containing_transaction",
    r"get_trace_context",
]


def fetch(target):
    """Unpack every archive below target."""
    with tempfile.TemporaryDirectory() as cache:
        for requirement, sha256, extra in ARCHIVES:
            pinned = Path(cache, "requirement.txt")
            pinned.write_text(f"{requirement} --hash=sha256:{sha256}\n")
            into = Path(cache, requirement)
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--require-hashes",
                 "-d", into, "-r", pinned, *extra.split()],
                check=True)
            (archive,) = into.iterdir()
            opened = zipfile.ZipFile(archive) if archive.suffix == ".whl" else tarfile.open(archive)
            with opened:
                for copy in range(COPIES):
                    opened.extractall(Path(target, f"copy{copy}", requirement.split("=")[0]))


def corpus():
    """Return the repository to measure in, building it first if need be."""
    if given := os.environ.get("BENCH_REPO"):
        return Path(given)
    repo = Path(".bench/repo").absolute()
    if not Path(repo, ".git/built").exists():
        shutil.rmtree(repo, ignore_errors=True)
        repo.mkdir(parents=True)
        print("building the tree (once): a minute or two", file=sys.stderr)
        fetch(repo)
        for args in (["init", "-q"], ["add", "-f", "."],
                     ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "tree"]):
            subprocess.run(["git", *args], cwd=repo, check=True)
        Path(repo, ".git/built").touch()
    return repo


def commands(binary, kept):
    """Name -> argument list or shell text, only for tools that are installed.

    Ours keep what they found in a folder below kept that is called as they are.
    """
    found = {
        **{name: ["env", f"SPANWALK_CACHE={Path(kept, name)}", binary, name.split()[0]]
           for command in OURS for name in (f"{command} first", f"{command} again")},
        "greps": "; ".join(f'grep -rn "{g}" --include="*.py" -l . | head -20' for g in GREPS),
        "cat": "git ls-files -z '*.py' | xargs -0 cat",
    }
    if shutil.which("rg"):
        found["rg"] = ["rg", "-l", "--type", "py", *(word for n in NAMES for word in ("-e", n))]
    return found


def forget(name, kept):
    """Empty the cache of a first run."""
    if name.endswith(" first"):
        shutil.rmtree(Path(kept, name), ignore_errors=True)


def run(command, repo):
    """Run once; return the seconds it took."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=repo, shell=isinstance(command, str), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.perf_counter() - begin
    if done.returncode not in (0, 1, 3, 4):
        sys.exit(f"{command}: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
    return seconds


def peak(command, repo):
    """Peak memory of one run in MB, measured in a process of its own."""
    pid = os.fork()
    if pid == 0:
        os.chdir(repo)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execvp(command[0], command)
    usage = os.wait4(pid, 0)[2]
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main():
    binary = str(Path(sys.argv[1]).absolute())
    repo = corpus()
    if subprocess.run(["git", "status", "--porcelain"], cwd=repo, capture_output=True, check=True).stdout:
        sys.exit(f"{repo}: the work tree is not clean")
    files = subprocess.run(["git", "ls-files", "*.py"], cwd=repo, capture_output=True, check=True).stdout.count(b"\n")
    kept = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, kept)
    todo = commands(binary, kept)
    best = {}
    order = list(todo)
    for command in todo.values():
        run(command, repo)  # warm up
    for round_ in range(ROUNDS):
        for name in order[round_ % len(order):] + order[:round_ % len(order)]:
            forget(name, kept)
            best[name] = min(best.get(name, 1e9), run(todo[name], repo))
    print(f"{files} Python files in {repo}, best of {ROUNDS}")
    for name in order:
        line = f"{name:13} {best[name]:7.3f} s"
        ours = name.split()[0] in OURS
        for anchor in ("rg", "greps", "cat"):
            if anchor in best and ours:
                line += f"   {best[name] / best[anchor]:6.2f} x {anchor}"
        if ours:
            forget(name, kept)
            line += f"   {peak(todo[name], repo):5.0f} MB"
        print(line)
    if "rg" not in best:
        print("rg is not installed: no ratio to it")


main()
