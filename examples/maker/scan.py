"""From typed pages to what scanners and cameras make of them: image-only PDFs, TIFFs, photos.

All randomness comes from seeds in the documents' own code.
"""

import io
from dataclasses import dataclass

import numpy
import pikepdf
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter, TiffImagePlugin

from .layout import HEIGHT, STATEMENT, WIDTH


@dataclass(frozen=True)
class Look:
    """How a page was scanned."""

    seed: int
    dpi: int = 150
    angle: float = 0.0  # degrees, counter-clockwise
    noise: float = 5.0  # standard deviation of grey values
    specks: int = 60
    quality: int = 45
    g4: bool = False  # bitonal, CCITT G4, instead of grey JPEG
    colour: bool = False
    strips: int = 1  # pictures that the page is cut into


def rendered(pdf, page=1, dpi=150):
    """A page as an RGB picture."""
    document = pypdfium2.PdfDocument(pdf)
    return document[page - 1].render(scale=dpi / 72).to_pil().convert("RGB")


def scanned(picture, look):
    """The picture as a scanner gives it back: turned, uneven, noisy."""
    rng = numpy.random.default_rng(look.seed)
    paper = (248, 247, 243) if look.colour else (248, 248, 248)
    turned = picture.rotate(look.angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    soft = turned.filter(ImageFilter.GaussianBlur(0.45))
    pixels = numpy.asarray(soft, dtype=numpy.float32)
    height, width = pixels.shape[:2]
    across = numpy.linspace(0, 1, width, dtype=numpy.float32)[None, :, None]
    down = numpy.linspace(0, 1, height, dtype=numpy.float32)[:, None, None]
    shade = 1.0 - 0.05 * across * down - 0.16 * numpy.exp(-across * 60)
    pixels = (30 + pixels * (numpy.array(paper, dtype=numpy.float32) - 30) / 255) * shade
    grain = rng.normal(0, look.noise, (height, width, 1)).astype(numpy.float32)
    noisy = Image.fromarray(numpy.clip(pixels + grain, 0, 255).astype(numpy.uint8))
    draw = ImageDraw.Draw(noisy)
    for x, y, size in zip(rng.integers(0, width, look.specks), rng.integers(0, height, look.specks),
                          rng.integers(0, 2, look.specks)):
        draw.ellipse((int(x), int(y), int(x + size), int(y + size)), fill=(90, 90, 90))
    if look.g4:
        return noisy.convert("L").point(lambda value: 255 if value > 150 else 0).convert("1")
    return noisy if look.colour else noisy.convert("L")


def jpeg(picture, quality, exif=None):
    """The picture as JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, **({"exif": exif} if exif else {}))
    return out.getvalue()


def g4(picture):
    """The bare CCITT G4 data of a bitonal picture, and whether 1 means black."""
    out = io.BytesIO()
    whole, TiffImagePlugin.STRIP_SIZE = TiffImagePlugin.STRIP_SIZE, 1 << 30
    picture.save(out, "TIFF", compression="group4")
    TiffImagePlugin.STRIP_SIZE = whole
    tags = Image.open(out).tag_v2
    (offset,), (count,) = tags[273], tags[279]
    return out.getvalue()[offset:offset + count], tags[262] == 0


def image_object(pdf, picture, look):
    """A picture as an image of a PDF."""
    common = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": picture.width,
              "/Height": picture.height}
    if look.g4:
        data, one_is_black = g4(picture)
        parameters = pikepdf.Dictionary({"/K": -1, "/Columns": picture.width, "/Rows": picture.height,
                                         "/BlackIs1": False})
        decode = [0, 1] if one_is_black else [1, 0]
        return pdf.make_stream(data, {**common, "/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 1,
                                      "/Filter": pikepdf.Name.CCITTFaxDecode, "/DecodeParms": parameters,
                                      "/Decode": pikepdf.Array(decode)})
    space = pikepdf.Name.DeviceRGB if look.colour else pikepdf.Name.DeviceGray
    return pdf.make_stream(jpeg(picture, look.quality), {**common, "/ColorSpace": space, "/BitsPerComponent": 8,
                                                         "/Filter": pikepdf.Name.DCTDecode})


def placed(pdf, picture, look):
    """Resources and content that fill a page with the picture, cut into strips if the look says so."""
    content, images = [], pikepdf.Dictionary()
    edges = [round(picture.height * i / look.strips) for i in range(look.strips + 1)]
    for number, (top, bottom) in enumerate(zip(edges, edges[1:])):
        strip = picture.crop((0, top, picture.width, bottom))
        images[f"/Im{number}"] = image_object(pdf, strip, look)
        scale = HEIGHT / picture.height
        content.append(f"q {WIDTH:.3f} 0 0 {(bottom - top) * scale:.3f} 0 {HEIGHT - bottom * scale:.3f} cm "
                       f"/Im{number} Do Q")
    return images, "\n".join(content).encode()


def add_scan(pdf, picture, look):
    """Appends a page that is nothing but the picture."""
    page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
    images, content = placed(pdf, picture, look)
    page.Resources = pikepdf.Dictionary({"/XObject": images})
    page.Contents = pdf.make_stream(content)


def saved(pdf, title):
    """The finished PDF, the same on each run."""
    pdf.docinfo["/Title"] = title
    pdf.docinfo["/Author"] = "Misfile"
    pdf.docinfo["/Subject"] = STATEMENT
    pdf.docinfo["/CreationDate"] = "D:20000101000000Z"
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def scan_of(typed, looks, title):
    """An image-only PDF: each page of a typed one, scanned."""
    assert len(pypdfium2.PdfDocument(typed)) == len(looks), f"{title}: a look for each page, please"
    pdf = pikepdf.new()
    for number, look in enumerate(looks, start=1):
        add_scan(pdf, scanned(rendered(typed, number, look.dpi), look), look)
    return saved(pdf, title)


def joined(parts, title):
    """Several PDFs behind one another."""
    pdf = pikepdf.new()
    for part in parts:
        pdf.pages.extend(pikepdf.open(io.BytesIO(part)).pages)
    return saved(pdf, title)


def typed_over_scan(typed, below, look, title):
    """A typed page with the scan of another typed page under it."""
    pdf = pikepdf.open(io.BytesIO(typed))
    images, content = placed(pdf, scanned(rendered(below, 1, look.dpi), look), look)
    page = pdf.pages[0]
    page.Resources.XObject = images
    page.contents_add(content, prepend=True)
    return saved(pdf, title)


def tiff_of(frames):
    """A multi-page TIFF of (picture, compression) pairs."""
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as writer:
        for picture, compression in frames:
            picture.save(writer, format="TIFF", compression=compression, dpi=(150, 150))
            writer.newFrame()
    return out.getvalue()


def phone_photo(page, seed, quality=58, size=(1440, 1920)):
    """A photo of the page lying on a desk: in perspective, unevenly lit, stored on its side with an EXIF orientation."""
    rng = numpy.random.default_rng(seed)
    width, height = size
    corners = [(118, 104), (width - 146, 136), (width - 70, height - 120), (66, height - 84)]
    lying = page.transform(size, Image.Transform.PERSPECTIVE, perspective(corners, page.size),
                           Image.Resampling.BICUBIC, fillcolor=(94, 70, 52))
    pixels = numpy.asarray(lying.filter(ImageFilter.GaussianBlur(0.7)), dtype=numpy.float32)
    across = numpy.linspace(0, 1, width, dtype=numpy.float32)[None, :, None]
    down = numpy.linspace(0, 1, height, dtype=numpy.float32)[:, None, None]
    light = 0.62 + 0.36 * (1 - across) * (1 - 0.55 * down) + 0.08 * across
    warm = numpy.array([1.0, 0.97, 0.90], dtype=numpy.float32)
    grain = rng.normal(0, 4.0, pixels.shape).astype(numpy.float32)
    upright = Image.fromarray(numpy.clip(pixels * light * warm + grain, 0, 255).astype(numpy.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side; a viewer turns it by 90 degrees clockwise
    exif[0x010F], exif[0x0110] = "Fictional Optics", "FO-7"
    exif[0x0132] = "2025:06:03 16:42:10"
    return jpeg(upright.transpose(Image.Transpose.ROTATE_90), quality, exif.tobytes())


def perspective(corners, size):
    """Coefficients that take places in the photo back to places on the page."""
    page_corners = [(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])]
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, page_corners):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return numpy.linalg.solve(numpy.array(rows, dtype=float), numpy.array(right, dtype=float)).tolist()
