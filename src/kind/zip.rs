//! Which document a ZIP is, by the names of its members. Reads the central directory by position, never unpacks.

use std::io::{Read as _, Seek as _, SeekFrom};

use crate::format::Source;

/// The end record lies in the last 22 bytes plus a comment of at most 65,535.
const TAIL: u64 = 22 + 65535;
/// Central directory bytes that are looked at: an office document has some ten thousand at most.
const DIRECTORY: u64 = 1 << 20;
/// Members that are looked at.
const MEMBERS: usize = 10_000;

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
    let names = directory(source).filter(|names| !names.is_empty()).unwrap_or_else(|| local_names(head));
    let starts = |prefix: &str| names.iter().any(|name| name.starts_with(prefix));
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    match () {
        () if names.iter().any(|name| name.eq_ignore_ascii_case("OFD.xml")) => "ofd",
        () if starts("[Content_Types].xml") => match () {
            () if has("xl/workbook.bin") => "xlsb",
            () if starts("xl/") => "xlsx",
            () if starts("word/") => "docx",
            () if starts("ppt/") => "pptx",
            () if starts("visio/") => "vsdx",
            () if names.iter().any(|name| is_fixed_page(name)) => "xps",
            () => "opc",
        },
        () if starts("Index/Document.iwa") || has("Index.zip") || has("index.apxl") || has("index.xml") => "iwork",
        () if has("AndroidManifest.xml") => "apk",
        () if has("META-INF/MANIFEST.MF") => "jar",
        () if has("META-INF/container.xml") => "epub",
        () if names.iter().any(|name| name.to_ascii_lowercase().ends_with(".kml")) => "kmz",
        () if has("content.xml") && has("META-INF/manifest.xml") => "odf",
        () if names.iter().any(|name| is_fixed_page(name)) => "xps",
        () => "zip",
    }
}

/// Whether a part is one that only XPS has: a list of documents, or a page.
fn is_fixed_page(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        ["fdseq", "fdoc", "fpage"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
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
    end.is_some_and(large) || directory(source).is_some()
}

/// Names out of the central directory; none if there is none to be found.
fn directory(source: &Source) -> Option<Vec<String>> {
    let tail_start = source.size().saturating_sub(TAIL);
    let tail = read_at(source, tail_start, TAIL)?;
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (size, offset) = (u64::from(long(&tail, end + 12)?), u64::from(long(&tail, end + 16)?));
    // Bytes may stand before the archive, so the directory is looked for where it must end as well.
    let before_end = (tail_start + end as u64).saturating_sub(size);
    [offset, before_end].into_iter().find_map(|start| {
        let bytes = read_at(source, start, size.clamp(46, DIRECTORY))?;
        bytes.starts_with(b"PK\x01\x02").then(|| central_names(&bytes))
    })
}

/// Names in the bytes of a central directory.
fn central_names(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 0;
    while names.len() < MEMBERS && bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) {
        let lengths = [28, 30, 32].map(|field| short(bytes, at + field).map(usize::from));
        let [Some(name), Some(extra), Some(comment)] = lengths else { break };
        let Some(text) = bytes.get(at + 46..at + 46 + name) else { break };
        names.push(String::from_utf8_lossy(text).replace('\\', "/"));
        at += 46 + name + extra + comment;
    }
    names
}

/// Names in the local headers at the start, for archives whose directory is damaged.
fn local_names(head: &[u8]) -> Vec<String> {
    let found = head.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04").take(MEMBERS);
    found
        .filter_map(|(at, _)| {
            let name = head.get(at + 30..at + 30 + usize::from(short(head, at + 26)?))?;
            Some(String::from_utf8_lossy(name).into_owned())
        })
        .collect()
}

/// At most `limit` bytes at `offset`.
fn read_at(source: &Source, offset: u64, limit: u64) -> Option<Vec<u8>> {
    let mut source = source.clone();
    source.seek(SeekFrom::Start(offset)).ok()?;
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
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
