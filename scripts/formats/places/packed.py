"""Archives, in each other and with names in several character sets."""
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

from places import drawn
from places.office import small_docx


def zip_(plant):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("folder/plan.txt", plant("member", inside="folder/plan.txt"))
        made.writestr(f"names/{plant.code('name of a member', inside='names/')}.txt", "nothing")
        made.writestr("folder/scan.png", drawn.picture(plant.inner("scan"), "picture"))
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_BZIP2) as deep:
            deep.writestr("deep.docx", small_docx(plant("document in an archive in it", inside="inner.zip.*deep.docx")))
        made.writestr("inner.zip", inner.getvalue())
        made.writestr(zipfile.ZipInfo("lzma.txt"), plant("member packed with LZMA", inside="lzma.txt"), zipfile.ZIP_LZMA)
        told = zipfile.ZipInfo("told.txt")
        told.comment = plant("comment of a member").encode()
        made.writestr(told, "nothing")
        link = zipfile.ZipInfo("link.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        made.writestr(link, plant("target of a link", inside="link.txt"))
        made.comment = plant("comment of the archive", "comment").encode()
    return gbk_name(out.getvalue(), plant)


def gbk_name(data, plant):
    """Behind an archive another one, stored, whose name is in GBK, as archivers of old wrote it."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as made:
        name = "\u4f1a\u8bae\u7eaa\u8981".encode("gbk")
        info = zipfile.ZipInfo("@" * len(name) + ".txt")
        made.writestr(info, plant("member with a name in GBK", inside="\u4f1a\u8bae\u7eaa\u8981"))
    return out.getvalue().replace(b"@" * len(name) + b".txt", name + b".txt")


def tar(plant, mode=""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w" + mode, format=tarfile.PAX_FORMAT) as made:
        for name, content in [("plan.txt", plant("member", inside="plan.txt").encode()), ("long/" * 40 + "far.txt", plant("member with a long name", inside="far.txt").encode()),
                              ("scan.png", drawn.picture(plant.inner("scan"), "picture")), ("a.eml", f"From: a@lights.example\nSubject: {plant('subject of a message', inside='a.eml')}\n\nhello\n".encode())]:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return out.getvalue()


def volume(plant):
    """The second volume of a tar: the rest of a member."""
    content = plant("rest of a member of another volume", inside="rest.txt").encode()
    label, rest = tarfile.TarInfo(plant.code("label of a volume", "label")), tarfile.TarInfo("rest.txt")
    label.type, rest.type, rest.size = b"V", b"M", len(content)
    return label.tobuf(tarfile.GNU_FORMAT) + rest.tobuf(tarfile.GNU_FORMAT) + content.ljust(512, b"\0") + bytes(1024)


def behind_program(plant):
    """A program with an archive behind it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("plan.txt", plant("member of an archive behind a program", inside="plan.txt"))
    return b"MZ" + bytes(998) + out.getvalue()


def packer(pack):
    def made(plant):
        return pack(plant("packed text", inside=".+").encode())
    return made


def gz(plant):
    out = io.BytesIO()
    with gzip.GzipFile(filename="plan.txt", mode="wb", fileobj=out) as made:
        made.write(plant("packed text", inside="plan.txt").encode())
    return out.getvalue()


PACKED = {"bz2": packer(bz2.compress), "xz": packer(lzma.compress), "lzma": packer(lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
          "zst.gz.xz": packer(lambda data: lzma.compress(gzip.compress(bz2.compress(data))))}


def seven(members, pack=True):
    """A solid 7z archive of [(name, bytes)], packed with LZMA or stored."""

    def number(value):
        for extra in range(9):
            if value < 1 << (7 * (extra + 1)):
                mask = 0x100 - (1 << (8 - extra)) & 0xFF
                return bytes([mask | (value >> (8 * extra)) & 0xFF]) + (value & ((1 << (8 * extra)) - 1)).to_bytes(extra, "little")
        return b"\xff" + value.to_bytes(8, "little")

    data = b"".join(content for _, content in members)
    size = 1 << 20
    stream = lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": size, "lc": 3, "lp": 0, "pb": 2}]) if pack else data
    coder = b"\x23\x03\x01\x01\x05\x5d" + struct.pack("<I", size) if pack else b"\x01\x00"
    sizes = b"".join(number(len(content)) for _, content in members[:-1])
    digests = b"".join(struct.pack("<I", zlib.crc32(content)) for _, content in members)
    streams = (b"\x04\x06" + number(0) + number(1) + b"\x09" + number(len(stream)) + b"\0"
               + b"\x07\x0b" + number(1) + b"\0" + b"\x01" + coder + b"\x0c" + number(len(data)) + b"\0"
               + b"\x08\x0d" + number(len(members)) + b"\x09" + sizes + b"\x0a\x01" + digests + b"\0\0")
    names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in members)
    header = b"\x01" + streams + b"\x05" + number(len(members)) + b"\x11" + number(len(names)) + names + b"\0\0"
    start = struct.pack("<QQI", len(stream), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + stream + header


def sevenz(plant):
    return seven([("plan.txt", plant("member", inside="plan.txt").encode()), ("deep.docx", small_docx(plant("document", inside="deep.docx"))),
                  ("scan.png", drawn.picture(plant.inner("scan"), "picture"))])


def ar(plant):
    content = plant("member", inside="plan").encode()
    return b"!<arch>\n" + b"plan.txt/".ljust(16) + b"0".ljust(12) + b"0".ljust(6) * 2 + b"644".ljust(8) + str(len(content)).encode().ljust(10) + b"`\n" + content + b"\n" * (len(content) % 2)


def cpio(plant):
    def member(name, content):
        head = b"070701" + b"".join(b"%08x" % value for value in [1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0])
        named = head + name.encode() + b"\0"
        return named + bytes(-len(named) % 4) + content + bytes(-len(content) % 4)

    return member("plan.txt", plant("member", inside="plan").encode()) + member("TRAILER!!!", b"")
