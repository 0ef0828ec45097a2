"""Documents to register, what becomes of them when people copy, cut, paste and photocopy, and texts that have nothing to do with them.

Texts are those of a corpus where there is one. Others are made: words in random order, as many different ones as a language has
and as unevenly frequent, because a passage is told by words that seldom meet. All randomness comes from the given generator.
"""
import csv
import itertools
import random
import re
from dataclasses import dataclass

import content

PAGE = {"en": 2200, "zh": 700}  # characters of a page
LEAST = {"en": 3000, "zh": 1200}  # characters of a document that is registered
PARAGRAPHS = (600, 300)  # letters; a Han character is worth two


@dataclass
class Document:
    """A text as pages."""

    name: str
    language: str
    pages: list


@dataclass
class Subject:
    """A file in which a registered document may be found: which, and which of its pages (None: all)."""

    way: str
    language: str
    pages: list
    document: str | None = None
    page: int | None = None


def pages(text, language):
    """A text in pages that end with a line or sentence."""
    room, result, page = PAGE[language], [], ""
    for part in re.findall(r"[^。.\n]+[。.\n]*|[。.\n]+", text):
        if page and len(page) + len(part) > room:
            result.append(page)
            page = ""
        page += part
    return [page for page in [*result, page] if len(page.strip()) > 40]


class Vocabulary:
    """So many made words of a language: the n-th is n times as rare as the first, and what is frequent is short."""

    SIZE = 8000

    def __init__(self, language):
        chance = random.Random(f"vocabulary {language}")
        han = [chr(c) for c in range(0x4E00, 0x9FFF) if content.is_frequent(chr(c))]
        syllable = lambda: chance.choice("b c d f g h j k l m n p r s t v w st tr pl".split()) + chance.choice("a e i o u ai ea ou".split()) + chance.choice(["", "", "n", "r", "s", "t", "l"])
        word = (lambda: "".join(syllable() for _ in range(chance.choice([1, 1, 2, 2, 3, 4])))) if language == "en" else lambda: "".join(chance.choices(han, k=chance.choice([1, 2, 2, 2, 3])))
        self.words = sorted((word() for _ in range(self.SIZE)), key=lambda word: len(word) + chance.uniform(0, 4))
        self.sums = list(itertools.accumulate(1 / (rank + 8) for rank in range(self.SIZE)))

    def choose(self, chance, many):
        return chance.choices(self.words, cum_weights=self.sums, k=many)


VOCABULARY = {language: Vocabulary(language) for language in PAGE}


def prose(chance, language, characters):
    """Sentences of random words."""
    result, length = [], 0
    while length < characters:
        sentence = VOCABULARY[language].choose(chance, chance.randint(7, 16))
        result.append(" ".join(sentence).capitalize() + ". " if language == "en" else "".join(sentence) + "。")
        if chance.random() < 0.15:
            result.append("\n")
        length += sum(map(len, sentence)) + (len(sentence) if language == "en" else 0)
    return "".join(result)


def made(chance, language, number, characters):
    """A document that is made up."""
    return Document(f"made-{language}-{number}.txt", language, pages(prose(chance, language, characters), language))


def read(path):
    return path.read_text("utf-8", "replace")


def corpus_texts(corpus):
    """Long texts of a corpus as (name, language, text): laws, cables, manuals, texts of PDFs; and short ones that are never registered."""
    long = [("zh", path) for path in sorted((corpus / "benign_zh").glob("*.md")) + sorted((corpus / "sensitive_hard_negatives").glob("*.md"))]
    for path in sorted((corpus / "sensitive_released_text").glob("*.txt")) + sorted((corpus / "gt/pdf").glob("*.txt")) + sorted((corpus / "gt/office").glob("*.txt")):
        text = read(path)
        if text.isascii() or sum(c.isascii() for c in text) > 0.95 * len(text):
            long.append(("en", path))
    long = [Document(f"{path.stem}.txt", language, pages(read(path), language)) for language, path in long if len(read(path)) >= LEAST[language]]
    short = [("en", read(path)) for path in sorted((corpus / "classify/20news").rglob("*.txt"))]
    short += [("zh" if "ocr_zh" in str(path) else "en", read(path)) for path in sorted(corpus.glob("ocr_*/*.gt.txt"))]
    with open(corpus / "classify/thucnews_titles.tsv", encoding="utf-8", newline="") as file:
        titles = [row["title"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    short += [("zh", "\n".join(titles[at:at + 20])) for at in range(0, len(titles), 20)]
    return long, short


def cleaned(documents):
    """Without those that repeat a document before them: versions of one are no different documents."""
    seen, kept = set(), []
    for document in documents:
        heads = {re.sub(r"\W", "", page)[:200] for page in document.pages}
        if not heads & seen and len({len(page) for page in document.pages}) > 0:
            kept.append(document)
        seen |= heads
    return kept


def chosen(chance, corpus, many):
    """Documents to register (half of them Chinese), and texts that have nothing to do with them, (language, text)."""
    long, short = corpus_texts(corpus) if corpus else ([], [])
    documents, rest = [], list(short)
    for language in ("zh", "en"):
        real = cleaned([one for one in long if one.language == language])
        chance.shuffle(real)
        # Some real ones stay unregistered: laws have sentences in common.
        share = max(0, min(many // 2, len(real) - 5))
        documents += real[:share] + [made(chance, language, number, PAGE[language] * chance.randint(2, 20)) for number in range(share, many // 2)]
        rest += [(language, "\f".join(one.pages)) for one in real[share:]]
    return documents, rest


def unrelated(chance, rest, many):
    """So many texts, the real ones first."""
    for language, text in rest[:many]:
        yield Subject("unrelated, real", language, [text])
    for number in range(many - min(many, len(rest))):
        language = ("zh", "en")[number % 2]
        yield Subject("unrelated, made", language, pages(prose(chance, language, chance.randint(300, 3 * PAGE[language])), language))


def rewrapped(chance, text):
    """Other line ends, as another program would have them."""
    width = chance.choice([50, 64, 72, 90])
    flat = re.sub(r"[ \t]*\n[ \t]*", " ", text)
    return re.sub(rf"(.{{{width},{width + 20}}}?)[ ]", r"\1\n", flat)


def misread(chance, text, share):
    """Wrong letters, as recognition makes them."""
    def worn(c):
        if c.isspace() or chance.random() >= share:
            return c
        return chance.choice("abcdefghijklmnopqrstuvwxyz") if c.isascii() else chance.choice("的一是不了人我在有他这中大来上国")
    return "".join(map(worn, text))


def paragraph(chance, page, letters):
    """A stretch of a page with so many letters, or none if the page is short."""
    worth = lambda c: 0 if not c.isalnum() else 1 if c.isascii() else 2
    total = sum(map(worth, page))
    if total < letters:
        return None
    skip, begin = chance.randint(0, total - letters), 0
    while skip > 0:
        skip -= worth(page[begin])
        begin += 1
    end, left = begin, letters
    while left > 0 and end < len(page):
        left -= worth(page[end])
        end += 1
    return page[begin:end]


def derived(chance, documents, fillers):
    """What becomes of each document. `fillers` answers a page of something else in a language."""
    for document in documents:
        language, name = document.language, document.name
        number = chance.randrange(len(document.pages))
        page = document.pages[number]
        yield Subject("copy, other line ends", language, [rewrapped(chance, one) for one in document.pages], name)
        yield Subject("copy, 5 % of letters wrong", language, [misread(chance, one, 0.05) for one in document.pages], name)
        around = [fillers(language) for _ in range(19)]
        around.insert(chance.randrange(20), page)
        yield Subject("one page of twenty", language, around, name, number)
        around = [fillers(language) for _ in range(19)]
        around.insert(chance.randrange(20), misread(chance, page, 0.05))
        yield Subject("one page of twenty, 5 % wrong", language, around, name, number)
        for letters in PARAGRAPHS:
            part = paragraph(chance, page, letters)
            if part:
                other = fillers(language)
                middle = len(other) // 2
                yield Subject(f"paragraph of {letters} letters", language, [other[:middle] + "\n" + part + "\n" + other[middle:]], name, number)


def told(excerpt):
    """What a finding says: name, percent of the registered page, its number, percent of the whole."""
    found = re.fullmatch(r"(.*): (\d+) % of its page (\d+), (\d+) % of it in all", excerpt)
    return (found[1], int(found[2]), int(found[3]), int(found[4])) if found else None


def scores(subject, findings):
    """What was found of a subject: (named right, page right, share in percent, others named)."""
    said = [told(one["excerpt"]) for one in findings if one["rule"] == "registered.document"]
    right = [one for one in said if one and one[0] == subject.document]
    others = {one[0] for one in said if one} - {subject.document}
    if not right:
        return False, False, 0, others
    at_page = [one for one in right if subject.page is None or one[2] == subject.page + 1]
    share = right[0][3] if subject.page is None else max((one[1] for one in at_page), default=0)
    return True, bool(at_page), share, others


def passages(pages):
    """Every stretch of 40 letters' worth in a text, by its letters alone: who shares one shares a passage."""
    letters = "".join(c for c in "".join(pages).lower() if c.isalnum())
    size = 40 if sum(map(str.isascii, letters)) * 2 > len(letters) else 20
    return {letters[at:at + size] for at in range(len(letters) - size + 1)}
