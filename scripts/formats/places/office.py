"""Documents of Word, Excel, PowerPoint and Visio, as they are written since 2007."""
from places import drawn
from places.ole import native_package
from share import OFFICE, RELS, TYPES, package

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"


def rels(*targets):
    """Relations (id, type, target); types without a scheme are Office's."""
    rows = "".join(f'<Relationship Id="{id}" Type="{kind if ":" in kind else OFFICE + "/" + kind}" Target="{target}"/>' for id, kind, target in targets)
    return f'<Relationships xmlns="{RELS}">{rows}</Relationships>'


def office(main, kind, parts, plant):
    """A package whose main part is `main`, with properties of all three sorts."""
    types = (f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
             '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
             f'<Override PartName="/{main}" ContentType="application/vnd.{kind}.main+xml"/></Types>')
    core = f'<cp:coreProperties xmlns:cp="{CORE}" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{plant("property: title", "properties")}</dc:title><cp:category>{plant("property: category", "properties")}</cp:category></cp:coreProperties>'
    app = f'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Company>{plant("property: company", "properties")}</Company></Properties>'
    own = f'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="Handling"><vt:lpwstr>{plant("property of its own", "properties")}</vt:lpwstr></property></Properties>'
    top = rels(("r1", "officeDocument", main), ("r2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"),
               ("r3", "extended-properties", "docProps/app.xml"), ("r4", "custom-properties", "docProps/custom.xml"))
    return package([("[Content_Types].xml", types), ("_rels/.rels", top), ("docProps/core.xml", core), ("docProps/app.xml", app), ("docProps/custom.xml", own), *parts])


def small_docx(line):
    return package([("[Content_Types].xml", f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'),
                    ("_rels/.rels", rels(("r1", "officeDocument", "word/document.xml"))), ("word/document.xml", f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{line}</w:t></w:r></w:p></w:body></w:document>')])


def chart(plant, label):
    return (f'<c:chartSpace xmlns:c="{C}" xmlns:a="{A}"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>{plant("chart title", label)}</a:t></a:r></a:p></c:rich></c:tx></c:title>'
            f'<c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>{plant("name of a chart series", label)}</c:v></c:pt></c:strCache></c:strRef></c:tx></c:ser></c:barChart>'
            f'<c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>{plant("axis title", label)}</a:t></a:r></a:p></c:rich></c:tx></c:title></c:valAx></c:plotArea></c:chart></c:chartSpace>')


def smart_art(plant, label):
    return f'<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="{A}"><dgm:ptLst><dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>{plant("SmartArt", label)}</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>'


def docx(plant):
    def p(text, more=""):
        return f"<w:p>{more}<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>"

    def box(text):
        return f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wp:docPr id="9" name="box"/><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{p(text)}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>'

    def graphic(inner, name=""):
        return f'<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{name}"/><a:graphic><a:graphicData>{inner}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'

    refs = "".join(f'<w:{kind}Reference w:type="{at}" r:id="{id}"/>' for kind, at, id in [
        ("header", "default", "h1"), ("header", "first", "h2"), ("header", "even", "h3"), ("footer", "default", "f1"), ("footer", "first", "f2")])
    page_break = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    body = [
        p(plant("body of page 1", "^1$")), box(plant("text box", "^1$")),
        f'<w:p><w:r><w:t>Note</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="1"/></w:r></w:p>',
        page_break, p("Second page."), p(plant("body of page 2", "^2$")),
        f'<w:tbl><w:tr><w:tc>{p(plant("table cell", "^2$"))}</w:tc></w:tr></w:tbl>',
        f'<w:p><w:del w:id="5" w:author="a"><w:r><w:delText>{plant("deleted text", "2|deleted")}</w:delText></w:r></w:del><w:ins w:id="6"><w:r><w:t>{plant("inserted text", "^2$")}</w:t></w:r></w:ins></w:p>',
        f'<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{plant("hidden text", "2|hidden")}</w:t></w:r></w:p>',
        f'<w:sdt><w:sdtPr><w:alias w:val="{plant("name of a content control")}"/><w:dropDownList><w:listItem w:displayText="{plant.code("choice of a drop-down list")}" w:value="x"/></w:dropDownList></w:sdtPr><w:sdtContent>{p(plant("content control", "^2$"))}</w:sdtContent></w:sdt>',
        f'<w:p><w:fldSimple w:instr=" DOCPROPERTY x "><w:r><w:t>{plant("field result", "^2$")}</w:t></w:r></w:fldSimple></w:p>',
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Public"/><w:listEntry w:val="{plant("item taken of an old drop-down list", "^2$")}"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
        p(plant("capitals by a style", "^2$").lower(), '<w:pPr><w:pStyle w:val="Mark"/></w:pPr>'),
        graphic('<pic:pic><pic:blipFill><a:blip r:embed="p2"/></pic:blipFill></pic:pic>'),
        graphic('<pic:pic><pic:blipFill><a:blip r:embed="p1"/></pic:blipFill></pic:pic>', plant("alternative text of a picture")),
        graphic('<c:chart r:id="c1"/>'), graphic('<dgm:relIds r:dm="d1"/>'),
        '<w:p><w:r><w:object><o:OLEObject Type="Embed" ProgID="Package" r:id="o1"/><o:OLEObject Type="Embed" ProgID="Word.Document.12" r:id="o2"/></w:object></w:r></w:p>',
        '<w:altChunk r:id="a1"/>',
        f'<m:oMathPara><m:oMath><m:r><m:t>{plant("formula", "^2$")}</m:t></m:r></m:oMath></m:oMathPara>',
        f'<w:p><w:hyperlink r:id="l1" w:tooltip="{plant("tip of a link")}"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>',
        page_break, p("Third page."), f"<w:sectPr>{refs}<w:titlePg/></w:sectPr>"]
    names = " ".join(f'xmlns:{name}="{uri}"' for name, uri in [
        ("w", W), ("r", OFFICE), ("a", A), ("c", C), ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"), ("o", "urn:schemas-microsoft-com:office:office"),
        ("v", "urn:schemas-microsoft-com:vml"), ("wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"), ("m", "http://schemas.openxmlformats.org/officeDocument/2006/math"),
        ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"), ("pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"), ("dgm", "http://schemas.openxmlformats.org/drawingml/2006/diagram")])
    watermark = '<w:p><w:r><w:pict><v:shape><v:textpath string="{}"/></v:shape></w:pict></w:r></w:p>'

    def part(tag, inner):
        return f"<w:{tag} {names}>{inner}</w:{tag}>"

    parts = [
        ("word/document.xml", part("document", f'<w:body>{"".join(body)}</w:body>')),
        ("word/header1.xml", part("hdr", p(plant("header", "[23]")) + watermark.format(plant("watermark", "[23]")))),
        ("word/header2.xml", part("hdr", p(plant("first-page header", "^1$")))), ("word/header3.xml", part("hdr", p(plant("header of even pages")))),
        ("word/footer1.xml", part("ftr", p(plant("footer", "[23]")))), ("word/footer2.xml", part("ftr", p(plant("first-page footer", "^1$")))),
        ("word/footnotes.xml", part("footnotes", f'<w:footnote w:id="2">{p(plant("footnote", "^1$"))}</w:footnote>')),
        ("word/endnotes.xml", part("endnotes", f'<w:endnote w:id="2">{p(plant("endnote"))}</w:endnote>')),
        ("word/comments.xml", part("comments", f'<w:comment w:id="1" w:author="{plant("author of a comment")}">{p(plant("comment", "comment"))}</w:comment>')),
        ("word/settings.xml", part("settings", f'<w:docVars><w:docVar w:name="x" w:val="{plant("document variable")}"/></w:docVars>')),
        ("word/glossary/document.xml", part("glossaryDocument", f'<w:docParts><w:docPart><w:docPartBody>{p(plant("building block"))}</w:docPartBody></w:docPart></w:docParts>')),
        ("word/charts/chart1.xml", chart(plant, "chart")), ("word/diagrams/data1.xml", smart_art(plant, "")),
        ("word/media/p.png", drawn.picture(plant.inner(r"p\.png"), "embedded picture")),
        ("word/media/logo.ttf", drawn.picture(plant.inner(r"logo\.ttf"), "picture under the name of a font")),
        ("word/styles.xml", part("styles", '<w:style w:type="paragraph" w:styleId="Base"><w:rPr><w:caps/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Mark"><w:basedOn w:val="Base"/></w:style>')),
        ("word/embeddings/o1.bin", native_package("plan.txt", plant("embedded package", inside="plan").encode())),
        ("word/embeddings/o2.docx", small_docx(plant("embedded document", inside="docx"))),
        ("word/afchunk.htm", f'<html><body>{plant("imported part", inside="afchunk")}</body></html>'),
        ("customXml/item1.xml", f'<data><x>{plant("custom XML")}</x></data>'),
        ("word/_rels/document.xml.rels", rels(
            ("h1", "header", "header1.xml"), ("h2", "header", "header2.xml"), ("h3", "header", "header3.xml"), ("f1", "footer", "footer1.xml"), ("f2", "footer", "footer2.xml"),
            ("n1", "footnotes", "footnotes.xml"), ("n2", "endnotes", "endnotes.xml"), ("n3", "comments", "comments.xml"), ("s1", "settings", "settings.xml"), ("g1", "glossaryDocument", "glossary/document.xml"),
            ("c1", "chart", "charts/chart1.xml"), ("d1", "diagramData", "diagrams/data1.xml"), ("p1", "image", "media/p.png"), ("p2", "image", "media/logo.ttf"), ("y1", "styles", "styles.xml"), ("o1", "oleObject", "embeddings/o1.bin"),
            ("o2", "package", "embeddings/o2.docx"), ("a1", "aFChunk", "afchunk.htm"), ("x1", "customXml", "../customXml/item1.xml")).replace(
                "</Relationships>", f'<Relationship Id="l1" Type="{OFFICE}/hyperlink" Target="https://lights.example/{plant.code("target of a link").replace(" ", "%20")}" TargetMode="External"/></Relationships>'))]
    return office("word/document.xml", "openxmlformats-officedocument.wordprocessingml.document", parts, plant)


def xlsx(plant):
    def sheet(cells, more="", head=""):
        rows = "".join(f'<row r="{number}">{cell}</row>' for number, cell in cells)
        return f'<worksheet xmlns="{S}" xmlns:r="{OFFICE}">{head}<sheetData>{rows}</sheetData>{more}</worksheet>'

    def text(ref, line):
        return f'<c r="{ref}" t="inlineStr"><is><t>{line}</t></is></c>'

    first, hidden, very = 'sheet "Budget"', 'sheet "Old".*hidden', 'sheet "Older".*hidden'
    budget = sheet([(1, text("A1", plant("cell", first))), (3, '<c r="B3" t="s"><v>0</v></c>'), (4, f'<c r="A4" t="str"><f>CONCATENATE("{plant("text in a formula", first)}","")</f><v>x</v></c>'),
                    (5, '<c r="A5" s="1"><v>1</v></c><c r="B5" s="2" t="inlineStr"><is><t>x</t></is></c>'), (900, text("C900", plant("cell in row 900", first))), (901, f'<c r="A901" t="inlineStr"><is><r><t>{plant("rich text", first)}</t></r></is></c>')],
                   f'<dataValidations><dataValidation type="list" promptTitle="tip" prompt="{plant("tip of a cell", first)}" sqref="A1"><formula1>"{plant.code("choice of a list", first)}"</formula1></dataValidation></dataValidations>'
                   f'<conditionalFormatting sqref="A1"><cfRule type="containsText" dxfId="0" text="{plant("text of a condition", first)}"><formula>NOT(ISERROR(SEARCH("{plant("formula of a condition", first)}",A1)))</formula></cfRule></conditionalFormatting>'
                   f'<headerFooter differentFirst="1"><oddHeader>&amp;C{plant("header", first)}</oddHeader><oddFooter>&amp;L{plant("footer", first)}</oddFooter><firstHeader>&amp;C{plant("first-page header", first)}</firstHeader></headerFooter>'
                   '<drawing r:id="d1"/><legacyDrawing r:id="v1"/><oleObjects><oleObject progId="Package" r:id="o1"/></oleObjects>')
    drawing = (f'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="{A}" xmlns:r="{OFFICE}" xmlns:c="{C}">'
               f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="3" name="box" descr="{plant("alternative text of a shape", first)}"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>{plant("text box", first)}</a:t></a:r></a:p></xdr:txBody></xdr:sp>'
               '<xdr:pic><xdr:blipFill><a:blip r:embed="p1"/></xdr:blipFill></xdr:pic><xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id="c1"/></a:graphicData></a:graphic></xdr:graphicFrame></xdr:wsDr>')
    formats = [(164, f'"{plant("number format", first)}"'), (165, f'General;General;General;"{plant("number format of texts", first)} "@')]
    styles = "".join(f"<numFmt numFmtId=\"{number}\" formatCode='{code.replace(chr(34), '&quot;')}'/>" for number, code in formats)
    styles = (f'<styleSheet xmlns="{S}"><numFmts>{styles}</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
              f'<dxfs><dxf><numFmt numFmtId="166" formatCode="&quot;{plant("number format of a condition")}&quot;"/></dxf></dxfs></styleSheet>')
    names = [("Budget", ""), ("Old", ' state="hidden"'), ("Older", ' state="veryHidden"'), (plant.code("name of a sheet"), "")]
    sheets = "".join(f'<sheet name="{name}" sheetId="{number}"{state} r:id="s{number}"/>' for number, (name, state) in enumerate(names, 1))
    book = f'<workbook xmlns="{S}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets><definedNames><definedName name="x" comment="{plant("comment of a name")}">"{plant("defined name")}"</definedName></definedNames></workbook>'
    parts = [
        ("xl/workbook.xml", book), ("xl/worksheets/sheet1.xml", budget),
        ("xl/worksheets/sheet2.xml", sheet([(1, text("A1", plant("hidden sheet", hidden)))])),
        ("xl/worksheets/sheet3.xml", sheet([(1, text("A1", plant("very hidden sheet", very)))])),
        ("xl/worksheets/sheet4.xml", sheet([(1, text("A1", "x"))])),
        ("xl/sharedStrings.xml", f'<sst xmlns="{S}"><si><t>{plant("shared string", first)}</t></si></sst>'),
        ("xl/comments1.xml", f'<comments xmlns="{S}"><authors><author>a</author></authors><commentList><comment ref="A1" authorId="0"><text><t>{plant("comment", first)}</t></text></comment></commentList></comments>'),
        ("xl/threadedComments/threadedComment1.xml", f'<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="B1" id="{{1}}"><text>{plant("threaded comment", first)}</text></threadedComment></ThreadedComments>'),
        ("xl/drawings/drawing1.xml", drawing), ("xl/charts/chart1.xml", chart(plant, first)), ("xl/media/p.png", drawn.picture(plant.inner(r"p\.png"), "embedded picture")),
        ("xl/drawings/vml1.vml", f'<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><div>{plant("old text box", first)}</div></v:textbox></v:shape></xml>'),
        ("xl/embeddings/o1.bin", native_package("plan.txt", plant("embedded package", inside="plan").encode())),
        ("xl/tables/table1.xml", f'<table xmlns="{S}" id="1" name="T" displayName="T" ref="A1:B2" headerRowCount="0"><tableColumns><tableColumn id="1" name="{plant("column of a table", first)}"/></tableColumns></table>'),
        ("xl/connections.xml", f'<connections xmlns="{S}"><connection id="1" name="x" description="{plant("connection")}"/></connections>'),
        ("xl/externalLinks/externalLink1.xml", f'<externalLink xmlns="{S}" xmlns:r="{OFFICE}"><externalBook><sheetNames><sheetName val="x"/></sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>{plant("cached value of another book")}</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>'),
        ("xl/pivotCache/pivotCacheDefinition1.xml", f'<pivotCacheDefinition xmlns="{S}"><cacheFields><cacheField name="x"><sharedItems><s v="{plant("pivot cache")}"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>'),
        ("xl/styles.xml", styles),
        ("xl/slicers/slicer1.xml", f'<slicers xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><slicer name="a" cache="c" caption="{plant("caption of a slicer")}"/></slicers>'),
        ("xl/ctrlProps/ctrlProp1.xml", f'<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="List"><itemLst><item val="{plant("item of a list box")}"/></itemLst></formControlPr>'),
        ("xl/pivotTables/pivotTable1.xml", f'<pivotTableDefinition xmlns="{S}" dataCaption="Values" grandTotalCaption="{plant("caption of a pivot table")}"><dataFields><dataField name="{plant("field of a pivot table")}"/></dataFields></pivotTableDefinition>'),
        ("xl/_rels/workbook.xml.rels", rels(("st", "styles", "styles.xml"), *[(f"s{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, 5)], ("t", "sharedStrings", "sharedStrings.xml"), ("x", "connections", "connections.xml"), ("e", "externalLink", "externalLinks/externalLink1.xml"), ("p", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"))),
        ("xl/worksheets/_rels/sheet1.xml.rels", rels(("d1", "drawing", "../drawings/drawing1.xml"), ("c2", "comments", "../comments1.xml"), ("v1", "vmlDrawing", "../drawings/vml1.vml"), ("o1", "oleObject", "../embeddings/o1.bin"), ("t1", "table", "../tables/table1.xml"), ("q1", "http://schemas.microsoft.com/office/2007/relationships/slicer", "../slicers/slicer1.xml"), ("q2", "ctrlProp", "../ctrlProps/ctrlProp1.xml"), ("q3", "pivotTable", "../pivotTables/pivotTable1.xml"), ("c3", "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", "../threadedComments/threadedComment1.xml"))),
        ("xl/drawings/_rels/drawing1.xml.rels", rels(("p1", "image", "../media/p.png"), ("c1", "chart", "../charts/chart1.xml")))]
    return office("xl/workbook.xml", "openxmlformats-officedocument.spreadsheetml.sheet", parts, plant)


def pptx(plant):
    ns = f'xmlns:p="{P}" xmlns:a="{A}" xmlns:r="{OFFICE}"'

    def shape(text, kind="", descr=""):
        holder = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else ""
        return f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" descr="{descr}"/>{holder}</p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>'

    def slide(shapes, more="", tag="sld"):
        return f"<p:{tag} {ns}{more}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{tag}>"

    table = f'<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>{plant("table cell", "slide 1|^1$")}</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>'
    frames = '<p:graphicFrame><a:graphic><a:graphicData><c:chart xmlns:c="%s" r:id="c1"/></a:graphicData></a:graphic></p:graphicFrame><p:graphicFrame><a:graphic><a:graphicData><dgm:relIds xmlns:dgm="x" r:dm="d1"/></a:graphicData></a:graphic></p:graphicFrame><p:pic><p:blipFill><a:blip r:embed="p1"/></p:blipFill></p:pic>' % C
    first = shape(plant("title", "slide 1|^1$"), "title") + shape(plant("text box", "slide 1|^1$"), descr=plant("alternative text of a shape", "slide 1|^1$")) + shape(plant("footer", "slide 1|^1$"), "ftr") + table + frames
    first += (f'<p:sp><p:txBody><a:lstStyle><a:lvl1pPr><a:defRPr cap="all"/></a:lvl1pPr></a:lstStyle><a:p><a:pPr><a:buChar char="{plant("bullet", "slide 1|^1$")}"/></a:pPr>'
              f'<a:r><a:t>{plant("capitals by the style of a list", "slide 1|^1$").lower()}</a:t></a:r></a:p></p:txBody></p:sp>')
    smart = f'<dsp:drawing xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram" {ns}><a:p><a:r><a:t>{plant("picture of a second SmartArt", "slide 1|^1$")}</a:t></a:r></a:p></dsp:drawing>'
    parts = [
        ("ppt/diagrams/drawing2.xml", smart),
        ("ppt/presentation.xml", f'<p:presentation {ns}><p:sldMasterIdLst><p:sldMasterId r:id="m1"/></p:sldMasterIdLst><p:sldIdLst><p:sldId id="256" r:id="s1"/><p:sldId id="257" r:id="s2"/></p:sldIdLst></p:presentation>'),
        ("ppt/slides/slide1.xml", slide(first)), ("ppt/slides/slide2.xml", slide(shape(plant("hidden slide", "slide 2.*hidden|2.*hidden")), ' show="0"')),
        ("ppt/notesSlides/notesSlide1.xml", slide(shape(plant("speaker's notes", "slide 1, notes|notes"), "body"), tag="notes")),
        ("ppt/slideMasters/slideMaster1.xml", slide(shape(plant("slide master")), tag="sldMaster")), ("ppt/slideLayouts/slideLayout1.xml", slide(shape(plant("slide layout")), tag="sldLayout")),
        ("ppt/notesMasters/notesMaster1.xml", slide(shape(plant("notes master")), tag="notesMaster")), ("ppt/handoutMasters/handoutMaster1.xml", slide(shape(plant("handout master")), tag="handoutMaster")),
        ("ppt/comments/comment1.xml", f'<p:cmLst {ns}><p:cm authorId="0"><p:text>{plant("comment", "slide 1|^1$")}</p:text></p:cm></p:cmLst>'),
        ("ppt/charts/chart1.xml", chart(plant, "slide 1|^1$")), ("ppt/diagrams/data1.xml", smart_art(plant, "slide 1|^1$")),
        ("ppt/media/p.png", drawn.picture(plant.inner(r"p\.png"), "embedded picture")), ("ppt/embeddings/o1.docx", small_docx(plant("embedded document", inside="docx"))),
        ("ppt/_rels/presentation.xml.rels", rels(("m1", "slideMaster", "slideMasters/slideMaster1.xml"), ("s1", "slide", "slides/slide1.xml"), ("s2", "slide", "slides/slide2.xml"), ("n1", "notesMaster", "notesMasters/notesMaster1.xml"), ("h1", "handoutMaster", "handoutMasters/handoutMaster1.xml"))),
        ("ppt/slides/_rels/slide1.xml.rels", rels(("l1", "slideLayout", "../slideLayouts/slideLayout1.xml"), ("n1", "notesSlide", "../notesSlides/notesSlide1.xml"), ("k1", "comments", "../comments/comment1.xml"), ("c1", "chart", "../charts/chart1.xml"), ("d1", "diagramData", "../diagrams/data1.xml"), ("d2", "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing", "../diagrams/drawing2.xml"), ("p1", "image", "../media/p.png"), ("o1", "package", "../embeddings/o1.docx"))),
        ("ppt/slides/_rels/slide2.xml.rels", rels(("l1", "slideLayout", "../slideLayouts/slideLayout1.xml"))),
        ("ppt/slideLayouts/_rels/slideLayout1.xml.rels", rels(("m1", "slideMaster", "../slideMasters/slideMaster1.xml"))), ("ppt/slideMasters/_rels/slideMaster1.xml.rels", rels(("l1", "slideLayout", "../slideLayouts/slideLayout1.xml")))]
    return office("ppt/presentation.xml", "openxmlformats-officedocument.presentationml.presentation", parts, plant)


def vsdx(plant):
    ns = f'xmlns="http://schemas.microsoft.com/office/visio/2012/main" xmlns:r="{OFFICE}"'
    visio = "http://schemas.microsoft.com/visio/2010/relationships"
    parts = [
        ("visio/document.xml", f"<VisioDocument {ns}/>"),
        ("visio/pages/pages.xml", f'<Pages {ns}><Page ID="0" Name="{plant.code("name of a page")}"><Rel r:id="r1"/></Page></Pages>'),
        ("visio/pages/page1.xml", f'<PageContents {ns}><Shapes><Shape ID="1"><Text>{plant("text of a shape")}</Text></Shape></Shapes></PageContents>'),
        ("visio/_rels/document.xml.rels", rels(("p", visio + "/pages", "pages/pages.xml"))), ("visio/pages/_rels/pages.xml.rels", rels(("r1", visio + "/page", "page1.xml")))]
    return office("visio/document.xml", "ms-visio.drawing", parts, plant)
