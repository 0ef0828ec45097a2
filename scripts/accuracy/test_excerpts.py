"""Tests of what becomes of registered documents: `python3 -m unittest` in this folder."""
import random
import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "ocr"))

import excerpts


def worth(text):
    return sum(0 if not c.isalnum() else 1 if c.isascii() else 2 for c in text)


class Texts(unittest.TestCase):
    def test_pages_hold_all_of_a_text_in_order(self):
        text = excerpts.prose(random.Random(1), "zh", 3000)
        parts = excerpts.pages(text, "zh")
        self.assertTrue(4 <= len(parts) <= 7 and all(len(part) <= excerpts.PAGE["zh"] for part in parts))
        self.assertTrue(text.startswith("".join(parts)[:2500]))

    def test_made_documents_share_no_passage(self):
        chance = random.Random(2)
        for language in excerpts.PAGE:
            one, other = (excerpts.made(chance, language, number, 20_000) for number in (1, 2))
            self.assertFalse(excerpts.passages(one.pages) & excerpts.passages(other.pages))

    def test_half_of_what_is_registered_is_chinese(self):
        documents, rest = excerpts.chosen(random.Random(3), None, 6)
        self.assertEqual([one.language for one in documents], ["zh"] * 3 + ["en"] * 3)
        self.assertEqual((rest, len({one.name for one in documents})), ([], 6))

    def test_other_line_ends_change_no_letter(self):
        text = excerpts.prose(random.Random(4), "en", 4000)
        wrapped = excerpts.rewrapped(random.Random(4), text)
        self.assertNotEqual(text, wrapped)
        self.assertEqual("".join(text.split()), "".join(wrapped.split()))

    def test_misread_letters_are_as_many_as_said(self):
        text = excerpts.prose(random.Random(5), "en", 20_000)
        wrong = sum(a != b for a, b in zip(text, excerpts.misread(random.Random(5), text, 0.05)))
        self.assertTrue(0.03 < wrong / len(text) < 0.06, wrong / len(text))

    def test_a_paragraph_has_its_letters_and_a_short_page_none(self):
        for language in excerpts.PAGE:
            page = excerpts.prose(random.Random(6), language, excerpts.PAGE[language])
            part = excerpts.paragraph(random.Random(6), page, 300)
            self.assertIn(part, page)
            self.assertIn(worth(part), (300, 301))
        self.assertIsNone(excerpts.paragraph(random.Random(6), "short", 300))

    def test_each_way_says_where_its_document_is(self):
        document = excerpts.made(random.Random(7), "en", 0, 9000)
        subjects = list(excerpts.derived(random.Random(7), [document], lambda language: "something else " * 50))
        self.assertEqual(len(subjects), 6)
        page = next(one for one in subjects if one.way == "one page of twenty")
        self.assertEqual((len(page.pages), page.pages.count(document.pages[page.page])), (20, 1))


class Scores(unittest.TestCase):
    def finding(self, excerpt):
        return {"rule": "registered.document", "confidence": 75, "excerpt": excerpt}

    def test_a_finding_says_document_page_and_shares(self):
        self.assertEqual(excerpts.told("a: b.txt: 98 % of its page 3, 5 % of it in all"), ("a: b.txt", 98, 3, 5))
        self.assertIsNone(excerpts.told("a.txt"))

    def test_the_right_page_and_other_documents_are_told_apart(self):
        subject = excerpts.Subject("way", "en", ["x"], "a.txt", 2)
        found = [self.finding("a.txt: 90 % of its page 3, 5 % of it in all"), self.finding("b.txt: 9 % of its page 1, 1 % of it in all")]
        self.assertEqual(excerpts.scores(subject, found), (True, True, 90, {"b.txt"}))
        self.assertEqual(excerpts.scores(subject, found[1:]), (False, False, 0, {"b.txt"}))
        self.assertEqual(excerpts.scores(excerpts.Subject("way", "en", ["x"], "a.txt", 0), found)[:3], (True, False, 0))


if __name__ == "__main__":
    unittest.main()
