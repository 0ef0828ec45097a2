//! Kind by content, never by name.
//!
//! Runs in the sweep process on hostile bytes: it reads the first bytes, and of archives and compound files the
//! directory by position. Everything read is bounded, nothing is unpacked, nothing panics. It does not say whether a
//! document is sound: a file that merely starts like a PDF is a PDF, and its reader finds the damage.

mod appended;
mod magic;
mod ole;
mod pictures;
mod text;
mod zip;

use crate::document::Kind;
use crate::format::Source;
use magic::{MAGIC, by_magic, is_old_tar};
use pictures::is_targa;

/// Raise it when the kind of any content may change, or when a kind is told apart that was another before: what a content
/// was taken for decides who reads it, so a content probed with another version must be probed again.
pub const VERSION: u32 = 8;

/// Bytes of the head that [`detect`] wants; fewer are enough for a smaller file only.
pub const HEAD_BYTES: usize = 65536;

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
