"""Says in words how two results differ: that of the legacy program and that of its migration.

A difference is one line: where it is, what, the legacy value != the new value, values as JSON. Places are
counted in the legacy result (`trace 1/root 1/child 2`); only a span that was added is counted in the new one.
The same two results always give the same lines, so a program can state the ones it expects.
"""

import json
import re

RESULT_KEYS = ("clients", "traces", "events", "items", "lost_roots", "prints", "stdout", "exception", "thread_exceptions")
SPAN_FIELDS = ("name", "op", "origin", "status", "source", "start_at", "end_at", "id", "more")
EVENT_FIELDS = (
    "level message exceptions mechanisms transaction source trace span tags user extra contexts fingerprint breadcrumbs"
).split()


def compare(static, stream):
    """Returns the differences between two results of the harness as a list of lines; [] means the same spans."""
    broken = ["%s run: %s" % (name, r["failure"]) for name, r in (("static", static), ("stream", stream)) if "failure" in r]
    if broken:
        return broken
    found = Comparison(static, stream).differences()
    if not found and any(text(static[k]) != text(stream[k]) for k in RESULT_KEYS):
        found = ["the results differ in a way that compare.py has no words for"]
    return found


def verdict(task):
    """Compares and holds the differences against the stated ones.

    `task`: {"static", "stream": results, "expected": lines as in a program's header, "floor": release,
    "sends": "nothing" if the legacy program is meant to send no span, "tolerate": patterns of differences that
    may occur or not (for generated programs only, whose places nobody knows beforehand)}.
    Returns {"equal": no difference but the stated, "differences", "unexpected", "missing"}.
    """
    static, stream = task["static"], task["stream"]
    found = compare(static, stream)
    if "failure" not in static and bool(static["traces"]) == (task.get("sends") == "nothing"):
        found.append("static run: sends %s" % ("spans" if static["traces"] else "nothing"))
    expected = stated(task.get("expected") or [], stream.get("sdk") or "0", task.get("floor") or "0")
    tolerated = [re.compile(pattern) for pattern in task.get("tolerate") or []]
    unexpected = [d for d in found if d not in expected and not any(p.fullmatch(d) for p in tolerated)]
    missing = [d for d in expected if d not in found]
    return {"equal": not unexpected and not missing, "differences": found, "unexpected": unexpected, "missing": missing}


def stated(lines, sdk, floor):
    """The lines that hold for this release: `(sdk<2.68.0 floor>=2.66.1) text` limits one, no bracket means always."""
    holding = []
    for line in lines:
        match = re.match(r"\(((?:\s*(?:sdk|floor)\s*[<>=!]+\s*[\w.]+)+)\s*\)\s*", line)
        if match is None:
            holding.append(line)
        elif all(holds(c, sdk, floor) for c in re.findall(r"(sdk|floor)\s*([<>=!]+)\s*([\w.]+)", match.group(1))):
            holding.append(line[match.end() :])
    return holding


def holds(condition, sdk, floor):
    name, operator, bound = condition
    left, right = release(sdk if name == "sdk" else floor), release(bound)
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[operator]


def release(version):
    return tuple(int(re.match(r"\d+", part).group()) for part in version.split(".")[:3])


def text(value):
    """JSON that only equal values share: 1, 1.0, true and "1" all differ."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def size(node):
    return 1 + sum(size(child) for child in node["children"])


class Comparison:
    """Matches the spans of two results, then compares what was matched."""

    def __init__(self, static, stream):
        self.static, self.stream = static, stream
        self.found = []
        self.pairs = []  # (legacy place, legacy span, new span)
        self.places = {}  # new place -> legacy place, for spans and traces

    def differences(self):
        for name, result in (("static", self.static), ("stream", self.stream)):
            for problem in result["problems"]:
                self.say("%s run" % name, problem)
        for name in self.stream["legacy"]:
            self.say("legacy", "%s is still used" % name)
        self.clients()
        self.forests()
        self.order()
        self.events()
        self.rest()
        return self.found

    def say(self, place, what):
        self.found.append("%s: %s" % (place, what))

    def field(self, place, name, old, new):
        if text(old) != text(new):
            self.say(place, "%s %s != %s" % (name, text(old), text(new)))

    def clients(self):
        old, new = self.static["clients"], self.stream["clients"]
        self.field("clients", "made", len(old), len(new))
        for n, (a, b) in enumerate(zip(old, new), 1):
            for name in sorted(a.keys() | b.keys()):
                self.field("client %d" % n, name, a.get(name), b.get(name))

    # -- spans ------------------------------------------------------------------------------------------

    def forests(self):
        old, new = units(self.static["traces"]), units(self.stream["traces"])
        matched = align([u["top"] for u in old], [u["top"] for u in new])
        joined = []
        for i, j in matched:
            if i is None:
                self.say(new[j]["place"], "added: %s" % described(new[j]["top"]))
            elif j is None:
                self.say(old[i]["place"], "missing: %s" % described(old[i]["top"]))
            else:
                joined.append((old[i], new[j]))
        self.partition(joined)
        for a, b in joined:
            self.match(a["place"], a["top"], b["place"], b["top"])
        for a, b in joined:
            self.field(a["place"], "parent", a["top"].get("parent"), self.translated(b["top"].get("parent")))
            self.field(a["place"], "kind", a["kind"], b["kind"])
        for place, a, b in self.pairs:
            self.span(place, a, b)

    def partition(self, joined):
        """The same roots must share a trace; which number it has does not matter."""
        forward, back = {}, {}
        for a, b in joined:
            at, bt = a["trace"], b["trace"]
            if forward.setdefault(at, bt) == bt and back.setdefault(bt, at) == at:
                self.places["trace %d" % bt] = "trace %d" % at
                continue
            shared = "trace %d" % back[bt] if back.get(bt, at) != at else "a trace of its own"
            self.say(a["place"], "trace trace %d != %s" % (at, shared))
        for at, bt in forward.items():
            if back.get(bt) == at:
                a, b = self.static["traces"][at - 1], self.stream["traces"][bt - 1]
                self.field("trace %d" % at, "incoming", a["incoming"], b["incoming"])
                self.field("trace %d" % at, "baggage", a["baggage"], b["baggage"])

    def match(self, place, a, new_place, b):
        self.pairs.append((place, a, b))
        self.places[new_place] = place
        for i, j in align(a["children"], b["children"]):
            if i is None:
                self.say("%s/child %d" % (new_place, j + 1), "added: %s" % described(b["children"][j]))
            elif j is None:
                self.say("%s/child %d" % (place, i + 1), "missing: %s" % described(a["children"][i]))
            else:
                self.match(
                    "%s/child %d" % (place, i + 1), a["children"][i], "%s/child %d" % (new_place, j + 1), b["children"][j]
                )

    def span(self, place, a, b):
        for name in SPAN_FIELDS:
            self.field(place, name, a.get(name), b.get(name))
        for name, label in (("attributes", "attribute"), ("units", "unit of")):
            for key in sorted(a[name].keys() | b[name].keys()):
                if key not in b[name]:
                    self.say(place, "%s %s %s missing" % (label, key, text(a[name][key])))
                elif key not in a[name]:
                    self.say(place, "%s %s %s added" % (label, key, text(b[name][key])))
                else:
                    self.field(place, "%s %s" % (label, key), a[name][key], b[name][key])

    def order(self):
        """Starts and ends of the matched spans, and what is printed, must come in the same order."""
        moments = [(a[end], b[end], "%s of %s" % (end, place)) for place, a, b in self.pairs for end in ("start", "end")]
        prints = zip(self.static["prints"], self.stream["prints"])
        moments += [(a, b, "print %d" % n) for n, (a, b) in enumerate(prints, 1)]
        moments.sort()
        for (a1, b1, first), (a2, b2, second) in zip(moments, moments[1:]):
            was, now = relation(a1, a2), relation(b1, b2)
            if was != now:
                self.say("order", "%s, %s: %s != %s" % (first, second, was, now))

    def translated(self, place):
        """A place of the new result in the words of the legacy one."""
        if not isinstance(place, str) or not place.startswith("trace "):
            return place
        return self.places.get(place, "added " + place)

    # -- the rest ---------------------------------------------------------------------------------------

    def events(self):
        old, new = self.static["events"], self.stream["events"]
        for i, j in align_by(old, new, lambda a, b: event_cost(a, b), lambda e: 2.0):
            if i is None:
                self.say("event %d" % (j + 1), "added: %s" % headline(new[j]))
            elif j is None:
                self.say("event %d" % (i + 1), "missing: %s" % headline(old[i]))
            else:
                event = dict(new[j], trace=self.translated(new[j]["trace"]), span=self.translated(new[j]["span"]))
                event["message"] = self.translated_text(event["message"])
                for name in EVENT_FIELDS:
                    self.field("event %d" % (i + 1), name, old[i][name], event[name])

    def rest(self):
        self.field("items", "sent", self.static["items"], [self.translated_item(i) for i in self.stream["items"]])
        self.field("roots", "not sent", self.static["lost_roots"], self.stream["lost_roots"])
        for name in ("exception", "thread_exceptions"):
            self.field("end", name, self.static[name], json.loads(self.translated_text(text(self.stream[name]))))
        old = self.static["stdout"].split("\n")
        new = self.translated_text(self.stream["stdout"]).split("\n")
        for n, (a, b) in enumerate(zip(old, new), 1):
            self.field("output", "line %d" % n, a, b)
        self.field("output", "lines", len(old), len(new))
        self.field("output", "prints", len(self.static["prints"]), len(self.stream["prints"]))

    def translated_item(self, item):
        return dict(item, trace=self.translated(item["trace"])) if "trace" in item else item

    def translated_text(self, value):
        if value is None:
            return None
        return re.sub(r"<(trace \d[^<>]*)>", lambda m: "<%s>" % self.translated(m.group(1)), value)


def units(traces):
    """The transactions and segments of all traces in order of their first start, strays among them."""
    found = []
    for t, trace in enumerate(traces, 1):
        for r, unit in enumerate(trace["roots"], 1):
            place = "trace %d/root %d" % (t, r)
            if unit["root"] is not None:
                found.append({"place": place, "trace": t, "kind": "root", "top": unit["root"]})
            for n, stray in enumerate(unit["strays"], 1 if unit["root"] else 0):
                found.append({"place": "%s/stray %d" % (place, n), "trace": t, "kind": "stray", "top": stray})
    return sorted(found, key=lambda u: u["top"]["start"])


def described(node):
    below = size(node) - 1
    words = "span %s" % text(node["name"])
    if node["op"] is not None:
        words += " with op %s" % text(node["op"])
    return words + (" and %d below" % below if below else "")


def headline(event):
    if event["exceptions"]:
        return "%s: %s" % (event["exceptions"][-1]["type"], event["exceptions"][-1]["value"])
    return text(event["message"])


def relation(a, b):
    return "before" if a < b else "together" if a == b else "after"


# -- matching ----------------------------------------------------------------------------------------------


def align(old, new):
    """Pairs two lists of spans in order: (i, j), (i, None) for one that is missing, (None, j) for one added."""
    return align_by(old, new, span_cost, lambda node: 2.5 + 0.5 * size(node))


def span_cost(a, b):
    cost = 2.0 * (text(a["name"]) != text(b["name"])) + 1.0 * (text(a["op"]) != text(b["op"]))
    shared = sum(1 for k, v in a["attributes"].items() if k in b["attributes"] and text(v) == text(b["attributes"][k]))
    cost += 0.25 * min(4, max(len(a["attributes"]), len(b["attributes"])) - shared)
    return cost + 0.25 * min(8, len(set(names(a)) ^ set(names(b))))


def names(node):
    for child in node["children"]:
        yield child["name"]
        yield from names(child)


def event_cost(a, b):
    return 3.0 * (headline(a) != headline(b)) + 0.5 * (a["transaction"] != b["transaction"])


def align_by(old, new, pair_cost, gap_cost):
    """The cheapest alignment of two lists (edit distance); among equals the one that pairs early."""
    if len(old) * len(new) > 250000:
        # Too long for the table: pair by position, which still shows every difference.
        longest = max(len(old), len(new))
        return [(i if i < len(old) else None, i if i < len(new) else None) for i in range(longest)]
    table = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old) + 1)):
        for j in reversed(range(len(new) + 1)):
            if i < len(old) or j < len(new):
                table[i][j] = min(cost for cost, _ in moves(i, j, old, new, table, pair_cost, gap_cost))
    i = j = 0
    path = []
    while i < len(old) or j < len(new):
        _, (a, b) = min(moves(i, j, old, new, table, pair_cost, gap_cost), key=lambda m: m[0])
        path.append((a, b))
        i, j = i + (a is not None), j + (b is not None)
    return path


def moves(i, j, old, new, table, pair_cost, gap_cost):
    found = []
    if i < len(old) and j < len(new):
        found.append((table[i + 1][j + 1] + pair_cost(old[i], new[j]), (i, j)))
    if i < len(old):
        found.append((table[i + 1][j] + gap_cost(old[i]), (i, None)))
    if j < len(new):
        found.append((table[i][j + 1] + gap_cost(new[j]), (None, j)))
    return found
