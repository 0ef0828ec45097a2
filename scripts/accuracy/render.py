"""First pages of documents drawn like office scans: 150 or 200 dpi, askew by up to three degrees, soft, noisy, as JPEG.

Drawing, fonts and damage are those of scripts/ocr. Marks stand where their block says; red where stamps are red; stamps are framed
and turned, watermarks lie across the page. Hindi and Hebrew are not drawn: they need shaping that the drawing does not have.
"""
import sys
from dataclasses import replace

import numpy
from PIL import Image

import damage
import draft as drafts
import fonts
import generate
import layouts

FAMILIES = {"ja": ["Noto Sans CJK JP", "Noto Serif CJK JP"], "ko": ["Noto Sans CJK KR", "Noto Serif CJK KR"]}
UNDRAWN = ("hi", "he", "none")
CHINESE = ("zh", "zht")


class Said:
    """What the drawing of watermarks and stamps asks a page for."""

    def __init__(self, chance, language, text):
        self.chance, self.text = chance, text
        self.language = language if language in CHINESE else "en"

    def plant(self, kind, text):
        """The text is given; nothing is made up."""
        return self.text


def typeface(chance, language, text):
    """A type that has the glyphs of a page."""
    if language in CHINESE or language == "en" and text.isascii():
        return fonts.choose(chance, language, text if language == "en" else "".join(c for c in text if c.isascii() or "一" <= c <= "鿿"))
    families = FAMILIES.get(language, ["DejaVu Sans", "DejaVu Serif"])
    return fonts.Type(chance.choice(families), families[0] if language in FAMILIES else families[0])


def display_type(chance, language, text):
    """A bold sans serif type for stamps and watermarks that has the glyphs of a text."""
    if language in CHINESE or language == "en" and text.isascii():
        return fonts.choose(chance, language, text, fonts.BOLD_SANS)
    family = FAMILIES[language][0] if language in FAMILIES else "DejaVu Sans"
    kind = fonts.Type(family, family)
    if kind.lacks(text):
        sys.exit(f"{family} lacks {''.join(kind.lacks(text))} of a stamp in {language}")
    return kind


def lines_of(block, kind, pixels, language, room):
    """A block as drawn lines."""
    text, result = drafts.bare(block.text), []
    for part in text.split("\n"):
        flow = layouts.wrap(part, room, lambda each: kind.width(each, pixels, block.bold)) if part.strip() else [""]
        result += flow
    return result


def size_of(block):
    """Points of a block."""
    return 16 if block.role == "title" else 14 if block.zone == "head" and block.bold else 10.5


def measured(sheet, block, kind, language):
    """Lines, pixels and height."""
    pixels = sheet.pixels(size_of(block))
    lines = lines_of(block, kind, pixels, language, sheet.image.size[0] - sheet.pixels(124))
    return lines, pixels, len(lines) * pixels * 1.55 + sheet.pixels(5)


def put(sheet, block, kind, measure, top, struck=False):
    """Draws the lines of a block, crossed out if it says so."""
    lines, pixels, _ = measure
    width, margin = sheet.image.size[0], sheet.pixels(62)
    align = "centre" if block.role == "title" else block.align
    x = {"left": margin, "centre": width / 2, "right": width - margin}[align]
    for number, line in enumerate(lines):
        left, long = sheet.line(x, top + pixels * (1.1 + 1.55 * number), line, kind, pixels, layouts.RED if block.red else None, block.bold, align)
        if struck:
            height = top + pixels * (0.75 + 1.55 * number)
            sheet.draw.line([(left - 6, height + 2), (left + long + 6, height - 2)], layouts.INK, max(2, round(pixels / 12)))


def crossed(block, draft):
    """Whether a mark on the block was struck out."""
    found = drafts.PLANTED.search(block.text)
    return bool(found) and draft.planted[ord(found[1]) - drafts.FIRST].get("struck", False)


def drawn(page, draft, dpi, chance):
    """A sheet with what fits of a page, and the blocks that stand on it."""
    sheet = layouts.Sheet.a4(dpi)
    kind = typeface(chance, draft.language, "".join(drafts.bare(block.text) for block in page))
    foot = [block for block in page if block.zone == "foot"]
    heights = [measured(sheet, block, kind, draft.language) for block in foot]
    bottom = sheet.image.size[1] - sheet.pixels(34) - sum(height for *_, height in heights)
    top, shown = sheet.pixels(34), []
    for block in page:
        if block.zone == "foot" or block.role in ("stamp", "watermark"):
            continue
        measure = measured(sheet, block, kind, draft.language)
        if top + measure[2] > bottom - sheet.pixels(8):
            break
        if block.role == "rule":
            sheet.draw.line([(sheet.pixels(62), top + 8), (sheet.image.size[0] - sheet.pixels(62), top + 8)], layouts.RED, 3)
        else:
            put(sheet, block, kind, measure, top, crossed(block, draft))
        top, shown = top + measure[2], [*shown, block]
    for block, measure in zip(foot, heights):
        put(sheet, block, kind, measure, bottom)
        bottom += measure[2]
    over = [block for block in page if block.role in ("stamp", "watermark") and block.zone != "foot"]
    for block in over:
        pressed(sheet, block, draft.language, chance)
    return sheet, shown + over + foot


def pressed(sheet, block, language, chance):
    """A red framed stamp at the top, or a grey line across the page."""
    text = drafts.bare(block.text)
    kind = display_type(chance, language, text)
    if block.role == "watermark":
        layouts.watermark(sheet, Said(chance, language, text), kind)
        return
    stamp = layouts.framed_stamp(sheet, kind, text).rotate(chance.uniform(-8, 8), Image.BICUBIC, expand=True)
    width, height = sheet.image.size
    # A stamp stays on the paper.
    stamp.thumbnail((width * 0.8, height))
    place = (int(min(width - stamp.width - 10, width * chance.uniform(0.3, 0.62))), int(height * chance.uniform(0.03, 0.07)))
    layouts.press(sheet, stamp, place, chance.choice([(200, 25, 35), (215, 30, 60), (180, 20, 25)]))


def stamped_marks(page, chance):
    """Some marks of the head that are red by custom become framed stamps."""
    return [replace(block, role="stamp", text=block.text.split("\n")[0]) if block.red and block.zone == "head" and block.role == "line" and chance.random() < 0.25 else block for block in page]


def scanned(image, chance):
    """What the office scanner did."""
    picture = damage.turned(numpy.asarray(image), chance.uniform(-3, 3) * chance.random(), chance.choice([(255, 255, 255), (238, 238, 236)]))
    picture = damage.grain(damage.blurred(picture, chance.uniform(0.3, 0.9)), chance, chance.uniform(2, 12))
    return damage.specks(picture, chance, chance.uniform(0, 0.0015))


def write_pages(out, seed, family, name, number):
    """Draws the first page of a document; answers its rows of the truth."""
    draft, row, chance = generate.compose(seed, family, name, number, "pages")
    if draft.language in UNDRAWN or draft.named:
        return []
    dpi = chance.choice([150, 200, 200])
    page = stamped_marks(draft.pages[0], chance)
    sheet, shown = drawn(page, draft, dpi, chance)
    draft.pages, draft.wrap = [shown], 0
    _, rows = drafts.as_text(draft)
    for found in sum(rows.values(), []):
        del found["start"]
    path = f"pages/{family.replace('.', '-')}-{name.replace('.', '-').replace('+', '-')}-{number:02}.jpg"
    (out / path).write_bytes(damage.as_jpeg(scanned(sheet.image, chance), chance.choice([55, 65, 75, 85]), dpi))
    return [generate.finished({**row, "dpi": dpi}, path, True, rows)]
