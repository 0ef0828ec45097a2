//! Records of a workbook: number, length, bytes, and the records that continue them.

use super::super::bytes::{part, short, u16};

/// Cells of Microsoft Graph, in the manner of the first Excel: three bytes of style.
pub(super) const GRAPH_NUMBER: u16 = 0x0003;
pub(super) const GRAPH_LABEL: u16 = 0x0004;
pub(super) const FORMULA: u16 = 0x0006;
pub(super) const EOF: u16 = 0x000a;
pub(super) const DATES_1904: u16 = 0x0022;
pub(super) const HEADER: u16 = 0x0014;
pub(super) const FOOTER: u16 = 0x0015;
pub(super) const NAME: u16 = 0x0018;
pub(super) const NOTE: u16 = 0x001c;
pub(super) const FILE_PASS: u16 = 0x002f;
pub(super) const CONTINUE: u16 = 0x003c;
pub(super) const CODE_PAGE: u16 = 0x0042;
pub(super) const OBJECT: u16 = 0x005d;
pub(super) const IMAGE: u16 = 0x007f;
pub(super) const SHEET: u16 = 0x0085;
pub(super) const MANY_NUMBERS: u16 = 0x00bd;
pub(super) const PIVOT_STRING: u16 = 0x00cd;
pub(super) const RICH_STRING: u16 = 0x00d6;
pub(super) const CELL_STYLE: u16 = 0x00e0;
pub(super) const BACKGROUND: u16 = 0x00e9;
pub(super) const STORE: u16 = 0x00eb;
pub(super) const DRAWING: u16 = 0x00ec;
pub(super) const STRINGS: u16 = 0x00fc;
pub(super) const SHARED_LABEL: u16 = 0x00fd;
pub(super) const TEXT: u16 = 0x01b6;
pub(super) const LINK: u16 = 0x01b8;
pub(super) const VALIDATION: u16 = 0x01be;
pub(super) const NUMBER: u16 = 0x0203;
pub(super) const LABEL: u16 = 0x0204;
pub(super) const TRUTH: u16 = 0x0205;
pub(super) const RESULT: u16 = 0x0207;
pub(super) const SMALL_NUMBER: u16 = 0x027e;
pub(super) const FORMAT: u16 = 0x041e;
pub(super) const BEGIN: u16 = 0x0809;
pub(super) const MORE_HEADERS: u16 = 0x089c;
pub(super) const CHART_TEXT: u16 = 0x100d;

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// What it is.
    pub(super) id: u16,
    /// Its bytes.
    pub(super) body: &'a [u8],
    /// Where it stands.
    pub(super) at: usize,
    /// Whether all its bytes are there.
    pub(super) whole: bool,
}

impl Record<'_> {
    /// Whether it is no record at all but zeros that took the place of some: no version has one without a number and bytes.
    pub(super) fn is_zeroed(&self) -> bool {
        self.id == 0 && self.body.is_empty()
    }
}

/// The records of a stream from a place on.
pub(super) fn records_from(stream: &[u8], mut at: usize) -> impl Iterator<Item = Record<'_>> {
    std::iter::from_fn(move || {
        let (id, length) = (u16(stream, at)?, short(stream, at.checked_add(2)?)?);
        let body = part(stream, at + 4, length);
        let record = Record { id, body, at, whole: body.len() == length };
        at += 4 + length;
        Some(record)
    })
}

/// All records.
pub(super) fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    records_from(stream, 0)
}

/// The bytes of the records that continue the one at a place, each by itself.
pub(super) fn continued<'a>(stream: &'a [u8], record: &Record<'a>) -> Vec<&'a [u8]> {
    let behind = record.at + 4 + record.body.len();
    records_from(stream, behind).take_while(|next| next.id == CONTINUE).map(|next| next.body).collect()
}
