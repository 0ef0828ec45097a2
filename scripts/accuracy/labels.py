"""What a corpus says of its documents and strings: each label as a `Case`, a yes-or-no question to the program.

A case never holds a text for people: errors are told by file or line of a table. Strings that are secrets stay in the corpus.
"""
import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import checks
from measured import MARKED, POSSIBLE, SURE, level_of

# What one program calls a secret rule and another an address or a name: no secret is lost with them.
NO_SECRETS = re.compile(r"np\.(arn|s3|gcs|google|reactapp|linkedin|aws|twitter|newrelic|age)\.1$|np\.(s3|gcs|thingsboard|blynk)\.\d$|np\.aws\.3$|np\.azure\.3$")
NAMES_ONLY = {"UUID", "AWS S3 Bucket", "Firebase Domain", "CURL Options"}
PERSONAL = ("gov-id", "financial", "health", "contact", "person", "org-id")

# Types of the published spans that the program has, too.
SPANS = {
    "CREDIT_CARD": ("pan.",), "IBAN_CODE": ("iban",), "US_SSN": ("us.ssn",), "IP_ADDRESS": ("ip.",), "EMAIL_ADDRESS": ("email",),
    "PHONE_NUMBER": ("phone.", "us.phone", "gb.phone", "de.phone", "fr.phone", "cn.mobile", "cn.landline"),
}


@dataclass
class Case:
    """A question: does the program say of this what the label says?"""

    table: str
    name: str
    wanted: bool
    said: Callable[[list], bool]
    text: str | None = None
    path: str | None = None


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def marked(found):
    return level_of(found) >= MARKED


def decided(found):
    """Whether anything sure speaks for level 2 or above."""
    return any(one["confidence"] >= SURE and one["level"] >= MARKED for one in found)


def rule_like(prefixes, least=POSSIBLE):
    """Whether a rule of one of these beginnings found something."""
    return lambda found: any(one["rule"].startswith(prefixes) and one["confidence"] >= least for one in found)


secret = rule_like(("secret.", "file."))


def documents(corpus):
    """Scans, laws, policies and cables: a marked one must be known by its marking, of another nothing sure may be said."""
    for row in rows(corpus / "MANIFEST.tsv"):
        folder, expected = row["path"].split("/")[0], row["expected"]
        wanted = {"sensitive_hard_negatives": False, "benign_zh": False, "sensitive_marked_scans": not expected.startswith("no marking"),
                  "sensitive_released_text": not expected.startswith("no clean")}.get(folder)
        if wanted is not None:
            yield Case(folder, row["path"], wanted, marked if wanted else decided, path=row["path"])


def marking_lines(corpus):
    """Each labelled line as a document. 内部资料 is level 1; statements about work secrets and exam heads are no markings of level 2."""
    for number, row in enumerate(rows(corpus / "sensitive_text/zh_marking_strings.tsv"), 2):
        text, wanted = json.loads(row["text_json"]), row["label"] == "MARK"
        least = 1 if "内部资料" in text else MARKED
        said = (lambda found, least=least: level_of(found) >= least) if wanted else marked
        yield Case(f"zh_marking_strings {row['label']}", f"zh_marking_strings.tsv:{number}", wanted, said, text=text)


def secret_strings(corpus):
    """Examples of one scanner's rules. A negative only says that *its* rule must not match: it may hold another secret."""
    for number, row in enumerate(rows(corpus / "sensitive_text/noseyparker_examples.tsv"), 2):
        kind = "names, addresses" if NO_SECRETS.match(row["rule_id"]) else "secrets"
        wanted = row["label"] == "POSITIVE"
        table = f"noseyparker: {kind}" if wanted else "noseyparker: not its rule"
        yield Case(table, f"noseyparker_examples.tsv:{number} {row['rule_id']}", wanted, secret, text=json.loads(row["text_json"]))


def secret_files(corpus):
    """Samples of two scanners, packed ones too; what their reference run found is the label."""
    for row in rows(corpus / "MANIFEST.tsv"):
        path, expected = row["path"], row["expected"]
        if path.startswith("sensitive_secrets/"):
            kinds = {kind.strip() for kind in expected.partition("secrets:")[2].split(",")} - {""}
            if kinds and kinds <= NAMES_ONLY:
                continue
            yield Case(path.split("/")[1].split("__")[0], path, not expected.startswith("no secret"), secret, path=path)
        elif path.startswith("sensitive_dlp_docs/") and "should be flagged" in expected:
            yield Case("dlp: passwords", path, True, secret, path=path)
        elif path.startswith("sensitive_dlp_docs/") and "benign" in expected:
            yield Case("dlp: released", path, False, decided, path=path)
        elif path.startswith("sensitive_images/"):
            yield Case("specimen identity documents", path, True, None, path=path)


# Tags that the program has types for, and the rules of those that are no number of a person (None: all of these).
TAGS = {"GOV_ID": None, "PHONE_NUMBER": None, "BANK_ACCOUNT": None, "CREDIT_CARD": None, "EMAIL_ADDRESS": None, "IP_ADDRESS": rule_like(("ip.",))}


def numbers(corpus):
    """Numbers of people as another program's tests have them: tagged or left alone, the latter also where a country or keyword is wrong."""
    tag = re.compile(r"<([A-Z_]+):")
    for number, row in enumerate(rows(corpus / "sensitive_text/piisa_cases.tsv"), 2):
        tags = set(tag.findall(json.loads(row["expected_json"])))
        if tags - TAGS.keys():
            continue
        said = next((TAGS[one] for one in sorted(tags) if TAGS[one]), None)
        yield Case("piisa: numbers" if tags else "piisa: no numbers", f"piisa_cases.tsv:{number} {'+'.join(sorted(tags)) or 'none'}", bool(tags), said, text=json.loads(row["text_json"]))


def chinese_numbers(corpus):
    """Strings of another program's tests, whose labels are weak: what is right in them is told by check digits and labels here."""
    for number, row in enumerate(rows(corpus / "sensitive_text/cn_pii_strings.tsv"), 2):
        text = json.loads(row["text_json"])
        wanted = bool(right_numbers(text))
        yield Case("cn_pii: right" if wanted else "cn_pii: wrong", f"cn_pii_strings.tsv:{number} {row['test_name']}", wanted, None, text=text)


def right_numbers(text):
    """Types of the numbers in a Chinese string whose check digits, dates and prefixes are right."""
    whole = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
    found = set()
    for value in re.findall(whole.format(r"[1-9]\d{16}[\dX]"), text):
        if value[:2] in "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65".split() and checks.resident(value):
            found.add("cn.resident_id")
    found |= {"pan.card" for value in re.findall(whole.format(r"[3-6]\d{14,15}"), text) if checks.luhn(value)}
    found |= {"cn.mobile" for _ in re.findall(whole.format(r"1[3-9]\d{9}"), text)}
    found |= {"cn.uscc" for value in re.findall(whole.format(r"9[0-9A-Y]{17}"), text) if set(value) <= set(checks.USCC) and checks.uscc(value)}
    found |= {"cn.passport" for _ in re.findall(r"护照[A-Z]\d{8}(?!\d)", text)}
    found |= {"cn.hkmo_permit" for _ in re.findall(r"通行证[CWHM]\d{8}(?!\d)", text)}
    return found


def ordinary(corpus):
    """Receipts, forms, old books, letters and headlines as text: none is marked, and none should need a look."""
    for folder in ("ocr_en", "ocr_zh"):
        for path in sorted((corpus / folder).glob("*.gt.txt")):
            source = path.name.split("__")[0]
            yield Case(f"ordinary: {source}" if source in ("SROIE", "FUNSD") else f"ordinary: other {folder}", f"{folder}/{path.name}", False, decided, text=path.read_text("utf-8", "replace"))
    for path in sorted((corpus / "classify/20news").rglob("*.txt")):
        yield Case("ordinary: newsgroup letters", str(path.relative_to(corpus)), False, decided, text=path.read_text("utf-8", "replace"))
    for number, row in enumerate(rows(corpus / "classify/thucnews_titles.tsv"), 2):
        yield Case("ordinary: headlines", f"thucnews_titles.tsv:{number}", False, decided, text=row["title"])


def spans(corpus):
    """Texts with the published spans of the types that both have: (name, text, [(type, span)])."""
    for number, line in enumerate((corpus / "sensitive_text/presidio_synth_spans.jsonl").read_text("utf-8").splitlines(), 1):
        row = json.loads(line)
        yield f"presidio_synth_spans.jsonl:{number}", row["text"], [(kind, text) for kind, _, _, text in row["spans"] if kind in SPANS]
