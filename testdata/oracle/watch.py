"""What is changed inside the SDK so that a program can be watched.

Everything here runs in the child process of one job (see harness.py), so nothing is ever undone.
The program's own `sentry_sdk.init` call is not touched: envelopes are taken where the client makes its
transport, and the DSN comes from SENTRY_DSN, the SDK's own fallback.
"""

import builtins
import datetime as datetime_module
import functools
import json
import socket
import sys
import threading
import time
import uuid

EPOCH = datetime_module.datetime(1970, 1, 1, tzinfo=datetime_module.timezone.utc)

# Members of legacy spans that a streamed span lacks: reaching for one of them is a leftover, also where
# the program swallows the AttributeError.
LEGACY_MEMBERS = frozenset(
    """containing_transaction data description get_baggage get_profile_context get_trace_context hub
    init_span_recorder is_success iter_headers op origin parent_sampled parent_span_id same_process_as_parent
    scope set_context set_data set_description set_flag set_http_status set_measurement set_status set_tag
    set_thread source start_child tags timestamp to_baggage to_json to_traceparent update_active_thread
    update_data _data _tags _measurements _span_recorder""".split()
)

# Names that are legacy when imported, apart from those that are legacy when called.
LEGACY_IMPORTS = {"sentry_sdk.consts": {"SPANSTATUS", "SPANTEMPLATE", "INSTRUMENTER"}}
LEGACY_MODULES = {"sentry_sdk.tracing"}

LEGACY_FUNCTIONS = (
    "start_span",
    "start_transaction",
    "continue_trace",
    "get_current_span",
    "trace",
    "set_measurement",
    "update_current_span",
)


class Watch:
    """Everything one program did, as far as the oracle wants to know."""

    def __init__(self):
        self.envelopes = []  # (headers, [(item headers, payload)]), all decoded from their bytes
        self.clients = []  # every client made by the program
        self.modes = []  # "static" or "stream", one per client
        self.lost_roots = 0  # roots that were sampled out, ignored or filtered
        self.ids = set()  # trace, span and event ids made by this process
        self.threads = set()  # (thread id, thread name) pairs the SDK put on spans
        self.prints = []  # the instant of every print()
        self.legacy = {}  # legacy name -> places
        self.network = []  # addresses the program wanted to reach
        self.thread_errors = []  # exceptions that ended a thread

    def note_legacy(self, name, frame):
        place = "%s:%d" % (frame.f_code.co_filename, frame.f_lineno)
        self.legacy.setdefault(name, []).append(place)


def in_sdk(frame):
    """Tells whether a frame belongs to the SDK itself."""
    module = frame.f_globals.get("__name__") or ""
    return module == "sentry_sdk" or module.startswith("sentry_sdk.")


# -- time -------------------------------------------------------------------------------------------------


class Clock:
    """A strictly increasing clock in microseconds, near the wall clock.

    Spans read two clocks when they start and one when they end. Both readings at the start give the same
    instant here, so an end time is exactly the instant `end()` ran, and no two instants are equal.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.last = 0
        self.local = threading.local()

    def tick(self):
        with self.lock:
            self.last = max(self.last + 1, time.time_ns() // 1000)
            return self.last

    def now(self, tz=None):
        self.local.start = self.tick()
        moment = EPOCH + datetime_module.timedelta(microseconds=self.local.start)
        return moment.astimezone(tz) if tz else moment.astimezone().replace(tzinfo=None)

    def nanosecond_time(self):
        start, self.local.start = getattr(self.local, "start", None), None
        return (start if start is not None else self.tick()) * 1000


def install_clock(clock):
    real = datetime_module.datetime

    class Meta(type):
        def __instancecheck__(cls, instance):
            return isinstance(instance, real)

        def __getattr__(cls, name):
            return getattr(real, name)

    class Datetime(metaclass=Meta):
        now = clock.now

    for module in sdk_modules("tracing", "traces"):
        module.datetime = Datetime
        module.nanosecond_time = clock.nanosecond_time


def install_prints(watch, clock):
    """Notes when the program prints, which tells where its work lies between starts and ends of spans.

    A sampler is asked after a transaction has started but before a streamed span has: what it prints has no place.
    """
    original = builtins.print

    @functools.wraps(original)
    def watched(*args, file=None, **kwargs):
        if file in (None, sys.stdout) and not starts_span(sys._getframe(1)):
            watch.prints.append(clock.tick())
        return original(*args, file=file, **kwargs)

    builtins.print = watched


def starts_span(frame):
    while frame is not None:
        if frame.f_code.co_name in ("start_transaction", "start_streamed_span", "start_span") and in_sdk(frame):
            return True
        frame = frame.f_back
    return False


def sdk_modules(*names):
    found = (sys.modules.get("sentry_sdk." + name) for name in names)
    return [module for module in found if module is not None]


# -- what is sent ------------------------------------------------------------------------------------------


def install_transport(watch):
    """Replaces the client's transport factory by one that keeps every envelope."""
    import sentry_sdk.client as client_module
    from sentry_sdk.transport import Transport

    factory = client_module.make_transport

    class Capture(Transport):
        def __init__(self, options, inner):
            super().__init__(options)
            self.inner = inner

        def capture_envelope(self, envelope):
            items = [(dict(i.headers), json.loads(i.payload.get_bytes())) for i in envelope.items]
            watch.envelopes.append((json.loads(json.dumps(envelope.headers, default=str)), items))
            if self.inner is not None:
                self.inner.capture_envelope(envelope)

        def record_lost_event(self, reason, data_category=None, item=None, *, quantity=1):
            if data_category == "transaction" or (data_category == "span" and ends_segment(sys._getframe(1))):
                watch.lost_roots += 1

    def make_transport(options):
        # A transport of the program's own still gets everything; the SDK's HTTP transports are never made use of.
        inner = factory(options) if options.get("transport") is not None else None
        if inner is not None and type(inner).__module__ == "sentry_sdk.transport":
            inner = inner if type(inner).__name__ == "_FunctionTransport" else None
        if inner is None and not options.get("dsn"):
            return None
        return Capture(options, inner)

    client_module.make_transport = make_transport
    init = client_module._Client._init_impl

    def _init_impl(self):
        watch.clients.append(self)
        watch.modes.append("stream" if streams(self.options) else "static")
        return init(self)

    client_module._Client._init_impl = _init_impl


def install_flush_lock():
    """One flush at a time: from 2.68 on the flusher's thread takes spans out of the buffer and sends them outside its lock,
    so that the program's own flush, or its end, can come first and read an empty buffer while they are on their way."""
    try:
        from sentry_sdk._span_batcher import SpanBatcher
    except ImportError:
        return  # an SDK without a span buffer
    lock = threading.RLock()
    flush = SpanBatcher._flush

    def _flush(self, *args, **kwargs):
        with lock:
            return flush(self, *args, **kwargs)

    SpanBatcher._flush = _flush


def ends_segment(frame):
    """Tells whether a frame is NoOpStreamedSpan._end of a segment (children have no scope)."""
    return getattr(frame.f_locals.get("self"), "_scope", None) is not None


def streams(options):
    try:
        from sentry_sdk.tracing_utils import has_span_streaming_enabled
    except ImportError:
        return True  # 3.x
    return has_span_streaming_enabled(options)


def install_ids(watch):
    """Remembers every id made here, so that an id that came from outside can be told from one that did not."""
    uuid4 = uuid.uuid4

    def recorded():
        value = uuid4()
        watch.ids.add(value.hex)
        watch.ids.add(value.hex[16:])
        return value

    uuid.uuid4 = recorded

    for module in sdk_modules("tracing", "traces"):
        meta = module.get_current_thread_meta if hasattr(module, "get_current_thread_meta") else None
        if meta is not None:
            module.get_current_thread_meta = remember_threads(meta, watch)


def remember_threads(meta, watch):
    def get_current_thread_meta(*args, **kwargs):
        ident, name = meta(*args, **kwargs)
        watch.threads.add((str(ident), name))
        return ident, name

    return get_current_thread_meta


# -- what must not happen --------------------------------------------------------------------------------


def install_network_guard(watch):
    def guarded(original):
        @functools.wraps(original)
        def call(self, address, *args):
            if self.family == getattr(socket, "AF_UNIX", None):
                return original(self, address, *args)
            watch.network.append(str(address))
            raise OSError("the oracle has no network: %s" % (address,))

        return call

    socket.socket.connect = guarded(socket.socket.connect)
    socket.socket.connect_ex = guarded(socket.socket.connect_ex)
    socket.socket.sendto = guarded(socket.socket.sendto)

    def getaddrinfo(host, *args, **kwargs):
        watch.network.append(str(host))
        raise socket.gaierror("the oracle has no network: %s" % (host,))

    socket.getaddrinfo = getaddrinfo


def install_thread_errors(watch):
    hook = threading.excepthook

    def excepthook(args):
        watch.thread_errors.append((type_name(args.exc_type), str(args.exc_value)))
        hook(args)

    threading.excepthook = excepthook


def type_name(cls):
    return cls.__name__ if cls.__module__ in ("builtins", "__main__") else cls.__module__ + "." + cls.__name__


# -- leftovers of the legacy API ---------------------------------------------------------------------------


def install_legacy_watch(watch):
    """Notes every use of the legacy API by the program. The calls do what they always do."""
    import sentry_sdk
    import sentry_sdk.traces

    for module in [sentry_sdk] + sdk_modules("api"):
        for name in LEGACY_FUNCTIONS:
            watch_attribute(watch, module, name, "sentry_sdk." + name)
    for module in sdk_modules("tracing", "tracing_utils"):
        for name in ("trace", "get_current_span", "create_span_decorator"):
            if module is not sys.modules.get("sentry_sdk.traces"):
                watch_attribute(watch, module, name, module.__name__ + "." + name)
    for module in sdk_modules("tracing"):
        for cls in (module.Span, module.Transaction, module.NoOpSpan):
            watch_attribute(watch, cls, "__init__", "sentry_sdk.tracing.%s()" % cls.__name__)
        for name in ("continue_from_headers", "continue_from_environ", "from_traceparent"):
            watch_classmethod(watch, module.Span, name)
    for name in ("start_span", "start_transaction", "continue_trace", "start_streamed_span"):
        watch_attribute(watch, sentry_sdk.Scope, name, "Scope." + name)
    for module in sdk_modules("hub"):
        for name in ("start_span", "start_transaction", "continue_trace"):
            watch_attribute(watch, module.Hub, name, "Hub." + name)
    for name in ("span", "transaction"):
        watch_property(watch, sentry_sdk.Scope, name)
    for cls in (sentry_sdk.traces.StreamedSpan, sentry_sdk.traces.NoOpStreamedSpan):
        watch_attribute(watch, cls, "finish", "StreamedSpan.finish")
    watch_members(watch, sentry_sdk.traces.StreamedSpan)
    watch_imports(watch)


def watch_attribute(watch, owner, name, label):
    original = owner.__dict__.get(name)
    if original is None:
        return

    @functools.wraps(original)
    def watched(*args, **kwargs):
        frame = sys._getframe(1)
        if not in_sdk(frame):
            watch.note_legacy(label, frame)
        return original(*args, **kwargs)

    setattr(owner, name, watched)


def watch_classmethod(watch, owner, name):
    original = owner.__dict__[name].__func__

    @functools.wraps(original)
    def watched(cls, *args, **kwargs):
        frame = sys._getframe(1)
        if not in_sdk(frame):
            watch.note_legacy("Transaction." + name, frame)
        return original(cls, *args, **kwargs)

    setattr(owner, name, classmethod(watched))


def watch_property(watch, owner, name):
    original = owner.__dict__.get(name)
    if original is None:
        return

    def note():
        frame = sys._getframe(2)
        if not in_sdk(frame):
            watch.note_legacy("Scope." + name, frame)

    def fget(self):
        note()
        return original.fget(self)

    def fset(self, value):
        note()
        return original.fset(self, value)

    setattr(owner, name, property(fget, fset))


def watch_members(watch, cls):
    def __getattr__(self, name):
        frame = sys._getframe(1)
        if name in LEGACY_MEMBERS and not in_sdk(frame):
            watch.note_legacy("StreamedSpan." + name, frame)
        raise AttributeError("%r object has no attribute %r" % (type(self).__name__, name))

    cls.__getattr__ = __getattr__


def watch_imports(watch):
    original = builtins.__import__

    def watched(name, globals=None, locals=None, fromlist=(), level=0):
        frame = sys._getframe(1)
        if name.startswith("sentry_sdk") and level == 0 and not in_sdk(frame):
            if name in LEGACY_MODULES or (name == "sentry_sdk" and "tracing" in (fromlist or ())):
                watch.note_legacy("import sentry_sdk.tracing", frame)
            for legacy in LEGACY_IMPORTS.get(name, set()).intersection(fromlist or ()):
                watch.note_legacy("import %s.%s" % (name, legacy), frame)
        return original(name, globals, locals, fromlist, level)

    builtins.__import__ = watched
