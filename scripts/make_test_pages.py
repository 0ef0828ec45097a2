#!/usr/bin/env python3
"""Draws the pages that `misfile doctor` reads, one a language, into models/testpages/. Needs Pillow and the fonts named."""
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PAGES = {
    "eng": ("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
            ["The quick brown fox jumps over", "the lazy dog while the harbour", "master counts seventeen boats."]),
    "chi_sim": ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
                ["会议定于下周三上午召开", "请各部门按时提交年度报告", "并注意保存有关资料"]),
}

folder = Path(__file__).resolve().parent.parent / "models" / "testpages"
folder.mkdir(parents=True, exist_ok=True)
for language, (font, lines) in PAGES.items():
    page = Image.new("L", (900, 420), 255)
    draw = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        draw.text((60, 60 + row * 100), line, font=ImageFont.truetype(font, 48), fill=0)
    page.quantize(8).save(folder / f"{language}.png", optimize=True)
    (folder / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
