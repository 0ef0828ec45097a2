"""Pages before anything happens to them: what is drawn, and what it says in reading order."""
import math
import re

from PIL import Image, ImageChops, ImageDraw

import content as words
import fonts

INK = (25, 25, 28)
RED = (196, 22, 28)
CLOSING = set("，。、；：？！）》」』”’〕】％%")
OPENING = set("（《「『“‘〔【")


class Sheet:
    """A page that is drawn on, and the lines on it in reading order."""

    def __init__(self, size, dpi, paper=(255, 255, 255), ink=INK):
        self.image = Image.new("RGB", size, paper)
        self.draw = ImageDraw.Draw(self.image)
        self.dpi, self.ink, self.paper = dpi, ink, paper
        self.lines = []
        self.layout = "page"

    @classmethod
    def a4(cls, dpi, **colours):
        """An upright A4 page."""
        return cls((round(8.27 * dpi), round(11.69 * dpi)), dpi, **colours)

    def pixels(self, points):
        """Points as pixels."""
        return points * self.dpi / 72

    def text(self):
        """What the page says."""
        return "\n".join(line for line in self.lines if line)

    def line(self, x, baseline, text, kind, pixels, ink=None, bold=False, align="left"):
        """Draws one line and keeps its text."""
        width = kind.width(text, pixels, bold)
        x -= {"left": 0, "centre": width / 2, "right": width}[align]
        kind.draw(self.draw, x, baseline, text, pixels, ink or self.ink, bold)
        self.lines.append(text)
        return x, width


def wrap(text, width, measure, indent=0):
    """A paragraph as lines. Words and numbers stay whole; no line begins with closing punctuation."""
    tokens = []
    for token in re.findall(r"[!-~]+| +|.", text):
        glued = tokens and (token[0] in CLOSING or tokens[-1][-1] in OPENING)
        if glued:
            tokens[-1] += token
        else:
            tokens.append(token)
    lines, line, room = [], "", width - indent
    for token in tokens:
        if line and measure((line + token).rstrip()) > room:
            lines.append(line.rstrip())
            line, room = "", width
        line += token if line else token.lstrip()
    return lines + [line.rstrip()] if line.strip() else lines


def paragraph_lines(kind, pixels, language, text, width):
    """Wrapped lines with their indents."""
    indent = 2 * pixels if language != "en" else 0
    lines = wrap(text, width, lambda part: kind.width(part, pixels), indent)
    return [(indent if number == 0 else 0, line) for number, line in enumerate(lines)]


def filled(said, kind, pixels, width, least, most, count=4, plant=8):
    """Paragraphs as wrapped lines, so many that a page has between `least` and `most` of them."""
    paragraphs = [paragraph_lines(kind, pixels, said.language, text, width) for text in said.paragraphs(count, 3, plant)]
    while sum(map(len, paragraphs)) < least:
        text = (" " if said.language in ("en", "mixed") else "").join(said.sentence() for _ in range(said.chance.randint(2, 4)))
        extra = paragraph_lines(kind, pixels, said.language, text, width)
        if sum(map(len, paragraphs)) + len(extra) > most:
            break
        paragraphs.insert(said.chance.randint(0, len(paragraphs)), extra)
    return paragraphs


def pool(language):
    """Every character that a page of a language may need, so that a font is chosen before the text is."""
    chance, characters = words.chance_of("glyphs", language), set()
    for _ in range(30):
        said = words.Content(language, chance)
        said.mark()
        said.rows(8)
        characters.update(said.title(), *said.paragraphs(8), *(one["text"] for one in said.planted))
    return "".join(sorted(characters | set("0123456789-—/")))


POOLS = {}


def kind_of(chance, language, table=None):
    """A type for a page of a language."""
    if language not in POOLS:
        POOLS[language] = pool(language)
    return fonts.choose(chance, language, POOLS[language], table)


def head_and_foot(sheet, said, kind, margin):
    """Draws the marking as a line of its own. Answers what must be called after the body, for the foot."""
    chance, width, height = said.chance, *sheet.image.size
    mark = said.mark()
    red, bold, size = chance.random() < 0.4, chance.random() < 0.6, sheet.pixels(chance.choice([12, 14, 16]))
    align, below = chance.choice(["left", "centre", "right", "centre"]), chance.random() < 0.25
    x = {"left": margin, "centre": width / 2, "right": width - margin}[align]
    number = f"- {chance.randint(1, 90)} -" if chance.random() < 0.6 else ""

    def draw(baseline):
        sheet.line(x, baseline, mark, kind, size, RED if red else None, bold, align)

    def foot():
        if below:
            draw(height - sheet.pixels(48))
        if number:
            sheet.line(width / 2, height - sheet.pixels(28), number, kind, sheet.pixels(9), align="centre")

    if not below:
        draw(sheet.pixels(54))
    return foot


def body(sheet, paragraphs, kind, pixels, x, baseline, spacing):
    """Draws paragraphs and answers the next baseline."""
    for lines in paragraphs:
        for indent, line in lines:
            sheet.line(x + indent, baseline, line, kind, pixels)
            baseline += spacing
        baseline += spacing * 0.35
    return baseline


def page(said, dpi, size=None, least=25, most=37, **colours):
    """A letter or report: marking, title, paragraphs, foot."""
    chance, sheet = said.chance, Sheet.a4(dpi, **colours)
    kind = kind_of(chance, said.language)
    pixels, margin = sheet.pixels(size or chance.choice([10.5, 11, 12])), sheet.pixels(chance.choice([62, 70]))
    foot = head_and_foot(sheet, said, kind, margin)
    width, height = sheet.image.size
    sheet.line(width / 2, sheet.pixels(92), said.title(), kind, sheet.pixels(16), bold=True, align="centre")
    paragraphs = filled(said, kind, pixels, width - 2 * margin, chance.randint(least, most - 4), most)
    room = height - sheet.pixels(126 + 64)
    spacing = min(pixels * 1.6, room / (sum(map(len, paragraphs)) + 0.35 * len(paragraphs)))
    body(sheet, paragraphs, kind, pixels, margin, sheet.pixels(126), spacing)
    foot()
    return sheet


def columns(said, dpi):
    """Two columns under a title."""
    chance, sheet = said.chance, Sheet.a4(dpi)
    kind = kind_of(chance, said.language)
    pixels, margin, gap = sheet.pixels(chance.choice([9.5, 10, 10.5])), sheet.pixels(54), sheet.pixels(24)
    foot = head_and_foot(sheet, said, kind, margin)
    width, height = sheet.image.size
    sheet.line(width / 2, sheet.pixels(92), said.title(), kind, sheet.pixels(16), bold=True, align="centre")
    column = (width - 2 * margin - gap) / 2
    paragraphs = filled(said, kind, pixels, column, 62, 74, count=5)
    total = sum(map(len, paragraphs))
    spacing = min(pixels * 1.5, (height - sheet.pixels(126 + 64)) / (total / 2 + 4))
    x, baseline, drawn = margin, sheet.pixels(126), 0
    for lines in paragraphs:
        for indent, line in lines:
            sheet.line(x + indent, baseline, line, kind, pixels)
            baseline, drawn = baseline + spacing, drawn + 1
            if drawn == (total + 1) // 2:
                x, baseline = margin + column + gap, sheet.pixels(126)
        baseline += 0 if drawn == (total + 1) // 2 else spacing * 0.25
    foot()
    sheet.layout = "columns"
    return sheet


def table(said, dpi):
    """A ruled table between two paragraphs."""
    chance, sheet = said.chance, Sheet.a4(dpi)
    kind = kind_of(chance, said.language)
    pixels, margin = sheet.pixels(10.5), sheet.pixels(60)
    foot = head_and_foot(sheet, said, kind, margin)
    width, _ = sheet.image.size
    sheet.line(width / 2, sheet.pixels(92), said.title(), kind, sheet.pixels(16), bold=True, align="centre")
    first, second = said.paragraphs(2, 2, plant=4)
    lines = paragraph_lines(kind, pixels, said.language, first, width - 2 * margin)
    top = body(sheet, [lines], kind, pixels, margin, sheet.pixels(126), pixels * 1.5) - pixels
    head, rows = said.rows(chance.randint(12, 18))
    height, room = pixels * 1.9, width - 2 * margin
    edges = [margin + room * share for share in (0, 0.34, 0.62, 0.8, 1)]
    for number, row in enumerate([head] + rows):
        baseline = top + height * number + height * 0.65
        for column, cell in enumerate(row):
            numeric = column == 3 and number
            x = edges[column + 1] - sheet.pixels(4) if numeric else edges[column] + sheet.pixels(4)
            x -= kind.width(cell, pixels, number == 0) if numeric else 0
            kind.draw(sheet.draw, x, baseline, cell, pixels, sheet.ink, number == 0)
        sheet.lines.append(" ".join(row))
    bottom, rule = top + height * (len(rows) + 1), max(1, round(dpi / 150))
    for number in range(len(rows) + 2):
        sheet.draw.line([(edges[0], top + height * number), (edges[-1], top + height * number)], sheet.ink, rule)
    for edge in edges:
        sheet.draw.line([(edge, top), (edge, bottom)], sheet.ink, rule)
    lines = paragraph_lines(kind, pixels, said.language, second, room)
    body(sheet, [lines], kind, pixels, margin, bottom + pixels * 2, pixels * 1.5)
    foot()
    sheet.layout = "table"
    return sheet


NUMERALS = str.maketrans("0123456789%", "〇一二三四五六七八九成")


def vertical(said, dpi):
    """Chinese in columns from right to left."""
    chance, sheet = said.chance, Sheet.a4(dpi)
    families = {"zh": fonts.CHINESE["zh"][:3], "zht": fonts.CHINESE["zht"][:3]}
    family = kind_of(chance, said.language, families).family
    face, bold = fonts.installed()[(family, False)], fonts.installed().get((family, True), fonts.installed()[(family, False)])
    pixels, margin = sheet.pixels(12), sheet.pixels(64)
    width, height = sheet.image.size
    items = [item for item in words.planted_zh(chance) + words.planted_zh(chance) if item[0] in ("name", "codename")]
    parts = [said.mark(), said.title()]
    paragraphs = [[said.sentence() for _ in range(3)] for _ in range(4)]
    for kind, text, sentence in items:
        said.plant(kind, text)
        paragraph = chance.choice(paragraphs)
        paragraph.insert(chance.randint(0, len(paragraph)), said.say(sentence))
    parts += ["　　" + "".join(sentences) for sentences in paragraphs]
    x, each = width - margin - pixels, int((height - 2 * margin) / pixels)
    for number, part in enumerate(parts):
        part = part if number == 0 else part.translate(NUMERALS).replace(",", "，").replace(".", "。")
        for line in vertical_lines(part, each):
            font = (bold if number < 2 else face).at(pixels * (1.2 if number < 2 else 1))
            sheet.draw.text((x, margin), line, font=font, fill=sheet.ink, direction="ttb")
            sheet.lines.append(line.strip())
            x -= pixels * (2.1 if number < 2 else 1.7)
    sheet.layout = "vertical"
    return sheet


def vertical_lines(text, length):
    lines = []
    while text:
        end = length
        while end < len(text) and text[end] in CLOSING:
            end -= 1
        lines, text = lines + [text[:end]], text[end:]
    return lines


def isolated(said, dpi):
    """An almost empty page with nothing but a mark."""
    chance, sheet = said.chance, Sheet.a4(dpi)
    english = said.language == "en" or (said.language == "mixed" and chance.random() < 0.3)
    kind = kind_of(chance, "en" if english else said.language)
    mark = said.plant("marking", "SECRET" if english else chance.choice(["机密", "秘密", "绝密"]))
    width, height = sheet.image.size
    size = sheet.pixels(chance.choice([12, 16, 22]))
    x = chance.uniform(0.1, 0.75) * width
    baseline = chance.choice([chance.uniform(0.04, 0.15), chance.uniform(0.3, 0.9)]) * height
    number = str(chance.randint(1, 60)) if chance.random() < 0.5 else ""
    sheet.line(x, baseline, mark, kind, size, RED if chance.random() < 0.4 else None, chance.random() < 0.6)
    if number:
        sheet.line(width / 2, height - sheet.pixels(30), number, kind, sheet.pixels(10), align="centre")
    sheet.layout = "isolated"
    return sheet


MENUS = {"en": ["File", "Edit", "View", "Insert", "Help"], "zh": ["文件", "编辑", "视图", "插入", "帮助"]}


def screenshot(said, dark):
    """A window of an editor: title, menu, side bar, text."""
    chance, size = said.chance, said.chance.choice([(1280, 800), (1366, 768), (1440, 900)])
    ink, paper, bar, edge = ((215, 215, 215), (30, 31, 34), (43, 45, 48), (70, 72, 76)) if dark else ((32, 33, 36), (255, 255, 255), (240, 240, 242), (210, 210, 214))
    sheet = Sheet(size, 96, paper=paper, ink=ink)
    kind, pixels = kind_of(chance, said.language, fonts.SCREEN), chance.choice([13, 14, 15])
    width, height = size
    side, top, draw = 230, 64, sheet.draw
    draw.rectangle((0, 0, width, 34), fill=bar)
    draw.rectangle((0, 0, side, height), fill=bar)
    draw.line([(side, 34), (side, height), (side, 34), (width, 34)], fill=edge)
    for number, colour in enumerate([(237, 106, 94), (245, 191, 79), (98, 197, 84)]):
        draw.ellipse((width - 70 + number * 20, 11, width - 58 + number * 20, 23), fill=colour)
    sheet.line(14, 22, said.title(), kind, pixels)
    menu = [said.say(item) for item in MENUS["en" if said.language == "en" else "zh"]]
    x = side + 18
    for item in menu:
        x = kind.draw(draw, x, 54, item, pixels - 1, ink) + 22
    sheet.lines.append(" ".join(menu))
    for number in range(chance.randint(8, 14)):
        entry = said.chance.choice(words.EN_WORDS).capitalize() + ".txt" if said.language == "en" else said.say(said.chance.choice(words.ZH_OBJECTS)[:8])
        baseline = 80 + number * 30
        if number == 2:
            draw.rectangle((6, baseline - 19, side - 6, baseline + 9), fill=(47, 84, 150) if dark else (205, 222, 250))
        sheet.line(26, baseline, entry, kind, pixels)
    baseline = top + 34
    sheet.line(side + 26, baseline, said.mark(), kind, pixels + 3, (240, 90, 90) if dark else RED, True)
    room = int((height - baseline - 60) / (pixels * 1.65))
    paragraphs = filled(said, kind, pixels, width - side - 60, min(18, room - 4), room - 2)
    spacing = min(pixels * 1.65, (height - baseline - 70) / (sum(map(len, paragraphs)) + 0.35 * len(paragraphs)))
    body(sheet, paragraphs, kind, pixels, side + 26, baseline + pixels * 2.2, spacing)
    draw.rectangle((side, height - 24, width, height), fill=bar)
    sheet.line(width - 20, height - 8, f"UTF-8  {chance.randint(10, 99)} %", kind, 12, align="right")
    sheet.layout = "screen"
    return sheet


# --- stamps and watermarks ------------------------------------------------------------------------------------------------

EN_STAMPS = ["TOP SECRET", "SECRET", "CONFIDENTIAL", "RESTRICTED"]
ZH_STAMPS = ["绝密★长期", "机密★10年", "秘密★5年", "绝密", "机密★20年", "内部资料"]
EN_ROUND = ["REGISTRY", "RECEIVED", "ARCHIVE"]
ZH_ROUND = ["档案专用章", "收文专用章", "机要室"]


def stamps(sheet, said):
    """Presses a framed and a round red stamp over the text."""
    chance = said.chance
    english = said.language == "en"
    table = fonts.BOLD_SANS
    kind = fonts.choose(chance, said.language, "", table)
    framed = said.plant("stamp", chance.choice(EN_STAMPS if english else ZH_STAMPS))
    round_lines = [said.say(chance.choice(EN_ROUND if english else ZH_ROUND)), f"{chance.randint(2015, 2030)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"]
    said.plant("stamp", round_lines[0])
    width, height = sheet.image.size
    for shape, place in ((framed_stamp(sheet, kind, framed), (0.6, 0.12)), (round_stamp(sheet, kind, round_lines), (0.55, 0.62))):
        turned = shape.rotate(chance.uniform(-9, 9), Image.BICUBIC, expand=True)
        x = int(width * (place[0] + chance.uniform(-0.4, 0.05)))
        y = int(height * (place[1] + chance.uniform(-0.04, 0.16)))
        press(sheet, turned, (min(x, width - turned.width), y), chance.choice([(200, 25, 35), (215, 30, 60), (180, 20, 25)]))
    sheet.lines += [framed, *round_lines]


def framed_stamp(sheet, kind, text):
    pixels = sheet.pixels(24)
    width = kind.width(text, pixels, True)
    ink = Image.new("L", (round(width + pixels * 1.3), round(pixels * 2)), 0)
    draw, line = ImageDraw.Draw(ink), max(2, round(pixels / 12))
    draw.rectangle((line, line, ink.width - line - 1, ink.height - line - 1), outline=195, width=line)
    kind.draw(draw, pixels * 0.65, pixels * 1.36, text, pixels, 195, True)
    return ink


def round_stamp(sheet, kind, lines):
    radius, pixels = sheet.pixels(58), sheet.pixels(15)
    ink = Image.new("L", (round(radius * 2), round(radius * 2)), 0)
    draw, line = ImageDraw.Draw(ink), max(2, round(radius / 22))
    draw.ellipse((line, line, ink.width - line - 1, ink.height - line - 1), outline=195, width=line)
    draw.polygon([(radius + radius * size * math.sin(i * math.pi / 5), radius * 0.52 - radius * size * math.cos(i * math.pi / 5))
                  for i, size in ((i, 0.24 if i % 2 == 0 else 0.1) for i in range(10))], fill=195)
    for number, text in enumerate(lines):
        size = min(pixels, radius * 1.6 / kind.width(text, 1000, True) * 1000)
        kind.draw(draw, radius - kind.width(text, size, True) / 2, radius * (1.12 + number * 0.42), text, size, 195, True)
    return ink


def press(sheet, mask, place, colour):
    """Ink lets through what lies below: it is multiplied, not painted."""
    layer = Image.new("RGB", sheet.image.size, (255, 255, 255))
    layer.paste(Image.new("RGB", mask.size, colour), place, mask)
    sheet.image = ImageChops.multiply(sheet.image, layer)
    sheet.draw = ImageDraw.Draw(sheet.image)


def watermark(sheet, said, kind=None):
    """Lays a large grey line across the page, under its text; in a type that suits the language of the page, or in one that is given."""
    chance, english = said.chance, said.language == "en" or (said.language == "mixed" and said.chance.random() < 0.5)
    text = said.plant("watermark", "CONFIDENTIAL" if english else "内部资料 严禁外传")
    kind = kind or fonts.choose(chance, "en" if english else said.language, "", fonts.BOLD_SANS)
    width, height = sheet.image.size
    pixels = width * 0.95 / kind.width(text, 1000, True) * 1000
    strip = Image.new("L", (round(width * 1.0), round(pixels * 1.6)), 0)
    kind.draw(ImageDraw.Draw(strip), width * 0.025, pixels * 1.15, text, pixels, 255, True)
    turned = strip.rotate(chance.choice([45, 45, 50, 40, -45]), Image.BICUBIC, expand=True)
    grey = chance.choice([188, 200, 210])
    layer = Image.new("RGB", (width, height), (255, 255, 255))
    layer.paste(Image.new("RGB", turned.size, (grey, grey, grey)), ((width - turned.width) // 2, (height - turned.height) // 2), turned)
    sheet.image = ImageChops.darker(sheet.image, layer)
    sheet.lines.append(text)
