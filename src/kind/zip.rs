//! Which document a ZIP is, by the names of its members. Reads the central directory by position; unpacked are only the two
//! lists in which an Office package says what its main part is.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::format::{Source, ZipDirectory, office_kind};

/// The end record lies in the last 22 bytes plus a comment of at most 65,535.
const TAIL: u64 = 22 + 65535;
/// Local headers that are looked at where the directory is lost.
const HEADERS: usize = 10_000;

/// Parts that tell what a ZIP is, in lower case: a whole name, a folder (`/` at its end), or the end of a name (`.` before it).
const SIGNS: &[&str] = &[
    "ofd.xml",
    "[content_types].xml",
    "[content_types].xml/",
    "word/document.xml",
    "xl/workbook.bin",
    "xl/workbook.xml",
    "ppt/presentation.xml",
    "visio/document.xml",
    "xl/",
    "word/",
    "ppt/",
    "visio/",
    ".fdseq",
    ".fdoc",
    ".fpage",
    "index/document.iwa",
    "index.zip",
    "index.apxl",
    "index.xml",
    "androidmanifest.xml",
    "meta-inf/manifest.mf",
    "meta-inf/container.xml",
    ".kml",
    "content.xml",
    "meta-inf/manifest.xml",
];

/// MIME types in the stored member `mimetype`, and their kinds.
const MIMETYPES: &[(&str, &str)] = &[
    ("application/epub+zip", "epub"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/vnd.oasis.opendocument.graphics", "odg"),
    ("application/vnd.sun.xml.writer", "sxw"),
    ("application/vnd.sun.xml.calc", "sxc"),
    ("application/vnd.sun.xml.impress", "sxi"),
    ("application/vnd.sun.xml.draw", "sxd"),
    ("application/vnd.sun.xml.math", "sxm"),
    ("application/hwp+zip", "hwpx"),
];

/// The kinds that a MIME type names.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    MIMETYPES.iter().map(|(_, kind)| *kind)
}

/// The kind of a ZIP.
pub(super) fn kind(head: &[u8], source: &Source) -> &'static str {
    if let Some(kind) = mimetype(head) {
        return kind;
    }
    let directory = ZipDirectory::find(source).ok().flatten();
    let mut signs = BTreeSet::new();
    match &directory {
        // Every name counts, however many there are: nothing of them is kept.
        Some(directory) => directory.members().for_each(|member| note(&member.name(), &mut signs)),
        None => local_names(head).iter().for_each(|name| note(name, &mut signs)),
    }
    let has = |wanted: &[&str]| wanted.iter().any(|sign| signs.contains(*sign));
    match () {
        () if has(&["ofd.xml"]) => "ofd",
        () if has(&["[content_types].xml", "[content_types].xml/"]) => {
            directory.as_ref().and_then(stated).unwrap_or_else(|| by_folders(has))
        }
        () if has(&["index/document.iwa", "index.zip", "index.apxl", "index.xml"]) => "iwork",
        () if has(&["androidmanifest.xml"]) => "apk",
        () if has(&["meta-inf/manifest.mf"]) => "jar",
        () if has(&["meta-inf/container.xml"]) => "epub",
        () if has(&[".kml"]) => "kmz",
        () if has(&["content.xml"]) && has(&["meta-inf/manifest.xml"]) => "odf",
        () => "zip",
    }
}

/// What an Office package says that it is. This is asked before any reader is, outside of the wall around them: what makes the
/// unpacking fail is told by the reader then.
fn stated(directory: &ZipDirectory) -> Option<&'static str> {
    catch_unwind(AssertUnwindSafe(|| office_kind(directory))).ok().flatten()
}

/// The kind of an Office package that does not say which of its parts is the document: by the usual names.
fn by_folders(has: impl Fn(&[&str]) -> bool) -> &'static str {
    match () {
        () if has(&["xl/workbook.bin"]) => "xlsb",
        () if has(&["word/document.xml"]) => "docx",
        () if has(&["xl/workbook.xml"]) => "xlsx",
        () if has(&["ppt/presentation.xml"]) => "pptx",
        () if has(&["visio/document.xml"]) => "vsdx",
        () if has(&["xl/"]) => "xlsx",
        () if has(&["word/"]) => "docx",
        () if has(&["ppt/"]) => "pptx",
        () if has(&["visio/"]) => "vsdx",
        () if has(&[".fdseq", ".fdoc", ".fpage"]) => "xps",
        () => "opc",
    }
}

/// Notes what a name is a sign of.
fn note(name: &str, signs: &mut BTreeSet<&'static str>) {
    let name = name.to_lowercase();
    let fits = |sign: &&&'static str| match sign {
        folder if folder.ends_with('/') => name.starts_with(**folder),
        end if end.starts_with('.') => name.ends_with(**end),
        whole => name == **whole,
    };
    signs.extend(SIGNS.iter().filter(fits));
}

/// What the stored member `mimetype` says, where it stands first as it must.
fn mimetype(head: &[u8]) -> Option<&'static str> {
    let name_length = usize::from(short(head, 26)?);
    let extra = usize::from(short(head, 28)?);
    if head.get(30..30 + name_length)? != b"mimetype" {
        return None;
    }
    let start = 30 + name_length + extra;
    let content = head.get(start..(start + 100).min(head.len()))?;
    // The longest name that matches, so that `…text-template` is a text and not taken for something shorter.
    let found = MIMETYPES.iter().filter(|(mime, _)| content.starts_with(mime.as_bytes()));
    found.max_by_key(|(mime, _)| mime.len()).map(|(_, kind)| *kind)
}

/// Whether a ZIP ends here although it does not begin here: bytes may stand before an archive.
pub(super) fn ends_like_one(source: &Source) -> bool {
    let tail = read_at(source, source.size().saturating_sub(TAIL), TAIL).unwrap_or_default();
    // In archives beyond 4 GiB the end record points to another one, which stands right before it.
    let large = |end: usize| end.checked_sub(20).is_some_and(|at| tail[at..].starts_with(b"PK\x06\x07"));
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06");
    end.is_some_and(large) || has_directory(source)
}

/// Whether a directory stands where an end record says.
fn has_directory(source: &Source) -> bool {
    let tail_start = source.size().saturating_sub(TAIL);
    let Some(tail) = read_at(source, tail_start, TAIL) else { return false };
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else { return false };
    let (Some(size), Some(offset)) = (long(&tail, end + 12), long(&tail, end + 16)) else { return false };
    // Bytes may stand before the archive, so the directory is looked for where it must end as well.
    let before_end = (tail_start + end as u64).saturating_sub(u64::from(size));
    let begins = |start| read_at(source, start, 4).is_some_and(|bytes| bytes == b"PK\x01\x02");
    [u64::from(offset), before_end].into_iter().any(begins)
}

/// Names in the local headers at the start, for archives whose directory is damaged.
fn local_names(head: &[u8]) -> Vec<String> {
    let found = head.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04").take(HEADERS);
    found
        .filter_map(|(at, _)| {
            let name = head.get(at + 30..at + 30 + usize::from(short(head, at + 26)?))?;
            Some(String::from_utf8_lossy(name).replace('\\', "/"))
        })
        .collect()
}

/// At most `limit` bytes at `offset`.
fn read_at(source: &Source, offset: u64, limit: u64) -> Option<Vec<u8>> {
    source.bytes_of(offset..offset.saturating_add(limit)).ok()
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// A ZIP of empty members, written by hand.
    fn archive(prefix: &[u8], names: &[&str]) -> Vec<u8> {
        let mut bytes = prefix.to_vec();
        let mut central = Vec::new();
        for name in names {
            let length = u16::try_from(name.len()).expect("short").to_le_bytes();
            central.extend(b"PK\x01\x02");
            central.extend([0; 24]);
            central.extend(length);
            central.extend([0; 16]);
            central.extend(name.as_bytes());
            bytes.extend(b"PK\x03\x04");
            bytes.extend([0; 22]);
            bytes.extend(length);
            bytes.extend([0; 2]);
            bytes.extend(name.as_bytes());
        }
        let offset = u32::try_from(bytes.len() - prefix.len()).expect("small").to_le_bytes();
        let size = u32::try_from(central.len()).expect("small").to_le_bytes();
        bytes.extend(central);
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 8]);
        bytes.extend(size);
        bytes.extend(offset);
        bytes.extend([0; 2]);
        bytes
    }

    fn kind_of(bytes: &[u8]) -> &'static str {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("writes");
        kind(&bytes[..bytes.len().min(4096)], &Source::new(file).expect("has a size"))
    }

    #[test]
    fn office_documents_are_told_apart_in_any_order_of_members() {
        assert_eq!(kind_of(&archive(b"", &["docProps/app.xml", "word/document.xml", "[Content_Types].xml"])), "docx");
        assert_eq!(kind_of(&archive(b"", &["[Content_Types].xml", "xl/workbook.xml"])), "xlsx");
        assert_eq!(kind_of(&archive(b"", &["[Content_Types].xml", "ppt/presentation.xml"])), "pptx");
        assert_eq!(kind_of(&archive(b"", &["Doc_0/Document.xml", "OFD.xml"])), "ofd");
        assert_eq!(kind_of(&archive(b"", &["a.txt"])), "zip");
    }

    #[test]
    fn an_archive_behind_other_bytes_is_found_by_its_end() {
        let bytes = archive(b"Leading junk", &["a.txt"]);
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(&bytes).expect("writes");
        assert!(ends_like_one(&Source::new(file).expect("has a size")));
    }

    #[test]
    fn a_damaged_directory_falls_back_to_the_local_headers() {
        let whole = archive(b"", &["[Content_Types].xml", "word/document.xml"]);
        assert_eq!(kind_of(&whole[..whole.len() - 30]), "docx");
    }
}
