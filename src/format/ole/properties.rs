//! Properties of documents in compound files (title, author, labels of the house): texts only.

use std::cell::Cell;

use crate::finding::{Fault, FaultReason};
use crate::format::codepage;
use crate::format::text::Part;
use crate::format::zeros::{self, is_zeroed};

use super::bytes::{part, size, u16, u32, units};
use super::compound::{Compound, ROOT};

/// Streams of properties.
const STREAMS: [&str; 2] = ["\u{5}SummaryInformation", "\u{5}DocumentSummaryInformation"];

/// Properties of the summary that a person writes.
const SUMMARY: &[(u32, &str)] =
    &[(2, "title"), (3, "subject"), (4, "author"), (5, "keywords"), (6, "comments"), (8, "last author")];

/// Properties of the second summary that a person writes.
const SECOND: &[(u32, &str)] =
    &[(2, "category"), (14, "manager"), (15, "company"), (26, "content type"), (27, "status")];

/// Properties of one set that are looked at.
const MOST: usize = 4096;

/// Sets of one stream that are looked at; there are two at most.
const SETS: usize = 4;

/// First bytes of the identifier of the summary, of the second one; all others are the house's own.
const KNOWN: [(u32, &[(u32, &str)]); 2] = [(0xf29f_85e0, SUMMARY), (0xd5cd_d502, SECOND)];

/// What every stream of properties begins with.
const BEGIN: &[u8] = b"\xfe\xff";

/// What was seen on the way through properties.
#[derive(Default)]
struct Seen {
    /// There are more than are looked at.
    cut: Cell<bool>,
    /// Zeros stand for some of them.
    zeroed: Cell<bool>,
}

impl Seen {
    fn zeros(&self, zeroed: bool) {
        self.zeroed.set(self.zeroed.get() || zeroed);
    }
}

/// The properties of a compound file as a page; that there are more than are looked at, or zeros in place of some, is a fault.
pub(super) fn part_of(file: &Compound, faults: &mut Vec<Fault>) -> Part {
    let streams = file.children(ROOT).filter(|id| {
        let entry = file.entry(*id);
        !entry.storage && STREAMS.iter().any(|name| name.eq_ignore_ascii_case(&entry.name))
    });
    let seen = Seen::default();
    let text = streams.flat_map(|id| lines(&file.read(id).0, &seen)).collect();
    if seen.zeroed.get() {
        faults.push(Fault::whole(FaultReason::Damaged, "properties of the document were zeroed"));
    }
    if seen.cut.get() {
        let detail = format!("more than {SETS} sets of properties, or {MOST} in one, and the rest is not looked at");
        faults.push(Fault::whole(FaultReason::Limit, detail));
    }
    Part { label: Some("properties".to_owned()), text }
}

/// The lines of a stream of properties.
fn lines(stream: &[u8], seen: &Seen) -> Vec<String> {
    seen.zeros(!stream.is_empty() && !stream.starts_with(BEGIN));
    let count = bounded(size(stream, 24), stream.len() / 20, SETS, seen);
    let set = |index: usize| {
        let at = 28 + index * 20;
        let known = u32(stream, at).and_then(|id| KNOWN.iter().find(|known| known.0 == id)).map(|known| known.1);
        let set = stream.get(size(stream, at + 16)?..)?;
        // Each set has an identifier, and a length.
        seen.zeros(u32(stream, at)? == 0 || size(set, 0)? == 0);
        Some(set_lines(set, known, seen))
    };
    (0..count).filter_map(set).flatten().collect()
}

/// A number of things that there is room for, at most `most`; that there are more is noted.
fn bounded(count: Option<usize>, room: usize, most: usize, seen: &Seen) -> usize {
    let count = count.unwrap_or_default().min(room);
    seen.cut.set(seen.cut.get() || count > most);
    count.min(most)
}

/// The lines of a set; of an unknown one, everything that has a name.
fn set_lines(set: &[u8], known: Option<&[(u32, &str)]>, seen: &Seen) -> Vec<String> {
    let count = bounded(size(set, 4), set.len() / 8, MOST, seen);
    let entries: Vec<(u32, usize)> =
        (0..count).filter_map(|index| Some((u32(set, 8 + index * 8)?, size(set, 12 + index * 8)?))).collect();
    // No value stands at the place of the set itself.
    seen.zeros(entries.iter().any(|(_, at)| *at == 0));
    let at = |wanted: u32| entries.iter().find(|(id, _)| *id == wanted).map(|(_, at)| *at);
    let page = at(1).and_then(|at| u16(set, at.checked_add(4)?)).map_or(1252, u32::from);
    let names = at(0).filter(|_| known.is_none()).map(|at| dictionary(set, at, page, seen)).unwrap_or_default();
    let name = |id: u32| match known {
        Some(known) => known.iter().find(|known| known.0 == id).map(|known| known.1.to_owned()),
        None => names.iter().find(|name| name.0 == id).map(|name| name.1.clone()),
    };
    let line = |(id, at): &(u32, usize)| {
        let value = value(set, *at, page, seen)?;
        // A list of texts is one line.
        let value = zeros::passed_over_in(value);
        let value = value.trim();
        (!value.is_empty()).then(|| name(*id).map(|name| zeros::passed_over_in(format!("{name}: {value}\n"))))?
    };
    entries.iter().filter(|(id, _)| *id > 1).filter_map(line).collect()
}

/// The names of a house's own properties.
fn dictionary(set: &[u8], at: usize, page: u32, seen: &Seen) -> Vec<(u32, String)> {
    let count = bounded(size(set, at), set.len() / 8, MOST, seen);
    let mut at = at.saturating_add(4);
    let mut names = Vec::new();
    for _ in 0..count {
        let (Some(id), Some(length)) = (u32(set, at), size(set, at.saturating_add(4))) else { break };
        let bytes = if page == codepage::UTF_16 { length.saturating_mul(2) } else { length };
        let name = part(set, at.saturating_add(8), bytes);
        names.push((id, text(name, page)));
        // Names of wide characters begin at multiples of four.
        let padded = if page == codepage::UTF_16 { bytes.div_ceil(4).saturating_mul(4) } else { bytes };
        at = at.saturating_add(8).saturating_add(padded);
    }
    names
}

/// What a property says, if it is a text or a number.
fn value(set: &[u8], at: usize, page: u32, seen: &Seen) -> Option<String> {
    let kind = u16(set, at)?;
    let body = at.checked_add(4)?;
    let narrow_bytes = |at: usize| Some(part(set, at.checked_add(4)?, size(set, at)?));
    let wide_bytes = |at: usize| Some(part(set, at.checked_add(4)?, size(set, at)?.checked_mul(2)?));
    let string = |at: usize| Some(text(narrow_bytes(at)?, page));
    let wide = |at: usize| Some(wide_text(wide_bytes(at)?));
    // The texts of a list are filled up in more than one way, and zeros between them say nothing.
    match kind {
        0x1e | 8 => {
            let bytes = narrow_bytes(body)?;
            seen.zeros(if page == codepage::UTF_16 { is_zeroed(&units(bytes)) } else { is_zeroed(bytes) });
            string(body)
        }
        0x1f => {
            seen.zeros(is_zeroed(&units(wide_bytes(body)?)));
            wide(body)
        }
        2 => u16(set, body).map(|value| value.to_string()),
        3 => u32(set, body).map(|value| value.to_string()),
        0x101e | 0x101f => {
            let mut at = body.checked_add(4)?;
            let mut all = Vec::new();
            for _ in 0..bounded(size(set, body), set.len() / 4, MOST, seen) {
                let Some(length) = size(set, at) else { break };
                all.extend(if kind == 0x101e { string(at) } else { wide(at) });
                let bytes = if kind == 0x101e { length } else { length.saturating_mul(2) };
                at = at.saturating_add(4).saturating_add(bytes.div_ceil(4).saturating_mul(4));
            }
            Some(all.join(", "))
        }
        _ => None,
    }
}

/// A text or a name, with the zeros inside of it.
fn text(bytes: &[u8], page: u32) -> String {
    // What stands behind a zero counts: the length of the text says where it ends.
    let text = if page == codepage::UTF_16 { wide_text(bytes) } else { codepage::with_zeros(bytes, page) };
    text.trim_matches('\0').to_owned()
}

fn wide_text(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&units(bytes)).trim_matches('\0').to_owned()
}

/// A stream of one set of texts, in Chinese (936): the summary, or the house's own with names.
#[cfg(test)]
pub(super) fn made(own: bool, texts: &[(&str, u32, &str)]) -> Vec<u8> {
    let encode = |text: &str| [encoding_rs::GBK.encode(text).0.as_ref(), b"\0"].concat();
    let number = |n: usize| u32::try_from(n).expect("short").to_le_bytes();
    let sized = |text: &str| [number(encode(text).len()).to_vec(), encode(text)].concat();
    let mut values = vec![(1_u32, [&2_u32.to_le_bytes(), 936_u32.to_le_bytes().as_slice()].concat())];
    if own {
        let name = |(name, id, _): &(&str, u32, &str)| [id.to_le_bytes().to_vec(), sized(name)].concat();
        values.push((0, [number(texts.len()).to_vec(), texts.iter().flat_map(name).collect()].concat()));
    }
    values.extend(texts.iter().map(|(_, id, text)| (*id, [0x1e_u32.to_le_bytes().to_vec(), sized(text)].concat())));
    let mut at = 8 + values.len() * 8;
    let (mut table, mut body) = (Vec::new(), Vec::new());
    for (id, value) in values {
        table.extend([id.to_le_bytes(), number(at)].concat());
        at += value.len();
        body.extend(value);
    }
    let count = number(table.len() / 8);
    let id = if own { 0xd5cd_d505_u32 } else { 0xf29f_85e0 };
    let head =
        [&[0xfe, 0xff, 0, 0], [0; 20].as_slice(), &1_u32.to_le_bytes(), &id.to_le_bytes(), &[0; 12], &number(48)];
    [head.concat(), number(at).to_vec(), count.to_vec(), table, body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ole::object::compound;

    #[test]
    fn a_title_and_a_label_of_the_house_are_read_in_their_code_page() {
        let summary = made(false, &[("", 2, "关于机密文件"), ("", 9, "12")]);
        let own = made(true, &[("MSIP_Label_Name", 2, "绝密")]);
        let file = compound(&[(STREAMS[0], summary.as_slice()), (STREAMS[1], &own)]);
        let part = part_of(&Compound::of(file).expect("opens"), &mut Vec::new());
        assert_eq!(part.text, "title: 关于机密文件\nMSIP_Label_Name: 绝密\n");
    }

    #[test]
    fn what_stands_behind_a_zero_in_a_title_is_read() {
        let read = |kind: u8, text: &[u8], count: u8| {
            let mut stream = made(false, &[("", 2, &"x".repeat(text.len() - 1))]);
            let at = memchr::memmem::find(&stream, b"xxx").expect("there");
            stream[at..at + text.len()].copy_from_slice(text);
            (stream[at - 8], stream[at - 4]) = (kind, count);
            let mut faults = Vec::new();
            let file = compound(&[(STREAMS[0], stream.as_slice())]);
            let text = part_of(&Compound::of(file).expect("opens"), &mut faults).text;
            (text, faults)
        };
        let title = "Plan\0TOP SECRET//NOFORN\0\0";
        let expected = ("title: PlanTOP SECRET//NOFORN\nPlan TOP SECRET//NOFORN\n".to_owned(), vec![]);
        let count = u8::try_from(title.len()).expect("short");
        assert_eq!(read(0x1e, title.as_bytes(), count), expected);
        let wide: Vec<u8> = title.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(0x1f, &wide, count), expected);
    }

    #[test]
    fn a_zero_in_a_list_of_texts_or_in_a_name_does_not_cut_the_line() {
        let read = |own: bool, name: &str| {
            let mut stream = made(own, &[(name, 2, &"x".repeat(40))]);
            let at = memchr::memmem::find(&stream, b"xxx").expect("there");
            let list = [b"\x02\0\0\0\x0c\0\0\0TOP SEC\0RET\0\x07\0\0\0offers\0".as_slice(), &[0; 1]].concat();
            (stream[at - 8], stream[at - 7]) = (0x1e, 0x10);
            stream[at - 4..at - 4 + list.len()].copy_from_slice(&list);
            let file = compound(&[(STREAMS[0], stream.as_slice())]);
            part_of(&Compound::of(file).expect("opens"), &mut Vec::new()).text
        };
        assert_eq!(read(false, ""), "title: TOP SECRET, offers\nTOP SEC RET, offers\n");
        assert_eq!(
            read(true, "house\0label"),
            "houselabel: TOP SECRET, offers\nhouse label: TOP SECRET, offers\nTOP SEC RET, offers\n"
        );
    }

    #[test]
    fn properties_that_were_zeroed_are_a_fault() {
        let faults = |stream: &[u8]| {
            let mut faults = Vec::new();
            part_of(&Compound::of(compound(&[(STREAMS[0], stream)])).expect("opens"), &mut faults);
            faults.into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
        };
        let whole = made(false, &[("", 2, "关于机密文件"), ("", 9, "12")]);
        assert_eq!(faults(&whole), []);
        let text = encoding_rs::GBK.encode("关于机密文件").0;
        let at = memchr::memmem::find(&whole, &text).expect("there");
        // The stream, the identifier of the set, the set, its list, a text, and the end of a text.
        for zeroed in [0..whole.len(), 28..44, 48..whole.len(), 56..80, at..at + text.len(), at + 4..at + 12] {
            let mut zeros = whole.clone();
            zeros[zeroed.clone()].fill(0);
            assert_eq!(faults(&zeros), [FaultReason::Damaged], "{zeroed:?}");
        }
    }

    #[test]
    fn more_properties_than_are_looked_at_are_a_fault() {
        let many = |count: usize| {
            let stream = made(false, &vec![("", 9, "x"); count]);
            let mut faults = Vec::new();
            part_of(&Compound::of(compound(&[(STREAMS[0], stream.as_slice())])).expect("opens"), &mut faults);
            faults.len()
        };
        assert_eq!((many(MOST - 1), many(MOST)), (0, 1));
    }
}
