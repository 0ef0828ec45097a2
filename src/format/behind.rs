//! What lies behind the end of a picture: padding, a program's notes to itself, or another document.
//!
//! Viewers show none of it, so a file behind a picture is how things leave a building. What is recognised, archives,
//! documents, further pictures and text, was not read and is a fault. Bytes that are nothing known are passed over:
//! cameras leave such notes behind every photo.

use std::io::{Read as _, Seek as _, SeekFrom};

use crate::finding::{Fault, FaultReason};
use crate::kind;

use super::Source;

/// Bytes behind the end that are looked at.
const LOOK: u64 = 4096;

/// Text shorter than this is a stamp of some program.
const TEXT: usize = 32;

/// The fault of a document behind `end`.
pub(super) fn fault(source: &Source, end: u64) -> Option<Fault> {
    let bytes = source.size().checked_sub(end).filter(|bytes| *bytes > 0)?;
    let mut behind = source.clone();
    let mut head = Vec::new();
    behind.seek(SeekFrom::Start(end)).ok()?;
    behind.take(LOOK).read_to_end(&mut head).ok()?;
    let padding = head.iter().take_while(|byte| matches!(**byte, 0 | b' ' | b'\n' | b'\r')).count();
    // Padding is tried as well: some formats begin with NULs.
    let known = [padding, 0].into_iter().find_map(|at| kind::of_head(&head[at..]));
    let known = known.filter(|kind| *kind != "text" || head.len() - padding >= TEXT);
    let kind = known.or_else(|| kind::ends_in_archive(source).then_some("zip"))?;
    let detail = format!("{bytes} bytes behind the end of the picture are not read: {kind}");
    Some(Fault::whole(FaultReason::Attachment, detail))
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
        assert!(!is_fault(b"\0\x01\x02SEFH\x03\0\x06\0\x01\x02\x03\x04\x05\x06\x0e\x0fSEFT"));
    }
}
