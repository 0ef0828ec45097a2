"""Tests of what counts labels and answers: `python3 -m unittest` in this folder. The corpora here are made up."""
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "ocr"))

import corpus
import labels
import measured


def finding(rule, confidence=75, level=3, excerpt="", detector="identifier", flags=()):
    return {"rule": rule, "confidence": confidence, "level": level, "excerpt": excerpt, "detector": detector, "flags": list(flags)}


def written(folder, name, header, *rows):
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join("\t".join(row) for row in [header, *rows]) + "\n", encoding="utf-8")


class Rates(unittest.TestCase):
    def test_recall_weighs_four_times(self):
        precision, recall, f2 = measured.rates([(True, True), (True, False), (False, True), (False, False)])
        self.assertEqual((precision, recall, f2), (0.5, 0.5, 0.5))
        self.assertAlmostEqual(measured.rates([(True, True)] * 4 + [(False, True)] * 4)[2], 5 * 0.5 / 3)

    def test_an_interval_holds_the_value_and_is_the_same_each_time(self):
        pairs = [(True, True)] * 8 + [(True, False)] * 2
        low, high = measured.interval("recall", pairs, lambda drawn: measured.rates(drawn)[1])
        self.assertTrue(low < 0.8 < high)
        self.assertEqual((low, high), measured.interval("recall", pairs, lambda drawn: measured.rates(drawn)[1]))

    def test_only_sure_markings_give_a_level(self):
        found = [finding("x", 65, 4, detector="marking"), finding("y", 75, 2, detector="marking"), finding("z", 85, 3)]
        self.assertEqual(measured.level_of(found), 2)


class Labels(unittest.TestCase):
    def test_a_marked_document_needs_a_marking_and_another_nothing_sure(self):
        with tempfile.TemporaryDirectory() as folder:
            written(folder, "MANIFEST.tsv", ("path", "expected"), ("sensitive_marked_scans/a.pdf", "marking must be found"),
                    ("sensitive_marked_scans/b.pdf", "no marking on the page"), ("benign_zh/c.md", "text"), ("pdf/d.pdf", "text"))
            marked, bare, law = labels.documents(Path(folder))
        self.assertEqual((marked.wanted, bare.wanted, law.wanted), (True, False, False))
        self.assertFalse(marked.said([finding("pan.card", 85, 3)]))
        self.assertTrue(law.said([finding("pan.card", 85, 3)]))
        self.assertFalse(law.said([finding("pan.card", 65, 3)]))

    def test_internal_material_is_level_1(self):
        with tempfile.TemporaryDirectory() as folder:
            written(folder, "sensitive_text/zh_marking_strings.tsv", ("label", "text_json"), ("MARK", '"内部资料"'), ("MARK", '"机密"'), ("MENTION", '"机密"'))
            internal, secret, mention = labels.marking_lines(Path(folder))
        one = [finding("cn", 75, 1, detector="marking")]
        self.assertEqual((internal.said(one), secret.said(one), mention.said(one)), (True, False, False))

    def test_names_and_addresses_are_no_secrets(self):
        with tempfile.TemporaryDirectory() as folder:
            row = lambda rule, label: (rule, label, json.dumps("text"))
            written(folder, "sensitive_text/noseyparker_examples.tsv", ("rule_id", "label", "text_json"), row("np.s3.2", "POSITIVE"), row("np.slack.2", "POSITIVE"), row("np.slack.2", "NEGATIVE"))
            tables = [case.table for case in labels.secret_strings(Path(folder))]
        self.assertEqual(tables, ["noseyparker: names, addresses", "noseyparker: secrets", "noseyparker: not its rule"])

    def test_samples_that_hold_names_alone_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            written(folder, "MANIFEST.tsv", ("path", "expected"), ("sensitive_secrets/A__uuid", "1 secrets: UUID"), ("sensitive_secrets/A__key", "2 secrets: UUID, Key"), ("sensitive_secrets/A__none", "no secret reported"))
            self.assertEqual([(case.name[-4:], case.wanted) for case in labels.secret_files(Path(folder))], [("_key", True), ("none", False)])

    def test_a_tag_that_no_type_stands_for_is_no_question(self):
        with tempfile.TemporaryDirectory() as folder:
            row = lambda text: (json.dumps("x"), json.dumps(text))
            written(folder, "sensitive_text/piisa_cases.tsv", ("text_json", "expected_json"), row("I am <AGE:65>"), row("<PHONE_NUMBER:1>"), row("nothing"), row("<IP_ADDRESS:1>"))
            phone, nothing, address = labels.numbers(Path(folder))
        self.assertEqual((phone.wanted, nothing.wanted, address.said([finding("ip.v4")])), (True, False, True))

    def test_chinese_numbers_are_right_by_their_check_digits(self):
        self.assertEqual(labels.right_numbers("身份证号11010519491231002X，手机13800138000"), {"cn.resident_id", "cn.mobile"})
        self.assertEqual(labels.right_numbers("110105194912310021 4111111111111112 12345678901"), set())
        self.assertEqual(labels.right_numbers("ABC4111111111111111XYZ"), set())


class Spans(unittest.TestCase):
    def test_a_mask_fits_what_is_as_long_and_ends_alike(self):
        self.assertTrue(corpus.fits("•••• 1111", "4111 1111"))
        self.assertFalse(corpus.fits("•••• 1111", "4111 1112") or corpus.fits("••••", "41111"))

    def test_a_finding_answers_one_span_and_what_two_rules_know_is_one(self):
        found = [finding("us.phone", excerpt="•••-••••"), finding("phone.national", excerpt="•••-••••"), finding("email", excerpt="•@•"), finding("topic.x")]
        pairs = list(corpus.span_pairs([("PHONE_NUMBER", "555-1234"), ("PHONE_NUMBER", "555-9999")], found, 65))
        self.assertEqual(pairs, [("PHONE_NUMBER", True, True), ("PHONE_NUMBER", True, False), ("EMAIL_ADDRESS", False, True)])


class Table(unittest.TestCase):
    def test_a_lone_number_is_none(self):
        said = corpus.personal([{"id": "au.tfn", "category": "gov-id"}])
        self.assertTrue(said([finding("au.tfn", 65)]))
        self.assertFalse(said([finding("au.tfn", 65, flags=[corpus.LONE])]) or said([finding("secret.x", 85)]))

    def test_errors_tell_places_and_rules_and_no_texts(self):
        case = labels.Case("set", "table.tsv:3", False, labels.decided, text="token 1234")
        lines, errors = corpus.table([case], [([finding("secret.x", 85, excerpt="toke• ••••")], "misfiled")], None)
        self.assertEqual(errors, [{"error": "false alarm", "set": "set", "name": "table.tsv:3", "rules": ["secret.x 85 toke• ••••"]}])
        self.assertIn("| set | 0 |  | 1 | 1 | 0 | 0.000", lines["set"].shown("set"))

    def test_what_lies_in_a_file_is_found_with_it(self):
        rows = {Path("/c/a.zip"): {"path": "/c/a.zip", "findings": [], "verdict": "misfiled"}, Path("/c/a.zip!/k"): {"path": "/c/a.zip!/k", "findings": [1], "verdict": "misfiled"}}
        self.assertEqual(corpus.below(rows, Path("/c/a.zip")), ([1], "misfiled"))


if __name__ == "__main__":
    unittest.main()
