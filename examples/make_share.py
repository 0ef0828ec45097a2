#!/usr/bin/env python3
"""Makes the sample share: `share/`, `expected.tsv` and the table of documents in `README.md`.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python make_share.py

Each document is one entry below: where it lies, how sensitive it is, on which page that can be seen, and why it is in
the share. The expected verdict is not written down but follows: a fault that leaves nothing to judge is `unverified`, a
level above the zone's ceiling is `misfiled`, everything else is `clear`; `review` alone is said outright. A second run
gives the same bytes.
"""

import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Callable

from maker import chinese, containers, english, pictures, plain
from maker.layout import register_fonts
from maker.scan import phone_photo

HERE = Path(__file__).resolve().parent
SHARE = HERE / "share"
LIMIT_BYTES = 8_000_000
VAULT, DEPARTMENTS, CLOUD = "contained", "departments", "OneDrive - Fictional"
CEILINGS = {VAULT: 4, DEPARTMENTS: 1, CLOUD: 0}


@dataclass(frozen=True)
class Entry:
    """One file of the share."""

    zone: str
    name: str
    make: Callable[[], bytes]
    why: str
    level: int = 0
    page: int | None = None  # the first page on which evidence of that level stands
    fault: str = "-"  # the reason why it cannot be read wholly; alternatives with `|`
    review: bool = False

    @property
    def path(self):
        """Relative to the share."""
        return f"{self.zone}/{self.name}"

    @property
    def verdict(self):
        """What Misfile must say."""
        if self.review:
            return "review"
        if self.level > CEILINGS[self.zone]:
            return "misfiled"
        return "clear" if self.fault == "-" else "unverified"


def text(content, encoding):
    """Text as bytes; `utf-16-be` and its like write no byte order mark."""
    return lambda: content.encode(encoding)


@lru_cache
def frequency_plan():
    return chinese.frequency_plan()


@lru_cache
def brochure():
    return chinese.brochure()


def photo():
    return phone_photo(chinese.photographed_page(), seed=51)


def cut_photo():
    whole = phone_photo(chinese.desk_page(), seed=52, size=(900, 1200))
    return whole[:len(whole) * 45 // 100]


def cut_pdf():
    whole = english.agenda()
    return whole[:len(whole) * 40 // 100]


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def forwarded():
    """A message with a Word document attached."""
    attached = [("钥匙名单.docx", WORD, plain.roster_docx())]
    return containers.mail("Keys for the open day", "The list is attached. Please print it for the gate.\n", attached)


def handover():
    """An archive with a scan in it."""
    return containers.archive([("readme.txt", b"Papers for the new keeper.\n"), ("plans/frequencies.pdf", frequency_plan())])


ENTRIES = [
    Entry(VAULT, "公文/云灯发〔2025〕7号 关于纸灯笼工程夜间联调的通知.pdf", chinese.exercise_notice,
          "公文 with red head, typed: 份号, 机密★10年, 特急, red rule; lies where it may; blanks and 〔〕 in its name", 3, 1),
    Entry(VAULT, "公文/导航频率调整.pdf", frequency_plan,
          "公文 with red head, 秘密★5年, scanned in colour, 1.3 degrees askew; image only", 3, 1),
    Entry(VAULT, "plans/general-plan.pdf", chinese.top_secret_scan,
          "绝密★长期 as a bitonal G4 scan at 200 dpi; the ceiling of a contained zone allows it", 4, 1),
    Entry(VAULT, "assessments/harbour-fog.pdf", english.assessment_typed,
          "SECRET//NOFORN at top and bottom centre, portion marks, authority block; typed, 2 pages", 3, 1),
    Entry(VAULT, "handbooks/duties.pdf", chinese.duties, "harmless also in the vault: job descriptions, typed, 2 pages"),

    Entry(DEPARTMENTS, "office/关于报送灯塔光源材料的函.pdf", chinese.cover_with_annex,
          "the point of it all: a typed covering letter, then two scanned pages; 机密★10年 on the first of them", 3, 2),
    Entry(DEPARTMENTS, "office/incoming-2025-0617.pdf", english.footer_over_scan,
          "a full-page scan with SECRET//NOFORN under a typed footer: the text layer is not empty, and says nothing", 3, 1),
    Entry(DEPARTMENTS, "office/值班安排调整通知.pdf", chinese.work_secret, "工作秘密 at the top left, typed", 2, 1),
    Entry(DEPARTMENTS, "office/灯塔简报第12期.pdf", brochure,
          "内部资料 注意保存: an internal bulletin, allowed here; the same bytes lie in the cloud zone", 1, 1),
    Entry(DEPARTMENTS, "office/岗位职责.pdf", chinese.duties, "harmless: Chinese text; the same bytes as the vault's duties.pdf"),
    Entry(DEPARTMENTS, "office/2025年部门预算公开表.pdf", chinese.budget, "harmless: a ruled table of figures, Chinese"),
    Entry(DEPARTMENTS, "office/会议纪要 扫描件.pdf", chinese.minutes_scan,
          "harmless: minutes, Chinese, scanned 3.4 degrees askew; image only"),
    Entry(DEPARTMENTS, "office/invoice-2025-118.pdf", english.invoice_scan,
          "harmless: an invoice, English, scanned 2.6 degrees askew; image only"),
    Entry(DEPARTMENTS, "office/keepers-handbook.pdf", english.handbook, "harmless: 12 typed pages, more than one slice"),
    Entry(DEPARTMENTS, "office/钥匙名单.docx", plain.roster_docx,
          "a Word document that carries 工作秘密", 2, 1),

    Entry(DEPARTMENTS, "training/2024年资格考试试卷.pdf", chinese.exam_typed,
          "绝密★启用前 over an examination paper of 2024: level 1, not 4", 1, 1),
    Entry(DEPARTMENTS, "training/试卷 复印件.pdf", chinese.exam_scan,
          "the same paper out of the copier, 2.3 degrees askew; image only", 1, 1),

    Entry(DEPARTMENTS, "legal/mutual-nda.pdf", english.nda,
          "harmless: a contract that speaks of nothing but confidential and secret information"),
    Entry(DEPARTMENTS, "legal/保密协议.txt", text(plain.NDA_ZH, "gb18030"),
          "harmless: a Chinese non-disclosure agreement in GB18030"),
    Entry(DEPARTMENTS, "legal/lamps-for-open-day.txt", text(plain.MAIL, "utf-8"),
          "harmless: a letter with English and Chinese e-mail disclaimers, UTF-8"),
    Entry(DEPARTMENTS, "legal/board-memo.pdf", english.company_memo, "COMPANY CONFIDENTIAL in the footer of 2 typed pages", 2, 1),

    Entry(DEPARTMENTS, "ops/station-log.tif", english.log_tiff,
          "5 frames, CCITT G4 and LZW in turn; 机密★5年 on the third, none on the first", 3, 3),
    Entry(DEPARTMENTS, "ops/IMG_20250603.jpg", photo,
          "a phone photo of a page with 机密★20年: perspective, uneven light, stored on its side with EXIF orientation 6", 3, 1),
    Entry(DEPARTMENTS, "ops/screenshot-terminal.png", pictures.terminal, "SECRET//NOFORN in a dark terminal window", 3, 1),
    Entry(DEPARTMENTS, "ops/聊天截图.png", pictures.chat, "harmless: a light chat window in which somebody says 秘密"),
    Entry(DEPARTMENTS, "ops/relief-roster.pdf", english.cui_typed, "CUI//SP-PRVCY with designation block, typed", 2, 1),
    Entry(DEPARTMENTS, "ops/relief-roster-copy.pdf", english.cui_scan, "the same, scanned 4.6 degrees askew; image only", 2, 1),
    Entry(DEPARTMENTS, "ops/tender-advice.pdf", english.official_sensitive,
          "OFFICIAL-SENSITIVE COMMERCIAL at top and bottom centre, typed", 2, 1),
    Entry(DEPARTMENTS, "ops/telemetry-incident.pdf", english.tlp_amber,
          "TLP:AMBER at the right of header and footer, amber on black; 2 typed pages", 2, 1),
    Entry(DEPARTMENTS, "ops/海图说明.pdf", chinese.outlined,
          "秘密★10年 in letters drawn as outlines: no text layer and no picture", 3, 1),
    Entry(DEPARTMENTS, "ops/水深数据.csv", text(plain.IMPORTANT_DATA, "utf-8-sig"),
          "数据级别：重要数据 above a table of figures, CSV with byte order mark", 3, 1),
    Entry(DEPARTMENTS, "ops/readings.csv", text(plain.READINGS, "utf-8"), "harmless: CSV"),
    Entry(DEPARTMENTS, "ops/status.html", text(plain.STATUS_HTML, "utf-8"), "harmless: HTML, Chinese and English"),
    Entry(DEPARTMENTS, "ops/启用条件.txt", text("\ufeff" + plain.UTF16_TOP, "utf-16-le"),
          "绝密★长期 in UTF-16 with byte order mark", 4, 1),
    Entry(DEPARTMENTS, "ops/handover.txt", text(plain.UTF16_BE, "utf-16-be"),
          "OFFICIAL-SENSITIVE in big-endian UTF-16 without byte order mark", 2, 1),
    Entry(DEPARTMENTS, "ops/值班表转发.txt", text(plain.REMINDER, "utf-8"),
          "严禁外传 on a line of its own and no other sign: level 2 if it is a marking, so a person has to look", 2, 1,
          review=True),

    Entry(DEPARTMENTS, "inbox/notes.txt", chinese.hidden_pdf, "a PDF with 秘密★5年 whose name says text", 3, 1),
    Entry(DEPARTMENTS, "inbox/pay-settlement.pdf", english.owner_locked,
          "OFFICIAL-SENSITIVE; owner password only, so it opens with the empty user password", 2, 1),
    Entry(DEPARTMENTS, "inbox/评标委员会.pdf", chinese.locked,
          "encrypted (AES-256) with the user password `lantern`: nothing can be said", fault="encrypted"),
    Entry(DEPARTMENTS, "inbox/agenda.pdf", cut_pdf, "a PDF cut off after two fifths, without its catalog", fault="damaged"),
    Entry(DEPARTMENTS, "inbox/open-day.jpg", cut_photo, "a JPEG cut off in transfer",
          fault="damaged|unreadable_image"),
    Entry(DEPARTMENTS, "inbox/empty.txt", lambda: b"", "an empty file: nothing to read, and all of it was read"),
    Entry(DEPARTMENTS, "inbox/scan0042.pdf", chinese.blank_scan, "a blank scan: paper grain and a few specks"),
    Entry(DEPARTMENTS, "inbox/keys for the open day.eml", forwarded,
          "a harmless message with the list of keys attached: what is inside decides", 2),
    Entry(DEPARTMENTS, "inbox/handover.zip", handover,
          "an archive that holds the scanned 秘密★5年 of the vault: read once, found in both places", 3),
    Entry(DEPARTMENTS, "inbox/lighthouse.jpg", pictures.lighthouse, "a picture without a letter"),

    Entry(CLOUD, "Shared with me/导航频率调整 (1).pdf", frequency_plan,
          "the scanned 秘密★5年 of the vault, byte for byte: content already known, place wrong", 3, 1),
    Entry(CLOUD, "Shared with me/transmittal.pdf", english.cover_with_strips,
          "two typed pages, then a bitonal scan stored in 6 strips with CONFIDENTIAL//NOFORN", 3, 3),
    Entry(CLOUD, "Newsletter/灯塔简报第12期.pdf", brochure,
          "内部资料 注意保存: the department's bulletin, byte for byte; level 1 is too much for the cloud", 1, 1),
    Entry(CLOUD, "Newsletter/keepers-quarterly.pdf", english.newsletter,
          "harmless: two columns, English, with a best-kept secret and a secret ballot"),
    Entry(CLOUD, "Newsletter/小城的保密课.pdf", chinese.press_article,
          "harmless: a newspaper article about secrecy that names every level; two columns, Chinese"),
    Entry(CLOUD, "Reference/保守秘密工作规定 摘录.pdf", chinese.law_extract,
          "harmless: an extract of public regulations, full of 绝密, 机密 and 秘密"),
    Entry(CLOUD, "Reference/clock-batteries.pdf", english.tlp_clear, "TLP:CLEAR: a marking that says public; level 0"),
    Entry(CLOUD, "Reference/參觀須知.txt", text(plain.BIG5, "big5"), "harmless: traditional Chinese in Big5"),
    Entry(CLOUD, "packing list.md", text(plain.PACKING, "utf-8"), "harmless: Markdown, with a Secret Santa"),
]


def write_expected():
    """The truth table."""
    rows = [("path", "verdict", "level", "page", "fault", "remark")]
    rows += [(entry.path, entry.verdict, str(entry.level), str(entry.page or "-"), entry.fault, entry.why)
             for entry in sorted(ENTRIES, key=lambda entry: entry.path)]
    (HERE / "expected.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def write_readme():
    """The table of documents, between its two markers."""
    readme = HERE / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split("<!-- documents -->\n")
    after = rest.split("<!-- end -->\n")[1]
    table = "| document | verdict | level | what it is for |\n|---|---|---|---|\n" + "".join(
        f"| `{entry.path}` | {entry.verdict} | {entry.level} | {entry.why} |\n" for entry in ENTRIES)
    readme.write_text(f"{before}<!-- documents -->\n{table}<!-- end -->\n{after}", encoding="utf-8")


def main():
    """Writes everything anew."""
    register_fonts()
    shutil.rmtree(SHARE, ignore_errors=True)
    total = 0
    for entry in ENTRIES:
        data = entry.make()
        target = SHARE / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        total += len(data)
        print(f"{len(data):>9}  {entry.path}")
    write_expected()
    write_readme()
    print(f"{total:>9}  in {len(ENTRIES)} files")
    if total > LIMIT_BYTES:
        sys.exit(f"the share has {total} bytes, more than {LIMIT_BYTES}")


if __name__ == "__main__":
    main()
