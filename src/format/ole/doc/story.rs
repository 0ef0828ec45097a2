//! Stories as text: pages of the body with their headers and footers, control characters made what they mean.

use std::ops::Range;

use crate::document::DELETED;
use crate::format::field;
use crate::format::framed::Frame;
use crate::format::text::Part;

use super::super::bytes::size;
use super::fib::{Characters, Fib, Story};

/// Stories of a section: even and odd header, even and odd footer, header and footer of the first page.
const PER_SECTION: usize = 6;

/// Sections whose headers are told apart.
const SECTIONS: usize = 20_000;

/// Stories before those of sections: separators of notes.
const SEPARATORS: usize = 6;

/// The text of a range of characters.
pub(super) fn text(characters: &Characters, range: Range<usize>) -> String {
    match characters {
        Characters::Narrow(bytes, encoding) => {
            let end = range.end.min(bytes.len());
            let bytes = &bytes[range.start.min(end)..end];
            plain(&encoding.decode_without_bom_handling(bytes).0)
        }
        Characters::Wide(units, deleted) => {
            let end = range.end.min(units.len());
            let begin = range.start.min(end);
            let mut raw = String::new();
            let mut at = begin;
            let first = deleted.partition_point(|range| range.end <= begin);
            for gone in deleted[first..].iter().take_while(|gone| gone.start < end) {
                let (from, to) = (gone.start.clamp(at, end), gone.end.clamp(at, end));
                raw += &String::from_utf16_lossy(&units[at..from]);
                if from < to {
                    raw += &marked(&String::from_utf16_lossy(&units[from..to]));
                }
                at = to;
            }
            raw += &String::from_utf16_lossy(&units[at..end]);
            plain(&raw)
        }
    }
}

/// Deleted text with its mark; ends of lines stay outside.
fn marked(text: &str) -> String {
    let inner = text.trim_matches(['\r', '\u{7}']);
    if inner.is_empty() {
        return text.to_owned();
    }
    text.replacen(inner, &format!("{DELETED}{inner}]"), 1)
}

/// A field that is open.
struct Field {
    /// Where its code begins in the text.
    begin: usize,
    /// Whether its result is being read.
    result: bool,
}

/// Text without control characters.
fn plain(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut fields: Vec<Field> = Vec::new();
    let mut characters = raw.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\u{13}' => fields.push(Field { begin: text.len(), result: false }),
            '\u{14}' => {
                if let Some(field) = fields.last_mut().filter(|field| !field.result) {
                    field.result = true;
                    drop_code(&mut text, field.begin);
                }
            }
            '\u{15}' => {
                if let Some(field) = fields.pop().filter(|field| !field.result) {
                    drop_code(&mut text, field.begin);
                }
            }
            // The end of a row is a mark of its own behind that of its last cell.
            '\u{7}' if characters.peek() == Some(&'\u{7}') => {
                characters.next();
                text.push('\n');
            }
            '\u{7}' => text.push('\t'),
            '\r' | '\u{b}' | '\u{e}' => text.push('\n'),
            '\u{1e}' => text.push('-'),
            '\u{c}' | '\t' | '\n' => text.push(c),
            '\u{1f}' => {}
            c if c < ' ' => {}
            c => text.push(c),
        }
    }
    text
}

/// Drops the code of a field, but for the address of a link.
fn drop_code(text: &mut String, begin: usize) {
    let code = text.split_off(begin.min(text.len()));
    *text += &field::links(&code);
}

/// The pages of the body. `drawn` are texts of shapes, which may stand in a header.
pub(super) fn pages(fib: &Fib, characters: &Characters, table: &[u8], drawn: &[String], limit: usize) -> Vec<Part> {
    let frames = frames(fib, characters, table);
    let main = fib.range(Story::Main);
    let boxes = text(characters, fib.range(Story::HeaderBoxes));
    let mut ends: Vec<usize> = plcf(fib.place(6, table), 12).skip(1).filter(|end| *end < main.end).collect();
    ends.push(main.end);
    let mut pages = Vec::new();
    let (mut begin, mut used) = (0, 0_usize);
    for (index, end) in ends.into_iter().enumerate() {
        let frame = frames.get(index).or(frames.last()).cloned().unwrap_or_default();
        let body = text(characters, begin..end.max(begin));
        begin = end.max(begin);
        for (number, page) in body.trim_end_matches('\u{c}').split('\u{c}').enumerate() {
            if number > 0 && page.trim().is_empty() {
                continue;
            }
            let mut text = String::new();
            if number == 0 && index == 0 {
                let lead = drawn.iter().map(String::as_str).chain([boxes.as_str()]);
                text.extend(lead.filter(|lead| !lead.trim().is_empty()).map(|lead| format!("{}\n", lead.trim_end())));
            }
            text += &frame.around(page, number == 0);
            used = used.saturating_add(text.len());
            pages.push(Part { label: None, text });
            // Headers repeat, so pages may hold more than the document; the text over the limit is a fault already.
            if used > limit {
                return pages;
            }
        }
    }
    pages
}

/// Headers and footers by section. One that is empty is that of the section before.
fn frames(fib: &Fib, characters: &Characters, table: &[u8]) -> Vec<Frame> {
    let range = fib.range(Story::Headers);
    let mut places: Vec<usize> = plcf(fib.place(11, table), 0).take(SEPARATORS + 2 + PER_SECTION * SECTIONS).collect();
    // No character belongs to two headers.
    places.dedup_by(|next, last| {
        *next = (*next).max(*last);
        false
    });
    if places.len() < SEPARATORS + 2 {
        // Without a table (Word 6), all of it heads the document.
        return vec![Frame { head: text(characters, range), ..Frame::default() }];
    }
    let story = |index: usize| {
        let (Some(begin), Some(end)) = (places.get(index), places.get(index + 1)) else { return String::new() };
        let at = |place: usize| range.start.saturating_add(place).min(range.end);
        text(characters, at(*begin)..at((*end).max(*begin)))
    };
    let sections = (places.len() - 1 - SEPARATORS).div_ceil(PER_SECTION);
    let mut frames: Vec<Frame> = Vec::new();
    for section in 0..sections {
        let own = |kind: usize| story(SEPARATORS + section * PER_SECTION + kind);
        let both = |odd: String, even: String| if odd == even { odd } else { odd + &even };
        let (head, foot) = (both(own(1), own(0)), both(own(3), own(2)));
        let mut frame = Frame { first_head: own(4), head, foot, first_foot: own(5) };
        if let Some(before) = frames.last() {
            frame.inherit(before);
        }
        frames.push(frame);
    }
    frames
}

/// Headers and footers of sections beyond those that are told apart, and whatever their table says nothing of: a table that was
/// zeroed hides none.
pub(super) fn further(fib: &Fib, characters: &Characters, table: &[u8]) -> String {
    let range = fib.range(Story::Headers);
    let (mut count, mut begin) = (0, 0);
    for place in plcf(fib.place(11, table), 0).take(SEPARATORS + 2 + PER_SECTION * SECTIONS) {
        (count, begin) = (count + 1, place.max(begin));
    }
    // Without a table, all of them head the document.
    if count < SEPARATORS + 2 {
        return String::new();
    }
    text(characters, range.start.saturating_add(begin).min(range.end)..range.end)
}

/// The places in a table of places with `bytes` of data for each.
fn plcf(table: &[u8], bytes: usize) -> impl Iterator<Item = usize> + '_ {
    let count = table.len().saturating_sub(4) / (4 + bytes);
    (0..=count).filter_map(|index| size(table, 4 * index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_fields_go_and_addresses_and_results_stay() {
        assert_eq!(plain("a \u{13} PAGE \u{14}3\u{15} b"), "a 3 b");
        assert_eq!(plain("\u{13} HYPERLINK \"http://x/y\" \u{14}here\u{15}"), "<http://x/y> here");
        assert_eq!(plain("\u{13}IF \u{13} A \u{14}1\u{15} \u{14}yes\u{15}!"), "yes!");
        assert_eq!(plain("one\u{7}two\u{7}\u{7}three\r"), "one\ttwo\nthree\n");
    }
}
