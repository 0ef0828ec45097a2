"""Tests of the generator: `python3 -m unittest` in this folder, with scripts/ocr beside it or on PYTHONPATH."""
import importlib.util
import json
import random
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import generate
import content
import draft as drafts
import identifiers
import markings
import negatives

ROOT = Path(content.__file__).resolve().parents[2]
VECTORS = ROOT / "tests/fixtures"
FIELDS = {"path", "family", "language", "jurisdiction", "level", "level_also", "hard_negative", "ocr", "encoding", "markings", "identifiers", "near_misses"}


def made(folder, *more):
    """Runs the generator and answers the truth."""
    argv, sys.argv = sys.argv, ["generate.py", str(folder), *more]
    stderr, sys.stderr = sys.stderr, open("/dev/null", "w")
    try:
        generate.main()
    finally:
        sys.stderr.close()
        sys.argv, sys.stderr = argv, stderr
    return [json.loads(line) for line in (Path(folder) / "truth.jsonl").read_text("utf-8").splitlines()]


class Set(unittest.TestCase):
    """The default set, made once."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = Path(cls.folder.name)
        cls.truth = made(cls.out)
        cls.texts = {row["path"]: (cls.out / row["path"]).read_bytes().decode(row["encoding"]) for row in cls.truth if row["encoding"]}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_same_arguments_give_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as other:
            self.assertEqual(made(other), self.truth)
            for row in self.truth:
                self.assertEqual((Path(other) / row["path"]).read_bytes(), (self.out / row["path"]).read_bytes())

    def test_another_seed_gives_other_texts(self):
        with tempfile.TemporaryDirectory() as other:
            rows = made(other, "--seed", "2", "--only", "negative.law")
            self.assertTrue(any((Path(other) / row["path"]).read_text("utf-8", "ignore") != self.texts[row["path"]] for row in rows))

    def test_every_row_has_the_fields(self):
        for row in self.truth:
            self.assertEqual(set(row), FIELDS, row["path"])
            self.assertIn(row["level"], (None, 0, 1, 2, 3, 4))
            for found in row["markings"]:
                self.assertTrue({"id", "level", "page", "text"} <= set(found))
        self.assertEqual(len({row["path"] for row in self.truth}), len(self.truth))
        self.assertGreater(sum(row["encoding"] == "gb18030" for row in self.truth), 10)

    def test_offsets_point_at_the_text(self):
        for path, row in ((row["path"], row) for row in self.truth if row["encoding"]):
            for found in row["markings"] + row["identifiers"] + row["near_misses"]:
                if "start" in found:
                    self.assertEqual(self.texts[path][found["start"]:found["start"] + len(found["text"])], found["text"], path)
                    self.assertEqual(self.texts[path][:found["start"]].count("\f") + 1, found["page"])

    def test_no_planting_marks_remain(self):
        for path, text in self.texts.items():
            self.assertFalse(any("\ue000" <= c <= "\uf8ff" or c == "{" and "{n}" in text for c in text), path)

    def test_a_document_level_is_that_of_its_marks(self):
        for row in self.truth:
            if row["family"].startswith("marking") and row["markings"]:
                levels = [found["level"] or 0 for found in row["markings"] if not found.get("struck")]
                self.assertEqual(max(levels, default=0), row["level"], row["path"])

    def test_every_marking_row_has_documents(self):
        found = {mark["id"] for row in self.truth for mark in row["markings"]}
        self.assertEqual(set(markings.ROWS) - found, set())
        rules = ROOT / "models/markings.toml"
        if rules.exists():
            import tomllib
            ids = {rule["id"] for rule in tomllib.loads(rules.read_text("utf-8"))["rule"]}
            self.assertEqual({name for name in ids if not name.endswith(".field")} - found, set())

    def test_every_identifier_type_has_documents_and_near_misses(self):
        self.assertEqual(set(identifiers.KINDS) - {one["type"] for row in self.truth for one in row["identifiers"]}, set())
        self.assertEqual(set(identifiers.KINDS) - {one["type"] for row in self.truth for one in row["near_misses"]}, set())

    def test_every_negative_family_has_thirty_templates_and_documents(self):
        counts = Counter(row["hard_negative"] for row in self.truth)
        for family in negatives.FAMILIES:
            self.assertGreaterEqual(counts[family], 30, family)
            self.assertGreaterEqual(len({line for block in negatives.templates(family).values() for line in block}), 30, family)

    def test_hard_negatives_carry_no_mark(self):
        for row in self.truth:
            if row["hard_negative"] and row["hard_negative"] not in ("exam", "declassified"):
                self.assertEqual((row["level"], row["markings"]), (0, []), row["path"])

    def test_no_text_of_the_vectors_is_used(self):
        files = sorted(VECTORS.glob("*vectors.jsonl"))
        if not files:
            self.skipTest("no vectors here")
        known = {json.loads(line)["text"].replace("‖", "") for file in files for line in file.read_text("utf-8").splitlines()}
        known = {text.strip() for text in known if len(text) > 12}
        fixed = {mark["text"] for row in self.truth for mark in row["markings"]}
        for path, text in self.texts.items():
            for line in text.split("\n"):
                if line.strip() in known:
                    self.assertIn(line.strip(), fixed, path)
        values = {one["text"] for row in self.truth for one in row["identifiers"] + row["near_misses"] if len(one["text"]) > 12}
        self.assertEqual(values & known, set())

    def test_wrong_check_digits_are_wrong(self):
        import checks
        for row in self.truth:
            for near in row["near_misses"]:
                if near["type"] == "cn.resident_id" and near["why"] == "check":
                    self.assertFalse(checks.resident(near["text"]))
            for one in row["identifiers"]:
                if one["type"] == "cn.resident_id":
                    self.assertTrue(checks.resident(one["text"]))


@unittest.skipUnless(importlib.util.find_spec("numpy") and importlib.util.find_spec("cv2"), "drawing needs scripts/ocr/requirements.txt")
class Pages(unittest.TestCase):
    """A few pages."""

    def test_pages_are_the_same_twice_and_have_no_offsets(self):
        results = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                rows = [row for row in made(folder, "--only", "marking.fr", "--per", "1", "--pages") if row["ocr"]]
                results.append([(Path(folder) / row["path"]).read_bytes() for row in rows])
                self.assertTrue(rows and all("start" not in mark for row in rows for mark in row["markings"]))
                self.assertTrue(all(row["markings"] for row in rows))
        self.assertEqual(*results)


class Wrapping(unittest.TestCase):
    """Planted strings stay whole."""

    def test_a_planted_string_is_not_broken(self):
        draft = drafts.Draft(random.Random(1), "en", wrap=20)
        draft.add("one two three " + draft.plant("identifier", "12 34 56 78", type="x") + " four five")
        text, rows = drafts.as_text(draft)
        self.assertIn("12 34 56 78", text)
        self.assertEqual(rows["identifier"][0]["start"], text.index("12 34"))


if __name__ == "__main__":
    unittest.main()
