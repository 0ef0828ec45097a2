"""A document while it is written: blocks on pages, with planted marks and values whose places are known in the end.

A planted string carries invisible brackets (private-use characters) through wrapping and layout; `as_text` takes them out and
answers where each one stands. Both writers, plain text and pictures, read the same blocks.
"""
import re
import unicodedata
from dataclasses import dataclass, field

OPEN, SHUT, BLANK, FIRST = "\ue000", "\ue001", "\ue002", 0xE100
PLANTED = re.compile(f"{OPEN}(.)([^{SHUT}]*){SHUT}")
HAN = ("zh", "zht", "ja")


@dataclass
class Block:
    """Something that stands on a page."""

    text: str
    role: str = "para"  # para, line, title, stamp, watermark, rule
    align: str = "left"
    zone: str = "body"  # head, body, foot
    red: bool = False
    bold: bool = False


@dataclass
class Draft:
    """A document of a language: its pages, and what was planted."""

    chance: object
    language: str
    pages: list = field(default_factory=lambda: [[]])
    planted: list = field(default_factory=list)
    wrap: int = 0
    named: str = ""  # a token of the file's name

    def plant(self, kind, text, **facts):
        """Brackets a text, to be found again."""
        self.planted.append({"kind": kind, **facts})
        return OPEN + chr(FIRST + len(self.planted) - 1) + text.replace(" ", BLANK) + SHUT

    def mark(self, row, level, text, also=()):
        """A marking. `also` are levels that a careful reader may give as well."""
        facts = {"id": row, "level": level}
        return self.plant("marking", text, **facts, **({"also": list(also)} if also else {}))

    def add(self, text, role="para", align="left", zone="body", page=-1, **ink):
        """Puts a block on a page."""
        self.pages[page].append(Block(text, role, align, zone, **ink))

    def turn(self):
        """Begins a page."""
        self.pages.append([])


def columns(text):
    """How wide a text is on a terminal."""
    bare = PLANTED.sub(lambda m: m[2], text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in bare)


def wrapped(text, width, han):
    """A paragraph as lines; planted strings stay whole."""
    pattern = f"{OPEN}.[^{SHUT}]*{SHUT}" + (r"|[!-~]+|\s+|." if han else r"|(?:(?!" + OPEN + r")\S)+|\s+")
    lines, line = [], ""
    for token in re.findall(pattern, text):
        over = columns(line + token.rstrip()) > width
        if line.strip() and over and token[0] not in "，。、；：？！）》”,.;:)":
            lines.append(line.rstrip())
            line = ""
        line += token if line else token.lstrip(" ")
    return lines + [line.rstrip()] if line.strip() else lines


def laid(block, draft, width):
    """The lines of a block in a plain text."""
    if block.role == "rule":
        return ["-" * width if draft.language not in HAN else "—" * (width // 2)]
    if block.role == "para" and draft.wrap:
        return wrapped(block.text, width, draft.language in HAN)
    lines = []
    for line in block.text.split("\n"):
        room = width - columns(line)
        centred = block.align == "centre" or block.role in ("title", "watermark")
        lines.append(" " * max(0, room // 2 if centred else room if block.align == "right" else 0) + line)
    return lines


def as_text(draft):
    """The document as plain text, and the rows of the truth: markings, identifiers, near misses."""
    width, pages = draft.wrap or 78, []
    for page in draft.pages:
        lines, last = [], None
        for block in page:
            if lines and not (block.role == "line" and last == "line"):
                lines.append("")
            lines += laid(block, draft, width)
            last = block.role
        pages.append("\n".join(lines))
    raw = "\n\f".join(pages) + "\n"
    text, rows, end = "", {"marking": [], "identifier": [], "near_miss": []}, 0
    for found in PLANTED.finditer(raw):
        text += raw[end:found.start()].replace(BLANK, " ")
        facts = dict(draft.planted[ord(found[1]) - FIRST])
        kind, value = facts.pop("kind"), found[2].replace(BLANK, " ")
        place = {"page": 1 + text.count("\f"), "text": value, "start": len(text)}
        if row := facts.pop("row", None):  # an identifier that is evidence of a marking row as well
            rows["marking"].append({"id": row, "level": None, **place})
        rows[kind].append({**facts, **place})
        text, end = text + value, found.end()
    return text + raw[end:].replace(BLANK, " "), rows


def bare(text):
    """A text without brackets."""
    return PLANTED.sub(lambda m: m[2], text).replace(BLANK, " ")
