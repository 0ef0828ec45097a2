//! Parts of binary workbooks, which are records and not XML.
//!
//! Cells, strings and styles are read by their records. All others are searched for texts: every text of a record is a length
//! and so many UTF-16 units, whatever the record is about.

use std::io::{BufReader, Read};

use super::super::flow::Flow;
use super::super::gather::Gather;
use super::cells::Reading;
use super::numbers::Formats;
use super::{List, Sheet};
use crate::finding::{Fault, FaultReason};
use crate::format::package::has_extension;

/// Bytes of a record: one holds a text of at most 32,767 characters, or a formula.
const RECORD: usize = 1 << 20;

/// Units of a text.
const UNITS: usize = 32_767;

/// Units that may be looked at for each byte of a record, so that a made one does not take a day.
const LOOKS: usize = 64;

/// Whether a part is made of records.
pub(in crate::format::ooxml) fn is_binary(part: &str) -> bool {
    has_extension(part, "bin")
}

/// Reads the records of a part.
fn records(gather: &mut Gather<'_>, part: &str, mut each: impl FnMut(u16, &[u8]) -> Result<(), Fault>) {
    gather.saw(part);
    let read = gather.package.stream(part, |bytes| {
        let mut bytes = BufReader::with_capacity(1 << 15, bytes);
        let mut record = Vec::new();
        while let Some((kind, length)) = head(&mut bytes, part)? {
            record.clear();
            if length > RECORD {
                return Err(damaged(part));
            }
            let read = bytes.by_ref().take(length as u64).read_to_end(&mut record).map_err(|_| damaged(part))?;
            if read < length {
                return Err(damaged(part));
            }
            each(kind, &record)?;
        }
        Ok(())
    });
    match read {
        Some(Err(fault)) => gather.fault(fault),
        None => gather.fault(Fault::whole(FaultReason::Damaged, format!("part {} is missing", part.escape_debug()))),
        Some(Ok(())) => {}
    }
}

fn damaged(part: &str) -> Fault {
    Fault::whole(FaultReason::Damaged, format!("part {} is damaged", part.escape_debug()))
}

/// What the next record is, and its bytes; none at the end.
fn head(bytes: &mut impl Read, part: &str) -> Result<Option<(u16, usize)>, Fault> {
    let mut next = || -> Result<Option<u8>, Fault> {
        let mut byte = [0];
        let read = bytes.read(&mut byte).map_err(|_| damaged(part))?;
        Ok((read == 1).then_some(byte[0]))
    };
    let Some(first) = next()? else { return Ok(None) };
    let mut kind = u16::from(first & 0x7f);
    if first & 0x80 != 0 {
        kind |= u16::from(next()?.ok_or_else(|| damaged(part))? & 0x7f) << 7;
    }
    let mut length = 0_usize;
    for shift in [0, 7, 14, 21] {
        let byte = next()?.ok_or_else(|| damaged(part))?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(Some((kind, length)))
}

fn long(record: &[u8], at: usize) -> Option<u32> {
    record.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn short(record: &[u8], at: usize) -> u32 {
    record.get(at..at + 2).map_or(0, |b| u32::from(u16::from_le_bytes([b[0], b[1]])))
}

/// The text at a place of a record, and where it ends.
fn wide(record: &[u8], at: usize) -> Option<(String, usize)> {
    let units = usize::try_from(long(record, at)?).ok().filter(|units| *units <= RECORD)?;
    let end = at + 4 + 2 * units;
    let pairs = record.get(at + 4..end)?.chunks_exact(2);
    let units = pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some((char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect(), end))
}

/// All texts of a record; false if it is made to take too long.
fn words(record: &[u8], flow: &mut Flow) -> bool {
    let (mut at, mut looks) = (0, 0_usize);
    while at + 6 <= record.len() {
        let units =
            long(record, at).and_then(|units| usize::try_from(units).ok()).filter(|units| (2..=UNITS).contains(units));
        let bytes = units.and_then(|units| record.get(at + 4..at + 4 + 2 * units));
        let Some(bytes) = bytes else {
            at += 1;
            continue;
        };
        let pairs = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: Option<String> = char::decode_utf16(pairs)
            .map(|unit| {
                looks += 1;
                unit.ok().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
            })
            .collect();
        match text {
            Some(text) => {
                flow.line(&text.replace('\r', "\n"));
                at += 4 + bytes.len();
            }
            None => at += 1,
        }
        if looks > LOOKS.saturating_mul(record.len()) {
            return false;
        }
    }
    true
}

/// All texts of a part.
pub(in crate::format::ooxml) fn words_of(gather: &mut Gather<'_>, part: &str) -> String {
    let mut flow = gather.flow();
    records(gather, part, |_, record| if words(record, &mut flow) { Ok(()) } else { Err(damaged(part)) });
    if flow.is_over() {
        gather.full();
    }
    flow.take()
}

/// Sheets and names of a workbook.
pub(super) fn list(gather: &mut Gather<'_>, part: &str, list: &mut List) {
    records(gather, part, |kind, record| {
        match kind {
            // BrtWbProp
            153 => list.from_1904 = record.first().is_some_and(|flags| flags & 1 == 1),
            // BrtBundleSh
            156 if list.sheets.len() <= list.most_sheets => {
                let (id, end) = wide(record, 8).ok_or_else(|| damaged(part))?;
                let (name, _) = wide(record, end).ok_or_else(|| damaged(part))?;
                let state = match long(record, 0) {
                    Some(1) => Some("hidden".to_owned()),
                    Some(2) => Some("veryHidden".to_owned()),
                    _ => None,
                };
                list.sheets.push(Sheet { name, state, id });
            }
            _ if !words(record, &mut list.names) => return Err(damaged(part)),
            _ => {}
        }
        Ok(())
    });
}

/// Shared strings, one by one.
pub(super) fn strings(gather: &mut Gather<'_>, part: &str, mut each: impl FnMut(&str) -> Result<(), Fault>) {
    records(gather, part, |kind, record| match kind {
        // BrtSSTItem: flags before the text.
        19 => each(&wide(record, 1).ok_or_else(|| damaged(part))?.0),
        _ => Ok(()),
    });
}

/// Formats and styles.
pub(super) fn styles(gather: &mut Gather<'_>, part: &str, formats: &mut Formats) {
    let mut in_cells = false;
    records(gather, part, |kind, record| {
        match kind {
            // BrtFmt
            44 => formats.format(short(record, 0), &wide(record, 2).map(|(code, _)| code).unwrap_or_default()),
            // BrtXF, between BrtBeginCellXFs and its end.
            47 if in_cells => formats.style(short(record, 2)),
            617 => in_cells = true,
            618 => in_cells = false,
            _ => {}
        }
        Ok(())
    });
}

/// Cells of a sheet, its headers and footers, and whatever else it says.
pub(super) fn cells(gather: &mut Gather<'_>, part: &str, sheet: &mut Reading<'_>) {
    let mut about = gather.flow();
    let mut row = 0;
    records(gather, part, |kind, record| {
        if (1..=11).contains(&kind) || kind == 62 {
            sheet.go(long(record, 0).unwrap_or_default().saturating_add(1), row);
        }
        let style = long(record, 4).and_then(|style| usize::try_from(style & 0x00ff_ffff).ok());
        let text = |at| wide(record, at).map(|(text, _)| text).ok_or_else(|| damaged(part));
        match kind {
            // BrtRowHdr
            0 => {
                sheet.end_row();
                row = long(record, 0).unwrap_or_default().saturating_add(1);
            }
            // BrtCellBlank, and errors.
            1 | 3 | 11 => {}
            2 => sheet.put_number(&rk(long(record, 8).unwrap_or_default()), style),
            4 | 10 => sheet.put(if record.get(8).is_some_and(|value| *value != 0) { "TRUE" } else { "FALSE" }),
            5 | 9 => {
                let bits =
                    long(record, 8).zip(long(record, 12)).map(|(low, high)| u64::from(low) | u64::from(high) << 32);
                sheet.put_number(&f64::from_bits(bits.unwrap_or_default()).to_string(), style);
            }
            6 | 8 => sheet.put_text(&text(8)?, style),
            7 => {
                let index = long(record, 8).and_then(|index| usize::try_from(index).ok());
                sheet.put_shared(index.unwrap_or(usize::MAX), style);
            }
            // BrtCellRString: flags before the text.
            62 => sheet.put_text(&text(9)?, style),
            // BrtBeginHeaderFooter: switches, then header and footer of odd, even and first pages.
            479 => {
                let mut at = 2;
                for header in [true, false, true, false, true, false] {
                    let Some((text, end)) = wide(record, at) else {
                        // A missing one is a length that no text has.
                        at += 4;
                        continue;
                    };
                    sheet.story(header, &text);
                    at = end;
                }
            }
            _ if !words(record, &mut about) => return Err(damaged(part)),
            _ => {}
        }
        Ok(())
    });
    sheet.end_row();
    sheet.over |= about.is_over();
    // Relations have names too.
    let is_relation =
        |line: &str| line.strip_prefix("rId").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    about.take().lines().filter(|line| !is_relation(line)).for_each(|line| sheet.keep(line));
}

/// A number packed into four bytes.
fn rk(packed: u32) -> String {
    let number = match packed & 2 {
        0 => f64::from_bits(u64::from(packed & !3) << 32),
        _ => f64::from(packed.cast_signed() >> 2),
    };
    (if packed & 1 == 1 { number / 100.0 } else { number }).to_string()
}

#[cfg(test)]
#[allow(clippy::large_stack_arrays, reason = "fixtures are small and made here")]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_are_unpacked() {
        assert_eq!(rk(0x3ff0_0000), "1");
        assert_eq!(rk(1234 << 2 | 3), "12.34");
        assert_eq!(rk((-5_i32 << 2).cast_unsigned() | 2), "-5");
    }

    #[test]
    fn texts_are_found_wherever_they_stand_in_a_record() {
        let text = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [&u32::try_from(units.len() / 2).expect("short").to_le_bytes(), units.as_slice()].concat()
        };
        let record = [&[7, 0, 1, 255], text("机密 words").as_slice(), &[0, 0, 3], &text("more")].concat();
        let mut flow = Flow::new(1000);
        assert!(words(&record, &mut flow));
        assert_eq!(flow.take(), "机密 words\nmore");
        let made = [&32_000_u32.to_le_bytes()[..], &[1; 200_000]].concat();
        assert!(words(&made, &mut Flow::new(1000)));
    }
}
