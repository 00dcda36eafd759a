"""asyncio, threads and executors (wild-code.md 2.1: 96 of 355 @trace are async or stacked).

Tasks without AsyncioIntegration share one scope, in both modes alike (sdk.md D6). So tasks that
really suspend (`quiet` contexts) never ask for the current span, and the gather that runs them is the
last thing in a block of its own. Everything else runs one thing at a time, to keep output fixed.
"""

from . import data, plain
from .calls import child_call, span_call
from .core import SpanVar, glue, shape, suite
from .functions import argument, arguments, context, define, parameters, part, signature, spelt, trace_decorator
from .roots import entry, root_block, root_call
from .spans import bind, body, block
from .words import OPS


def async_context(m, *params, **changes):
    return context(m, *params, is_async=True, **changes)


def _awaits(c, p):
    return c.is_async and c.active and not c.quiet and c.room(p.cost)


# Async functions --------------------------------------------------------------------------------
@shape("async-worker", wild="2.1", seen="async code in openaedmap and others", weight=16, level=1)
def async_worker(m):
    c = async_context(m)
    name = m.mod.fresh("fetch_" + m.pick(("rows", "prices", "boxes")), "pull_rows")
    params = parameters(c)
    decorators = [trace_decorator(c)] if c.chance(0.5) else []
    if decorators:
        c.spend()
    inner = c.under(None) if decorators else c
    define(c, signature(c, name, params, "async "), inner.block(1, 3) + ["return 3"], decorators)
    part(c, name, lambda u, p: [f"await {spelt(u, p)}({arguments(u, params)})"], _awaits, is_async=True)


@shape("async-generator", wild="2.1", seen="async for over a span", weight=9, level=3)
def async_generator(m):
    c = async_context(m, "n", "row")
    name = m.mod.fresh("stream", "pages_of")
    inside = suite("for row in range(n)", ["yield row"]) + data.writes(c, "span")
    define(c, f"async def {name}(n):", suite(glue("with ", span_call(c), " as span"), inside))

    def use(u, p):
        callee, row = spelt(u, p), u.fresh("row_no")
        inner = u.loop(2).under(None)
        return suite(f"async for {row} in {callee}(2)", plain.simple(inner))

    part(c, name, use, _awaits, is_async=True)


@shape("async-manager", wild="2.3", seen="asynccontextmanager around a span", weight=12, level=2)
def async_manager(m):
    m.mod.need("from contextlib import asynccontextmanager")
    c = async_context(m, "what")
    name = m.mod.fresh("section_async", "traced_async")
    call = span_call(c, args=[("op", c.text(c.pick(OPS))), ("description", "what")])
    define(c, f"async def {name}(what):", suite(glue("with ", call, " as span"), ["yield span"]), ["@asynccontextmanager"])

    def use(u, p):
        callee = spelt(u, p)
        var = bind(u)
        head = f"async with {callee}({argument(u, 'str')}) as {var.name}"
        return suite(head, body(u, var, most=2) if u.depth > 0 else data.writes(u, var.name))

    part(c, name, use, _awaits, is_async=True)


@shape("async-gather-parts", wild="2.3 C", seen="gather over workers that never suspend", weight=10, level=2)
def gather_parts(m):
    c = async_context(m)
    name = m.mod.fresh("gather_all", "fan_out")
    one = async_context(m, "n")
    one.learn("n", "int")
    worker = m.mod.fresh("gathered_step")
    define(one, f"async def {worker}(n):", one.block(1, 2) + ["return n"])
    m.mod.need("import asyncio")
    c.frame.cost = 2 * one.frame.cost
    call = f"asyncio.gather(*({worker}(n) for n in range(2)))" if m.chance(0.5) else f"asyncio.gather({worker}(1), {worker}(2))"
    define(c, f"async def {name}():", [f"return await {call}"])
    part(c, name, lambda u, p: [f"print({u.text('gathered')}, await {spelt(u, p)}())"], _awaits, is_async=True)


ASYNC_PARTS = (async_worker, async_generator, async_manager, gather_parts)


# Statements of async functions ------------------------------------------------------------------
def _alone(c):
    return c.is_async and c.may_sleep and not c.quiet


@shape("async-sleep", wild="2.1", seen="awaits between spans", weight=30, level=1, when=_alone)
def sleep(c):
    c.mod.need("import asyncio")
    return ["await asyncio.sleep(0)"]


@shape("async-with-await", wild="2.1", seen="an await inside a span", weight=50, level=1, when=lambda c: _alone(c) and c.active and c.room())
def with_await(c):
    c.mod.need("import asyncio")
    var = bind(c) if c.chance(0.5) else None
    call = span_call(c)
    inner = c.under(var)
    lines = data.opening(inner) + ["await asyncio.sleep(0)"] + (data.writes(inner, var.name) if var else [])
    if var:
        var.alive = False
    return suite(glue("with ", call, f" as {var.name}" if var else ""), lines)


def _many(c):
    return _alone(c) and c.active and c.depth > 0 and c.room(6)


def _quiet_task(c, name, *, scoped=False, root=None):
    """An async function whose spans are interleaved with those of its siblings."""
    inner = c.inner(quiet=True, span=None, outer=(), held=[], place="unknown", times=c.times * 2, may_sleep=False)
    param = inner.fresh("n", "part_no")
    inner.learn(param, "int")
    var = SpanVar(inner.fresh("span", "task_span"))
    call = child_call(inner, root) if root else span_call(inner)
    deep = inner.under(var)
    lines = data.writes(deep, var.name) + ["await asyncio.sleep(0)"] + block(deep, span_call(deep), most=1)
    lines += ["await asyncio.sleep(0)"] + data.writes(deep, var.name) + [f"return {param}"]
    lines = suite(glue("with ", call, f" as {var.name}"), lines)
    var.alive = False
    if scoped:
        lines = suite(f"with {c.ref('new_scope')}()", lines)
    return suite(f"async def {name}({param})", lines)


@shape("async-gather", wild="2.3 C", seen="gather over tasks that suspend inside their spans", weight=70, level=2, when=_many)
def gather(c):
    c.mod.need("import asyncio")
    form = c.weighted((("scoped", 4), ("shared", 3), ("root", 2)))
    c.prog.used(f"gather-{form}")
    name, var = c.fresh("task", "job_task"), SpanVar(c.fresh("batch_span", "fan"))
    call = span_call(c)
    inner = c.under(var)
    lines = _quiet_task(inner, name, scoped=form == "scoped", root=var.name if form == "root" else None)
    run = c.pick((f"await asyncio.gather({name}(1), {name}(2))", f"await asyncio.gather(*[{name}(n) for n in range(2)])"))
    if c.level >= 3 and c.chance(0.3):
        c.prog.used("task-group")
        group = c.fresh("group", "tg")
        run = suite(f"async with asyncio.TaskGroup() as {group}", [f"{group}.create_task({name}(1))", f"{group}.create_task({name}(2))"])
    var.alive = False
    return suite(glue("with ", call, f" as {var.name}"), lines + (run if isinstance(run, list) else [run]))


@shape("async-task", wild="2.3", seen="create_task, awaited at once", weight=30, level=2, when=lambda c: _alone(c) and c.active and c.depth > 0 and c.room(2))
def task(c):
    c.mod.need("import asyncio")
    name, kept = c.fresh("later", "side_task"), c.fresh("handle", "job_handle")
    inner = c.inner(span=None, outer=(), held=[], place="unknown", may_sleep=False)
    return suite(f"async def {name}()", block(inner, span_call(inner), most=2)) + [f"{kept} = asyncio.create_task({name}())", f"await {kept}"]


@shape("async-to-thread", wild="2.1", seen="asyncio.to_thread", weight=40, level=4, when=lambda c: _alone(c) and c.active and c.depth > 0 and c.room(2))
def to_thread(c):
    c.mod.need("import asyncio")
    name = c.fresh("in_thread")
    return _closure(c, name) + [f"await asyncio.to_thread({name})"]


# Threads ----------------------------------------------------------------------------------------
def _closure(c, name, root=None):
    """A function for another thread; ThreadingIntegration (on by default) carries the scope over."""
    inner = c.inner(span=None, outer=(), held=[], place="unknown", is_async=False, may_sleep=False)
    call = child_call(inner, root) if root else span_call(inner)
    return suite(f"def {name}()", block(inner, call, most=2))


def _threads(c):
    return c.active and c.depth > 0 and c.room(2) and not c.quiet and not c.prog.no_threads


@shape("thread", wild="2.3", seen="spans in threads; children opened on a root from outside", weight=5, level=2, when=_threads)
def thread(c):
    c.mod.need("import threading")
    name, worker = c.fresh("run_aside", "threaded"), c.fresh("worker_thread", "side_thread")
    parents = [v.name for v in c.elsewhere] + ([c.own] if c.own else [])
    root = c.pick(parents) if parents and c.chance(0.5) else None
    if root:
        c.prog.used("thread-child")
    lines = _closure(c, name, root) + [f"{worker} = threading.Thread(target={name})"]
    return lines + [f"{worker}.start()", f"{worker}.join()"]


@shape("executor", wild="2.3", seen="a pool of one", weight=4, level=2, when=_threads)
def executor(c):
    c.mod.need("from concurrent.futures import ThreadPoolExecutor")
    name, pool = c.fresh("in_pool", "pooled"), c.fresh("pool")
    inner = c.loop(2)
    inner = inner.inner(span=None, outer=(), held=[], place="unknown", is_async=False, may_sleep=False)
    param = inner.fresh("n", "box_no")
    inner.learn(param, "int")
    lines = suite(f"def {name}({param})", block(inner, span_call(inner), most=1) + [f"return {param} * 2"])
    run = c.pick((f"print(list({pool}.map({name}, [1, 2])))", f"print([{pool}.submit({name}, n).result() for n in (1, 2)])"))
    return lines + suite(f"with ThreadPoolExecutor(max_workers=1) as {pool}", [run])


@shape("context-copy", wild="2.3", seen="copy_context().run", weight=2, level=4, when=_threads)
def copied(c):
    c.mod.need("import contextvars")
    name = c.fresh("in_copy")
    return _closure(c, name) + [f"contextvars.copy_context().run({name})"]


STATEMENTS = (sleep, with_await, gather, task, to_thread, thread, executor, copied)


# Entries ----------------------------------------------------------------------------------------
@shape("root-async", wild="2.1", seen="async entry points", weight=18, level=1)
def root_async(c):
    a = context(c, place="none", is_async=True, may_sleep=True, depth=c.depth)
    params = parameters(a)
    entry(a, params, root_block(a, root_call(a)))


@shape("root-async-loop", wild="2.2", seen="async consumers", weight=9, level=2)
def root_async_loop(c):
    a = context(c, "jobs", place="none", is_async=True, may_sleep=True, depth=c.depth)
    inner = a.loop(2)
    job = a.fresh("job", "unit")
    inner.learn(job, "job")
    entry(a, [("jobs", "jobs")], suite(f"for {job} in jobs", root_block(inner, root_call(inner))))


@shape("root-in-thread", wild="2.2", seen="a worker thread with a transaction of its own", weight=5, level=2, when=lambda c: not c.prog.no_threads)
def root_thread(c):
    c.mod.need("import threading")
    params = parameters(c)
    name, worker = c.fresh("consume", "loop_once"), c.fresh("consumer_thread")
    inner = c.inner(depth=c.depth)
    lines = suite(f"def {name}()", root_block(inner, root_call(inner)))
    entry(c, params, lines + [f"{worker} = threading.Thread(target={name})", f"{worker}.start()", f"{worker}.join()"])


ENTRIES = (root_async, root_async_loop, root_thread)
