//! cpio: the ASCII formats (`newc`, with check sums or without, and `odc`) and the binary one. Files are members.

use std::io;

use super::bytes::{part, read_at};
use super::names::Names;
use super::out::{Out, damaged, fault_of, hidden};
use super::{Container, Context};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::Source;

/// What ends an archive.
const TRAILER: &[u8] = b"TRAILER!!!";

/// What begins an entry of the binary format, on machines that put the low byte first.
const OLD: [u8; 2] = [0xc7, 0x71];

/// Longest name that is read.
const NAME: u64 = 1 << 16;

/// Names that are looked at before the first is decoded.
const SAMPLED: usize = 10_000;

/// Opens a cpio archive.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    Ok(Container::new(Vec::new(), Vec::new(), context, move |out| hand_out(&source, out)))
}

fn hand_out(source: &Source, out: &mut Out<'_>) -> Result<(), Fault> {
    let mut names = Names::default();
    let mut at = 0;
    for _ in 0..SAMPLED {
        let Ok(Next::Entry(entry)) = next(source, at) else { break };
        names.see(&entry.name);
        at = entry.end;
    }
    let names = names.settled();
    at = 0;
    loop {
        match next(source, at).map_err(|error| fault_of(&error))? {
            Next::Entry(entry) => {
                at = entry.end;
                let name = names.decode(&entry.name);
                if entry.mode & 0o170_000 == 0o100_000
                    && out.member(&name, part(source, entry.start, entry.size)).is_break()
                {
                    return Ok(());
                }
            }
            Next::End(end) => return behind(source, end),
            Next::Strange => return Err(damaged(format!("what stands at offset {at} is no header of a member"))),
        }
    }
}

/// What is behind the end: padding, or another archive, as in a RAM disk, or something else.
fn behind(source: &Source, end: u64) -> Result<(), Fault> {
    let first = crate::format::behind::skip_padding(source, end).map_err(|error| fault_of(&error))?;
    match source.size().saturating_sub(first) {
        0 => Ok(()),
        bytes => Err(hidden(bytes, "behind the archive")),
    }
}

enum Next {
    Entry(Entry),
    /// The archive ended; where.
    End(u64),
    Strange,
}

struct Entry {
    name: Vec<u8>,
    mode: u64,
    start: u64,
    size: u64,
    end: u64,
}

/// The entry at a place.
fn next(source: &Source, at: u64) -> io::Result<Next> {
    let head = read_at(source, at, 110)?;
    let newc = head.starts_with(b"070701") || head.starts_with(b"070702");
    let (fields, length, align) = match newc {
        true => (numbers(&head, &[(14, 8), (54, 8), (94, 8)], 16), 110, 4),
        false if head.starts_with(b"070707") => (numbers(&head, &[(18, 6), (65, 11), (59, 6)], 8), 76, 1),
        false if head.starts_with(&OLD) => (old(&head, u16::from_le_bytes), 26, 2),
        false if head.starts_with(&[OLD[1], OLD[0]]) => (old(&head, u16::from_be_bytes), 26, 2),
        false => return Ok(Next::Strange),
    };
    let Some([mode, size, name_length]) = fields else { return Ok(Next::Strange) };
    let name = read_at(source, at.saturating_add(length), name_length.min(NAME))?;
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let aligned = |place: u64| place.saturating_add((align - place % align) % align);
    let start = at.saturating_add(aligned(length.saturating_add(name_length)));
    let end = start.saturating_add(aligned(size));
    Ok(if name == TRAILER {
        Next::End(end.min(source.size()))
    } else {
        Next::Entry(Entry { name, mode, start, size, end })
    })
}

/// Mode, size and length of the name in the binary format: words of 16 bits, the higher of two first.
fn old(head: &[u8], word: fn([u8; 2]) -> u16) -> Option<[u64; 3]> {
    let word = |at: usize| Some(u64::from(word(head.get(at..at + 2)?.try_into().ok()?)));
    Some([word(6)?, word(22)? << 16 | word(24)?, word(20)?])
}

/// Numbers in digits, at places of a header.
fn numbers(head: &[u8], places: &[(usize, usize); 3], radix: u32) -> Option<[u64; 3]> {
    let number = |(at, length): (usize, usize)| {
        let digits = std::str::from_utf8(head.get(at..at + length)?).ok()?;
        u64::from_str_radix(digits, radix).ok()
    };
    Some([number(places[0])?, number(places[1])?, number(places[2])?])
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "fixtures are small and made here")]
mod tests {
    use super::super::CPIO;
    use super::super::test_support::held;

    fn newc(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pad = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(4), 0);
        for (name, mode, data) in entries.iter().chain(&[("TRAILER!!!", 0, b"".as_slice())]) {
            let numbers = [0, *mode, 0, 0, 1, 0, data.len() as u32, 0, 0, 0, 0, name.len() as u32 + 1, 0];
            bytes.extend(b"070701");
            numbers.iter().for_each(|number| bytes.extend(format!("{number:08x}").into_bytes()));
            bytes.extend(name.as_bytes());
            bytes.push(0);
            pad(&mut bytes);
            bytes.extend(*data);
            pad(&mut bytes);
        }
        bytes
    }

    #[test]
    fn files_are_members_and_folders_and_links_are_none() {
        let bytes = newc(&[("d", 0o40755, b""), ("d/秘密.txt", 0o100_644, b"TOP SECRET"), ("l", 0o120_777, b"d")]);
        let archive = held(&CPIO, &bytes, &[]).expect("opens");
        assert_eq!(archive.list(), [("d/秘密.txt", "TOP SECRET".to_owned())]);
        assert_eq!(archive.faults, []);
        let hidden = held(&CPIO, &[bytes.as_slice(), b"and more"].concat(), &[]).expect("opens");
        assert_eq!(hidden.faults.len(), 1);
    }

    #[test]
    fn the_older_format_is_read_and_a_cut_member_is_damaged() {
        let entry = |name: &str, data: &str, mode: u32| {
            format!(
                "070707{:06o}{:06o}{mode:06o}{:06o}{:06o}{:06o}{:06o}{:011o}{:06o}{:011o}{name}\0{data}",
                0,
                0,
                0,
                0,
                1,
                0,
                0,
                name.len() + 1,
                data.len()
            )
        };
        let bytes = format!("{}{}", entry("a", "CONFIDENTIAL", 0o100_644), entry("TRAILER!!!", "", 0));
        assert_eq!(held(&CPIO, bytes.as_bytes(), &[]).expect("opens").list(), [("a", "CONFIDENTIAL".to_owned())]);
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let binary = |name: &[u8], data: &[u8], mode: u16| {
            let length = name.len() as u16;
            let head = words(&[0o070_707, 0, 0, mode, 0, 0, 1, 0, 0, 0, length, 0, data.len() as u16]);
            [head.as_slice(), name, &b"\0"[..name.len() % 2], data, &b"\0"[..data.len() % 2]].concat()
        };
        let bytes = [binary(b"ab\0", b"SECRET!", 0o100_644), binary(b"TRAILER!!!\0", b"", 0)].concat();
        let format = held(&CPIO, &bytes, &[]).expect("opens");
        assert_eq!((format.list(), format.faults.len()), (vec![("ab", "SECRET!".to_owned())], 0));
        let cut = held(&CPIO, &newc(&[("a", 0o100_644, &[b'x'; 90_000])])[..50_000], &[]).expect("opens");
        assert_eq!(cut.list(), [("a", "damaged".to_owned())]);
        assert_eq!(cut.faults.len(), 1);
    }
}
