"""The typefaces of generated pages: found through fontconfig, checked for the glyphs that a page needs."""
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

PACKAGES = {
    "Noto Sans CJK SC": "fonts-noto-cjk", "Noto Serif CJK SC": "fonts-noto-cjk", "Noto Sans CJK TC": "fonts-noto-cjk",
    "Noto Serif CJK TC": "fonts-noto-cjk", "WenQuanYi Zen Hei": "fonts-wqy-zenhei", "WenQuanYi Micro Hei": "fonts-wqy-microhei",
    "AR PL UMing CN": "fonts-arphic-uming", "AR PL UMing TW": "fonts-arphic-uming", "AR PL UKai CN": "fonts-arphic-ukai",
    "AR PL UKai TW": "fonts-arphic-ukai", "Liberation Sans": "fonts-liberation", "Liberation Serif": "fonts-liberation",
    "Liberation Mono": "fonts-liberation", "Carlito": "fonts-crosextra-carlito", "DejaVu Sans": "fonts-dejavu-core",
    "DejaVu Serif": "fonts-dejavu-core",
}
LATIN = ["Liberation Serif", "Liberation Sans", "Carlito", "DejaVu Sans", "DejaVu Serif", "Liberation Mono"]
CHINESE = {
    "zh": ["Noto Serif CJK SC", "Noto Sans CJK SC", "AR PL UMing CN", "WenQuanYi Micro Hei", "AR PL UKai CN", "WenQuanYi Zen Hei"],
    "zht": ["Noto Serif CJK TC", "Noto Sans CJK TC", "AR PL UMing TW", "WenQuanYi Micro Hei", "AR PL UKai TW", "WenQuanYi Zen Hei"],
}
SCREEN = {"en": ["DejaVu Sans", "Liberation Sans", "Carlito"], "zh": ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"],
          "zht": ["Noto Sans CJK TC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"]}
SERIF_FOR_LATIN = ["Liberation Serif", "Carlito", "Liberation Sans"]
BOLD_SANS = {"en": ["Liberation Sans"], "zh": ["Noto Sans CJK SC"], "zht": ["Noto Sans CJK TC"]}


@dataclass(frozen=True)
class Face:
    """One face of a font file."""

    path: str
    index: int

    def at(self, pixels):
        """The face at a size."""
        return sized(self.path, self.index, round(pixels * 4) / 4)

    def lacks(self, text):
        """The characters of a text that the face has no glyph for."""
        return [c for c in sorted(set(text)) if not c.isspace() and not has_glyph(self.path, self.index, c)]


@lru_cache(maxsize=400)
def sized(path, index, pixels):
    return ImageFont.truetype(path, pixels, index=index)


@lru_cache(maxsize=None)
def missing_glyph(path, index):
    return bytes(sized(path, index, 24).getmask("\U0010fffe"))


@lru_cache(maxsize=None)
def has_glyph(path, index, character):
    return bytes(sized(path, index, 24).getmask(character)) not in (missing_glyph(path, index), b"")


@lru_cache(maxsize=1)
def installed():
    """All faces, by family and whether they are bold."""
    listing = subprocess.run(["fc-list", "-f", "%{file}\t%{index}\t%{style[0]}\t%{family}\n"], stdout=subprocess.PIPE, text=True, check=True)
    faces = {}
    for path, index, style, families in (line.split("\t") for line in listing.stdout.splitlines() if line.count("\t") == 3):
        if style not in ("Regular", "Book", "Light", "Bold"):
            continue
        for family in families.split(","):
            faces.setdefault((family, style == "Bold"), Face(path, int(index) & 0xFFFF))
    return faces


def require_all():
    """Ends the program if a family is missing, and names its Debian package."""
    absent = {family: package for family, package in PACKAGES.items() if (family, False) not in installed()}
    if absent:
        sys.exit(f"fonts are missing: {', '.join(absent)}; apt-get install {' '.join(sorted(set(absent.values())))}")


@dataclass(frozen=True)
class Type:
    """What a page is set in: a face, perhaps another one for its Latin letters."""

    family: str
    latin_family: str

    def runs(self, text, bold):
        """Parts of a line with their face, and whether bold must be imitated."""
        parts = [text] if self.latin_family == self.family else split_by_script(text)
        for part in parts:
            family = self.latin_family if part[0].isascii() else self.family
            real = installed().get((family, True)) if bold else None
            yield part, real or installed()[(family, False)], bold and real is None

    def width(self, text, pixels, bold=False):
        """Width of a line in pixels."""
        return sum(face.at(pixels).getlength(part) for part, face, _ in self.runs(text, bold))

    def draw(self, draw, x, baseline, text, pixels, ink, bold=False):
        """Draws a line on its baseline and answers where it ends."""
        for part, face, imitate in self.runs(text, bold):
            draw.text((x, baseline), part, font=face.at(pixels), fill=ink, anchor="ls", stroke_width=pixels / 55 if imitate else 0)
            x += face.at(pixels).getlength(part)
        return x

    def lacks(self, text):
        """The characters that cannot be drawn."""
        return [c for part, face, _ in self.runs(text, False) for c in face.lacks(part)] if text else []


def split_by_script(text):
    parts = []
    for character in text:
        if parts and parts[-1][-1].isascii() == character.isascii():
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def choose(chance, language, text, table=None):
    """A type for a page that has all glyphs of its text."""
    if language == "en":
        families = (table or {}).get("en", LATIN)
        candidates = [Type(family, family) for family in families]
    else:
        families = (table or CHINESE)["zht" if language == "zht" else "zh"]
        own_latin = table is not None or chance.random() < 0.5
        latin = chance.choice(SERIF_FOR_LATIN)
        candidates = [Type(family, family if own_latin else latin) for family in families]
    chance.shuffle(candidates)
    for candidate in candidates:
        if not candidate.lacks(text):
            return candidate
    sys.exit(f"no font has all of: {''.join(candidates[0].lacks(text))}")
