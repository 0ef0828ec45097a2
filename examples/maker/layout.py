"""Typed pages: a thin layer over reportlab with Chinese line breaking.

Every PDF made here is the same on each run: reportlab's `invariant` fixes dates and identifiers.
"""

import io

from reportlab import rl_config

rl_config.invariant = 1  # before anything else of reportlab is imported: its encryption asks only once

from reportlab.lib import pdfencrypt  # noqa: E402
from reportlab.lib.colors import HexColor  # noqa: E402
from reportlab.lib.pagesizes import A4  # noqa: E402
from reportlab.lib.units import mm  # noqa: E402
from reportlab.pdfbase import pdfmetrics  # noqa: E402
from reportlab.pdfbase.ttfonts import TTFont  # noqa: E402
from reportlab.pdfgen.canvas import Canvas  # noqa: E402

WIDTH, HEIGHT = A4
RED = HexColor("#c8161d")
BLACK = HexColor("#000000")
GREY = HexColor("#666666")
STATEMENT = "Misfile sample share: fictional in every name, number and statement"

# Names used in the documents -> (file, index in a collection).
FACES = {
    "song": ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    "kai": ("/usr/share/fonts/truetype/arphic/ukai.ttc", 0),
    "hei": ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    "sans": ("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", 0),
    "sans-bold": ("/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf", 0),
    "serif": ("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf", 0),
    "serif-bold": ("/usr/share/fonts/truetype/liberation/LiberationSerif-Bold.ttf", 0),
    "mono": ("/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf", 0),
}
NOT_AT_LINE_START = set("，。、；：！？）》〕”’】,.;:!?)]}")


def register_fonts():
    """Loads every face; a missing font names its file."""
    for name, (path, index) in FACES.items():
        pdfmetrics.registerFont(TTFont(name, path, subfontIndex=index))


def width_of(text, face, size):
    """Width of a line in points."""
    return pdfmetrics.stringWidth(text, face, size)


def pieces_of(text):
    """What may stand on a line by itself: words with the blank after them, and single Han characters."""
    pieces, word = [], ""
    for char in text:
        if ord(char) < 0x2E80 and char not in "“”‘’…—·★〔〕":
            word += char
            if char == " ":
                pieces.append(word)
                word = ""
            continue
        if word:
            pieces.append(word)
            word = ""
        pieces.append(char)
    return pieces + [word] if word else pieces


def broken(text, face, size, width, indent=0.0):
    """Lines no wider than `width`; closing punctuation hangs rather than starts a line."""
    lines, line, room = [], "", width - indent
    for piece in pieces_of(text):
        fits = width_of(line + piece.rstrip(), face, size) <= room
        if fits or not line or piece[0] in NOT_AT_LINE_START:
            line += piece
            continue
        lines.append(line.rstrip())
        line, room = piece, width
    return lines + [line.rstrip()]


class Aes256(pdfencrypt.StandardEncryption):
    """AES-256 with keys of the length that the format asks for; reportlab leaves a block of padding on them."""

    def __init__(self, user, owner):
        super().__init__(user, ownerPassword=owner, strength=256)

    def prepare(self, document, overrideID=None):
        super().prepare(document, overrideID)
        self.OE, self.UE, self.Perms = self.OE[:32], self.UE[:32], self.Perms[:16]


class Sheet:
    """A typed PDF. `y` is the cursor, in points from the bottom; `flow` moves it down and begins new pages."""

    def __init__(self, title, margins=(28, 26, 37, 35), columns=1, gap=8, on_page=None, encrypt=None):
        """Margins in millimetres: left, right, top, bottom. `on_page(sheet)` draws what stands on each page."""
        pdfencrypt._os_random_x = 0  # reportlab's fixed "random" bytes, from the start for each document
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4, invariant=1, pageCompression=1, encrypt=encrypt)
        self.canvas.setTitle(title)
        self.canvas.setAuthor("Misfile")
        self.canvas.setSubject(STATEMENT)
        left, right, top, bottom = (value * mm for value in margins)
        self.top, self.bottom, self.on_page = HEIGHT - top, bottom, on_page
        inner = WIDTH - left - right
        each = (inner - (columns - 1) * gap * mm) / columns
        self.columns = [(left + i * (each + gap * mm), each) for i in range(columns)]
        self.number = 0
        self.begin_page()

    def begin_page(self):
        """Sets the cursor on an empty page."""
        self.number += 1
        self.column, self.y = 0, self.top
        if self.on_page:
            self.on_page(self)

    def new_page(self):
        """Ends this page and begins the next."""
        self.canvas.showPage()
        self.begin_page()

    @property
    def left(self):
        """Left edge of the column in use."""
        return self.columns[self.column][0]

    @property
    def width(self):
        """Width of the column in use."""
        return self.columns[self.column][1]

    def text(self, x, y, text, face, size, align="left", colour=BLACK, bold=False):
        """One line at a fixed place, points from the lower left corner. Bold thickens faces that have none."""
        x -= {"left": 0, "centre": 0.5, "right": 1}[align] * width_of(text, face, size)
        self.canvas.setFillColor(colour)
        self.canvas.setStrokeColor(colour)
        line = self.canvas.beginText(x, y)
        line.setFont(face, size)
        if bold:
            self.canvas.setLineWidth(size * 0.035)
            line.setTextRenderMode(2)
        line.textOut(text)
        if bold:
            line.setTextRenderMode(0)
        self.canvas.drawText(line)
        self.canvas.setFillColor(BLACK)
        self.canvas.setStrokeColor(BLACK)

    def line(self, text, face, size, align="left", leading=1.5, **style):
        """One line at the cursor."""
        self.room(size * leading)
        self.y -= size * leading
        x = self.left + {"left": 0, "centre": 0.5, "right": 1}[align] * self.width
        self.text(x, self.y, text, face, size, align, **style)

    def flow(self, text, face, size, leading=1.6, indent=0.0, after=0.0, align="left", keep=0, **style):
        """A paragraph at the cursor; `indent` in ems, `after` in points, `keep` lines that must fit below."""
        self.room(size * leading * (1 + keep))
        x = {"left": 0, "centre": 0.5, "right": 1}[align]
        for number, line in enumerate(broken(text, face, size, self.width, indent * size)):
            self.room(size * leading)
            self.y -= size * leading
            self.text(self.left + x * self.width + (indent * size if number == 0 else 0), self.y, line, face, size,
                      align, **style)
        self.y -= after

    def room(self, height):
        """Goes to the next column or page where less than `height` is left."""
        if self.y - height >= self.bottom:
            return
        if self.column + 1 < len(self.columns):
            self.column, self.y = self.column + 1, self.column_top()
        else:
            self.new_page()

    def column_top(self):
        """Where further columns of this page begin: below what spans all columns on page 1."""
        return getattr(self, "below_head", self.top) if self.number == 1 else self.top

    def rule(self, colour=BLACK, thickness=0.7, before=6.0, after=6.0, inset=0.0):
        """A horizontal rule across the column."""
        self.y -= before
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(thickness)
        self.canvas.line(self.left + inset, self.y, self.left + self.width - inset, self.y)
        self.canvas.setStrokeColor(BLACK)
        self.y -= after

    def table(self, rows, shares, face, size, head_face=None):
        """A ruled table; `shares` are parts of the width. The first row is the head."""
        height, total = size * 2.0, sum(shares)
        self.y -= size * 0.7
        for number, row in enumerate(rows):
            self.room(height)
            x = self.left
            for cell, share in zip(row, shares):
                cell_width = self.width * share / total
                self.canvas.setLineWidth(0.5)
                self.canvas.rect(x, self.y - height, cell_width, height)
                self.text(x + size * 0.4, self.y - height * 0.68, cell, head_face if number == 0 and head_face else face,
                          size)
                x += cell_width
            self.y -= height

    def done(self):
        """The finished PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()
