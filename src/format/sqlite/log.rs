//! The write-ahead log of a SQLite database (its file format, 4): pages as they were written, the newest of which are not in the
//! database yet. Their rows are read in the order in which they were written.

use std::collections::HashSet;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::{Part, TextPages, read_bounded};
use crate::format::{Document, Format, Source};

use super::pages::Database;

/// Bytes before all pages, and before each.
const HEADER: usize = 32;
const FRAME: usize = 24;

/// First bytes of documents that values may be: ZIP and what is made of it, PDF, OLE, PNG, JPEG, RTF, 7z, RAR.
const HEADS: [&[u8]; 8] = [
    b"PK\x03\x04",
    b"%PDF-",
    b"\xd0\xcf\x11\xe0\xa1\xb1",
    b"\x89PNG\r\n",
    b"\xff\xd8\xff\xe0",
    b"{\\rtf1",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
];

/// Reads logs.
pub(in crate::format) struct Log;

impl Format for Log {
    fn name(&self) -> &'static str {
        "sqlite-wal"
    }

    fn version(&self) -> u32 {
        3
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["sqlite-wal"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let size = bytes.get(8..12).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| (512..=65_536).contains(size));
        let Some(size) = size else {
            return Err(Fault::whole(FaultReason::Damaged, "the header is that of no log of SQLite"));
        };
        let frames = || bytes.get(HEADER..).unwrap_or_default().chunks_exact(FRAME + size);
        // The first page of a database says how its text is written.
        let first = frames().map(|frame| &frame[FRAME..]).find(|page| page.starts_with(b"SQLite format 3\0"));
        let encoding = first.and_then(|page| page.get(59)).copied().map_or(1, u32::from);
        let database = Database::of_log(source, &settings.limits, size, encoding);
        let (mut text, mut known, limit) = (String::new(), HashSet::new(), settings.limits.content_text_bytes);
        for page in frames().map(|frame| &frame[FRAME..]) {
            // A page is written anew for each row that is added to it.
            let lines = database.freed(page).unwrap_or_default();
            for line in lines.lines().filter(|line| !line.trim().is_empty()) {
                if known.insert(line.to_owned()) {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            if text.len() > limit {
                text.truncate(text.floor_char_boundary(limit));
                faults.push(Fault::limit("content_text_bytes", limit, "the text of the log"));
                break;
            }
        }
        // A log may have been copied alone: then a document inside a value of it is nowhere else, and is not put together here.
        if HEADS.iter().any(|head| memchr::memmem::find(&bytes, head).is_some()) {
            let detail =
                "documents in values of the log are not put together; they are in the database once it is worked off";
            faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        Ok(Box::new(
            TextPages::of_parts(vec![Part { label: Some("log".to_owned()), text }], faults, settings).unpacked(),
        ))
    }
}
