//! A second chance for a PDF that PDFium refuses: its objects are looked for, and a cross-reference table is written anew.
//!
//! A file that was cut short has lost its table, which stands at the end (ISO 32000-1, 7.5.4), and often the root of its pages
//! with it. The objects before the cut are whole. They are found by their headings (`12 0 obj`), also inside object streams
//! (7.5.7); what is missing between the root and the pages is made up. What comes of it is never complete coverage.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use flate2::read::ZlibDecoder;
use memchr::memmem;

/// Most bytes of an object that are looked at for its type.
const LOOK: usize = 4096;
/// Most objects that are kept: each takes a line of the new table.
const OBJECTS: usize = 2_000_000;

/// Where an object stands in the repaired file.
type Table = BTreeMap<u32, usize>;

/// A file that was put together again.
pub(super) struct Repaired {
    pub(super) bytes: Vec<u8>,
    /// More could be found in it than the limit allows.
    pub(super) cut: bool,
}

/// The file with a new table behind it; none if no page can be found in it. Object streams add at most `limit` bytes, and
/// unpack to as many.
pub(super) fn repaired(file: &[u8], limit: usize) -> Option<Repaired> {
    // Places count from the header; what stands before it is no part of the document.
    let start = memmem::find(&file[..file.len().min(1024)], b"%PDF-")?;
    let file = &file[start..];
    if is_encrypted(file) {
        // The key to it was in the trailer.
        return None;
    }
    let mut out = file.to_vec();
    out.push(b'\n');
    let mut table = headings(file);
    let whole = unpack_streams(file, &mut table, &mut out, limit);
    let cut = !whole || table.len() >= OBJECTS;
    let root = root(&mut table, &mut out)?;
    finish(&table, root, &mut out);
    Some(Repaired { bytes: out, cut })
}

/// Whether a dictionary of it names an encryption (ISO 32000-1, 7.6).
pub(super) fn is_encrypted(file: &[u8]) -> bool {
    // `/Encrypt 12 0 R` or `/Encrypt <<`, and not `/EncryptMetadata`.
    memmem::find_iter(file, b"/Encrypt").any(|place| {
        let value = file[place + b"/Encrypt".len()..].trim_ascii_start();
        value.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'<')
    })
}

/// Every `number generation obj`, the last of each number: later revisions stand behind earlier ones.
fn headings(file: &[u8]) -> Table {
    let mut table = Table::new();
    for place in memmem::find_iter(file, b"obj") {
        if let Some((number, begin)) = heading(file, place)
            && (table.len() < OBJECTS || table.contains_key(&number))
        {
            table.insert(number, begin);
        }
    }
    table
}

/// The number of the object whose word `obj` stands at `place`, and where its heading begins.
fn heading(file: &[u8], place: usize) -> Option<(u32, usize)> {
    let (_, before) = integer_before(file, blank_before(file, place)?)?;
    let (number, begin) = integer_before(file, blank_before(file, before)?)?;
    (number > 0).then_some((number, begin))
}

/// Where the blanks before `end` begin; none if there are none.
fn blank_before(file: &[u8], end: usize) -> Option<usize> {
    let blanks = file[..end].iter().rev().take(16).take_while(|byte| byte.is_ascii_whitespace()).count();
    (blanks > 0).then(|| end - blanks)
}

/// The integer that ends at `end`, and where it begins.
fn integer_before(file: &[u8], end: usize) -> Option<(u32, usize)> {
    let digits = file[..end].iter().rev().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let begin = end - digits;
    let number = std::str::from_utf8(&file[begin..end]).ok()?.parse().ok()?;
    Some((number, begin))
}

/// The beginning of an object, up to its stream or its end.
fn head(file: &[u8], place: usize) -> &[u8] {
    let head = &file[place..file.len().min(place.saturating_add(LOOK))];
    let end = ["endobj", "stream"].iter().filter_map(|word| memmem::find(head, word.as_bytes())).min();
    &head[..end.unwrap_or(head.len())]
}

/// Whether a dictionary is of a type (`/Type /Page`).
fn is_type(head: &[u8], name: &[u8]) -> bool {
    memmem::find_iter(head, b"/Type").any(|place| {
        let value = head[place + b"/Type".len()..].trim_ascii_start();
        let rest = value.strip_prefix(b"/").and_then(|value| value.strip_prefix(name));
        rest.is_some_and(|rest| rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric()))
    })
}

/// The integer behind a key of a dictionary.
fn integer(head: &[u8], key: &[u8]) -> Option<usize> {
    memmem::find_iter(head, key).find_map(|place| {
        // A longer key begins alike.
        let value = head[place + key.len()..].trim_ascii_start();
        let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(&value[..digits]).ok()?.parse().ok()
    })
}

/// Writes the objects that stand in object streams out behind the file, unless they also stand outside of one; false if there
/// was not enough room.
fn unpack_streams(file: &[u8], table: &mut Table, out: &mut Vec<u8>, limit: usize) -> bool {
    // What has their keys is one, whatever its type was damaged to.
    let keys = |place: usize| {
        let head = head(file, place);
        Some((place, integer(head, b"/N")?, integer(head, b"/First")?))
    };
    let mut places: Vec<usize> = table.values().copied().collect();
    places.sort_unstable();
    let (mut unpacked, mut added) = (limit, limit);
    for (index, place) in places.iter().enumerate() {
        let Some((place, number, first)) = keys(*place) else { continue };
        // A stream that lost its end goes no further than the next object.
        let end = places.get(index + 1).copied().unwrap_or(file.len());
        let head = head(file, place);
        let deflated = memmem::find(head, b"/FlateDecode").is_some();
        let Some(data) = stream(&file[..end], place + head.len(), deflated, unpacked) else { continue };
        unpacked -= data.len();
        for (number, body) in members(&data, number, first) {
            if table.len() < OBJECTS && !table.contains_key(&number) {
                let Some(left) = added.checked_sub(body.len()) else { return false };
                added = left;
                table.insert(number, out.len());
                out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
                out.extend_from_slice(&data[body]);
                out.extend_from_slice(b"\nendobj\n");
            }
        }
        if unpacked == 0 {
            return false;
        }
    }
    true
}

/// The data of the stream whose keyword stands at `place`, unpacked as far as it goes and as there is room.
fn stream(file: &[u8], place: usize, deflated: bool, room: usize) -> Option<Vec<u8>> {
    let data = file.get(place..)?.strip_prefix(b"stream")?;
    let data = data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n")).unwrap_or(data);
    let data = &data[..memmem::find(data, b"endstream").unwrap_or(data.len())];
    if !deflated {
        return Some(data[..data.len().min(room)].to_vec());
    }
    let mut unpacked = Vec::new();
    // What comes before the damage is kept.
    let _ = ZlibDecoder::new(data).take(room as u64).read_to_end(&mut unpacked);
    Some(unpacked)
}

/// Numbers and places of the objects in an object stream, those that are whole.
fn members(data: &[u8], number: usize, first: usize) -> Vec<(u32, Range<usize>)> {
    let index = data.get(..first).unwrap_or(data);
    let words = index.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let numbers: Vec<usize> = words.map_while(|word| std::str::from_utf8(word).ok()?.parse().ok()).collect();
    let mut pairs: Vec<(usize, usize)> =
        numbers.chunks_exact(2).take(number).map(|pair| (pair[0], first.saturating_add(pair[1]))).collect();
    // Places ascend (7.5.7); where they do not, one byte could be copied into any number of objects.
    let ascending = pairs.windows(2).take_while(|pair| pair[0].1 < pair[1].1).count();
    pairs.truncate(ascending + 1);
    let end = |index: usize| pairs.get(index + 1).map_or(data.len(), |next| next.1);
    let member = |(index, &(number, begin)): (usize, &(usize, usize))| {
        let range = begin..end(index);
        let whole = range.start < range.end && range.end <= data.len();
        Some((u32::try_from(number).ok()?, range)).filter(|_| whole)
    };
    pairs.iter().enumerate().filter_map(member).collect()
}

/// The number of a catalog that leads to pages: the document's own, or one that is made up.
fn root(table: &mut Table, out: &mut Vec<u8>) -> Option<u32> {
    let of = |name: &[u8]| -> Vec<u32> {
        let mut numbers: Vec<(usize, u32)> = table
            .iter()
            .filter(|(_, place)| is_type(head(out, **place), name))
            .map(|(number, place)| (*place, *number))
            .collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|(_, number)| number).collect()
    };
    let (catalogs, trees, pages) = (of(b"Catalog"), of(b"Pages"), of(b"Page"));
    let top = |number: &&u32| memmem::find(head(out, table[number]), b"/Parent").is_none();
    let tree = trees.iter().rev().find(top).copied();
    if let (Some(catalog), Some(_)) = (catalogs.last(), tree) {
        return Some(*catalog);
    }
    let mut next = table.last_key_value().map_or(1, |(number, _)| number.saturating_add(1));
    let mut write = |body: String| {
        let number = next;
        next = next.saturating_add(1);
        table.insert(number, out.len());
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
        number
    };
    let tree = match tree {
        Some(tree) => tree,
        None if pages.is_empty() => return None,
        None => {
            let kids: Vec<String> = pages.iter().map(|page| format!("{page} 0 R")).collect();
            write(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), kids.len()))
        }
    };
    Some(write(format!("<< /Type /Catalog /Pages {tree} 0 R >>")))
}

/// Writes the table and the trailer.
fn finish(table: &Table, root: u32, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, place) in table {
        out.extend_from_slice(format!("{number} 1\n{place:010} 00000 n \n").as_bytes());
    }
    let size = table.last_key_value().map_or(1, |(number, _)| u64::from(*number) + 1);
    let trailer = format!("trailer\n<< /Size {size} /Root {root} 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out.extend_from_slice(trailer.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Remark;
    use crate::finding::FaultReason;
    use crate::format::test_support::{fixture, open, settings};

    /// Text of the pages that can be read.
    fn text(file: &[u8]) -> Option<String> {
        let settings = settings();
        let document = open(file, &settings).ok()?;
        let layer = |number| Some(document.page(number).ok()?.layer().ok()?.text.content);
        Some((1..=document.page_count()).filter_map(layer).collect())
    }

    #[test]
    fn pages_before_the_place_where_a_file_was_cut_are_read_and_it_is_never_complete() {
        for name in ["gate/columns.pdf", "gate/object_streams.pdf"] {
            let whole = fixture(name);
            let cut = &whole[..whole.len() - 40];
            let settings = settings();
            let document = open(cut, &settings).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert_eq!((document.page_count(), document.remarks()), (1, vec![Remark::Repaired]), "{name}");
            assert!(document.faults().iter().any(|fault| fault.reason == FaultReason::Damaged), "{name}");
            drop(document);
            assert_eq!(text(cut), text(&whole), "{name}");
        }
    }

    #[test]
    fn a_page_without_a_way_to_it_gets_one() {
        let page = b"%PDF-1.4\n7 0 obj\n<< /Type /Page /MediaBox [0 0 99 99] >>\nendobj\n";
        let settings = settings();
        assert_eq!(open(page, &settings).expect("opens").page_count(), 1);
    }

    #[test]
    fn an_object_stream_whose_type_was_damaged_is_known_by_its_keys() {
        let pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>\n";
        let index = format!("2 0 3 {} ", pages.len());
        let objects = format!("{index}{pages}<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
        let keys = format!("/Name /X /N 2 /First {} /Length {}", index.len(), objects.len());
        let file = format!("%PDF-1.5\n1 0 obj\n<< /Type /Potato {keys} >>\nstream\n{objects}\nendstream\nendobj\n");
        assert_eq!(open(file.as_bytes(), &settings()).expect("opens").page_count(), 1);
    }

    #[test]
    fn what_holds_no_page_or_is_encrypted_is_not_repaired() {
        assert!(repaired(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj", 99).is_none());
        let page = b"%PDF-1.4\n1 0 obj\n<< /Type /Page >>\nendobj trailer << ";
        assert!(repaired(&[page.as_slice(), b"/EncryptMetadata true >>"].concat(), 99).is_some());
        assert!(repaired(&[page.as_slice(), b"/Encrypt 2 0 R >>"].concat(), 99).is_none());
        assert!(repaired(b"no PDF at all", 99).is_none());
    }

    #[test]
    fn an_object_stream_unpacks_to_no_more_than_the_limit() {
        let mut packed = Vec::new();
        let zeros = std::io::repeat(b' ').take(50 << 20);
        flate2::read::ZlibEncoder::new(zeros, flate2::Compression::fast()).read_to_end(&mut packed).expect("packed");
        let heading = b"%PDF-1.5\n1 0 obj\n<< /Type /ObjStm /N 9 /First 1 /Filter /FlateDecode >>\nstream\n";
        let page = b"\nendstream\nendobj\n2 0 obj\n<< /Type /Page >>\nendobj\n";
        let file = [heading.as_slice(), &packed, page].concat();
        let out = repaired(&file, 1 << 20).expect("a page");
        assert!(out.cut && out.bytes.len() < file.len() + (2 << 20), "{} bytes", out.bytes.len());
    }

    #[test]
    fn members_of_an_object_stream_share_no_bytes() {
        let index =
            (1..1000).map(|number| format!("{} 0 {} 9000 ", 2 * number, 2 * number + 1)).collect::<Vec<_>>().concat();
        let data = format!("{index}{}", " ".repeat(9000));
        assert!(members(data.as_bytes(), 2000, index.len()).len() <= 2);
    }
}
