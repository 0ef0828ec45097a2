//! A sheet: cells, headers and footers, boxes, comments, charts.

use std::collections::BTreeMap;

use crate::finding::{Fault, FaultReason};
use crate::format::formulas::Texts;
use crate::format::text::{Row, address};
use crate::format::zeros;

use super::super::bytes::{part, short, size, u16, u32, utf16};
use super::super::drawing::{self, Picture};
use super::super::{Content, dib};
use super::biff::{self, Record};
use super::cells::{self, Value};
use super::formula;
use super::strings::Reader;
use super::workbook::Globals;

/// The class of addresses in links.
const ADDRESS: &[u8] = b"\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b";

/// The object of a comment.
const NOTE_OBJECT: u16 = 25;

/// A sheet that was read.
#[derive(Default)]
pub(super) struct Sheet {
    /// Its text.
    pub(super) text: String,
    /// Its rows in that.
    pub(super) rows: Vec<Row>,
    /// Texts in its formulas that no cell shows, a line each.
    pub(super) formulas: String,
    /// Its pictures.
    pub(super) pictures: Vec<Picture>,
}

/// A sheet that is being read.
struct Reading<'a> {
    globals: &'a Globals,
    name: &'a str,
    cells: Vec<(u16, u16, String)>,
    used: usize,
    heads: Vec<String>,
    feet: Vec<String>,
    notes: Vec<(u16, u16, u16, String)>,
    note_texts: BTreeMap<u16, String>,
    others: Vec<String>,
    formulas: Texts,
    pictures: Vec<Picture>,
    object: (u16, u16),
    waiting: Option<(u16, u16)>,
    /// Cells whose shared string is not there.
    lost: usize,
}

/// Reads the sheet that begins at a place.
pub(super) fn read(
    stream: &[u8],
    at: usize,
    name: &str,
    globals: &Globals,
    room: usize,
    faults: &mut Vec<Fault>,
) -> Sheet {
    let mut reading = Reading {
        globals,
        name,
        cells: Vec::new(),
        used: 0,
        heads: Vec::new(),
        feet: Vec::new(),
        notes: Vec::new(),
        note_texts: BTreeMap::new(),
        others: Vec::new(),
        formulas: Texts::default(),
        pictures: Vec::new(),
        object: (0, 0),
        waiting: None,
        lost: 0,
    };
    let mut depth = 0_usize;
    let (mut ended, mut zeroed) = (false, false);
    for record in biff::records_from(stream, at) {
        zeroed |= record.is_zeroed();
        match record.id {
            biff::BEGIN => depth += 1,
            biff::EOF => depth = depth.saturating_sub(1),
            _ => reading.take(stream, &record, depth > 1),
        }
        ended = record.id == biff::EOF && depth == 0;
        if ended || reading.used > room {
            break;
        }
    }
    if reading.used > room || reading.formulas.is_over(globals.limit) {
        faults.push(Fault::limit("content_text_bytes", globals.limit, "the text of the workbook"));
    } else if !ended {
        faults.push(Fault::whole(FaultReason::Damaged, "a sheet of the workbook has no end"));
    }
    faults.extend(zeroed.then(|| Fault::whole(FaultReason::Damaged, "a part of a sheet is zeros")));
    if reading.lost > 0 {
        let detail = format!("the texts of {} cells are not there", reading.lost);
        faults.push(Fault::whole(FaultReason::Damaged, detail));
    }
    reading.done()
}

impl Reading<'_> {
    fn take(&mut self, stream: &[u8], record: &Record, chart: bool) {
        let (body, wide) = (record.body, self.globals.wide);
        let pieces = || {
            let mut pieces = vec![body];
            pieces.extend(biff::continued(stream, record));
            pieces
        };
        match record.id {
            biff::SHARED_LABEL
            | biff::LABEL
            | biff::RICH_STRING
            | biff::NUMBER
            | biff::SMALL_NUMBER
            | biff::MANY_NUMBERS
            | biff::TRUTH
            | biff::FORMULA => self.cell(stream, record, chart),
            biff::GRAPH_LABEL | biff::GRAPH_NUMBER => self.graph_cell(record),
            biff::RESULT => {
                self.globals.note_zeros(is_blank(body));
                if let Some((row, column)) = self.waiting.take() {
                    let text = self.globals.long_with_zeros(pieces());
                    self.put(row, column, text, chart);
                }
            }
            biff::HEADER | biff::FOOTER => {
                let globals = self.globals;
                let raw = if wide { globals.long_with_zeros(pieces()) } else { globals.short_with_zeros(body) };
                let line = zeros::passed_over_in(framed(&raw, self.name));
                self.used += line.len();
                if record.id == biff::HEADER { self.heads.push(line) } else { self.feet.push(line) }
            }
            biff::MORE_HEADERS => self.more_headers(body),
            biff::OBJECT => self.object = (u16(body, 4).unwrap_or_default(), u16(body, 6).unwrap_or_default()),
            biff::TEXT => self.text_object(body, &biff::continued(stream, record)),
            biff::NOTE => self.note(body),
            biff::DRAWING => {
                let drawn = drawing::read(&pieces().concat(), &[]);
                self.globals.note_zeros(drawn.zeroed);
                drawn.texts.into_iter().for_each(|text| self.other(text));
                self.pictures.extend(drawn.pictures);
            }
            biff::CHART_TEXT => {
                let text = self.globals.short_string(body.get(2..).unwrap_or_default());
                self.other(text);
            }
            biff::LINK => {
                let found = body.windows(ADDRESS.len()).position(|window| window == ADDRESS);
                let address = found.map(|at| at + ADDRESS.len());
                if let Some(at) = address {
                    self.other(utf16(part(body, at + 4, size(body, at).unwrap_or_default())));
                }
            }
            biff::VALIDATION if wide => {
                let mut reader = Reader::new(vec![body.get(4..).unwrap_or_default()]);
                let texts: Vec<String> = (0..4).filter_map(|_| reader.long_string()).collect();
                // One that is not there is a single zero, which does not count.
                self.globals.note_zeros(reader.zeros > 0);
                texts.into_iter().for_each(|text| self.other(text));
            }
            biff::IMAGE | biff::BACKGROUND => self.image(&pieces().concat()),
            _ => {}
        }
    }

    fn cell(&mut self, stream: &[u8], record: &Record, chart: bool) {
        let body = record.body;
        let (Some(row), Some(column), Some(style)) = (u16(body, 0), u16(body, 2), u16(body, 4)) else { return };
        if record.id == biff::FORMULA && self.globals.wide && !chart {
            formula::texts(formula::tokens(body), &mut self.formulas, self.globals.limit);
        }
        let styles = &self.globals.styles;
        let text = match record.id {
            biff::SHARED_LABEL => {
                let text = size(body, 6).and_then(|index| self.globals.strings.get(index)).cloned();
                self.lost += usize::from(text.is_none());
                styles.text(text.unwrap_or_default(), style)
            }
            biff::LABEL | biff::RICH_STRING => {
                let characters = body.get(6..).unwrap_or_default();
                self.globals.note_zeros(is_blank(characters));
                let mut pieces = vec![characters];
                pieces.extend(biff::continued(stream, record));
                styles.text(self.globals.long_with_zeros(pieces), style)
            }
            // What a chart keeps of numbers stands in its cells.
            _ if chart => return,
            biff::NUMBER => styles.number(super::super::bytes::f64(body, 6).unwrap_or_default(), style),
            biff::SMALL_NUMBER => styles.number(cells::small(u32(body, 6).unwrap_or_default()), style),
            biff::TRUTH => cells::truth(body.get(6).copied().unwrap_or_default(), body.get(7) == Some(&1)),
            biff::FORMULA => match cells::result(part(body, 6, 8)) {
                Some(Value::Number(value)) => styles.number(value, style),
                Some(Value::Text(text)) => text,
                Some(Value::StringFollows) => {
                    self.waiting = Some((row, column));
                    return;
                }
                None => return,
            },
            _ => {
                for (column, entry) in (column..).zip(part(body, 4, body.len().saturating_sub(6)).chunks_exact(6)) {
                    let value = cells::small(u32(entry, 2).unwrap_or_default());
                    let text = self.globals.styles.number(value, u16(entry, 0).unwrap_or_default());
                    self.put(row, column, text, chart);
                }
                return;
            }
        };
        self.put(row, column, text, chart);
    }

    /// A cell of the table that a chart of Microsoft Graph is drawn of.
    fn graph_cell(&mut self, record: &Record) {
        let body = record.body;
        let (Some(row), Some(column)) = (u16(body, 0), u16(body, 2)) else { return };
        let text = match record.id {
            biff::GRAPH_LABEL => self.globals.short_with_zeros(body.get(7..).unwrap_or_default()),
            _ => super::super::bytes::f64(body, 7).map(cells::plain).unwrap_or_default(),
        };
        self.put(row, column, text, false);
    }

    fn put(&mut self, row: u16, column: u16, text: String, chart: bool) {
        if chart {
            self.other(zeros::passed_over_in(text));
        } else if !text.is_empty() {
            self.used += text.len();
            self.cells.push((row, column, text.replace(['\r', '\n'], " ")));
        }
    }

    fn other(&mut self, text: String) {
        if !text.trim().is_empty() {
            self.used += text.len();
            self.others.push(text);
        }
    }

    /// Headers of even pages and of the first one.
    fn more_headers(&mut self, body: &[u8]) {
        let mut reader = Reader::new(vec![body.get(38..).unwrap_or_default()]);
        for place in 0..4 {
            if short(body, 30 + 2 * place).unwrap_or_default() > 0 {
                let line = reader.long_with_zeros();
                let line = zeros::passed_over_in(framed(&self.globals.whole(line, &reader), self.name));
                self.used += line.len();
                if place % 2 == 0 { self.heads.push(line) } else { self.feet.push(line) }
            }
        }
    }

    /// The text of a box or a comment: its characters stand in the records behind it.
    fn text_object(&mut self, body: &[u8], behind: &[&[u8]]) {
        let count = short(body, 10).unwrap_or_default();
        if count == 0 {
            return;
        }
        let mut reader = Reader::new(behind.to_vec());
        let text = reader.string(count);
        let text = self.globals.whole(text, &reader);
        if self.object.0 == NOTE_OBJECT {
            self.used += text.len();
            self.note_texts.insert(self.object.1, text);
        } else {
            self.other(text);
        }
    }

    fn note(&mut self, body: &[u8]) {
        let (Some(row), Some(column), Some(id)) = (u16(body, 0), u16(body, 2), u16(body, 6)) else { return };
        if self.globals.wide {
            let author = self.globals.long_string(vec![body.get(8..).unwrap_or_default()]);
            self.notes.push((row, column, id, author));
        } else {
            let text = self.globals.long_string(vec![body.get(4..).unwrap_or_default()]);
            self.other(text);
        }
    }

    fn image(&mut self, body: &[u8]) {
        let data = body.get(8..).unwrap_or_default();
        match u16(body, 0) {
            Some(9) => {
                let file = dib::bmp(data).unwrap_or_else(|| data.to_vec());
                self.pictures.push((Content::Bytes(file), "bmp"));
            }
            Some(2) => self.pictures.push((Content::Bytes(data.to_vec()), "wmf")),
            _ => self.pictures.push((Content::Bytes(data.to_vec()), "bin")),
        }
    }

    fn done(mut self) -> Sheet {
        let (mut text, mut rows) = (String::new(), Vec::new());
        let add = |text: &mut String, line: &str| {
            if !line.trim().is_empty() {
                *text += line.trim_end();
                text.push('\n');
            }
        };
        self.heads.iter().for_each(|head| add(&mut text, head));
        self.cells.sort_by_key(|(row, column, _)| (*row, *column));
        for row in self.cells.chunk_by(|one, next| one.0 == next.0) {
            let cells = row.iter().map(|cell| cell.2.as_str()).collect::<Vec<_>>().join("\t");
            let (start, first, last) = (text.len(), &row[0], &row[row.len() - 1]);
            add(&mut text, &cells.replace('\0', ""));
            let columns = (u32::from(first.1) + 1, u32::from(last.1) + 1);
            rows.extend(Row::of(start..text.len(), u32::from(first.0) + 1, columns));
            // The row stays one; what its zeros part stands below it.
            add(&mut text, &zeros::parted(&cells));
        }
        let mut line = |line: &str| add(&mut text, line);
        self.others.iter().for_each(|other| line(&other.replace('\r', "\n")));
        for (row, column, id, author) in &self.notes {
            let place = address((u32::from(*column) + 1, u32::from(*row) + 1));
            let note = self.note_texts.remove(id).unwrap_or_default();
            line(&format!("comment {place} ({author}): {note}"));
        }
        self.note_texts.values().for_each(|note| line(note));
        self.feet.iter().for_each(|foot| line(foot));
        let hidden = |one: &&str| !self.cells.iter().any(|cell| cell.2 == *one);
        let formulas = self.formulas.lines().filter(hidden).flat_map(|one| [one, "\n"]).collect();
        Sheet { text, rows, formulas, pictures: self.pictures }
    }
}

/// Whether nothing but zeros stands where a string should be: an empty one is its length, its flags, and no more.
fn is_blank(string: &[u8]) -> bool {
    string.len() > 4 && string.iter().all(|byte| *byte == 0)
}

/// A header or footer without its codes; its three sections are lines.
fn framed(raw: &str, sheet: &str) -> String {
    let mut text = String::new();
    let mut rest = raw.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '&' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('&') => text.push('&'),
            Some('L' | 'C' | 'R') => text.push('\n'),
            Some('A') => text += sheet,
            // A font by name and style.
            Some('"') => while rest.next().is_some_and(|c| c != '"') {},
            Some('K') => (0..6).for_each(|_| {
                rest.next_if(|c| c.is_ascii_hexdigit() || matches!(c, '+' | '-'));
            }),
            Some('0'..='9') => while rest.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_headers_are_no_text() {
        assert_eq!(framed("&L&\"SimSun,Bold\"&12机密&CPage &P&R&A", "Budget"), "机密\nPage \nBudget");
        assert_eq!(address((1, 1)) + &address((28, 10)), "A1AB10");
    }
}
