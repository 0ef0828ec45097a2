"""Real pages with ground truth, which are not part of the repository: what they say, and how they are scored."""
import csv
import json
import subprocess
import sys
from pathlib import Path

import engines
import score

FOLDERS = ["ocr_en", "ocr_zh", "ocr_zh_strings", "ocr_img_modes"]
SUFFIX = ".gt.txt"


def expected(corpus):
    """The manifest's column `expected`, by path."""
    with open(corpus / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        return {row["path"]: row["expected"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def wanted(text):
    """Strings that a page must show, each with its alternatives."""
    if "key fields: " in text:
        fields = json.loads(text.split("key fields: ", 1)[1])
        return [(name, [fields[name]]) for name in ("company", "date", "total") if fields.get(name)]
    if "must contain: " in text:
        return [("string", one.strip().split("|")) for one in text.split("must contain: ", 1)[1].split(";")]
    return []


def dpi_of(path):
    """The resolution that a picture names, else one by which it is as high as a sheet of paper."""
    # Another process is asked: this one stays small, see engines.py.
    code = "import sys; from PIL import Image; i = Image.open(sys.argv[1]); print(i.info.get('dpi', (0,))[0], i.height)"
    done = subprocess.run([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    dpi, height = (float(part) for part in done.stdout.split()) if done.returncode == 0 else (0.0, 1754.0)
    return round(dpi) if 70 <= dpi <= 1200 else max(72, round(height / 11.69))


def pages(corpus, sample):
    """The pages in groups by folder and source. Of each group every `sample`-th page is taken."""
    says, groups = expected(corpus), {}
    for folder in FOLDERS:
        for path in sorted((corpus / folder).glob("*")):
            truth = Path(f"{path}{SUFFIX}")
            strings = wanted(says.get(f"{folder}/{path.name}", ""))
            if path.name.endswith(SUFFIX) or not (truth.exists() or strings):
                continue
            text = truth.read_text("utf-8", "replace") if truth.exists() else ""
            row = {"file": f"{folder}/{path.name}", "path": path, "text": text, "wanted": strings, "chinese": folder.startswith("ocr_zh")}
            groups.setdefault((folder, path.name.split("__")[0]), []).append(row)
    return {name: rows[::sample] for name, rows in groups.items()}


def picture(row):
    """A page as an engine takes it."""
    return engines.Picture(row["path"], "zh" if row["chinese"] else "en", dpi_of(row["path"]))


def page(row, read):
    """The score of one real page."""
    text, exact, fuzzy, misses = score.normal(read).lower(), 0, 0, []
    for kind, alternatives in row["wanted"]:
        results = [score.planted([{"kind": kind, "text": one.lower()}], text) for one in alternatives]
        found, near = max(one[0] for one in results), max(one[1] for one in results)
        exact, fuzzy = exact + found, fuzzy + near
        misses += [] if found else [{"kind": kind, "text": alternatives[0], "near": bool(near), "instead": ""}]
    tokens = score.characters if row["chinese"] else score.words
    return {"file": row["file"], "planted": len(row["wanted"]), "exact": exact, "fuzzy": fuzzy, "misses": misses,
            "recall": score.recall(row["text"], read, tokens), "cer": None, "invented": 0}
