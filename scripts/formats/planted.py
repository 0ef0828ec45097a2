#!/usr/bin/env python3
"""Plants a marking with a code word of its own in each place of each format where a person could put one, sweeps the documents, and
says which were found and whether the page is called by its right name.

    python3 -m venv VENV && VENV/bin/pip install -r scripts/formats/requirements.txt
    VENV/bin/python scripts/formats/planted.py FOLDER [--misfile PROGRAM] [--all]

FOLDER is made anew: FOLDER/share holds the documents, FOLDER/data the catalog. A place counts as found if the sweep has a finding of the
code word there (and, where a marking stands beside it, one of the marking, too) and `inspect --text` shows the word on a page that is
called as it should. Exit code 1 if a place is missed that is not known to be (`KNOWN`).
"""
import argparse
import collections
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from places import drawn, odf, office, ole, other, packed, post
from places.plants import Plants

FORMATS = {
    "docx": office.docx, "xlsx": office.xlsx, "pptx": office.pptx, "vsdx": office.vsdx, "odt": odf.odt, "fodt": odf.fodt, "ods": odf.ods, "odp": odf.odp,
    "rtf": other.rtf, "xls": other.xls, "msg": ole.msg, "eml": post.eml, "mbox": post.mbox, "mhtml": post.mhtml, "html": post.data_page, "ics": post.ics, "vcf": post.vcf,
    "pdf": drawn.pdf, "ofd": drawn.ofd, "xps": drawn.xps, "epub": other.epub, "fb2": other.fb2, "svg": other.svg, "ipynb": other.ipynb, "xml": other.xml,
    "json": other.json_, "sqlite": other.sqlite, "drawio": other.diagram, "csv": other.csv, "utf8.txt": other.text("utf-8"), "gbk.txt": other.text("gbk"), "utf16.txt": other.text("utf-16"), "packed.txt": other.packed_text,
    "zip": packed.zip_, "tar": packed.tar, "2.tar": packed.volume, "exe": packed.behind_program, "tar.gz": lambda plant: packed.tar(plant.inner(".*"), ":gz"), "gz": packed.gz, **packed.PACKED, "7z": packed.sevenz, "ar": packed.ar, "cpio": packed.cpio,
    "png": drawn.png, "jpg": drawn.jpeg, "tif": drawn.tiff, "gif": drawn.gif, "webp": drawn.webp, "bmp": drawn.bmp, "jp2": drawn.jp2, "ppm": drawn.pnm, "avif": drawn.avif, "heic": drawn.heic, "jxl": drawn.jxl, "dcm": drawn.dicom,
}


# What is known to be missed, and why. Anything else that is missed is an error.
KNOWN = {}


def plant(share):
    plants = Plants()
    for ending, make in FORMATS.items():
        plants.file = f"planted.{ending}"
        (share / plants.file).write_bytes(make(plants))
    plants.file = f"{plants.code('name of the file')}.txt"
    plants.all[-1].file = plants.file
    (share / plants.file).write_text("nothing\n")
    return plants.all


def rows(program, *arguments):
    done = subprocess.run([program, "--format", "jsonl", "--quiet", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in (0, 10, 11):
        sys.exit(f"{arguments}: exit {done.returncode}\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def plain(text):
    return " ".join(text.upper().replace("%20", " ").split())


class Seen:
    """What a sweep found and what the pages say, by location below the share."""

    def __init__(self, program, share, folder, words):
        (folder / "words.txt").write_text("\n".join(words))
        config = folder / "planted.toml"
        config.write_text(f'[[keyword_list]]\nname = "planted"\nfile = "{folder / "words.txt"}"\nlevel = 3\nconfidence = 85\n\n[identifiers]\nsamples = 1000\n')
        common = ["--config", config]
        rows(program, *common, "--data", folder / "data", "sweep", share)
        self.texts, self.files, self.found = {}, {}, collections.defaultdict(list)
        for row in rows(program, *common, "--data", folder / "data", "findings", "--all"):
            if row["type"] == "file":
                place = self.below(share, row)
                self.files[place] = row
                for finding in row["findings"]:
                    self.found[place, finding["page"]].append(finding["rule"])
        for row in rows(program, *common, "inspect", "--text", share):
            if row["type"] == "page":
                self.texts[self.below(share, row), row["page"]] = (row.get("label") or str(row["page"]), plain(row["text"]))

    @staticmethod
    def below(share, row):
        return row["path"].removeprefix(f"{share}/")

    def of(self, plant):
        """Whether it was found, whether its page is called right, and where it was seen."""
        at = [(key, label) for key, (label, text) in self.texts.items() if key[0].startswith(plant.file) and plant.code in text]
        names = [place for place, row in self.files.items() if place.startswith(plant.file) and plant.code in plain(place) and any(one["rule"] == "keyword.planted" and one["page"] == 0 for one in row["findings"])]
        inside = [(key, label) for key, label in at if (re.search(plant.inside, key[0][len(plant.file):]) if plant.inside else key[0] == plant.file)]
        wanted = ["keyword.planted"] + (["us."] if plant.marked else [])
        found = [(key, label) for key, label in inside if all(any(rule.startswith(want) for rule in self.found[key]) for want in wanted)]
        right = [label for _, label in found if re.search(plant.label, label)]
        seen = ", ".join(sorted({f"{key[0][len(plant.file):]} [{label}]" for key, label in at} | {f"name {place}" for place in names}))
        return bool(found or names), bool(right or names), seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misfile", default="target/release/misfile")
    parser.add_argument("--all", action="store_true", help="list every place, not only what is missed")
    given = parser.parse_args()
    folder = given.folder.resolve()
    for old in ("share", "data"):
        shutil.rmtree(folder / old, ignore_errors=True)
    share = folder / "share"
    share.mkdir(parents=True)
    plants = plant(share)
    codes = [one.code for one in plants]
    assert len(set(codes)) == len(codes), "every place has a word of its own"
    seen = Seen(given.misfile, share, folder, codes)
    counts = collections.defaultdict(lambda: [0, 0, 0])
    missed = 0
    print("| format | place | found | page called right | seen at |\n| --- | --- | --- | --- | --- |")
    for one in plants:
        found, right, at = seen.of(one)
        ending = one.file.removeprefix("planted.")
        for index, value in enumerate((True, found, right)):
            counts[ending][index] += value
        known = KNOWN.get((ending, one.place))
        missed += not right and not known
        if given.all or not right:
            why = f" (known: {known})" if known and not right else ""
            print(f"| {ending} | {one.place} | {'yes' if found else '**no**'} | {'yes' if right else '**no**'}{why} | {at} |")
    print("\n| format | places | found | page called right |\n| --- | --- | --- | --- |")
    for ending, (places, found, right) in counts.items():
        print(f"| {ending} | {places} | {found} | {right} |")
    places, found, right = (sum(values[at] for values in counts.values()) for at in range(3))
    print(f"| all | {places} | {found} | {right} |")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
