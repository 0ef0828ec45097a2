"""Drawn text lines, as the recogniser gets them: one crop and its text. For calibration and for checking it."""
import subprocess
import unicodedata
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import content
from content import chance_of

HEIGHT = 48
LATIN = ["Liberation Serif", "Liberation Sans", "Liberation Mono", "Liberation Sans Narrow", "Carlito", "DejaVu Sans", "DejaVu Serif",
         "DejaVu Sans Mono", "Noto Sans Mono"]
CHINESE = ["Noto Sans CJK SC", "Noto Serif CJK SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "AR PL UMing CN", "AR PL UKai CN",
           "Noto Sans Mono CJK SC", "Droid Sans Fallback"]
TRADITIONAL = ["Noto Sans CJK TC", "Noto Serif CJK TC", "AR PL UMing TW", "AR PL UKai TW", "Noto Sans CJK HK"]
LANGUAGES = ["en", "zh", "en", "zht", "en", "mixed", "en", "zh"]
INK = [((0, 0, 0), (255, 255, 255))] * 6 + [((40, 40, 40), (244, 240, 228)), ((200, 0, 0), (255, 255, 255)), ((225, 20, 20), (250, 250, 246)),
       ((235, 235, 235), (30, 30, 30)), ((212, 212, 212), (30, 34, 52)), ((120, 120, 120), (235, 235, 235)), ((150, 150, 150), (205, 205, 205)),
       ((20, 40, 130), (255, 255, 255)), ((255, 255, 255), (170, 20, 20))]


def draw_lines(seed, count):
    """Yields (kind, text, crop): kind is a language, `digits` or `marking`; crop is a BGR picture."""
    for number in range(count):
        chance = chance_of(seed, number)
        language = LANGUAGES[number % len(LANGUAGES)]
        kind, text = text_of(language, chance)
        yield kind, text, picture_of(language, text, chance)


def text_of(language, chance):
    paper = content.Content(language, chance)
    roll = chance.random()
    if roll < 0.22:
        return "marking", paper.mark()
    if roll < 0.34:
        items = content.planted_en(chance) if language == "en" else content.planted_zh(chance)
        return "digits", paper.say(chance.choice([text for kind, text, _ in items if kind in ("identifier", "amount")]))
    if roll < 0.42:
        return language, paper.title()
    if roll < 0.5:
        items = content.planted_en(chance) if language == "en" else content.planted_zh(chance)
        return language, paper.say(chance.choice(items)[2])
    sentence = paper.sentence().strip()
    room = chance.randint(8, 90) if language == "en" else chance.randint(4, 40)
    if len(sentence) > room and language == "en":
        sentence = sentence[:room].rsplit(" ", 1)[0]
    return language, sentence[:room].strip()


def picture_of(language, text, chance):
    """The crop: drawn at some size, spoilt, turned a little, cut with some margin."""
    families = {"en": LATIN, "zht": TRADITIONAL}.get(language, CHINESE)
    font = font_of(chance.choice(families), chance.random() < 0.25, chance.choice([13, 16, 18, 20, 22, 24, 26, 28, 32, 36, 44, 60]))
    ink, paper = chance.choice(INK)
    left, top, right, bottom = font.getbbox(text)
    size = font.size
    edge = max(2, size // 2)
    image = Image.new("RGB", (right - left + 2 * edge, bottom - top + 2 * edge), paper)
    ImageDraw.Draw(image).text((edge - left, edge - top), text, font=font, fill=ink)
    image = spoil(np.array(image)[:, :, ::-1], chance)
    above, below, before, after = (chance.uniform(0.05, 0.3) for _ in range(4))
    height, width = image.shape[:2]
    scale = height / (bottom - top + 2 * edge)
    edge, size = edge * scale, size * scale
    return image[int(max(0, edge - above * size)):int(height - max(0, edge - below * size)),
                 int(max(0, edge - before * size)):int(width - max(0, edge - after * size))]


def spoil(image, chance):
    """What scanners, cameras and savers do."""
    noise = np.random.default_rng(chance.getrandbits(32))
    roll = chance.random()
    if roll < 0.3:
        return image
    if chance.random() < 0.25:
        height, width = image.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), chance.uniform(-1, 1) * min(1.5, 40 * height / width), 1)
        image = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    if chance.random() < 0.35:
        image = cv2.GaussianBlur(image, (0, 0), chance.uniform(0.4, 0.035 * image.shape[0]))
    if chance.random() < 0.3:
        factor = chance.uniform(0.6, 0.95)
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if chance.random() < 0.25:
        slope = np.linspace(chance.uniform(0.55, 1), chance.uniform(0.55, 1), image.shape[1])[None, :, None]
        image = (image * slope).astype(np.uint8)
    if chance.random() < 0.4:
        image = np.clip(image + noise.normal(0, chance.uniform(3, 24), image.shape), 0, 255).astype(np.uint8)
    if chance.random() < 0.12:
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        image = cv2.cvtColor(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], cv2.COLOR_GRAY2BGR)
    if chance.random() < 0.5:
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, chance.randint(25, 90)])[1], cv2.IMREAD_COLOR)
    return image


@lru_cache(maxsize=None)
def font_of(family, bold, size):
    """A font by its family's name, through fontconfig."""
    pattern = f"{family}:style={'Bold' if bold else 'Regular'}"
    path, index, found = subprocess.run(["fc-match", "-f", "%{file}\t%{index}\t%{family}", pattern], check=True, capture_output=True,
                                        text=True).stdout.split("\t")
    if family not in found:
        raise SystemExit(f"the font {family} is missing")
    return ImageFont.truetype(path, size, index=int(index) & 0xFFFF)


# --- before and after the model -------------------------------------------------------------------------------------------

def tensor_of(crop):
    """The crop as the recogniser takes it: BGR, 48 px high, -1 to 1, its own width."""
    width = max(16, int(np.ceil(HEIGHT * crop.shape[1] / crop.shape[0])))
    resized = cv2.resize(crop, (width, HEIGHT)).astype(np.float32)
    return ((resized / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None]


def decode(scores, characters):
    """Greedy CTC: the best class a step, repeats and blanks dropped. Scores may be probabilities or logits."""
    best = scores[0].argmax(-1)
    kept = best[(best != 0) & (np.diff(best, prepend=-1) != 0)]
    return "".join(characters[index] for index in kept)


def characters_of(metadata):
    """Class to character, from the model's metadata: blank, the dictionary, space."""
    return ["", *metadata["character"].split("\n"), " "]


def distance(a, b):
    """Edits between two texts, spaces and width variants aside."""
    a, b = ("".join(unicodedata.normalize("NFKC", text).split()) for text in (a, b))
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
