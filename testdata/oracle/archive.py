"""Reads the txtar archives of programs and teeth: a header of words and `key: value` lines, then files."""

import os
import re

KEYS = ("floors", "answer", "accept", "difference", "sdks", "sends", "caught")


class Archive:
    """One program: `about` (its sentence), `keys` (key -> list of values, in order), `files` (path -> text)."""

    def __init__(self, path):
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8", newline="") as file:
            comment, self.files = split(file.read())
        self.keys = {key: [] for key in KEYS}
        words = []
        for line in comment.splitlines():
            key, colon, value = line.partition(": ")
            if colon and re.fullmatch("[a-z]+", key):
                if key not in self.keys:
                    raise ValueError("%s: unknown key %r (have %s)" % (path, key, ", ".join(KEYS)))
                self.keys[key].append(value.strip())
            else:
                words.append(line.strip())
        self.about = " ".join(word for word in words if word)
        if not self.about or not self.files:
            raise ValueError("%s: needs a sentence and at least one file" % path)

    def one(self, key, default=None):
        return self.keys[key][-1] if self.keys[key] else default

    def floors(self, default):
        return self.one("floors", default).split()

    def runs_on(self, sdk, holds):
        """Tells whether a `sdks: >=2.66.1 <3` line, if there is one, lets this release in."""
        conditions = re.findall(r"([<>=!]+)\s*([\w.]+)", self.one("sdks", ""))
        return all(holds(("sdk", operator, bound), sdk, sdk) for operator, bound in conditions)

    def write(self, directory, prefix=""):
        """Writes the files below `prefix` into a directory and returns it."""
        for path, text in self.files.items():
            if path.startswith(prefix):
                target = os.path.join(directory, path[len(prefix) :])
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "w", encoding="utf-8", newline="") as file:
                    file.write(text)
        return directory


def split(text):
    """Splits a txtar text into its comment and {path: content}, as rogpeppe/go-internal/txtar does."""
    parts = re.split(r"(?m)^-- (.+) --\n?", text)
    return parts[0], dict(zip((p.strip() for p in parts[1::2]), parts[2::2]))


def load(directory, names=()):
    """The archives of a directory in order of their names; `names` limits them to those containing one of these."""
    found = sorted(f for f in os.listdir(directory) if f.endswith(".txtar"))
    if names:
        found = [f for f in found if any(n in f for n in names)]
    return [Archive(os.path.join(directory, f)) for f in found]
