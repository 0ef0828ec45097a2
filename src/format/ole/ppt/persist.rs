//! Where the parts of a presentation stand: each time it is saved some are written anew, and a table tells which hold.

use std::collections::BTreeMap;

use super::super::bytes::{size, u32};
use super::super::records::{Record, record};

/// What happened last: where the table stands, and which part is the document.
const EDIT: u16 = 0x0ff5;

/// The table.
const TABLE: u16 = 0x1772;

/// Signature of an encrypted presentation.
const ENCRYPTED: u32 = 0xf3d1_c4df;

/// Bytes of the record of an edit that tells of encryption.
const EDIT_ENCRYPTED: usize = 32;

/// Times that a presentation was saved.
const EDITS: usize = 10_000;

/// Parts of a presentation, as often as they were saved.
const PARTS: usize = 1 << 22;

/// The parts that hold.
pub(super) struct Persist {
    /// Whether they are encrypted.
    pub(super) encrypted: bool,
    /// Not all edits or parts are looked at.
    pub(super) cut: bool,
    /// The number of the document itself.
    pub(super) document: u32,
    places: BTreeMap<u32, usize>,
    /// Entries of tables that were looked at.
    seen: usize,
}

impl Persist {
    /// Follows the edits from the last to the first.
    pub(super) fn of(stream: &[u8], user: &[u8]) -> Option<Self> {
        let mut persist = Self {
            encrypted: u32(user, 12) == Some(ENCRYPTED),
            cut: false,
            document: 0,
            places: BTreeMap::new(),
            seen: 0,
        };
        let mut next = size(user, 16)?;
        for edit in 0..EDITS {
            let Some(record) = record(stream, next).filter(|record| record.kind == EDIT) else {
                return (edit > 0 || persist.encrypted).then_some(persist);
            };
            persist.encrypted |= record.body.len() >= EDIT_ENCRYPTED && u32(record.body, 28).is_some_and(|id| id > 0);
            if edit == 0 {
                persist.document = u32(record.body, 16)?;
            }
            persist.table(stream, size(record.body, 12)?);
            let before = size(record.body, 8)?;
            if before == 0 || before >= next {
                return Some(persist);
            }
            next = before;
        }
        persist.cut = true;
        Some(persist)
    }

    /// Takes a table; places of later edits hold.
    fn table(&mut self, stream: &[u8], at: usize) {
        let Some(table) = record(stream, at).filter(|record| record.kind == TABLE) else { return };
        let mut at = 0;
        while let Some(run) = u32(table.body, at) {
            let (first, count) = (run & 0xf_ffff, run >> 20);
            at += 4;
            for id in (first..).take(count as usize) {
                let Some(place) = size(table.body, at) else { return };
                at += 4;
                self.seen += 1;
                if self.seen > PARTS {
                    self.cut = true;
                    return;
                }
                self.places.entry(id).or_insert(place);
            }
        }
    }

    /// A part by its number.
    pub(super) fn record<'a>(&self, stream: &'a [u8], id: u32) -> Option<Record<'a>> {
        record(stream, *self.places.get(&id)?)
    }

    /// All parts.
    pub(super) fn all<'a>(&'a self, stream: &'a [u8]) -> impl Iterator<Item = Record<'a>> {
        self.places.values().filter_map(move |at| record(stream, *at))
    }
}
