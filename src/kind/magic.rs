//! Magic numbers: bytes at a known place that say what a content is, and the second looks that short ones need.
//!
//! No archive or compound file is told here: those are opened at their directories.

use super::pictures::{is_pcx, is_pnm, iso_media};
use crate::format::mail::mbox::FOXMAIL;

/// Where the header of a PDF may stand: PDFium and most viewers look no further.
const PDF_HEADER_REACH: usize = 1024;

/// Magic numbers: offset, bytes, kind. The first match wins.
pub(super) const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    // Before TIFF: what stands in front of it is free, and some makers put the head of a TIFF there.
    (128, b"DICM", "dicom"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (0, b"\xff\x4f\xff\x51", "jp2"),
    (0, b"\xff\x0a", "jxl"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (0, b"\x97JB2\r\n\x1a\n", "jbig2"),
    (0, b"8BPS\0\x01", "psd"),
    (0, b"8BPS\0\x02", "psd"),
    (0, b"AT&TFORM", "djvu"),
    (0, b"\xd7\xcd\xc6\x9a", "wmf"),
    (0, b"\x01\0\x09\0\0\x03", "wmf"),
    (40, b" EMF", "emf"),
    (0, b"DDS \x7c\0\0\0", "dds"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"\x1f\x9d", "z"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"LZIP\x01", "lzip"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (0, b"\x60\xea", "arj"),
    (2, b"-lh", "lha"),
    (0, b"!<arch>\n", "ar"),
    (0, b"\xed\xab\xee\xdb", "rpm"),
    (0, b"070701", "cpio"),
    (0, b"070702", "cpio"),
    (0, b"070707", "cpio"),
    (0, b"WARC/1.", "warc"),
    (0, b"\x5d\0\0", "lzma"),
    (257, b"ustar", "tar"),
    (32769, b"CD001", "iso"),
    (0, b"ITSF\x03\0\0\0", "chm"),
    (0, b"!BDN", "pst"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "onenote"),
    (0, b"\0\x01\0\0Standard Jet DB\0", "mdb"),
    (0, b"\0\x01\0\0Standard ACE DB\0", "mdb"),
    (0, b"\xffWPC", "wpd"),
    (0, b"\x31\xbe\0\0", "wri"),
    (0, b"\0\0\x02\0\x06\x04\x06\0", "lotus"),
    (0, b"\0\0\x1a\0", "lotus"),
    (0, b"HWP Document File", "hwp"),
    (0, b"SQLite format 3\0", "sqlite"),
    (0, b"\x37\x7f\x06\x82\0\x2d\xe2\x18", "sqlite-wal"),
    (0, b"\x37\x7f\x06\x83\0\x2d\xe2\x18", "sqlite-wal"),
    (0, b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", "kdbx"),
    (0, b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", "kdbx"),
    (0, b"\xfe\xed\xfe\xed\0\0\0\x01", "jks"),
    (0, b"\xfe\xed\xfe\xed\0\0\0\x02", "jks"),
    (0, b"\xce\xce\xce\xce\0\0\0\x01", "jks"),
    (0, b"\xce\xce\xce\xce\0\0\0\x02", "jks"),
    (0, b"\x7fELF", "elf"),
    (0, b"MZ", "pe"),
    (0, b"\xca\xfe\xba\xbe", "class"),
    (0, b"\xcf\xfa\xed\xfe", "macho"),
    (0, b"\0asm", "wasm"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"ID3", "mp3"),
    (0, b"\x1a\x45\xdf\xa3", "mkv"),
    (0, b"\0\0\x01\xba", "mpeg"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (0, b"bplist00", "plist"),
    (0, b"{\\rt", "rtf"),
    (0, b"%!PS", "ps"),
    (0, b"\xc5\xd0\xd3\xc6", "ps"),
    (0, b"-----BEGIN PGP MESSAGE", "pgp"),
    (0, b"-----BEGIN PKCS7-----", "cms"),
    (0, b"-----BEGIN CMS-----", "cms"),
    (0, b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", "rpmsg"),
    (0, FOXMAIL, "mbox"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"age-encryption.org/", "age"),
    // Wrappers of document security: Tianrui, DocGuarder, and what Azure RMS makes of any file.
    (0, b"%TSD-Header-", "drm"),
    (0, b"DOCGUARDER_FILE", "drm"),
    (0, b"DG_FILE VER ", "drm"),
    (0, b".pfile", "drm"),
    (0, b"\x8c\x0d\x04", "pgp"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"OTTO\0", "font"),
    (0, b"\0\x01\0\0\0", "font"),
    (0, b"ttcf\0", "font"),
];

/// The kind by magic number.
pub(super) fn by_magic(head: &[u8]) -> Option<&'static str> {
    let matches =
        |(offset, magic, _): &&(usize, &[u8], &str)| head.get(*offset..).is_some_and(|at| at.starts_with(magic));
    magic_with_more(head)
        .or_else(|| MAGIC.iter().find(matches).map(|entry| entry.2).filter(|kind| plausible(kind, head)))
        .or_else(|| has_pdf_header(head).then_some("pdf"))
}

/// Magic numbers that need a second look.
fn magic_with_more(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let word = |offset: usize| head.get(offset..offset + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    if at(0, b"RIFF") || at(0, b"RIFX") {
        return Some(match head.get(8..12) {
            Some(b"WEBP") => "webp",
            Some(b"WAVE") => "wav",
            Some(b"AVI ") => "avi",
            _ => "riff",
        });
    }
    if at(4, b"ftyp") {
        return Some(iso_media(head));
    }
    // PKCS#12: a sequence that begins with version 3, and then another sequence.
    let after_length = match head.get(1) {
        Some(0x82) => 4,
        Some(0x81) => 3,
        Some(0x80) => 2,
        Some(length) if *length < 0x80 => 2,
        _ => usize::MAX,
    };
    if at(0, &[0x30]) && at(after_length, &[2, 1, 3, 0x30]) {
        return Some("pkcs12");
    }
    // BMP: "BM", and the size of an info header that exists.
    if at(0, b"BM") && word(14).is_some_and(|size| (12..=124).contains(&size)) {
        return Some("bmp");
    }
    // Icons and cursors: reserved 0, type 1 or 2, a sensible count.
    if (at(0, &[0, 0, 1, 0]) || at(0, &[0, 0, 2, 0])) && head.get(5) == Some(&0) && head.get(4).is_some_and(|n| *n > 0)
    {
        return Some("ico");
    }
    if is_pcx(head) {
        return Some("pcx");
    }
    if is_pnm(head) {
        return Some("pnm");
    }
    // Binary OpenPGP: a packet with an encrypted session key of version 3.
    if (at(0, &[0x84]) && at(2, &[3]))
        || (at(0, &[0x85]) && at(3, &[3]))
        || (at(0, &[0xc1]) && (at(2, &[3]) || at(3, &[3])))
    {
        return Some("pgp");
    }
    // A page that Safari saved; other property lists are of no known use.
    if at(0, b"bplist00") && head.windows(15).any(|window| window == b"WebMainResource") {
        return Some("webarchive");
    }
    // CMS: a sequence, and in it the name of a content of PKCS #7 or of S/MIME.
    let begin = &head[..head.len().min(24)];
    let names = |name: &[u8]| begin.windows(name.len()).any(|window| window == name);
    if at(0, &[0x30])
        && (names(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07")
            || names(b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"))
    {
        return Some("cms");
    }
    // A file of E-SafeNet says so in its first lines, between other bytes.
    let begin = &head[..head.len().min(64)];
    if begin.contains(&0) && begin.windows(9).any(|window| window == b"E-SafeNet") {
        return Some("drm");
    }
    // EMF starts with record 1; the signature at 40 is looked up in the table.
    (at(0, &[1, 0, 0, 0]) && at(40, b" EMF")).then_some("emf")
}

/// Short magic numbers are also the start of ordinary text; those need more.
fn plausible(kind: &str, head: &[u8]) -> bool {
    match kind {
        "pe" => head.len() > 64 && head.contains(&0),
        "bzip2" => head.get(3).is_some_and(u8::is_ascii_digit) && head.get(4) == Some(&0x31),
        // A class in a style sheet may be named so.
        "drm" if head.starts_with(b".pfile") => head[..head.len().min(64)].contains(&0),
        "lha" => head.get(6) == Some(&b'-'),
        // The version of the container; the first block of a stream, of a length that is always the same.
        "ogg" => head.get(4) == Some(&0),
        "flac" => matches!(head.get(4), Some(0 | 0x80)) && head.get(5..8) == Some(&[0, 0, 34]),
        // What is packed in it.
        "font" if head.starts_with(b"wO") => {
            head.get(4..8).is_some_and(|flavour| matches!(flavour, b"\0\x01\0\0" | b"OTTO" | b"true" | b"ttcf"))
        }
        "mp3" => head.get(3).is_some_and(|version| *version < 0x10),
        "cpio" if head.starts_with(b"070707") => {
            head.get(..76).is_some_and(|header| header.iter().all(|digit| (b'0'..=b'7').contains(digit)))
        }
        "cpio" => head.get(..110).is_some_and(|header| header.iter().all(u8::is_ascii_hexdigit)),
        _ => true,
    }
}

/// `%PDF-` within the first 1024 bytes. Away from the start it must look like a header line and not like a quotation.
fn has_pdf_header(head: &[u8]) -> bool {
    let reach = &head[..head.len().min(PDF_HEADER_REACH)];
    let Some(start) = reach.windows(5).position(|window| window == b"%PDF-") else { return false };
    let version = head.get(start + 5..start + 8);
    let line = matches!(version, Some([b'0'..=b'9', b'.', b'0'..=b'9']))
        && matches!(head.get(start + 8), None | Some(b'\r' | b'\n' | b' ' | b'%' | b'\t'));
    start == 0 || line
}

/// A tar without `ustar`: the checksum of the first header is right.
pub(super) fn is_old_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let digits = header[148..156]
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0_u32, |value, digit| value.wrapping_mul(8).wrapping_add(u32::from(digit - b'0')));
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(index, byte)| if (148..156).contains(&index) { 32 } else { u32::from(*byte) })
        .sum();
    header[0] != 0 && header[148..156].iter().any(u8::is_ascii_digit) && digits == sum
}
