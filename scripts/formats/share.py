#!/usr/bin/env python3
"""Makes a share of mixed small documents, each with words of its own, for measuring a sweep: text, HTML, mail with attachments, Word,
Excel, PowerPoint, OFD, archives in archives. One in a hundred carries a marking.

    scripts/formats/share.py FOLDER [--files 5000] [--seed 1]
"""
import argparse
import io
import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

WORDS = "lamp keeper harbour tide signal engine report supply meeting budget winter storm letter visit repair paint oil list number north".split()
HAN = "关于灯塔供油检修会议记录人员安排通知请各单位遵照执行附件预算表年度工作计划"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def package(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return out.getvalue()


def office(main, kind, parts):
    """A package whose main part is `main`."""
    types = f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/{main}" ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
    rels = f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    return package([("[Content_Types].xml", types), ("_rels/.rels", rels), *parts])


def docx(lines):
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    return office("word/document.xml", "wordprocessingml.document", [("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')])


def xlsx(lines):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join(f'<row r="{row}">' + "".join(f'<c t="inlineStr"><is><t>{word}</t></is></c>' for word in line.split()) + "</row>" for row, line in enumerate(lines, 1))
    book = f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>'
    rels = f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    return office("xl/workbook.xml", "spreadsheetml.sheet", [
        ("xl/workbook.xml", book), ("xl/_rels/workbook.xml.rels", rels),
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>')])


def ofd(lines):
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    objects = "".join(f'<ofd:TextObject ID="{10 + at}" Boundary="20 {20 + 6 * at} 160 6" Font="1" Size="4"><ofd:TextCode X="0" Y="5" DeltaX="g {max(len(line) - 1, 1)} 4">{line}</ofd:TextCode></ofd:TextObject>' for at, line in enumerate(lines[:40]))
    return package([
        ("OFD.xml", f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'),
        ("Doc_0/Document.xml", f'<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>'),
        ("Doc_0/Pages/Page_0/Content.xml", f'<ofd:Page {space}><ofd:Content><ofd:Layer ID="2">{objects}</ofd:Layer></ofd:Content></ofd:Page>')])


def mail(lines, attached):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@lights.example", "b@lights.example", lines[0]
    message.set_content("\n".join(lines))
    for name, content in attached:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)

    def lines(count):
        english = [" ".join(chance.choices(WORDS, k=12)) for _ in range(count)]
        chinese = ["".join(chance.choices(HAN, k=30)) for _ in range(count)]
        said = [line for pair in zip(english, chinese) for line in pair]
        return (["机密★10年"] if chance.random() < 0.01 else []) + said

    def one(kind):
        text = lines(chance.randint(10, 60))
        plain = "\n".join(text)
        return {
            "txt": lambda: plain.encode(), "gbk.txt": lambda: plain.encode("gb18030"), "html": lambda: f"<html><body><p>{'</p><p>'.join(text)}</p></body></html>".encode(),
            "csv": lambda: "\n".join(line.replace(" ", ",") for line in text).encode(),
            "docx": lambda: docx(text), "xlsx": lambda: xlsx(text), "ofd": lambda: ofd(text),
            "eml": lambda: mail(text[:6] or ["x"], [("list.xlsx", xlsx(lines(20))), ("note.docx", docx(lines(10)))]),
            "zip": lambda: package([("a/one.txt", plain), ("b/two.docx", docx(lines(20))), ("inner.zip", package([("three.txt", "\n".join(lines(15)))]))]),
        }[kind]()

    kinds = ["txt", "gbk.txt", "html", "csv", "docx", "docx", "xlsx", "xlsx", "ofd", "eml", "zip"]
    for number in range(given.files):
        kind = kinds[number % len(kinds)]
        place = given.folder / f"department {number % 40}" / f"document {number}.{kind}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(one(kind))


if __name__ == "__main__":
    main()
