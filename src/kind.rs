//! Kind by content, never by name.
//!
//! Runs in the sweep process on hostile bytes: it reads the first bytes, and of archives and compound files the
//! directory by position. Everything read is bounded, nothing is unpacked, nothing panics. It does not say whether a
//! document is sound: a file that merely starts like a PDF is a PDF, and its reader finds the damage.

mod appended;
mod ole;
mod pictures;
mod text;
mod zip;

use crate::document::Kind;
use crate::format::Source;
use crate::format::mail::mbox::FOXMAIL;
use pictures::{is_pcx, is_pnm, is_targa, iso_media};

/// Raise it when the kind of any content may change, or when a kind is told apart that was another before: what a content
/// was taken for decides who reads it, so a content probed with another version must be probed again.
pub const VERSION: u32 = 8;

/// Bytes of the head that [`detect`] wants; fewer are enough for a smaller file only.
pub const HEAD_BYTES: usize = 65536;

/// Where the header of a PDF may stand: PDFium and most viewers look no further.
const PDF_HEADER_REACH: usize = 1024;

/// Magic numbers: offset, bytes, kind. The first match wins.
const MAGIC: &[(usize, &[u8], &str)] = &[
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

/// Kinds that stand in no table.
const MORE: &[&str] = &[
    "apk",
    "avi",
    "avif",
    "bmp",
    "docx",
    "eml",
    "emlx",
    "empty",
    "fb2",
    "fodf",
    "heic",
    "html",
    "ico",
    "ics",
    "iwork",
    "jar",
    "kmz",
    "m4a",
    "mbox",
    "mov",
    "mp4",
    "odf",
    "ofd",
    "ole",
    "opc",
    "pcx",
    "pdf",
    "pkcs12",
    "pnm",
    "pptx",
    "random",
    "riff",
    "sfx",
    "svg",
    "text",
    "tga",
    "unknown",
    "vcf",
    "vsdx",
    "wav",
    "webarchive",
    "webp",
    "xlsb",
    "xlsx",
    "xml",
    "xps",
    "zip",
];

/// Names of kinds, for filters: not all of them, because rare binary kinds are named by the `infer` library.
pub fn names() -> impl Iterator<Item = &'static str> {
    MAGIC.iter().map(|(_, _, kind)| *kind).chain(zip::kinds()).chain(ole::kinds()).chain(MORE.iter().copied())
}

/// What some content is. `head` holds its first [`HEAD_BYTES`] bytes, or all of it.
pub fn detect(head: &[u8], source: &Source) -> Kind {
    Kind::new(name(head, source))
}

/// What a beginning alone says; none if it is no text and has no mark of a known format.
pub(crate) fn of_head(head: &[u8]) -> Option<&'static str> {
    by_magic(head).or_else(|| {
        let container: [(&[u8], &str); 2] = [(b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole")];
        let found = container.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| kind);
        found.or_else(|| text::kind(head, true))
    })
}

/// Whether an archive ends where the content ends, whatever it begins with.
pub(crate) fn ends_in_archive(source: &Source) -> bool {
    zip::ends_like_one(source)
}

/// The kind by magic number.
fn by_magic(head: &[u8]) -> Option<&'static str> {
    let matches =
        |(offset, magic, _): &&(usize, &[u8], &str)| head.get(*offset..).is_some_and(|at| at.starts_with(magic));
    magic_with_more(head)
        .or_else(|| MAGIC.iter().find(matches).map(|entry| entry.2).filter(|kind| plausible(kind, head)))
        .or_else(|| has_pdf_header(head).then_some("pdf"))
}

/// The name of the kind, from the surest sign to the weakest.
fn name(head: &[u8], source: &Source) -> &'static str {
    if head.is_empty() {
        return "empty";
    }
    #[cfg(feature = "failpoints")]
    if head.starts_with(crate::format::failing::MAGIC) {
        return "failing";
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08") {
        return zip::kind(head, source);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return ole::kind(head, source);
    }
    let kind = by_magic(head);
    // What stands before an archive does not matter if it carries no text.
    if let Some(carrier) = kind.filter(|kind| appended::is_carrier(kind)) {
        return match () {
            () if zip::ends_like_one(source) => zip::kind(head, source),
            () if appended::is_there(carrier, head, source) => "sfx",
            () => carrier,
        };
    }
    kind.or_else(|| is_old_tar(head).then_some("tar"))
        .or_else(|| is_targa(head, source).then_some("tga"))
        // Before text: an archive may stand behind any amount of it.
        .or_else(|| zip::ends_like_one(source).then(|| zip::kind(head, source)))
        .or_else(|| text::kind(head, source.size() > head.len() as u64))
        .or_else(|| infer::get(head).map(|found| found.extension()))
        .unwrap_or_else(|| if looks_random(head) { "random" } else { "unknown" })
}

/// Fewer bytes are too few to tell: any short content has few different ones.
const RANDOM_BYTES: usize = 2048;

/// How far the entropy may lie below what is expected of random bytes, in bits a byte: packed data without a header lie below.
const RANDOM_BITS: f64 = 0.03;

/// Whether bytes are spread as evenly as those of a cipher.
fn looks_random(head: &[u8]) -> bool {
    head.len() >= RANDOM_BYTES && is_even(head)
}

/// The same of bytes of which there are enough: 1,024 at least.
pub(crate) fn is_even(head: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    for byte in head {
        counts[usize::from(*byte)] += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "a head has 65,536 bytes at most")]
    let length = head.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    let entropy: f64 = shares.map(|share| -share * share.log2()).sum();
    // So many bits are missing from 8 because no finite content is perfectly even.
    let expected = 8.0 - 255.0 / (2.0 * length * std::f64::consts::LN_2);
    entropy > expected - RANDOM_BITS
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
fn is_old_tar(head: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn kind_of(bytes: &[u8]) -> Kind {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("writes");
        let source = Source::new(file).expect("has a size");
        detect(&source.head(HEAD_BYTES).expect("reads"), &source)
    }

    #[test]
    fn a_kind_is_decided_by_content() {
        let cases: &[(&[u8], &str)] = &[
            (b"", "empty"),
            (b"%PDF-1.7\n", "pdf"),
            (b"\x01\x02junk\n%PDF-1.4\n%\xe2\xe3", "pdf"),
            (b"GIF89a\x01\0\x01\0", "gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
            (b"\0\0\0\x18ftypMiHE\0\0\0\0MiHEheic", "heic"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif"),
            (b"\0\0\0\x14ftypisom\0\0\0\0isomheic", "mp4"),
            (&[[0; 128].as_slice(), b"DICM\x02\0\0\0"].concat(), "dicom"),
            (&[b"II*\0".as_slice(), &[0; 124], b"DICM\x02\0\0\0"].concat(), "dicom"),
            (b"{\\rtf1\\ansi hello}", "rtf"),
            (&[b"070707".as_slice(), &[b'0'; 70], b"name\0"].concat(), "cpio"),
            (b"070707 is a number", "text"),
            (b"{\\rt\\ansi hello}", "rtf"),
            (b"<!DOCTYPE html><html></html>", "html"),
            (b"\xef\xbb\xbf<?xml version='1.0'?><svg xmlns='x'/>", "svg"),
            (b"Received: from a\r\nFrom: b\r\nSubject: c\r\n\r\nhello", "eml"),
            (b"P5\n# a comment\n2 2\n255\n\0\x01\x02\x03", "pnm"),
            (b"P2 # a comment\n2 2 255\n0 1\n2 3\n", "pnm"),
            (b"P7\nWIDTH 2\nHEIGHT 2\nENDHDR\n", "pnm"),
            (b"P2 is the second priority\n1 2 3\n", "text"),
            (b"P1 2 3 and more\n", "text"),
            (&[[0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 24, 0].as_slice(), &[1, 2, 3]].concat(), "tga"),
            (b"DDS \x7c\0\0\0", "dds"),
            (b"42\nFrom: b\nSubject: c\n\nhello", "emlx"),
            (b"BEGIN:VCARD\nFN:a\nEND:VCARD\n", "vcf"),
            (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "ics"),
            (b"\x30\x82\x06\x22\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "cms"),
            (b"-----BEGIN PGP MESSAGE-----\n", "pgp"),
            (b"-----BEGIN PGP SIGNATURE-----\n", "text"),
            (b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource", "webarchive"),
            (b"%TSD-Header-###%\0\x01", "drm"),
            (b"b\x14#e\0E-SafeNet\0LOCK", "drm"),
            (b"E-SafeNet is a product\n", "text"),
            (b".pfile\x02\0\0\0", "drm"),
            (b".pfile { color: red }\n", "text"),
            (b"MZ is not always a program", "text"),
            (b"BZh is a word too", "text"),
            (b"OggS is a word too", "text"),
            (b"OggS\0\x02\0\0\0\0", "ogg"),
            (b"fLaC and more", "text"),
            (b"fLaC\0\0\0\x22\x10", "flac"),
            (b"wOFF, wOF2", "text"),
            (b"wOF2\0\x01\0\0\0", "font"),
            (b"hello", "text"),
            (b"\0\x01\x02\x03\x04\x05\x06\x07\x08random", "unknown"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(kind_of(bytes).as_str(), *expected, "{:?}", String::from_utf8_lossy(bytes));
            assert!(names().any(|name| name == *expected), "{expected}");
        }
    }

    #[test]
    fn bytes_of_a_cipher_look_random_and_packed_or_repeated_ones_do_not() {
        // A hash of a counter stands for a cipher.
        let random: Vec<u8> = (0_u32..256).flat_map(|n| *blake3::hash(&n.to_le_bytes()).as_bytes()).collect();
        let random = [b"\x01".as_slice(), &random].concat();
        assert_eq!(kind_of(&random).as_str(), "random");
        assert_eq!(kind_of(&random[..1000]).as_str(), "unknown", "too few to tell");
        let numbers: Vec<u8> = [7_u8, 1].into_iter().chain((0_u32..4000).flat_map(u32::to_le_bytes)).collect();
        assert_eq!(kind_of(&numbers).as_str(), "unknown");
    }

    #[test]
    fn source_code_that_quotes_a_pdf_header_stays_text() {
        assert_eq!(kind_of(b"let header = b\"%PDF-1.4\\n\";\n").as_str(), "text");
    }

    #[test]
    fn an_archive_behind_text_is_an_archive_however_long_the_text_is() {
        let directory = [b"PK\x01\x02".as_slice(), &[0; 42], b"PK\x05\x06", &[0; 8], &46_u32.to_le_bytes()].concat();
        let end = [90_000_u32.to_le_bytes().as_slice(), &[0; 2]].concat();
        let bytes = [b"all is well\n".repeat(7500), directory, end].concat();
        assert_eq!(kind_of(&bytes).as_str(), "zip");
    }

    #[test]
    fn an_archive_behind_a_program_or_a_film_is_an_archive() {
        let directory = [b"PK\x01\x02".as_slice(), &[0; 42], b"PK\x05\x06", &[0; 8], &46_u32.to_le_bytes()].concat();
        for carrier in
            [&[b"MZ".as_slice(), &[0; 100]].concat(), b"\x7fELF\x02\x01\x01".as_slice(), b"ID3\x03\0\0\0\0\0\0"]
        {
            let end = [u32::try_from(carrier.len()).expect("short").to_le_bytes().as_slice(), &[0; 2]].concat();
            assert_eq!(kind_of(&[carrier, &directory, &end].concat()).as_str(), "zip", "{carrier:?}");
            assert_ne!(kind_of(carrier).as_str(), "zip");
        }
    }

    #[test]
    fn text_is_told_from_its_beginning_wherever_that_is_cut() {
        let text = encoding_rs::GB18030.encode(&"普通的中文文本，没有什么特别的地方。\n".repeat(3000)).0.into_owned();
        for skipped in 0..4 {
            assert_eq!(kind_of(&[&b"abc"[..skipped.min(3)], &text].concat()).as_str(), "text");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_detection_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000), lead in 0_usize..4) {
            let leads: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"From "];
            kind_of(&[leads[lead], &bytes].concat());
        }
    }
}
