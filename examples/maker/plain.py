"""Text in its many encodings, HTML, CSV, Markdown, and the one office document."""

import datetime
import io
import zipfile

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from .layout import STATEMENT

NDA_ZH = """保密协议

甲方：云岚市灯塔与航道管理局
乙方：望归湾浮标制造厂

鉴于乙方为甲方制造浮标，可能接触甲方的技术资料，双方就保密事项达成如下协议：

第一条　本协议所称保密信息，是指甲方向乙方披露的、不为公众所知悉的图纸、参数和价格，包括商业秘密和工作秘密。
第二条　乙方对保密信息负有保密义务，未经甲方书面同意，不得向第三方披露，不得用于制造浮标以外的目的。
第三条　乙方应当将知悉范围限于必要的人员，并与其签订保密承诺书。
第四条　下列信息不属于保密信息：已经公开的；乙方独立研制的；依照法律必须披露的。
第五条　保密期限为三年，自签订之日起计算。
第六条　乙方违反保密条款的，应当赔偿甲方因此受到的损失。
第七条　本协议一式二份，双方各执一份。

甲方（盖章）　　　　　　　　乙方（盖章）
二〇二五年五月七日
"""

BIG5 = """望歸灣燈塔參觀須知

一、參觀時間為上午九時至下午四時，每批十五人。
二、塔內樓梯共一百三十六級，請量力而行。
三、請勿觸摸透鏡，請勿倚靠欄杆，兒童須有大人陪同。
四、雷雨天氣停止開放，已報名者可改期。
五、燈塔旁的小店出售明信片和海藻餅，歡迎選購。
六、站長養的三隻兔子很溫馴，但請不要餵食巧克力。
"""

UTF16_TOP = """绝密★长期

纸灯笼工程乙套编码启用条件

一、三座以上灯塔同时停用。
二、能见度连续六小时低于二百米。
三、局长和总工程师共同下令。

以上条件须同时具备。启用后每两小时向局机要室报告一次。
"""

UTF16_BE = """OFFICIAL-SENSITIVE

Handover note, duty officer, Saltmere

The Minister's visit to Stagcall is planned for 24 June. The time is known to the station master only.
The launch leaves from the inner basin. Do not use the slipway.
Ms Underquay has the list of guests and the seating plan.

OFFICIAL-SENSITIVE
"""

MAIL = """From: Tobias Lanternjaw <tobias@lantern-reed.example>
To: Elsa Brightwater <elsa@waterways.example>
Date: Mon, 5 May 2025 09:14:00 +0000
Subject: Lamps for the open day

Dear Elsa,

the six lamps for the open day are packed and leave with Wednesday's launch. Please send the crates back;
they are older than either of us.

Kind regards
Tobias

--
This e-mail and any attachments are confidential and may be legally privileged. They are intended solely for
the use of the addressee. If you are not the intended recipient, please notify the sender and delete this
message; any use, copying or disclosure of its contents is prohibited.

本邮件及其附件可能包含保密信息，仅供指定的收件人使用。如您不是指定的收件人，请立即通知发件人并删除本邮件。
"""

REMINDER = """航标科转来的值班表已收到。

请各站打印后张贴在值班室。
严禁外传

柳一舟
"""

READINGS = "station,date,visibility_nm,wind_bft,horn_hours\n" + "".join(
    f"{name},2025-03-{day:02},{(day * 7 + i * 3) % 11 + 0.5},{(day + i) % 7},{(day * (i + 2)) % 9}\n"
    for day in range(1, 11) for i, name in enumerate(("Northisle", "Stagcall", "Longdyke", "Homeward")))

IMPORTANT_DATA = """数据级别：重要数据
导出单位：云岚市灯塔与航道管理局　导出日期：2025-05-30
测线,测点,东向坐标,北向坐标,水深（米）
""" + "".join(f"{line},{point},{4120 + line * 13 + point * 2}.{point},{8870 + line * 5 + point * 7}.{line},{3 + (line * point) % 9}."
              f"{(line + point) % 10}\n" for line in range(1, 5) for point in range(1, 9))

STATUS_HTML = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>灯塔运行情况</title>
<style>body { font-family: sans-serif } td { padding: 4px 12px }</style></head>
<body>
<h1>灯塔运行情况</h1>
<p>欢迎访问云岚市灯塔与航道管理局网站。下表每小时更新一次。</p>
<table border="1">
<tr><th>灯塔</th><th>灯质</th><th>状态</th></tr>
<tr><td>北屿</td><td>闪白五秒</td><td>正常</td></tr>
<tr><td>鹿鸣</td><td>闪二白十秒</td><td>正常</td></tr>
<tr><td>长堤</td><td>闪三白十五秒</td><td>更换电池</td></tr>
<tr><td>望归</td><td>定红</td><td>正常</td></tr>
</table>
<p>The lights are described in the <a href="lights.html">list of lights</a>. Opening hours: 9 to 4.</p>
<script>var client_secret_hint = "none";</script>
</body>
</html>
"""

PACKING = """# Packing list for the open day

- [x] six lamps, in the old crates
- [x] rope, 40 m
- [ ] leaflets (**200** copies, two columns)
- [ ] tea urn, and the good biscuits

Secret Santa is *not* part of the open day; Mirabel keeps asking.

| what | who |
|---|---|
| stairs | Tobias |
| garden | Mirabel |
| donkey | nobody |
"""


def roster_docx():
    """A docx that carries 工作秘密, with fixed dates inside and out."""
    document = Document()
    document.core_properties.author = "Misfile"
    document.core_properties.comments = STATEMENT
    document.core_properties.created = document.core_properties.modified = datetime.datetime(2000, 1, 1)
    document.add_paragraph("工作秘密")
    heading = document.add_heading("机要室钥匙保管名单", level=1)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in ("北柜：高远帆，备用钥匙由何立秋保管。", "南柜：柳一舟，备用钥匙由白鹭洲保管。", "本名单每季度更换一次，旧名单收回销毁。"):
        document.add_paragraph(line)
    raw = io.BytesIO()
    document.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (2000, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(fixed, before.read(entry))
    return out.getvalue()
