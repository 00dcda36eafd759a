"""Tests of the generator: python3 testdata/generator/selftest.py (needs the environment of check.NEWEST_STATIC).

Whether the programs run and have an equivalent migration is `generate.py --check`'s business; here is
what that rests on.
"""

import hashlib
import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check  # noqa: E402
import generate  # noqa: E402
import shrink  # noqa: E402
from grammar import project  # noqa: E402

SEEDS = range(1, 201)


def digest(seeds):
    found = hashlib.sha256()
    for seed in seeds:
        for path, content in generate.build(seed).items():
            found.update(path.encode() + b"\0" + content + b"\0")
    return found.hexdigest()


class Determinism(unittest.TestCase):
    def test_same_bytes_whatever_the_hash_seed(self):
        script = "import selftest; print(selftest.digest(range(1, 41)))"
        folder = os.path.dirname(os.path.abspath(__file__))
        texts = []
        for seed in ("0", "1", "4711"):
            environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
            texts.append(subprocess.check_output([sys.executable, "-c", script], cwd=folder, env=environment))
        self.assertEqual(texts[0], texts[1])
        self.assertEqual(texts[0], texts[2])

    def test_seeds_differ(self):
        self.assertEqual(len({digest([seed]) for seed in range(1, 41)}), 40)

    def test_both_dialects_draw_the_same(self):
        for seed in SEEDS:
            legacy, model = project.build(seed)[0], project.build(seed, model_dialect=True)[0]
            self.assertEqual(legacy.rng.random(), model.rng.random(), seed)


class Programs(unittest.TestCase):
    def test_compile(self):
        for seed in SEEDS:
            self.assertEqual(check.compiles(generate.build(seed)), [], seed)

    def test_header_tells_the_changed_values(self):
        seen = 0
        for seed in SEEDS:
            files = generate.build(seed)
            code = b"".join(files.values()).decode().replace("'", '"')
            for key in check.header(files["main.py"])["changes"]:
                self.assertEqual(code.count(f'set_data("{key}"'), 1, seed)
                seen += 1
        self.assertGreater(seen, 20)

    def test_levels_grow(self):
        sizes = [sum(len(generate.build(seed, level)["main.py"]) for seed in range(1, 31)) for level in (1, 3, 5)]
        self.assertEqual(sizes, sorted(sizes))

    def test_every_production_occurs(self):
        used = {name for seed in range(1, 801) for name in project.build(seed)[0].shapes}
        self.assertEqual([s.name for s in project.Grammar().shapes() if s.name not in used], [])


class Check(unittest.TestCase):
    """The model comparison refuses what is wrong, so its silence means something."""

    MISTAKES = (
        (b"_active=False", b"_active=True"),
        (b".set_attribute(", b".get_attributes() or (lambda *a: None)("),
        (b"_traces.new_trace()", b"None"),
        (b'"error" if code >= 400 else "ok"', b'"ok"'),
    )

    def test_mistakes_are_found(self):
        worker = check.Worker(check.NEWEST_STATIC)
        for right, wrong in self.MISTAKES:
            found = []
            for seed in SEEDS:
                legacy, model = generate.build(seed), generate.build(seed, model_dialect=True)
                if any(right in content for content in model.values()) and not found:
                    broken = {path: content.replace(right, wrong) for path, content in model.items()}
                    found = check.complaints(seed, legacy, broken, worker)
            self.assertTrue(found, right)
        worker.close()


class Shrink(unittest.TestCase):
    def test_leaves_what_the_predicate_needs(self):
        seed = next(s for s in SEEDS if b".start_child(" in generate.build(s)["main.py"])
        fails = lambda files: b".start_child(" in b"".join(files.values())  # noqa: E731
        small = shrink.shrink(generate.build(seed), fails)
        self.assertTrue(fails(small))
        code = [line for line in b"".join(small.values()).split(b"\n") if line.strip() and not line.startswith(b"#")]
        self.assertLess(len(code), 8, code)

    def test_keeps_windows_line_ends(self):
        content = b"import os\r\n\r\n\r\ndef f(a, b):\r\n    with open(a), open(b):\r\n        print(a)\r\n"
        small = shrink.shrink({"main.py": content}, lambda files: b"print" in files["main.py"])
        self.assertIn(b"\r\n", small["main.py"])
        self.assertTrue(shrink.compiles(small["main.py"]))


if __name__ == "__main__":
    unittest.main()
