"""A worker of the oracle: runs Python programs on the sentry-sdk of its own virtual environment.

    .venvs/2.67.0/bin/python testdata/oracle/harness.py

It reads one JSON job a line on stdin and writes one JSON result a line on stdout, in the order of the jobs,
until stdin ends. README.md describes both. Every job runs in a process forked from this one, in which the SDK
is imported but untouched: jobs share nothing, and one that crashes or hangs takes only itself along.
"""

import gc
import json
import os
import select
import signal
import sys
import time

TIMEOUT = 10.0  # seconds a program gets when its job does not say


def main():
    if sys.flags.hash_randomization:
        restart_clean()
    import sentry_sdk.consts

    warm_up()
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(json.loads(line), sentry_sdk.consts.VERSION)), flush=True)


def restart_clean():
    """Starts over with a known environment: no SENTRY_ variables but ours, and the same hash seed every time."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SENTRY_", "PYTHON"))}
    kept.update(
        PYTHONHASHSEED="0",
        PYTHONIOENCODING="utf-8",
        PYTHONDONTWRITEBYTECODE="1",
        TZ="ORACLE5",
        SENTRY_DSN="http://oracle@localhost:9/1",
        SENTRY_RELEASE="oracle@1",
    )
    os.execve(sys.executable, [sys.executable] + sys.argv, kept)


def warm_up():
    """Imports what every job would import, so that jobs start from it. No client and no scope is made."""
    import sentry_sdk.integrations as integrations
    import sentry_sdk.traces
    from sentry_sdk.utils import _get_installed_modules

    import compare  # noqa: F401
    import inside  # noqa: F401

    found = {auto: list(integrations.iter_default_integrations(auto)) for auto in (True, False)}
    integrations.iter_default_integrations = lambda with_auto: iter(found[bool(with_auto)])
    _get_installed_modules()
    gc.collect()
    gc.freeze()


def answer(job, version):
    """The result of one job: of a comparison, or of a run in a child process."""
    started = time.monotonic()
    if "compare" in job:
        import compare

        result = compare.verdict(job["compare"])
    elif job.get("mode") == "static" and version.startswith("3."):
        result = {"failure": "sentry-sdk %s has no static mode" % version}
    else:
        result = in_child(dict({"main": "main.py"}, **job))
    return dict(
        {"id": job.get("id"), "sdk": version, "mode": job.get("mode")},
        seconds=round(time.monotonic() - started, 4),
        **result,
    )


def in_child(job):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.setsid()
        child(job, writer)
    os.close(writer)
    timeout = job.get("timeout", TIMEOUT)
    text, late = read_line(reader, time.monotonic() + timeout)
    os.close(reader)
    whole = text.endswith(b"\n")
    status = reap(pid, patience=0 if whole or late else 1.0)
    if whole:
        return json.loads(text)
    if late:
        return {"failure": "no end within %g s" % timeout}
    if os.WIFSIGNALED(status):
        return {"failure": "died by signal %d" % os.WTERMSIG(status)}
    return {"failure": "left without its results, exit status %d" % os.WEXITSTATUS(status)}


def child(job, writer):
    """Never returns. A process the program forks gets here too and has nothing to say."""
    import inside

    pid = os.getpid()
    sys.stdin = open(os.devnull)  # the old one may hold jobs already read
    result = inside.guarded(job)
    if os.getpid() == pid:
        rest = json.dumps(result, allow_nan=False).encode() + b"\n"
        while rest:
            rest = rest[os.write(writer, rest) :]
    os._exit(0)


def read_line(reader, deadline):
    """Reads up to the end of the line, or of the pipe; returns the bytes and whether the deadline cut it short."""
    text = b""
    while not text.endswith(b"\n"):
        ready, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return text, True
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            break
        text += chunk
    return text, False


def reap(pid, patience):
    """Waits `patience` seconds for a process, then kills it and all it started; returns its status."""
    deadline = time.monotonic() + patience
    done, status = os.waitpid(pid, os.WNOHANG)
    while not done and time.monotonic() < deadline:
        time.sleep(0.005)
        done, status = os.waitpid(pid, os.WNOHANG)
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nothing of that group is left
    return status if done else os.waitpid(pid, 0)[1]


if __name__ == "__main__":
    main()
