#!/usr/bin/env python3
"""Makes the labelled set that measures the classification stage: markings, identifiers, secrets, and hard negatives.

    scripts/accuracy/generate.py OUT [--seed N] [--per N] [--only FAMILY] [--pages]

OUT/text holds plain text (UTF-8, a few in GB18030; form feeds between pages), OUT/binary files that are known by their first
bytes, and with --pages OUT/pages holds the same kinds of documents drawn and worn like office scans. The same arguments give the
same bytes. Everything is made up: no text of the rules' examples or of the test vectors is used, except where a mark is a fixed
phrase. `--per` is documents a marking row and an identifier type (6); hard negatives are ten times as many a family, at least 30.
`--only marking.cn` keeps the families that begin so.

OUT/truth.jsonl has one object a file:

    path, family, language, jurisdiction, ocr (a picture), encoding (of a text), hard_negative (family or null)
    level         the document's level from its markings alone, 0 to 4; null where markings are not the question
    level_also    other levels that a careful reader may give: words that mean more in another country, lowered levels
    markings      id (a row of the rules), page, text, level (null: evidence only), start (texts); struck: crossed out
    identifiers   type, page, text, start (texts), expect (confidence), keyword (whether one stands by it)
    near_misses   type, page, text, start, why: looks like it and must not be reported

`start` counts characters of the decoded text. Other types may match a value by chance (short check digits): judge by type.
Pages need the packages and fonts of scripts/ocr, whose drawing is used.
"""
import argparse
import json
import random
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "ocr"))

import draft as drafts
import identifiers
import markings
import negatives

PAGES_PER = {"marking": 2, "identifier": 0, "negative": 5}
PAGE_TYPES = 10  # every so many types of identifiers has pages


def jurisdiction(name):
    """Of a row or type: its first part."""
    first = name.split(".")[0]
    return first.upper() if len(first) <= 4 and first not in ("pan", "lei", "vin", "iban", "file", "mac", "imei", "imsi", "geo", "ip", "mrz") else "INT"


def plan(per, pages):
    """What is made, in order: family, name and number of each document."""
    many = {"marking": per, "identifier": per, "negative": max(30, per * 10)}
    if pages:
        many = PAGES_PER
    for name in sorted(markings.ROWS):
        for number in range(many["marking"]):
            yield f"marking.{name.split('.')[0]}", name, number
    for place, name in enumerate(sorted(identifiers.KINDS)):
        for number in range(many["identifier"] or (1 if place % PAGE_TYPES == 0 and name[:4] != "file" else 0)):
            yield f"identifier.{name.split('.')[0]}", name, number
    for name in negatives.FAMILIES:
        for number in range(many["negative"]):
            yield f"negative.{name}", name, number


def compose(seed, family, name, number, kind):
    """One document and the part of its truth that does not depend on how it is written."""
    chance = random.Random(f"{seed}/{kind}/{family}/{name}/{number}")
    level, also = None, []
    if family.startswith("marking"):
        draft, level, also = markings.drafted(chance, name)
    elif family.startswith("negative"):
        draft, level, also = negatives.drafted(chance, name, number)
    else:
        draft = identifiers.write(chance, name, number)
    row = {"family": family, "language": draft.language, "jurisdiction": "INT" if family.startswith("negative") else jurisdiction(name), "level": level,
           "level_also": sorted(set(also) - {level}), "hard_negative": name if family.startswith("negative") else None}
    return draft, row, chance


def finished(row, path, ocr, rows, encoding=None):
    """A line of the truth."""
    return {"path": path, **row, "ocr": ocr, "encoding": encoding, "markings": rows["marking"], "identifiers": rows["identifier"], "near_misses": rows["near_miss"]}


def write_text(out, seed, family, name, number):
    """Writes a document as text, or as the bytes it consists of."""
    draft, row, chance = compose(seed, family, name, number, "text")
    stem = f"{family.replace('.', '-')}-{name.replace('.', '-').replace('+', '-')}-{number:02}"
    if hasattr(draft, "raw"):
        path = f"binary/{stem}.bin"
        (out / path).write_bytes(draft.raw)
        return finished(row, path, False, draft.raw_rows)
    if draft.named:
        front = draft.named[0] in "【（F"
        stem = draft.named + f"report-{number:02}" if front else f"report-{number:02}" + draft.named.rstrip("_")
    text, rows = drafts.as_text(draft)
    if draft.named:
        rows["marking"].append({"id": "meta.filename", "level": None, "page": 0, "text": draft.named})
    encoding = "gb18030" if draft.language == "zh" and chance.random() < 0.08 else "utf-8"
    path = f"text/{stem}.txt"
    (out / path).write_bytes(text.encode(encoding))
    return finished(row, path, False, rows, encoding)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--per", type=int, default=6, help="documents a row and a type (6)")
    options.add_argument("--only", default="", help="families that begin so: marking, marking.us, identifier, negative.exam")
    options.add_argument("--pages", action="store_true", help="pictures as well")
    given = options.parse_args()
    for folder in ("text", "binary", *(["pages"] if given.pages else [])):
        (given.out / folder).mkdir(parents=True, exist_ok=True)
    rows = [write_text(given.out, given.seed, *one) for one in plan(given.per, False) if one[0].startswith(given.only)]
    if given.pages:
        import render
        for one in plan(given.per, True):
            if one[0].startswith(given.only):
                rows += render.write_pages(given.out, given.seed, *one)
    (given.out / "truth.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{len(rows)} files", file=sys.stderr)


if __name__ == "__main__":
    main()
