//! What was deleted and is still there: pages that are free, and the room on pages that is (SQLite's file format, 1.5 and 1.6).
//!
//! Of a row that was deleted the first four bytes are lost, with the number of its columns at times; where its values cannot be told
//! apart, its text is. A database that was vacuumed, or that overwrites what it deletes, has nothing of the kind.

use super::record::{Value, text, values as values_of, varint};

/// Letters and digits of a run of text that is no accident.
const LETTERS: usize = 5;

/// Columns of a row whose first bytes are lost.
const COLUMNS: usize = 24;

/// Bytes of a block in which the beginning of its first whole row is looked for.
const STARTS: usize = 4096;

/// Bytes that a row loses when it is deleted, and further ones that may stand before the kinds of its values.
const LOST: usize = 4;
const BEFORE: usize = 3;

/// The texts of the free room on a page of a tree, whose own header begins at `head`: a line a row. None if it is no such page.
pub(super) fn on_page(page: &[u8], head: usize, encoding: u32) -> Option<String> {
    let number = |at: usize| page.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let first = match page.get(head)? {
        2 | 5 => head + 12,
        10 | 13 => head + 8,
        _ => return None,
    };
    let cells = first + 2 * number(head + 3)?;
    // None at all is written as the whole of the largest page.
    let content = Some(number(head + 5)?).filter(|content| *content > 0).unwrap_or(page.len());
    let mut lines = runs(page.get(cells..content).unwrap_or_default(), encoding);
    let (mut at, mut left) = (number(head + 1)?, page.len() / LOST);
    while at > 0 && left > 0 {
        left -= 1;
        let (Some(next), Some(size)) = (number(at), number(at + 2)) else { break };
        let block = page.get(at..at + size).unwrap_or_default();
        for part in parts(block) {
            // What was deleted before a page was put in order is whole.
            let (first, others) = apart(part, encoding);
            match row(first, encoding) {
                Some(values) => lines.push_str(&(values.join("\t") + "\n")),
                None => lines.push_str(&runs(first.get(LOST..).unwrap_or_default(), encoding)),
            }
            others.iter().for_each(|row| lines.push_str(row));
        }
        // Blocks stand in order and do not overlap (1.6): others would tell the same room again and again.
        if next < at + size.max(1) {
            break;
        }
        at = next;
    }
    Some(lines)
}

/// Rows side by side that were deleted are one block; where each began stands how far it went, as a block of its own.
fn parts(block: &[u8]) -> Vec<&[u8]> {
    let size = |at: usize| block.get(at + 2..at + 4).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let begins = |at: &usize| size(*at).is_some_and(|size| size >= LOST && at + size == block.len());
    let mut parts = Vec::new();
    let mut start = 0;
    for at in (LOST..block.len()).filter(begins).chain([block.len()]) {
        parts.push(&block[start..at]);
        start = at;
    }
    parts
}

/// What of a block is the row whose first bytes are lost, and the texts of whole rows behind it, a line each.
fn apart(block: &[u8], encoding: u32) -> (&[u8], Vec<String>) {
    let whole = (LOST..block.len().min(STARTS)).find_map(|start| {
        let (mut rest, mut rows) = (block.get(start..)?, Vec::new());
        // A few bytes are left where a shorter row took the place of a longer one.
        while rest.len() > LOST {
            let (size, behind) = varint(rest)?;
            let (_, behind) = varint(behind)?;
            let (record, behind) = behind.split_at_checked(usize::try_from(size).ok().filter(|size| *size > 1)?)?;
            rows.push(line(&values_of(record, encoding)?)?);
            rest = behind;
        }
        (!rows.is_empty()).then_some((start, rows))
    });
    match whole {
        Some((start, rows)) => (&block[..start], rows),
        None => (block, Vec::new()),
    }
}

/// The texts and numbers of a row as a line; none if there is no text among them.
pub(super) fn line(values: &[Value]) -> Option<String> {
    let shown = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    let is_text = |value: &Value| matches!(value, Value::Text(text) if words(text.as_bytes(), 1).is_some());
    values.iter().any(is_text).then(|| values.iter().filter_map(shown).collect::<Vec<_>>().join("\t") + "\n")
}

/// The values of a row that was deleted, if they can be told apart.
fn row(block: &[u8], encoding: u32) -> Option<Vec<String>> {
    (0..=BEFORE).find_map(|before| {
        let rest = block.get(LOST + before..)?;
        (0..COLUMNS).rev().find_map(|columns| values(rest, columns, encoding))
    })
}

/// The values behind so many kinds; the kind of the first value is lost, and it has what the others leave.
fn values(bytes: &[u8], columns: usize, encoding: u32) -> Option<Vec<String>> {
    let (mut body, mut kinds) = (bytes, Vec::new());
    for _ in 0..columns {
        let (kind, rest) = varint(body)?;
        kinds.push(kind);
        body = rest;
    }
    let size = |kind: u64| match kind {
        0..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        8 | 9 => Some(0),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    };
    let sizes = kinds.iter().map(|kind| size(*kind)).collect::<Option<Vec<usize>>>()?;
    let first = body.len().checked_sub(sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size))?)?;
    let (first, mut body) = body.split_at(first);
    let mut values: Vec<String> = words(first, encoding).into_iter().collect();
    for (kind, size) in kinds.iter().zip(sizes) {
        let (value, rest) = body.split_at(size);
        body = rest;
        if *kind >= 13 && kind % 2 == 1 {
            values.push(if value.is_empty() { String::new() } else { words(value, encoding)? });
        }
    }
    values.iter().any(|value| !value.is_empty()).then_some(values)
}

/// The words that bytes are as a whole.
fn words(bytes: &[u8], encoding: u32) -> Option<String> {
    let is_text = encoding != 1 || std::str::from_utf8(bytes).is_ok();
    let words = Some(bytes).filter(|bytes| is_text && !bytes.is_empty()).map(|bytes| text(bytes, encoding))?;
    let printed = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (words.chars().all(|c| printed(c) && c != char::REPLACEMENT_CHARACTER)).then_some(words)
}

/// The runs of text in bytes, a line each.
pub(super) fn runs(bytes: &[u8], encoding: u32) -> String {
    if bytes.iter().all(|byte| *byte == 0) {
        return String::new();
    }
    let decoded = match encoding {
        2 => encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0,
        3 => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
        _ => String::from_utf8_lossy(bytes),
    };
    let is_end = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t') || c == char::REPLACEMENT_CHARACTER;
    let told = |run: &&str| {
        let ideographs = run.chars().filter(|c| matches!(*c, '\u{3400}'..='\u{9fff}')).count();
        ideographs > 1 || run.chars().filter(|c| c.is_alphanumeric()).count() >= LETTERS
    };
    decoded.split(is_end).filter(told).flat_map(|run| [run, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_deleted_row_are_told_apart_by_their_kinds() {
        // What is left of ('note', 'TOP SECRET', 5): the kinds of the second and third value, and all values.
        let block = [&[0, 0, 0, 21][..], &[33, 1], b"note", b"TOP SECRET", &[5]].concat();
        assert_eq!(row(&block, 1), Some(vec!["note".to_owned(), "TOP SECRET".to_owned()]));
        assert_eq!(runs(b"\x01\x02TOP SECRET\0\0ab\x03", 1), "TOP SECRET\n");
    }

    #[test]
    fn rows_that_were_deleted_side_by_side_are_told_apart() {
        let whole = [&[17, 3, 3, 21, 33][..], b"plan", b"TOP SECRET"].concat();
        let block = [&[0, 0, 0, 40][..], &[25], b"name", b"second", &whole].concat();
        let (first, others) = apart(&block, 1);
        assert_eq!(row(first, 1), Some(vec!["name".to_owned(), "second".to_owned()]));
        assert_eq!(others, ["plan\tTOP SECRET\n"]);
        let lost = [&[0, 0, 0, 19][..], &[33], b"plan", b"TOP SECRET"].concat();
        let block = [&[0, 0, 0, 40][..], &[25], b"name", b"second", &lost].concat();
        let found: Vec<_> =
            parts(&block).into_iter().map(|part| row(part, 1).expect("told apart").join("\t")).collect();
        assert_eq!(found, ["name\tsecond", "plan\tTOP SECRET"]);
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(mut page in proptest::collection::vec(proptest::num::u8::ANY, 8..200), kind in 0_usize..4) {
            page[0] = [2, 5, 10, 13][kind];
            on_page(&page, 0, 1);
            on_page(&page, 0, 2);
        }
    }
}
