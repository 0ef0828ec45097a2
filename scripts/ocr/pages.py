#!/usr/bin/env python3
"""Draws the pages of the OCR benchmark: degraded in every way that offices know, with the text that stands on them.

    scripts/ocr/pages.py OUT --part NAME [--pages N] [--only CONDITION]

Pages are named by part, condition, language and number, and depend on nothing else: the same names give the same pages.
`scored` is for scoring only; `tuning` has other pages, for development and calibration; a name that was never used gives pages that
nobody has looked at. What the pages say is made up.
OUT/truth.jsonl holds one object a page: file, condition, language, layout, dpi, text (in reading order) and planted strings.
"""
import argparse
import io
import json
import sys
import time
from pathlib import Path

import cv2
import numpy
from PIL import Image

import damage
import fonts
import layouts
import pictures
from content import Content, chance_of

LANGUAGES = ["en", "zh", "zht", "mixed"]
PICTURES = 50


def plain(dpi, **how):
    """A page as a program prints it."""
    def make(said):
        sheet = layouts.page(said, dpi, **how)
        return sheet, numpy.asarray(sheet.image)
    return make


def worn(change, dpi=200, layout=None, **how):
    """A page to which something happens."""
    def make(said):
        sheet = (layout or layouts.page)(said, dpi, **how)
        return sheet, change(numpy.asarray(sheet.image), said.chance)
    return make


def laid_out(layout, dpi=200):
    """Another layout, scanned well."""
    return worn(lambda picture, chance: damage.grain(picture, chance, 2), dpi, layout)


def skewed(least, most):
    """Turned by some degrees either way."""
    def change(picture, chance):
        angle = chance.uniform(least, most) * chance.choice([-1, 1])
        paper = chance.choice([(255, 255, 255), (255, 255, 255), (225, 225, 225), (70, 70, 70)])
        return damage.grain(damage.turned(picture, angle, paper), chance, 3)
    return worn(change)


def rotated(quarters):
    """Lying on its side or on its head."""
    return worn(lambda picture, chance: damage.grain(numpy.ascontiguousarray(numpy.rot90(picture, quarters)), chance, 3))


def faxed(inverted):
    """A received fax. Chinese is sent in fine resolution: at 98 lines an inch people guess its characters too."""
    def make(said):
        sheet = layouts.page(said, 200, size=12)
        page = damage.fax(numpy.asarray(sheet.image), said.chance, 98 if said.language == "en" else 196)
        return sheet, 255 - page if inverted else page
    return make


def stamped(said):
    """Red stamps over the text."""
    sheet = layouts.page(said, 200)
    layouts.stamps(sheet, said)
    return sheet, damage.grain(damage.blurred(numpy.asarray(sheet.image), 0.5), said.chance, 3)


def watermarked(said):
    """A large grey line under the text."""
    sheet = layouts.page(said, 200)
    layouts.watermark(sheet, said)
    return sheet, damage.grain(numpy.asarray(sheet.image), said.chance, 2)


def screen(dark):
    """What stands on a screen."""
    def make(said):
        sheet = layouts.screenshot(said, dark)
        return sheet, numpy.asarray(sheet.image)
    return make


def pale(said):
    """Grey print on white, or on coloured paper."""
    paper, ink = said.chance.choice([((255, 255, 255), (165, 165, 165)), ((228, 228, 224), (145, 145, 142)), ((250, 228, 150), (140, 120, 80)),
                                     ((245, 195, 205), (135, 95, 105)), ((175, 210, 235), (80, 110, 140)), ((190, 225, 185), (95, 125, 95))])
    sheet = layouts.page(said, 200, paper=paper, ink=ink)
    return sheet, damage.grain(numpy.asarray(sheet.image), said.chance, 2)


CONDITIONS = {
    "clean200": plain(200), "clean150": plain(150), "clean300": plain(300), "dpi100": plain(100),
    "noise": worn(lambda picture, chance: damage.specks(damage.grain(picture, chance, chance.uniform(20, 32)), chance, 0.006)),
    "blur": worn(lambda picture, chance: damage.grain(damage.blurred(picture, chance.uniform(1.3, 1.8)), chance, 3)),
    "jpeg": plain(150),
    "photo": worn(damage.photo),
    "fax": faxed(False), "fax_inverted": faxed(True),
    "skew2": skewed(1.5, 2.5), "skew5": skewed(4.5, 5.5), "skew10": skewed(8.5, 10),
    "rot90": rotated(1), "rot180": rotated(2), "rot270": rotated(3),
    "gradient": worn(lambda picture, chance: damage.grain(damage.gradient(picture, chance), chance, 4)),
    "shadow": worn(lambda picture, chance: damage.grain(damage.shadow(picture, chance), chance, 4)),
    "perspective": worn(lambda picture, chance: damage.grain(damage.perspective(picture, chance, 0.07), chance, 3)),
    "stamp": stamped, "watermark": watermarked,
    "screenshot_dark": screen(True), "screenshot_light": screen(False),
    "table": laid_out(layouts.table), "columns": laid_out(layouts.columns), "vertical": laid_out(layouts.vertical),
    "tiny": worn(lambda picture, chance: damage.grain(picture, chance, 2), size=7), "isolated": laid_out(layouts.isolated),
    "lowcontrast": pale,
}
QUALITY = {"jpeg": 30, "photo": 60}
ALWAYS_COLOURED = {"stamp", "lowcontrast", "photo", "perspective", "screenshot_dark", "screenshot_light"}


def encoded(picture, condition, dpi, chance):
    """The picture as file bytes, and the ending of the name."""
    if condition in QUALITY:
        return damage.as_jpeg(picture, QUALITY[condition], dpi), "jpg"
    if picture.ndim == 3 and condition not in ALWAYS_COLOURED and chance.random() < 0.5:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    image = Image.fromarray(picture)
    if condition.startswith("fax"):
        image = image.convert("1", dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", dpi=(dpi, dpi), compress_level=4)
    return buffer.getvalue(), "png"


def draw_page(out, part, condition, language, number):
    """Draws and writes one page; answers its row of the truth."""
    chance = chance_of(part, condition, language, number)
    said = Content(language, chance)
    sheet, picture = CONDITIONS[condition](said)
    data, ending = encoded(picture, condition, sheet.dpi, chance)
    name = f"{condition}/{language}-{number:02}.{ending}"
    (out / name).write_bytes(data)
    text = "".join(sheet.text().split())
    for one in said.planted:
        assert "".join(one["text"].split()) in text, f"{one['text']} was planted in {name} but not drawn"
    return {"file": name, "condition": condition, "language": language, "layout": sheet.layout, "dpi": sheet.dpi,
            "text": sheet.text(), "planted": said.planted}


def draw_picture(out, part, number):
    """Draws and writes one picture without text; answers its row of the truth."""
    chance = chance_of(part, "notext", number)
    photo = damage.as_jpeg(pictures.picture(chance, number), 88, 150)
    name = f"notext/none-{number:02}.jpg"
    (out / name).write_bytes(photo)
    return {"file": name, "condition": "notext", "language": "none", "layout": "none", "dpi": 150, "text": "", "planted": []}


def rows_of(out, part, condition, pages):
    """Draws all pages of a condition."""
    (out / condition).mkdir(parents=True, exist_ok=True)
    if condition == "notext":
        return [draw_picture(out, part, number) for number in range(PICTURES)]
    languages = ["zh", "zht"] if condition == "vertical" else LANGUAGES
    return [draw_page(out, part, condition, language, number) for language in languages for number in range(pages)]


def main():
    conditions = [*CONDITIONS, "notext"]
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--part", required=True, help="scored, tuning, or a name of your own")
    options.add_argument("--pages", type=int, default=3, help="pages a condition and language (3)")
    options.add_argument("--only", choices=conditions, help="draws one condition; the others' truth stays")
    given = options.parse_args()
    fonts.require_all()
    given.out.mkdir(parents=True, exist_ok=True)
    kept = given.out / "truth.jsonl"
    chosen = [given.only] if given.only else conditions
    rows = [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if given.only and kept.exists() else []
    rows = [row for row in rows if row["condition"] not in chosen]
    for condition in chosen:
        start = time.process_time()
        made = rows_of(given.out, given.part, condition, given.pages)
        rows += made
        print(f"{condition:<18} {len(made):>3} pages {(time.process_time() - start) / len(made):.2f} CPU-s each", file=sys.stderr)
    rows.sort(key=lambda row: (conditions.index(row["condition"]), row["file"]))
    kept.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
