"""Texts, books, drawings in XML, rich text, old Excel, databases."""
import base64
import binascii
import io
import json
import sqlite3
import tempfile
import urllib.parse
import zlib

import xlwt

from places import drawn
from share import package


def rtf(plant):
    picture = drawn.picture(plant.inner(".+"), "embedded picture").hex()
    return ("{\\rtf1\\ansi{\\info{\\title %s}{\\doccomm %s}}{\\*\\userprops{\\propname x}\\proptype30{\\staticval %s}}{\\header %s\\par}{\\headerf %s\\par}{\\footer %s\\par}\\titlepg\n"
            "%s\\par Note{\\footnote %s}{\\*\\annotation %s}\\par{\\shp{\\*\\shpinst{\\shptxt %s\\par}}}{\\v %s}{\\deleted %s}\\page Second page\\par %s\\par{\\trowd\\cellx5000 %s\\cell\\row}{\\pict\\pngblip %s}"
            "{\\caps %s}\\par{\\*\\pn\\pnlvlbody{\\pntxtb %s}}x\\par{\\field{\\*\\fldinst FORMDROPDOWN {\\*\\formfield{\\fftype2\\ffres1{\\*\\ffl Public}{\\*\\ffl %s}}}}{\\fldrslt }}\\par}" % (
                plant("property: title", "properties"), plant("property: comment", "properties"), plant("property of its own", "properties"), plant("header"), plant("first-page header"), plant("footer"),
                plant("body of page 1", "^1$"), plant("footnote"), plant("comment"), plant("text box"), plant("hidden text"), plant("deleted text"), plant("body of page 2", "^2$"), plant("table cell", "^2$"), picture,
                plant("capitals", "^2$").lower(), plant("bullet"), plant("item taken of a drop-down list", "^2$"))).encode()


def text(encoding):
    def made(plant):
        return f"第一行：灯塔供油检修会议记录。\n{plant('first page', 'lines 1')}\n\f第二页\n{plant('second page', 'lines [34]')}\n".encode(encoding)
    return made


def packed_text(plant):
    """A file in the packing of old mail, and one in base64 behind quote marks."""
    packed = binascii.b2a_uu(plant("uuencoded file", inside="a.txt").encode()).decode()
    quoted = base64.encodebytes((plant("quoted base64", inside="base64") + "\n" + "nothing more is in it\n" * 5).encode()).decode()
    return (f"see below\nbegin 644 a.txt\n{packed}`\nend\n\n" + "".join(f"> {line}\n" for line in quoted.split())).encode()


def csv(plant):
    return f"number,note\n1,\"{plant('cell')}\"\n".encode()


def svg(plant):
    data = base64.b64encode(drawn.picture(plant.inner(".+"), "embedded picture")).decode()
    return (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="400" height="200"><title>{plant("title")}</title><desc>{plant("description")}</desc><metadata>{plant("metadata")}</metadata>'
            f'<text x="10" y="20">{plant("text")}</text><text x="10" y="40" visibility="hidden">{plant("hidden text")}</text><style>text::after {{ content: "{plant("text of a style")}" }}</style><script>x.textContent = "{plant("string of a script")}"</script><foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">{plant("foreign object")}</p></foreignObject><image xlink:href="data:image/png;base64,{data}"/></svg>').encode()


def fb2(plant):
    data = base64.b64encode(drawn.picture(plant.inner(".+"), "embedded picture")).decode()
    return (f'<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink"><description><title-info><book-title>{plant("title")}</book-title><annotation><p>{plant("annotation")}</p></annotation></title-info><custom-info info-type="x">{plant("custom info")}</custom-info></description>'
            f'<body><section><title><p>{plant("title of a section")}</p></title><p>{plant("paragraph")}</p><image l:href="#p.png"/></section></body><body name="notes"><section id="n"><p>{plant("note")}</p></section></body><binary id="p.png" content-type="image/png">{data}</binary></FictionBook>').encode()


def epub(plant):
    return package([
        ("mimetype", "application/epub+zip"), ("META-INF/container.xml", '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile full-path="OPS/c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'),
        ("OPS/c.opf", f'<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{plant("property: title", "properties")}</dc:title><dc:description>{plant("property: description", "properties")}</dc:description></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/><item id="p" href="p.png" media-type="image/png"/><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest><spine><itemref idref="a"/></spine></package>'),
        ("OPS/a.xhtml", f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{plant("chapter", "a.xhtml|chapter")}</p><img src="p.png"/></body></html>'),
        ("OPS/b.xhtml", f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{plant("document that is not in the reading order")}</p></body></html>'),
        ("OPS/nav.xhtml", f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><a href="a.xhtml">{plant("table of contents")}</a></nav></body></html>'),
        ("OPS/p.png", drawn.picture(plant.inner("p.png"), "picture"))])


def ipynb(plant):
    picture = base64.b64encode(drawn.picture(plant.inner(".+"), "picture in an output")).decode()
    return json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, "source": [plant("text")]},
                                 {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": [f"x = '{plant('code')}'"], "outputs": [{"output_type": "stream", "name": "stdout", "text": [plant("output")]}, {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}]}],
                       "metadata": {"title": plant("metadata")}, "nbformat": 4, "nbformat_minor": 5}).encode()


def xml(plant):
    return f'<?xml version="1.0"?><!-- {plant("comment")} --><report note="{plant("attribute")}"><p>{plant("text")}</p><![CDATA[{plant("character data")}]]><p>{plant("text with markup in its words", "markup").replace("SECRET", "SEC<b>RET</b>")}</p></report>'.encode()


def json_(plant):
    return json.dumps({"note": plant("value"), plant.code("key"): 1}).encode()


def sqlite(plant):
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        base = sqlite3.connect(file.name)
        base.execute("CREATE TABLE notes (id INTEGER, note TEXT, file BLOB)")
        base.execute("INSERT INTO notes VALUES (1, ?, ?)", (plant("row", 'table "notes"'), drawn.picture(plant.inner(".+"), "picture in a row")))
        base.execute(f"CREATE VIEW seen AS SELECT '{plant.code('view', 'schema')}'")
        base.execute("PRAGMA secure_delete = 0")
        base.execute("INSERT INTO notes VALUES (2, ?, NULL)", (plant("deleted row", "deleted rows"),))
        base.commit()
        base.execute("DELETE FROM notes WHERE id = 2")
        base.commit()
        base.close()
        return open(file.name, "rb").read()


def diagram(plant):
    """As draw.io packs it: percent-encoded, deflated, in base64."""
    page = f'<mxGraphModel><root><mxCell id="0"/><mxCell id="2" value="&lt;b&gt;{plant("label of a diagram", "diagram")}&lt;/b&gt;"/></root></mxGraphModel>'
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(urllib.parse.quote(page, safe="").encode()) + packer.flush()).decode()
    return f'<mxfile host="app"><diagram id="x" name="Page-1">{packed}</diagram></mxfile>'.encode()


def xls(plant):
    book = xlwt.Workbook(encoding="utf-8")
    book.owner = "a"
    first = book.add_sheet("Budget")
    first.write(0, 0, plant("cell", 'sheet "Budget"'))
    first.write(900, 3, plant("far cell", 'sheet "Budget"'))
    first.write(1, 0, xlwt.Formula(f'"{plant("text in a formula", "Budget")}"'))
    first.write_rich_text(2, 0, [plant("rich text", 'sheet "Budget"')])
    first.header_str, first.footer_str = plant("header", 'sheet "Budget"').encode(), plant("footer", 'sheet "Budget"').encode()
    for name, how, place in [("Old", 1, "hidden sheet"), ("Older", 2, "very hidden sheet")]:
        sheet = book.add_sheet(name)
        sheet.write(0, 0, plant(place, f'sheet "{name}"'))
        sheet.visibility = how
    book.add_sheet(plant.code("name of a sheet")).write(0, 0, "x")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
