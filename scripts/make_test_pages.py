#!/usr/bin/env python3
"""Draws the pages that `misfile doctor` reads, one a language, into models/testpages/. Needs Pillow (with Raqm, for Hebrew)
and the fonts named."""
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PAGES = {
    "eng": ("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
            ["The quick brown fox jumps over", "the lazy dog while the harbour", "master counts seventeen boats."]),
    "chi_sim": ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
                ["会议定于下周三上午召开", "请各部门按时提交年度报告", "并注意保存有关资料"]),
    "rus": ("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
            ["Для служебного пользования", "Совещание состоится во вторник", "в здании управления порта"]),
    "ukr": ("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
            ["Для службового користування", "Нарада відбудеться у вівторок", "о десятій у приміщенні порту"]),
    "kor": ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
            ["대외비 항만 시설 점검 계획", "다음 회의는 화요일 오전에", "항만 관리 청사에서 연다"]),
    "heb": ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
            ["סודי ביותר", "הישיבה הבאה תתקיים ביום שלישי", "יש להעביר את ההערות עד סוף החודש"]),
}

folder = Path(__file__).resolve().parent.parent / "models" / "testpages"
folder.mkdir(parents=True, exist_ok=True)
for language, (font, lines) in PAGES.items():
    page = Image.new("L", (900, 420), 255)
    draw = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        draw.text((60, 60 + row * 100), line, font=ImageFont.truetype(font, 44 if len(line) > 30 else 48), fill=0)
    page.quantize(8).save(folder / f"{language}.png", optimize=True)
    (folder / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
