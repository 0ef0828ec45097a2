//! What lies behind the end of a picture: padding, a program's notes to itself, or another document.
//!
//! Viewers show none of it, so a file behind a picture is how things leave a building. What is recognised, archives,
//! documents, further pictures and text, was not read and is a fault. Bytes that are nothing known are passed over:
//! cameras leave such notes behind every photo.

use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::{Source, archive};

/// Bytes behind the end and its padding that are looked at.
const LOOK: u64 = 4096;

/// Bytes of padding that may be the beginning of a format's mark.
const MARK: u64 = 3;

/// Text shorter than this is a stamp of some program.
const TEXT: usize = 32;

/// The fault of a document behind `end`, or of an archive that ends where the file ends.
pub(super) fn fault(source: &Source, end: u64) -> Option<Fault> {
    fault_unless(source, end, |_| false)
}

/// The same, unless the archive (where it begins and ends) is one that is read.
pub(super) fn fault_unless(source: &Source, end: u64, is_read: impl Fn(Range<u64>) -> bool) -> Option<Fault> {
    let archive = || kind::ends_in_archive(source) && !archive::zip_bounds(source).is_some_and(&is_read);
    match look(source, end) {
        Ok(None) if archive() => {
            let detail = "the file ends in an archive, which is not read: zip";
            Some(Fault::whole(FaultReason::Attachment, detail))
        }
        Ok(None) => None,
        Ok(Some(kind)) => {
            let bytes = source.size().saturating_sub(end);
            let detail = format!("{bytes} bytes behind the end are not read: {kind}");
            Some(Fault::whole(FaultReason::Attachment, detail))
        }
        Err(error) => Some(Fault::whole(FaultReason::Io, format!("reading behind the end failed: {error}"))),
    }
}

/// The same of a file that may hold archives itself: one that ends before `end` does not lie behind it.
pub(super) fn fault_past(source: &Source, end: u64) -> Option<Fault> {
    match skip_padding(source, end) {
        Ok(first) if first >= source.size() => None,
        _ => fault_unless(source, end, |archive| archive.end <= end),
    }
}

/// What lies behind `end`.
fn look(source: &Source, end: u64) -> io::Result<Option<&'static str>> {
    let first = skip_padding(source, end)?;
    let start = first.saturating_sub(MARK).max(end);
    let mut behind = source.clone();
    let mut head = Vec::new();
    behind.seek(SeekFrom::Start(start))?;
    behind.take(LOOK).read_to_end(&mut head)?;
    let padding = usize::try_from(first.saturating_sub(start)).unwrap_or(head.len()).min(head.len());
    let text = head.len() - padding >= TEXT;
    // Padding is tried as well: some formats begin with NULs.
    let kinds = (0..=padding).rev().filter_map(|at| kind::of_head(&head[at..]));
    Ok(kinds.into_iter().find(|kind| *kind != "text" || text))
}

/// The first place from `end` on that is no padding; the size of the file if there is none.
pub(super) fn skip_padding(source: &Source, end: u64) -> io::Result<u64> {
    let mut reader = source.clone();
    reader.seek(SeekFrom::Start(end))?;
    let mut reader = BufReader::new(reader);
    let mut at = end;
    loop {
        let buffer = reader.fill_buf()?;
        let other = buffer.iter().position(|byte| !matches!(*byte, 0 | 0xff | b' ' | b'\t' | b'\n' | b'\r'));
        let skipped = other.unwrap_or(buffer.len());
        at += skipped as u64;
        if other.is_some() || skipped == 0 {
            return Ok(at);
        }
        reader.consume(skipped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::source;

    fn is_fault(behind: &[u8]) -> bool {
        fault(&source(&[b"picture".as_slice(), behind].concat()), 7).is_some()
    }

    #[test]
    fn a_document_behind_a_picture_is_a_fault_and_padding_is_not() {
        assert!(is_fault(b"PK\x03\x04 and so on"));
        assert!(is_fault(b"\0\0\0%PDF-1.7\n"));
        assert!(is_fault(b"\0\xff\xd8\xff\xe0 another picture"));
        assert!(is_fault("此件为绝密级国家秘密文件，不得外传。".as_bytes()));
        assert!(!is_fault(b""));
        assert!(!is_fault(&[0; 9000]));
        assert!(!is_fault(&[0xff; 9000]));
        assert!(!is_fault(b"\0\x01\x02SEFH\x03\0\x06\0\x01\x02\x03\x04\x05\x06\x0e\x0fSEFT"));
    }

    #[test]
    fn an_archive_inside_of_a_file_does_not_lie_behind_it() {
        let directory = [b"PK\x01\x02".as_slice(), &[0; 42], b"PK\x05\x06", &[0; 8], &46_u32.to_le_bytes()].concat();
        let zip = [directory.as_slice(), &4_u32.to_le_bytes(), &[0; 2]].concat();
        let (inside, end) = ([b"head".as_slice(), &zip, &[0; 40]].concat(), 4 + zip.len() as u64 + 8);
        assert!(fault(&source(&inside), end).is_some());
        assert_eq!(fault_past(&source(&inside), end), None);
        let behind = [inside.as_slice(), &zip].concat();
        assert!(fault_past(&source(&behind), end).is_some());
    }

    #[test]
    fn a_document_is_found_however_much_padding_stands_before_it() {
        for padding in [0, 0xff, b' '] {
            for document in [b"%PDF-1.7\n".as_slice(), b"\0\0\0\x18ftypheic\0\0\0\0", b"\xff\xd8\xff\xe0 a picture"] {
                assert!(is_fault(&[&[padding; 9001], document].concat()), "{padding} before {document:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_behind_a_picture_is_a_fault() {
        let folder = Source::new(std::fs::File::open(env!("CARGO_MANIFEST_DIR")).expect("opens")).expect("has a size");
        assert_eq!(fault(&folder, 0).map(|fault| fault.reason), Some(FaultReason::Io));
    }
}
