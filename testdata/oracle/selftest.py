"""Tests of the oracle itself: jobs are alone, nothing that differs goes unseen, trouble has words.

    python3 testdata/oracle/selftest.py [-v]

Needs the environments (venvs.sh).
"""

import copy
import os
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import archive  # noqa: E402
import compare  # noqa: E402
import run  # noqa: E402

ROOT = """
import sentry_sdk
sentry_sdk.init(traces_sample_rate=1.0)
with sentry_sdk.start_transaction(op="task", name="root") as root:
    root.set_data("value", {value})
"""


class WithWorker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.newest = run.newest(run.pinned())
        cls.worker = run.Worker(cls.newest)
        cls.scratch = tempfile.TemporaryDirectory()
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.worker.close()
        cls.scratch.cleanup()

    def ask(self, source, mode="static", worker=None, files=(), **job):
        type(self).count += 1
        directory = os.path.join(self.scratch.name, str(self.count))
        os.mkdir(directory)
        for name, text in dict(files, **{"main.py": source}).items():
            with open(os.path.join(directory, name), "w") as file:
                file.write(textwrap.dedent(text))
        return (worker or self.worker).ask(dict(job, dir=directory, mode=mode))


class Jobs(WithWorker):
    """A job finds nothing of the one before and leaves nothing to the next."""

    def test_state_of_the_sdk_is_fresh(self):
        self.ask(
            """
            import sentry_sdk
            sentry_sdk.init(traces_sample_rate=1.0)
            sentry_sdk.set_tag("left", "behind")
            sentry_sdk.get_global_scope().set_tag("left", "globally")
            sentry_sdk.start_span = None
            sentry_sdk.start_transaction(name="never left").__enter__()
            """
        )
        result = self.ask(ROOT.format(value=1) + 'sentry_sdk.capture_message("m")\n')
        self.assertEqual(result["traces"][0]["roots"][0]["root"]["attributes"], {"value": 1})
        self.assertEqual(result["events"][0]["tags"], {})
        self.assertEqual(result["traces"][0]["roots"][0]["root"]["parent"], None)

    def test_modules_environment_and_directory_are_fresh(self):
        self.ask("import os, helper\nos.environ['LEFT'] = '1'\nos.chdir('/')\n", files={"helper.py": "X = 1"})
        result = self.ask(
            """
            import os, sys
            print("helper" in sys.modules, "LEFT" in os.environ, os.getcwd() == os.path.dirname(os.path.abspath(__file__)))
            import helper
            print(helper.X, "canonical" in sys.modules, "watch" in sys.modules, sys.argv)
            """,
            files={"helper.py": "X = 2"},
        )
        self.assertEqual(result["stdout"], "False False True\n2 False False ['main.py']\n")

    def test_a_program_may_have_modules_named_like_the_oracles(self):
        result = self.ask(
            "import watch, compare, canonical\nprint(watch.X, compare.X, canonical.X)",
            files={"watch.py": "X = 1", "compare.py": "X = 2", "canonical.py": "X = 3"},
        )
        self.assertEqual(result["stdout"], "1 2 3\n")

    def test_jobs_cannot_read_each_other_on_stdin(self):
        self.assertEqual(self.ask("import sys\nprint(repr(sys.stdin.read()))")["stdout"], "''\n")

    def test_a_crash_costs_one_job(self):
        self.assertEqual(self.ask("import os\nos.abort()")["failure"], "died by signal 6")
        self.assertEqual(self.ask("import os\nos._exit(0)")["failure"], "left without its results, exit status 0")
        self.assertEqual(self.ask("while True: pass", timeout=0.2)["failure"], "no end within 0.2 s")
        self.assertEqual(self.ask("print('alive')")["stdout"], "alive\n")

    def test_a_forked_child_of_the_program_reports_nothing(self):
        result = self.ask(
            """
            import os, sentry_sdk
            sentry_sdk.init(traces_sample_rate=1.0)
            pid = os.fork()
            with sentry_sdk.start_transaction(name="child" if pid == 0 else "parent"):
                pass
            if pid:
                os.waitpid(pid, 0)
            """
        )
        self.assertEqual([t["roots"][0]["root"]["name"] for t in result["traces"]], ["parent"])

    def test_the_network_is_shut(self):
        result = self.ask(
            """
            import socket
            try:
                socket.create_connection(("127.0.0.1", 9))
            except OSError as error:
                print("refused")
            """
        )
        self.assertEqual(result["stdout"], "refused\n")
        self.assertIn("the program wanted to reach 127.0.0.1", result["problems"])

    def test_threads_and_exit_handlers_are_waited_for(self):
        result = self.ask(
            """
            import atexit, threading, time, sentry_sdk
            sentry_sdk.init(traces_sample_rate=1.0)
            def late():
                time.sleep(0.05)
                with sentry_sdk.start_transaction(name="in a thread"):
                    pass
            def last():
                with sentry_sdk.start_transaction(name="at exit"):
                    pass
            atexit.register(last)
            threading.Thread(target=late).start()
            """
        )
        self.assertEqual([t["roots"][0]["root"]["name"] for t in result["traces"]], ["in a thread", "at exit"])

    def test_uncaught_errors_are_reported_as_by_the_interpreter(self):
        result = self.ask("import sentry_sdk\nsentry_sdk.init()\nraise LookupError('gone')")
        self.assertEqual(result["exception"], {"type": "LookupError", "text": "gone"})
        self.assertEqual(result["events"][0]["exceptions"], [{"type": "LookupError", "value": "gone", "module": None}])
        self.assertEqual(result["events"][0]["mechanisms"], [{"type": "excepthook", "handled": False}])

    def test_the_mode_is_checked(self):
        self.assertEqual(self.ask(ROOT.format(value=1), "stream")["problems"], ["client 1 is in static mode, expected stream"])
        self.assertEqual(self.ask("pass")["problems"], ["the program never calls sentry_sdk.init"])
        result = self.ask("import sentry_sdk\nsentry_sdk.init(trace_lifecycle='stream')\nsentry_sdk.init()\n", "stream")
        self.assertEqual(result["problems"], ["client 2 is in static mode, expected stream"])

    def test_every_spelling_of_the_legacy_api_is_noticed(self):
        result = self.ask(
            """
            import sentry_sdk, functools
            from sentry_sdk import Hub, start_span as begin
            from sentry_sdk.tracing import Span, Transaction, trace
            sentry_sdk.init(traces_sample_rate=1.0, trace_lifecycle="stream")
            begin(name="a"); functools.partial(sentry_sdk.api.start_transaction)(name="b")
            scope = sentry_sdk.get_current_scope()
            scope.start_span(name="c"); scope.transaction; scope.span; Hub.current.start_span(name="d")
            Span(name="e"); Transaction(name="f"); Transaction.continue_from_headers({})
            sentry_sdk.continue_trace({}); sentry_sdk.get_current_span(); sentry_sdk.set_measurement("m", 1)
            trace(len); sentry_sdk.update_current_span(name="g")
            with sentry_sdk.traces.start_span(name="h") as span:
                hasattr(span, "set_tag")
            list(map(getattr(sentry_sdk, "start_" + "transaction"), []))
            """,
            "stream",
        )
        self.assertEqual(
            sorted(result["legacy"]),
            sorted(
                """Hub.start_span Scope.span Scope.start_span Scope.transaction StreamedSpan.set_tag
                Transaction.continue_from_headers sentry_sdk.continue_trace sentry_sdk.get_current_span
                sentry_sdk.set_measurement sentry_sdk.start_span sentry_sdk.start_transaction
                sentry_sdk.tracing.Span() sentry_sdk.tracing.Transaction() sentry_sdk.tracing.trace
                sentry_sdk.update_current_span""".split()
                + ["import sentry_sdk.tracing"]
            ),
        )

    def test_the_sdks_own_use_of_the_legacy_api_is_not_held_against_the_program(self):
        result = self.ask(
            """
            import sentry_sdk, subprocess, sys, threading
            sentry_sdk.init(traces_sample_rate=1.0, trace_lifecycle="stream")
            with sentry_sdk.traces.start_span(name="root"):
                threading.Thread(target=int).start()
                subprocess.check_call([sys.executable, "-S", "-c", "pass"])
                sentry_sdk.capture_message("m")
            """,
            "stream",
        )
        self.assertEqual(result["legacy"], {})

    def test_a_transport_of_the_programs_own_still_works(self):
        result = self.ask(
            """
            import sentry_sdk
            from sentry_sdk.transport import Transport
            class Mine(Transport):
                def capture_envelope(self, envelope):
                    print("mine", [item.headers["type"] for item in envelope.items])
            sentry_sdk.init(traces_sample_rate=1.0, transport=Mine)
            with sentry_sdk.start_transaction(name="root"):
                pass
            """
        )
        self.assertEqual(result["stdout"], "mine ['transaction']\n")
        self.assertEqual(len(result["traces"]), 1)


class Values(WithWorker):
    """JSON types are kept, and the SDK's own attributes are told from the program's."""

    def test_types_differ(self):
        values = ["1", "True", "'1'", "1.0", "[1]", "'[1]'", "None", "'None'", "[]", "''", "0", "False", "[True]"]
        results = {v: self.ask(ROOT.format(value=v)) for v in values}
        for a in values:
            for b in values:
                self.assertEqual(compare.compare(results[a], results[b]) == [], a == b, (a, b))

    def test_a_programs_own_value_under_an_sdk_key_stays(self):
        result = self.ask(
            """
            import sentry_sdk
            sentry_sdk.init(traces_sample_rate=1.0, trace_lifecycle="stream")
            with sentry_sdk.traces.start_span(name="root") as root:
                root.set_attributes({"thread.name": "mine", "sentry.platform": "mine", "server.address": "mine"})
            """,
            "stream",
        )
        found = result["traces"][0]["roots"][0]["root"]["attributes"]
        self.assertEqual(found, {"thread.name": "mine", "sentry.platform": "mine", "server.address": "mine"})

    def test_ids_in_the_output_become_places(self):
        result = self.ask(
            """
            import sentry_sdk
            sentry_sdk.init(traces_sample_rate=1.0)
            print(sentry_sdk.get_traceparent().split("-")[0])
            with sentry_sdk.start_transaction(name="root"):
                with sentry_sdk.start_span(name="child") as child:
                    print(child.trace_id, child.span_id, "0123456789abcdef")
            """
        )
        self.assertEqual(
            result["stdout"].splitlines(), ["<unsent id 1>", "<trace 1> <trace 1/root 1/child 1> 0123456789abcdef"]
        )

    def test_work_moved_out_of_a_span_is_seen(self):
        inside = ROOT.format(value=1) + "    print('work')\n"
        outside = ROOT.format(value=1) + "print('work')\n"
        found = compare.compare(self.ask(inside), self.ask(outside))
        self.assertEqual(found, ["order: print 1, end of trace 1/root 1: before != after"])


class Mutations(WithWorker):
    """Whatever one changes in a result, the comparison sees it."""

    def test_every_change_of_every_program_is_seen(self):
        changes = 0
        for item in archive.load(os.path.join(HERE, "programs")):
            directory = item.write(os.path.join(self.scratch.name, item.name))
            result = self.worker.ask({"dir": directory, "mode": "static"})
            self.assertEqual(compare.compare(result, copy.deepcopy(result)), [], item.name)
            keys = compare.RESULT_KEYS if changes == 0 else [k for k in compare.RESULT_KEYS if k != "clients"]
            for path, changed in mutants({k: result[k] for k in keys}):
                changes += 1
                other = dict(result, **changed)
                self.assertTrue(sees(result, other), "%s: %s" % (item.name, path))
                self.assertTrue(sees(other, result), "%s: %s" % (item.name, path))
        self.assertGreater(changes, 5000)


def sees(static, stream):
    try:
        return compare.compare(static, stream) != []
    except (AttributeError, IndexError, KeyError, TypeError):
        return True  # the change made something of it that is no result at all


def mutants(value):
    """Yields (path, copy of the value with one thing changed) for every place in a JSON value."""
    for path, old in places(value):
        rank = path[0] == "prints" or path[-1] in ("start", "end")
        for new in [old + 1, old - 1] if rank and isinstance(old, int) else changed(old):
            yield path, replaced(value, path, new)


def replaced(value, path, new):
    """The value with another one at a path; everything off the path is shared."""
    if not path:
        return new
    copied = copy.copy(value)
    copied[path[0]] = replaced(value[path[0]], path[1:], new)
    return copied


def places(value, path=()):
    if path:
        yield path, value
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], path + (key,))


def changed(value):
    """Values that differ from this one by one deed."""
    if isinstance(value, list):
        for i in range(min(3, len(value))):
            yield value[:i] + value[i + 1 :]
        if len(value) > 1 and compare.text(value[0]) != compare.text(value[1]):
            yield [value[1], value[0]] + value[2:]
    elif isinstance(value, bool):
        yield not value
        yield int(value)
        yield str(value)
    elif isinstance(value, int):
        yield value + 1
        yield str(value)
        yield float(value)
    elif isinstance(value, str):
        yield value + "x"
        yield None
    elif value is None:
        yield "None"
        yield False


class Statements(unittest.TestCase):
    def test_stated_differences_hold_for_their_releases_only(self):
        lines = ["always", "(sdk<2.68.0) early", "(floor>=2.66.1 sdk==3.0.0b2) late", "(not a range) text"]
        self.assertEqual(compare.stated(lines, "2.67.0", "2.62.0"), ["always", "early", "(not a range) text"])
        self.assertEqual(compare.stated(lines, "3.0.0b2", "2.67.0"), ["always", "late", "(not a range) text"])

    def test_a_stated_difference_that_does_not_occur_is_an_error(self):
        result = {
            "traces": [], "events": [], "items": [], "lost_roots": 0, "prints": [], "stdout": "", "exception": None,
            "thread_exceptions": [], "problems": [], "legacy": {}, "clients": [], "sdk": "2.75.0",
        }  # fmt: skip
        told = compare.verdict({"static": result, "stream": result, "expected": ["x: gone"], "sends": "nothing"})
        self.assertEqual((told["equal"], told["missing"]), (False, ["x: gone"]))
        self.assertEqual(compare.verdict({"static": result, "stream": result})["unexpected"], ["static run: sends nothing"])
        self.assertFalse(compare.verdict({"static": result, "stream": {"failure": "died"}, "sends": "nothing"})["equal"])

    def test_the_wrong_programs_differ_from_the_right_ones_in_little(self):
        for item in archive.load(os.path.join(HERE, "teeth")):
            right = {p[6:]: t for p, t in item.files.items() if p.startswith("right/")}
            wrong = {p[6:]: t for p, t in item.files.items() if p.startswith("wrong/")}
            self.assertEqual(right.keys(), wrong.keys(), item.name)
            lines = [set(wrong[p].splitlines()) ^ set(right[p].splitlines()) for p in right]
            self.assertLessEqual(sum(map(len, lines)), 9, item.name)
            self.assertEqual(sum(right[p] != wrong[p] for p in right), 1, item.name)

    def test_migrations_by_hand_belong_to_programs(self):
        programs = {a.name for a in archive.load(os.path.join(HERE, "programs"))}
        by_hand = {a.name for a in archive.load(os.path.join(HERE, "migrated"))}
        self.assertGreater(len(by_hand), 150)
        self.assertLessEqual(by_hand, programs)


if __name__ == "__main__":
    unittest.main()
