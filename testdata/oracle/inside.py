"""Runs one program, in the child process made for it (see harness.py), and tells what it did."""

import atexit
import os
import sys
import tempfile
import threading
import time
import traceback
import types

import canonical
import watch as watching

# Modules of the oracle: a program may have modules of the same names.
OWN_MODULES = ("canonical", "compare", "harness", "inside", "watch")
OUTPUT_LIMIT = 1 << 20  # bytes of stdout and stderr that are looked at


def run(job):
    """Runs `job` ({"dir", "main", "mode"}) and returns its result without the id. Call it once per process."""
    watch = watching.Watch()
    prepare(job, watch)
    stdout, stderr = redirect(1), redirect(2)
    clock = {"started": time.time_ns() // 1000}
    failure = execute(job)
    exception = finish(failure, watch)
    clock["ended"] = time.time_ns() // 1000
    flush_output()

    result, labels = canonical.canonical(watch, clock)
    directory = os.path.realpath(job["dir"])

    def mask(text):
        return canonical.masked(text, labels, directory)

    for event in result["events"]:
        event["message"] = mask(event["message"])
    result.update(
        stdout=mask(read(stdout)),
        stderr=mask(read(stderr))[-4000:],
        exception=exception and {"type": exception["type"], "text": mask(exception["text"])},
        thread_exceptions=[{"type": t, "text": mask(text)} for t, text in watch.thread_errors],
        legacy={name: [mask(p) for p in dict.fromkeys(places)] for name, places in sorted(watch.legacy.items())},
        problems=problems(job, watch),
    )
    return result


def prepare(job, watch):
    """Makes the process look like a fresh `python main.py` in the job's folder, and puts the watch in place."""
    directory = os.path.realpath(job["dir"])
    os.chdir(directory)
    path = os.path.join(directory, job["main"])
    sys.argv = [job["main"]]
    sys.path[0] = os.path.dirname(path)
    sys.dont_write_bytecode = True
    for name in OWN_MODULES:
        sys.modules.pop(name, None)
    with open(os.devnull) as null:
        os.dup2(null.fileno(), 0)
    watching.install_ids(watch)
    clock = watching.Clock()
    watching.install_clock(clock)
    watching.install_prints(watch, clock)
    watching.install_transport(watch)
    watching.install_flush_lock()
    watching.install_network_guard(watch)
    watching.install_thread_errors(watch)
    if job["mode"] == "stream":
        watching.install_legacy_watch(watch)


def redirect(descriptor):
    """Sends a standard stream to a temporary file and returns that file."""
    file = tempfile.TemporaryFile()
    os.dup2(file.fileno(), descriptor)
    return file


def flush_output():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # the program replaced or closed it


def read(file):
    file.seek(0)
    return file.read(OUTPUT_LIMIT).decode("utf-8", "backslashreplace")


def execute(job):
    """Runs the main file as `__main__`; returns the exception info of what left it, or None."""
    path = os.path.join(sys.path[0], os.path.basename(job["main"]))
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    try:
        with open(path, "rb") as source:
            code = compile(source.read(), path, "exec", dont_inherit=True)
        exec(code, module.__dict__)
    except BaseException:
        return sys.exc_info()
    return None


def finish(failure, watch):
    """Ends the program as the interpreter would: hooks, threads, exit handlers. Then everything is sent."""
    exception = None
    if failure is not None:
        kind, value, trace = failure
        exception = {"type": watching.type_name(kind), "text": str(value)}
        if kind is not SystemExit:
            sys.excepthook(kind, value, trace.tb_next or trace)
    threading._shutdown()
    atexit._run_exitfuncs()
    for client in watch.clients:
        if client.transport is not None:
            client.flush(timeout=2)
    return exception


def problems(job, watch):
    """What makes the run void as a proof: no client, the wrong mode, the network."""
    found = []
    if not watch.clients:
        found.append("the program never calls sentry_sdk.init")
    for n, mode in enumerate(watch.modes, 1):
        if mode != job["mode"]:
            found.append("client %d is in %s mode, expected %s" % (n, mode, job["mode"]))
    for address in dict.fromkeys(watch.network):
        found.append("the program wanted to reach %s" % address)
    return found


def guarded(job):
    """`run`, with a failure of the oracle itself as a result of its own kind."""
    try:
        return run(job)
    except BaseException:
        return {"failure": "oracle: " + traceback.format_exc()}
