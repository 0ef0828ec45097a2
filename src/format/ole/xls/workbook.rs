//! The parts of a workbook that all sheets share, and the sheets one by one.

use std::cell::Cell;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::codepage;
use crate::format::text::{Part, cut_sheet};
use crate::format::zeros;

use super::super::bytes::{part, short, size, u16};
use super::super::drawing::{self, Picture};
use super::biff::{self, Record};
use super::cells::Styles;
use super::sheet;
use super::strings::{self, Reader};

/// Version of Excel 97 and later.
const BIFF8: u16 = 0x0600;

/// What begins is the part that all sheets share.
const SHARED_PART: u16 = 5;
/// Version of Microsoft Graph, whose strings are of the same kind.
const GRAPH: u16 = 0x0680;

/// What a workbook holds.
#[derive(Default)]
pub(super) struct Workbook {
    /// Its pages.
    pub(super) parts: Vec<Part>,
    /// Its pictures.
    pub(super) pictures: Vec<Picture>,
}

/// What the sheets share.
#[derive(Default)]
pub(super) struct Globals {
    /// Strings are those of Excel 97 and later.
    pub(super) wide: bool,
    /// The code page of older ones.
    pub(super) page: u32,
    /// Shared strings, with the zeros inside of them.
    pub(super) strings: Vec<String>,
    /// Bytes of text that are read.
    pub(super) limit: usize,
    /// Styles of cells.
    pub(super) styles: Styles,
    sheets: Vec<Bound>,
    names: String,
    store: Vec<u8>,
    /// Whether zeros stand for characters, or for records of drawings.
    zeroed: Cell<bool>,
}

/// A sheet in the list of sheets.
struct Bound {
    at: usize,
    state: u8,
    name: String,
}

impl Globals {
    /// A string behind a length of one byte, in the manner of the version.
    pub(super) fn short_string(&self, bytes: &[u8]) -> String {
        zeros::passed_over_in(self.short_with_zeros(bytes))
    }

    /// The same with the zeros inside of it, for a piece of a line.
    pub(super) fn short_with_zeros(&self, bytes: &[u8]) -> String {
        if self.wide {
            let mut reader = Reader::new(vec![bytes]);
            return self.whole(reader.short_with_zeros(), &reader);
        }
        let length = bytes.first().map_or(0, |length| usize::from(*length));
        self.narrow(part(bytes, 1, length))
    }

    /// A string behind a length of two bytes.
    pub(super) fn long_string(&self, pieces: Vec<&[u8]>) -> String {
        zeros::passed_over_in(self.long_with_zeros(pieces))
    }

    /// The same with the zeros inside of it, for a piece of a line.
    pub(super) fn long_with_zeros(&self, pieces: Vec<&[u8]>) -> String {
        if self.wide {
            let mut reader = Reader::new(pieces);
            return self.whole(reader.long_with_zeros(), &reader);
        }
        let bytes = pieces.first().copied().unwrap_or_default();
        self.narrow(part(bytes, 2, short(bytes, 0).unwrap_or_default()))
    }

    /// Characters of a workbook of Excel 5 or 95.
    fn narrow(&self, characters: &[u8]) -> String {
        self.note_zeros(self.page != codepage::UTF_16 && zeros::among(characters) > 0);
        codepage::with_zeros(characters, self.page).trim_matches('\0').to_owned()
    }

    /// A string that was read, with a note of the zeros in it.
    pub(super) fn whole(&self, string: Option<String>, reader: &Reader) -> String {
        self.note_zeros(reader.zeros > 0);
        string.unwrap_or_default()
    }

    /// Notes that zeros stand for something.
    pub(super) fn note_zeros(&self, zeroed: bool) {
        self.zeroed.set(self.zeroed.get() || zeroed);
    }

    /// Takes a record of the shared part.
    fn take(&mut self, stream: &[u8], record: &Record, limit: usize, faults: &mut Vec<Fault>) {
        let body = record.body;
        match record.id {
            biff::CODE_PAGE => self.page = u16(body, 0).map_or(1252, u32::from),
            biff::DATES_1904 => self.styles.from_1904 = u16(body, 0) == Some(1),
            biff::CELL_STYLE => self.styles.style(u16(body, 2).unwrap_or_default()),
            biff::FORMAT => {
                let rest = body.get(2..).unwrap_or_default();
                let pattern = if self.wide { self.long_string(vec![rest]) } else { self.short_string(rest) };
                self.styles.format(u16(body, 0).unwrap_or_default(), &pattern);
            }
            biff::SHEET => {
                let name = self.short_string(body.get(6..).unwrap_or_default());
                let state = body.get(4).map_or(0, |state| state & 3);
                self.sheets.push(Bound { at: size(body, 0).unwrap_or(usize::MAX), state, name });
            }
            biff::STRINGS => {
                let mut pieces = vec![body];
                pieces.extend(biff::continued(stream, record));
                let shared = strings::shared(pieces, limit);
                let (have, promised) = (shared.strings.len(), shared.promised);
                if have < promised {
                    let detail = format!("{have} of {promised} shared strings of the workbook can be read");
                    faults.push(Fault::whole(FaultReason::Damaged, detail));
                }
                self.note_zeros(shared.zeroed);
                self.strings = shared.strings;
            }
            biff::STORE => {
                self.store.extend_from_slice(body);
                biff::continued(stream, record).into_iter().for_each(|more| self.store.extend_from_slice(more));
            }
            biff::NAME => self.name(body),
            _ => {}
        }
    }

    /// A name, and the text it stands for.
    fn name(&mut self, body: &[u8]) {
        let built_in = u16(body, 0).is_some_and(|flags| flags & 0x20 != 0);
        let count = body.get(3).map_or(0, |count| usize::from(*count));
        if built_in || !self.wide {
            return;
        }
        let mut reader = Reader::new(vec![body.get(14..).unwrap_or_default()]);
        let name = reader.string(count);
        let name = self.whole(name, &reader);
        // A formula that is one text begins with the mark of texts.
        let width = if body.get(14).is_some_and(|flags| flags & 1 == 1) { 2 } else { 1 };
        let formula = body.get(15 + count * width..).unwrap_or_default();
        let text = match formula.split_first() {
            Some((0x17, text)) => self.short_string(text),
            _ => String::new(),
        };
        self.names.extend([name.as_str(), "\t", &text, "\n"]);
    }
}

/// Reads a workbook.
pub(super) fn read(stream: &[u8], settings: &Settings, faults: &mut Vec<Fault>) -> Workbook {
    let limit = settings.limits.content_text_bytes;
    let mut globals = Globals { page: 1252, wide: true, limit, ..Globals::default() };
    let mut zeroed = false;
    for record in biff::records(stream) {
        if record.id == biff::BEGIN && record.at == 0 {
            globals.wide = matches!(u16(record.body, 0), Some(BIFF8 | GRAPH));
        }
        if !record.whole {
            faults.push(Fault::whole(FaultReason::Damaged, "the workbook is cut short"));
        }
        zeroed |= record.is_zeroed();
        if record.id == biff::EOF {
            break;
        }
        globals.take(stream, &record, limit, faults);
    }
    faults.extend(zeroed.then(|| Fault::whole(FaultReason::Damaged, "a part of the workbook is zeros")));
    let drawn = drawing::read(&globals.store, &[]);
    globals.note_zeros(drawn.zeroed);
    let mut workbook = Workbook { parts: Vec::new(), pictures: drawn.pictures };
    let mut room = limit;
    for bound in &globals.sheets {
        let hidden = if bound.state == 0 { "" } else { " (hidden)" };
        let label = format!("sheet \"{}\"{hidden}", bound.name);
        let is_sheet = |first: Record| first.id == biff::BEGIN && u16(first.body, 2) != Some(SHARED_PART);
        if !biff::records_from(stream, bound.at).next().is_some_and(is_sheet) {
            faults.push(Fault::whole(FaultReason::Damaged, "a sheet of the workbook cannot be found"));
        }
        let read = sheet::read(stream, bound.at, &bound.name, &globals, room, faults);
        room = room.saturating_sub(read.text.len()).saturating_sub(read.formulas.len());
        workbook.pictures.extend(read.pictures);
        workbook.parts.extend(cut_sheet(&label, read.text, &read.rows, settings.text.page_chars));
        workbook.parts.push(Part { label: Some(format!("{label}, formulas")), text: read.formulas });
    }
    if globals.sheets.is_empty() {
        faults.push(Fault::whole(FaultReason::Damaged, "the workbook lists no sheets"));
    }
    // Names of sheets say something too, and empty sheets are no pages.
    let listed: String = globals.sheets.iter().flat_map(|bound| [bound.name.as_str(), "\n"]).collect();
    workbook.parts.push(Part { label: Some("names of sheets".to_owned()), text: listed });
    let words = globals.styles.unshown();
    workbook.parts.push(Part { label: Some("words in formats of numbers".to_owned()), text: words });
    workbook.parts.push(Part { label: Some("names".to_owned()), text: globals.names });
    if globals.zeroed.get() {
        faults.push(Fault::whole(FaultReason::Damaged, "texts or drawings of the workbook were zeroed"));
    }
    faults.dedup();
    workbook
}
