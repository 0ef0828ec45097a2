//! Records with a header of eight bytes, of which drawings and presentations are made.

use super::bytes::{size, u16};

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// What it is.
    pub(super) kind: u16,
    /// Which of its kind it is.
    pub(super) instance: u16,
    /// Whether it is made of records.
    pub(super) container: bool,
    /// What follows the header; less than it claims where the bytes end.
    pub(super) body: &'a [u8],
}

impl Record<'_> {
    /// Whether it is no record at all but zeros that took the place of some: none has neither a number nor bytes.
    pub(super) fn is_zeroed(&self) -> bool {
        (self.kind, self.instance, self.container, self.body.len()) == (0, 0, false, 0)
    }
}

/// The record at a place.
pub(super) fn record(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let head = u16(bytes, at)?;
    let (kind, length) = (u16(bytes, at.checked_add(2)?)?, size(bytes, at.checked_add(4)?)?);
    let rest = bytes.get(at.checked_add(8)?..)?;
    let body = &rest[..length.min(rest.len())];
    Some(Record { kind, instance: head >> 4, container: head & 15 == 15, body })
}

/// The records one behind the other.
pub(super) fn siblings(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let next = record(bytes, at)?;
        at = at.saturating_add(8 + next.body.len());
        Some(next)
    })
}

/// All records, those inside of containers behind them.
pub(super) fn flat(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let next = record(bytes, at)?;
        at = at.saturating_add(8 + if next.container { 0 } else { next.body.len() });
        Some(next)
    })
}

/// A record as bytes.
#[cfg(test)]
pub(super) fn made(kind: u16, head: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short");
    [&head.to_le_bytes(), &kind.to_le_bytes(), length.to_le_bytes().as_slice(), body].concat()
}
