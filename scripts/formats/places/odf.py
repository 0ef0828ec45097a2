"""OpenDocument: texts, sheets, slides, and the flat form."""
import io
import zipfile

from places import drawn
from places.ole import native_package

SPACES = " ".join(f'xmlns:{name}="{uri}"' for name, uri in [
    *((name, f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0") for name in "office style text table draw presentation chart meta form script".split()),
    ("fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"), ("svg", "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"),
    ("dc", "http://purl.org/dc/elements/1.1/"), ("xlink", "http://www.w3.org/1999/xlink")])
MIME = "application/vnd.oasis.opendocument."


def root(tag, inner):
    return f'<office:{tag} {SPACES} office:version="1.3">{inner}</office:{tag}>'


def p(text):
    return f"<text:p>{text}</text:p>"


def packed(kind, parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo("mimetype"), MIME + kind)
        rows = "".join(f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type=""/>' for name, _ in parts)
        made.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME + kind}"/>{rows}</manifest:manifest>')
        for name, content in parts:
            made.writestr(name, content)
    return out.getvalue()


def meta(plant):
    return f'<office:meta><dc:title>{plant("property: title", "properties")}</dc:title><meta:keyword>{plant("property: keyword", "properties")}</meta:keyword><meta:user-defined meta:name="x">{plant("property of its own", "properties")}</meta:user-defined></office:meta>'


def master(plant):
    return (f'<office:master-styles><style:master-page style:name="Standard"><style:header>{p(plant("header"))}</style:header><style:header-first>{p(plant("first-page header"))}</style:header-first>'
            f'<style:footer>{p(plant("footer"))}</style:footer><style:footer-left>{p(plant("footer of left pages"))}</style:footer-left></style:master-page></office:master-styles>')


def written(plant, picture):
    """The body of a text."""
    return "".join([
        "<office:body><office:text>", f'<text:tracked-changes><text:changed-region text:id="c"><text:deletion>{p(plant("deleted text"))}</text:deletion></text:changed-region></text:tracked-changes>',
        p(plant("body")), p(f'Note<text:note text:note-class="footnote"><text:note-body>{p(plant("footnote"))}</text:note-body></text:note>'),
        p(f'Said<office:annotation><dc:creator>a</dc:creator>{p(plant("comment"))}</office:annotation>'),
        p(f'<draw:frame><draw:text-box>{p(plant("text box"))}</draw:text-box><svg:title>{plant("title of a frame")}</svg:title><svg:desc>{plant("description of a frame")}</svg:desc></draw:frame>'),
        f'<table:table table:name="{plant.code("name of a table")}"><table:table-row><table:table-cell>{p(plant("table cell"))}</table:table-cell></table:table-row></table:table>',
        p(f'<text:hidden-text text:string-value="{plant("hidden text field")}"/>'), p(f'<text:conditional-text text:string-value-if-true="{plant("text under a condition")}"/>'), f'<text:section text:display="none">{p(plant("hidden section"))}</text:section>',
        p(f'<text:ruby><text:ruby-base>x</text:ruby-base><text:ruby-text>{plant("ruby text")}</text:ruby-text></text:ruby>'),
        picture, p('<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'), p('<draw:frame><draw:object-ole xlink:href="./Object 2"/></draw:frame>'), "</office:text></office:body>"])


def chart(plant, label):
    return root("document-content", f'<office:body><office:chart><chart:chart><chart:title>{p(plant("chart title", label))}</chart:title></chart:chart></office:chart></office:body>')


def odt(plant):
    picture = p('<draw:frame><draw:image xlink:href="Pictures/p.png"/></draw:frame>')
    return packed("text", [
        ("content.xml", root("document-content", written(plant, picture))), ("styles.xml", root("document-styles", master(plant))), ("meta.xml", root("document-meta", meta(plant))),
        ("Pictures/p.png", drawn.picture(plant.inner(r"p\.png"), "embedded picture")), ("Object 1/content.xml", chart(plant, "object")),
        ("Object 2", native_package("plan.txt", plant("embedded package", inside="plan").encode()))])


def fodt(plant):
    import base64
    data = base64.b64encode(drawn.picture(plant.inner(".+"), "embedded picture")).decode()
    picture = p(f"<draw:frame><draw:image><office:binary-data>{data}</office:binary-data></draw:image></draw:frame>")
    body = written(plant, picture).replace('<draw:object xlink:href="./Object 1"/>', "").replace('<draw:object-ole xlink:href="./Object 2"/>', "")
    return root("document", meta(plant) + master(plant) + body).replace(" office:version", f' office:mimetype="{MIME}text" office:version').encode()


def ods(plant):
    def row(cells):
        return f"<table:table-row>{cells}</table:table-row>"

    def cell(text, more="", inner=""):
        return f"<table:table-cell{more}>{p(text)}{inner}</table:table-cell>"

    first, hidden = 'sheet "Budget"', 'sheet "Old"'
    sheets = [
        '<table:table table:name="Budget">', row(cell(plant("cell", first), inner=f'<office:annotation>{p(plant("comment", first))}</office:annotation>')),
        row(f'<table:table-cell table:formula="of:=&quot;{plant("text in a formula", first)}&quot;">{p("x")}</table:table-cell>'),
        f'<table:table-row table:visibility="collapse">{cell(plant("hidden row", first))}</table:table-row>', f'<table:table-row table:number-rows-repeated="900">{cell("")}</table:table-row>',
        row(f'<table:table-cell table:number-columns-repeated="5"/>{cell(plant("far cell", first))}'),
        f'<table:shapes><draw:frame><draw:text-box>{p(plant("text box", first))}</draw:text-box></draw:frame><draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></table:shapes></table:table>',
        '<table:table table:name="Old" table:style-name="hidden">', row(cell(plant("hidden sheet", hidden))), "</table:table>", f'<table:table table:name="{plant.code("name of a sheet")}">', row(cell("x")), "</table:table>"]
    validation = f'<table:content-validations><table:content-validation table:name="v"><table:help-message>{p(plant("tip of a cell"))}</table:help-message></table:content-validation></table:content-validations>'
    style = '<office:automatic-styles><style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    body = f'{style}<office:body><office:spreadsheet>{validation}{"".join(sheets)}<table:named-expressions><table:named-expression table:name="n" table:expression="&quot;{plant("named expression")}&quot;"/></table:named-expressions></office:spreadsheet></office:body>'
    return packed("spreadsheet", [("content.xml", root("document-content", body)), ("styles.xml", root("document-styles", master(plant))), ("meta.xml", root("document-meta", meta(plant))), ("Object 1/content.xml", chart(plant, "object"))])


def odp(plant):
    box = "<draw:frame><draw:text-box>{}</draw:text-box></draw:frame>"
    slide1, slide2 = "slide 1|^1$", "slide 2|^2$"
    pages = (f'<draw:page draw:name="one">{box.format(p(plant("text box", slide1)))}<draw:frame><draw:image xlink:href="Pictures/p.png"/></draw:frame><office:annotation>{p(plant("comment", slide1))}</office:annotation>'
             f'<presentation:notes>{box.format(p(plant("speaker notes", "slide 1, notes|notes")))}</presentation:notes></draw:page>'
             f'<draw:page draw:name="{plant.code("name of a slide")}" draw:style-name="hidden">{box.format(p(plant("hidden slide", slide2)))}</draw:page>')
    fixed = f'<office:master-styles><style:master-page style:name="Default">{box.format(p(plant("slide master")))}</style:master-page></office:master-styles>'
    declared = f'<presentation:footer-decl presentation:name="f">{plant("footer")}</presentation:footer-decl>'
    return packed("presentation", [("content.xml", root("document-content", f"<office:body><office:presentation>{declared}{pages}</office:presentation></office:body>")),
                                   ("styles.xml", root("document-styles", fixed)), ("meta.xml", root("document-meta", meta(plant))), ("Pictures/p.png", drawn.picture(plant.inner(r"p\.png"), "embedded picture"))])
