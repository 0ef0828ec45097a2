"""Screenshots and drawings, painted with Pillow."""

import io

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .scan import jpeg

CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
MONO = "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf"
SIMPLIFIED = 2  # index of the simplified Chinese face in the collection


def png(picture):
    """The picture as PNG."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def chat():
    """Harmless: a light chat window. Somebody says the word, nobody carries the mark."""
    picture = Image.new("RGB", (900, 1080), "#f2f2f2")
    draw = ImageDraw.Draw(picture)
    face, small = ImageFont.truetype(CJK, 26, index=SIMPLIFIED), ImageFont.truetype(CJK, 18, index=SIMPLIFIED)
    draw.rectangle((0, 0, 900, 70), fill="#ededed")
    draw.text((450, 35), "鹿鸣站值班群（8）", font=face, fill="#111111", anchor="mm")
    lines = [("石望潮", "明天开放日，谁负责讲解？", 0), ("我", "我来吧，上午九点到。", 1), ("王小潮", "兔子要不要关起来？", 0),
             ("我", "不用，孩子们喜欢看。", 1), ("石望潮", "王小潮的苜蓿汤配方到底是什么", 0), ("王小潮", "这可是个秘密，哈哈", 0),
             ("我", "没有秘密，就是多放盐。", 1), ("石望潮", "记得带钥匙，塔门换锁了。", 0)]
    y = 110
    for who, text, mine in lines:
        width = draw.textlength(text, font=face) + 40
        x = 860 - width if mine else 40
        draw.text((x + (width if mine else 0), y), who, font=small, fill="#888888", anchor="ra" if mine else "la")
        draw.rounded_rectangle((x, y + 28, x + width, y + 84), 10, fill="#95ec69" if mine else "#ffffff")
        draw.text((x + 20, y + 56), text, font=face, fill="#111111", anchor="lm")
        y += 114
    return png(picture)


def terminal():
    """A dark terminal that shows the head of a SECRET//NOFORN brief."""
    picture = Image.new("RGB", (1280, 760), "#1e1e2e")
    draw = ImageDraw.Draw(picture)
    face = ImageFont.truetype(MONO, 21)
    draw.rectangle((0, 0, 1280, 40), fill="#313244")
    for i, colour in enumerate(("#f38ba8", "#f9e2af", "#a6e3a1")):
        draw.ellipse((18 + i * 30, 12, 34 + i * 30, 28), fill=colour)
    lines = ["keeper@northisle:~$ ls brief", "brief.txt  lamps.csv  notes.md", "keeper@northisle:~$ head -12 brief/brief.txt", "",
             "                         SECRET//NOFORN", "", "Brief for the third phase of Project PAPER LANTERN", "",
             "The lights change to the rotating sequence at 2200 on 11 June.", "Set B is used only if the general plan is in force.",
             "Crews are told on the day, by word of mouth.", "", "                         SECRET//NOFORN", "",
             "keeper@northisle:~$ "]
    for number, line in enumerate(lines):
        draw.text((24, 62 + number * 44), line, font=face, fill="#a6e3a1" if line.startswith("keeper") else "#e6e9ef")
    return png(picture)


def lighthouse():
    """A picture without a letter: a lighthouse at dusk."""
    width, height = 1200, 900
    down = numpy.linspace(0, 1, height, dtype=numpy.float32)[:, None, None]
    sky = (1 - down) * numpy.array([36, 48, 92], dtype=numpy.float32) + down * numpy.array([248, 176, 120], dtype=numpy.float32)
    pixels = numpy.broadcast_to(sky, (height, width, 3)).copy()
    rng = numpy.random.default_rng(81)
    waves = numpy.sin(numpy.linspace(0, 90, width))[None, :] * 6 + rng.normal(0, 5, (height - 640, width))
    pixels[640:] = numpy.array([30, 60, 84], dtype=numpy.float32) + waves[:, :, None]
    picture = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8)).filter(ImageFilter.GaussianBlur(1.2))
    beam = Image.new("L", picture.size, 0)
    ImageDraw.Draw(beam).polygon([(812, 268), (0, 120), (0, 330)], fill=110)
    picture.paste((255, 244, 200), mask=beam.filter(ImageFilter.GaussianBlur(14)))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(600, 700), (700, 630), (960, 625), (1100, 720), (1200, 900), (520, 900)], fill=(40, 36, 38))
    draw.polygon([(778, 300), (846, 300), (872, 650), (752, 650)], fill=(236, 232, 224))
    for top in (380, 500):
        draw.polygon([(771, top), (853, top), (859, top + 60), (765, top + 60)], fill=(178, 40, 44))
    draw.rectangle((788, 244, 836, 300), fill=(255, 238, 170))
    draw.polygon([(780, 246), (844, 246), (812, 208)], fill=(60, 44, 48))
    return jpeg(picture.filter(ImageFilter.GaussianBlur(0.6)), 62)
