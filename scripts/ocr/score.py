"""How much of a page was read: error rate, recall, and planted strings found again.

Whitespace is ignored, compatibility forms count as equal (NFKC), and so do variants that are written in either script by custom
(內 and 内): the program folds all traditional characters for searching and for its rules. Other traditional and simplified
characters count as different. The star of Chinese markings need not be read: engines may put up to two characters of their own
in its place.
"""
import re
import unicodedata
from collections import Counter

from rapidfuzz.distance import Levenshtein

HAN = re.compile(r"[\u3400-\u9fff]")
VARIANTS = str.maketrans("內台裡群峰床線綫爲", "内臺裏羣峯牀线线為")
WORD = re.compile(r"[a-z0-9]{2,}")


def normal(text):
    """A text as it is compared."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(VARIANTS)


def error_rate(truth, read):
    """Edits a character of truth, at most 1; None where there is no truth."""
    truth = normal(truth)
    return min(1.0, Levenshtein.distance(truth, normal(read)) / len(truth)) if truth else None


def words(text):
    """Words of two or more letters and digits, with their number."""
    return Counter(WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def bigrams(text):
    """Pairs of neighbouring characters, with their number."""
    text = normal(text)
    return Counter(text[i:i + 2] for i in range(len(text) - 1))


def characters(text):
    """Chinese characters, with their number."""
    return Counter(HAN.findall(text))


def recall(truth, read, tokens):
    """The share of the tokens that was read, each as often as it stands there; None where there are none."""
    truth, read = tokens(truth), tokens(read)
    return sum((truth & read).values()) / truth.total() if truth else None


def has_exactly(planted, text):
    """Whether a normal text holds a planted string."""
    parts = [re.escape(part) for part in normal(planted).split("★") if part]
    return re.search(".{0,2}".join(parts), text) is not None


def nearest(planted, text):
    """The part of a normal text that is nearest to a string, and its edits."""
    row = [(0, start) for start in range(len(text) + 1)]
    for number, wanted in enumerate(planted, 1):
        above, row = row, [(number, 0)]
        for column, character in enumerate(text, 1):
            row.append(min((above[column - 1][0] + (wanted != character), above[column - 1][1]), (above[column][0] + 1, above[column][1]),
                           (row[-1][0] + 1, row[-1][1])))
    edits, end, start = min((edits, end, start) for end, (edits, start) in enumerate(row))
    return edits, text[start:end]


def planted(strings, read):
    """Numbers of strings found exactly and nearly, and the misses with what stands there instead."""
    text = normal(read)
    exact = fuzzy = 0
    misses = []
    for one in strings:
        if has_exactly(one["text"], text):
            exact, fuzzy = exact + 1, fuzzy + 1
            continue
        wanted = normal(one["text"]).replace("★", "")
        edits, instead = nearest(wanted, text.replace("★", ""))
        near = edits <= len(wanted) // 8
        fuzzy += near
        misses.append({**one, "near": near, "instead": instead})
    return exact, fuzzy, misses


def page(row, read):
    """The score of one generated page."""
    exact, fuzzy, misses = planted(row["planted"], read)
    tokens = words if row["language"] == "en" else bigrams
    return {"file": row["file"], "planted": len(row["planted"]), "exact": exact, "fuzzy": fuzzy, "misses": misses,
            "recall": recall(row["text"], read, tokens), "cer": error_rate(row["text"], read),
            "invented": 0 if row["text"] else words(read).total() + characters(read).total()}
