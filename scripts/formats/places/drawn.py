"""Pictures of text, and documents whose pages are drawn: PDF, OFD, XPS."""
import io
import zlib

import pillow_heif
import pillow_jxl  # noqa: F401  (Pillow learns of the format by it)
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from share import package


def drawing(lines, size=(1400, 400)):
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((60, 60 + 90 * number), line, fill="black", font=ImageFont.load_default(48))
    return picture


def saved(picture, kind, **more):
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def picture(plant, place, kind="PNG"):
    """A picture that shows a mark, as one inside another document."""
    return saved(drawing([plant(place)]), kind)


def png(plant):
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", plant("text chunk", "properties"))
    told.add_itxt("XML:com.adobe.xmp", f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>{plant("XMP", "properties")}</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>')
    return saved(drawing([plant("pixels")]), "PNG", pnginfo=told)


def jpeg(plant):
    exif = Image.Exif()
    exif[0x010E] = plant("EXIF description", "properties")
    return saved(drawing([plant("pixels")]), "JPEG", quality=90, exif=exif, comment=plant("comment", "properties").encode())


def tiff(plant):
    pages = [drawing([plant("pixels of the first page")]), drawing([plant("pixels of the third page", "3")])]
    first, third = pages
    return saved(first, "TIFF", save_all=True, append_images=[drawing(["nothing here"]), third], compression="tiff_lzw",
                 description=plant("image description", "properties"))


def gif(plant):
    return saved(drawing([plant("first frame")]).convert("P"), "GIF", save_all=True, append_images=[drawing([plant("second frame", "2")]).convert("P")],
                 comment=plant("comment", "properties").encode())


def webp(plant):
    return saved(drawing([plant("pixels")]), "WEBP", lossless=True)


def bmp(plant):
    return saved(drawing([plant("pixels")]), "BMP")


def jp2(plant):
    return saved(drawing([plant("pixels")]), "JPEG2000")


def pnm(plant):
    return saved(drawing([plant("pixels")]), "PPM")


def described(plant):
    exif = Image.Exif()
    exif[0x010E] = plant("EXIF description", "properties")
    return exif


def avif(plant):
    return saved(drawing([plant("pixels")]), "AVIF", quality=90, exif=described(plant))


def heic(plant):
    """Two pictures: viewers show the first."""
    file = pillow_heif.from_pillow(drawing([plant("pixels")]))
    file.add_from_pillow(drawing([plant("second picture", "2")]))
    file[0].info["exif"] = described(plant).tobytes()
    out = io.BytesIO()
    file.save(out, quality=80)
    return out.getvalue()


def jxl(plant):
    return saved(drawing([plant("pixels")]), "JXL", quality=90, exif=described(plant).tobytes())


def dicom(plant):
    picture = drawing([plant("burnt-in text")]).convert("L")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = meta.ImplementationClassUID = UID("1.2.3.4")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.StudyDescription = plant("description of the study", "properties")
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns, data.PixelRepresentation = picture.height, picture.width, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.PixelData = picture.tobytes()
    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()


# --- PDF --------------------------------------------------------------------------------------------------------------

def stream(data, extra=""):
    data = data if isinstance(data, bytes) else data.encode("latin-1")
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra.encode(), data)


def numbered(objects, trailer):
    out, places = bytearray(b"%PDF-1.7\n"), []
    for index, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (index, body if isinstance(body, bytes) else body.encode("latin-1"))
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer.encode(), start)


def pdf(plant):
    """Two pages; what is on the second must be told from what is on the first."""
    shown = drawing([plant("picture on page 2", "2")])
    pixels = zlib.compress(shown.tobytes())
    first = "\n".join([
        f"BT /F 12 Tf 72 800 Td ({plant('header', '1')}) Tj ET", "BT /F 12 Tf 72 500 Td (Body text.) Tj ET",
        f"BT /F 12 Tf 72 30 Td ({plant('footer', '1')}) Tj ET",
        f"BT 3 Tr /F 12 Tf 72 400 Td ({plant('invisible text', '1')}) Tj ET",
        f"/OC /L BDC BT 0 Tr /F 12 Tf 72 300 Td ({plant('layer that is off', 'page 1, all layers')}) Tj ET EMC",
        f"BT /F 12 Tf 1000 300 Td ({plant('off the page', '1')}) Tj ET",
        "q 72 200 100 20 re f Q", f"1 1 1 rg BT /F 12 Tf 72 250 Td ({plant('white on white', '1')}) Tj ET"])
    second = "q 400 0 0 114 72 600 cm /P Do Q BT /F 12 Tf 72 500 Td (Second page.) Tj ET /X Do"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Outlines 8 0 R /AcroForm << /Fields [10 0 R] /DR << /Font << /F 5 0 R >> >> >> /Metadata 14 0 R /OCProperties << /OCGs [13 0 R] /D << /OFF [13 0 R] >> >> /Names << /EmbeddedFiles << /Names [(a) 16 0 R] >> >> >>",
        "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 595 842] /Resources << /Font << /F 5 0 R >> /XObject << /P 7 0 R /X 15 0 R >> /Properties << /L 13 0 R >> >> >>",
        "<< /Type /Page /Parent 2 0 R /Contents 6 0 R /Annots [10 0 R 11 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /Contents 18 0 R /Annots [12 0 R 19 0 R << /Type /Annot /Subtype /FreeText /DA (/F 12 Tf) /RC (<body><p>%s</p></body>) /Subj (%s) /Rect [72 300 500 320] >> << /Type /Annot /Subtype /Widget /FT /Ch /T (list) /Opt [(none) (%s)] /Rect [72 200 500 220] >>] >>" % (plant("rich text", "annotations"), plant("subject of an annotation", "annotations"), plant.code("choice of a list", "annotations")),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", stream(first),
        stream(pixels, f"/Type /XObject /Subtype /Image /Width {shown.width} /Height {shown.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode"),
        "<< /First 9 0 R /Last 9 0 R /Count 1 >>", f"<< /Title ({plant('bookmark')}) /Parent 8 0 R /Dest [4 0 R /Fit] >>",
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (field) /V ({plant('form field', '1|form')}) /DA (/F 12 Tf) /Rect [72 700 500 720] >>",
        f"<< /Type /Annot /Subtype /Text /Contents ({plant('comment', '1')}) /Rect [10 10 30 30] >>",
        f"<< /Type /Annot /Subtype /FreeText /DA (/F 12 Tf) /Contents ({plant('text box on page 2', '2')}) /Rect [72 400 500 420] >>",
        "<< /Type /OCG /Name (Draft) >>",
        stream(f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>{plant("XMP")}</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>', "/Type /Metadata /Subtype /XML"),
        stream(f"BT /F 12 Tf 72 100 Td ({plant('form object on page 2', '2')}) Tj ET", "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F 5 0 R >> >>"),
        f"<< /Type /Filespec /F (annex.txt) /Desc ({plant('description of an attachment')}) /EF << /F 17 0 R >> >>",
        stream(plant("attachment", inside="annex"), "/Type /EmbeddedFile"), stream(second),
        "<< /Type /Annot /Subtype /FileAttachment /Rect [300 300 320 320] /FS << /Type /Filespec /F (pinned.txt) /EF << /F 20 0 R >> >> >>",
        stream(plant("attachment pinned to a page", inside="pinned"), "/Type /EmbeddedFile"),
        f"<< /Title ({plant('property: title')}) /Keywords ({plant('property: keywords')}) /Custom ({plant('property of its own')}) >>",
        "<< /Type /Page /Parent 2 0 R /Contents 23 0 R >>", stream(f"BT /F 12 Tf 72 500 Td ({plant('page in no tree', 'not shown')}) Tj ET"),
        "<< /Type /Template /MediaBox [0 0 595 842] /Resources << /Font << /F 5 0 R >> >> /Contents 25 0 R >>", stream(f"BT /F 12 Tf 72 500 Td ({plant('template', 'not shown')}) Tj ET")]
    return numbered(objects, "/Root 1 0 R /Info 21 0 R")


# --- OFD and XPS ------------------------------------------------------------------------------------------------------

def ofd(plant):
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'

    def text(number, line, y):
        return f'<ofd:TextObject ID="{number}" Boundary="20 {y} 160 6" Font="1" Size="4"><ofd:TextCode X="0" Y="5" DeltaX="g {len(line) - 1} 2">{line}</ofd:TextCode></ofd:TextObject>'

    def page(objects, template=""):
        return f'<ofd:Page {space}>{template}<ofd:Content><ofd:Layer ID="2">{objects}</ofd:Layer></ofd:Content></ofd:Page>'

    return package([
        ("OFD.xml", f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:Title>{plant("property: title", "properties")}</ofd:Title><ofd:CustomDatas><ofd:CustomData Name="x">{plant("property of its own", "properties")}</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'),
        ("Doc_0/Document.xml", f'<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:TemplatePage ID="50" BaseLoc="Tpls/T.xml"/></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/><ofd:Page ID="3" BaseLoc="Pages/Page_1/Content.xml"/></ofd:Pages><ofd:Outlines><ofd:OutlineElem Title="{plant("bookmark")}"/></ofd:Outlines><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>'),
        ("Doc_0/PublicRes.xml", f'<ofd:Res {space} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="60" Type="Image"><ofd:MediaFile>p.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>'),
        ("Doc_0/Res/p.png", saved(drawing([plant("picture", inside="png")]), "PNG")),
        ("Doc_0/Tpls/T.xml", page(text(70, plant("header in the template", "2"), 5))),
        ("Doc_0/Pages/Page_0/Content.xml", page(text(10, "First page", 50) + text(11, plant("footer", "1"), 285))),
        ("Doc_0/Pages/Page_1/Content.xml", page(text(20, plant("body of page 2", "2"), 50) + '<ofd:ImageObject ID="21" Boundary="20 100 170 50" ResourceID="60" CTM="170 0 0 50 0 0"/>', '<ofd:Template TemplateID="50" ZOrder="Background"/>')),
        ("Doc_0/Annots/Annotations.xml", f'<ofd:Annotations {space}><ofd:Page PageID="3"><ofd:FileLoc>Page_1/Annotation.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>'),
        ("Doc_0/Annots/Page_1/Annotation.xml", f'<ofd:PageAnnot {space}><ofd:Annot ID="80" Type="Stamp"><ofd:Remark>{plant("remark of an annotation", "2")}</ofd:Remark><ofd:Appearance Boundary="20 200 160 10">{text(81, plant("stamp", "2"), 0).replace("20 0 160", "0 0 160")}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>'),
        ("Doc_0/Attachs/Attachments.xml", f'<ofd:Attachments {space}><ofd:Attachment ID="90" Name="annex" Format="txt"><ofd:FileLoc>annex.txt</ofd:FileLoc></ofd:Attachment></ofd:Attachments>'),
        ("Doc_0/Attachs/annex.txt", plant("attachment", inside="annex"))])


def xps(plant):
    ns = "http://schemas.microsoft.com/xps/2005/06"
    rel = "http://schemas.openxmlformats.org/package/2006/relationships"

    def page(lines):
        glyphs = "".join(f'<Glyphs Fill="#FF000000" FontUri="/f.ttf" FontRenderingEmSize="12" OriginX="50" OriginY="{y}" UnicodeString="{line}"/>' for line, y in lines)
        return f'<FixedPage xmlns="{ns}" Width="816" Height="1056" xml:lang="en">{glyphs}</FixedPage>'

    return package([
        ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="fdseq" ContentType="application/vnd.ms-package.xps-fixeddocumentsequence+xml"/><Default Extension="fdoc" ContentType="application/vnd.ms-package.xps-fixeddocument+xml"/><Default Extension="fpage" ContentType="application/vnd.ms-package.xps-fixedpage+xml"/><Default Extension="xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'),
        ("_rels/.rels", f'<Relationships xmlns="{rel}"><Relationship Id="a" Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation" Target="/S.fdseq"/><Relationship Id="b" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="/core.xml"/></Relationships>'),
        ("core.xml", f'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{plant("property: title", inside="core")}</dc:title></cp:coreProperties>'),
        ("S.fdseq", f'<FixedDocumentSequence xmlns="{ns}"><DocumentReference Source="/D.fdoc"/></FixedDocumentSequence>'),
        ("D.fdoc", f'<FixedDocument xmlns="{ns}"><PageContent Source="/1.fpage"/><PageContent Source="/2.fpage"/></FixedDocument>'),
        ("1.fpage", page([(plant("header", "1"), 30), ("First page", 400)])),
        ("2.fpage", page([("Second page", 400), (plant("footer of page 2", "2"), 1030)]))])
